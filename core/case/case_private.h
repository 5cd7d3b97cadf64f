/* The inside of core/case, shared by the .c files of this folder; not for other folders: the case, its documents, and
 * what the kinds of content do when they are folded. See space_private.h for the way of a change.
 */
#pragma once

#include "core/case/space_private.h"

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
/* Of a change without effect: its elements take their places, unseen, so that others may cite them. */
void mabei_space_lend_text (MabeiSpace *space, MabeiChange *change, const MabeiOperation *operation);
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
