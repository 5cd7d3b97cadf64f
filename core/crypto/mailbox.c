#include "core/crypto/epoch.h"

#include <sodium.h>
#include <string.h>

struct _MabeiMailboxKeys {
  MabeiSecret *read_secret; /* 64 bytes, libsodium's expanded form */
  MabeiSecret *write_secret;
  guint8 read_key[32];
  guint8 write_key[32];
  MabeiShortId id;
};

static MabeiSecret *
derive_key_pair (const char *label, MabeiSecret *secret, guint32 period, guint8 public_key[32])
{
  guint32 period_le = GUINT32_TO_LE (period);
  MabeiField field = MABEI_FIELD (&period_le, sizeof period_le);
  g_autoptr (MabeiSecret) seed = mabei_hash_secret (label, secret, &field, 1);
  MabeiSecret *expanded = mabei_secret_new (crypto_sign_SECRETKEYBYTES);
  crypto_sign_seed_keypair (public_key, mabei_secret_data (expanded), mabei_secret_data (seed));
  return expanded;
}

MabeiMailboxKeys *
mabei_mailbox_keys_new (MabeiSecret *secret, guint32 period)
{
  MabeiMailboxKeys *keys = g_new0 (MabeiMailboxKeys, 1);
  keys->read_secret = derive_key_pair (MABEI_LABEL_MAILBOX_READ, secret, period, keys->read_key);
  keys->write_secret = derive_key_pair (MABEI_LABEL_MAILBOX_WRITE, secret, period, keys->write_key);
  mabei_mailbox_id (keys->read_key, keys->write_key, &keys->id);
  return keys;
}

void
mabei_mailbox_keys_free (MabeiMailboxKeys *keys)
{
  if (keys == NULL)
    return;
  mabei_secret_unref (keys->read_secret);
  mabei_secret_unref (keys->write_secret);
  g_free (keys);
}

const MabeiShortId *
mabei_mailbox_keys_id (const MabeiMailboxKeys *keys)
{
  return &keys->id;
}

const guint8 *
mabei_mailbox_keys_read_key (const MabeiMailboxKeys *keys)
{
  return keys->read_key;
}

const guint8 *
mabei_mailbox_keys_write_key (const MabeiMailboxKeys *keys)
{
  return keys->write_key;
}

/* The same form as mabei_device_sign, so that mabei_device_verify checks both. */
static void
sign (MabeiSecret *key, const char *label, gconstpointer data, gsize length, guint8 *signature)
{
  MabeiField field = MABEI_FIELD (data, length);
  MabeiId hash;
  mabei_hash_fields (label, &field, 1, &hash);
  crypto_sign_detached (signature, NULL, hash.bytes, sizeof hash.bytes, mabei_secret_data (key));
}

void
mabei_mailbox_keys_sign_read (MabeiMailboxKeys *keys,
                              const char *label,
                              gconstpointer data,
                              gsize length,
                              guint8 signature[MABEI_SIGNATURE_BYTES])
{
  sign (keys->read_secret, label, data, length, signature);
}

void
mabei_mailbox_keys_sign_write (MabeiMailboxKeys *keys,
                               const char *label,
                               gconstpointer data,
                               gsize length,
                               guint8 signature[MABEI_SIGNATURE_BYTES])
{
  sign (keys->write_secret, label, data, length, signature);
}

void
mabei_mailbox_id (const guint8 read_key[32], const guint8 write_key[32], MabeiShortId *id)
{
  MabeiId hash;
  mabei_hash (MABEI_LABEL_MAILBOX, &hash, read_key, (gsize) 32, write_key, (gsize) 32, NULL);
  memcpy (id->bytes, hash.bytes, MABEI_SHORT_ID_BYTES);
}
