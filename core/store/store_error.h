/* Private to core/store: turns what the system and SQLite say into a MabeiStoreError of one line, and opens files
 * without following links into what is not ours. Messages name the file, never its content. One thread.
 */
#pragma once

#include "core/store/key_file.h"

#include <sqlite3.h>
#include <sys/stat.h>

/* "WHAT NAME: the system's words", the code from @saved_errno (ENOSPC, EDQUOT, EFBIG: FULL; EROFS, EACCES, EPERM:
 * READ_ONLY; ENOENT: NOT_FOUND; EEXIST: EXISTS; else FAILED). */
void mabei_store_set_errno (GError **error, int saved_errno, const char *what, const char *name);
/* The same from the last call on @connection. */
void mabei_store_set_sqlite (GError **error, sqlite3 *connection, int code, const char *what);

/* A regular file of this user, opened close-on-exec and never through a symbolic link; -1 with @error. */
int mabei_store_open_file (const char *path, int flags, GError **error);
/* The last part of a path without trailing slashes. (transfer full) */
char *mabei_store_trim_path (const char *path);
/* fsync of the folder that holds @path, so that a rename in it survives a power cut. */
gboolean mabei_store_sync_parent (const char *path, GError **error);
