#include "core/store/store_error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

G_DEFINE_QUARK (mabei - store - error - quark, mabei_store_error)

static MabeiStoreError
code_from_errno (int saved_errno)
{
  switch (saved_errno) {
  case ENOSPC:
  case EDQUOT:
  case EFBIG:
    return MABEI_STORE_ERROR_FULL;
  case EROFS:
  case EACCES:
  case EPERM:
    return MABEI_STORE_ERROR_READ_ONLY;
  case ENOENT:
    return MABEI_STORE_ERROR_NOT_FOUND;
  case EEXIST:
    return MABEI_STORE_ERROR_EXISTS;
  default:
    return MABEI_STORE_ERROR_FAILED;
  }
}

void
mabei_store_set_errno (GError **error, int saved_errno, const char *what, const char *name)
{
  g_set_error (error, MABEI_STORE_ERROR, (int) code_from_errno (saved_errno), "%s %s: %s", what, name,
               g_strerror (saved_errno));
}

/* What the system said last about the database or its WAL: SQLite tells ENOSPC apart by itself, but not a quota. */
static int
system_errno (sqlite3 *connection)
{
  static const int pointers[] = {SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_JOURNAL_POINTER};
  int found = 0;

  for (guint i = 0; connection != NULL && i < G_N_ELEMENTS (pointers) && found == 0; i++) {
    sqlite3_file *file = NULL;
    if (sqlite3_file_control (connection, "main", pointers[i], &file) == SQLITE_OK && file != NULL &&
        file->pMethods != NULL)
      file->pMethods->xFileControl (file, SQLITE_FCNTL_LAST_ERRNO, &found);
  }
  return found != 0 || connection == NULL ? found : sqlite3_system_errno (connection);
}

static MabeiStoreError
code_from_sqlite (sqlite3 *connection, int code)
{
  int system;

  switch (code & 0xff) {
  case SQLITE_FULL:
    return MABEI_STORE_ERROR_FULL;
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return MABEI_STORE_ERROR_BUSY;
  case SQLITE_CORRUPT:
    return MABEI_STORE_ERROR_DAMAGED;
  case SQLITE_NOTADB:
    return MABEI_STORE_ERROR_FORMAT;
  case SQLITE_READONLY:
  case SQLITE_PERM:
    return MABEI_STORE_ERROR_READ_ONLY;
  case SQLITE_IOERR:
  case SQLITE_CANTOPEN:
    /* A short read is a truncated file: nothing was wrong with the system. */
    if (code == SQLITE_IOERR_SHORT_READ)
      return MABEI_STORE_ERROR_DAMAGED;
    system = system_errno (connection);
    return system != 0 ? code_from_errno (system) : MABEI_STORE_ERROR_FAILED;
  default:
    return MABEI_STORE_ERROR_FAILED;
  }
}

void
mabei_store_set_sqlite (GError **error, sqlite3 *connection, int code, const char *what)
{
  g_set_error (error, MABEI_STORE_ERROR, (int) code_from_sqlite (connection, code), "%s: %s", what,
               sqlite3_errstr (code));
}

int
mabei_store_open_file (const char *path, int flags, GError **error)
{
  struct stat status;
  /* Not blocking, so that a pipe with that name cannot hold the program up. */
  int fd = open (path, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);

  if (fd < 0) {
    int saved_errno = errno;
    if (saved_errno == ELOOP)
      g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_READ_ONLY, "%s is a symbolic link: not followed", path);
    else
      mabei_store_set_errno (error, saved_errno, "cannot open", path);
    return -1;
  }
  if (fstat (fd, &status) < 0 || !S_ISREG (status.st_mode)) {
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_FORMAT, "%s is not a file", path);
    close (fd);
    return -1;
  }
  if (status.st_uid != geteuid ()) {
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_READ_ONLY, "%s belongs to another user", path);
    close (fd);
    return -1;
  }
  return fd;
}

char *
mabei_store_trim_path (const char *path)
{
  gsize length = strlen (path);

  while (length > 1 && path[length - 1] == '/')
    length--;
  return g_strndup (path, length);
}

gboolean
mabei_store_sync_parent (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean done = fd >= 0 && fsync (fd) == 0;

  if (!done)
    mabei_store_set_errno (error, errno, "cannot write to", folder);
  if (fd >= 0)
    close (fd);
  return done;
}
