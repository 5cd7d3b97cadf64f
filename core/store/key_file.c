#include "core/store/key_file.h"
#include "core/crypto/epoch.h"
#include "core/store/store_error.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The bytes on disk (FORMAT.md): header, sealed keys, checksum. The header is the associated data of the seal. */
#define KEY_FILE_FORMAT 1u
#define KEY_FILE_MAGIC "MABEIKEY"
#define MAGIC_BYTES 8u
#define KDF_ARGON2ID13 1u

#define AT_MAGIC 1u
#define AT_KDF (AT_MAGIC + MAGIC_BYTES)
#define AT_OPERATIONS (AT_KDF + 1u)
#define AT_MEMORY (AT_OPERATIONS + 4u)
#define AT_SALT (AT_MEMORY + 4u)
#define AT_NONCE (AT_SALT + crypto_pwhash_SALTBYTES)
#define HEADER_BYTES (AT_NONCE + crypto_aead_xchacha20poly1305_ietf_NPUBBYTES)

#define SEED_BYTES 64u
#define KEY_BYTES 32u
#define PLAIN_BYTES (SEED_BYTES + KEY_BYTES + KEY_BYTES + MABEI_SHORT_ID_BYTES)
#define SEALED_BYTES (PLAIN_BYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES)
#define CHECKSUM_BYTES 16u
#define FILE_BYTES (HEADER_BYTES + SEALED_BYTES + CHECKSUM_BYTES)

/* What a foreign file may ask of this machine. The upper bounds are those of SENSITIVE in libsodium (1 GiB). */
#define OPERATIONS_MIN 1u
#define OPERATIONS_MAX 8u
#define MEMORY_MIN_KIB (8u * 1024u)
#define MEMORY_MAX_KIB (1024u * 1024u)

MabeiKeys *
mabei_keys_new (void)
{
  MabeiKeys *keys = g_new0 (MabeiKeys, 1);

  keys->device = mabei_device_key_new ();
  keys->database_key = mabei_secret_new_random (KEY_BYTES);
  keys->inbox_seed = mabei_secret_new_random (KEY_BYTES);
  randombytes_buf (keys->person.bytes, sizeof keys->person.bytes);
  return keys;
}

void
mabei_keys_free (MabeiKeys *keys)
{
  if (keys == NULL)
    return;
  mabei_device_key_free (keys->device);
  mabei_secret_unref (keys->database_key);
  mabei_secret_unref (keys->inbox_seed);
  g_free (keys);
}

void
mabei_keys_inbox (MabeiKeys *keys, guint8 read_key[32], MabeiId *write_seed)
{
  g_autoptr (MabeiMailboxKeys) mailbox = mabei_mailbox_keys_new (keys->inbox_seed, 0);
  g_autoptr (MabeiSecret) seed =
      mabei_hash_secret (MABEI_LABEL_MAILBOX_WRITE, keys->inbox_seed, &MABEI_FIELD ("inbox", 5), 1);

  memcpy (read_key, mabei_mailbox_keys_read_key (mailbox), 32);
  memcpy (write_seed->bytes, mabei_secret_data (seed), sizeof write_seed->bytes);
}

static guint32
read_u32 (const guint8 *at)
{
  return (guint32) at[0] | (guint32) at[1] << 8 | (guint32) at[2] << 16 | (guint32) at[3] << 24;
}

static void
write_u32 (guint8 *at, guint32 value)
{
  for (guint i = 0; i < 4; i++)
    at[i] = (guint8) (value >> (8 * i));
}

/* The key under which the keys are sealed; slow by design. */
static MabeiSecret *
derive (const guint8 *header, MabeiSecret *passphrase, GError **error)
{
  g_autoptr (MabeiSecret) key = mabei_secret_new (crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

  if (crypto_pwhash (mabei_secret_data (key), mabei_secret_length (key), (const char *) mabei_secret_data (passphrase),
                     mabei_secret_length (passphrase), header + AT_SALT, read_u32 (header + AT_OPERATIONS),
                     (gsize) read_u32 (header + AT_MEMORY) * 1024u, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_FAILED, "not enough memory to unlock: %u MiB are needed",
                 read_u32 (header + AT_MEMORY) / 1024u);
    return NULL;
  }
  return g_steal_pointer (&key);
}

static void
checksum (const guint8 *file, guint8 out[CHECKSUM_BYTES])
{
  crypto_generichash (out, CHECKSUM_BYTES, file, HEADER_BYTES + SEALED_BYTES, NULL, 0);
}

static gboolean
encode (guint8 file[FILE_BYTES], MabeiKeys *keys, MabeiSecret *passphrase, MabeiKdf kdf, GError **error)
{
  g_autoptr (MabeiSecret) plain = mabei_secret_new (PLAIN_BYTES);
  g_autoptr (MabeiSecret) key = NULL;
  guint8 *at = mabei_secret_data (plain);
  gboolean moderate = kdf == MABEI_KDF_MODERATE;

  file[0] = KEY_FILE_FORMAT;
  memcpy (file + AT_MAGIC, KEY_FILE_MAGIC, MAGIC_BYTES);
  file[AT_KDF] = KDF_ARGON2ID13;
  write_u32 (file + AT_OPERATIONS,
             (guint32) (moderate ? crypto_pwhash_OPSLIMIT_MODERATE : crypto_pwhash_OPSLIMIT_INTERACTIVE));
  write_u32 (file + AT_MEMORY,
             (guint32) ((moderate ? crypto_pwhash_MEMLIMIT_MODERATE : crypto_pwhash_MEMLIMIT_INTERACTIVE) / 1024u));
  randombytes_buf (file + AT_SALT, crypto_pwhash_SALTBYTES);
  randombytes_buf (file + AT_NONCE, crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
  key = derive (file, passphrase, error);
  if (key == NULL)
    return FALSE;

  memcpy (at, mabei_secret_data (mabei_device_key_seed (keys->device)), SEED_BYTES);
  memcpy (at + SEED_BYTES, mabei_secret_data (keys->database_key), KEY_BYTES);
  memcpy (at + SEED_BYTES + KEY_BYTES, mabei_secret_data (keys->inbox_seed), KEY_BYTES);
  memcpy (at + SEED_BYTES + 2 * KEY_BYTES, keys->person.bytes, MABEI_SHORT_ID_BYTES);
  crypto_aead_xchacha20poly1305_ietf_encrypt (file + HEADER_BYTES, NULL, at, PLAIN_BYTES, file, HEADER_BYTES, NULL,
                                              file + AT_NONCE, mabei_secret_data (key));
  checksum (file, file + HEADER_BYTES + SEALED_BYTES);
  return TRUE;
}

/* New file, fsync, rename, fsync of the folder. */
static gboolean
replace_file (const char *path, const guint8 *data, gsize length, GError **error)
{
  g_autofree char *fresh = g_strconcat (path, ".new", NULL);
  gsize done = 0;
  int saved_errno = 0;
  int fd;

  if (unlink (fresh) < 0 && errno != ENOENT) {
    mabei_store_set_errno (error, errno, "cannot write", fresh);
    return FALSE;
  }
  fd = mabei_store_open_file (fresh, O_WRONLY | O_CREAT | O_EXCL, error);
  if (fd < 0)
    return FALSE;
  while (done < length && saved_errno == 0) {
    gssize n = write (fd, data + done, length - done);
    if (n > 0)
      done += (gsize) n;
    else if (n < 0 && errno != EINTR)
      saved_errno = errno;
  }
  if (saved_errno == 0 && fsync (fd) < 0)
    saved_errno = errno;
  if (close (fd) < 0 && saved_errno == 0)
    saved_errno = errno;
  if (saved_errno == 0 && rename (fresh, path) < 0)
    saved_errno = errno;
  if (saved_errno != 0) {
    unlink (fresh);
    mabei_store_set_errno (error, saved_errno, "cannot write", path);
    return FALSE;
  }
  return mabei_store_sync_parent (path, error);
}

gboolean
mabei_key_file_write (const char *path, MabeiKeys *keys, MabeiSecret *passphrase, MabeiKdf kdf, GError **error)
{
  struct stat status;
  guint8 file[FILE_BYTES];

  g_return_val_if_fail (path != NULL && keys != NULL && passphrase != NULL, FALSE);
  if (lstat (path, &status) == 0 && (!S_ISREG (status.st_mode) || status.st_uid != geteuid ())) {
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_READ_ONLY, "%s is not a key file of this user", path);
    return FALSE;
  }
  if (!encode (file, keys, passphrase, kdf, error))
    return FALSE;
  return replace_file (path, file, sizeof file, error);
}

/* Reads at most one byte more than a key file has, so that a longer one is seen. */
static gboolean
load (const char *path, guint8 file[FILE_BYTES + 1], gsize *length, GError **error)
{
  int fd = mabei_store_open_file (path, O_RDONLY, error);

  if (fd < 0)
    return FALSE;
  *length = 0;
  while (*length < FILE_BYTES + 1) {
    gssize n = read (fd, file + *length, FILE_BYTES + 1 - *length);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0) {
      mabei_store_set_errno (error, errno, "cannot read", path);
      close (fd);
      return FALSE;
    }
    if (n == 0)
      break;
    *length += (gsize) n;
  }
  close (fd);
  return TRUE;
}

static gboolean
check_form (const char *path, const guint8 *file, gsize length, GError **error)
{
  guint8 expected[CHECKSUM_BYTES];
  guint32 operations, memory_kib;

  if (length < AT_KDF || memcmp (file + AT_MAGIC, KEY_FILE_MAGIC, MAGIC_BYTES) != 0) {
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_FORMAT, "%s is not a key file of Mabei", path);
    return FALSE;
  }
  if (file[0] != KEY_FILE_FORMAT) {
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_FORMAT,
                 "%s was made by another version of Mabei: format %u; this one reads %u", path, file[0],
                 KEY_FILE_FORMAT);
    return FALSE;
  }
  if (length != FILE_BYTES) {
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_DAMAGED, "%s is damaged: it has another length", path);
    return FALSE;
  }
  checksum (file, expected);
  if (sodium_memcmp (expected, file + HEADER_BYTES + SEALED_BYTES, CHECKSUM_BYTES) != 0) {
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_DAMAGED, "%s is damaged: its checksum does not fit", path);
    return FALSE;
  }
  operations = read_u32 (file + AT_OPERATIONS);
  memory_kib = read_u32 (file + AT_MEMORY);
  if (file[AT_KDF] != KDF_ARGON2ID13 || operations < OPERATIONS_MIN || operations > OPERATIONS_MAX ||
      memory_kib < MEMORY_MIN_KIB || memory_kib > MEMORY_MAX_KIB) {
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_FORMAT,
                 "%s asks for a key derivation that this version does not do", path);
    return FALSE;
  }
  return TRUE;
}

static MabeiKeys *
decode (MabeiSecret *plain)
{
  MabeiKeys *keys = g_new0 (MabeiKeys, 1);
  const guint8 *at = mabei_secret_data (plain);
  g_autoptr (MabeiSecret) seed = mabei_secret_new_copy (at, SEED_BYTES);

  keys->device = mabei_device_key_new_from_seed (seed);
  keys->database_key = mabei_secret_new_copy (at + SEED_BYTES, KEY_BYTES);
  keys->inbox_seed = mabei_secret_new_copy (at + SEED_BYTES + KEY_BYTES, KEY_BYTES);
  memcpy (keys->person.bytes, at + SEED_BYTES + 2 * KEY_BYTES, MABEI_SHORT_ID_BYTES);
  return keys;
}

MabeiKeys *
mabei_key_file_read (const char *path, MabeiSecret *passphrase, GError **error)
{
  g_autoptr (MabeiSecret) plain = mabei_secret_new (PLAIN_BYTES);
  g_autoptr (MabeiSecret) key = NULL;
  guint8 file[FILE_BYTES + 1];
  gsize length = 0;

  g_return_val_if_fail (path != NULL && passphrase != NULL, NULL);
  if (!load (path, file, &length, error) || !check_form (path, file, length, error))
    return NULL;
  key = derive (file, passphrase, error);
  if (key == NULL)
    return NULL;
  if (crypto_aead_xchacha20poly1305_ietf_decrypt (mabei_secret_data (plain), NULL, NULL, file + HEADER_BYTES,
                                                  SEALED_BYTES, file, HEADER_BYTES, file + AT_NONCE,
                                                  mabei_secret_data (key)) != 0) {
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_WRONG_KEY, "the passphrase does not open %s", path);
    return NULL;
  }
  return decode (plain);
}
