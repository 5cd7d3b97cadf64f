#include "core/store/row_seal.h"

#include <sodium.h>
#include <string.h>

#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES
#define ROW_KEY_BYTES 32u
#define SMALLEST_CLASS 64u

struct _MabeiRowSeal {
  MabeiSecret *value_key;
  MabeiSecret *name_key;
};

/* A block of plaintext with its length in front, so that it can be wiped when the last reference goes. */
typedef struct {
  gsize length;
  guint8 bytes[];
} Plain;

static void
plain_free (gpointer data)
{
  Plain *plain = data;

  sodium_memzero (plain->bytes, plain->length);
  g_free (plain);
}

static Plain *
plain_new (gsize length)
{
  Plain *plain = g_malloc (sizeof (Plain) + length);

  plain->length = length;
  return plain;
}

MabeiRowSeal *
mabei_row_seal_new (MabeiSecret *database_key)
{
  MabeiRowSeal *seal = g_new0 (MabeiRowSeal, 1);

  seal->value_key = mabei_hash_secret (MABEI_LABEL_ROW, database_key, &MABEI_FIELD ("value", 5), 1);
  seal->name_key = mabei_hash_secret (MABEI_LABEL_ROW, database_key, &MABEI_FIELD ("name", 4), 1);
  return seal;
}

void
mabei_row_seal_free (MabeiRowSeal *seal)
{
  if (seal == NULL)
    return;
  mabei_secret_unref (seal->value_key);
  mabei_secret_unref (seal->name_key);
  g_free (seal);
}

static void
hash_name (MabeiRowSeal *seal, const char *owner, const char *name, MabeiId *hash)
{
  MabeiField fields[] = {
      MABEI_FIELD (mabei_secret_data (seal->name_key), mabei_secret_length (seal->name_key)),
      MABEI_FIELD (owner, strlen (owner)),
      MABEI_FIELD (name, strlen (name)),
  };

  mabei_hash_fields (MABEI_LABEL_ROW, fields, G_N_ELEMENTS (fields), hash);
}

void
mabei_row_seal_name (MabeiRowSeal *seal, const char *name, MabeiId *hash)
{
  hash_name (seal, "item", name, hash);
}

void
mabei_row_seal_own_name (MabeiRowSeal *seal, const char *name, MabeiId *hash)
{
  hash_name (seal, "own", name, hash);
}

gsize
mabei_row_class (gsize length)
{
  gsize size = SMALLEST_CLASS;

  /* One byte at least marks where the padding begins. */
  while (size < length + 1) {
    if (size + size / 2 >= length + 1)
      return size + size / 2;
    size *= 2;
  }
  return size;
}

static void
associate (guint8 out[1 + ROW_KEY_BYTES], MabeiRowTable table, gconstpointer row, gsize row_length)
{
  out[0] = (guint8) table;
  memcpy (out + 1, row, row_length);
}

GBytes *
mabei_row_seal (
    MabeiRowSeal *seal, MabeiRowTable table, gconstpointer row, gsize row_length, gconstpointer data, gsize length)
{
  gsize padded = mabei_row_class (length);
  Plain *plain = plain_new (padded);
  guint8 *out = g_malloc (NONCE_BYTES + padded + TAG_BYTES);
  guint8 bound[1 + ROW_KEY_BYTES];

  g_assert (row_length <= ROW_KEY_BYTES);
  if (length > 0)
    memcpy (plain->bytes, data, length);
  plain->bytes[length] = 0x80;
  memset (plain->bytes + length + 1, 0, padded - length - 1);
  associate (bound, table, row, row_length);
  randombytes_buf (out, NONCE_BYTES);
  crypto_aead_xchacha20poly1305_ietf_encrypt (out + NONCE_BYTES, NULL, plain->bytes, padded, bound, 1 + row_length,
                                              NULL, out, mabei_secret_data (seal->value_key));
  plain_free (plain);
  return g_bytes_new_take (out, NONCE_BYTES + padded + TAG_BYTES);
}

GBytes *
mabei_row_open (
    MabeiRowSeal *seal, MabeiRowTable table, gconstpointer row, gsize row_length, gconstpointer sealed, gsize length)
{
  guint8 bound[1 + ROW_KEY_BYTES];
  Plain *plain;
  gsize padded, unpadded;

  if (sealed == NULL || row == NULL || row_length > ROW_KEY_BYTES || length < NONCE_BYTES + TAG_BYTES + SMALLEST_CLASS)
    return NULL;
  padded = length - NONCE_BYTES - TAG_BYTES;
  plain = plain_new (padded);
  associate (bound, table, row, row_length);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt (plain->bytes, NULL, NULL, (const guint8 *) sealed + NONCE_BYTES,
                                                  length - NONCE_BYTES, bound, 1 + row_length, sealed,
                                                  mabei_secret_data (seal->value_key)) != 0 ||
      sodium_unpad (&unpadded, plain->bytes, padded, padded) != 0) {
    plain_free (plain);
    return NULL;
  }
  return g_bytes_new_with_free_func (plain->bytes, unpadded, plain_free, plain);
}
