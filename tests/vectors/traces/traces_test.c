/* Published editing traces end in their published text. */
#include "app/ctl/replay.h"

static char *
trace_path (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, name, NULL);
}

static void
assert_ends_as_published (const char *name, MabeiTraceKind kind, guint32 n_histories, const char *sha256)
{
  g_autofree char *path = trace_path (name);
  MabeiReplayResult result;
  g_autoptr (GError) error = NULL;
  mabei_replay_run (path, FALSE, &result, &error);
  g_assert_no_error (error);
  g_assert_cmpint (result.kind, ==, kind);
  g_assert_cmpuint (result.n_histories, ==, n_histories);
  if (sha256 != NULL)
    g_assert_cmpstr (result.sha256, ==, sha256);
  g_test_message ("%s: local %.2f ms, remote %.2f ms, load %.3f ms, saved %" G_GUINT64_FORMAT
                  " B, %.2f B/op, heap %" G_GUINT64_FORMAT,
                  name, result.local_ms, result.remote_ms, result.load_ms, result.bytes_saved, result.bytes_per_op,
                  result.peak_heap);
}

static void
test_automerge_paper (void)
{
  assert_ends_as_published ("automerge-paper.json.gz", MABEI_TRACE_SEQUENTIAL, 1, NULL);
}

static void
test_sveltecomponent (void)
{
  assert_ends_as_published ("sveltecomponent.json.gz", MABEI_TRACE_SEQUENTIAL, 1, NULL);
}

static void
test_friendsforever (void)
{
  assert_ends_as_published ("friendsforever.json.gz", MABEI_TRACE_CONCURRENT, 1, NULL);
}

static void
test_conformance (void)
{
  assert_ends_as_published ("egwalker-conformance-300.json.gz", MABEI_TRACE_CONFORMANCE, 300, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/traces/automerge-paper", test_automerge_paper);
  g_test_add_func ("/traces/sveltecomponent", test_sveltecomponent);
  g_test_add_func ("/traces/friendsforever", test_friendsforever);
  g_test_add_func ("/traces/egwalker-conformance", test_conformance);
  return g_test_run ();
}
