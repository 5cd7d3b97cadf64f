/* Bundles: Wang rides to Zhang's village with a stick in his saddlebag. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/secret.h"
#include "sync/carrier/bundle.h"
#include "sync/carrier/bundle_file.h"
#include "tests/unit/core/store/people.h"

typedef struct {
  Person *wang, *zhang, *li;
  MabeiId id;
  char *folder;
  char *path;
} Scene;

static void
set_up (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  MabeiCase *c;

  scene->wang = mediator_new ("王调解");
  scene->zhang = person_new ("张三");
  scene->li = person_new ("李四");
  c = mabei_replica_case_new (scene->wang->replica, "马背上的官司", now (), &error);
  g_assert_no_error (error);
  scene->id = *mabei_case_id (c);
  g_bytes_unref (admit (scene->wang, &scene->id, scene->zhang, MABEI_ROLE_PARTY));
  g_bytes_unref (admit (scene->wang, &scene->id, scene->li, MABEI_ROLE_PARTY));
  scene->folder = support_folder_new ();
  scene->path = g_build_filename (scene->folder, "saddlebag.mabei", NULL);
}

static void
tear_down (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  person_free (scene->wang);
  person_free (scene->zhang);
  person_free (scene->li);
  g_free (scene->path);
  support_folder_remove (scene->folder);
}

static MabeiSpace *
joint (Scene *scene, Person *person)
{
  return the_space (person, &scene->id, MABEI_SPACE_JOINT);
}

static MabeiShortId
person_id (Person *person)
{
  return mabei_replica_keys (person->replica)->person;
}

static MabeiBundleResult
export_to (Scene *scene, Person *from, Person *one, Person *other)
{
  MabeiShortId persons[2] = {person_id (one), other != NULL ? person_id (other) : person_id (one)};
  g_autoptr (GError) error = NULL;
  MabeiBundleResult result = {0};

  mabei_bundle_export (from->replica, the_case (from, &scene->id), persons, other != NULL ? 2 : 1, scene->path, now (),
                       &result, &error);
  g_assert_no_error (error);
  return result;
}

static MabeiBundleResult
import_by (Scene *scene, Person *person)
{
  g_autoptr (GError) error = NULL;
  MabeiBundleResult result = {0};

  mabei_bundle_import (person->replica, scene->path, now (), &result, &error);
  g_assert_no_error (error);
  return result;
}

static void
import_fails (Scene *scene, Person *person, int code)
{
  g_autoptr (GError) error = NULL;
  MabeiId before, after;

  state_of (person, &scene->id, &before);
  g_assert_false (mabei_bundle_import (person->replica, scene->path, now (), NULL, &error));
  g_assert_error (error, MABEI_BUNDLE_ERROR, code);
  g_assert_null (strchr (error->message, '\n'));
  state_of (person, &scene->id, &after);
  g_assert_true (mabei_id_equal (&before, &after));
}

static void
test_whole_case (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  MabeiBundleResult made, read;

  post (scene->wang, joint (scene, scene->wang), "Bring the witness");
  post (scene->wang, the_caucus (scene->wang, &scene->id, scene->zhang), "What would you take?");
  made = export_to (scene, scene->wang, scene->zhang, NULL);
  g_assert_cmpuint (made.changes, >, 5);
  read = import_by (scene, scene->zhang);
  g_assert_cmpuint (read.changes, ==, made.changes);
  g_assert_cmpuint (read.bytes, ==, made.bytes);
  g_assert_cmpuint (read.new_ones, ==, made.changes - 1); /* the genesis came with the welcome */
  assert_same (scene->wang, scene->zhang, &scene->id);
  g_assert_cmpuint (mabei_graph_n_complete (mabei_space_graph (the_caucus (scene->zhang, &scene->id, scene->zhang))),
                    ==, 2);
  g_assert_cmpuint (mabei_replica_peer_missing (scene->zhang->replica, joint (scene, scene->zhang),
                                                mabei_device_key_id (mabei_replica_keys (scene->wang->replica)->device),
                                                NULL),
                    ==, 0);
}

static void
test_twice_and_own (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  export_to (scene, scene->wang, scene->zhang, NULL);
  g_assert_cmpuint (import_by (scene, scene->zhang).new_ones, >, 0);
  g_assert_cmpuint (import_by (scene, scene->zhang).new_ones, ==, 0);
  g_assert_cmpuint (import_by (scene, scene->wang).new_ones, ==, 0);
}

/* The way back carries only what Wang does not have. */
static void
test_answer_is_small (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  MabeiBundleResult back;

  export_to (scene, scene->wang, scene->zhang, NULL);
  import_by (scene, scene->zhang);
  post (scene->zhang, joint (scene, scene->zhang), "The witness is ill");
  back = export_to (scene, scene->zhang, scene->wang, NULL);
  g_assert_cmpuint (back.changes, ==, 1);
  g_assert_cmpuint (import_by (scene, scene->wang).new_ones, ==, 1);
  assert_same (scene->wang, scene->zhang, &scene->id);
  /* Li has told nothing: for both of them it is everything that both may have. */
  g_assert_cmpuint (export_to (scene, scene->wang, scene->zhang, scene->li).changes, >, 5);
}

/* For Zhang and Li together: no caucus in it. */
static void
test_only_common_spaces (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  guint joint_before;

  post (scene->wang, the_caucus (scene->wang, &scene->id, scene->zhang), "What would you take?");
  post (scene->wang, joint (scene, scene->wang), "Bring the witness");
  export_to (scene, scene->wang, scene->zhang, scene->li);
  import_by (scene, scene->zhang);
  import_by (scene, scene->li);
  assert_same (scene->zhang, scene->li, &scene->id);
  joint_before = mabei_graph_n_complete (mabei_space_graph (joint (scene, scene->zhang)));
  g_assert_cmpuint (joint_before, ==, mabei_graph_n_complete (mabei_space_graph (joint (scene, scene->wang))));
  g_assert_cmpuint (mabei_graph_n_complete (mabei_space_graph (the_caucus (scene->zhang, &scene->id, scene->zhang))),
                    ==, 0);
}

static void
test_not_for_you (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (Person) zhao = person_new ("赵六");
  g_autoptr (GError) error = NULL;

  export_to (scene, scene->wang, scene->zhang, NULL);
  import_fails (scene, scene->li, MABEI_BUNDLE_ERROR_NOT_FOR_YOU);
  g_assert_false (mabei_bundle_import (zhao->replica, scene->path, now (), NULL, &error));
  g_assert_error (error, MABEI_BUNDLE_ERROR, MABEI_BUNDLE_ERROR_NOT_FOR_YOU);
}

static void
test_not_in_the_case (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  MabeiShortId nobody = {{1}};
  g_autoptr (GError) error = NULL, none = NULL;

  g_assert_false (mabei_bundle_export (scene->wang->replica, the_case (scene->wang, &scene->id), &nobody, 1,
                                       scene->path, now (), NULL, &error));
  g_assert_error (error, MABEI_BUNDLE_ERROR, MABEI_BUNDLE_ERROR_NOT_FOUND);
  g_assert_false (mabei_bundle_export (scene->wang->replica, the_case (scene->wang, &scene->id), NULL, 0, scene->path,
                                       now (), NULL, &none));
  g_assert_error (none, MABEI_BUNDLE_ERROR, MABEI_BUNDLE_ERROR_NOT_FOUND);
  g_assert_false (g_file_test (scene->path, G_FILE_TEST_EXISTS));
}

/* Who made it and for whom does not show; the number of slots is one of a few. */
static void
test_shows_nothing (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  const MabeiDevicePublic *wang = person_public (scene->wang), *zhang = person_public (scene->zhang);
  MabeiShortId case_prefix;
  MabeiBundleResult made, seen;
  g_autofree char *text = NULL;

  memcpy (case_prefix.bytes, scene->id.bytes, sizeof case_prefix.bytes);
  post (scene->wang, joint (scene, scene->wang), "Bring the witness");
  made = export_to (scene, scene->wang, scene->zhang, NULL);
  g_assert_false (support_folder_holds (scene->folder, wang->sign_key, 32));
  g_assert_false (support_folder_holds (scene->folder, wang->box_key, 32));
  g_assert_false (support_folder_holds (scene->folder, zhang->sign_key, 32));
  g_assert_false (support_folder_holds (scene->folder, zhang->box_key, 32));
  g_assert_false (support_folder_holds (scene->folder, case_prefix.bytes, 16));
  g_assert_false (support_folder_holds (scene->folder, "Bring the witness", 17));
  text = mabei_bundle_inspect (scene->path, &seen, NULL);
  g_assert_nonnull (strstr (text, "4 slots"));
  g_assert_cmpuint (seen.bytes, ==, made.bytes);
}

static void
test_truncated (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GBytes) whole = NULL;
  gsize length;
  gconstpointer bytes;

  for (guint i = 0; i < 40; i++)
    post (scene->wang, joint (scene, scene->wang), "a long story that fills more than one chunk of the file");
  export_to (scene, scene->wang, scene->zhang, NULL);
  whole = support_file_read (scene->path);
  bytes = g_bytes_get_data (whole, &length);
  for (gsize cut = 0; cut < length; cut += cut < 500 ? 7 : 997) {
    support_file_write (scene->path, bytes, cut);
    import_fails (scene, scene->zhang, cut < 8 ? MABEI_BUNDLE_ERROR_FORMAT : MABEI_BUNDLE_ERROR_DAMAGED);
  }
  support_file_write (scene->path, bytes, length - 1);
  import_fails (scene, scene->zhang, MABEI_BUNDLE_ERROR_DAMAGED);
  support_file_write (scene->path, bytes, length);
  g_assert_cmpuint (import_by (scene, scene->zhang).new_ones, >, 40);
}

static void
test_flipped (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  gsize length;
  g_autoptr (GBytes) whole = NULL;

  export_to (scene, scene->wang, scene->zhang, NULL);
  whole = support_file_read (scene->path);
  length = g_bytes_get_size (whole);
  for (gsize at = 0; at < length; at += at < 400 ? 1 : 113) {
    g_autoptr (GError) error = NULL;
    MabeiId before, after;

    support_file_flip (scene->path, at, 0x10);
    state_of (scene->zhang, &scene->id, &before);
    g_assert_false (mabei_bundle_import (scene->zhang->replica, scene->path, now (), NULL, &error));
    if (at < 9)
      g_assert_error (error, MABEI_BUNDLE_ERROR, MABEI_BUNDLE_ERROR_FORMAT);
    else if (error->code != MABEI_BUNDLE_ERROR_NOT_FOR_YOU || at >= 10 + 4 * MABEI_BUNDLE_SLOT_BYTES) /* his slot */
      g_assert_error (error, MABEI_BUNDLE_ERROR, MABEI_BUNDLE_ERROR_DAMAGED);
    state_of (scene->zhang, &scene->id, &after);
    g_assert_true (mabei_id_equal (&before, &after));
    support_file_flip (scene->path, at, 0x10);
  }
  g_assert_cmpuint (import_by (scene, scene->zhang).new_ones, >, 0);
}

static void
test_something_follows (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GByteArray) longer = NULL;
  g_autoptr (GBytes) whole = NULL;

  export_to (scene, scene->wang, scene->zhang, NULL);
  whole = support_file_read (scene->path);
  longer = g_byte_array_new ();
  g_byte_array_append (longer, g_bytes_get_data (whole, NULL), (guint) g_bytes_get_size (whole));
  g_byte_array_append (longer, (const guint8 *) "x", 1);
  support_file_write (scene->path, longer->data, longer->len);
  import_fails (scene, scene->zhang, MABEI_BUNDLE_ERROR_DAMAGED);
}

static void
test_foreign_files (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *fifo = g_build_filename (scene->folder, "fifo", NULL);
  g_autoptr (GError) gone = NULL, folder = NULL, pipe = NULL;
  int fd;

  g_assert_false (mabei_bundle_import (scene->zhang->replica, scene->path, now (), NULL, &gone));
  g_assert_error (gone, MABEI_BUNDLE_ERROR, MABEI_BUNDLE_ERROR_NOT_FOUND);
  g_assert_false (mabei_bundle_import (scene->zhang->replica, scene->folder, now (), NULL, &folder));
  g_assert_error (folder, MABEI_BUNDLE_ERROR, MABEI_BUNDLE_ERROR_FORMAT);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_assert_false (mabei_bundle_import (scene->zhang->replica, fifo, now (), NULL, &pipe));
  g_assert_error (pipe, MABEI_BUNDLE_ERROR, MABEI_BUNDLE_ERROR_FORMAT);
  support_file_write (scene->path, "", 0);
  import_fails (scene, scene->zhang, MABEI_BUNDLE_ERROR_FORMAT);
  support_file_write (scene->path, "%PDF-1.7 a picture of a horse", 29);
  import_fails (scene, scene->zhang, MABEI_BUNDLE_ERROR_FORMAT);
  support_file_write (scene->path, "MABEIBDL\x02\x04", 10);
  import_fails (scene, scene->zhang, MABEI_BUNDLE_ERROR_FORMAT);
  support_file_write (scene->path, "MABEIBDL\x01\x05", 10);
  import_fails (scene, scene->zhang, MABEI_BUNDLE_ERROR_DAMAGED);
  /* One byte over the limit, without a byte on the disk. */
  fd = g_open (scene->path, O_RDWR | O_CREAT | O_TRUNC, 0600);
  g_assert_cmpint (ftruncate (fd, (off_t) MABEI_LIMIT_BUNDLE_BYTES + 1), ==, 0);
  import_fails (scene, scene->zhang, MABEI_BUNDLE_ERROR_TOO_LARGE);
  g_assert_cmpint (ftruncate (fd, (off_t) MABEI_LIMIT_BUNDLE_BYTES), ==, 0);
  import_fails (scene, scene->zhang, MABEI_BUNDLE_ERROR_FORMAT);
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
test_full_disk (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  MabeiShortId zhang = person_id (scene->zhang);
  g_autoptr (GBytes) before = NULL, after = NULL;
  g_autoptr (GError) error = NULL, gone = NULL;
  gboolean exported;

  export_to (scene, scene->wang, scene->zhang, NULL);
  before = support_file_read (scene->path);
  post (scene->wang, joint (scene, scene->wang), "more");
  support_disk_limit (500);
  exported = mabei_bundle_export (scene->wang->replica, the_case (scene->wang, &scene->id), &zhang, 1, scene->path,
                                  now (), NULL, &error);
  support_disk_limit (0);
  g_assert_false (exported);
  g_assert_error (error, MABEI_BUNDLE_ERROR, MABEI_BUNDLE_ERROR_FULL);
  after = support_file_read (scene->path);
  g_assert_true (g_bytes_equal (before, after));
  g_assert_cmpuint (n_files (scene->folder), ==, 1);
  g_assert_false (mabei_bundle_export (scene->wang->replica, the_case (scene->wang, &scene->id), &zhang, 1,
                                       "/nowhere/at/all", now (), NULL, &gone));
  g_assert_error (gone, MABEI_BUNDLE_ERROR, MABEI_BUNDLE_ERROR_NOT_FOUND);
}

/* The file layer by itself, at the edges of its chunks. */
static void
test_chunks (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  static const gsize lengths[] = {0, 1, 65535, 65536, 65537, 131072, 200000};
  g_autoptr (MabeiDeviceKey) from = mabei_device_key_new (), to = mabei_device_key_new ();
  g_autoptr (GArray) recipients = g_array_new (FALSE, FALSE, sizeof (MabeiDevicePublic));

  g_array_append_vals (recipients, mabei_device_key_public (to), 1);
  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++) {
    g_autofree guint8 *in = g_malloc0 (lengths[i] + 1), *out = g_malloc0 (lengths[i] + 1);
    g_autoptr (MabeiBundleWriter) writer = mabei_bundle_writer_new (scene->path, from, recipients, NULL);
    g_autoptr (MabeiBundleReader) reader = NULL;
    guint64 bytes;
    gsize got;

    memset (in, (int) i + 1, lengths[i]);
    g_assert_true (mabei_bundle_writer_add (writer, in, lengths[i], NULL));
    g_assert_true (mabei_bundle_writer_finish (writer, &bytes, NULL));
    reader = mabei_bundle_reader_new (scene->path, NULL);
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
test_given_up (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (MabeiDeviceKey) from = mabei_device_key_new ();
  g_autoptr (GArray) recipients = g_array_new (FALSE, FALSE, sizeof (MabeiDevicePublic));
  MabeiBundleWriter *writer;

  g_array_append_vals (recipients, mabei_device_key_public (from), 1);
  writer = mabei_bundle_writer_new (scene->path, from, recipients, NULL);
  g_assert_true (mabei_bundle_writer_add (writer, "x", 1, NULL));
  g_assert_cmpuint (n_files (scene->folder), ==, 1);
  mabei_bundle_writer_free (writer);
  g_assert_cmpuint (n_files (scene->folder), ==, 0);
}

static void
add (const char *path, void (*test) (Scene *, gconstpointer))
{
  g_test_add (path, Scene, NULL, set_up, test, tear_down);
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
