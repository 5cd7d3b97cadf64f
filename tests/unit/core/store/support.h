/* What the tests of the store share: folders that go away again, bytes planted and searched for, files spoiled. */
#pragma once

#include "core/store/key_file.h"

/* A fresh folder (0700) under the temporary folder. (transfer full) */
char *support_folder_new (void);
/* Removes it with all that is in it, and frees the name. */
void support_folder_remove (char *folder);
/* TRUE when one of the files under @folder holds these bytes. */
gboolean support_folder_holds (const char *folder, gconstpointer needle, gsize length);
MabeiSecret *support_passphrase (const char *text);

/* The whole of a file, and back. (transfer full) */
GBytes *support_file_read (const char *path);
void support_file_write (const char *path, gconstpointer data, gsize length);
void support_file_flip (const char *path, gsize at, guint8 mask);

/* From here on files cannot grow past @bytes (EFBIG, as a full disk); 0 lifts the limit. */
void support_disk_limit (gsize bytes);

#define assert_store_error(error, expected)                                                                            \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    g_assert_error ((error), MABEI_STORE_ERROR, (expected));                                                           \
    g_assert_null (strchr ((error)->message, '\n'));                                                                   \
  }                                                                                                                    \
  G_STMT_END
