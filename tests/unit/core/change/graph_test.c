#include <string.h>

#include "core/change/graph.h"
#include "tests/unit/core/change/change_maker.h"

static ChangeMaker maker;

/* What the graph told, in order, as the first letters of the changes' bodies. */
typedef struct {
  MabeiGraph *graph;
  GString *complete;
  GString *refused;
  char spoiled; /* the body that the callback refuses */
} Fixture;

static char
letter (MabeiChange *change)
{
  for (guint i = 0; i < MAKER_DEVICES; i++) {
    g_autoptr (GBytes) body = mabei_change_open (change, maker.operation_keys[i], NULL);
    if (body != NULL)
      return ((const char *) g_bytes_get_data (body, NULL))[0];
  }
  g_assert_not_reached ();
}

static void
on_complete (MabeiChange *change, gpointer user_data)
{
  Fixture *fixture = user_data;
  g_assert_true (mabei_graph_has_complete (fixture->graph, mabei_change_id (change)));
  if (letter (change) == fixture->spoiled) {
    mabei_graph_refuse (fixture->graph, mabei_change_id (change));
    g_assert_false (mabei_graph_has_complete (fixture->graph, mabei_change_id (change)));
    return;
  }
  g_string_append_c (fixture->complete, letter (change));
}

static void
on_refused (MabeiChange *change, gpointer user_data)
{
  Fixture *fixture = user_data;
  g_string_append_c (fixture->refused, letter (change));
}

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  (void) unused;
  fixture->graph = mabei_graph_new (on_complete, on_refused, fixture);
  fixture->complete = g_string_new (NULL);
  fixture->refused = g_string_new (NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  (void) unused;
  mabei_graph_free (fixture->graph);
  g_string_free (fixture->complete, TRUE);
  g_string_free (fixture->refused, TRUE);
}

static void
assert_letters (GPtrArray *changes, const char *expected)
{
  g_autoptr (GString) letters = g_string_new (NULL);
  for (guint i = 0; i < changes->len; i++)
    g_string_append_c (letters, letter (g_ptr_array_index (changes, i)));
  g_assert_cmpstr (letters->str, ==, expected);
}

static void
assert_ids (GArray *ids, MabeiChange *const *changes, guint n_changes)
{
  g_assert_cmpuint (ids->len, ==, n_changes);
  for (guint i = 0; i < n_changes; i++) {
    gboolean found = FALSE;
    for (guint j = 0; j < ids->len; j++)
      found |= mabei_id_equal (&g_array_index (ids, MabeiId, j), mabei_change_id (changes[i]));
    g_assert_true (found);
  }
  for (guint j = 1; j < ids->len; j++)
    g_assert_cmpint (mabei_id_compare (&g_array_index (ids, MabeiId, j - 1), &g_array_index (ids, MabeiId, j)), <, 0);
}

/* The laptop writes a, b, c; they arrive as c, a, b. */
static void
test_gap_is_filled (Fixture *fixture, gconstpointer unused)
{
  (void) unused;
  g_autoptr (MabeiChange) a = change_maker_next (&maker, 0, NULL, NULL, "a");
  g_autoptr (MabeiChange) b = change_maker_next (&maker, 0, a, NULL, "b");
  g_autoptr (MabeiChange) c = change_maker_next (&maker, 0, b, NULL, "c");
  MabeiGraph *graph = fixture->graph;
  g_assert_cmpint (mabei_graph_add (graph, c), ==, MABEI_GRAPH_WAITING);
  g_assert_cmpint (mabei_graph_add (graph, c), ==, MABEI_GRAPH_DUPLICATE);
  g_autoptr (GArray) missing = mabei_graph_missing (graph, 10);
  assert_ids (missing, &b, 1);
  g_assert_true (mabei_graph_lookup (graph, mabei_change_id (c)) == c);
  g_assert_null (mabei_graph_lookup (graph, mabei_change_id (b)));
  g_assert_false (mabei_graph_has_complete (graph, mabei_change_id (c)));
  g_assert_cmpint (mabei_graph_add (graph, a), ==, MABEI_GRAPH_COMPLETE);
  g_assert_cmpuint (mabei_graph_n_waiting (graph), ==, 1);
  g_assert_cmpint (mabei_graph_add (graph, b), ==, MABEI_GRAPH_COMPLETE);
  g_assert_cmpstr (fixture->complete->str, ==, "abc");
  g_assert_cmpuint (mabei_graph_n_waiting (graph), ==, 0);
  g_assert_cmpuint (mabei_graph_n_complete (graph), ==, 3);
  g_assert_cmpint (mabei_graph_add (graph, b), ==, MABEI_GRAPH_DUPLICATE);
  g_autoptr (GArray) none = mabei_graph_missing (graph, 10);
  g_assert_cmpuint (none->len, ==, 0);
  g_autoptr (GArray) heads = mabei_graph_heads (graph);
  assert_ids (heads, &c, 1);
  guint64 seq;
  MabeiId tip;
  g_assert_true (mabei_graph_tip (graph, mabei_device_key_id (maker.devices[0]), &seq, &tip));
  g_assert_cmpuint (seq, ==, 3);
  g_assert_true (mabei_id_equal (&tip, mabei_change_id (c)));
  g_assert_false (mabei_graph_tip (graph, mabei_device_key_id (maker.devices[1]), &seq, &tip));
}

static void
test_missing_is_bounded (Fixture *fixture, gconstpointer unused)
{
  (void) unused;
  MabeiChange *others[5];
  for (guint i = 0; i < 5; i++)
    others[i] = change_maker_next (&maker, i + 1, NULL, NULL, "o");
  MabeiHeader header = change_maker_header (&maker, 0, NULL, others, 5);
  g_autoptr (MabeiChange) merge = change_maker_seal (&maker, 0, &header, "m");
  g_assert_cmpint (mabei_graph_add (fixture->graph, merge), ==, MABEI_GRAPH_WAITING);
  g_autoptr (GArray) all = mabei_graph_missing (fixture->graph, 5);
  g_autoptr (GArray) some = mabei_graph_missing (fixture->graph, 4);
  assert_ids (all, others, 5);
  g_assert_cmpuint (some->len, ==, 4);
  g_assert_cmpmem (some->data, 4 * sizeof (MabeiId), all->data, 4 * sizeof (MabeiId));
  for (guint i = 0; i < 5; i++)
    mabei_change_unref (others[i]);
}

/* Wrong Lamport; prev of another device; prev at another place. Each refused at once or when its past arrives. */
static void
test_impossible_changes (Fixture *fixture, gconstpointer unused)
{
  (void) unused;
  MabeiGraph *graph = fixture->graph;
  g_autoptr (MabeiChange) a = change_maker_next (&maker, 0, NULL, NULL, "a");
  g_autoptr (MabeiChange) b = change_maker_next (&maker, 1, NULL, NULL, "b");
  MabeiHeader header = change_maker_header (&maker, 0, a, NULL, 0);
  header.lamport = 3;
  g_autoptr (MabeiChange) ahead = change_maker_seal (&maker, 0, &header, "l");
  header = change_maker_header (&maker, 1, a, NULL, 0); /* device 1 on top of device 0's change */
  g_autoptr (MabeiChange) foreign = change_maker_seal (&maker, 1, &header, "f");
  header = change_maker_header (&maker, 0, a, NULL, 0);
  header.seq = 2;
  header.lamport = 3;
  g_autoptr (MabeiChange) skipping = change_maker_seal (&maker, 0, &header, "s");
  g_autoptr (MabeiChange) on_top = change_maker_next (&maker, 0, skipping, NULL, "t");
  g_autoptr (MabeiChange) citing = change_maker_next (&maker, 1, b, on_top, "u");

  g_assert_cmpint (mabei_graph_add (graph, b), ==, MABEI_GRAPH_COMPLETE);
  g_assert_cmpint (mabei_graph_add (graph, citing), ==, MABEI_GRAPH_WAITING);
  g_assert_cmpint (mabei_graph_add (graph, on_top), ==, MABEI_GRAPH_WAITING);
  g_assert_cmpint (mabei_graph_add (graph, skipping), ==, MABEI_GRAPH_WAITING);
  g_assert_cmpint (mabei_graph_add (graph, a), ==, MABEI_GRAPH_COMPLETE);
  g_assert_cmpstr (fixture->refused->str, ==, "tus"); /* all that stood on it, told once each */
  g_assert_cmpuint (mabei_graph_n_waiting (graph), ==, 0);
  g_assert_cmpint (mabei_graph_add (graph, ahead), ==, MABEI_GRAPH_REFUSED);
  g_assert_cmpint (mabei_graph_add (graph, foreign), ==, MABEI_GRAPH_REFUSED);
  g_assert_cmpint (mabei_graph_add (graph, skipping), ==, MABEI_GRAPH_REFUSED);
  g_assert_cmpint (mabei_graph_add (graph, citing), ==, MABEI_GRAPH_REFUSED);
  g_autoptr (GArray) missing = mabei_graph_missing (graph, 10);
  g_assert_cmpuint (missing->len, ==, 0); /* nobody is asked for what can never be complete */
  g_assert_null (mabei_graph_lookup (graph, mabei_change_id (citing)));
  g_assert_cmpuint (mabei_graph_n_complete (graph), ==, 2);
}

/* A sequence number is skipped while the Lamport number is right: the place in the chain alone tells. */
static void
test_skipped_sequence (Fixture *fixture, gconstpointer unused)
{
  (void) unused;
  g_autoptr (MabeiChange) a = change_maker_next (&maker, 0, NULL, NULL, "a");
  g_autoptr (MabeiChange) b = change_maker_next (&maker, 1, NULL, a, "b");
  MabeiHeader header = change_maker_header (&maker, 0, a, &b, 1);
  g_assert_cmpuint (header.lamport, ==, 3);
  header.seq = 2;
  g_autoptr (MabeiChange) skipping = change_maker_seal (&maker, 0, &header, "s");
  mabei_graph_add (fixture->graph, a);
  mabei_graph_add (fixture->graph, b);
  g_assert_cmpint (mabei_graph_add (fixture->graph, skipping), ==, MABEI_GRAPH_REFUSED);
}

/* The caller finds b impossible: b and all that cites it leave, whether they came before or after it. */
static void
test_caller_refuses (Fixture *fixture, gconstpointer unused)
{
  (void) unused;
  g_autoptr (MabeiChange) a = change_maker_next (&maker, 0, NULL, NULL, "a");
  g_autoptr (MabeiChange) b = change_maker_next (&maker, 0, a, NULL, "b");
  g_autoptr (MabeiChange) c = change_maker_next (&maker, 0, b, NULL, "c");
  g_autoptr (MabeiChange) d = change_maker_next (&maker, 1, NULL, b, "d");
  g_autoptr (MabeiChange) e = change_maker_next (&maker, 0, a, NULL, "e"); /* the other branch stays */
  MabeiGraph *graph = fixture->graph;
  fixture->spoiled = 'b';
  g_assert_cmpint (mabei_graph_add (graph, c), ==, MABEI_GRAPH_WAITING);
  g_assert_cmpint (mabei_graph_add (graph, a), ==, MABEI_GRAPH_COMPLETE);
  g_assert_cmpint (mabei_graph_add (graph, b), ==, MABEI_GRAPH_REFUSED);
  g_assert_cmpstr (fixture->refused->str, ==, "c");
  g_assert_cmpint (mabei_graph_add (graph, d), ==, MABEI_GRAPH_REFUSED);
  g_autoptr (GArray) heads = mabei_graph_heads (graph);
  assert_ids (heads, &a, 1);
  g_assert_cmpint (mabei_graph_add (graph, e), ==, MABEI_GRAPH_COMPLETE);
  g_assert_false (mabei_graph_is_forked (graph, mabei_device_key_id (maker.devices[0])));
  g_assert_cmpstr (fixture->complete->str, ==, "ae");
  g_autoptr (GPtrArray) ordered = mabei_graph_ordered (graph);
  assert_letters (ordered, "ae");
}

/* A refused change that waited, and would have opened a lane: the graph is as before it. */
static void
test_refuse_while_settling (Fixture *fixture, gconstpointer unused)
{
  (void) unused;
  g_autoptr (MabeiChange) a = change_maker_next (&maker, 0, NULL, NULL, "a");
  g_autoptr (MabeiChange) b = change_maker_next (&maker, 1, NULL, a, "b");
  g_autoptr (MabeiChange) c = change_maker_next (&maker, 1, b, NULL, "c");
  fixture->spoiled = 'b';
  mabei_graph_add (fixture->graph, c);
  {
    g_autoptr (MabeiChange) only_reference = mabei_change_parse (mabei_change_encoded (b), NULL);
    g_assert_cmpint (mabei_graph_add (fixture->graph, only_reference), ==, MABEI_GRAPH_WAITING);
  }
  g_assert_cmpint (mabei_graph_add (fixture->graph, a), ==, MABEI_GRAPH_COMPLETE);
  g_assert_cmpstr (fixture->complete->str, ==, "a");
  g_assert_cmpstr (fixture->refused->str, ==, "c");
  guint64 seq;
  MabeiId tip;
  g_assert_false (mabei_graph_tip (fixture->graph, mabei_device_key_id (maker.devices[1]), &seq, &tip));
  g_assert_cmpuint (mabei_graph_n_waiting (fixture->graph), ==, 0);
}

/*  Device 0 forks after a: b1 - c1 and b2. Device 1 saw only b2, device 2 both, device 3 neither. */
static void
test_fork (Fixture *fixture, gconstpointer unused)
{
  (void) unused;
  MabeiGraph *graph = fixture->graph;
  const MabeiShortId *forker = mabei_device_key_id (maker.devices[0]);
  g_autoptr (MabeiChange) a = change_maker_next (&maker, 0, NULL, NULL, "a");
  g_autoptr (MabeiChange) b1 = change_maker_next (&maker, 0, a, NULL, "b");
  g_autoptr (MabeiChange) c1 = change_maker_next (&maker, 0, b1, NULL, "c");
  g_autoptr (MabeiChange) b2 = change_maker_next (&maker, 0, a, NULL, "B");
  g_autoptr (MabeiChange) one = change_maker_next (&maker, 1, NULL, b2, "1");
  MabeiChange *both[] = {c1, b2};
  MabeiHeader header = change_maker_header (&maker, 2, NULL, both, 2);
  g_autoptr (MabeiChange) two = change_maker_seal (&maker, 2, &header, "2");
  g_autoptr (MabeiChange) three = change_maker_next (&maker, 3, NULL, a, "3");
  MabeiChange *all[] = {three, two, one, b2, c1, b1, a};
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    mabei_graph_add (graph, all[i]);
  g_assert_cmpuint (mabei_graph_n_complete (graph), ==, 7);
  g_assert_true (mabei_graph_is_forked (graph, forker));
  g_assert_false (mabei_graph_is_forked (graph, mabei_device_key_id (maker.devices[1])));
  MabeiChange *heads[] = {one, two, three};
  g_autoptr (GArray) found = mabei_graph_heads (graph);
  assert_ids (found, heads, 3);

  g_assert_true (mabei_graph_at (graph, forker, 1, mabei_change_id (one)) == b2);
  g_assert_true (mabei_graph_at (graph, forker, 0, mabei_change_id (one)) == a);
  g_assert_null (mabei_graph_at (graph, forker, 2, mabei_change_id (one))); /* here, but not in its past */
  g_assert_null (mabei_graph_at (graph, forker, 1, mabei_change_id (two))); /* both are: neither */
  g_assert_true (mabei_graph_at (graph, forker, 2, mabei_change_id (two)) == c1);
  g_assert_true (mabei_graph_at (graph, forker, 0, mabei_change_id (three)) == a);
  g_assert_null (mabei_graph_at (graph, forker, 1, mabei_change_id (three)));
  g_assert_true (mabei_graph_at (graph, forker, 1, mabei_change_id (c1)) == b1); /* along the prev links */
  g_assert_true (mabei_graph_at (graph, forker, 1, mabei_change_id (b2)) == b2);
  g_assert_true (mabei_graph_at (graph, forker, 0, mabei_change_id (b2)) == a);
  g_assert_null (mabei_graph_at (graph, forker, 2, mabei_change_id (b2)));
  g_assert_null (mabei_graph_at (graph, forker, 9, mabei_change_id (c1)));
  g_assert_null (mabei_graph_at (graph, mabei_device_key_id (maker.devices[5]), 0, mabei_change_id (c1)));

  g_assert_false (mabei_graph_is_past (graph, mabei_change_id (b1), mabei_change_id (one)));
  g_assert_true (mabei_graph_is_past (graph, mabei_change_id (b1), mabei_change_id (two)));
  g_assert_false (mabei_graph_is_past (graph, mabei_change_id (b1), mabei_change_id (b2)));
  guint64 seq;
  MabeiId tip;
  g_assert_true (mabei_graph_tip (graph, forker, &seq, &tip));
  g_assert_cmpuint (seq, ==, 3);
  g_assert_true (mabei_id_equal (&tip, mabei_change_id (c1)));
}

/* Two first changes of one device are a fork as well. */
static void
test_fork_at_the_start (Fixture *fixture, gconstpointer unused)
{
  (void) unused;
  g_autoptr (MabeiChange) a = change_maker_next (&maker, 0, NULL, NULL, "a");
  g_autoptr (MabeiChange) b = change_maker_next (&maker, 0, NULL, NULL, "b");
  g_assert_cmpint (mabei_graph_add (fixture->graph, a), ==, MABEI_GRAPH_COMPLETE);
  g_assert_false (mabei_graph_is_forked (fixture->graph, mabei_device_key_id (maker.devices[0])));
  g_assert_cmpint (mabei_graph_add (fixture->graph, b), ==, MABEI_GRAPH_COMPLETE);
  g_assert_true (mabei_graph_is_forked (fixture->graph, mabei_device_key_id (maker.devices[0])));
  guint64 seq;
  MabeiId tip;
  g_assert_true (mabei_graph_tip (fixture->graph, mabei_device_key_id (maker.devices[0]), &seq, &tip));
  const MabeiId *smaller =
      mabei_id_compare (mabei_change_id (a), mabei_change_id (b)) < 0 ? mabei_change_id (a) : mabei_change_id (b);
  g_assert_true (mabei_id_equal (&tip, smaller));
  g_assert_true (mabei_graph_at (fixture->graph, mabei_device_key_id (maker.devices[0]), 0, mabei_change_id (b)) == b);
}

static void
test_after (Fixture *fixture, gconstpointer unused)
{
  (void) unused;
  MabeiGraph *graph = fixture->graph;
  g_autoptr (MabeiChange) a = change_maker_next (&maker, 0, NULL, NULL, "a");
  g_autoptr (MabeiChange) b = change_maker_next (&maker, 1, NULL, a, "b");
  g_autoptr (MabeiChange) c = change_maker_next (&maker, 0, a, NULL, "c");
  g_autoptr (MabeiChange) d = change_maker_next (&maker, 1, b, c, "d");
  g_autoptr (MabeiChange) e = change_maker_next (&maker, 0, c, NULL, "e");
  g_autoptr (MabeiChange) absent = change_maker_next (&maker, 3, NULL, NULL, "x");
  MabeiChange *all[] = {a, b, c, d, e};
  for (guint i = 0; i < 5; i++)
    mabei_graph_add (graph, all[i]);
  g_autoptr (GPtrArray) everything = mabei_graph_after (graph, NULL, 0);
  g_assert_cmpuint (everything->len, ==, 5);
  g_autoptr (GPtrArray) ordered = mabei_graph_ordered (graph);
  for (guint i = 0; i < 5; i++)
    g_assert_true (g_ptr_array_index (everything, i) == g_ptr_array_index (ordered, i));
  const MabeiId known[] = {*mabei_change_id (b), *mabei_change_id (absent), *mabei_change_id (c)};
  g_autoptr (GPtrArray) rest = mabei_graph_after (graph, known, 3);
  g_assert_cmpuint (rest->len, ==, 2);
  g_assert_true (g_ptr_array_find (rest, d, NULL) && g_ptr_array_find (rest, e, NULL));
  const MabeiId heads[] = {*mabei_change_id (d), *mabei_change_id (e)};
  g_autoptr (GPtrArray) nothing = mabei_graph_after (graph, heads, 2);
  g_assert_cmpuint (nothing->len, ==, 0);
}

/* 100,000 changes one after another, arriving backwards: no recursion, no quadratic time. */
static void
test_deep_chain (void)
{
  const guint depth = 100000;
  g_autoptr (GPtrArray) chain = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_change_unref);
  MabeiChange *prev = NULL;
  for (guint i = 0; i < depth; i++) {
    prev = change_maker_next (&maker, i % 2, i >= 2 ? g_ptr_array_index (chain, i - 2) : NULL, prev, "x");
    g_ptr_array_add (chain, prev);
  }
  g_autoptr (MabeiGraph) graph = mabei_graph_new (NULL, NULL, NULL);
  for (guint i = depth; i-- > 1;)
    g_assert_cmpint (mabei_graph_add (graph, g_ptr_array_index (chain, i)), ==, MABEI_GRAPH_WAITING);
  g_assert_cmpint (mabei_graph_add (graph, g_ptr_array_index (chain, 0)), ==, MABEI_GRAPH_COMPLETE);
  g_assert_cmpuint (mabei_graph_n_complete (graph), ==, depth);
  g_autoptr (GPtrArray) ordered = mabei_graph_ordered (graph);
  for (guint i = 0; i < depth; i++)
    g_assert_true (g_ptr_array_index (ordered, i) == g_ptr_array_index (chain, i));
  const MabeiId *first = mabei_change_id (g_ptr_array_index (chain, 0));
  const MabeiId *last = mabei_change_id (g_ptr_array_index (chain, depth - 1));
  for (guint i = 0; i < depth; i++) { /* each a look-up, not a walk */
    const MabeiId *id = mabei_change_id (g_ptr_array_index (chain, i));
    g_assert_true (mabei_graph_is_past (graph, id, last) && mabei_graph_is_past (graph, first, id));
    g_assert_true (i == 0 || !mabei_graph_is_past (graph, id, first));
    g_autoptr (GPtrArray) after = mabei_graph_after (graph, last, 1);
    g_assert_cmpuint (after->len, ==, 0);
  }
}

/* The first of 100,000 waiting changes turns out to be impossible: all go, each told once, without recursion. */
static void
count_refused (MabeiChange *change, gpointer user_data)
{
  (void) change;
  ++*(guint *) user_data;
}

static void
test_deep_refusal (void)
{
  const guint depth = 100000;
  guint n_refused = 0;
  g_autoptr (MabeiGraph) graph = mabei_graph_new (NULL, count_refused, &n_refused);
  g_autoptr (MabeiChange) root = change_maker_next (&maker, 0, NULL, NULL, "root");
  MabeiHeader header = change_maker_header (&maker, 0, root, NULL, 0);
  header.lamport++;
  g_autoptr (MabeiChange) wrong = change_maker_seal (&maker, 0, &header, "wrong");
  g_autoptr (MabeiChange) prev = mabei_change_ref (wrong);
  for (guint i = 0; i < depth; i++) {
    MabeiChange *next = change_maker_next (&maker, 0, prev, NULL, "x");
    g_assert_cmpint (mabei_graph_add (graph, next), ==, MABEI_GRAPH_WAITING);
    mabei_change_unref (prev);
    prev = next;
  }
  g_assert_cmpint (mabei_graph_add (graph, root), ==, MABEI_GRAPH_COMPLETE);
  g_assert_cmpint (mabei_graph_add (graph, wrong), ==, MABEI_GRAPH_REFUSED);
  g_assert_cmpuint (n_refused, ==, depth);
  g_assert_cmpuint (mabei_graph_n_waiting (graph), ==, 0);
  g_assert_cmpuint (mabei_graph_n_complete (graph), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  change_maker_init (&maker);
#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/graph/gap", test_gap_is_filled);
  ADD ("/graph/missing", test_missing_is_bounded);
  ADD ("/graph/impossible", test_impossible_changes);
  ADD ("/graph/skipped", test_skipped_sequence);
  ADD ("/graph/refuse", test_caller_refuses);
  ADD ("/graph/refuse-while-settling", test_refuse_while_settling);
  ADD ("/graph/fork", test_fork);
  ADD ("/graph/fork-at-the-start", test_fork_at_the_start);
  ADD ("/graph/after", test_after);
  g_test_add_func ("/graph/deep", test_deep_chain);
  g_test_add_func ("/graph/deep-refusal", test_deep_refusal);
  int status = g_test_run ();
  change_maker_clear (&maker);
  return status;
}
