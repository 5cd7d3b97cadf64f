/* The replica's file: SQLite (WAL, synchronous FULL, one connection) in which every value is sealed by
 * XChaCha20-Poly1305 under the database key, bound to its table and key, so that nothing readable stands on disk and
 * rows cannot be swapped. Two tables: an append-only log of records by arrival, and items by name (names are keyed
 * hashes). Begins with a format byte in user_version. The vault (an encrypting VFS, search, one file a case) takes this
 * place later; callers see only this header. One thread. Every write is inside a transaction that is durable when
 * _commit returns.
 */
#pragma once

#include "core/store/key_file.h"

typedef struct _MabeiDatabase MabeiDatabase;

#define MABEI_DATABASE_VALUE_BYTES (8u * 1024u * 1024u) /* of one record or item */

/* With @create it must not be there yet: made under another name and renamed, so that it is there whole or not at all.
 * BUSY while another connection has it. */
MabeiDatabase *mabei_database_open (const char *path, MabeiSecret *key, gboolean create, GError **error);
void mabei_database_close (MabeiDatabase *database); /* NULL is accepted */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiDatabase, mabei_database_close)

gboolean mabei_database_begin (MabeiDatabase *database, GError **error);
/* A transaction that survives the end of the process, but perhaps not a power cut (no fsync): for what can be learned
 * again, such as receipts. */
gboolean mabei_database_begin_lazy (MabeiDatabase *database, GError **error);
/* FALSE: nothing was written and the transaction is over. */
gboolean mabei_database_commit (MabeiDatabase *database, GError **error);
void mabei_database_rollback (MabeiDatabase *database); /* nothing to do when no transaction is open */

/* Appends to the log; *@row is the arrival number. */
gboolean mabei_database_append (MabeiDatabase *database, gconstpointer data, gsize length, gint64 *row, GError **error);
/* The number of the last record; 0 when there is none. */
gint64 mabei_database_last_row (MabeiDatabase *database);
/* Takes the records after @row away again: only what has had no effect yet. */
gboolean mabei_database_truncate (MabeiDatabase *database, gint64 row, GError **error);
/* Every record in order of arrival; stops when @each returns FALSE (its error in @error). A row that does not open is
 * DAMAGED. */
typedef gboolean (*MabeiDatabaseEach) (gint64 row, GBytes *data, gpointer user_data, GError **error);
gboolean mabei_database_each (MabeiDatabase *database, MabeiDatabaseEach each, gpointer user_data, GError **error);

/* Items: small values by name. @value NULL deletes. */
gboolean mabei_database_set (MabeiDatabase *database, const char *name, GBytes *value, GError **error);
/* (transfer full), wiped when freed; NULL without error when there is none. */
GBytes *mabei_database_get (MabeiDatabase *database, const char *name, GError **error);

/* Opens every row and lets SQLite check its pages. */
gboolean mabei_database_check (MabeiDatabase *database, GError **error);
