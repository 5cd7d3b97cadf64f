/* The store: what is durable, what is refused, what shows on disk. */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "sync/hub/store.h"
#include "tests/unit/sync/hub/fixture.h"

static const guint8 device[32] = {1};

static MabeiHubStore *
store_open (Fixture *place)
{
  g_autoptr (GError) error = NULL;
  MabeiHubStore *store = mabei_hub_store_open (place->store, TRUE, &error);
  g_assert_no_error (error);
  return store;
}

static void
create (MabeiHubStore *store, MabeiMailboxKeys *keys)
{
  g_assert_true (mabei_hub_store_create (store, mabei_mailbox_keys_read_key (keys), mabei_mailbox_keys_write_key (keys),
                                         device, 100, 100, NULL));
}

static void
append (MabeiHubStore *store, MabeiMailboxKeys *keys, guint64 number)
{
  g_autoptr (GBytes) envelope = envelope_make (100, number);
  const guint8 signature[MABEI_SIGNATURE_BYTES] = {9};
  MabeiHubMailboxRow row;
  MabeiId digest;
  mabei_hash ("hub-envelope", &digest, g_bytes_get_data (envelope, NULL), g_bytes_get_size (envelope), NULL);
  g_assert_true (mabei_hub_store_find (store, mabei_mailbox_keys_id (keys), &row, NULL));
  g_assert_true (mabei_hub_store_append (store, &row, &digest, envelope, signature, NULL));
}

static gboolean
count (guint64 position, const guint8 *envelope, gsize length, const guint8 *signature, gpointer user_data)
{
  guint64 *last = user_data;
  g_assert_nonnull (envelope);
  g_assert_true (mabei_envelope_size_is_valid (length));
  g_assert_cmpuint (signature[0], ==, 9);
  g_assert_cmpuint (position, ==, *last + 1);
  *last = position;
  return TRUE;
}

static guint64
read_all (MabeiHubStore *store, MabeiMailboxKeys *keys)
{
  MabeiHubMailboxRow row;
  guint64 last = 0;
  g_assert_true (mabei_hub_store_find (store, mabei_mailbox_keys_id (keys), &row, NULL));
  g_assert_true (mabei_hub_store_read (store, row.number, 0, G_MAXUINT64, count, &last, NULL));
  return last;
}

static void
test_what_was_committed_is_there_again (void)
{
  g_autoptr (Fixture) place = fixture_new ();
  g_autoptr (MabeiMailboxKeys) keys = mailbox_make (1);
  MabeiShortId epoch;
  guint8 key[32];
  {
    g_autoptr (MabeiHubStore) store = store_open (place);
    epoch = *mabei_hub_store_epoch (store);
    memcpy (key, mabei_device_key_public (mabei_hub_store_key (store))->sign_key, 32);
    create (store, keys);
    append (store, keys, 1);
    append (store, keys, 2);
    g_assert_true (mabei_hub_store_commit (store, NULL));
    append (store, keys, 3); /* and the power goes */
  }
  g_autoptr (MabeiHubStore) store = store_open (place);
  g_assert_true (mabei_short_id_equal (&epoch, mabei_hub_store_epoch (store)));
  g_assert_cmpmem (key, 32, mabei_device_key_public (mabei_hub_store_key (store))->sign_key, 32);
  g_assert_cmpuint (read_all (store, keys), ==, 2);
  append (store, keys, 4);
  g_assert_true (mabei_hub_store_commit (store, NULL));
  g_assert_cmpuint (read_all (store, keys), ==, 3);
}

static void
test_one_process_a_store (void)
{
  g_autoptr (Fixture) place = fixture_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (MabeiHubStore) store = store_open (place);
  g_assert_nonnull (store);
  g_assert_null (mabei_hub_store_open (place->store, TRUE, &error));
  g_assert_error (error, MABEI_HUB_ERROR, MABEI_HUB_ERROR_BUSY);
}

static void
expect_no_store (Fixture *place, const char *content, gsize length, MabeiHubError code)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *after = NULL;
  gsize after_length = 0;
  g_assert_true (g_file_set_contents (place->store, content, (gssize) length, NULL));
  g_assert_null (mabei_hub_store_open (place->store, TRUE, &error));
  g_assert_error (error, MABEI_HUB_ERROR, (int) code);
  g_assert_null (strchr (error->message, '\n'));
  /* What is not ours is not touched. */
  g_assert_true (g_file_get_contents (place->store, &after, &after_length, NULL));
  g_assert_cmpmem (after, after_length, content, length);
}

static void
test_files_that_are_no_store (void)
{
  g_autoptr (Fixture) place = fixture_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *page = g_strnfill (8192, 'x');
  g_autofree char *nowhere = g_build_filename (place->folder, "no", "such", "folder", NULL);

  expect_no_store (place, "certainly not a database", 24, MABEI_HUB_ERROR_DAMAGED);
  expect_no_store (place, page, 8192, MABEI_HUB_ERROR_DAMAGED);
  g_assert_null (mabei_hub_store_open (nowhere, TRUE, &error));
  g_assert_error (error, MABEI_HUB_ERROR, MABEI_HUB_ERROR_FAILED);
  g_clear_error (&error);
  g_unlink (place->store);
  g_assert_null (mabei_hub_store_open (place->store, FALSE, &error));
  g_assert_error (error, MABEI_HUB_ERROR, MABEI_HUB_ERROR_FAILED);
  g_assert_false (g_file_test (place->store, G_FILE_TEST_EXISTS));
}

static void
test_every_cut_of_the_file_is_an_error_or_a_store (void)
{
  g_autoptr (Fixture) place = fixture_new ();
  g_autoptr (MabeiMailboxKeys) keys = mailbox_make (1);
  g_autofree char *content = NULL;
  gsize length = 0;
  {
    g_autoptr (MabeiHubStore) store = store_open (place);
    create (store, keys);
    for (guint i = 0; i < 20; i++)
      append (store, keys, i);
    g_assert_true (mabei_hub_store_commit (store, NULL));
  }
  g_assert_true (g_file_get_contents (place->store, &content, &length, NULL));
  for (gsize cut = 1; cut < length; cut += 997) {
    g_autoptr (GError) error = NULL;
    g_assert_true (g_file_set_contents (place->store, content, (gssize) cut, NULL));
    g_autoptr (MabeiHubStore) store = mabei_hub_store_open (place->store, TRUE, &error);
    g_assert_true ((store == NULL) == (error != NULL));
  }
}

static void
test_limits_of_mailboxes (void)
{
  g_autoptr (Fixture) place = fixture_new ();
  g_autoptr (MabeiHubStore) store = store_open (place);
  const guint8 devices[3][32] = {{1}, {2}, {3}};
  const struct {
    guint device;
    guint64 mailbox;
    gboolean fits;
  } steps[] = {{0, 1, TRUE}, {0, 2, TRUE}, {0, 3, FALSE}, {0, 1, TRUE}, {1, 3, TRUE}, {2, 4, FALSE}, {2, 3, TRUE}};

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++) {
    g_autoptr (MabeiMailboxKeys) keys = mailbox_make (steps[i].mailbox);
    g_autoptr (GError) error = NULL;
    gboolean made =
        mabei_hub_store_create (store, mabei_mailbox_keys_read_key (keys), mabei_mailbox_keys_write_key (keys),
                                devices[steps[i].device], 3, 2, &error);
    g_assert_cmpint (made, ==, steps[i].fits);
    if (!made)
      g_assert_error (error, MABEI_HUB_ERROR, MABEI_HUB_ERROR_FULL);
  }
}

static void
test_backup_is_a_store_with_its_own_epoch (void)
{
  g_autoptr (Fixture) place = fixture_new ();
  g_autoptr (MabeiMailboxKeys) keys = mailbox_make (1);
  g_autofree char *copy = g_build_filename (place->folder, "copy.db", NULL);
  g_autoptr (GError) error = NULL;
  MabeiHubStoreCounts counts;
  struct stat info;
  g_autoptr (MabeiHubStore) store = store_open (place);

  create (store, keys);
  append (store, keys, 1);
  g_assert_true (mabei_hub_store_backup (store, copy, &error));
  g_assert_no_error (error);
  g_assert_false (mabei_hub_store_backup (store, copy, &error)); /* never over something */
  g_assert_error (error, MABEI_HUB_ERROR, MABEI_HUB_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_cmpint (g_stat (copy, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 0777, ==, 0600);
  append (store, keys, 2);

  g_autoptr (MabeiHubStore) restored = mabei_hub_store_open (copy, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (read_all (restored, keys), ==, 1);
  g_assert_false (mabei_short_id_equal (mabei_hub_store_epoch (restored), mabei_hub_store_epoch (store)));
  g_assert_cmpmem (mabei_device_key_public (mabei_hub_store_key (restored))->sign_key, 32,
                   mabei_device_key_public (mabei_hub_store_key (store))->sign_key, 32);
  g_assert_true (mabei_hub_store_counts (restored, &counts, NULL));
  g_assert_cmpuint (counts.mailboxes, ==, 1);
  g_assert_cmpuint (counts.records, ==, 1);
  g_assert_true (mabei_envelope_size_is_valid (counts.envelope_bytes)); /* of one */
}

static void
test_nobody_else_may_read_it (void)
{
  g_autoptr (Fixture) place = fixture_new ();
  g_autoptr (MabeiHubStore) store = store_open (place);
  g_assert_nonnull (store);
  const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++) {
    g_autofree char *path = g_strconcat (place->store, suffixes[i], NULL);
    struct stat info;
    g_assert_cmpint (g_stat (path, &info), ==, 0);
    g_assert_cmpuint (info.st_mode & 077, ==, 0);
  }
}

int
main (int argc, char **argv)
{
  fixture_init (&argc, &argv);
  g_test_add_func ("/hub/store/committed", test_what_was_committed_is_there_again);
  g_test_add_func ("/hub/store/one-process", test_one_process_a_store);
  g_test_add_func ("/hub/store/no-store", test_files_that_are_no_store);
  g_test_add_func ("/hub/store/cuts", test_every_cut_of_the_file_is_an_error_or_a_store);
  g_test_add_func ("/hub/store/limits", test_limits_of_mailboxes);
  g_test_add_func ("/hub/store/backup", test_backup_is_a_store_with_its_own_epoch);
  g_test_add_func ("/hub/store/mode", test_nobody_else_may_read_it);
  return g_test_run ();
}
