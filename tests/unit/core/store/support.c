#include "tests/unit/core/store/support.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Folders that are there now: a test that fails ends by abort and leaves them to the handler below. */
static GPtrArray *folders;

static void
remove_tree (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
      remove_tree (path);
    else
      g_unlink (path);
  }
  g_rmdir (folder);
}

static void
on_abort (int number G_GNUC_UNUSED)
{
  for (guint i = 0; i < folders->len; i++)
    remove_tree (g_ptr_array_index (folders, i));
}

char *
support_folder_new (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("mabei-store-XXXXXX", &error);

  g_assert_no_error (error);
  if (folders == NULL) {
    folders = g_ptr_array_new_with_free_func (g_free);
    signal (SIGABRT, on_abort);
  }
  g_ptr_array_add (folders, g_strdup (folder));
  return folder;
}

void
support_folder_remove (char *folder)
{
  guint index;

  remove_tree (folder);
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
  if (g_ptr_array_find_with_equal_func (folders, folder, g_str_equal, &index))
    g_ptr_array_remove_index (folders, index);
  g_free (folder);
}

gboolean
support_folder_holds (const char *folder, gconstpointer needle, gsize length)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  gboolean found = FALSE;
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    g_autoptr (GBytes) bytes = NULL;
    gsize size;
    const char *data;

    found = found || (strlen (name) >= length && memmem (name, strlen (name), needle, length) != NULL);
    if (g_file_test (path, G_FILE_TEST_IS_DIR)) {
      found = found || support_folder_holds (path, needle, length);
      continue;
    }
    bytes = support_file_read (path);
    data = g_bytes_get_data (bytes, &size);
    found = found || (size >= length && memmem (data, size, needle, length) != NULL);
  }
  return found;
}

MabeiSecret *
support_passphrase (const char *text)
{
  return mabei_secret_new_copy (text, strlen (text));
}

GBytes *
support_file_read (const char *path)
{
  g_autoptr (GError) error = NULL;
  char *data = NULL;
  gsize length = 0;

  g_file_get_contents (path, &data, &length, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (data, length);
}

/* Without fsync: the tests write thousands of spoiled copies. */
void
support_file_write (const char *path, gconstpointer data, gsize length)
{
  int fd;

  g_assert_true (g_unlink (path) == 0 || errno == ENOENT);
  fd = g_open (path, O_WRONLY | O_CREAT | O_EXCL, 0600);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, data, length), ==, length);
  g_assert_cmpint (close (fd), ==, 0);
}

void
support_file_flip (const char *path, gsize at, guint8 mask)
{
  g_autoptr (GBytes) bytes = support_file_read (path);
  gsize length;
  g_autofree guint8 *copy = g_memdup2 (g_bytes_get_data (bytes, &length), g_bytes_get_size (bytes));

  g_assert_cmpuint (at, <, length);
  copy[at] ^= mask;
  support_file_write (path, copy, length);
}

void
support_disk_limit (gsize bytes)
{
  struct rlimit limit;

  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  limit.rlim_cur = bytes == 0 ? limit.rlim_max : bytes;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
}
