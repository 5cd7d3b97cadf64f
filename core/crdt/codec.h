/*
 * Bytes of the merge engine: canonical varints (LEB128, least significant group first), strict UTF-8, and a growing
 * buffer. Operations, references and saved documents are all written with these.
 * Threads: none of its own. Limits: a varint holds 32 bits in at most 5 bytes.
 * Failures: readers return FALSE on anything short, overlong or out of range and never read past the end.
 */
#pragma once
#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

/* The domain of every error of core/crdt. */
#define MABEI_CRDT_ERROR (mabei_crdt_error_quark ())
GQuark mabei_crdt_error_quark (void);

typedef enum {
  MABEI_CRDT_ERROR_RANGE,   /* a position, count or sequence outside of what exists */
  MABEI_CRDT_ERROR_FORMAT,  /* bytes that no writer makes */
  MABEI_CRDT_ERROR_MISSING, /* an element is cited that is not there */
  MABEI_CRDT_ERROR_EXISTS,  /* an element or a name is there already */
  MABEI_CRDT_ERROR_LIMIT,   /* a limit of this engine */
} MabeiCrdtError;

typedef struct {
  guint8 *data;
  gsize length;
  gsize capacity;
} MabeiBuffer;

/* Makes room for `more` bytes. */
void mabei_buffer_reserve (MabeiBuffer *buffer, gsize more);
void mabei_buffer_clear (MabeiBuffer *buffer);

static inline void
mabei_buffer_add (MabeiBuffer *buffer, gconstpointer bytes, gsize n)
{
  if (buffer->capacity - buffer->length < n)
    mabei_buffer_reserve (buffer, n);
  if (n > 0)
    memcpy (buffer->data + buffer->length, bytes, n);
  buffer->length += n;
}

static inline void
mabei_buffer_add_varint (MabeiBuffer *buffer, guint32 value)
{
  if (buffer->capacity - buffer->length < 5)
    mabei_buffer_reserve (buffer, 5);
  guint8 *to = buffer->data + buffer->length;
  while (value >= 0x80) {
    *to++ = (guint8) (value | 0x80);
    value >>= 7;
  }
  *to++ = (guint8) value;
  buffer->length = (gsize) (to - buffer->data);
}

/* A window on bytes that somebody else owns. */
typedef struct {
  const guint8 *at;
  const guint8 *end;
} MabeiReader;

/* NULL stands for no bytes; nothing may be added to it, not even 0. */
static inline MabeiReader
mabei_reader (const guint8 *bytes, gsize n)
{
  return (MabeiReader){bytes, n > 0 ? bytes + n : bytes};
}

/* FALSE if the bytes end, the number needs more than 32 bits, or a shorter form exists. */
static inline gboolean
mabei_reader_varint (MabeiReader *reader, guint32 *value)
{
  if (reader->at < reader->end && *reader->at < 0x80) {
    *value = *reader->at++;
    return TRUE;
  }
  guint64 sum = 0;
  const guint8 *at = reader->at;
  for (guint shift = 0; shift < 35 && at < reader->end; shift += 7) {
    guint8 byte = *at++;
    sum |= (guint64) (byte & 0x7f) << shift;
    if (byte < 0x80) {
      if (byte == 0 || sum > G_MAXUINT32)
        return FALSE;
      *value = (guint32) sum;
      reader->at = at;
      return TRUE;
    }
  }
  return FALSE;
}

/* Signed numbers near zero as small unsigned ones. */
static inline guint32
mabei_zigzag (gint32 value)
{
  return ((guint32) value << 1) ^ (guint32) (value >> 31);
}

static inline gint32
mabei_unzigzag (guint32 value)
{
  return (gint32) ((value >> 1) ^ (0u - (value & 1)));
}

/* One scalar value of strict UTF-8 (RFC 3629); U+0000 is refused, since texts travel as C strings. */
gboolean mabei_reader_utf8_wide (MabeiReader *reader, gunichar *character);

static inline gboolean
mabei_reader_utf8 (MabeiReader *reader, gunichar *character)
{
  if (reader->at < reader->end && (guint8) (*reader->at - 1) < 0x7f) {
    *character = *reader->at++;
    return TRUE;
  }
  return mabei_reader_utf8_wide (reader, character);
}

/* Whether all of it is text in that sense. */
gboolean mabei_utf8_is_text (const guint8 *utf8, gsize n_bytes);

G_END_DECLS
