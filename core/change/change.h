/* The change: the signed unit of the record (core.md 2, soundness rules 0-5; the bytes are in core/change/FORMAT.md).
 * Immutable and reference-counted. Encoded: CBOR array [header bytes, payload bytes, signature bytes]; the header is
 * the associated data of the payload; id = H ("change-id"; header, payload); the device signs the id: encrypt, then
 * sign, so that those who cannot read can still check. Genesis and EPOCH records are signed, not sealed. Sealed
 * payloads are padded to size classes. Parsing is total: foreign bytes give a GError, never an assert; not canonical is
 * refused. No threads, no clock.
 */
#pragma once

#include "core/crypto/epoch.h"

#define MABEI_CHANGE_ERROR (mabei_change_error_quark ())
GQuark mabei_change_error_quark (void);

typedef enum {
  MABEI_CHANGE_ERROR_FORMAT,      /* truncated, not canonical, trailing bytes */
  MABEI_CHANGE_ERROR_TOO_LARGE,   /* a limit of limits.h */
  MABEI_CHANGE_ERROR_UNSUPPORTED, /* another suite or kind */
  MABEI_CHANGE_ERROR_NOT_OPENED,  /* other key, other header, or changed */
} MabeiChangeError;

typedef enum {
  MABEI_KIND_GENESIS =
      0, /* first change of the control space; signed, not sealed; case id and epoch id are zero in its header */
  MABEI_KIND_EPOCH = 1,   /* an epoch of this space: signed, not sealed; opens by its wraps only */
  MABEI_KIND_CONTROL = 2, /* membership: sealed, in the control space */
  MABEI_KIND_CONTENT = 3, /* operations: sealed */
  MABEI_KIND_MERGE = 4,   /* no operations; joins heads (rule 5): sealed */
} MabeiKind;

/* Everything the associated data binds. Arrays are sorted by bytes, without duplicates. */
typedef struct {
  MabeiId case_id; /* id of the genesis; zero in the genesis */
  MabeiShortId space;
  MabeiShortId device; /* author */
  guint64 seq;         /* 0 for the first change of this device in this space */
  MabeiId prev;        /* the author's change before this one in this space; zero when seq is 0 */
  guint n_deps;
  MabeiId deps[16]; /* heads of other chains of this space that the author saw */
  guint n_control;
  MabeiId control[16]; /* heads of the control space that the author saw; empty in the control space */
  MabeiId epoch_id;    /* zero for genesis and EPOCH */
  guint64 lamport;     /* 1 + the maximum over prev and deps, exactly; 1 for the first */
  MabeiKind kind;
  guint8 nonce[24]; /* zero for genesis and EPOCH */
} MabeiHeader;

typedef struct _MabeiChange MabeiChange;

/* Seals (or, for genesis and EPOCH, leaves in clear) @body and signs. Draws a nonce when the kind is sealed.
 * @header: nonce is ignored. @operation_key: 32 bytes, NULL for genesis and EPOCH. TOO_LARGE when the result passes the
 * limit. */
MabeiChange *mabei_change_seal (const MabeiHeader *header,
                                MabeiDeviceKey *author,
                                MabeiSecret *operation_key,
                                gconstpointer body,
                                gsize length,
                                GError **error);

/* Structure only: whether it is genuine is mabei_change_verify's to say. Keeps a reference to @encoded. */
MabeiChange *mabei_change_parse (GBytes *encoded, GError **error);

MabeiChange *mabei_change_ref (MabeiChange *change);
void mabei_change_unref (MabeiChange *change);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiChange, mabei_change_unref)

const MabeiId *mabei_change_id (const MabeiChange *change);
const MabeiHeader *mabei_change_header (const MabeiChange *change);
GBytes *mabei_change_encoded (MabeiChange *change); /* (transfer none) */
gboolean mabei_change_is_sealed (const MabeiChange *change);

/* Ed25519 by the author over the id. */
gboolean mabei_change_verify (const MabeiChange *change, const guint8 sign_key[32]);

/* The body, unpadded; for a change that is not sealed @operation_key is NULL. (transfer full) */
GBytes *mabei_change_open (const MabeiChange *change, MabeiSecret *operation_key, GError **error);

/* --- the body of control and content changes: {0: wall clock of the author, milliseconds since 1970, a claim; 1:
 * [operations]} --- */
/* @operations: each one encoded CBOR item. (transfer full) */
GBytes *mabei_body_encode (guint64 claimed_ms, GPtrArray *operations /* GBytes */);
/* @operations: borrowed slices of @body as GBytes, each a checked canonical item. */
gboolean mabei_body_decode (GBytes *body, guint64 *claimed_ms, GPtrArray **operations, GError **error);
