/* A profile opened: one person's device with all its cases. Owns the key file, the database, the lock and the cases in
 * memory; turns intents into stored changes and foreign changes into stored, folded ones. Order everywhere: store
 * durably, then fold, then tell, then send. A profile folder (0700): "key", "replica.db", "lock". One process at a
 * time. One thread. Time comes in as @now_ms (wall clock, milliseconds since 1970: a claim, never trusted). Full disk,
 * read-only disk: the error, nothing changed, the case still usable for reading.
 */
#pragma once

#include "core/case/content.h"
#include "core/store/database.h"

typedef struct _MabeiReplica MabeiReplica;

gboolean
mabei_replica_create (const char *folder, const char *name, MabeiSecret *passphrase, MabeiKdf kdf, GError **error);
MabeiReplica *mabei_replica_open (const char *folder, MabeiSecret *passphrase, GError **error);
void mabei_replica_close (MabeiReplica *replica); /* seals open bursts first; NULL is accepted */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiReplica, mabei_replica_close)

const char *mabei_replica_name (MabeiReplica *replica);
MabeiKeys *mabei_replica_keys (MabeiReplica *replica); /* (transfer none) */
gboolean mabei_replica_set_passphrase (
    MabeiReplica *replica, MabeiSecret *old_one, MabeiSecret *new_one, MabeiKdf kdf, GError **error);
gboolean
mabei_replica_import_credential (MabeiReplica *replica, GBytes *encoded, GError **error); /* must name this device */
MabeiCredential *mabei_replica_credential (MabeiReplica *replica);                        /* (transfer none), or NULL */

/* Notices and patches of all cases. */
void mabei_replica_set_listener (MabeiReplica *replica, const MabeiCaseListener *listener);

GPtrArray *mabei_replica_cases (MabeiReplica *replica);                   /* (transfer none) MabeiCase, newest last */
MabeiCase *mabei_replica_case (MabeiReplica *replica, const MabeiId *id); /* or NULL */

/* Genesis, epochs of the control space, the joint space and its epoch, the title: one transaction. Needs a credential
 * with the right. */
MabeiCase *mabei_replica_case_new (MabeiReplica *replica, const char *title, guint64 now_ms, GError **error);

/* Seals, stores and folds @operations as one change (several when they pass the limits). NOT_ALLOWED before anything is
 * made when this device may not. Open bursts of the case are sealed first; too many heads are merged first. *@change
 * (transfer full), the first one made, may be NULL. */
gboolean mabei_replica_commit (MabeiReplica *replica,
                               MabeiSpace *space,
                               MabeiKind kind,
                               GPtrArray *operations,
                               guint64 now_ms,
                               MabeiChange **change,
                               GError **error);

/* --- typing --- */
/* Shown at once, journaled at most MABEI_LIMIT_JOURNAL_MS later, sealed at most MABEI_LIMIT_BURST_MS later: by
 * mabei_replica_tick. */
gboolean mabei_replica_edit (MabeiReplica *replica,
                             MabeiDocument *document,
                             guint position,
                             guint remove,
                             const char *insert,
                             guint64 now_ms,
                             GError **error);
gboolean mabei_replica_undo (MabeiReplica *replica, MabeiDocument *document, guint64 now_ms, GError **error);
/* Does what is due; *@next_ms = when to call again, 0 when nothing is open; set after a failure, too (a second later:
 * what could not be kept is still there and is tried again). Call after edits and when that time has come. */
gboolean mabei_replica_tick (MabeiReplica *replica, guint64 now_ms, guint64 *next_ms, GError **error);
/* Seals every open burst now: before anything procedural, before sending, before closing. */
gboolean mabei_replica_flush (MabeiReplica *replica, guint64 now_ms, GError **error);

/* --- foreign changes --- */
/* Where a change came from decides whether it still has to go to the hub. */
typedef enum { MABEI_SOURCE_OWN, MABEI_SOURCE_HUB, MABEI_SOURCE_PEER } MabeiSource;
/* Parses, checks, stores, folds. One of MabeiReceived, or -1 with @error and nothing changed. Bursts of that space are
 * sealed first. Idempotent. */
int mabei_replica_receive (
    MabeiReplica *replica, MabeiSpace *space, GBytes *encoded, MabeiSource source, guint64 now_ms, GError **error);
/* Several in one transaction: for bundles and bulk. Stops at the first that fails to store; counts what was new. Bad
 * ones are counted in *@refused and skipped. */
gboolean mabei_replica_receive_many (MabeiReplica *replica,
                                     MabeiSpace *space,
                                     GPtrArray *encoded,
                                     MabeiSource source,
                                     guint64 now_ms,
                                     guint *n_new,
                                     guint *n_refused,
                                     GError **error);

/* --- admission (the messages are sync/invite's) --- */
/* INVITE in the control space; the seed (32 bytes; the invitation's key is crypto_sign_seed_keypair of it) goes into
 * the link and is kept until the invitation is used or expired (@expires_ms 0: never). (transfer full) */
MabeiSecret *mabei_replica_invite (MabeiReplica *replica,
                                   MabeiCase *c,
                                   MabeiRole role,
                                   const char *name,
                                   guint64 expires_ms,
                                   guint64 now_ms,
                                   GError **error);
/* Seeds of invitations of this case that are still open, made on this device. (transfer full) MabeiSecret */
GPtrArray *mabei_replica_invite_seeds (MabeiReplica *replica, MabeiCase *c);
/* ADMIT, a caucus for the newcomer's side when a party, and the sealed WELCOME: genesis, keyrings of control, joint and
 * the newcomer's own caucus, in one constant size. @member: keys, person, name, inbox from the knock, role from the
 * invitation. CONFLICT: used, or the device or person is a member already; NOT_ALLOWED: expired, or this device may not
 * admit. The same device on the same invitation again gets the WELCOME once more. (transfer full) */
GBytes *mabei_replica_admit (MabeiReplica *replica,
                             MabeiCase *c,
                             const guint8 invite_key[32],
                             const MabeiMember *member,
                             guint64 now_ms,
                             GError **error);
/* The other side: opens a WELCOME from @admitter, checks that the genesis hashes to a case id that begins with
 * @case_prefix (16 bytes, from the link) and that the admitter is staff in it; the case is then here, its changes
 * arrive by sync. Idempotent. */
MabeiCase *mabei_replica_accept_welcome (MabeiReplica *replica,
                                         const MabeiDevicePublic *admitter,
                                         const guint8 case_prefix[16],
                                         GBytes *welcome,
                                         guint64 now_ms,
                                         GError **error);

/* --- what sync asks --- */
/* Changes with no receipt of the hub yet, parents first. (transfer container) MabeiChange */
GPtrArray *mabei_replica_outbox (MabeiReplica *replica, MabeiSpace *space);
gboolean mabei_replica_set_receipt (MabeiReplica *replica, MabeiSpace *space, const MabeiId *change, GError **error);
/* A hub that forgot (its store epoch changed): everything goes to the outbox again. */
gboolean mabei_replica_reset_receipts (MabeiReplica *replica, GError **error);
gboolean mabei_replica_has_receipt (MabeiReplica *replica, const MabeiId *change);
/* What another member's device told that it has: heads of a space (ids that are not here are ignored). Kept across
 * restarts. */
gboolean mabei_replica_set_peer_heads (MabeiReplica *replica,
                                       MabeiSpace *space,
                                       const MabeiShortId *device,
                                       const MabeiId *heads,
                                       guint n_heads,
                                       guint64 now_ms,
                                       GError **error);
/* How many complete changes of @space that device has not confirmed; *@since_ms: when it last told. */
guint
mabei_replica_peer_missing (MabeiReplica *replica, MabeiSpace *space, const MabeiShortId *device, guint64 *since_ms);
GArray *mabei_replica_peer_heads (MabeiReplica *replica,
                                  MabeiSpace *space,
                                  const MabeiShortId *device); /* (transfer full) MabeiId */
/* Small named values of sync (cursors, the hub's address, a knock under way), sealed like everything else. @value NULL
 * deletes. */
gboolean mabei_replica_set_item (MabeiReplica *replica, const char *name, GBytes *value, GError **error);
GBytes *mabei_replica_item (MabeiReplica *replica, const char *name);

/* Something that is computed from the replica and lives as long as it: whoever builds read models keeps it here.
 * @destroy is called when it is replaced and when the replica is closed. */
void mabei_replica_set_data (MabeiReplica *replica, const char *key, gpointer data, GDestroyNotify destroy);
gpointer mabei_replica_data (MabeiReplica *replica, const char *key);

/* Recomputes every case and compares; reads every row. */
gboolean mabei_replica_check (MabeiReplica *replica, GError **error);
