#include "core/base/cbor.h"

#include <string.h>

/* Initial byte and argument in the shortest form (RFC 8949 section 4.2.1). */
static void
write_head (GByteArray *out, guint8 major, guint64 argument)
{
  guint8 head[9];
  guint n_bytes;
  guint8 info;
  if (argument < 24) {
    n_bytes = 0;
    info = (guint8) argument;
  } else if (argument <= 0xff) {
    n_bytes = 1;
    info = 24;
  } else if (argument <= 0xffff) {
    n_bytes = 2;
    info = 25;
  } else if (argument <= 0xffffffffu) {
    n_bytes = 4;
    info = 26;
  } else {
    n_bytes = 8;
    info = 27;
  }
  head[0] = (guint8) (major << 5 | info);
  for (guint i = 0; i < n_bytes; i++)
    head[1 + i] = (guint8) (argument >> (8 * (n_bytes - 1 - i)) & 0xff);
  g_byte_array_append (out, head, 1 + n_bytes);
}

void
mabei_cbor_write_uint (GByteArray *out, guint64 value)
{
  write_head (out, 0, value);
}

void
mabei_cbor_write_int (GByteArray *out, gint64 value)
{
  if (value >= 0)
    write_head (out, 0, (guint64) value);
  else
    write_head (out, 1, (guint64) (-(value + 1))); /* -1 - n, without overflow at the smallest value */
}

void
mabei_cbor_write_bool (GByteArray *out, gboolean value)
{
  write_head (out, 7, value ? 21 : 20);
}

void
mabei_cbor_write_null (GByteArray *out)
{
  write_head (out, 7, 22);
}

void
mabei_cbor_write_bytes (GByteArray *out, gconstpointer data, gsize length)
{
  g_assert (length <= G_MAXINT); /* GByteArray counts in guint */
  write_head (out, 2, length);
  if (length > 0)
    g_byte_array_append (out, data, (guint) length);
}

void
mabei_cbor_write_text (GByteArray *out, const char *utf8)
{
  gsize length = strlen (utf8);
  g_assert (length <= G_MAXINT);
  g_assert (g_utf8_validate_len (utf8, length, NULL));
  write_head (out, 3, length);
  g_byte_array_append (out, (const guint8 *) utf8, (guint) length);
}

void
mabei_cbor_write_array (GByteArray *out, gsize count)
{
  write_head (out, 4, count);
}

void
mabei_cbor_write_map (GByteArray *out, gsize pairs)
{
  write_head (out, 5, pairs);
}
