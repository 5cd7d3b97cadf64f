#include "core/base/ids.h"

#include <sodium.h>
#include <string.h>

static const char hex_digits[] = "0123456789abcdef";
static const char base32_digits[] = "abcdefghijklmnopqrstuvwxyz234567";

/* Ids are outputs of a hash or random, so their first bytes are as good a hash as any. An opponent can choose a short
 * id freely; the tables that hold foreign ids are bounded by limits.h. */
static guint
first_bytes (const guint8 *bytes)
{
  guint value;
  memcpy (&value, bytes, sizeof value);
  return value;
}

guint
mabei_id_hash (gconstpointer id)
{
  return first_bytes (((const MabeiId *) id)->bytes);
}

gboolean
mabei_id_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, MABEI_ID_BYTES) == 0;
}

gint
mabei_id_compare (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, MABEI_ID_BYTES);
}

guint
mabei_short_id_hash (gconstpointer id)
{
  return first_bytes (((const MabeiShortId *) id)->bytes);
}

gboolean
mabei_short_id_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, MABEI_SHORT_ID_BYTES) == 0;
}

gint
mabei_short_id_compare (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, MABEI_SHORT_ID_BYTES);
}

gboolean
mabei_id_is_zero (const MabeiId *id)
{
  return sodium_is_zero (id->bytes, MABEI_ID_BYTES) == 1;
}

gboolean
mabei_short_id_is_zero (const MabeiShortId *id)
{
  return sodium_is_zero (id->bytes, MABEI_SHORT_ID_BYTES) == 1;
}

char *
mabei_hex_encode (const guint8 *bytes, gsize length)
{
  g_assert (length <= G_MAXSIZE / 2 - 1);
  char *hex = g_malloc (length * 2 + 1);
  for (gsize i = 0; i < length; i++) {
    hex[2 * i] = hex_digits[bytes[i] >> 4];
    hex[2 * i + 1] = hex_digits[bytes[i] & 15];
  }
  hex[length * 2] = '\0';
  return hex;
}

static gboolean
hex_value (char digit, guint8 *value)
{
  if (digit >= '0' && digit <= '9')
    *value = (guint8) (digit - '0');
  else if (digit >= 'a' && digit <= 'f')
    *value = (guint8) (digit - 'a' + 10);
  else
    return FALSE;
  return TRUE;
}

static gboolean
hex_to_bytes (const char *hex, guint8 *bytes, gsize length)
{
  for (gsize i = 0; i < length; i++) {
    guint8 high, low;
    if (!hex_value (hex[2 * i], &high) || !hex_value (hex[2 * i + 1], &low))
      return FALSE;
    bytes[i] = (guint8) (high << 4 | low);
  }
  return TRUE;
}

GBytes *
mabei_hex_decode (const char *hex, gsize limit)
{
  if (hex == NULL)
    return NULL;
  gsize characters = strlen (hex);
  if (characters % 2 != 0 || characters / 2 > limit)
    return NULL;
  g_autofree guint8 *bytes = g_malloc (characters / 2 + 1);
  if (!hex_to_bytes (hex, bytes, characters / 2))
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&bytes), characters / 2);
}

char *
mabei_id_to_hex (const MabeiId *id)
{
  return mabei_hex_encode (id->bytes, MABEI_ID_BYTES);
}

char *
mabei_short_id_to_hex (const MabeiShortId *id)
{
  return mabei_hex_encode (id->bytes, MABEI_SHORT_ID_BYTES);
}

gboolean
mabei_id_from_hex (const char *hex, MabeiId *id)
{
  MabeiId read;
  if (hex == NULL || strlen (hex) != 2 * MABEI_ID_BYTES || !hex_to_bytes (hex, read.bytes, MABEI_ID_BYTES))
    return FALSE;
  *id = read;
  return TRUE;
}

gboolean
mabei_short_id_from_hex (const char *hex, MabeiShortId *id)
{
  MabeiShortId read;
  if (hex == NULL || strlen (hex) != 2 * MABEI_SHORT_ID_BYTES || !hex_to_bytes (hex, read.bytes, MABEI_SHORT_ID_BYTES))
    return FALSE;
  *id = read;
  return TRUE;
}

char *
mabei_base32_encode (const guint8 *bytes, gsize length)
{
  g_assert (length <= G_MAXSIZE / 8 - 1);
  gsize characters = (length * 8 + 4) / 5;
  char *text = g_malloc (characters + 1);
  guint bits = 0, n_bits = 0;
  gsize at = 0;
  for (gsize i = 0; i < length; i++) {
    bits = (bits << 8 | bytes[i]) & 0xfff; /* at most 4 bits wait when 8 more come */
    n_bits += 8;
    while (n_bits >= 5) {
      n_bits -= 5;
      text[at++] = base32_digits[bits >> n_bits & 31];
    }
  }
  if (n_bits > 0)
    text[at++] = base32_digits[bits << (5 - n_bits) & 31];
  g_assert (at == characters);
  text[at] = '\0';
  return text;
}

static gboolean
base32_value (char digit, guint *value)
{
  if (digit >= 'a' && digit <= 'z')
    *value = (guint) (digit - 'a');
  else if (digit >= '2' && digit <= '7')
    *value = (guint) (digit - '2' + 26);
  else
    return FALSE;
  return TRUE;
}

GBytes *
mabei_base32_decode (const char *text, gsize limit)
{
  if (text == NULL)
    return NULL;
  gsize characters = strlen (text);
  if (characters > G_MAXSIZE / 5 || characters * 5 / 8 > limit)
    return NULL;
  gsize length = characters * 5 / 8;
  if ((length * 8 + 4) / 5 != characters) /* a last digit that holds no byte's end */
    return NULL;
  g_autofree guint8 *bytes = g_malloc (length + 1);
  guint bits = 0, n_bits = 0;
  gsize at = 0;
  for (gsize i = 0; i < characters; i++) {
    guint value;
    if (!base32_value (text[i], &value))
      return NULL;
    bits = (bits << 5 | value) & 0xfff;
    n_bits += 5;
    if (n_bits >= 8) {
      n_bits -= 8;
      bytes[at++] = (guint8) (bits >> n_bits & 0xff);
    }
  }
  if ((bits & ((1u << n_bits) - 1)) != 0)
    return NULL;
  g_assert (at == length);
  return g_bytes_new_take (g_steal_pointer (&bytes), length);
}
