/* FugueMax by scanning, as in YjsMod (J. Gentle: Eg-walker, 2024, section on integration): both give the same order. */
#include "core/crdt/text_private.h"

guint32
mabei_text_left_origin (const MabeiText *text, guint32 slot)
{
  MabeiSpanCursor cursor = mabei_span_tree_find (&text->tree, slot);
  return cursor.offset == 0 ? mabei_span_cursor_span (&cursor)->left : slot - 1;
}

/* Places of left origins; the border lies before everything. */
static gint
compare_left (const MabeiText *text, guint32 a, guint32 b)
{
  if (a == b)
    return 0;
  if (a == MABEI_SLOT_NONE || b == MABEI_SLOT_NONE)
    return a == MABEI_SLOT_NONE ? -1 : 1;
  MabeiSpanCursor at_a = mabei_span_tree_find (&text->tree, a);
  MabeiSpanCursor at_b = mabei_span_tree_find (&text->tree, b);
  return mabei_span_tree_compare (&at_a, &at_b);
}

/* Places of right origins; the border lies after everything. */
static gint
compare_right (const MabeiText *text, guint32 a, guint32 b)
{
  if (a != b && (a == MABEI_SLOT_NONE || b == MABEI_SLOT_NONE))
    return a == MABEI_SLOT_NONE ? 1 : -1;
  return compare_left (text, a, b);
}

static gboolean
goes_before (MabeiText *text, guint32 agent, guint32 seq, const MabeiSpan *other, guint32 other_seq)
{
  gint order = mabei_agents_compare (&text->agents, agent, other->agent);
  return order < 0 || (order == 0 && seq < other_seq);
}

/* The elements between the origins are those written there concurrently, with all that hangs on them. Among siblings
 * (same left origin) the one whose right origin is farther right comes first; equal ones go by agent and number.
 * While the siblings' right origins lie left of ours, a later one may still send us back to before them. */
MabeiSpanCursor
mabei_text_order (MabeiText *text, guint32 agent, guint32 seq, guint32 left, guint32 right)
{
  MabeiSpanCursor best = {text->tree.first, 0, 0};
  if (left != MABEI_SLOT_NONE) {
    best = mabei_span_tree_find (&text->tree, left);
    best.offset++;
  }
  MabeiSpanCursor at = best;
  gboolean undecided = FALSE;
  while (mabei_span_cursor_settle (&at)) {
    const MabeiSpan *span = mabei_span_cursor_span (&at);
    guint32 slot = span->slot + at.offset;
    if (slot == right)
      break;
    guint32 other_left = at.offset == 0 ? span->left : slot - 1;
    guint32 other_right = at.offset == 0 ? span->right : MABEI_SLOT_NONE;
    gint order = compare_left (text, other_left, left);
    if (order < 0)
      break;
    if (order == 0) {
      gint sides = compare_right (text, other_right, right);
      if (sides == 0 && goes_before (text, agent, seq, span, span->seq + at.offset))
        break;
      undecided = sides < 0;
    }
    /* What follows in the span hangs on this element. Our right origin is a sibling, hence never within the rest. */
    at.offset = span->length;
    if (!undecided)
      best = at;
  }
  return best;
}
