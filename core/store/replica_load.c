/* Opening: reads the log in order and makes the same memory from it that was there when the last record was written. */
#include "core/store/replica_private.h"

static gboolean
damaged (GError **error, const char *what)
{
  g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_DAMAGED, "the replica is damaged: %s", what);
  return FALSE;
}

static MabeiSpace *
find_space (MabeiReplica *replica, const MabeiRecord *record)
{
  MabeiCase *c = mabei_replica_case (replica, &record->case_id);

  return c != NULL ? mabei_case_space (c, &record->space) : NULL;
}

static gboolean
load_space (MabeiReplica *replica, const MabeiRecord *record, GError **error)
{
  MabeiCase *c = mabei_replica_case (replica, &record->case_id);

  if (c == NULL)
    return damaged (error, "a space of no case");
  if (mabei_case_add_space (c, &record->space, record->kind, &record->other) == NULL)
    return damaged (error, "a space of two kinds");
  return TRUE;
}

static gboolean
load_key (MabeiReplica *replica, const MabeiRecord *record, GError **error)
{
  MabeiSpace *space = find_space (replica, record);

  return space != NULL ? mabei_space_add_epoch (space, &record->id, record->secret, error)
                       : damaged (error, "a key of no space");
}

static gboolean
load_genesis (MabeiReplica *replica, MabeiChange *change, MabeiSource source, GError **error)
{
  g_autoptr (GError) local = NULL;
  MabeiCase *c = mabei_case_new (change, replica->keys->device, &local);

  if (c == NULL) {
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_DAMAGED, "the replica is damaged: %s", local->message);
    return FALSE;
  }
  mabei_replica_add_case (replica, c);
  mabei_replica_note (replica, mabei_case_space (c, &mabei_change_header (change)->space), change, source);
  return TRUE;
}

static gboolean
load_change (MabeiReplica *replica, const MabeiRecord *record, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (MabeiChange) change = mabei_change_parse (record->encoded, &local);
  MabeiSpace *space = find_space (replica, record);

  if (change == NULL)
    return damaged (error, "a change of no known form");
  if (mabei_replica_case (replica, &record->case_id) == NULL) {
    if (mabei_change_header (change)->kind != MABEI_KIND_GENESIS)
      return damaged (error, "a change of no case");
    return load_genesis (replica, change, record->source, error);
  }
  if (space == NULL)
    return damaged (error, "a change of no space");
  /* What was stored and then refused, when the end came between: it has no effect and is passed over. */
  if (mabei_case_receive (mabei_space_case (space), change, NULL) >= 0)
    mabei_replica_note (replica, space, change, record->source);
  return TRUE;
}

static gboolean
load_record (gint64 row G_GNUC_UNUSED, GBytes *data, gpointer user_data, GError **error)
{
  MabeiReplica *replica = user_data;
  gboolean loaded = FALSE;
  MabeiRecord record;

  if (!mabei_record_decode (data, &record, error)) {
    mabei_record_clear (&record);
    return FALSE;
  }
  switch (record.type) {
  case MABEI_RECORD_SPACE:
    loaded = load_space (replica, &record, error);
    break;
  case MABEI_RECORD_KEY:
    loaded = load_key (replica, &record, error);
    break;
  case MABEI_RECORD_CHANGE:
    loaded = load_change (replica, &record, error);
    break;
  case MABEI_RECORD_RECEIPT:
    mabei_replica_note_receipt (replica, &record.id);
    loaded = TRUE;
    break;
  case MABEI_RECORD_RESET:
    mabei_replica_note_reset (replica);
    loaded = TRUE;
    break;
  default:
    g_assert_not_reached ();
  }
  mabei_record_clear (&record);
  return loaded;
}

gboolean
mabei_replica_load (MabeiReplica *replica, GError **error)
{
  return mabei_database_each (replica->database, load_record, replica, error);
}
