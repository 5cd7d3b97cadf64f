/* mabei-ui-dummy [--zh] [--size WxH] [--dark] [--unlock|--first] [--story]: the window on fixtures. With --story it
 * reads one command a line and answers "ok" or "no": show PAGE [CASE], scene NAME, press NAME, select NAME, fill
 * NAME=TEXT, type TEXT, remote POSITION REMOVED [TEXT], text, last, caret [OFFSET], waiting, shot FILE, size, wait MS,
 * quit. Not installed; for tests and pictures.
 */
#include <adwaita.h>
#include <gio/gunixinputstream.h>
#include <locale.h>
#include <stdlib.h>
#include "tests/ui/story.h"
#include "ui/ports/dummy.h"
#include "ui/shell/window.h"

typedef struct {
  gboolean chinese, dark, unlock, first, story;
  int width, height;
  MabeiStory *lines;
  MabeiPort *port;
} Options;

static void
on_activate (GApplication *application, Options *options)
{
  const char *locale = g_getenv ("MABEI_LOCALE_DIR");
  MabeiUnlockPort *unlock;
  GtkWidget *window;

  mabei_ui_init (locale);
  if (options->dark)
    adw_style_manager_set_color_scheme (adw_style_manager_get_default (), ADW_COLOR_SCHEME_FORCE_DARK);
  options->port = mabei_dummy_new (options->chinese);
  unlock = mabei_dummy_unlock_port (options->port, !options->first);
  window = mabei_window_new (GTK_APPLICATION (application), unlock);
  gtk_window_set_default_size (GTK_WINDOW (window), options->width, options->height);
  if (!options->unlock && !options->first)
    mabei_window_set_port (MABEI_WINDOW (window), options->port);
  gtk_window_present (GTK_WINDOW (window));
  if (options->story)
    options->lines = mabei_story_new (MABEI_WINDOW (window), options->port, 0);
}

static void
parse (Options *options, int argc, char **argv)
{
  for (int i = 1; i < argc; i++) {
    if (g_str_equal (argv[i], "--zh"))
      options->chinese = TRUE;
    else if (g_str_equal (argv[i], "--dark"))
      options->dark = TRUE;
    else if (g_str_equal (argv[i], "--unlock"))
      options->unlock = TRUE;
    else if (g_str_equal (argv[i], "--first"))
      options->first = TRUE;
    else if (g_str_equal (argv[i], "--story"))
      options->story = TRUE;
    else if (g_str_equal (argv[i], "--size") && i + 1 < argc)
      sscanf (argv[++i], "%dx%d", &options->width, &options->height);
  }
}

int
main (int argc, char **argv)
{
  Options options = {.width = 1000, .height = 700};
  g_autoptr (GtkApplication) application = NULL;
  int status;

  setlocale (LC_ALL, "");
  parse (&options, argc, argv);
  application = gtk_application_new ("org.mabei.dummy", G_APPLICATION_NON_UNIQUE);
  g_signal_connect (application, "activate", G_CALLBACK (on_activate), &options);
  status = g_application_run (G_APPLICATION (application), 1, argv);
  g_clear_pointer (&options.lines, mabei_story_free);
  g_clear_object (&application);
  g_clear_pointer (&options.port, mabei_dummy_free);
  return status;
}
