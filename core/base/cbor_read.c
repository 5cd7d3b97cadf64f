#include "core/base/cbor.h"

#include <string.h>

#include "core/base/limits.h"

G_DEFINE_QUARK (mabei - cbor - error - quark, mabei_cbor_error)

enum {
  IN_ARRAY,
  IN_MAP_FIRST_KEY,
  IN_MAP_KEY,
  IN_MAP_VALUE,
};

enum {
  MAJOR_UINT = 0,
  MAJOR_NEGATIVE = 1,
  MAJOR_BYTES = 2,
  MAJOR_TEXT = 3,
  MAJOR_ARRAY = 4,
  MAJOR_MAP = 5,
  MAJOR_SIMPLE = 7,
};

enum {
  SIMPLE_FALSE = 20,
  SIMPLE_TRUE = 21,
  SIMPLE_NULL = 22,
};

G_STATIC_ASSERT (MABEI_LIMIT_CBOR_DEPTH <= G_N_ELEMENTS (((MabeiCborReader *) NULL)->stack));

void
mabei_cbor_reader_init (MabeiCborReader *reader, gconstpointer data, gsize length)
{
  static const guint8 nothing[1];
  memset (reader, 0, sizeof *reader);
  reader->at = data != NULL ? data : nothing;
  reader->end = data != NULL ? reader->at + length : nothing;
}

static gboolean
fail (MabeiCborReader *reader, gboolean over_limit, const char *fault)
{
  if (reader->fault == NULL) {
    reader->fault = fault;
    reader->over_limit = over_limit;
  }
  return FALSE;
}

static gsize
bytes_left (const MabeiCborReader *reader)
{
  return (gsize) (reader->end - reader->at);
}

static gboolean
expects_key (const MabeiCborReader *reader)
{
  if (reader->depth == 0)
    return FALSE;
  guint8 state = reader->stack[reader->depth - 1].state;
  return state == IN_MAP_FIRST_KEY || state == IN_MAP_KEY;
}

/* Initial byte and argument; longer than necessary, indefinite and reserved forms are refused. Advances only when it
 * succeeds. */
static gboolean
read_head (MabeiCborReader *reader, guint8 *major, guint64 *argument)
{
  if (reader->fault != NULL)
    return FALSE;
  if (bytes_left (reader) == 0)
    return fail (reader, FALSE, "truncated");
  guint8 first = *reader->at;
  guint8 info = first & 31;
  if (info > 27)
    return fail (reader, FALSE, "indefinite length or reserved form");
  *major = first >> 5;
  if (info < 24) {
    reader->at += 1;
    *argument = info;
    return TRUE;
  }
  if (*major == MAJOR_SIMPLE)
    return fail (reader, FALSE, "float or unknown simple value");
  gsize n_bytes = (gsize) 1 << (info - 24);
  if (bytes_left (reader) < 1 + n_bytes)
    return fail (reader, FALSE, "truncated");
  guint64 value = 0;
  for (gsize i = 0; i < n_bytes; i++)
    value = value << 8 | reader->at[1 + i];
  static const guint64 smallest[] = {24, 0x100, 0x10000, 0x100000000};
  if (value < smallest[info - 24])
    return fail (reader, FALSE, "integer or length not in its shortest form");
  reader->at += 1 + n_bytes;
  *argument = value;
  return TRUE;
}

/* A value may stand here, and it is of type @major. */
static gboolean
read_value_head (MabeiCborReader *reader, guint8 wanted, guint64 *argument)
{
  guint8 major;
  if (reader->fault == NULL && expects_key (reader))
    return fail (reader, FALSE, "the key of a map stands where a value was asked for");
  if (!read_head (reader, &major, argument))
    return FALSE;
  if (major != wanted)
    return fail (reader, FALSE, "another type than expected");
  return TRUE;
}

/* An item is complete: counts it, and closes every container that it completes. */
static void
end_item (MabeiCborReader *reader)
{
  while (reader->depth > 0) {
    guint top = reader->depth - 1;
    if (reader->stack[top].state == IN_MAP_VALUE)
      reader->stack[top].state = IN_MAP_KEY;
    if (--reader->stack[top].left > 0)
      return;
    reader->depth--;
  }
}

static gboolean
open_container (MabeiCborReader *reader, guint64 count, gboolean is_map)
{
  if (count > bytes_left (reader) / (is_map ? 2 : 1)) /* an item takes a byte at least */
    return fail (reader, FALSE, "truncated");
  if (reader->depth >= MABEI_LIMIT_CBOR_DEPTH)
    return fail (reader, TRUE, "containers nested too deep");
  if (count == 0) {
    end_item (reader);
    return TRUE;
  }
  guint top = reader->depth++;
  reader->stack[top].left = count;
  reader->stack[top].last_key = 0;
  reader->stack[top].state = is_map ? IN_MAP_FIRST_KEY : IN_ARRAY;
  return TRUE;
}

MabeiCborType
mabei_cbor_reader_peek (MabeiCborReader *reader)
{
  if (reader->fault != NULL || bytes_left (reader) == 0)
    return MABEI_CBOR_NONE;
  switch (*reader->at >> 5) {
  case MAJOR_UINT:
    return MABEI_CBOR_UINT;
  case MAJOR_NEGATIVE:
    return MABEI_CBOR_NEGATIVE;
  case MAJOR_BYTES:
    return MABEI_CBOR_BYTES;
  case MAJOR_TEXT:
    return MABEI_CBOR_TEXT;
  case MAJOR_ARRAY:
    return MABEI_CBOR_ARRAY;
  case MAJOR_MAP:
    return MABEI_CBOR_MAP;
  case MAJOR_SIMPLE:
    switch (*reader->at & 31) {
    case SIMPLE_FALSE:
    case SIMPLE_TRUE:
      return MABEI_CBOR_BOOL;
    case SIMPLE_NULL:
      return MABEI_CBOR_NULL;
    default:
      break;
    }
    break;
  default:
    break;
  }
  fail (reader, FALSE, "tag, float or unknown simple value");
  return MABEI_CBOR_NONE;
}

gboolean
mabei_cbor_read_uint (MabeiCborReader *reader, guint64 limit, guint64 *value)
{
  guint64 argument;
  if (!read_value_head (reader, MAJOR_UINT, &argument))
    return FALSE;
  if (argument > limit)
    return fail (reader, TRUE, "number greater than allowed");
  end_item (reader);
  *value = argument;
  return TRUE;
}

gboolean
mabei_cbor_read_int (MabeiCborReader *reader, gint64 *value)
{
  MabeiCborType type = mabei_cbor_reader_peek (reader);
  gboolean negative = type == MABEI_CBOR_NEGATIVE;
  guint64 argument;
  if (!read_value_head (reader, negative ? MAJOR_NEGATIVE : MAJOR_UINT, &argument))
    return FALSE;
  if (argument > G_MAXINT64)
    return fail (reader, TRUE, "number outside 64 bits with sign");
  end_item (reader);
  *value = negative ? -1 - (gint64) argument : (gint64) argument;
  return TRUE;
}

gboolean
mabei_cbor_read_bool (MabeiCborReader *reader, gboolean *value)
{
  guint64 argument;
  if (!read_value_head (reader, MAJOR_SIMPLE, &argument))
    return FALSE;
  if (argument != SIMPLE_FALSE && argument != SIMPLE_TRUE)
    return fail (reader, FALSE, "another type than expected");
  end_item (reader);
  *value = argument == SIMPLE_TRUE;
  return TRUE;
}

gboolean
mabei_cbor_read_null (MabeiCborReader *reader)
{
  guint64 argument;
  if (!read_value_head (reader, MAJOR_SIMPLE, &argument))
    return FALSE;
  if (argument != SIMPLE_NULL)
    return fail (reader, FALSE, "another type than expected");
  end_item (reader);
  return TRUE;
}

static gboolean
read_string (MabeiCborReader *reader, guint8 major, guint64 limit, const guint8 **data, gsize *length)
{
  guint64 argument;
  if (!read_value_head (reader, major, &argument))
    return FALSE;
  if (argument > limit)
    return fail (reader, TRUE, "string longer than allowed");
  if (argument > bytes_left (reader))
    return fail (reader, FALSE, "truncated");
  const guint8 *start = reader->at;
  /* A NUL inside would end the text early for every caller that keeps it as a C string. */
  if (major == MAJOR_TEXT && !g_utf8_validate_len ((const char *) start, (gsize) argument, NULL))
    return fail (reader, FALSE, "text is not UTF-8, or holds NUL");
  reader->at += argument;
  end_item (reader);
  *data = start;
  *length = (gsize) argument;
  return TRUE;
}

gboolean
mabei_cbor_read_bytes (MabeiCborReader *reader, gsize limit, const guint8 **data, gsize *length)
{
  return read_string (reader, MAJOR_BYTES, limit, data, length);
}

gboolean
mabei_cbor_read_fixed (MabeiCborReader *reader, gpointer out, gsize length)
{
  guint64 argument;
  if (!read_value_head (reader, MAJOR_BYTES, &argument))
    return FALSE;
  if (argument != length)
    return fail (reader, FALSE, "string of another length than expected");
  if (argument > bytes_left (reader))
    return fail (reader, FALSE, "truncated");
  memcpy (out, reader->at, length);
  reader->at += length;
  end_item (reader);
  return TRUE;
}

gboolean
mabei_cbor_read_text (MabeiCborReader *reader, gsize limit, char **text)
{
  const guint8 *data;
  gsize length;
  if (!read_string (reader, MAJOR_TEXT, limit, &data, &length))
    return FALSE;
  *text = g_strndup ((const char *) data, length);
  return TRUE;
}

static gboolean
read_container (MabeiCborReader *reader, guint8 major, guint64 limit, guint64 *count)
{
  guint64 argument;
  if (!read_value_head (reader, major, &argument))
    return FALSE;
  if (argument > limit)
    return fail (reader, TRUE, "more items than allowed");
  if (!open_container (reader, argument, major == MAJOR_MAP))
    return FALSE;
  *count = argument;
  return TRUE;
}

gboolean
mabei_cbor_read_array (MabeiCborReader *reader, guint64 limit, guint64 *count)
{
  return read_container (reader, MAJOR_ARRAY, limit, count);
}

gboolean
mabei_cbor_read_map (MabeiCborReader *reader, guint64 limit, guint64 *pairs)
{
  return read_container (reader, MAJOR_MAP, limit, pairs);
}

gboolean
mabei_cbor_read_key (MabeiCborReader *reader, guint64 *key)
{
  if (reader->fault != NULL)
    return FALSE;
  if (!expects_key (reader))
    return fail (reader, FALSE, "no key stands here");
  guint8 major;
  guint64 argument;
  if (!read_head (reader, &major, &argument))
    return FALSE;
  if (major != MAJOR_UINT)
    return fail (reader, FALSE, "a key is not an unsigned integer");
  guint top = reader->depth - 1;
  if (reader->stack[top].state == IN_MAP_KEY && argument <= reader->stack[top].last_key)
    return fail (reader, FALSE, "keys do not ascend");
  reader->stack[top].last_key = argument;
  reader->stack[top].state = IN_MAP_VALUE;
  *key = argument;
  return TRUE;
}

gboolean
mabei_cbor_expect_key (MabeiCborReader *reader, guint64 key)
{
  guint64 found;
  if (!mabei_cbor_read_key (reader, &found))
    return FALSE;
  if (found != key)
    return fail (reader, FALSE, "another key than expected");
  return TRUE;
}

/* One step of mabei_cbor_read_any: a key, a scalar, or the opening of a container. */
static gboolean
skip_step (MabeiCborReader *reader)
{
  guint64 number;
  gint64 integer;
  gboolean boolean;
  const guint8 *data;
  gsize length;
  if (expects_key (reader))
    return mabei_cbor_read_key (reader, &number);
  switch (mabei_cbor_reader_peek (reader)) {
  case MABEI_CBOR_UINT:
    return mabei_cbor_read_uint (reader, G_MAXUINT64, &number);
  case MABEI_CBOR_NEGATIVE:
    return mabei_cbor_read_int (reader, &integer);
  case MABEI_CBOR_BYTES:
    return read_string (reader, MAJOR_BYTES, G_MAXUINT64, &data, &length);
  case MABEI_CBOR_TEXT:
    return read_string (reader, MAJOR_TEXT, G_MAXUINT64, &data, &length);
  case MABEI_CBOR_ARRAY:
    return read_container (reader, MAJOR_ARRAY, G_MAXUINT64, &number);
  case MABEI_CBOR_MAP:
    return read_container (reader, MAJOR_MAP, G_MAXUINT64, &number);
  case MABEI_CBOR_BOOL:
    return mabei_cbor_read_bool (reader, &boolean);
  case MABEI_CBOR_NULL:
    return mabei_cbor_read_null (reader);
  case MABEI_CBOR_NONE:
  default:
    return fail (reader, FALSE, "truncated");
  }
}

gboolean
mabei_cbor_read_any (MabeiCborReader *reader, const guint8 **data, gsize *length)
{
  if (reader->fault != NULL)
    return FALSE;
  if (expects_key (reader))
    return fail (reader, FALSE, "the key of a map stands where a value was asked for");
  const guint8 *start = reader->at;
  guint depth = reader->depth;
  do {
    if (!skip_step (reader))
      return FALSE;
  } while (reader->depth > depth);
  if (data != NULL)
    *data = start;
  if (length != NULL)
    *length = (gsize) (reader->at - start);
  return TRUE;
}

gboolean
mabei_cbor_reader_finish (MabeiCborReader *reader, GError **error)
{
  if (reader->fault == NULL && reader->depth > 0)
    fail (reader, FALSE, "a container is not complete");
  if (reader->fault == NULL && bytes_left (reader) > 0)
    fail (reader, FALSE, "bytes left over");
  if (reader->fault == NULL)
    return TRUE;
  g_set_error_literal (error, MABEI_CBOR_ERROR, reader->over_limit ? MABEI_CBOR_ERROR_LIMIT : MABEI_CBOR_ERROR_FORMAT,
                       reader->fault);
  return FALSE;
}
