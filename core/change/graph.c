#include "core/change/graph.h"

#include <string.h>

#include "core/change/lane.h"

typedef enum {
  ABSENT,  /* cited, not here */
  WAITING, /* here, something that it cites is not complete */
  COMPLETE,
  REFUSED, /* a tombstone: only its id is kept, so that whatever cites it is refused too, in any order of arrival */
} State;

typedef struct _GraphNode GraphNode;
struct _GraphNode {
  MabeiId id;
  State state;
  MabeiChange *change; /* owned; NULL when absent or refused */
  GraphNode **parents; /* prev first when there is one, then deps; nodes live as long as the graph */
  guint n_parents;
  guint n_incomplete; /* waiting: parents that are not complete */
  guint n_citing;     /* complete: complete changes that cite it */
  GPtrArray *waiters; /* changes that wait for this one; NULL when none */
  guint lane;         /* complete: its lane ... */
  MabeiLaneVector
      *past; /* ... and how far its past reaches in the others; its own lane's entry is not kept up to date */
};

struct _MabeiGraph {
  MabeiGraphComplete complete;
  MabeiGraphRefused refused;
  gpointer user_data;
  GHashTable *nodes;  /* MabeiId (in the node) -> GraphNode, owned */
  GHashTable *absent; /* set of GraphNode */
  GHashTable *heads;  /* set of GraphNode */
  GPtrArray *lanes;   /* MabeiLane, owned */
  GHashTable *chains; /* MabeiShortId (owned) -> GArray of guint, indices of the device's lanes */
  GPtrArray *order;   /* complete nodes; sorted unless order_is_stale */
  gboolean order_is_stale;
  guint n_waiting;
  GraphNode *told; /* the change that the complete callback is being told about */
};

static void
node_free (gpointer data)
{
  GraphNode *node = data;
  mabei_change_unref (node->change);
  g_clear_pointer (&node->waiters, g_ptr_array_unref);
  mabei_lane_vector_unref (node->past);
  g_free (node->parents);
  g_free (node);
}

MabeiGraph *
mabei_graph_new (MabeiGraphComplete complete, MabeiGraphRefused refused, gpointer user_data)
{
  MabeiGraph *graph = g_new0 (MabeiGraph, 1);
  graph->complete = complete;
  graph->refused = refused;
  graph->user_data = user_data;
  graph->nodes = g_hash_table_new_full (mabei_id_hash, mabei_id_equal, NULL, node_free);
  graph->absent = g_hash_table_new (NULL, NULL);
  graph->heads = g_hash_table_new (NULL, NULL);
  graph->lanes = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_lane_free);
  graph->chains =
      g_hash_table_new_full (mabei_short_id_hash, mabei_short_id_equal, g_free, (GDestroyNotify) g_array_unref);
  graph->order = g_ptr_array_new ();
  return graph;
}

void
mabei_graph_free (MabeiGraph *graph)
{
  if (graph == NULL)
    return;
  g_ptr_array_unref (graph->order);
  g_hash_table_unref (graph->chains);
  g_ptr_array_unref (graph->lanes);
  g_hash_table_unref (graph->heads);
  g_hash_table_unref (graph->absent);
  g_hash_table_unref (graph->nodes);
  g_free (graph);
}

static MabeiLane *
lane_at (const MabeiGraph *graph, guint lane)
{
  return g_ptr_array_index (graph->lanes, lane);
}

static const MabeiHeader *
node_header (const GraphNode *node)
{
  return mabei_change_header (node->change);
}

/* The fold's order: (Lamport, device, id). */
static gint
compare_nodes (const GraphNode *a, const GraphNode *b)
{
  const MabeiHeader *left = node_header (a), *right = node_header (b);
  if (left->lamport != right->lamport)
    return left->lamport < right->lamport ? -1 : 1;
  gint by_device = mabei_short_id_compare (&left->device, &right->device);
  return by_device != 0 ? by_device : mabei_id_compare (&a->id, &b->id);
}

static gint
compare_node_places (gconstpointer a, gconstpointer b)
{
  return compare_nodes (*(GraphNode *const *) a, *(GraphNode *const *) b);
}

static GraphNode *
find_complete (MabeiGraph *graph, const MabeiId *id)
{
  GraphNode *node = g_hash_table_lookup (graph->nodes, id);
  return node != NULL && node->state == COMPLETE ? node : NULL;
}

/* 1 + the greatest sequence number of @lane that is @node or in its past; 0 when there is none. */
static guint32
reach (const GraphNode *node, guint lane)
{
  if (lane == node->lane)
    return (guint32) node_header (node)->seq + 1;
  return mabei_lane_vector_get (node->past, lane);
}

static gboolean
is_past (const GraphNode *ancestor, const GraphNode *node)
{
  return reach (node, ancestor->lane) > node_header (ancestor)->seq;
}

/* --- becoming complete --- */

/* The lane that @node continues, or a new one: for the first of a chain, and where a chain forks. */
static void
enter_lane (MabeiGraph *graph, GraphNode *node)
{
  const MabeiHeader *header = node_header (node);
  gboolean has_prev = header->seq > 0;
  if (has_prev) {
    MabeiLane *lane = lane_at (graph, node->parents[0]->lane);
    if (g_ptr_array_index (lane->nodes, lane->nodes->len - 1) == node->parents[0]) {
      node->lane = node->parents[0]->lane;
      g_ptr_array_add (lane->nodes, node);
      return;
    }
  }
  node->lane = graph->lanes->len;
  MabeiLane *lane = mabei_lane_new (&header->device, header->seq, has_prev ? node->parents[0]->lane : node->lane);
  g_ptr_array_add (lane->nodes, node);
  g_ptr_array_add (graph->lanes, lane);
  GArray *chain = g_hash_table_lookup (graph->chains, &header->device);
  if (chain == NULL) {
    chain = g_array_new (FALSE, FALSE, sizeof (guint));
    g_hash_table_insert (graph->chains, g_memdup2 (&header->device, sizeof header->device), chain);
  }
  g_array_append_val (chain, node->lane);
}

/* Undoes enter_lane for the change that entered last. */
static void
leave_lane (MabeiGraph *graph, GraphNode *node)
{
  MabeiLane *lane = lane_at (graph, node->lane);
  g_ptr_array_remove_index (lane->nodes, lane->nodes->len - 1);
  if (lane->nodes->len > 0)
    return;
  GArray *chain = g_hash_table_lookup (graph->chains, &lane->device);
  g_array_remove_index (chain, chain->len - 1);
  if (chain->len == 0)
    g_hash_table_remove (graph->chains, &node_header (node)->device);
  g_ptr_array_remove_index (graph->lanes, graph->lanes->len - 1);
}

static void
compute_past (MabeiGraph *graph, GraphNode *node)
{
  /* The usual case: one author goes on alone, nothing changes but the place in his own lane. */
  if (node->n_parents == 1 && node->parents[0]->lane == node->lane) {
    node->past = mabei_lane_vector_ref (node->parents[0]->past);
    return;
  }
  node->past = mabei_lane_vector_new (graph->lanes->len);
  for (guint i = 0; i < node->n_parents; i++) {
    const GraphNode *parent = node->parents[i];
    mabei_lane_vector_merge (node->past, parent->past);
    mabei_lane_vector_raise (node->past, parent->lane, reach (parent, parent->lane));
  }
}

static void
install (MabeiGraph *graph, GraphNode *node)
{
  node->state = COMPLETE;
  enter_lane (graph, node);
  compute_past (graph, node);
  for (guint i = 0; i < node->n_parents; i++) {
    if (node->parents[i]->n_citing++ == 0)
      g_hash_table_remove (graph->heads, node->parents[i]);
  }
  g_hash_table_add (graph->heads, node);
  if (graph->order->len > 0 && compare_nodes (g_ptr_array_index (graph->order, graph->order->len - 1), node) > 0)
    graph->order_is_stale = TRUE;
  g_ptr_array_add (graph->order, node);
}

/* Undoes install; nothing cites @node yet. */
static void
uninstall (MabeiGraph *graph, GraphNode *node)
{
  guint at = graph->order->len - 1;
  if (g_ptr_array_index (graph->order, at) == node)
    g_ptr_array_remove_index (graph->order, at);
  else /* sorted since, by a caller that asked for the order from inside the callback */
    g_ptr_array_remove (graph->order, node);
  g_hash_table_remove (graph->heads, node);
  for (guint i = 0; i < node->n_parents; i++) {
    if (--node->parents[i]->n_citing == 0)
      g_hash_table_add (graph->heads, node->parents[i]);
  }
  g_clear_pointer (&node->past, mabei_lane_vector_unref);
  leave_lane (graph, node);
}

/* What the graph itself can refuse once the past is known. */
static gboolean
fits_past (const GraphNode *node)
{
  const MabeiHeader *header = node_header (node);
  guint64 greatest = 0;
  for (guint i = 0; i < node->n_parents; i++)
    greatest = MAX (greatest, node_header (node->parents[i])->lamport);
  if (header->lamport != greatest + 1)
    return FALSE;
  if (header->seq == 0)
    return TRUE;
  const MabeiHeader *prev = node_header (node->parents[0]);
  return mabei_short_id_equal (&prev->device, &header->device) && prev->seq + 1 == header->seq;
}

/* @first becomes a tombstone, and with it, not recursively, everything that waits for it. Those that were known to the
 * caller as waiting are told. */
static void
refuse_all (MabeiGraph *graph, GraphNode *first)
{
  g_autoptr (GPtrArray) todo = g_ptr_array_new ();
  g_ptr_array_add (todo, first);
  while (todo->len > 0) {
    GraphNode *node = g_ptr_array_remove_index_fast (todo, todo->len - 1);
    if (node->state == REFUSED)
      continue;
    gboolean was_waiting = node->state == WAITING;
    node->state = REFUSED;
    graph->n_waiting -= was_waiting;
    for (guint i = 0; node->waiters != NULL && i < node->waiters->len; i++)
      g_ptr_array_add (todo, g_ptr_array_index (node->waiters, i));
    g_clear_pointer (&node->waiters, g_ptr_array_unref);
    g_clear_pointer (&node->parents, g_free);
    node->n_parents = 0;
    g_autoptr (MabeiChange) change = g_steal_pointer (&node->change);
    if (node != first && was_waiting && graph->refused != NULL)
      graph->refused (change, graph->user_data);
  }
}

/* @first has its whole past: it becomes complete, and everything that waited for nothing else. Parents first. */
static void
settle (MabeiGraph *graph, GraphNode *first)
{
  g_autoptr (GPtrArray) todo = g_ptr_array_new ();
  g_ptr_array_add (todo, first);
  while (todo->len > 0) {
    GraphNode *node = g_ptr_array_remove_index_fast (todo, todo->len - 1);
    if (!fits_past (node)) {
      g_autoptr (MabeiChange) change = mabei_change_ref (node->change);
      gboolean tell = node != first && graph->refused != NULL;
      refuse_all (graph, node);
      if (tell)
        graph->refused (change, graph->user_data);
      continue;
    }
    graph->n_waiting -= node->state == WAITING;
    install (graph, node);
    g_autoptr (MabeiChange) told = mabei_change_ref (node->change); /* the callback may refuse it */
    graph->told = node;
    if (graph->complete != NULL)
      graph->complete (told, graph->user_data);
    graph->told = NULL;
    if (node->state != COMPLETE)
      continue;
    g_autoptr (GPtrArray) waiters = g_steal_pointer (&node->waiters);
    for (guint i = 0; waiters != NULL && i < waiters->len; i++) {
      GraphNode *waiter = g_ptr_array_index (waiters, i);
      if (waiter->state == WAITING && --waiter->n_incomplete == 0)
        g_ptr_array_add (todo, waiter);
    }
  }
}

static GraphNode *
cite (MabeiGraph *graph, const MabeiId *id)
{
  GraphNode *node = g_hash_table_lookup (graph->nodes, id);
  if (node != NULL)
    return node;
  node = g_new0 (GraphNode, 1);
  node->id = *id;
  node->state = ABSENT;
  g_hash_table_insert (graph->nodes, &node->id, node);
  g_hash_table_add (graph->absent, node);
  return node;
}

/* Finds or reserves the nodes of what @node cites. FALSE when one of them is refused. */
static gboolean
link_parents (MabeiGraph *graph, GraphNode *node)
{
  const MabeiHeader *header = node_header (node);
  guint has_prev = header->seq > 0 ? 1 : 0;
  const MabeiId *cited[1 + G_N_ELEMENTS (header->deps)];
  guint n_cited = 0;
  if (has_prev)
    cited[n_cited++] = &header->prev;
  for (guint i = 0; i < header->n_deps; i++)
    cited[n_cited++] = &header->deps[i];
  for (guint i = 0; i < n_cited; i++) {
    const GraphNode *parent = g_hash_table_lookup (graph->nodes, cited[i]);
    if (parent != NULL && parent->state == REFUSED)
      return FALSE;
  }
  node->n_parents = n_cited;
  node->parents = g_new (GraphNode *, MAX (n_cited, 1));
  for (guint i = 0; i < n_cited; i++) {
    GraphNode *parent = cite (graph, cited[i]);
    node->parents[i] = parent;
    if (parent->state == COMPLETE)
      continue;
    node->n_incomplete++;
    if (parent->waiters == NULL)
      parent->waiters = g_ptr_array_new ();
    g_ptr_array_add (parent->waiters, node);
  }
  return TRUE;
}

MabeiGraphResult
mabei_graph_add (MabeiGraph *graph, MabeiChange *change)
{
  g_return_val_if_fail (graph->told == NULL, MABEI_GRAPH_REFUSED);
  GraphNode *node = cite (graph, mabei_change_id (change));
  if (node->state == REFUSED)
    return MABEI_GRAPH_REFUSED;
  if (node->state != ABSENT)
    return MABEI_GRAPH_DUPLICATE;
  g_hash_table_remove (graph->absent, node);
  node->change = mabei_change_ref (change);
  if (!link_parents (graph, node)) {
    refuse_all (graph, node);
    return MABEI_GRAPH_REFUSED;
  }
  if (node->n_incomplete > 0) {
    node->state = WAITING;
    graph->n_waiting++;
    return MABEI_GRAPH_WAITING;
  }
  settle (graph, node);
  return node->state == COMPLETE ? MABEI_GRAPH_COMPLETE : MABEI_GRAPH_REFUSED;
}

void
mabei_graph_refuse (MabeiGraph *graph, const MabeiId *id)
{
  GraphNode *node = graph->told;
  g_return_if_fail (node != NULL && mabei_id_equal (&node->id, id));
  if (node->state != COMPLETE) /* refused twice */
    return;
  uninstall (graph, node);
  refuse_all (graph, node);
}

/* --- asking --- */

MabeiChange *
mabei_graph_lookup (MabeiGraph *graph, const MabeiId *id)
{
  GraphNode *node = g_hash_table_lookup (graph->nodes, id);
  return node != NULL ? node->change : NULL;
}

gboolean
mabei_graph_has_complete (MabeiGraph *graph, const MabeiId *id)
{
  return find_complete (graph, id) != NULL;
}

static GraphNode *
lane_node (const MabeiLane *lane, guint64 seq)
{
  if (seq < lane->start || seq - lane->start >= lane->nodes->len)
    return NULL;
  return g_ptr_array_index (lane->nodes, (guint) (seq - lane->start));
}

/* Along the prev links of @from: up the lanes. */
static GraphNode *
chain_node (MabeiGraph *graph, const GraphNode *from, guint64 seq)
{
  if (seq > node_header (from)->seq)
    return NULL;
  const MabeiLane *lane = lane_at (graph, from->lane);
  while (seq < lane->start)
    lane = lane_at (graph, lane->parent);
  return lane_node (lane, seq);
}

MabeiChange *
mabei_graph_at (MabeiGraph *graph, const MabeiShortId *device, guint64 seq, const MabeiId *citing)
{
  const GraphNode *from = find_complete (graph, citing);
  const GArray *chain = g_hash_table_lookup (graph->chains, device);
  if (from == NULL || chain == NULL)
    return NULL;
  if (mabei_short_id_equal (device, &node_header (from)->device)) {
    const GraphNode *own = chain_node (graph, from, seq);
    return own != NULL ? own->change : NULL;
  }
  const GraphNode *found = NULL;
  for (guint i = 0; i < chain->len; i++) {
    guint lane = g_array_index (chain, guint, i);
    const GraphNode *candidate = lane_node (lane_at (graph, lane), seq);
    if (candidate == NULL || !is_past (candidate, from))
      continue;
    if (found != NULL) /* both branches of a fork are in its past: the place names neither (soundness rule 4) */
      return NULL;
    found = candidate;
  }
  return found != NULL ? found->change : NULL;
}

guint
mabei_graph_n_complete (MabeiGraph *graph)
{
  return graph->order->len;
}

guint
mabei_graph_n_waiting (MabeiGraph *graph)
{
  return graph->n_waiting;
}

static GArray *
sorted_ids (GHashTable *set, gboolean (*wanted) (const GraphNode *node))
{
  GArray *ids = g_array_sized_new (FALSE, FALSE, sizeof (MabeiId), g_hash_table_size (set));
  GHashTableIter iter;
  gpointer key;
  g_hash_table_iter_init (&iter, set);
  while (g_hash_table_iter_next (&iter, &key, NULL)) {
    const GraphNode *node = key;
    if (wanted == NULL || wanted (node))
      g_array_append_val (ids, node->id);
  }
  g_array_sort (ids, mabei_id_compare);
  return ids;
}

GArray *
mabei_graph_heads (MabeiGraph *graph)
{
  return sorted_ids (graph->heads, NULL);
}

/* Some change still waits for it: those that were refused since no longer do. */
static gboolean
is_awaited (const GraphNode *node)
{
  for (guint i = 0; node->waiters != NULL && i < node->waiters->len; i++) {
    const GraphNode *waiter = g_ptr_array_index (node->waiters, i);
    if (waiter->state == WAITING)
      return TRUE;
  }
  return FALSE;
}

GArray *
mabei_graph_missing (MabeiGraph *graph, guint limit)
{
  GArray *ids = sorted_ids (graph->absent, is_awaited);
  if (ids->len > limit)
    g_array_set_size (ids, limit);
  return ids;
}

GPtrArray *
mabei_graph_ordered (MabeiGraph *graph)
{
  if (graph->order_is_stale)
    g_ptr_array_sort (graph->order, compare_node_places);
  graph->order_is_stale = FALSE;
  GPtrArray *changes = g_ptr_array_sized_new (graph->order->len);
  for (guint i = 0; i < graph->order->len; i++)
    g_ptr_array_add (changes, ((GraphNode *) g_ptr_array_index (graph->order, i))->change);
  return changes;
}

GPtrArray *
mabei_graph_after (MabeiGraph *graph, const MabeiId *known, guint n_known)
{
  MabeiLaneVector *reached = mabei_lane_vector_new (graph->lanes->len);
  for (guint i = 0; i < n_known; i++) {
    const GraphNode *node = find_complete (graph, &known[i]);
    if (node == NULL)
      continue;
    mabei_lane_vector_merge (reached, node->past);
    mabei_lane_vector_raise (reached, node->lane, reach (node, node->lane));
  }
  GPtrArray *found = g_ptr_array_new ();
  for (guint i = 0; i < graph->lanes->len; i++) {
    const MabeiLane *lane = lane_at (graph, i);
    guint64 next = MAX (mabei_lane_vector_get (reached, i), lane->start);
    for (GraphNode *node = lane_node (lane, next); node != NULL; node = lane_node (lane, ++next))
      g_ptr_array_add (found, node);
  }
  mabei_lane_vector_unref (reached);
  g_ptr_array_sort (found, compare_node_places);
  for (guint i = 0; i < found->len; i++)
    g_ptr_array_index (found, i) = ((GraphNode *) g_ptr_array_index (found, i))->change;
  return found;
}

gboolean
mabei_graph_is_past (MabeiGraph *graph, const MabeiId *ancestor, const MabeiId *id)
{
  const GraphNode *older = find_complete (graph, ancestor), *newer = find_complete (graph, id);
  return older != NULL && newer != NULL && is_past (older, newer);
}

gboolean
mabei_graph_tip (MabeiGraph *graph, const MabeiShortId *device, guint64 *seq, MabeiId *id)
{
  const GArray *chain = g_hash_table_lookup (graph->chains, device);
  const GraphNode *tip = NULL;
  for (guint i = 0; chain != NULL && i < chain->len; i++) {
    const MabeiLane *lane = lane_at (graph, g_array_index (chain, guint, i));
    const GraphNode *last = g_ptr_array_index (lane->nodes, lane->nodes->len - 1);
    guint64 last_seq = node_header (last)->seq, tip_seq = tip != NULL ? node_header (tip)->seq : 0;
    if (tip == NULL || last_seq > tip_seq || (last_seq == tip_seq && mabei_id_compare (&last->id, &tip->id) < 0))
      tip = last;
  }
  if (tip == NULL)
    return FALSE;
  *seq = node_header (tip)->seq + 1;
  *id = tip->id;
  return TRUE;
}

gboolean
mabei_graph_is_forked (MabeiGraph *graph, const MabeiShortId *device)
{
  const GArray *chain = g_hash_table_lookup (graph->chains, device);
  return chain != NULL && chain->len > 1;
}
