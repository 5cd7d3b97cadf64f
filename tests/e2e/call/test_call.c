/* Sessions of two and three people over loopback: who sees and hears whom, and who must not. */
#include "tests/e2e/call/stage.h"

#include <string.h>

#define SILENT_DB (-60.0f)
#define CAUCUS_TONE_HZ 1700u
#define HOST_CAUCUS_TONE_HZ 2100u

/* What a condition looks at. */
typedef struct {
  guint player, other;
  MabeiRoomPlace place;
  MabeiMediaLinkState link;
  guint64 frames;
  guint tone_hz;
  gboolean muted, camera;
  guint heard;
} Want;

static gboolean
tone_is (Stage *stage, gpointer data)
{
  Want *want = data;
  return stage_view (stage, want->player, want->other).tone_hz == want->tone_hz;
}

static gboolean
frames_pass (Stage *stage, gpointer data)
{
  Want *want = data;
  return stage_view (stage, want->player, want->other).frames >= want->frames;
}

static gboolean
link_is (Stage *stage, gpointer data)
{
  Want *want = data;
  return stage_view (stage, want->player, want->other).link == want->link;
}

static gboolean
place_is (Stage *stage, gpointer data)
{
  Want *want = data;
  return stage_view (stage, want->player, want->other).person.place == want->place;
}

static gboolean
is_asked (Stage *stage, gpointer data)
{
  Want *want = data;
  g_autoptr (MabeiCallState) state = stage_state (stage, want->player);
  return state->asked && state->asked_place == want->place;
}

/* Everyone acts on one version of the rooms, in which @other is in @place. */
static gboolean
all_opened (Stage *stage, gpointer data)
{
  Want *want = data;
  guint64 version = 0;
  for (guint i = 0; i < stage->n_players; i++) {
    g_autoptr (MabeiCallState) state = stage_state (stage, i);
    if (i == 0)
      version = state->room.version;
    if (state->room.version != version || state->opened_version != version ||
        stage_view (stage, i, want->other).person.place != want->place)
      return FALSE;
  }
  return TRUE;
}

static void
wait_tone (Stage *stage, guint player, guint other, guint tone_hz)
{
  Want want = {.player = player, .other = other, .tone_hz = tone_hz};
  g_autofree char *what = g_strdup_printf ("player %u hears %u Hz of player %u", player, tone_hz, other);
  stage_wait (stage, what, tone_is, &want);
}

static void
wait_more_frames (Stage *stage, guint player, guint other, guint more)
{
  Want want = {.player = player, .other = other, .frames = stage_view (stage, player, other).frames + more};
  g_autofree char *what = g_strdup_printf ("player %u sees more of player %u", player, other);
  stage_wait (stage, what, frames_pass, &want);
}

static void
wait_link (Stage *stage, guint player, guint other, MabeiMediaLinkState link)
{
  Want want = {.player = player, .other = other, .link = link};
  g_autofree char *what =
      g_strdup_printf ("player %u's link to %u is %s", player, other, mabei_media_link_state_to_text (link));
  stage_wait (stage, what, link_is, &want);
}

static void
move_and_accept (Stage *stage, guint player, MabeiRoomPlace place)
{
  Want want = {.player = player, .other = player, .place = place};
  mabei_call_move (stage->players[0].call, stage->players[player].device, place);
  if (player > 0) {
    stage_wait (stage, "the person is asked", is_asked, &want);
    mabei_call_accept (stage->players[player].call, TRUE);
  }
  stage_wait (stage, "everyone is in the new rooms", all_opened, &want);
}

static void
reset_peaks (Stage *stage)
{
  for (guint i = 0; i < stage->n_players; i++)
    mabei_call_reset_peaks (stage->players[i].call);
}

/* The tones in the ear of @player: those in @heard, by bits of the players' numbers, and no other player's. */
static gboolean
mix_is (Stage *stage, gpointer data)
{
  Want *want = data;
  g_autoptr (MabeiCallState) state = stage_state (stage, want->player);
  for (guint i = 0; i < stage->n_players; i++) {
    float level_db = state->mixed_tone_db[mabei_tone_index (stage_tone (i))];
    if (((want->heard >> i) & 1) ? level_db < -30 : level_db > SILENT_DB)
      return FALSE;
  }
  return TRUE;
}

static void
wait_mix (Stage *stage, guint player, guint heard)
{
  Want want = {.player = player, .heard = heard};
  g_autofree char *what = g_strdup_printf ("player %u has %x in the ear", player, heard);
  stage_wait (stage, what, mix_is, &want);
}

static float
peak (Stage *stage, guint player, guint other, guint tone_hz)
{
  MabeiCallPerson person = stage_view (stage, player, other);
  return person.tone_peak_db[mabei_tone_index (tone_hz)];
}

/* Two people: pictures with rising counters and the right tone both ways, told to the window's side too. */
static void
test_two (void)
{
  Stage *stage = stage_new (2, -1);
  stage_gather (stage);
  for (guint i = 0; i < 2; i++) {
    MabeiCallPerson before = stage_view (stage, i, 1 - i);
    wait_more_frames (stage, i, 1 - i, 10);
    MabeiCallPerson after = stage_view (stage, i, 1 - i);
    g_assert_true (before.has_counter && after.has_counter);
    g_assert_cmpuint (after.last_counter, >=, before.last_counter + 10);
    g_assert_cmpuint (stage->players[i].shown, >, 0);
    g_assert_cmpuint (stage->players[i].last_width, ==, 320);
    g_assert_cmpuint (stage->players[i].last_height, ==, 240);
    g_assert_true (after.hears);
  }
  stage_free (stage);
}

/* Three people. The mediator and Wang go into a caucus; Li receives neither a tone nor a picture of it. */
static void
test_caucus (void)
{
  Stage *stage = stage_new (3, -1);
  stage_gather (stage);
  wait_mix (stage, 0, 6);
  wait_mix (stage, 1, 5);
  wait_mix (stage, 2, 3);

  move_and_accept (stage, 1, MABEI_ROOM_PLACE_CAUCUS + 1);
  move_and_accept (stage, 0, MABEI_ROOM_PLACE_CAUCUS + 1);
  wait_mix (stage, 0, 2);
  wait_mix (stage, 1, 1);
  wait_mix (stage, 2, 0);
  /* What was said before the doors closed may still be on its way. */
  wait_tone (stage, 2, 0, 0);
  wait_tone (stage, 2, 1, 0);
  stage_let_pass (stage, 10);
  reset_peaks (stage);
  guint64 host_frames = stage_view (stage, 2, 0).frames, wang_frames = stage_view (stage, 2, 1).frames;
  mabei_call_set_tone (stage->players[1].call, CAUCUS_TONE_HZ);
  mabei_call_set_tone (stage->players[0].call, HOST_CAUCUS_TONE_HZ);
  wait_tone (stage, 0, 1, CAUCUS_TONE_HZ);
  wait_tone (stage, 1, 0, HOST_CAUCUS_TONE_HZ);
  wait_more_frames (stage, 0, 1, 30);
  wait_more_frames (stage, 1, 0, 30);
  for (guint other = 0; other < 2; other++) {
    g_assert_cmpfloat (peak (stage, 2, other, CAUCUS_TONE_HZ), <, SILENT_DB);
    g_assert_cmpfloat (peak (stage, 2, other, HOST_CAUCUS_TONE_HZ), <, SILENT_DB);
    g_assert_cmpfloat (peak (stage, 2, other, stage_tone (other)), <, SILENT_DB);
    g_assert_false (stage_view (stage, 2, other).hears);
    g_assert_cmpint (stage_view (stage, 2, other).link, ==, MABEI_MEDIA_LINK_STATE_LIVE);
  }
  g_assert_cmpuint (stage_view (stage, 2, 0).frames, ==, host_frames);
  g_assert_cmpuint (stage_view (stage, 2, 1).frames, ==, wang_frames);
  /* Nor does the joint room leak into the caucus. */
  g_assert_cmpfloat (peak (stage, 0, 2, stage_tone (2)), <, SILENT_DB);

  /* Back together: the caucus tones end first, and Li never heard them. */
  mabei_call_set_tone (stage->players[0].call, stage_tone (0));
  mabei_call_set_tone (stage->players[1].call, stage_tone (1));
  wait_tone (stage, 0, 1, stage_tone (1));
  wait_tone (stage, 1, 0, stage_tone (0));
  mabei_call_return_all (stage->players[0].call);
  Want asked = {.player = 1, .other = 1, .place = MABEI_ROOM_PLACE_JOINT};
  stage_wait (stage, "Wang is asked back", is_asked, &asked);
  mabei_call_accept (stage->players[1].call, TRUE);
  wait_tone (stage, 2, 0, stage_tone (0));
  wait_tone (stage, 2, 1, stage_tone (1));
  wait_more_frames (stage, 2, 0, 5);
  wait_more_frames (stage, 2, 1, 5);
  for (guint other = 0; other < 2; other++) {
    g_assert_cmpfloat (peak (stage, 2, other, CAUCUS_TONE_HZ), <, SILENT_DB);
    g_assert_cmpfloat (peak (stage, 2, other, HOST_CAUCUS_TONE_HZ), <, SILENT_DB);
  }
  stage_free (stage);
}

/* Nobody is moved against their will. */
static void
test_move_declined (void)
{
  Stage *stage = stage_new (2, -1);
  Want asked = {.player = 1, .other = 1, .place = MABEI_ROOM_PLACE_CAUCUS + 2};
  stage_gather (stage);
  mabei_call_move (stage->players[0].call, stage->players[1].device, MABEI_ROOM_PLACE_CAUCUS + 2);
  stage_wait (stage, "asked", is_asked, &asked);
  mabei_call_accept (stage->players[1].call, FALSE);
  stage_let_pass (stage, 10);
  g_assert_cmpuint (stage_view (stage, 0, 1).person.place, ==, MABEI_ROOM_PLACE_JOINT);
  stage_free (stage);
}

static gboolean
switches_are (Stage *stage, gpointer data)
{
  Want *want = data;
  MabeiCallPerson person = stage_view (stage, want->player, want->other);
  return person.person.muted == want->muted && person.person.camera == want->camera;
}

static void
wait_switches (Stage *stage, gboolean muted, gboolean camera)
{
  Want want = {.player = 0, .other = 1, .muted = muted, .camera = camera};
  stage_wait (stage, "the host sees the switches", switches_are, &want);
}

static void
test_mute_and_camera (void)
{
  Stage *stage = stage_new (2, -1);
  stage_gather (stage);

  mabei_call_set_muted (stage->players[1].call, TRUE);
  wait_switches (stage, TRUE, TRUE);
  wait_tone (stage, 0, 1, 0);
  reset_peaks (stage);
  wait_more_frames (stage, 0, 1, 15);
  g_assert_cmpfloat (peak (stage, 0, 1, stage_tone (1)), <, SILENT_DB);
  mabei_call_set_muted (stage->players[1].call, FALSE);
  wait_tone (stage, 0, 1, stage_tone (1));

  mabei_call_set_camera (stage->players[1].call, FALSE);
  wait_switches (stage, FALSE, FALSE);
  stage_let_pass (stage, 5);
  guint64 frames = stage_view (stage, 0, 1).frames;
  stage_let_pass (stage, 10);
  g_assert_cmpuint (stage_view (stage, 0, 1).frames, ==, frames);
  g_assert_cmpuint (stage_view (stage, 0, 1).tone_hz, ==, stage_tone (1));
  mabei_call_set_camera (stage->players[1].call, TRUE);
  wait_more_frames (stage, 0, 1, 5);
  g_assert_cmpint (stage_view (stage, 0, 1).link, ==, MABEI_MEDIA_LINK_STATE_LIVE);
  stage_free (stage);
}

/* Muted before coming in is muted inside. */
static void
test_mute_stays (void)
{
  Stage *stage = stage_new (2, -1);
  Want live = {.player = 0, .other = 1, .link = MABEI_MEDIA_LINK_STATE_LIVE};
  Want waits = {.player = 0, .other = 1, .place = MABEI_ROOM_PLACE_WAITING};
  mabei_call_set_muted (stage->players[1].call, TRUE);
  mabei_call_open (stage->players[0].call);
  mabei_call_join (stage->players[1].call);
  stage_wait (stage, "waiting", place_is, &waits);
  mabei_call_admit (stage->players[0].call, stage->players[1].device);
  stage_wait (stage, "live", link_is, &live);
  wait_more_frames (stage, 0, 1, 15);
  g_assert_cmpfloat (peak (stage, 0, 1, stage_tone (1)), <, SILENT_DB);
  g_assert_true (stage_view (stage, 0, 1).person.muted);
  stage_free (stage);
}

/* Nobody in the waiting room has a link, and knows nobody but the host. */
static void
test_waiting_room (void)
{
  Stage *stage = stage_new (3, -1);
  Want waits = {.player = 0, .other = 1, .place = MABEI_ROOM_PLACE_WAITING};
  Want told = {.player = 1, .other = 1, .place = MABEI_ROOM_PLACE_WAITING};
  mabei_call_open (stage->players[0].call);
  mabei_call_join (stage->players[1].call);
  mabei_call_join (stage->players[2].call);
  stage_wait (stage, "Wang waits", place_is, &waits);
  waits.other = 2;
  stage_wait (stage, "Li waits", place_is, &waits);
  stage_wait (stage, "Wang knows", place_is, &told);
  stage_let_pass (stage, 20);
  g_autoptr (MabeiCallState) wang = stage_state (stage, 1);
  g_assert_cmpuint (wang->n_people, ==, 2);
  g_assert_null (mabei_call_state_find (wang, stage->players[2].device));
  for (guint i = 0; i < 3; i++)
    for (guint k = 0; k < 3; k++)
      g_assert_cmpuint (stage_view (stage, i, k).attempts, ==, 0);
  stage_free (stage);
}

static gboolean
is_outside (Stage *stage, gpointer data)
{
  g_autoptr (MabeiCallState) state = stage_state (stage, ((Want *) data)->player);
  return state->room.version == 0;
}

static void
test_leave_and_rejoin (void)
{
  Stage *stage = stage_new (2, -1);
  Want out = {.player = 0, .other = 1, .place = MABEI_ROOM_PLACE_OUT};
  Want waits = {.player = 0, .other = 1, .place = MABEI_ROOM_PLACE_WAITING};
  stage_gather (stage);
  mabei_call_leave (stage->players[1].call);
  stage_wait (stage, "the host sees Wang leave", place_is, &out);
  mabei_call_join (stage->players[1].call);
  stage_wait (stage, "Wang waits again", place_is, &waits);
  mabei_call_admit (stage->players[0].call, stage->players[1].device);
  wait_link (stage, 0, 1, MABEI_MEDIA_LINK_STATE_LIVE);
  wait_tone (stage, 0, 1, stage_tone (1));
  wait_tone (stage, 1, 0, stage_tone (0));
  wait_more_frames (stage, 0, 1, 5);

  /* The host ends it for all. */
  Want ended = {.player = 1};
  mabei_call_leave (stage->players[0].call);
  stage_wait (stage, "Wang is outside", is_outside, &ended);
  stage_free (stage);
}

/* Locked: nobody can knock. Refused: out, and told so. */
static void
test_lock_and_refuse (void)
{
  Stage *stage = stage_new (3, -1);
  Want waits = {.player = 0, .other = 1, .place = MABEI_ROOM_PLACE_WAITING};
  Want outside = {.player = 1};
  mabei_call_open (stage->players[0].call);
  mabei_call_join (stage->players[1].call);
  stage_wait (stage, "Wang waits", place_is, &waits);
  mabei_call_lock (stage->players[0].call, TRUE);
  mabei_call_join (stage->players[2].call);
  stage_let_pass (stage, 15);
  g_autoptr (MabeiCallState) host = stage_state (stage, 0);
  g_assert_true (host->room.locked);
  g_assert_null (mabei_call_state_find (host, stage->players[2].device));
  mabei_call_refuse (stage->players[0].call, stage->players[1].device);
  stage_wait (stage, "Wang is outside", is_outside, &outside);
  g_assert_nonnull (strstr (stage->players[1].events->str, "let you out"));
  stage_free (stage);
}

/* A pulled cable: the others notice, and when it is plugged in again the call heals by itself. */
static void
test_vanish_and_return (void)
{
  Stage *stage = stage_new (3, -1);
  stage_gather (stage);
  mabei_call_set_link_up (stage->players[1].call, FALSE);
  wait_link (stage, 0, 1, MABEI_MEDIA_LINK_STATE_LOST);
  wait_link (stage, 2, 1, MABEI_MEDIA_LINK_STATE_LOST);
  wait_link (stage, 1, 0, MABEI_MEDIA_LINK_STATE_LOST);
  g_assert_cmpint (stage_view (stage, 0, 2).link, ==, MABEI_MEDIA_LINK_STATE_LIVE);
  mabei_call_set_link_up (stage->players[1].call, TRUE);
  for (guint other = 0; other < 3; other += 2) {
    wait_link (stage, other, 1, MABEI_MEDIA_LINK_STATE_LIVE);
    wait_link (stage, 1, other, MABEI_MEDIA_LINK_STATE_LIVE);
    wait_tone (stage, other, 1, stage_tone (1));
    wait_tone (stage, 1, other, stage_tone (other));
    wait_more_frames (stage, other, 1, 5);
  }
  stage_free (stage);
}

/* A change of rooms while somebody is away: it opens without her, and she arrives in it when she is back. */
static void
test_move_without_one (void)
{
  Stage *stage = stage_new (3, -1);
  Want moved = {.player = 2, .other = 0, .place = MABEI_ROOM_PLACE_CAUCUS + 1};
  stage_gather (stage);
  mabei_call_set_link_up (stage->players[1].call, FALSE);
  wait_link (stage, 0, 1, MABEI_MEDIA_LINK_STATE_LOST);
  mabei_call_move (stage->players[0].call, stage->players[0].device, MABEI_ROOM_PLACE_CAUCUS + 1);
  stage_wait (stage, "Li sees the host in the caucus", place_is, &moved);
  wait_tone (stage, 2, 0, 0);
  g_assert_cmpuint (stage_view (stage, 1, 0).person.place, ==, MABEI_ROOM_PLACE_JOINT);
  mabei_call_set_link_up (stage->players[1].call, TRUE);
  stage_wait (stage, "all in the new rooms", all_opened, &(Want){.other = 0, .place = MABEI_ROOM_PLACE_CAUCUS + 1});
  wait_link (stage, 1, 0, MABEI_MEDIA_LINK_STATE_LIVE);
  wait_tone (stage, 1, 2, stage_tone (2));
  reset_peaks (stage);
  wait_more_frames (stage, 1, 2, 15);
  g_assert_cmpfloat (peak (stage, 1, 0, stage_tone (0)), <, SILENT_DB);
  g_assert_cmpfloat (peak (stage, 0, 1, stage_tone (1)), <, SILENT_DB);
  stage_free (stage);
}

/* Li announces another certificate than she shows: nobody takes anything from her, she gets nothing. */
static void
test_false_fingerprint (void)
{
  Stage *stage = stage_new (2, 1);
  Want waits = {.player = 0, .other = 1, .place = MABEI_ROOM_PLACE_WAITING};
  Want refused = {.player = 0, .other = 1, .link = MABEI_MEDIA_LINK_STATE_REFUSED};
  mabei_call_open (stage->players[0].call);
  mabei_call_join (stage->players[1].call);
  stage_wait (stage, "waiting", place_is, &waits);
  mabei_call_admit (stage->players[0].call, stage->players[1].device);
  stage_wait (stage, "refused", link_is, &refused);
  stage_let_pass (stage, 30);
  g_assert_cmpint (stage_view (stage, 0, 1).link, ==, MABEI_MEDIA_LINK_STATE_REFUSED);
  for (guint i = 0; i < 2; i++) {
    MabeiCallPerson person = stage_view (stage, i, 1 - i);
    g_assert_cmpuint (person.frames, ==, 0);
    g_assert_cmpuint (person.audio_packets + person.video_packets, ==, 0);
    g_assert_cmpuint (stage->players[i].shown, ==, 0);
  }
  g_assert_nonnull (strstr (stage->players[0].events->str, "refused"));
  stage_free (stage);
}

/* Whatever a carrier hands on, nothing happens. */
static void
test_hostile_messages (void)
{
  Stage *stage = stage_new (2, -1);
  stage_gather (stage);
  GRand *random = g_rand_new_with_seed (20);
  for (guint i = 0; i < 500; i++) {
    guint8 junk[200];
    gsize length = (gsize) g_rand_int_range (random, 0, sizeof junk);
    for (gsize k = 0; k < length; k++)
      junk[k] = (guint8) g_rand_int_range (random, 0, 256);
    junk[0] = (guint8) (0x82 + i % 7);
    g_autoptr (GBytes) bytes = g_bytes_new (junk, length);
    mabei_call_receive (stage->players[0].call, i % 2 ? stage->players[1].device : "stranger", bytes);
  }
  g_rand_free (random);
  g_autofree guint8 *large = g_malloc0 (1 << 20);
  g_autoptr (GBytes) bytes = g_bytes_new (large, 1 << 20);
  mabei_call_receive (stage->players[0].call, stage->players[1].device, bytes);
  wait_more_frames (stage, 0, 1, 5);
  wait_more_frames (stage, 1, 0, 5);
  stage_free (stage);
}

static gboolean
no_link_threads (Stage *stage G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
  return stage_count_threads ("webrtcbin") == 0;
}

/* Twenty times in and out: no hang, no thread left behind. */
static void
test_in_and_out (void)
{
  Stage *stage = stage_new (2, -1);
  stage_gather (stage);
  for (guint round = 0; round < 20; round++) {
    Want out = {.player = 0, .other = 1, .place = MABEI_ROOM_PLACE_OUT};
    Want waits = {.player = 0, .other = 1, .place = MABEI_ROOM_PLACE_WAITING};
    mabei_call_leave (stage->players[1].call);
    stage_wait (stage, "out", place_is, &out);
    wait_link (stage, 0, 1, MABEI_MEDIA_LINK_STATE_NONE);
    stage_wait (stage, "no thread of a link is left", no_link_threads, NULL);
    mabei_call_join (stage->players[1].call);
    stage_wait (stage, "waits", place_is, &waits);
    mabei_call_admit (stage->players[0].call, stage->players[1].device);
    wait_link (stage, 0, 1, MABEI_MEDIA_LINK_STATE_LIVE);
    wait_link (stage, 1, 0, MABEI_MEDIA_LINK_STATE_LIVE);
    wait_more_frames (stage, 0, 1, 2);
  }
  Want out = {.player = 0, .other = 1, .place = MABEI_ROOM_PLACE_OUT};
  mabei_call_leave (stage->players[1].call);
  stage_wait (stage, "out", place_is, &out);
  wait_link (stage, 0, 1, MABEI_MEDIA_LINK_STATE_NONE);
  stage_wait (stage, "no thread of a link is left", no_link_threads, NULL);
  stage_free (stage);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/call/two", test_two);
  g_test_add_func ("/call/caucus", test_caucus);
  g_test_add_func ("/call/move-declined", test_move_declined);
  g_test_add_func ("/call/mute-and-camera", test_mute_and_camera);
  g_test_add_func ("/call/mute-stays", test_mute_stays);
  g_test_add_func ("/call/waiting-room", test_waiting_room);
  g_test_add_func ("/call/leave-and-rejoin", test_leave_and_rejoin);
  g_test_add_func ("/call/lock-and-refuse", test_lock_and_refuse);
  g_test_add_func ("/call/vanish-and-return", test_vanish_and_return);
  g_test_add_func ("/call/move-without-one", test_move_without_one);
  g_test_add_func ("/call/false-fingerprint", test_false_fingerprint);
  g_test_add_func ("/call/hostile-messages", test_hostile_messages);
  g_test_add_func ("/call/in-and-out", test_in_and_out);
  return g_test_run ();
}
