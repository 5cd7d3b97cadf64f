#include "core/case/case_private.h"

#include "core/base/limits.h"

static void
held_epoch_free (MabeiHeldEpoch *held)
{
  mabei_secret_unref (held->secret);
  g_free (held);
}

MabeiSpace *
mabei_space_new (MabeiCase *c, const MabeiShortId *id, MabeiSpaceKind kind, const MabeiShortId *other)
{
  MabeiSpace *space = g_new0 (MabeiSpace, 1);
  space->c = c;
  space->id = *id;
  space->kind = kind;
  space->other = *other;
  space->graph = mabei_graph_new (mabei_space_on_complete, mabei_space_on_refused, space);
  space->ready = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_change_unref);
  space->waiting = g_hash_table_new_full (mabei_id_hash, mabei_id_equal, NULL, (GDestroyNotify) mabei_waiting_free);
  space->secrets = g_hash_table_new_full (mabei_id_hash, mabei_id_equal, NULL, (GDestroyNotify) held_epoch_free);
  space->given = g_hash_table_new_full (mabei_short_id_hash, mabei_short_id_equal, g_free, NULL);
  space->epochs = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_epoch_entry_free);
  space->epochs_by_id = g_hash_table_new (mabei_id_hash, mabei_id_equal);
  space->quarantined = g_hash_table_new_full (mabei_id_hash, mabei_id_equal, g_free, NULL);
  space->fields = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) mabei_field_state_free);
  space->documents =
      g_hash_table_new_full (mabei_short_id_hash, mabei_short_id_equal, NULL, (GDestroyNotify) mabei_document_free);
  space->messages = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_message_free);
  return space;
}

void
mabei_space_free (MabeiSpace *space)
{
  g_ptr_array_unref (space->messages);
  g_hash_table_unref (space->documents);
  g_hash_table_unref (space->fields);
  g_hash_table_unref (space->quarantined);
  g_hash_table_unref (space->epochs_by_id);
  g_ptr_array_unref (space->epochs);
  g_hash_table_unref (space->secrets);
  g_hash_table_unref (space->given);
  g_clear_pointer (&space->keys, g_hash_table_unref);
  g_hash_table_unref (space->waiting);
  g_ptr_array_unref (space->ready);
  mabei_graph_free (space->graph);
  g_free (space);
}

const MabeiShortId *
mabei_space_id (MabeiSpace *space)
{
  return &space->id;
}

MabeiSpaceKind
mabei_space_kind (MabeiSpace *space)
{
  return space->kind;
}

const MabeiShortId *
mabei_space_other (MabeiSpace *space)
{
  return &space->other;
}

MabeiCase *
mabei_space_case (MabeiSpace *space)
{
  return space->c;
}

MabeiGraph *
mabei_space_graph (MabeiSpace *space)
{
  return space->graph;
}

void
mabei_space_ref (MabeiSpace *space, MabeiSpaceRef *ref)
{
  ref->case_id = space->c->id;
  ref->space = space->id;
}

gboolean
mabei_space_is_past (MabeiSpace *space, const MabeiId *ancestor, const MabeiId *id)
{
  return mabei_graph_is_past (space->graph, ancestor, id);
}

void
mabei_space_refer (MabeiSpace *space, const MabeiId *id, MabeiReference *reference)
{
  const MabeiShortId *self = mabei_device_key_id (space->c->device);
  MabeiChange *change = mabei_graph_lookup (space->graph, id);
  *reference = (MabeiReference){.id = *id};
  if (change == NULL || !mabei_short_id_equal (&mabei_change_header (change)->device, self) ||
      mabei_graph_is_forked (space->graph, self))
    return;
  reference->is_seq = TRUE;
  reference->seq = mabei_change_header (change)->seq;
}

void
mabei_space_tell (MabeiSpace *space, MabeiNotice notice)
{
  space->notices |= 1u << notice;
}

GPtrArray *
mabei_table_values (GHashTable *table)
{
  GPtrArray *values = g_ptr_array_sized_new (g_hash_table_size (table));
  GHashTableIter iter;
  gpointer value;
  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_ptr_array_add (values, value);
  return values;
}

gboolean
mabei_space_has_burst (MabeiSpace *space)
{
  GHashTableIter iter;
  gpointer value;
  g_hash_table_iter_init (&iter, space->documents);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    if (mabei_document_has_burst (value))
      return TRUE;
  }
  return FALSE;
}

/* --- epochs held --- */

MabeiSecret *
mabei_space_secret (MabeiSpace *space, const MabeiId *epoch_id)
{
  MabeiHeldEpoch *held = g_hash_table_lookup (space->secrets, epoch_id);
  return held != NULL ? held->secret : NULL;
}

gboolean
mabei_space_hold (MabeiSpace *space, const MabeiId *epoch_id, MabeiSecret *secret)
{
  if (mabei_space_secret (space, epoch_id) != NULL)
    return FALSE;
  MabeiHeldEpoch *held = g_new (MabeiHeldEpoch, 1);
  held->id = *epoch_id;
  held->secret = mabei_secret_ref (secret);
  g_hash_table_insert (space->secrets, &held->id, held);
  space->recheck = TRUE;
  mabei_space_tell (space, MABEI_NOTICE_SPACES);
  return TRUE;
}

gboolean
mabei_space_add_epoch (MabeiSpace *space, const MabeiId *epoch_id, MabeiSecret *secret, GError **error)
{
  if (mabei_space_secret (space, epoch_id) != NULL)
    return TRUE;
  if (g_hash_table_size (space->secrets) >= MABEI_LIMIT_EPOCHS) {
    g_set_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_TOO_LARGE, "a space has at most %u epochs",
                 MABEI_LIMIT_EPOCHS);
    return FALSE;
  }
  MabeiSpaceRef ref;
  MabeiId committed;
  mabei_space_ref (space, &ref);
  if (mabei_secret_length (secret) == 32)
    mabei_epoch_id (secret, &ref, &committed);
  if (mabei_secret_length (secret) != 32 || !mabei_id_equal (&committed, epoch_id)) {
    g_set_error_literal (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_UNVERIFIED, "the secret is not that of the epoch");
    return FALSE;
  }
  mabei_space_hold (space, epoch_id, secret);
  mabei_case_settle (space->c);
  return TRUE;
}

static gint
compare_held (gconstpointer a, gconstpointer b)
{
  const MabeiHeldEpoch *const *left = a, *const *right = b;
  return mabei_id_compare (&(*left)->id, &(*right)->id);
}

void
mabei_space_epochs (MabeiSpace *space, GArray **ids, GPtrArray **secrets)
{
  g_autoptr (GPtrArray) held = mabei_table_values (space->secrets);
  g_ptr_array_sort (held, compare_held);
  *ids = g_array_sized_new (FALSE, FALSE, sizeof (MabeiId), held->len);
  *secrets = g_ptr_array_sized_new (held->len);
  for (guint i = 0; i < held->len; i++) {
    MabeiHeldEpoch *one = g_ptr_array_index (held, i);
    g_array_append_val (*ids, one->id);
    g_ptr_array_add (*secrets, one->secret);
  }
}
