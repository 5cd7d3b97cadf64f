/* Several people write the minutes at once: caret, selection, composition and undo of the one at this window stay what
 * a person expects.
 */
#include "tests/ui/harness.h"
#include "ui/session/minutes_view.h"

typedef struct {
  Harness *harness;
  MabeiMinutesView *view;
  GtkTextBuffer *buffer;
} Minutes;

static void
open_minutes (Minutes *m, gconstpointer unused)
{
  g_autofree char *old = NULL;

  m->harness = harness_open (1000, 700);
  g_assert_true (mabei_window_show (m->harness->window, "minutes", MABEI_DUMMY_CASE));
  harness_settle (m->harness);
  m->view =
      MABEI_MINUTES_VIEW (mabei_minutes_pane_get_text_view (mabei_case_page_get_minutes (m->harness->window->page)));
  m->buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (m->view));
  old = mabei_dummy_text (m->harness->port);
  mabei_dummy_remote_edit (m->harness->port, 0, (guint) g_utf8_strlen (old, -1), "甲乙丙丁");
}

static void
close_minutes (Minutes *m, gconstpointer unused)
{
  harness_close (m->harness);
}

static void
place (Minutes *m, int caret, int bound)
{
  GtkTextIter a, b;

  gtk_text_buffer_get_iter_at_offset (m->buffer, &a, caret);
  gtk_text_buffer_get_iter_at_offset (m->buffer, &b, bound);
  gtk_text_buffer_select_range (m->buffer, &a, &b);
}

static void
assert_marks (Minutes *m, int caret, int bound)
{
  GtkTextIter a, b;

  gtk_text_buffer_get_iter_at_mark (m->buffer, &a, gtk_text_buffer_get_insert (m->buffer));
  gtk_text_buffer_get_iter_at_mark (m->buffer, &b, gtk_text_buffer_get_selection_bound (m->buffer));
  g_assert_cmpint (gtk_text_iter_get_offset (&a), ==, caret);
  g_assert_cmpint (gtk_text_iter_get_offset (&b), ==, bound);
}

/* What is on the screen and what is in the document. */
static void
assert_text (Minutes *m, const char *wanted)
{
  GtkTextIter start, end;
  g_autofree char *shown = NULL;
  g_autofree char *kept = mabei_dummy_text (m->harness->port);

  gtk_text_buffer_get_bounds (m->buffer, &start, &end);
  shown = gtk_text_buffer_get_text (m->buffer, &start, &end, TRUE);
  g_assert_cmpstr (shown, ==, wanted);
  g_assert_cmpstr (kept, ==, wanted);
}

static void
remote (Minutes *m, guint position, guint removed, const char *inserted)
{
  mabei_dummy_remote_edit (m->harness->port, position, removed, inserted);
}

static void
test_typing_reaches_the_document (Minutes *m, gconstpointer unused)
{
  place (m, 2, 2);
  g_assert_true (mabei_window_type (m->harness->window, "调解"));
  assert_text (m, "甲乙调解丙丁");
  assert_marks (m, 4, 4);
}

static void
test_edit_above_the_caret (Minutes *m, gconstpointer unused)
{
  place (m, 3, 3);
  remote (m, 0, 0, "远端");
  assert_text (m, "远端甲乙丙丁");
  assert_marks (m, 5, 5);
  remote (m, 0, 3, "");
  assert_marks (m, 2, 2);
}

static void
test_edit_at_the_caret_does_not_push_it (Minutes *m, gconstpointer unused)
{
  place (m, 2, 2);
  remote (m, 2, 0, "远端");
  assert_text (m, "甲乙远端丙丁");
  assert_marks (m, 2, 2);
}

static void
test_selection_keeps_its_characters (Minutes *m, gconstpointer unused)
{
  place (m, 3, 1); /* 乙丙, the caret behind */
  remote (m, 3, 0, "后");
  assert_marks (m, 3, 1);
  remote (m, 1, 0, "前");
  assert_marks (m, 4, 2);
  remote (m, 2, 1, "");
  assert_marks (m, 3, 2);
  assert_text (m, "甲前丙后丁");
}

static void
compose (Minutes *m, const char *preedit)
{
  g_signal_emit_by_name (m->view, "preedit-changed", preedit);
}

static void
test_composition_is_not_disturbed (Minutes *m, gconstpointer unused)
{
  place (m, 2, 2);
  compose (m, "tiao");
  remote (m, 0, 0, "远"); /* away from the caret: shown at once */
  g_assert_cmpuint (mabei_minutes_view_get_waiting (m->view), ==, 0);
  assert_marks (m, 3, 3);
  remote (m, 3, 0, "端"); /* right at it: waits */
  g_assert_cmpuint (mabei_minutes_view_get_waiting (m->view), ==, 1);
  assert_marks (m, 3, 3);
  remote (m, 0, 1, ""); /* counts from a text with the waiting one: waits too */
  g_assert_cmpuint (mabei_minutes_view_get_waiting (m->view), ==, 2);
  compose (m, "");
  gtk_text_buffer_insert_interactive_at_cursor (m->buffer, "调", -1, TRUE); /* the commit */
  harness_wait_for (m->harness, mabei_minutes_view_get_waiting (m->view) == 0);
  assert_text (m, "甲乙调端丙丁");
  assert_marks (m, 3, 3);
}

static void
test_commit_inside_of_a_waiting_removal (Minutes *m, gconstpointer unused)
{
  place (m, 2, 2);
  compose (m, "jie");
  remote (m, 1, 2, "");
  g_assert_cmpuint (mabei_minutes_view_get_waiting (m->view), ==, 1);
  gtk_text_buffer_insert_interactive_at_cursor (m->buffer, "解", -1, TRUE); /* some methods commit first */
  compose (m, "");
  harness_wait_for (m->harness, mabei_minutes_view_get_waiting (m->view) == 0);
  assert_text (m, "甲解丁");
}

static void
test_endless_composition_does_not_hold_the_others (Minutes *m, gconstpointer unused)
{
  place (m, 2, 2);
  compose (m, "x");
  for (guint i = 0; i < 300; i++)
    remote (m, 2, 0, "端");
  g_assert_cmpuint (mabei_minutes_view_get_waiting (m->view), <=, 256);
  compose (m, "");
  harness_wait_for (m->harness, mabei_minutes_view_get_waiting (m->view) == 0);
  g_assert_cmpint (gtk_text_buffer_get_char_count (m->buffer), ==, 304);
}

static void
test_undo_takes_back_only_ones_own (Minutes *m, gconstpointer unused)
{
  place (m, 2, 2);
  mabei_window_type (m->harness->window, "调解");
  remote (m, 0, 0, "远端");
  assert_text (m, "远端甲乙调解丙丁");
  gtk_widget_activate_action (GTK_WIDGET (m->view), "minutes.undo", NULL);
  assert_text (m, "远端甲乙丙丁");
  gtk_widget_activate_action (GTK_WIDGET (m->view), "minutes.undo", NULL); /* nothing of one's own is left */
  assert_text (m, "远端甲乙丙丁");
  g_assert_false (gtk_text_buffer_get_enable_undo (m->buffer));
}

static void
test_removed_text_comes_back (Minutes *m, gconstpointer unused)
{
  place (m, 3, 1);
  gtk_text_buffer_delete_selection (m->buffer, TRUE, TRUE);
  assert_text (m, "甲丁");
  remote (m, 1, 0, "远");
  gtk_widget_activate_action (GTK_WIDGET (m->view), "minutes.undo", NULL);
  harness_settle (m->harness);
  g_assert_cmpint (gtk_text_buffer_get_char_count (m->buffer), ==, 5);
}

static void
test_top_line_stays (Minutes *m, gconstpointer unused)
{
  g_autoptr (GString) lines = g_string_new (NULL);
  GdkRectangle visible;
  GtkTextIter top, target;
  int before, after;

  for (guint i = 0; i < 400; i++)
    g_string_append_printf (lines, "%u 行\n", i);
  remote (m, 0, 0, lines->str);
  gtk_text_buffer_get_iter_at_line (m->buffer, &target, 200);
  gtk_text_buffer_place_cursor (m->buffer, &target);
  harness_settle (m->harness); /* lines get their heights in idle time */
  gtk_text_view_scroll_to_mark (GTK_TEXT_VIEW (m->view), gtk_text_buffer_get_insert (m->buffer), 0, TRUE, 0, 0);
  harness_settle (m->harness);
  gtk_text_view_get_visible_rect (GTK_TEXT_VIEW (m->view), &visible);
  gtk_text_view_get_line_at_y (GTK_TEXT_VIEW (m->view), &top, visible.y + 2, NULL);
  before = gtk_text_iter_get_line (&top);
  remote (m, 0, 0, "新的一行\n新的二行\n");
  harness_settle (m->harness);
  gtk_text_view_get_visible_rect (GTK_TEXT_VIEW (m->view), &visible);
  gtk_text_view_get_line_at_y (GTK_TEXT_VIEW (m->view), &top, visible.y + 2, NULL);
  after = gtk_text_iter_get_line (&top);
  g_assert_cmpint (before, >, 10);
  g_assert_cmpint (after, ==, before + 2);
}

static void
test_closed_with_the_port (Minutes *m, gconstpointer unused)
{
  mabei_window_set_port (m->harness->window, NULL);
  remote (m, 0, 0, "远"); /* nobody listens any more */
  g_assert_false (mabei_window_type (m->harness->window, "x"));
  g_assert_cmpint (gtk_text_buffer_get_char_count (m->buffer), ==, 0);
}

#define ADD(path, test) g_test_add ("/ui/minutes/" path, Minutes, NULL, open_minutes, test, close_minutes)

int
main (int argc, char **argv)
{
  harness_init (&argc, &argv);
  ADD ("typing", test_typing_reaches_the_document);
  ADD ("above-caret", test_edit_above_the_caret);
  ADD ("at-caret", test_edit_at_the_caret_does_not_push_it);
  ADD ("selection", test_selection_keeps_its_characters);
  ADD ("composition", test_composition_is_not_disturbed);
  ADD ("commit-in-removal", test_commit_inside_of_a_waiting_removal);
  ADD ("endless-composition", test_endless_composition_does_not_hold_the_others);
  ADD ("undo", test_undo_takes_back_only_ones_own);
  ADD ("undo-removal", test_removed_text_comes_back);
  ADD ("top-line", test_top_line_stays);
  ADD ("closed", test_closed_with_the_port);
  return g_test_run ();
}
