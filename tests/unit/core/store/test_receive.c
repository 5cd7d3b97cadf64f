/* Foreign changes: kept when they are genuine, refused without a trace when not, and never folded unless stored. */
#include "tests/unit/core/store/people.h"

#include <string.h>

typedef struct {
  Person *mediator;
  Person *zhang;
  MabeiId id;
  MabeiSpace *joint;    /* the mediator's */
  MabeiSpace *of_zhang; /* the same in Zhang's replica */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) welcome = NULL;

  f->mediator = mediator_new ("Ma Bei");
  f->zhang = person_new ("Zhang San");
  f->id = *mabei_case_id (mabei_replica_case_new (f->mediator->replica, "A channel", now (), &error));
  g_assert_no_error (error);
  welcome = admit_sealed (f->mediator, &f->id, f->zhang, MABEI_ROLE_PARTY);
  sync_both (f->mediator, f->zhang, &f->id);
  f->joint = the_space (f->mediator, &f->id, MABEI_SPACE_JOINT);
  f->of_zhang = the_space (f->zhang, &f->id, MABEI_SPACE_JOINT);
}

static void
tear_down (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  person_free (f->mediator);
  person_free (f->zhang);
}

static GBytes *
newest (MabeiSpace *space)
{
  g_autoptr (GPtrArray) changes = mabei_graph_ordered (mabei_space_graph (space));

  return g_bytes_ref (mabei_change_encoded (g_ptr_array_index (changes, changes->len - 1)));
}

static int
receive (Fixture *f, GBytes *encoded, MabeiSource source, GError **error)
{
  return mabei_replica_receive (f->zhang->replica, f->of_zhang, encoded, source, now (), error);
}

static guint
n_unsent (Fixture *f)
{
  g_autoptr (GPtrArray) outbox = mabei_replica_outbox (f->zhang->replica, f->of_zhang);

  return outbox->len;
}

static void
test_sources (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) one = NULL;
  g_autoptr (GBytes) two = NULL;
  guint before = n_unsent (f);

  post (f->mediator, f->joint, "one");
  one = newest (f->joint);
  post (f->mediator, f->joint, "two");
  two = newest (f->joint);
  g_assert_cmpint (receive (f, one, MABEI_SOURCE_HUB, &error), ==, MABEI_RECEIVED_NEW);
  g_assert_cmpuint (n_unsent (f), ==, before);
  g_assert_cmpint (receive (f, two, MABEI_SOURCE_PEER, &error), ==, MABEI_RECEIVED_NEW);
  g_assert_cmpuint (n_unsent (f), ==, before + 1);
  g_assert_cmpint (receive (f, two, MABEI_SOURCE_PEER, &error), ==, MABEI_RECEIVED_DUPLICATE);
  g_assert_cmpuint (n_unsent (f), ==, before + 1);
  /* The hub shows it: it has it. */
  g_assert_cmpint (receive (f, two, MABEI_SOURCE_HUB, &error), ==, MABEI_RECEIVED_DUPLICATE);
  g_assert_cmpuint (n_unsent (f), ==, before);
  person_reopen (f->zhang);
  f->of_zhang = the_space (f->zhang, &f->id, MABEI_SPACE_JOINT);
  g_assert_cmpuint (n_unsent (f), ==, before);
  assert_same (f->mediator, f->zhang, &f->id);
}

static void
test_waiting (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) one = NULL;
  g_autoptr (GBytes) two = NULL;
  guint before = n_unsent (f);

  post (f->mediator, f->joint, "one");
  one = newest (f->joint);
  post (f->mediator, f->joint, "two");
  two = newest (f->joint);
  g_assert_cmpint (receive (f, two, MABEI_SOURCE_PEER, &error), ==, MABEI_RECEIVED_WAITING);
  g_assert_cmpuint (n_unsent (f), ==, before); /* not passed on before it is proven */
  person_reopen (f->zhang);
  f->of_zhang = the_space (f->zhang, &f->id, MABEI_SPACE_JOINT);
  g_assert_cmpint (receive (f, two, MABEI_SOURCE_PEER, &error), ==, MABEI_RECEIVED_DUPLICATE);
  g_assert_cmpint (receive (f, one, MABEI_SOURCE_PEER, &error), ==, MABEI_RECEIVED_NEW);
  g_assert_cmpuint (n_unsent (f), ==, before + 2);
  assert_same (f->mediator, f->zhang, &f->id);
}

static void
assert_refused (Fixture *f, MabeiSpace *space, GBytes *encoded)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *db = g_build_filename (f->zhang->folder, "replica.db-wal", NULL);
  g_autoptr (GBytes) before = support_file_read (db);
  g_autoptr (GBytes) after = NULL;
  MabeiId state, state_after;

  state_of (f->zhang, &f->id, &state);
  g_assert_cmpint (mabei_replica_receive (f->zhang->replica, space, encoded, MABEI_SOURCE_PEER, now (), &error), ==,
                   -1);
  g_assert_nonnull (error);
  g_assert_null (strchr (error->message, '\n'));
  state_of (f->zhang, &f->id, &state_after);
  g_assert_true (mabei_id_equal (&state, &state_after));
  after = support_file_read (db);
  g_assert_true (g_bytes_equal (before, after)); /* junk costs no write */
}

static void
test_junk (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GBytes) junk = g_bytes_new_static ("junk", 4);
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);
  g_autoptr (GBytes) good = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  post (f->zhang, f->of_zhang, "there is a WAL");
  sync_both (f->mediator, f->zhang, &f->id);
  post (f->mediator, f->joint, "one");
  good = newest (f->joint);
  length = g_bytes_get_size (good);
  assert_refused (f, f->of_zhang, junk);
  assert_refused (f, f->of_zhang, nothing);
  assert_refused (f, the_space (f->zhang, &f->id, MABEI_SPACE_CONTROL), good);
  for (gsize at = 0; at < length; at += 7) {
    g_autofree guint8 *copy = g_memdup2 (g_bytes_get_data (good, NULL), length);
    g_autoptr (GBytes) spoiled = NULL;

    copy[at] ^= 0x10;
    spoiled = g_bytes_new (copy, length);
    if (receive (f, spoiled, MABEI_SOURCE_PEER, NULL) != MABEI_RECEIVED_WAITING) /* the author's id was spoiled */
      assert_refused (f, f->of_zhang, spoiled);
  }
  g_assert_cmpint (receive (f, good, MABEI_SOURCE_PEER, &error), ==, MABEI_RECEIVED_NEW);
  assert_same (f->mediator, f->zhang, &f->id);
}

static void
test_many (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GPtrArray) bundle = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GPtrArray) ordered = NULL;
  g_autoptr (GError) error = NULL;
  guint n_new = 0, n_refused = 0;

  for (guint i = 0; i < 20; i++)
    post (f->mediator, f->joint, "a message");
  ordered = mabei_graph_ordered (mabei_space_graph (f->joint));
  for (guint i = 0; i < ordered->len; i++) {
    GBytes *encoded = mabei_change_encoded (g_ptr_array_index (ordered, i));
    gsize length = g_bytes_get_size (encoded);
    guint8 *copy = g_memdup2 (g_bytes_get_data (encoded, NULL), length);

    copy[length - 1] ^= 1; /* the signature */
    g_ptr_array_add (bundle, g_bytes_new_take (copy, length));
    g_ptr_array_add (bundle, g_bytes_ref (encoded));
    g_ptr_array_add (bundle, g_bytes_ref (encoded));
  }
  g_ptr_array_add (bundle, g_bytes_new_static ("junk", 4));
  g_assert_true (mabei_replica_receive_many (f->zhang->replica, f->of_zhang, bundle, MABEI_SOURCE_PEER, now (), &n_new,
                                             &n_refused, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_new, ==, 20);
  g_assert_cmpuint (n_refused, ==, 21); /* of what was here already, a bad copy is only a duplicate */
  assert_same (f->mediator, f->zhang, &f->id);
  g_assert_true (mabei_replica_receive_many (f->zhang->replica, f->of_zhang, bundle, MABEI_SOURCE_PEER, now (), &n_new,
                                             &n_refused, &error));
  g_assert_cmpuint (n_new, ==, 0);
  person_reopen (f->zhang);
  assert_same (f->mediator, f->zhang, &f->id);
  g_assert_true (mabei_replica_check (f->zhang->replica, &error));
  g_assert_no_error (error);
}

/* Zhang's laptop is put back to yesterday. What it wrote since comes back from the others, and it goes on after that.
 */
static void
test_restored_backup (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *path = g_build_filename (f->zhang->folder, "replica.db", NULL);
  const MabeiShortId *device;
  g_autoptr (GBytes) yesterday = NULL;
  guint64 seq = 0;
  MabeiId tip;

  person_close (f->zhang);
  yesterday = support_file_read (path);
  person_open (f->zhang);
  post (f->zhang, the_space (f->zhang, &f->id, MABEI_SPACE_JOINT), "written today");
  sync_both (f->mediator, f->zhang, &f->id);
  person_close (f->zhang);
  support_file_write (path, g_bytes_get_data (yesterday, NULL), g_bytes_get_size (yesterday));
  person_open (f->zhang);
  g_assert_cmpuint (send_all (f->mediator, f->zhang, &f->id, MABEI_SOURCE_PEER), ==, 1);
  assert_same (f->mediator, f->zhang, &f->id);
  post (f->zhang, the_space (f->zhang, &f->id, MABEI_SPACE_JOINT), "written after that");
  sync_both (f->mediator, f->zhang, &f->id);
  assert_same (f->mediator, f->zhang, &f->id);
  device = mabei_device_key_id (mabei_replica_keys (f->zhang->replica)->device);
  g_assert_true (mabei_graph_tip (mabei_space_graph (f->joint), device, &seq, &tip));
  g_assert_cmpuint (seq, ==, 2);
  g_assert_false (mabei_graph_is_forked (mabei_space_graph (f->joint), device));
}

static void
test_full_disk (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GPtrArray) bundle = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GError) error = NULL;
  MabeiId before, after;
  guint n_new = 99, n_refused = 99;

  post (f->mediator, f->joint, "one");
  g_ptr_array_add (bundle, newest (f->joint));
  state_of (f->zhang, &f->id, &before);
  support_disk_limit (4096);
  g_assert_cmpint (receive (f, g_ptr_array_index (bundle, 0), MABEI_SOURCE_HUB, &error), ==, -1);
  assert_store_error (error, MABEI_STORE_ERROR_FULL);
  g_clear_error (&error);
  g_assert_false (mabei_replica_receive_many (f->zhang->replica, f->of_zhang, bundle, MABEI_SOURCE_HUB, now (), &n_new,
                                              &n_refused, &error));
  support_disk_limit (0);
  assert_store_error (error, MABEI_STORE_ERROR_FULL);
  g_clear_error (&error);
  g_assert_cmpuint (n_new, ==, 99);
  state_of (f->zhang, &f->id, &after);
  g_assert_true (mabei_id_equal (&before, &after));
  g_assert_cmpint (receive (f, g_ptr_array_index (bundle, 0), MABEI_SOURCE_HUB, &error), ==, MABEI_RECEIVED_NEW);
  assert_same (f->mediator, f->zhang, &f->id);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
#define ADD(name, function) g_test_add ("/store/receive/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("sources", test_sources);
  ADD ("waiting", test_waiting);
  ADD ("junk", test_junk);
  ADD ("many", test_many);
  ADD ("restored-backup", test_restored_backup);
  ADD ("full-disk", test_full_disk);
  return g_test_run ();
}
