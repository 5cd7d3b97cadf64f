/* mabei: the window (see mabei(1)). */
#include <adwaita.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "app/client/client_port.h"
#include "app/client/story.h"
#include "mabei-version.h"
#include "ui/shell/window.h"

typedef struct {
  GtkApplication *application;
  GtkWidget *window;
  MabeiUnlockPort unlock;
  MabeiClientPort *client;
  MabeiStory *story;
  char *profile;
  char *passphrase_file;
  char *size;
  char *link;
  int story_fd;
  int status;
} Program;

/* --- unlocking: Argon2id takes its time, so a thread of its own opens the replica --- */

typedef struct {
  char *folder;
  char *name; /* makes a profile when not NULL */
  MabeiSecret *passphrase;
  void (*done) (const GError *error, gpointer user_data);
  gpointer user_data;
  Program *program;
} Unlocking;

static void
unlocking_free (gpointer data)
{
  Unlocking *unlocking = data;
  g_free (unlocking->folder);
  g_free (unlocking->name);
  g_clear_pointer (&unlocking->passphrase, mabei_secret_unref);
  g_free (unlocking);
}

static void
unlock_in_thread (GTask *task, G_GNUC_UNUSED gpointer source, gpointer data, G_GNUC_UNUSED GCancellable *cancellable)
{
  Unlocking *unlocking = data;
  GError *error = NULL;
  MabeiReplica *replica = NULL;
  if (unlocking->name == NULL ||
      mabei_replica_create (unlocking->folder, unlocking->name, unlocking->passphrase, MABEI_KDF_MODERATE, &error))
    replica = mabei_replica_open (unlocking->folder, unlocking->passphrase, &error);
  if (replica != NULL)
    g_task_return_pointer (task, replica, NULL);
  else
    g_task_return_error (task, error);
}

static void
on_event (GVariant *event, gpointer user_data)
{
  Program *program = user_data;
  if (program->story != NULL)
    mabei_story_event (program->story, event);
}

static void
on_story_ended (gpointer user_data)
{
  Program *program = user_data;
  g_application_quit (G_APPLICATION (program->application));
}

static void
enter (Program *program, MabeiReplica *replica)
{
  program->client = mabei_client_port_new (replica, on_event, program);
  mabei_window_set_port (MABEI_WINDOW (program->window), mabei_client_port_port (program->client));
  if (program->story_fd >= 0)
    program->story = mabei_story_new (program->window, mabei_client_port_desk (program->client), program->story_fd,
                                      on_story_ended, program);
  if (program->link != NULL)
    mabei_window_show (MABEI_WINDOW (program->window), "join", program->link);
}

static void
on_unlocked (G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer user_data)
{
  Unlocking *unlocking = g_task_get_task_data (G_TASK (result));
  Program *program = user_data;
  g_autoptr (GError) error = NULL;
  MabeiReplica *replica = g_task_propagate_pointer (G_TASK (result), &error);
  if (replica != NULL)
    enter (program, replica);
  if (unlocking->done != NULL)
    unlocking->done (error, unlocking->user_data);
}

static void
start_unlocking (Program *program,
                 const char *name,
                 MabeiSecret *passphrase,
                 void (*done) (const GError *, gpointer),
                 gpointer user_data)
{
  Unlocking *unlocking = g_new0 (Unlocking, 1);
  *unlocking = (Unlocking){
      g_strdup (program->profile), g_strdup (name), mabei_secret_ref (passphrase), done, user_data, program};
  g_autoptr (GTask) task = g_task_new (NULL, NULL, on_unlocked, program);
  g_task_set_task_data (task, unlocking, unlocking_free);
  g_task_run_in_thread (task, unlock_in_thread);
}

static void
unlock (gpointer data,
        const char *name,
        const char *passphrase,
        void (*done) (const GError *error, gpointer user_data),
        gpointer user_data)
{
  Program *program = data;
  g_autoptr (MabeiSecret) secret = mabei_secret_new_copy (passphrase, MAX (strlen (passphrase), 1));
  start_unlocking (program, program->unlock.exists ? NULL : name, secret, done, user_data);
}

/* With a passphrase file nobody is asked; a failure ends the program with one line. */
static void
on_unlocked_by_file (const GError *error, gpointer user_data)
{
  Program *program = user_data;
  if (error == NULL)
    return;
  fprintf (stderr, "mabei: %s\n", error->message);
  program->status = mabei_code_exit_status (mabei_code_of (error));
  g_application_quit (G_APPLICATION (program->application));
}

static gboolean
unlock_by_file (Program *program, GError **error)
{
  g_autofree char *text = NULL;
  gsize length = 0;
  if (!g_file_get_contents (program->passphrase_file, &text, &length, error))
    return FALSE;
  while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
    length--;
  if (length == 0 || length > 1024) {
    g_set_error_literal (error, MABEI_DESK_ERROR, MABEI_CODE_USAGE, "a passphrase has 1 to 1024 bytes");
    return FALSE;
  }
  g_autoptr (MabeiSecret) secret = mabei_secret_new_copy (text, length);
  memset (text, 0, length);
  start_unlocking (program, NULL, secret, on_unlocked_by_file, program);
  return TRUE;
}

/* --- the application --- */

static void
on_activate (GtkApplication *application, gpointer user_data)
{
  Program *program = user_data;
  g_autoptr (GError) error = NULL;
  guint width, height;
  if (program->window != NULL) {
    gtk_window_present (GTK_WINDOW (program->window));
    return;
  }
  g_autofree char *key_file = g_build_filename (program->profile, "key", NULL);
  program->unlock = (MabeiUnlockPort){program, g_file_test (key_file, G_FILE_TEST_EXISTS), unlock};
  program->window = mabei_window_new (application, &program->unlock);
  if (program->size != NULL && sscanf (program->size, "%4ux%4u", &width, &height) == 2)
    gtk_window_set_default_size (GTK_WINDOW (program->window), (int) width, (int) height);
  gtk_window_present (GTK_WINDOW (program->window));
  if (program->passphrase_file != NULL && !unlock_by_file (program, &error))
    on_unlocked_by_file (error, program);
}

static int
on_command_line (GApplication *application, GApplicationCommandLine *line, gpointer user_data)
{
  Program *program = user_data;
  int n_words = 0;
  g_auto (GStrv) words = g_application_command_line_get_arguments (line, &n_words);
  if (n_words > 2) {
    fprintf (stderr, "mabei: one word too many: %s\n", words[2]);
    return 2;
  }
  g_free (program->link);
  program->link = n_words == 2 ? g_strdup (words[1]) : NULL;
  g_application_activate (application);
  return 0;
}

static int
on_local_options (G_GNUC_UNUSED GApplication *application, GVariantDict *options, gpointer user_data)
{
  Program *program = user_data;
  if (g_variant_dict_contains (options, "version")) {
    puts ("mabei " MABEI_VERSION);
    return 0;
  }
  guint width, height;
  if (program->size != NULL &&
      (sscanf (program->size, "%4ux%4u", &width, &height) != 2 || width < 200 || height < 200)) {
    fprintf (stderr, "mabei: --size is WIDTHxHEIGHT, at least 200x200\n");
    return 2;
  }
  if (program->profile == NULL)
    program->profile = g_build_filename (g_get_user_data_dir (), "mabei", "profile", NULL);
  return -1;
}

static void
add_options (Program *program, GApplication *application)
{
  const GOptionEntry entries[] = {
      {"profile", 0, 0, G_OPTION_ARG_FILENAME, &program->profile, N_ ("Folder of this device's profile"), "DIR"},
      {"passphrase-file", 0, 0, G_OPTION_ARG_FILENAME, &program->passphrase_file, N_ ("File that holds the passphrase"),
       "FILE"},
      {"story", 0, 0, G_OPTION_ARG_INT, &program->story_fd, N_ ("Read commands from this file descriptor"), "FD"},
      {"size", 0, 0, G_OPTION_ARG_STRING, &program->size, N_ ("Size of the window"), "WxH"},
      {"version", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Show the version"), NULL},
      {NULL},
  };
  g_application_add_main_option_entries (application, entries);
  g_application_set_option_context_parameter_string (application, "[LINK]");
}

/* Before the first window: translations, style, icons. MABEI_LOCALE_DIR: where a build tree has its translations. */
static void
on_startup (G_GNUC_UNUSED GApplication *application, G_GNUC_UNUSED gpointer user_data)
{
  const char *folder = g_getenv ("MABEI_LOCALE_DIR");
  mabei_ui_init (folder != NULL ? folder : MABEI_LOCALE_DIR);
}

int
main (int argc, char **argv)
{
  Program program = {.story_fd = -1};
  setlocale (LC_ALL, "");
  signal (SIGPIPE, SIG_IGN);
  if (!mabei_base_init ()) {
    fputs ("mabei: libsodium does not start\n", stderr);
    return 1;
  }
  /* Not unique on the bus: the profile's lock is what makes it single. */
  program.application = GTK_APPLICATION (
      adw_application_new ("org.mabei.mabei", G_APPLICATION_NON_UNIQUE | G_APPLICATION_HANDLES_COMMAND_LINE));
  add_options (&program, G_APPLICATION (program.application));
  g_signal_connect (program.application, "startup", G_CALLBACK (on_startup), &program);
  g_signal_connect (program.application, "activate", G_CALLBACK (on_activate), &program);
  g_signal_connect (program.application, "command-line", G_CALLBACK (on_command_line), &program);
  g_signal_connect (program.application, "handle-local-options", G_CALLBACK (on_local_options), &program);
  int status = g_application_run (G_APPLICATION (program.application), argc, argv);
  g_clear_pointer (&program.story, mabei_story_free);
  g_clear_pointer (&program.client, mabei_client_port_free);
  g_object_unref (program.application);
  g_free (program.profile);
  g_free (program.passphrase_file);
  g_free (program.size);
  g_free (program.link);
  return program.status != 0 ? program.status : status;
}
