/* The human name of a control: what a screen reader says, and what a story calls it by. GTK 4.8 can set an accessible
 * name but not tell it again, so it is kept here as well. Main thread.
 */
#pragma once

#include <gtk/gtk.h>

/* Gives @widget the accessible name @name. */
void mabei_name_set (GtkWidget *widget, const char *name);

/* Names the list item that holds @child: on GTK 4.8 rows of a list view have none of their own. */
void mabei_name_list_item (GtkWidget *child, const char *name);

/* Names the parts of an AdwEntryRow (or password row) that have none on libadwaita 1.2: its pencil, apply and peek. */
void mabei_name_entry_row (GtkWidget *row);

/* The name a person would use: set above, or the title, label or tooltip. (transfer full) (nullable) */
char *mabei_name_get (GtkWidget *widget);

/* First visible, sensitive control under @root that can be activated and has this name; NULL: none. Mnemonic
 * underscores and surrounding spaces do not count. */
GtkWidget *mabei_name_find (GtkWidget *root, const char *name);
