/* What still has to go to the hub: every change that did not come from it and that it has not confirmed. */
#include "core/store/replica_private.h"

void
mabei_stored_free (MabeiStored *stored)
{
  mabei_change_unref (stored->change);
  g_free (stored);
}

static void
set_sent (MabeiStored *stored, gboolean is_sent)
{
  stored->is_sent = is_sent;
  if (is_sent)
    g_hash_table_remove (stored->state->unsent, stored);
  else
    g_hash_table_add (stored->state->unsent, stored);
}

void
mabei_replica_note (MabeiReplica *replica, MabeiSpace *space, MabeiChange *change, MabeiSource source)
{
  MabeiStored *stored = g_hash_table_lookup (replica->stored, mabei_change_id (change));

  if (stored != NULL) {
    mabei_change_ref (change);
    mabei_change_unref (stored->change);
    stored->change = change;
    if (source == MABEI_SOURCE_HUB)
      set_sent (stored, TRUE);
    return;
  }
  stored = g_new0 (MabeiStored, 1);
  stored->id = *mabei_change_id (change);
  stored->change = mabei_change_ref (change);
  stored->state = mabei_replica_state (replica, space);
  g_hash_table_insert (replica->stored, &stored->id, stored);
  set_sent (stored, source == MABEI_SOURCE_HUB);
}

void
mabei_replica_forget (MabeiReplica *replica, const MabeiId *change)
{
  MabeiStored *stored = g_hash_table_lookup (replica->stored, change);

  if (stored == NULL)
    return;
  set_sent (stored, TRUE);
  g_hash_table_remove (replica->stored, &stored->id);
}

void
mabei_replica_note_receipt (MabeiReplica *replica, const MabeiId *change)
{
  MabeiStored *stored = g_hash_table_lookup (replica->stored, change);

  if (stored != NULL)
    set_sent (stored, TRUE);
}

void
mabei_replica_note_reset (MabeiReplica *replica)
{
  GHashTableIter iter;
  gpointer stored;

  g_hash_table_iter_init (&iter, replica->stored);
  while (g_hash_table_iter_next (&iter, NULL, &stored))
    set_sent (stored, FALSE);
}

/* (Lamport, device, id): the order of the fold, which has parents first. */
static gint
compare (gconstpointer a, gconstpointer b)
{
  const MabeiChange *one = *(MabeiChange *const *) a;
  const MabeiChange *other = *(MabeiChange *const *) b;
  const MabeiHeader *left = mabei_change_header (one);
  const MabeiHeader *right = mabei_change_header (other);
  gint order;

  if (left->lamport != right->lamport)
    return left->lamport < right->lamport ? -1 : 1;
  order = mabei_short_id_compare (&left->device, &right->device);
  return order != 0 ? order : mabei_id_compare (mabei_change_id (one), mabei_change_id (other));
}

GPtrArray *
mabei_replica_outbox (MabeiReplica *replica, MabeiSpace *space)
{
  MabeiSpaceState *state = mabei_replica_state (replica, space);
  MabeiGraph *graph = mabei_space_graph (space);
  GPtrArray *outbox = g_ptr_array_sized_new (g_hash_table_size (state->unsent));
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, state->unsent);
  while (g_hash_table_iter_next (&iter, &key, NULL)) {
    MabeiStored *stored = key;
    /* What waits is not proven yet: it is not passed on. */
    if (mabei_graph_has_complete (graph, &stored->id))
      g_ptr_array_add (outbox, mabei_graph_lookup (graph, &stored->id));
  }
  g_ptr_array_sort (outbox, compare);
  return outbox;
}

static gboolean
append_lazily (MabeiReplica *replica, const MabeiRecord *record, GError **error)
{
  if (!mabei_database_begin_lazy (replica->database, error))
    return FALSE;
  if (mabei_record_append (replica->database, record, error))
    return mabei_database_commit (replica->database, error);
  mabei_database_rollback (replica->database);
  return FALSE;
}

gboolean
mabei_replica_set_receipt (MabeiReplica *replica, MabeiSpace *space, const MabeiId *change, GError **error)
{
  MabeiStored *stored = g_hash_table_lookup (replica->stored, change);
  MabeiRecord record = {.type = MABEI_RECORD_RECEIPT, .id = *change};

  if (stored == NULL || stored->state->space != space) {
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_NOT_FOUND, "a receipt for a change that is not here");
    return FALSE;
  }
  /* Not synced: a receipt lost in a power cut only means that the change is sent once more. */
  if (!stored->is_sent && !append_lazily (replica, &record, error))
    return FALSE;
  set_sent (stored, TRUE);
  return TRUE;
}

gboolean
mabei_replica_reset_receipts (MabeiReplica *replica, GError **error)
{
  MabeiRecord record = {.type = MABEI_RECORD_RESET};

  if (!mabei_database_begin (replica->database, error))
    return FALSE;
  if (!mabei_record_append (replica->database, &record, error)) {
    mabei_database_rollback (replica->database);
    return FALSE;
  }
  if (!mabei_database_commit (replica->database, error))
    return FALSE;
  mabei_replica_note_reset (replica);
  return TRUE;
}

gboolean
mabei_replica_has_receipt (MabeiReplica *replica, const MabeiId *change)
{
  MabeiStored *stored = g_hash_table_lookup (replica->stored, change);

  return stored != NULL && stored->is_sent;
}
