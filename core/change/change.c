#include "core/change/change.h"

#include <sodium.h>
#include <string.h>

#include "core/base/limits.h"
#include "core/change/header.h"

G_DEFINE_QUARK (mabei - change - error - quark, mabei_change_error)

#define TAG_BYTES ((gsize) crypto_aead_xchacha20poly1305_ietf_ABYTES)

struct _MabeiChange {
  gatomicrefcount references;
  GBytes *encoded;
  const guint8 *header_bytes; /* these three point into @encoded */
  const guint8 *payload;
  const guint8 *signature;
  gsize header_length;
  gsize payload_length;
  MabeiId id;
  MabeiHeader header;
};

/* Size classes of a sealed body, padding included. The last one leaves room for the greatest header, the tag, the
 * signature and CBOR's heads within MABEI_LIMIT_CHANGE_BYTES. */
static const guint32 classes[] = {64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 49152, 61440};

/* The class for @length bytes and at least one byte of padding; 0 when there is none. */
static gsize
size_class (gsize length)
{
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++) {
    if (length < classes[i])
      return classes[i];
  }
  return 0;
}

gboolean
mabei_change_take_fault (MabeiCborReader *reader, const char *what, GError **error)
{
  g_autoptr (GError) fault = NULL;
  if (mabei_cbor_reader_finish (reader, &fault))
    g_assert_not_reached ();
  gboolean limit = g_error_matches (fault, MABEI_CBOR_ERROR, MABEI_CBOR_ERROR_LIMIT);
  g_set_error (error, MABEI_CHANGE_ERROR, limit ? MABEI_CHANGE_ERROR_TOO_LARGE : MABEI_CHANGE_ERROR_FORMAT, "%s: %s",
               what, fault->message);
  return FALSE;
}

static MabeiChange *
refuse (GError **error, MabeiChangeError code, const char *fault)
{
  g_set_error_literal (error, MABEI_CHANGE_ERROR, (gint) code, fault);
  return NULL;
}

static void
compute_id (const guint8 *header, gsize header_length, const guint8 *payload, gsize payload_length, MabeiId *id)
{
  const MabeiField fields[] = {{header, header_length}, {payload, payload_length}};
  mabei_hash_fields (MABEI_LABEL_CHANGE, fields, G_N_ELEMENTS (fields), id);
}

/* Padded and sealed under @key, the header being the associated data. */
static void
seal_body (GByteArray *payload,
           const GByteArray *header_bytes,
           const guint8 *nonce,
           MabeiSecret *key,
           gconstpointer body,
           gsize length)
{
  gsize padded_length, padded = size_class (length);
  g_byte_array_set_size (payload, (guint) (padded + TAG_BYTES));
  if (length > 0)
    memcpy (payload->data, body, length);
  if (sodium_pad (&padded_length, payload->data, length, padded, padded) != 0)
    g_assert_not_reached ();
  crypto_aead_xchacha20poly1305_ietf_encrypt (payload->data, NULL, payload->data, padded, header_bytes->data,
                                              header_bytes->len, NULL, nonce, mabei_secret_data (key));
}

MabeiChange *
mabei_change_seal (const MabeiHeader *header,
                   MabeiDeviceKey *author,
                   MabeiSecret *operation_key,
                   gconstpointer body,
                   gsize length,
                   GError **error)
{
  gboolean sealed = mabei_kind_is_sealed (header->kind);
  g_return_val_if_fail (sealed == (operation_key != NULL), NULL);
  g_return_val_if_fail (operation_key == NULL || mabei_secret_length (operation_key) == 32, NULL);
  if (!mabei_header_check (header, error))
    return NULL;
  if (length > MABEI_LIMIT_CHANGE_BYTES || (sealed && size_class (length) == 0))
    return refuse (error, MABEI_CHANGE_ERROR_TOO_LARGE, "change: the body is longer than allowed");
  MabeiHeader complete = *header;
  memset (complete.nonce, 0, sizeof complete.nonce);
  if (sealed)
    randombytes_buf (complete.nonce, sizeof complete.nonce);
  g_autoptr (GByteArray) header_bytes =
      mabei_header_encode (&complete, sealed ? size_class (length) + TAG_BYTES : length);
  g_autoptr (GByteArray) payload = g_byte_array_new ();
  if (sealed)
    seal_body (payload, header_bytes, complete.nonce, operation_key, body, length);
  else if (length > 0)
    g_byte_array_append (payload, body, (guint) length);
  MabeiId id;
  guint8 signature[MABEI_SIGNATURE_BYTES];
  compute_id (header_bytes->data, header_bytes->len, payload->data, payload->len, &id);
  mabei_device_sign (author, MABEI_LABEL_CHANGE_SIGNATURE, id.bytes, sizeof id.bytes, signature);
  GByteArray *out = g_byte_array_sized_new (header_bytes->len + payload->len + 80);
  mabei_cbor_write_array (out, 3);
  mabei_cbor_write_bytes (out, header_bytes->data, header_bytes->len);
  mabei_cbor_write_bytes (out, payload->data, payload->len);
  mabei_cbor_write_bytes (out, signature, sizeof signature);
  g_autoptr (GBytes) encoded = g_byte_array_free_to_bytes (out);
  return mabei_change_parse (encoded, error);
}

MabeiChange *
mabei_change_parse (GBytes *encoded, GError **error)
{
  gsize length, signature_length, announced;
  guint64 count;
  MabeiCborReader reader;
  const guint8 *data = g_bytes_get_data (encoded, &length);
  if (length > MABEI_LIMIT_CHANGE_BYTES)
    return refuse (error, MABEI_CHANGE_ERROR_TOO_LARGE, "change: longer than allowed");
  g_autoptr (MabeiChange) change = g_new0 (MabeiChange, 1);
  g_atomic_ref_count_init (&change->references);
  change->encoded = g_bytes_ref (encoded);
  mabei_cbor_reader_init (&reader, data, length);
  gboolean read =
      mabei_cbor_read_array (&reader, 3, &count) &&
      mabei_cbor_read_bytes (&reader, MABEI_LIMIT_HEADER_BYTES, &change->header_bytes, &change->header_length) &&
      mabei_cbor_read_bytes (&reader, MABEI_LIMIT_CHANGE_BYTES, &change->payload, &change->payload_length) &&
      mabei_cbor_read_bytes (&reader, MABEI_SIGNATURE_BYTES, &change->signature, &signature_length);
  if (!mabei_cbor_reader_finish (&reader, NULL)) {
    mabei_change_take_fault (&reader, "change", error);
    return NULL;
  }
  if (!read || count != 3 || signature_length != MABEI_SIGNATURE_BYTES)
    return refuse (error, MABEI_CHANGE_ERROR_FORMAT, "change: not made of header, payload and signature");
  if (!mabei_header_decode (change->header_bytes, change->header_length, &change->header, &announced, error))
    return NULL;
  if (announced != change->payload_length)
    return refuse (error, MABEI_CHANGE_ERROR_FORMAT, "change: the header announces a payload of another length");
  if (mabei_change_is_sealed (change) &&
      (announced <= TAG_BYTES || size_class (announced - TAG_BYTES - 1) != announced - TAG_BYTES))
    return refuse (error, MABEI_CHANGE_ERROR_FORMAT, "change: the payload fits no size class");
  compute_id (change->header_bytes, change->header_length, change->payload, change->payload_length, &change->id);
  return g_steal_pointer (&change);
}

MabeiChange *
mabei_change_ref (MabeiChange *change)
{
  g_atomic_ref_count_inc (&change->references);
  return change;
}

void
mabei_change_unref (MabeiChange *change)
{
  if (change == NULL || !g_atomic_ref_count_dec (&change->references))
    return;
  g_bytes_unref (change->encoded);
  g_free (change);
}

const MabeiId *
mabei_change_id (const MabeiChange *change)
{
  return &change->id;
}

const MabeiHeader *
mabei_change_header (const MabeiChange *change)
{
  return &change->header;
}

GBytes *
mabei_change_encoded (MabeiChange *change)
{
  return change->encoded;
}

gboolean
mabei_change_is_sealed (const MabeiChange *change)
{
  return mabei_kind_is_sealed (change->header.kind);
}

gboolean
mabei_change_verify (const MabeiChange *change, const guint8 sign_key[32])
{
  return mabei_device_verify (sign_key, MABEI_LABEL_CHANGE_SIGNATURE, change->id.bytes, sizeof change->id.bytes,
                              change->signature);
}

GBytes *
mabei_change_open (const MabeiChange *change, MabeiSecret *operation_key, GError **error)
{
  if (!mabei_change_is_sealed (change))
    return g_bytes_new_from_bytes (
        change->encoded, (gsize) (change->payload - (const guint8 *) g_bytes_get_data (change->encoded, NULL)),
        change->payload_length);
  gsize padded = change->payload_length - TAG_BYTES, length;
  g_autofree guint8 *body = g_malloc (padded);
  if (operation_key == NULL || mabei_secret_length (operation_key) != 32 ||
      crypto_aead_xchacha20poly1305_ietf_decrypt (body, NULL, NULL, change->payload, change->payload_length,
                                                  change->header_bytes, change->header_length, change->header.nonce,
                                                  mabei_secret_data (operation_key)) != 0) {
    refuse (error, MABEI_CHANGE_ERROR_NOT_OPENED, "change: does not open with this key");
    return NULL;
  }
  /* Its author has the key, and may still have padded in another form: then nobody reads it. */
  if (sodium_unpad (&length, body, padded, padded) != 0 || size_class (length) != padded) {
    refuse (error, MABEI_CHANGE_ERROR_FORMAT, "change: padded in another form than the canonical one");
    return NULL;
  }
  return g_bytes_new_take (g_steal_pointer (&body), length);
}
