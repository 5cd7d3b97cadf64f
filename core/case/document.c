/* Documents and the text changes in them. In a text an agent is one change, named by its id (soundness rule 4). */
#include "core/case/case_private.h"

#include <string.h>

#include "core/base/limits.h"

void
mabei_document_id_of (const MabeiId *change, guint index, MabeiShortId *id)
{
  const guint8 place[4] = {(guint8) index, (guint8) (index >> 8), (guint8) (index >> 16), (guint8) (index >> 24)};
  MabeiId hash;
  mabei_hash (MABEI_LABEL_OBJECT, &hash, change->bytes, sizeof change->bytes, place, sizeof place, NULL);
  memcpy (id->bytes, hash.bytes, sizeof id->bytes);
}

void
mabei_document_free (MabeiDocument *document)
{
  g_clear_pointer (&document->writer, mabei_text_writer_free);
  g_clear_pointer (&document->taken, g_bytes_unref);
  g_clear_pointer (&document->created_by, mabei_change_unref);
  mabei_text_free (document->text);
  g_array_unref (document->own);
  g_free (document->kind);
  g_free (document->title);
  g_free (document);
}

const char *
mabei_space_check_document (MabeiSpace *space, MabeiChange *change, guint index, const MabeiOperation *operation)
{
  MabeiShortId id;
  (void) operation;
  mabei_document_id_of (mabei_change_id (change), index, &id);
  const MabeiDocument *document = g_hash_table_lookup (space->documents, &id);
  return document != NULL && document->is_present ? "a document with its id exists" : NULL;
}

void
mabei_space_fold_document (MabeiSpace *space, MabeiChange *change, guint index, const MabeiOperation *operation)
{
  MabeiShortId id;
  mabei_document_id_of (mabei_change_id (change), index, &id);
  MabeiDocument *document = g_hash_table_lookup (space->documents, &id);
  if (document == NULL) {
    document = g_new0 (MabeiDocument, 1);
    document->space = space;
    document->id = id;
    document->created_by = mabei_change_ref (change);
    document->created_index = index;
    document->kind = g_strdup (operation->name);
    document->title = g_strdup (operation->value);
    document->text = mabei_text_new ();
    document->own = g_array_new (FALSE, FALSE, sizeof (MabeiOwnText));
    g_hash_table_insert (space->documents, &document->id, document);
  }
  document->is_present = TRUE;
  mabei_space_tell (space, MABEI_NOTICE_DOCUMENTS);
}

/* --- text --- */

void
mabei_document_queue_patch (guint32 position, guint32 deleted, const char *inserted, gsize n_bytes, gpointer user_data)
{
  MabeiDocument *document = user_data;
  const MabeiPatch patch = {document, position, deleted, n_bytes > 0 ? g_strndup (inserted, n_bytes) : g_strdup ("")};
  g_array_append_val (document->space->c->patches, patch);
}

GArray *
mabei_document_agents (MabeiDocument *document, const MabeiOperation *operation)
{
  GArray *agents = g_array_sized_new (FALSE, FALSE, sizeof (guint32), operation->cited->len);
  for (guint i = 0; i < operation->cited->len; i++) {
    const MabeiId *id = &g_array_index (operation->cited, MabeiId, i);
    guint32 agent = mabei_text_agent (document->text, id->bytes, sizeof id->bytes);
    g_array_append_val (agents, agent);
  }
  return agents;
}

static void
add_own (MabeiDocument *document, MabeiChange *change, const MabeiOperation *operation)
{
  const MabeiHeader *header = mabei_change_header (change);
  if (!mabei_short_id_equal (&header->device, mabei_device_key_id (document->space->c->device)))
    return;
  const MabeiOwnText own = {.change = *mabei_change_id (change), .is_undo = operation->is_undo};
  if (operation->is_undo) {
    MabeiGraph *graph = document->space->graph;
    MabeiChange *undone = mabei_graph_at (graph, &header->device, operation->undone, mabei_change_id (change));
    for (guint i = 0; undone != NULL && i < document->own->len; i++) {
      MabeiOwnText *earlier = &g_array_index (document->own, MabeiOwnText, i);
      earlier->is_undone = earlier->is_undone || mabei_id_equal (&earlier->change, mabei_change_id (undone));
    }
  }
  g_array_append_val (document->own, own);
}

static gboolean
apply (MabeiDocument *document, MabeiChange *change, const MabeiOperation *operation, MabeiTextPatchFunc patch)
{
  const MabeiId *id = mabei_change_id (change);
  g_autoptr (GArray) agents = mabei_document_agents (document, operation);
  guint32 agent = mabei_text_agent (document->text, id->bytes, sizeof id->bytes);
  gsize length;
  const guint8 *blob = g_bytes_get_data (operation->blob, &length);
  return mabei_text_apply (document->text, agent, (const guint32 *) (gpointer) agents->data, agents->len, 0, blob,
                           length, patch, document, NULL);
}

const char *
mabei_space_fold_text (MabeiSpace *space, MabeiChange *change, const MabeiOperation *operation)
{
  const MabeiId *id = mabei_change_id (change);
  MabeiDocument *document = g_hash_table_lookup (space->documents, &operation->document);
  if (document == NULL || !document->is_present ||
      !mabei_space_is_past (space, mabei_change_id (document->created_by), id))
    return "it writes in a document that is not in its past";
  if (operation->is_undo && operation->undone >= mabei_change_header (change)->seq)
    return "it undoes what is not in its past";
  if (!mabei_document_adopt (document, change, operation)) {
    g_assert (document->writer == NULL); /* see mabei_case_receive */
    if (!apply (document, change, operation, mabei_document_queue_patch))
      return "its text does not fit what is in its past";
  }
  add_own (document, change, operation);
  mabei_space_tell (space, MABEI_NOTICE_TEXT);
  return NULL;
}

void
mabei_space_lend_text (MabeiSpace *space, MabeiChange *change, const MabeiOperation *operation)
{
  const MabeiId *id = mabei_change_id (change);
  MabeiDocument *document = g_hash_table_lookup (space->documents, &operation->document);
  if (document == NULL || !document->is_present || document->writer != NULL ||
      !mabei_space_is_past (space, mabei_change_id (document->created_by), id))
    return;
  mabei_text_agent_suspend (document->text, mabei_text_agent (document->text, id->bytes, sizeof id->bytes), TRUE);
  apply (document, change, operation, NULL);
}

void
mabei_space_revoke_text (MabeiSpace *space, MabeiChange *change, const MabeiOperation *operation)
{
  const MabeiId *id = mabei_change_id (change);
  MabeiDocument *document = g_hash_table_lookup (space->documents, &operation->document);
  g_autofree char *before = mabei_text_read (document->text, NULL);
  mabei_text_agent_suspend (document->text, mabei_text_agent (document->text, id->bytes, sizeof id->bytes), TRUE);
  mabei_document_patch_difference (document, before);
  if (document->own->len > 0 &&
      mabei_id_equal (&g_array_index (document->own, MabeiOwnText, document->own->len - 1).change, id))
    g_array_set_size (document->own, document->own->len - 1);
}

/* --- folding anew --- */

void
mabei_document_reset (MabeiDocument *document)
{
  g_assert (document->writer == NULL);
  document->is_present = FALSE;
  mabei_text_free (document->text);
  document->text = mabei_text_new ();
  g_array_set_size (document->own, 0);
}

void
mabei_document_patch_difference (MabeiDocument *document, const char *before)
{
  g_autofree char *after = mabei_text_read (document->text, NULL);
  const char *old_start = before, *new_start = after;
  guint32 position = 0;
  while (*old_start != '\0' && g_utf8_get_char (old_start) == g_utf8_get_char (new_start)) {
    old_start = g_utf8_next_char (old_start);
    new_start = g_utf8_next_char (new_start);
    position++;
  }
  const char *old_end = old_start + strlen (old_start), *new_end = new_start + strlen (new_start);
  while (old_end > old_start && new_end > new_start) {
    const char *old_last = g_utf8_prev_char (old_end), *new_last = g_utf8_prev_char (new_end);
    if (g_utf8_get_char (old_last) != g_utf8_get_char (new_last))
      break;
    old_end = old_last;
    new_end = new_last;
  }
  guint32 removed = (guint32) g_utf8_strlen (old_start, old_end - old_start);
  if (removed > 0 || new_end > new_start)
    mabei_document_queue_patch (position, removed, new_start, (gsize) (new_end - new_start), document);
}

/* --- reading --- */

const MabeiShortId *
mabei_document_id (MabeiDocument *document)
{
  return &document->id;
}

const char *
mabei_document_kind (MabeiDocument *document)
{
  return document->kind;
}

const char *
mabei_document_title (MabeiDocument *document)
{
  return document->title;
}

MabeiSpace *
mabei_document_space (MabeiDocument *document)
{
  return document->space;
}

MabeiText *
mabei_document_text (MabeiDocument *document)
{
  return document->text;
}

static gint
compare_documents (gconstpointer a, gconstpointer b)
{
  const MabeiDocument *const *left = a, *const *right = b;
  gint order = mabei_change_compare ((*left)->created_by, (*right)->created_by);
  if (order == 0)
    order = (*left)->created_index < (*right)->created_index ? -1 : 1;
  return order;
}

GPtrArray *
mabei_space_documents (MabeiSpace *space)
{
  GPtrArray *documents = mabei_table_values (space->documents);
  for (guint i = documents->len; i-- > 0;) {
    if (!((MabeiDocument *) g_ptr_array_index (documents, i))->is_present)
      g_ptr_array_remove_index_fast (documents, i);
  }
  g_ptr_array_sort (documents, compare_documents);
  return documents;
}
