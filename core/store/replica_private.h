/* The inside of the replica, shared by replica*.c; not for other folders. What is in memory is a function of the
 * records of the log in their order: every function here that changes it has stored its record first.
 */
#pragma once

#include "core/store/profile.h"
#include "core/store/record.h"

/* A change that is in the log. */
typedef struct {
  MabeiId id;
  MabeiChange *change; /* the copy stored last */
  struct _MabeiSpaceState *state;
  gboolean is_sent; /* the hub has it */
} MabeiStored;

/* What a device told about a space. */
typedef struct {
  MabeiShortId device;
  GArray *heads; /* MabeiId, as told; some may not be here yet */
  guint64 since_ms;
  guint64 stored_ms; /* since_ms as it is on disk */
  guint n_counted;   /* complete changes when missing was counted */
  guint missing;
  gboolean is_counted;
} MabeiPeerHeads;

/* Beside a space: what only the store knows of it. */
typedef struct _MabeiSpaceState {
  MabeiSpace *space;
  GHashTable *unsent; /* set of MabeiStored */
  GHashTable *peers;  /* MabeiShortId -> MabeiPeerHeads */
} MabeiSpaceState;

/* An open burst and its edits, so that they can be journaled. */
typedef struct {
  MabeiDocument *document;
  GByteArray *edits; /* CBOR, [position, remove, insert] each */
  guint n_edits;
  guint64 first_ms; /* of the burst */
  guint64 last_ms;
  guint64 unjournaled_ms; /* when the first edit came that the journal does not hold */
  gboolean is_journaled;
} MabeiTyping;

struct _MabeiReplica {
  MabeiProfile *profile;
  MabeiDatabase *database;
  MabeiKeys *keys;
  char *name;
  MabeiCredential *credential;
  MabeiCaseListener listener;
  GPtrArray *cases;        /* MabeiCase, in order of arrival */
  GHashTable *cases_by_id; /* MabeiId of the case -> MabeiCase */
  GHashTable *states;      /* MabeiSpace -> MabeiSpaceState */
  GHashTable *stored;      /* MabeiId of the MabeiStored -> itself */
  GPtrArray *typing;       /* MabeiTyping */
  GData *data;             /* of whoever builds on the replica */
};

/* --- replica.c --- */
/* The space of a case, known to the store from here on. */
MabeiSpaceState *mabei_replica_state (MabeiReplica *replica, MabeiSpace *space);
void mabei_replica_add_case (MabeiReplica *replica, MabeiCase *c);
/* A small value of the store itself, as part of the open transaction. */
GBytes *mabei_replica_own_item (MabeiReplica *replica, const char *name, GError **error);

/* --- replica_load.c --- */
gboolean mabei_replica_load (MabeiReplica *replica, GError **error);

/* --- replica_commit.c --- */
gboolean mabei_replica_append_change (
    MabeiReplica *replica, MabeiSpace *space, MabeiChange *change, MabeiSource source, GError **error);
gboolean mabei_replica_append_space (MabeiReplica *replica, MabeiSpace *space, GError **error);
/* Folds a change of this device that was just committed; takes the record away again if it does not fold. */
gboolean mabei_replica_fold_own (MabeiReplica *replica, MabeiSpace *space, MabeiChange *change, GError **error);
/* Takes the records after @row out of the log again. If that fails they stay, and are passed over at the next start. */
gboolean mabei_replica_take_back (MabeiReplica *replica, gint64 row, GError **error);
/* More heads than a change can cite are joined by merges first (soundness rule 5), also those of the control space. */
gboolean mabei_replica_join_heads (MabeiReplica *replica, MabeiSpace *space, guint64 now_ms, GError **error);
/* Stores and folds one change of this device. */
gboolean mabei_replica_keep_own (MabeiReplica *replica, MabeiSpace *space, MabeiChange *change, GError **error);

/* --- replica_outbox.c --- */
/* The change is in the log: remembers whether it still has to go to the hub. */
void mabei_replica_note (MabeiReplica *replica, MabeiSpace *space, MabeiChange *change, MabeiSource source);
void mabei_replica_forget (MabeiReplica *replica, const MabeiId *change);
void mabei_replica_note_receipt (MabeiReplica *replica, const MabeiId *change);
void mabei_replica_note_reset (MabeiReplica *replica);
void mabei_stored_free (MabeiStored *stored);

/* --- replica_peers.c --- */
void mabei_peer_heads_free (MabeiPeerHeads *peer);

/* --- replica_typing.c --- */
void mabei_typing_free (MabeiTyping *typing);
/* Seals the open bursts of @space (NULL: of all). */
gboolean mabei_replica_seal_space (MabeiReplica *replica, MabeiSpace *space, GError **error);
gboolean mabei_replica_seal_case (MabeiReplica *replica, MabeiCase *c, GError **error);
gboolean mabei_replica_apply_edit (MabeiReplica *replica,
                                   MabeiDocument *document,
                                   guint position,
                                   guint remove,
                                   const char *insert,
                                   guint64 now_ms,
                                   GError **error);

/* --- replica_journal.c --- */
/* As part of the open transaction: the journal as it is when @without is sealed. */
gboolean mabei_replica_set_journal (MabeiReplica *replica, const MabeiTyping *without, GError **error);
gboolean mabei_replica_write_journal (MabeiReplica *replica, GError **error);
/* Applies what the journal holds from before a crash, and seals it. */
gboolean mabei_replica_load_journal (MabeiReplica *replica, GError **error);

/* --- replica_seeds.c --- */
/* As part of the open transaction. */
gboolean mabei_replica_keep_seed (
    MabeiReplica *replica, MabeiCase *c, MabeiSecret *seed, guint64 expires_ms, guint64 now_ms, GError **error);
/* Those of used invitations. */
void mabei_replica_drop_seeds (MabeiReplica *replica, MabeiCase *c);
