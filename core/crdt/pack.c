#include "core/crdt/pack.h"
#include "core/crdt/huffman.h"

#define WINDOW 65535
#define MATCH_MIN 4
#define NIBBLE_MAX 15
#define HASH_BITS_MAX 15
/* Candidates looked at for one match. */
#define CHAIN_MAX 48
#define NOWHERE G_MAXUINT32

enum {
  MODE_CODES = 0,
  MODE_MATCHES = 1,
};

enum {
  LITERALS,
  TOKENS,
  LENGTHS,
  DISTANCES_LOW,
  DISTANCES_HIGH,
  N_STREAMS,
};

/* ---- writing ---- */

typedef struct {
  const guint8 *bytes;
  gsize n;
  guint hash_bits;
  guint32 *newest; /* by hash: the last place */
  guint32 *older;  /* by place: the one before it with the same hash */
  gsize n_known;   /* places that are in the chains */
} Finder;

static guint32
hash_at (const guint8 *bytes, guint hash_bits)
{
  guint32 four;
  memcpy (&four, bytes, sizeof four);
  return GUINT32_FROM_LE (four) * 2654435761u >> (32 - hash_bits);
}

static void
learn_until (Finder *finder, gsize place)
{
  for (; finder->n_known < place && finder->n_known + MATCH_MIN <= finder->n; finder->n_known++) {
    guint32 *newest = &finder->newest[hash_at (finder->bytes + finder->n_known, finder->hash_bits)];
    finder->older[finder->n_known] = *newest;
    *newest = (guint32) finder->n_known;
  }
}

/* The longest match that ends within the bytes; 0 if none is long enough. */
static gsize
find (Finder *finder, gsize place, gsize *distance)
{
  gsize best = 0;
  if (place + MATCH_MIN > finder->n)
    return 0;
  learn_until (finder, place);
  guint32 at = finder->newest[hash_at (finder->bytes + place, finder->hash_bits)];
  for (guint i = 0; i < CHAIN_MAX && at != NOWHERE && place - at <= WINDOW; i++, at = finder->older[at]) {
    gsize length = 0;
    while (place + length < finder->n && finder->bytes[at + length] == finder->bytes[place + length])
      length++;
    if (length > best) {
      best = length;
      *distance = place - at;
    }
  }
  return best >= MATCH_MIN ? best : 0;
}

static guint
nibble (MabeiBuffer *lengths, gsize value)
{
  if (value < NIBBLE_MAX)
    return (guint) value;
  mabei_buffer_add_varint (lengths, (guint32) (value - NIBBLE_MAX));
  return NIBBLE_MAX;
}

/* A match of 0 ends the bytes. */
static void
add_sequence (MabeiBuffer *streams, const guint8 *literals, gsize n_literals, gsize match, gsize distance)
{
  mabei_buffer_add (&streams[LITERALS], literals, n_literals);
  guint token = nibble (&streams[LENGTHS], n_literals) << 4;
  if (match > 0)
    token |= nibble (&streams[LENGTHS], match - MATCH_MIN);
  const guint8 byte = (guint8) token, low = (guint8) distance, high = (guint8) (distance >> 8);
  mabei_buffer_add (&streams[TOKENS], &byte, 1);
  if (match > 0) {
    mabei_buffer_add (&streams[DISTANCES_LOW], &low, 1);
    mabei_buffer_add (&streams[DISTANCES_HIGH], &high, 1);
  }
}

static void
write_matches (MabeiBuffer *to, const guint8 *bytes, gsize n)
{
  MabeiBuffer streams[N_STREAMS] = {0};
  Finder finder = {.bytes = bytes, .n = n, .hash_bits = MIN (g_bit_storage (n), HASH_BITS_MAX)};
  gsize n_hashes = (gsize) 1 << finder.hash_bits;
  finder.newest = g_new (guint32, n_hashes);
  finder.older = g_new (guint32, n);
  memset (finder.newest, 0xff, n_hashes * sizeof (guint32));
  gsize start = 0;
  for (gsize at = 0; at < n;) {
    gsize distance = 0, later_distance = 0;
    gsize match = find (&finder, at, &distance);
    /* One step later there may be a longer one. */
    if (match > 0 && find (&finder, at + 1, &later_distance) > match)
      match = 0;
    if (match == 0) {
      at++;
      continue;
    }
    add_sequence (streams, bytes + start, at - start, match, distance);
    at += match;
    start = at;
  }
  if (start < n)
    add_sequence (streams, bytes + start, n - start, 0, 0);
  const guint8 mode = MODE_MATCHES;
  mabei_buffer_add (to, &mode, 1);
  mabei_buffer_add_varint (to, (guint32) n);
  for (guint i = 0; i < N_STREAMS; i++) {
    mabei_huffman_write (to, streams[i].data, streams[i].length);
    mabei_buffer_clear (&streams[i]);
  }
  g_free (finder.newest);
  g_free (finder.older);
}

void
mabei_pack_write (MabeiBuffer *to, const guint8 *bytes, gsize n)
{
  const guint8 mode = MODE_CODES;
  gsize start = to->length;
  g_assert (n <= G_MAXINT32);
  mabei_buffer_add (to, &mode, 1);
  mabei_huffman_write (to, bytes, n);
  if (n < 2 * MATCH_MIN)
    return;
  MabeiBuffer matches = {0};
  write_matches (&matches, bytes, n);
  if (matches.length < to->length - start) {
    to->length = start;
    mabei_buffer_add (to, matches.data, matches.length);
  }
  mabei_buffer_clear (&matches);
}

/* ---- reading ---- */

static gboolean
read_length (MabeiReader *lengths, guint nibble_value, gsize *length)
{
  guint32 more = 0;
  if (nibble_value == NIBBLE_MAX && !mabei_reader_varint (lengths, &more))
    return FALSE;
  *length = (gsize) nibble_value + more;
  return TRUE;
}

static void
copy_match (guint8 *out, gsize distance, gsize length)
{
  const guint8 *from = out - distance;
  if (distance >= length) {
    memcpy (out, from, length);
    return;
  }
  for (gsize i = 0; i < length; i++)
    out[i] = from[i];
}

static gboolean
expand (MabeiReader *streams, guint8 *out, gsize n)
{
  gsize at = 0;
  while (at < n) {
    gsize n_literals, match;
    if (streams[TOKENS].at == streams[TOKENS].end)
      return FALSE;
    guint token = *streams[TOKENS].at++;
    if (!read_length (&streams[LENGTHS], token >> 4, &n_literals) || n_literals > n - at ||
        n_literals > (gsize) (streams[LITERALS].end - streams[LITERALS].at))
      return FALSE;
    if (n_literals > 0) {
      memcpy (out + at, streams[LITERALS].at, n_literals);
      streams[LITERALS].at += n_literals;
    }
    at += n_literals;
    if (at == n)
      return (token & 15) == 0;
    if (!read_length (&streams[LENGTHS], token & 15, &match) || match + MATCH_MIN > n - at ||
        streams[DISTANCES_LOW].at == streams[DISTANCES_LOW].end ||
        streams[DISTANCES_HIGH].at == streams[DISTANCES_HIGH].end)
      return FALSE;
    gsize distance = *streams[DISTANCES_LOW].at++;
    distance |= (gsize) *streams[DISTANCES_HIGH].at++ << 8;
    if (distance == 0 || distance > at)
      return FALSE;
    copy_match (out + at, distance, match + MATCH_MIN);
    at += match + MATCH_MIN;
  }
  return TRUE;
}

static gboolean
read_matches (MabeiReader *reader, gsize limit, MabeiBuffer *to)
{
  MabeiBuffer bytes[N_STREAMS] = {0};
  MabeiReader streams[N_STREAMS];
  guint32 n;
  gboolean good = mabei_reader_varint (reader, &n) && n > 0 && n <= limit;
  for (guint i = 0; good && i < N_STREAMS; i++) {
    good = mabei_huffman_read (reader, n, &bytes[i]);
    streams[i] = mabei_reader (bytes[i].data, bytes[i].length);
  }
  if (good) {
    mabei_buffer_reserve (to, n);
    good = expand (streams, to->data + to->length, n);
    for (guint i = 0; i < N_STREAMS; i++)
      good = good && streams[i].at == streams[i].end;
    to->length += good ? n : 0;
  }
  for (guint i = 0; i < N_STREAMS; i++)
    mabei_buffer_clear (&bytes[i]);
  return good;
}

gboolean
mabei_pack_read (MabeiReader *reader, gsize limit, MabeiBuffer *to)
{
  if (reader->at == reader->end)
    return FALSE;
  guint8 mode = *reader->at++;
  if (mode == MODE_CODES)
    return mabei_huffman_read (reader, limit, to);
  return mode == MODE_MATCHES && read_matches (reader, limit, to);
}
