/* Strict deterministic CBOR (RFC 8949 section 4.2.1): shortest integers, definite lengths, maps with unsigned integer
 * keys in ascending order, no floats, no tags, no indefinite lengths, valid UTF-8. What this reader accepts, this
 * writer writes back to the same bytes: one encoding a value. Bounded and not recursive: containers are counted on a
 * small stack (MABEI_LIMIT_CBOR_DEPTH). Integers lie in -2^63 .. 2^64 - 1; text holds no NUL. The reader is sticky:
 * after the first fault every read returns FALSE and the fault is told once by mabei_cbor_reader_finish. Not
 * thread-safe; the reader borrows its bytes.
 */
#pragma once

#include <glib.h>

#define MABEI_CBOR_ERROR (mabei_cbor_error_quark ())
GQuark mabei_cbor_error_quark (void);

typedef enum {
  MABEI_CBOR_ERROR_FORMAT, /* not the canonical form, truncated, or not what the caller asked for */
  MABEI_CBOR_ERROR_LIMIT,  /* deeper or longer than allowed */
} MabeiCborError;

/* --- writing: appends to a GByteArray that the caller owns; counts and order are the caller's duty (the reader finds
 * a wrong one, so every encoder has a test that reads back) --- */
void mabei_cbor_write_uint (GByteArray *out, guint64 value);
void mabei_cbor_write_int (GByteArray *out, gint64 value);
void mabei_cbor_write_bool (GByteArray *out, gboolean value);
void mabei_cbor_write_null (GByteArray *out);
void mabei_cbor_write_bytes (GByteArray *out, gconstpointer data, gsize length);
void mabei_cbor_write_text (GByteArray *out, const char *utf8); /* @utf8 must be valid UTF-8 */
void mabei_cbor_write_array (GByteArray *out, gsize count);
void mabei_cbor_write_map (GByteArray *out, gsize pairs); /* then per pair: key by write_uint, ascending, then value */

/* --- reading --- */
typedef struct _MabeiCborReader MabeiCborReader;
struct _MabeiCborReader {
  const guint8 *at;  /* next byte */
  const guint8 *end; /* one past the last */
  guint depth;       /* open containers */
  struct {
    guint64 left;     /* items still to come */
    guint64 last_key; /* maps: the key read last */
    guint8 state;     /* array, map expecting key (first or later), map expecting value */
  } stack[8];
  const char *fault;   /* static text of the first fault, or NULL */
  gboolean over_limit; /* the fault is one of MABEI_CBOR_ERROR_LIMIT */
};

typedef enum {
  MABEI_CBOR_UINT,
  MABEI_CBOR_NEGATIVE,
  MABEI_CBOR_BYTES,
  MABEI_CBOR_TEXT,
  MABEI_CBOR_ARRAY,
  MABEI_CBOR_MAP,
  MABEI_CBOR_BOOL,
  MABEI_CBOR_NULL,
  MABEI_CBOR_NONE, /* at the end, or after a fault */
} MabeiCborType;

void mabei_cbor_reader_init (MabeiCborReader *reader, gconstpointer data, gsize length);

/* What comes next, without reading it. */
MabeiCborType mabei_cbor_reader_peek (MabeiCborReader *reader);

gboolean mabei_cbor_read_uint (MabeiCborReader *reader, guint64 limit, guint64 *value); /* value <= limit */
gboolean mabei_cbor_read_int (MabeiCborReader *reader, gint64 *value);
gboolean mabei_cbor_read_bool (MabeiCborReader *reader, gboolean *value);
gboolean mabei_cbor_read_null (MabeiCborReader *reader);
/* Borrowed: valid as long as the input. length <= limit. */
gboolean mabei_cbor_read_bytes (MabeiCborReader *reader, gsize limit, const guint8 **data, gsize *length);
/* Exactly @length bytes, copied to @out. */
gboolean mabei_cbor_read_fixed (MabeiCborReader *reader, gpointer out, gsize length);
/* Valid UTF-8 without NUL, length in bytes <= limit. (transfer full) */
gboolean mabei_cbor_read_text (MabeiCborReader *reader, gsize limit, char **text);
/* Opens a container of at most @limit items (pairs); it closes by itself after its last item. */
gboolean mabei_cbor_read_array (MabeiCborReader *reader, guint64 limit, guint64 *count);
gboolean mabei_cbor_read_map (MabeiCborReader *reader, guint64 limit, guint64 *pairs);
/* The next key of the innermost map; greater than the one before it. */
gboolean mabei_cbor_read_key (MabeiCborReader *reader, guint64 *key);
/* A key that must be exactly @key. */
gboolean mabei_cbor_expect_key (MabeiCborReader *reader, guint64 key);
/* Skips one whole item of any type, checking its form; @data and @length (both may be NULL) get its bytes. */
gboolean mabei_cbor_read_any (MabeiCborReader *reader, const guint8 **data, gsize *length);

/* TRUE when everything was read, nothing is left over and no fault happened; else FALSE with the first fault in @error.
 */
gboolean mabei_cbor_reader_finish (MabeiCborReader *reader, GError **error);
