#include "app/ctl/json_reader.h"

#include <string.h>

void
mabei_json_reader_init (MabeiJsonReader *reader, const char *utf8, gsize n_bytes)
{
  *reader = (MabeiJsonReader){.start = utf8, .at = utf8, .end = utf8 + n_bytes};
}

static gboolean
fail (MabeiJsonReader *reader, const char *what)
{
  if (reader->failure == NULL)
    reader->failure = what;
  return FALSE;
}

static char
skip_space (MabeiJsonReader *reader)
{
  if (reader->failure != NULL)
    return 0;
  while (reader->at < reader->end &&
         (*reader->at == ' ' || *reader->at == '\n' || *reader->at == '\t' || *reader->at == '\r'))
    reader->at++;
  return reader->at < reader->end ? *reader->at : 0;
}

char
mabei_json_reader_peek (MabeiJsonReader *reader)
{
  char next = skip_space (reader);
  return g_ascii_isdigit (next) || next == '-' ? '0' : next;
}

gboolean
mabei_json_reader_enter (MabeiJsonReader *reader, char container)
{
  if (skip_space (reader) != container)
    return fail (reader, container == '{' ? "an object is expected" : "an array is expected");
  if (reader->depth == MABEI_JSON_DEPTH_MAX)
    return fail (reader, "too deeply nested");
  reader->at++;
  reader->containers[reader->depth++] = container;
  reader->first = TRUE;
  return TRUE;
}

/* TRUE if the innermost container goes on. */
static gboolean
next (MabeiJsonReader *reader, char container, char closing)
{
  g_assert (reader->failure != NULL || (reader->depth > 0 && reader->containers[reader->depth - 1] == container));
  char c = skip_space (reader);
  if (reader->failure != NULL)
    return FALSE;
  if (c == closing) {
    reader->at++;
    reader->depth--;
    reader->first = FALSE;
    return FALSE;
  }
  if (!reader->first) {
    if (c != ',')
      return fail (reader, "a comma or the end is expected");
    reader->at++;
  }
  reader->first = FALSE;
  return TRUE;
}

gboolean
mabei_json_reader_next_element (MabeiJsonReader *reader)
{
  return next (reader, '[', ']');
}

gboolean
mabei_json_reader_next_member (MabeiJsonReader *reader, GString *name)
{
  if (!next (reader, '{', '}'))
    return FALSE;
  g_string_truncate (name, 0);
  if (!mabei_json_reader_string (reader, name))
    return FALSE;
  if (skip_space (reader) != ':')
    return fail (reader, "a colon is expected");
  reader->at++;
  return TRUE;
}

static gboolean
read_hex (MabeiJsonReader *reader, gunichar *unit)
{
  gunichar sum = 0;
  if (reader->end - reader->at < 4)
    return fail (reader, "an escape is cut");
  for (guint i = 0; i < 4; i++) {
    gint digit = g_ascii_xdigit_value (*reader->at++);
    if (digit < 0)
      return fail (reader, "an escape is not hexadecimal");
    sum = sum << 4 | (gunichar) digit;
  }
  *unit = sum;
  return TRUE;
}

static gboolean
read_unicode_escape (MabeiJsonReader *reader, GString *value)
{
  gunichar unit, low;
  if (!read_hex (reader, &unit))
    return FALSE;
  if (unit >= 0xd800 && unit < 0xdc00) {
    if (reader->end - reader->at < 6 || reader->at[0] != '\\' || reader->at[1] != 'u')
      return fail (reader, "half of a surrogate pair");
    reader->at += 2;
    if (!read_hex (reader, &low))
      return FALSE;
    if (low < 0xdc00 || low > 0xdfff)
      return fail (reader, "half of a surrogate pair");
    unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
  } else if (unit == 0 || (unit >= 0xdc00 && unit < 0xe000)) {
    return fail (reader, "an escape that is no character");
  }
  g_string_append_unichar (value, unit);
  return TRUE;
}

static gboolean
read_escape (MabeiJsonReader *reader, GString *value)
{
  static const char names[] = "\"\\/bfnrt";
  static const char meanings[] = "\"\\/\b\f\n\r\t";
  if (reader->at == reader->end)
    return fail (reader, "a string is cut");
  char c = *reader->at++;
  if (c == 'u')
    return read_unicode_escape (reader, value);
  const char *found = c == 0 ? NULL : strchr (names, c);
  if (found == NULL)
    return fail (reader, "an unknown escape");
  g_string_append_c (value, meanings[found - names]);
  return TRUE;
}

gboolean
mabei_json_reader_string (MabeiJsonReader *reader, GString *value)
{
  if (skip_space (reader) != '"')
    return fail (reader, "a string is expected");
  reader->at++;
  while (reader->at < reader->end) {
    const char *from = reader->at;
    while (reader->at < reader->end && *reader->at != '"' && *reader->at != '\\' && (guint8) *reader->at >= 0x20)
      reader->at++;
    g_string_append_len (value, from, reader->at - from);
    if (reader->at == reader->end)
      break;
    char c = *reader->at++;
    if (c == '"')
      return TRUE;
    if (c != '\\')
      return fail (reader, "a control character in a string");
    if (!read_escape (reader, value))
      return FALSE;
  }
  return fail (reader, "a string is cut");
}

gboolean
mabei_json_reader_number (MabeiJsonReader *reader, guint32 *value)
{
  guint64 sum = 0;
  char c = skip_space (reader);
  const char *from = reader->at;
  if (!g_ascii_isdigit (c))
    return fail (reader, "a whole number is expected");
  while (reader->at < reader->end && g_ascii_isdigit (*reader->at) && sum <= G_MAXUINT32)
    sum = sum * 10 + (guint64) g_ascii_digit_value (*reader->at++);
  if (sum > G_MAXUINT32)
    return fail (reader, "a number is too large");
  if (*from == '0' && reader->at - from > 1)
    return fail (reader, "a number begins with zero");
  if (reader->at < reader->end && (*reader->at == '.' || *reader->at == 'e' || *reader->at == 'E'))
    return fail (reader, "a whole number is expected");
  *value = (guint32) sum;
  return TRUE;
}

static gboolean
skip_digits (MabeiJsonReader *reader)
{
  if (reader->at == reader->end || !g_ascii_isdigit (*reader->at))
    return fail (reader, "a digit is expected");
  while (reader->at < reader->end && g_ascii_isdigit (*reader->at))
    reader->at++;
  return TRUE;
}

static gboolean
skip_number (MabeiJsonReader *reader)
{
  if (*reader->at == '-')
    reader->at++;
  const char *from = reader->at;
  if (!skip_digits (reader))
    return FALSE;
  if (*from == '0' && reader->at - from > 1)
    return fail (reader, "a number begins with zero");
  if (reader->at < reader->end && *reader->at == '.') {
    reader->at++;
    if (!skip_digits (reader))
      return FALSE;
  }
  if (reader->at < reader->end && (*reader->at == 'e' || *reader->at == 'E')) {
    reader->at++;
    if (reader->at < reader->end && (*reader->at == '+' || *reader->at == '-'))
      reader->at++;
    return skip_digits (reader);
  }
  return TRUE;
}

static gboolean
skip_word (MabeiJsonReader *reader)
{
  static const char *const words[] = {"true", "false", "null"};
  for (guint i = 0; i < G_N_ELEMENTS (words); i++) {
    gsize length = strlen (words[i]);
    if ((gsize) (reader->end - reader->at) >= length && memcmp (reader->at, words[i], length) == 0) {
      reader->at += length;
      return TRUE;
    }
  }
  return fail (reader, "no JSON value");
}

static gboolean
skip_scalar (MabeiJsonReader *reader, GString *scratch)
{
  char c = mabei_json_reader_peek (reader);
  if (c == '"') {
    g_string_truncate (scratch, 0);
    return mabei_json_reader_string (reader, scratch);
  }
  return c == '0' ? skip_number (reader) : c == 0 ? fail (reader, "a value is missing") : skip_word (reader);
}

gboolean
mabei_json_reader_skip (MabeiJsonReader *reader)
{
  g_autoptr (GString) scratch = g_string_new (NULL);
  guint depth = reader->depth;
  do {
    char c = mabei_json_reader_peek (reader);
    if (c == '{' || c == '[') {
      if (!mabei_json_reader_enter (reader, c))
        return FALSE;
    } else if (!skip_scalar (reader, scratch)) {
      return FALSE;
    }
    /* Leave what ends here; stop before the next value of what does not. */
    while (reader->depth > depth && reader->failure == NULL) {
      gboolean more = reader->containers[reader->depth - 1] == '{' ? mabei_json_reader_next_member (reader, scratch)
                                                                   : mabei_json_reader_next_element (reader);
      if (more)
        break;
    }
  } while (reader->depth > depth && reader->failure == NULL);
  return reader->failure == NULL;
}

gboolean
mabei_json_reader_at_end (MabeiJsonReader *reader)
{
  return reader->depth == 0 && skip_space (reader) == 0 && reader->failure == NULL && reader->at == reader->end;
}
