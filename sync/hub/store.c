#include "sync/hub/store.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "core/crypto/epoch.h"
#include "sync/hub/store_lock.h"

#define STORE_FORMAT 1
#define STORE_APPLICATION 0x4d424855 /* "MBHU" */
#define STORE_SEED_BYTES 64u
#define STORE_JOURNAL_BYTES "16777216" /* the write-ahead log is cut back to this after a checkpoint */

typedef enum {
  STATEMENT_FIND,
  STATEMENT_CREATE,
  STATEMENT_MAILBOXES,
  STATEMENT_CREATOR,
  STATEMENT_CREATOR_ADD,
  STATEMENT_POSITION,
  STATEMENT_APPEND,
  STATEMENT_GROW,
  STATEMENT_READ,
  STATEMENT_COUNTS,
  N_STATEMENTS
} Statement;

static const char *const statement_text[N_STATEMENTS] = {
    [STATEMENT_FIND] = "SELECT number, write_key, last, bytes FROM mailbox WHERE id = ?1",
    [STATEMENT_CREATE] = "INSERT INTO mailbox (id, read_key, write_key, last, bytes) VALUES (?1, ?2, ?3, 0, 0)",
    [STATEMENT_MAILBOXES] = "SELECT count (*) FROM mailbox",
    [STATEMENT_CREATOR] = "SELECT mailboxes FROM creator WHERE device = ?1",
    [STATEMENT_CREATOR_ADD] = "INSERT INTO creator (device, mailboxes) VALUES (?1, 1)"
                              " ON CONFLICT (device) DO UPDATE SET mailboxes = mailboxes + 1",
    [STATEMENT_POSITION] = "SELECT position FROM record WHERE mailbox = ?1 AND digest = ?2",
    [STATEMENT_APPEND] =
        "INSERT INTO record (mailbox, position, digest, signature, envelope) VALUES (?1, ?2, ?3, ?4, ?5)",
    [STATEMENT_GROW] = "UPDATE mailbox SET last = ?2, bytes = bytes + ?3 WHERE number = ?1",
    [STATEMENT_READ] = "SELECT position, envelope, signature FROM record"
                       " WHERE mailbox = ?1 AND position > ?2 AND position <= ?3 ORDER BY position",
    [STATEMENT_COUNTS] = "SELECT count (*), total (last), total (bytes) FROM mailbox",
};

struct _MabeiHubStore {
  sqlite3 *database;
  sqlite3_stmt *statements[N_STATEMENTS];
  MabeiHubStoreLock *lock;
  MabeiDeviceKey *key;
  MabeiShortId epoch;
  gboolean in_transaction;
};

static gboolean
store_failed (sqlite3 *database, const char *what, GError **error)
{
  int result = sqlite3_errcode (database) & 0xff;
  int code = MABEI_HUB_ERROR_FAILED;

  /* A file that may not grow (quota, RLIMIT_FSIZE) shows as IOERR, a full disk as FULL: the same to whoever writes. */
  if (result == SQLITE_FULL || result == SQLITE_IOERR || result == SQLITE_READONLY)
    code = MABEI_HUB_ERROR_FULL;
  else if (result == SQLITE_CORRUPT || result == SQLITE_NOTADB)
    code = MABEI_HUB_ERROR_DAMAGED;
  else if (result == SQLITE_BUSY || result == SQLITE_LOCKED)
    code = MABEI_HUB_ERROR_BUSY;
  g_set_error (error, MABEI_HUB_ERROR, code, "the store %s: %s", what, sqlite3_errmsg (database));
  return FALSE;
}

static gboolean
store_execute (sqlite3 *database, const char *text, const char *what, GError **error)
{
  if (sqlite3_exec (database, text, NULL, NULL, NULL) != SQLITE_OK)
    return store_failed (database, what, error);
  return TRUE;
}

static sqlite3_stmt *
store_statement (MabeiHubStore *store, Statement which)
{
  sqlite3_stmt *statement = store->statements[which];
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return statement;
}

static gboolean
store_begin (MabeiHubStore *store, GError **error)
{
  if (store->in_transaction)
    return TRUE;
  if (!store_execute (store->database, "BEGIN IMMEDIATE", "cannot begin", error))
    return FALSE;
  store->in_transaction = TRUE;
  return TRUE;
}

/* --- opening --- */

static sqlite3 *
store_connect (const char *path, GError **error)
{
  static const char settings[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -4096;"
                                 "PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
                                 "PRAGMA mmap_size = 0; PRAGMA journal_size_limit = " STORE_JOURNAL_BYTES ";";
  sqlite3 *database = NULL;
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;

  if (sqlite3_open_v2 (path, &database, flags, NULL) != SQLITE_OK ||
      sqlite3_exec (database, settings, NULL, NULL, NULL) != SQLITE_OK) {
    store_failed (database, "cannot be opened", error);
    sqlite3_close (database);
    return NULL;
  }
  return database;
}

static gboolean
store_number (sqlite3 *database, const char *text, gint64 *value, GError **error)
{
  sqlite3_stmt *statement = NULL;
  if (sqlite3_prepare_v2 (database, text, -1, &statement, NULL) != SQLITE_OK ||
      sqlite3_step (statement) != SQLITE_ROW) {
    store_failed (database, "cannot be read", error);
    sqlite3_finalize (statement);
    return FALSE;
  }
  *value = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);
  return TRUE;
}

static gboolean
store_make (sqlite3 *database, GError **error)
{
  static const char schema[] =
      "BEGIN IMMEDIATE;"
      "CREATE TABLE meta (id INTEGER PRIMARY KEY CHECK (id = 1), format INTEGER NOT NULL, epoch BLOB NOT NULL,"
      " seed BLOB NOT NULL) STRICT;"
      "CREATE TABLE mailbox (number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, read_key BLOB NOT NULL,"
      " write_key BLOB NOT NULL, last INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;"
      "CREATE TABLE record (mailbox INTEGER NOT NULL, position INTEGER NOT NULL, digest BLOB NOT NULL,"
      " signature BLOB NOT NULL, envelope BLOB NOT NULL, UNIQUE (mailbox, position), UNIQUE (mailbox, digest)) STRICT;"
      "CREATE TABLE creator (device BLOB PRIMARY KEY, mailboxes INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
      "PRAGMA application_id = 1296189525;" /* STORE_APPLICATION */
      "PRAGMA user_version = 1;";
  sqlite3_stmt *statement = NULL;
  guint8 epoch[MABEI_SHORT_ID_BYTES];
  g_autoptr (MabeiDeviceKey) key = mabei_device_key_new ();
  MabeiSecret *seed = mabei_device_key_seed (key);

  G_STATIC_ASSERT (STORE_APPLICATION == 1296189525);
  randombytes_buf (epoch, sizeof epoch);
  if (!store_execute (database, schema, "cannot be made", error))
    return FALSE;
  sqlite3_prepare_v2 (database, "INSERT INTO meta (id, format, epoch, seed) VALUES (1, 1, ?1, ?2)", -1, &statement,
                      NULL);
  sqlite3_bind_blob (statement, 1, epoch, sizeof epoch, SQLITE_STATIC);
  sqlite3_bind_blob (statement, 2, mabei_secret_data (seed), (int) mabei_secret_length (seed), SQLITE_STATIC);
  int result = sqlite3_step (statement);
  sqlite3_finalize (statement);
  if (result != SQLITE_DONE)
    return store_failed (database, "cannot be made", error);
  return store_execute (database, "COMMIT", "cannot be made", error);
}

static gboolean
store_read_meta (MabeiHubStore *store, GError **error)
{
  sqlite3_stmt *statement = NULL;
  g_autoptr (MabeiSecret) seed = NULL;

  if (sqlite3_prepare_v2 (store->database, "SELECT format, epoch, seed FROM meta WHERE id = 1", -1, &statement, NULL) ==
          SQLITE_OK &&
      sqlite3_step (statement) == SQLITE_ROW && sqlite3_column_int64 (statement, 0) == STORE_FORMAT &&
      sqlite3_column_bytes (statement, 1) == MABEI_SHORT_ID_BYTES &&
      sqlite3_column_bytes (statement, 2) == STORE_SEED_BYTES) {
    memcpy (store->epoch.bytes, sqlite3_column_blob (statement, 1), MABEI_SHORT_ID_BYTES);
    seed = mabei_secret_new_copy (sqlite3_column_blob (statement, 2), STORE_SEED_BYTES);
  }
  sqlite3_finalize (statement);
  if (seed != NULL)
    store->key = mabei_device_key_new_from_seed (seed);
  if (store->key == NULL) {
    g_set_error_literal (error, MABEI_HUB_ERROR, MABEI_HUB_ERROR_DAMAGED,
                         "the store is damaged, or was made by another version of the program");
    return FALSE;
  }
  return TRUE;
}

static gboolean
store_load (MabeiHubStore *store, GError **error)
{
  gint64 application = 0;
  gint64 pages = 0;

  if (!store_number (store->database, "PRAGMA application_id", &application, error) ||
      !store_number (store->database, "PRAGMA page_count", &pages, error))
    return FALSE;
  /* A fresh file has one page at most (the one that WAL mode wrote), and no mark. */
  if (application == 0 && pages <= 1 && !store_make (store->database, error))
    return FALSE;
  if (application != 0 && application != STORE_APPLICATION) {
    g_set_error_literal (error, MABEI_HUB_ERROR, MABEI_HUB_ERROR_DAMAGED, "the file is not the store of a hub");
    return FALSE;
  }
  if (!store_read_meta (store, error))
    return FALSE;
  for (guint i = 0; i < N_STATEMENTS; i++)
    if (sqlite3_prepare_v3 (store->database, statement_text[i], -1, SQLITE_PREPARE_PERSISTENT, &store->statements[i],
                            NULL) != SQLITE_OK)
      return store_failed (store->database, "cannot be used", error);
  return TRUE;
}

static gboolean
store_make_file (const char *path, gboolean create, GError **error)
{
  /* Made here, so that nobody else can ever read it; SQLite gives its log files the same mode. */
  int fd = open (path, O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0), 0600);
  if (fd < 0) {
    g_set_error (error, MABEI_HUB_ERROR, MABEI_HUB_ERROR_FAILED, "cannot open the store: %s", g_strerror (errno));
    return FALSE;
  }
  close (fd);
  return TRUE;
}

MabeiHubStore *
mabei_hub_store_open (const char *path, gboolean create, GError **error)
{
  g_autoptr (MabeiHubStore) store = g_new0 (MabeiHubStore, 1);

  if (!create && !g_file_test (path, G_FILE_TEST_EXISTS)) {
    g_set_error_literal (error, MABEI_HUB_ERROR, MABEI_HUB_ERROR_FAILED, "there is no store in this place");
    return NULL;
  }
  store->lock = mabei_hub_store_lock_take (path, error);
  if (store->lock == NULL || !store_make_file (path, create, error))
    return NULL;
  store->database = store_connect (path, error);
  if (store->database == NULL || !store_load (store, error))
    return NULL;
  return g_steal_pointer (&store);
}

void
mabei_hub_store_close (MabeiHubStore *store)
{
  if (store == NULL)
    return;
  if (store->database != NULL) {
    mabei_hub_store_rollback (store);
    for (guint i = 0; i < N_STATEMENTS; i++)
      sqlite3_finalize (store->statements[i]);
    sqlite3_close (store->database);
  }
  g_clear_pointer (&store->key, mabei_device_key_free);
  mabei_hub_store_lock_release (store->lock);
  g_free (store);
}

MabeiDeviceKey *
mabei_hub_store_key (MabeiHubStore *store)
{
  return store->key;
}

const MabeiShortId *
mabei_hub_store_epoch (MabeiHubStore *store)
{
  return &store->epoch;
}

gboolean
mabei_hub_store_in_transaction (MabeiHubStore *store)
{
  return store->in_transaction;
}

/* --- mailboxes --- */

gboolean
mabei_hub_store_find (MabeiHubStore *store, const MabeiShortId *id, MabeiHubMailboxRow *row, GError **error)
{
  sqlite3_stmt *statement = store_statement (store, STATEMENT_FIND);
  sqlite3_bind_blob (statement, 1, id->bytes, MABEI_SHORT_ID_BYTES, SQLITE_STATIC);
  int result = sqlite3_step (statement);
  gboolean found = result == SQLITE_ROW && sqlite3_column_bytes (statement, 1) == sizeof row->write_key;

  if (found) {
    row->id = *id;
    row->number = sqlite3_column_int64 (statement, 0);
    memcpy (row->write_key, sqlite3_column_blob (statement, 1), sizeof row->write_key);
    row->last = (guint64) sqlite3_column_int64 (statement, 2);
    row->bytes = (guint64) sqlite3_column_int64 (statement, 3);
  } else if (result != SQLITE_DONE) {
    store_failed (store->database, "cannot be read", error);
  }
  sqlite3_reset (statement);
  return found;
}

static gboolean
store_count (MabeiHubStore *store, Statement which, const guint8 *device, guint64 *count, GError **error)
{
  sqlite3_stmt *statement = store_statement (store, which);
  if (device != NULL)
    sqlite3_bind_blob (statement, 1, device, 32, SQLITE_STATIC);
  int result = sqlite3_step (statement);
  if (result == SQLITE_ROW)
    *count = (guint64) sqlite3_column_int64 (statement, 0);
  else if (result == SQLITE_DONE)
    *count = 0;
  else
    return store_failed (store->database, "cannot be read", error);
  sqlite3_reset (statement);
  return TRUE;
}

/* A failed statement inside a transaction may have taken the whole transaction with it: none of it counts any more. */
static gboolean
store_abandon (MabeiHubStore *store, GError **error)
{
  store_failed (store->database, "cannot be written", error);
  mabei_hub_store_rollback (store);
  return FALSE;
}

static gboolean
store_write (MabeiHubStore *store, sqlite3_stmt *statement, GError **error)
{
  int result = sqlite3_step (statement);
  gboolean done = result == SQLITE_DONE || store_abandon (store, error);
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return done;
}

gboolean
mabei_hub_store_create (MabeiHubStore *store,
                        const guint8 read_key[32],
                        const guint8 write_key[32],
                        const guint8 device[32],
                        guint64 max_all,
                        guint64 max_device,
                        GError **error)
{
  MabeiHubMailboxRow row;
  MabeiShortId id;
  guint64 all = 0;
  guint64 of_device = 0;
  GError *failure = NULL;

  mabei_mailbox_id (read_key, write_key, &id);
  if (mabei_hub_store_find (store, &id, &row, &failure))
    return TRUE;
  if (failure != NULL) {
    g_propagate_error (error, failure);
    return FALSE;
  }
  if (!store_count (store, STATEMENT_MAILBOXES, NULL, &all, error) ||
      !store_count (store, STATEMENT_CREATOR, device, &of_device, error))
    return FALSE;
  if (all >= max_all || of_device >= max_device) {
    g_set_error_literal (error, MABEI_HUB_ERROR, MABEI_HUB_ERROR_FULL, "no more mailboxes");
    return FALSE;
  }
  if (!store_begin (store, error))
    return FALSE;

  sqlite3_stmt *statement = store_statement (store, STATEMENT_CREATE);
  sqlite3_bind_blob (statement, 1, id.bytes, MABEI_SHORT_ID_BYTES, SQLITE_STATIC);
  sqlite3_bind_blob (statement, 2, read_key, 32, SQLITE_STATIC);
  sqlite3_bind_blob (statement, 3, write_key, 32, SQLITE_STATIC);
  if (!store_write (store, statement, error))
    return FALSE;
  statement = store_statement (store, STATEMENT_CREATOR_ADD);
  sqlite3_bind_blob (statement, 1, device, 32, SQLITE_STATIC);
  return store_write (store, statement, error);
}

/* --- records --- */

guint64
mabei_hub_store_position (MabeiHubStore *store, gint64 number, const MabeiId *digest, GError **error)
{
  sqlite3_stmt *statement = store_statement (store, STATEMENT_POSITION);
  sqlite3_bind_int64 (statement, 1, number);
  sqlite3_bind_blob (statement, 2, digest->bytes, MABEI_ID_BYTES, SQLITE_STATIC);
  int result = sqlite3_step (statement);
  guint64 position = result == SQLITE_ROW ? (guint64) sqlite3_column_int64 (statement, 0) : 0;
  if (result != SQLITE_ROW && result != SQLITE_DONE)
    store_failed (store->database, "cannot be read", error);
  sqlite3_reset (statement);
  return position;
}

gboolean
mabei_hub_store_append (MabeiHubStore *store,
                        MabeiHubMailboxRow *row,
                        const MabeiId *digest,
                        GBytes *envelope,
                        const guint8 signature[MABEI_SIGNATURE_BYTES],
                        GError **error)
{
  gsize length = 0;
  gconstpointer data = g_bytes_get_data (envelope, &length);

  if (!store_begin (store, error))
    return FALSE;
  sqlite3_stmt *statement = store_statement (store, STATEMENT_APPEND);
  sqlite3_bind_int64 (statement, 1, row->number);
  sqlite3_bind_int64 (statement, 2, (sqlite3_int64) (row->last + 1));
  sqlite3_bind_blob (statement, 3, digest->bytes, MABEI_ID_BYTES, SQLITE_STATIC);
  sqlite3_bind_blob (statement, 4, signature, MABEI_SIGNATURE_BYTES, SQLITE_STATIC);
  sqlite3_bind_blob64 (statement, 5, data, length, SQLITE_STATIC);
  if (!store_write (store, statement, error))
    return FALSE;
  statement = store_statement (store, STATEMENT_GROW);
  sqlite3_bind_int64 (statement, 1, row->number);
  sqlite3_bind_int64 (statement, 2, (sqlite3_int64) (row->last + 1));
  sqlite3_bind_int64 (statement, 3, (sqlite3_int64) length);
  if (!store_write (store, statement, error))
    return FALSE;
  row->last++;
  row->bytes += length;
  return TRUE;
}

gboolean
mabei_hub_store_commit (MabeiHubStore *store, GError **error)
{
  if (!store->in_transaction)
    return TRUE;
  if (sqlite3_exec (store->database, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
    return store_abandon (store, error);
  store->in_transaction = FALSE;
  return TRUE;
}

void
mabei_hub_store_rollback (MabeiHubStore *store)
{
  if (!store->in_transaction)
    return;
  /* SQLite may have rolled back by itself already (full disk). */
  if (!sqlite3_get_autocommit (store->database))
    sqlite3_exec (store->database, "ROLLBACK", NULL, NULL, NULL);
  store->in_transaction = FALSE;
}

gboolean
mabei_hub_store_read (MabeiHubStore *store,
                      gint64 number,
                      guint64 after,
                      guint64 until,
                      MabeiHubRecordFunc func,
                      gpointer user_data,
                      GError **error)
{
  sqlite3_stmt *statement = store_statement (store, STATEMENT_READ);
  int result;

  sqlite3_bind_int64 (statement, 1, number);
  sqlite3_bind_int64 (statement, 2, (sqlite3_int64) MIN (after, (guint64) G_MAXINT64));
  sqlite3_bind_int64 (statement, 3, (sqlite3_int64) MIN (until, (guint64) G_MAXINT64));
  while ((result = sqlite3_step (statement)) == SQLITE_ROW) {
    if (sqlite3_column_bytes (statement, 2) != MABEI_SIGNATURE_BYTES)
      continue;
    if (!func ((guint64) sqlite3_column_int64 (statement, 0), sqlite3_column_blob (statement, 1),
               (gsize) sqlite3_column_bytes (statement, 1), sqlite3_column_blob (statement, 2), user_data)) {
      result = SQLITE_DONE;
      break;
    }
  }
  gboolean done = result == SQLITE_DONE || store_failed (store->database, "cannot be read", error);
  sqlite3_reset (statement);
  return done;
}

gboolean
mabei_hub_store_counts (MabeiHubStore *store, MabeiHubStoreCounts *counts, GError **error)
{
  gint64 pages = 0;
  gint64 page_bytes = 0;
  if (!store_number (store->database, "PRAGMA page_count", &pages, error) ||
      !store_number (store->database, "PRAGMA page_size", &page_bytes, error))
    return FALSE;
  sqlite3_stmt *statement = store_statement (store, STATEMENT_COUNTS);
  if (sqlite3_step (statement) != SQLITE_ROW)
    return store_failed (store->database, "cannot be read", error);
  counts->mailboxes = (guint64) sqlite3_column_int64 (statement, 0);
  counts->records = (guint64) sqlite3_column_int64 (statement, 1);
  counts->envelope_bytes = (guint64) sqlite3_column_int64 (statement, 2);
  counts->file_bytes = (guint64) (pages * page_bytes);
  sqlite3_reset (statement);
  return TRUE;
}

/* --- backup --- */

static gboolean
store_backup_into (MabeiHubStore *store, const char *path, GError **error)
{
  sqlite3_stmt *statement = NULL;
  sqlite3 *copy = NULL;

  if (sqlite3_prepare_v2 (store->database, "VACUUM INTO ?1", -1, &statement, NULL) != SQLITE_OK ||
      sqlite3_bind_text (statement, 1, path, -1, SQLITE_STATIC) != SQLITE_OK ||
      sqlite3_step (statement) != SQLITE_DONE) {
    store_failed (store->database, "cannot be copied", error);
    sqlite3_finalize (statement);
    return FALSE;
  }
  sqlite3_finalize (statement);
  gboolean done = sqlite3_open_v2 (path, &copy, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
                  sqlite3_exec (copy, "UPDATE meta SET epoch = randomblob (16)", NULL, NULL, NULL) == SQLITE_OK;
  if (!done)
    store_failed (copy, "cannot be copied", error);
  sqlite3_close (copy);
  return done;
}

gboolean
mabei_hub_store_backup (MabeiHubStore *store, const char *path, GError **error)
{
  g_autofree char *partial = g_strconcat (path, ".partial", NULL);
  int fd = -1;

  if (g_file_test (path, G_FILE_TEST_EXISTS)) {
    g_set_error_literal (error, MABEI_HUB_ERROR, MABEI_HUB_ERROR_FAILED, "there is a file in that place already");
    return FALSE;
  }
  if (!mabei_hub_store_commit (store, error))
    return FALSE;
  g_unlink (partial);
  fd = open (partial, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) {
    g_set_error (error, MABEI_HUB_ERROR, MABEI_HUB_ERROR_FAILED, "cannot write the copy: %s", g_strerror (errno));
    return FALSE;
  }
  gboolean done = store_backup_into (store, partial, error);
  if (done && (fsync (fd) != 0 || link (partial, path) != 0)) {
    g_set_error (error, MABEI_HUB_ERROR, MABEI_HUB_ERROR_FAILED, "cannot write the copy: %s", g_strerror (errno));
    done = FALSE;
  }
  close (fd);
  g_unlink (partial);
  if (done) {
    g_autofree char *folder = g_path_get_dirname (path);
    int folder_fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder_fd >= 0) {
      fsync (folder_fd);
      close (folder_fd);
    }
  }
  return done;
}
