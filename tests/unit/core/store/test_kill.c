/* A child types, posts and tells through a pipe what was acknowledged: what a tick has journaled or a commit has
 * returned. It is killed at a random moment. Each time the profile opens, checks, and has all that was told.
 */
#include "core/base/limits.h"
#include "tests/unit/core/store/people.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define STEP_MS 40u

typedef struct {
  guint32 n_typed;  /* letters of this run that are in the journal or the log */
  guint32 n_posted; /* messages of all runs */
} Told;

static void
tell (int fd, const Told *told)
{
  g_assert_cmpint (write (fd, told, sizeof *told), ==, sizeof *told);
}

/* Letters one after the other at the end of the text, one each 40 ms of a clock of its own, a message now and then.
 * What was typed MABEI_LIMIT_JOURNAL_MS before a tick is acknowledged by it: all but the last two letters. */
static void
type_until_killed (Person *person, const MabeiId *id, const MabeiShortId *document_id, Told told, int fd)
{
  guint64 at_ms = now ();
  MabeiDocument *document;

  person_open (person);
  document = mabei_case_document (the_case (person, id), document_id);
  tell (fd, &told);
  for (guint i = 1;; i++) {
    guint end = mabei_text_length (mabei_document_text (document));
    char letter[2] = {(char) ('a' + end % 26), '\0'};

    g_assert_true (mabei_replica_edit (person->replica, document, end, 0, letter, at_ms, NULL));
    at_ms += STEP_MS;
    g_assert_true (mabei_replica_tick (person->replica, at_ms, NULL, NULL));
    told.n_typed = i - MIN (i, MABEI_LIMIT_JOURNAL_MS / STEP_MS);
    if (i % 37 == 0) {
      post (person, mabei_document_space (document), "a message");
      told.n_posted++;
      told.n_typed = i;
    }
    tell (fd, &told);
  }
}

static gboolean
read_told (int fd, Told *told)
{
  Told next;

  if (read (fd, &next, sizeof next) != sizeof next)
    return FALSE;
  *told = next;
  return TRUE;
}

static void
test_kill (void)
{
  g_autoptr (Person) person = mediator_new ("Ma Bei");
  g_autoptr (GError) error = NULL;
  guint n_runs = g_test_slow () ? 1000 : 100;
  MabeiId id = *mabei_case_id (mabei_replica_case_new (person->replica, "A channel", now (), &error));
  MabeiDocument *document = write_document (person, the_space (person, &id, MABEI_SPACE_JOINT), "Minutes");
  MabeiShortId document_id = *mabei_document_id (document);
  guint n_letters = 0;
  Told told = {0, 0};

  person_close (person);
  for (guint run = 0; run < n_runs; run++) {
    g_autoptr (GPtrArray) messages = NULL;
    g_autofree char *text = NULL;
    int fds[2];
    int status;
    pid_t child;

    g_assert_cmpint (pipe (fds), ==, 0);
    told.n_typed = 0;
    child = fork ();
    if (child == 0) {
      close (fds[0]);
      type_until_killed (person, &id, &document_id, told, fds[1]);
    }
    close (fds[1]);
    g_assert_true (read_told (fds[0], &told)); /* it is open and types */
    g_usleep ((gulong) g_test_rand_int_range (0, 100000));
    g_assert_cmpint (kill (child, SIGKILL), ==, 0);
    g_assert_cmpint (waitpid (child, &status, 0), ==, child);
    g_assert_true (WIFSIGNALED (status));
    while (read_told (fds[0], &told))
      continue;
    close (fds[0]);

    person_open (person);
    document = mabei_case_document (the_case (person, &id), &document_id);
    text = mabei_text_read (mabei_document_text (document), NULL);
    g_assert_cmpuint (strlen (text), >=, n_letters + told.n_typed);
    n_letters = (guint) strlen (text);
    for (guint i = 0; i < n_letters; i++)
      g_assert_cmpint (text[i], ==, 'a' + (char) (i % 26));
    messages = mabei_space_messages (mabei_document_space (document));
    g_assert_cmpuint (messages->len, >=, told.n_posted);
    told.n_posted = messages->len;
    if (run % 10 == 0 || run + 1 == n_runs)
      g_assert_true (mabei_replica_check (person->replica, &error));
    g_assert_no_error (error);
    person_close (person);
  }
  g_test_message ("%u kills: %u letters, %u messages, none lost", n_runs, n_letters, told.n_posted);
  g_assert_cmpuint (n_letters, >, n_runs); /* it did type */
  person_open (person);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  g_test_add_func ("/store/kill", test_kill);
  return g_test_run ();
}
