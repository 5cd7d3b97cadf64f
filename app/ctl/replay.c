#include "app/ctl/replay.h"
#include "core/crdt/text_saved.h"

#include <malloc.h>
#include <time.h>

/* Authors' texts that are kept while replaying; a step whose version is none of theirs has one built anew. */
#define BRANCHES_MAX 16
#define NO_STEP G_MAXUINT32
#define START_AGENT "\0start"

/* The operations of one step; `first_seq` numbers what it inserts. A step whose numbers have gaps is several. */
typedef struct {
  guint32 agent;
  guint32 first_seq;
  gsize bytes; /* offset */
  guint32 n_bytes;
  guint32 refs; /* offset */
  guint32 n_refs;
} Message;

/* A text that holds exactly one step and all before it. */
typedef struct {
  MabeiText *text;
  guint8 *has; /* by step */
  guint32 head;
  guint64 used;
} Branch;

typedef struct {
  const MabeiTraceHistory *history;
  GArray *messages; /* Message */
  guint32 *of_step; /* the first message of each step, and one past the last */
  MabeiBuffer bytes;
  GArray *refs;     /* guint32 */
  GArray *next_seq; /* guint32 by agent */
  GPtrArray *branches;
  MabeiTextWriter *writer;
  double local_ms;
  guint64 n_ops;
  guint64 clock; /* for finding the branch used longest ago */
} Replay;

static double
cpu_ms (void)
{
  struct timespec now;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double) now.tv_sec * 1e3 + (double) now.tv_nsec / 1e6;
}

static gsize
heap_bytes (void)
{
  struct mallinfo2 info = mallinfo2 ();
  return info.uordblks + info.hblkhd;
}

const char *
mabei_replay_kind_name (MabeiTraceKind kind)
{
  static const char *const names[] = {"sequential", "concurrent", "conformance"};
  return names[kind];
}

/* ---- texts ---- */

/* Every text numbers the agents alike, so that messages may keep the numbers. Agent 0 writes the start content. */
static MabeiText *
text_new (const MabeiTraceHistory *history)
{
  MabeiText *text = mabei_text_new ();
  mabei_text_agent (text, (const guint8 *) START_AGENT, sizeof START_AGENT - 1);
  for (guint i = 0; i < history->agents->len; i++) {
    gsize length;
    const guint8 *name = g_bytes_get_data (history->agents->pdata[i], &length);
    mabei_text_agent (text, name, length);
  }
  return text;
}

static gboolean
apply (const Replay *replay, MabeiText *text, guint32 first, guint32 end, GError **error)
{
  for (guint32 i = first; i < end; i++) {
    const Message *message = &g_array_index (replay->messages, Message, i);
    const guint32 *refs = &g_array_index (replay->refs, guint32, message->refs);
    g_autoptr (GError) failure = NULL;
    /* What one author's text accepted is valid for every other, unless two steps have the same numbers. */
    if (!mabei_text_apply (text, message->agent, refs, message->n_refs, message->first_seq,
                           replay->bytes.data + message->bytes, message->n_bytes, NULL, NULL, &failure)) {
      g_set_error (error, MABEI_TRACE_ERROR, MABEI_TRACE_ERROR_FORMAT, "agent %u, number %u: %s", message->agent,
                   message->first_seq, failure->message);
      return FALSE;
    }
  }
  return TRUE;
}

static void
branch_free (gpointer data)
{
  Branch *branch = data;
  mabei_text_free (branch->text);
  g_free (branch->has);
  g_free (branch);
}

static Branch *
branch_new (Replay *replay, GError **error)
{
  if (replay->branches->len == BRANCHES_MAX) {
    guint oldest = 0;
    for (guint i = 1; i < replay->branches->len; i++) {
      if (((Branch *) replay->branches->pdata[i])->used < ((Branch *) replay->branches->pdata[oldest])->used)
        oldest = i;
    }
    g_ptr_array_remove_index_fast (replay->branches, oldest);
  }
  Branch *branch = g_new0 (Branch, 1);
  branch->text = text_new (replay->history);
  branch->has = g_malloc0 (replay->history->steps->len);
  branch->head = NO_STEP;
  g_ptr_array_add (replay->branches, branch);
  return apply (replay, branch->text, 0, replay->of_step[0], error) ? branch : NULL;
}

static gint
compare_steps (gconstpointer a, gconstpointer b)
{
  guint32 x = *(const guint32 *) a, y = *(const guint32 *) b;
  return x < y ? -1 : x > y;
}

/* The steps before `step` that the branch lacks, in order. FALSE if the branch holds something that is not before it:
 * since a branch is closed under parents, that is so exactly if the way back never meets its head. */
static gboolean
find_missing (const Replay *replay, const Branch *branch, const MabeiTraceStep *step, GArray *missing)
{
  const MabeiTraceHistory *history = replay->history;
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  gboolean meets_head = branch->head == NO_STEP;
  const MabeiTraceStep *at = step;
  g_array_set_size (missing, 0);
  for (guint i = 0;; i++) {
    for (guint k = 0; k < at->n_parents; k++) {
      guint32 parent = g_array_index (history->parents, guint32, at->first_parent + k);
      meets_head |= parent == branch->head;
      if (!branch->has[parent] && g_hash_table_add (seen, GUINT_TO_POINTER (parent)))
        g_array_append_val (missing, parent);
    }
    if (i == missing->len)
      break;
    at = &g_array_index (history->steps, MabeiTraceStep, g_array_index (missing, guint32, i));
  }
  g_array_sort (missing, compare_steps);
  return meets_head;
}

/* A text in the version of the step's parents. In a sequential trace that is always the last one. */
static Branch *
branch_for (Replay *replay, guint32 index, GError **error)
{
  const MabeiTraceHistory *history = replay->history;
  const MabeiTraceStep *step = &g_array_index (history->steps, MabeiTraceStep, index);
  Branch *best = NULL;
  if (history->kind == MABEI_TRACE_SEQUENTIAL)
    return replay->branches->len > 0 ? replay->branches->pdata[0] : branch_new (replay, error);
  g_autoptr (GArray) missing = g_array_new (FALSE, FALSE, sizeof (guint32));
  /* The author's own text first: it lacks least. */
  for (guint pass = 0; pass < 2 && best == NULL; pass++) {
    for (guint i = 0; i < replay->branches->len && best == NULL; i++) {
      Branch *branch = replay->branches->pdata[i];
      guint32 author = g_array_index (history->steps, MabeiTraceStep, branch->head).agent;
      if ((author == step->agent) == (pass == 0) && find_missing (replay, branch, step, missing))
        best = branch;
    }
  }
  if (best == NULL) {
    best = branch_new (replay, error);
    if (best == NULL)
      return NULL;
    find_missing (replay, best, step, missing);
  }
  for (guint i = 0; i < missing->len; i++) {
    guint32 before = g_array_index (missing, guint32, i);
    if (!apply (replay, best->text, replay->of_step[before], replay->of_step[before + 1], error))
      return NULL;
    best->has[before] = 1;
  }
  best->used = ++replay->clock;
  return best;
}

/* ---- authors ---- */

static void
keep_message (Replay *replay, guint32 first_seq)
{
  gsize n_bytes, n_refs;
  const guint8 *bytes = mabei_text_writer_bytes (replay->writer, &n_bytes);
  const guint32 *refs = mabei_text_writer_refs (replay->writer, &n_refs);
  if (n_bytes == 0)
    return;
  const Message message = {
      .agent = mabei_text_writer_agent (replay->writer),
      .first_seq = first_seq,
      .bytes = replay->bytes.length,
      .refs = replay->refs->len,
      .n_bytes = (guint32) n_bytes,
      .n_refs = (guint32) n_refs,
  };
  mabei_buffer_add (&replay->bytes, bytes, n_bytes);
  if (n_refs > 0)
    g_array_append_vals (replay->refs, refs, (guint) n_refs);
  g_array_append_val (replay->messages, message);
}

static gboolean
refuse_edit (const GError *cause, guint32 step, GError **error)
{
  g_set_error (error, MABEI_TRACE_ERROR,
               cause->code == MABEI_CRDT_ERROR_RANGE ? MABEI_TRACE_ERROR_POSITION : MABEI_TRACE_ERROR_FORMAT,
               "step %u: %s", step, cause->message);
  return FALSE;
}

/* In a conformance history numbers are given and count deletions too; elsewhere only what is inserted is numbered. */
static gboolean
author_step (Replay *replay, MabeiText *text, guint32 index, GError **error)
{
  const MabeiTraceHistory *history = replay->history;
  const MabeiTraceStep *step = &g_array_index (history->steps, MabeiTraceStep, index);
  gboolean given = history->kind == MABEI_TRACE_CONFORMANCE;
  guint32 *running = &g_array_index (replay->next_seq, guint32, step->agent);
  guint32 first_seq = given ? step->seq : *running;
  guint32 unit = step->seq;
  g_autoptr (GError) failure = NULL;
  mabei_text_writer_reset (replay->writer, step->agent + 1, first_seq);
  for (guint32 i = step->first_patch; i < step->first_patch + step->n_patches; i++) {
    const MabeiTracePatch *patch = &g_array_index (history->patches, MabeiTracePatch, i);
    const char *inserted = history->text->str + patch->text;
    if (patch->deleted > 0 && !mabei_text_delete (text, replay->writer, patch->position, patch->deleted, &failure))
      return refuse_edit (failure, index, error);
    unit += patch->deleted;
    if (given && mabei_text_writer_next_seq (replay->writer) != unit) {
      keep_message (replay, first_seq);
      first_seq = unit;
      mabei_text_writer_reset (replay->writer, step->agent + 1, first_seq);
    }
    if (!mabei_text_insert (text, replay->writer, patch->position, inserted, (gssize) patch->n_bytes, &failure))
      return refuse_edit (failure, index, error);
    unit += patch->inserted;
    replay->n_ops += patch->deleted + patch->inserted;
  }
  *running = mabei_text_writer_next_seq (replay->writer);
  keep_message (replay, first_seq);
  return TRUE;
}

static gboolean
write_start (Replay *replay, GError **error)
{
  const GString *start = replay->history->start;
  g_autoptr (MabeiText) text = text_new (replay->history);
  g_autoptr (GError) failure = NULL;
  mabei_text_writer_reset (replay->writer, 0, 0);
  if (!mabei_text_insert (text, replay->writer, 0, start->str, (gssize) start->len, &failure)) {
    g_set_error (error, MABEI_TRACE_ERROR, MABEI_TRACE_ERROR_FORMAT, "startContent: %s", failure->message);
    return FALSE;
  }
  keep_message (replay, 0);
  return TRUE;
}

static gboolean
author_all (Replay *replay, GError **error)
{
  const MabeiTraceHistory *history = replay->history;
  gboolean sequential = history->kind == MABEI_TRACE_SEQUENTIAL;
  if (!write_start (replay, error))
    return FALSE;
  replay->of_step[0] = replay->messages->len;
  double start = cpu_ms ();
  for (guint32 i = 0; i < history->steps->len; i++) {
    Branch *branch = branch_for (replay, i, error);
    if (branch == NULL)
      return FALSE;
    if (!sequential)
      start = cpu_ms ();
    if (!author_step (replay, branch->text, i, error))
      return FALSE;
    if (!sequential)
      replay->local_ms += cpu_ms () - start;
    branch->has[i] = 1;
    branch->head = i;
    replay->of_step[i + 1] = replay->messages->len;
  }
  if (sequential)
    replay->local_ms = cpu_ms () - start;
  return TRUE;
}

/* ---- figures ---- */

static guint64
wire_bytes (const Replay *replay, gboolean peer_sizes)
{
  guint64 sum = replay->bytes.length;
  for (guint i = 0; peer_sizes && i < replay->messages->len; i++) {
    const Message *message = &g_array_index (replay->messages, Message, i);
    MabeiBuffer head = {0};
    mabei_buffer_add_varint (&head, message->first_seq);
    mabei_buffer_add_varint (&head, message->n_refs);
    mabei_buffer_add_varint (&head, message->n_bytes);
    sum += head.length;
    mabei_buffer_clear (&head);
    for (guint k = 0; k <= message->n_refs; k++) {
      guint32 agent = k == 0 ? message->agent : g_array_index (replay->refs, guint32, message->refs + k - 1);
      sum += 1 + (agent == 0 ? sizeof START_AGENT - 1 : g_bytes_get_size (replay->history->agents->pdata[agent - 1]));
    }
  }
  return sum;
}

static gboolean
is_published (const MabeiTraceHistory *history, const char *utf8, gsize n_bytes)
{
  return n_bytes == history->end->len && memcmp (utf8, history->end->str, n_bytes) == 0;
}

/* Saves, opens and loads again: the same text and the same bytes. */
static gboolean
save_and_load (const MabeiText *text, const char *utf8, MabeiReplayResult *result)
{
  g_autoptr (GBytes) saved = mabei_text_save (text);
  gsize n_saved, n_bytes = 0;
  const guint8 *bytes = g_bytes_get_data (saved, &n_saved);
  result->bytes_saved += n_saved;
  double start = cpu_ms ();
  g_autofree char *opened = mabei_text_saved_read (bytes, n_saved, &n_bytes, NULL);
  result->load_ms += cpu_ms () - start;
  g_autoptr (MabeiText) loaded = mabei_text_load (bytes, n_saved, NULL);
  if (loaded == NULL || opened == NULL)
    return FALSE;
  g_autofree char *read = mabei_text_read (loaded, NULL);
  g_autoptr (GBytes) again = mabei_text_save (loaded);
  return g_str_equal (opened, utf8) && g_str_equal (read, utf8) && g_bytes_equal (saved, again);
}

static gboolean
read_all (Replay *replay, MabeiReplayResult *result, GChecksum *sha256, GError **error)
{
  gsize before = heap_bytes ();
  g_autoptr (MabeiText) text = text_new (replay->history);
  double start = cpu_ms ();
  if (!apply (replay, text, 0, replay->messages->len, error))
    return FALSE;
  result->remote_ms += cpu_ms () - start;
  result->peak_heap += heap_bytes () - before;
  gsize n_bytes;
  g_autofree char *utf8 = mabei_text_read (text, &n_bytes);
  result->chars += mabei_text_length (text);
  g_checksum_update (sha256, (const guchar *) utf8, (gssize) n_bytes);
  if (!is_published (replay->history, utf8, n_bytes)) {
    g_set_error_literal (error, MABEI_TRACE_ERROR, MABEI_TRACE_ERROR_DIFFERENT,
                         "the replayed text is not the published one");
    return FALSE;
  }
  if (!save_and_load (text, utf8, result)) {
    g_set_error_literal (error, MABEI_TRACE_ERROR, MABEI_TRACE_ERROR_DIFFERENT,
                         "the text is not the same after saving and loading");
    return FALSE;
  }
  return TRUE;
}

static gboolean
replay_history (const MabeiTraceHistory *history,
                gboolean peer_sizes,
                MabeiReplayResult *result,
                guint64 *n_ops,
                guint64 *n_bytes,
                GChecksum *sha256,
                GError **error)
{
  Replay replay = {
      .history = history,
      .messages = g_array_sized_new (FALSE, FALSE, sizeof (Message), history->steps->len + 1),
      .of_step = g_new (guint32, (gsize) history->steps->len + 1),
      .refs = g_array_new (FALSE, FALSE, sizeof (guint32)),
      .next_seq = g_array_new (FALSE, TRUE, sizeof (guint32)),
      .branches = g_ptr_array_new_with_free_func (branch_free),
      .writer = mabei_text_writer_new (0, 0),
  };
  g_array_set_size (replay.next_seq, history->agents->len);
  gboolean done = author_all (&replay, error) && read_all (&replay, result, sha256, error);
  result->local_ms += replay.local_ms;
  *n_ops += replay.n_ops;
  *n_bytes += wire_bytes (&replay, peer_sizes);
  g_array_unref (replay.messages);
  g_free (replay.of_step);
  g_array_unref (replay.refs);
  g_array_unref (replay.next_seq);
  g_ptr_array_unref (replay.branches);
  mabei_text_writer_free (replay.writer);
  mabei_buffer_clear (&replay.bytes);
  return done;
}

gboolean
mabei_replay_run (const char *path, gboolean peer_sizes, MabeiReplayResult *result, GError **error)
{
  g_autoptr (GPtrArray) histories = mabei_trace_read (path, error);
  if (histories == NULL)
    return FALSE;
  MabeiReplayResult sum = {.n_histories = histories->len};
  sum.kind = ((const MabeiTraceHistory *) histories->pdata[0])->kind;
  g_autoptr (GChecksum) sha256 = g_checksum_new (G_CHECKSUM_SHA256);
  guint64 n_ops = 0, n_bytes = 0;
  for (guint i = 0; i < histories->len; i++) {
    if (!replay_history (histories->pdata[i], peer_sizes, &sum, &n_ops, &n_bytes, sha256, error)) {
      if (histories->len > 1)
        g_prefix_error (error, "history %u: ", i);
      return FALSE;
    }
  }
  sum.bytes_per_op = n_ops > 0 ? (double) n_bytes / (double) n_ops : 0;
  g_strlcpy (sum.sha256, g_checksum_get_string (sha256), sizeof sum.sha256);
  *result = sum;
  return TRUE;
}
