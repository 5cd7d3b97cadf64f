/* One space from the inside. The way of a change: receive.c lets it into the graph or keeps it waiting; what is
 * complete lies in MabeiSpace.ready until fold.c judges it and, when nothing speaks against it, lets epoch.c, field.c,
 * document.c, message.c and the authority act. Everything below "fold" is a function of the set of complete changes and
 * can be thrown away and made again. Not for other folders.
 */
#pragma once

#include "core/case/operation.h"

/* Waiting changes of one space. */
#define MABEI_CASE_WAITING_MAX 4096u

typedef struct _MabeiWaiting MabeiWaiting;
struct _MabeiWaiting {
  MabeiChange *change;
  gboolean is_proven;   /* its signature was checked */
  gboolean is_in_graph; /* all but its parents is here */
  const char *reason;
  MabeiWaiting *next; /* another copy of the same id, none of them proven: one may be a forgery */
};

typedef struct {
  MabeiId id;
  MabeiSecret *secret;
} MabeiHeldEpoch;

/* An EPOCH change that stands in the space. */
typedef struct _MabeiEpochEntry MabeiEpochEntry;
struct _MabeiEpochEntry {
  MabeiChange *change;
  MabeiEpochRecord *record;
  gboolean is_unreadable; /* the wrap for this device does not open */
  gboolean is_void;       /* its author lost his place: not for writing, but others wrote with it in good faith */
  MabeiEpochEntry *next;  /* another one of the same epoch id, later in the order of the fold */
};

/* Who set a value, beside what the register knows of it. */
typedef struct {
  MabeiRegisterId id;
  MabeiShortId device;
  guint64 claimed_ms;
} MabeiFieldSet;

typedef struct {
  MabeiRegister *values;
  GHashTable *sets; /* MabeiRegisterId in the set -> MabeiFieldSet */
} MabeiFieldState;

typedef struct {
  MabeiMessage message; /* first: arrays of these are read as arrays of MabeiMessage */
  guint index;
} MabeiMessageEntry;

struct _MabeiSpace {
  MabeiCase *c;
  MabeiShortId id;
  MabeiSpaceKind kind;
  MabeiShortId other;
  MabeiGraph *graph;
  GPtrArray *ready;    /* MabeiChange: complete, not folded yet; parents first */
  GHashTable *waiting; /* MabeiId -> MabeiWaiting */
  guint n_waiting;     /* copies counted */
  gboolean recheck;    /* something that waiting changes may wait for has come */
  gboolean refold;     /* everything is to be folded anew */
  guint notices;       /* bits 1 << MabeiNotice, not told yet */
  GHashTable *secrets; /* MabeiId -> MabeiHeldEpoch */
  GHashTable *keys;    /* OperationKey of fold.c -> itself */
  GHashTable *given;   /* MabeiShortId of an author -> number of secrets that his EPOCH changes gave */
  MabeiChange *last;   /* control: the last one in the order of the fold, borrowed from the graph */
  /* fold */
  GPtrArray *epochs; /* MabeiEpochEntry */
  GHashTable *epochs_by_id;
  GHashTable *quarantined; /* MabeiId -> reason, static text */
  GHashTable *fields;      /* name -> MabeiFieldState */
  GHashTable *documents;   /* MabeiShortId -> MabeiDocument */
  GPtrArray *messages;     /* MabeiMessageEntry, in their order */
};

/* --- space.c --- */
MabeiSpace *mabei_space_new (MabeiCase *c, const MabeiShortId *id, MabeiSpaceKind kind, const MabeiShortId *other);
void mabei_space_free (MabeiSpace *space);
gboolean mabei_space_is_past (MabeiSpace *space, const MabeiId *ancestor, const MabeiId *id);
gboolean mabei_space_has_burst (MabeiSpace *space);
MabeiSecret *mabei_space_secret (MabeiSpace *space, const MabeiId *epoch_id);
void mabei_space_ref (MabeiSpace *space, MabeiSpaceRef *ref);
/* FALSE when it was held already. Takes a reference. */
gboolean mabei_space_hold (MabeiSpace *space, const MabeiId *epoch_id, MabeiSecret *secret);
void mabei_space_tell (MabeiSpace *space, MabeiNotice notice);
/* The shortest way in which this device's next change can cite @id (soundness rule 4). */
void mabei_space_refer (MabeiSpace *space, const MabeiId *id, MabeiReference *reference);
GPtrArray *mabei_table_values (GHashTable *table); /* (transfer container), in no order */

/* --- receive.c --- */
void mabei_waiting_free (MabeiWaiting *waiting);
void mabei_space_on_complete (MabeiChange *change, gpointer space);
void mabei_space_on_refused (MabeiChange *change, gpointer space);
/* Folds all that can be folded, then tells. */
void mabei_case_settle (MabeiCase *c);
void mabei_case_tell (MabeiCase *c);

/* --- fold.c: each returns NULL, or why the change has no effect --- */
/* (Lamport, device, id): the order of the fold. */
gint mabei_change_compare (const MabeiChange *a, const MabeiChange *b);
void mabei_space_fold (MabeiSpace *space, MabeiChange *change);
MabeiSecret *
mabei_space_operation_key (MabeiSpace *space, const MabeiId *epoch_id, const MabeiShortId *device); /* or NULL */
void mabei_space_refold (MabeiSpace *space);
/* The changes that an operation cites, in the past of @change. */
const char *mabei_space_resolve (MabeiSpace *space, MabeiChange *change, MabeiOperation *operation);
/* Operations of a change whose epoch is held: (transfer full) MabeiOperation, or NULL. */
GPtrArray *
mabei_space_read_operations (MabeiSpace *space, MabeiChange *change, guint64 *claimed_ms, const char **reason);
/* The change's body as operations in bytes: (transfer full) GBytes, or NULL. */
GPtrArray *mabei_space_open (MabeiSpace *space, MabeiChange *change, guint64 *claimed_ms, const char **reason);

/* --- epoch.c --- */
const char *mabei_space_fold_epoch (MabeiSpace *space, MabeiChange *change);
/* Has the author not made as many as one can? @change NULL as below. */
gboolean mabei_space_may_add_epoch (MabeiSpace *space, MabeiChange *change, const MabeiShortId *author);
/* Of an EPOCH without effect: its secret, for reading; and what others sealed with it while its author had his place.
 */
void mabei_space_lend_epoch (MabeiSpace *space, MabeiChange *change);
/* May @author make an epoch for these devices? @change NULL: made now, on top of everything that is here. */
const char *mabei_space_check_recipients (MabeiSpace *space,
                                          MabeiChange *change,
                                          const MabeiShortId *author,
                                          const MabeiShortId *recipients,
                                          guint n_recipients);
const char *mabei_space_check_epoch_use (MabeiSpace *space, MabeiChange *change);
gboolean mabei_space_made_for_self (MabeiSpace *space, const MabeiId *epoch_id);
gboolean mabei_epoch_entry_has (const MabeiEpochEntry *entry, const MabeiShortId *device);
void mabei_epoch_entry_free (MabeiEpochEntry *entry);
/* Epochs that no other one follows, at most @limit, and the generation of one that follows them. */
guint mabei_space_latest_epochs (MabeiSpace *space, MabeiId *ids, guint limit, guint32 *generation);
