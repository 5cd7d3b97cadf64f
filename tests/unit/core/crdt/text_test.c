/* What two or three people see when they write, delete and undo in one text. */
#include "tests/unit/core/crdt/person.h"

static void
test_typing (void)
{
  g_autoptr (Person) anna = person_new ("anna");
  assert_reads (anna, "");
  person_types (anna, 0, "Vergleich");
  person_types (anna, 9, "!");
  person_types (anna, 0, "Ein ");
  person_deletes (anna, 13, 1);
  assert_reads (anna, "Ein Vergleich");
}

static void
test_positions_count_scalar_values (void)
{
  g_autoptr (Person) anna = person_new ("anna");
  g_autoptr (Person) ben = person_new ("ben");
  person_types (anna, 0, "调解😀协议");
  person_types (anna, 3, "e\xcc\x81\r\n");
  assert_reads (anna, "调解😀e\xcc\x81\r\n协议");
  g_assert_cmpuint (mabei_text_length (anna->text), ==, 9);
  person_deletes (anna, 2, 1);
  person_deletes (anna, 3, 2);
  assert_reads (anna, "调解e\n协议");
  g_autoptr (Burst) burst = person_sends (anna);
  person_receives (ben, burst);
  assert_same (anna, ben);
}

static void
test_out_of_range_is_refused (void)
{
  g_autoptr (Person) anna = person_new ("anna");
  GError *error = NULL;
  person_types (anna, 0, "abc");
  g_assert_false (mabei_text_insert (anna->text, anna->writer, 4, "x", -1, &error));
  g_assert_error (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_RANGE);
  g_clear_error (&error);
  g_assert_false (mabei_text_delete (anna->text, anna->writer, 1, 3, &error));
  g_assert_error (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_RANGE);
  g_clear_error (&error);
  g_assert_false (mabei_text_delete (anna->text, anna->writer, 4, 0, &error));
  g_assert_error (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_RANGE);
  g_clear_error (&error);
  g_assert_false (mabei_text_delete (anna->text, anna->writer, 1, G_MAXUINT32, &error));
  g_assert_error (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_RANGE);
  g_clear_error (&error);
  assert_reads (anna, "abc");
}

static void
test_what_is_no_text_is_refused (void)
{
  static const struct {
    const char *bytes;
    gssize n;
  } wrong[] = {{"\xff", 1},
               {"a\0b", 3},
               {"\xc3", 1},
               {"\xed\xa0\x80", 3},
               {"\xc0\x80", 2},
               {"\xe0\x80\xaf", 3},
               {"\x80", 1},
               {"\xf4\x90\x80\x80", 4},
               {"\xf0\x8f\xbf\xbf", 4},
               {"\xe8\xb0", 2},
               {"\xf5\x80\x80\x80", 4}};
  g_autoptr (Person) anna = person_new ("anna");
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++) {
    GError *error = NULL;
    g_assert_false (mabei_text_insert (anna->text, anna->writer, 0, wrong[i].bytes, wrong[i].n, &error));
    g_assert_error (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_FORMAT);
    g_clear_error (&error);
  }
  assert_reads (anna, "");
  person_types (anna, 0, "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
  g_assert_cmpuint (mabei_text_length (anna->text), ==, 7);
}

static void
test_consecutive_edits_are_one_run (void)
{
  g_autoptr (Person) anna = person_new ("anna");
  for (guint32 i = 0; i < 20; i++)
    person_types (anna, i, "x");
  g_autoptr (Burst) typed = person_sends (anna);
  g_assert_cmpuint (g_bytes_get_size (typed->blob), ==, 2 + 20);
  for (guint32 i = 20; i > 10; i--)
    person_deletes (anna, i - 1, 1);
  for (guint32 i = 0; i < 5; i++)
    person_deletes (anna, 0, 1);
  g_autoptr (Burst) deleted = person_sends (anna);
  g_assert_cmpuint (g_bytes_get_size (deleted->blob), ==, 2 * 3);
  g_autoptr (Person) ben = person_new ("ben");
  person_receives (ben, typed);
  person_receives (ben, deleted);
  assert_reads (ben, "xxxxx");
}

static void
test_a_burst_may_cite_many_agents (void)
{
  g_autoptr (Person) anna = person_new ("anna");
  g_autoptr (Person) ben = person_new ("ben");
  for (guint i = 0; i < 100; i++) {
    g_autofree char *name = g_strdup_printf ("change-%u", i);
    person_becomes (anna, name);
    person_types (anna, 2 * i, "ab");
    g_autoptr (Burst) typed = person_sends (anna);
    person_receives (ben, typed);
  }
  person_becomes (anna, "clean-up");
  for (guint round = 0; round < 2; round++) {
    for (guint32 i = 0; i < 100; i++) {
      person_deletes (anna, round == 0 ? i : 0, 1);
      gsize n_bytes, bound = mabei_text_writer_size (anna->writer);
      mabei_text_writer_bytes (anna->writer, &n_bytes);
      g_assert_cmpuint (n_bytes, <=, bound);
    }
  }
  g_autoptr (Burst) clean = person_sends (anna);
  g_assert_cmpuint (clean->refs->len, ==, 100);
  person_receives (ben, clean);
  assert_same (anna, ben);
  assert_reads (ben, "");
}

static void
test_two_runs_are_not_mixed (void)
{
  g_autoptr (Person) anna = person_new ("anna");
  g_autoptr (Person) ben = person_new ("ben");
  person_types (anna, 0, "[]");
  g_autoptr (Burst) frame = person_sends (anna);
  person_receives (ben, frame);
  for (guint32 i = 0; i < 6; i++)
    person_types (anna, 1 + i, "a");
  /* Ben types backwards: each letter before the last one. */
  for (guint32 i = 0; i < 6; i++)
    person_types (ben, 1, "b");
  g_autoptr (Burst) from_anna = person_sends (anna);
  g_autoptr (Burst) from_ben = person_sends (ben);
  person_receives (anna, from_ben);
  person_receives (ben, from_anna);
  assert_same (anna, ben);
  assert_reads (anna, "[aaaaaabbbbbb]");
}

static void
test_same_place_goes_by_name (void)
{
  g_autoptr (Person) ben = person_new ("ben");
  g_autoptr (Person) anna = person_new ("anna");
  person_types (ben, 0, "B");
  person_types (anna, 0, "A");
  g_autoptr (Burst) from_anna = person_sends (anna);
  g_autoptr (Burst) from_ben = person_sends (ben);
  person_receives (anna, from_ben);
  person_receives (ben, from_anna);
  assert_same (anna, ben);
  assert_reads (anna, "AB");
}

/* ---- who ---- */

typedef struct {
  const MabeiText *text;
  GString *told;
} Telling;

static void
tell (const MabeiTextRun *run, gpointer user_data)
{
  Telling *telling = user_data;
  gsize length;
  const guint8 *name = mabei_text_agent_name (telling->text, run->agent, &length);
  g_string_append_printf (telling->told, "%u:%.*s:%.*s", run->position, (int) run->n_bytes, run->utf8, (int) length,
                          name);
  for (guint32 i = 0; i < run->n_deleters; i++) {
    name = mabei_text_agent_name (telling->text, run->deleters[i], &length);
    g_string_append_printf (telling->told, "-%.*s", (int) length, name);
  }
  g_string_append_c (telling->told, ' ');
}

static void
assert_blame (const Person *person, const char *expected)
{
  Telling telling = {person->text, g_string_new (NULL)};
  mabei_text_blame (person->text, tell, &telling);
  g_assert_cmpstr (telling.told->str, ==, expected);
  g_string_free (telling.told, TRUE);
}

static void
test_both_deleters_are_named (void)
{
  g_autoptr (Person) anna = person_new ("anna");
  g_autoptr (Person) ben = person_new ("ben");
  person_types (anna, 0, "abcd");
  g_autoptr (Burst) typed = person_sends (anna);
  person_receives (ben, typed);
  person_deletes (anna, 0, 2);
  person_deletes (ben, 1, 2);
  g_autoptr (Burst) from_anna = person_sends (anna);
  g_autoptr (Burst) from_ben = person_sends (ben);
  person_receives (anna, from_ben);
  person_receives (ben, from_anna);
  assert_same (anna, ben);
  assert_reads (anna, "d");
  assert_blame (anna, "0:a:anna-anna 0:b:anna-anna-ben 0:c:anna-ben 0:d:anna ");
}

static char *
version (const Person *person, const char *const *names)
{
  g_autofree guint8 *includes = g_malloc0 (mabei_text_n_agents (person->text));
  for (; *names != NULL; names++)
    includes[mabei_text_agent (person->text, (const guint8 *) *names, strlen (*names))] = 1;
  return mabei_text_read_version (person->text, includes, NULL);
}

static void
test_past_versions (void)
{
  g_autoptr (Person) anna = person_new ("change-1");
  person_types (anna, 0, "one two");
  person_becomes (anna, "change-2");
  person_deletes (anna, 0, 3);
  person_becomes (anna, "change-3");
  person_types (anna, 4, " three");
  g_autofree char *first = version (anna, (const char *const[]){"change-1", NULL});
  g_autofree char *second = version (anna, (const char *const[]){"change-1", "change-2", NULL});
  g_autofree char *third = version (anna, (const char *const[]){"change-1", "change-2", "change-3", NULL});
  g_autofree char *other = version (anna, (const char *const[]){"change-1", "change-3", NULL});
  g_assert_cmpstr (first, ==, "one two");
  g_assert_cmpstr (second, ==, " two");
  g_assert_cmpstr (third, ==, " two three");
  g_assert_cmpstr (other, ==, "one two three");
}

static void
test_a_suspended_agent_has_no_effect (void)
{
  g_autoptr (Person) anna = person_new ("anna");
  g_autoptr (Person) ben = person_new ("ben");
  person_types (anna, 0, "offer 100");
  g_autoptr (Burst) offer = person_sends (anna);
  person_receives (ben, offer);
  person_deletes (ben, 6, 3);
  person_types (ben, 6, "900");
  g_autoptr (Burst) forged = person_sends (ben);
  person_receives (anna, forged);
  assert_reads (anna, "offer 900");
  guint32 agent = mabei_text_agent (anna->text, (const guint8 *) "ben", 3);
  mabei_text_agent_suspend (anna->text, agent, TRUE);
  g_string_assign (anna->screen, "offer 100");
  assert_reads (anna, "offer 100");
  person_types (anna, 9, " yuan");
  person_deletes (anna, 6, 1);
  assert_reads (anna, "offer 00 yuan");
  person_types (ben, 9, "!");
  g_autoptr (Burst) later = person_sends (ben);
  person_receives (anna, later);
  assert_reads (anna, "offer 00 yuan");
  mabei_text_agent_suspend (anna->text, agent, FALSE);
  g_autofree char *both = mabei_text_read (anna->text, NULL);
  g_autoptr (Burst) from_anna = person_sends (anna);
  person_receives (ben, from_anna);
  assert_reads (ben, both);
}

static void
test_anchors_stay_with_their_letter (void)
{
  g_autoptr (Person) anna = person_new ("anna");
  guint32 agent, seq, position = 77;
  person_types (anna, 0, "clause");
  g_assert_true (mabei_text_anchor (anna->text, 3, &agent, &seq));
  g_assert_false (mabei_text_anchor (anna->text, 6, &agent, &seq));
  person_types (anna, 0, "The ");
  g_assert_true (mabei_text_anchor_position (anna->text, agent, seq, &position));
  g_assert_cmpuint (position, ==, 7);
  person_deletes (anna, 5, 4);
  g_assert_true (mabei_text_anchor_position (anna->text, agent, seq, &position));
  g_assert_cmpuint (position, ==, 5);
  g_assert_false (mabei_text_anchor_position (anna->text, agent, 4711, &position));
  g_assert_false (mabei_text_anchor_position (anna->text, 4711, 0, &position));
  g_assert_cmpuint (position, ==, 5);
}

static void
test_an_unknown_name_is_not_made_known (void)
{
  g_autoptr (Person) anna = person_new ("anna");
  g_assert_cmpuint (mabei_text_find_agent (anna->text, (const guint8 *) "anna", 4), ==, anna->agent);
  g_assert_cmpuint (mabei_text_find_agent (anna->text, (const guint8 *) "ann", 3), ==, MABEI_TEXT_AGENT_NONE);
  g_assert_cmpuint (mabei_text_n_agents (anna->text), ==, 1);
  /* A blob that cites it: one letter after the first of that agent's. */
  const guint8 bytes[] = {1 << 4 | 2 << 1, 1, 0, 'x'};
  guint32 refs[] = {MABEI_TEXT_AGENT_NONE};
  g_autoptr (GError) error = NULL;
  g_assert_false (mabei_text_apply (anna->text, anna->agent, refs, 1, 0, bytes, sizeof bytes, NULL, NULL, &error));
  g_assert_error (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_FORMAT);
}

static void
test_a_pending_agent_is_renamed (void)
{
  g_autoptr (Person) anna = person_new ("pending");
  g_autoptr (Person) ben = person_new ("ben");
  GError *error = NULL;
  person_types (anna, 0, "draft");
  g_assert_true (mabei_text_agent_rename (anna->text, anna->agent, (const guint8 *) "change-1", 8, &error));
  g_autoptr (Burst) burst = person_sends (anna);
  person_receives (ben, burst);
  assert_same (anna, ben);
  g_assert_cmpuint (mabei_text_agent (anna->text, (const guint8 *) "change-1", 8), ==, anna->agent);
  g_assert_cmpuint (mabei_text_agent (anna->text, (const guint8 *) "pending", 7), !=, anna->agent);
  g_assert_false (mabei_text_agent_rename (anna->text, anna->agent, (const guint8 *) "pending", 7, &error));
  g_assert_error (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_EXISTS);
  g_clear_error (&error);
  /* A concurrent edit at the same place was ordered by the name. */
  g_autoptr (Person) carl = person_new ("carl");
  person_types (carl, 0, "c");
  g_autoptr (Burst) concurrent = person_sends (carl);
  person_receives (anna, concurrent);
  g_assert_false (mabei_text_agent_rename (anna->text, anna->agent, (const guint8 *) "change-2", 8, &error));
  g_assert_error (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_RANGE);
  g_clear_error (&error);
}

/* ---- undo ---- */

static void
test_undo_takes_back_ones_own (void)
{
  g_autoptr (Person) anna = person_new ("1");
  person_types (anna, 0, "The debt is 500 yuan.");
  g_autoptr (Burst) first = person_sends (anna);
  person_becomes (anna, "2");
  person_deletes (anna, 12, 3);
  person_types (anna, 12, "700");
  g_autoptr (Burst) second = person_sends (anna);
  person_becomes (anna, "3");
  person_undoes (anna, second);
  assert_reads (anna, "The debt is 500 yuan.");
  g_autoptr (Burst) undo = person_sends (anna);
  person_becomes (anna, "4");
  person_undoes (anna, undo);
  assert_reads (anna, "The debt is 700 yuan.");
  g_autoptr (Burst) redo = person_sends (anna);
  g_autoptr (Person) ben = person_new ("ben");
  person_receives (ben, first);
  person_receives (ben, second);
  person_receives (ben, undo);
  person_receives (ben, redo);
  assert_same (anna, ben);
}

static void
test_undo_leaves_others_work (void)
{
  g_autoptr (Person) anna = person_new ("anna");
  g_autoptr (Person) ben = person_new ("ben");
  person_types (anna, 0, "keep drop");
  g_autoptr (Burst) base = person_sends (anna);
  person_receives (ben, base);
  person_types (anna, 4, " this");
  person_deletes (anna, 9, 5);
  g_autoptr (Burst) mine = person_sends (anna);
  /* Ben deletes "drop" too, and writes into what Anna wrote. */
  person_deletes (ben, 5, 4);
  g_autoptr (Burst) his = person_sends (ben);
  person_receives (ben, mine);
  person_types (ben, 7, "BEN");
  g_autoptr (Burst) into = person_sends (ben);
  person_receives (anna, his);
  person_receives (anna, into);
  assert_same (anna, ben);
  assert_reads (anna, "keep thBENis");
  person_undoes (anna, mine);
  /* Only the space came back: "drop" is deleted by Ben as well. */
  assert_reads (anna, "keepBEN ");
  g_autoptr (Burst) undo = person_sends (anna);
  person_receives (ben, undo);
  assert_same (anna, ben);
}

static void
test_undo_of_typing_and_deleting_in_one_burst (void)
{
  g_autoptr (Person) anna = person_new ("anna");
  person_types (anna, 0, "slip");
  person_deletes (anna, 0, 4);
  person_types (anna, 0, "ok");
  g_autoptr (Burst) burst = person_sends (anna);
  person_undoes (anna, burst);
  assert_reads (anna, "");
}

static void
test_undo_of_what_never_was_is_refused (void)
{
  g_autoptr (Person) anna = person_new ("anna");
  g_autoptr (Person) ben = person_new ("ben");
  GError *error = NULL;
  person_types (anna, 0, "x");
  g_autoptr (Burst) burst = person_sends (anna);
  gsize n_bytes;
  const guint8 *bytes = g_bytes_get_data (burst->blob, &n_bytes);
  g_assert_false (mabei_text_undo (ben->text, ben->writer, ben->agent, NULL, 0, 0, bytes, n_bytes, NULL, NULL, &error));
  g_assert_error (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_MISSING);
  g_clear_error (&error);
  assert_reads (ben, "");
}

/* ---- large ---- */

static void
test_a_long_document (void)
{
  g_autoptr (Person) anna = person_new ("anna");
  g_autoptr (GString) page = g_string_new (NULL);
  for (guint i = 0; i < 20000; i++)
    g_string_append (page, "第一条 双方同意。\n");
  person_types (anna, 0, page->str);
  g_assert_cmpuint (mabei_text_length (anna->text), ==, 200000);
  person_types (anna, 100000, "😀");
  person_deletes (anna, 50, 199000);
  g_autoptr (Burst) burst = person_sends (anna);
  g_autoptr (Person) ben = person_new ("ben");
  person_receives (ben, burst);
  assert_same (anna, ben);
}

static void
test_thousands_of_changes (void)
{
  g_autoptr (Person) anna = person_new ("anna");
  g_autoptr (Person) ben = person_new ("ben");
  for (guint i = 0; i < 3000; i++) {
    char name[33];
    g_snprintf (name, sizeof name, "%032u", i * 7919 % 10007);
    person_becomes (anna, name);
    person_types (anna, i % 5 == 0 ? 0 : mabei_text_length (anna->text), "clause ");
    if (i % 7 == 0)
      person_deletes (anna, mabei_text_length (anna->text) / 2, 3);
    g_autoptr (Burst) burst = person_sends (anna);
    person_receives (ben, burst);
  }
  assert_same (anna, ben);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/typing", test_typing);
  g_test_add_func ("/text/positions-count-scalar-values", test_positions_count_scalar_values);
  g_test_add_func ("/text/out-of-range-is-refused", test_out_of_range_is_refused);
  g_test_add_func ("/text/what-is-no-text-is-refused", test_what_is_no_text_is_refused);
  g_test_add_func ("/text/consecutive-edits-are-one-run", test_consecutive_edits_are_one_run);
  g_test_add_func ("/text/a-burst-may-cite-many-agents", test_a_burst_may_cite_many_agents);
  g_test_add_func ("/text/two-runs-are-not-mixed", test_two_runs_are_not_mixed);
  g_test_add_func ("/text/same-place-goes-by-name", test_same_place_goes_by_name);
  g_test_add_func ("/text/both-deleters-are-named", test_both_deleters_are_named);
  g_test_add_func ("/text/past-versions", test_past_versions);
  g_test_add_func ("/text/a-suspended-agent-has-no-effect", test_a_suspended_agent_has_no_effect);
  g_test_add_func ("/text/anchors-stay-with-their-letter", test_anchors_stay_with_their_letter);
  g_test_add_func ("/text/an-unknown-name-is-not-made-known", test_an_unknown_name_is_not_made_known);
  g_test_add_func ("/text/a-pending-agent-is-renamed", test_a_pending_agent_is_renamed);
  g_test_add_func ("/text/undo-takes-back-ones-own", test_undo_takes_back_ones_own);
  g_test_add_func ("/text/undo-leaves-others-work", test_undo_leaves_others_work);
  g_test_add_func ("/text/undo-of-typing-and-deleting", test_undo_of_typing_and_deleting_in_one_burst);
  g_test_add_func ("/text/undo-of-what-never-was-is-refused", test_undo_of_what_never_was_is_refused);
  g_test_add_func ("/text/a-long-document", test_a_long_document);
  g_test_add_func ("/text/thousands-of-changes", test_thousands_of_changes);
  return g_test_run ();
}
