/* One process a store: an advisory lock on the file "<store>.lock", held until the process ends or lets go, however it
 * ends. The lock file stays: removing it would race with the next holder. Lives on a local file system only.
 */
#pragma once

#include <glib.h>

typedef struct _MabeiHubStoreLock MabeiHubStoreLock;

/* BUSY (MABEI_HUB_ERROR) when another process, or this one, holds it already. */
MabeiHubStoreLock *mabei_hub_store_lock_take (const char *store_path, GError **error);
void mabei_hub_store_lock_release (MabeiHubStoreLock *lock); /* NULL is accepted */
