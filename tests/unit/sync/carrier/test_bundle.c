/* Bundles: Wang rides to Zhang's village with a stick in his saddlebag. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/secret.h"
#include "sync/carrier/bundle.h"
#include "sync/carrier/bundle_file.h"
#include "tests/unit/sync/peer/scene.h"

typedef struct {
  Scene people;
  Person *wang, *zhang, *li;
  MabeiId id;
  char *folder;
  char *path;
} Ride;

static void
set_up (Ride *ride, gconstpointer data G_GNUC_UNUSED)
{
  scene_set_up (&ride->people, NULL);
  ride->wang = ride->people.wang;
  ride->zhang = ride->people.zhang;
  ride->li = ride->people.li;
  ride->id = ride->people.id;
  ride->folder = support_folder_new ();
  ride->path = g_build_filename (ride->folder, "saddlebag.mabei", NULL);
}

static void
tear_down (Ride *ride, gconstpointer data G_GNUC_UNUSED)
{
  scene_tear_down (&ride->people, NULL);
  g_free (ride->path);
  support_folder_remove (ride->folder);
}

static MabeiShortId
person_id (Person *person)
{
  return mabei_replica_keys (person->replica)->person;
}

static MabeiBundleResult
export_to (Ride *ride, Person *from, Person *one, Person *other)
{
  MabeiShortId persons[2] = {person_id (one), other != NULL ? person_id (other) : person_id (one)};
  g_autoptr (GError) error = NULL;
  MabeiBundleResult result = {0};

  mabei_bundle_export (from->replica, the_case (from, &ride->id), persons, other != NULL ? 2 : 1, ride->path, now (),
                       &result, &error);
  g_assert_no_error (error);
  return result;
}

static MabeiBundleResult
import_by (Ride *ride, Person *person)
{
  g_autoptr (GError) error = NULL;
  MabeiBundleResult result = {0};

  mabei_bundle_import (person->replica, ride->path, now (), &result, &error);
  g_assert_no_error (error);
  return result;
}

static void
import_fails (Ride *ride, Person *person, int code)
{
  g_autoptr (GError) error = NULL;
  MabeiId before, after;

  state_of (person, &ride->id, &before);
  g_assert_false (mabei_bundle_import (person->replica, ride->path, now (), NULL, &error));
  g_assert_error (error, MABEI_BUNDLE_ERROR, code);
  g_assert_null (strchr (error->message, '\n'));
  state_of (person, &ride->id, &after);
  g_assert_true (mabei_id_equal (&before, &after));
}

static void
test_whole_case (Ride *ride, gconstpointer data G_GNUC_UNUSED)
{
  MabeiBundleResult made, read;

  post (ride->wang, joint (&ride->people, ride->wang), "Bring the witness");
  post (ride->wang, the_caucus (ride->wang, &ride->id, ride->zhang), "What would you take?");
  made = export_to (ride, ride->wang, ride->zhang, NULL);
  g_assert_cmpuint (made.changes, >, 5);
  read = import_by (ride, ride->zhang);
  g_assert_cmpuint (read.changes, ==, made.changes);
  g_assert_cmpuint (read.bytes, ==, made.bytes);
  g_assert_cmpuint (read.new_ones, ==, made.changes - 1); /* the genesis came with the welcome */
  assert_same (ride->wang, ride->zhang, &ride->id);
  g_assert_cmpuint (mabei_graph_n_complete (mabei_space_graph (the_caucus (ride->zhang, &ride->id, ride->zhang))), ==,
                    2);
  g_assert_cmpuint (mabei_replica_peer_missing (ride->zhang->replica, joint (&ride->people, ride->zhang),
                                                mabei_device_key_id (mabei_replica_keys (ride->wang->replica)->device),
                                                NULL),
                    ==, 0);
}

static void
test_twice_and_own (Ride *ride, gconstpointer data G_GNUC_UNUSED)
{
  export_to (ride, ride->wang, ride->zhang, NULL);
  g_assert_cmpuint (import_by (ride, ride->zhang).new_ones, >, 0);
  g_assert_cmpuint (import_by (ride, ride->zhang).new_ones, ==, 0);
  g_assert_cmpuint (import_by (ride, ride->wang).new_ones, ==, 0);
}

/* The way back carries only what Wang does not have. */
static void
test_answer_is_small (Ride *ride, gconstpointer data G_GNUC_UNUSED)
{
  MabeiBundleResult back;

  export_to (ride, ride->wang, ride->zhang, NULL);
  import_by (ride, ride->zhang);
  post (ride->zhang, joint (&ride->people, ride->zhang), "The witness is ill");
  back = export_to (ride, ride->zhang, ride->wang, NULL);
  g_assert_cmpuint (back.changes, ==, 1);
  g_assert_cmpuint (import_by (ride, ride->wang).new_ones, ==, 1);
  assert_same (ride->wang, ride->zhang, &ride->id);
  /* Li has told nothing: for both of them it is everything that both may have. */
  g_assert_cmpuint (export_to (ride, ride->wang, ride->zhang, ride->li).changes, >, 5);
}

/* For Zhang and Li together: no caucus in it. */
static void
test_only_common_spaces (Ride *ride, gconstpointer data G_GNUC_UNUSED)
{
  guint joint_before;

  post (ride->wang, the_caucus (ride->wang, &ride->id, ride->zhang), "What would you take?");
  post (ride->wang, joint (&ride->people, ride->wang), "Bring the witness");
  export_to (ride, ride->wang, ride->zhang, ride->li);
  import_by (ride, ride->zhang);
  import_by (ride, ride->li);
  assert_same (ride->zhang, ride->li, &ride->id);
  joint_before = mabei_graph_n_complete (mabei_space_graph (joint (&ride->people, ride->zhang)));
  g_assert_cmpuint (joint_before, ==, mabei_graph_n_complete (mabei_space_graph (joint (&ride->people, ride->wang))));
  g_assert_cmpuint (mabei_graph_n_complete (mabei_space_graph (the_caucus (ride->zhang, &ride->id, ride->zhang))), ==,
                    0);
}

static void
test_new_epoch (Ride *ride, gconstpointer data G_GNUC_UNUSED)
{
  rotate_joint (&ride->people, ride->wang);
  post (ride->wang, joint (&ride->people, ride->wang), "under the new key");
  export_to (ride, ride->wang, ride->zhang, NULL);
  import_by (ride, ride->zhang);
  assert_same (ride->wang, ride->zhang, &ride->id);
  g_assert_cmpuint (mabei_graph_n_complete (mabei_space_graph (joint (&ride->people, ride->zhang))), ==,
                    mabei_graph_n_complete (mabei_space_graph (joint (&ride->people, ride->wang))));
}

static void
test_not_for_you (Ride *ride, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (Person) zhao = person_new ("赵六");
  g_autoptr (GError) error = NULL;

  export_to (ride, ride->wang, ride->zhang, NULL);
  import_fails (ride, ride->li, MABEI_BUNDLE_ERROR_NOT_FOR_YOU);
  g_assert_false (mabei_bundle_import (zhao->replica, ride->path, now (), NULL, &error));
  g_assert_error (error, MABEI_BUNDLE_ERROR, MABEI_BUNDLE_ERROR_NOT_FOR_YOU);
}

static void
test_not_in_the_case (Ride *ride, gconstpointer data G_GNUC_UNUSED)
{
  MabeiShortId nobody = {{1}};
  g_autoptr (GError) error = NULL, none = NULL;

  g_assert_false (mabei_bundle_export (ride->wang->replica, the_case (ride->wang, &ride->id), &nobody, 1, ride->path,
                                       now (), NULL, &error));
  g_assert_error (error, MABEI_BUNDLE_ERROR, MABEI_BUNDLE_ERROR_NOT_FOUND);
  g_assert_false (mabei_bundle_export (ride->wang->replica, the_case (ride->wang, &ride->id), NULL, 0, ride->path,
                                       now (), NULL, &none));
  g_assert_error (none, MABEI_BUNDLE_ERROR, MABEI_BUNDLE_ERROR_NOT_FOUND);
  g_assert_false (g_file_test (ride->path, G_FILE_TEST_EXISTS));
}

/* Who made it and for whom does not show; the number of slots is one of a few. */
static void
test_shows_nothing (Ride *ride, gconstpointer data G_GNUC_UNUSED)
{
  const MabeiDevicePublic *wang = person_public (ride->wang), *zhang = person_public (ride->zhang);
  MabeiShortId case_prefix;
  MabeiBundleResult made, seen;
  g_autofree char *text = NULL;

  memcpy (case_prefix.bytes, ride->id.bytes, sizeof case_prefix.bytes);
  post (ride->wang, joint (&ride->people, ride->wang), "Bring the witness");
  made = export_to (ride, ride->wang, ride->zhang, NULL);
  g_assert_false (support_folder_holds (ride->folder, wang->sign_key, 32));
  g_assert_false (support_folder_holds (ride->folder, wang->box_key, 32));
  g_assert_false (support_folder_holds (ride->folder, zhang->sign_key, 32));
  g_assert_false (support_folder_holds (ride->folder, zhang->box_key, 32));
  g_assert_false (support_folder_holds (ride->folder, case_prefix.bytes, 16));
  g_assert_false (support_folder_holds (ride->folder, "Bring the witness", 17));
  text = mabei_bundle_inspect (ride->path, &seen, NULL);
  g_assert_nonnull (strstr (text, "4 slots"));
  g_assert_cmpuint (seen.bytes, ==, made.bytes);
}

static void
test_truncated (Ride *ride, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GBytes) whole = NULL;
  gsize length;
  gconstpointer bytes;

  for (guint i = 0; i < 300; i++)
    post (ride->wang, joint (&ride->people, ride->wang), "a long story that fills three chunks of the file");
  export_to (ride, ride->wang, ride->zhang, NULL);
  whole = support_file_read (ride->path);
  bytes = g_bytes_get_data (whole, &length);
  for (gsize cut = 0; cut < length; cut += cut < 500 ? 7 : 9973) {
    support_file_write (ride->path, bytes, cut);
    import_fails (ride, ride->zhang, cut < 8 ? MABEI_BUNDLE_ERROR_FORMAT : MABEI_BUNDLE_ERROR_DAMAGED);
  }
  support_file_write (ride->path, bytes, length - 1);
  import_fails (ride, ride->zhang, MABEI_BUNDLE_ERROR_DAMAGED);
  support_file_write (ride->path, bytes, length);
  g_assert_cmpuint (import_by (ride, ride->zhang).new_ones, >, 300);
}

static void
test_flipped (Ride *ride, gconstpointer data G_GNUC_UNUSED)
{
  gsize length;
  g_autoptr (GBytes) whole = NULL;

  export_to (ride, ride->wang, ride->zhang, NULL);
  whole = support_file_read (ride->path);
  length = g_bytes_get_size (whole);
  for (gsize at = 0; at < length; at += at < 400 ? 1 : 113) {
    g_autoptr (GError) error = NULL;
    MabeiId before, after;

    support_file_flip (ride->path, at, 0x10);
    state_of (ride->zhang, &ride->id, &before);
    g_assert_false (mabei_bundle_import (ride->zhang->replica, ride->path, now (), NULL, &error));
    if (at < 9)
      g_assert_error (error, MABEI_BUNDLE_ERROR, MABEI_BUNDLE_ERROR_FORMAT);
    else if (error->code != MABEI_BUNDLE_ERROR_NOT_FOR_YOU || at >= 10 + 4 * MABEI_BUNDLE_SLOT_BYTES) /* his slot */
      g_assert_error (error, MABEI_BUNDLE_ERROR, MABEI_BUNDLE_ERROR_DAMAGED);
    state_of (ride->zhang, &ride->id, &after);
    g_assert_true (mabei_id_equal (&before, &after));
    support_file_flip (ride->path, at, 0x10);
  }
  g_assert_cmpuint (import_by (ride, ride->zhang).new_ones, >, 0);
}

static void
test_something_follows (Ride *ride, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GByteArray) longer = NULL;
  g_autoptr (GBytes) whole = NULL;

  export_to (ride, ride->wang, ride->zhang, NULL);
  whole = support_file_read (ride->path);
  longer = g_byte_array_new ();
  g_byte_array_append (longer, g_bytes_get_data (whole, NULL), (guint) g_bytes_get_size (whole));
  g_byte_array_append (longer, (const guint8 *) "x", 1);
  support_file_write (ride->path, longer->data, longer->len);
  import_fails (ride, ride->zhang, MABEI_BUNDLE_ERROR_DAMAGED);
}

static void
test_foreign_files (Ride *ride, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *fifo = g_build_filename (ride->folder, "fifo", NULL);
  g_autoptr (GError) gone = NULL, folder = NULL, pipe = NULL;
  int fd;

  g_assert_false (mabei_bundle_import (ride->zhang->replica, ride->path, now (), NULL, &gone));
  g_assert_error (gone, MABEI_BUNDLE_ERROR, MABEI_BUNDLE_ERROR_NOT_FOUND);
  g_assert_false (mabei_bundle_import (ride->zhang->replica, ride->folder, now (), NULL, &folder));
  g_assert_error (folder, MABEI_BUNDLE_ERROR, MABEI_BUNDLE_ERROR_FORMAT);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_assert_false (mabei_bundle_import (ride->zhang->replica, fifo, now (), NULL, &pipe));
  g_assert_error (pipe, MABEI_BUNDLE_ERROR, MABEI_BUNDLE_ERROR_FORMAT);
  support_file_write (ride->path, "", 0);
  import_fails (ride, ride->zhang, MABEI_BUNDLE_ERROR_FORMAT);
  support_file_write (ride->path, "%PDF-1.7 a picture of a horse", 29);
  import_fails (ride, ride->zhang, MABEI_BUNDLE_ERROR_FORMAT);
  support_file_write (ride->path, "MABEIBDL\x02\x04", 10);
  import_fails (ride, ride->zhang, MABEI_BUNDLE_ERROR_FORMAT);
  support_file_write (ride->path, "MABEIBDL\x01\x05", 10);
  import_fails (ride, ride->zhang, MABEI_BUNDLE_ERROR_DAMAGED);
  /* One byte over the limit, without a byte on the disk. */
  fd = g_open (ride->path, O_RDWR | O_CREAT | O_TRUNC, 0600);
  g_assert_cmpint (ftruncate (fd, (off_t) MABEI_LIMIT_BUNDLE_BYTES + 1), ==, 0);
  import_fails (ride, ride->zhang, MABEI_BUNDLE_ERROR_TOO_LARGE);
  g_assert_cmpint (ftruncate (fd, (off_t) MABEI_LIMIT_BUNDLE_BYTES), ==, 0);
  import_fails (ride, ride->zhang, MABEI_BUNDLE_ERROR_FORMAT);
  close (fd);
}

static guint
n_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

/* No room: the old file stays as it was, and nothing lies beside it. */
static void
test_full_disk (Ride *ride, gconstpointer data G_GNUC_UNUSED)
{
  MabeiShortId zhang = person_id (ride->zhang);
  g_autoptr (GBytes) before = NULL, after = NULL;
  g_autoptr (GError) error = NULL, gone = NULL;
  gboolean exported;

  export_to (ride, ride->wang, ride->zhang, NULL);
  before = support_file_read (ride->path);
  post (ride->wang, joint (&ride->people, ride->wang), "more");
  support_disk_limit (500);
  exported = mabei_bundle_export (ride->wang->replica, the_case (ride->wang, &ride->id), &zhang, 1, ride->path, now (),
                                  NULL, &error);
  support_disk_limit (0);
  g_assert_false (exported);
  g_assert_error (error, MABEI_BUNDLE_ERROR, MABEI_BUNDLE_ERROR_FULL);
  after = support_file_read (ride->path);
  g_assert_true (g_bytes_equal (before, after));
  g_assert_cmpuint (n_files (ride->folder), ==, 1);
  g_assert_false (mabei_bundle_export (ride->wang->replica, the_case (ride->wang, &ride->id), &zhang, 1,
                                       "/nowhere/at/all", now (), NULL, &gone));
  g_assert_error (gone, MABEI_BUNDLE_ERROR, MABEI_BUNDLE_ERROR_NOT_FOUND);
}

/* The file layer by itself, at the edges of its chunks. */
static void
test_chunks (Ride *ride, gconstpointer data G_GNUC_UNUSED)
{
  static const gsize lengths[] = {0, 1, 65535, 65536, 65537, 131072, 200000};
  g_autoptr (MabeiDeviceKey) from = mabei_device_key_new (), to = mabei_device_key_new ();
  g_autoptr (GArray) recipients = g_array_new (FALSE, FALSE, sizeof (MabeiDevicePublic));

  g_array_append_vals (recipients, mabei_device_key_public (to), 1);
  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++) {
    g_autofree guint8 *in = g_malloc0 (lengths[i] + 1), *out = g_malloc0 (lengths[i] + 1);
    g_autoptr (MabeiBundleWriter) writer = mabei_bundle_writer_new (ride->path, from, recipients, NULL);
    g_autoptr (MabeiBundleReader) reader = NULL;
    guint64 bytes;
    gsize got;

    memset (in, (int) i + 1, lengths[i]);
    g_assert_true (mabei_bundle_writer_add (writer, in, lengths[i], NULL));
    g_assert_true (mabei_bundle_writer_finish (writer, &bytes, NULL));
    reader = mabei_bundle_reader_new (ride->path, NULL);
    g_assert_cmpuint (mabei_bundle_reader_bytes (reader), ==, bytes);
    g_assert_false (mabei_bundle_reader_unlock (reader, from, mabei_device_key_public (from)));
    g_assert_true (mabei_bundle_reader_unlock (reader, to, mabei_device_key_public (from)));
    for (guint pass = 0; pass < 2; pass++) {
      g_assert_true (mabei_bundle_reader_rewind (reader, NULL));
      g_assert_true (mabei_bundle_reader_read (reader, out, lengths[i] + 1, &got, NULL));
      g_assert_cmpmem (out, got, in, lengths[i]);
    }
  }
}

/* Given up halfway, nothing is left. */
static void
test_given_up (Ride *ride, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (MabeiDeviceKey) from = mabei_device_key_new ();
  g_autoptr (GArray) recipients = g_array_new (FALSE, FALSE, sizeof (MabeiDevicePublic));
  MabeiBundleWriter *writer;

  g_array_append_vals (recipients, mabei_device_key_public (from), 1);
  writer = mabei_bundle_writer_new (ride->path, from, recipients, NULL);
  g_assert_true (mabei_bundle_writer_add (writer, "x", 1, NULL));
  g_assert_cmpuint (n_files (ride->folder), ==, 1);
  mabei_bundle_writer_free (writer);
  g_assert_cmpuint (n_files (ride->folder), ==, 0);
}

static void
add (const char *path, void (*test) (Ride *, gconstpointer))
{
  g_test_add (path, Ride, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  add ("/bundle/whole-case", test_whole_case);
  add ("/bundle/twice-and-own", test_twice_and_own);
  add ("/bundle/answer-is-small", test_answer_is_small);
  add ("/bundle/only-common-spaces", test_only_common_spaces);
  add ("/bundle/new-epoch", test_new_epoch);
  add ("/bundle/not-for-you", test_not_for_you);
  add ("/bundle/not-in-the-case", test_not_in_the_case);
  add ("/bundle/shows-nothing", test_shows_nothing);
  add ("/bundle/truncated", test_truncated);
  add ("/bundle/flipped", test_flipped);
  add ("/bundle/something-follows", test_something_follows);
  add ("/bundle/foreign-files", test_foreign_files);
  add ("/bundle/full-disk", test_full_disk);
  add ("/bundle/chunks", test_chunks);
  add ("/bundle/given-up", test_given_up);
  return g_test_run ();
}
