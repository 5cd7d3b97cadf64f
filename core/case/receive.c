/* How a change gets in: checked as far as what is here allows, put into the graph, or kept waiting. Whatever a change
 * brings with it (a member, a key) may let others in; that is done in a loop, never by recursion.
 */
#include "core/case/case_private.h"

typedef enum {
  GATE_OPEN,
  GATE_WAIT,
  GATE_FORGED,
} Gate;

void
mabei_waiting_free (MabeiWaiting *waiting)
{
  while (waiting != NULL) {
    MabeiWaiting *next = waiting->next;
    mabei_change_unref (waiting->change);
    g_free (waiting);
    waiting = next;
  }
}

/* --- waiting --- */

static void
forget_waiting (MabeiSpace *space, const MabeiId *id)
{
  for (MabeiWaiting *one = g_hash_table_lookup (space->waiting, id); one != NULL; one = one->next)
    space->n_waiting--;
  g_hash_table_remove (space->waiting, id);
}

static void
keep_waiting (MabeiSpace *space, MabeiChange *change, gboolean is_proven, gboolean is_in_graph, const char *reason)
{
  if (is_proven)
    forget_waiting (space, mabei_change_id (change));
  MabeiWaiting *waiting = g_new0 (MabeiWaiting, 1);
  waiting->change = mabei_change_ref (change);
  waiting->is_proven = is_proven;
  waiting->is_in_graph = is_in_graph;
  waiting->reason = reason;
  space->n_waiting++;
  MabeiWaiting *first = g_hash_table_lookup (space->waiting, mabei_change_id (change));
  if (first != NULL) {
    waiting->next = first->next;
    first->next = waiting;
  } else {
    g_hash_table_insert (space->waiting, (gpointer) mabei_change_id (waiting->change), waiting);
  }
}

/* An unproven copy sheds nothing but itself (soundness rule 1): the id does not cover the signature. */
static gboolean
waits_already (MabeiSpace *space, MabeiChange *change)
{
  for (MabeiWaiting *one = g_hash_table_lookup (space->waiting, mabei_change_id (change)); one != NULL;
       one = one->next) {
    if (one->is_proven || g_bytes_equal (mabei_change_encoded (one->change), mabei_change_encoded (change)))
      return TRUE;
  }
  return FALSE;
}

/* --- the gate --- */

static gboolean
control_is_here (MabeiSpace *space, const MabeiHeader *header)
{
  if (space->kind == MABEI_SPACE_CONTROL)
    return TRUE;
  for (guint i = 0; i < header->n_control; i++) {
    if (!mabei_graph_has_complete (space->c->control->graph, &header->control[i]))
      return FALSE;
  }
  return TRUE;
}

/* The signature comes before anything is opened, and before a change is kept when its author is known. */
static Gate
check_gate (MabeiSpace *space, MabeiChange *change, gboolean *is_proven, const char **reason)
{
  const MabeiHeader *header = mabei_change_header (change);
  const MabeiDevicePublic *keys = mabei_authority_keys (space->c->authority, &header->device);
  if (!*is_proven && keys != NULL) {
    if (!mabei_change_verify (change, keys->sign_key))
      return GATE_FORGED;
    *is_proven = TRUE;
  }
  if (!control_is_here (space, header)) {
    *reason = "a change of the control space that it cites is not here";
    return GATE_WAIT;
  }
  if (keys == NULL) {
    *reason = "its author is not known here";
    return GATE_WAIT;
  }
  if (mabei_change_is_sealed (change) && mabei_space_secret (space, &header->epoch_id) == NULL) {
    *reason = "its key is not here";
    return GATE_WAIT;
  }
  return GATE_OPEN;
}

static gboolean
parents_are_here (MabeiSpace *space, const MabeiHeader *header)
{
  if (header->seq > 0 && !mabei_graph_has_complete (space->graph, &header->prev))
    return FALSE;
  for (guint i = 0; i < header->n_deps; i++) {
    if (!mabei_graph_has_complete (space->graph, &header->deps[i]))
      return FALSE;
  }
  return TRUE;
}

void
mabei_space_on_complete (MabeiChange *change, gpointer user_data)
{
  MabeiSpace *space = user_data;
  g_ptr_array_add (space->ready, mabei_change_ref (change));
  forget_waiting (space, mabei_change_id (change));
}

void
mabei_space_on_refused (MabeiChange *change, gpointer user_data)
{
  MabeiSpace *space = user_data;
  forget_waiting (space, mabei_change_id (change));
}

static MabeiGraphResult
add_to_graph (MabeiSpace *space, MabeiChange *change)
{
  forget_waiting (space, mabei_change_id (change));
  MabeiGraphResult result = mabei_graph_add (space->graph, change);
  if (result == MABEI_GRAPH_WAITING)
    keep_waiting (space, change, TRUE, TRUE, "a change that it cites is not here");
  return result;
}

/* What has come may open the gate for what waits before it. */
static void
recheck_waiting (MabeiSpace *space)
{
  space->recheck = FALSE;
  g_autoptr (GPtrArray) waiting = mabei_table_values (space->waiting);
  g_autoptr (GPtrArray) open = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_change_unref);
  for (guint i = 0; i < waiting->len; i++) {
    MabeiWaiting *first = g_ptr_array_index (waiting, i);
    if (first->is_in_graph)
      continue;
    g_autoptr (GPtrArray) copies = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_change_unref);
    gboolean is_proven = first->is_proven;
    for (MabeiWaiting *one = first; one != NULL; one = one->next)
      g_ptr_array_add (copies, mabei_change_ref (one->change));
    forget_waiting (space, mabei_change_id (g_ptr_array_index (copies, 0)));
    for (guint k = 0; k < copies->len; k++) {
      MabeiChange *copy = g_ptr_array_index (copies, k);
      const char *reason = NULL;
      Gate gate = check_gate (space, copy, &is_proven, &reason);
      if (gate == GATE_WAIT)
        keep_waiting (space, copy, is_proven, FALSE, reason);
      else if (gate == GATE_OPEN)
        g_ptr_array_add (open, mabei_change_ref (copy));
      if (is_proven)
        break;
    }
  }
  for (guint i = 0; i < open->len; i++)
    add_to_graph (space, g_ptr_array_index (open, i));
}

/* --- folding what is complete --- */

static gint
compare_ready (gconstpointer a, gconstpointer b)
{
  const MabeiChange *const *left = a, *const *right = b;
  return mabei_change_compare (*left, *right);
}

/* TRUE when a change that was judged before is judged otherwise now. */
static gboolean
verdicts_differ (MabeiSpace *control, GHashTable *before, GHashTable *added)
{
  g_autoptr (GPtrArray) ordered = mabei_graph_ordered (control->graph);
  for (guint i = 0; i < ordered->len; i++) {
    const MabeiId *id = mabei_change_id (g_ptr_array_index (ordered, i));
    if (!g_hash_table_contains (added, id) &&
        g_hash_table_contains (before, id) != g_hash_table_contains (control->quarantined, id))
      return TRUE;
  }
  return FALSE;
}

/* The control space is folded in its one order: two admissions on one invitation are told apart by it. A change that
 * comes late in this sense makes the fold start again, and all others too when an older verdict changes by it. */
static void
fold_control (MabeiCase *c)
{
  MabeiSpace *control = c->control;
  g_autoptr (GPtrArray) ready = g_steal_pointer (&control->ready);
  control->ready = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_change_unref);
  g_ptr_array_sort (ready, compare_ready);
  if (control->last == NULL || mabei_change_compare (control->last, g_ptr_array_index (ready, 0)) < 0) {
    for (guint i = 0; i < ready->len; i++)
      mabei_space_fold (control, g_ptr_array_index (ready, i));
    control->last = g_ptr_array_index (ready, ready->len - 1);
  } else {
    g_autoptr (GHashTable) added = g_hash_table_new (mabei_id_hash, mabei_id_equal);
    g_autoptr (GHashTable) before = g_hash_table_new_full (mabei_id_hash, mabei_id_equal, g_free, NULL);
    GHashTableIter iter;
    gpointer key;
    for (guint i = 0; i < ready->len; i++)
      g_hash_table_add (added, (gpointer) mabei_change_id (g_ptr_array_index (ready, i)));
    g_hash_table_iter_init (&iter, control->quarantined);
    while (g_hash_table_iter_next (&iter, &key, NULL))
      g_hash_table_add (before, g_memdup2 (key, sizeof (MabeiId)));
    mabei_space_refold (control);
    gboolean differ = verdicts_differ (control, before, added);
    for (guint i = 1; differ && i < c->spaces->len; i++)
      ((MabeiSpace *) g_ptr_array_index (c->spaces, i))->refold = TRUE;
  }
  for (guint i = 0; i < c->spaces->len; i++) {
    MabeiSpace *space = g_ptr_array_index (c->spaces, i);
    space->recheck = TRUE;
  }
}

/* One step of the work that is left in a space; FALSE when there is none. A space in which somebody types on this
 * device takes in only that device's own changes: the rest waits until the burst is sealed. */
static gboolean
settle_space (MabeiSpace *space)
{
  gboolean is_typing = mabei_space_has_burst (space);
  if (space->refold && !is_typing) {
    mabei_space_refold (space);
    return TRUE;
  }
  if (space->ready->len > 0) {
    g_autoptr (GPtrArray) ready = g_steal_pointer (&space->ready);
    space->ready = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_change_unref);
    for (guint i = 0; i < ready->len; i++)
      mabei_space_fold (space, g_ptr_array_index (ready, i));
    return TRUE;
  }
  if (space->recheck && !is_typing) {
    recheck_waiting (space);
    return TRUE;
  }
  return FALSE;
}

void
mabei_case_tell (MabeiCase *c)
{
  g_autoptr (GArray) patches = g_steal_pointer (&c->patches);
  c->patches = g_array_new (FALSE, FALSE, sizeof (MabeiPatch));
  g_array_set_clear_func (c->patches, mabei_patch_clear);
  for (guint i = 0; i < patches->len; i++) {
    MabeiPatch *patch = &g_array_index (patches, MabeiPatch, i);
    if (c->listener.patch != NULL)
      c->listener.patch (patch->document, patch->position, patch->removed, patch->inserted, c->listener.user_data);
  }
  for (guint i = 0; i < c->spaces->len; i++) {
    MabeiSpace *space = g_ptr_array_index (c->spaces, i);
    guint notices = space->notices;
    space->notices = 0;
    for (guint notice = 0; notice <= MABEI_NOTICE_SPACES && c->listener.notice != NULL; notice++) {
      if (notices & 1u << notice)
        c->listener.notice (c, space, (MabeiNotice) notice, c->listener.user_data);
    }
  }
}

void
mabei_case_settle (MabeiCase *c)
{
  g_assert (!c->is_settling);
  c->is_settling = TRUE;
  for (gboolean busy = TRUE; busy;) {
    busy = FALSE;
    if (c->control->ready->len > 0) {
      fold_control (c);
      busy = TRUE;
      continue;
    }
    for (guint i = 0; i < c->spaces->len; i++)
      busy = settle_space (g_ptr_array_index (c->spaces, i)) || busy;
  }
  c->is_settling = FALSE;
  mabei_case_tell (c);
}

/* --- receiving --- */

static MabeiSpace *
find_space (MabeiCase *c, const MabeiHeader *header, GError **error)
{
  if (header->kind == MABEI_KIND_GENESIS || !mabei_id_equal (&header->case_id, &c->id)) {
    g_set_error_literal (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_NOT_FOUND, "the change belongs to another case");
    return NULL;
  }
  MabeiSpace *space = mabei_case_space (c, &header->space);
  if (space == NULL)
    g_set_error_literal (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_NOT_FOR_YOU,
                         "the change belongs to a space that this device cannot read");
  return space;
}

/* TRUE when one more may wait. */
static gboolean
has_room (MabeiSpace *space, GError **error)
{
  if (space->n_waiting < MABEI_CASE_WAITING_MAX)
    return TRUE;
  g_set_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_TOO_LARGE,
               "%u changes of this space wait already for what they cite", MABEI_CASE_WAITING_MAX);
  return FALSE;
}

/* Into the graph or among the waiting; FALSE when it is impossible or one too many. */
static gboolean
let_in (MabeiSpace *space, MabeiChange *change, GError **error)
{
  gboolean is_proven = FALSE;
  const char *reason = NULL;
  switch (check_gate (space, change, &is_proven, &reason)) {
  case GATE_FORGED:
    g_set_error_literal (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_UNVERIFIED,
                         "the change is not signed by its author");
    return FALSE;
  case GATE_WAIT:
    if (!has_room (space, error))
      return FALSE;
    keep_waiting (space, change, is_proven, FALSE, reason);
    return TRUE;
  case GATE_OPEN:
    break;
  default:
    g_assert_not_reached ();
  }
  if (!parents_are_here (space, mabei_change_header (change)) && !has_room (space, error))
    return FALSE;
  if (add_to_graph (space, change) == MABEI_GRAPH_REFUSED) {
    g_set_error_literal (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_FORMAT,
                         "the change has an impossible Lamport number or place in its chain");
    return FALSE;
  }
  return TRUE;
}

int
mabei_case_receive (MabeiCase *c, MabeiChange *change, GError **error)
{
  const MabeiId *id = mabei_change_id (change);
  const MabeiHeader *header = mabei_change_header (change);
  if (mabei_id_equal (id, &c->id))
    return MABEI_RECEIVED_DUPLICATE;
  MabeiSpace *space = find_space (c, header, error);
  if (space == NULL)
    return -1;
  if (mabei_graph_lookup (space->graph, id) != NULL || waits_already (space, change))
    return MABEI_RECEIVED_DUPLICATE;
  g_assert (mabei_short_id_equal (&header->device, mabei_device_key_id (c->device)) || !mabei_space_has_burst (space));
  if (!let_in (space, change, error))
    return -1;
  mabei_case_settle (c);
  if (!mabei_graph_has_complete (space->graph, id))
    return MABEI_RECEIVED_WAITING;
  return g_hash_table_contains (space->quarantined, id) ? MABEI_RECEIVED_QUARANTINED : MABEI_RECEIVED_NEW;
}
