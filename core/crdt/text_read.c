/* What a text says: now, in a past version, and by whom. */
#include "core/crdt/text_private.h"

guint32
mabei_text_length (const MabeiText *text)
{
  return text->tree.visible;
}

guint32
mabei_text_n_elements (const MabeiText *text)
{
  return text->tree.n_slots;
}

guint32
mabei_text_next_seq (const MabeiText *text, guint32 agent)
{
  g_assert (agent < text->agents.n);
  const MabeiAgent *who = &text->agents.all[agent];
  return who->n_runs == 0 ? 0 : who->runs[who->n_runs - 1].seq + who->runs[who->n_runs - 1].length;
}

gboolean
mabei_text_anchor (MabeiText *text, guint32 position, guint32 *agent, guint32 *seq)
{
  if (position >= text->tree.visible)
    return FALSE;
  MabeiSpanCursor cursor = mabei_span_tree_find_rank (&text->tree, position);
  *agent = mabei_span_cursor_span (&cursor)->agent;
  *seq = mabei_span_cursor_span (&cursor)->seq + cursor.offset;
  return TRUE;
}

gboolean
mabei_text_anchor_position (MabeiText *text, guint32 agent, guint32 seq, guint32 *position)
{
  guint32 length;
  if (agent >= text->agents.n)
    return FALSE;
  guint32 slot = mabei_agents_slot (&text->agents, agent, seq, &length);
  if (slot == MABEI_SLOT_NONE)
    return FALSE;
  MabeiSpanCursor cursor = mabei_span_tree_find (&text->tree, slot);
  *position = mabei_span_tree_rank (&text->tree, &cursor);
  return TRUE;
}

static char *
finish (MabeiBuffer *buffer, gsize *n_bytes)
{
  if (n_bytes != NULL)
    *n_bytes = buffer->length;
  mabei_buffer_add (buffer, "", 1);
  return (char *) buffer->data;
}

char *
mabei_text_read (const MabeiText *text, gsize *n_bytes)
{
  MabeiBuffer buffer = {0};
  mabei_buffer_reserve (&buffer, (gsize) text->tree.visible + 1);
  for (const MabeiSpanLeaf *leaf = text->tree.first; leaf != NULL; leaf = leaf->next) {
    for (guint i = 0; i < leaf->n_spans; i++) {
      const MabeiSpan *span = &leaf->spans[i];
      if (span->visible)
        mabei_characters_write (&text->characters, span->slot, span->length, &buffer);
    }
  }
  return finish (&buffer, n_bytes);
}

static gboolean
deleted_within (const MabeiAgents *agents, guint32 set, const guint8 *includes)
{
  for (guint32 at = set; at != MABEI_DELETERS_NONE; at = agents->sets[at].rest) {
    if (includes[agents->sets[at].agent])
      return TRUE;
  }
  return FALSE;
}

char *
mabei_text_read_version (const MabeiText *text, const guint8 *includes, gsize *n_bytes)
{
  MabeiBuffer buffer = {0};
  for (const MabeiSpanLeaf *leaf = text->tree.first; leaf != NULL; leaf = leaf->next) {
    for (guint i = 0; i < leaf->n_spans; i++) {
      const MabeiSpan *span = &leaf->spans[i];
      if (includes[span->agent] && !deleted_within (&text->agents, span->deleters, includes))
        mabei_characters_write (&text->characters, span->slot, span->length, &buffer);
    }
  }
  return finish (&buffer, n_bytes);
}

static gint
compare_numbers (gconstpointer a, gconstpointer b)
{
  guint32 x = *(const guint32 *) a, y = *(const guint32 *) b;
  return x < y ? -1 : x > y;
}

void
mabei_text_blame (const MabeiText *text, MabeiTextRunFunc function, gpointer user_data)
{
  MabeiBuffer utf8 = {0};
  g_autoptr (GArray) deleters = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint32 position = 0;
  for (const MabeiSpanLeaf *leaf = text->tree.first; leaf != NULL; leaf = leaf->next) {
    for (guint i = 0; i < leaf->n_spans; i++) {
      const MabeiSpan *span = &leaf->spans[i];
      utf8.length = 0;
      mabei_characters_write (&text->characters, span->slot, span->length, &utf8);
      g_array_set_size (deleters, 0);
      for (guint32 at = span->deleters; at != MABEI_DELETERS_NONE; at = text->agents.sets[at].rest)
        g_array_append_val (deleters, text->agents.sets[at].agent);
      g_array_sort (deleters, compare_numbers);
      const MabeiTextRun run = {
          .position = position,
          .length = span->length,
          .agent = span->agent,
          .seq = span->seq,
          .visible = span->visible,
          .deleters = (const guint32 *) (gconstpointer) deleters->data,
          .n_deleters = deleters->len,
          .utf8 = (const char *) utf8.data,
          .n_bytes = utf8.length,
      };
      function (&run, user_data);
      position += span->visible ? span->length : 0;
    }
  }
  mabei_buffer_clear (&utf8);
}
