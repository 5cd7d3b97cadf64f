/* Beside libcbor, an independent implementation: what we write it reads and writes back to the same bytes; what we
 * accept of spoiled bytes it accepts as well. */
#include <cbor.h>

#include "core/base/cbor.h"
#include "core/base/secret.h"

static void
write_number (GByteArray *out, GRand *rand)
{
  guint64 value = (guint64) g_rand_int (rand) << 32 | g_rand_int (rand);
  value >>= g_rand_int_range (rand, 0, 64);
  if (g_rand_boolean (rand))
    mabei_cbor_write_uint (out, value);
  else
    mabei_cbor_write_int (out, -1 - (gint64) (value >> 1));
}

static void
write_scalar (GByteArray *out, GRand *rand)
{
  static const char *const texts[] = {"", "a", "调解协议", "\U0001f4dc",
                                      "with spaces and more than twenty-three bytes"};
  guint8 bytes[300] = {1, 2, 3};
  switch (g_rand_int_range (rand, 0, 5)) {
  case 0:
    mabei_cbor_write_bool (out, g_rand_boolean (rand));
    break;
  case 1:
    mabei_cbor_write_null (out);
    break;
  case 2:
    mabei_cbor_write_text (out, texts[g_rand_int_range (rand, 0, G_N_ELEMENTS (texts))]);
    break;
  case 3:
    mabei_cbor_write_bytes (out, bytes, (gsize) g_rand_int_range (rand, 0, sizeof bytes));
    break;
  default:
    write_number (out, rand);
    break;
  }
}

/* A random item of at most 7 levels: the open containers are on a stack, as in the reader. */
static GByteArray *
random_item (GRand *rand)
{
  GByteArray *out = g_byte_array_new ();
  struct {
    guint left, key;
    gboolean is_map;
  } stack[8];
  guint depth = 0;
  do {
    if (depth > 0 && stack[depth - 1].is_map)
      mabei_cbor_write_uint (out, stack[depth - 1].key += (guint) g_rand_int_range (rand, 1, 90));
    if (depth > 0)
      stack[depth - 1].left--;
    if (depth < 7 && g_rand_int_range (rand, 0, 3) == 0) {
      guint count = (guint) g_rand_int_range (rand, 0, 30);
      stack[depth].left = count;
      stack[depth].key = 0;
      stack[depth].is_map = g_rand_boolean (rand);
      if (stack[depth].is_map)
        mabei_cbor_write_map (out, count);
      else
        mabei_cbor_write_array (out, count);
      depth++;
    } else {
      write_scalar (out, rand);
    }
    while (depth > 0 && stack[depth - 1].left == 0)
      depth--;
  } while (depth > 0 && out->len < 2000);
  while (depth > 0) { /* enough: fill what is open */
    if (stack[depth - 1].is_map)
      mabei_cbor_write_uint (out, ++stack[depth - 1].key);
    mabei_cbor_write_null (out);
    stack[depth - 1].left--;
    while (depth > 0 && stack[depth - 1].left == 0)
      depth--;
  }
  return out;
}

static gboolean
we_accept (const guint8 *data, gsize length)
{
  MabeiCborReader reader;
  mabei_cbor_reader_init (&reader, data, length);
  return mabei_cbor_read_any (&reader, NULL, NULL) && mabei_cbor_reader_finish (&reader, NULL);
}

/* Accepted in whole, and the serialization that it gives back. */
static GBytes *
libcbor_again (const guint8 *data, gsize length)
{
  struct cbor_load_result result;
  cbor_item_t *item = cbor_load (data, length, &result);
  if (item == NULL)
    return NULL;
  gsize allocated;
  guint8 *buffer = NULL;
  gsize written = cbor_serialize_alloc (item, &buffer, &allocated);
  GBytes *again = result.read == length ? g_bytes_new (buffer, written) : NULL;
  free (buffer);
  cbor_decref (&item);
  return again;
}

static void
test_items (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (8949);
  guint n_spoiled_accepted = 0;
  for (guint i = 0; i < 3000; i++) {
    g_autoptr (GByteArray) item = random_item (rand);
    g_assert_true (we_accept (item->data, item->len));
    g_autoptr (GBytes) again = libcbor_again (item->data, item->len);
    g_assert_nonnull (again);
    g_assert_cmpmem (g_bytes_get_data (again, NULL), g_bytes_get_size (again), item->data, item->len);
    for (guint j = 0; j < 10; j++) {
      guint at = (guint) g_rand_int_range (rand, 0, (gint32) item->len);
      guint8 before = item->data[at];
      item->data[at] = (guint8) g_rand_int (rand);
      if (we_accept (item->data, item->len)) {
        g_autoptr (GBytes) theirs = libcbor_again (item->data, item->len);
        g_assert_nonnull (theirs);
        n_spoiled_accepted++;
      }
      item->data[at] = before;
    }
  }
  g_assert_cmpuint (n_spoiled_accepted, >, 1000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  g_test_add_func ("/libcbor/items", test_items);
  return g_test_run ();
}
