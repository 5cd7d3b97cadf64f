/* A change of this device: made, stored, and only then folded. A new case the other way round: it is nobody's yet, so
 * it is made whole in memory, stored in one transaction, and thrown away when that fails. */
#include "core/store/replica_private.h"

#include "core/base/limits.h"

#include <sodium.h>
#include <string.h>

/* Operations gathered into one change stay well below the limit of a change with its padding. */
#define GATHERED_BYTES (MABEI_LIMIT_CHANGE_BYTES / 4u)

gboolean
mabei_replica_append_change (
    MabeiReplica *replica, MabeiSpace *space, MabeiChange *change, MabeiSource source, GError **error)
{
  MabeiRecord record = {
      .type = MABEI_RECORD_CHANGE,
      .case_id = *mabei_case_id (mabei_space_case (space)),
      .space = *mabei_space_id (space),
      .source = source,
      .is_verified = source == MABEI_SOURCE_OWN,
      .encoded = mabei_change_encoded (change),
  };

  return mabei_record_append (replica->database, &record, error);
}

gboolean
mabei_replica_append_space (MabeiReplica *replica, MabeiSpace *space, GError **error)
{
  MabeiRecord record = {
      .type = MABEI_RECORD_SPACE,
      .case_id = *mabei_case_id (mabei_space_case (space)),
      .space = *mabei_space_id (space),
      .kind = mabei_space_kind (space),
      .other = *mabei_space_other (space),
  };

  return mabei_record_append (replica->database, &record, error);
}

gboolean
mabei_replica_fold_own (MabeiReplica *replica, MabeiSpace *space, MabeiChange *change, GError **error)
{
  /* Before the fold: whoever is told of the change may ask where it is. */
  mabei_replica_note (replica, space, change, MABEI_SOURCE_OWN);
  if (mabei_case_receive (mabei_space_case (space), change, error) >= 0)
    return TRUE;
  mabei_replica_forget (replica, mabei_change_id (change));
  mabei_replica_take_back (replica, mabei_database_last_row (replica->database) - 1, NULL);
  return FALSE;
}

gboolean
mabei_replica_take_back (MabeiReplica *replica, gint64 row, GError **error)
{
  if (!mabei_database_begin (replica->database, error))
    return FALSE;
  if (mabei_database_truncate (replica->database, row, error))
    return mabei_database_commit (replica->database, error);
  mabei_database_rollback (replica->database);
  return FALSE;
}

gboolean
mabei_replica_keep_own (MabeiReplica *replica, MabeiSpace *space, MabeiChange *change, GError **error)
{
  if (!mabei_database_begin (replica->database, error))
    return FALSE;
  if (!mabei_replica_append_change (replica, space, change, MABEI_SOURCE_OWN, error)) {
    mabei_database_rollback (replica->database);
    return FALSE;
  }
  return mabei_database_commit (replica->database, error) && mabei_replica_fold_own (replica, space, change, error);
}

static gboolean
join_heads_of (MabeiReplica *replica, MabeiSpace *space, guint limit, guint64 now_ms, GError **error)
{
  for (;;) {
    g_autoptr (GArray) heads = mabei_graph_heads (mabei_space_graph (space));
    g_autoptr (MabeiChange) merge = NULL;

    if (heads->len <= limit)
      return TRUE;
    merge = mabei_case_author (mabei_space_case (space), space, MABEI_KIND_MERGE, NULL, now_ms, error);
    if (merge == NULL || !mabei_replica_keep_own (replica, space, merge, error))
      return FALSE;
  }
}

gboolean
mabei_replica_join_heads (MabeiReplica *replica, MabeiSpace *space, guint64 now_ms, GError **error)
{
  MabeiSpace *control = mabei_case_space_of_kind (mabei_space_case (space), MABEI_SPACE_CONTROL, NULL);

  return (space == control || join_heads_of (replica, control, MABEI_LIMIT_CONTROL_HEADS, now_ms, error)) &&
         join_heads_of (replica, space, MABEI_LIMIT_DEPS, now_ms, error);
}

/* As many operations from @from on as one change takes. */
static GPtrArray *
gather (GPtrArray *operations, guint from)
{
  GPtrArray *group = g_ptr_array_new ();
  gsize length = 0;

  for (guint i = from; i < operations->len && group->len < MABEI_LIMIT_OPERATIONS; i++) {
    GBytes *operation = g_ptr_array_index (operations, i);
    length += g_bytes_get_size (operation);
    if (group->len > 0 && length > GATHERED_BYTES)
      break;
    g_ptr_array_add (group, operation);
  }
  return group;
}

gboolean
mabei_replica_commit (MabeiReplica *replica,
                      MabeiSpace *space,
                      MabeiKind kind,
                      GPtrArray *operations,
                      guint64 now_ms,
                      MabeiChange **change,
                      GError **error)
{
  g_autoptr (MabeiChange) first = NULL;
  MabeiCase *c;
  guint done = 0;

  g_return_val_if_fail (replica != NULL && space != NULL, FALSE);
  g_return_val_if_fail (kind == MABEI_KIND_MERGE || (operations != NULL && operations->len > 0), FALSE);
  c = mabei_space_case (space);
  if (!mabei_replica_seal_case (replica, c, error))
    return FALSE;
  if (kind != MABEI_KIND_MERGE && !mabei_replica_join_heads (replica, space, now_ms, error))
    return FALSE;
  do {
    g_autoptr (GPtrArray) group = kind == MABEI_KIND_MERGE ? NULL : gather (operations, done);
    g_autoptr (MabeiChange) made = mabei_case_author (c, space, kind, group, now_ms, error);

    if (made == NULL || !mabei_replica_keep_own (replica, space, made, error))
      return FALSE;
    if (first == NULL)
      first = mabei_change_ref (made);
    done += group != NULL ? group->len : 0;
  } while (operations != NULL && done < operations->len);
  if (change != NULL)
    *change = g_steal_pointer (&first);
  return TRUE;
}

/* --- a new case --- */

static MabeiChange *
make_genesis (MabeiReplica *replica, GError **error)
{
  MabeiHeader header = {.kind = MABEI_KIND_GENESIS, .lamport = 1};
  MabeiGenesis genesis = {.credential = replica->credential, .person = replica->keys->person};
  g_autoptr (GBytes) payload = NULL;

  randombytes_buf (header.space.bytes, sizeof header.space.bytes);
  header.device = *mabei_device_key_id (replica->keys->device);
  mabei_keys_inbox (replica->keys, genesis.inbox_read_key, &genesis.inbox_write_seed);
  randombytes_buf (genesis.nonce, sizeof genesis.nonce);
  payload = mabei_genesis_encode (&genesis);
  return mabei_change_seal (&header, replica->keys->device, NULL, g_bytes_get_data (payload, NULL),
                            g_bytes_get_size (payload), error);
}

/* The case in the making: changes in the order in which they are to be stored. */
typedef struct {
  MabeiCase *c;
  GPtrArray *spaces;  /* MabeiSpace of the change at the same place */
  GPtrArray *changes; /* MabeiChange */
} Making;

static gboolean
fold_made (Making *making, MabeiSpace *space, MabeiChange *change, GError **error)
{
  if (change == NULL)
    return FALSE;
  g_ptr_array_add (making->spaces, space);
  g_ptr_array_add (making->changes, change);
  return mabei_case_receive (making->c, change, error) >= 0;
}

static gboolean
make_epoch (Making *making, MabeiSpace *space, GError **error)
{
  g_autoptr (GPtrArray) recipients = g_ptr_array_new ();
  g_autoptr (MabeiSecret) secret = NULL;

  g_ptr_array_add (recipients, (gpointer) mabei_case_self (making->c));
  return fold_made (making, space, mabei_case_author_epoch (making->c, space, recipients, &secret, error), error);
}

static gboolean
make_operation (Making *making, MabeiSpace *space, MabeiKind kind, GBytes *operation, guint64 now_ms, GError **error)
{
  g_autoptr (GPtrArray) operations = g_ptr_array_new ();

  if (operation == NULL)
    return FALSE;
  g_ptr_array_add (operations, operation);
  return fold_made (making, space, mabei_case_author (making->c, space, kind, operations, now_ms, error), error);
}

static gboolean
make_joint (Making *making, const char *title, guint64 now_ms, GError **error)
{
  MabeiSpace *control = mabei_case_space_of_kind (making->c, MABEI_SPACE_CONTROL, NULL);
  MabeiControlOperation named = {.type = MABEI_CONTROL_SPACE, .space_kind = MABEI_SPACE_JOINT};
  g_autoptr (GBytes) operation = NULL;
  g_autoptr (GBytes) field = NULL;
  MabeiSpace *joint;

  randombytes_buf (named.space.bytes, sizeof named.space.bytes);
  operation = mabei_control_operation_encode (&named);
  if (!make_operation (making, control, MABEI_KIND_CONTROL, operation, now_ms, error))
    return FALSE;
  joint = mabei_case_add_space (making->c, &named.space, MABEI_SPACE_JOINT, NULL);
  if (!make_epoch (making, joint, error))
    return FALSE;
  field = mabei_space_operation_field (joint, "title", title, error);
  return make_operation (making, joint, MABEI_KIND_CONTENT, field, now_ms, error);
}

static gboolean
store_made (MabeiReplica *replica, Making *making, GError **error)
{
  MabeiSpace *last = NULL;

  if (!mabei_database_begin (replica->database, error))
    return FALSE;
  for (guint i = 0; i < making->changes->len; i++) {
    MabeiSpace *space = g_ptr_array_index (making->spaces, i);
    gboolean is_first = space != last && mabei_space_kind (space) != MABEI_SPACE_CONTROL;

    if ((is_first && !mabei_replica_append_space (replica, space, error)) ||
        !mabei_replica_append_change (replica, space, g_ptr_array_index (making->changes, i), MABEI_SOURCE_OWN,
                                      error)) {
      mabei_database_rollback (replica->database);
      return FALSE;
    }
    last = space;
  }
  return mabei_database_commit (replica->database, error);
}

MabeiCase *
mabei_replica_case_new (MabeiReplica *replica, const char *title, guint64 now_ms, GError **error)
{
  g_autoptr (GPtrArray) spaces = g_ptr_array_new ();
  g_autoptr (GPtrArray) changes = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_change_unref);
  g_autoptr (MabeiCase) c = NULL;
  MabeiChange *genesis;
  Making making = {.spaces = spaces, .changes = changes};
  MabeiSpace *control;

  g_return_val_if_fail (replica != NULL && title != NULL, NULL);
  if (replica->credential == NULL || (replica->credential->rights & MABEI_RIGHT_OPEN_CASES) == 0) {
    g_set_error (error, MABEI_AUTHORITY_ERROR, MABEI_AUTHORITY_ERROR_NOT_ALLOWED,
                 "opening a case needs a credential of a court with that right");
    return NULL;
  }
  genesis = make_genesis (replica, error);
  if (genesis == NULL)
    return NULL;
  g_ptr_array_add (changes, genesis);
  c = mabei_case_new (genesis, replica->keys->device, error);
  if (c == NULL)
    return NULL;
  making.c = c;
  control = mabei_case_space_of_kind (c, MABEI_SPACE_CONTROL, NULL);
  g_ptr_array_add (spaces, control);
  if (!make_epoch (&making, control, error) || !make_joint (&making, title, now_ms, error) ||
      !store_made (replica, &making, error))
    return NULL;
  for (guint i = 0; i < changes->len; i++)
    mabei_replica_note (replica, g_ptr_array_index (spaces, i), g_ptr_array_index (changes, i), MABEI_SOURCE_OWN);
  mabei_replica_add_case (replica, c);
  return g_steal_pointer (&c);
}
