#include "tests/ui/harness.h"
#include <locale.h>
#include <stdlib.h>

void
harness_init (int *argc, char ***argv)
{
  setlocale (LC_ALL, "");
  g_test_init (argc, argv, NULL);
  if (!gtk_init_check ()) {
    g_print ("1..0 # SKIP no display\n");
    exit (77);
  }
  mabei_ui_init (g_getenv ("MABEI_LOCALE_DIR"));
}

gboolean
harness_is_chinese (void)
{
  const char *locale = setlocale (LC_MESSAGES, NULL);

  return locale != NULL && g_str_has_prefix (locale, "zh");
}

Harness *
harness_open (int width, int height)
{
  Harness *harness = g_new0 (Harness, 1);

  harness->port = mabei_dummy_new (harness_is_chinese ());
  harness->window = MABEI_WINDOW (mabei_window_new (NULL, mabei_dummy_unlock_port (harness->port, TRUE)));
  gtk_window_set_default_size (GTK_WINDOW (harness->window), width != 0 ? width : 360, height != 0 ? height : 720);
  mabei_window_set_port (harness->window, harness->port);
  gtk_window_present (GTK_WINDOW (harness->window));
  harness_wait_for (harness, gtk_widget_get_mapped (GTK_WIDGET (harness->window)));
  harness_settle (harness);
  return harness;
}

void
harness_settle (Harness *harness)
{
  gint64 end = g_get_monotonic_time () + 350 * 1000; /* animations of leaflet and flap take 200 ms */

  while (g_get_monotonic_time () < end) {
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
  }
}

void
harness_close (Harness *harness)
{
  gpointer left = harness->window;

  g_object_add_weak_pointer (G_OBJECT (harness->window), &left);
  gtk_window_destroy (GTK_WINDOW (harness->window));
  harness_wait_for (harness, left == NULL);
  mabei_dummy_free (harness->port);
  g_free (harness);
}

void
harness_walk (GtkWidget *root, HarnessVisit visit, gpointer user_data)
{
  if (!gtk_widget_get_mapped (root) || !gtk_widget_get_child_visible (root))
    return;
  visit (root, user_data);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    harness_walk (child, visit, user_data);
}
