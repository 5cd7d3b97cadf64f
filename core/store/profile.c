#include "core/store/profile.h"
#include "core/store/database_file.h"
#include "core/store/store_error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static MabeiProfile *
profile_new (const char *folder)
{
  MabeiProfile *profile = g_new0 (MabeiProfile, 1);

  profile->folder = mabei_store_trim_path (folder);
  profile->key_path = g_build_filename (profile->folder, "key", NULL);
  profile->replica_path = g_build_filename (profile->folder, "replica.db", NULL);
  profile->lock_fd = -1;
  return profile;
}

void
mabei_profile_close (MabeiProfile *profile)
{
  if (profile == NULL)
    return;
  if (profile->lock_fd >= 0)
    close (profile->lock_fd);
  g_free (profile->folder);
  g_free (profile->key_path);
  g_free (profile->replica_path);
  g_free (profile);
}

/* A folder of this user, closed to others; not a link to one. */
static gboolean
check_folder (const char *folder, GError **error)
{
  struct stat status;
  gboolean ours = FALSE;
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

  if (fd < 0) {
    int saved_errno = errno;
    if (lstat (folder, &status) == 0 && S_ISLNK (status.st_mode))
      g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_READ_ONLY, "%s is a symbolic link: not followed",
                   folder);
    else if (saved_errno == ENOTDIR)
      g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_FORMAT, "%s is not a folder", folder);
    else
      mabei_store_set_errno (error, saved_errno, "cannot open", folder);
    return FALSE;
  }
  if (fstat (fd, &status) < 0)
    mabei_store_set_errno (error, errno, "cannot open", folder);
  else if (status.st_uid != geteuid ())
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_READ_ONLY, "%s belongs to another user", folder);
  else
    ours = TRUE;
  close (fd);
  return ours;
}

static gboolean
close_to_others (const char *folder, GError **error)
{
  struct stat status;

  if (lstat (folder, &status) == 0 && (status.st_mode & 0777) != 0700 && chmod (folder, 0700) < 0) {
    mabei_store_set_errno (error, errno, "cannot close to others", folder);
    return FALSE;
  }
  return TRUE;
}

static gboolean
take_lock (MabeiProfile *profile, GError **error)
{
  g_autofree char *path = g_build_filename (profile->folder, "lock", NULL);
  struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

  profile->lock_fd = mabei_store_open_file (path, O_RDWR | O_CREAT, error);
  if (profile->lock_fd < 0)
    return FALSE;
  if (fcntl (profile->lock_fd, F_OFD_SETLK, &whole) == 0)
    return TRUE;
  if (errno == EAGAIN || errno == EACCES)
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_BUSY, "%s is in use by another program", profile->folder);
  else
    mabei_store_set_errno (error, errno, "cannot lock", path);
  return FALSE;
}

static gboolean
is_there (const char *path)
{
  struct stat status;

  return lstat (path, &status) == 0;
}

/* What a creation that was cut short may have left. */
static gboolean
is_left_over (const char *name)
{
  return strcmp (name, "lock") == 0 || strcmp (name, "key.new") == 0 || g_str_has_prefix (name, "replica.db.new");
}

static gboolean
check_empty (MabeiProfile *profile, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (profile->folder, 0, error);
  const char *name;

  if (dir == NULL) {
    g_prefix_error (error, "cannot read %s: ", profile->folder);
    return FALSE;
  }
  if (is_there (profile->key_path)) {
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_EXISTS, "%s is a profile already", profile->folder);
    return FALSE;
  }
  while ((name = g_dir_read_name (dir)) != NULL) {
    if (is_left_over (name))
      continue;
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_FORMAT, "%s holds other files: nothing was written",
                 profile->folder);
    return FALSE;
  }
  return TRUE;
}

MabeiProfile *
mabei_profile_create (const char *folder, GError **error)
{
  g_autoptr (MabeiProfile) profile = profile_new (folder);
  g_autofree char *parent = g_path_get_dirname (profile->folder);

  if (g_mkdir_with_parents (parent, 0700) < 0) {
    mabei_store_set_errno (error, errno, "cannot make", parent);
    return NULL;
  }
  if (mkdir (profile->folder, 0700) < 0 && errno != EEXIST) {
    mabei_store_set_errno (error, errno, "cannot make", profile->folder);
    return NULL;
  }
  if (!check_folder (profile->folder, error) || !check_empty (profile, error) ||
      !close_to_others (profile->folder, error) || !take_lock (profile, error) || !check_empty (profile, error) ||
      !mabei_store_sync_parent (profile->folder, error))
    return NULL;
  return g_steal_pointer (&profile);
}

MabeiProfile *
mabei_profile_open (const char *folder, GError **error)
{
  g_autoptr (MabeiProfile) profile = profile_new (folder);
  gboolean has_key, has_replica;

  if (!check_folder (profile->folder, error))
    return NULL;
  has_key = is_there (profile->key_path);
  has_replica = is_there (profile->replica_path);
  if (!has_key && !has_replica) {
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_FORMAT, "%s is not a profile of Mabei", profile->folder);
    return NULL;
  }
  if (!has_key || !has_replica) {
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_DAMAGED, "the profile is damaged: %s is missing",
                 has_key ? profile->replica_path : profile->key_path);
    return NULL;
  }
  if (!close_to_others (profile->folder, error) || !take_lock (profile, error))
    return NULL;
  return g_steal_pointer (&profile);
}

void
mabei_profile_discard (MabeiProfile *profile)
{
  g_autofree char *lock = g_build_filename (profile->folder, "lock", NULL);

  unlink (profile->key_path);
  mabei_database_file_remove (profile->replica_path);
  unlink (lock);
  rmdir (profile->folder);
}
