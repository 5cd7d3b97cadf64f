#include "ui/cases/field_row.h"
#include <glib/gi18n-lib.h>
#include "ui/model/name.h"
#include "ui/model/words.h"

GtkWidget *
mabei_field_row_new (gpointer unused)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_add_css_class (row, "field");
  return row;
}

void
mabei_field_row_show (GtkWidget *row, gpointer field, gpointer unused)
{
  const MabeiViewField *f = field;
  const char *value = f->value != NULL ? f->value : _ ("Two entries differ: choose above");
  g_autofree char *name = g_strdup_printf ("%s: %s", mabei_words_field (f->name), value);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), mabei_words_field (f->name));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), value);
  mabei_name_set (row, name);
}
