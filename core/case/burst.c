/* Typing on this device: applied to the text at once under a name of its own, cited by nobody, and renamed to the
 * change that carries it once that is stored (soundness rule 6). Bursts are kept small enough for one change, and so
 * that undoing one is small enough too.
 */
#include "core/case/case_private.h"

#include <string.h>

#include "core/base/limits.h"

/* Bytes of one TEXT operation: with the header and the padding to the next class it stays below the limit of a change.
 */
#define OPERATION_BYTES (48u * 1024u)
/* At most this much of an operation goes to one cited change and to one run of deleted elements. */
#define REFERENCE_BYTES 34u
#define RUN_BYTES 12u
#define CHARACTER_BYTES 4u
/* Changes that deletions cite; what is left to MABEI_LIMIT_REFERENCES is for the two that each insert may cite. */
#define REMOVAL_REFERENCES 256u
/* Any operation of the blob but its text. */
#define HEAD_BYTES 25u

/* The name of what is not sealed yet: no change has an id of one byte. */
static const guint8 burst_name[] = {0};

gboolean
mabei_document_has_burst (MabeiDocument *document)
{
  return document->writer != NULL;
}

guint32
mabei_document_burst_agent (MabeiDocument *document)
{
  return document->writer != NULL ? mabei_text_writer_agent (document->writer) : G_MAXUINT32;
}

static void
clear_burst (MabeiDocument *document)
{
  g_clear_pointer (&document->writer, mabei_text_writer_free);
  g_clear_pointer (&document->taken, g_bytes_unref);
  document->n_edits = 0;
  document->insert_bytes = 0;
  document->removed_bytes = 0;
  document->is_undoing = FALSE;
}

static void
open_burst (MabeiDocument *document)
{
  if (document->writer == NULL)
    document->writer = mabei_text_writer_new (mabei_text_agent (document->text, burst_name, sizeof burst_name), 0);
}

/* --- how much fits --- */

static guint
n_references (MabeiDocument *document)
{
  gsize n = 0;
  if (document->writer != NULL)
    mabei_text_writer_refs (document->writer, &n);
  return (guint) n;
}

/* Of the operation so far, never too little. */
static gsize
operation_size (MabeiDocument *document)
{
  gsize size = document->writer != NULL ? mabei_text_writer_size (document->writer) : 0;
  return size + n_references (document) * REFERENCE_BYTES + HEAD_BYTES;
}

typedef struct {
  guint position; /* of what is removed, in characters */
  guint end;
  guint fits;       /* characters from position on */
  gsize bytes_left; /* of the operation */
  gsize removed_left;
  guint references_left;
  GHashTable *agents;
  gboolean is_full;
} Removal;

static void
add_run (const MabeiTextRun *run, gpointer user_data)
{
  Removal *removal = user_data;
  if (removal->is_full || !run->visible || run->position >= removal->end ||
      run->position + run->length <= removal->position)
    return;
  guint start = MAX (run->position, removal->position), end = MIN (run->position + run->length, removal->end);
  gboolean is_new = !g_hash_table_contains (removal->agents, GUINT_TO_POINTER (run->agent));
  gsize cost = RUN_BYTES + (is_new ? REFERENCE_BYTES : 0);
  if (cost > removal->bytes_left || (is_new && removal->references_left == 0)) {
    removal->is_full = TRUE;
    return;
  }
  const char *from = g_utf8_offset_to_pointer (run->utf8, (glong) (start - run->position));
  const char *to = from;
  guint n = 0;
  while (n < end - start && (gsize) (g_utf8_next_char (to) - from) <= removal->removed_left) {
    to = g_utf8_next_char (to);
    n++;
  }
  removal->fits += n;
  removal->removed_left -= (gsize) (to - from);
  removal->bytes_left -= cost;
  removal->references_left -= is_new ? 1 : 0;
  removal->is_full = n < end - start;
  g_hash_table_add (removal->agents, GUINT_TO_POINTER (run->agent));
}

/* How many characters from @position on fit into the burst, beside @insert_bytes of new text. */
static guint
count_removable (MabeiDocument *document, guint position, guint remove, gsize insert_bytes, gsize *removed_bytes)
{
  gsize used = operation_size (document) + insert_bytes + HEAD_BYTES;
  gsize most = (gsize) remove * CHARACTER_BYTES;
  /* A few characters fit whoever wrote them: only more are worth the walk through the text. */
  if (used + remove * (RUN_BYTES + REFERENCE_BYTES) <= OPERATION_BYTES &&
      document->removed_bytes + most <= MABEI_LIMIT_INSERT_BYTES &&
      n_references (document) + remove <= REMOVAL_REFERENCES) {
    *removed_bytes = most;
    return remove;
  }
  g_autoptr (GHashTable) agents = g_hash_table_new (NULL, NULL);
  Removal removal = {.position = position,
                     .end = position + remove,
                     .bytes_left = OPERATION_BYTES > used ? OPERATION_BYTES - used : 0,
                     .removed_left = MABEI_LIMIT_INSERT_BYTES - document->removed_bytes,
                     .references_left = REMOVAL_REFERENCES - MIN (REMOVAL_REFERENCES, n_references (document)),
                     .agents = agents};
  gsize removed_left = removal.removed_left;
  mabei_text_blame (document->text, add_run, &removal);
  *removed_bytes = removed_left - removal.removed_left;
  return removal.fits;
}

guint
mabei_document_removable (MabeiDocument *document, guint position, guint remove)
{
  guint length = mabei_text_length (document->text);
  gsize removed_bytes;
  if (position > length || document->n_edits >= MABEI_LIMIT_OPERATIONS)
    return 0;
  return count_removable (document, position, MIN (remove, length - position), 0, &removed_bytes);
}

static gboolean
too_large (GError **error, const char *what)
{
  g_set_error_literal (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_TOO_LARGE, what);
  return FALSE;
}

/* --- editing --- */

static gboolean
check_edit (MabeiDocument *document, guint position, guint remove, const char *insert, GError **error)
{
  guint length = mabei_text_length (document->text);
  if (document->taken != NULL) {
    g_set_error_literal (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_CONFLICT, "what was typed before is not stored yet");
    return FALSE;
  }
  if (!document->is_present) {
    g_set_error_literal (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_NOT_FOUND, "the document is no longer in effect");
    return FALSE;
  }
  if (!mabei_space_check_self (document->space, error))
    return FALSE;
  if (position > length || remove > length - position || !g_utf8_validate (insert, -1, NULL)) {
    g_set_error_literal (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_FORMAT,
                         "the edit is not within the text, or not UTF-8");
    return FALSE;
  }
  if ((gulong) length - remove + (gulong) g_utf8_strlen (insert, -1) > MABEI_LIMIT_DOCUMENT_CHARACTERS)
    return too_large (error, "the document would be longer than a document can be");
  return TRUE;
}

static gboolean
check_burst (
    MabeiDocument *document, guint position, guint remove, gsize insert_bytes, gsize *removed_bytes, GError **error)
{
  if (document->n_edits >= MABEI_LIMIT_OPERATIONS)
    return too_large (error, "the burst has as many edits as one change can hold");
  if (document->insert_bytes + insert_bytes > MABEI_LIMIT_INSERT_BYTES)
    return too_large (error, "the burst has as much text as one change can hold");
  *removed_bytes = 0;
  if (remove > 0 && count_removable (document, position, remove, insert_bytes, removed_bytes) < remove)
    return too_large (error, "the burst removes as much as one change can hold");
  if (operation_size (document) + insert_bytes + HEAD_BYTES > OPERATION_BYTES)
    return too_large (error, "the burst is as large as one change can be");
  return TRUE;
}

gboolean
mabei_document_edit (MabeiDocument *document, guint position, guint remove, const char *insert, GError **error)
{
  const char *text = insert != NULL ? insert : "";
  gsize insert_bytes = strlen (text), removed_bytes;
  if (!check_edit (document, position, remove, text, error) ||
      !check_burst (document, position, remove, insert_bytes, &removed_bytes, error))
    return FALSE;
  if (remove == 0 && insert_bytes == 0)
    return TRUE;
  open_burst (document);
  /* Both can only fail for what was checked above. */
  gboolean removed = mabei_text_delete (document->text, document->writer, position, remove, NULL);
  gboolean inserted =
      removed && mabei_text_insert (document->text, document->writer, position, text, (gssize) insert_bytes, NULL);
  g_assert (inserted);
  document->n_edits++;
  document->insert_bytes += insert_bytes;
  document->removed_bytes += removed_bytes;
  return TRUE;
}

GBytes *
mabei_document_take_burst (MabeiDocument *document)
{
  if (document->writer == NULL)
    return NULL;
  if (document->taken != NULL)
    return g_bytes_ref (document->taken);
  gsize n, length;
  const guint8 *blob = mabei_text_writer_bytes (document->writer, &length); /* first: the last run may cite more */
  const guint32 *agents = mabei_text_writer_refs (document->writer, &n);
  g_autoptr (GArray) references = g_array_sized_new (FALSE, FALSE, sizeof (MabeiReference), (guint) n);
  for (gsize i = 0; i < n; i++) {
    gsize name_length;
    const guint8 *name = mabei_text_agent_name (document->text, agents[i], &name_length);
    MabeiId id;
    MabeiReference reference;
    g_assert (name_length == sizeof id.bytes);
    memcpy (id.bytes, name, sizeof id.bytes);
    mabei_space_refer (document->space, &id, &reference);
    g_array_append_val (references, reference);
  }
  document->taken = mabei_operation_encode_text (&document->id, references, blob, length,
                                                 document->is_undoing ? &document->undoing : NULL);
  return g_bytes_ref (document->taken);
}

gboolean
mabei_document_carries_burst (MabeiDocument *document, const MabeiOperation *operation)
{
  if (document->taken == NULL)
    return FALSE;
  gsize length;
  gconstpointer blob = g_bytes_get_data (operation->blob, &length);
  g_autoptr (GBytes) encoded = mabei_operation_encode_text (&operation->document, operation->references, blob, length,
                                                            operation->is_undo ? &operation->undone : NULL);
  return g_bytes_equal (encoded, document->taken);
}

gboolean
mabei_document_adopt (MabeiDocument *document, MabeiChange *change, const MabeiOperation *operation)
{
  const MabeiId *id = mabei_change_id (change);
  if (!mabei_short_id_equal (&mabei_change_header (change)->device, mabei_device_key_id (document->space->c->device)) ||
      !mabei_document_carries_burst (document, operation))
    return FALSE;
  gboolean renamed = mabei_text_agent_rename (document->text, mabei_document_burst_agent (document), id->bytes,
                                              sizeof id->bytes, NULL);
  g_assert (renamed); /* nothing else was folded into the text meanwhile, and ids are not used twice */
  clear_burst (document);
  return TRUE;
}

void
mabei_document_forget_burst (MabeiDocument *document)
{
  clear_burst (document);
  document->space->refold = TRUE;
}

void
mabei_document_drop_burst (MabeiDocument *document)
{
  if (document->writer == NULL)
    return;
  mabei_document_forget_burst (document);
  mabei_case_settle (document->space->c);
}

/* --- undo --- */

/* Writes the inverse of one text change into a new burst. FALSE when it cannot be read any more or is too large. */
static gboolean
write_inverse (MabeiDocument *document, const MabeiId *id)
{
  MabeiSpace *space = document->space;
  MabeiChange *change = mabei_graph_lookup (space->graph, id);
  guint64 claimed_ms;
  const char *refusal;
  g_autoptr (GPtrArray) operations = mabei_space_read_operations (space, change, &claimed_ms, &refusal);
  for (guint i = 0; operations != NULL && i < operations->len; i++) {
    MabeiOperation *operation = g_ptr_array_index (operations, i);
    if (operation->type != MABEI_OPERATION_TEXT || !mabei_short_id_equal (&operation->document, &document->id) ||
        mabei_space_resolve (space, change, operation) != NULL)
      continue;
    g_autoptr (GArray) agents = mabei_document_agents (document, operation);
    gsize length;
    const guint8 *blob = g_bytes_get_data (operation->blob, &length);
    open_burst (document);
    if (!mabei_text_undo (document->text, document->writer,
                          mabei_text_agent (document->text, id->bytes, sizeof id->bytes),
                          (const guint32 *) (gpointer) agents->data, agents->len, 0, blob, length,
                          mabei_document_queue_patch, document, NULL))
      return FALSE;
    mabei_text_writer_bytes (document->writer, &length); /* ends the last run, so that all is counted */
    return operation_size (document) <= OPERATION_BYTES && n_references (document) <= MABEI_LIMIT_REFERENCES;
  }
  return FALSE;
}

static gboolean
undo_one (MabeiDocument *document, MabeiOwnText *own, GError **error)
{
  guint n_patches = document->space->c->patches->len;
  if (!write_inverse (document, &own->change)) {
    g_array_set_size (document->space->c->patches, n_patches);
    mabei_document_drop_burst (document);
    return too_large (error, "what is to be undone is too large for one change");
  }
  own->is_undone = TRUE;
  if (mabei_text_writer_size (document->writer) == 0) {
    clear_burst (document);
    return TRUE;
  }
  document->is_undoing = TRUE;
  document->undoing = mabei_change_header (mabei_graph_lookup (document->space->graph, &own->change))->seq;
  document->n_edits = MABEI_LIMIT_OPERATIONS; /* nothing joins it: it is undone by itself */
  return TRUE;
}

gboolean
mabei_document_undo (MabeiDocument *document, GError **error)
{
  if (document->writer != NULL) {
    g_set_error_literal (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_CONFLICT, "what was typed has to be sealed first");
    return FALSE;
  }
  if (!document->is_present || !mabei_space_check_self (document->space, error)) {
    if (error != NULL && *error == NULL)
      g_set_error_literal (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_NOT_FOUND, "the document is not in effect");
    return FALSE;
  }
  for (guint i = document->own->len; i-- > 0;) {
    MabeiOwnText *own = &g_array_index (document->own, MabeiOwnText, i);
    if (own->is_undo || own->is_undone)
      continue;
    if (!undo_one (document, own, error))
      return FALSE;
    if (document->writer != NULL) {
      mabei_case_tell (document->space->c);
      return TRUE;
    }
  }
  g_set_error_literal (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_NOT_FOUND, "there is nothing to undo");
  return FALSE;
}
