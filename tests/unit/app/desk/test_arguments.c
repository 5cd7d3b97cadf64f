/* Foreign words: what a person, a script or a hostile program types behind a verb. */
#include <string.h>

#include "app/desk/arguments.h"
#include "app/desk/code.h"

static MabeiArguments *
parse (const char *specification, GError **error, ...)
{
  const char *words[16] = {NULL};
  va_list list;
  va_start (list, error);
  for (guint i = 0; i < 15 && (words[i] = va_arg (list, const char *)) != NULL; i++)
    ;
  va_end (list);
  return mabei_arguments_parse (specification, words, error);
}

#define assert_usage(arguments, error)                                                                                 \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    g_assert_null (arguments);                                                                                         \
    g_assert_error (error, MABEI_DESK_ERROR, MABEI_CODE_USAGE);                                                        \
    g_assert_null (strchr ((error)->message, '\n'));                                                                   \
  }                                                                                                                    \
  G_STMT_END

static void
test_options_and_words (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MabeiArguments) a =
      parse ("DOC --at= --insert= --all", &error, "d1", "--at", "7", "--insert=甲", "--all", NULL);
  guint64 at = 0;
  g_assert_no_error (error);
  g_assert_cmpstr (mabei_arguments_word (a, 0), ==, "d1");
  g_assert_null (mabei_arguments_word (a, 1));
  g_assert_true (mabei_arguments_number (a, "--at", 10, &at, &error));
  g_assert_cmpuint (at, ==, 7);
  g_assert_cmpstr (mabei_arguments_option (a, "--insert"), ==, "甲");
  g_assert_cmpstr (mabei_arguments_option (a, "--all"), ==, "");
  g_assert_null (mabei_arguments_option (a, "--other"));
}

static void
test_text_that_looks_like_an_option (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MabeiArguments) value = parse ("--insert=", &error, "--insert", "--at", NULL);
  g_assert_no_error (error);
  g_assert_cmpstr (mabei_arguments_option (value, "--insert"), ==, "--at");
  g_autoptr (MabeiArguments) word = parse ("TEXT", &error, "--", "--at", NULL);
  g_assert_no_error (error);
  g_assert_cmpstr (mabei_arguments_word (word, 0), ==, "--at");
  g_autoptr (MabeiArguments) negative = parse ("FIELD VALUE", &error, "amount", "-500", NULL);
  g_assert_no_error (error);
  g_assert_cmpstr (mabei_arguments_word (negative, 1), ==, "-500");
}

static void
test_what_is_refused (void)
{
  static const struct {
    const char *specification;
    const char *words[4];
  } cases[] = {
      {"DOC", {NULL}},
      {"DOC", {"a", "b", NULL}},
      {"", {"a", NULL}},
      {"--at=", {"--at", NULL}},
      {"--at=", {"--at", "1", "--at=2", NULL}},
      {"--all", {"--all=1", NULL}},
      {"--at=", {"--att", "1", NULL}},
      {"DOC", {"\xff\xfe", NULL}},
      {"--at=", {"--at", "\xff", NULL}},
      {"--at=", {"--at=\xc3", NULL}},
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (MabeiArguments) a = mabei_arguments_parse (cases[i].specification, cases[i].words, &error);
    assert_usage (a, error);
  }
}

static void
test_numbers (void)
{
  static const char *const bad[] = {"", "x", "-1", "11", "1.5", "0x5", "99999999999999999999", " 1"};
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (MabeiArguments) a = parse ("--at=", &error, "--at", bad[i], NULL);
    guint64 at = 5;
    g_assert_nonnull (a);
    g_assert_false (mabei_arguments_number (a, "--at", 10, &at, &error));
    g_assert_error (error, MABEI_DESK_ERROR, MABEI_CODE_USAGE);
    g_assert_cmpuint (at, ==, 5);
  }
  g_autoptr (GError) error = NULL;
  g_autoptr (MabeiArguments) a = parse ("--at=", &error, "--at", "10", NULL);
  guint64 at = 0;
  g_assert_true (mabei_arguments_number (a, "--at", 10, &at, &error));
  g_assert_cmpuint (at, ==, 10);
}

static void
test_repeated_and_rest (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MabeiArguments) a = parse ("PERSON... --to=* -o=", &error, "--to", "a", "--to=b", "c", "-o", "f", NULL);
  g_assert_no_error (error);
  const char *const *all = mabei_arguments_all (a, "--to");
  g_assert_cmpstr (all[0], ==, "a");
  g_assert_cmpstr (all[1], ==, "b");
  g_assert_null (all[2]);
  g_assert_cmpuint (mabei_arguments_n_words (a), ==, 1);
  g_assert_cmpstr (mabei_arguments_option (a, "-o"), ==, "f");
}

static void
test_a_word_of_a_megabyte (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *large = g_strnfill (1024 * 1024, 'a');
  g_autoptr (MabeiArguments) a = parse ("TEXT", &error, large, NULL);
  assert_usage (a, error);
  g_assert_cmpuint (strlen (error->message), <, 200);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/desk/arguments/options-and-words", test_options_and_words);
  g_test_add_func ("/desk/arguments/text-that-looks-like-an-option", test_text_that_looks_like_an_option);
  g_test_add_func ("/desk/arguments/what-is-refused", test_what_is_refused);
  g_test_add_func ("/desk/arguments/numbers", test_numbers);
  g_test_add_func ("/desk/arguments/repeated-and-rest", test_repeated_and_rest);
  g_test_add_func ("/desk/arguments/a-word-of-a-megabyte", test_a_word_of_a_megabyte);
  return g_test_run ();
}
