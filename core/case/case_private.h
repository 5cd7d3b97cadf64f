/* The inside of core/case, shared by the .c files of this folder; not for other folders. The way of a change: receive.c
 * lets it into the graph or keeps it waiting; what is complete lies in MabeiSpace.ready until fold.c judges it and,
 * when nothing speaks against it, lets field.c, document.c, message.c, epoch.c and the authority act. Everything below
 * "fold" in MabeiSpace is a function of the set of complete changes and can be thrown away and made again.
 */
#pragma once

#include "core/case/content.h"

/* Waiting changes of one space. */
#define MABEI_CASE_WAITING_MAX 4096u

/* --- content operations (operation.c; bytes in FORMAT.md) --- */

typedef enum {
  MABEI_OPERATION_FIELD = 0,
  MABEI_OPERATION_DOCUMENT = 1,
  MABEI_OPERATION_TEXT = 2,
  MABEI_OPERATION_POST = 3,
} MabeiOperationType;

/* A change cited by an operation: the seq of an earlier change of the author's own chain, or an id. */
typedef struct {
  gboolean is_seq;
  guint64 seq;
  MabeiId id;
  guint index; /* FIELD: of the operation in that change */
} MabeiReference;

typedef struct {
  MabeiOperationType type;
  char *name;            /* FIELD: name; DOCUMENT: kind */
  char *value;           /* FIELD: value; DOCUMENT: title; POST: text */
  MabeiLevel level;      /* POST */
  MabeiShortId document; /* TEXT */
  GArray *references;    /* FIELD: the values seen; TEXT: the agents of the blob; MabeiReference */
  GBytes *blob;          /* TEXT */
  gboolean is_undo;      /* TEXT */
  guint64 undone;        /* TEXT: seq of the change that it undoes */
  GArray *cited;         /* resolved references, same order; MabeiId; filled by the fold */
} MabeiOperation;

MabeiOperation *mabei_operation_decode (GBytes *item, GError **error);
void mabei_operation_free (MabeiOperation *operation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiOperation, mabei_operation_free)
gboolean mabei_operation_check_field (const char *name, const char *value, GError **error);
GBytes *mabei_operation_encode_field (const char *name, const char *value, GArray *saw);
GBytes *mabei_operation_encode_text (
    const MabeiShortId *document, GArray *references, gconstpointer blob, gsize length, const guint64 *undone);

/* --- what a space is made of --- */

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

/* An EPOCH change in effect. */
typedef struct _MabeiEpochEntry MabeiEpochEntry;
struct _MabeiEpochEntry {
  MabeiChange *change;
  MabeiEpochRecord *record;
  gboolean is_unreadable; /* the wrap for this device does not open */
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

/* A text change of this device. */
typedef struct {
  MabeiId change;
  gboolean is_undo;
  gboolean is_undone;
} MabeiOwnText;

struct _MabeiDocument {
  MabeiSpace *space;
  MabeiShortId id;
  gboolean is_present; /* FALSE: a fold made anew found no such document; kept for those who still point here */
  MabeiChange *created_by;
  guint created_index;
  char *kind;
  char *title;
  MabeiText *text;
  GArray *own; /* MabeiOwnText, oldest first */
  /* the burst; writer is NULL when there is none */
  MabeiTextWriter *writer;
  guint n_edits;
  gsize insert_bytes;
  gsize removed_bytes;
  GBytes *taken; /* the operation, once it is made */
  gboolean is_undoing;
  guint64 undoing; /* seq */
};

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
  MabeiChange *last;   /* control: the last one in the order of the fold, borrowed from the graph */
  /* fold */
  GPtrArray *epochs; /* MabeiEpochEntry */
  GHashTable *epochs_by_id;
  GHashTable *quarantined; /* MabeiId -> reason, static text */
  GHashTable *fields;      /* name -> MabeiFieldState */
  GHashTable *documents;   /* MabeiShortId -> MabeiDocument */
  GPtrArray *messages;     /* MabeiMessageEntry, in their order */
};

typedef struct {
  MabeiDocument *document;
  guint position;
  guint removed;
  char *inserted;
} MabeiPatch;

struct _MabeiCase {
  MabeiId id;
  MabeiDeviceKey *device;
  MabeiChange *genesis;
  MabeiAuthority *authority;
  GPtrArray *spaces;
  MabeiSpace *control;
  MabeiCaseListener listener;
  GArray *patches; /* MabeiPatch, not told yet */
  gboolean is_settling;
};

/* --- case.c --- */
void mabei_patch_clear (gpointer patch);
/* Fails when this device may not write in the space now, whatever it writes. */
gboolean mabei_space_check_self (MabeiSpace *space, GError **error);

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

/* --- field.c, message.c, document.c --- */
void mabei_field_state_free (MabeiFieldState *field);
/* @effective FALSE: of a change without effect; it lends what it saw to others (soundness rule 23). */
void mabei_space_fold_field (MabeiSpace *space,
                             MabeiChange *change,
                             guint index,
                             guint64 claimed_ms,
                             const MabeiOperation *operation,
                             gboolean effective);
void mabei_message_free (MabeiMessageEntry *entry);
void mabei_space_fold_message (
    MabeiSpace *space, MabeiChange *change, guint index, guint64 claimed_ms, const MabeiOperation *operation);
void mabei_document_free (MabeiDocument *document);
const char *
mabei_space_check_document (MabeiSpace *space, MabeiChange *change, guint index, const MabeiOperation *operation);
void mabei_space_fold_document (MabeiSpace *space, MabeiChange *change, guint index, const MabeiOperation *operation);
const char *mabei_space_fold_text (MabeiSpace *space, MabeiChange *change, const MabeiOperation *operation);
/* Takes back a text that fold_text let in, because the change has no effect after all. */
void mabei_space_revoke_text (MabeiSpace *space, MabeiChange *change, const MabeiOperation *operation);
/* Before and after a fold made anew. */
void mabei_document_reset (MabeiDocument *document);
void mabei_document_patch_difference (MabeiDocument *document, const char *before);
guint32 mabei_document_burst_agent (MabeiDocument *document); /* or G_MAXUINT32 */

void
mabei_document_queue_patch (guint32 position, guint32 deleted, const char *inserted, gsize n_bytes, gpointer document);
/* The agents of a TEXT operation whose citations are resolved. (transfer full) guint32 */
GArray *mabei_document_agents (MabeiDocument *document, const MabeiOperation *operation);

/* --- burst.c --- */
/* The burst that this operation carries has become a change. FALSE when it carries none. */
gboolean mabei_document_adopt (MabeiDocument *document, MabeiChange *change, const MabeiOperation *operation);
/* Forgets the burst; its text goes with the next refold of the space, which is asked for. */
void mabei_document_forget_burst (MabeiDocument *document);
gboolean mabei_document_carries_burst (MabeiDocument *document, const MabeiOperation *operation);
