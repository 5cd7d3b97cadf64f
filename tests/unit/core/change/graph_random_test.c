/* Random histories with forks, delivered in random orders with duplicates, impossible changes among them: every graph
 * agrees with the others and with a model that walks. */
#include <string.h>

#include "core/change/graph.h"
#include "tests/unit/core/change/change_maker.h"

#define N_CHANGES 60u
#define N_HISTORIES 60u
#define N_ORDERS 6u

static ChangeMaker maker;

typedef struct {
  MabeiChange *changes[N_CHANGES];
  gboolean past[N_CHANGES][N_CHANGES]; /* past[i][j]: j is i or before it */
  gboolean impossible[N_CHANGES];      /* itself, or by what it cites */
  guint n_changes;
} History;

static gboolean
same_device (const History *history, guint i, guint device)
{
  return mabei_short_id_equal (&mabei_change_header (history->changes[i])->device,
                               mabei_device_key_id (maker.devices[device]));
}

/* One more change of a random device: usually on its newest, sometimes on an older one (a fork), citing some others. */
static void
grow (History *history, GRand *rand)
{
  guint at = history->n_changes, device = (guint) g_rand_int_range (rand, 0, 5);
  MabeiChange *prev = NULL, *others[3];
  guint n_others = 0;
  for (guint i = at; i-- > 0 && prev == NULL;) {
    if (same_device (history, i, device) && g_rand_int_range (rand, 0, 12) != 0)
      prev = history->changes[i];
  }
  for (guint i = at; i-- > 0 && n_others < G_N_ELEMENTS (others);) {
    if (history->changes[i] != prev && g_rand_int_range (rand, 0, 4) == 0)
      others[n_others++] = history->changes[i];
  }
  MabeiHeader header = change_maker_header (&maker, device, prev, others, n_others);
  gboolean spoil = (prev != NULL || n_others > 0) && g_rand_int_range (rand, 0, 25) == 0;
  header.lamport += spoil;
  MabeiChange *change = change_maker_seal (&maker, device, &header, "x");
  history->impossible[at] = spoil;
  for (guint i = 0; i < at; i++) {
    gboolean cited = history->changes[i] == prev;
    for (guint j = 0; j < n_others; j++)
      cited |= history->changes[i] == others[j];
    for (guint j = 0; cited && j <= i; j++)
      history->past[at][j] |= history->past[i][j];
    history->impossible[at] |= cited && history->impossible[i];
  }
  history->past[at][at] = TRUE;
  history->changes[history->n_changes++] = change;
}

static void
shuffle (guint *order, guint n, GRand *rand)
{
  for (guint i = n; i-- > 1;) {
    guint j = (guint) g_rand_int_range (rand, 0, (gint32) i + 1), swapped = order[i];
    order[i] = order[j];
    order[j] = swapped;
  }
}

static const MabeiId *
id_at (const History *history, guint i)
{
  return mabei_change_id (history->changes[i]);
}

static void
check_heads (const History *history, MabeiGraph *graph)
{
  g_autoptr (GArray) heads = mabei_graph_heads (graph);
  guint n_heads = 0;
  for (guint i = 0; i < history->n_changes; i++) {
    gboolean head = !history->impossible[i];
    for (guint j = 0; j < history->n_changes; j++)
      head = head && (j == i || history->impossible[j] || !history->past[j][i]);
    if (!head)
      continue;
    n_heads++;
    gboolean listed = FALSE;
    for (guint k = 0; k < heads->len; k++)
      listed |= mabei_id_equal (&g_array_index (heads, MabeiId, k), id_at (history, i));
    g_assert_true (listed);
  }
  g_assert_cmpuint (heads->len, ==, n_heads);
}

/* mabei_graph_at by its definition: the only change at that place in the past, along prev links for one's own. */
static MabeiChange *
model_at (const History *history, guint place, guint citing)
{
  const MabeiHeader *wanted = mabei_change_header (history->changes[place]);
  const MabeiHeader *from = mabei_change_header (history->changes[citing]);
  MabeiChange *found = NULL;
  if (mabei_short_id_equal (&wanted->device, &from->device)) {
    for (guint i = citing + 1; i-- > 0;) {
      const MabeiHeader *last = found != NULL ? mabei_change_header (found) : NULL;
      if (i == citing || (last->seq > wanted->seq && last->seq > 0 && mabei_id_equal (&last->prev, id_at (history, i))))
        found = history->changes[i];
    }
    return mabei_change_header (found)->seq == wanted->seq ? found : NULL;
  }
  for (guint i = 0; i <= citing; i++) {
    const MabeiHeader *header = mabei_change_header (history->changes[i]);
    if (!history->past[citing][i] || header->seq != wanted->seq ||
        !mabei_short_id_equal (&header->device, &wanted->device))
      continue;
    if (found != NULL)
      return NULL;
    found = history->changes[i];
  }
  return found;
}

static void
check_pairs (const History *history, MabeiGraph *graph)
{
  for (guint i = 0; i < history->n_changes; i++) {
    g_assert_true (mabei_graph_has_complete (graph, id_at (history, i)) == !history->impossible[i]);
    if (history->impossible[i])
      continue;
    g_autoptr (GPtrArray) after = mabei_graph_after (graph, id_at (history, i), 1);
    guint n_after = 0;
    for (guint j = 0; j < history->n_changes; j++) {
      if (history->impossible[j])
        continue;
      gboolean before = history->past[i][j];
      g_assert_true (mabei_graph_is_past (graph, id_at (history, j), id_at (history, i)) == before);
      g_assert_true (g_ptr_array_find (after, history->changes[j], NULL) == !before);
      n_after += !before;
      const MabeiHeader *header = mabei_change_header (history->changes[j]);
      g_assert_true (mabei_graph_at (graph, &header->device, header->seq, id_at (history, i)) ==
                     model_at (history, j, i));
    }
    g_assert_cmpuint (after->len, ==, n_after);
  }
}

static void
check_order (GPtrArray *ordered, GPtrArray *first)
{
  g_assert_cmpuint (ordered->len, ==, first->len);
  for (guint i = 0; i < ordered->len; i++) {
    g_assert_true (g_ptr_array_index (ordered, i) == g_ptr_array_index (first, i));
    if (i == 0)
      continue;
    const MabeiHeader *before = mabei_change_header (g_ptr_array_index (ordered, i - 1));
    const MabeiHeader *here = mabei_change_header (g_ptr_array_index (ordered, i));
    g_assert_true (before->lamport < here->lamport ||
                   (before->lamport == here->lamport && mabei_short_id_compare (&before->device, &here->device) <= 0));
  }
}

static void
deliver (const History *history, MabeiGraph *graph, GRand *rand)
{
  guint order[2 * N_CHANGES];
  for (guint i = 0; i < 2 * N_CHANGES; i++) /* each at least once, most of them twice */
    order[i] = i < N_CHANGES ? i : (guint) g_rand_int_range (rand, 0, N_CHANGES);
  shuffle (order, 2 * N_CHANGES, rand);
  for (guint i = 0; i < 2 * N_CHANGES; i++)
    mabei_graph_add (graph, history->changes[order[i]]);
  g_assert_cmpuint (mabei_graph_n_waiting (graph), ==, 0);
  g_autoptr (GArray) missing = mabei_graph_missing (graph, 100);
  g_assert_cmpuint (missing->len, ==, 0);
}

static void
test_any_order (void)
{
  guint n_forked = 0, n_impossible = 0;
  for (guint seed = 0; seed < N_HISTORIES; seed++) {
    g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
    g_autofree History *history = g_new0 (History, 1);
    g_autoptr (GPtrArray) first = NULL;
    while (history->n_changes < N_CHANGES)
      grow (history, rand);
    for (guint i = 0; i < N_ORDERS; i++) {
      g_autoptr (MabeiGraph) graph = mabei_graph_new (NULL, NULL, NULL);
      g_test_message ("history %u, order %u", seed, i);
      deliver (history, graph, rand);
      g_autoptr (GPtrArray) ordered = mabei_graph_ordered (graph);
      if (first == NULL)
        first = g_ptr_array_ref (ordered);
      check_order (ordered, first);
      check_heads (history, graph);
      check_pairs (history, graph);
      for (guint device = 0; i == 0 && device < 5; device++)
        n_forked += mabei_graph_is_forked (graph, mabei_device_key_id (maker.devices[device]));
    }
    for (guint i = 0; i < N_CHANGES; i++) {
      n_impossible += history->impossible[i];
      mabei_change_unref (history->changes[i]);
    }
  }
  g_assert_cmpuint (n_forked, >, N_HISTORIES); /* the generator does make what it should */
  g_assert_cmpuint (n_impossible, >, N_HISTORIES);
}

/* Delivered without some changes: exactly those whose whole past is there are complete. */
static void
test_gaps (void)
{
  for (guint seed = 100; seed < 130; seed++) {
    g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
    g_autofree History *history = g_new0 (History, 1);
    g_autoptr (MabeiGraph) graph = mabei_graph_new (NULL, NULL, NULL);
    gboolean delivered[N_CHANGES];
    while (history->n_changes < N_CHANGES)
      grow (history, rand);
    for (guint i = N_CHANGES; i-- > 0;) {
      delivered[i] = g_rand_int_range (rand, 0, 10) != 0;
      if (delivered[i])
        mabei_graph_add (graph, history->changes[i]);
    }
    for (guint i = 0; i < N_CHANGES; i++) {
      gboolean whole = !history->impossible[i];
      for (guint j = 0; j <= i; j++)
        whole = whole && (!history->past[i][j] || delivered[j]);
      g_assert_true (mabei_graph_has_complete (graph, id_at (history, i)) == whole);
    }
    g_autoptr (GArray) missing = mabei_graph_missing (graph, 1000);
    for (guint i = 0; i < missing->len; i++)
      g_assert_null (mabei_graph_lookup (graph, &g_array_index (missing, MabeiId, i)));
    for (guint i = 0; i < N_CHANGES; i++)
      mabei_change_unref (history->changes[i]);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  change_maker_init (&maker);
  g_test_add_func ("/graph/random/any-order", test_any_order);
  g_test_add_func ("/graph/random/gaps", test_gaps);
  int status = g_test_run ();
  change_maker_clear (&maker);
  return status;
}
