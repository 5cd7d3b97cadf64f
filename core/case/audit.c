/* The list of changes without effect. */
#include "core/case/case_private.h"

static gint
compare_entries (gconstpointer a, gconstpointer b)
{
  return mabei_id_compare (&((const MabeiAuditEntry *) a)->change, &((const MabeiAuditEntry *) b)->change);
}

static void
audit_space (MabeiSpace *space, GArray *entries)
{
  GHashTableIter iter;
  gpointer id, value;
  g_hash_table_iter_init (&iter, space->waiting);
  while (g_hash_table_iter_next (&iter, &id, &value)) {
    const MabeiAuditEntry entry = {*(MabeiId *) id, space->id, "waiting", ((MabeiWaiting *) value)->reason};
    g_array_append_val (entries, entry);
  }
  g_hash_table_iter_init (&iter, space->quarantined);
  while (g_hash_table_iter_next (&iter, &id, &value)) {
    const MabeiAuditEntry entry = {*(MabeiId *) id, space->id, "quarantined", value};
    g_array_append_val (entries, entry);
  }
  /* In effect for those who can open it; listed so that its author is seen to have cheated this device. */
  for (guint i = 0; i < space->epochs->len; i++) {
    const MabeiEpochEntry *epoch = g_ptr_array_index (space->epochs, i);
    const MabeiAuditEntry entry = {*mabei_change_id (epoch->change), space->id, "waiting",
                                   "its wrap for this device does not open"};
    if (epoch->is_unreadable && mabei_space_secret (space, &epoch->record->epoch_id) == NULL)
      g_array_append_val (entries, entry);
  }
}

GArray *
mabei_case_audit (MabeiCase *c)
{
  GArray *entries = g_array_new (FALSE, FALSE, sizeof (MabeiAuditEntry));
  for (guint i = 0; i < c->spaces->len; i++)
    audit_space (g_ptr_array_index (c->spaces, i), entries);
  g_array_sort (entries, compare_entries);
  return entries;
}
