/* A bundle's file from anybody: its header, its slots, its chunks. (What is inside a genuine one is frames: frame.) */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/secret.h"
#include "sync/carrier/bundle_file.h"
#include "tests/fuzz/fuzz.h"

/* Made once: keys cost more than what is tried. */
static MabeiDeviceKey *
fixed_device (guint8 byte)
{
  static MabeiDeviceKey *devices[3];

  if (devices[byte] == NULL) {
    g_autoptr (MabeiSecret) seed = mabei_secret_new (64);

    memset (mabei_secret_data (seed), byte, 64);
    devices[byte] = mabei_device_key_new_from_seed (seed);
  }
  return devices[byte];
}

static void
add_bundle (GPtrArray *seeds, const char *path, gsize length)
{
  MabeiDeviceKey *from = fixed_device (1), *to = fixed_device (2);
  g_autoptr (GArray) recipients = g_array_new (FALSE, FALSE, sizeof (MabeiDevicePublic));
  g_autoptr (MabeiBundleWriter) writer = NULL;
  g_autofree guint8 *data = g_malloc0 (length);
  char *contents;
  guint64 bytes;
  gsize size;

  g_array_append_vals (recipients, mabei_device_key_public (to), 1);
  writer = mabei_bundle_writer_new (path, from, recipients, NULL);
  g_assert_true (mabei_bundle_writer_add (writer, data, length, NULL));
  g_assert_true (mabei_bundle_writer_finish (writer, &bytes, NULL));
  g_assert_true (g_file_get_contents (path, &contents, &size, NULL));
  g_ptr_array_add (seeds, g_bytes_new_take (contents, size));
}

void
fuzz_seeds (GPtrArray *seeds)
{
  g_autofree char *folder = g_dir_make_tmp ("mabei-fuzz-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "bundle", NULL);

  add_bundle (seeds, path, 100);
  add_bundle (seeds, path, 1);
  unlink (path);
  rmdir (folder);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t length)
{
  int fd = memfd_create ("bundle", MFD_CLOEXEC);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  MabeiDeviceKey *from = fixed_device (1), *to = fixed_device (2);
  g_autoptr (MabeiBundleReader) reader = NULL;
  g_autoptr (GError) error = NULL;
  guint8 out[4096];
  gsize got = 1;

  g_assert_cmpint (write (fd, data, length), ==, (gssize) length);
  reader = mabei_bundle_reader_new (path, &error);
  close (fd);
  if (reader == NULL) {
    g_assert_nonnull (error);
    return 0;
  }
  if (!mabei_bundle_reader_unlock (reader, to, mabei_device_key_public (from)) ||
      !mabei_bundle_reader_rewind (reader, NULL))
    return 0;
  while (got > 0)
    if (!mabei_bundle_reader_read (reader, out, sizeof out, &got, &error)) {
      g_assert_nonnull (error);
      return 0;
    }
  return 0;
}
