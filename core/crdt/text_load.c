#include "core/crdt/pack.h"
#include "core/crdt/text_columns.h"
#include "core/crdt/text_saved.h"

/* A number of at most 5 bytes for each element, and some to spare. */
#define COLUMN_BYTES_MAX ((gsize) MABEI_TEXT_ELEMENTS_MAX * 5)
#define TEXT_BYTES_MAX ((gsize) MABEI_TEXT_ELEMENTS_MAX * 4)

typedef struct {
  MabeiReader reader;
  guint32 n_rows;
  guint32 n_agents;
  guint32 n_slots;
  guint32 n_sets;
  MabeiRow *rows;
  guint32 *order; /* rows by place */
  guint32 *sets;  /* by number of appearance: the text's sets */
  MabeiBuffer visible;
  MabeiBuffer deleted;
  MabeiBuffer names;
  MabeiBuffer bytes[MABEI_N_COLUMNS];
  MabeiReader columns[MABEI_N_COLUMNS];
  MabeiText *text;
} Loader;

static gboolean
number (Loader *loader, MabeiColumn column, guint32 *value)
{
  return mabei_reader_varint (&loader->columns[column], value);
}

static gboolean
read_blocks (Loader *loader)
{
  guint32 version;
  if (!mabei_reader_varint (&loader->reader, &version) || version != MABEI_SAVED_VERSION ||
      !mabei_pack_read (&loader->reader, TEXT_BYTES_MAX, &loader->visible) ||
      !mabei_reader_varint (&loader->reader, &loader->n_rows) ||
      !mabei_reader_varint (&loader->reader, &loader->n_agents) ||
      !mabei_pack_read (&loader->reader, COLUMN_BYTES_MAX, &loader->names))
    return FALSE;
  for (guint i = 0; i < MABEI_N_COLUMNS; i++) {
    if (!mabei_pack_read (&loader->reader, COLUMN_BYTES_MAX, &loader->bytes[i]))
      return FALSE;
    loader->columns[i] = mabei_reader (loader->bytes[i].data, loader->bytes[i].length);
  }
  return mabei_pack_read (&loader->reader, TEXT_BYTES_MAX, &loader->deleted) && loader->reader.at == loader->reader.end;
}

static gboolean
read_names (Loader *loader)
{
  MabeiReader names = mabei_reader (loader->names.data, loader->names.length);
  for (guint32 i = 0; i < loader->n_agents; i++) {
    guint32 length;
    if (!mabei_reader_varint (&names, &length) || length == 0 || length > MABEI_TEXT_AGENT_NAME_MAX ||
        (gsize) (names.end - names.at) < length || mabei_text_agent (loader->text, names.at, length) != i)
      return FALSE;
    names.at += length;
  }
  return names.at == names.end;
}

static gboolean
read_set (Loader *loader, guint32 *set)
{
  guint32 more, agent, last = 0;
  *set = MABEI_DELETERS_NONE;
  if (!number (loader, MABEI_COLUMN_SETS, &more) || more >= loader->n_agents)
    return FALSE;
  for (guint32 i = 0; i <= more; i++) {
    if (!number (loader, MABEI_COLUMN_SETS, &agent) || agent >= loader->n_agents || (i > 0 && agent <= last))
      return FALSE;
    *set = mabei_agents_add_deleter (&loader->text->agents, *set, agent);
    last = agent;
  }
  return TRUE;
}

static gboolean
read_deleters (Loader *loader, MabeiRow *row)
{
  guint32 code;
  if (!number (loader, MABEI_COLUMN_DELETERS, &code) || (code > 1 && code - 2 >= loader->n_sets))
    return FALSE;
  row->deleters = MABEI_DELETERS_NONE;
  if (code == 1 && !read_set (loader, &loader->sets[loader->n_sets++]))
    return FALSE;
  if (code > 0)
    row->deleters = loader->sets[code == 1 ? loader->n_sets - 1 : loader->n_sets - 1 - (code - 2)];
  return TRUE;
}

/* All of a row but what depends on the other rows of its agent. */
static gboolean
read_rows (Loader *loader)
{
  guint32 seen = 0;
  /* Each row takes a byte at least, so that memory is bounded by what was read. */
  if (loader->n_rows > loader->bytes[MABEI_COLUMN_LENGTHS].length || loader->n_agents > loader->names.length)
    return FALSE;
  loader->rows = g_new (MabeiRow, MAX (loader->n_rows, 1));
  loader->sets = g_new (guint32, MAX (loader->n_rows, 1));
  g_autofree guint32 *expected = g_new0 (guint32, MAX (loader->n_agents, 1));
  for (guint32 i = 0; i < loader->n_rows; i++) {
    MabeiRow *row = &loader->rows[i];
    guint32 ago, rank;
    if (!number (loader, MABEI_COLUMN_LENGTHS, &row->length) || row->length == 0 ||
        row->length > MABEI_TEXT_ELEMENTS_MAX - loader->n_slots)
      return FALSE;
    loader->n_slots += row->length;
    if (!number (loader, MABEI_COLUMN_AGENTS, &ago) || ago > seen || (ago == 0 && seen == loader->n_agents))
      return FALSE;
    row->agent = seen - ago;
    seen = MAX (seen, row->agent + 1);
    if (!number (loader, MABEI_COLUMN_RANKS, &rank) || !read_deleters (loader, row))
      return FALSE;
    row->rank = expected[row->agent] + (guint32) mabei_unzigzag (rank);
    expected[row->agent] = row->rank + 1;
  }
  return TRUE;
}

/* Sequences and places follow from the ranks, if these count each agent's rows without a hole. */
static gboolean
place_rows (Loader *loader)
{
  g_autofree guint32 *start = g_new0 (guint32, (gsize) loader->n_agents + 1);
  guint32 *order = loader->order = g_new (guint32, MAX (loader->n_rows, 1));
  memset (order, 0xff, loader->n_rows * sizeof *order);
  for (guint32 i = 0; i < loader->n_rows; i++)
    start[loader->rows[i].agent + 1]++;
  for (guint32 i = 0; i < loader->n_agents; i++)
    start[i + 1] += start[i];
  for (guint32 i = 0; i < loader->n_rows; i++) {
    const MabeiRow *row = &loader->rows[i];
    if (row->rank >= start[row->agent + 1] - start[row->agent] || order[start[row->agent] + row->rank] != G_MAXUINT32)
      return FALSE;
    order[start[row->agent] + row->rank] = i;
  }
  guint32 place = 0;
  for (guint32 i = 0; i < loader->n_rows; i++) {
    MabeiRow *row = &loader->rows[order[i]];
    const MabeiRow *before = row->rank > 0 ? &loader->rows[order[i - 1]] : NULL;
    guint32 from = before != NULL ? before->seq + before->length : 0, gap;
    if (!number (loader, MABEI_COLUMN_GAPS, &gap) || gap > G_MAXINT32 - row->length ||
        from > G_MAXINT32 - row->length - gap)
      return FALSE;
    row->seq = from + gap;
    row->slot = place;
    place += row->length;
    mabei_agents_add_run (&loader->text->agents, row->agent, row->seq, row->slot, row->length);
  }
  return TRUE;
}

/* The row that holds a place. */
static guint32
find_row (const Loader *loader, guint32 place)
{
  guint32 low = 0, high = loader->n_rows;
  while (high - low > 1) {
    guint32 middle = low + (high - low) / 2;
    if (loader->rows[loader->order[middle]].slot <= place)
      low = middle;
    else
      high = middle;
  }
  return loader->order[low];
}

static gboolean
read_left (Loader *loader, guint32 index)
{
  MabeiRow *row = &loader->rows[index];
  guint32 steps;
  if (!number (loader, MABEI_COLUMN_LEFTS, &steps) || steps > MABEI_SAVED_STEPS_MAX + 1)
    return FALSE;
  if (steps == 0) {
    guint32 place;
    if (!number (loader, MABEI_COLUMN_LEFTS, &place) || place > loader->n_slots)
      return FALSE;
    row->left = place - 1;
    row->left_row = place > 0 ? find_row (loader, row->left) : 0;
    return place == 0 || row->left_row < index;
  }
  row->left = index > 0 ? row[-1].slot + row[-1].length - 1 : MABEI_SLOT_NONE;
  row->left_row = index - 1;
  for (; steps > 1; steps--) {
    if (row->left == MABEI_SLOT_NONE)
      return FALSE;
    const MabeiRow *at = &loader->rows[row->left_row];
    row->left = at->left;
    row->left_row = at->left_row;
  }
  return TRUE;
}

static gboolean
read_right (Loader *loader, guint32 index, guint32 sibling)
{
  MabeiRow *row = &loader->rows[index];
  guint32 code;
  if (!number (loader, MABEI_COLUMN_RIGHTS, &code))
    return FALSE;
  row->right = code == 0 ? sibling : MABEI_SLOT_NONE;
  if (code < 2)
    return TRUE;
  row->right = code - 2;
  if (row->right >= loader->n_slots)
    return FALSE;
  guint32 right_row = find_row (loader, row->right);
  const MabeiRow *other = &loader->rows[right_row];
  return right_row > index && (row->right == other->slot ? other->left : row->right - 1) == row->left;
}

static gboolean
read_origins (Loader *loader)
{
  for (guint32 i = 0; i < loader->n_rows; i++) {
    if (!read_left (loader, i))
      return FALSE;
  }
  g_autofree guint32 *siblings = mabei_rows_next_siblings (loader->rows, loader->n_rows, loader->n_slots);
  for (guint32 i = 0; i < loader->n_rows; i++) {
    if (!read_right (loader, i, siblings[i]))
      return FALSE;
  }
  return TRUE;
}

static gboolean
fill_text (Loader *loader)
{
  MabeiText *text = loader->text;
  MabeiReader visible = mabei_reader (loader->visible.data, loader->visible.length);
  MabeiReader deleted = mabei_reader (loader->deleted.data, loader->deleted.length);
  mabei_characters_prepare (&text->characters, loader->n_slots,
                            MAX (mabei_characters_width (visible.at, loader->visible.length),
                                 mabei_characters_width (deleted.at, loader->deleted.length)));
  mabei_span_tree_add_slots (&text->tree, loader->n_slots);
  for (guint32 i = 0; i < loader->n_rows; i++) {
    const MabeiRow *row = &loader->rows[i];
    gboolean gone = row->deleters != MABEI_DELETERS_NONE;
    if (!mabei_characters_put (&text->characters, row->slot, row->length, gone ? &deleted : &visible))
      return FALSE;
    MabeiSpan span = {.slot = row->slot, .agent = row->agent, .seq = row->seq, .left = row->left, .right = row->right};
    span.deleters = row->deleters;
    span.visible = gone ? 0 : 1;
    for (guint32 rest = row->length; rest > 0;) {
      span.length = (guint16) MIN (rest, MABEI_SPAN_MAX);
      mabei_span_tree_append (&text->tree, &span);
      rest -= span.length;
      span.slot += span.length;
      span.seq += span.length;
      span.left = span.slot - 1;
      span.right = MABEI_SLOT_NONE;
    }
  }
  return visible.at == visible.end && deleted.at == deleted.end;
}

static gboolean
columns_are_read (const Loader *loader)
{
  for (guint i = 0; i < MABEI_N_COLUMNS; i++) {
    if (loader->columns[i].at != loader->columns[i].end)
      return FALSE;
  }
  return TRUE;
}

static void
set_damaged (GError **error)
{
  g_set_error_literal (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_FORMAT, "the saved text is damaged");
}

MabeiText *
mabei_text_load (const guint8 *bytes, gsize n_bytes, GError **error)
{
  g_autoptr (MabeiText) text = mabei_text_new ();
  Loader loader = {.reader = mabei_reader (bytes, n_bytes), .text = text};
  gboolean good = read_blocks (&loader) && read_names (&loader) && read_rows (&loader) && place_rows (&loader) &&
                  read_origins (&loader) && columns_are_read (&loader) && fill_text (&loader);
  mabei_buffer_clear (&loader.visible);
  mabei_buffer_clear (&loader.deleted);
  mabei_buffer_clear (&loader.names);
  for (guint i = 0; i < MABEI_N_COLUMNS; i++)
    mabei_buffer_clear (&loader.bytes[i]);
  g_free (loader.rows);
  g_free (loader.order);
  g_free (loader.sets);
  if (!good) {
    set_damaged (error);
    return NULL;
  }
  return g_steal_pointer (&text);
}

char *
mabei_text_saved_read (const guint8 *bytes, gsize n_bytes, gsize *length, GError **error)
{
  MabeiReader reader = mabei_reader (bytes, n_bytes);
  MabeiBuffer visible = {0};
  guint32 version;
  if (!mabei_reader_varint (&reader, &version) || version != MABEI_SAVED_VERSION ||
      !mabei_pack_read (&reader, TEXT_BYTES_MAX, &visible) || !mabei_utf8_is_text (visible.data, visible.length)) {
    mabei_buffer_clear (&visible);
    set_damaged (error);
    return NULL;
  }
  if (length != NULL)
    *length = visible.length;
  mabei_buffer_add (&visible, "", 1);
  return (char *) visible.data;
}
