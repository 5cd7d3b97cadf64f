/* Sentences made from read models: who can hear, what a device lacks, when something was. */
#include <locale.h>
#include <string.h>
#include "ui/model/time_words.h"
#include "ui/model/words.h"

static gint64
local_ms (int year, int month, int day, int hour, int minute)
{
  g_autoptr (GDateTime) time = g_date_time_new_local (year, month, day, hour, minute, 0);

  return g_date_time_to_unix (time) * 1000;
}

static void
assert_time (gint64 at_ms, gint64 now_ms, const char *wanted)
{
  g_autofree char *words = mabei_time_words_between (at_ms, now_ms);

  g_assert_cmpstr (words, ==, wanted);
}

static void
test_times (void)
{
  gint64 now_ms = local_ms (2026, 11, 24, 9, 30);

  assert_time (local_ms (2026, 11, 24, 0, 0), now_ms, "Today 00:00");
  assert_time (local_ms (2026, 11, 23, 23, 59), now_ms, "Yesterday 23:59");
  assert_time (local_ms (2026, 11, 22, 8, 5), now_ms, "22 Nov 08:05");
  assert_time (local_ms (2025, 12, 31, 8, 5), now_ms, "31 Dec 2025");
  assert_time (G_MAXINT64, now_ms, ""); /* a foreign clock may say anything */
  assert_time (G_MININT64, now_ms, "");
}

static void
test_codes (void)
{
  g_autofree char *six = mabei_words_code ("482913");
  g_autofree char *odd = mabei_words_code ("48");
  g_autofree char *none = mabei_words_code (NULL);

  g_assert_cmpstr (six, ==, "482 913");
  g_assert_cmpstr (odd, ==, "48");
  g_assert_cmpstr (none, ==, "");
}

static void
assert_names (const char *const *names, const char *wanted)
{
  g_autofree char *joined = mabei_words_names (names);

  g_assert_cmpstr (joined, ==, wanted);
}

static void
test_names (void)
{
  assert_names ((const char *const[]){NULL}, "");
  assert_names ((const char *const[]){"王", NULL}, "王");
  assert_names ((const char *const[]){"王", "张三", NULL}, "王 and 张三");
  assert_names ((const char *const[]){"王", "张三", "李四", NULL}, "王, 张三 and 李四");
}

static void
test_rooms (void)
{
  MabeiSessionView view = {.joined = TRUE, .tiles = g_ptr_array_new ()};
  MabeiTile a = {.room = (char *) "joint"}, b = {.room = (char *) "waiting"};
  g_autofree char *caucus = NULL;
  g_autofree char *waiting = NULL;
  g_autofree char *joint = NULL;

  g_ptr_array_add (view.tiles, &a);
  g_ptr_array_add (view.tiles, &b);
  view.own_room = (char *) "caucus";
  view.caucus_with = (char *) "张三";
  caucus = mabei_words_room (&view, "王");
  g_assert_cmpstr (caucus, ==, "Private talk: only 王 and 张三 can hear");
  view.own_room = (char *) "waiting";
  waiting = mabei_words_room (&view, "王");
  g_assert_nonnull (strstr (waiting, "nobody hears you"));
  view.own_room = (char *) "joint";
  joint = mabei_words_room (&view, "王");
  g_assert_cmpstr (joint, ==, "Joint talk: 1 person can hear"); /* who waits does not */
  g_ptr_array_unref (view.tiles);
}

static void
test_missing (void)
{
  MabeiViewPerson person = {.missing = 2};
  g_autofree char *never = mabei_words_missing (&person);
  g_autofree char *all = NULL;

  g_assert_cmpstr (never, ==, "Lacks 2 changes. Not heard of yet.");
  person.missing = 0;
  person.since_ms = 1000;
  all = mabei_words_missing (&person);
  g_assert_true (g_str_has_prefix (all, "Has everything."));
}

/* What a newer program writes into the record must not break an older screen. */
static void
test_unknown_kinds (void)
{
  MabeiViewEvent event = {.kind = (char *) "new-kind", .by = (char *) "王", .detail = NULL};
  g_autofree char *words = mabei_words_event (&event);

  g_assert_cmpstr (words, ==, "王 added to the case: ");
  g_assert_cmpstr (mabei_words_role ("new-role"), ==, "Invited participant");
  g_assert_cmpstr (mabei_words_role (NULL), ==, "Invited participant");
  g_assert_null (mabei_words_level (NULL));
  g_assert_cmpstr (mabei_words_step ("new-step").heading, ==, mabei_words_step ("wait").heading);
  g_assert_cmpstr (mabei_words_field ("colour"), ==, "colour");
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/words/times", test_times);
  g_test_add_func ("/ui/words/codes", test_codes);
  g_test_add_func ("/ui/words/names", test_names);
  g_test_add_func ("/ui/words/rooms", test_rooms);
  g_test_add_func ("/ui/words/missing", test_missing);
  g_test_add_func ("/ui/words/unknown", test_unknown_kinds);
  return g_test_run ();
}
