#include "core/crypto/epoch.h"

#include <sodium.h>
#include <string.h>

#define NONCE_BYTES ((gsize) crypto_aead_xchacha20poly1305_ietf_NPUBBYTES)
#define TAG_BYTES ((gsize) crypto_aead_xchacha20poly1305_ietf_ABYTES)
#define SMALLEST_CLASS_BYTES ((gsize) 256)
#define LARGEST_CLASS_BYTES ((gsize) 131072)

G_STATIC_ASSERT (MABEI_ENVELOPE_OVERHEAD_BYTES == NONCE_BYTES + TAG_BYTES);

/* The class for @length bytes and at least one byte of padding; 0 when there is none. */
static gsize
size_class (gsize length)
{
  gsize size = SMALLEST_CLASS_BYTES;
  while (size <= length && size < LARGEST_CLASS_BYTES)
    size *= 2;
  return size > length ? size : 0;
}

gboolean
mabei_envelope_size_is_valid (gsize sealed_length)
{
  if (sealed_length < SMALLEST_CLASS_BYTES + NONCE_BYTES + TAG_BYTES)
    return FALSE;
  gsize padded = sealed_length - NONCE_BYTES - TAG_BYTES;
  return padded <= LARGEST_CLASS_BYTES && size_class (padded - 1) == padded;
}

static MabeiSecret *
envelope_key (MabeiSecret *secret, guint32 period)
{
  guint32 period_le = GUINT32_TO_LE (period);
  MabeiField field = MABEI_FIELD (&period_le, sizeof period_le);
  return mabei_hash_secret (MABEI_LABEL_ENVELOPE, secret, &field, 1);
}

GBytes *
mabei_envelope_seal (MabeiSecret *secret, guint32 period, const MabeiShortId *mailbox, gconstpointer data, gsize length)
{
  gsize padded = size_class (length);
  if (padded == 0)
    return NULL;
  gsize sealed_length = NONCE_BYTES + padded + TAG_BYTES;
  g_autofree guint8 *sealed = g_malloc (sealed_length);
  guint8 *body = sealed + NONCE_BYTES;
  if (length > 0)
    memcpy (body, data, length);
  gsize padded_length;
  if (sodium_pad (&padded_length, body, length, padded, padded) != 0)
    g_assert_not_reached ();
  randombytes_buf (sealed, NONCE_BYTES);
  g_autoptr (MabeiSecret) key = envelope_key (secret, period);
  crypto_aead_xchacha20poly1305_ietf_encrypt (body, NULL, body, padded, mailbox->bytes, sizeof mailbox->bytes, NULL,
                                              sealed, mabei_secret_data (key));
  return g_bytes_new_take (g_steal_pointer (&sealed), sealed_length);
}

GBytes *
mabei_envelope_open (MabeiSecret *secret, guint32 period, const MabeiShortId *mailbox, gconstpointer data, gsize length)
{
  if (!mabei_envelope_size_is_valid (length))
    return NULL;
  const guint8 *sealed = data;
  gsize padded = length - NONCE_BYTES - TAG_BYTES;
  g_autofree guint8 *body = g_malloc (padded);
  g_autoptr (MabeiSecret) key = envelope_key (secret, period);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt (body, NULL, NULL, sealed + NONCE_BYTES, length - NONCE_BYTES,
                                                  mailbox->bytes, sizeof mailbox->bytes, sealed,
                                                  mabei_secret_data (key)) != 0)
    return NULL;
  gsize open_length;
  /* One form a content: a class larger than needed is refused, as is padding that is not ISO/IEC 7816-4. */
  if (sodium_unpad (&open_length, body, padded, padded) != 0 || size_class (open_length) != padded)
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&body), open_length);
}
