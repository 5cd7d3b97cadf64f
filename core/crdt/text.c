#include "core/crdt/text_private.h"

/* Scratch of one blob that was larger than this is given back. */
#define OPS_KEPT 4096

MabeiText *
mabei_text_new (void)
{
  MabeiText *text = g_new0 (MabeiText, 1);
  mabei_span_tree_init (&text->tree);
  mabei_agents_init (&text->agents);
  text->ops = g_array_new (FALSE, FALSE, sizeof (MabeiTextOp));
  return text;
}

void
mabei_text_free (MabeiText *text)
{
  if (text == NULL)
    return;
  mabei_span_tree_clear (&text->tree);
  mabei_agents_clear (&text->agents);
  mabei_characters_clear (&text->characters);
  g_array_unref (text->ops);
  g_free (text);
}

/* ---- agents ---- */

guint32
mabei_text_agent (MabeiText *text, const guint8 *name, gsize length)
{
  g_assert (length > 0 && length <= MABEI_TEXT_AGENT_NAME_MAX);
  return mabei_agents_intern (&text->agents, name, length);
}

guint32
mabei_text_find_agent (const MabeiText *text, const guint8 *name, gsize length)
{
  G_STATIC_ASSERT (MABEI_TEXT_AGENT_NONE == MABEI_AGENT_NONE);
  return mabei_agents_find (&text->agents, name, length);
}

guint32
mabei_text_n_agents (const MabeiText *text)
{
  return text->agents.n;
}

const guint8 *
mabei_text_agent_name (const MabeiText *text, guint32 agent, gsize *length)
{
  g_assert (agent < text->agents.n);
  return g_bytes_get_data (text->agents.all[agent].name, length);
}

gboolean
mabei_text_agent_rename (MabeiText *text, guint32 agent, const guint8 *name, gsize length, GError **error)
{
  g_assert (agent < text->agents.n && length > 0 && length <= MABEI_TEXT_AGENT_NAME_MAX);
  MabeiAgent *who = &text->agents.all[agent];
  if (mabei_agents_find (&text->agents, name, length) != MABEI_AGENT_NONE) {
    g_set_error_literal (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_EXISTS, "an agent of this name exists");
    return FALSE;
  }
  if (who->compared) {
    g_set_error_literal (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_RANGE,
                         "the agent's old name has already decided an order");
    return FALSE;
  }
  mabei_agents_rename (&text->agents, agent, name, length);
  return TRUE;
}

static gboolean
is_visible (const MabeiText *text, guint32 agent, guint32 deleters)
{
  return !text->agents.all[agent].suspended && !mabei_agents_deletes (&text->agents, deleters);
}

void
mabei_text_agent_suspend (MabeiText *text, guint32 agent, gboolean suspended)
{
  g_assert (agent < text->agents.n);
  MabeiAgent *who = &text->agents.all[agent];
  if (who->suspended == !!suspended)
    return;
  who->suspended = !!suspended;
  text->agents.n_suspended += suspended ? 1 : -1u;
  for (MabeiSpanLeaf *leaf = text->tree.first; leaf != NULL; leaf = leaf->next) {
    for (guint i = 0; i < leaf->n_spans; i++)
      leaf->spans[i].visible = is_visible (text, leaf->spans[i].agent, leaf->spans[i].deleters) ? 1 : 0;
  }
  mabei_span_tree_recount (&text->tree);
}

/* ---- elements ---- */

guint32
mabei_text_add_elements (MabeiText *text, guint32 agent, guint32 seq, const guint8 *utf8, gsize n_bytes, guint32 n)
{
  guint32 slot = mabei_span_tree_add_slots (&text->tree, n);
  mabei_characters_add (&text->characters, utf8, n_bytes, n);
  mabei_agents_add_run (&text->agents, agent, seq, slot, n);
  return slot;
}

void
mabei_text_put (MabeiText *text,
                MabeiSpanCursor *cursor,
                guint32 agent,
                guint32 seq,
                guint32 slot,
                guint32 n,
                guint32 left,
                guint32 right)
{
  MabeiSpan span = {.slot = slot, .agent = agent, .seq = seq, .left = left, .right = right};
  span.visible = text->agents.all[agent].suspended ? 0 : 1;
  for (guint32 rest = n; rest > 0;) {
    span.length = (guint16) MIN (rest, MABEI_SPAN_MAX);
    mabei_span_tree_insert (&text->tree, cursor, &span);
    rest -= span.length;
    span.slot += span.length;
    span.seq += span.length;
    span.left = span.slot - 1;
    span.right = MABEI_SLOT_NONE;
  }
}

guint32
mabei_text_mark (MabeiText *text, MabeiSpanCursor *cursor, guint32 count, guint32 agent)
{
  const MabeiSpan *span = mabei_span_cursor_span (cursor);
  guint32 n = MIN (count, span->length - cursor->offset);
  guint32 deleters = mabei_agents_add_deleter (&text->agents, span->deleters, agent);
  if (deleters == span->deleters)
    return n;
  span = mabei_span_tree_isolate (&text->tree, cursor, n);
  mabei_span_tree_update (&text->tree, cursor, deleters, is_visible (text, span->agent, deleters));
  return n;
}

/* ---- local edits ---- */

static gboolean
check_utf8 (const guint8 *utf8, gsize n_bytes, guint32 *n, GError **error)
{
  MabeiReader reader = mabei_reader (utf8, n_bytes);
  gunichar character;
  guint32 count = 0;
  while (reader.at < reader.end) {
    if (!mabei_reader_utf8 (&reader, &character)) {
      g_set_error_literal (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_FORMAT, "the text is not UTF-8");
      return FALSE;
    }
    count++;
  }
  *n = count;
  return TRUE;
}

gboolean
mabei_text_check_room (const MabeiText *text, guint32 agent, guint32 seq, guint32 n, GError **error)
{
  if (n > MABEI_TEXT_ELEMENTS_MAX - text->tree.n_slots) {
    g_set_error (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_LIMIT, "the text would have more than %u elements",
                 MABEI_TEXT_ELEMENTS_MAX);
    return FALSE;
  }
  if (n > 0 && !mabei_agents_is_free (&text->agents, agent, seq, n)) {
    g_set_error_literal (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_EXISTS, "elements of these numbers exist already");
    return FALSE;
  }
  return TRUE;
}

void
mabei_text_write_at (MabeiText *text,
                     MabeiTextWriter *writer,
                     MabeiSpanCursor cursor,
                     MabeiElementId left,
                     const guint8 *utf8,
                     gsize n_bytes,
                     guint32 n)
{
  guint32 agent = mabei_text_writer_agent (writer), seq = mabei_text_writer_next_seq (writer);
  guint32 left_slot = MABEI_SLOT_NONE, right_slot = MABEI_SLOT_NONE;
  MabeiElementId right = {MABEI_AGENT_NONE, 0};
  if (left.agent != MABEI_AGENT_NONE)
    left_slot = mabei_span_cursor_span (&cursor)->slot + cursor.offset - 1;
  MabeiSpanCursor next = cursor;
  if (mabei_span_cursor_settle (&next)) {
    const MabeiSpan *span = mabei_span_cursor_span (&next);
    if (next.offset > 0 || span->left == left_slot) {
      right = (MabeiElementId){span->agent, span->seq + next.offset};
      right_slot = span->slot + next.offset;
    }
  }
  guint32 slot = mabei_text_add_elements (text, agent, seq, utf8, n_bytes, n);
  mabei_text_put (text, &cursor, agent, seq, slot, n, left_slot, right_slot);
  mabei_text_writer_insert (writer, left, right, utf8, n_bytes, n);
}

gboolean
mabei_text_insert (
    MabeiText *text, MabeiTextWriter *writer, guint32 position, const char *utf8, gssize n_bytes, GError **error)
{
  gsize size = n_bytes < 0 ? strlen (utf8) : (gsize) n_bytes;
  guint32 n;
  if (position > text->tree.visible) {
    g_set_error (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_RANGE, "position %u is past the end %u", position,
                 text->tree.visible);
    return FALSE;
  }
  if (size > MABEI_TEXT_BLOB_MAX / 2) {
    g_set_error (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_LIMIT, "more than %u bytes at once",
                 MABEI_TEXT_BLOB_MAX / 2);
    return FALSE;
  }
  if (!check_utf8 ((const guint8 *) utf8, size, &n, error))
    return FALSE;
  if (n == 0)
    return TRUE;
  if (!mabei_text_check_room (text, mabei_text_writer_agent (writer), mabei_text_writer_next_seq (writer), n, error))
    return FALSE;
  MabeiSpanCursor cursor = {text->tree.first, 0, 0};
  MabeiElementId left = {MABEI_AGENT_NONE, 0};
  if (position > 0) {
    cursor = mabei_span_tree_find_rank (&text->tree, position - 1);
    const MabeiSpan *span = mabei_span_cursor_span (&cursor);
    left = (MabeiElementId){span->agent, span->seq + cursor.offset};
    cursor.offset++;
  }
  mabei_text_write_at (text, writer, cursor, left, (const guint8 *) utf8, size, n);
  return TRUE;
}

gboolean
mabei_text_delete (MabeiText *text, MabeiTextWriter *writer, guint32 position, guint32 count, GError **error)
{
  guint32 length = text->tree.visible;
  if (position > length || count > length - position) {
    g_set_error (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_RANGE, "%u characters at %u are not within %u", count,
                 position, length);
    return FALSE;
  }
  while (count > 0) {
    MabeiSpanCursor cursor = mabei_span_tree_find_rank (&text->tree, position);
    const MabeiSpan *span = mabei_span_cursor_span (&cursor);
    MabeiElementId first = {span->agent, span->seq + cursor.offset};
    guint32 n = mabei_text_mark (text, &cursor, count, mabei_text_writer_agent (writer));
    mabei_text_writer_delete (writer, first, n);
    count -= n;
  }
  return TRUE;
}

/* ---- remote edits ---- */

static void
effect_insert (
    MabeiText *text, const MabeiTextOp *op, guint32 agent, guint32 seq, MabeiTextPatchFunc patch, gpointer data)
{
  guint32 slot = mabei_text_add_elements (text, agent, seq, op->utf8, op->n_bytes, op->count);
  MabeiSpanCursor cursor = mabei_text_order (text, agent, seq, op->left, op->right);
  guint32 position = patch != NULL ? mabei_span_tree_rank (&text->tree, &cursor) : 0;
  mabei_text_put (text, &cursor, agent, seq, slot, op->count, op->left, op->right);
  if (patch != NULL && !text->agents.all[agent].suspended)
    patch (position, 0, (const char *) op->utf8, op->n_bytes, data);
}

static void
effect_delete (MabeiText *text, const MabeiTextOp *op, guint32 agent, MabeiTextPatchFunc patch, gpointer data)
{
  guint32 seq = op->seq;
  for (guint32 left = op->count; left > 0;) {
    guint32 length = 0;
    guint32 slot = mabei_agents_slot (&text->agents, op->agent, seq, &length);
    MabeiSpanCursor cursor = mabei_span_tree_find (&text->tree, slot);
    guint32 position = patch != NULL ? mabei_span_tree_rank (&text->tree, &cursor) : 0;
    guint32 before = text->tree.visible;
    guint32 n = mabei_text_mark (text, &cursor, MIN (length, left), agent);
    if (patch != NULL && text->tree.visible < before)
      patch (position, before - text->tree.visible, NULL, 0, data);
    seq += n;
    left -= n;
  }
}

gboolean
mabei_text_apply (MabeiText *text,
                  guint32 agent,
                  const guint32 *refs,
                  gsize n_refs,
                  guint32 first_seq,
                  const guint8 *bytes,
                  gsize n_bytes,
                  MabeiTextPatchFunc patch,
                  gpointer user_data,
                  GError **error)
{
  g_assert (agent < text->agents.n);
  const MabeiTextBlob blob = {agent, refs, n_refs, first_seq, bytes, n_bytes, FALSE};
  guint32 n_inserted;
  gboolean valid = mabei_text_blob_decode (text, &blob, text->ops, &n_inserted, error);
  guint32 seq = first_seq;
  for (guint i = 0; valid && i < text->ops->len; i++) {
    const MabeiTextOp *op = &g_array_index (text->ops, MabeiTextOp, i);
    if (op->inserts) {
      effect_insert (text, op, agent, seq, patch, user_data);
      seq += op->count;
    } else {
      effect_delete (text, op, agent, patch, user_data);
    }
  }
  if (text->ops->len > OPS_KEPT) {
    g_array_unref (text->ops);
    text->ops = g_array_new (FALSE, FALSE, sizeof (MabeiTextOp));
  }
  return valid;
}
