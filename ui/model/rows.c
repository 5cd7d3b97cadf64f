#include "ui/model/rows.h"

void
mabei_rows_show (GtkWidget *container, const GPtrArray *items, MabeiRowNew make, MabeiRowShow show, gpointer user_data)
{
  GtkWidget *row = gtk_widget_get_first_child (container);

  for (guint i = 0; items != NULL && i < items->len; i++) {
    GtkWidget *next;

    if (row == NULL) {
      row = make (user_data);
      if (GTK_IS_LIST_BOX (container))
        gtk_list_box_append (GTK_LIST_BOX (container), row);
      else
        gtk_box_append (GTK_BOX (container), row);
    }
    next = gtk_widget_get_next_sibling (row);
    show (row, items->pdata[i], user_data);
    row = next;
  }
  while (row != NULL) {
    GtkWidget *next = gtk_widget_get_next_sibling (row);

    if (GTK_IS_LIST_BOX (container))
      gtk_list_box_remove (GTK_LIST_BOX (container), row);
    else
      gtk_box_remove (GTK_BOX (container), row);
    row = next;
  }
}
