/* The simulation: every seed is a life of its own, in a process of its own. A seed that fails prints the command that
 * lives it again. Without arguments: a number of seeds (MABEI_SIM_SEEDS, else 24), and one of them twice.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "core/base/secret.h"
#include "tests/sim/actions.h"
#include "tests/sim/seams.h"

#define SEEDS 24u
#define STEPS 1500u

static const char *program;
static char replay[512];

typedef struct {
  char trace[65];
  guint n_frames, n_promises, n_crashes, n_cuts, n_imports;
} Outcome;

/* Whatever fails aborts: then the seed is told. */
static void
on_abort (int signal_number)
{
  if (write (STDERR_FILENO, replay, strlen (replay)) < 0)
    _exit (2);
  signal (signal_number, SIG_DFL);
  raise (signal_number);
}

static void
live (guint64 seed, guint steps, gboolean is_verbose, Outcome *outcome)
{
  World *world;

  g_snprintf (replay, sizeof replay, "replay: %s --seed %" G_GUINT64_FORMAT " --steps %u\n", program, seed, steps);
  signal (SIGABRT, on_abort);
  signal (SIGTRAP, on_abort); /* g_error */
  signal (SIGSEGV, on_abort);
  seams_init (seed);
  g_assert_true (mabei_base_init ());
  world = world_new (seed);
  world->is_verbose = is_verbose;
  for (guint i = 0; i < steps; i++)
    actions_step (world);
  world_heal (world);
  world_check_end (world);
  g_strlcpy (outcome->trace, g_checksum_get_string (world->trace), sizeof outcome->trace);
  outcome->n_frames = world->n_frames;
  outcome->n_promises = world->promises->len;
  outcome->n_crashes = world->n_crashes;
  outcome->n_cuts = world->n_cuts;
  outcome->n_imports = world->n_imports;
  world_free (world);
}

static gboolean
live_apart (guint64 seed, guint steps, Outcome *outcome)
{
  int ends[2], status;
  pid_t pid;

  g_assert_cmpint (pipe (ends), ==, 0);
  pid = fork ();
  g_assert_cmpint (pid, >=, 0);
  if (pid == 0) {
    close (ends[0]);
    live (seed, steps, FALSE, outcome);
    _exit (write (ends[1], outcome, sizeof *outcome) == sizeof *outcome ? 0 : 1);
  }
  close (ends[1]);
  if (read (ends[0], outcome, sizeof *outcome) != sizeof *outcome)
    memset (outcome, 0, sizeof *outcome);
  close (ends[0]);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  return WIFEXITED (status) && WEXITSTATUS (status) == 0;
}

static void
test_seeds (void)
{
  const char *wanted = g_getenv ("MABEI_SIM_SEEDS");
  guint n = wanted != NULL ? (guint) g_ascii_strtoull (wanted, NULL, 10) : SEEDS;
  guint64 frames = 0, promises = 0, crashes = 0, cuts = 0, imports = 0;

  for (guint64 seed = 1; seed <= n; seed++) {
    Outcome outcome;

    if (!live_apart (seed, STEPS, &outcome))
      g_error ("seed %" G_GUINT64_FORMAT " failed; replay: %s --seed %" G_GUINT64_FORMAT " --steps %u", seed, program,
               seed, STEPS);
    frames += outcome.n_frames;
    promises += outcome.n_promises;
    crashes += outcome.n_crashes;
    cuts += outcome.n_cuts;
    imports += outcome.n_imports;
  }
  g_test_message ("%u seeds of %u steps: %" G_GUINT64_FORMAT " frames, %" G_GUINT64_FORMAT
                  " promised changes, %" G_GUINT64_FORMAT " crashes, %" G_GUINT64_FORMAT " cuts, %" G_GUINT64_FORMAT
                  " useful bundles",
                  n, STEPS, frames, promises, crashes, cuts, imports);
  g_assert_cmpuint (crashes, >, 0);
  g_assert_cmpuint (imports, >, 0);
}

/* The same seed is the same life, byte by byte; another seed is another one. */
static void
test_replays (void)
{
  Outcome one, two, other;

  g_assert_true (live_apart (3, 600, &one));
  g_assert_true (live_apart (3, 600, &two));
  g_assert_true (live_apart (4, 600, &other));
  g_assert_cmpstr (one.trace, ==, two.trace);
  g_assert_cmpstr (one.trace, !=, other.trace);
}

int
main (int argc, char **argv)
{
  gint64 seed = -1;
  gint steps = STEPS;
  gboolean is_verbose = FALSE;
  GOptionEntry entries[] = {{"seed", 0, 0, G_OPTION_ARG_INT64, &seed, "live this seed only", "N"},
                            {"steps", 0, 0, G_OPTION_ARG_INT, &steps, "so many steps", "N"},
                            {"verbose", 0, 0, G_OPTION_ARG_NONE, &is_verbose, "print every frame", NULL},
                            {NULL}};
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  Outcome outcome;

  program = argv[0];
  if (g_access ("/dev/shm", W_OK) == 0)
    g_setenv ("TMPDIR", "/dev/shm", FALSE);
  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_ignore_unknown_options (context, TRUE);
  g_option_context_parse (context, &argc, &argv, NULL);
  if (seed >= 0) {
    live ((guint64) seed, (guint) steps, is_verbose, &outcome);
    g_print ("seed %" G_GINT64_FORMAT ": %u frames, %u promises, %u crashes, trace %s\n", seed, outcome.n_frames,
             outcome.n_promises, outcome.n_crashes, outcome.trace);
    return 0;
  }
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/replays", test_replays);
  g_test_add_func ("/sim/seeds", test_seeds);
  return g_test_run ();
}
