#include "core/crdt/characters.h"

void
mabei_characters_clear (MabeiCharacters *characters)
{
  g_clear_pointer (&characters->data, g_free);
  *characters = (MabeiCharacters){0};
}

static gunichar
get (const guint8 *data, guint width, guint32 index)
{
  if (width == 1)
    return data[index];
  if (width == 2)
    return ((const guint16 *) (gconstpointer) data)[index];
  return ((const guint32 *) (gconstpointer) data)[index];
}

static void
set (guint8 *data, guint width, guint32 index, gunichar character)
{
  if (width == 1)
    data[index] = (guint8) character;
  else if (width == 2)
    ((guint16 *) (gpointer) data)[index] = (guint16) character;
  else
    ((guint32 *) (gpointer) data)[index] = character;
}

static void
widen (MabeiCharacters *characters, guint width)
{
  guint8 *wider = g_malloc ((gsize) characters->capacity * width);
  for (guint32 i = 0; i < characters->n; i++)
    set (wider, width, i, get (characters->data, characters->width, i));
  g_free (characters->data);
  characters->data = wider;
  characters->width = width;
}

static void
reserve (MabeiCharacters *characters, guint32 more)
{
  if (characters->width == 0)
    characters->width = 1;
  if (characters->capacity - characters->n >= more)
    return;
  guint64 capacity = MAX (64, (guint64) characters->capacity + characters->capacity / 4);
  characters->capacity = (guint32) CLAMP (capacity, (guint64) characters->n + more, G_MAXUINT32);
  characters->data = g_realloc (characters->data, (gsize) characters->capacity * characters->width);
}

void
mabei_characters_add (MabeiCharacters *characters, const guint8 *utf8, gsize n_bytes, guint32 n)
{
  reserve (characters, n);
  if (n == n_bytes && characters->width == 1) {
    memcpy (characters->data + characters->n, utf8, n);
    characters->n += n;
    return;
  }
  MabeiReader reader = mabei_reader (utf8, n_bytes);
  for (guint32 i = 0; i < n; i++) {
    gunichar character = 0;
    gboolean valid = mabei_reader_utf8 (&reader, &character);
    g_assert (valid);
    guint needed = character < 0x80 ? 1 : character < 0x10000 ? 2 : 4;
    if (needed > characters->width)
      widen (characters, needed);
    set (characters->data, characters->width, characters->n++, character);
  }
}

void
mabei_characters_write (const MabeiCharacters *characters, guint32 first, guint32 n, MabeiBuffer *to)
{
  g_assert (first <= characters->n && n <= characters->n - first);
  if (characters->width <= 1) {
    mabei_buffer_add (to, characters->data + first, n);
    return;
  }
  mabei_buffer_reserve (to, (gsize) n * 4);
  for (guint32 i = first; i < first + n; i++)
    to->length +=
        (gsize) g_unichar_to_utf8 (get (characters->data, characters->width, i), (char *) to->data + to->length);
}

guint
mabei_characters_width (const guint8 *utf8, gsize n_bytes)
{
  guint64 high_bits = 0, eight;
  gsize i = 0;
  for (; i + sizeof eight <= n_bytes; i += sizeof eight) {
    memcpy (&eight, utf8 + i, sizeof eight);
    high_bits |= eight;
  }
  for (; i < n_bytes; i++)
    high_bits |= utf8[i];
  if ((high_bits & G_GUINT64_CONSTANT (0x8080808080808080)) == 0)
    return 1;
  guint8 highest = 0;
  for (i = 0; i < n_bytes; i++)
    highest = MAX (highest, utf8[i]);
  return highest < 0xf0 ? 2 : 4;
}

void
mabei_characters_prepare (MabeiCharacters *characters, guint32 n, guint width)
{
  g_assert (characters->n == 0);
  characters->width = width;
  reserve (characters, n);
  characters->n = n;
}

gboolean
mabei_characters_put (MabeiCharacters *characters, guint32 first, guint32 n, MabeiReader *reader)
{
  if ((gsize) (reader->end - reader->at) < n)
    return FALSE;
  if (characters->width == 1 && memchr (reader->at, 0, n) == NULL) {
    memcpy (characters->data + first, reader->at, n);
    reader->at += n;
    return TRUE;
  }
  for (guint32 i = first; i < first + n; i++) {
    gunichar character;
    if (!mabei_reader_utf8 (reader, &character))
      return FALSE;
    set (characters->data, characters->width, i, character);
  }
  return TRUE;
}
