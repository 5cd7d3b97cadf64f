#include "ui/cases/message_row.h"
#include "ui/model/name.h"
#include "ui/model/time_words.h"
#include "ui/model/words.h"

struct _MabeiMessageRow {
  GtkListBoxRow parent_instance;
  GtkLabel *by;
  GtkLabel *level;
  GtkLabel *text;
  GtkLabel *time;
  GtkImage *place_icon;
  GtkLabel *place;
};

G_DEFINE_FINAL_TYPE (MabeiMessageRow, mabei_message_row, GTK_TYPE_LIST_BOX_ROW)

static void
mabei_message_row_class_init (MabeiMessageRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/mabei/ui/cases/message_row.ui");
  gtk_widget_class_bind_template_child (widget_class, MabeiMessageRow, by);
  gtk_widget_class_bind_template_child (widget_class, MabeiMessageRow, level);
  gtk_widget_class_bind_template_child (widget_class, MabeiMessageRow, text);
  gtk_widget_class_bind_template_child (widget_class, MabeiMessageRow, time);
  gtk_widget_class_bind_template_child (widget_class, MabeiMessageRow, place_icon);
  gtk_widget_class_bind_template_child (widget_class, MabeiMessageRow, place);
}

static void
mabei_message_row_init (MabeiMessageRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
mabei_message_row_new (gpointer unused)
{
  return g_object_new (MABEI_TYPE_MESSAGE_ROW, NULL);
}

void
mabei_message_row_show (GtkWidget *row, gpointer message, gpointer unused)
{
  MabeiMessageRow *self = MABEI_MESSAGE_ROW (row);
  const MabeiViewMessage *m = message;
  const char *level = mabei_words_level (m->level);
  g_autofree char *time = mabei_time_words (m->at_ms);
  g_autofree char *name = g_strdup_printf ("%s: %s", m->by, m->text);

  gtk_label_set_text (self->by, m->by);
  gtk_label_set_text (self->text, m->text);
  /* The text of a selectable label is reached by the keyboard; its name is what it says. */
  mabei_name_set (GTK_WIDGET (self->text), m->text);
  gtk_label_set_text (self->time, time);
  gtk_widget_set_visible (GTK_WIDGET (self->level), level != NULL);
  gtk_label_set_text (self->level, level != NULL ? level : "");
  gtk_image_set_from_icon_name (self->place_icon, mabei_words_place_icon (m->place));
  gtk_label_set_text (self->place, mabei_words_place (m->place));
  mabei_name_set (row, name);
}
