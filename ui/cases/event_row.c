#include "ui/cases/event_row.h"
#include "ui/model/name.h"
#include "ui/model/time_words.h"
#include "ui/model/words.h"

struct _MabeiEventRow {
  GtkListBoxRow parent_instance;
  GtkLabel *what;
  GtkLabel *time;
  GtkImage *place_icon;
  GtkLabel *place;
};

G_DEFINE_FINAL_TYPE (MabeiEventRow, mabei_event_row, GTK_TYPE_LIST_BOX_ROW)

static void
mabei_event_row_class_init (MabeiEventRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/mabei/ui/cases/event_row.ui");
  gtk_widget_class_bind_template_child (widget_class, MabeiEventRow, what);
  gtk_widget_class_bind_template_child (widget_class, MabeiEventRow, time);
  gtk_widget_class_bind_template_child (widget_class, MabeiEventRow, place_icon);
  gtk_widget_class_bind_template_child (widget_class, MabeiEventRow, place);
}

static void
mabei_event_row_init (MabeiEventRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
mabei_event_row_new (gpointer unused)
{
  return g_object_new (MABEI_TYPE_EVENT_ROW, NULL);
}

void
mabei_event_row_show (GtkWidget *row, gpointer event, gpointer unused)
{
  MabeiEventRow *self = MABEI_EVENT_ROW (row);
  const MabeiViewEvent *e = event;
  g_autofree char *what = mabei_words_event (e);
  g_autofree char *time = mabei_time_words (e->at_ms);
  g_autofree char *name = g_strdup_printf ("%s. %s. %s", what, time, mabei_words_place (e->place));

  gtk_label_set_text (self->what, what);
  gtk_label_set_text (self->time, time);
  gtk_image_set_from_icon_name (self->place_icon, mabei_words_place_icon (e->place));
  gtk_label_set_text (self->place, mabei_words_place (e->place));
  mabei_name_set (row, name);
}
