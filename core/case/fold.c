/* The judgement of a complete change, from its causal past alone, and what it does when nothing speaks against it. All
 * its operations take effect or none. A change without effect stays in the graph: kept, listed, cited by others.
 */
#include "core/case/case_private.h"

#include "core/base/limits.h"

gint
mabei_change_compare (const MabeiChange *a, const MabeiChange *b)
{
  const MabeiHeader *left = mabei_change_header (a), *right = mabei_change_header (b);
  if (left->lamport != right->lamport)
    return left->lamport < right->lamport ? -1 : 1;
  gint order = mabei_short_id_compare (&left->device, &right->device);
  return order != 0 ? order : mabei_id_compare (mabei_change_id (a), mabei_change_id (b));
}

/* --- opening --- */

/* Operation keys kept at hand: each lies in guarded pages of its own. */
#define KEYS_MAX 256u

typedef struct {
  MabeiId epoch;
  MabeiShortId device;
  MabeiSecret *key;
} OperationKey;

static guint
operation_key_hash (gconstpointer key)
{
  const OperationKey *one = key;
  return mabei_id_hash (&one->epoch) ^ mabei_short_id_hash (&one->device);
}

static gboolean
operation_key_equal (gconstpointer a, gconstpointer b)
{
  const OperationKey *left = a, *right = b;
  return mabei_id_equal (&left->epoch, &right->epoch) && mabei_short_id_equal (&left->device, &right->device);
}

static void
operation_key_free (gpointer key)
{
  OperationKey *one = key;
  mabei_secret_unref (one->key);
  g_free (one);
}

MabeiSecret *
mabei_space_operation_key (MabeiSpace *space, const MabeiId *epoch_id, const MabeiShortId *device)
{
  if (space->keys == NULL)
    space->keys = g_hash_table_new_full (operation_key_hash, operation_key_equal, NULL, operation_key_free);
  const OperationKey wanted = {.epoch = *epoch_id, .device = *device};
  OperationKey *found = g_hash_table_lookup (space->keys, &wanted);
  if (found == NULL) {
    MabeiSecret *secret = mabei_space_secret (space, epoch_id);
    if (secret == NULL)
      return NULL;
    if (g_hash_table_size (space->keys) >= KEYS_MAX)
      g_hash_table_remove_all (space->keys);
    found = g_new (OperationKey, 1);
    *found = wanted;
    found->key = mabei_epoch_operation_key (secret, device, epoch_id);
    g_hash_table_add (space->keys, found);
  }
  return found->key;
}

GPtrArray *
mabei_space_open (MabeiSpace *space, MabeiChange *change, guint64 *claimed_ms, const char **reason)
{
  const MabeiHeader *header = mabei_change_header (change);
  MabeiSecret *key = mabei_space_operation_key (space, &header->epoch_id, &header->device);
  g_autoptr (GBytes) body = key != NULL ? mabei_change_open (change, key, NULL) : NULL;
  GPtrArray *operations = NULL;
  if (body == NULL)
    *reason = "it is not sealed with the key that it names";
  else if (!mabei_body_decode (body, claimed_ms, &operations, NULL))
    *reason = "its body is not in the canonical form";
  return operations;
}

GPtrArray *
mabei_space_read_operations (MabeiSpace *space, MabeiChange *change, guint64 *claimed_ms, const char **reason)
{
  g_autoptr (GPtrArray) items = mabei_space_open (space, change, claimed_ms, reason);
  if (items == NULL)
    return NULL;
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_operation_free);
  for (guint i = 0; i < items->len; i++) {
    MabeiOperation *operation = mabei_operation_decode (g_ptr_array_index (items, i), NULL);
    if (operation == NULL) {
      *reason = "an operation is not understood";
      return NULL;
    }
    g_ptr_array_add (operations, operation);
  }
  return g_steal_pointer (&operations);
}

/* --- references --- */

static gboolean
resolve_reference (MabeiSpace *space, MabeiChange *change, const MabeiReference *reference, MabeiId *id)
{
  const MabeiHeader *header = mabei_change_header (change);
  if (reference->is_seq) {
    if (reference->seq >= header->seq)
      return FALSE;
    MabeiChange *own = mabei_graph_at (space->graph, &header->device, reference->seq, mabei_change_id (change));
    if (own == NULL)
      return FALSE;
    *id = *mabei_change_id (own);
    return TRUE;
  }
  if (mabei_id_equal (&reference->id, mabei_change_id (change)) ||
      !mabei_graph_has_complete (space->graph, &reference->id) ||
      !mabei_space_is_past (space, &reference->id, mabei_change_id (change)))
    return FALSE;
  *id = reference->id;
  return TRUE;
}

const char *
mabei_space_resolve (MabeiSpace *space, MabeiChange *change, MabeiOperation *operation)
{
  if (operation->references == NULL)
    return NULL;
  g_clear_pointer (&operation->cited, g_array_unref);
  operation->cited = g_array_sized_new (FALSE, FALSE, sizeof (MabeiId), operation->references->len);
  for (guint i = 0; i < operation->references->len; i++) {
    MabeiId id;
    if (!resolve_reference (space, change, &g_array_index (operation->references, MabeiReference, i), &id))
      return "it cites a change that is not in its past";
    g_array_append_val (operation->cited, id);
  }
  return NULL;
}

/* --- judging --- */

/* Texts are the only operations whose effect can fail, so they go first; when one does, those before it are revoked. */
static const char *
fold_texts (MabeiSpace *space, MabeiChange *change, GPtrArray *operations)
{
  for (guint i = 0; i < operations->len; i++) {
    const MabeiOperation *operation = g_ptr_array_index (operations, i);
    if (operation->type != MABEI_OPERATION_TEXT)
      continue;
    const char *refusal = NULL;
    for (guint k = 0; k < i && refusal == NULL; k++) {
      const MabeiOperation *earlier = g_ptr_array_index (operations, k);
      if (earlier->type == MABEI_OPERATION_TEXT && mabei_short_id_equal (&earlier->document, &operation->document))
        refusal = "it writes twice in one document";
    }
    if (refusal == NULL)
      refusal = mabei_space_fold_text (space, change, operation);
    if (refusal == NULL)
      continue;
    for (guint k = 0; k < i; k++) {
      const MabeiOperation *earlier = g_ptr_array_index (operations, k);
      if (earlier->type == MABEI_OPERATION_TEXT)
        mabei_space_revoke_text (space, change, earlier);
    }
    return refusal;
  }
  return NULL;
}

static const char *
fold_content (MabeiSpace *space, MabeiChange *change)
{
  guint64 claimed_ms = 0;
  const char *refusal = NULL;
  g_autoptr (GPtrArray) operations = mabei_space_read_operations (space, change, &claimed_ms, &refusal);
  if (operations == NULL)
    return refusal;
  if (operations->len == 0)
    return "a content change without operations";
  for (guint i = 0; i < operations->len && refusal == NULL; i++) {
    MabeiOperation *operation = g_ptr_array_index (operations, i);
    refusal = mabei_space_resolve (space, change, operation);
    if (refusal == NULL && operation->type == MABEI_OPERATION_DOCUMENT)
      refusal = mabei_space_check_document (space, change, i, operation);
  }
  if (refusal == NULL)
    refusal = fold_texts (space, change, operations);
  for (guint i = 0; i < operations->len && refusal == NULL; i++) {
    const MabeiOperation *operation = g_ptr_array_index (operations, i);
    switch (operation->type) {
    case MABEI_OPERATION_FIELD:
      mabei_space_fold_field (space, change, i, claimed_ms, operation, TRUE);
      break;
    case MABEI_OPERATION_DOCUMENT:
      mabei_space_fold_document (space, change, i, operation);
      break;
    case MABEI_OPERATION_POST:
      mabei_space_fold_message (space, change, i, claimed_ms, operation);
      break;
    case MABEI_OPERATION_TEXT:
      break;
    default:
      g_assert_not_reached ();
    }
  }
  return refusal;
}

static const char *
fold_control (MabeiSpace *space, MabeiChange *change)
{
  guint64 claimed_ms;
  const char *refusal = NULL;
  g_autoptr (GPtrArray) items = mabei_space_open (space, change, &claimed_ms, &refusal);
  if (items == NULL)
    return refusal;
  if (!mabei_authority_apply (space->c->authority, space->graph, change, items, &refusal))
    return refusal;
  mabei_space_tell (space, MABEI_NOTICE_MEMBERS);
  return NULL;
}

static const char *
fold_merge (MabeiSpace *space, MabeiChange *change)
{
  guint64 claimed_ms;
  const char *refusal = NULL;
  g_autoptr (GPtrArray) items = mabei_space_open (space, change, &claimed_ms, &refusal);
  if (items == NULL)
    return refusal;
  return items->len == 0 ? NULL : "a merge with operations";
}

static gboolean
covers (MabeiGraph *control, const MabeiHeader *header, const MabeiId *head)
{
  for (guint i = 0; i < header->n_control; i++) {
    if (mabei_graph_is_past (control, head, &header->control[i]))
      return TRUE;
  }
  return FALSE;
}

/* Nobody unlearns: what the parents knew of the control space, their child knows. So nobody can make an epoch that
 * leaves out a member by citing an older state than what it builds on. */
static const char *
check_control_heads (MabeiSpace *space, MabeiChange *change)
{
  const MabeiHeader *header = mabei_change_header (change);
  MabeiGraph *control = space->c->control->graph;
  for (guint i = 0; i <= header->n_deps; i++) {
    const MabeiId *parent = i < header->n_deps ? &header->deps[i] : &header->prev;
    MabeiChange *found = mabei_graph_lookup (space->graph, parent);
    const MabeiHeader *known = found != NULL ? mabei_change_header (found) : NULL; /* NULL: the first of its chain */
    for (guint k = 0; known != NULL && k < known->n_control; k++) {
      if (!covers (control, header, &known->control[k]))
        return "it cites older control heads than its parents";
    }
  }
  return NULL;
}

/* What its author may do at all, by the changes of the control space in the past. */
static const char *
check_author (MabeiSpace *space, MabeiChange *change)
{
  const MabeiHeader *header = mabei_change_header (change);
  MabeiAuthority *authority = space->c->authority;
  if (space->kind == MABEI_SPACE_CONTROL) {
    if (header->n_control != 0)
      return "a change of the control space that cites control heads";
    return mabei_authority_member (authority, &header->device) != NULL &&
                   mabei_authority_admission (authority, space->graph, &header->device, mabei_change_id (change), 1) !=
                       NULL
               ? NULL
               : "its author is not a member";
  }
  const char *refusal = NULL;
  if (!mabei_authority_may_write (authority, space->c->control->graph, change, &refusal))
    return refusal;
  return check_control_heads (space, change);
}

static const char *
judge (MabeiSpace *space, MabeiChange *change)
{
  const MabeiHeader *header = mabei_change_header (change);
  if (header->kind == MABEI_KIND_GENESIS)
    return NULL;
  const char *refusal = check_author (space, change);
  if (refusal != NULL)
    return refusal;
  if (header->kind == MABEI_KIND_EPOCH)
    return mabei_space_fold_epoch (space, change);
  refusal = mabei_space_check_epoch_use (space, change);
  if (refusal != NULL)
    return refusal;
  if (header->kind == MABEI_KIND_MERGE)
    return fold_merge (space, change);
  if ((header->kind == MABEI_KIND_CONTROL) != (space->kind == MABEI_SPACE_CONTROL))
    return "its kind does not belong in this space";
  return header->kind == MABEI_KIND_CONTROL ? fold_control (space, change) : fold_content (space, change);
}

/* What a change without effect lends to those in effect that build on it: the values that its fields replaced
 * (soundness rule 23), and the places of its text, where nobody sees them. */
static void
lend (MabeiSpace *space, MabeiChange *change)
{
  guint64 claimed_ms;
  const char *refusal;
  g_autoptr (GPtrArray) operations = mabei_space_read_operations (space, change, &claimed_ms, &refusal);
  for (guint i = 0; operations != NULL && i < operations->len; i++) {
    MabeiOperation *operation = g_ptr_array_index (operations, i);
    if (mabei_space_resolve (space, change, operation) != NULL)
      continue;
    if (operation->type == MABEI_OPERATION_FIELD)
      mabei_space_fold_field (space, change, i, claimed_ms, operation, FALSE);
    else if (operation->type == MABEI_OPERATION_TEXT)
      mabei_space_lend_text (space, change, operation);
  }
}

/* What this device typed and showed already, in a change that turned out to be without effect. */
static void
forget_bursts (MabeiSpace *space, MabeiChange *change)
{
  guint64 claimed_ms;
  const char *refusal;
  if (!mabei_space_has_burst (space))
    return;
  g_autoptr (GPtrArray) operations = mabei_space_read_operations (space, change, &claimed_ms, &refusal);
  for (guint i = 0; operations != NULL && i < operations->len; i++) {
    const MabeiOperation *operation = g_ptr_array_index (operations, i);
    MabeiDocument *document = g_hash_table_lookup (space->documents, &operation->document);
    if (operation->type == MABEI_OPERATION_TEXT && document != NULL &&
        mabei_document_carries_burst (document, operation))
      mabei_document_forget_burst (document);
  }
}

void
mabei_space_fold (MabeiSpace *space, MabeiChange *change)
{
  const MabeiHeader *header = mabei_change_header (change);
  const char *refusal = judge (space, change);
  if (refusal == NULL)
    return;
  g_hash_table_replace (space->quarantined, g_memdup2 (mabei_change_id (change), sizeof (MabeiId)), (gpointer) refusal);
  if (header->kind == MABEI_KIND_EPOCH)
    mabei_space_lend_epoch (space, change);
  if (header->kind != MABEI_KIND_CONTENT)
    return;
  if (mabei_short_id_equal (&header->device, mabei_device_key_id (space->c->device)))
    forget_bursts (space, change);
  if (!space->refold)
    lend (space, change);
}

/* --- folding anew --- */

static void
clear_fold (MabeiSpace *space)
{
  GHashTableIter iter;
  gpointer document;
  g_ptr_array_set_size (space->epochs, 0);
  g_hash_table_remove_all (space->epochs_by_id);
  g_hash_table_remove_all (space->quarantined);
  g_hash_table_remove_all (space->fields);
  g_ptr_array_set_size (space->messages, 0);
  g_hash_table_iter_init (&iter, space->documents);
  while (g_hash_table_iter_next (&iter, NULL, &document))
    mabei_document_reset (document);
  if (space->kind == MABEI_SPACE_CONTROL)
    mabei_authority_reset (space->c->authority);
}

/* Documents keep their place in memory, for those who show them; what became of their text is told as one patch. */
void
mabei_space_refold (MabeiSpace *space)
{
  g_autoptr (GPtrArray) documents = mabei_table_values (space->documents);
  g_autoptr (GPtrArray) before = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) ordered = mabei_graph_ordered (space->graph);
  GArray *patches = space->c->patches;
  space->refold = FALSE;
  g_ptr_array_set_size (space->ready, 0);
  for (guint i = 0; i < documents->len; i++) {
    MabeiDocument *document = g_ptr_array_index (documents, i);
    g_ptr_array_add (before, mabei_text_read (document->text, NULL));
  }
  clear_fold (space);
  guint n_patches = patches->len;
  for (guint i = 0; i < ordered->len; i++)
    mabei_space_fold (space, g_ptr_array_index (ordered, i));
  g_array_set_size (patches, n_patches);
  for (guint i = 0; i < documents->len; i++)
    mabei_document_patch_difference (g_ptr_array_index (documents, i), g_ptr_array_index (before, i));
  if (space->kind == MABEI_SPACE_CONTROL && ordered->len > 0)
    space->last = g_ptr_array_index (ordered, ordered->len - 1);
  for (guint notice = 0; notice <= MABEI_NOTICE_SPACES; notice++)
    mabei_space_tell (space, (MabeiNotice) notice);
}
