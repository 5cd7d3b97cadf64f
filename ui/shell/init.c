#include <glib/gi18n-lib.h>
#include <libintl.h>
#include "ui/shell/window.h"

void mabei_ui_register_resource (void);

static GtkCssProvider *dark_style;

static void
on_dark (AdwStyleManager *manager)
{
  GdkDisplay *display = gdk_display_get_default ();

  if (adw_style_manager_get_dark (manager))
    gtk_style_context_add_provider_for_display (display, GTK_STYLE_PROVIDER (dark_style),
                                                GTK_STYLE_PROVIDER_PRIORITY_APPLICATION + 1);
  else
    gtk_style_context_remove_provider_for_display (display, GTK_STYLE_PROVIDER (dark_style));
}

void
mabei_ui_init (const char *locale_directory)
{
  static gboolean done;
  g_autoptr (GtkCssProvider) style = NULL;
  GdkDisplay *display;

  if (locale_directory != NULL)
    bindtextdomain (GETTEXT_PACKAGE, locale_directory);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  if (done)
    return;
  done = TRUE;
  adw_init ();
  mabei_ui_register_resource ();
  display = gdk_display_get_default ();
  gtk_icon_theme_add_resource_path (gtk_icon_theme_get_for_display (display), "/org/mabei/icons");
  style = gtk_css_provider_new ();
  gtk_css_provider_load_from_resource (style, "/org/mabei/ui/shell/style.css");
  gtk_style_context_add_provider_for_display (display, GTK_STYLE_PROVIDER (style),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  dark_style = gtk_css_provider_new ();
  gtk_css_provider_load_from_resource (dark_style, "/org/mabei/ui/shell/style-dark.css");
  g_signal_connect (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (on_dark), NULL);
  on_dark (adw_style_manager_get_default ());
}
