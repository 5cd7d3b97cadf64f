/* Private to core/store: the seal of one row. XChaCha20-Poly1305 with a random nonce under a key that follows from the
 * database key, the table and the row's key as associated data, so that a row moved elsewhere does not open. Values are
 * padded to size classes (64 bytes and up: each power of two and the one half way), so that a length says little.
 * Opened values are wiped when freed. Pure but for the nonce.
 */
#pragma once

#include "core/crypto/hash.h"

typedef enum {
  MABEI_ROW_LOG = 1,
  MABEI_ROW_ITEM = 2,
} MabeiRowTable;

typedef struct _MabeiRowSeal MabeiRowSeal;

MabeiRowSeal *mabei_row_seal_new (MabeiSecret *database_key);
void mabei_row_seal_free (MabeiRowSeal *seal); /* NULL is accepted */

/* The keyed hash under which an item stands: of a caller's name, and of a name of the database itself. */
void mabei_row_seal_name (MabeiRowSeal *seal, const char *name, MabeiId *hash);
void mabei_row_seal_own_name (MabeiRowSeal *seal, const char *name, MabeiId *hash);

/* (transfer full) */
GBytes *mabei_row_seal (
    MabeiRowSeal *seal, MabeiRowTable table, gconstpointer row, gsize row_length, gconstpointer data, gsize length);
/* NULL when it was not sealed under this key for this row of this table. (transfer full) */
GBytes *mabei_row_open (
    MabeiRowSeal *seal, MabeiRowTable table, gconstpointer row, gsize row_length, gconstpointer sealed, gsize length);

/* The padded length of a value of @length bytes. */
gsize mabei_row_class (gsize length);
