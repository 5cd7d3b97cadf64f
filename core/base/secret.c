#include "core/base/secret.h"

#include <sodium.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

struct _MabeiSecret {
  gatomicrefcount references;
  gsize length;
  guint8 *data; /* sodium_malloc: wiped by sodium_free */
};

MabeiSecret *
mabei_secret_new (gsize length)
{
  g_assert (length > 0);
  MabeiSecret *secret = g_new (MabeiSecret, 1);
  g_atomic_ref_count_init (&secret->references);
  secret->length = length;
  secret->data = sodium_malloc (length);
  if (secret->data == NULL)
    g_error ("no memory for a secret of %" G_GSIZE_FORMAT " bytes", length);
  sodium_memzero (secret->data, length); /* sodium_malloc fills with 0xdb */
  return secret;
}

MabeiSecret *
mabei_secret_new_random (gsize length)
{
  MabeiSecret *secret = mabei_secret_new (length);
  randombytes_buf (secret->data, length);
  return secret;
}

MabeiSecret *
mabei_secret_new_copy (gconstpointer data, gsize length)
{
  MabeiSecret *secret = mabei_secret_new (length);
  memcpy (secret->data, data, length);
  return secret;
}

MabeiSecret *
mabei_secret_ref (MabeiSecret *secret)
{
  g_atomic_ref_count_inc (&secret->references);
  return secret;
}

void
mabei_secret_unref (MabeiSecret *secret)
{
  if (secret == NULL || !g_atomic_ref_count_dec (&secret->references))
    return;
  sodium_free (secret->data);
  g_free (secret);
}

guint8 *
mabei_secret_data (MabeiSecret *secret)
{
  return secret->data;
}

gsize
mabei_secret_length (const MabeiSecret *secret)
{
  return secret->length;
}

gboolean
mabei_secret_equal (const MabeiSecret *a, const MabeiSecret *b)
{
  return a->length == b->length && sodium_memcmp (a->data, b->data, a->length) == 0;
}

gboolean
mabei_base_init (void)
{
  if (sodium_init () < 0)
    return FALSE;
  /* Debuggers and the leak checker of the sanitizers attach to the process; both need it dumpable. */
  if (g_strcmp0 (g_getenv ("MABEI_DEBUG_DUMPABLE"), "1") == 0)
    return TRUE;
  /* Best effort: a kernel that refuses does not make the program unusable, only a crash less discreet. */
  struct rlimit none = {0, 0};
  (void) setrlimit (RLIMIT_CORE, &none);
  (void) prctl (PR_SET_DUMPABLE, 0, 0, 0, 0);
  return TRUE;
}
