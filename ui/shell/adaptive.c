#include "ui/shell/adaptive.h"

/* A window of 360 px has a frame of 5 px on each side where no window manager draws one. */
enum { LIST_WIDTH = 300, CONTENT_WIDTH = 340, SHEET_WIDTH = 320, SHEET_HEIGHT = 380 };

GtkWidget *
mabei_panes_new (GtkWidget *list, GtkWidget *content)
{
  AdwLeaflet *leaflet = ADW_LEAFLET (adw_leaflet_new ());
  GtkWidget *separator = gtk_separator_new (GTK_ORIENTATION_VERTICAL);
  AdwLeafletPage *page;

  gtk_widget_set_size_request (list, LIST_WIDTH, -1);
  gtk_widget_set_hexpand (content, TRUE);
  gtk_widget_set_size_request (content, CONTENT_WIDTH, -1);
  page = adw_leaflet_append (leaflet, list);
  adw_leaflet_page_set_name (page, "list");
  page = adw_leaflet_append (leaflet, separator);
  adw_leaflet_page_set_navigatable (page, FALSE);
  page = adw_leaflet_append (leaflet, content);
  adw_leaflet_page_set_name (page, "content");
  adw_leaflet_set_can_navigate_back (leaflet, TRUE);
  return GTK_WIDGET (leaflet);
}

gboolean
mabei_panes_is_folded (GtkWidget *panes)
{
  return adw_leaflet_get_folded (ADW_LEAFLET (panes));
}

void
mabei_panes_show_content (GtkWidget *panes, gboolean content)
{
  adw_leaflet_set_visible_child_name (ADW_LEAFLET (panes), content ? "content" : "list");
}

gboolean
mabei_panes_shows_content (GtkWidget *panes)
{
  return g_strcmp0 (adw_leaflet_get_visible_child_name (ADW_LEAFLET (panes)), "content") == 0;
}

void
mabei_panes_on_fold (GtkWidget *panes, GCallback callback, gpointer user_data)
{
  g_signal_connect_swapped (panes, "notify::folded", callback, user_data);
}

GtkWidget *
mabei_sheet_new (GtkWidget *content, GtkWidget *sheet)
{
  AdwFlap *flap = ADW_FLAP (adw_flap_new ());

  adw_flap_set_content (flap, content);
  adw_flap_set_flap (flap, sheet);
  adw_flap_set_flap_position (flap, GTK_PACK_END);
  adw_flap_set_separator (flap, gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  mabei_sheet_set_narrow (GTK_WIDGET (flap), FALSE);
  return GTK_WIDGET (flap);
}

void
mabei_sheet_set_narrow (GtkWidget *sheet, gboolean narrow)
{
  AdwFlap *flap = ADW_FLAP (sheet);

  gtk_widget_set_size_request (adw_flap_get_flap (flap), narrow ? -1 : SHEET_WIDTH, narrow ? SHEET_HEIGHT : -1);
  /* Never "NEVER": then the content would need more room beside the list than it asks for when folded, and the panes
   * would fold and unfold without end. */
  adw_flap_set_fold_policy (flap, narrow ? ADW_FLAP_FOLD_POLICY_ALWAYS : ADW_FLAP_FOLD_POLICY_AUTO);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (flap),
                                  narrow ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (adw_flap_get_separator (flap)),
                                  narrow ? GTK_ORIENTATION_HORIZONTAL : GTK_ORIENTATION_VERTICAL);
}

void
mabei_sheet_set_open (GtkWidget *sheet, gboolean open)
{
  adw_flap_set_reveal_flap (ADW_FLAP (sheet), open);
}

gboolean
mabei_sheet_is_open (GtkWidget *sheet)
{
  return adw_flap_get_reveal_flap (ADW_FLAP (sheet));
}

GtkWidget *
mabei_tabs_new (AdwViewStack *stack, AdwViewSwitcherBar *bar)
{
  GtkWidget *title = adw_view_switcher_title_new ();

  adw_view_switcher_title_set_stack (ADW_VIEW_SWITCHER_TITLE (title), stack);
  adw_view_switcher_bar_set_stack (bar, stack);
  g_object_bind_property (title, "title-visible", bar, "reveal", G_BINDING_SYNC_CREATE);
  return title;
}

void
mabei_tabs_set_title (GtkWidget *tabs, const char *title)
{
  adw_view_switcher_title_set_title (ADW_VIEW_SWITCHER_TITLE (tabs), title);
}
