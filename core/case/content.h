/* What stands in a space: fields, documents, messages: read access for view and sync, and the operations of content
 * changes. Operations are CBOR arrays [number, ...] (numbers are part of the format, see FORMAT.md): FIELD [0, name,
 * value, saw], DOCUMENT [1, kind, title], TEXT [2, document, references, blob, undone], POST [3, text, level].
 */
#pragma once

#include "core/case/case.h"

/* --- fields: multi-value registers by name ("title", "amount", ...) --- */
typedef struct {
  char *id; /* "change hex:index" of the value: what a resolution cites */
  char *value;
  MabeiShortId device; /* who */
  guint64 claimed_ms;  /* when, as claimed */
} MabeiFieldValue;

/* Names with at least one value, sorted. (transfer full) */
char **mabei_space_field_names (MabeiSpace *space);
/* Several values = an open conflict. (transfer full) MabeiFieldValue */
GPtrArray *mabei_space_field_values (MabeiSpace *space, const char *name);
/* The only value, or NULL when there is none or several. (transfer full) */
char *mabei_space_field (MabeiSpace *space, const char *name);
/* An operation that sets @name, having seen every value that stands there now. */
GBytes *mabei_space_operation_field (MabeiSpace *space, const char *name, const char *value, GError **error);

/* --- messages --- */
typedef enum {
  MABEI_LEVEL_KEEP = 0,   /* 保密 */
  MABEI_LEVEL_CONVEY = 1, /* 可转述 */
  MABEI_LEVEL_SHOW = 2,   /* 可公开 */
} MabeiLevel;

typedef struct {
  MabeiId change;
  MabeiShortId device;
  guint64 claimed_ms;
  guint64 lamport;
  MabeiLevel level;
  char *text;
} MabeiMessage;

GPtrArray *mabei_space_messages (MabeiSpace *space); /* (transfer container) MabeiMessage by (Lamport, device, id) */
GBytes *mabei_operation_post (const char *text, MabeiLevel level, GError **error);

/* --- documents --- */
const MabeiShortId *mabei_document_id (MabeiDocument *document);
const char *mabei_document_kind (MabeiDocument *document); /* "minutes", "agreement", "statement" */
const char *mabei_document_title (MabeiDocument *document);
MabeiSpace *mabei_document_space (MabeiDocument *document);
MabeiText *mabei_document_text (MabeiDocument *document); /* for reading only */
GPtrArray *mabei_space_documents (MabeiSpace *space); /* (transfer container), by creation in the order of the fold */
MabeiDocument *mabei_case_document (MabeiCase *c, const MabeiShortId *id); /* any readable space; or NULL */
GBytes *mabei_operation_document (const char *kind, const char *title, GError **error);
/* The id that a DOCUMENT operation at @index of @change has. */
void mabei_document_id_of (const MabeiId *change, guint index, MabeiShortId *id);

/* --- typing: a burst of local edits in one document, shown at once, sealed later ---
 * While a burst is open, nothing remote is folded into its document: mabei_case_receive asserts that none is open in
 * that space when the change is another device's; the replica seals it first (soundness rule 6). What becomes readable
 * by a change of another space waits until the burst is sealed. */
/* TOO_LARGE: it does not fit into the burst (MABEI_LIMIT_OPERATIONS edits, MABEI_LIMIT_INSERT_BYTES inserted, as many
 * removed): seal the burst and try again; an edit that does not even fit alone is the caller's to split, inserts at
 * MABEI_LIMIT_INSERT_BYTES, removals at mabei_document_removable. NOT_ALLOWED, CONFLICT (taken, not yet received). */
gboolean
mabei_document_edit (MabeiDocument *document, guint position, guint remove, const char *insert, GError **error);
/* How many of the @remove characters from @position on fit into the burst as it is. */
guint mabei_document_removable (MabeiDocument *document, guint position, guint remove);
gboolean mabei_document_has_burst (MabeiDocument *document);
/* The burst as TEXT operation, or NULL when none. From then on it takes no edits: pass the change that carries it, once
 * stored, to mabei_case_receive, which adopts it without applying it twice; until then the same is given again.
 * (transfer full) */
GBytes *mabei_document_take_burst (MabeiDocument *document);
/* Takes the burst, open or taken, back out of the text: it cannot be sealed any more. Told as a patch. */
void mabei_document_drop_burst (MabeiDocument *document);
/* Undo of this device's newest not yet undone text change in the document, as edits made now (a burst of its own, told
 * as patches). FALSE when there is nothing (NOT_FOUND), or when a burst is open (CONFLICT: seal it first). */
gboolean mabei_document_undo (MabeiDocument *document, GError **error);
