#include <string.h>

#include "core/base/cbor.h"
#include "core/base/limits.h"
#include "core/change/change.h"

static GPtrArray *
operations (guint count)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  for (guint i = 0; i < count; i++) {
    GByteArray *out = g_byte_array_new ();
    mabei_cbor_write_map (out, 2);
    mabei_cbor_write_uint (out, 0);
    mabei_cbor_write_uint (out, i);
    mabei_cbor_write_uint (out, 7);
    mabei_cbor_write_text (out, "条款");
    g_ptr_array_add (list, g_byte_array_free_to_bytes (out));
  }
  return list;
}

static void
test_both_ways (void)
{
  const guint counts[] = {0, 1, 2, MABEI_LIMIT_OPERATIONS};
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++) {
    g_autoptr (GPtrArray) written = operations (counts[i]), read = NULL;
    g_autoptr (GBytes) body = mabei_body_encode (1790000000123, written);
    guint64 claimed_ms = 0;
    g_autoptr (GError) error = NULL;
    g_assert_true (mabei_body_decode (body, &claimed_ms, &read, &error));
    g_assert_no_error (error);
    g_assert_cmpuint (claimed_ms, ==, 1790000000123);
    g_assert_cmpuint (read->len, ==, counts[i]);
    for (guint j = 0; j < read->len; j++)
      g_assert_true (g_bytes_equal (g_ptr_array_index (read, j), g_ptr_array_index (written, j)));
  }
  g_autoptr (GBytes) none = mabei_body_encode (0, NULL);
  g_assert_cmpmem (g_bytes_get_data (none, NULL), g_bytes_get_size (none), "\xa2\0\0\1\x80", 5);
}

static void
test_operation_limit (void)
{
  g_autoptr (GPtrArray) many = operations (MABEI_LIMIT_OPERATIONS + 1), read = NULL;
  g_autoptr (GBytes) body = mabei_body_encode (0, many);
  guint64 claimed_ms;
  g_autoptr (GError) error = NULL;
  g_assert_false (mabei_body_decode (body, &claimed_ms, &read, &error));
  g_assert_error (error, MABEI_CHANGE_ERROR, MABEI_CHANGE_ERROR_TOO_LARGE);
  g_assert_null (read);
}

static void
test_bad_bodies (void)
{
  const char *bad[] = {
      "",       /* nothing */
      "a10000", /* no operations */
      "a20000"
      "0280",       /* another key */
      "a201800000", /* keys in another order */
      "a200000180"
      "00",           /* left over */
      "a20000018200", /* an operation is missing */
      "a200000181"
      "1800", /* an operation not in the shortest form */
      "a2002001"
      "80", /* a time before 1970 */
      "a300000180"
      "0200", /* a third pair */
      "a200000181"
      "a2020001"
      "00", /* an operation with unsorted keys */
      "80",
      "a2001b8000000000000000"
      "0180" /* beyond 63 bits */
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GBytes) body = mabei_hex_decode (bad[i], 100);
    g_autoptr (GError) error = NULL;
    GPtrArray *read = NULL;
    guint64 claimed_ms = 5;
    g_test_message ("%s", bad[i]);
    g_assert_false (mabei_body_decode (body, &claimed_ms, &read, &error));
    g_assert_true (error != NULL && error->domain == MABEI_CHANGE_ERROR);
    g_assert_cmpuint (claimed_ms, ==, 5);
    g_assert_null (read);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  g_test_add_func ("/body/both-ways", test_both_ways);
  g_test_add_func ("/body/limit", test_operation_limit);
  g_test_add_func ("/body/bad", test_bad_bodies);
  return g_test_run ();
}
