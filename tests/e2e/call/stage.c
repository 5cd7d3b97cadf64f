#include "tests/e2e/call/stage.h"

#include <string.h>

#define GIVE_UP_S 120

static void
on_send (const char *to_device, GBytes *message, gpointer data)
{
  Player *from = data;
  Stage *stage = from->stage;
  stage->messages++;
  for (guint i = 0; i < stage->n_players; i++)
    if (strcmp (stage->players[i].device, to_device) == 0 && stage->players[i].call)
      mabei_call_receive (stage->players[i].call, from->device, message);
}

static void
on_frame (const char *device G_GNUC_UNUSED, MabeiVideoFrame *frame, gpointer data)
{
  Player *player = data;
  player->shown++;
  player->last_width = frame->width;
  player->last_height = frame->height;
  g_assert_cmpuint (g_bytes_get_size (frame->bgra), >=, frame->stride * frame->height);
}

static void
on_event (const char *text, gpointer data)
{
  Player *player = data;
  g_string_append_printf (player->events, "%s\n", text);
  g_test_message ("%s | %s", player->device, text);
}

guint
stage_tone (guint player)
{
  return 500 + player * 100;
}

Stage *
stage_new (guint n_players, int false_fingerprint)
{
  static const MabeiCallCallbacks callbacks = {.send = on_send, .frame = on_frame, .event = on_event};
  static const char *const names[] = {"Mediator", "Wang", "Li", "Zhao", "Chen", "Sun"};
  g_autoptr (GString) lie = g_string_new ("AB");
  for (guint i = 1; i < 32; i++)
    g_string_append (lie, ":AB");
  Stage *stage = g_new0 (Stage, 1);
  stage->n_players = n_players;
  for (guint i = 0; i < n_players; i++) {
    Player *player = &stage->players[i];
    g_autoptr (GError) error = NULL;
    /* The host is neither the first nor the last by device, so that offers go both ways. */
    g_snprintf (player->device, sizeof player->device, "dev-%c", "badcef"[i]);
    player->stage = stage;
    player->events = g_string_new (NULL);
    const MabeiCallConfig config = {
        .device = player->device,
        .name = names[i],
        .host = "dev-b",
        .source = MABEI_CALL_SOURCE_TEST,
        .pattern = (int) i,
        .tone_hz = stage_tone (i),
        .loopback = TRUE,
        .advertise = (int) i == false_fingerprint ? lie->str : NULL,
    };
    player->call = mabei_call_new (&config, &callbacks, player, &error);
    g_assert_no_error (error);
  }
  return stage;
}

void
stage_free (Stage *stage)
{
  for (guint i = 0; i < stage->n_players; i++) {
    g_clear_pointer (&stage->players[i].call, mabei_call_free);
    g_string_free (stage->players[i].events, TRUE);
  }
  g_free (stage);
}

MabeiCallState *
stage_state (Stage *stage, guint player)
{
  return mabei_call_get_state (stage->players[player].call);
}

MabeiCallPerson
stage_view (Stage *stage, guint player, guint other)
{
  g_autoptr (MabeiCallState) state = stage_state (stage, player);
  const MabeiCallPerson *person = mabei_call_state_find (state, stage->players[other].device);
  return person ? *person : (MabeiCallPerson){0};
}

static gboolean
on_timeout (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_CONTINUE;
}

static void
tell_all (Stage *stage)
{
  for (guint i = 0; i < stage->n_players; i++) {
    g_autoptr (MabeiCallState) state = stage->players[i].call ? stage_state (stage, i) : NULL;
    for (guint k = 0; state && k < state->n_people; k++) {
      const MabeiCallPerson *p = &state->people[k];
      g_autofree char *place = mabei_room_place_to_text (p->person.place);
      g_test_message ("%s v%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT " sees %s: %s %s frames %" G_GUINT64_FORMAT
                      " tone %u level %.0f share %.2f",
                      stage->players[i].device, state->room.version, state->opened_version, p->person.device, place,
                      mabei_media_link_state_to_text (p->link), p->frames, p->tone_hz, (double) p->level_db,
                      p->speech_share);
    }
  }
}

void
stage_wait (Stage *stage, const char *what, StageCondition condition, gpointer data)
{
  gboolean woken = FALSE;
  gint64 until_us = g_get_monotonic_time () + GIVE_UP_S * G_USEC_PER_SEC;
  guint timer = g_timeout_add (50, on_timeout, &woken);
  while (!condition (stage, data)) {
    if (g_get_monotonic_time () > until_us) {
      tell_all (stage);
      g_error ("waited in vain: %s", what);
    }
    g_main_context_iteration (NULL, TRUE);
  }
  g_source_remove (timer);
}

void
stage_let_pass (Stage *stage G_GNUC_UNUSED, guint ticks)
{
  gboolean woken = FALSE;
  guint timer = g_timeout_add (100, on_timeout, &woken);
  while (ticks > 0) {
    g_main_context_iteration (NULL, TRUE);
    ticks -= woken;
    woken = FALSE;
  }
  g_source_remove (timer);
}

static gboolean
all_wait (Stage *stage, gpointer data G_GNUC_UNUSED)
{
  for (guint i = 1; i < stage->n_players; i++)
    if (stage_view (stage, 0, i).person.place != MABEI_ROOM_PLACE_WAITING)
      return FALSE;
  return TRUE;
}

static gboolean
all_live (Stage *stage, gpointer data G_GNUC_UNUSED)
{
  for (guint i = 0; i < stage->n_players; i++)
    for (guint k = 0; k < stage->n_players; k++) {
      MabeiCallPerson person = stage_view (stage, i, k);
      if (i != k &&
          (person.link != MABEI_MEDIA_LINK_STATE_LIVE || person.frames < 3 || person.tone_hz != stage_tone (k)))
        return FALSE;
    }
  return TRUE;
}

void
stage_gather (Stage *stage)
{
  mabei_call_open (stage->players[0].call);
  for (guint i = 1; i < stage->n_players; i++)
    mabei_call_join (stage->players[i].call);
  stage_wait (stage, "everyone in the waiting room", all_wait, NULL);
  for (guint i = 1; i < stage->n_players; i++)
    mabei_call_admit (stage->players[0].call, stage->players[i].device);
  stage_wait (stage, "everyone hears and sees everyone", all_live, NULL);
}

guint
stage_count_threads (const char *prefix)
{
  guint count = 0;
  g_autoptr (GDir) tasks = g_dir_open ("/proc/self/task", 0, NULL);
  for (const char *task; tasks && (task = g_dir_read_name (tasks));) {
    g_autofree char *path = g_build_filename ("/proc/self/task", task, "comm", NULL);
    g_autofree char *name = NULL;
    count += g_file_get_contents (path, &name, NULL, NULL) && g_str_has_prefix (name, prefix);
  }
  return count;
}
