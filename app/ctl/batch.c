#include "app/ctl/batch.h"

#include <string.h>
#include <unistd.h>

#include "app/ctl/json_reader.h"
#include "app/ctl/print.h"
#include "app/desk/command.h"

#define LINE_BYTES (1024u * 1024u)

struct _MabeiBatch {
  MabeiDesk *desk;
  GInputStream *in;
  int out_fd;
  MabeiBatchExtra extra;
  void (*ended) (gpointer);
  gpointer user_data;
  GByteArray *buffer;
  GCancellable *cancellable;
  guint8 chunk[4096];
  gboolean busy; /* a command is under way: its answer comes before the next line is read */
  gboolean at_end;
  gboolean shedding; /* the rest of a line that was too long */
};

static void read_more (MabeiBatch *batch);

static void
write_line (MabeiBatch *batch, const char *text)
{
  g_autofree char *line = g_strconcat (text, "\n", NULL);
  gsize length = strlen (line), done = 0;
  while (done < length) {
    gssize wrote = write (batch->out_fd, line + done, length - done);
    if (wrote <= 0)
      return; /* nobody listens any more: the end of the input will tell */
    done += (gsize) wrote;
  }
}

static gboolean next_line (MabeiBatch *batch);

void
mabei_batch_answer (MabeiBatch *batch, GVariant *answer, const GError *error)
{
  g_autofree char *text = error != NULL ? mabei_print_error (error) : mabei_print_batch (answer);
  write_line (batch, text);
  batch->busy = FALSE;
}

void
mabei_batch_event (MabeiBatch *batch, GVariant *event)
{
  g_autofree char *text = mabei_print_batch (event);
  write_line (batch, text);
}

static gboolean
on_go_on (gpointer user_data)
{
  MabeiBatch *batch = user_data;
  if (!batch->busy)
    while (next_line (batch))
      ;
  if (!batch->busy && batch->at_end) {
    batch->ended (batch->user_data);
    return G_SOURCE_REMOVE;
  }
  if (!batch->busy)
    read_more (batch);
  return G_SOURCE_REMOVE;
}

static void
go_on (MabeiBatch *batch)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_go_on, batch, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
}

static void
on_reply (GVariant *reply, const GError *error, gpointer user_data)
{
  MabeiBatch *batch = user_data;
  mabei_batch_answer (batch, reply, error);
  go_on (batch);
}

static void
refuse (MabeiBatch *batch, MabeiCode code, const char *message)
{
  g_autoptr (GError) error = g_error_new_literal (MABEI_DESK_ERROR, (int) code, message);
  mabei_batch_answer (batch, NULL, error);
}

/* A line that begins with '[' is a JSON array of strings: so that a word may hold a newline. NULL when it is not one.
 */
static char **
split_array (const char *line)
{
  MabeiJsonReader reader;
  g_autoptr (GPtrArray) words = g_ptr_array_new_null_terminated (8, g_free, TRUE);
  mabei_json_reader_init (&reader, line, strlen (line));
  if (!mabei_json_reader_enter (&reader, '['))
    return NULL;
  while (mabei_json_reader_next_element (&reader)) {
    GString *word = g_string_new (NULL);
    gboolean read = mabei_json_reader_string (&reader, word);
    g_ptr_array_add (words, g_string_free (word, FALSE));
    if (!read)
      return NULL;
  }
  if (words->len == 0 || !mabei_json_reader_at_end (&reader))
    return NULL;
  return (char **) g_ptr_array_free (g_steal_pointer (&words), FALSE);
}

static char **
split (const char *line)
{
  char **words = NULL;
  if (line[0] == '[')
    return split_array (line);
  return g_shell_parse_argv (line, NULL, &words, NULL) ? words : NULL;
}

static void
run_line (MabeiBatch *batch, const char *line)
{
  batch->busy = TRUE;
  if (!g_utf8_validate (line, -1, NULL)) {
    refuse (batch, MABEI_CODE_USAGE, "a line is not UTF-8");
    return;
  }
  g_auto (GStrv) words = split (line);
  if (words == NULL) {
    refuse (batch, MABEI_CODE_USAGE,
            "a line cannot be split into words: a quote is open, or it is no array of strings");
    return;
  }
  const char *case_text = NULL;
  const char *const *first = (const char *const *) words;
  if (strcmp (first[0], "--case") == 0 && first[1] != NULL && first[2] != NULL) {
    case_text = first[1];
    first += 2;
  }
  if (batch->extra != NULL && batch->extra (batch, first, batch->user_data)) {
    if (!batch->busy)
      go_on (batch);
    return;
  }
  mabei_command_run (batch->desk, case_text, first, on_reply, batch);
}

/* Runs one buffered line; FALSE when there is none, or a command is under way. */
static gboolean
next_line (MabeiBatch *batch)
{
  if (batch->busy)
    return FALSE;
  guint8 *newline = memchr (batch->buffer->data, '\n', batch->buffer->len);
  gsize length = newline != NULL ? (gsize) (newline - batch->buffer->data) : batch->buffer->len;
  if (newline == NULL && !(batch->at_end && length > 0)) {
    if (length > LINE_BYTES) {
      batch->shedding = TRUE;
      g_byte_array_set_size (batch->buffer, 0);
    }
    return FALSE;
  }
  g_autofree char *line = g_strndup ((const char *) batch->buffer->data, length);
  g_byte_array_remove_range (batch->buffer, 0, (guint) (newline != NULL ? length + 1 : length));
  if (batch->shedding) {
    batch->shedding = FALSE;
    refuse (batch, MABEI_CODE_TOO_LARGE, "a line has more than 1 MiB");
    return TRUE;
  }
  g_strstrip (line);
  if (line[0] == '\0' || line[0] == '#')
    return TRUE;
  run_line (batch, line);
  return !batch->busy;
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  gssize got = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the batch is gone */
  MabeiBatch *batch = user_data;
  if (got > 0)
    g_byte_array_append (batch->buffer, batch->chunk, (guint) got);
  else
    batch->at_end = TRUE;
  on_go_on (batch);
}

static void
read_more (MabeiBatch *batch)
{
  if (!g_input_stream_has_pending (batch->in))
    g_input_stream_read_async (batch->in, batch->chunk, sizeof batch->chunk, G_PRIORITY_DEFAULT, batch->cancellable,
                               on_read, batch);
}

MabeiBatch *
mabei_batch_new (MabeiDesk *desk,
                 GInputStream *in,
                 int out_fd,
                 MabeiBatchExtra extra,
                 void (*ended) (gpointer user_data),
                 gpointer user_data)
{
  MabeiBatch *batch = g_new0 (MabeiBatch, 1);
  batch->desk = desk;
  batch->in = g_object_ref (in);
  batch->out_fd = out_fd;
  batch->extra = extra;
  batch->ended = ended;
  batch->user_data = user_data;
  batch->buffer = g_byte_array_new ();
  batch->cancellable = g_cancellable_new ();
  read_more (batch);
  return batch;
}

void
mabei_batch_free (MabeiBatch *batch)
{
  if (batch == NULL)
    return;
  g_cancellable_cancel (batch->cancellable);
  g_object_unref (batch->cancellable);
  g_object_unref (batch->in);
  g_byte_array_unref (batch->buffer);
  g_free (batch);
}
