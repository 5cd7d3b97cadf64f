/* Replaying traces: what is replayed, and what each bad file is told. */
#include "app/ctl/replay.h"

#include <gio/gio.h>
#include <glib/gstdio.h>

#define STEPS(steps) "\"txns\":[" steps "]"
#define EDIT(position, deleted, inserted) "{\"patches\":[[" #position "," #deleted ",\"" inserted "\"]]}"

static char *
write_file (const char *bytes, gsize n_bytes)
{
  char *path = NULL;
  gint fd = g_file_open_tmp ("mabei-trace-XXXXXX", &path, NULL);
  g_assert_cmpint (fd, >=, 0);
  g_close (fd, NULL);
  g_assert_true (g_file_set_contents (path, bytes, (gssize) n_bytes, NULL));
  return path;
}

static char *
gzip (const char *bytes, gsize n_bytes, gsize *n_packed)
{
  g_autoptr (GZlibCompressor) zlib = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9);
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) stream = g_converter_output_stream_new (memory, G_CONVERTER (zlib));
  g_assert_true (g_output_stream_write_all (stream, bytes, n_bytes, NULL, NULL, NULL));
  g_assert_true (g_output_stream_close (stream, NULL, NULL));
  *n_packed = g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (memory));
  return g_memory_output_stream_steal_data (G_MEMORY_OUTPUT_STREAM (memory));
}

static gboolean
replay_bytes (const char *bytes, gsize n_bytes, MabeiReplayResult *result, GError **error)
{
  g_autofree char *path = write_file (bytes, n_bytes);
  gboolean done = mabei_replay_run (path, FALSE, result, error);
  g_unlink (path);
  return done;
}

static void
assert_replays (const char *trace, guint64 chars)
{
  MabeiReplayResult result;
  g_autoptr (GError) error = NULL;
  replay_bytes (trace, strlen (trace), &result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (result.chars, ==, chars);
}

static void
assert_refused_bytes (const char *bytes, gsize n_bytes, MabeiTraceError code)
{
  MabeiReplayResult result = {.chars = 4711};
  g_autoptr (GError) error = NULL;
  g_assert_false (replay_bytes (bytes, n_bytes, &result, &error));
  g_assert_error (error, MABEI_TRACE_ERROR, (gint) code);
  g_assert_cmpuint (result.chars, ==, 4711);
  g_assert_null (strchr (error->message, '\n'));
}

static void
assert_refused (const char *trace, MabeiTraceError code)
{
  assert_refused_bytes (trace, strlen (trace), code);
}

static void
test_sequential (void)
{
  static const char trace[] = "{\"startContent\":\"ab\",\"endContent\":\"aX\\ud83d\\ude00\",\"unknown\":[{}]," STEPS (
      EDIT (1, 1, "XY") ",{\"time\":\"t\",\"patches\":[[2,1,\"\"],[2,0,\"\\ud83d\\ude00\"]]}") "}";
  MabeiReplayResult result;
  g_autoptr (GError) error = NULL;
  replay_bytes (trace, strlen (trace), &result, &error);
  g_assert_no_error (error);
  g_assert_cmpint (result.kind, ==, MABEI_TRACE_SEQUENTIAL);
  g_assert_cmpstr (mabei_replay_kind_name (result.kind), ==, "sequential");
  g_assert_cmpuint (result.chars, ==, 3);
  g_autofree char *sha256 = g_compute_checksum_for_string (G_CHECKSUM_SHA256, "aX😀", -1);
  g_assert_cmpstr (result.sha256, ==, sha256);
  g_assert_cmpuint (result.bytes_saved, >, 0);
  g_assert_cmpfloat (result.bytes_per_op, >, 0);
}

static void
test_packed (void)
{
  static const char trace[] = "{\"endContent\":\"hi\"," STEPS (EDIT (0, 0, "hi")) "}";
  gsize n_packed;
  g_autofree char *packed = gzip (trace, strlen (trace), &n_packed);
  MabeiReplayResult result;
  g_autoptr (GError) error = NULL;
  replay_bytes (packed, n_packed, &result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (result.chars, ==, 2);
  for (gsize n = 2; n < n_packed; n++)
    assert_refused_bytes (packed, n, MABEI_TRACE_ERROR_FORMAT);
}

static void
test_concurrent (void)
{
  /* Agents are ordered as numbers: 10 writes after 9. */
  assert_replays ("{\"endContent\":\"ninten\"," STEPS (
                      "{\"parents\":[],\"agent\":10,\"patches\":[[0,0,\"ten\"]]},"
                      "{\"parents\":[],\"agent\":9,\"numChildren\":0,\"patches\":[[0,0,\"nin\"]]}") "}",
                  6);
  /* One agent at two places at once; a merge with both as parents. */
  assert_replays ("{\"startContent\":\"-\",\"endContent\":\"a-b!\"," STEPS (
                      "{\"parents\":[],\"agent\":0,\"patches\":[[0,0,\"a\"]]},"
                      "{\"parents\":[],\"agent\":0,\"patches\":[[1,0,\"b\"]]},"
                      "{\"parents\":[0,1],\"agent\":1,\"patches\":[[3,0,\"!\"]]}") "}",
                  4);
}

static void
test_many_branches (void)
{
  /* More heads than texts are kept for: each of 40 agents knows its own last step only. */
  g_autoptr (GString) trace = g_string_new (NULL);
  g_string_assign (trace, "{\"endContent\":\"");
  for (guint agent = 0; agent < 40; agent++)
    g_string_append (trace, "xyz");
  g_string_append (trace, "\",\"txns\":[");
  for (guint step = 0; step < 120; step++) {
    g_autofree char *parent = step < 40 ? g_strdup ("") : g_strdup_printf ("%u", step - 40);
    g_string_append_printf (trace, "%s{\"parents\":[%s],\"agent\":%u,\"patches\":[[%u,0,\"%c\"]]}", step > 0 ? "," : "",
                            parent, step % 40, step / 40, "xyz"[step / 40]);
  }
  g_string_append (trace, "]}");
  assert_replays (trace->str, 120);
}

static void
test_conformance (void)
{
  assert_replays ("[{\"endContent\":\"abX\",\"txns\":["
                  "{\"span\":[0,3],\"parents\":[],\"agent\":\"b\",\"seqStart\":0,\"ops\":[[0,0,\"ab\"],[0,0,\"-\"]]},"
                  "{\"span\":[3,4],\"parents\":[2],\"agent\":\"a\",\"seqStart\":0,\"ops\":[[0,1,\"\"]]},"
                  "{\"span\":[4,5],\"parents\":[2],\"agent\":\"a\",\"seqStart\":1,\"ops\":[[3,0,\"X\"]]}]},"
                  "{\"endContent\":\"\",\"txns\":[]}]",
                  3);
}

static void
test_another_end_has_its_own_code (void)
{
  assert_refused ("{\"endContent\":\"hi!\"," STEPS (EDIT (0, 0, "hi")) "}", MABEI_TRACE_ERROR_DIFFERENT);
}

static void
test_positions_are_checked (void)
{
  assert_refused ("{\"endContent\":\"\"," STEPS (EDIT (1, 0, "x")) "}", MABEI_TRACE_ERROR_POSITION);
  assert_refused ("{\"endContent\":\"\"," STEPS (EDIT (0, 1, "")) "}", MABEI_TRACE_ERROR_POSITION);
  assert_refused ("{\"endContent\":\"\"," STEPS (EDIT (4294967295, 1, "")) "}", MABEI_TRACE_ERROR_POSITION);
}

static void
test_what_is_no_trace (void)
{
  static const char *const bad[] = {
      "",
      "[]",
      "{}",
      "null",
      "[1]",
      "{\"endContent\":\"\"}",
      "{\"txns\":[]}",
      "{\"endContent\":1,\"txns\":[]}",
      "{\"endContent\":\"\",\"txns\":{}}",
      "{\"endContent\":\"\",\"txns\":[{}]}",
      "{\"endContent\":\"\",\"txns\":[{\"patches\":[[0,0]]}]}",
      "{\"endContent\":\"\",\"txns\":[{\"patches\":[[0,0,\"\",1]]}]}",
      "{\"endContent\":\"\",\"txns\":[{\"patches\":[[0,-1,\"\"]]}]}",
      "{\"endContent\":\"\",\"txns\":[{\"patches\":[[0,0,\"\\ud800\"]]}]}",
      "{\"endContent\":\"\",\"txns\":[{\"patches\":[[0,0,\"\\u0000\"]]}]}",
      "{\"endContent\":\"\",\"txns\":[{\"patches\":[],\"patches\":[]}]}",
      "{\"endContent\":\"\",\"txns\":[{\"patches\":[],\"parents\":[]}]}",
      "{\"endContent\":\"\",\"txns\":[{\"patches\":[],\"agent\":1}]}",
      "{\"endContent\":\"\",\"txns\":[{\"patches\":[],\"agent\":\"\",\"parents\":[]}]}",
      "{\"endContent\":\"\",\"txns\":[{\"patches\":[],\"agent\":1,\"parents\":[0]}]}",
      "{\"endContent\":\"\",\"txns\":[{\"patches\":[]},{\"patches\":[],\"agent\":1,\"parents\":[]}]}",
      "{\"endContent\":\"\",\"txns\":[]} x",
      "[{\"endContent\":\"\",\"txns\":[]}",
      "[{\"endContent\":\"\",\"txns\":[{\"span\":[0,2],\"parents\":[],\"agent\":\"a\",\"seqStart\":0,\"ops\":[[0,0,"
      "\"x\"]]}]}]",
      "[{\"endContent\":\"\",\"txns\":[{\"span\":[0,1],\"parents\":[],\"agent\":\"a\",\"seqStart\":4294967295,"
      "\"ops\":[[0,0,\"x\"]]}]}]",
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_refused (bad[i], MABEI_TRACE_ERROR_FORMAT);
  assert_refused ("{\"endContent\":\"\xff\"," STEPS ("") "}", MABEI_TRACE_ERROR_FORMAT);
  /* One agent gives one number twice. */
  assert_refused ("[{\"endContent\":\"\",\"txns\":["
                  "{\"span\":[0,1],\"parents\":[],\"agent\":\"a\",\"seqStart\":0,\"ops\":[[0,0,\"x\"]]},"
                  "{\"span\":[1,2],\"parents\":[0],\"agent\":\"a\",\"seqStart\":0,\"ops\":[[0,0,\"y\"]]}]}]",
                  MABEI_TRACE_ERROR_FORMAT);
  assert_refused ("[{\"endContent\":\"\",\"txns\":["
                  "{\"span\":[0,1],\"parents\":[],\"agent\":\"a\",\"seqStart\":0,\"ops\":[[0,0,\"x\"]]},"
                  "{\"span\":[1,2],\"parents\":[],\"agent\":\"a\",\"seqStart\":0,\"ops\":[[0,0,\"y\"]]}]}]",
                  MABEI_TRACE_ERROR_FORMAT);
}

static void
test_deep_nesting (void)
{
  g_autofree char *abyss = g_strnfill (200000, '[');
  assert_refused (abyss, MABEI_TRACE_ERROR_FORMAT);
  g_autofree char *inside = g_strconcat ("{\"unknown\":", abyss, NULL);
  assert_refused (inside, MABEI_TRACE_ERROR_FORMAT);
}

static void
test_size (void)
{
  /* A trace of exactly the limit, padded with blanks, and one byte more; packed, both are small. */
  static const char trace[] = "{\"endContent\":\"hi\"," STEPS (EDIT (0, 0, "hi")) "}";
  gsize size = (gsize) MABEI_TRACE_BYTES_MAX + 1, n_packed;
  g_autofree char *padded = g_strnfill (size, ' ');
  memcpy (padded, trace, strlen (trace));
  g_autofree char *whole = gzip (padded, size - 1, &n_packed);
  MabeiReplayResult result;
  g_autoptr (GError) error = NULL;
  replay_bytes (whole, n_packed, &result, &error);
  g_assert_no_error (error);
  g_autofree char *bomb = gzip (padded, size, &n_packed);
  g_assert_cmpuint (n_packed, <, 200000);
  assert_refused_bytes (bomb, n_packed, MABEI_TRACE_ERROR_TOO_LARGE);
  assert_refused_bytes (padded, size, MABEI_TRACE_ERROR_TOO_LARGE);
}

static void
test_no_file (void)
{
  MabeiReplayResult result;
  g_autoptr (GError) error = NULL;
  g_assert_false (mabei_replay_run ("/nonexistent/trace.json", FALSE, &result, &error));
  g_assert_error (error, MABEI_TRACE_ERROR, MABEI_TRACE_ERROR_FILE);
  g_clear_error (&error);
  g_assert_false (mabei_replay_run (g_get_tmp_dir (), FALSE, &result, &error));
  g_assert_error (error, MABEI_TRACE_ERROR, MABEI_TRACE_ERROR_FILE);
}

static void
test_peer_sizes_count_names (void)
{
  static const char trace[] = "{\"endContent\":\"hi\"," STEPS (EDIT (0, 0, "hi")) "}";
  g_autofree char *path = write_file (trace, strlen (trace));
  MabeiReplayResult bare, whole;
  g_assert_true (mabei_replay_run (path, FALSE, &bare, NULL));
  g_assert_true (mabei_replay_run (path, TRUE, &whole, NULL));
  g_unlink (path);
  /* first number, references, length, and the author's name with its length */
  g_assert_cmpfloat_with_epsilon (whole.bytes_per_op * 2 - bare.bytes_per_op * 2, 3 + 7, 1e-6);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/replay/sequential", test_sequential);
  g_test_add_func ("/replay/packed", test_packed);
  g_test_add_func ("/replay/concurrent", test_concurrent);
  g_test_add_func ("/replay/many-branches", test_many_branches);
  g_test_add_func ("/replay/conformance", test_conformance);
  g_test_add_func ("/replay/another-end-has-its-own-code", test_another_end_has_its_own_code);
  g_test_add_func ("/replay/positions-are-checked", test_positions_are_checked);
  g_test_add_func ("/replay/what-is-no-trace", test_what_is_no_trace);
  g_test_add_func ("/replay/deep-nesting", test_deep_nesting);
  g_test_add_func ("/replay/size", test_size);
  g_test_add_func ("/replay/no-file", test_no_file);
  g_test_add_func ("/replay/peer-sizes-count-names", test_peer_sizes_count_names);
  return g_test_run ();
}
