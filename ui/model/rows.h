/* Shows an array in a GtkListBox or GtkBox, one child an item. Children are used again by position instead of being
 * made anew, so that the keyboard focus and a screen reader's place survive every refresh. Main thread.
 */
#pragma once

#include <gtk/gtk.h>

typedef GtkWidget *(*MabeiRowNew) (gpointer user_data);
typedef void (*MabeiRowShow) (GtkWidget *row, gpointer item, gpointer user_data);

/* @items may be NULL: none. */
void
mabei_rows_show (GtkWidget *container, const GPtrArray *items, MabeiRowNew make, MabeiRowShow show, gpointer user_data);
