#include "core/crypto/device_key.h"

#include <sodium.h>
#include <string.h>

#define SEED_BYTES 64u
#define SEAL_OVERHEAD_BYTES (crypto_scalarmult_BYTES + crypto_secretbox_MACBYTES)

struct _MabeiDeviceKey {
  MabeiSecret *seed;       /* Ed25519 seed, X25519 secret */
  MabeiSecret *sign_key;   /* 64 bytes, libsodium's expanded form */
  MabeiSecret *box_secret; /* 32 bytes */
  MabeiDevicePublic public;
  MabeiShortId id;
};

void
mabei_device_id (const MabeiDevicePublic *device, MabeiShortId *id)
{
  MabeiId hash;
  mabei_hash (MABEI_LABEL_DEVICE, &hash, device->sign_key, sizeof device->sign_key, device->box_key,
              sizeof device->box_key, NULL);
  memcpy (id->bytes, hash.bytes, MABEI_SHORT_ID_BYTES);
}

MabeiDeviceKey *
mabei_device_key_new_from_seed (MabeiSecret *seed)
{
  if (mabei_secret_length (seed) != SEED_BYTES)
    return NULL;
  MabeiDeviceKey *key = g_new0 (MabeiDeviceKey, 1);
  const guint8 *bytes = mabei_secret_data (seed);
  key->seed = mabei_secret_new_copy (bytes, SEED_BYTES);
  key->sign_key = mabei_secret_new (crypto_sign_SECRETKEYBYTES);
  key->box_secret = mabei_secret_new_copy (bytes + crypto_sign_SEEDBYTES, crypto_scalarmult_SCALARBYTES);
  crypto_sign_seed_keypair (key->public.sign_key, mabei_secret_data (key->sign_key), bytes);
  crypto_scalarmult_base (key->public.box_key, mabei_secret_data (key->box_secret));
  mabei_device_id (&key->public, &key->id);
  return key;
}

MabeiDeviceKey *
mabei_device_key_new (void)
{
  g_autoptr (MabeiSecret) seed = mabei_secret_new_random (SEED_BYTES);
  return mabei_device_key_new_from_seed (seed);
}

MabeiSecret *
mabei_device_key_seed (MabeiDeviceKey *key)
{
  return key->seed;
}

void
mabei_device_key_free (MabeiDeviceKey *key)
{
  if (key == NULL)
    return;
  mabei_secret_unref (key->seed);
  mabei_secret_unref (key->sign_key);
  mabei_secret_unref (key->box_secret);
  g_free (key);
}

const MabeiDevicePublic *
mabei_device_key_public (const MabeiDeviceKey *key)
{
  return &key->public;
}

const MabeiShortId *
mabei_device_key_id (const MabeiDeviceKey *key)
{
  return &key->id;
}

MabeiSecret *
mabei_device_key_box_secret (MabeiDeviceKey *key)
{
  return key->box_secret;
}

void
mabei_device_sign (
    MabeiDeviceKey *key, const char *label, gconstpointer data, gsize length, guint8 signature[MABEI_SIGNATURE_BYTES])
{
  MabeiField field = MABEI_FIELD (data, length);
  MabeiId hash;
  mabei_hash_fields (label, &field, 1, &hash);
  crypto_sign_detached (signature, NULL, hash.bytes, sizeof hash.bytes, mabei_secret_data (key->sign_key));
}

gboolean
mabei_device_verify (const guint8 sign_key[32],
                     const char *label,
                     gconstpointer data,
                     gsize length,
                     const guint8 signature[MABEI_SIGNATURE_BYTES])
{
  MabeiField field = MABEI_FIELD (data, length);
  MabeiId hash;
  mabei_hash_fields (label, &field, 1, &hash);
  return crypto_sign_verify_detached (signature, hash.bytes, sizeof hash.bytes, sign_key) == 0;
}

/* H (label; ephemeral-static, static-static, ephemeral key, both devices' public keys, sender first). Written to @key,
 * which the caller wipes. FALSE for a low-order public key. */
static gboolean
seal_key (const char *label,
          const guint8 *ephemeral_scalar,
          const guint8 *ephemeral_peer,
          const guint8 *static_scalar,
          const guint8 *static_peer,
          const guint8 *ephemeral_key,
          const MabeiDevicePublic *from,
          const MabeiDevicePublic *to,
          MabeiId *key)
{
  guint8 ephemeral_static[32], static_static[32];
  gboolean good = crypto_scalarmult (ephemeral_static, ephemeral_scalar, ephemeral_peer) == 0 &&
                  crypto_scalarmult (static_static, static_scalar, static_peer) == 0;
  if (good) {
    const MabeiField fields[] = {
        {ephemeral_static, 32}, {static_static, 32}, {ephemeral_key, 32}, {from->sign_key, 32},
        {from->box_key, 32},    {to->sign_key, 32},  {to->box_key, 32},
    };
    mabei_hash_fields (label, fields, G_N_ELEMENTS (fields), key);
  }
  sodium_memzero (ephemeral_static, sizeof ephemeral_static);
  sodium_memzero (static_static, sizeof static_static);
  return good;
}

/* The key serves one message only (the ephemeral key is fresh), so that a nonce of zero is sound. */
static const guint8 zero_nonce[crypto_secretbox_NONCEBYTES];

GBytes *
mabei_device_seal (
    MabeiDeviceKey *from, const MabeiDevicePublic *to, const char *label, gconstpointer data, gsize length)
{
  g_return_val_if_fail (length <= G_MAXINT, NULL);
  guint8 scalar[32];
  MabeiId key;
  g_autofree guint8 *sealed = g_malloc (SEAL_OVERHEAD_BYTES + length);
  randombytes_buf (scalar, sizeof scalar);
  crypto_scalarmult_base (sealed, scalar);
  gboolean good = seal_key (label, scalar, to->box_key, mabei_secret_data (from->box_secret), to->box_key, sealed,
                            &from->public, to, &key);
  sodium_memzero (scalar, sizeof scalar);
  if (!good)
    return NULL;
  crypto_secretbox_easy (sealed + crypto_scalarmult_BYTES, data, length, zero_nonce, key.bytes);
  sodium_memzero (&key, sizeof key);
  return g_bytes_new_take (g_steal_pointer (&sealed), SEAL_OVERHEAD_BYTES + length);
}

GBytes *
mabei_device_open (
    MabeiDeviceKey *to, const MabeiDevicePublic *from, const char *label, gconstpointer data, gsize length)
{
  if (length < SEAL_OVERHEAD_BYTES || length > G_MAXINT)
    return NULL;
  const guint8 *sealed = data;
  const guint8 *secret = mabei_secret_data (to->box_secret);
  MabeiId key;
  if (!seal_key (label, secret, sealed, secret, from->box_key, sealed, from, &to->public, &key))
    return NULL;
  gsize open_length = length - SEAL_OVERHEAD_BYTES;
  g_autofree guint8 *opened = g_malloc (open_length + 1);
  int result = crypto_secretbox_open_easy (opened, sealed + crypto_scalarmult_BYTES, length - crypto_scalarmult_BYTES,
                                           zero_nonce, key.bytes);
  sodium_memzero (&key, sizeof key);
  if (result != 0)
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&opened), open_length);
}
