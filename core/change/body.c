#include "core/change/change.h"

#include "core/base/limits.h"
#include "core/change/header.h"

enum {
  KEY_CLAIMED = 0,
  KEY_OPERATIONS = 1,
  N_KEYS = 2,
};

GBytes *
mabei_body_encode (guint64 claimed_ms, GPtrArray *operations)
{
  GByteArray *out = g_byte_array_new ();
  mabei_cbor_write_map (out, N_KEYS);
  mabei_cbor_write_uint (out, KEY_CLAIMED);
  mabei_cbor_write_uint (out, claimed_ms);
  mabei_cbor_write_uint (out, KEY_OPERATIONS);
  guint count = operations != NULL ? operations->len : 0;
  mabei_cbor_write_array (out, count);
  for (guint i = 0; i < count; i++) {
    gsize length;
    gconstpointer data = g_bytes_get_data (g_ptr_array_index (operations, i), &length);
    g_byte_array_append (out, data, (guint) length);
  }
  return g_byte_array_free_to_bytes (out);
}

gboolean
mabei_body_decode (GBytes *body, guint64 *claimed_ms, GPtrArray **operations, GError **error)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (body, &length);
  MabeiCborReader reader;
  guint64 pairs, claimed, count = 0;
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  mabei_cbor_reader_init (&reader, data, length);
  gboolean good = mabei_cbor_read_map (&reader, N_KEYS, &pairs) && mabei_cbor_expect_key (&reader, KEY_CLAIMED) &&
                  mabei_cbor_read_uint (&reader, G_MAXINT64, &claimed) &&
                  mabei_cbor_expect_key (&reader, KEY_OPERATIONS) &&
                  mabei_cbor_read_array (&reader, MABEI_LIMIT_OPERATIONS, &count);
  for (guint64 i = 0; good && i < count; i++) {
    const guint8 *item;
    gsize item_length;
    good = mabei_cbor_read_any (&reader, &item, &item_length);
    if (good)
      g_ptr_array_add (found, g_bytes_new_from_bytes (body, (gsize) (item - data), item_length));
  }
  if (!mabei_cbor_reader_finish (&reader, NULL))
    return mabei_change_take_fault (&reader, "body", error);
  g_assert (good);
  *claimed_ms = claimed;
  *operations = g_steal_pointer (&found);
  return TRUE;
}
