/* Reading JSON token by token: what is JSON and what is not. */
#include "app/ctl/json_reader.h"

static gboolean
is_json (const char *text, gsize n_bytes)
{
  MabeiJsonReader reader;
  mabei_json_reader_init (&reader, text, n_bytes);
  return mabei_json_reader_skip (&reader) && mabei_json_reader_at_end (&reader);
}

static void
test_what_is_json (void)
{
  static const char *const good[] = {
      "0",
      "-0",
      "12.5e-3",
      "1E+9",
      "true",
      "false",
      "null",
      "\"\"",
      "\"a\\n\\u00e9\\ud83d\\ude00\\/\"",
      "[]",
      "{}",
      " [ 1 , [ ] , { \"a\" : { } , \"b\" : [ null ] } ]\n",
      "[[[[[[]]]]]]",
      "{\"a\":{\"a\":{\"a\":1}},\"b\":[]}",
  };
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (is_json (good[i], strlen (good[i])));
}

static void
test_what_is_not_json (void)
{
  static const char *const bad[] = {
      "",
      " ",
      "[",
      "]",
      "{",
      "}",
      "[1",
      "[1,",
      "[1,]",
      "[,1]",
      "[1 2]",
      "{\"a\"}",
      "{\"a\":}",
      "{\"a\":1,}",
      "{1:2}",
      "{,}",
      "[}",
      "{]",
      "01",
      "-",
      "1.",
      ".5",
      "1e",
      "+1",
      "tru",
      "nul",
      "True",
      "\"",
      "\"\\",
      "\"\\x\"",
      "\"\\u12\"",
      "\"\\u12g4\"",
      "\"\\ud83d\"",
      "\"\\ud83dx\"",
      "\"\\ud83d\\u0041\"",
      "\"\\ude00\"",
      "\"\\u0000\"",
      "\"\n\"",
      "[1]]",
      "1 1",
      "{} {}",
      "NaN",
      "'a'",
      "[1]x",
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (is_json (bad[i], strlen (bad[i])));
}

static char *
nested (guint depth, char open, char close)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < depth; i++)
    g_string_append (text, open == '[' ? "[" : i + 1 < depth ? "{\"a\":" : "{");
  for (guint i = 0; i < depth; i++)
    g_string_append_c (text, close);
  return g_string_free (text, FALSE);
}

static void
test_depth (void)
{
  g_autofree char *deepest = nested (MABEI_JSON_DEPTH_MAX, '[', ']');
  g_autofree char *too_deep = nested (MABEI_JSON_DEPTH_MAX + 1, '[', ']');
  g_autofree char *objects = nested (MABEI_JSON_DEPTH_MAX, '{', '}');
  g_autofree char *too_deep_objects = nested (MABEI_JSON_DEPTH_MAX + 1, '{', '}');
  g_autofree char *abyss = g_strnfill (1000000, '[');
  g_assert_true (is_json (deepest, strlen (deepest)));
  g_assert_false (is_json (too_deep, strlen (too_deep)));
  g_assert_true (is_json (objects, strlen (objects)));
  g_assert_false (is_json (too_deep_objects, strlen (too_deep_objects)));
  g_assert_false (is_json (abyss, 1000000));
}

static void
test_values (void)
{
  static const char text[] = "{\"n\": 4294967295, \"s\": \"\\u8c03\\ud83d\\ude00\\t\", \"list\": [1, 2]}";
  MabeiJsonReader reader;
  g_autoptr (GString) string = g_string_new (NULL);
  guint32 number = 0, sum = 0;
  mabei_json_reader_init (&reader, text, strlen (text));
  g_assert_true (mabei_json_reader_enter (&reader, '{'));
  g_assert_true (mabei_json_reader_next_member (&reader, string));
  g_assert_cmpstr (string->str, ==, "n");
  g_assert_true (mabei_json_reader_number (&reader, &number));
  g_assert_cmpuint (number, ==, G_MAXUINT32);
  g_assert_true (mabei_json_reader_next_member (&reader, string));
  g_string_truncate (string, 0);
  g_assert_true (mabei_json_reader_string (&reader, string));
  g_assert_cmpstr (string->str, ==, "调😀\t");
  g_assert_true (mabei_json_reader_next_member (&reader, string));
  g_assert_true (mabei_json_reader_enter (&reader, '['));
  while (mabei_json_reader_next_element (&reader)) {
    g_assert_true (mabei_json_reader_number (&reader, &number));
    sum += number;
  }
  g_assert_cmpuint (sum, ==, 3);
  g_assert_false (mabei_json_reader_next_member (&reader, string));
  g_assert_true (mabei_json_reader_at_end (&reader));
}

static void
test_whole_numbers (void)
{
  static const char *const bad[] = {"-1", "4294967296", "99999999999999999999999", "1.0", "1e3", "00", "true", "\"1\""};
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    MabeiJsonReader reader;
    guint32 number = 77;
    mabei_json_reader_init (&reader, bad[i], strlen (bad[i]));
    g_assert_false (mabei_json_reader_number (&reader, &number));
    g_assert_cmpuint (number, ==, 77);
    g_assert_nonnull (reader.failure);
    g_assert_false (mabei_json_reader_skip (&reader));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-reader/what-is-json", test_what_is_json);
  g_test_add_func ("/json-reader/what-is-not-json", test_what_is_not_json);
  g_test_add_func ("/json-reader/depth", test_depth);
  g_test_add_func ("/json-reader/values", test_values);
  g_test_add_func ("/json-reader/whole-numbers", test_whole_numbers);
  return g_test_run ();
}
