/* The file of a bundle, without its meaning (bytes in BUNDLE.md): a header with one slot a recipient, then one stream
 * of bytes, sealed in chunks of 64 KiB (crypto_secretstream_xchacha20poly1305) with a final mark. Writing: a new file
 * beside the old, fsync, rename, fsync of the folder. Reading: bounded memory, any number of passes over one open file.
 * Blocking.
 */
#pragma once

#include "core/base/limits.h"
#include "core/crypto/device_key.h"
#include "sync/carrier/bundle.h"

#define MABEI_BUNDLE_SLOT_BYTES 80u /* 32 bytes of key, sealed to a device */
#define MABEI_BUNDLE_SLOTS 72u

typedef struct _MabeiBundleWriter MabeiBundleWriter;
typedef struct _MabeiBundleReader MabeiBundleReader;

/* @recipients: MabeiDevicePublic, at most MABEI_BUNDLE_SLOTS. */
MabeiBundleWriter *
mabei_bundle_writer_new (const char *path, MabeiDeviceKey *sender, const GArray *recipients, GError **error);
gboolean mabei_bundle_writer_add (MabeiBundleWriter *writer, gconstpointer data, gsize length, GError **error);
/* Seals the end and puts the file in its place. */
gboolean mabei_bundle_writer_finish (MabeiBundleWriter *writer, guint64 *bytes, GError **error);
/* Without _finish: no file is left. */
void mabei_bundle_writer_free (MabeiBundleWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiBundleWriter, mabei_bundle_writer_free)

/* Checks the header. FORMAT, DAMAGED, TOO_LARGE, NOT_FOUND. */
MabeiBundleReader *mabei_bundle_reader_new (const char *path, GError **error);
guint mabei_bundle_reader_n_slots (MabeiBundleReader *reader);
guint64 mabei_bundle_reader_bytes (MabeiBundleReader *reader);
/* Tries every slot as sent by @sender to @self. */
gboolean mabei_bundle_reader_unlock (MabeiBundleReader *reader, MabeiDeviceKey *self, const MabeiDevicePublic *sender);
/* From the start, once unlocked. */
gboolean mabei_bundle_reader_rewind (MabeiBundleReader *reader, GError **error);
/* Exactly @length bytes, or fewer at the end of the stream (told in *@got). FALSE: DAMAGED. */
gboolean mabei_bundle_reader_read (MabeiBundleReader *reader, gpointer out, gsize length, gsize *got, GError **error);
void mabei_bundle_reader_free (MabeiBundleReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiBundleReader, mabei_bundle_reader_free)
