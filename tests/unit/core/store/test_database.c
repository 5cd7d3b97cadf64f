/* The sealed rows: what was committed comes back in order, what was not never does, and a file that somebody touched
 * is refused rather than believed. */
#include "core/store/database.h"
#include "core/store/row_seal.h"
#include "tests/unit/core/store/support.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECRET_WORD "Zhang San owes eight thousand"

typedef struct {
  char *folder;
  char *path;
  MabeiSecret *key;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  f->folder = support_folder_new ();
  f->path = g_build_filename (f->folder, "replica.db", NULL);
  f->key = mabei_secret_new_random (32);
}

static void
tear_down (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  support_folder_remove (f->folder);
  g_free (f->path);
  mabei_secret_unref (f->key);
}

static MabeiDatabase *
open_it (Fixture *f, gboolean create)
{
  g_autoptr (GError) error = NULL;
  MabeiDatabase *database = mabei_database_open (f->path, f->key, create, &error);

  g_assert_no_error (error);
  return database;
}

static void
assert_open_fails (Fixture *f, MabeiStoreError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (mabei_database_open (f->path, f->key, FALSE, &error));
  assert_store_error (error, (int) code);
}

static void
append_text (MabeiDatabase *database, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (mabei_database_append (database, text, strlen (text), NULL, &error));
  g_assert_no_error (error);
}

static void
append_committed (MabeiDatabase *database, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (mabei_database_begin (database, &error));
  append_text (database, text);
  g_assert_true (mabei_database_commit (database, &error));
  g_assert_no_error (error);
}

static gboolean
collect (gint64 row, GBytes *data, gpointer user_data, GError **error G_GNUC_UNUSED)
{
  gsize length;
  const char *text = g_bytes_get_data (data, &length);

  g_string_append_printf (user_data, "%" G_GINT64_FORMAT "=%.*s ", row, (int) length, text);
  return TRUE;
}

static void
assert_log (MabeiDatabase *database, const char *expected)
{
  g_autoptr (GString) all = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (mabei_database_each (database, collect, all, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (all->str, ==, expected);
}

static void
test_log (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  gint64 row = 0;
  MabeiDatabase *database = open_it (f, TRUE);

  assert_log (database, "");
  append_committed (database, "one");
  g_assert_true (mabei_database_begin (database, &error));
  g_assert_true (mabei_database_append (database, "two", 3, &row, &error));
  g_assert_cmpint (row, ==, 2);
  append_text (database, "");
  g_assert_true (mabei_database_commit (database, &error));
  assert_log (database, "1=one 2=two 3= ");
  mabei_database_close (database);

  database = open_it (f, FALSE);
  assert_log (database, "1=one 2=two 3= ");
  append_committed (database, "four");
  assert_log (database, "1=one 2=two 3= 4=four ");
  g_assert_true (mabei_database_check (database, &error));
  mabei_database_close (database);
}

static void
test_rollback_and_truncate (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  MabeiDatabase *database = open_it (f, TRUE);

  append_committed (database, "one");
  g_assert_true (mabei_database_begin (database, &error));
  append_text (database, "never");
  mabei_database_rollback (database);
  assert_log (database, "1=one ");
  append_committed (database, "two");
  append_committed (database, "three");
  g_assert_true (mabei_database_begin_lazy (database, &error));
  g_assert_true (mabei_database_truncate (database, 1, &error));
  append_text (database, "deux");
  g_assert_true (mabei_database_commit (database, &error));
  mabei_database_close (database);
  database = open_it (f, FALSE);
  assert_log (database, "1=one 2=deux ");
  mabei_database_close (database);
}

/* A transaction that was open when the handle was closed has not happened. */
static void
test_close_in_transaction (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  MabeiDatabase *database = open_it (f, TRUE);

  g_assert_true (mabei_database_begin (database, &error));
  append_text (database, "never");
  mabei_database_close (database);
  database = open_it (f, FALSE);
  assert_log (database, "");
  mabei_database_close (database);
}

static void
set_text (MabeiDatabase *database, const char *name, const char *value)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = value != NULL ? g_bytes_new (value, strlen (value)) : NULL;

  g_assert_true (mabei_database_begin (database, &error));
  g_assert_true (mabei_database_set (database, name, bytes, &error));
  g_assert_true (mabei_database_commit (database, &error));
  g_assert_no_error (error);
}

static void
assert_item (MabeiDatabase *database, const char *name, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) value = mabei_database_get (database, name, &error);

  g_assert_no_error (error);
  if (expected == NULL)
    g_assert_null (value);
  else
    g_assert_cmpmem (g_bytes_get_data (value, NULL), g_bytes_get_size (value), expected, strlen (expected));
}

static void
test_items (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  MabeiDatabase *database = open_it (f, TRUE);

  assert_item (database, "hub", NULL);
  set_text (database, "hub", "wss://hub.example");
  set_text (database, "empty", "");
  set_text (database, "hub", "wss://other.example");
  set_text (database, "tail", "a name that the database uses itself");
  assert_item (database, "hub", "wss://other.example");
  mabei_database_close (database);
  database = open_it (f, FALSE);
  assert_item (database, "hub", "wss://other.example");
  assert_item (database, "empty", "");
  assert_item (database, "tail", "a name that the database uses itself");
  set_text (database, "hub", NULL);
  assert_item (database, "hub", NULL);
  mabei_database_close (database);
}

static void
test_limits (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *large = g_malloc0 (MABEI_DATABASE_VALUE_BYTES + 1);
  g_autoptr (GBytes) bytes = g_bytes_new_static (large, MABEI_DATABASE_VALUE_BYTES + 1);
  g_autoptr (GBytes) fits = g_bytes_new_static (large, MABEI_DATABASE_VALUE_BYTES);
  g_autoptr (MabeiDatabase) database = open_it (f, TRUE);
  g_autoptr (GError) error = NULL;

  g_assert_true (mabei_database_begin (database, &error));
  g_assert_true (mabei_database_append (database, large, MABEI_DATABASE_VALUE_BYTES, NULL, &error));
  g_assert_true (mabei_database_set (database, "a", fits, &error));
  g_assert_false (mabei_database_append (database, large, MABEI_DATABASE_VALUE_BYTES + 1, NULL, &error));
  assert_store_error (error, MABEI_STORE_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_false (mabei_database_set (database, "a", bytes, &error));
  assert_store_error (error, MABEI_STORE_ERROR_FAILED);
}

static void
test_size_classes (void)
{
  gsize before = 0;

  g_assert_cmpuint (mabei_row_class (0), ==, 64);
  g_assert_cmpuint (mabei_row_class (63), ==, 64);
  g_assert_cmpuint (mabei_row_class (64), ==, 96);
  g_assert_cmpuint (mabei_row_class (95), ==, 96);
  g_assert_cmpuint (mabei_row_class (96), ==, 128);
  g_assert_cmpuint (mabei_row_class (65536), ==, 98304);
  for (gsize length = 0; length < 5000; length++) {
    g_assert_cmpuint (mabei_row_class (length), >, length);
    g_assert_cmpuint (mabei_row_class (length), >=, before);
    before = mabei_row_class (length);
  }
}

static void
test_nothing_readable (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *wal = g_strconcat (f->path, "-wal", NULL);
  g_autofree char *shm = g_strconcat (f->path, "-shm", NULL);
  MabeiDatabase *database = open_it (f, TRUE);
  struct stat status;

  append_committed (database, SECRET_WORD);
  set_text (database, SECRET_WORD, SECRET_WORD);
  g_assert_true (g_file_test (wal, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (shm, G_FILE_TEST_EXISTS));
  g_assert_true (support_folder_holds (f->folder, "CREATE TABLE log", 16)); /* the search does find what is there */
  g_assert_false (support_folder_holds (f->folder, "eight", 5));
  g_assert_cmpint (stat (f->path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
  g_assert_cmpint (stat (wal, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
  mabei_database_close (database);
  g_assert_false (g_file_test (wal, G_FILE_TEST_EXISTS));
  g_assert_false (support_folder_holds (f->folder, "eight", 5));
}

static void
test_busy (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (MabeiDatabase) database = open_it (f, TRUE);
  int status = 0;
  pid_t child;

  append_committed (database, "one");
  assert_open_fails (f, MABEI_STORE_ERROR_BUSY);
  child = fork ();
  if (child == 0) {
    g_autoptr (GError) error = NULL;
    MabeiDatabase *second = mabei_database_open (f->path, f->key, FALSE, &error);
    _exit (second == NULL && g_error_matches (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_BUSY) ? 0 : 1);
  }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

static void
test_wrong_key (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GBytes) before = NULL;
  g_autoptr (GBytes) after = NULL;
  MabeiDatabase *database = open_it (f, TRUE);

  append_committed (database, "one");
  mabei_database_close (database);
  before = support_file_read (f->path);
  mabei_secret_data (f->key)[5] ^= 4;
  assert_open_fails (f, MABEI_STORE_ERROR_WRONG_KEY);
  after = support_file_read (f->path);
  g_assert_true (g_bytes_equal (before, after));
}

static void
test_create_twice (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;

  mabei_database_close (open_it (f, TRUE));
  g_assert_null (mabei_database_open (f->path, f->key, TRUE, &error));
  assert_store_error (error, MABEI_STORE_ERROR_EXISTS);
  mabei_database_close (open_it (f, FALSE));
}

static void
test_missing (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  assert_open_fails (f, MABEI_STORE_ERROR_NOT_FOUND);
  g_assert_false (g_file_test (f->path, G_FILE_TEST_EXISTS));
}

/* Files that are not ours are told apart without a byte of them changing. */
static void
test_foreign (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *real = g_build_filename (f->folder, "real", NULL);
  g_autoptr (GBytes) before = NULL;
  g_autoptr (GBytes) after = NULL;
  sqlite3 *other = NULL;

  support_file_write (f->path, "", 0);
  assert_open_fails (f, MABEI_STORE_ERROR_FORMAT);
  support_file_write (f->path, "some notes", 10);
  assert_open_fails (f, MABEI_STORE_ERROR_FORMAT);
  g_assert_cmpint (g_unlink (f->path), ==, 0);

  g_assert_cmpint (sqlite3_open (f->path, &other), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (other, "CREATE TABLE log (a); PRAGMA user_version=1", NULL, NULL, NULL), ==,
                   SQLITE_OK);
  sqlite3_close (other);
  before = support_file_read (f->path);
  assert_open_fails (f, MABEI_STORE_ERROR_FORMAT);
  after = support_file_read (f->path);
  g_assert_true (g_bytes_equal (before, after));

  g_assert_cmpint (g_rename (f->path, real), ==, 0);
  g_assert_cmpint (symlink (real, f->path), ==, 0);
  assert_open_fails (f, MABEI_STORE_ERROR_READ_ONLY);
}

static void
run_sql (Fixture *f, const char *sql)
{
  sqlite3 *raw = NULL;
  char *message = NULL;

  g_assert_cmpint (sqlite3_open (f->path, &raw), ==, SQLITE_OK);
  sqlite3_exec (raw, sql, NULL, NULL, &message);
  g_assert_cmpstr (message, ==, NULL);
  sqlite3_close (raw);
}

static void
test_other_format (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;

  mabei_database_close (open_it (f, TRUE));
  run_sql (f, "PRAGMA user_version=7");
  /* In WAL mode the mark may still be in the WAL; a close brings it into the file. */
  g_assert_null (mabei_database_open (f->path, f->key, FALSE, &error));
  assert_store_error (error, MABEI_STORE_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "made by another version of Mabei: format 7; this one reads 1"));
}

static void
test_left_over_journal (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *journal = g_strconcat (f->path, "-journal", NULL);

  mabei_database_close (open_it (f, TRUE));
  support_file_write (journal, "planted", 7);
  assert_open_fails (f, MABEI_STORE_ERROR_FORMAT);
}

/* What somebody who can write the file, but has no key, may try. */
static void
test_rearranged (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  static const char *const attacks[] = {
      "UPDATE log SET row = 9 - row WHERE row < 3; UPDATE log SET row = row - 6 WHERE row > 6", /* swapped */
      "UPDATE log SET value = (SELECT value FROM log WHERE row = 1) WHERE row = 2",
      "UPDATE log SET value = (SELECT value FROM item LIMIT 1) WHERE row = 2",
      "UPDATE log SET value = x'00' WHERE row = 2",
      "UPDATE log SET value = zeroblob (300) WHERE row = 2",
      "UPDATE log SET value = 'text' WHERE row = 2",
      "DELETE FROM log WHERE row = 1",
      "DELETE FROM log WHERE row = 3",
      "DELETE FROM log",
      "INSERT INTO log SELECT 4, value FROM log WHERE row = 3",
      "UPDATE item SET value = (SELECT value FROM log WHERE row = 1)",
      "UPDATE item SET name = substr (name, 2)",
      "UPDATE item SET name = 'x' WHERE name = (SELECT max (name) FROM item)",
      "CREATE VIEW planted AS SELECT 1",
      "CREATE TRIGGER planted AFTER INSERT ON log BEGIN DELETE FROM log; END",
      "CREATE TABLE planted (a)",
      "DROP TABLE item",
  };
  g_autoptr (GBytes) whole = NULL;
  MabeiDatabase *database = open_it (f, TRUE);

  append_committed (database, "one");
  append_committed (database, "two");
  append_committed (database, "three");
  set_text (database, "hub", "here");
  mabei_database_close (database);
  whole = support_file_read (f->path);
  for (guint i = 0; i < G_N_ELEMENTS (attacks); i++) {
    g_autoptr (GError) error = NULL;

    run_sql (f, attacks[i]);
    database = mabei_database_open (f->path, f->key, FALSE, &error);
    if (database != NULL)
      g_assert_false (mabei_database_each (database, NULL, NULL, &error));
    g_test_message ("%s: %s", attacks[i], error->message);
    g_assert_true (g_error_matches (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_DAMAGED) ||
                   g_error_matches (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_WRONG_KEY));
    mabei_database_close (database);
    support_file_write (f->path, g_bytes_get_data (whole, NULL), g_bytes_get_size (whole));
  }
  database = open_it (f, FALSE);
  assert_log (database, "1=one 2=two 3=three ");
  mabei_database_close (database);
}

/* TRUE when all that was written is there; FALSE when it is refused. Anything else fails the test. */
static gboolean
whole_or_refused (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) all = g_string_new (NULL);
  g_autoptr (GBytes) item = NULL;
  g_autoptr (MabeiDatabase) database = mabei_database_open (f->path, f->key, FALSE, &error);

  if (database != NULL && mabei_database_each (database, collect, all, &error))
    item = mabei_database_get (database, "hub", &error);
  if (error != NULL) {
    g_assert_true (g_error_matches (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_DAMAGED) ||
                   g_error_matches (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_FORMAT) ||
                   g_error_matches (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_WRONG_KEY));
    return FALSE;
  }
  g_assert_cmpstr (all->str, ==, "1=one 2=two 3=three ");
  g_assert_cmpmem (g_bytes_get_data (item, NULL), g_bytes_get_size (item), "here", 4);
  return TRUE;
}

static void
test_flips_and_cuts (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GBytes) whole = NULL;
  guint refused = 0;
  guint tried = 0;
  gsize length;
  MabeiDatabase *database = open_it (f, TRUE);

  append_committed (database, "one");
  append_committed (database, "two");
  append_committed (database, "three");
  set_text (database, "hub", "here");
  mabei_database_close (database);
  whole = support_file_read (f->path);
  length = g_bytes_get_size (whole);
  for (gsize at = 0; at < length; at += (at < 120 || at % 4096 < 64 || at % 4096 > 3000) ? 3 : 41) {
    support_file_flip (f->path, at, (guint8) (1u << g_test_rand_int_range (0, 8)));
    refused += !whole_or_refused (f);
    tried++;
    support_file_write (f->path, g_bytes_get_data (whole, NULL), length);
  }
  g_test_message ("%u flips, %u refused, the rest without effect", tried, refused);
  g_assert_cmpuint (refused, >, tried / 8);
  for (gsize size = 0; size < length; size += 512) {
    support_file_write (f->path, g_bytes_get_data (whole, NULL), size);
    g_assert_false (whole_or_refused (f));
  }
}

/* As a process leaves them that ended without closing: the file and its WAL, of which a bit is changed. */
static void
test_wal_flips (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  static const char *const states[] = {"", "1=one ", "1=one 2=two ", "1=one 2=two 3=three "};
  g_autofree char *wal = g_strconcat (f->path, "-wal", NULL);
  g_autofree char *copy = g_build_filename (f->folder, "copy.db", NULL);
  g_autofree char *copy_wal = g_strconcat (copy, "-wal", NULL);
  g_autoptr (MabeiDatabase) database = open_it (f, TRUE);
  g_autoptr (GBytes) main_bytes = NULL;
  g_autoptr (GBytes) wal_bytes = NULL;
  guint found[G_N_ELEMENTS (states) + 1] = {0};
  gsize length;

  append_committed (database, "one");
  append_committed (database, "two");
  append_committed (database, "three");
  main_bytes = support_file_read (f->path);
  wal_bytes = support_file_read (wal);
  length = g_bytes_get_size (wal_bytes);
  for (gsize at = 0; at < length; at += at % 4120 < 64 ? 3 : 53) {
    g_autoptr (GString) all = g_string_new (NULL);
    g_autoptr (GError) error = NULL;
    MabeiDatabase *spoiled;
    guint state = 0;

    support_file_write (copy, g_bytes_get_data (main_bytes, NULL), g_bytes_get_size (main_bytes));
    support_file_write (copy_wal, g_bytes_get_data (wal_bytes, NULL), length);
    support_file_flip (copy_wal, at, (guint8) (1u << g_test_rand_int_range (0, 8)));
    spoiled = mabei_database_open (copy, f->key, FALSE, &error);
    if (spoiled != NULL && mabei_database_each (spoiled, collect, all, &error)) {
      while (state < G_N_ELEMENTS (states) && strcmp (states[state], all->str) != 0)
        state++;
      g_assert_cmpuint (state, <, G_N_ELEMENTS (states));
      found[state]++;
    } else {
      g_assert_nonnull (error);
      found[G_N_ELEMENTS (states)]++;
    }
    mabei_database_close (spoiled);
  }
  g_test_message ("after 0, 1, 2, 3 commits: %u, %u, %u, %u; refused: %u", found[0], found[1], found[2], found[3],
                  found[4]);
  g_assert_cmpuint (found[2], >, 0);
}

static void
test_full_disk (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *large = g_malloc0 (200000);
  g_autoptr (GError) error = NULL;
  MabeiDatabase *database = open_it (f, TRUE);

  append_committed (database, "one");
  memset (large, 'x', 199999);
  support_disk_limit (65536);
  g_assert_true (mabei_database_begin (database, &error));
  if (mabei_database_append (database, large, 199999, NULL, &error))
    g_assert_false (mabei_database_commit (database, &error));
  else
    mabei_database_rollback (database);
  support_disk_limit (0);
  assert_store_error (error, MABEI_STORE_ERROR_FULL);
  assert_log (database, "1=one ");
  append_committed (database, "two");
  mabei_database_close (database);
  database = open_it (f, FALSE);
  assert_log (database, "1=one 2=two ");
  mabei_database_close (database);
}

static void
test_create_on_full_disk (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = NULL;

  support_disk_limit (5000);
  g_assert_null (mabei_database_open (f->path, f->key, TRUE, &error));
  support_disk_limit (0);
  assert_store_error (error, MABEI_STORE_ERROR_FULL);
  dir = g_dir_open (f->folder, 0, NULL);
  g_assert_null (g_dir_read_name (dir));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  g_test_add_func ("/store/database/size-classes", test_size_classes);
#define ADD(name, function) g_test_add ("/store/database/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("log", test_log);
  ADD ("rollback-and-truncate", test_rollback_and_truncate);
  ADD ("close-in-transaction", test_close_in_transaction);
  ADD ("items", test_items);
  ADD ("limits", test_limits);
  ADD ("nothing-readable", test_nothing_readable);
  ADD ("busy", test_busy);
  ADD ("wrong-key", test_wrong_key);
  ADD ("create-twice", test_create_twice);
  ADD ("missing", test_missing);
  ADD ("foreign", test_foreign);
  ADD ("other-format", test_other_format);
  ADD ("left-over-journal", test_left_over_journal);
  ADD ("rearranged", test_rearranged);
  ADD ("flips-and-cuts", test_flips_and_cuts);
  ADD ("wal-flips", test_wal_flips);
  ADD ("full-disk", test_full_disk);
  ADD ("create-on-full-disk", test_create_on_full_disk);
  return g_test_run ();
}
