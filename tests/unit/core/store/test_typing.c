/* Typing: shown at once, in the journal soon, a change a little later; after a crash what was in the journal is there.
 */
#include "tests/unit/core/store/people.h"

#include "core/base/limits.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
  Person *mediator;
  MabeiId id;
  MabeiShortId document_id;
  MabeiDocument *document;
} Fixture;

static void
find_document (Fixture *f)
{
  f->document = mabei_case_document (the_case (f->mediator, &f->id), &f->document_id);
  g_assert_nonnull (f->document);
}

static void
set_up (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;

  f->mediator = mediator_new ("Ma Bei");
  f->id = *mabei_case_id (mabei_replica_case_new (f->mediator->replica, "A channel", now (), &error));
  g_assert_no_error (error);
  f->document = write_document (f->mediator, the_space (f->mediator, &f->id, MABEI_SPACE_JOINT), "Minutes");
  f->document_id = *mabei_document_id (f->document);
}

static void
tear_down (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  person_free (f->mediator);
}

static guint
n_changes (Fixture *f)
{
  return mabei_graph_n_complete (mabei_space_graph (mabei_document_space (f->document)));
}

static guint64
tick (Fixture *f, guint64 at_ms)
{
  g_autoptr (GError) error = NULL;
  guint64 next = 1;

  g_assert_true (mabei_replica_tick (f->mediator->replica, at_ms, &next, &error));
  g_assert_no_error (error);
  return next;
}

static void
edit_at (Fixture *f, guint64 at_ms, guint position, guint remove, const char *insert)
{
  g_autoptr (GError) error = NULL;

  mabei_replica_edit (f->mediator->replica, f->document, position, remove, insert, at_ms, &error);
  g_assert_no_error (error);
}

/* What is due when: 100 ms journal, 250 ms after the last key or 1000 ms after the first a change. */
static void
test_times (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  guint64 start = now ();
  guint before = n_changes (f);

  g_assert_cmpuint (tick (f, start), ==, 0);
  edit_at (f, start, 0, 0, "a");
  assert_text (f->document, "a");
  g_assert_cmpuint (tick (f, start + 99), ==, start + 100);
  g_assert_cmpuint (tick (f, start + 100), ==, start + 250);
  edit_at (f, start + 200, 1, 0, "b");
  g_assert_cmpuint (tick (f, start + 250), ==, start + 300);
  g_assert_cmpuint (tick (f, start + 300), ==, start + 450);
  g_assert_cmpuint (n_changes (f), ==, before);
  g_assert_cmpuint (tick (f, start + 450), ==, 0);
  g_assert_cmpuint (n_changes (f), ==, before + 1);

  start += 10000;
  for (guint i = 0; i < 10; i++) {
    edit_at (f, start + 100 * i, 0, 0, "c");
    tick (f, start + 100 * i);
  }
  g_assert_cmpuint (n_changes (f), ==, before + 1);
  tick (f, start + 999);
  g_assert_cmpuint (n_changes (f), ==, before + 1);
  g_assert_cmpuint (tick (f, start + 1000), ==, 0);
  g_assert_cmpuint (n_changes (f), ==, before + 2);
  assert_text (f->document, "ccccccccccab");
}

/* Somebody sets the clock back an hour in the middle of a word. */
static void
test_clock_set_back (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  guint64 start = now ();

  edit_at (f, start, 0, 0, "word");
  g_assert_cmpuint (tick (f, start - 3600000), ==, 0);
  assert_text (f->document, "word");
}

static void
test_close_and_flush (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  guint before = n_changes (f);

  type_text (f->mediator, f->document, 0, "sealed by flush");
  g_assert_true (mabei_replica_flush (f->mediator->replica, now (), &error));
  g_assert_cmpuint (n_changes (f), ==, before + 1);
  g_assert_true (mabei_replica_flush (f->mediator->replica, now (), &error));
  g_assert_cmpuint (n_changes (f), ==, before + 1);
  type_text (f->mediator, f->document, 0, "sealed by closing, ");
  person_reopen (f->mediator);
  find_document (f);
  assert_text (f->document, "sealed by closing, sealed by flush");
}

/* A commit, an invitation and a foreign change seal first. */
static void
test_sealed_before (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (Person) zhang = person_new ("Zhang San");
  admit (f->mediator, &f->id, zhang, MABEI_ROLE_PARTY);
  guint before;

  sync_both (f->mediator, zhang, &f->id);
  before = n_changes (f);
  type_text (f->mediator, f->document, 0, "Minutes: ");
  post (f->mediator, mabei_document_space (f->document), "see the minutes");
  g_assert_cmpuint (n_changes (f), ==, before + 2);
  type_text (f->mediator, f->document, 9, "we met.");
  type_text (zhang, mabei_case_document (the_case (zhang, &f->id), &f->document_id), 0, "Zhang was here. ");
  mabei_replica_flush (zhang->replica, now (), NULL);
  send_all (zhang, f->mediator, &f->id, MABEI_SOURCE_PEER);
  g_assert_false (mabei_document_has_burst (f->document));
  sync_both (f->mediator, zhang, &f->id);
  assert_same (f->mediator, zhang, &f->id);
}

static void
test_large_paste (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GString) paste = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  guint before = n_changes (f);

  for (guint i = 0; i < 30000; i++)
    g_string_append (paste, "调解");
  type_text (f->mediator, f->document, 0, "[]");
  edit_at (f, now (), 1, 0, paste->str);
  mabei_replica_flush (f->mediator->replica, now (), NULL);
  g_assert_cmpuint (n_changes (f), >, before + 4);
  g_assert_cmpuint (mabei_text_length (mabei_document_text (f->document)), ==, 60002);
  person_reopen (f->mediator);
  find_document (f);
  {
    g_autofree char *expected = g_strdup_printf ("[%s]", paste->str);
    assert_text (f->document, expected);
  }
  /* And away with all of it. */
  edit_at (f, now (), 1, 60000, "gone");
  assert_text (f->document, "[gone]");
  person_reopen (f->mediator);
  find_document (f);
  assert_text (f->document, "[gone]");
  g_assert_true (mabei_replica_check (f->mediator->replica, &error));
  g_assert_no_error (error);
}

static void
test_bad_edits (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  static const struct {
    guint position;
    guint remove;
    const char *insert;
  } bad[] = {{5, 0, "x"}, {0, 5, "x"}, {4, 1, ""}, {G_MAXUINT, 1, "x"}, {1, G_MAXUINT, "x"}, {0, 0, "\xff"}};

  type_text (f->mediator, f->document, 0, "four");
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_false (mabei_replica_edit (f->mediator->replica, f->document, bad[i].position, bad[i].remove,
                                        bad[i].insert, now (), &error));
    g_assert_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_FORMAT);
    assert_text (f->document, "four");
  }
}

static void
test_longest_document (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *longest = g_strnfill (MABEI_LIMIT_DOCUMENT_CHARACTERS, 'x');
  g_autoptr (GError) error = NULL;

  edit_at (f, now (), 0, 0, longest);
  g_assert_false (mabei_replica_edit (f->mediator->replica, f->document, 0, 0, "y", now (), &error));
  g_assert_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_TOO_LARGE);
  edit_at (f, now (), 0, 1, "y");
  g_assert_cmpuint (mabei_text_length (mabei_document_text (f->document)), ==, MABEI_LIMIT_DOCUMENT_CHARACTERS);
}

static void
test_undo (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;

  type_text (f->mediator, f->document, 0, "first ");
  mabei_replica_flush (f->mediator->replica, now (), NULL);
  type_text (f->mediator, f->document, 6, "second");
  g_assert_true (mabei_replica_undo (f->mediator->replica, f->document, now (), &error));
  assert_text (f->document, "first ");
  g_assert_true (mabei_replica_undo (f->mediator->replica, f->document, now (), &error));
  assert_text (f->document, "");
  g_assert_false (mabei_replica_undo (f->mediator->replica, f->document, now (), &error));
  g_assert_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_NOT_FOUND);
  person_reopen (f->mediator);
  find_document (f);
  assert_text (f->document, "");
}

/* What @act does in a process that ends in the middle of it all. */
static void
in_a_process (Fixture *f, void (*act) (Fixture *f))
{
  int status;
  pid_t child;

  person_close (f->mediator);
  child = fork ();
  if (child == 0) {
    person_open (f->mediator);
    find_document (f);
    act (f);
    _exit (0);
  }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
  person_open (f->mediator);
  find_document (f);
}

static void
act_journal (Fixture *f)
{
  guint64 start = now ();

  edit_at (f, start, 0, 0, "kept in the journal");
  edit_at (f, start + 50, 0, 4, "KEPT");
  tick (f, start + 100);
  edit_at (f, start + 150, 0, 0, "lost ");
}

static void
test_crash_with_journal (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  guint before = n_changes (f);

  in_a_process (f, act_journal);
  assert_text (f->document, "KEPT in the journal");
  g_assert_cmpuint (n_changes (f), ==, before + 1);
  g_assert_false (mabei_document_has_burst (f->document));
  person_reopen (f->mediator); /* and only once */
  find_document (f);
  assert_text (f->document, "KEPT in the journal");
  g_assert_cmpuint (n_changes (f), ==, before + 1);
  g_assert_true (mabei_replica_check (f->mediator->replica, &error));
  g_assert_no_error (error);
}

static void
act_sealed (Fixture *f)
{
  guint64 start = now ();

  edit_at (f, start, 0, 0, "once");
  tick (f, start + 100);
  tick (f, start + 300);
}

/* The burst was journaled, then sealed, then the end came: it is there once. */
static void
test_crash_after_seal (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  in_a_process (f, act_sealed);
  assert_text (f->document, "once");
}

static void
act_two_documents (Fixture *f)
{
  MabeiSpace *joint = mabei_document_space (f->document);
  MabeiDocument *other = write_document (f->mediator, joint, "Agreement");
  guint64 start = now ();

  edit_at (f, start, 0, 0, "one");
  mabei_replica_edit (f->mediator->replica, other, 0, 0, "two", start, NULL);
  tick (f, start + 100);
}

static void
act_one_sealed (Fixture *f)
{
  MabeiDocument *other = write_document (f->mediator, mabei_document_space (f->document), "Agreement");
  guint64 start = now ();

  edit_at (f, start, 0, 0, "one");
  tick (f, start + 100);
  mabei_replica_edit (f->mediator->replica, other, 0, 0, "two", start + 200, NULL);
  tick (f, start + 260); /* seals the first; the journal, written with it, has the second */
}

static void
test_crash_with_one_sealed (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GPtrArray) documents = NULL;

  in_a_process (f, act_one_sealed);
  documents = mabei_space_documents (mabei_document_space (f->document));
  assert_text (g_ptr_array_index (documents, 0), "one");
  assert_text (g_ptr_array_index (documents, 1), "two");
}

static void
test_crash_in_two_documents (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GPtrArray) documents = NULL;

  in_a_process (f, act_two_documents);
  documents = mabei_space_documents (mabei_document_space (f->document));
  g_assert_cmpuint (documents->len, ==, 2);
  assert_text (g_ptr_array_index (documents, 0), "one");
  assert_text (g_ptr_array_index (documents, 1), "two");
}

/* Typing goes on with a full disk until something has to be kept; then the error is told, again and again, and when
 * there is room everything typed is stored. */
static void
test_full_disk (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  guint64 start = now ();
  guint64 next = 0;
  guint before = n_changes (f);

  edit_at (f, start, 0, 0, "typed");
  support_disk_limit (4096);
  g_assert_false (mabei_replica_tick (f->mediator->replica, start + 100, &next, &error));
  assert_store_error (error, MABEI_STORE_ERROR_FULL);
  g_clear_error (&error);
  g_assert_cmpuint (next, >, start + 100);
  g_assert_false (mabei_replica_tick (f->mediator->replica, start + 300, &next, &error));
  assert_store_error (error, MABEI_STORE_ERROR_FULL);
  g_clear_error (&error);
  g_assert_false (mabei_replica_edit (f->mediator->replica, f->document, 5, 0, " more", start + 400, &error));
  assert_store_error (error, MABEI_STORE_ERROR_FULL);
  g_clear_error (&error);
  assert_text (f->document, "typed");
  g_assert_cmpuint (n_changes (f), ==, before);
  support_disk_limit (0);
  edit_at (f, start + 500, 5, 0, " more");
  g_assert_cmpuint (n_changes (f), ==, before + 1);
  person_reopen (f->mediator);
  find_document (f);
  assert_text (f->document, "typed more");
}

static void
act_full (Fixture *f)
{
  guint64 start = now ();

  edit_at (f, start, 0, 0, "kept");
  tick (f, start + 100);
  support_disk_limit (4096);
}

/* The disk is full at the next start as well: the profile opens, the text is there, and it is sealed when there is
 * room. */
static void
test_open_on_full_disk (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;

  in_a_process (f, act_full);
  assert_text (f->document, "kept");
  person_close (f->mediator);
  {
    int status;
    pid_t child = fork ();
    if (child == 0) {
      person_open (f->mediator);
      find_document (f);
      edit_at (f, now (), 4, 0, " twice");
      tick (f, now () - 900);
      _exit (0);
    }
    g_assert_cmpint (waitpid (child, &status, 0), ==, child);
    g_assert_cmpint (status, ==, 0);
  }
  support_disk_limit (4096);
  person_open (f->mediator);
  find_document (f);
  assert_text (f->document, "kept twice");
  g_assert_true (mabei_document_has_burst (f->document));
  support_disk_limit (0);
  g_assert_true (mabei_replica_flush (f->mediator->replica, now (), &error));
  g_assert_false (mabei_document_has_burst (f->document));
  person_reopen (f->mediator);
  find_document (f);
  assert_text (f->document, "kept twice");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
#define ADD(name, function) g_test_add ("/store/typing/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("times", test_times);
  ADD ("clock-set-back", test_clock_set_back);
  ADD ("close-and-flush", test_close_and_flush);
  ADD ("sealed-before", test_sealed_before);
  ADD ("large-paste", test_large_paste);
  ADD ("bad-edits", test_bad_edits);
  ADD ("longest-document", test_longest_document);
  ADD ("undo", test_undo);
  ADD ("crash-with-journal", test_crash_with_journal);
  ADD ("crash-after-seal", test_crash_after_seal);
  ADD ("crash-with-one-sealed", test_crash_with_one_sealed);
  ADD ("crash-in-two-documents", test_crash_in_two_documents);
  ADD ("full-disk", test_full_disk);
  ADD ("open-on-full-disk", test_open_on_full_disk);
  return g_test_run ();
}
