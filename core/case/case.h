/* A case as this device knows it: the spaces that it can read, folded into fields, documents, messages and members.
 * state = fold (set of changes): whatever the order of arrival (core.md 1). Changes come in one by one through
 * mabei_case_receive; what is not complete, not readable or not allowed is kept and listed with its reason, and has no
 * effect. Knows keys and meaning; knows no disk, no network, no clock. One thread. The store owns cases; sync and view
 * read them.
 */
#pragma once

#include "core/authority/control_operation.h"
#include "core/change/epoch_record.h"
#include "core/crdt/register.h"
#include "core/crdt/text.h"

#define MABEI_CASE_ERROR (mabei_case_error_quark ())
GQuark mabei_case_error_quark (void);

typedef enum {
  MABEI_CASE_ERROR_FORMAT,
  MABEI_CASE_ERROR_NOT_FOUND,
  MABEI_CASE_ERROR_NOT_ALLOWED,
  MABEI_CASE_ERROR_NOT_FOR_YOU, /* a space that this device cannot read */
  MABEI_CASE_ERROR_TOO_LARGE,
  MABEI_CASE_ERROR_UNVERIFIED,
  MABEI_CASE_ERROR_CONFLICT,
} MabeiCaseError;

typedef enum {
  MABEI_RECEIVED_NEW,         /* complete, genuine, in effect */
  MABEI_RECEIVED_WAITING,     /* kept until what it cites, or its key, arrives */
  MABEI_RECEIVED_QUARANTINED, /* genuine, kept, without effect: its author may not do this */
  MABEI_RECEIVED_DUPLICATE,
} MabeiReceived;

typedef struct _MabeiCase MabeiCase;
typedef struct _MabeiSpace MabeiSpace;       /* one readable space; owned by its case */
typedef struct _MabeiDocument MabeiDocument; /* owned by its space */

/* What changed, for screens: told after the state is whole again, never in the middle of a fold. */
typedef enum {
  MABEI_NOTICE_MEMBERS,
  MABEI_NOTICE_FIELDS,
  MABEI_NOTICE_DOCUMENTS,
  MABEI_NOTICE_TEXT,
  MABEI_NOTICE_MESSAGES,
  MABEI_NOTICE_SPACES,
} MabeiNotice;

typedef struct {
  void (*notice) (MabeiCase *c, MabeiSpace *space, MabeiNotice notice, gpointer user_data);
  /* A remote edit of an open document, in order: at @position (Unicode scalars) @removed characters give way to
   * @inserted (UTF-8). */
  void (*patch) (MabeiDocument *document, guint position, guint removed, const char *inserted, gpointer user_data);
  gpointer user_data;
} MabeiCaseListener;

/* @genesis must verify against the credential inside. @device is borrowed for the life of the case. */
MabeiCase *mabei_case_new (MabeiChange *genesis, MabeiDeviceKey *device, GError **error);
void mabei_case_free (MabeiCase *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiCase, mabei_case_free)
void mabei_case_set_listener (MabeiCase *c, const MabeiCaseListener *listener);

const MabeiId *mabei_case_id (MabeiCase *c);
MabeiAuthority *mabei_case_authority (MabeiCase *c);
const MabeiMember *mabei_case_self (MabeiCase *c); /* or NULL while this device is not admitted */

/* --- spaces and keys --- */
/* Makes a space known (from a keyring or at its creation). @other: the party's person id of a caucus, else zero.
 * Idempotent; NULL when it is known as one of another kind, or with MABEI_LIMIT_SPACES. */
MabeiSpace *mabei_case_add_space (MabeiCase *c, const MabeiShortId *id, MabeiSpaceKind kind, const MabeiShortId *other);
MabeiSpace *mabei_case_space (MabeiCase *c, const MabeiShortId *id); /* or NULL */
GPtrArray *mabei_case_spaces (MabeiCase *c);                         /* (transfer none) MabeiSpace, control first */
MabeiSpace *mabei_case_space_of_kind (MabeiCase *c,
                                      MabeiSpaceKind kind,
                                      const MabeiShortId *person); /* person only for a caucus; or NULL */
/* A secret from a keyring; checked against the epoch id. What waited for it is folded now. */
gboolean mabei_space_add_epoch (MabeiSpace *space, const MabeiId *epoch_id, MabeiSecret *secret, GError **error);

const MabeiShortId *mabei_space_id (MabeiSpace *space);
MabeiSpaceKind mabei_space_kind (MabeiSpace *space);
const MabeiShortId *mabei_space_other (MabeiSpace *space); /* person of the caucus' side; zero else */
MabeiCase *mabei_space_case (MabeiSpace *space);
MabeiGraph *mabei_space_graph (MabeiSpace *space);
/* Devices with a wrap in the writing epoch, and in the control and joint space every member. (transfer container)
 * MabeiMember: until the next change of the control space. */
GPtrArray *mabei_space_members (MabeiSpace *space);
/* The writing epoch (soundness rule 13): of those that this device holds and whose recipients are all members, the one
 * with most recipients, then the highest generation, then the smallest id. FALSE when there is none.
 * (secret: transfer none, may be NULL) */
gboolean mabei_space_writing_epoch (MabeiSpace *space, MabeiId *epoch_id, MabeiSecret **secret);
/* All epochs that this device holds: epoch ids (MabeiId) and secrets (MabeiSecret), same order. (transfer container) */
void mabei_space_epochs (MabeiSpace *space, GArray **ids, GPtrArray **secrets);

/* --- changes --- */
/* Checks everything and folds. On MABEI_RECEIVED_... the change is kept by the case and must be stored by the caller;
 * on an error (-1 returned) it is not genuine (UNVERIFIED, FORMAT), not for this case (NOT_FOUND) or device
 * (NOT_FOR_YOU), or one too many of those that wait (TOO_LARGE), and nothing changed. What its author may not do is
 * judged by its causal past alone. Pointers to members end when a change of the control space comes in. */
int mabei_case_receive (MabeiCase *c, MabeiChange *change, GError **error);
/* Builds the next change of this device in @space: deps, control heads, Lamport and epoch as the rules ask; NULL
 * operations and kind MABEI_KIND_MERGE join heads. Not received yet: the caller stores it first, then calls
 * mabei_case_receive. NOT_ALLOWED; NOT_FOUND without a key to write with; CONFLICT when there are more heads than one
 * change can cite: author merges (in the control space, when it is that one's) until it is gone; TOO_LARGE. */
MabeiChange *mabei_case_author (
    MabeiCase *c, MabeiSpace *space, MabeiKind kind, GPtrArray *operations, guint64 now_ms, GError **error);
/* An EPOCH change for @recipients, with the new secret (transfer full). In the control and joint space they are all
 * members; in a caucus a mediator chooses them with the first one, and they stay. Receiving it gives this case the
 * secret. */
MabeiChange *mabei_case_author_epoch (
    MabeiCase *c, MabeiSpace *space, GPtrArray *recipients /* MabeiMember */, MabeiSecret **secret, GError **error);

/* Changes without effect and why: "waiting", "quarantined". */
typedef struct {
  MabeiId change;
  MabeiShortId space;
  const char *status;
  const char *reason;
} MabeiAuditEntry;
GArray *mabei_case_audit (MabeiCase *c); /* (transfer full) MabeiAuditEntry */

/* Over complete changes in effect; the same on every replica that has the same changes, space by space. */
void mabei_space_state_hash (MabeiSpace *space, MabeiId *hash);
void mabei_case_state_hash (MabeiCase *c, MabeiId *hash);
/* Folds everything again from the changes alone and compares: fsck. */
gboolean mabei_case_check (MabeiCase *c, GError **error);
