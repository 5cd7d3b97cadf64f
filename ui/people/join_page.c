#include "ui/people/join_page.h"
#include <glib/gi18n-lib.h>
#include "ui/model/intent.h"
#include "ui/model/name.h"
#include "ui/model/words.h"

struct _MabeiJoinPage {
  GtkBox parent_instance;
  GtkStack *stack;
  AdwEntryRow *link;
  GtkWidget *paste;
  GtkLabel *problem;
  GtkWidget *knock;
  GtkLabel *code;
  MabeiSnapshot *snapshot;
  gboolean knocked; /* the code page is shown for this knock, or was */
};

G_DEFINE_FINAL_TYPE (MabeiJoinPage, mabei_join_page, GTK_TYPE_BOX)

static void
set_problem (MabeiJoinPage *self, const char *problem)
{
  gtk_label_set_text (self->problem, problem != NULL ? problem : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem), problem != NULL);
}

static void
on_knocked (GtkWidget *widget, GVariant *reply)
{
  MabeiJoinPage *self = MABEI_JOIN_PAGE (widget);

  self->knocked = TRUE;
  gtk_stack_set_visible_child_name (self->stack, "code");
}

static void
on_refused (GtkWidget *widget, const GError *error)
{
  set_problem (MABEI_JOIN_PAGE (widget), error->message);
}

static void
on_knock (MabeiJoinPage *self)
{
  g_autofree char *link = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->link))));
  const char *const words[] = {"invite", "knock", link, NULL};

  set_problem (self, NULL);
  if (*link != '\0')
    mabei_intent_run (GTK_WIDGET (self), self->snapshot, words, on_knocked, on_refused);
}

static void
on_pasted (GObject *clipboard, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MabeiJoinPage) self = user_data;
  g_autofree char *text = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (clipboard), result, NULL);

  if (self->stack == NULL)
    return;
  if (text == NULL || *text == '\0')
    set_problem (self, _ ("There is no copied text to paste."));
  else
    gtk_editable_set_text (GTK_EDITABLE (self->link), text);
}

static void
on_paste (MabeiJoinPage *self)
{
  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (GTK_WIDGET (self)), NULL, on_pasted, g_object_ref (self));
}

static void
on_link_changed (MabeiJoinPage *self)
{
  const char *link = gtk_editable_get_text (GTK_EDITABLE (self->link));

  gtk_widget_set_sensitive (self->knock, *link != '\0');
  set_problem (self, NULL);
}

static void
mabei_join_page_finalize (GObject *object)
{
  g_clear_pointer (&MABEI_JOIN_PAGE (object)->snapshot, mabei_snapshot_unref);
  G_OBJECT_CLASS (mabei_join_page_parent_class)->finalize (object);
}

static void
mabei_join_page_class_init (MabeiJoinPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = mabei_join_page_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/mabei/ui/people/join_page.ui");
  gtk_widget_class_bind_template_child (widget_class, MabeiJoinPage, stack);
  gtk_widget_class_bind_template_child (widget_class, MabeiJoinPage, link);
  gtk_widget_class_bind_template_child (widget_class, MabeiJoinPage, paste);
  gtk_widget_class_bind_template_child (widget_class, MabeiJoinPage, problem);
  gtk_widget_class_bind_template_child (widget_class, MabeiJoinPage, knock);
  gtk_widget_class_bind_template_child (widget_class, MabeiJoinPage, code);
}

static void
mabei_join_page_init (MabeiJoinPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_swapped (self->knock, "clicked", G_CALLBACK (on_knock), self);
  g_signal_connect_swapped (self->paste, "clicked", G_CALLBACK (on_paste), self);
  g_signal_connect_swapped (self->link, "changed", G_CALLBACK (on_link_changed), self);
  g_signal_connect_swapped (self->link, "entry-activated", G_CALLBACK (on_knock), self);
  mabei_name_set (self->paste, _ ("Paste the link"));
  mabei_name_entry_row (GTK_WIDGET (self->link));
}

void
mabei_join_page_show (MabeiJoinPage *page, MabeiSnapshot *snapshot)
{
  const MabeiKnockView *own = NULL;

  mabei_snapshot_set (&page->snapshot, snapshot);
  for (guint i = 0; i < snapshot->knocks->len; i++) {
    const MabeiKnockView *knock = snapshot->knocks->pdata[i];

    if (knock->own)
      own = knock;
  }
  if (own != NULL) {
    g_autofree char *code = own->code != NULL ? mabei_words_code (own->code) : g_strdup (_ ("One moment…"));

    gtk_label_set_text (page->code, code);
    gtk_stack_set_visible_child_name (page->stack, "code");
    page->knocked = TRUE;
  } else if (page->knocked) {
    gtk_widget_activate_action (GTK_WIDGET (page), "win.close-dialog", NULL);
  }
}

GtkWidget *
mabei_join_page_new (MabeiSnapshot *snapshot, const char *link)
{
  MabeiJoinPage *self = g_object_new (MABEI_TYPE_JOIN_PAGE, NULL);

  gtk_label_set_text (self->code, _ ("One moment…"));
  if (link != NULL)
    gtk_editable_set_text (GTK_EDITABLE (self->link), link);
  mabei_join_page_show (self, snapshot);
  return GTK_WIDGET (self);
}
