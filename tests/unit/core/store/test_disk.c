/* Disks that fail: one that ends at every place of a write, a small one that is really full, one that turns read-only.
 * What was answered with success is there after a restart, what was answered with an error never happened.
 */
#include "tests/unit/core/store/people.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static gsize
file_size (Person *person, const char *name)
{
  g_autofree char *path = g_build_filename (person->folder, name, NULL);
  struct stat status;

  return stat (path, &status) == 0 ? (gsize) status.st_size : 0;
}

static gboolean
try_post (Person *person, MabeiSpace *space, const char *text, GError **error)
{
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  g_ptr_array_add (operations, mabei_operation_post (text, MABEI_LEVEL_KEEP, NULL));
  return mabei_replica_commit (person->replica, space, MABEI_KIND_CONTENT, operations, now (), NULL, error);
}

/* The disk ends 1, 2, 3 ... steps behind where the WAL ends now: the write fails in its header, its pages, its commit.
 */
static void
test_every_place (void)
{
  g_autoptr (Person) mediator = mediator_new ("Ma Bei");
  g_autoptr (GError) error = NULL;
  MabeiId id = *mabei_case_id (mabei_replica_case_new (mediator->replica, "A channel", now (), &error));
  MabeiDocument *document = write_document (mediator, the_space (mediator, &id, MABEI_SPACE_JOINT), "Minutes");
  MabeiShortId document_id = *mabei_document_id (document);
  guint n_failed = 0, n_done = 0;

  for (guint step = 0; step < 30; step++) {
    MabeiSpace *joint = the_space (mediator, &id, MABEI_SPACE_JOINT);
    gsize limit = MAX (file_size (mediator, "replica.db-wal"), 1) + step * 777;
    guint64 at_ms = now (), next;
    MabeiId memory, disk;

    document = mabei_case_document (the_case (mediator, &id), &document_id);
    support_disk_limit (limit);
    for (guint i = 0; i < 3; i++) {
      gboolean done = i == 0   ? try_post (mediator, joint, "a message", &error)
                      : i == 1 ? mabei_replica_edit (mediator->replica, document, 0, 0, "word ", at_ms, &error)
                               : mabei_replica_tick (mediator->replica, at_ms + 2000, &next, &error);
      if (!done)
        assert_store_error (error, MABEI_STORE_ERROR_FULL);
      n_failed += !done;
      n_done += done;
      g_clear_error (&error);
    }
    support_disk_limit (0);
    g_assert_true (mabei_replica_flush (mediator->replica, now (), &error));
    state_of (mediator, &id, &memory);
    person_reopen (mediator);
    state_of (mediator, &id, &disk);
    g_assert_true (mabei_id_equal (&memory, &disk));
  }
  g_test_message ("%u writes failed, %u went through", n_failed, n_done);
  g_assert_cmpuint (n_failed, >, 5);
  g_assert_cmpuint (n_done, >, 5);
  g_assert_true (mabei_replica_check (mediator->replica, &error));
}

/* What a child does in its own mount namespace, with a file system of @options at the folder. */
static gboolean
on_own_disk (const char *folder, const char *options, void (*act) (const char *folder))
{
  int status;
  pid_t child = fork ();

  if (child == 0) {
    if (unshare (CLONE_NEWNS) < 0 || mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount ("tmpfs", folder, "tmpfs", 0, options) < 0)
      _exit (77);
    act (folder);
    _exit (0);
  }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  if (WEXITSTATUS (status) == 77)
    return FALSE;
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  return TRUE;
}

static void
fill_disk (const char *folder)
{
  g_autofree char *profile = g_build_filename (folder, "profile", NULL);
  g_autofree char *text = g_strnfill (9000, 'x');
  g_autoptr (Person) mediator = mediator_new ("Ma Bei");
  g_autoptr (GError) error = NULL;
  MabeiId id, before, after;
  guint n = 0;

  /* Move in: the profile that was made elsewhere is not used. */
  person_close (mediator);
  g_free (mediator->folder);
  mediator->folder = g_steal_pointer (&profile);
  g_assert_true (
      mabei_replica_create (mediator->folder, "Ma Bei", mediator->passphrase, MABEI_KDF_INTERACTIVE, &error));
  person_open (mediator);
  {
    g_autoptr (MabeiDeviceKey) court = mabei_device_key_new ();
    g_autoptr (GBytes) credential = court_credential (court, mediator, MABEI_RIGHT_OPEN_CASES);
    g_assert_true (mabei_replica_import_credential (mediator->replica, credential, &error));
  }
  id = *mabei_case_id (mabei_replica_case_new (mediator->replica, "A channel", now (), &error));
  while (n < 1000) {
    state_of (mediator, &id, &before);
    if (!try_post (mediator, the_space (mediator, &id, MABEI_SPACE_JOINT), text, &error))
      break;
    n++;
  }
  assert_store_error (error, MABEI_STORE_ERROR_FULL);
  g_clear_error (&error);
  state_of (mediator, &id, &after);
  g_assert_true (mabei_id_equal (&before, &after));
  person_reopen (mediator); /* on the full disk */
  state_of (mediator, &id, &after);
  g_assert_true (mabei_id_equal (&before, &after));
  g_assert_cmpuint (n, >, 10);

  g_assert_cmpint (mount ("tmpfs", folder, "tmpfs", MS_REMOUNT, "size=8m"), ==, 0);
  g_assert_true (try_post (mediator, the_space (mediator, &id, MABEI_SPACE_JOINT), text, &error));
}

static void
test_full (void)
{
  char *folder = support_folder_new ();

  if (!on_own_disk (folder, "size=1m", fill_disk))
    g_test_skip ("no mount namespace here");
  support_folder_remove (folder);
}

static void
turn_read_only (const char *folder)
{
  g_autofree char *profile = g_build_filename (folder, "profile", NULL);
  g_autofree char *other = g_build_filename (folder, "other", NULL);
  g_autoptr (MabeiSecret) passphrase = support_passphrase ("words");
  g_autoptr (GError) error = NULL;

  g_assert_true (mabei_replica_create (profile, "Zhang San", passphrase, MABEI_KDF_INTERACTIVE, &error));
  g_assert_cmpint (mount ("tmpfs", folder, "tmpfs", MS_REMOUNT | MS_RDONLY, NULL), ==, 0);
  g_assert_null (mabei_replica_open (profile, passphrase, &error));
  assert_store_error (error, MABEI_STORE_ERROR_READ_ONLY);
  g_clear_error (&error);
  g_assert_false (mabei_replica_create (other, "Zhang San", passphrase, MABEI_KDF_INTERACTIVE, &error));
  assert_store_error (error, MABEI_STORE_ERROR_READ_ONLY);
}

static void
test_read_only (void)
{
  char *folder = support_folder_new ();

  if (!on_own_disk (folder, "size=4m", turn_read_only))
    g_test_skip ("no mount namespace here");
  support_folder_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  g_test_add_func ("/store/disk/every-place", test_every_place);
  g_test_add_func ("/store/disk/full", test_full);
  g_test_add_func ("/store/disk/read-only", test_read_only);
  return g_test_run ();
}
