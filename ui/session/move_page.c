#include "ui/session/move_page.h"
#include <glib/gi18n-lib.h>
#include "ui/model/intent.h"
#include "ui/model/words.h"

struct _MabeiMovePage {
  GtkBox parent_instance;
  GtkStack *stack;
  GtkLabel *present;
  GtkListBox *people;
  GtkLabel *inside;
  GtkLabel *outside;
  GtkLabel *asked;
  GtkButton *move;
  GtkWidget *back;
  MabeiSnapshot *snapshot;
  char *device;
};

G_DEFINE_FINAL_TYPE (MabeiMovePage, mabei_move_page, GTK_TYPE_BOX)

static gboolean
is_here (const MabeiTile *tile)
{
  return g_strcmp0 (tile->room, "joint") == 0;
}

/* Names of the people in the joint room, without @except. (transfer full) */
static char *
names_here (MabeiMovePage *self, const char *except, gboolean with_self)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; i < self->snapshot->session->tiles->len; i++) {
    const MabeiTile *tile = self->snapshot->session->tiles->pdata[i];

    if (is_here (tile) && (with_self || !tile->is_self) && g_strcmp0 (tile->device, except) != 0)
      g_ptr_array_add (names, tile->name);
  }
  g_ptr_array_add (names, NULL);
  return mabei_words_names ((const char *const *) names->pdata);
}

static void
on_moved (GtkWidget *widget, GVariant *reply)
{
  gtk_widget_activate_action (widget, "win.close-dialog", NULL);
}

static void
on_move (MabeiMovePage *self)
{
  const char *const words[] = {"session", "move", self->device, "caucus", NULL};

  mabei_intent_run (GTK_WIDGET (self), self->snapshot, words, on_moved, NULL);
}

static void
on_back (MabeiMovePage *self)
{
  gtk_stack_set_visible_child_name (self->stack, "choose");
}

static void
on_person (MabeiMovePage *self, GtkListBoxRow *row)
{
  const char *name = adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row));
  const char *const inside_names[] = {self->snapshot->own_name, name, NULL};
  g_autofree char *joined = mabei_words_names (inside_names);
  g_autofree char *inside = g_strdup_printf (_ ("Private talk: only %s can hear"), joined);
  g_autofree char *rest = NULL;
  g_autofree char *outside = NULL;
  g_autofree char *asked = g_strdup_printf (_ ("%s is asked first. Nothing happens before they accept."), name);
  g_autofree char *label = g_strdup_printf (_ ("Talk privately with %s"), name);

  g_free (self->device);
  self->device = g_strdup (g_object_get_data (G_OBJECT (row), "mabei-device"));
  rest = names_here (self, self->device, FALSE);
  outside = *rest != '\0'
                ? g_strdup_printf (_ ("Outside stay, hear nothing of it and see that you are away: %s."), rest)
                : g_strdup (_ ("Nobody else is in the joint talk now."));
  gtk_label_set_text (self->inside, inside);
  gtk_label_set_text (self->outside, outside);
  gtk_label_set_text (self->asked, asked);
  gtk_button_set_label (self->move, label);
  gtk_stack_set_visible_child_name (self->stack, "confirm");
  gtk_widget_grab_focus (self->back);
}

static void
mabei_move_page_finalize (GObject *object)
{
  MabeiMovePage *self = MABEI_MOVE_PAGE (object);

  g_clear_pointer (&self->snapshot, mabei_snapshot_unref);
  g_clear_pointer (&self->device, g_free);
  G_OBJECT_CLASS (mabei_move_page_parent_class)->finalize (object);
}

static void
mabei_move_page_class_init (MabeiMovePageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = mabei_move_page_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/mabei/ui/session/move_page.ui");
  gtk_widget_class_bind_template_child (widget_class, MabeiMovePage, stack);
  gtk_widget_class_bind_template_child (widget_class, MabeiMovePage, present);
  gtk_widget_class_bind_template_child (widget_class, MabeiMovePage, people);
  gtk_widget_class_bind_template_child (widget_class, MabeiMovePage, inside);
  gtk_widget_class_bind_template_child (widget_class, MabeiMovePage, outside);
  gtk_widget_class_bind_template_child (widget_class, MabeiMovePage, asked);
  gtk_widget_class_bind_template_child (widget_class, MabeiMovePage, move);
  gtk_widget_class_bind_template_child (widget_class, MabeiMovePage, back);
}

static void
mabei_move_page_init (MabeiMovePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_swapped (self->people, "row-activated", G_CALLBACK (on_person), self);
  g_signal_connect_swapped (self->move, "clicked", G_CALLBACK (on_move), self);
  g_signal_connect_swapped (self->back, "clicked", G_CALLBACK (on_back), self);
}

GtkWidget *
mabei_move_page_new (MabeiSnapshot *snapshot)
{
  MabeiMovePage *self = g_object_new (MABEI_TYPE_MOVE_PAGE, NULL);
  g_autofree char *names = NULL;
  g_autofree char *present = NULL;

  mabei_snapshot_set (&self->snapshot, snapshot);
  names = names_here (self, NULL, TRUE);
  present = g_strdup_printf (_ ("In the joint talk now: %s. With whom do you want to talk alone?"), names);
  gtk_label_set_text (self->present, present);
  for (guint i = 0; i < snapshot->session->tiles->len; i++) {
    const MabeiTile *tile = snapshot->session->tiles->pdata[i];
    GtkWidget *row;

    if (tile->is_self || !is_here (tile))
      continue;
    row = adw_action_row_new ();
    adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
    adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), tile->name);
    gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
    adw_action_row_add_suffix (ADW_ACTION_ROW (row), gtk_image_new_from_icon_name ("go-next-symbolic"));
    g_object_set_data_full (G_OBJECT (row), "mabei-device", g_strdup (tile->device), g_free);
    gtk_list_box_append (self->people, row);
  }
  return GTK_WIDGET (self);
}
