/* Two people change the same text apart from each other; each one's edits are carried past the other's; both end with
 * the same text.
 */
#include <string.h>
#include "ui/session/edit.h"

static void
apply (GString *text, const MabeiEdit *edit)
{
  if (edit->inserted != NULL) {
    g_assert_cmpuint (edit->position, <=, text->len);
    g_string_insert (text, edit->position, edit->inserted);
  } else {
    g_assert_cmpuint (edit->position + edit->removed, <=, text->len);
    g_string_erase (text, edit->position, edit->removed);
  }
}

static void
apply_all (GString *text, const GPtrArray *edits)
{
  for (guint i = 0; i < edits->len; i++)
    apply (text, edits->pdata[i]);
}

static GPtrArray *
random_edits (GRand *random, GString *text, char letter)
{
  GPtrArray *edits = mabei_edits_new ();
  guint n = (guint) g_rand_int_range (random, 1, 5);

  for (guint i = 0; i < n; i++) {
    MabeiEdit *edit;

    if (text->len > 0 && g_rand_boolean (random)) {
      guint at = (guint) g_rand_int_range (random, 0, (int) text->len);

      edit = mabei_edit_new_remove (at, (guint) g_rand_int_range (random, 1, (int) (text->len - at) + 1));
    } else {
      char word[4] = {letter, letter, letter, 0};

      word[g_rand_int_range (random, 1, 4)] = 0;
      edit = mabei_edit_new_insert ((guint) g_rand_int_range (random, 0, (int) text->len + 1), word);
    }
    apply (text, edit);
    g_ptr_array_add (edits, edit);
  }
  return edits;
}

static void
test_same_outcome (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (20261124);

  for (guint round = 0; round < 20000; round++) {
    g_autoptr (GString) here = g_string_new ("0123456789");
    g_autoptr (GString) there = g_string_new ("0123456789");
    g_autoptr (GPtrArray) own = random_edits (random, here, 'a');
    g_autoptr (GPtrArray) others = random_edits (random, there, 'b');

    mabei_edits_cross (own, others);
    apply_all (here, others);
    apply_all (there, own);
    g_assert_cmpstr (here->str, ==, there->str);
  }
}

static void
test_own_text_stands_first (void)
{
  g_autoptr (GPtrArray) here = mabei_edits_new ();
  g_autoptr (GPtrArray) there = mabei_edits_new ();
  g_autoptr (GString) text = g_string_new ("xy");

  g_ptr_array_add (here, mabei_edit_new_insert (1, "own"));
  g_ptr_array_add (there, mabei_edit_new_insert (1, "other"));
  apply_all (text, here);
  mabei_edits_cross (here, there);
  apply_all (text, there);
  g_assert_cmpstr (text->str, ==, "xownothery");
}

static void
test_text_inside_of_a_removal_survives (void)
{
  g_autoptr (GPtrArray) here = mabei_edits_new ();
  g_autoptr (GPtrArray) there = mabei_edits_new ();
  g_autoptr (GString) text = g_string_new ("abcdef");

  g_ptr_array_add (here, mabei_edit_new_insert (3, "NEW"));
  g_ptr_array_add (there, mabei_edit_new_remove (1, 4));
  apply_all (text, here);
  mabei_edits_cross (here, there);
  g_assert_cmpuint (there->len, ==, 2);
  apply_all (text, there);
  g_assert_cmpstr (text->str, ==, "aNEWf");
}

static void
test_marks (void)
{
  MabeiEdit *insert = mabei_edit_new_insert (5, "调解");
  MabeiEdit *removal = mabei_edit_new_remove (2, 4);

  g_assert_cmpuint (insert->length, ==, 2); /* scalars, not bytes */
  g_assert_cmpuint (mabei_edit_map (insert, 4, TRUE), ==, 4);
  g_assert_cmpuint (mabei_edit_map (insert, 5, FALSE), ==, 5);
  g_assert_cmpuint (mabei_edit_map (insert, 5, TRUE), ==, 7);
  g_assert_cmpuint (mabei_edit_map (insert, 6, FALSE), ==, 8);
  g_assert_cmpuint (mabei_edit_map (removal, 1, FALSE), ==, 1);
  g_assert_cmpuint (mabei_edit_map (removal, 3, FALSE), ==, 2);
  g_assert_cmpuint (mabei_edit_map (removal, 9, FALSE), ==, 5);
  g_assert_true (mabei_edit_touches (insert, 5));
  g_assert_false (mabei_edit_touches (insert, 4));
  g_assert_true (mabei_edit_touches (removal, 2));
  g_assert_true (mabei_edit_touches (removal, 6));
  g_assert_false (mabei_edit_touches (removal, 7));
  mabei_edit_free (insert);
  mabei_edit_free (removal);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/edit/same-outcome", test_same_outcome);
  g_test_add_func ("/ui/edit/own-text-first", test_own_text_stands_first);
  g_test_add_func ("/ui/edit/inside-of-removal", test_text_inside_of_a_removal_survives);
  g_test_add_func ("/ui/edit/marks", test_marks);
  return g_test_run ();
}
