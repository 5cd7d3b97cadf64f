/* The payload of a genesis, see core/authority/control_operation.h. */
#include "core/authority/authority_private.h"
#include "core/authority/control_operation.h"

/* More than any credential has. */
#define GENESIS_CREDENTIAL_BYTES 2048u

void
mabei_genesis_free (MabeiGenesis *genesis)
{
  if (genesis == NULL)
    return;
  g_clear_pointer (&genesis->credential, mabei_credential_free);
  g_free (genesis);
}

GBytes *
mabei_genesis_encode (const MabeiGenesis *genesis)
{
  gsize length;
  gconstpointer data = g_bytes_get_data (genesis->credential->encoded, &length);
  GByteArray *out = g_byte_array_new ();
  mabei_cbor_write_map (out, 6);
  mabei_cbor_write_uint (out, 0);
  mabei_cbor_write_bytes (out, data, length);
  mabei_cbor_write_uint (out, 1);
  mabei_cbor_write_bytes (out, genesis->person.bytes, sizeof genesis->person.bytes);
  mabei_cbor_write_uint (out, 2);
  mabei_cbor_write_bytes (out, genesis->inbox_read_key, sizeof genesis->inbox_read_key);
  mabei_cbor_write_uint (out, 3);
  mabei_cbor_write_bytes (out, genesis->inbox_write_seed.bytes, sizeof genesis->inbox_write_seed.bytes);
  mabei_cbor_write_uint (out, 4);
  mabei_cbor_write_uint (out, genesis->policy);
  mabei_cbor_write_uint (out, 5);
  mabei_cbor_write_bytes (out, genesis->nonce, sizeof genesis->nonce);
  return g_byte_array_free_to_bytes (out);
}

MabeiGenesis *
mabei_genesis_decode (GBytes *payload, GError **error)
{
  gsize size, length;
  const guint8 *credential;
  guint64 pairs;
  gconstpointer data = g_bytes_get_data (payload, &size);
  g_autoptr (MabeiGenesis) genesis = g_new0 (MabeiGenesis, 1);
  MabeiCborReader reader;
  mabei_cbor_reader_init (&reader, data, size);
  if (!mabei_cbor_read_map (&reader, 6, &pairs) || pairs != 6 || !mabei_cbor_expect_key (&reader, 0) ||
      !mabei_cbor_read_bytes (&reader, GENESIS_CREDENTIAL_BYTES, &credential, &length) ||
      !mabei_cbor_expect_key (&reader, 1) ||
      !mabei_cbor_read_fixed (&reader, genesis->person.bytes, sizeof genesis->person.bytes) ||
      mabei_short_id_is_zero (&genesis->person) || !mabei_cbor_expect_key (&reader, 2) ||
      !mabei_cbor_read_fixed (&reader, genesis->inbox_read_key, sizeof genesis->inbox_read_key) ||
      !mabei_cbor_expect_key (&reader, 3) ||
      !mabei_cbor_read_fixed (&reader, genesis->inbox_write_seed.bytes, sizeof genesis->inbox_write_seed.bytes) ||
      !mabei_cbor_expect_key (&reader, 4) || !mabei_cbor_read_uint (&reader, G_MAXUINT64, &genesis->policy) ||
      !mabei_cbor_expect_key (&reader, 5) || !mabei_cbor_read_fixed (&reader, genesis->nonce, sizeof genesis->nonce) ||
      !mabei_cbor_reader_finish (&reader, NULL)) {
    mabei_authority_finish (&reader, "genesis", error);
    return NULL;
  }
  g_autoptr (GBytes) slice = g_bytes_new_from_bytes (payload, (gsize) (credential - (const guint8 *) data), length);
  genesis->credential = mabei_credential_parse (slice, error);
  if (genesis->credential == NULL)
    return NULL;
  return g_steal_pointer (&genesis);
}
