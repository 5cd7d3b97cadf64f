#include "core/crypto/hash.h"

#include <sodium.h>
#include <stdarg.h>
#include <string.h>

#define LABEL_BYTES 16u

static void
hash_begin (crypto_generichash_state *state, const char *label)
{
  guint8 key[LABEL_BYTES] = {0};
  gsize length = strlen (label);
  g_assert (length >= 1 && length <= LABEL_BYTES);
  memcpy (key, label, length);
  crypto_generichash_init (state, key, sizeof key, MABEI_ID_BYTES);
}

static void
hash_field (crypto_generichash_state *state, gconstpointer data, gsize length)
{
  g_assert (length <= G_MAXUINT32);
  guint32 prefix = GUINT32_TO_LE ((guint32) length);
  crypto_generichash_update (state, (const guint8 *) &prefix, sizeof prefix);
  if (length > 0)
    crypto_generichash_update (state, data, length);
}

static void
hash_end (crypto_generichash_state *state, guint8 out[MABEI_ID_BYTES])
{
  crypto_generichash_final (state, out, MABEI_ID_BYTES);
  sodium_memzero (state, sizeof *state); /* fields may have been secrets */
}

void
mabei_hash_fields (const char *label, const MabeiField *fields, gsize n_fields, MabeiId *out)
{
  crypto_generichash_state state;
  hash_begin (&state, label);
  for (gsize i = 0; i < n_fields; i++)
    hash_field (&state, fields[i].data, fields[i].length);
  hash_end (&state, out->bytes);
}

void
mabei_hash (const char *label, MabeiId *out, ...)
{
  crypto_generichash_state state;
  hash_begin (&state, label);
  va_list list;
  va_start (list, out);
  for (gconstpointer data = va_arg (list, gconstpointer); data != NULL; data = va_arg (list, gconstpointer))
    hash_field (&state, data, va_arg (list, gsize));
  va_end (list);
  hash_end (&state, out->bytes);
}

MabeiSecret *
mabei_hash_secret (const char *label, MabeiSecret *secret, const MabeiField *fields, gsize n_fields)
{
  MabeiSecret *out = mabei_secret_new (MABEI_ID_BYTES);
  crypto_generichash_state state;
  hash_begin (&state, label);
  hash_field (&state, mabei_secret_data (secret), mabei_secret_length (secret));
  for (gsize i = 0; i < n_fields; i++)
    hash_field (&state, fields[i].data, fields[i].length);
  hash_end (&state, mabei_secret_data (out));
  return out;
}
