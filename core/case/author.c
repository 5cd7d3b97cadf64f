/* The next change of this device: what it cites, what it is sealed with. Whatever a reader would hold against it is
 * looked for before anything is made.
 */
#include "core/case/case_private.h"

#include <string.h>

#include "core/base/limits.h"

static gboolean
refuse (GError **error, MabeiCaseError code, const char *what)
{
  g_set_error_literal (error, MABEI_CASE_ERROR, (gint) code, what);
  return FALSE;
}

gboolean
mabei_space_check_self (MabeiSpace *space, GError **error)
{
  const MabeiMember *self = mabei_case_self (space->c);
  if (self == NULL)
    return refuse (error, MABEI_CASE_ERROR_NOT_ALLOWED, "this device is not a member of the case");
  if (space->kind != MABEI_SPACE_CONTROL && mabei_role_rank (self->role) < 1)
    return refuse (error, MABEI_CASE_ERROR_NOT_ALLOWED, "the role of this device may read but not write");
  return TRUE;
}

static guint
count_documents (MabeiCase *c)
{
  guint n = 0;
  for (guint i = 0; i < c->spaces->len; i++) {
    g_autoptr (GPtrArray) documents = mabei_space_documents (g_ptr_array_index (c->spaces, i));
    n += documents->len;
  }
  return n;
}

static gboolean
check_content (MabeiSpace *space, GPtrArray *operations, GError **error)
{
  guint n_documents = 0;
  for (guint i = 0; i < operations->len; i++) {
    g_autoptr (MabeiOperation) operation = mabei_operation_decode (g_ptr_array_index (operations, i), error);
    if (operation == NULL)
      return FALSE;
    n_documents += operation->type == MABEI_OPERATION_DOCUMENT ? 1 : 0;
  }
  if (n_documents > 0 && count_documents (space->c) + n_documents > MABEI_LIMIT_DOCUMENTS)
    return refuse (error, MABEI_CASE_ERROR_TOO_LARGE, "the case has as many documents as it can have");
  return TRUE;
}

static gboolean
check_operations (MabeiSpace *space, MabeiKind kind, GPtrArray *operations, GError **error)
{
  const char *reason = NULL;
  gboolean is_control = space->kind == MABEI_SPACE_CONTROL;
  if (kind == MABEI_KIND_MERGE)
    return operations == NULL || operations->len == 0 ||
           refuse (error, MABEI_CASE_ERROR_FORMAT, "a merge has no operations");
  if ((kind != MABEI_KIND_CONTROL && kind != MABEI_KIND_CONTENT) || (kind == MABEI_KIND_CONTROL) != is_control)
    return refuse (error, MABEI_CASE_ERROR_NOT_ALLOWED, "a change of this kind does not belong in this space");
  if (operations == NULL || operations->len == 0)
    return refuse (error, MABEI_CASE_ERROR_FORMAT, "a change without operations");
  if (operations->len > MABEI_LIMIT_OPERATIONS)
    return refuse (error, MABEI_CASE_ERROR_TOO_LARGE, "more operations than one change can hold");
  if (is_control &&
      !mabei_authority_may_apply (space->c->authority, mabei_device_key_id (space->c->device), operations, &reason))
    return refuse (error, MABEI_CASE_ERROR_NOT_ALLOWED, reason);
  return is_control || check_content (space, operations, error);
}

/* The heads of other chains, and the Lamport number above them all. */
static gboolean
fill_parents (MabeiSpace *space, MabeiHeader *header, GError **error)
{
  MabeiId prev;
  guint64 seq;
  header->lamport = 1;
  if (mabei_graph_tip (space->graph, &header->device, &seq, &prev)) {
    header->seq = seq;
    header->prev = prev;
    header->lamport = mabei_change_header (mabei_graph_lookup (space->graph, &prev))->lamport + 1;
  }
  if (header->seq > MABEI_LIMIT_SEQUENCE || header->lamport > MABEI_LIMIT_LAMPORT)
    return refuse (error, MABEI_CASE_ERROR_TOO_LARGE, "this device has made as many changes as it can");
  g_autoptr (GArray) heads = mabei_graph_heads (space->graph);
  for (guint i = 0; i < heads->len; i++) {
    const MabeiId *head = &g_array_index (heads, MabeiId, i);
    if (header->seq > 0 && mabei_id_equal (head, &header->prev))
      continue;
    if (header->n_deps == MABEI_LIMIT_DEPS) {
      if (header->kind == MABEI_KIND_MERGE)
        break;
      return refuse (error, MABEI_CASE_ERROR_CONFLICT, "more heads than one change can cite: they have to be merged");
    }
    guint64 lamport = mabei_change_header (mabei_graph_lookup (space->graph, head))->lamport + 1;
    header->deps[header->n_deps++] = *head;
    header->lamport = MAX (header->lamport, lamport);
  }
  return TRUE;
}

static gboolean
fill_control (MabeiSpace *space, MabeiHeader *header, GError **error)
{
  if (space->kind == MABEI_SPACE_CONTROL)
    return TRUE;
  g_autoptr (GArray) heads = mabei_graph_heads (space->c->control->graph);
  if (heads->len > MABEI_LIMIT_CONTROL_HEADS)
    return refuse (error, MABEI_CASE_ERROR_CONFLICT,
                   "more heads of the control space than one change can cite: they have to be merged");
  header->n_control = heads->len;
  memcpy (header->control, heads->data, heads->len * sizeof (MabeiId));
  return TRUE;
}

static gboolean
fill_header (MabeiSpace *space, MabeiKind kind, MabeiHeader *header, GError **error)
{
  memset (header, 0, sizeof *header);
  header->case_id = space->c->id;
  header->space = space->id;
  header->device = *mabei_device_key_id (space->c->device);
  header->kind = kind;
  return fill_parents (space, header, error) && fill_control (space, header, error);
}

MabeiChange *
mabei_case_author (
    MabeiCase *c, MabeiSpace *space, MabeiKind kind, GPtrArray *operations, guint64 now_ms, GError **error)
{
  MabeiHeader header;
  g_assert (space->c == c);
  if (!mabei_space_check_self (space, error) || !check_operations (space, kind, operations, error) ||
      !fill_header (space, kind, &header, error))
    return NULL;
  if (!mabei_space_writing_epoch (space, &header.epoch_id, NULL)) {
    refuse (error, MABEI_CASE_ERROR_NOT_FOUND, "this device has no key to write with in this space");
    return NULL;
  }
  if (space->kind == MABEI_SPACE_CAUCUS && !mabei_space_made_for_self (space, &header.epoch_id)) {
    refuse (error, MABEI_CASE_ERROR_NOT_ALLOWED, "this device is not in this caucus");
    return NULL;
  }
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  g_autoptr (GBytes) body = mabei_body_encode (now_ms, operations != NULL ? operations : none);
  gsize length;
  gconstpointer data = g_bytes_get_data (body, &length);
  return mabei_change_seal (&header, c->device, mabei_space_operation_key (space, &header.epoch_id, &header.device),
                            data, length, error);
}

static gint
compare_recipients (gconstpointer a, gconstpointer b)
{
  const MabeiMember *const *left = a, *const *right = b;
  return mabei_short_id_compare (&(*left)->device, &(*right)->device);
}

static gboolean
check_recipients (MabeiSpace *space, GPtrArray *recipients, GError **error)
{
  g_autofree MabeiShortId *devices = g_new (MabeiShortId, MAX (recipients->len, 1));
  const MabeiShortId *self = mabei_device_key_id (space->c->device);
  if (recipients->len == 0 || recipients->len > MABEI_LIMIT_DEVICES)
    return refuse (error, MABEI_CASE_ERROR_TOO_LARGE, "an epoch has 1 to 64 recipients");
  for (guint i = 0; i < recipients->len; i++) {
    devices[i] = ((MabeiMember *) g_ptr_array_index (recipients, i))->device;
    if (i > 0 && mabei_short_id_equal (&devices[i - 1], &devices[i]))
      return refuse (error, MABEI_CASE_ERROR_FORMAT, "a recipient is named twice");
  }
  const char *reason = mabei_space_check_recipients (space, NULL, self, devices, recipients->len);
  return reason == NULL || refuse (error, MABEI_CASE_ERROR_NOT_ALLOWED, reason);
}

MabeiChange *
mabei_case_author_epoch (MabeiCase *c, MabeiSpace *space, GPtrArray *recipients, MabeiSecret **secret, GError **error)
{
  MabeiHeader header;
  MabeiId previous[16];
  MabeiDevicePublic keys[MABEI_LIMIT_DEVICES];
  guint32 generation;
  g_assert (space->c == c);
  g_autoptr (GPtrArray) sorted = g_ptr_array_sized_new (recipients->len);
  for (guint i = 0; i < recipients->len; i++)
    g_ptr_array_add (sorted, g_ptr_array_index (recipients, i));
  g_ptr_array_sort (sorted, compare_recipients);
  if (!mabei_space_check_self (space, error) || !check_recipients (space, sorted, error) ||
      !fill_header (space, MABEI_KIND_EPOCH, &header, error))
    return NULL;
  guint n_previous = mabei_space_latest_epochs (space, previous, G_N_ELEMENTS (previous), &generation);
  if (generation > MABEI_LIMIT_EPOCHS || !mabei_space_may_add_epoch (space, NULL, &header.device)) {
    refuse (error, MABEI_CASE_ERROR_TOO_LARGE, "the space has as many epochs as it can have");
    return NULL;
  }
  for (guint i = 0; i < sorted->len; i++)
    keys[i] = ((MabeiMember *) g_ptr_array_index (sorted, i))->keys;
  MabeiSpaceRef ref;
  mabei_space_ref (space, &ref);
  g_autoptr (MabeiSecret) made = NULL;
  g_autofree MabeiEpochRecord *record =
      mabei_epoch_record_new (&ref, c->device, generation, previous, n_previous, keys, sorted->len, &made);
  if (record == NULL) {
    refuse (error, MABEI_CASE_ERROR_FORMAT, "a recipient has a key that nothing can be sealed to");
    return NULL;
  }
  g_autoptr (GBytes) body = mabei_epoch_record_encode (record);
  gsize length;
  gconstpointer data = g_bytes_get_data (body, &length);
  MabeiChange *change = mabei_change_seal (&header, c->device, NULL, data, length, error);
  if (change != NULL)
    *secret = g_steal_pointer (&made);
  return change;
}
