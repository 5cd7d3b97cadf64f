/* Fixed-size identifiers and their text forms. Plain values: no ownership, no threads, compared by bytes.
 * MabeiId (32 bytes): hash of a change, an epoch. MabeiShortId (16 bytes): device, space, person, document, mailbox.
 * Text forms: lower-case hex, both ways strict (exact length, lower case only).
 */
#pragma once

#include <glib.h>

#define MABEI_ID_BYTES 32u
#define MABEI_SHORT_ID_BYTES 16u

typedef struct {
  guint8 bytes[MABEI_ID_BYTES];
} MabeiId;

typedef struct {
  guint8 bytes[MABEI_SHORT_ID_BYTES];
} MabeiShortId;

/* GHashFunc, GEqualFunc, GCompareFunc (memcmp order) over pointers to the structs. */
guint mabei_id_hash (gconstpointer id);
gboolean mabei_id_equal (gconstpointer a, gconstpointer b);
gint mabei_id_compare (gconstpointer a, gconstpointer b);
guint mabei_short_id_hash (gconstpointer id);
gboolean mabei_short_id_equal (gconstpointer a, gconstpointer b);
gint mabei_short_id_compare (gconstpointer a, gconstpointer b);

/* True when every byte is zero: the "none" value. */
gboolean mabei_id_is_zero (const MabeiId *id);
gboolean mabei_short_id_is_zero (const MabeiShortId *id);

/* Lower-case hex, 64 or 32 characters. (transfer full) */
char *mabei_id_to_hex (const MabeiId *id);
char *mabei_short_id_to_hex (const MabeiShortId *id);

/* FALSE, and @id untouched, unless @hex is exactly that form. NULL is accepted and refused. */
gboolean mabei_id_from_hex (const char *hex, MabeiId *id);
gboolean mabei_short_id_from_hex (const char *hex, MabeiShortId *id);

/* Any bytes to lower-case hex (transfer full); hex to bytes: NULL unless even length, lower case, <= @limit bytes. */
char *mabei_hex_encode (const guint8 *bytes, gsize length);
GBytes *mabei_hex_decode (const char *hex, gsize limit);

/* RFC 4648 base32 without padding, lower case alphabet a-z2-7; decoding refuses non-zero trailing bits (one text a
 * value). */
char *mabei_base32_encode (const guint8 *bytes, gsize length);
GBytes *mabei_base32_decode (const char *text, gsize limit);
