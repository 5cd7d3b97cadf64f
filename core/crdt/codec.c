#include "core/crdt/codec.h"

G_DEFINE_QUARK (mabei - crdt - error, mabei_crdt_error)

void
mabei_buffer_reserve (MabeiBuffer *buffer, gsize more)
{
  gsize wanted = buffer->length + more;
  if (wanted <= buffer->capacity)
    return;
  gsize capacity = MAX (buffer->capacity, 64);
  while (capacity < wanted)
    capacity += capacity / 2;
  buffer->data = g_realloc (buffer->data, capacity);
  buffer->capacity = capacity;
}

void
mabei_buffer_clear (MabeiBuffer *buffer)
{
  g_clear_pointer (&buffer->data, g_free);
  buffer->length = 0;
  buffer->capacity = 0;
}

gboolean
mabei_reader_utf8_wide (MabeiReader *reader, gunichar *character)
{
  gsize left = (gsize) (reader->end - reader->at);
  if (left == 0)
    return FALSE;
  guint8 lead = reader->at[0];
  guint more = lead >= 0xc2 && lead <= 0xdf   ? 1
               : lead >= 0xe0 && lead <= 0xef ? 2
               : lead >= 0xf0 && lead <= 0xf4 ? 3
                                              : 0;
  if (more == 0 || left <= more)
    return FALSE;
  gunichar sum = lead & (0x3fu >> more);
  for (guint i = 1; i <= more; i++) {
    if ((reader->at[i] & 0xc0) != 0x80)
      return FALSE;
    sum = sum << 6 | (reader->at[i] & 0x3f);
  }
  static const gunichar least[] = {0, 0x80, 0x800, 0x10000};
  if (sum < least[more] || sum > 0x10ffff || (sum >= 0xd800 && sum <= 0xdfff))
    return FALSE;
  *character = sum;
  reader->at += more + 1;
  return TRUE;
}

gboolean
mabei_utf8_is_text (const guint8 *utf8, gsize n_bytes)
{
  return n_bytes == 0 || g_utf8_validate_len ((const char *) utf8, n_bytes, NULL);
}
