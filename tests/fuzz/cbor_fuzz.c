/* Any item that the reader accepts, written again item by item, gives the same bytes: one encoding a value. */
#include "core/base/cbor.h"
#include "core/base/ids.h"
#include "tests/fuzz/fuzz.h"

void
fuzz_seeds (GPtrArray *seeds)
{
  const char *hex[] = {
      "a4001903e801430102030263e6b0b403828220f5a10af6",
      "1bffffffffffffffff",
      "3b7fffffffffffffff",
      "8181818181818180",
      "a301a0021a0001000018ff80",
      "7818e8b083e8a7a3e58d8fe8aeae20e8b083e8a7a3e58d8f00",
      "40",
      "f4",
  };
  for (guint i = 0; i < G_N_ELEMENTS (hex); i++)
    g_ptr_array_add (seeds, mabei_hex_decode (hex[i], 100));
}

/* Copies one item's step from @reader to @out: a key, a scalar, or the opening of a container. */
static gboolean
copy_step (MabeiCborReader *reader, gboolean at_key, GByteArray *out)
{
  guint64 number;
  gint64 integer;
  gboolean boolean;
  const guint8 *data;
  gsize length;
  g_autofree char *text = NULL;
  if (at_key) {
    if (!mabei_cbor_read_key (reader, &number))
      return FALSE;
    mabei_cbor_write_uint (out, number);
    return TRUE;
  }
  switch (mabei_cbor_reader_peek (reader)) {
  case MABEI_CBOR_UINT:
    if (!mabei_cbor_read_uint (reader, G_MAXUINT64, &number))
      return FALSE;
    mabei_cbor_write_uint (out, number);
    return TRUE;
  case MABEI_CBOR_NEGATIVE:
    if (!mabei_cbor_read_int (reader, &integer))
      return FALSE;
    mabei_cbor_write_int (out, integer);
    return TRUE;
  case MABEI_CBOR_BYTES:
    if (!mabei_cbor_read_bytes (reader, G_MAXSIZE, &data, &length))
      return FALSE;
    mabei_cbor_write_bytes (out, data, length);
    return TRUE;
  case MABEI_CBOR_TEXT:
    if (!mabei_cbor_read_text (reader, G_MAXSIZE, &text))
      return FALSE;
    mabei_cbor_write_text (out, text);
    return TRUE;
  case MABEI_CBOR_ARRAY:
    if (!mabei_cbor_read_array (reader, G_MAXUINT64, &number))
      return FALSE;
    mabei_cbor_write_array (out, number);
    return TRUE;
  case MABEI_CBOR_MAP:
    if (!mabei_cbor_read_map (reader, G_MAXUINT64, &number))
      return FALSE;
    mabei_cbor_write_map (out, number);
    return TRUE;
  case MABEI_CBOR_BOOL:
    if (!mabei_cbor_read_bool (reader, &boolean))
      return FALSE;
    mabei_cbor_write_bool (out, boolean);
    return TRUE;
  case MABEI_CBOR_NULL:
    if (!mabei_cbor_read_null (reader))
      return FALSE;
    mabei_cbor_write_null (out);
    return TRUE;
  case MABEI_CBOR_NONE:
  default:
    return FALSE;
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t length)
{
  MabeiCborReader skipping, copying;
  g_autoptr (GError) error = NULL;
  g_autoptr (GByteArray) out = g_byte_array_new ();
  mabei_cbor_reader_init (&skipping, data, length);
  gboolean skipped = mabei_cbor_read_any (&skipping, NULL, NULL);
  gboolean accepted = mabei_cbor_reader_finish (&skipping, &error);
  g_assert_true (accepted == (error == NULL));
  mabei_cbor_reader_init (&copying, data, length);
  gboolean copied = TRUE;
  do {
    /* where a key can be read, one must be: a look ahead on a copy tells */
    MabeiCborReader probe = copying;
    guint64 key;
    gboolean at_key = copying.depth > 0 && mabei_cbor_read_key (&probe, &key);
    copied = copy_step (&copying, at_key, out);
  } while (copied && copying.depth > 0);
  if (skipped && accepted) {
    g_assert_true (copied && mabei_cbor_reader_finish (&copying, NULL));
    g_assert_cmpmem (out->data, out->len, data, length);
  } else {
    g_assert_false (copied && mabei_cbor_reader_finish (&copying, NULL));
  }
  return 0;
}
