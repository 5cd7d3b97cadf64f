#include "core/crdt/huffman.h"

#define BITS_MAX 11
#define SYMBOLS 256
/* Symbols decoded between two looks at the input: 4 x 11 bits always fit in the 57 that a refill leaves. */
#define SYMBOLS_A_REFILL 4

enum {
  MODE_PLAIN = 0,
  MODE_REPEAT = 1,
  MODE_CODES = 2,
};

/* ---- writing ---- */

/* Code lengths by merging the two rarest; TRUE if none exceeds BITS_MAX. */
static gboolean
lengths_of (const guint32 *counts, guint8 *lengths)
{
  guint32 weight[2 * SYMBOLS] = {0};
  guint16 parent[2 * SYMBOLS] = {0};
  guint n = SYMBOLS;
  memcpy (weight, counts, SYMBOLS * sizeof *counts);
  for (;;) {
    guint rarest = G_MAXUINT, second = G_MAXUINT;
    for (guint i = 0; i < n; i++) {
      if (weight[i] == 0)
        continue;
      if (rarest == G_MAXUINT || weight[i] < weight[rarest]) {
        second = rarest;
        rarest = i;
      } else if (second == G_MAXUINT || weight[i] < weight[second]) {
        second = i;
      }
    }
    if (second == G_MAXUINT)
      break;
    weight[n] = weight[rarest] + weight[second];
    weight[rarest] = weight[second] = 0;
    parent[rarest] = parent[second] = (guint16) n++;
  }
  guint longest = 0;
  for (guint i = 0; i < SYMBOLS; i++) {
    guint length = 0;
    for (guint at = i; counts[i] > 0 && parent[at] != 0; at = parent[at])
      length++;
    lengths[i] = (guint8) length;
    longest = MAX (longest, length);
  }
  return longest <= BITS_MAX;
}

/* Flattens the counts until the codes are short enough; equal counts give 8 bits. */
static void
limited_lengths (guint32 *counts, guint8 *lengths)
{
  while (!lengths_of (counts, lengths)) {
    for (guint i = 0; i < SYMBOLS; i++)
      counts[i] = counts[i] > 0 ? counts[i] / 2 + 1 : 0;
  }
}

/* Codes ascend with length, then symbol. FALSE unless they fill the space exactly. */
static gboolean
assign_codes (const guint8 *lengths, guint16 *codes)
{
  guint32 code = 0;
  for (guint length = 1; length <= BITS_MAX; length++) {
    for (guint i = 0; i < SYMBOLS; i++) {
      if (lengths[i] != length)
        continue;
      if (code >= 1u << BITS_MAX)
        return FALSE;
      codes[i] = (guint16) (code >> (BITS_MAX - length));
      code += 1u << (BITS_MAX - length);
    }
  }
  return code == 1u << BITS_MAX;
}

static void
write_codes (MabeiBuffer *to, const guint8 *bytes, gsize n, guint32 *counts)
{
  guint8 lengths[SYMBOLS];
  guint16 codes[SYMBOLS] = {0};
  limited_lengths (counts, lengths);
  gboolean whole = assign_codes (lengths, codes);
  g_assert (whole);
  guint first = 0, last = SYMBOLS - 1;
  while (lengths[first] == 0)
    first++;
  while (lengths[last] == 0)
    last--;
  const guint8 head[] = {MODE_CODES, (guint8) first, (guint8) last};
  mabei_buffer_add (to, head, sizeof head);
  for (guint i = first; i <= last; i += 2) {
    guint8 pair = (guint8) (lengths[i] << 4 | (i < last ? lengths[i + 1] : 0));
    mabei_buffer_add (to, &pair, 1);
  }
  gsize n_bits = 0;
  for (gsize i = 0; i < n; i++)
    n_bits += lengths[bytes[i]];
  mabei_buffer_add_varint (to, (guint32) ((n_bits + 7) / 8));
  mabei_buffer_reserve (to, n_bits / 8 + 8);
  guint64 bits = 0;
  guint held = 0;
  for (gsize i = 0; i < n; i++) {
    bits = bits << lengths[bytes[i]] | codes[bytes[i]];
    held += lengths[bytes[i]];
    while (held >= 8) {
      held -= 8;
      to->data[to->length++] = (guint8) (bits >> held);
    }
  }
  if (held > 0)
    to->data[to->length++] = (guint8) (bits << (8 - held));
}

void
mabei_huffman_write (MabeiBuffer *to, const guint8 *bytes, gsize n)
{
  guint32 counts[SYMBOLS] = {0};
  g_assert (n <= G_MAXINT32);
  mabei_buffer_add_varint (to, (guint32) n);
  if (n == 0)
    return;
  for (gsize i = 0; i < n; i++)
    counts[bytes[i]]++;
  gsize start = to->length;
  if (counts[bytes[0]] == n && n > 1) {
    const guint8 repeat[] = {MODE_REPEAT, bytes[0]};
    mabei_buffer_add (to, repeat, sizeof repeat);
    return;
  }
  if (n > 1)
    write_codes (to, bytes, n, counts);
  if (n == 1 || to->length - start > n) {
    const guint8 plain = MODE_PLAIN;
    to->length = start;
    mabei_buffer_add (to, &plain, 1);
    mabei_buffer_add (to, bytes, n);
  }
}

/* ---- reading ---- */

typedef struct {
  guint8 symbol;
  guint8 length;
} Entry;

static gboolean
read_table (MabeiReader *reader, Entry *table)
{
  guint8 lengths[SYMBOLS + 1] = {0};
  guint16 codes[SYMBOLS] = {0};
  if (reader->end - reader->at < 2 || reader->at[0] >= reader->at[1])
    return FALSE;
  guint first = reader->at[0], last = reader->at[1];
  reader->at += 2;
  gsize n = (last - first) / 2 + 1;
  if ((gsize) (reader->end - reader->at) < n)
    return FALSE;
  for (guint i = first; i <= last; i += 2) {
    guint8 pair = *reader->at++;
    lengths[i] = pair >> 4;
    lengths[i + 1] = pair & 15;
    if (lengths[i] > BITS_MAX || lengths[i + 1] > BITS_MAX || (i == last && lengths[i + 1] != 0))
      return FALSE;
  }
  if (lengths[first] == 0 || lengths[last] == 0 || !assign_codes (lengths, codes))
    return FALSE;
  for (guint i = first; i <= last; i++) {
    guint spread = lengths[i] == 0 ? 0 : 1u << (BITS_MAX - lengths[i]);
    for (guint k = 0; k < spread; k++)
      table[codes[i] * spread + k] = (Entry){(guint8) i, lengths[i]};
  }
  return TRUE;
}

static gboolean
read_codes (MabeiReader *reader, guint8 *out, gsize n)
{
  Entry table[1 << BITS_MAX];
  guint32 n_packed;
  if (!read_table (reader, table) || !mabei_reader_varint (reader, &n_packed) ||
      (gsize) (reader->end - reader->at) < n_packed)
    return FALSE;
  const guint8 *at = reader->at, *end = at + n_packed;
  guint64 bits = 0; /* the next ones on top */
  guint held = 0;
  gsize lacking = 0; /* zeros taken past the end */
  for (gsize i = 0; i < n;) {
    if (end - at >= 8) {
      guint64 eight;
      memcpy (&eight, at, sizeof eight);
      bits |= GUINT64_FROM_BE (eight) >> held;
      at += (63 - held) / 8;
      held |= 56; /* whole bytes were taken, up to 56 to 63 bits */
    } else {
      while (held <= 56) {
        if (at < end)
          bits |= (guint64) *at++ << (56 - held);
        else
          lacking += 8;
        held += 8;
      }
    }
    guint stop = (guint) MIN ((gsize) SYMBOLS_A_REFILL, n - i);
    for (guint k = 0; k < stop; k++) {
      Entry entry = table[bits >> (64 - BITS_MAX)];
      out[i++] = entry.symbol;
      bits <<= entry.length;
      held -= entry.length;
    }
    if (lacking > 64 + 8 * sizeof bits)
      return FALSE;
  }
  reader->at += n_packed;
  /* All packed bytes were needed, the rest of the last one is zero, and none was missing. */
  return at == end && held >= lacking && held - lacking < 8 && bits == 0;
}

gboolean
mabei_huffman_read (MabeiReader *reader, gsize limit, MabeiBuffer *to)
{
  guint32 n;
  if (!mabei_reader_varint (reader, &n) || n > limit)
    return FALSE;
  if (n == 0)
    return TRUE;
  if (reader->at == reader->end)
    return FALSE;
  guint8 mode = *reader->at++;
  gsize left = (gsize) (reader->end - reader->at);
  /* A code has one bit at least, so that memory is bounded by the input, but for repeats: by the caller's limit. */
  if ((mode == MODE_PLAIN && n > left) || (mode == MODE_CODES && n / 8 > left))
    return FALSE;
  mabei_buffer_reserve (to, n);
  guint8 *out = to->data + to->length;
  if (mode == MODE_PLAIN) {
    memcpy (out, reader->at, n);
    reader->at += n;
  } else if (mode == MODE_REPEAT && left > 0) {
    memset (out, *reader->at++, n);
  } else if (mode != MODE_CODES || !read_codes (reader, out, n)) {
    return FALSE;
  }
  to->length += n;
  return TRUE;
}
