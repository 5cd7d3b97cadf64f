/* A person presses, chooses and fills in; the commands that reach the device are those of mabeictl. */
#include <glib/gi18n-lib.h>
#include "tests/ui/harness.h"
#include "ui/people/qr.h"
#include "ui/session/tile_grid.h"

static void
press (Harness *harness, const char *name)
{
  g_test_message ("press \"%s\"", name);
  g_assert_true (mabei_window_press (harness->window, name));
}

static void
assert_last (Harness *harness, const char *wanted)
{
  g_assert_cmpstr (mabei_dummy_last_command (harness->port), ==, wanted);
}

static void
test_unlock (void)
{
  Harness *harness = harness_open (0, 0);

  mabei_window_set_port (harness->window, NULL);
  g_assert_true (mabei_window_fill (harness->window, _ ("Passphrase"), "wrong"));
  press (harness, _ ("Open"));
  harness_settle (harness);
  g_assert_false (mabei_window_press (harness->window, _ ("New case")));
  g_assert_true (mabei_window_fill (harness->window, _ ("Passphrase"), "horseback"));
  press (harness, _ ("Open"));
  harness_settle (harness);
  mabei_window_set_port (harness->window, harness->port); /* what the program does when it is open */
  harness_settle (harness);
  press (harness, _ ("New case"));
  harness_close (harness);
}

static void
test_conflict (void)
{
  Harness *harness = harness_open (0, 0);
  g_autofree char *name = g_strdup_printf (_ ("Choose %s"), harness_is_chinese () ? "600 元" : "600 yuan");

  g_assert_true (mabei_window_show (harness->window, "conflict", MABEI_DUMMY_CASE));
  press (harness, name);
  assert_last (harness, harness_is_chinese () ? "conflict resolve k1 600 元" : "conflict resolve k1 600 yuan");
  harness_settle (harness);
  g_assert_false (mabei_window_press (harness->window, name)); /* chosen: the card is gone */
  harness_close (harness);
}

static void
test_new_case (void)
{
  Harness *harness = harness_open (0, 0);

  g_assert_true (mabei_window_show (harness->window, "new-case", NULL));
  g_assert_false (mabei_window_press (harness->window, _ ("Open the case"))); /* no title yet */
  g_assert_true (mabei_window_fill (harness->window, _ ("Title of the case"), " 水渠 "));
  press (harness, _ ("Open the case"));
  assert_last (harness, "case new --title 水渠");
  harness_settle (harness);
  g_assert_true (mabei_window_press (harness->window, _ ("Invite someone…"))); /* it is shown, with its next step */
  harness_close (harness);
}

static void
test_invite_and_admit (void)
{
  Harness *harness = harness_open (0, 0);

  g_assert_true (mabei_window_show (harness->window, "invite", MABEI_DUMMY_CASE));
  g_assert_true (mabei_window_fill (harness->window, _ ("Name, as on the identity card"), "赵敏"));
  g_assert_true (mabei_window_select (harness->window, _ ("Interpreter")));
  press (harness, _ ("Make the invitation"));
  assert_last (harness, "invite create --role interpreter --name 赵敏");
  harness_settle (harness);
  press (harness, _ ("Copy the link"));
  press (harness, _ ("Close"));
  g_assert_true (mabei_dummy_scene (harness->port, "knock"));
  g_assert_true (mabei_window_show (harness->window, "overview", MABEI_DUMMY_CASE));
  press (harness, _ ("Compare the code…"));
  press (harness, _ ("The same: let them in"));
  assert_last (harness, "invite admit n1");
  harness_close (harness);
}

static void
test_join (void)
{
  Harness *harness = harness_open (0, 0);

  g_assert_true (mabei_window_show (harness->window, "join", "mabei:join#AAAA"));
  press (harness, _ ("Ask to come in"));
  assert_last (harness, "invite knock mabei:join#AAAA");
  harness_close (harness);
}

static void
test_session (void)
{
  Harness *harness = harness_open (0, 0);
  const char *person = harness_is_chinese () ? "张三" : "Zhang San";
  g_autofree char *admit = g_strdup_printf (_ ("Admit %s"), person);
  g_autofree char *talk = g_strdup_printf (_ ("Talk privately with %s"), person);

  g_assert_true (mabei_window_show (harness->window, "session", MABEI_DUMMY_CASE));
  press (harness, _ ("Open the mediation"));
  assert_last (harness, "session open");
  harness_settle (harness);
  press (harness, admit);
  assert_last (harness, "session admit d1");
  harness_settle (harness);
  press (harness, _ ("Mute the microphone"));
  assert_last (harness, "session mute");
  harness_settle (harness);
  press (harness, _ ("Unmute the microphone"));
  press (harness, _ ("Turn the camera off"));
  assert_last (harness, "session camera off");
  harness_settle (harness);
  press (harness, _ ("Private talk…"));
  press (harness, person);
  assert_last (harness, "session camera off"); /* the first step alone moves nobody */
  press (harness, talk);
  assert_last (harness, "session move d1 caucus");
  harness_settle (harness);
  g_assert_true (gtk_widget_has_css_class (GTK_WIDGET (harness->window->page), "private"));
  press (harness, _ ("Back to the joint talk"));
  harness_settle (harness);
  g_assert_false (gtk_widget_has_css_class (GTK_WIDGET (harness->window->page), "private"));
  press (harness, _ ("Leave the mediation"));
  assert_last (harness, "session leave");
  harness_close (harness);
}

static void
test_asked (void)
{
  Harness *harness = harness_open (0, 0);

  g_assert_true (mabei_dummy_scene (harness->port, "asked"));
  g_assert_true (mabei_window_show (harness->window, "session", MABEI_DUMMY_CASE));
  press (harness, _ ("Accept the private talk"));
  assert_last (harness, "session accept");
  harness_close (harness);
}

static void
test_messages (void)
{
  Harness *harness = harness_open (0, 0);
  g_autofree char *caucus = g_strdup_printf (_ ("Caucus with %s"), harness_is_chinese () ? "张三" : "Zhang San");

  g_assert_true (mabei_window_show (harness->window, "messages", MABEI_DUMMY_CASE));
  g_assert_true (mabei_window_fill (harness->window, _ ("Write a message"), "好"));
  press (harness, _ ("Send"));
  assert_last (harness, "space post 好 --space s0");
  harness_settle (harness);
  g_assert_true (mabei_window_select (harness->window, caucus));
  g_assert_true (mabei_window_fill (harness->window, _ ("Write a message"), "行"));
  press (harness, _ ("Send"));
  assert_last (harness, "space post 行 --space s1 --level keep"); /* confidential unless one says otherwise */
  harness_settle (harness);
  g_assert_true (mabei_window_select (harness->window, _ ("May be conveyed")));
  g_assert_true (mabei_window_fill (harness->window, _ ("Write a message"), "行"));
  press (harness, _ ("Send"));
  assert_last (harness, "space post 行 --space s1 --level convey");
  harness_close (harness);
}

static void
test_offline (void)
{
  Harness *harness = harness_open (0, 0);

  g_assert_true (mabei_window_show (harness->window, "people", MABEI_DUMMY_CASE));
  press (harness, _ ("Send now"));
  assert_last (harness, "sync now");
  g_action_group_activate_action (G_ACTION_GROUP (harness->window), "offline", NULL);
  assert_last (harness, "sync offline");
  harness_settle (harness);
  g_action_group_activate_action (G_ACTION_GROUP (harness->window), "offline", NULL);
  assert_last (harness, "sync online");
  harness_close (harness);
}

static void
test_columns (void)
{
  g_assert_cmpuint (mabei_tile_grid_columns (1, 340, 500), ==, 1);
  g_assert_cmpuint (mabei_tile_grid_columns (2, 340, 450), ==, 1);
  g_assert_cmpuint (mabei_tile_grid_columns (2, 900, 450), ==, 2);
  g_assert_cmpuint (mabei_tile_grid_columns (6, 900, 500), ==, 3);
  g_assert_cmpuint (mabei_tile_grid_columns (0, 900, 500), ==, 1);
}

static void
test_qr_limit (void)
{
  g_autoptr (GtkWidget) qr = g_object_ref_sink (g_object_new (MABEI_TYPE_QR, NULL));
  g_autofree char *fits = g_strnfill (2331, 'a'); /* version 40, level M, 8 bit: ISO/IEC 18004 table 7 */
  g_autofree char *large = g_strnfill (2332, 'a');

  g_assert_true (mabei_qr_set_text (MABEI_QR (qr), fits));
  g_assert_false (mabei_qr_set_text (MABEI_QR (qr), large));
  g_assert_false (mabei_qr_set_text (MABEI_QR (qr), ""));
}

int
main (int argc, char **argv)
{
  harness_init (&argc, &argv);
  g_test_add_func ("/ui/story/unlock", test_unlock);
  g_test_add_func ("/ui/story/conflict", test_conflict);
  g_test_add_func ("/ui/story/new-case", test_new_case);
  g_test_add_func ("/ui/story/invite-admit", test_invite_and_admit);
  g_test_add_func ("/ui/story/join", test_join);
  g_test_add_func ("/ui/story/session", test_session);
  g_test_add_func ("/ui/story/asked", test_asked);
  g_test_add_func ("/ui/story/messages", test_messages);
  g_test_add_func ("/ui/story/offline", test_offline);
  g_test_add_func ("/ui/story/columns", test_columns);
  g_test_add_func ("/ui/story/qr-limit", test_qr_limit);
  return g_test_run ();
}
