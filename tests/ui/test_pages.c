/* Every page in every scene, narrow and wide: it fits into 360 px, its controls lie inside the window and are large
 * enough for a finger, and the window goes away without leaving anything.
 */
#include <glib/gi18n-lib.h>
#include "tests/ui/harness.h"
#include "ui/model/name.h"

enum { PHONE_WIDTH = 360, TARGET_MINIMUM = 44 };

static const struct {
  const char *scene, *page;
} places[] = {
    {"calm", "cases"},     {"knock", "overview"},  {"start", "conflict"},  {"offline", "overview"},
    {"joint", "session"},  {"caucus", "session"},  {"asked", "session"},   {"elsewhere", "session"},
    {"lobby", "session"},  {"waiting", "session"}, {"calm", "session"},    {"joint", "minutes"},
    {"start", "minutes"},  {"calm", "messages"},   {"caucus", "messages"}, {"offline", "people"},
    {"calm", "invite"},    {"knock", "admit"},     {"alarm", "admit"},     {"joint", "move"},
    {"own-knock", "join"}, {"calm", "join"},       {"calm", "new-case"},   {"many", "cases"},
};

static void
open_place (Harness *harness, guint i)
{
  g_assert_true (mabei_dummy_scene (harness->port, places[i].scene));
  harness_settle (harness);
  if (g_strcmp0 (places[i].page, "join") == 0 || g_strcmp0 (places[i].page, "cases") == 0)
    g_assert_true (mabei_window_show (harness->window, places[i].page, NULL));
  else
    g_assert_true (mabei_window_show (harness->window, places[i].page, MABEI_DUMMY_CASE));
  if (g_strcmp0 (places[i].scene, "caucus") == 0 && g_strcmp0 (places[i].page, "messages") == 0) {
    g_autofree char *caucus = g_strdup_printf (_ ("Caucus with %s"), harness_is_chinese () ? "张三" : "Zhang San");

    g_assert_true (mabei_window_select (harness->window, caucus));
  }
  harness_settle (harness);
}

static void
test_minimum_width (void)
{
  Harness *harness = harness_open (0, 0);

  for (guint i = 0; i < G_N_ELEMENTS (places); i++) {
    int minimum;

    open_place (harness, i);
    gtk_widget_measure (GTK_WIDGET (harness->window), GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
    g_test_message ("%s in %s: minimum width %d", places[i].page, places[i].scene, minimum);
    g_assert_cmpint (minimum, <=, PHONE_WIDTH);
    g_assert_cmpint (gtk_widget_get_width (GTK_WIDGET (harness->window)), <=, PHONE_WIDTH);
  }
  harness_close (harness);
}

/* Every width between a phone and a desktop comes to rest: panes that fold and unfold for ever would hang here. */
static void
test_widths_between (void)
{
  Harness *harness = harness_open (1000, 700);

  g_assert_true (mabei_window_show (harness->window, "minutes", MABEI_DUMMY_CASE));
  for (int width = 1000; width >= 360; width -= 40) {
    gtk_window_set_default_size (GTK_WINDOW (harness->window), width, 700);
    harness_wait_for (harness, gtk_widget_get_width (GTK_WIDGET (harness->window)) <= width);
    g_test_message ("width %d", gtk_widget_get_width (GTK_WIDGET (harness->window)));
  }
  harness_close (harness);
}

/* What scrolls may lie outside; nothing may be cut off at the sides. */
static gboolean
in_scroller (GtkWidget *widget)
{
  return gtk_widget_get_ancestor (widget, GTK_TYPE_SCROLLED_WINDOW) != NULL;
}

static void
check_inside (GtkWidget *widget, gpointer user_data)
{
  GtkWidget *window = user_data;
  g_autofree char *name = NULL;
  graphene_rect_t bounds;

  if (!(GTK_IS_BUTTON (widget) || GTK_IS_ENTRY (widget) || GTK_IS_SWITCH (widget)) ||
      !gtk_widget_compute_bounds (widget, window, &bounds))
    return;
  name = mabei_name_get (widget);
  if (in_scroller (widget) || bounds.size.width == 0)
    return;
  g_test_message ("%s \"%s\" at %.0f,%.0f size %.0f,%.0f", G_OBJECT_TYPE_NAME (widget), name, bounds.origin.x,
                  bounds.origin.y, bounds.size.width, bounds.size.height);
  g_assert_cmpfloat (bounds.origin.x, >=, -1);
  g_assert_cmpfloat (bounds.origin.y, >=, -1);
  g_assert_cmpfloat (bounds.origin.x + bounds.size.width, <=, gtk_widget_get_width (window) + 1);
  g_assert_cmpfloat (bounds.origin.y + bounds.size.height, <=, gtk_widget_get_height (window) + 1);
}

static void
test_inside (void)
{
  static const int sizes[][2] = {{360, 720}, {1000, 700}};

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++) {
    Harness *harness = harness_open (sizes[s][0], sizes[s][1]);

    for (guint i = 0; i < G_N_ELEMENTS (places); i++) {
      g_test_message ("%s in %s at %d", places[i].page, places[i].scene, sizes[s][0]);
      open_place (harness, i);
      harness_walk (GTK_WIDGET (harness->window), check_inside, harness->window);
    }
    harness_close (harness);
  }
}

/* Window buttons belong to the desktop; the pictures inside of an entry are a convenience. */
static gboolean
is_target (GtkWidget *widget)
{
  return GTK_IS_BUTTON (widget) && gtk_widget_get_ancestor (widget, GTK_TYPE_WINDOW_CONTROLS) == NULL &&
         gtk_widget_get_ancestor (widget, ADW_TYPE_ENTRY_ROW) == NULL;
}

static void
check_target (GtkWidget *widget, gpointer user_data)
{
  g_autofree char *name = NULL;
  graphene_rect_t bounds;

  if (!is_target (widget) || !gtk_widget_compute_bounds (widget, widget, &bounds))
    return;
  name = mabei_name_get (widget);
  g_test_message ("%s \"%s\": %.0f x %.0f", places[*(guint *) user_data].page, name, bounds.size.width,
                  bounds.size.height);
  g_assert_cmpfloat (bounds.size.width, >=, TARGET_MINIMUM);
  g_assert_cmpfloat (bounds.size.height, >=, TARGET_MINIMUM);
}

static void
test_targets (void)
{
  Harness *harness = harness_open (0, 0);

  for (guint i = 0; i < G_N_ELEMENTS (places); i++) {
    open_place (harness, i);
    harness_walk (GTK_WIDGET (harness->window), check_target, &i);
  }
  harness_close (harness);
}

static void
check_label (GtkWidget *widget, gpointer user_data)
{
  PangoLayout *layout;

  if (!GTK_IS_LABEL (widget) || gtk_widget_get_ancestor (widget, GTK_TYPE_BUTTON) == NULL)
    return;
  layout = gtk_label_get_layout (GTK_LABEL (widget));
  if (pango_layout_is_ellipsized (layout))
    g_error ("the button \"%s\" is cut short", gtk_label_get_text (GTK_LABEL (widget)));
}

static void
test_no_button_is_cut_short (void)
{
  Harness *harness = harness_open (0, 0);

  for (guint i = 0; i < G_N_ELEMENTS (places); i++) {
    open_place (harness, i);
    harness_walk (GTK_WIDGET (harness->window), check_label, NULL);
  }
  harness_close (harness);
}

/* Fixed names of templates make a wrong one only a critical message: those are fatal here. */
static void
test_finalise (void)
{
  for (guint round = 0; round < 3; round++) {
    Harness *harness = harness_open (round == 0 ? 0 : 1000, 700);

    for (guint i = round; i < G_N_ELEMENTS (places); i += 4)
      open_place (harness, i);
    harness_close (harness);
  }
}

static void
test_unknown_places (void)
{
  Harness *harness = harness_open (0, 0);

  g_assert_false (mabei_window_show (harness->window, "no such page", NULL));
  g_assert_false (mabei_window_show (harness->window, "overview", "no such case"));
  g_assert_false (mabei_window_press (harness->window, "no such button"));
  g_assert_false (mabei_window_show (harness->window, "admit", MABEI_DUMMY_CASE)); /* nobody knocks */
  mabei_window_set_port (harness->window, NULL);
  g_assert_false (mabei_window_show (harness->window, "overview", NULL));
  mabei_window_set_port (harness->window, harness->port);
  g_assert_true (mabei_window_show (harness->window, "overview", NULL));
  harness_close (harness);
}

static void
test_screenshot (void)
{
  Harness *harness = harness_open (0, 0);
  g_autofree char *path = g_build_filename (g_get_user_cache_dir (), "shot.png", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) texture = NULL;

  g_mkdir_with_parents (g_get_user_cache_dir (), 0700);
  g_assert_true (mabei_window_screenshot (harness->window, path, &error));
  g_assert_no_error (error);
  texture = gdk_texture_new_from_filename (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (gdk_texture_get_width (texture), >=, gtk_widget_get_width (GTK_WIDGET (harness->window)));
  g_assert_false (mabei_window_screenshot (harness->window, "/no/such/folder/shot.png", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  harness_close (harness);
}

int
main (int argc, char **argv)
{
  harness_init (&argc, &argv);
  g_test_add_func ("/ui/pages/minimum-width", test_minimum_width);
  g_test_add_func ("/ui/pages/widths-between", test_widths_between);
  g_test_add_func ("/ui/pages/controls-inside", test_inside);
  g_test_add_func ("/ui/pages/targets", test_targets);
  g_test_add_func ("/ui/pages/no-button-cut-short", test_no_button_is_cut_short);
  g_test_add_func ("/ui/pages/finalise", test_finalise);
  g_test_add_func ("/ui/pages/unknown", test_unknown_places);
  g_test_add_func ("/ui/pages/screenshot", test_screenshot);
  return g_test_run ();
}
