#include "app/ctl/trace.h"
#include "app/ctl/json_reader.h"

#include <gio/gio.h>

#define READ_BYTES 65536

G_DEFINE_QUARK (mabei - trace - error, mabei_trace_error)

/* ---- the file ---- */

/* Reads to the end, but never holds more than the limit. */
static GByteArray *
read_stream (GInputStream *stream, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree guint8 *buffer = g_malloc (READ_BYTES);
  for (;;) {
    gssize n = g_input_stream_read (stream, buffer, READ_BYTES, NULL, error);
    if (n < 0)
      return NULL;
    if (n == 0)
      return g_steal_pointer (&bytes);
    if ((gsize) n > MABEI_TRACE_BYTES_MAX - bytes->len) {
      g_set_error (error, MABEI_TRACE_ERROR, MABEI_TRACE_ERROR_TOO_LARGE, "more than %u bytes", MABEI_TRACE_BYTES_MAX);
      return NULL;
    }
    g_byte_array_append (bytes, buffer, (guint) n);
  }
}

static GByteArray *
unpack (GByteArray *packed, GError **error)
{
  g_autoptr (GInputStream) memory = g_memory_input_stream_new_from_data (packed->data, packed->len, NULL);
  g_autoptr (GZlibDecompressor) gunzip = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP);
  g_autoptr (GInputStream) stream = g_converter_input_stream_new (memory, G_CONVERTER (gunzip));
  GError *failure = NULL;
  GByteArray *bytes = read_stream (stream, &failure);
  if (failure != NULL && failure->domain != MABEI_TRACE_ERROR) {
    g_set_error (error, MABEI_TRACE_ERROR, MABEI_TRACE_ERROR_FORMAT, "damaged gzip: %s", failure->message);
    g_error_free (failure);
  } else if (failure != NULL) {
    g_propagate_error (error, failure);
  }
  return bytes;
}

static GByteArray *
read_file (const char *path, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) failure = NULL;
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, &failure);
  g_autoptr (GByteArray) bytes = stream != NULL ? read_stream (G_INPUT_STREAM (stream), &failure) : NULL;
  if (bytes == NULL) {
    if (failure->domain == MABEI_TRACE_ERROR)
      g_propagate_error (error, g_steal_pointer (&failure));
    else
      g_set_error (error, MABEI_TRACE_ERROR, MABEI_TRACE_ERROR_FILE, "%s", failure->message);
    return NULL;
  }
  if (bytes->len >= 2 && bytes->data[0] == 0x1f && bytes->data[1] == 0x8b)
    return unpack (bytes, error);
  return g_steal_pointer (&bytes);
}

/* ---- the format ---- */

typedef struct {
  MabeiJsonReader json;
  GString *name;      /* scratch */
  const char *reason; /* what is wrong with the trace, where the JSON is right */
  MabeiTraceHistory *history;
  GHashTable *agent_of; /* GBytes to index */
  GArray *next_seq;     /* guint32 by agent */
  GArray *span_ends;    /* guint32 by step: the unit after its last, where spans are given */
} Parser;

/* What one step says, before it is checked. */
typedef struct {
  guint32 span[2]; /* { 0, 0 } if absent */
  guint32 seq;
  guint32 agent;
  gboolean has_seq;
  gboolean has_agent;
  gboolean has_parents;
  gboolean has_patches;
} Step;

static gboolean
wrong (Parser *parser, const char *reason)
{
  if (parser->reason == NULL)
    parser->reason = reason;
  return FALSE;
}

static gboolean
is_well (const Parser *parser)
{
  return parser->reason == NULL && parser->json.failure == NULL;
}

static MabeiTraceHistory *
history_new (void)
{
  MabeiTraceHistory *history = g_new0 (MabeiTraceHistory, 1);
  history->start = g_string_new (NULL);
  history->end = g_string_new (NULL);
  history->text = g_string_new (NULL);
  history->patches = g_array_new (FALSE, FALSE, sizeof (MabeiTracePatch));
  history->steps = g_array_new (FALSE, FALSE, sizeof (MabeiTraceStep));
  history->parents = g_array_new (FALSE, FALSE, sizeof (guint32));
  history->agents = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  return history;
}

void
mabei_trace_history_free (MabeiTraceHistory *history)
{
  if (history == NULL)
    return;
  g_string_free (history->start, TRUE);
  g_string_free (history->end, TRUE);
  g_string_free (history->text, TRUE);
  g_array_unref (history->patches);
  g_array_unref (history->steps);
  g_array_unref (history->parents);
  g_ptr_array_unref (history->agents);
  g_free (history);
}

/* [position, deleted, inserted] */
static gboolean
parse_patch (Parser *parser)
{
  MabeiJsonReader *json = &parser->json;
  GString *text = parser->history->text;
  MabeiTracePatch patch = {.text = text->len};
  gboolean whole = mabei_json_reader_enter (json, '[') && mabei_json_reader_next_element (json) &&
                   mabei_json_reader_number (json, &patch.position) && mabei_json_reader_next_element (json) &&
                   mabei_json_reader_number (json, &patch.deleted) && mabei_json_reader_next_element (json) &&
                   mabei_json_reader_string (json, text);
  if (!whole || mabei_json_reader_next_element (json))
    return wrong (parser, "an edit is not [position, deleted, inserted]");
  patch.n_bytes = (guint32) (text->len - patch.text);
  patch.inserted = (guint32) g_utf8_strlen (text->str + patch.text, (gssize) patch.n_bytes);
  if (patch.deleted > MABEI_TRACE_BYTES_MAX)
    return wrong (parser, "an edit deletes more than a trace can hold");
  g_array_append_val (parser->history->patches, patch);
  return is_well (parser);
}

static gboolean
parse_patches (Parser *parser)
{
  if (!mabei_json_reader_enter (&parser->json, '['))
    return FALSE;
  while (mabei_json_reader_next_element (&parser->json)) {
    if (!parse_patch (parser))
      return FALSE;
  }
  return is_well (parser);
}

static gboolean
parse_span (Parser *parser, Step *step)
{
  MabeiJsonReader *json = &parser->json;
  gboolean whole = mabei_json_reader_enter (json, '[') && mabei_json_reader_next_element (json) &&
                   mabei_json_reader_number (json, &step->span[0]) && mabei_json_reader_next_element (json) &&
                   mabei_json_reader_number (json, &step->span[1]);
  if (!whole || mabei_json_reader_next_element (json) || step->span[0] >= step->span[1])
    return wrong (parser, "a span is not [from, to)");
  return is_well (parser);
}

static gboolean
parse_parents (Parser *parser)
{
  if (!mabei_json_reader_enter (&parser->json, '['))
    return FALSE;
  while (mabei_json_reader_next_element (&parser->json)) {
    guint32 parent;
    if (!mabei_json_reader_number (&parser->json, &parent))
      return FALSE;
    g_array_append_val (parser->history->parents, parent);
  }
  return is_well (parser);
}

static gboolean
intern_agent (Parser *parser, const void *name, gsize length, guint32 *agent)
{
  MabeiTraceHistory *history = parser->history;
  if (length == 0 || length > MABEI_TRACE_AGENT_NAME_MAX)
    return wrong (parser, "an agent's name is empty or too long");
  g_autoptr (GBytes) key = g_bytes_new (name, length);
  gpointer known = NULL;
  if (g_hash_table_lookup_extended (parser->agent_of, key, NULL, &known)) {
    *agent = GPOINTER_TO_UINT (known);
    return TRUE;
  }
  if (history->agents->len == MABEI_TRACE_AGENTS_MAX)
    return wrong (parser, "too many agents");
  guint32 zero = 0;
  *agent = history->agents->len;
  g_array_append_val (parser->next_seq, zero);
  g_hash_table_insert (parser->agent_of, key, GUINT_TO_POINTER (*agent));
  g_ptr_array_add (history->agents, g_steal_pointer (&key));
  return TRUE;
}

/* Numbers order as numbers: their names are big-endian. */
static gboolean
parse_agent (Parser *parser, Step *step)
{
  step->has_agent = TRUE;
  if (mabei_json_reader_peek (&parser->json) == '"') {
    g_string_truncate (parser->name, 0);
    return mabei_json_reader_string (&parser->json, parser->name) &&
           intern_agent (parser, parser->name->str, parser->name->len, &step->agent);
  }
  guint32 number;
  if (!mabei_json_reader_number (&parser->json, &number))
    return FALSE;
  guint32 name = GUINT32_TO_BE (number);
  return intern_agent (parser, &name, sizeof name, &step->agent);
}

static gboolean
parse_seq (Parser *parser, Step *step)
{
  step->has_seq = TRUE;
  return mabei_json_reader_number (&parser->json, &step->seq);
}

static gboolean
parse_step_members (Parser *parser, Step *step)
{
  MabeiJsonReader *json = &parser->json;
  if (!mabei_json_reader_enter (json, '{'))
    return FALSE;
  while (mabei_json_reader_next_member (json, parser->name)) {
    const char *name = parser->name->str;
    gboolean patches = g_str_equal (name, "patches") || g_str_equal (name, "ops");
    gboolean parents = g_str_equal (name, "parents");
    if ((patches && step->has_patches) || (parents && step->has_parents))
      return wrong (parser, "a member stands twice in a step");
    step->has_patches |= patches;
    step->has_parents |= parents;
    gboolean read = patches                          ? parse_patches (parser)
                    : parents                        ? parse_parents (parser)
                    : g_str_equal (name, "agent")    ? parse_agent (parser, step)
                    : g_str_equal (name, "seqStart") ? parse_seq (parser, step)
                    : g_str_equal (name, "span")     ? parse_span (parser, step)
                                                     : mabei_json_reader_skip (json);
    if (!read)
      return FALSE;
  }
  return is_well (parser);
}

/* Parents are earlier steps; where spans are given, they are numbers of units, and each the last of its step. */
static gboolean
resolve_parents (Parser *parser, guint32 first)
{
  MabeiTraceHistory *history = parser->history;
  const guint32 *ends = (const guint32 *) (gconstpointer) parser->span_ends->data;
  for (guint32 i = first; i < history->parents->len; i++) {
    guint32 *parent = &g_array_index (history->parents, guint32, i);
    if (parser->span_ends->len > 0) {
      guint low = 0, high = parser->span_ends->len;
      while (low < high) {
        guint middle = low + (high - low) / 2;
        if (ends[middle] <= *parent)
          low = middle + 1;
        else
          high = middle;
      }
      if (low == parser->span_ends->len || ends[low] != *parent + 1)
        return wrong (parser, "a parent is not the end of an earlier step");
      *parent = low;
    }
    if (*parent >= history->steps->len)
      return wrong (parser, "a parent is not an earlier step");
  }
  return TRUE;
}

static gboolean
parse_step (Parser *parser)
{
  MabeiTraceHistory *history = parser->history;
  Step step = {0};
  MabeiTraceStep done = {.first_patch = history->patches->len, .first_parent = history->parents->len};
  if (!parse_step_members (parser, &step))
    return FALSE;
  if (!step.has_patches)
    return wrong (parser, "a step has no edits");
  if (step.has_parents != step.has_agent)
    return wrong (parser, "a step has parents or an agent, but not both");
  if (history->steps->len > 0 && step.has_parents != (history->kind != MABEI_TRACE_SEQUENTIAL))
    return wrong (parser, "only some steps have parents");
  if (!step.has_agent && !intern_agent (parser, "author", 6, &step.agent))
    return FALSE;
  if (!resolve_parents (parser, done.first_parent))
    return FALSE;
  guint32 units = 0;
  for (guint i = done.first_patch; i < history->patches->len; i++) {
    const MabeiTracePatch *patch = &g_array_index (history->patches, MabeiTracePatch, i);
    if (patch->deleted + patch->inserted > MABEI_TRACE_BYTES_MAX - units)
      return wrong (parser, "a step is too long");
    units += patch->deleted + patch->inserted;
  }
  guint32 *next_seq = &g_array_index (parser->next_seq, guint32, step.agent);
  done.seq = step.has_seq ? step.seq : *next_seq;
  if (done.seq > G_MAXINT32 - units)
    return wrong (parser, "an agent's numbers run over");
  *next_seq = MAX (*next_seq, done.seq + units);
  if (step.span[1] > 0) {
    guint n = parser->span_ends->len;
    if (n != history->steps->len || (n > 0 && g_array_index (parser->span_ends, guint32, n - 1) > step.span[0]) ||
        step.span[1] - step.span[0] != units)
      return wrong (parser, "a step's span does not fit");
    g_array_append_val (parser->span_ends, step.span[1]);
  }
  if (step.has_parents && history->kind == MABEI_TRACE_SEQUENTIAL)
    history->kind = MABEI_TRACE_CONCURRENT;
  done.agent = step.agent;
  done.n_patches = history->patches->len - done.first_patch;
  done.n_parents = history->parents->len - done.first_parent;
  g_array_append_val (history->steps, done);
  return TRUE;
}

static gboolean
parse_history_members (Parser *parser, gboolean *has_end, gboolean *has_steps)
{
  MabeiJsonReader *json = &parser->json;
  if (!mabei_json_reader_enter (json, '{'))
    return FALSE;
  while (mabei_json_reader_next_member (json, parser->name)) {
    const char *name = parser->name->str;
    if (g_str_equal (name, "startContent")) {
      g_string_truncate (parser->history->start, 0);
      if (!mabei_json_reader_string (json, parser->history->start))
        return FALSE;
    } else if (g_str_equal (name, "endContent")) {
      *has_end = TRUE;
      g_string_truncate (parser->history->end, 0);
      if (!mabei_json_reader_string (json, parser->history->end))
        return FALSE;
    } else if (g_str_equal (name, "txns") && !*has_steps) {
      *has_steps = TRUE;
      if (!mabei_json_reader_enter (json, '['))
        return FALSE;
      while (mabei_json_reader_next_element (json)) {
        if (!parse_step (parser))
          return FALSE;
      }
    } else if (!mabei_json_reader_skip (json)) {
      return FALSE;
    }
  }
  return is_well (parser);
}

static MabeiTraceHistory *
parse_history (Parser *parser)
{
  gboolean has_end = FALSE, has_steps = FALSE;
  parser->history = history_new ();
  parser->agent_of = g_hash_table_new (g_bytes_hash, g_bytes_equal);
  parser->next_seq = g_array_new (FALSE, FALSE, sizeof (guint32));
  parser->span_ends = g_array_new (FALSE, FALSE, sizeof (guint32));
  gboolean read = parse_history_members (parser, &has_end, &has_steps);
  if (read && (!has_end || !has_steps))
    read = wrong (parser, "no endContent or no txns");
  g_clear_pointer (&parser->agent_of, g_hash_table_unref);
  g_clear_pointer (&parser->next_seq, g_array_unref);
  g_clear_pointer (&parser->span_ends, g_array_unref);
  if (!read)
    g_clear_pointer (&parser->history, mabei_trace_history_free);
  return g_steal_pointer (&parser->history);
}

static void
parse_list (Parser *parser, GPtrArray *histories)
{
  if (!mabei_json_reader_enter (&parser->json, '['))
    return;
  while (mabei_json_reader_next_element (&parser->json)) {
    if (histories->len == MABEI_TRACE_HISTORIES_MAX) {
      wrong (parser, "too many histories");
      return;
    }
    MabeiTraceHistory *history = parse_history (parser);
    if (history == NULL)
      return;
    history->kind = MABEI_TRACE_CONFORMANCE;
    g_ptr_array_add (histories, history);
  }
  if (histories->len == 0)
    wrong (parser, "an empty list");
}

GPtrArray *
mabei_trace_read (const char *path, GError **error)
{
  g_autoptr (GByteArray) bytes = read_file (path, error);
  if (bytes == NULL)
    return NULL;
  const char *utf8 = bytes->data != NULL ? (const char *) bytes->data : "";
  if (!g_utf8_validate_len (utf8, bytes->len, NULL)) {
    g_set_error_literal (error, MABEI_TRACE_ERROR, MABEI_TRACE_ERROR_FORMAT, "not UTF-8");
    return NULL;
  }
  g_autoptr (GPtrArray) histories = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_trace_history_free);
  g_autoptr (GString) name = g_string_new (NULL);
  Parser parser = {.name = name};
  mabei_json_reader_init (&parser.json, utf8, bytes->len);
  if (mabei_json_reader_peek (&parser.json) == '[') {
    parse_list (&parser, histories);
  } else {
    MabeiTraceHistory *history = parse_history (&parser);
    if (history != NULL)
      g_ptr_array_add (histories, history);
  }
  if (is_well (&parser) && !mabei_json_reader_at_end (&parser.json))
    wrong (&parser, "something follows the trace");
  if (!is_well (&parser)) {
    g_set_error (error, MABEI_TRACE_ERROR, MABEI_TRACE_ERROR_FORMAT, "%s at byte %" G_GSIZE_FORMAT,
                 parser.json.failure != NULL ? parser.json.failure : parser.reason,
                 (gsize) (parser.json.at - parser.json.start));
    return NULL;
  }
  return g_steal_pointer (&histories);
}
