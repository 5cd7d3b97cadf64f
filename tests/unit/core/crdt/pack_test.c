/* Packing: what went in comes out, small where it can be, and damage is refused. */
#include "core/crdt/huffman.h"
#include "core/crdt/pack.h"

typedef void (*WriteFunc) (MabeiBuffer *to, const guint8 *bytes, gsize n);
typedef gboolean (*ReadFunc) (MabeiReader *reader, gsize limit, MabeiBuffer *to);

static gsize
assert_comes_back (WriteFunc write, ReadFunc read, const guint8 *bytes, gsize n)
{
  MabeiBuffer packed = {0}, out = {0};
  write (&packed, bytes, n);
  gsize size = packed.length;
  MabeiReader reader = {packed.data, packed.data + packed.length};
  g_assert_true (read (&reader, n, &out));
  g_assert_true (reader.at == reader.end);
  g_assert_cmpmem (out.data, out.length, bytes, n);
  if (n > 0) {
    reader.at = packed.data;
    g_assert_false (read (&reader, n - 1, &out));
  }
  mabei_buffer_clear (&packed);
  mabei_buffer_clear (&out);
  return size;
}

static GByteArray *
sample (guint kind, gsize n)
{
  static const char sentence[] = "The parties agree that the sum is paid in four parts. ";
  GByteArray *bytes = g_byte_array_new ();
  for (gsize i = 0; i < n; i++) {
    guint8 byte = kind == 0   ? 7
                  : kind == 1 ? (guint8) g_test_rand_int ()
                  : kind == 2 ? (guint8) sentence[i % (sizeof sentence - 1)]
                  : kind == 3 ? (guint8) (g_test_rand_int_range (0, 20) == 0 ? g_test_rand_int () : 0)
                              : (guint8) (1u << g_test_rand_int_range (0, 8) >> g_test_rand_int_range (0, 8));
    g_byte_array_append (bytes, &byte, 1);
  }
  return bytes;
}

static void
test_round_trips (void)
{
  static const gsize sizes[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 64, 255, 256, 257, 5000, 70000, 200000};
  for (guint kind = 0; kind < 5; kind++) {
    for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
      g_autoptr (GByteArray) bytes = sample (kind, sizes[i]);
      gsize huffman = assert_comes_back (mabei_huffman_write, mabei_huffman_read, bytes->data, bytes->len);
      gsize packed = assert_comes_back (mabei_pack_write, mabei_pack_read, bytes->data, bytes->len);
      /* Nothing grows by more than its head. */
      g_assert_cmpuint (huffman, <=, sizes[i] + 6);
      g_assert_cmpuint (packed, <=, sizes[i] + 7);
      if (sizes[i] >= 5000 && kind != 1)
        g_assert_cmpuint (packed, <, sizes[i] / 2);
      if (sizes[i] >= 5000 && (kind == 0 || kind == 2))
        g_assert_cmpuint (packed, <, sizes[i] / 50);
    }
  }
}

/* Frequencies of Fibonacci need codes of 24 bits; ours have 11. */
static void
test_very_uneven_frequencies (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint a = 1, b = 1;
  for (guint8 symbol = 0; symbol < 24; symbol++) {
    for (guint i = 0; i < a; i++)
      g_byte_array_append (bytes, &symbol, 1);
    guint sum = a + b;
    a = b;
    b = sum;
  }
  assert_comes_back (mabei_huffman_write, mabei_huffman_read, bytes->data, bytes->len);
}

/* Whatever the damage, reading ends, stays within its limit and does not crash. */
static void
damage (WriteFunc write, ReadFunc read, const guint8 *bytes, gsize n)
{
  MabeiBuffer packed = {0};
  write (&packed, bytes, n);
  for (gsize i = 0; i < packed.length; i++) {
    for (guint bit = 0; bit < 8; bit++) {
      MabeiBuffer out = {0};
      packed.data[i] ^= (guint8) (1u << bit);
      MabeiReader reader = {packed.data, packed.data + packed.length};
      if (read (&reader, 2 * n, &out))
        g_assert_cmpuint (out.length, <=, 2 * n);
      g_assert_true (reader.at <= reader.end);
      packed.data[i] ^= (guint8) (1u << bit);
      mabei_buffer_clear (&out);
    }
  }
  for (gsize length = 0; length < packed.length; length++) {
    MabeiBuffer out = {0};
    g_autofree guint8 *cut = g_memdup2 (packed.data, length);
    MabeiReader reader = {cut, cut + length};
    g_assert_false (read (&reader, 2 * n, &out));
    mabei_buffer_clear (&out);
  }
  mabei_buffer_clear (&packed);
}

static void
test_damage (void)
{
  for (guint kind = 0; kind < 5; kind++) {
    g_autoptr (GByteArray) bytes = sample (kind, 600);
    damage (mabei_huffman_write, mabei_huffman_read, bytes->data, bytes->len);
    damage (mabei_pack_write, mabei_pack_read, bytes->data, bytes->len);
  }
}

static void
test_numbers (void)
{
  static const guint32 values[] = {0, 1, 127, 128, 16383, 16384, 2097151, 2097152, 268435455, 268435456, G_MAXUINT32};
  static const guint sizes[] = {1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5};
  for (guint i = 0; i < G_N_ELEMENTS (values); i++) {
    MabeiBuffer buffer = {0};
    guint32 value = 0;
    mabei_buffer_add_varint (&buffer, values[i]);
    g_assert_cmpuint (buffer.length, ==, sizes[i]);
    MabeiReader reader = {buffer.data, buffer.data + buffer.length};
    g_assert_true (mabei_reader_varint (&reader, &value));
    g_assert_cmpuint (value, ==, values[i]);
    g_assert_true (reader.at == reader.end);
    reader = (MabeiReader){buffer.data, buffer.data + buffer.length - 1};
    g_assert_false (mabei_reader_varint (&reader, &value));
    g_assert_cmpint (mabei_unzigzag (mabei_zigzag ((gint32) values[i])), ==, (gint32) values[i]);
    mabei_buffer_clear (&buffer);
  }
  static const guint8 wrong[][6] = {
      {0x80, 0x00}, {0xff, 0x80, 0x00}, {0xff, 0xff, 0xff, 0xff, 0x10}, {0xff, 0xff, 0xff, 0xff, 0xff, 0x01}};
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    guint32 value;
    MabeiReader reader = {wrong[i], wrong[i] + 6};
    g_assert_false (mabei_reader_varint (&reader, &value));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pack/round-trips", test_round_trips);
  g_test_add_func ("/pack/very-uneven-frequencies", test_very_uneven_frequencies);
  g_test_add_func ("/pack/damage", test_damage);
  g_test_add_func ("/pack/numbers", test_numbers);
  return g_test_run ();
}
