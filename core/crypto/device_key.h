/* A device: one Ed25519 key (signs) and one X25519 key (opens wraps), both made on the device and never exported
 * (trust.md 3.5). device id = first 16 bytes of H ("device"; sign_key, box_key). Public halves are plain values. Only
 * libsodium's verifier is used anywhere (trust.md 0.3). Pure functions but for key generation, which draws randomness.
 */
#pragma once

#include "core/crypto/hash.h"

#define MABEI_SIGNATURE_BYTES 64u

typedef struct {
  guint8 sign_key[32]; /* Ed25519 */
  guint8 box_key[32];  /* X25519 */
} MabeiDevicePublic;

typedef struct _MabeiDeviceKey MabeiDeviceKey;

MabeiDeviceKey *mabei_device_key_new (void);
/* From the 64 bytes of mabei_device_key_seed: Ed25519 seed, X25519 secret. NULL unless the length is 64. */
MabeiDeviceKey *mabei_device_key_new_from_seed (MabeiSecret *seed);
/* (transfer none) */
MabeiSecret *mabei_device_key_seed (MabeiDeviceKey *key);
void mabei_device_key_free (MabeiDeviceKey *key);
const MabeiDevicePublic *mabei_device_key_public (const MabeiDeviceKey *key);
const MabeiShortId *mabei_device_key_id (const MabeiDeviceKey *key);
MabeiSecret *mabei_device_key_box_secret (MabeiDeviceKey *key); /* 32 bytes, (transfer none) */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiDeviceKey, mabei_device_key_free)

void mabei_device_id (const MabeiDevicePublic *device, MabeiShortId *id);

/* Ed25519 over H (label; data). */
void mabei_device_sign (
    MabeiDeviceKey *key, const char *label, gconstpointer data, gsize length, guint8 signature[MABEI_SIGNATURE_BYTES]);
gboolean mabei_device_verify (const guint8 sign_key[32],
                              const char *label,
                              gconstpointer data,
                              gsize length,
                              const guint8 signature[MABEI_SIGNATURE_BYTES]);

/* One message to one device that need not answer: X25519 ephemeral-static and static-static, secretbox, bound to @label
 * and both devices (the sender is authenticated to the receiver); 48 bytes longer than @data. NULL when @to has a
 * low-order key. (transfer full) */
GBytes *mabei_device_seal (
    MabeiDeviceKey *from, const MabeiDevicePublic *to, const char *label, gconstpointer data, gsize length);
/* NULL when it is not from @from, not for @to, or changed. */
GBytes *mabei_device_open (
    MabeiDeviceKey *to, const MabeiDevicePublic *from, const char *label, gconstpointer data, gsize length);
