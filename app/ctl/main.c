/* mabeictl: the first user of the core; does everything that the window does (see mabeictl(1)). */
#include <gio/gunixinputstream.h>
#include <glib-unix.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/ctl/batch.h"
#include "app/ctl/demo.h"
#include "app/ctl/options.h"
#include "app/ctl/outside.h"
#include "app/ctl/passphrase.h"
#include "app/ctl/print.h"
#include "app/desk/command.h"
#include "app/desk/desk_line.h"
#include "mabei-version.h"

#define SETTLE_MS 8000

typedef struct {
  MabeiOptions *options;
  MabeiDesk *desk;
  MabeiBatch *batch;
  GMainLoop *loop;
  gboolean wants_line;
  int status;
} Program;

static int
say_error (const MabeiOptions *options, const GError *error)
{
  fprintf (stderr, "mabeictl: %s\n", error->message);
  if (options != NULL && options->json) {
    g_autofree char *text = mabei_print_error (error);
    puts (text);
  }
  return mabei_code_exit_status (mabei_code_of (error));
}

static void
say_answer (const MabeiOptions *options, GVariant *answer)
{
  g_autofree char *text = options->json ? mabei_print_json (answer) : mabei_print_text (answer);
  fputs (text, stdout);
  if (options->json)
    fputc ('\n', stdout);
}

static void
help (FILE *out)
{
  g_autofree char *verbs = mabei_command_help ();
  fprintf (out,
           "mabeictl [--profile DIR] [--passphrase-file F] [--json] [--case ID] NOUN VERB [ARGUMENTS]\n"
           "mabeictl [--profile DIR] [--passphrase-file F] --batch\nmabeictl --version\n\nCommands:\n%s%s",
           mabei_outside_help (), verbs);
}

static MabeiDesk *
open_desk (const MabeiOptions *options, const MabeiDeskListener *listener, GError **error)
{
  g_autoptr (MabeiSecret) passphrase = mabei_passphrase_read (options->passphrase_file, FALSE, error);
  if (passphrase == NULL)
    return NULL;
  MabeiReplica *replica = mabei_replica_open (options->profile, passphrase, error);
  return replica != NULL ? mabei_desk_new (replica, listener) : NULL;
}

/* --- one command --- */

static void
on_settled (G_GNUC_UNUSED gboolean idle, gpointer user_data)
{
  Program *program = user_data;
  g_main_loop_quit (program->loop);
}

static void
on_reply (GVariant *reply, const GError *error, gpointer user_data)
{
  Program *program = user_data;
  if (error != NULL) {
    program->status = say_error (program->options, error);
  } else {
    say_answer (program->options, reply);
  }
  /* What was made goes out before the program ends, when there is a line at all. */
  if (program->wants_line && mabei_desk_line_is_ready (mabei_desk_line (program->desk)))
    mabei_desk_line_when_idle (mabei_desk_line (program->desk), SETTLE_MS, on_settled, program);
  else
    g_main_loop_quit (program->loop);
}

static gboolean
on_start (gpointer user_data)
{
  Program *program = user_data;
  mabei_command_run (program->desk, program->options->case_text, (const char *const *) program->options->words,
                     on_reply, program);
  return G_SOURCE_REMOVE;
}

static void
on_first_look (G_GNUC_UNUSED gboolean idle, gpointer user_data)
{
  on_start (user_data);
}

static gboolean
on_signal (gpointer user_data)
{
  Program *program = user_data;
  g_main_loop_quit (program->loop);
  return G_SOURCE_CONTINUE;
}

static void
on_event (G_GNUC_UNUSED MabeiDesk *desk, GVariant *event, gpointer user_data)
{
  Program *program = user_data;
  if (program->batch != NULL)
    mabei_batch_event (program->batch, event);
}

static void
run_once (Program *program)
{
  const char *noun = program->options->words[0], *verb = program->options->words[1];
  program->wants_line = mabei_command_wants_line (noun, verb != NULL ? verb : "");
  if (program->wants_line && mabei_desk_line_hub (mabei_desk_line (program->desk), NULL) != NULL) {
    mabei_desk_line_connect (mabei_desk_line (program->desk));
    mabei_desk_line_when_idle (mabei_desk_line (program->desk), SETTLE_MS, on_first_look, program);
  } else {
    g_idle_add (on_start, program);
  }
  g_main_loop_run (program->loop);
}

static void
on_ended (gpointer user_data)
{
  Program *program = user_data;
  g_main_loop_quit (program->loop);
}

static void
run_batch (Program *program)
{
  g_autoptr (GInputStream) in = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  mabei_desk_line_connect (mabei_desk_line (program->desk));
  program->batch = mabei_batch_new (program->desk, in, STDOUT_FILENO, NULL, on_ended, program);
  g_main_loop_run (program->loop);
}

static int
run (MabeiOptions *options, GError **error)
{
  Program program = {.options = options};
  MabeiDeskListener listener = {.event = on_event, .user_data = &program};
  if (!options->batch &&
      !mabei_command_exists (options->words[0], options->words[1] != NULL ? options->words[1] : "")) {
    g_autofree char *said = g_strjoinv (" ", options->words);
    g_autofree char *shown = g_utf8_make_valid (said, (gssize) MIN (strlen (said), 60));
    g_set_error (error, MABEI_DESK_ERROR, MABEI_CODE_USAGE, "no such command: %s (see --help)", shown);
    return 0;
  }
  program.desk = open_desk (options, &listener, error);
  if (program.desk == NULL)
    return 0;
  program.loop = g_main_loop_new (NULL, FALSE);
  guint term = g_unix_signal_add (SIGTERM, on_signal, &program),
        interrupt = g_unix_signal_add (SIGINT, on_signal, &program);
  if (options->batch)
    run_batch (&program);
  else
    run_once (&program);
  g_source_remove (term);
  g_source_remove (interrupt);
  g_clear_pointer (&program.batch, mabei_batch_free);
  mabei_desk_free (program.desk);
  g_main_loop_unref (program.loop);
  return program.status;
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  signal (SIGPIPE, SIG_IGN);
  g_autoptr (GError) error = NULL;
  if (!mabei_base_init ()) {
    fputs ("mabeictl: libsodium does not start\n", stderr);
    return 1;
  }
  g_autoptr (MabeiOptions) options = mabei_options_parse (argc, argv, &error);
  if (options == NULL)
    return say_error (NULL, error);
  if (options->version || options->help) {
    if (options->version)
      puts ("mabeictl " MABEI_VERSION);
    else
      help (stdout);
    return 0;
  }
  if (!options->batch && options->words[0] == NULL) {
    if (options->json) {
      g_set_error_literal (&error, MABEI_DESK_ERROR, MABEI_CODE_USAGE, "no command (see --help)");
      return say_error (options, error);
    }
    help (stderr);
    return 2;
  }
  if (options->words[0] != NULL && strcmp (options->words[0], "demo") == 0)
    return mabei_demo_run ((const char *const *) options->words + 1);
  g_autoptr (GVariant) answer = NULL;
  if (!options->batch && mabei_outside_run (options, &answer, &error)) {
    if (error != NULL)
      return say_error (options, error);
    say_answer (options, answer);
    return 0;
  }
  int status = run (options, &error);
  return error != NULL ? say_error (options, error) : status;
}
