/* The inside of a text, shared by the text_*.c of this folder. Not for other folders. */
#pragma once
#include "core/crdt/agents.h"
#include "core/crdt/characters.h"
#include "core/crdt/span_tree.h"
#include "core/crdt/text.h"
#include "core/crdt/text_writer_private.h"

G_BEGIN_DECLS

struct _MabeiText {
  MabeiSpanTree tree;
  MabeiAgents agents;
  MabeiCharacters characters;
  GArray *ops; /* MabeiTextOp; scratch of apply */
};

/* One decoded operation. Slots of elements that the blob itself inserts are those that they will get. */
typedef struct {
  gboolean inserts;
  guint32 slot; /* insert: of the first element; delete: of the next insert */
  guint32 left; /* insert: origins */
  guint32 right;
  guint32 agent; /* delete: the first element */
  guint32 seq;
  guint32 count;
  const guint8 *utf8; /* insert: borrowed from the blob */
  gsize n_bytes;
} MabeiTextOp;

/* Whose blob it is and what its references mean. */
typedef struct {
  guint32 agent;
  const guint32 *refs;
  gsize n_refs;
  guint32 first_seq;
  const guint8 *bytes;
  gsize n_bytes;
  gboolean applied; /* its elements are in the text already (undo), instead of being new */
} MabeiTextBlob;

/* Decodes and checks a whole blob against the text (core/crdt/text_ops.c). `ops` is emptied first. */
gboolean
mabei_text_blob_decode (MabeiText *text, const MabeiTextBlob *blob, GArray *ops, guint32 *n_inserted, GError **error);

/* LIMIT or EXISTS unless `n` new elements of an agent fit, numbered from `seq`. */
gboolean mabei_text_check_room (const MabeiText *text, guint32 agent, guint32 seq, guint32 n, GError **error);

/* The element after which an element was written (its left origin). */
guint32 mabei_text_left_origin (const MabeiText *text, guint32 slot);
/* Where a new element with these origins belongs (core/crdt/text_order.c). */
MabeiSpanCursor mabei_text_order (MabeiText *text, guint32 agent, guint32 seq, guint32 left, guint32 right);

/* Adds `n` elements at the cursor; their slots and characters exist. The cursor ends up behind them. */
void mabei_text_put (MabeiText *text,
                     MabeiSpanCursor *cursor,
                     guint32 agent,
                     guint32 seq,
                     guint32 slot,
                     guint32 n,
                     guint32 left,
                     guint32 right);
/* Adds the slots, characters and run of a new insert; the numbers are free. Returns the first slot. */
guint32
mabei_text_add_elements (MabeiText *text, guint32 agent, guint32 seq, const guint8 *utf8, gsize n_bytes, guint32 n);
/* Inserts at a place that the author sees, through the writer (undo and local edits). */
void mabei_text_write_at (MabeiText *text,
                          MabeiTextWriter *writer,
                          MabeiSpanCursor cursor,
                          MabeiElementId left,
                          const guint8 *utf8,
                          gsize n_bytes,
                          guint32 n);
/* Marks elements from the cursor's on as deleted by an agent, at most `count` and within one span; returns how many. */
guint32 mabei_text_mark (MabeiText *text, MabeiSpanCursor *cursor, guint32 count, guint32 agent);

G_END_DECLS
