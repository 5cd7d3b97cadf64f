/*
 * The order of a text: spans of elements in the leaves of a B+ tree that counts visible elements, with a table from
 * each element to its leaf, so that an element is found, ranked and compared in logarithmic time.
 * An element is named by its slot: a dense number given in the order of arrival on this replica (never on the wire).
 * Elements stay for ever; deleted ones only stop being visible.
 * Threads: none of its own. Limits: MABEI_SPAN_MAX elements a span, 2^32 - 2 slots. Failures: none; callers check.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define MABEI_SLOT_NONE G_MAXUINT32
/* Bounds the work of moving one span to another leaf. */
#define MABEI_SPAN_MAX 512
#define MABEI_LEAF_SPANS 32
#define MABEI_NODE_CHILDREN 32

/* Neighbouring elements of one agent with consecutive sequence numbers and slots: each but the first has its
 * predecessor as left origin and no right origin, and all have the same deleters. */
typedef struct {
  guint32 slot;
  guint32 agent;
  guint32 seq;
  guint32 left; /* origins of the first element: slots, or MABEI_SLOT_NONE */
  guint32 right;
  guint32 deleters; /* a set of core/crdt/deleters.h; 0 = nobody */
  guint16 length;
  guint16 visible; /* 0 or 1 */
} MabeiSpan;

typedef struct _MabeiSpanNode MabeiSpanNode;

typedef struct _MabeiSpanLeaf {
  MabeiSpanNode *parent;
  struct _MabeiSpanLeaf *previous;
  struct _MabeiSpanLeaf *next;
  guint32 id;      /* index in tree->leaves */
  guint32 visible; /* elements */
  guint16 index;   /* in the parent */
  guint16 n_spans;
  MabeiSpan spans[MABEI_LEAF_SPANS];
} MabeiSpanLeaf;

typedef struct {
  MabeiSpanLeaf *first;
  MabeiSpanNode *root; /* NULL while there is one leaf */
  GPtrArray *nodes;    /* owns every inner node */
  MabeiSpanLeaf **leaves;
  guint32 n_leaves;
  guint32 leaves_capacity;
  guint32 *leaf_of; /* by slot: leaf id */
  guint32 n_slots;
  guint32 slots_capacity;
  guint32 visible;
  MabeiSpanLeaf *hint; /* the leaf of the last search, and the visible elements before it */
  guint32 hint_base;
} MabeiSpanTree;

/* A place between elements: before element `offset` of a span; offset == length means after its last. In an empty
 * tree index 0 has no span. */
typedef struct {
  MabeiSpanLeaf *leaf;
  guint32 index;
  guint32 offset;
} MabeiSpanCursor;

void mabei_span_tree_init (MabeiSpanTree *tree);
void mabei_span_tree_clear (MabeiSpanTree *tree);
/* Gives `n` new slots and returns the first; each must be put into the tree at once. */
guint32 mabei_span_tree_add_slots (MabeiSpanTree *tree, guint32 n);

/* Where a slot is; it must exist. */
MabeiSpanCursor mabei_span_tree_find (const MabeiSpanTree *tree, guint32 slot);
/* The visible element with `rank` visible ones before it; rank < tree->visible. */
MabeiSpanCursor mabei_span_tree_find_rank (MabeiSpanTree *tree, guint32 rank);
/* Visible elements before the cursor. */
guint32 mabei_span_tree_rank (const MabeiSpanTree *tree, const MabeiSpanCursor *cursor);
/* < 0, 0, > 0 by place. */
gint mabei_span_tree_compare (const MabeiSpanCursor *a, const MabeiSpanCursor *b);
/* Moves a cursor that is after a span's last element before the next element; FALSE at the end of the text. */
gboolean mabei_span_cursor_settle (MabeiSpanCursor *cursor);

/* Puts a span at the cursor, joining it to its left neighbour where it continues it. The cursor ends up after it. */
void mabei_span_tree_insert (MabeiSpanTree *tree, MabeiSpanCursor *cursor, const MabeiSpan *span);
/* Appends at the end of the tree; for loading. */
void mabei_span_tree_append (MabeiSpanTree *tree, const MabeiSpan *span);
/* Cuts `length` elements from the cursor, which must lie within one span, into a span of their own and returns it. */
MabeiSpan *mabei_span_tree_isolate (MabeiSpanTree *tree, MabeiSpanCursor *cursor, guint32 length);
/* Takes new values of `deleters` and `visible` for the isolated span at the cursor and joins equal neighbours. */
void mabei_span_tree_update (MabeiSpanTree *tree, MabeiSpanCursor *cursor, guint32 deleters, gboolean visible);
/* Counts again after `visible` of spans was changed in place. */
void mabei_span_tree_recount (MabeiSpanTree *tree);

static inline MabeiSpan *
mabei_span_cursor_span (const MabeiSpanCursor *cursor)
{
  return &cursor->leaf->spans[cursor->index];
}

G_END_DECLS
