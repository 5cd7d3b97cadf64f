/* Lines of JSON from outside: what the probe reads. */
#include "app/call/json_line.h"

#include <string.h>

static void
assert_refused (const char *line, gsize length, MabeiJsonLineError code)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (mabei_json_line_parse (line, length, &error));
  g_assert_error (error, MABEI_JSON_LINE_ERROR, (int) code);
}

static void
test_members (void)
{
  static const char line[] = "{\"type\":\"ice\",\"media\":1,\"far\":2.5,\"minus\":-1,\"deep\":{\"a\":[1]}}";
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = mabei_json_line_parse (line, strlen (line), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (mabei_json_line_get_string (node, "type"), ==, "ice");
  g_assert_null (mabei_json_line_get_string (node, "media"));
  g_assert_null (mabei_json_line_get_string (node, "deep"));
  g_assert_null (mabei_json_line_get_string (node, "nothing"));
  g_assert_cmpint (mabei_json_line_get_uint (node, "media", 1), ==, 1);
  g_assert_cmpint (mabei_json_line_get_uint (node, "media", 0), ==, -1);
  g_assert_cmpint (mabei_json_line_get_uint (node, "far", 9), ==, -1);
  g_assert_cmpint (mabei_json_line_get_uint (node, "minus", 9), ==, -1);
  g_assert_cmpint (mabei_json_line_get_uint (node, "type", 9), ==, -1);
}

static void
test_bad_lines (void)
{
  static const char *const bad[] = {"", "x", "[]", "1", "\"text\"", "{", "{\"a\":}", "{\"a\":1}}", "\xff"};
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_refused (bad[i], strlen (bad[i]), MABEI_JSON_LINE_ERROR_FORMAT);
  assert_refused ("{\"a\0b\":1}", 9, MABEI_JSON_LINE_ERROR_FORMAT);
}

static void
test_depth (void)
{
  for (guint depth = MABEI_JSON_LINE_LIMIT_DEPTH; depth <= MABEI_JSON_LINE_LIMIT_DEPTH + 1; depth++) {
    g_autoptr (GString) line = g_string_new ("{\"a\":");
    for (guint i = 1; i < depth; i++)
      g_string_append_c (line, '[');
    for (guint i = 1; i < depth; i++)
      g_string_append_c (line, ']');
    g_string_append_c (line, '}');
    g_autoptr (JsonNode) node = mabei_json_line_parse (line->str, line->len, NULL);
    g_assert_true ((node != NULL) == (depth == MABEI_JSON_LINE_LIMIT_DEPTH));
  }
  /* Brackets inside a text are no depth; those after an escaped quote are still inside. */
  static const char text[] = "{\"a\":\"[[[[[[[[[[[[\\\"[[[[[[[[[[\"}";
  g_autoptr (JsonNode) node = mabei_json_line_parse (text, strlen (text), NULL);
  g_assert_nonnull (node);
  g_autofree char *bomb = g_strnfill (60000, '[');
  assert_refused (bomb, 60000, MABEI_JSON_LINE_ERROR_LIMIT);
}

static void
test_length (void)
{
  for (gsize over = 0; over < 2; over++) {
    g_autofree char *filler = g_strnfill (MABEI_JSON_LINE_LIMIT_BYTES - strlen ("{\"a\":\"\"}") + over, 'x');
    g_autofree char *line = g_strconcat ("{\"a\":\"", filler, "\"}", NULL);
    g_autoptr (JsonNode) node = mabei_json_line_parse (line, strlen (line), NULL);
    g_assert_true ((node != NULL) == (over == 0));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-line/members", test_members);
  g_test_add_func ("/json-line/bad-lines", test_bad_lines);
  g_test_add_func ("/json-line/depth", test_depth);
  g_test_add_func ("/json-line/length", test_length);
  return g_test_run ();
}
