#include "ui/cases/case_row.h"
#include "ui/model/time_words.h"
#include "ui/model/words.h"

struct _MabeiCaseRow {
  GtkBox parent_instance;
  GtkLabel *title;
  GtkLabel *time;
  GtkLabel *step;
  GtkImage *place_icon;
  GtkLabel *place;
};

G_DEFINE_FINAL_TYPE (MabeiCaseRow, mabei_case_row, GTK_TYPE_BOX)

static void
mabei_case_row_class_init (MabeiCaseRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/mabei/ui/cases/case_row.ui");
  gtk_widget_class_bind_template_child (widget_class, MabeiCaseRow, title);
  gtk_widget_class_bind_template_child (widget_class, MabeiCaseRow, time);
  gtk_widget_class_bind_template_child (widget_class, MabeiCaseRow, step);
  gtk_widget_class_bind_template_child (widget_class, MabeiCaseRow, place_icon);
  gtk_widget_class_bind_template_child (widget_class, MabeiCaseRow, place);
}

static void
mabei_case_row_init (MabeiCaseRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
mabei_case_row_new (void)
{
  return g_object_new (MABEI_TYPE_CASE_ROW, NULL);
}

void
mabei_case_row_show (MabeiCaseRow *row, const MabeiViewCase *view)
{
  MabeiWordsStep step = mabei_words_step (view->next_step);
  g_autofree char *time = mabei_time_words (view->changed_ms);
  gboolean asks = g_strcmp0 (view->next_step, "wait") != 0;

  gtk_label_set_text (row->title, view->title);
  gtk_label_set_text (row->time, time);
  gtk_label_set_text (row->step, step.heading);
  if (asks)
    gtk_widget_add_css_class (GTK_WIDGET (row->step), "asks");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (row->step), "asks");
  gtk_image_set_from_icon_name (row->place_icon, mabei_words_place_icon (view->place));
  gtk_label_set_text (row->place, mabei_words_place (view->place));
}
