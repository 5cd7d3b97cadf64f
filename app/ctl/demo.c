#include "app/ctl/demo.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/ctl/demo_private.h"
#include "app/desk/arguments.h"
#include "app/desk/code.h"

static volatile sig_atomic_t interrupted;

static void
on_interrupt (G_GNUC_UNUSED int number)
{
  interrupted = 1;
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *child = g_build_filename (path, name, NULL);
    remove_tree (child); /* our own folder: a few levels at most */
  }
  g_remove (path);
}

static void
clear (MabeiDemo *demo)
{
  for (guint n = 0; n < N_PEOPLE; n++) {
    mabei_demo_person_free (demo->people[n]);
    g_free (demo->person_ids[n]);
  }
  if (demo->hub != NULL)
    mabei_demo_person_stop (demo->hub);
  mabei_demo_person_free (demo->hub);
  mabei_demo_network_free (demo->network);
  if (demo->folder != NULL && g_getenv ("MABEI_DEMO_KEEP") == NULL)
    remove_tree (demo->folder);
  g_free (demo->folder);
  g_free (demo->programs);
  g_free (demo->passphrase_file);
  g_free (demo->hub_url);
  g_free (demo->screenshots);
  g_free (demo->case_id);
  g_free (demo->minutes);
  g_ptr_array_unref (demo->planted);
  g_ptr_array_unref (demo->pictures);
}

static gboolean
read_words (MabeiDemo *demo, const char *const *words, GError **error)
{
  g_autoptr (MabeiArguments) arguments = mabei_arguments_parse (
      "--headless --seed= --screenshots= --camera --stay --offline-switch --link=", words, error);
  if (arguments == NULL || !mabei_arguments_number (arguments, "--seed", G_MAXINT64, &demo->seed, error))
    return FALSE;
  if (mabei_arguments_option (arguments, "--link") != NULL) {
    g_set_error_literal (error, MABEI_DESK_ERROR, MABEI_CODE_UNSUPPORTED,
                         "--link (slow lines) comes with sync in depth; this version cuts and restores the link");
    return FALSE;
  }
  demo->headless = mabei_arguments_option (arguments, "--headless") != NULL;
  demo->camera = mabei_arguments_option (arguments, "--camera") != NULL;
  demo->offline_switch = mabei_arguments_option (arguments, "--offline-switch") != NULL;
  demo->stay = mabei_arguments_option (arguments, "--stay") != NULL;
  const char *pictures = mabei_arguments_option (arguments, "--screenshots");
  demo->screenshots =
      pictures != NULL ? g_canonicalize_filename (pictures, NULL) : g_canonicalize_filename ("screenshots", NULL);
  if (!demo->headless && g_mkdir_with_parents (demo->screenshots, 0755) != 0) {
    g_set_error (error, MABEI_DESK_ERROR, MABEI_CODE_NOT_ALLOWED, "%s: %s", demo->screenshots, g_strerror (errno));
    return FALSE;
  }
  return TRUE;
}

static gboolean
set_up (MabeiDemo *demo, GError **error)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", error);
  if (self == NULL)
    return FALSE;
  demo->programs = g_path_get_dirname (self);
  demo->folder = g_dir_make_tmp ("mabei-demo-XXXXXX", error);
  return demo->folder != NULL;
}

/* With a display of one's own: go on by hand until Ctrl-C or until every window is closed. */
static void
stay_open (MabeiDemo *demo)
{
  mabei_demo_tell ("The windows stay open: go on by hand. Ctrl-C ends it and removes everything.");
  while (!interrupted) {
    gboolean alive = FALSE;
    for (guint n = 0; n < N_PEOPLE; n++)
      alive |= mabei_demo_person_is_alive (demo->people[n]);
    if (!alive)
      return;
    g_usleep (200000);
  }
}

int
mabei_demo_run (const char *const *words)
{
  MabeiDemo demo = {0};
  g_autoptr (GError) error = NULL;
  guint64 rss;
  double cpu;
  demo.planted = g_ptr_array_new_with_free_func (g_free);
  demo.pictures = g_ptr_array_new_with_free_func (g_free);
  signal (SIGINT, on_interrupt);
  signal (SIGTERM, on_interrupt);
  gint64 started = g_get_monotonic_time ();
  gboolean held = read_words (&demo, words, &error) && set_up (&demo, &error) && mabei_demo_stage (&demo, &error) &&
                  mabei_demo_story (&demo, &error);
  if (held) {
    mabei_demo_person_usage (demo.hub, &rss, &cpu);
    demo.hub_rss_kib = rss;
    mabei_demo_table (&demo);
    printf ("%-44s %.1f s\n\nIt all held.\n", "the story took",
            (double) (g_get_monotonic_time () - started) / G_USEC_PER_SEC);
    fflush (stdout);
    if (demo.stay && !demo.headless)
      stay_open (&demo);
  } else {
    fprintf (stderr, "mabeictl: demo: %s\n", error->message);
  }
  int status = held ? 0 : mabei_code_exit_status (mabei_code_of (error));
  clear (&demo);
  return status;
}
