#include <string.h>

#include "core/base/cbor.h"
#include "core/base/ids.h"
#include "core/base/limits.h"
#include "core/base/secret.h"

/* --- helpers --- */

static GBytes *
from_hex (const char *hex)
{
  GBytes *bytes = mabei_hex_decode (hex, 1 << 20);
  g_assert_nonnull (bytes);
  return bytes;
}

static MabeiCborReader
reader_of (GBytes *bytes)
{
  MabeiCborReader reader;
  mabei_cbor_reader_init (&reader, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  return reader;
}

static void
assert_fault (MabeiCborReader *reader, MabeiCborError code)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (mabei_cbor_reader_finish (reader, &error));
  g_assert_error (error, MABEI_CBOR_ERROR, (gint) code);
}

static void
assert_any_refused (const char *hex, MabeiCborError code)
{
  g_autoptr (GBytes) bytes = from_hex (hex);
  MabeiCborReader reader = reader_of (bytes);
  g_test_message ("%s", hex);
  g_assert_false (mabei_cbor_read_any (&reader, NULL, NULL));
  assert_fault (&reader, code);
}

/* --- numbers --- */

static void
test_uint_widths (void)
{
  const struct {
    guint64 value;
    const char *hex;
  } cases[] = {
      {0, "00"},
      {23, "17"},
      {24, "1818"},
      {255, "18ff"},
      {256, "190100"},
      {65535, "19ffff"},
      {65536, "1a00010000"},
      {0xffffffffu, "1affffffff"},
      {0x100000000, "1b0000000100000000"},
      {G_MAXUINT64, "1bffffffffffffffff"},
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GByteArray) out = g_byte_array_new ();
    mabei_cbor_write_uint (out, cases[i].value);
    g_autofree char *hex = mabei_hex_encode (out->data, out->len);
    g_assert_cmpstr (hex, ==, cases[i].hex);
    MabeiCborReader reader;
    guint64 value = 1234;
    mabei_cbor_reader_init (&reader, out->data, out->len);
    g_assert_true (mabei_cbor_read_uint (&reader, cases[i].value, &value));
    g_assert_cmpuint (value, ==, cases[i].value);
    g_assert_true (mabei_cbor_reader_finish (&reader, NULL));
  }
}

static void
test_uint_limit (void)
{
  g_autoptr (GBytes) bytes = from_hex ("1903e8");
  guint64 value = 7;
  MabeiCborReader reader = reader_of (bytes);
  g_assert_true (mabei_cbor_read_uint (&reader, 1000, &value));
  g_assert_cmpuint (value, ==, 1000);
  reader = reader_of (bytes);
  value = 7;
  g_assert_false (mabei_cbor_read_uint (&reader, 999, &value));
  g_assert_cmpuint (value, ==, 7);
  assert_fault (&reader, MABEI_CBOR_ERROR_LIMIT);
}

static void
test_int_range (void)
{
  const gint64 values[] = {0, -1, -24, -25, -256, -257, G_MININT64, G_MAXINT64};
  for (guint i = 0; i < G_N_ELEMENTS (values); i++) {
    g_autoptr (GByteArray) out = g_byte_array_new ();
    mabei_cbor_write_int (out, values[i]);
    MabeiCborReader reader;
    gint64 value = 0;
    mabei_cbor_reader_init (&reader, out->data, out->len);
    g_assert_true (mabei_cbor_read_int (&reader, &value));
    g_assert_cmpint (value, ==, values[i]);
  }
  const char *outside[] = {"1b8000000000000000", "3b8000000000000000"};
  for (guint i = 0; i < G_N_ELEMENTS (outside); i++) {
    g_autoptr (GBytes) bytes = from_hex (outside[i]);
    MabeiCborReader reader = reader_of (bytes);
    gint64 value;
    g_assert_false (mabei_cbor_read_int (&reader, &value));
    assert_fault (&reader, MABEI_CBOR_ERROR_LIMIT);
  }
}

/* --- one form --- */

static void
test_other_forms_are_refused (void)
{
  const char *bad[] = {
      "1800",
      "1817",
      "190017",
      "1900ff",
      "1a0000ffff",
      "1b00000000ffffffff", /* longer than necessary */
      "3817",
      "580100",
      "9800",
      "b800",
      "1c",
      "1d",
      "1e",
      "1f",
      "5f",
      "7f",
      "9f",
      "bf",
      "ff",
      "5fff",
      "9fff", /* reserved, indefinite */
      "f0",
      "f7",
      "f800",
      "f820",
      "f93c00",
      "fa47c35000",
      "fb7ff0000000000000", /* simple values, floats */
      "c000",
      "d81800", /* tags */
      "61ff",
      "62c328",
      "63eda080",
      "6100",
      "64f4908080",
      "62c080", /* not UTF-8, NUL */
      "a2010001"
      "00",
      "a202000100",
      "a16161"
      "00",
      "a12000",
      "a1f500", /* keys */
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    assert_any_refused (bad[i], MABEI_CBOR_ERROR_FORMAT);
  }
  assert_any_refused ("780161", MABEI_CBOR_ERROR_FORMAT);
  assert_any_refused ("3bffffffffffffffff", MABEI_CBOR_ERROR_LIMIT);
}

static void
test_truncated_at_every_length (void)
{
  g_autoptr (GBytes) whole = from_hex ("a4001903e801430102030263e6b0b403828220f5a10af6");
  gsize size;
  const guint8 *data = g_bytes_get_data (whole, &size);
  MabeiCborReader reader = reader_of (whole);
  g_assert_true (mabei_cbor_read_any (&reader, NULL, NULL));
  g_assert_true (mabei_cbor_reader_finish (&reader, NULL));
  for (gsize length = 0; length < size; length++) {
    g_autofree guint8 *part = g_memdup2 (data, MAX (length, 1)); /* its own block, so that sanitizers see an overrun */
    mabei_cbor_reader_init (&reader, part, length);
    g_assert_false (mabei_cbor_read_any (&reader, NULL, NULL));
    assert_fault (&reader, MABEI_CBOR_ERROR_FORMAT);
  }
}

static void
test_announced_lengths_allocate_nothing (void)
{
  const char *bad[] = {"5affffffff",
                       "7affffffff",
                       "9affffffff",
                       "baffffffff",
                       "5bffffffffffffffff",
                       "9bffffffffffffffff",
                       "bb8000000000000000",
                       "83"
                       "0000"};
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_any_refused (bad[i], MABEI_CBOR_ERROR_FORMAT);
}

/* --- depth --- */

static GBytes *
nested (guint depth, guint8 opening)
{
  GByteArray *out = g_byte_array_new ();
  for (guint i = 0; i < depth; i++) {
    g_byte_array_append (out, &opening, 1);
    if (opening == 0xa1)
      mabei_cbor_write_uint (out, 5);
  }
  mabei_cbor_write_null (out);
  return g_byte_array_free_to_bytes (out);
}

static void
test_depth_limit (void)
{
  const guint8 openings[] = {0x81, 0xa1};
  for (guint i = 0; i < G_N_ELEMENTS (openings); i++) {
    g_autoptr (GBytes) at = nested (MABEI_LIMIT_CBOR_DEPTH, openings[i]);
    MabeiCborReader reader = reader_of (at);
    g_assert_true (mabei_cbor_read_any (&reader, NULL, NULL));
    g_assert_true (mabei_cbor_reader_finish (&reader, NULL));
    const guint beyond[] = {MABEI_LIMIT_CBOR_DEPTH + 1, 100000};
    for (guint j = 0; j < G_N_ELEMENTS (beyond); j++) {
      g_autoptr (GBytes) deeper = nested (beyond[j], openings[i]);
      reader = reader_of (deeper);
      g_assert_false (mabei_cbor_read_any (&reader, NULL, NULL));
      assert_fault (&reader, MABEI_CBOR_ERROR_LIMIT);
    }
  }
}

/* --- containers, step by step --- */

static void
test_containers_close_by_themselves (void)
{
  g_autoptr (GBytes) bytes = from_hex ("8301820203820405");
  MabeiCborReader reader = reader_of (bytes);
  guint64 count, value;
  g_assert_cmpint (mabei_cbor_reader_peek (&reader), ==, MABEI_CBOR_ARRAY);
  g_assert_true (mabei_cbor_read_array (&reader, 3, &count));
  g_assert_cmpuint (count, ==, 3);
  g_assert_true (mabei_cbor_read_uint (&reader, 9, &value));
  for (guint i = 0; i < 2; i++) {
    g_assert_true (mabei_cbor_read_array (&reader, 2, &count));
    g_assert_true (mabei_cbor_read_uint (&reader, 9, &value));
    g_assert_true (mabei_cbor_read_uint (&reader, 9, &value));
  }
  g_assert_cmpuint (value, ==, 5);
  g_assert_cmpint (mabei_cbor_reader_peek (&reader), ==, MABEI_CBOR_NONE);
  g_assert_true (mabei_cbor_reader_finish (&reader, NULL));
}

static void
test_container_limit (void)
{
  g_autoptr (GBytes) array = from_hex ("83010203"), map = from_hex ("a20102"
                                                                    "0304");
  guint64 count;
  MabeiCborReader reader = reader_of (array);
  g_assert_true (mabei_cbor_read_array (&reader, 3, &count));
  reader = reader_of (array);
  g_assert_false (mabei_cbor_read_array (&reader, 2, &count));
  assert_fault (&reader, MABEI_CBOR_ERROR_LIMIT);
  reader = reader_of (map);
  g_assert_true (mabei_cbor_read_map (&reader, 2, &count));
  reader = reader_of (map);
  g_assert_false (mabei_cbor_read_map (&reader, 1, &count));
  assert_fault (&reader, MABEI_CBOR_ERROR_LIMIT);
}

static void
test_map_keys (void)
{
  g_autoptr (GBytes) bytes = from_hex ("a301020304181880");
  MabeiCborReader reader = reader_of (bytes);
  guint64 pairs, key, value;
  g_assert_true (mabei_cbor_read_map (&reader, 8, &pairs));
  g_assert_true (mabei_cbor_expect_key (&reader, 1));
  g_assert_true (mabei_cbor_read_uint (&reader, 9, &value));
  g_assert_true (mabei_cbor_read_key (&reader, &key));
  g_assert_cmpuint (key, ==, 3);
  g_assert_true (mabei_cbor_read_any (&reader, NULL, NULL));
  g_assert_true (mabei_cbor_expect_key (&reader, 24));
  g_assert_true (mabei_cbor_read_array (&reader, 0, &value));
  g_assert_true (mabei_cbor_reader_finish (&reader, NULL));

  reader = reader_of (bytes); /* a value is not read where a key stands, nor a key where a value stands */
  mabei_cbor_read_map (&reader, 8, &pairs);
  g_assert_false (mabei_cbor_read_uint (&reader, 9, &value));
  assert_fault (&reader, MABEI_CBOR_ERROR_FORMAT);
  reader = reader_of (bytes);
  mabei_cbor_read_map (&reader, 8, &pairs);
  g_assert_false (mabei_cbor_expect_key (&reader, 2));
  reader = reader_of (bytes);
  g_assert_false (mabei_cbor_read_key (&reader, &key));
  reader = reader_of (bytes);
  mabei_cbor_read_map (&reader, 8, &pairs);
  g_assert_false (mabei_cbor_read_any (&reader, NULL, NULL));
}

static void
test_strings (void)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  mabei_cbor_write_array (out, 3);
  mabei_cbor_write_bytes (out, "abc", 3);
  mabei_cbor_write_text (out, "调解");
  mabei_cbor_write_bytes (out, NULL, 0);
  MabeiCborReader reader;
  guint64 count;
  const guint8 *data;
  gsize length;
  g_autofree char *text = NULL;
  char fixed[3];
  mabei_cbor_reader_init (&reader, out->data, out->len);
  g_assert_true (mabei_cbor_read_array (&reader, 3, &count));
  g_assert_true (mabei_cbor_read_fixed (&reader, fixed, 3));
  g_assert_cmpmem (fixed, 3, "abc", 3);
  g_assert_true (mabei_cbor_read_text (&reader, 6, &text));
  g_assert_cmpstr (text, ==, "调解");
  g_assert_true (mabei_cbor_read_bytes (&reader, 0, &data, &length));
  g_assert_cmpuint (length, ==, 0);
  g_assert_true (mabei_cbor_reader_finish (&reader, NULL));

  g_autofree char *none = NULL;
  mabei_cbor_reader_init (&reader, out->data, out->len);
  mabei_cbor_read_array (&reader, 3, &count);
  g_assert_false (mabei_cbor_read_fixed (&reader, fixed, 2));
  assert_fault (&reader, MABEI_CBOR_ERROR_FORMAT);
  mabei_cbor_reader_init (&reader, out->data, out->len);
  mabei_cbor_read_array (&reader, 3, &count);
  mabei_cbor_read_any (&reader, NULL, NULL);
  g_assert_false (mabei_cbor_read_text (&reader, 5, &none));
  g_assert_null (none);
  assert_fault (&reader, MABEI_CBOR_ERROR_LIMIT);
}

static void
test_fault_is_sticky (void)
{
  g_autoptr (GBytes) bytes = from_hex ("8201f5");
  MabeiCborReader reader = reader_of (bytes);
  guint64 count, value;
  gboolean boolean;
  mabei_cbor_read_array (&reader, 2, &count);
  g_assert_false (mabei_cbor_read_bool (&reader, &boolean));
  g_assert_false (mabei_cbor_read_uint (&reader, 9, &value));
  g_assert_false (mabei_cbor_read_null (&reader));
  g_assert_false (mabei_cbor_read_any (&reader, NULL, NULL));
  g_assert_cmpint (mabei_cbor_reader_peek (&reader), ==, MABEI_CBOR_NONE);
  assert_fault (&reader, MABEI_CBOR_ERROR_FORMAT);
}

static void
test_finish_wants_everything (void)
{
  g_autoptr (GBytes) bytes = from_hex ("8201f500");
  MabeiCborReader reader = reader_of (bytes);
  guint64 count;
  g_assert_true (mabei_cbor_read_any (&reader, NULL, NULL));
  assert_fault (&reader, MABEI_CBOR_ERROR_FORMAT); /* a byte left over */
  reader = reader_of (bytes);
  g_assert_true (mabei_cbor_read_array (&reader, 2, &count));
  assert_fault (&reader, MABEI_CBOR_ERROR_FORMAT); /* an open container */
  mabei_cbor_reader_init (&reader, NULL, 0);
  g_assert_true (mabei_cbor_reader_finish (&reader, NULL));
  g_assert_false (mabei_cbor_read_null (&reader));
}

static void
test_any_gives_the_item (void)
{
  g_autoptr (GBytes) bytes = from_hex ("83"
                                       "a10182f5f6"
                                       "43010203"
                                       "20");
  MabeiCborReader reader = reader_of (bytes);
  const guint8 *start = g_bytes_get_data (bytes, NULL), *data;
  guint64 count;
  gsize length;
  mabei_cbor_read_array (&reader, 3, &count);
  g_assert_true (mabei_cbor_read_any (&reader, &data, &length));
  g_assert_cmpmem (data, length, start + 1, 5);
  g_assert_true (mabei_cbor_read_any (&reader, &data, &length));
  g_assert_cmpmem (data, length, start + 6, 4);
  g_assert_true (mabei_cbor_read_any (&reader, &data, &length));
  g_assert_true (mabei_cbor_reader_finish (&reader, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  g_test_add_func ("/cbor/uint/widths", test_uint_widths);
  g_test_add_func ("/cbor/uint/limit", test_uint_limit);
  g_test_add_func ("/cbor/int/range", test_int_range);
  g_test_add_func ("/cbor/one-form", test_other_forms_are_refused);
  g_test_add_func ("/cbor/truncated", test_truncated_at_every_length);
  g_test_add_func ("/cbor/announced-lengths", test_announced_lengths_allocate_nothing);
  g_test_add_func ("/cbor/depth", test_depth_limit);
  g_test_add_func ("/cbor/containers", test_containers_close_by_themselves);
  g_test_add_func ("/cbor/container-limit", test_container_limit);
  g_test_add_func ("/cbor/keys", test_map_keys);
  g_test_add_func ("/cbor/strings", test_strings);
  g_test_add_func ("/cbor/sticky", test_fault_is_sticky);
  g_test_add_func ("/cbor/finish", test_finish_wants_everything);
  g_test_add_func ("/cbor/any", test_any_gives_the_item);
  return g_test_run ();
}
