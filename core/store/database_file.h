/* Private to core/store: the SQLite file itself: its format marks, its schema, the settings of the one connection. A
 * file that does not carry our marks is told apart by reading its first 100 bytes, before SQLite could touch it.
 */
#pragma once

#include "core/store/store_error.h"

#define MABEI_DATABASE_APPLICATION 0x4d616265u /* "Mabe" */
#define MABEI_DATABASE_FORMAT 1u

/* A new file at @fresh, set up and empty; EXISTS when @path is there. */
sqlite3 *mabei_database_file_create (const char *path, const char *fresh, GError **error);
/* Gives the closed new file its name, durably. */
gboolean mabei_database_file_publish (const char *fresh, const char *path, GError **error);
void mabei_database_file_remove (const char *fresh);

sqlite3 *mabei_database_file_open (const char *path, GError **error);
