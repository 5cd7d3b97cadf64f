#include "core/crdt/pack.h"
#include "core/crdt/text_columns.h"
#include "core/crdt/text_saved.h"

#define UNSEEN G_MAXUINT32

typedef struct {
  const MabeiText *text;
  GArray *rows;         /* MabeiRow */
  guint32 *agent_order; /* by agent: its number in the file */
  GArray *agents;       /* by number in the file: agent */
  guint32 *same_set;    /* by set: the first met with the same members */
  GHashTable *set_of;   /* members to that */
  MabeiBuffer columns[MABEI_N_COLUMNS];
  MabeiBuffer visible;
  MabeiBuffer deleted;
} Saver;

/* For each place the row that holds it. */
static guint32 *
rows_by_place (const MabeiRow *rows, guint32 n_rows, guint32 n_slots)
{
  guint32 *row_of = g_new (guint32, MAX (n_slots, 1));
  for (guint32 i = 0; i < n_rows; i++) {
    for (guint32 k = 0; k < rows[i].length; k++)
      row_of[rows[i].slot + k] = i;
  }
  return row_of;
}

guint32 *
mabei_rows_next_siblings (const MabeiRow *rows, guint32 n_rows, guint32 n_slots)
{
  /* By left origin, the border first: the first element of the row met last. */
  g_autofree guint32 *met = g_new (guint32, (gsize) n_slots + 1);
  guint32 *siblings = g_new (guint32, MAX (n_rows, 1));
  memset (met, 0xff, ((gsize) n_slots + 1) * sizeof *met);
  for (guint32 i = n_rows; i-- > 0;) {
    guint32 *of_left = &met[rows[i].left + 1u];
    siblings[i] = *of_left;
    *of_left = rows[i].slot;
  }
  return siblings;
}

static MabeiRow *
row (const Saver *saver, guint32 index)
{
  return &g_array_index (saver->rows, MabeiRow, index);
}

static guint32
file_agent (Saver *saver, guint32 agent)
{
  if (saver->agent_order[agent] == UNSEEN) {
    saver->agent_order[agent] = saver->agents->len;
    g_array_append_val (saver->agents, agent);
  }
  return saver->agent_order[agent];
}

static gint
compare_names (gconstpointer a, gconstpointer b, gpointer data)
{
  const MabeiAgents *agents = data;
  return g_bytes_compare (agents->all[*(const guint32 *) a].name, agents->all[*(const guint32 *) b].name);
}

static gint
compare_numbers (gconstpointer a, gconstpointer b)
{
  guint32 x = *(const guint32 *) a, y = *(const guint32 *) b;
  return x < y ? -1 : x > y;
}

/* The agents of a set by their numbers in the file. New ones are numbered by name, not by who deleted first here. */
static void
list_members (Saver *saver, guint32 set, GArray *members)
{
  const MabeiDeleters *sets = saver->text->agents.sets;
  g_array_set_size (members, 0);
  for (guint32 at = set; at != MABEI_DELETERS_NONE; at = sets[at].rest)
    g_array_append_val (members, sets[at].agent);
  g_array_sort_with_data (members, compare_names, (gpointer) &saver->text->agents);
  for (guint i = 0; i < members->len; i++) {
    guint32 *member = &g_array_index (members, guint32, i);
    *member = file_agent (saver, *member);
  }
  g_array_sort (members, compare_numbers);
}

/* One set for all that have the same members, which were added here in different orders. */
static guint32
canonical_set (Saver *saver, guint32 set)
{
  if (set == MABEI_DELETERS_NONE || saver->same_set[set] != 0)
    return set == MABEI_DELETERS_NONE ? set : saver->same_set[set];
  g_autoptr (GArray) members = g_array_new (FALSE, FALSE, sizeof (guint32));
  list_members (saver, set, members);
  GBytes *key = g_bytes_new (members->data, members->len * sizeof (guint32));
  gpointer known = g_hash_table_lookup (saver->set_of, key);
  saver->same_set[set] = known != NULL ? GPOINTER_TO_UINT (known) : set;
  if (known == NULL)
    g_hash_table_insert (saver->set_of, key, GUINT_TO_POINTER (set));
  else
    g_bytes_unref (key);
  return saver->same_set[set];
}

/* Agents in the order of their first element in the text, and each element's place by (agent, sequence): the slots of
 * this replica depend on what arrived when, and shall not show. */
static guint32 *
number_elements (Saver *saver)
{
  const MabeiText *text = saver->text;
  for (const MabeiSpanLeaf *leaf = text->tree.first; leaf != NULL; leaf = leaf->next) {
    for (guint i = 0; i < leaf->n_spans; i++)
      file_agent (saver, leaf->spans[i].agent);
  }
  guint32 *place_of = g_new (guint32, MAX (text->tree.n_slots, 1));
  guint32 place = 0;
  for (guint i = 0; i < saver->agents->len; i++) {
    const MabeiAgent *agent = &text->agents.all[g_array_index (saver->agents, guint32, i)];
    for (guint32 r = 0; r < agent->n_runs; r++) {
      for (guint32 k = 0; k < agent->runs[r].length; k++)
        place_of[agent->runs[r].slot + k] = place++;
    }
  }
  return place_of;
}

/* Spans in the order of the text, joined over the limits of spans, leaves and arrival. */
static void
collect_rows (Saver *saver)
{
  g_autofree guint32 *place_of = number_elements (saver);
  for (const MabeiSpanLeaf *leaf = saver->text->tree.first; leaf != NULL; leaf = leaf->next) {
    for (guint i = 0; i < leaf->n_spans; i++) {
      const MabeiSpan *span = &leaf->spans[i];
      MabeiRow next = {.slot = place_of[span->slot], .seq = span->seq, .length = span->length};
      next.agent = file_agent (saver, span->agent);
      next.left = span->left == MABEI_SLOT_NONE ? MABEI_SLOT_NONE : place_of[span->left];
      next.right = span->right == MABEI_SLOT_NONE ? MABEI_SLOT_NONE : place_of[span->right];
      next.deleters = canonical_set (saver, span->deleters);
      mabei_characters_write (&saver->text->characters, span->slot, span->length,
                              span->deleters == MABEI_DELETERS_NONE ? &saver->visible : &saver->deleted);
      MabeiRow *last = saver->rows->len > 0 ? row (saver, saver->rows->len - 1) : NULL;
      if (last != NULL && last->agent == next.agent && last->seq + last->length == next.seq &&
          last->deleters == next.deleters && next.left == next.slot - 1 && next.right == MABEI_SLOT_NONE)
        last->length += next.length;
      else
        g_array_append_val (saver->rows, next);
    }
  }
}

static void
write_agents (Saver *saver)
{
  guint32 seen = 0;
  for (guint32 i = 0; i < saver->rows->len; i++) {
    guint32 agent = row (saver, i)->agent;
    mabei_buffer_add_varint (&saver->columns[MABEI_COLUMN_AGENTS], seen - agent);
    seen = MAX (seen, agent + 1);
  }
}

static void
write_deleters (Saver *saver)
{
  MabeiBuffer *column = &saver->columns[MABEI_COLUMN_DELETERS], *sets = &saver->columns[MABEI_COLUMN_SETS];
  g_autofree guint32 *seen_as = g_new0 (guint32, saver->text->agents.n_sets);
  g_autoptr (GArray) members = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint32 seen = 0;
  for (guint32 i = 0; i < saver->rows->len; i++) {
    guint32 set = row (saver, i)->deleters;
    if (set == MABEI_DELETERS_NONE) {
      mabei_buffer_add_varint (column, 0);
    } else if (seen_as[set] == 0) {
      seen_as[set] = ++seen;
      mabei_buffer_add_varint (column, 1);
      list_members (saver, set, members);
      mabei_buffer_add_varint (sets, members->len - 1);
      for (guint k = 0; k < members->len; k++)
        mabei_buffer_add_varint (sets, g_array_index (members, guint32, k));
    } else {
      mabei_buffer_add_varint (column, 2 + seen - seen_as[set]);
    }
  }
}

static void
write_ranks (Saver *saver)
{
  guint32 n = saver->rows->len, n_slots = saver->text->tree.n_slots;
  g_autofree guint32 *row_at = g_new (guint32, MAX (n_slots, 1));
  g_autofree guint32 *expected = g_new0 (guint32, MAX (saver->agents->len, 1));
  for (guint32 i = 0; i < n; i++)
    row_at[row (saver, i)->slot] = i;
  const MabeiRow *before = NULL;
  for (guint32 slot = 0; slot < n_slots; slot += before->length) {
    MabeiRow *at = row (saver, row_at[slot]);
    gboolean first = before == NULL || before->agent != at->agent;
    at->rank = first ? 0 : before->rank + 1;
    mabei_buffer_add_varint (&saver->columns[MABEI_COLUMN_GAPS],
                             first ? at->seq : at->seq - before->seq - before->length);
    before = at;
  }
  for (guint32 i = 0; i < n; i++) {
    const MabeiRow *at = row (saver, i);
    mabei_buffer_add_varint (&saver->columns[MABEI_COLUMN_RANKS],
                             mabei_zigzag ((gint32) (at->rank - expected[at->agent])));
    expected[at->agent] = at->rank + 1;
  }
}

static void
write_origins (Saver *saver)
{
  guint32 n_slots = saver->text->tree.n_slots;
  const MabeiRow *rows = (const MabeiRow *) (gconstpointer) saver->rows->data;
  g_autofree guint32 *row_of = rows_by_place (rows, saver->rows->len, n_slots);
  g_autofree guint32 *siblings = mabei_rows_next_siblings (rows, saver->rows->len, n_slots);
  MabeiBuffer *lefts = &saver->columns[MABEI_COLUMN_LEFTS], *rights = &saver->columns[MABEI_COLUMN_RIGHTS];
  for (guint32 i = 0; i < saver->rows->len; i++) {
    guint32 at = i > 0 ? rows[i - 1].slot + rows[i - 1].length - 1 : MABEI_SLOT_NONE;
    guint32 steps = 0;
    while (at != rows[i].left && at != MABEI_SLOT_NONE && steps < MABEI_SAVED_STEPS_MAX) {
      at = rows[row_of[at]].left;
      steps++;
    }
    if (at == rows[i].left) {
      mabei_buffer_add_varint (lefts, steps + 1);
    } else {
      mabei_buffer_add_varint (lefts, 0);
      mabei_buffer_add_varint (lefts, rows[i].left + 1u);
    }
    mabei_buffer_add_varint (rights, rows[i].right == siblings[i]       ? 0
                                     : rows[i].right == MABEI_SLOT_NONE ? 1
                                                                        : rows[i].right + 2);
  }
}

static void
write_names (const Saver *saver, MabeiBuffer *to)
{
  MabeiBuffer names = {0};
  for (guint i = 0; i < saver->agents->len; i++) {
    gsize length;
    const guint8 *name = mabei_text_agent_name (saver->text, g_array_index (saver->agents, guint32, i), &length);
    mabei_buffer_add_varint (&names, (guint32) length);
    mabei_buffer_add (&names, name, length);
  }
  mabei_pack_write (to, names.data, names.length);
  mabei_buffer_clear (&names);
}

GBytes *
mabei_text_save (const MabeiText *text)
{
  Saver saver = {.text = text};
  saver.rows = g_array_new (FALSE, FALSE, sizeof (MabeiRow));
  saver.agents = g_array_new (FALSE, FALSE, sizeof (guint32));
  saver.agent_order = g_new (guint32, MAX (text->agents.n, 1));
  memset (saver.agent_order, 0xff, MAX (text->agents.n, 1) * sizeof *saver.agent_order);
  saver.same_set = g_new0 (guint32, text->agents.n_sets);
  saver.set_of = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  collect_rows (&saver);
  write_agents (&saver);
  write_deleters (&saver);
  write_ranks (&saver);
  for (guint32 i = 0; i < saver.rows->len; i++)
    mabei_buffer_add_varint (&saver.columns[MABEI_COLUMN_LENGTHS], row (&saver, i)->length);
  write_origins (&saver);

  MabeiBuffer to = {0};
  mabei_buffer_add_varint (&to, MABEI_SAVED_VERSION);
  mabei_pack_write (&to, saver.visible.data, saver.visible.length);
  mabei_buffer_add_varint (&to, saver.rows->len);
  mabei_buffer_add_varint (&to, saver.agents->len);
  write_names (&saver, &to);
  for (guint i = 0; i < MABEI_N_COLUMNS; i++) {
    mabei_pack_write (&to, saver.columns[i].data, saver.columns[i].length);
    mabei_buffer_clear (&saver.columns[i]);
  }
  mabei_pack_write (&to, saver.deleted.data, saver.deleted.length);
  mabei_buffer_clear (&saver.visible);
  mabei_buffer_clear (&saver.deleted);
  g_array_unref (saver.rows);
  g_array_unref (saver.agents);
  g_free (saver.agent_order);
  g_free (saver.same_set);
  g_hash_table_unref (saver.set_of);
  return g_bytes_new_take (to.data, to.length);
}
