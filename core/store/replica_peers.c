/* What other members' devices told that they have. A device never loses what it confirmed, so that the heads that it
 * told before stay beside the new ones until those cover them. */
#include "core/store/replica_private.h"

#include "core/base/cbor.h"

#define HEADS_MAX 64u
/* A time alone is written no more often than this; heads are written at once. */
#define SINCE_STEP_MS 60000u

void
mabei_peer_heads_free (MabeiPeerHeads *peer)
{
  g_array_unref (peer->heads);
  g_free (peer);
}

static char *
item_name (MabeiSpace *space, const MabeiShortId *device)
{
  g_autofree char *space_hex = mabei_short_id_to_hex (mabei_space_id (space));
  g_autofree char *device_hex = mabei_short_id_to_hex (device);

  return g_strdup_printf ("own/peer/%s/%s", space_hex, device_hex);
}

static gboolean
decode (GBytes *value, MabeiPeerHeads *peer)
{
  MabeiCborReader reader;
  guint64 count = 0;
  gsize length;
  gconstpointer data = g_bytes_get_data (value, &length);

  mabei_cbor_reader_init (&reader, data, length);
  mabei_cbor_read_array (&reader, 1 + HEADS_MAX, &count);
  mabei_cbor_read_uint (&reader, G_MAXINT64, &peer->since_ms);
  for (guint64 i = 1; i < count; i++) {
    MabeiId head;
    if (mabei_cbor_read_fixed (&reader, head.bytes, sizeof head.bytes))
      g_array_append_val (peer->heads, head);
  }
  return mabei_cbor_reader_finish (&reader, NULL);
}

/* Read from the disk the first time that somebody asks. */
static MabeiPeerHeads *
lookup (MabeiReplica *replica, MabeiSpace *space, const MabeiShortId *device)
{
  MabeiSpaceState *state = mabei_replica_state (replica, space);
  MabeiPeerHeads *peer = g_hash_table_lookup (state->peers, device);
  g_autofree char *name = NULL;
  g_autoptr (GBytes) value = NULL;

  if (peer != NULL)
    return peer;
  peer = g_new0 (MabeiPeerHeads, 1);
  peer->device = *device;
  peer->heads = g_array_new (FALSE, FALSE, sizeof (MabeiId));
  name = item_name (space, device);
  value = mabei_database_get (replica->database, name, NULL);
  if (value != NULL && !decode (value, peer)) {
    g_array_set_size (peer->heads, 0);
    peer->since_ms = 0;
  }
  peer->stored_ms = peer->since_ms;
  g_hash_table_insert (state->peers, &peer->device, peer);
  return peer;
}

static gboolean
holds (GArray *heads, const MabeiId *id)
{
  for (guint i = 0; i < heads->len; i++) {
    if (mabei_id_equal (&g_array_index (heads, MabeiId, i), id))
      return TRUE;
  }
  return FALSE;
}

static gboolean
is_covered (MabeiGraph *graph, GArray *heads, const MabeiId *id)
{
  for (guint i = 0; i < heads->len; i++) {
    const MabeiId *head = &g_array_index (heads, MabeiId, i);
    if (mabei_graph_has_complete (graph, head) && mabei_graph_has_complete (graph, id) &&
        mabei_graph_is_past (graph, id, head))
      return TRUE;
  }
  return FALSE;
}

/* The new heads and those of the old ones that they do not cover. (transfer full) */
static GArray *
join_heads (MabeiSpace *space, GArray *old, const MabeiId *heads, guint n_heads)
{
  GArray *joined = g_array_new (FALSE, FALSE, sizeof (MabeiId));
  MabeiGraph *graph = mabei_space_graph (space);

  for (guint i = 0; i < n_heads && joined->len < HEADS_MAX; i++) {
    if (!holds (joined, &heads[i]))
      g_array_append_val (joined, heads[i]);
  }
  for (guint i = 0; i < old->len && joined->len < HEADS_MAX; i++) {
    MabeiId *head = &g_array_index (old, MabeiId, i);
    if (!holds (joined, head) && !is_covered (graph, joined, head))
      g_array_append_vals (joined, head, 1);
  }
  return joined;
}

static gboolean
is_same (GArray *a, GArray *b)
{
  guint n = 0;

  for (guint i = 0; i < a->len; i++)
    n += holds (b, &g_array_index (a, MabeiId, i));
  return n == a->len && a->len == b->len;
}

static gboolean
write_heads (MabeiReplica *replica,
             MabeiSpace *space,
             const MabeiShortId *device,
             GArray *heads,
             guint64 since_ms,
             GError **error)
{
  g_autofree char *name = item_name (space, device);
  GByteArray *out = g_byte_array_new ();
  g_autoptr (GBytes) value = NULL;

  mabei_cbor_write_array (out, 1 + heads->len);
  mabei_cbor_write_uint (out, since_ms);
  for (guint i = 0; i < heads->len; i++)
    mabei_cbor_write_bytes (out, g_array_index (heads, MabeiId, i).bytes, MABEI_ID_BYTES);
  value = g_byte_array_free_to_bytes (out);
  if (!mabei_database_begin_lazy (replica->database, error))
    return FALSE;
  if (mabei_database_set (replica->database, name, value, error))
    return mabei_database_commit (replica->database, error);
  mabei_database_rollback (replica->database);
  return FALSE;
}

gboolean
mabei_replica_set_peer_heads (MabeiReplica *replica,
                              MabeiSpace *space,
                              const MabeiShortId *device,
                              const MabeiId *heads,
                              guint n_heads,
                              guint64 now_ms,
                              GError **error)
{
  MabeiPeerHeads *peer;
  GArray *joined;
  gboolean same;

  if (mabei_authority_member (mabei_case_authority (mabei_space_case (space)), device) == NULL) {
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_NOT_FOUND, "that device is not a member of the case");
    return FALSE;
  }
  now_ms = MIN (now_ms, (guint64) G_MAXINT64);
  peer = lookup (replica, space, device);
  joined = join_heads (space, peer->heads, heads, n_heads);
  same = is_same (joined, peer->heads);
  if ((!same || now_ms < peer->stored_ms || now_ms - peer->stored_ms >= SINCE_STEP_MS)) {
    if (!write_heads (replica, space, device, joined, now_ms, error)) {
      g_array_unref (joined);
      return FALSE;
    }
    peer->stored_ms = now_ms;
  }
  g_array_unref (peer->heads);
  peer->heads = joined;
  peer->since_ms = now_ms;
  peer->is_counted = peer->is_counted && same;
  return TRUE;
}

/* What it told, and its own last change: who wrote on top of a change has it. */
GArray *
mabei_replica_peer_heads (MabeiReplica *replica, MabeiSpace *space, const MabeiShortId *device)
{
  MabeiPeerHeads *peer = lookup (replica, space, device);
  GArray *heads = g_array_copy (peer->heads);
  guint64 seq;
  MabeiId tip;

  if (mabei_graph_tip (mabei_space_graph (space), device, &seq, &tip) && !holds (heads, &tip))
    g_array_append_val (heads, tip);
  return heads;
}

guint
mabei_replica_peer_missing (MabeiReplica *replica, MabeiSpace *space, const MabeiShortId *device, guint64 *since_ms)
{
  MabeiPeerHeads *peer = lookup (replica, space, device);
  MabeiGraph *graph = mabei_space_graph (space);
  guint n_complete = mabei_graph_n_complete (graph);

  if (!peer->is_counted || peer->n_counted != n_complete) {
    g_autoptr (GArray) heads = mabei_replica_peer_heads (replica, space, device);
    g_autoptr (GPtrArray) after = mabei_graph_after (graph, (const MabeiId *) (gpointer) heads->data, heads->len);
    peer->missing = after->len;
    peer->n_counted = n_complete;
    peer->is_counted = TRUE;
  }
  if (since_ms != NULL)
    *since_ms = peer->since_ms;
  return peer->missing;
}
