/* A foreign change: its form, then the disk, then the fold. Stored before it is folded, so that nothing is ever told
 * that a power cut could take back; what the fold then refuses is taken out of the log again. */
#include "core/store/replica_private.h"

static gboolean
belongs (MabeiSpace *space, MabeiChange *change, GError **error)
{
  const MabeiHeader *header = mabei_change_header (change);
  const MabeiId *case_id = header->kind == MABEI_KIND_GENESIS ? mabei_change_id (change) : &header->case_id;

  if (mabei_id_equal (case_id, mabei_case_id (mabei_space_case (space))) &&
      mabei_short_id_equal (&header->space, mabei_space_id (space)))
    return TRUE;
  g_set_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_FORMAT, "the change belongs to another case or space");
  return FALSE;
}

/* An id is taken only by a proven change: a copy with other bytes (another signature) may be the good one. */
static gboolean
is_here (MabeiReplica *replica, MabeiSpace *space, MabeiChange *change)
{
  MabeiStored *stored = g_hash_table_lookup (replica->stored, mabei_change_id (change));

  return mabei_graph_lookup (mabei_space_graph (space), mabei_change_id (change)) != NULL ||
         (stored != NULL && g_bytes_equal (mabei_change_encoded (stored->change), mabei_change_encoded (change)));
}

/* The hub showed it: that is as good as a receipt. */
static void
confirm (MabeiReplica *replica, MabeiSpace *space, MabeiChange *change, MabeiSource source)
{
  if (source == MABEI_SOURCE_HUB)
    mabei_replica_set_receipt (replica, space, mabei_change_id (change), NULL);
}

/* Parses and looks whether it is new. NULL: @error, or @is_duplicate. */
static MabeiChange *
take (MabeiReplica *replica,
      MabeiSpace *space,
      GBytes *encoded,
      MabeiSource source,
      gboolean *is_duplicate,
      GError **error)
{
  g_autoptr (MabeiChange) change = mabei_change_parse (encoded, error);

  *is_duplicate = FALSE;
  if (change == NULL || !belongs (space, change, error))
    return NULL;
  if (!is_here (replica, space, change))
    return g_steal_pointer (&change);
  confirm (replica, space, change, source);
  *is_duplicate = TRUE;
  return NULL;
}

/* Junk is seen before it costs a write, when its author is known. */
static gboolean
is_genuine (MabeiSpace *space, MabeiChange *change, GError **error)
{
  const MabeiMember *member =
      mabei_authority_member (mabei_case_authority (mabei_space_case (space)), &mabei_change_header (change)->device);

  if (member == NULL || mabei_change_verify (change, member->keys.sign_key))
    return TRUE;
  g_set_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_UNVERIFIED, "the signature of the change is not its author's");
  return FALSE;
}

static gboolean
append_all (MabeiReplica *replica, MabeiSpace *space, GPtrArray *changes, MabeiSource source, GError **error)
{
  for (guint i = 0; i < changes->len; i++) {
    if (!mabei_replica_append_change (replica, space, g_ptr_array_index (changes, i), source, error)) {
      mabei_database_rollback (replica->database);
      return FALSE;
    }
  }
  return mabei_database_commit (replica->database, error);
}

int
mabei_replica_receive (
    MabeiReplica *replica, MabeiSpace *space, GBytes *encoded, MabeiSource source, guint64 now_ms, GError **error)
{
  g_autoptr (MabeiChange) change = NULL;
  gboolean is_duplicate;
  int result;

  g_return_val_if_fail (replica != NULL && space != NULL && encoded != NULL, -1);
  (void) now_ms;
  change = take (replica, space, encoded, source, &is_duplicate, error);
  if (change == NULL)
    return is_duplicate ? (int) MABEI_RECEIVED_DUPLICATE : -1;
  if (!is_genuine (space, change, error) || !mabei_replica_seal_case (replica, mabei_space_case (space), error) ||
      !mabei_database_begin (replica->database, error))
    return -1;
  if (!mabei_replica_append_change (replica, space, change, source, error)) {
    mabei_database_rollback (replica->database);
    return -1;
  }
  if (!mabei_database_commit (replica->database, error))
    return -1;
  result = mabei_case_receive (mabei_space_case (space), change, error);
  if (result >= 0 && result != MABEI_RECEIVED_DUPLICATE) {
    mabei_replica_note (replica, space, change, source);
    return result;
  }
  mabei_replica_take_back (replica, mabei_database_last_row (replica->database) - 1, NULL);
  return result;
}

/* The log as it would be had the bad ones never come. */
static void
rewrite (MabeiReplica *replica, MabeiSpace *space, gint64 row, GPtrArray *good, MabeiSource source)
{
  if (!mabei_database_begin (replica->database, NULL))
    return;
  if (mabei_database_truncate (replica->database, row, NULL))
    append_all (replica, space, good, source, NULL);
  else
    mabei_database_rollback (replica->database);
}

static GPtrArray *
select_new (MabeiReplica *replica, MabeiSpace *space, GPtrArray *encoded, MabeiSource source, guint *n_refused)
{
  GPtrArray *fresh = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_change_unref);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_bytes_hash, g_bytes_equal);

  for (guint i = 0; i < encoded->len; i++) {
    gboolean is_duplicate = FALSE;
    MabeiChange *change;

    if (!g_hash_table_add (seen, g_ptr_array_index (encoded, i)))
      continue;
    change = take (replica, space, g_ptr_array_index (encoded, i), source, &is_duplicate, NULL);
    if (change != NULL)
      g_ptr_array_add (fresh, change);
    else if (!is_duplicate)
      (*n_refused)++;
  }
  return fresh;
}

gboolean
mabei_replica_receive_many (MabeiReplica *replica,
                            MabeiSpace *space,
                            GPtrArray *encoded,
                            MabeiSource source,
                            guint64 now_ms,
                            guint *n_new,
                            guint *n_refused,
                            GError **error)
{
  g_autoptr (GPtrArray) fresh = NULL;
  g_autoptr (GPtrArray) good = g_ptr_array_new ();
  guint refused = 0;
  gint64 row;

  g_return_val_if_fail (replica != NULL && space != NULL && encoded != NULL, FALSE);
  (void) now_ms;
  fresh = select_new (replica, space, encoded, source, &refused);
  row = mabei_database_last_row (replica->database);
  if (fresh->len > 0) {
    if (!mabei_replica_seal_case (replica, mabei_space_case (space), error))
      return FALSE;
    row = mabei_database_last_row (replica->database);
    if (!mabei_database_begin (replica->database, error) || !append_all (replica, space, fresh, source, error))
      return FALSE;
  }
  for (guint i = 0; i < fresh->len; i++) {
    MabeiChange *change = g_ptr_array_index (fresh, i);
    int result = mabei_case_receive (mabei_space_case (space), change, NULL);

    if (result >= 0 && result != MABEI_RECEIVED_DUPLICATE) {
      mabei_replica_note (replica, space, change, source);
      g_ptr_array_add (good, change);
    } else if (result < 0) {
      refused++;
    }
  }
  if (good->len < fresh->len)
    rewrite (replica, space, row, good, source);
  if (n_new != NULL)
    *n_new = good->len;
  if (n_refused != NULL)
    *n_refused = refused;
  return TRUE;
}
