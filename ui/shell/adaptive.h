/* The adaptive containers of libadwaita 1.2 that later releases replace (leaflet, flap, switcher title): named here and
 * nowhere else, so that the change to their successors is one file. Main thread.
 */
#pragma once

#include <adwaita.h>

/* Two panes, or one at a time when narrow. */
GtkWidget *mabei_panes_new (GtkWidget *list, GtkWidget *content);
gboolean mabei_panes_is_folded (GtkWidget *panes);
void mabei_panes_show_content (GtkWidget *panes, gboolean content);
gboolean mabei_panes_shows_content (GtkWidget *panes);
/* @callback (user_data) after the panes fold or unfold. */
void mabei_panes_on_fold (GtkWidget *panes, GCallback callback, gpointer user_data);

/* A side sheet: beside the content when wide, over its lower part when narrow. */
GtkWidget *mabei_sheet_new (GtkWidget *content, GtkWidget *sheet);
void mabei_sheet_set_narrow (GtkWidget *sheet, gboolean narrow);
void mabei_sheet_set_open (GtkWidget *sheet, gboolean open);
gboolean mabei_sheet_is_open (GtkWidget *sheet);

/* Tabs in the title of a header bar; @bar below the content shows them when there is no room above. */
GtkWidget *mabei_tabs_new (AdwViewStack *stack, AdwViewSwitcherBar *bar);
void mabei_tabs_set_title (GtkWidget *tabs, const char *title);
