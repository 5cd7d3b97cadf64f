/* Epoch secrets of a space and their wraps (trust.md 4.1). The epoch id commits to the secret: H ("epoch-commit";
 * secret, case, space). A wrap is bound to case, space, author and epoch; opening checks the commitment. Also the keys
 * that follow from an epoch: operation key, envelope key, mailbox keys (soundness rules 7, 8). Pure but for randomness;
 * secrets in MabeiSecret.
 */
#pragma once

#include "core/crypto/device_key.h"

#define MABEI_WRAP_BYTES 48u

typedef struct {
  MabeiId case_id;
  MabeiShortId space;
} MabeiSpaceRef;

typedef enum {
  MABEI_WRAP_OK,
  MABEI_WRAP_NOT_OPENED,   /* not for this device, other author, other case or space, or changed */
  MABEI_WRAP_OTHER_SECRET, /* opened, but the epoch id does not commit to it: its author is faulty */
  MABEI_WRAP_BAD_KEY,      /* low-order public key */
} MabeiWrapResult;

/* H ("epoch-commit"; secret, case, space). @secret: 32 bytes. */
void mabei_epoch_id (MabeiSecret *secret, const MabeiSpaceRef *space, MabeiId *epoch_id);

/* One ephemeral key serves all wraps of an EPOCH record. */
void mabei_epoch_ephemeral (MabeiSecret **secret, guint8 public_key[32]);
MabeiWrapResult mabei_epoch_wrap (MabeiSecret *epoch_secret,
                                  const MabeiId *epoch_id,
                                  const MabeiSpaceRef *space,
                                  MabeiDeviceKey *author,
                                  MabeiSecret *ephemeral_secret,
                                  const guint8 ephemeral_key[32],
                                  const guint8 recipient_box_key[32],
                                  guint8 wrap[MABEI_WRAP_BYTES]);
/* @secret is set on MABEI_WRAP_OK only. (transfer full) */
MabeiWrapResult mabei_epoch_unwrap (const guint8 wrap[MABEI_WRAP_BYTES],
                                    const MabeiId *epoch_id,
                                    const MabeiSpaceRef *space,
                                    MabeiDeviceKey *recipient,
                                    const guint8 ephemeral_key[32],
                                    const guint8 author_box_key[32],
                                    MabeiSecret **secret);

/* H ("op-key"; secret, device, epoch id). (transfer full) */
MabeiSecret *mabei_epoch_operation_key (MabeiSecret *epoch_secret, const MabeiShortId *device, const MabeiId *epoch_id);

/* A mailbox: where sealed envelopes of one space lie. Its id is the first 16 bytes of H ("mailbox"; read key, write
 * key). */
typedef struct _MabeiMailboxKeys MabeiMailboxKeys;
/* From an epoch secret (or an invitation's seed) and a period number (0 until periods change with sync in depth).
 * (transfer full) */
MabeiMailboxKeys *mabei_mailbox_keys_new (MabeiSecret *secret, guint32 period);
void mabei_mailbox_keys_free (MabeiMailboxKeys *keys);
const MabeiShortId *mabei_mailbox_keys_id (const MabeiMailboxKeys *keys);
const guint8 *mabei_mailbox_keys_read_key (const MabeiMailboxKeys *keys);  /* 32 bytes, Ed25519 public */
const guint8 *mabei_mailbox_keys_write_key (const MabeiMailboxKeys *keys); /* 32 bytes, Ed25519 public */
void mabei_mailbox_keys_sign_read (MabeiMailboxKeys *keys,
                                   const char *label,
                                   gconstpointer data,
                                   gsize length,
                                   guint8 signature[MABEI_SIGNATURE_BYTES]);
void mabei_mailbox_keys_sign_write (MabeiMailboxKeys *keys,
                                    const char *label,
                                    gconstpointer data,
                                    gsize length,
                                    guint8 signature[MABEI_SIGNATURE_BYTES]);
void mabei_mailbox_id (const guint8 read_key[32], const guint8 write_key[32], MabeiShortId *id);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiMailboxKeys, mabei_mailbox_keys_free)

#define MABEI_ENVELOPE_OVERHEAD_BYTES 40u /* nonce and tag: a sealed envelope is its class and this */

/* An envelope: @data padded (sodium_pad) to a size class and sealed with XChaCha20-Poly1305 under H ("env"; secret,
 * period), bound to the mailbox. Size classes in bytes: 256, 512, 1024, ... doubling to 65536, then 131072; a class
 * holds a byte less than its size. Nothing about the content shows but the class. NULL when @data is longer than
 * 131071 bytes. (transfer full) */
GBytes *mabei_envelope_seal (
    MabeiSecret *secret, guint32 period, const MabeiShortId *mailbox, gconstpointer data, gsize length);
/* NULL when it does not open. (transfer full) */
GBytes *mabei_envelope_open (
    MabeiSecret *secret, guint32 period, const MabeiShortId *mailbox, gconstpointer data, gsize length);
/* TRUE when a sealed envelope of that many bytes is one of the classes: all that a hub can check. */
gboolean mabei_envelope_size_is_valid (gsize sealed_length);
