#include "sync/hub/store_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "sync/hub/hub.h"

struct _MabeiHubStoreLock {
  int fd;
};

MabeiHubStoreLock *
mabei_hub_store_lock_take (const char *store_path, GError **error)
{
  g_autofree char *path = g_strconcat (store_path, ".lock", NULL);
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) {
    g_set_error (error, MABEI_HUB_ERROR, MABEI_HUB_ERROR_FAILED, "cannot open the lock file beside the store: %s",
                 g_strerror (errno));
    return NULL;
  }
  if (flock (fd, LOCK_EX | LOCK_NB) != 0) {
    int code = errno == EWOULDBLOCK ? MABEI_HUB_ERROR_BUSY : MABEI_HUB_ERROR_FAILED;
    g_set_error (error, MABEI_HUB_ERROR, code,
                 code == MABEI_HUB_ERROR_BUSY ? "busy: another process has this store open"
                                              : "cannot lock the store: %s",
                 g_strerror (errno));
    close (fd);
    return NULL;
  }
  MabeiHubStoreLock *lock = g_new0 (MabeiHubStoreLock, 1);
  lock->fd = fd;
  return lock;
}

void
mabei_hub_store_lock_release (MabeiHubStoreLock *lock)
{
  if (lock == NULL)
    return;
  close (lock->fd);
  g_free (lock);
}
