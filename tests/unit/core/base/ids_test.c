#include <string.h>

#include "core/base/ids.h"
#include "core/base/secret.h"

static void
test_hex_both_ways (void)
{
  MabeiId id, read;
  for (guint i = 0; i < sizeof id.bytes; i++)
    id.bytes[i] = (guint8) (i * 7 + 3);
  g_autofree char *hex = mabei_id_to_hex (&id);
  g_assert_cmpuint (strlen (hex), ==, 64);
  g_assert_true (g_str_has_prefix (hex, "030a11181f"));
  g_assert_true (mabei_id_from_hex (hex, &read));
  g_assert_true (mabei_id_equal (&id, &read));

  MabeiShortId short_id = {"0123456789abcde"}, short_read;
  g_autofree char *short_hex = mabei_short_id_to_hex (&short_id);
  g_assert_cmpstr (short_hex, ==, "30313233343536373839616263646500");
  g_assert_true (mabei_short_id_from_hex (short_hex, &short_read));
  g_assert_true (mabei_short_id_equal (&short_id, &short_read));
}

static void
test_hex_is_strict (void)
{
  const char *bad[] = {NULL,
                       "",
                       "00",
                       "0303030303030303030303030303030G",
                       "03030303030303030303030303030303 ",
                       "0A030303030303030303030303030303",
                       "+3030303030303030303030303030303"};
  MabeiShortId id = {"untouched"};
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (mabei_short_id_from_hex (bad[i], &id));
  g_assert_cmpstr ((const char *) id.bytes, ==, "untouched");
  MabeiId long_id;
  g_assert_false (mabei_id_from_hex ("03030303030303030303030303030303", &long_id));
  g_assert_null (mabei_hex_decode ("abc", 10));
  g_assert_null (mabei_hex_decode ("AB", 10));
  g_assert_null (mabei_hex_decode (NULL, 10));
}

static void
test_hex_limit (void)
{
  g_autoptr (GBytes) at = mabei_hex_decode ("0001ff", 3);
  g_assert_nonnull (at);
  g_assert_cmpmem (g_bytes_get_data (at, NULL), g_bytes_get_size (at), "\0\1\377", 3);
  g_assert_null (mabei_hex_decode ("0001ff", 2));
  g_autoptr (GBytes) empty = mabei_hex_decode ("", 0);
  g_assert_nonnull (empty);
}

static void
test_compare_is_by_bytes (void)
{
  MabeiId low = {{0, 255}}, high = {{1, 0}}, none = {{0}};
  g_assert_cmpint (mabei_id_compare (&low, &high), <, 0);
  g_assert_cmpint (mabei_id_compare (&high, &low), >, 0);
  g_assert_cmpint (mabei_id_compare (&low, &low), ==, 0);
  g_assert_true (mabei_id_is_zero (&none));
  g_assert_false (mabei_id_is_zero (&low));
  MabeiShortId last = {{0}};
  g_assert_true (mabei_short_id_is_zero (&last));
  last.bytes[15] = 1;
  g_assert_false (mabei_short_id_is_zero (&last));
  g_assert_cmpuint (mabei_id_hash (&low), ==, mabei_id_hash (&low));
}

/* RFC 4648 section 10, in lower case and without padding. */
static void
test_base32_published_examples (void)
{
  const char *pairs[][2] = {{"", ""},
                            {"f", "my"},
                            {"fo", "mzxq"},
                            {"foo", "mzxw6"},
                            {"foob", "mzxw6yq"},
                            {"fooba", "mzxw6ytb"},
                            {"foobar", "mzxw6ytboi"}};
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++) {
    g_autofree char *text = mabei_base32_encode ((const guint8 *) pairs[i][0], strlen (pairs[i][0]));
    g_assert_cmpstr (text, ==, pairs[i][1]);
    g_autoptr (GBytes) bytes = mabei_base32_decode (pairs[i][1], 6);
    g_assert_nonnull (bytes);
    g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), pairs[i][0], strlen (pairs[i][0]));
  }
}

static void
test_base32_one_text_a_value (void)
{
  const char *bad[] = {"m", "mz1q", "MY", "my======", "mz", "mzxw7", "mzx", "mzxw6y", "my ", "0", "mzxw6ytboia"};
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_test_message ("%s", bad[i]);
    g_assert_null (mabei_base32_decode (bad[i], 100));
  }
  g_assert_null (mabei_base32_decode (NULL, 100));
  g_assert_null (mabei_base32_decode ("mzxw6ytboi", 5));
  for (guint length = 0; length < 40; length++) {
    guint8 data[40];
    memset (data, 0xff, sizeof data);
    g_autofree char *text = mabei_base32_encode (data, length);
    g_autoptr (GBytes) bytes = mabei_base32_decode (text, length);
    g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), data, length);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  g_test_add_func ("/ids/hex/both-ways", test_hex_both_ways);
  g_test_add_func ("/ids/hex/strict", test_hex_is_strict);
  g_test_add_func ("/ids/hex/limit", test_hex_limit);
  g_test_add_func ("/ids/compare", test_compare_is_by_bytes);
  g_test_add_func ("/ids/base32/examples", test_base32_published_examples);
  g_test_add_func ("/ids/base32/strict", test_base32_one_text_a_value);
  return g_test_run ();
}
