/* Epochs of a space: which EPOCH changes are in effect, who may use them, which one is written with (soundness rules
 * 12-14). What is said of recipients is judged by the past of the EPOCH alone, so that every replica agrees.
 */
#include "core/case/case_private.h"

#include "core/base/limits.h"

/* EPOCH changes of one author in the past of another one of his in effect: far more than rotation asks for, and few
 * enough that nobody can fill the guarded memory of others by making epochs. */
#define AUTHOR_EPOCHS_MAX 256u
/* Secrets that one author's EPOCH changes gave to this device. Only who forks his chain can pass the limit above and
 * come here; what he sealed with the rest waits. */
#define AUTHOR_SECRETS_MAX 1024u

void
mabei_epoch_entry_free (MabeiEpochEntry *entry)
{
  mabei_change_unref (entry->change);
  g_free (entry->record);
  g_free (entry);
}

static gboolean
record_has (const MabeiEpochRecord *record, const MabeiShortId *device)
{
  for (guint i = 0; i < record->n_wraps; i++) {
    if (mabei_short_id_equal (&record->wraps[i].device, device))
      return TRUE;
  }
  return FALSE;
}

gboolean
mabei_epoch_entry_has (const MabeiEpochEntry *entry, const MabeiShortId *device)
{
  return record_has (entry->record, device);
}

/* @change NULL: a change made now, which everything that is here precedes. */
static gboolean
is_before (MabeiSpace *space, const MabeiEpochEntry *entry, MabeiChange *change)
{
  return change == NULL || mabei_space_is_past (space, mabei_change_id (entry->change), mabei_change_id (change));
}

/* --- recipients --- */

static gboolean
contains (const MabeiShortId *devices, guint n, const MabeiShortId *device)
{
  for (guint i = 0; i < n; i++) {
    if (mabei_short_id_equal (&devices[i], device))
      return TRUE;
  }
  return FALSE;
}

/* As whoever made @change could know. */
static const MabeiMember *
member_then (MabeiSpace *space, MabeiChange *change, const MabeiShortId *device)
{
  MabeiAuthority *authority = space->c->authority;
  MabeiGraph *control = space->c->control->graph;
  if (change == NULL)
    return mabei_authority_member (authority, device);
  const MabeiHeader *header = mabei_change_header (change);
  if (space->kind == MABEI_SPACE_CONTROL)
    return mabei_authority_admission (authority, control, device, mabei_change_id (change), 1);
  return mabei_authority_admission (authority, control, device, header->control, header->n_control);
}

/* Devices that an epoch before @change was made for. */
static GHashTable *
devices_before (MabeiSpace *space, MabeiChange *change)
{
  GHashTable *devices = g_hash_table_new (mabei_short_id_hash, mabei_short_id_equal);
  for (guint i = 0; i < space->epochs->len; i++) {
    MabeiEpochEntry *entry = g_ptr_array_index (space->epochs, i);
    if (!is_before (space, entry, change))
      continue;
    for (guint k = 0; k < entry->record->n_wraps; k++)
      g_hash_table_add (devices, &entry->record->wraps[k].device);
  }
  return devices;
}

/* A caucus is one side and the mediators; who opened it settled who that is (rule 14: others join by a grant of that
 * side, which this version has not). */
static const char *
check_caucus (MabeiSpace *space,
              MabeiChange *change,
              const MabeiShortId *author,
              const MabeiShortId *recipients,
              guint n_recipients)
{
  g_autoptr (GHashTable) inside = devices_before (space, change);
  if (g_hash_table_size (inside) > 0) {
    gboolean same = g_hash_table_size (inside) == n_recipients;
    for (guint i = 0; i < n_recipients; i++)
      same = same && g_hash_table_contains (inside, &recipients[i]);
    return same ? NULL : "its recipients are not those of the caucus";
  }
  if (member_then (space, change, author)->role != MABEI_ROLE_MEDIATOR)
    return "only a mediator opens a caucus";
  const MabeiShortId *side = NULL;
  for (guint i = 0; i < n_recipients; i++) {
    const MabeiMember *member = member_then (space, change, &recipients[i]);
    if (member->role == MABEI_ROLE_MEDIATOR)
      continue;
    if (mabei_role_is_staff (member->role))
      return "a caucus is closed to the court";
    if (side != NULL && !mabei_short_id_equal (side, &member->person))
      return "a caucus has one side only";
    side = &member->person;
  }
  return NULL;
}

const char *
mabei_space_check_recipients (MabeiSpace *space,
                              MabeiChange *change,
                              const MabeiShortId *author,
                              const MabeiShortId *recipients,
                              guint n_recipients)
{
  MabeiAuthority *authority = space->c->authority;
  if (!contains (recipients, n_recipients, author))
    return "its author is not among its recipients";
  for (guint i = 0; i < n_recipients; i++) {
    if (member_then (space, change, &recipients[i]) == NULL)
      return "a recipient is not a member";
  }
  if (space->kind == MABEI_SPACE_CAUCUS)
    return check_caucus (space, change, author, recipients, n_recipients);
  GPtrArray *members = mabei_authority_members (authority);
  for (guint i = 0; i < members->len; i++) {
    const MabeiMember *member = g_ptr_array_index (members, i);
    if (member_then (space, change, &member->device) != NULL && !contains (recipients, n_recipients, &member->device))
      return "a member is left out";
  }
  return NULL;
}

/* --- folding --- */

/* The first one in the order of the fold of that epoch that lies before @change. */
static MabeiEpochEntry *
find_epoch (MabeiSpace *space, const MabeiId *epoch_id, MabeiChange *change)
{
  MabeiEpochEntry *entry = g_hash_table_lookup (space->epochs_by_id, epoch_id);
  while (entry != NULL && !is_before (space, entry, change))
    entry = entry->next;
  return entry;
}

static const char *
check_record (MabeiSpace *space, MabeiChange *change, const MabeiEpochRecord *record)
{
  guint32 generation = 0;
  if (find_epoch (space, &record->epoch_id, change) != NULL)
    return "this epoch was made before";
  for (guint i = 0; i < record->n_previous; i++) {
    const MabeiEpochEntry *previous = find_epoch (space, &record->previous[i], change);
    if (previous == NULL)
      return "it follows an epoch that is not in its past";
    generation = MAX (generation, previous->record->generation);
  }
  if (record->generation != generation + 1)
    return "its generation does not follow those before it";
  MabeiShortId recipients[G_N_ELEMENTS (record->wraps)];
  for (guint i = 0; i < record->n_wraps; i++)
    recipients[i] = record->wraps[i].device;
  return mabei_space_check_recipients (space, change, &mabei_change_header (change)->device, recipients,
                                       record->n_wraps);
}

static void
insert_entry (MabeiSpace *space, MabeiEpochEntry *entry)
{
  g_ptr_array_add (space->epochs, entry);
  MabeiEpochEntry *first = g_hash_table_lookup (space->epochs_by_id, &entry->record->epoch_id);
  if (first == NULL || mabei_change_compare (entry->change, first->change) < 0) {
    entry->next = first;
    g_hash_table_replace (space->epochs_by_id, &entry->record->epoch_id, entry);
    return;
  }
  while (first->next != NULL && mabei_change_compare (first->next->change, entry->change) < 0)
    first = first->next;
  entry->next = first->next;
  first->next = entry;
}

/* Whatever becomes of the EPOCH, its secret lets this device read what was sealed with it: who reads is not to depend
 * on the order in which verdicts fell. TRUE unless the wrap for this device is broken. */
static gboolean
open_wrap (MabeiSpace *space, MabeiChange *change, const MabeiEpochRecord *record)
{
  MabeiDeviceKey *device = space->c->device;
  const MabeiShortId *author = &mabei_change_header (change)->device;
  const MabeiDevicePublic *keys = mabei_authority_keys (space->c->authority, author);
  guint n_given = GPOINTER_TO_UINT (g_hash_table_lookup (space->given, author));
  if (!record_has (record, mabei_device_key_id (device)) || n_given >= AUTHOR_SECRETS_MAX ||
      mabei_space_secret (space, &record->epoch_id) != NULL)
    return TRUE;
  g_autoptr (MabeiSecret) secret = NULL;
  MabeiSpaceRef ref;
  mabei_space_ref (space, &ref);
  if (keys == NULL || mabei_epoch_record_open (record, &ref, device, keys->box_key, &secret) != MABEI_WRAP_OK)
    return FALSE;
  mabei_space_hold (space, &record->epoch_id, secret);
  g_hash_table_replace (space->given, g_memdup2 (author, sizeof *author), GUINT_TO_POINTER (n_given + 1));
  return TRUE;
}

static MabeiEpochRecord *
read_record (MabeiChange *change)
{
  g_autoptr (GBytes) payload = mabei_change_open (change, NULL, NULL);
  return payload != NULL ? mabei_epoch_record_decode (payload, NULL) : NULL;
}

gboolean
mabei_space_may_add_epoch (MabeiSpace *space, MabeiChange *change, const MabeiShortId *author)
{
  guint n = 0;
  for (guint i = 0; i < space->epochs->len; i++) {
    const MabeiEpochEntry *entry = g_ptr_array_index (space->epochs, i);
    if (mabei_short_id_equal (&mabei_change_header (entry->change)->device, author) && is_before (space, entry, change))
      n++;
  }
  return n < AUTHOR_EPOCHS_MAX;
}

static const char *
fold_epoch (MabeiSpace *space, MabeiChange *change, gboolean is_void)
{
  g_autofree MabeiEpochRecord *record = read_record (change);
  if (record == NULL)
    return "its record is not in the canonical form";
  gboolean is_readable = open_wrap (space, change, record);
  if (!mabei_space_may_add_epoch (space, change, &mabei_change_header (change)->device))
    return "its author made as many epochs as one can";
  const char *refusal = check_record (space, change, record);
  if (refusal != NULL)
    return refusal;
  MabeiEpochEntry *entry = g_new0 (MabeiEpochEntry, 1);
  entry->is_unreadable = !is_readable;
  entry->is_void = is_void;
  entry->change = mabei_change_ref (change);
  entry->record = g_steal_pointer (&record);
  insert_entry (space, entry);
  mabei_space_tell (space, MABEI_NOTICE_SPACES);
  return NULL;
}

const char *
mabei_space_fold_epoch (MabeiSpace *space, MabeiChange *change)
{
  return fold_epoch (space, change, FALSE);
}

/* Whoever took its author for a member wrote with it in good faith. */
void
mabei_space_lend_epoch (MabeiSpace *space, MabeiChange *change)
{
  fold_epoch (space, change, TRUE);
}

/* An epoch is used by those who know it from their own past: members, and in a caucus those it was made for. */
const char *
mabei_space_check_epoch_use (MabeiSpace *space, MabeiChange *change)
{
  const MabeiHeader *header = mabei_change_header (change);
  MabeiEpochEntry *entry = find_epoch (space, &header->epoch_id, change);
  if (entry == NULL)
    return "its key was not made known in its past";
  if (space->kind == MABEI_SPACE_CAUCUS && !mabei_epoch_entry_has (entry, &header->device))
    return "its author is not in this caucus";
  return NULL;
}

/* --- writing --- */

static gboolean
is_for_members_only (MabeiSpace *space, const MabeiEpochEntry *entry)
{
  for (guint i = 0; i < entry->record->n_wraps; i++) {
    if (mabei_authority_member (space->c->authority, &entry->record->wraps[i].device) == NULL)
      return FALSE;
  }
  return TRUE;
}

/* One that more members can read comes first: who branches off before an admission to make an epoch without the
 * newcomer does not get others to write with it. */
static gboolean
is_better (const MabeiEpochRecord *a, const MabeiEpochRecord *b)
{
  if (a->n_wraps != b->n_wraps)
    return a->n_wraps > b->n_wraps;
  if (a->generation != b->generation)
    return a->generation > b->generation;
  return mabei_id_compare (&a->epoch_id, &b->epoch_id) < 0;
}

static MabeiEpochEntry *
find_writing_epoch (MabeiSpace *space)
{
  MabeiEpochEntry *best = NULL;
  GHashTableIter iter;
  gpointer value;
  g_hash_table_iter_init (&iter, space->epochs_by_id);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    MabeiEpochEntry *entry = value;
    if (entry->is_void || mabei_space_secret (space, &entry->record->epoch_id) == NULL ||
        !is_for_members_only (space, entry))
      continue;
    if (best == NULL || is_better (entry->record, best->record))
      best = entry;
  }
  return best;
}

gboolean
mabei_space_writing_epoch (MabeiSpace *space, MabeiId *epoch_id, MabeiSecret **secret)
{
  const MabeiEpochEntry *entry = find_writing_epoch (space);
  if (entry == NULL)
    return FALSE;
  *epoch_id = entry->record->epoch_id;
  if (secret != NULL)
    *secret = mabei_space_secret (space, epoch_id);
  return TRUE;
}

gboolean
mabei_space_made_for_self (MabeiSpace *space, const MabeiId *epoch_id)
{
  const MabeiEpochEntry *entry = g_hash_table_lookup (space->epochs_by_id, epoch_id);
  return entry != NULL && mabei_epoch_entry_has (entry, mabei_device_key_id (space->c->device));
}

GPtrArray *
mabei_space_members (MabeiSpace *space)
{
  GPtrArray *members = g_ptr_array_new ();
  GPtrArray *all = mabei_authority_members (space->c->authority);
  const MabeiEpochEntry *entry = space->kind == MABEI_SPACE_CAUCUS ? find_writing_epoch (space) : NULL;
  for (guint i = 0; i < all->len; i++) {
    MabeiMember *member = g_ptr_array_index (all, i);
    if (space->kind != MABEI_SPACE_CAUCUS || (entry != NULL && mabei_epoch_entry_has (entry, &member->device)))
      g_ptr_array_add (members, member);
  }
  return members;
}

static gint
compare_generation (gconstpointer a, gconstpointer b)
{
  const MabeiEpochEntry *const *left = a, *const *right = b;
  if ((*left)->record->generation != (*right)->record->generation)
    return (*left)->record->generation > (*right)->record->generation ? -1 : 1;
  return mabei_id_compare (&(*left)->record->epoch_id, &(*right)->record->epoch_id);
}

static gint
compare_ids (gconstpointer a, gconstpointer b, gpointer user_data G_GNUC_UNUSED)
{
  return mabei_id_compare (a, b);
}

guint
mabei_space_latest_epochs (MabeiSpace *space, MabeiId *ids, guint limit, guint32 *generation)
{
  g_autoptr (GHashTable) followed = g_hash_table_new (mabei_id_hash, mabei_id_equal);
  g_autoptr (GPtrArray) entries = mabei_table_values (space->epochs_by_id);
  guint n = 0;
  for (guint i = 0; i < space->epochs->len; i++) {
    MabeiEpochEntry *entry = g_ptr_array_index (space->epochs, i);
    for (guint k = 0; k < entry->record->n_previous; k++)
      g_hash_table_add (followed, &entry->record->previous[k]);
  }
  g_ptr_array_sort (entries, compare_generation);
  *generation = 1;
  for (guint i = 0; i < entries->len && n < limit; i++) {
    MabeiEpochEntry *entry = g_ptr_array_index (entries, i);
    if (g_hash_table_contains (followed, &entry->record->epoch_id))
      continue;
    *generation = MAX (*generation, entry->record->generation + 1);
    ids[n++] = entry->record->epoch_id;
  }
  if (n > 0)
    g_qsort_with_data (ids, (gint) n, sizeof *ids, compare_ids, NULL);
  return n;
}
