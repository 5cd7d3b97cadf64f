#include "app/ctl/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "app/desk/code.h"

#define PASSPHRASE_BYTES 1024u

static MabeiSecret *
usage (GError **error, const char *message)
{
  g_set_error_literal (error, MABEI_DESK_ERROR, MABEI_CODE_USAGE, message);
  return NULL;
}

/* One line of @fd into guarded memory: the newline ends it. */
static MabeiSecret *
read_line (int fd, GError **error)
{
  g_autoptr (MabeiSecret) buffer = mabei_secret_new (PASSPHRASE_BYTES + 1);
  guint8 *data = mabei_secret_data (buffer);
  gsize length = 0;
  while (length <= PASSPHRASE_BYTES) {
    gssize got = read (fd, data + length, 1);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0 || data[length] == '\n')
      break;
    length++;
  }
  if (length > 0 && length <= PASSPHRASE_BYTES && data[length - 1] == '\r')
    length--;
  if (length == 0 || length > PASSPHRASE_BYTES)
    return usage (error, "a passphrase has 1 to 1024 bytes");
  return mabei_secret_new_copy (data, length);
}

static MabeiSecret *
prompt (int terminal, const char *question, GError **error)
{
  struct termios before, quiet;
  if (tcgetattr (terminal, &before) != 0)
    return usage (error, "no terminal to ask on: use --passphrase-file");
  quiet = before;
  quiet.c_lflag &= ~(tcflag_t) ECHO;
  tcsetattr (terminal, TCSAFLUSH, &quiet);
  (void) !write (terminal, question, strlen (question));
  MabeiSecret *secret = read_line (terminal, error);
  (void) !write (terminal, "\n", 1);
  tcsetattr (terminal, TCSAFLUSH, &before);
  return secret;
}

MabeiSecret *
mabei_passphrase_read (const char *path, gboolean twice, GError **error)
{
  if (path == NULL)
    path = g_getenv ("MABEI_PASSPHRASE_FILE");
  if (path != NULL) {
    int fd = open (path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
      int fault = errno;
      g_set_error (error, G_FILE_ERROR, (int) g_file_error_from_errno (fault), "the passphrase file %s: %s", path,
                   g_strerror (fault));
      return NULL;
    }
    MabeiSecret *secret = read_line (fd, error);
    close (fd);
    return secret;
  }
  int terminal = open ("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (terminal < 0)
    return usage (error, "no passphrase: use --passphrase-file or MABEI_PASSPHRASE_FILE");
  g_autoptr (MabeiSecret) first = prompt (terminal, "Passphrase: ", error);
  if (first != NULL && twice) {
    g_autoptr (MabeiSecret) second = prompt (terminal, "Once more: ", error);
    if (second == NULL || !mabei_secret_equal (first, second)) {
      g_clear_pointer (&first, mabei_secret_unref);
      if (second != NULL)
        usage (error, "the two are not the same");
    }
  }
  close (terminal);
  return g_steal_pointer (&first);
}
