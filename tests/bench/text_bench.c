/* bench-text TRACE_DIR: figures of core/crdt on published traces, one JSON line each; see README.md. */
#include "app/ctl/replay.h"
#include "core/crdt/text_saved.h"

#include <malloc.h>
#include <stdio.h>
#include <time.h>

#define RUNS 7
/* Elements of one change when sealed as in a case (core/base/limits.h). */
#define BURST_EDITS 64

typedef struct {
  MabeiBuffer bytes;
  GArray *ends; /* gsize: of each message */
} Messages;

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

static gint
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;
  return x < y ? -1 : x > y;
}

static double
median (double *values)
{
  qsort (values, RUNS, sizeof *values, compare_doubles);
  return values[RUNS / 2];
}

static void
print (const char *name, double value, const char *unit)
{
  printf ("{\"bench\":\"text\",\"case\":\"%s\",\"value\":%.4g,\"unit\":\"%s\",\"peer\":\"mabei\"}\n", name, value,
          unit);
  fflush (stdout);
}

static void
print_exact (const char *name, guint64 value, const char *unit)
{
  printf ("{\"bench\":\"text\",\"case\":\"%s\",\"value\":%" G_GUINT64_FORMAT ",\"unit\":\"%s\",\"peer\":\"mabei\"}\n",
          name, value, unit);
  fflush (stdout);
}

static MabeiTraceHistory *
read_trace (const char *folder, const char *name, GPtrArray **histories)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  *histories = mabei_trace_read (path, &error);
  g_assert_no_error (error);
  return (*histories)->pdata[0];
}

/* ---- one author, one message a keystroke ---- */

static MabeiText *
author (const MabeiTraceHistory *history, Messages *messages)
{
  MabeiText *text = mabei_text_new ();
  guint32 agent = mabei_text_agent (text, (const guint8 *) "author", 6);
  g_autoptr (MabeiTextWriter) writer = mabei_text_writer_new (agent, 0);
  messages->bytes.length = 0;
  g_array_set_size (messages->ends, 0);
  for (guint i = 0; i < history->patches->len; i++) {
    const MabeiTracePatch *patch = &g_array_index (history->patches, MabeiTracePatch, i);
    const char *inserted = history->text->str + patch->text;
    mabei_text_writer_reset (writer, agent, mabei_text_writer_next_seq (writer));
    gboolean done = mabei_text_delete (text, writer, patch->position, patch->deleted, NULL) &&
                    mabei_text_insert (text, writer, patch->position, inserted, (gssize) patch->n_bytes, NULL);
    g_assert_true (done);
    gsize n_bytes;
    const guint8 *bytes = mabei_text_writer_bytes (writer, &n_bytes);
    mabei_buffer_add (&messages->bytes, bytes, n_bytes);
    g_array_append_val (messages->ends, messages->bytes.length);
  }
  return text;
}

static MabeiText *
receive (const Messages *messages)
{
  MabeiText *text = mabei_text_new ();
  guint32 agent = mabei_text_agent (text, (const guint8 *) "author", 6);
  gsize start = 0;
  for (guint i = 0; i < messages->ends->len; i++) {
    gsize end = g_array_index (messages->ends, gsize, i);
    gboolean done = mabei_text_apply (text, agent, NULL, 0, mabei_text_next_seq (text, agent),
                                      messages->bytes.data + start, end - start, NULL, NULL, NULL);
    g_assert_true (done);
    start = end;
  }
  return text;
}

static void
assert_end (const MabeiTraceHistory *history, const char *read)
{
  g_assert_cmpstr (read, ==, history->end->str);
}

static void
bench_saved (const char *name, const MabeiText *text, const MabeiTraceHistory *history)
{
  double save[RUNS], open[RUNS], load[RUNS];
  g_autofree char *prefix = g_strdup (name);
  g_autoptr (GBytes) saved = NULL;
  for (guint run = 0; run < RUNS; run++) {
    g_clear_pointer (&saved, g_bytes_unref);
    double start = cpu_ms ();
    saved = mabei_text_save (text);
    save[run] = cpu_ms () - start;
    gsize n_bytes;
    const guint8 *bytes = g_bytes_get_data (saved, &n_bytes);
    start = cpu_ms ();
    g_autofree char *read = mabei_text_saved_read (bytes, n_bytes, NULL, NULL);
    open[run] = cpu_ms () - start;
    assert_end (history, read);
    start = cpu_ms ();
    g_autoptr (MabeiText) loaded = mabei_text_load (bytes, n_bytes, NULL);
    guint32 agent = mabei_text_agent (loaded, (const guint8 *) "editor", 6);
    g_autoptr (MabeiTextWriter) writer = mabei_text_writer_new (agent, 0);
    g_assert_true (mabei_text_insert (loaded, writer, mabei_text_length (loaded) / 2, "x", -1, NULL));
    load[run] = cpu_ms () - start;
  }
  const struct {
    const char *what;
    double value;
    const char *unit;
  } figures[] = {{"save", median (save), "ms"},
                 {"open-to-text", median (open), "ms"},
                 {"load-and-first-edit", median (load), "ms"}};
  for (guint i = 0; i < G_N_ELEMENTS (figures); i++) {
    g_autofree char *title = g_strdup_printf ("%s/%s", prefix, figures[i].what);
    print (title, figures[i].value, figures[i].unit);
  }
  g_autofree char *title = g_strdup_printf ("%s/saved-size", prefix);
  print_exact (title, g_bytes_get_size (saved), "B");
}

static void
bench_automerge_paper (const char *folder)
{
  GPtrArray *histories;
  const MabeiTraceHistory *history = read_trace (folder, "automerge-paper.json.gz", &histories);
  Messages messages = {.ends = g_array_new (FALSE, FALSE, sizeof (gsize))};
  double local[RUNS], remote[RUNS];
  gsize heap = 0;
  for (guint run = 0; run < RUNS; run++) {
    double start = cpu_ms ();
    MabeiText *text = author (history, &messages);
    local[run] = cpu_ms () - start;
    mabei_text_free (text);
    gsize before = heap_bytes ();
    start = cpu_ms ();
    text = receive (&messages);
    remote[run] = cpu_ms () - start;
    heap = heap_bytes () - before;
    g_autofree char *read = mabei_text_read (text, NULL);
    assert_end (history, read);
    if (run == RUNS - 1)
      bench_saved ("automerge-paper", text, history);
    mabei_text_free (text);
  }
  print ("automerge-paper/author-and-encode", median (local), "ms");
  print ("automerge-paper/apply-remotely", median (remote), "ms");
  print ("automerge-paper/bytes-a-keystroke", (double) messages.bytes.length / history->patches->len, "B");
  print ("automerge-paper/heap", (double) heap / (1024 * 1024), "MiB");
  mabei_buffer_clear (&messages.bytes);
  g_array_unref (messages.ends);
  g_ptr_array_unref (histories);
}

/* ---- as in a case: a change of at most 64 edits is an agent with a 32-byte name ---- */

static MabeiText *
author_changes (const MabeiTraceHistory *history, gsize *n_bytes, guint *n_changes)
{
  MabeiText *text = mabei_text_new ();
  g_autoptr (MabeiTextWriter) writer = mabei_text_writer_new (0, 0);
  g_autoptr (GChecksum) hash = g_checksum_new (G_CHECKSUM_SHA256);
  *n_bytes = *n_changes = 0;
  for (guint i = 0; i < history->patches->len; i++) {
    if (i % BURST_EDITS == 0) {
      guint8 name[32];
      gsize length = sizeof name, size;
      if (i > 0) {
        mabei_text_writer_bytes (writer, &size);
        *n_bytes += size;
      }
      g_checksum_reset (hash);
      g_checksum_update (hash, (const guchar *) &i, sizeof i);
      g_checksum_get_digest (hash, name, &length);
      mabei_text_writer_reset (writer, mabei_text_agent (text, name, sizeof name), 0);
      (*n_changes)++;
    }
    const MabeiTracePatch *patch = &g_array_index (history->patches, MabeiTracePatch, i);
    gboolean done = mabei_text_delete (text, writer, patch->position, patch->deleted, NULL) &&
                    mabei_text_insert (text, writer, patch->position, history->text->str + patch->text,
                                       (gssize) patch->n_bytes, NULL);
    g_assert_true (done);
  }
  return text;
}

static void
bench_changes (const char *folder)
{
  GPtrArray *histories;
  const MabeiTraceHistory *history = read_trace (folder, "automerge-paper.json.gz", &histories);
  double local[RUNS];
  gsize n_bytes = 0, heap = 0;
  guint n_changes = 0;
  for (guint run = 0; run < RUNS; run++) {
    gsize before = heap_bytes ();
    double start = cpu_ms ();
    MabeiText *text = author_changes (history, &n_bytes, &n_changes);
    local[run] = cpu_ms () - start;
    heap = heap_bytes () - before;
    if (run == RUNS - 1)
      bench_saved ("automerge-paper-in-changes", text, history);
    mabei_text_free (text);
  }
  print ("automerge-paper-in-changes/author-and-encode", median (local), "ms");
  print_exact ("automerge-paper-in-changes/changes", n_changes, "1");
  print ("automerge-paper-in-changes/bytes-a-keystroke", (double) n_bytes / history->patches->len, "B");
  print ("automerge-paper-in-changes/heap", (double) heap / (1024 * 1024), "MiB");
  g_ptr_array_unref (histories);
}

static void
bench_replay (const char *folder, const char *name)
{
  g_autofree char *file = g_strdup_printf ("%s.json.gz", name);
  g_autofree char *path = g_build_filename (folder, file, NULL);
  double remote[RUNS], open[RUNS];
  MabeiReplayResult result = {0};
  for (guint run = 0; run < RUNS; run++) {
    g_autoptr (GError) error = NULL;
    mabei_replay_run (path, FALSE, &result, &error);
    g_assert_no_error (error);
    remote[run] = result.remote_ms;
    open[run] = result.load_ms;
  }
  g_autofree char *apply = g_strdup_printf ("%s/apply-remotely", name);
  g_autofree char *opens = g_strdup_printf ("%s/open-to-text", name);
  g_autofree char *size = g_strdup_printf ("%s/saved-size", name);
  print (apply, median (remote), "ms");
  print (opens, median (open), "ms");
  print_exact (size, result.bytes_saved, "B");
}

/* ---- growth: ten times the work ---- */

typedef enum {
  APPEND,
  PREPEND,
  PASTE,
  BACKWARDS,
  ALTERNATE,
  SCATTER,
} Habit;

static double
work (Habit habit, guint n)
{
  g_autoptr (MabeiText) text = mabei_text_new ();
  g_autoptr (MabeiText) remote = mabei_text_new ();
  MabeiTextWriter *writers[2];
  static const char *const names[] = {"anna", "ben"};
  guint32 random = 1;
  for (guint i = 0; i < 2; i++) {
    mabei_text_agent (remote, (const guint8 *) names[i], strlen (names[i]));
    writers[i] = mabei_text_writer_new (mabei_text_agent (text, (const guint8 *) names[i], strlen (names[i])), 0);
  }
  double start = cpu_ms ();
  for (guint i = 0; i < n; i++) {
    MabeiTextWriter *writer = writers[habit == ALTERNATE ? i % 2 : 0];
    guint32 length = mabei_text_length (text), agent = mabei_text_writer_agent (writer);
    guint32 seq = mabei_text_writer_next_seq (writer);
    random = random * 1664525 + 1013904223;
    guint32 position = habit == PREPEND || habit == BACKWARDS ? 0 : habit == SCATTER ? random % (length + 1) : length;
    const char *inserted = habit == PASTE ? "a paragraph of text that was copied from elsewhere\n" : "x";
    gsize n_refs, n_bytes;
    mabei_text_writer_reset (writer, agent, seq);
    mabei_text_insert (text, writer, position, inserted, -1, NULL);
    if (habit == PREPEND && i % 4 == 3)
      mabei_text_delete (text, writer, 1, 1, NULL);
    const guint8 *bytes = mabei_text_writer_bytes (writer, &n_bytes);
    const guint32 *refs = mabei_text_writer_refs (writer, &n_refs);
    gboolean done = mabei_text_apply (remote, agent, refs, n_refs, seq, bytes, n_bytes, NULL, NULL, NULL);
    g_assert_true (done);
  }
  double spent = cpu_ms () - start;
  mabei_text_writer_free (writers[0]);
  mabei_text_writer_free (writers[1]);
  g_assert_cmpuint (mabei_text_length (text), ==, mabei_text_length (remote));
  return spent;
}

static void
bench_growth (void)
{
  static const char *const names[] = {"append", "prepend", "paste", "backwards", "alternate", "scatter"};
  for (guint habit = APPEND; habit <= SCATTER; habit++) {
    double small[RUNS], large[RUNS];
    for (guint run = 0; run < RUNS; run++) {
      /* A paste is 51 characters: ten times 2,000 is the largest document that a case may hold. */
      small[run] = work (habit, habit == PASTE ? 2000 : 20000);
      large[run] = work (habit, habit == PASTE ? 20000 : 200000);
    }
    g_autofree char *title = g_strdup_printf ("growth-ten-fold/%s", names[habit]);
    print (title, median (large) / median (small), "x");
  }
}

int
main (int argc, char **argv)
{
  if (argc != 2) {
    fprintf (stderr, "usage: bench-text TRACE_DIR\n");
    return 2;
  }
  bench_automerge_paper (argv[1]);
  bench_changes (argv[1]);
  bench_replay (argv[1], "friendsforever");
  bench_replay (argv[1], "egwalker-conformance-300");
  bench_growth ();
  return 0;
}
