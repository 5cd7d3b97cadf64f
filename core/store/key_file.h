/* The key file of a profile: the device's keys, the database key and the person, sealed under Argon2id of a passphrase
 * (vault.md 5.1). Written as new file + fsync + rename + fsync of the folder: after a power cut the old one or the new
 * one is there. Begins with a format byte; another format is refused in one line. Blocking (Argon2id takes about 0.1 to
 * 1 s): never on a window's thread.
 */
#pragma once

#include "core/crypto/device_key.h"

#define MABEI_STORE_ERROR (mabei_store_error_quark ())
GQuark mabei_store_error_quark (void);

typedef enum {
  MABEI_STORE_ERROR_BUSY,      /* another process holds the profile */
  MABEI_STORE_ERROR_WRONG_KEY, /* passphrase */
  MABEI_STORE_ERROR_DAMAGED,
  MABEI_STORE_ERROR_FORMAT, /* not a profile, or of another format */
  MABEI_STORE_ERROR_FULL,
  MABEI_STORE_ERROR_READ_ONLY, /* no right to write, or not ours */
  MABEI_STORE_ERROR_NOT_FOUND,
  MABEI_STORE_ERROR_EXISTS,
  MABEI_STORE_ERROR_FAILED, /* the system's message */
} MabeiStoreError;

typedef enum {
  MABEI_KDF_INTERACTIVE, /* 64 MiB, about 0.07 s */
  MABEI_KDF_MODERATE,    /* 256 MiB, about 0.5 s */
} MabeiKdf;

typedef struct {
  MabeiDeviceKey *device;
  MabeiSecret *database_key; /* 32 bytes */
  MabeiSecret *inbox_seed;   /* 32 bytes: the device's own reading key of its inbox */
  MabeiShortId person;
} MabeiKeys;

MabeiKeys *mabei_keys_new (void); /* everything drawn anew */
void mabei_keys_free (MabeiKeys *keys);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiKeys, mabei_keys_free)

/* The device's inbox as other members see it: the public key that proves the right to read it, and the seed that gives
 * the right to write there. */
void mabei_keys_inbox (MabeiKeys *keys, guint8 read_key[32], MabeiId *write_seed);

gboolean
mabei_key_file_write (const char *path, MabeiKeys *keys, MabeiSecret *passphrase, MabeiKdf kdf, GError **error);
MabeiKeys *mabei_key_file_read (const char *path, MabeiSecret *passphrase, GError **error);
