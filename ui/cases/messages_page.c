#include "ui/cases/messages_page.h"
#include <glib/gi18n-lib.h>
#include "ui/cases/message_row.h"
#include "ui/model/intent.h"
#include "ui/model/name.h"
#include "ui/model/rows.h"
#include "ui/model/words.h"

/* The three levels stand side by side on a phone only where their words are short. */
enum { LEVELS_WIDTH = 320 };

struct _MabeiMessagesPage {
  GtkWidget parent_instance;
  GtkWidget *box;
  GtkWidget *spaces;
  GtkLabel *readers;
  GtkScrolledWindow *scroll;
  GtkWidget *empty;
  GtkWidget *messages;
  GtkWidget *levels;
  GtkCheckButton *keep;
  GtkCheckButton *convey;
  GtkCheckButton *disclose;
  GtkEntry *entry;
  GtkWidget *send;
  MabeiSnapshot *snapshot;
  char *space; /* id of the one shown */
  guint count; /* messages shown, to notice new ones */
};

G_DEFINE_FINAL_TYPE (MabeiMessagesPage, mabei_messages_page, GTK_TYPE_WIDGET)

static void show_space (MabeiMessagesPage *self);

static gboolean
is_shown (const MabeiViewSpace *space)
{
  return g_strcmp0 (space->kind, "joint") == 0 || g_strcmp0 (space->kind, "caucus") == 0;
}

static const MabeiViewSpace *
current_space (MabeiMessagesPage *self)
{
  const MabeiViewSpace *first = NULL;

  for (guint i = 0; self->snapshot != NULL && i < self->snapshot->view->spaces->len; i++) {
    const MabeiViewSpace *space = self->snapshot->view->spaces->pdata[i];

    if (!is_shown (space))
      continue;
    if (g_strcmp0 (space->id, self->space) == 0)
      return space;
    if (first == NULL)
      first = space;
  }
  return first;
}

static void
on_space_toggled (MabeiMessagesPage *self, GtkToggleButton *button)
{
  const char *id = g_object_get_data (G_OBJECT (button), "mabei-space");

  if (!gtk_toggle_button_get_active (button) || g_strcmp0 (id, self->space) == 0)
    return;
  g_free (self->space);
  self->space = g_strdup (id);
  self->count = 0;
  show_space (self);
}

static GtkWidget *
space_button_new (gpointer user_data)
{
  MabeiMessagesPage *self = user_data;
  GtkWidget *button = gtk_toggle_button_new ();
  GtkWidget *first = gtk_widget_get_first_child (self->spaces);

  if (first != NULL)
    gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (button), GTK_TOGGLE_BUTTON (first));
  g_signal_connect_swapped (button, "toggled", G_CALLBACK (on_space_toggled), self);
  return button;
}

static void
space_button_show (GtkWidget *button, gpointer item, gpointer user_data)
{
  MabeiMessagesPage *self = user_data;
  const MabeiViewSpace *space = item;
  g_autofree char *title = mabei_words_space (space);

  g_object_set_data_full (G_OBJECT (button), "mabei-space", g_strdup (space->id), g_free);
  gtk_button_set_label (GTK_BUTTON (button), title);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), g_strcmp0 (space->id, self->space) == 0);
}

static void
show_readers (MabeiMessagesPage *self, const MabeiViewSpace *space)
{
  gboolean caucus = g_strcmp0 (space->kind, "caucus") == 0;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree char *joined = NULL;
  g_autofree char *sentence = NULL;

  for (guint i = 0; i < space->members->len; i++)
    g_ptr_array_add (names, space->members->pdata[i]);
  g_ptr_array_add (names, NULL);
  joined = mabei_words_names ((const char *const *) names->pdata);
  if (caucus)
    sentence = g_strdup_printf (_ ("Only %s can read this."), joined);
  else if (names->len > 1)
    sentence = g_strdup_printf (_ ("Read by everyone: %s."), joined);
  else
    sentence = g_strdup (_ ("Read by everyone in the case."));
  gtk_label_set_text (self->readers, sentence);
  if (caucus)
    gtk_widget_add_css_class (GTK_WIDGET (self), "caucus");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "caucus");
  gtk_widget_set_visible (self->levels, caucus);
}

static gboolean
scroll_to_end (gpointer data)
{
  g_autoptr (MabeiMessagesPage) self = data;
  GtkAdjustment *adjustment = self->scroll != NULL ? gtk_scrolled_window_get_vadjustment (self->scroll) : NULL;

  if (adjustment != NULL)
    gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment));
  return G_SOURCE_REMOVE;
}

static void
show_space (MabeiMessagesPage *self)
{
  const MabeiViewSpace *space = current_space (self);

  gtk_widget_set_sensitive (GTK_WIDGET (self->entry), space != NULL);
  if (space == NULL)
    return;
  show_readers (self, space);
  gtk_widget_set_visible (self->empty, space->messages->len == 0);
  gtk_widget_set_visible (self->messages, space->messages->len > 0);
  mabei_rows_show (self->messages, space->messages, mabei_message_row_new, mabei_message_row_show, NULL);
  if (space->messages->len > self->count)
    g_idle_add (scroll_to_end, g_object_ref (self));
  self->count = space->messages->len;
}

static void
on_sent (GtkWidget *widget, GVariant *reply)
{
  gtk_editable_set_text (GTK_EDITABLE (MABEI_MESSAGES_PAGE (widget)->entry), "");
}

static void
on_send (MabeiMessagesPage *self)
{
  const MabeiViewSpace *space = current_space (self);
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry))));
  const char *level = gtk_check_button_get_active (self->convey)     ? "convey"
                      : gtk_check_button_get_active (self->disclose) ? "show"
                                                                     : "keep";

  if (space == NULL || *text == '\0')
    return;
  if (g_strcmp0 (space->kind, "caucus") == 0) {
    const char *const words[] = {"space", "post", text, "--space", space->id, "--level", level, NULL};

    mabei_intent_run (GTK_WIDGET (self), self->snapshot, words, on_sent, NULL);
  } else {
    const char *const words[] = {"space", "post", text, "--space", space->id, NULL};

    mabei_intent_run (GTK_WIDGET (self), self->snapshot, words, on_sent, NULL);
  }
}

static void
on_entry_changed (MabeiMessagesPage *self)
{
  gtk_widget_set_sensitive (self->send, gtk_entry_get_text_length (self->entry) > 0);
}

static void
mabei_messages_page_dispose (GObject *object)
{
  MabeiMessagesPage *self = MABEI_MESSAGES_PAGE (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  self->scroll = NULL;
  g_clear_pointer (&self->snapshot, mabei_snapshot_unref);
  g_clear_pointer (&self->space, g_free);
  G_OBJECT_CLASS (mabei_messages_page_parent_class)->dispose (object);
}

static void
mabei_messages_page_class_init (MabeiMessagesPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = mabei_messages_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/mabei/ui/cases/messages_page.ui");
  gtk_widget_class_bind_template_child (widget_class, MabeiMessagesPage, box);
  gtk_widget_class_bind_template_child (widget_class, MabeiMessagesPage, spaces);
  gtk_widget_class_bind_template_child (widget_class, MabeiMessagesPage, readers);
  gtk_widget_class_bind_template_child (widget_class, MabeiMessagesPage, scroll);
  gtk_widget_class_bind_template_child (widget_class, MabeiMessagesPage, empty);
  gtk_widget_class_bind_template_child (widget_class, MabeiMessagesPage, messages);
  gtk_widget_class_bind_template_child (widget_class, MabeiMessagesPage, levels);
  gtk_widget_class_bind_template_child (widget_class, MabeiMessagesPage, keep);
  gtk_widget_class_bind_template_child (widget_class, MabeiMessagesPage, convey);
  gtk_widget_class_bind_template_child (widget_class, MabeiMessagesPage, disclose);
  gtk_widget_class_bind_template_child (widget_class, MabeiMessagesPage, entry);
  gtk_widget_class_bind_template_child (widget_class, MabeiMessagesPage, send);
}

static void
mabei_messages_page_init (MabeiMessagesPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_swapped (self->send, "clicked", G_CALLBACK (on_send), self);
  g_signal_connect_swapped (self->entry, "activate", G_CALLBACK (on_send), self);
  g_signal_connect_swapped (self->entry, "changed", G_CALLBACK (on_entry_changed), self);
  mabei_name_set (GTK_WIDGET (self->entry), _ ("Write a message"));
}

void
mabei_messages_page_show (MabeiMessagesPage *page, MabeiSnapshot *snapshot)
{
  g_autoptr (GPtrArray) shown = g_ptr_array_new ();
  const MabeiViewSpace *space;

  mabei_snapshot_set (&page->snapshot, snapshot);
  for (guint i = 0; i < snapshot->view->spaces->len; i++) {
    if (is_shown (snapshot->view->spaces->pdata[i]))
      g_ptr_array_add (shown, snapshot->view->spaces->pdata[i]);
  }
  space = current_space (page);
  if (space != NULL && g_strcmp0 (space->id, page->space) != 0) {
    g_free (page->space);
    page->space = g_strdup (space->id);
  }
  mabei_rows_show (page->spaces, shown, space_button_new, space_button_show, page);
  show_space (page);
}

void
mabei_messages_page_set_narrow (MabeiMessagesPage *page, gboolean narrow)
{
  int sum = 0;

  /* One by one: the box itself is hidden outside of a caucus, and then has no width. */
  for (GtkWidget *child = gtk_widget_get_first_child (page->levels); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    int width;

    gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &width, NULL, NULL);
    sum += width;
  }
  gtk_orientable_set_orientation (GTK_ORIENTABLE (page->levels),
                                  narrow && sum > LEVELS_WIDTH ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
}
