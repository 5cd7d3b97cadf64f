/* Private to core/store: the folder of a profile: whose it is, what may be in it, and the lock that keeps a second
 * process out (an open file description lock: it ends with the process, however that ends). Nothing is written into a
 * folder that is not a profile of this user. One thread.
 */
#pragma once

#include "core/store/key_file.h"

typedef struct {
  char *folder; /* without trailing slashes */
  char *key_path;
  char *replica_path;
  int lock_fd;
} MabeiProfile;

/* An empty one, locked: EXISTS when a profile is there, FORMAT when other files are. */
MabeiProfile *mabei_profile_create (const char *folder, GError **error);
/* NOT_FOUND, FORMAT (not a profile), DAMAGED (half of it is missing), READ_ONLY (not ours), BUSY. */
MabeiProfile *mabei_profile_open (const char *folder, GError **error);
void mabei_profile_close (MabeiProfile *profile); /* unlocks; NULL is accepted */
/* Takes away what a creation that failed has made. */
void mabei_profile_discard (MabeiProfile *profile);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiProfile, mabei_profile_close)
