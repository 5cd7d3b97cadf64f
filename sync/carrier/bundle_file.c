#include "sync/carrier/bundle_file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "MABEIBDL"
#define MAGIC_BYTES 8u
#define FORMAT 1u
#define START_BYTES (MAGIC_BYTES + 2u) /* magic, format, number of slots */
#define CHUNK_BYTES 65536u
#define SEALED_BYTES (CHUNK_BYTES + crypto_secretstream_xchacha20poly1305_ABYTES)
#define STREAM_HEADER_BYTES crypto_secretstream_xchacha20poly1305_HEADERBYTES

G_DEFINE_QUARK (mabei_bundle_error, mabei_bundle_error)

struct _MabeiBundleWriter {
  char *path;
  char *temporary;
  int fd;
  MabeiId header_hash; /* associated data of every chunk: header and stream belong together */
  crypto_secretstream_xchacha20poly1305_state state;
  guint8 chunk[CHUNK_BYTES];
  gsize filled;
  guint64 written;
};

struct _MabeiBundleReader {
  int fd;
  guint64 size;
  guint n_slots;
  guint8 *header; /* magic to the last slot */
  gsize header_bytes;
  MabeiId header_hash;
  MabeiSecret *key;
  crypto_secretstream_xchacha20poly1305_state state;
  guint8 chunk[CHUNK_BYTES];
  gsize filled, at;
  gboolean is_final;
};

static gboolean
bundle_error (GError **error, MabeiBundleError code, const char *text)
{
  g_set_error_literal (error, MABEI_BUNDLE_ERROR, code, text);
  return FALSE;
}

static gboolean
system_error (GError **error, const char *what, const char *path, int number)
{
  MabeiBundleError code = number == ENOSPC || number == EDQUOT || number == EFBIG || number == EIO
                              ? MABEI_BUNDLE_ERROR_FULL
                              : MABEI_BUNDLE_ERROR_NOT_FOUND;

  g_set_error (error, MABEI_BUNDLE_ERROR, code, "%s %s: %s", what, path, g_strerror (number));
  return FALSE;
}

/* --- writing --- */

static gboolean
write_all (MabeiBundleWriter *writer, const guint8 *data, gsize length, GError **error)
{
  writer->written += length;
  if (writer->written > MABEI_LIMIT_BUNDLE_BYTES)
    return bundle_error (error, MABEI_BUNDLE_ERROR_TOO_LARGE, "the bundle would be larger than 64 MiB");
  while (length > 0) {
    gssize n = write (writer->fd, data, length);

    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return system_error (error, "cannot write", writer->path, errno);
    data += n;
    length -= (gsize) n;
  }
  return TRUE;
}

/* A slot that opens to nobody: sealed like the others, to a device that never was, so that it looks like them. */
static GBytes *
make_dummy_slot (MabeiDeviceKey *sender)
{
  g_autoptr (MabeiDeviceKey) nobody = mabei_device_key_new ();
  guint8 noise[32];

  randombytes_buf (noise, sizeof noise);
  return mabei_device_seal (sender, mabei_device_key_public (nobody), MABEI_LABEL_BUNDLE, noise, sizeof noise);
}

static GByteArray *
make_header (MabeiDeviceKey *sender, const GArray *recipients, MabeiSecret *key)
{
  GByteArray *header = g_byte_array_new ();
  guint n_slots = (recipients->len + 3) / 4 * 4;
  guint8 bytes[2] = {FORMAT, (guint8) n_slots};

  g_byte_array_append (header, (const guint8 *) MAGIC, MAGIC_BYTES);
  g_byte_array_append (header, bytes, sizeof bytes);
  for (guint i = 0; i < n_slots; i++) {
    g_autoptr (GBytes) slot = NULL;

    if (i < recipients->len)
      slot = mabei_device_seal (sender, &g_array_index (recipients, MabeiDevicePublic, i), MABEI_LABEL_BUNDLE,
                                mabei_secret_data (key), mabei_secret_length (key));
    if (slot == NULL)
      slot = make_dummy_slot (sender);
    g_assert (g_bytes_get_size (slot) == MABEI_BUNDLE_SLOT_BYTES);
    g_byte_array_append (header, g_bytes_get_data (slot, NULL), MABEI_BUNDLE_SLOT_BYTES);
  }
  return header;
}

MabeiBundleWriter *
mabei_bundle_writer_new (const char *path, MabeiDeviceKey *sender, const GArray *recipients, GError **error)
{
  g_autoptr (MabeiBundleWriter) writer = g_new0 (MabeiBundleWriter, 1);
  g_autoptr (MabeiSecret) key = mabei_secret_new (crypto_secretstream_xchacha20poly1305_KEYBYTES);
  g_autoptr (GByteArray) header = NULL;
  guint8 stream_header[STREAM_HEADER_BYTES];

  g_assert (recipients->len > 0 && recipients->len <= MABEI_BUNDLE_SLOTS);
  writer->path = g_strdup (path);
  writer->temporary = g_strconcat (path, ".XXXXXX", NULL);
  writer->fd = g_mkstemp_full (writer->temporary, O_WRONLY | O_CLOEXEC, 0600);
  if (writer->fd < 0) {
    system_error (error, "cannot write", path, errno);
    g_clear_pointer (&writer->temporary, g_free);
    return NULL;
  }
  crypto_secretstream_xchacha20poly1305_keygen (mabei_secret_data (key));
  header = make_header (sender, recipients, key);
  mabei_hash (MABEI_LABEL_BUNDLE, &writer->header_hash, header->data, (gsize) header->len, NULL);
  crypto_secretstream_xchacha20poly1305_init_push (&writer->state, stream_header, mabei_secret_data (key));
  if (!write_all (writer, header->data, header->len, error) ||
      !write_all (writer, stream_header, sizeof stream_header, error))
    return NULL;
  return g_steal_pointer (&writer);
}

static gboolean
write_chunk (MabeiBundleWriter *writer, gboolean is_final, GError **error)
{
  g_autofree guint8 *sealed = g_malloc (SEALED_BYTES);
  guint8 tag = is_final ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0;

  crypto_secretstream_xchacha20poly1305_push (&writer->state, sealed, NULL, writer->chunk, writer->filled,
                                              writer->header_hash.bytes, MABEI_ID_BYTES, tag);
  if (!write_all (writer, sealed, writer->filled + crypto_secretstream_xchacha20poly1305_ABYTES, error))
    return FALSE;
  writer->filled = 0;
  return TRUE;
}

gboolean
mabei_bundle_writer_add (MabeiBundleWriter *writer, gconstpointer data, gsize length, GError **error)
{
  const guint8 *at = data;

  while (length > 0) {
    gsize part = MIN (length, CHUNK_BYTES - writer->filled);

    /* A full chunk waits until more comes: the last one must carry the final mark. */
    if (part == 0) {
      if (!write_chunk (writer, FALSE, error))
        return FALSE;
      continue;
    }
    memcpy (writer->chunk + writer->filled, at, part);
    writer->filled += part;
    at += part;
    length -= part;
  }
  return TRUE;
}

static gboolean
sync_folder (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean good = fd >= 0 && (fsync (fd) == 0 || errno == EINVAL); /* some file systems know no fsync of a folder */
  int number = errno;

  if (fd >= 0)
    close (fd);
  return good || system_error (error, "cannot write", folder, number);
}

gboolean
mabei_bundle_writer_finish (MabeiBundleWriter *writer, guint64 *bytes, GError **error)
{
  if (!write_chunk (writer, TRUE, error))
    return FALSE;
  if (fsync (writer->fd) != 0 || rename (writer->temporary, writer->path) != 0)
    return system_error (error, "cannot write", writer->path, errno);
  g_clear_pointer (&writer->temporary, g_free);
  if (!sync_folder (writer->path, error))
    return FALSE;
  *bytes = writer->written;
  return TRUE;
}

void
mabei_bundle_writer_free (MabeiBundleWriter *writer)
{
  if (writer == NULL)
    return;
  if (writer->fd >= 0)
    close (writer->fd);
  if (writer->temporary != NULL)
    unlink (writer->temporary);
  g_free (writer->temporary);
  g_free (writer->path);
  sodium_memzero (writer, sizeof *writer);
  g_free (writer);
}

/* --- reading --- */

/* *@got is less than @length at the end of the file only. */
static gboolean
read_all (MabeiBundleReader *reader, guint8 *out, gsize length, gsize *got, GError **error)
{
  *got = 0;
  while (*got < length) {
    gssize n = read (reader->fd, out + *got, length - *got);

    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0) {
      g_set_error (error, MABEI_BUNDLE_ERROR, MABEI_BUNDLE_ERROR_DAMAGED, "cannot read the bundle: %s",
                   g_strerror (errno));
      return FALSE;
    }
    if (n == 0)
      return TRUE;
    *got += (gsize) n;
  }
  return TRUE;
}

static gboolean
open_file (MabeiBundleReader *reader, const char *path, GError **error)
{
  struct stat info;

  reader->fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (reader->fd < 0 || fstat (reader->fd, &info) != 0)
    return system_error (error, "cannot read", path, errno);
  if (!S_ISREG (info.st_mode))
    return bundle_error (error, MABEI_BUNDLE_ERROR_FORMAT, "not a bundle: not a file");
  reader->size = (guint64) info.st_size;
  if (reader->size > MABEI_LIMIT_BUNDLE_BYTES)
    return bundle_error (error, MABEI_BUNDLE_ERROR_TOO_LARGE, "the file is larger than a bundle may be (64 MiB)");
  return TRUE;
}

static gboolean
read_header (MabeiBundleReader *reader, GError **error)
{
  guint8 start[START_BYTES];
  gsize got, slots_bytes;

  if (!read_all (reader, start, sizeof start, &got, error))
    return FALSE;
  if (got < MAGIC_BYTES || memcmp (start, MAGIC, MAGIC_BYTES) != 0)
    return bundle_error (error, MABEI_BUNDLE_ERROR_FORMAT, "not a bundle");
  if (got < sizeof start)
    return bundle_error (error, MABEI_BUNDLE_ERROR_DAMAGED, "the bundle is cut off");
  if (start[MAGIC_BYTES] != FORMAT) {
    g_set_error (error, MABEI_BUNDLE_ERROR, MABEI_BUNDLE_ERROR_FORMAT, "a bundle of format %u; this program knows %u",
                 start[MAGIC_BYTES], FORMAT);
    return FALSE;
  }
  reader->n_slots = start[MAGIC_BYTES + 1];
  if (reader->n_slots == 0 || reader->n_slots % 4 != 0 || reader->n_slots > MABEI_BUNDLE_SLOTS)
    return bundle_error (error, MABEI_BUNDLE_ERROR_DAMAGED, "the bundle is damaged: wrong number of slots");
  slots_bytes = reader->n_slots * MABEI_BUNDLE_SLOT_BYTES;
  reader->header_bytes = START_BYTES + slots_bytes;
  reader->header = g_malloc (reader->header_bytes);
  memcpy (reader->header, start, START_BYTES);
  if (!read_all (reader, reader->header + START_BYTES, slots_bytes, &got, error))
    return FALSE;
  if (got < slots_bytes)
    return bundle_error (error, MABEI_BUNDLE_ERROR_DAMAGED, "the bundle is cut off");
  mabei_hash (MABEI_LABEL_BUNDLE, &reader->header_hash, reader->header, reader->header_bytes, NULL);
  return TRUE;
}

MabeiBundleReader *
mabei_bundle_reader_new (const char *path, GError **error)
{
  g_autoptr (MabeiBundleReader) reader = g_new0 (MabeiBundleReader, 1);

  if (!open_file (reader, path, error) || !read_header (reader, error))
    return NULL;
  return g_steal_pointer (&reader);
}

guint
mabei_bundle_reader_n_slots (MabeiBundleReader *reader)
{
  return reader->n_slots;
}

guint64
mabei_bundle_reader_bytes (MabeiBundleReader *reader)
{
  return reader->size;
}

gboolean
mabei_bundle_reader_unlock (MabeiBundleReader *reader, MabeiDeviceKey *self, const MabeiDevicePublic *sender)
{
  for (guint i = 0; i < reader->n_slots; i++) {
    const guint8 *slot = reader->header + START_BYTES + i * MABEI_BUNDLE_SLOT_BYTES;
    g_autoptr (GBytes) key = mabei_device_open (self, sender, MABEI_LABEL_BUNDLE, slot, MABEI_BUNDLE_SLOT_BYTES);
    gsize length;
    gpointer data;

    if (key == NULL || g_bytes_get_size (key) != crypto_secretstream_xchacha20poly1305_KEYBYTES)
      continue;
    data = (gpointer) g_bytes_get_data (key, &length);
    reader->key = mabei_secret_new_copy (data, length);
    sodium_memzero (data, length);
    return TRUE;
  }
  return FALSE;
}

gboolean
mabei_bundle_reader_rewind (MabeiBundleReader *reader, GError **error)
{
  guint8 stream_header[STREAM_HEADER_BYTES];
  gsize got;

  g_assert (reader->key != NULL);
  reader->filled = reader->at = 0;
  reader->is_final = FALSE;
  if (lseek (reader->fd, (off_t) reader->header_bytes, SEEK_SET) < 0 ||
      !read_all (reader, stream_header, sizeof stream_header, &got, NULL) || got < sizeof stream_header ||
      crypto_secretstream_xchacha20poly1305_init_pull (&reader->state, stream_header,
                                                       mabei_secret_data (reader->key)) != 0)
    return bundle_error (error, MABEI_BUNDLE_ERROR_DAMAGED, "the bundle is cut off");
  return TRUE;
}

static gboolean
read_chunk (MabeiBundleReader *reader, GError **error)
{
  g_autofree guint8 *sealed = g_malloc (SEALED_BYTES);
  unsigned long long opened;
  guint8 tag, more;
  gsize got, beyond;

  if (!read_all (reader, sealed, SEALED_BYTES, &got, error))
    return FALSE;
  if (got < crypto_secretstream_xchacha20poly1305_ABYTES)
    return bundle_error (error, MABEI_BUNDLE_ERROR_DAMAGED, "the bundle is cut off");
  if (crypto_secretstream_xchacha20poly1305_pull (&reader->state, reader->chunk, &opened, &tag, sealed, got,
                                                  reader->header_hash.bytes, MABEI_ID_BYTES) != 0)
    return bundle_error (error, MABEI_BUNDLE_ERROR_DAMAGED, "the bundle is damaged or cut off");
  reader->filled = (gsize) opened;
  reader->at = 0;
  reader->is_final = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
  if (!reader->is_final)
    return got == SEALED_BYTES || bundle_error (error, MABEI_BUNDLE_ERROR_DAMAGED, "the bundle is cut off");
  if (!read_all (reader, &more, 1, &beyond, error))
    return FALSE;
  return beyond == 0 || bundle_error (error, MABEI_BUNDLE_ERROR_DAMAGED, "something follows the end of the bundle");
}

gboolean
mabei_bundle_reader_read (MabeiBundleReader *reader, gpointer out, gsize length, gsize *got, GError **error)
{
  guint8 *to = out;

  *got = 0;
  while (*got < length) {
    gsize part = MIN (length - *got, reader->filled - reader->at);

    memcpy (to + *got, reader->chunk + reader->at, part);
    reader->at += part;
    *got += part;
    if (*got == length)
      return TRUE;
    if (reader->is_final)
      return TRUE;
    if (!read_chunk (reader, error))
      return FALSE;
  }
  return TRUE;
}

void
mabei_bundle_reader_free (MabeiBundleReader *reader)
{
  if (reader == NULL)
    return;
  if (reader->fd >= 0)
    close (reader->fd);
  g_free (reader->header);
  mabei_secret_unref (reader->key);
  sodium_memzero (reader, sizeof *reader);
  g_free (reader);
}
