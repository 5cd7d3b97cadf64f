#include "core/store/database_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where SQLite keeps its marks (https://www.sqlite.org/fileformat2.html section 1.3). */
#define HEADER_BYTES 100u
#define AT_USER_VERSION 60u
#define AT_APPLICATION 68u

static const char *const schema[] = {
    "CREATE TABLE item (name BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE log (row INTEGER PRIMARY KEY, value BLOB NOT NULL)",
};

/* EXCLUSIVE before the first access keeps the index of the WAL in memory: no -shm file. */
static const char *const settings[] = {
    "PRAGMA locking_mode=EXCLUSIVE", "PRAGMA trusted_schema=OFF", "PRAGMA cell_size_check=ON",
    "PRAGMA temp_store=MEMORY",      "PRAGMA secure_delete=ON",   "PRAGMA mmap_size=0",
    "PRAGMA journal_mode=WAL",       "PRAGMA synchronous=FULL",   "PRAGMA journal_size_limit=4194304",
};

static guint32
read_u32 (const guint8 *at)
{
  return (guint32) at[0] << 24 | (guint32) at[1] << 16 | (guint32) at[2] << 8 | (guint32) at[3];
}

/* SQLite refuses links anywhere in the path; those above the file itself are the user's own business. */
static char *
resolve (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  char *real = realpath (folder, NULL);
  char *resolved;

  if (real == NULL) {
    mabei_store_set_errno (error, errno, "cannot open", path);
    return NULL;
  }
  resolved = g_build_filename (real, name, NULL);
  free (real);
  return resolved;
}

static sqlite3 *
connect (const char *path, GError **error)
{
  g_autofree char *resolved = resolve (path, error);
  sqlite3 *connection = NULL;
  int code;

  if (resolved == NULL)
    return NULL;
  code = sqlite3_open_v2 (resolved, &connection,
                          SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE,
                          NULL);
  if (code != SQLITE_OK) {
    mabei_store_set_sqlite (error, connection, code, "cannot open the replica");
    sqlite3_close_v2 (connection);
    return NULL;
  }
  sqlite3_db_config (connection, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config (connection, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
  sqlite3_db_config (connection, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
  sqlite3_limit (connection, SQLITE_LIMIT_ATTACHED, 0);
  return connection;
}

static gboolean
run (sqlite3 *connection, const char *text, GError **error)
{
  if (sqlite3_exec (connection, text, NULL, NULL, NULL) == SQLITE_OK)
    return TRUE;
  mabei_store_set_sqlite (error, connection, sqlite3_extended_errcode (connection), "cannot open the replica");
  return FALSE;
}

static gboolean
apply_settings (sqlite3 *connection, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++) {
    if (!run (connection, settings[i], error))
      return FALSE;
  }
  return TRUE;
}

/* Only our two tables, word for word: no trigger, view or other table that somebody planted. */
static gboolean
check_schema (sqlite3 *connection, GError **error)
{
  sqlite3_stmt *statement = NULL;
  gboolean same = TRUE;
  guint n = 0;
  int code = sqlite3_prepare_v2 (connection, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name", -1,
                                 &statement, NULL);

  while (code == SQLITE_OK && (code = sqlite3_step (statement)) == SQLITE_ROW) {
    const char *text = (const char *) sqlite3_column_text (statement, 0);
    same = same && n < G_N_ELEMENTS (schema) && g_strcmp0 (text, schema[n]) == 0;
    n++;
    code = SQLITE_OK;
  }
  if (code != SQLITE_DONE)
    mabei_store_set_sqlite (error, connection, code, "cannot open the replica");
  else if (!same || n != G_N_ELEMENTS (schema))
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_DAMAGED,
                 "the replica is damaged: its tables are not ours");
  sqlite3_finalize (statement);
  return code == SQLITE_DONE && same && n == G_N_ELEMENTS (schema);
}

static gboolean
check_marks (const char *path, GError **error)
{
  guint8 header[HEADER_BYTES];
  gssize n;
  int fd = mabei_store_open_file (path, O_RDONLY, error);

  if (fd < 0)
    return FALSE;
  n = pread (fd, header, sizeof header, 0);
  close (fd);
  if (n < 0) {
    mabei_store_set_errno (error, errno, "cannot read", path);
    return FALSE;
  }
  if (n < (gssize) sizeof header || memcmp (header, "SQLite format 3", 16) != 0 ||
      read_u32 (header + AT_APPLICATION) != MABEI_DATABASE_APPLICATION) {
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_FORMAT, "%s is not a replica of Mabei", path);
    return FALSE;
  }
  if (read_u32 (header + AT_USER_VERSION) != MABEI_DATABASE_FORMAT) {
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_FORMAT,
                 "%s was made by another version of Mabei: format %u; this one reads %u", path,
                 read_u32 (header + AT_USER_VERSION), MABEI_DATABASE_FORMAT);
    return FALSE;
  }
  return TRUE;
}

/* What lies beside would be replayed into the replica, or followed: only a WAL of ours may. */
static gboolean
check_neighbours (const char *path, GError **error)
{
  g_autofree char *journal = g_strconcat (path, "-journal", NULL);
  g_autofree char *wal = g_strconcat (path, "-wal", NULL);
  struct stat status;
  int fd;

  if (lstat (journal, &status) == 0) {
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_FORMAT, "%s does not belong beside a replica", journal);
    return FALSE;
  }
  if (lstat (wal, &status) < 0)
    return TRUE;
  fd = mabei_store_open_file (wal, O_RDONLY, error);
  if (fd < 0)
    return FALSE;
  close (fd);
  return TRUE;
}

sqlite3 *
mabei_database_file_open (const char *path, GError **error)
{
  sqlite3 *connection;

  if (!check_marks (path, error) || !check_neighbours (path, error))
    return NULL;
  connection = connect (path, error);
  if (connection == NULL)
    return NULL;
  if (sqlite3_db_readonly (connection, "main") == 1) {
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_READ_ONLY, "%s cannot be written to", path);
  } else if (apply_settings (connection, error) && check_schema (connection, error)) {
    return connection;
  }
  sqlite3_close_v2 (connection);
  return NULL;
}

sqlite3 *
mabei_database_file_create (const char *path, const char *fresh, GError **error)
{
  g_autofree char *marks = g_strdup_printf ("PRAGMA page_size=4096; PRAGMA application_id=%u; PRAGMA user_version=%u",
                                            MABEI_DATABASE_APPLICATION, MABEI_DATABASE_FORMAT);
  struct stat status;
  sqlite3 *connection;
  gboolean done;
  int fd;

  if (lstat (path, &status) == 0) {
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_EXISTS, "%s is there already", path);
    return NULL;
  }
  mabei_database_file_remove (fresh);
  fd = mabei_store_open_file (fresh, O_RDWR | O_CREAT | O_EXCL, error);
  if (fd < 0)
    return NULL;
  close (fd);
  connection = connect (fresh, error);
  if (connection == NULL)
    return NULL;
  /* The marks go in before WAL mode, so that they stand in the main file for ever. */
  done = run (connection, marks, error);
  for (guint i = 0; done && i < G_N_ELEMENTS (schema); i++)
    done = run (connection, schema[i], error);
  if (done && apply_settings (connection, error))
    return connection;
  sqlite3_close_v2 (connection);
  mabei_database_file_remove (fresh);
  return NULL;
}

gboolean
mabei_database_file_publish (const char *fresh, const char *path, GError **error)
{
  int fd = mabei_store_open_file (fresh, O_RDONLY, error);
  int saved_errno = 0;

  if (fd < 0)
    return FALSE;
  if (fsync (fd) < 0)
    saved_errno = errno;
  close (fd);
  if (saved_errno == 0 && rename (fresh, path) < 0)
    saved_errno = errno;
  if (saved_errno != 0) {
    mabei_store_set_errno (error, saved_errno, "cannot write", path);
    mabei_database_file_remove (fresh);
    return FALSE;
  }
  return mabei_store_sync_parent (path, error);
}

void
mabei_database_file_remove (const char *fresh)
{
  static const char *const endings[] = {"", "-wal", "-shm", "-journal"};

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++) {
    g_autofree char *name = g_strconcat (fresh, endings[i], NULL);
    unlink (name);
  }
}
