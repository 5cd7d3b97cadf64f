/* The one hash: H (label; field, field, ...) = BLAKE2b-256 (libsodium crypto_generichash), keyed by the label
 * zero-padded to 16 bytes; every field is preceded by its length as u32 little-endian, so that no two lists of fields
 * collide (trust.md 4.1). Labels are listed here and nowhere else: each key, hash and signature has its own. Pure
 * functions.
 */
#pragma once

#include "core/base/ids.h"
#include "core/base/secret.h"

#define MABEI_SUITE 1u /* BLAKE2b-256, XChaCha20-Poly1305, Ed25519, X25519, Argon2id */

#define MABEI_LABEL_DEVICE "device"
#define MABEI_LABEL_CHANGE "change-id"
#define MABEI_LABEL_CHANGE_SIGNATURE "change-sig"
#define MABEI_LABEL_CASE "case-id"
#define MABEI_LABEL_CREDENTIAL "credential"
#define MABEI_LABEL_EPOCH "epoch-commit"
#define MABEI_LABEL_WRAP "wrap-key"
#define MABEI_LABEL_OPERATION_KEY "op-key"
#define MABEI_LABEL_ENVELOPE "env"
#define MABEI_LABEL_MAILBOX "mailbox"
#define MABEI_LABEL_MAILBOX_READ "mbox-read"
#define MABEI_LABEL_MAILBOX_WRITE "mbox-write"
#define MABEI_LABEL_OBJECT "object"
#define MABEI_LABEL_STATE "state"
#define MABEI_LABEL_HEAD "head"
#define MABEI_LABEL_SAS_COMMIT "sas-commit"
#define MABEI_LABEL_SAS "sas"
#define MABEI_LABEL_INVITE "invite"
#define MABEI_LABEL_KNOCK "knock"
#define MABEI_LABEL_WELCOME "welcome"
#define MABEI_LABEL_HUB_AUTH "hub-auth"
#define MABEI_LABEL_HUB_ENVELOPE "hub-envelope"
#define MABEI_LABEL_BUNDLE "bundle"
#define MABEI_LABEL_LIVE "live"
#define MABEI_LABEL_ROW "row"

typedef struct {
  gconstpointer data;
  gsize length;
} MabeiField;

#define MABEI_FIELD(pointer, size) ((MabeiField){(pointer), (size)})

/* H (label; fields) to @out. @label: 1 to 16 ASCII characters. */
void mabei_hash_fields (const char *label, const MabeiField *fields, gsize n_fields, MabeiId *out);
/* Shorthand: mabei_hash (label, &out, data, size, data, size, ..., NULL), sizes as gsize. */
void mabei_hash (const char *label, MabeiId *out, ...) G_GNUC_NULL_TERMINATED;
/* H (label; secret, fields) into a new secret of 32 bytes. (transfer full) */
MabeiSecret *mabei_hash_secret (const char *label, MabeiSecret *secret, const MabeiField *fields, gsize n_fields);
