/* The key file: what goes in comes out under the same passphrase, and nothing else opens it. */
#include "tests/unit/core/store/support.h"

#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
  char *folder;
  char *path;
  MabeiKeys *keys;
  MabeiSecret *passphrase;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;

  f->folder = support_folder_new ();
  f->path = g_build_filename (f->folder, "key", NULL);
  f->keys = mabei_keys_new ();
  f->passphrase = support_passphrase ("seven horses");
  g_assert_true (mabei_key_file_write (f->path, f->keys, f->passphrase, MABEI_KDF_INTERACTIVE, &error));
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  support_folder_remove (f->folder);
  g_free (f->path);
  mabei_keys_free (f->keys);
  mabei_secret_unref (f->passphrase);
}

static void
assert_read_fails (Fixture *f, MabeiSecret *passphrase, MabeiStoreError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (mabei_key_file_read (f->path, passphrase, &error));
  assert_store_error (error, (int) code);
}

static void
test_round_trip (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MabeiKeys) back = mabei_key_file_read (f->path, f->passphrase, &error);
  struct stat status;

  g_assert_no_error (error);
  g_assert_true (mabei_short_id_equal (mabei_device_key_id (back->device), mabei_device_key_id (f->keys->device)));
  g_assert_true (mabei_secret_equal (mabei_device_key_seed (back->device), mabei_device_key_seed (f->keys->device)));
  g_assert_true (mabei_secret_equal (back->database_key, f->keys->database_key));
  g_assert_true (mabei_secret_equal (back->inbox_seed, f->keys->inbox_seed));
  g_assert_true (mabei_short_id_equal (&back->person, &f->keys->person));
  g_assert_cmpint (stat (f->path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
}

static void
test_moderate (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MabeiKeys) back = NULL;

  g_assert_true (mabei_key_file_write (f->path, f->keys, f->passphrase, MABEI_KDF_MODERATE, &error));
  back = mabei_key_file_read (f->path, f->passphrase, &error);
  g_assert_no_error (error);
  g_assert_true (mabei_secret_equal (back->database_key, f->keys->database_key));
}

static void
test_nothing_readable (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  const MabeiDevicePublic *public = mabei_device_key_public (f->keys->device);

  g_assert_true (support_folder_holds (f->folder, "MABEIKEY", 8)); /* the search does find what is there */
  g_assert_false (support_folder_holds (f->folder, f->keys->person.bytes, 16));
  g_assert_false (support_folder_holds (f->folder, mabei_secret_data (f->keys->database_key), 8));
  g_assert_false (support_folder_holds (f->folder, mabei_device_key_id (f->keys->device)->bytes, 8));
  g_assert_false (support_folder_holds (f->folder, public->sign_key, 8));
  g_assert_false (support_folder_holds (f->folder, "seven", 5));
}

static void
test_wrong_passphrase (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (MabeiSecret) other = support_passphrase ("seven horse");
  g_autoptr (GBytes) before = support_file_read (f->path);
  g_autoptr (GBytes) after = NULL;

  assert_read_fails (f, other, MABEI_STORE_ERROR_WRONG_KEY);
  after = support_file_read (f->path);
  g_assert_true (g_bytes_equal (before, after));
}

/* Every byte spoiled, and every length: an error, never keys. Only what the checksum lets through costs Argon2id. */
static void
test_damage (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GBytes) whole = support_file_read (f->path);
  gsize length = g_bytes_get_size (whole);

  for (gsize at = 0; at < length; at++) {
    g_autoptr (GError) error = NULL;

    support_file_flip (f->path, at, (guint8) (1u << (at % 8)));
    g_assert_null (mabei_key_file_read (f->path, f->passphrase, &error));
    g_assert_true (g_error_matches (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_DAMAGED) ||
                   (at <= 8 && g_error_matches (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_FORMAT)));
    support_file_write (f->path, g_bytes_get_data (whole, NULL), length);
  }
  for (gsize size = 0; size < length; size++) {
    support_file_write (f->path, g_bytes_get_data (whole, NULL), size);
    assert_read_fails (f, f->passphrase, size < 9 ? MABEI_STORE_ERROR_FORMAT : MABEI_STORE_ERROR_DAMAGED);
  }
  {
    g_autofree guint8 *longer = g_malloc0 (length + 1);
    memcpy (longer, g_bytes_get_data (whole, NULL), length);
    support_file_write (f->path, longer, length + 1);
    assert_read_fails (f, f->passphrase, MABEI_STORE_ERROR_DAMAGED);
  }
}

static void
test_other_format (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;

  support_file_flip (f->path, 0, 1 ^ 7);
  g_assert_null (mabei_key_file_read (f->path, f->passphrase, &error));
  assert_store_error (error, MABEI_STORE_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "made by another version of Mabei: format 7; this one reads 1"));
}

/* Somebody who may write the file asks for 1 TiB or four thousand million rounds, with a fitting checksum. */
static void
test_hostile_parameters (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  static const struct {
    gsize at;
    guint32 value;
    MabeiStoreError code;
  } cases[] = {
      {10, 0, MABEI_STORE_ERROR_FORMAT},          {10, 9, MABEI_STORE_ERROR_FORMAT},
      {10, 0xffffffff, MABEI_STORE_ERROR_FORMAT}, {14, 8 * 1024 - 1, MABEI_STORE_ERROR_FORMAT},
      {14, 1u << 30, MABEI_STORE_ERROR_FORMAT},   {14, 1024 * 1024 + 1, MABEI_STORE_ERROR_FORMAT},
      {10, 1, MABEI_STORE_ERROR_WRONG_KEY},       {14, 8 * 1024, MABEI_STORE_ERROR_WRONG_KEY},
  };
  g_autoptr (GBytes) whole = support_file_read (f->path);
  gsize length = g_bytes_get_size (whole);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree guint8 *copy = g_memdup2 (g_bytes_get_data (whole, NULL), length);

    for (guint byte = 0; byte < 4; byte++)
      copy[cases[i].at + byte] = (guint8) (cases[i].value >> (8 * byte));
    crypto_generichash (copy + length - 16, 16, copy, length - 16, NULL, 0);
    support_file_write (f->path, copy, length);
    assert_read_fails (f, f->passphrase, cases[i].code);
  }
}

static void
test_foreign (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *real = g_build_filename (f->folder, "real", NULL);
  g_autoptr (GError) error = NULL;

  support_file_write (f->path, "a shopping list, rather long: bread, salt, tea and so on", 56);
  assert_read_fails (f, f->passphrase, MABEI_STORE_ERROR_FORMAT);

  g_assert_cmpint (g_unlink (f->path), ==, 0);
  assert_read_fails (f, f->passphrase, MABEI_STORE_ERROR_NOT_FOUND);

  support_file_write (real, "not to be touched", 17);
  g_assert_cmpint (symlink (real, f->path), ==, 0);
  assert_read_fails (f, f->passphrase, MABEI_STORE_ERROR_READ_ONLY);
  g_assert_false (mabei_key_file_write (f->path, f->keys, f->passphrase, MABEI_KDF_INTERACTIVE, &error));
  assert_store_error (error, MABEI_STORE_ERROR_READ_ONLY);
  {
    g_autoptr (GBytes) kept = support_file_read (real);
    g_assert_cmpmem (g_bytes_get_data (kept, NULL), g_bytes_get_size (kept), "not to be touched", 17);
  }
  g_assert_cmpint (g_unlink (f->path), ==, 0);
  g_assert_cmpint (g_mkdir (f->path, 0700), ==, 0);
  assert_read_fails (f, f->passphrase, MABEI_STORE_ERROR_FORMAT);
}

static void
test_other_owner (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  if (geteuid () != 0) {
    g_test_skip ("only root can give a file away");
    return;
  }
  g_assert_cmpint (chown (f->path, 12345, 12345), ==, 0);
  assert_read_fails (f, f->passphrase, MABEI_STORE_ERROR_READ_ONLY);
}

static void
test_full_disk (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (MabeiSecret) other = support_passphrase ("new words");
  g_autoptr (GError) error = NULL;
  g_autoptr (MabeiKeys) back = NULL;

  support_disk_limit (64);
  g_assert_false (mabei_key_file_write (f->path, f->keys, other, MABEI_KDF_INTERACTIVE, &error));
  support_disk_limit (0);
  assert_store_error (error, MABEI_STORE_ERROR_FULL);
  g_clear_error (&error);
  back = mabei_key_file_read (f->path, f->passphrase, &error);
  g_assert_no_error (error);
  g_assert_nonnull (back);
}

/* A power cut between writing and renaming leaves the new file beside: the next writing takes its place. */
static void
test_left_over (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *fresh = g_strconcat (f->path, ".new", NULL);
  g_autoptr (MabeiSecret) other = support_passphrase ("new words");
  g_autoptr (MabeiKeys) back = NULL;
  g_autoptr (GError) error = NULL;

  support_file_write (fresh, "half", 4);
  back = mabei_key_file_read (f->path, f->passphrase, &error);
  g_assert_no_error (error);
  g_assert_nonnull (back);
  g_assert_true (mabei_key_file_write (f->path, f->keys, other, MABEI_KDF_INTERACTIVE, &error));
  g_assert_no_error (error);
  g_assert_false (g_file_test (fresh, G_FILE_TEST_EXISTS));
  assert_read_fails (f, f->passphrase, MABEI_STORE_ERROR_WRONG_KEY);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
#define ADD(name, function) g_test_add ("/store/key-file/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("round-trip", test_round_trip);
  ADD ("moderate", test_moderate);
  ADD ("nothing-readable", test_nothing_readable);
  ADD ("wrong-passphrase", test_wrong_passphrase);
  ADD ("damage", test_damage);
  ADD ("other-format", test_other_format);
  ADD ("hostile-parameters", test_hostile_parameters);
  ADD ("foreign", test_foreign);
  ADD ("other-owner", test_other_owner);
  ADD ("full-disk", test_full_disk);
  ADD ("left-over", test_left_over);
  return g_test_run ();
}
