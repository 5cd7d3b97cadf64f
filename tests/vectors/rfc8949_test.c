/* RFC 8949, appendix A: what lies in our subset is read to the published value and written back to the same bytes;
 * everything else is refused. */
#include <string.h>

#include "core/base/cbor.h"
#include "core/base/ids.h"
#include "core/base/secret.h"
#include "tests/vectors/vector_file.h"

/* The whole of what we accept, of 82 examples. Outside: floats, tags, big numbers, other simple values, indefinite
 * lengths, and maps whose keys are text. */
static const char *const accepted[] = {
    "00",
    "01",
    "0a",
    "17",
    "1818",
    "1819",
    "1864",
    "1903e8",
    "1a000f4240",
    "1b000000e8d4a51000",
    "1bffffffffffffffff",
    "20",
    "29",
    "3863",
    "3903e7",
    "f4",
    "f5",
    "f6",
    "40",
    "4401020304",
    "60",
    "6161",
    "6449455446",
    "62225c",
    "62c3bc",
    "63e6b0b4",
    "64f0908591",
    "80",
    "83010203",
    "8301820203820405",
    "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
    "a0",
    "a201020304",
};

static void
check_number (JsonNode *decoded, GBytes *bytes, MabeiCborReader *reader, GByteArray *again)
{
  if (mabei_cbor_reader_peek (reader) == MABEI_CBOR_NEGATIVE) {
    gint64 value;
    g_assert_true (mabei_cbor_read_int (reader, &value));
    g_assert_cmpint (value, ==, json_node_get_int (decoded));
    mabei_cbor_write_int (again, value);
    return;
  }
  guint64 value;
  g_assert_true (mabei_cbor_read_uint (reader, G_MAXUINT64, &value));
  /* json-glib has no 64 bits without sign: the greatest example is compared by its bytes alone */
  if (g_bytes_get_size (bytes) < 9 || value <= G_MAXINT64)
    g_assert_cmpuint (value, ==, (guint64) json_node_get_int (decoded));
  mabei_cbor_write_uint (again, value);
}

static void
check_scalar (JsonObject *example, GBytes *bytes, MabeiCborReader *reader)
{
  JsonNode *decoded = json_object_get_member (example, "decoded");
  g_autoptr (GByteArray) again = g_byte_array_new ();
  g_autofree char *text = NULL;
  const guint8 *data;
  gsize length;
  gboolean boolean;
  switch (mabei_cbor_reader_peek (reader)) {
  case MABEI_CBOR_UINT:
  case MABEI_CBOR_NEGATIVE:
    check_number (decoded, bytes, reader, again);
    break;
  case MABEI_CBOR_TEXT:
    g_assert_true (mabei_cbor_read_text (reader, 100, &text));
    g_assert_cmpstr (text, ==, json_node_get_string (decoded));
    mabei_cbor_write_text (again, text);
    break;
  case MABEI_CBOR_BYTES: {
    g_assert_true (mabei_cbor_read_bytes (reader, 100, &data, &length));
    g_autofree char *hex = mabei_hex_encode (data, length);
    g_autofree char *diagnostic = g_strdup_printf ("h'%s'", hex);
    g_assert_cmpstr (diagnostic, ==, json_object_get_string_member (example, "diagnostic"));
    mabei_cbor_write_bytes (again, data, length);
    break;
  }
  case MABEI_CBOR_BOOL:
    g_assert_true (mabei_cbor_read_bool (reader, &boolean));
    g_assert_true (boolean == json_node_get_boolean (decoded));
    mabei_cbor_write_bool (again, boolean);
    break;
  case MABEI_CBOR_NULL:
    g_assert_true (mabei_cbor_read_null (reader));
    g_assert_true (json_node_is_null (decoded));
    mabei_cbor_write_null (again);
    break;
  case MABEI_CBOR_ARRAY:
  case MABEI_CBOR_MAP:
    g_assert_true (mabei_cbor_read_any (reader, &data, &length));
    g_byte_array_append (again, data, (guint) length);
    break;
  case MABEI_CBOR_NONE:
  default:
    g_assert_not_reached ();
  }
  g_assert_true (mabei_cbor_reader_finish (reader, NULL));
  g_assert_cmpmem (again->data, again->len, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static void
test_examples (void)
{
  g_autoptr (JsonNode) root = vector_file_load ("tests/data/vectors/rfc8949_appendix_a.json");
  JsonArray *examples = json_node_get_array (root);
  guint n_accepted = 0;
  g_assert_cmpuint (json_array_get_length (examples), ==, 82);
  for (guint i = 0; i < json_array_get_length (examples); i++) {
    JsonObject *example = json_array_get_object_element (examples, i);
    const char *hex = json_object_get_string_member (example, "hex");
    gboolean ours = FALSE;
    for (guint j = 0; j < G_N_ELEMENTS (accepted); j++)
      ours |= strcmp (hex, accepted[j]) == 0;
    g_test_message ("%s", hex);
    g_autoptr (GBytes) bytes = vector_file_bytes (example, "hex");
    MabeiCborReader reader;
    mabei_cbor_reader_init (&reader, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
    if (ours) {
      check_scalar (example, bytes, &reader);
      n_accepted++;
      continue;
    }
    g_assert_false (mabei_cbor_read_any (&reader, NULL, NULL) && mabei_cbor_reader_finish (&reader, NULL));
  }
  g_assert_cmpuint (n_accepted, ==, G_N_ELEMENTS (accepted));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  g_test_add_func ("/rfc8949/appendix-a", test_examples);
  return g_test_run ();
}
