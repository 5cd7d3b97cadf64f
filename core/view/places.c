#include "core/view/places.h"

struct _MabeiPlaces {
  MabeiReplica *replica;
  GHashTable *unconfirmed; /* set of MabeiId, borrowed from the graph */
  guint n_others;
};

static void
add_unconfirmed (MabeiPlaces *places, MabeiSpace *space, const MabeiShortId *device)
{
  g_autoptr (GArray) heads = mabei_replica_peer_heads (places->replica, space, device);
  g_autoptr (GPtrArray) after =
      mabei_graph_after (mabei_space_graph (space), (const MabeiId *) (gpointer) heads->data, heads->len);

  for (guint i = 0; i < after->len; i++)
    g_hash_table_add (places->unconfirmed, (gpointer) mabei_change_id (g_ptr_array_index (after, i)));
}

MabeiPlaces *
mabei_places_new (MabeiReplica *replica, MabeiSpace *space)
{
  MabeiPlaces *places = g_new0 (MabeiPlaces, 1);
  const MabeiShortId *self = mabei_device_key_id (mabei_replica_keys (replica)->device);
  g_autoptr (GPtrArray) members = mabei_space_members (space);

  places->replica = replica;
  places->unconfirmed = g_hash_table_new (mabei_id_hash, mabei_id_equal);
  for (guint i = 0; i < members->len; i++) {
    const MabeiMember *member = g_ptr_array_index (members, i);
    if (mabei_short_id_equal (&member->device, self))
      continue;
    places->n_others++;
    add_unconfirmed (places, space, &member->device);
  }
  return places;
}

void
mabei_places_free (MabeiPlaces *places)
{
  g_hash_table_unref (places->unconfirmed);
  g_free (places);
}

MabeiPlace
mabei_places_of (MabeiPlaces *places, const MabeiId *change)
{
  /* Alone in a space there is nobody to have it. */
  if (places->n_others > 0 && !g_hash_table_contains (places->unconfirmed, change))
    return MABEI_PLACE_ALL;
  return mabei_replica_has_receipt (places->replica, change) ? MABEI_PLACE_SENT : MABEI_PLACE_HERE;
}
