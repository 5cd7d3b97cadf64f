/* A profile and what it keeps: cases, changes, receipts, in memory and on disk the same. */
#include "tests/unit/core/store/people.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TITLE "The water channel of Shangcun"

static MabeiCase *
new_case (Person *person, MabeiId *id)
{
  g_autoptr (GError) error = NULL;
  MabeiCase *c = mabei_replica_case_new (person->replica, TITLE, now (), &error);

  g_assert_no_error (error);
  *id = *mabei_case_id (c);
  return c;
}

/* --- the profile --- */

static void
assert_open_fails (const char *folder, const char *passphrase, MabeiStoreError code)
{
  g_autoptr (MabeiSecret) secret = support_passphrase (passphrase);
  g_autoptr (GError) error = NULL;

  g_assert_null (mabei_replica_open (folder, secret, &error));
  assert_store_error (error, (int) code);
}

static void
assert_create_fails (const char *folder, MabeiStoreError code)
{
  g_autoptr (MabeiSecret) secret = support_passphrase ("words");
  g_autoptr (GError) error = NULL;

  g_assert_false (mabei_replica_create (folder, "Zhang San", secret, MABEI_KDF_INTERACTIVE, &error));
  assert_store_error (error, (int) code);
}

static void
test_create_and_open (void)
{
  g_autoptr (Person) person = person_new ("Zhang San");
  g_autofree char *slashes = g_strconcat (person->folder, "//", NULL);
  MabeiShortId device = *mabei_device_key_id (mabei_replica_keys (person->replica)->device);
  struct stat status;

  g_assert_cmpstr (mabei_replica_name (person->replica), ==, "Zhang San");
  g_assert_cmpuint (mabei_replica_cases (person->replica)->len, ==, 0);
  g_assert_cmpint (stat (person->folder, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0700);
  assert_open_fails (person->folder, "a horse, a horse", MABEI_STORE_ERROR_BUSY);
  person_reopen (person);
  g_assert_cmpstr (mabei_replica_name (person->replica), ==, "Zhang San");
  g_assert_true (mabei_short_id_equal (mabei_device_key_id (mabei_replica_keys (person->replica)->device), &device));
  person_close (person);
  assert_open_fails (person->folder, "a horse", MABEI_STORE_ERROR_WRONG_KEY);
  assert_open_fails (slashes, "a horse", MABEI_STORE_ERROR_WRONG_KEY);
  assert_create_fails (person->folder, MABEI_STORE_ERROR_EXISTS);
  assert_create_fails (slashes, MABEI_STORE_ERROR_EXISTS);
  person_open (person);
}

static void
test_name_limits (void)
{
  static const char *const bad[] = {"", "\xff\xfe"};
  char *root = support_folder_new ();
  g_autofree char *folder = g_build_filename (root, "p", NULL);
  g_autofree char *longest = g_strnfill (256, 'n');
  g_autofree char *longer = g_strnfill (257, 'n');
  g_autoptr (MabeiSecret) secret = support_passphrase ("words");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_assert_false (mabei_replica_create (folder, bad[i], secret, MABEI_KDF_INTERACTIVE, &error));
    assert_store_error (error, MABEI_STORE_ERROR_FAILED);
    g_clear_error (&error);
  }
  g_assert_false (mabei_replica_create (folder, longer, secret, MABEI_KDF_INTERACTIVE, &error));
  assert_store_error (error, MABEI_STORE_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
  g_assert_true (mabei_replica_create (folder, longest, secret, MABEI_KDF_INTERACTIVE, &error));
  support_folder_remove (root);
}

/* A folder that is not ours, or not whole, is told in one line, and nothing in it changes. */
static void
test_foreign_folders (void)
{
  char *root = support_folder_new ();
  g_autofree char *folder = g_build_filename (root, "photos", NULL);
  g_autofree char *photo = g_build_filename (folder, "horse.png", NULL);
  g_autofree char *link = g_build_filename (root, "link", NULL);
  g_autofree char *nowhere = g_build_filename (root, "nowhere", NULL);
  g_autoptr (GDir) dir = NULL;

  g_assert_cmpint (g_mkdir (folder, 0755), ==, 0);
  support_file_write (photo, "png", 3);
  assert_open_fails (nowhere, "words", MABEI_STORE_ERROR_NOT_FOUND);
  assert_open_fails (photo, "words", MABEI_STORE_ERROR_FORMAT);
  assert_open_fails (folder, "words", MABEI_STORE_ERROR_FORMAT);
  assert_create_fails (folder, MABEI_STORE_ERROR_FORMAT);
  assert_create_fails (photo, MABEI_STORE_ERROR_FORMAT);
  g_assert_cmpint (symlink (folder, link), ==, 0);
  assert_open_fails (link, "words", MABEI_STORE_ERROR_READ_ONLY);
  assert_create_fails (link, MABEI_STORE_ERROR_READ_ONLY);
  dir = g_dir_open (folder, 0, NULL);
  g_assert_cmpstr (g_dir_read_name (dir), ==, "horse.png");
  g_assert_null (g_dir_read_name (dir));
  support_folder_remove (root);
}

static void
test_other_owner (void)
{
  g_autoptr (Person) person = person_new ("Zhang San");

  if (geteuid () != 0) {
    g_test_skip ("only root can give a folder away");
    return;
  }
  person_close (person);
  g_assert_cmpint (chown (person->folder, 12345, 12345), ==, 0);
  assert_open_fails (person->folder, "a horse, a horse", MABEI_STORE_ERROR_READ_ONLY);
  g_assert_cmpint (chown (person->folder, 0, 0), ==, 0);
  person_open (person);
}

static void
test_missing_halves (void)
{
  static const char *const halves[] = {"key", "replica.db"};
  g_autoptr (Person) person = person_new ("Zhang San");

  person_close (person);
  for (guint i = 0; i < G_N_ELEMENTS (halves); i++) {
    g_autofree char *path = g_build_filename (person->folder, halves[i], NULL);
    g_autofree char *away = g_build_filename (person->root, "away", NULL);

    g_assert_cmpint (g_rename (path, away), ==, 0);
    assert_open_fails (person->folder, "a horse, a horse", MABEI_STORE_ERROR_DAMAGED);
    if (i == 0)
      assert_create_fails (person->folder, MABEI_STORE_ERROR_FORMAT);
    g_assert_cmpint (g_rename (away, path), ==, 0);
  }
  person_open (person);
}

/* Another profile's key file: a good passphrase, but keys for something else. */
static void
test_foreign_key (void)
{
  g_autoptr (Person) zhang = person_new ("Zhang San");
  g_autoptr (Person) li = person_new ("Li Si");
  g_autofree char *from = g_build_filename (li->folder, "key", NULL);
  g_autofree char *to = g_build_filename (zhang->folder, "key", NULL);
  g_autoptr (GBytes) key = support_file_read (from);
  g_autoptr (GBytes) own = support_file_read (to);

  person_close (zhang);
  support_file_write (to, g_bytes_get_data (key, NULL), g_bytes_get_size (key));
  assert_open_fails (zhang->folder, "a horse, a horse", MABEI_STORE_ERROR_WRONG_KEY);
  support_file_write (to, g_bytes_get_data (own, NULL), g_bytes_get_size (own));
  person_open (zhang);
}

static void
test_passphrase (void)
{
  g_autoptr (Person) person = person_new ("Zhang San");
  g_autoptr (MabeiSecret) wrong = support_passphrase ("a mule");
  g_autoptr (MabeiSecret) fresh = support_passphrase ("my kingdom");
  g_autoptr (GError) error = NULL;

  g_assert_false (mabei_replica_set_passphrase (person->replica, wrong, fresh, MABEI_KDF_INTERACTIVE, &error));
  assert_store_error (error, MABEI_STORE_ERROR_WRONG_KEY);
  g_clear_error (&error);
  support_disk_limit (32);
  g_assert_false (
      mabei_replica_set_passphrase (person->replica, person->passphrase, fresh, MABEI_KDF_INTERACTIVE, &error));
  support_disk_limit (0);
  assert_store_error (error, MABEI_STORE_ERROR_FULL);
  g_clear_error (&error);
  person_reopen (person); /* the old one still opens */
  g_assert_true (
      mabei_replica_set_passphrase (person->replica, person->passphrase, fresh, MABEI_KDF_INTERACTIVE, &error));
  g_assert_no_error (error);
  person_close (person);
  assert_open_fails (person->folder, "a horse, a horse", MABEI_STORE_ERROR_WRONG_KEY);
  mabei_secret_unref (person->passphrase);
  person->passphrase = mabei_secret_ref (fresh);
  person_open (person);
}

static void
test_credential (void)
{
  g_autoptr (MabeiDeviceKey) court = mabei_device_key_new ();
  g_autoptr (Person) zhang = person_new ("Zhang San");
  g_autoptr (Person) li = person_new ("Li Si");
  g_autoptr (GBytes) of_li = court_credential (court, li, MABEI_RIGHT_OPEN_CASES);
  g_autoptr (GBytes) powerless = court_credential (court, zhang, 0);
  g_autoptr (GBytes) powerful = court_credential (court, zhang, MABEI_RIGHT_OPEN_CASES);
  g_autoptr (GBytes) junk = g_bytes_new_static ("junk", 4);
  g_autoptr (GError) error = NULL;

  g_assert_null (mabei_replica_case_new (zhang->replica, TITLE, now (), &error));
  g_assert_error (error, MABEI_AUTHORITY_ERROR, MABEI_AUTHORITY_ERROR_NOT_ALLOWED);
  g_clear_error (&error);
  g_assert_false (mabei_replica_import_credential (zhang->replica, of_li, &error));
  g_assert_error (error, MABEI_AUTHORITY_ERROR, MABEI_AUTHORITY_ERROR_UNVERIFIED);
  g_clear_error (&error);
  g_assert_false (mabei_replica_import_credential (zhang->replica, junk, &error));
  g_assert_error (error, MABEI_AUTHORITY_ERROR, MABEI_AUTHORITY_ERROR_FORMAT);
  g_clear_error (&error);
  g_assert_null (mabei_replica_credential (zhang->replica));
  g_assert_true (mabei_replica_import_credential (zhang->replica, powerless, &error));
  g_assert_null (mabei_replica_case_new (zhang->replica, TITLE, now (), &error));
  g_assert_error (error, MABEI_AUTHORITY_ERROR, MABEI_AUTHORITY_ERROR_NOT_ALLOWED);
  g_clear_error (&error);
  g_assert_true (mabei_replica_import_credential (zhang->replica, powerful, &error));
  person_reopen (zhang);
  g_assert_true (g_bytes_equal (mabei_replica_credential (zhang->replica)->encoded, powerful));
  g_assert_nonnull (mabei_replica_case_new (zhang->replica, TITLE, now (), &error));
  g_assert_no_error (error);
}

/* --- a case --- */

static void
assert_parents_first (GPtrArray *changes)
{
  g_autoptr (GHashTable) to_come = g_hash_table_new (mabei_id_hash, mabei_id_equal);

  for (guint i = 0; i < changes->len; i++)
    g_hash_table_add (to_come, (gpointer) mabei_change_id (g_ptr_array_index (changes, i)));
  for (guint i = 0; i < changes->len; i++) {
    MabeiChange *change = g_ptr_array_index (changes, i);
    const MabeiHeader *header = mabei_change_header (change);

    g_assert_false (g_hash_table_contains (to_come, &header->prev));
    for (guint k = 0; k < header->n_deps; k++)
      g_assert_false (g_hash_table_contains (to_come, &header->deps[k]));
    g_hash_table_remove (to_come, mabei_change_id (change));
  }
}

static guint
outbox_length (Person *person, MabeiSpace *space)
{
  g_autoptr (GPtrArray) outbox = mabei_replica_outbox (person->replica, space);

  assert_parents_first (outbox);
  return outbox->len;
}

static void
test_case_survives (void)
{
  g_autoptr (Person) mediator = mediator_new ("Ma Bei");
  g_autoptr (GError) error = NULL;
  g_autofree char *title = NULL;
  MabeiId id, before, after;

  new_case (mediator, &id);
  post (mediator, the_space (mediator, &id, MABEI_SPACE_JOINT), "The channel runs past the old mill.");
  state_of (mediator, &id, &before);
  person_reopen (mediator);
  g_assert_cmpuint (mabei_replica_cases (mediator->replica)->len, ==, 1);
  state_of (mediator, &id, &after);
  g_assert_true (mabei_id_equal (&before, &after));
  title = mabei_space_field (the_space (mediator, &id, MABEI_SPACE_JOINT), "title");
  g_assert_cmpstr (title, ==, TITLE);
  g_assert_cmpuint (outbox_length (mediator, the_space (mediator, &id, MABEI_SPACE_CONTROL)), ==, 3);
  g_assert_cmpuint (outbox_length (mediator, the_space (mediator, &id, MABEI_SPACE_JOINT)), ==, 3);
  g_assert_true (mabei_replica_check (mediator->replica, &error));
  g_assert_no_error (error);
}

static void
test_receipts (void)
{
  g_autoptr (Person) mediator = mediator_new ("Ma Bei");
  g_autoptr (GPtrArray) outbox = NULL;
  g_autoptr (GError) error = NULL;
  MabeiSpace *joint, *control;
  MabeiId id, first, unknown = {{1}};

  new_case (mediator, &id);
  joint = the_space (mediator, &id, MABEI_SPACE_JOINT);
  control = the_space (mediator, &id, MABEI_SPACE_CONTROL);
  post (mediator, joint, "one");
  outbox = mabei_replica_outbox (mediator->replica, joint);
  first = *mabei_change_id (g_ptr_array_index (outbox, 0));
  g_assert_false (mabei_replica_has_receipt (mediator->replica, &first));
  g_assert_false (mabei_replica_set_receipt (mediator->replica, control, &first, &error));
  assert_store_error (error, MABEI_STORE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (mabei_replica_set_receipt (mediator->replica, joint, &unknown, &error));
  assert_store_error (error, MABEI_STORE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  for (guint i = 0; i < 2; i++)
    g_assert_true (mabei_replica_set_receipt (mediator->replica, joint, &first, &error));
  g_assert_true (mabei_replica_has_receipt (mediator->replica, &first));
  g_assert_cmpuint (outbox_length (mediator, joint), ==, 2);
  g_clear_pointer (&outbox, g_ptr_array_unref);
  person_reopen (mediator);
  joint = the_space (mediator, &id, MABEI_SPACE_JOINT);
  g_assert_true (mabei_replica_has_receipt (mediator->replica, &first));
  g_assert_cmpuint (outbox_length (mediator, joint), ==, 2);
  g_assert_true (mabei_replica_reset_receipts (mediator->replica, &error));
  g_assert_cmpuint (outbox_length (mediator, joint), ==, 3);
  person_reopen (mediator);
  g_assert_false (mabei_replica_has_receipt (mediator->replica, &first));
  g_assert_cmpuint (outbox_length (mediator, the_space (mediator, &id, MABEI_SPACE_JOINT)), ==, 3);
}

static void
test_items (void)
{
  g_autoptr (Person) person = person_new ("Zhang San");
  g_autoptr (GBytes) value = g_bytes_new_static ("wss://hub.example", 17);
  g_autoptr (GBytes) back = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (mabei_replica_item (person->replica, "hub"));
  g_assert_true (mabei_replica_set_item (person->replica, "hub", value, &error));
  person_reopen (person);
  back = mabei_replica_item (person->replica, "hub");
  g_assert_true (g_bytes_equal (back, value));
  g_assert_true (mabei_replica_set_item (person->replica, "hub", NULL, &error));
  g_assert_null (mabei_replica_item (person->replica, "hub"));
}

/* Operations beyond what one change takes go into several. */
static void
test_large_commit (void)
{
  g_autoptr (Person) mediator = mediator_new ("Ma Bei");
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autofree char *long_text = g_strnfill (9000, 'y');
  g_autoptr (GPtrArray) messages = NULL;
  g_autoptr (GError) error = NULL;
  MabeiSpace *joint;
  MabeiId id;

  new_case (mediator, &id);
  joint = the_space (mediator, &id, MABEI_SPACE_JOINT);
  for (guint i = 0; i < 65; i++)
    g_ptr_array_add (operations, mabei_operation_post ("short", MABEI_LEVEL_SHOW, NULL));
  for (guint i = 0; i < 3; i++)
    g_ptr_array_add (operations, mabei_operation_post (long_text, MABEI_LEVEL_SHOW, NULL));
  g_assert_true (mabei_replica_commit (mediator->replica, joint, MABEI_KIND_CONTENT, operations, now (), NULL, &error));
  g_assert_no_error (error);
  messages = mabei_space_messages (joint);
  g_assert_cmpuint (messages->len, ==, 68);
  g_assert_cmpuint (outbox_length (mediator, joint), ==, 2 + 4);
}

/* --- nothing readable --- */

static void
assert_hidden (const char *folder, gconstpointer bytes, gsize length)
{
  g_assert_false (support_folder_holds (folder, bytes, length));
}

static void
assert_case_hidden (Person *mediator, const MabeiId *id)
{
  GPtrArray *spaces = mabei_case_spaces (the_case (mediator, id));

  assert_hidden (mediator->root, "channel", 7);
  assert_hidden (mediator->root, "Ma Bei", 6);
  assert_hidden (mediator->root, "hub.example", 11);
  assert_hidden (mediator->root, "mill", 4);
  assert_hidden (mediator->root, id->bytes, 8);
  assert_hidden (mediator->root, mabei_device_key_id (mabei_replica_keys (mediator->replica)->device)->bytes, 8);
  assert_hidden (mediator->root, mabei_replica_keys (mediator->replica)->person.bytes, 8);
  for (guint i = 0; i < spaces->len; i++) {
    MabeiSpace *space = g_ptr_array_index (spaces, i);
    g_autofree char *hex = mabei_short_id_to_hex (mabei_space_id (space));
    g_autoptr (GPtrArray) changes = mabei_graph_ordered (mabei_space_graph (space));

    assert_hidden (mediator->root, mabei_space_id (space)->bytes, 8);
    assert_hidden (mediator->root, hex, 16);
    for (guint k = 0; k < changes->len; k++)
      assert_hidden (mediator->root, mabei_change_id (g_ptr_array_index (changes, k))->bytes, 8);
  }
}

static void
test_nothing_readable (void)
{
  g_autoptr (Person) mediator = mediator_new ("Ma Bei");
  g_autoptr (GBytes) hub = g_bytes_new_static ("wss://hub.example", 17);
  g_autoptr (GError) error = NULL;
  MabeiDocument *document;
  MabeiSpace *joint;
  MabeiId id;
  guint64 next;

  new_case (mediator, &id);
  joint = the_space (mediator, &id, MABEI_SPACE_JOINT);
  post (mediator, joint, "The channel runs past the old mill.");
  document = write_document (mediator, joint, "Minutes at the mill");
  type_text (mediator, document, 0, "The mill stands still.");
  wait_ms (150);
  g_assert_true (mabei_replica_tick (mediator->replica, now () - 900, &next, &error)); /* in the journal */
  g_assert_true (mabei_replica_set_item (mediator->replica, "hub.example", hub, &error));
  g_assert_true (support_folder_holds (mediator->root, "replica.db-wal", 14)); /* the WAL is searched, too */
  assert_case_hidden (mediator, &id);
  person_reopen (mediator);
  assert_case_hidden (mediator, &id);
}

/* --- full disk --- */

static void
assert_full (GError **error)
{
  assert_store_error (*error, MABEI_STORE_ERROR_FULL);
  g_clear_error (error);
}

static void
test_full_disk (void)
{
  g_autoptr (Person) mediator = mediator_new ("Ma Bei");
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GBytes) value = g_bytes_new_static ("x", 1);
  g_autoptr (GError) error = NULL;
  MabeiId id, before, after;
  MabeiSpace *joint;

  new_case (mediator, &id);
  joint = the_space (mediator, &id, MABEI_SPACE_JOINT);
  post (mediator, joint, "before");
  state_of (mediator, &id, &before);
  g_ptr_array_add (operations, mabei_operation_post ("lost", MABEI_LEVEL_KEEP, NULL));
  support_disk_limit (4096);
  g_assert_false (
      mabei_replica_commit (mediator->replica, joint, MABEI_KIND_CONTENT, operations, now (), NULL, &error));
  assert_full (&error);
  g_assert_null (mabei_replica_case_new (mediator->replica, "Another", now (), &error));
  assert_full (&error);
  g_assert_null (mabei_replica_invite (mediator->replica, the_case (mediator, &id), MABEI_ROLE_PARTY, "Zhang San", 0,
                                       now (), &error));
  assert_full (&error);
  g_assert_false (mabei_replica_set_item (mediator->replica, "hub", value, &error));
  assert_full (&error);
  g_assert_false (mabei_replica_reset_receipts (mediator->replica, &error));
  assert_full (&error);
  g_assert_cmpuint (mabei_replica_cases (mediator->replica)->len, ==, 1);
  state_of (mediator, &id, &after); /* reading still works */
  g_assert_true (mabei_id_equal (&before, &after));
  g_assert_cmpuint (outbox_length (mediator, joint), ==, 3);
  support_disk_limit (0);
  g_assert_true (mabei_replica_commit (mediator->replica, joint, MABEI_KIND_CONTENT, operations, now (), NULL, &error));
  g_assert_no_error (error);
  state_of (mediator, &id, &before);
  person_reopen (mediator);
  state_of (mediator, &id, &after);
  g_assert_true (mabei_id_equal (&before, &after));
  g_assert_true (mabei_replica_check (mediator->replica, &error));
}

/* The process ends right after the reply: what was answered is there. */
static void
test_no_close (void)
{
  g_autoptr (Person) mediator = mediator_new ("Ma Bei");
  MabeiId id;
  int pipe_fds[2];
  int status;
  pid_t child;

  person_close (mediator);
  g_assert_cmpint (pipe (pipe_fds), ==, 0);
  child = fork ();
  if (child == 0) {
    person_open (mediator);
    new_case (mediator, &id);
    post (mediator, the_space (mediator, &id, MABEI_SPACE_JOINT), "answered");
    if (write (pipe_fds[1], id.bytes, sizeof id.bytes) != sizeof id.bytes)
      _exit (1);
    _exit (0);
  }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
  g_assert_cmpint (read (pipe_fds[0], id.bytes, sizeof id.bytes), ==, sizeof id.bytes);
  close (pipe_fds[0]);
  close (pipe_fds[1]);
  person_open (mediator);
  {
    g_autoptr (GPtrArray) messages = mabei_space_messages (the_space (mediator, &id, MABEI_SPACE_JOINT));
    g_assert_cmpuint (messages->len, ==, 1);
    g_assert_cmpstr (((MabeiMessage *) g_ptr_array_index (messages, 0))->text, ==, "answered");
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  g_test_add_func ("/store/replica/create-and-open", test_create_and_open);
  g_test_add_func ("/store/replica/name-limits", test_name_limits);
  g_test_add_func ("/store/replica/foreign-folders", test_foreign_folders);
  g_test_add_func ("/store/replica/other-owner", test_other_owner);
  g_test_add_func ("/store/replica/missing-halves", test_missing_halves);
  g_test_add_func ("/store/replica/foreign-key", test_foreign_key);
  g_test_add_func ("/store/replica/passphrase", test_passphrase);
  g_test_add_func ("/store/replica/credential", test_credential);
  g_test_add_func ("/store/replica/case-survives", test_case_survives);
  g_test_add_func ("/store/replica/receipts", test_receipts);
  g_test_add_func ("/store/replica/items", test_items);
  g_test_add_func ("/store/replica/large-commit", test_large_commit);
  g_test_add_func ("/store/replica/nothing-readable", test_nothing_readable);
  g_test_add_func ("/store/replica/full-disk", test_full_disk);
  g_test_add_func ("/store/replica/no-close", test_no_close);
  return g_test_run ();
}
