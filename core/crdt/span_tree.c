#include "core/crdt/span_tree.h"

#include <string.h>

/* Splits and joins touch two spans at most, so that a leaf with this much room needs no second look. */
#define LEAF_ROOM 2

struct _MabeiSpanNode {
  MabeiSpanNode *parent;
  guint16 index;
  guint16 n_children;
  guint32 visible[MABEI_NODE_CHILDREN];
  gpointer children[MABEI_NODE_CHILDREN];
  gboolean above_leaves; /* the children are leaves */
};

static MabeiSpanLeaf *
leaf_new (MabeiSpanTree *tree)
{
  if (tree->n_leaves == tree->leaves_capacity) {
    tree->leaves_capacity = MAX (16, tree->leaves_capacity * 2);
    tree->leaves = g_renew (MabeiSpanLeaf *, tree->leaves, tree->leaves_capacity);
  }
  MabeiSpanLeaf *leaf = g_new (MabeiSpanLeaf, 1);
  memset (leaf, 0, offsetof (MabeiSpanLeaf, spans));
  leaf->id = tree->n_leaves;
  tree->leaves[tree->n_leaves++] = leaf;
  return leaf;
}

static MabeiSpanNode *
node_new (MabeiSpanTree *tree, gboolean above_leaves)
{
  MabeiSpanNode *node = g_new0 (MabeiSpanNode, 1);
  node->above_leaves = above_leaves;
  g_ptr_array_add (tree->nodes, node);
  return node;
}

void
mabei_span_tree_init (MabeiSpanTree *tree)
{
  memset (tree, 0, sizeof *tree);
  tree->nodes = g_ptr_array_new_with_free_func (g_free);
  tree->first = leaf_new (tree);
}

void
mabei_span_tree_clear (MabeiSpanTree *tree)
{
  for (guint32 i = 0; i < tree->n_leaves; i++)
    g_free (tree->leaves[i]);
  g_clear_pointer (&tree->leaves, g_free);
  g_clear_pointer (&tree->leaf_of, g_free);
  g_clear_pointer (&tree->nodes, g_ptr_array_unref);
  memset (tree, 0, sizeof *tree);
}

guint32
mabei_span_tree_add_slots (MabeiSpanTree *tree, guint32 n)
{
  guint32 first = tree->n_slots;
  g_assert (n < MABEI_SLOT_NONE - first);
  if (tree->slots_capacity - first < n) {
    guint64 capacity = MAX (64, (guint64) tree->slots_capacity + tree->slots_capacity / 4);
    tree->slots_capacity = (guint32) CLAMP (capacity, first + n, G_MAXUINT32);
    tree->leaf_of = g_renew (guint32, tree->leaf_of, tree->slots_capacity);
  }
  tree->n_slots = first + n;
  return first;
}

static void
place (MabeiSpanTree *tree, guint32 leaf_id, guint32 slot, guint32 n)
{
  guint32 *to = tree->leaf_of + slot;
  for (guint32 i = 0; i < n; i++)
    to[i] = leaf_id;
}

/* ---- counts ---- */

static void
add_visible (MabeiSpanTree *tree, MabeiSpanLeaf *leaf, gint32 change)
{
  if (change == 0)
    return;
  /* The searches of local edits keep the hint on the leaf they change; anything else may shift its base. */
  if (leaf != tree->hint)
    tree->hint = NULL;
  leaf->visible += (guint32) change;
  tree->visible += (guint32) change;
  guint16 index = leaf->index;
  for (MabeiSpanNode *node = leaf->parent; node != NULL; node = node->parent) {
    node->visible[index] += (guint32) change;
    index = node->index;
  }
}

static guint32
sum_visible (const MabeiSpanNode *node)
{
  guint32 sum = 0;
  for (guint i = 0; i < node->n_children; i++)
    sum += node->visible[i];
  return sum;
}

static void
leaf_count (MabeiSpanLeaf *leaf)
{
  leaf->visible = 0;
  for (guint i = 0; i < leaf->n_spans; i++)
    leaf->visible += leaf->spans[i].visible ? leaf->spans[i].length : 0;
}

void
mabei_span_tree_recount (MabeiSpanTree *tree)
{
  tree->hint = NULL;
  tree->visible = 0;
  for (guint i = 0; i < tree->nodes->len; i++) {
    MabeiSpanNode *node = tree->nodes->pdata[i];
    memset (node->visible, 0, sizeof node->visible);
  }
  for (MabeiSpanLeaf *leaf = tree->first; leaf != NULL; leaf = leaf->next) {
    leaf_count (leaf);
    guint32 visible = leaf->visible;
    leaf->visible = 0;
    add_visible (tree, leaf, (gint32) visible);
  }
}

/* ---- growing ---- */

static void
child_set_parent (MabeiSpanNode *node, guint16 index)
{
  if (node->above_leaves) {
    MabeiSpanLeaf *leaf = node->children[index];
    leaf->parent = node;
    leaf->index = index;
  } else {
    MabeiSpanNode *child = node->children[index];
    child->parent = node;
    child->index = index;
  }
}

static void
node_put (MabeiSpanNode *node, guint16 index, gpointer child, guint32 visible)
{
  guint16 behind = (guint16) (node->n_children - index);
  memmove (node->children + index + 1, node->children + index, behind * sizeof node->children[0]);
  memmove (node->visible + index + 1, node->visible + index, behind * sizeof node->visible[0]);
  node->children[index] = child;
  node->visible[index] = visible;
  node->n_children++;
  for (guint16 i = index; i < node->n_children; i++)
    child_set_parent (node, i);
}

/* A full node gives its upper half to a new right neighbour, which the caller hangs into the parent. At the end of
 * the text the halves are uneven, so that loading and appending fill the nodes. */
static MabeiSpanNode *
node_split (MabeiSpanTree *tree, MabeiSpanNode *node, gboolean at_end)
{
  MabeiSpanNode *right = node_new (tree, node->above_leaves);
  guint16 keep = at_end ? MABEI_NODE_CHILDREN - 1 : MABEI_NODE_CHILDREN / 2;
  right->n_children = (guint16) (node->n_children - keep);
  memcpy (right->children, node->children + keep, right->n_children * sizeof node->children[0]);
  memcpy (right->visible, node->visible + keep, right->n_children * sizeof node->visible[0]);
  node->n_children = keep;
  for (guint16 i = 0; i < right->n_children; i++)
    child_set_parent (right, i);
  return right;
}

/* Hangs `right` in as the next sibling of `left`; the count of `left` has already lost what `right` took along. */
static void
hang_leaf (MabeiSpanTree *tree, MabeiSpanLeaf *left, MabeiSpanLeaf *right)
{
  gboolean at_end = right->next == NULL;
  gpointer child = right;
  guint32 child_visible = right->visible;
  MabeiSpanNode *node = left->parent;
  guint16 index = left->index;
  gpointer left_child = left;
  guint32 left_visible = left->visible;
  while (node != NULL) {
    node->visible[index] = left_visible;
    if (node->n_children < MABEI_NODE_CHILDREN) {
      node_put (node, (guint16) (index + 1), child, child_visible);
      return;
    }
    MabeiSpanNode *upper = node_split (tree, node, at_end);
    if (index < node->n_children)
      node_put (node, (guint16) (index + 1), child, child_visible);
    else
      node_put (upper, (guint16) (index + 1 - node->n_children), child, child_visible);
    child = upper;
    child_visible = sum_visible (upper);
    left_child = node;
    left_visible = sum_visible (node);
    index = node->index;
    node = node->parent;
  }
  MabeiSpanNode *root = node_new (tree, left_child == (gpointer) left);
  node_put (root, 0, left_child, left_visible);
  node_put (root, 1, child, child_visible);
  tree->root = root;
}

/* Moves the spans from `keep` on to a new leaf on the right, and the cursor with them. */
static void
leaf_split (MabeiSpanTree *tree, MabeiSpanCursor *cursor, guint16 keep)
{
  MabeiSpanLeaf *leaf = cursor->leaf;
  MabeiSpanLeaf *right = leaf_new (tree);
  right->n_spans = (guint16) (leaf->n_spans - keep);
  memcpy (right->spans, leaf->spans + keep, right->n_spans * sizeof leaf->spans[0]);
  leaf->n_spans = keep;
  for (guint i = 0; i < right->n_spans; i++)
    place (tree, right->id, right->spans[i].slot, right->spans[i].length);
  leaf_count (right);
  leaf->visible -= right->visible;
  right->previous = leaf;
  right->next = leaf->next;
  if (leaf->next != NULL)
    leaf->next->previous = right;
  leaf->next = right;
  hang_leaf (tree, leaf, right);
  if (cursor->index >= keep) {
    cursor->leaf = right;
    cursor->index -= keep;
  }
}

static void
leaf_reserve (MabeiSpanTree *tree, MabeiSpanCursor *cursor)
{
  MabeiSpanLeaf *leaf = cursor->leaf;
  if (leaf->n_spans + LEAF_ROOM > MABEI_LEAF_SPANS)
    leaf_split (tree, cursor,
                leaf->next == NULL && cursor->index + 2u >= leaf->n_spans ? (guint16) (leaf->n_spans - 2)
                                                                          : (guint16) (leaf->n_spans / 2));
}

/* ---- finding ---- */

MabeiSpanCursor
mabei_span_tree_find (const MabeiSpanTree *tree, guint32 slot)
{
  g_assert (slot < tree->n_slots);
  MabeiSpanLeaf *leaf = tree->leaves[tree->leaf_of[slot]];
  for (guint32 i = 0; i < leaf->n_spans; i++) {
    const MabeiSpan *span = &leaf->spans[i];
    if (slot - span->slot < span->length)
      return (MabeiSpanCursor){leaf, i, slot - span->slot};
  }
  g_assert_not_reached ();
}

static MabeiSpanLeaf *
descend (const MabeiSpanTree *tree, guint32 rank, guint32 *base)
{
  guint32 before = 0;
  gpointer child = tree->first;
  for (const MabeiSpanNode *node = tree->root; node != NULL; node = node->above_leaves ? NULL : child) {
    guint16 i = 0;
    while (i + 1 < node->n_children && rank - before >= node->visible[i])
      before += node->visible[i++];
    child = node->children[i];
  }
  *base = before;
  return child;
}

MabeiSpanCursor
mabei_span_tree_find_rank (MabeiSpanTree *tree, guint32 rank)
{
  g_assert (rank < tree->visible);
  MabeiSpanLeaf *leaf = tree->hint;
  if (leaf == NULL || rank < tree->hint_base || rank - tree->hint_base >= leaf->visible) {
    leaf = descend (tree, rank, &tree->hint_base);
    tree->hint = leaf;
  }
  guint32 left = rank - tree->hint_base;
  for (guint32 i = 0; i < leaf->n_spans; i++) {
    const MabeiSpan *span = &leaf->spans[i];
    if (!span->visible)
      continue;
    if (left < span->length)
      return (MabeiSpanCursor){leaf, i, left};
    left -= span->length;
  }
  g_assert_not_reached ();
}

guint32
mabei_span_tree_rank (const MabeiSpanTree *tree G_GNUC_UNUSED, const MabeiSpanCursor *cursor)
{
  const MabeiSpanLeaf *leaf = cursor->leaf;
  guint32 rank = 0;
  for (guint32 i = 0; i < cursor->index; i++)
    rank += leaf->spans[i].visible ? leaf->spans[i].length : 0;
  if (cursor->index < leaf->n_spans && leaf->spans[cursor->index].visible)
    rank += cursor->offset;
  guint16 index = leaf->index;
  for (const MabeiSpanNode *node = leaf->parent; node != NULL; node = node->parent) {
    for (guint16 i = 0; i < index; i++)
      rank += node->visible[i];
    index = node->index;
  }
  return rank;
}

gint
mabei_span_tree_compare (const MabeiSpanCursor *a, const MabeiSpanCursor *b)
{
  if (a->leaf == b->leaf) {
    if (a->index != b->index)
      return a->index < b->index ? -1 : 1;
    return a->offset < b->offset ? -1 : a->offset > b->offset;
  }
  guint16 index_a = a->leaf->index, index_b = b->leaf->index;
  const MabeiSpanNode *node_a = a->leaf->parent, *node_b = b->leaf->parent;
  while (node_a != node_b) {
    index_a = node_a->index;
    index_b = node_b->index;
    node_a = node_a->parent;
    node_b = node_b->parent;
  }
  return index_a < index_b ? -1 : 1;
}

gboolean
mabei_span_cursor_settle (MabeiSpanCursor *cursor)
{
  MabeiSpanLeaf *leaf = cursor->leaf;
  if (cursor->index < leaf->n_spans && cursor->offset < leaf->spans[cursor->index].length)
    return TRUE;
  if (cursor->index + 1 < leaf->n_spans) {
    cursor->index++;
    cursor->offset = 0;
    return TRUE;
  }
  if (leaf->next == NULL)
    return FALSE;
  /* Only the first leaf of an empty text has no spans. */
  *cursor = (MabeiSpanCursor){leaf->next, 0, 0};
  return TRUE;
}

/* ---- changing ---- */

static gboolean
continues (const MabeiSpan *a, const MabeiSpan *b)
{
  return a->agent == b->agent && a->seq + a->length == b->seq && a->slot + a->length == b->slot &&
         a->deleters == b->deleters && b->left == b->slot - 1 && b->right == MABEI_SLOT_NONE &&
         a->length + b->length <= MABEI_SPAN_MAX;
}

static void
leaf_put (MabeiSpanLeaf *leaf, guint32 index, const MabeiSpan *span)
{
  memmove (leaf->spans + index + 1, leaf->spans + index, (leaf->n_spans - index) * sizeof *span);
  leaf->spans[index] = *span;
  leaf->n_spans++;
}

static void
leaf_drop (MabeiSpanLeaf *leaf, guint32 index)
{
  leaf->n_spans--;
  memmove (leaf->spans + index, leaf->spans + index + 1, (leaf->n_spans - index) * sizeof (MabeiSpan));
}

/* The leaf has room for one span more. */
static void
span_split (MabeiSpanLeaf *leaf, guint32 index, guint32 offset)
{
  MabeiSpan right = leaf->spans[index];
  right.slot += offset;
  right.seq += offset;
  right.length = (guint16) (right.length - offset);
  right.left = right.slot - 1;
  right.right = MABEI_SLOT_NONE;
  leaf->spans[index].length = (guint16) offset;
  leaf_put (leaf, index + 1, &right);
}

void
mabei_span_tree_insert (MabeiSpanTree *tree, MabeiSpanCursor *cursor, const MabeiSpan *span)
{
  leaf_reserve (tree, cursor);
  MabeiSpanLeaf *leaf = cursor->leaf;
  if (cursor->index < leaf->n_spans && cursor->offset == leaf->spans[cursor->index].length) {
    cursor->index++;
    cursor->offset = 0;
  }
  place (tree, leaf->id, span->slot, span->length);
  if (cursor->offset == 0 && cursor->index > 0 && continues (&leaf->spans[cursor->index - 1], span)) {
    cursor->index--;
    leaf->spans[cursor->index].length = (guint16) (leaf->spans[cursor->index].length + span->length);
  } else {
    if (cursor->offset > 0) {
      span_split (leaf, cursor->index, cursor->offset);
      cursor->index++;
    }
    leaf_put (leaf, cursor->index, span);
  }
  cursor->offset = leaf->spans[cursor->index].length;
  add_visible (tree, leaf, span->visible ? span->length : 0);
}

void
mabei_span_tree_append (MabeiSpanTree *tree, const MabeiSpan *span)
{
  MabeiSpanLeaf *last = tree->leaves[tree->n_leaves - 1];
  MabeiSpanCursor end = {last, last->n_spans, 0};
  mabei_span_tree_insert (tree, &end, span);
}

MabeiSpan *
mabei_span_tree_isolate (MabeiSpanTree *tree, MabeiSpanCursor *cursor, guint32 length)
{
  leaf_reserve (tree, cursor);
  MabeiSpanLeaf *leaf = cursor->leaf;
  if (cursor->offset > 0) {
    span_split (leaf, cursor->index, cursor->offset);
    cursor->index++;
    cursor->offset = 0;
  }
  if (length < leaf->spans[cursor->index].length)
    span_split (leaf, cursor->index, length);
  return &leaf->spans[cursor->index];
}

void
mabei_span_tree_update (MabeiSpanTree *tree, MabeiSpanCursor *cursor, guint32 deleters, gboolean visible)
{
  MabeiSpanLeaf *leaf = cursor->leaf;
  guint32 index = cursor->index;
  MabeiSpan *span = &leaf->spans[index];
  gint32 change = ((visible ? 1 : 0) - (span->visible ? 1 : 0)) * (gint32) span->length;
  span->deleters = deleters;
  span->visible = visible ? 1 : 0;
  add_visible (tree, leaf, change);
  if (index + 1 < leaf->n_spans && continues (span, span + 1)) {
    span->length = (guint16) (span->length + span[1].length);
    leaf_drop (leaf, index + 1);
  }
  if (index > 0 && continues (span - 1, span)) {
    cursor->offset = span[-1].length;
    span[-1].length = (guint16) (span[-1].length + span->length);
    leaf_drop (leaf, index);
    cursor->index--;
  }
}
