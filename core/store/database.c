#include "core/store/database.h"
#include "core/store/database_file.h"
#include "core/store/row_seal.h"
#include "core/store/store_error.h"

#include <sodium.h>
#include <string.h>

enum {
  STATEMENT_APPEND,
  STATEMENT_TRUNCATE,
  STATEMENT_EACH,
  STATEMENT_SET,
  STATEMENT_UNSET,
  STATEMENT_GET,
  STATEMENT_EACH_ITEM,
  N_STATEMENTS,
};

static const char *const statement_texts[N_STATEMENTS] = {
    "INSERT INTO log (row, value) VALUES (?1, ?2)",
    "DELETE FROM log WHERE row > ?1",
    "SELECT row, value FROM log ORDER BY row",
    "INSERT INTO item (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    "DELETE FROM item WHERE name = ?1",
    "SELECT value FROM item WHERE name = ?1",
    "SELECT name, value FROM item",
};

struct _MabeiDatabase {
  sqlite3 *connection;
  sqlite3_stmt *statements[N_STATEMENTS];
  MabeiRowSeal *seal;
  MabeiId tail_name; /* of the item that holds the number of the last record */
  gint64 last_row;
  gint64 committed_row; /* last_row as it was before this transaction */
  gboolean in_transaction;
  gboolean is_lazy; /* what PRAGMA synchronous is set to */
};

static gboolean
fail (MabeiDatabase *database, int code, const char *what, GError **error)
{
  mabei_store_set_sqlite (error, database->connection, code, what);
  return FALSE;
}

static gboolean
damaged (GError **error, const char *what, gint64 row)
{
  g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_DAMAGED, "the replica is damaged: %s %" G_GINT64_FORMAT,
               what, row);
  return FALSE;
}

/* Runs a statement that gives no rows. */
static gboolean
run (MabeiDatabase *database, guint which, GError **error)
{
  sqlite3_stmt *statement = database->statements[which];
  int code = sqlite3_step (statement);

  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return code == SQLITE_DONE ? TRUE : fail (database, code, "cannot write to the replica", error);
}

static gboolean
run_text (MabeiDatabase *database, const char *text, GError **error)
{
  int code = sqlite3_exec (database->connection, text, NULL, NULL, NULL);

  return code == SQLITE_OK
             ? TRUE
             : fail (database, sqlite3_extended_errcode (database->connection), "cannot write to the replica", error);
}

/* --- items --- */

static gboolean
set_named (MabeiDatabase *database, const MabeiId *name, gconstpointer data, gsize length, GError **error)
{
  sqlite3_stmt *statement = database->statements[data != NULL ? STATEMENT_SET : STATEMENT_UNSET];
  g_autoptr (GBytes) sealed = NULL;

  sqlite3_bind_blob (statement, 1, name->bytes, sizeof name->bytes, SQLITE_STATIC);
  if (data == NULL)
    return run (database, STATEMENT_UNSET, error);
  sealed = mabei_row_seal (database->seal, MABEI_ROW_ITEM, name->bytes, sizeof name->bytes, data, length);
  sqlite3_bind_blob (statement, 2, g_bytes_get_data (sealed, NULL), (int) g_bytes_get_size (sealed), SQLITE_STATIC);
  return run (database, STATEMENT_SET, error);
}

static GBytes *
get_named (MabeiDatabase *database, const MabeiId *name, GError **error)
{
  sqlite3_stmt *statement = database->statements[STATEMENT_GET];
  GBytes *value = NULL;
  int code;

  sqlite3_bind_blob (statement, 1, name->bytes, sizeof name->bytes, SQLITE_STATIC);
  code = sqlite3_step (statement);
  if (code == SQLITE_ROW) {
    value = mabei_row_open (database->seal, MABEI_ROW_ITEM, name->bytes, sizeof name->bytes,
                            sqlite3_column_blob (statement, 0), (gsize) sqlite3_column_bytes (statement, 0));
    if (value == NULL)
      g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_DAMAGED,
                   "the replica is damaged: an item does not open");
  } else if (code != SQLITE_DONE) {
    fail (database, code, "cannot read the replica", error);
  }
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return value;
}

gboolean
mabei_database_set (MabeiDatabase *database, const char *name, GBytes *value, GError **error)
{
  MabeiId hash;
  gsize length = 0;
  gconstpointer data = value != NULL ? g_bytes_get_data (value, &length) : NULL;

  g_return_val_if_fail (database != NULL && database->in_transaction && name != NULL, FALSE);
  if (length > MABEI_DATABASE_VALUE_BYTES) {
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_FAILED, "an item of the replica would be too large");
    return FALSE;
  }
  mabei_row_seal_name (database->seal, name, &hash);
  return set_named (database, &hash, value != NULL && data == NULL ? "" : data, length, error);
}

GBytes *
mabei_database_get (MabeiDatabase *database, const char *name, GError **error)
{
  MabeiId hash;

  g_return_val_if_fail (database != NULL && name != NULL, NULL);
  mabei_row_seal_name (database->seal, name, &hash);
  return get_named (database, &hash, error);
}

/* An item whose name was changed on the disk would only seem to be missing: so all are opened once. */
static gboolean
check_items (MabeiDatabase *database, GError **error)
{
  sqlite3_stmt *statement = database->statements[STATEMENT_EACH_ITEM];
  gboolean whole = TRUE;
  int code;

  while (whole && (code = sqlite3_step (statement)) == SQLITE_ROW) {
    g_autoptr (GBytes) value = mabei_row_open (
        database->seal, MABEI_ROW_ITEM, sqlite3_column_blob (statement, 0), (gsize) sqlite3_column_bytes (statement, 0),
        sqlite3_column_blob (statement, 1), (gsize) sqlite3_column_bytes (statement, 1));
    whole = value != NULL;
  }
  sqlite3_reset (statement);
  if (!whole)
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_DAMAGED, "the replica is damaged: an item does not open");
  else if (code != SQLITE_DONE)
    whole = fail (database, code, "cannot read the replica", error);
  return whole;
}

/* --- the log --- */

static void
row_key (gint64 row, guint8 key[8])
{
  for (guint i = 0; i < 8; i++)
    key[i] = (guint8) ((guint64) row >> (8 * i));
}

static gboolean
write_tail (MabeiDatabase *database, GError **error)
{
  guint8 tail[8];

  row_key (database->last_row, tail);
  return set_named (database, &database->tail_name, tail, sizeof tail, error);
}

static gboolean
read_tail (MabeiDatabase *database, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) tail = get_named (database, &database->tail_name, &local);
  const guint8 *at;
  gsize length;

  if (local != NULL) {
    g_propagate_error (error, g_steal_pointer (&local));
    return FALSE;
  }
  /* Names are hashed under the key: with another key nothing is found. */
  if (tail == NULL) {
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_WRONG_KEY, "the key does not open this replica");
    return FALSE;
  }
  at = g_bytes_get_data (tail, &length);
  if (length != 8 || (at[7] & 0x80) != 0)
    return damaged (error, "wrong length of an item:", (gint64) length);
  database->last_row = 0;
  for (guint i = 0; i < 8; i++)
    database->last_row |= (gint64) ((guint64) at[i] << (8 * i));
  database->committed_row = database->last_row;
  return TRUE;
}

gboolean
mabei_database_append (MabeiDatabase *database, gconstpointer data, gsize length, gint64 *row, GError **error)
{
  sqlite3_stmt *statement = database->statements[STATEMENT_APPEND];
  g_autoptr (GBytes) sealed = NULL;
  guint8 key[8];

  g_return_val_if_fail (database->in_transaction, FALSE);
  if (length > MABEI_DATABASE_VALUE_BYTES) {
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_FAILED, "a record of the replica would be too large");
    return FALSE;
  }
  row_key (database->last_row + 1, key);
  sealed = mabei_row_seal (database->seal, MABEI_ROW_LOG, key, sizeof key, data, length);
  sqlite3_bind_int64 (statement, 1, database->last_row + 1);
  sqlite3_bind_blob (statement, 2, g_bytes_get_data (sealed, NULL), (int) g_bytes_get_size (sealed), SQLITE_STATIC);
  if (!run (database, STATEMENT_APPEND, error))
    return FALSE;
  database->last_row++;
  if (row != NULL)
    *row = database->last_row;
  return TRUE;
}

gint64
mabei_database_last_row (MabeiDatabase *database)
{
  return database->last_row;
}

gboolean
mabei_database_truncate (MabeiDatabase *database, gint64 row, GError **error)
{
  g_return_val_if_fail (database->in_transaction && row >= 0, FALSE);
  sqlite3_bind_int64 (database->statements[STATEMENT_TRUNCATE], 1, row);
  if (!run (database, STATEMENT_TRUNCATE, error))
    return FALSE;
  database->last_row = MIN (database->last_row, row);
  return TRUE;
}

gboolean
mabei_database_each (MabeiDatabase *database, MabeiDatabaseEach each, gpointer user_data, GError **error)
{
  sqlite3_stmt *statement = database->statements[STATEMENT_EACH];
  gint64 expected = 1;
  gboolean going = TRUE;
  int code = SQLITE_DONE;

  while (going && (code = sqlite3_step (statement)) == SQLITE_ROW) {
    gint64 row = sqlite3_column_int64 (statement, 0);
    g_autoptr (GBytes) value = NULL;
    guint8 key[8];

    row_key (row, key);
    value = mabei_row_open (database->seal, MABEI_ROW_LOG, key, sizeof key, sqlite3_column_blob (statement, 1),
                            (gsize) sqlite3_column_bytes (statement, 1));
    if (row != expected)
      going = damaged (error, "missing record", expected);
    else if (value == NULL)
      going = damaged (error, "changed record", row);
    else
      going = each == NULL || each (row, value, user_data, error);
    expected++;
  }
  sqlite3_reset (statement);
  if (!going)
    return FALSE;
  if (code != SQLITE_DONE)
    return fail (database, code, "cannot read the replica", error);
  return expected == database->last_row + 1 ? TRUE : damaged (error, "missing record", expected);
}

/* --- transactions --- */

static gboolean
begin (MabeiDatabase *database, gboolean lazy, GError **error)
{
  g_return_val_if_fail (database != NULL && !database->in_transaction, FALSE);
  if (database->is_lazy != lazy) {
    if (!run_text (database, lazy ? "PRAGMA synchronous=NORMAL" : "PRAGMA synchronous=FULL", error))
      return FALSE;
    database->is_lazy = lazy;
  }
  if (!run_text (database, "BEGIN IMMEDIATE", error))
    return FALSE;
  database->in_transaction = TRUE;
  return TRUE;
}

gboolean
mabei_database_begin (MabeiDatabase *database, GError **error)
{
  return begin (database, FALSE, error);
}

gboolean
mabei_database_begin_lazy (MabeiDatabase *database, GError **error)
{
  return begin (database, TRUE, error);
}

gboolean
mabei_database_commit (MabeiDatabase *database, GError **error)
{
  g_return_val_if_fail (database != NULL && database->in_transaction, FALSE);
  if ((database->last_row != database->committed_row && !write_tail (database, error)) ||
      !run_text (database, "COMMIT", error)) {
    mabei_database_rollback (database);
    return FALSE;
  }
  database->committed_row = database->last_row;
  database->in_transaction = FALSE;
  return TRUE;
}

void
mabei_database_rollback (MabeiDatabase *database)
{
  if (!database->in_transaction)
    return;
  /* After some errors SQLite has rolled back by itself already. */
  if (!sqlite3_get_autocommit (database->connection))
    sqlite3_exec (database->connection, "ROLLBACK", NULL, NULL, NULL);
  database->last_row = database->committed_row;
  database->in_transaction = FALSE;
}

/* --- opening --- */

static MabeiDatabase *
attach (sqlite3 *connection, MabeiSecret *key, GError **error)
{
  g_autoptr (MabeiDatabase) database = g_new0 (MabeiDatabase, 1);

  database->connection = connection;
  database->seal = mabei_row_seal_new (key);
  mabei_row_seal_own_name (database->seal, "tail", &database->tail_name);
  for (guint i = 0; i < N_STATEMENTS; i++) {
    int code = sqlite3_prepare_v3 (connection, statement_texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                                   &database->statements[i], NULL);
    if (code != SQLITE_OK) {
      fail (database, sqlite3_extended_errcode (connection), "cannot read the replica", error);
      return NULL;
    }
  }
  return g_steal_pointer (&database);
}

MabeiDatabase *
mabei_database_open (const char *path, MabeiSecret *key, gboolean create, GError **error)
{
  g_autofree char *fresh = g_strconcat (path, ".new", NULL);
  g_autoptr (MabeiDatabase) database = NULL;
  sqlite3 *connection;

  g_return_val_if_fail (path != NULL && key != NULL && mabei_secret_length (key) == 32, NULL);
  if (create) {
    connection = mabei_database_file_create (path, fresh, error);
    database = connection != NULL ? attach (connection, key, error) : NULL;
    if (database == NULL || !mabei_database_begin (database, error) || !write_tail (database, error) ||
        !mabei_database_commit (database, error)) {
      mabei_database_close (g_steal_pointer (&database));
      mabei_database_file_remove (fresh);
      return NULL;
    }
    mabei_database_close (g_steal_pointer (&database));
    if (!mabei_database_file_publish (fresh, path, error))
      return NULL;
  }
  connection = mabei_database_file_open (path, error);
  if (connection == NULL)
    return NULL;
  database = attach (connection, key, error);
  if (database == NULL || !read_tail (database, error) || !check_items (database, error))
    return NULL;
  return g_steal_pointer (&database);
}

gboolean
mabei_database_check (MabeiDatabase *database, GError **error)
{
  sqlite3_stmt *statement = NULL;
  gboolean whole = FALSE;
  int code = sqlite3_prepare_v2 (database->connection, "PRAGMA integrity_check(1)", -1, &statement, NULL);

  if (code == SQLITE_OK && (code = sqlite3_step (statement)) == SQLITE_ROW)
    whole = g_strcmp0 ((const char *) sqlite3_column_text (statement, 0), "ok") == 0;
  sqlite3_finalize (statement);
  if (code != SQLITE_ROW)
    return fail (database, code, "cannot check the replica", error);
  if (!whole) {
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_DAMAGED, "the replica is damaged: its pages do not fit");
    return FALSE;
  }
  return check_items (database, error) && mabei_database_each (database, NULL, NULL, error);
}

void
mabei_database_close (MabeiDatabase *database)
{
  if (database == NULL)
    return;
  mabei_database_rollback (database);
  for (guint i = 0; i < N_STATEMENTS; i++)
    sqlite3_finalize (database->statements[i]);
  sqlite3_close_v2 (database->connection);
  mabei_row_seal_free (database->seal);
  g_free (database);
}
