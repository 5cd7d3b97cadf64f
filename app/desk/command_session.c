/* Verbs of a live session. They make sense where the process stays: in --batch and in the window. */
#include <string.h>

#include "app/desk/command_private.h"

static const char *
source_of (MabeiCommand *command)
{
  const char *source = mabei_arguments_option (command->arguments, "--source");
  return source != NULL ? source : "camera";
}

static gboolean
check_source (const char *source, GError **error)
{
  static const char *const sources[] = {"test", "camera", "none", NULL};
  if (g_strv_contains (sources, source))
    return TRUE;
  g_set_error (error, MABEI_DESK_ERROR, MABEI_CODE_USAGE, "--source is test, camera or none, not %s", source);
  return FALSE;
}

static MabeiOutcome
outcome (gboolean done)
{
  return done ? MABEI_DONE : MABEI_FAILED;
}

static MabeiOutcome
run_open (MabeiCommand *command, GError **error)
{
  return outcome (check_source (source_of (command), error) &&
                  mabei_meeting_open (mabei_desk_meeting (command->desk), command->c, source_of (command), error));
}

static MabeiOutcome
run_join (MabeiCommand *command, GError **error)
{
  return outcome (check_source (source_of (command), error) &&
                  mabei_meeting_join (mabei_desk_meeting (command->desk), command->c, source_of (command), error));
}

static MabeiOutcome
run_leave (MabeiCommand *command, GError **error)
{
  return outcome (mabei_meeting_leave (mabei_desk_meeting (command->desk), error));
}

static MabeiOutcome
run_admit (MabeiCommand *command, GError **error)
{
  const MabeiMember *member = mabei_desk_find_member (command->c, mabei_arguments_word (command->arguments, 0), error);
  return outcome (member != NULL && mabei_meeting_admit (mabei_desk_meeting (command->desk), &member->device, error));
}

static MabeiOutcome
run_move (MabeiCommand *command, GError **error)
{
  const MabeiMember *member = mabei_desk_find_member (command->c, mabei_arguments_word (command->arguments, 0), error);
  const char *room = mabei_arguments_word (command->arguments, 1);
  if (member == NULL)
    return MABEI_FAILED;
  if (strcmp (room, "joint") != 0 && strcmp (room, "caucus") != 0) {
    g_set_error_literal (error, MABEI_DESK_ERROR, MABEI_CODE_USAGE, "a room is joint or caucus");
    return MABEI_FAILED;
  }
  return outcome (mabei_meeting_move (mabei_desk_meeting (command->desk), &member->device, room, error));
}

static MabeiOutcome
run_accept (MabeiCommand *command, GError **error)
{
  return outcome (mabei_meeting_accept (mabei_desk_meeting (command->desk), error));
}

static MabeiOutcome
run_lock (MabeiCommand *command, GError **error)
{
  return outcome (mabei_meeting_lock (mabei_desk_meeting (command->desk), TRUE, error));
}

static MabeiOutcome
run_unlock (MabeiCommand *command, GError **error)
{
  return outcome (mabei_meeting_lock (mabei_desk_meeting (command->desk), FALSE, error));
}

static MabeiOutcome
run_mute (MabeiCommand *command, GError **error)
{
  return outcome (mabei_meeting_mute (mabei_desk_meeting (command->desk), TRUE, error));
}

static MabeiOutcome
run_unmute (MabeiCommand *command, GError **error)
{
  return outcome (mabei_meeting_mute (mabei_desk_meeting (command->desk), FALSE, error));
}

static MabeiOutcome
run_camera (MabeiCommand *command, GError **error)
{
  const char *word = mabei_arguments_word (command->arguments, 0);
  if (strcmp (word, "on") != 0 && strcmp (word, "off") != 0) {
    g_set_error_literal (error, MABEI_DESK_ERROR, MABEI_CODE_USAGE, "camera on or camera off");
    return MABEI_FAILED;
  }
  return outcome (mabei_meeting_camera (mabei_desk_meeting (command->desk), strcmp (word, "on") == 0, error));
}

static MabeiOutcome
run_tone (MabeiCommand *command, GError **error)
{
  guint64 hz;
  if (!g_ascii_string_to_unsigned (mabei_arguments_word (command->arguments, 0), 10, 0, 8000, &hz, NULL)) {
    g_set_error_literal (error, MABEI_DESK_ERROR, MABEI_CODE_USAGE, "a tone is 0 to 8000 Hz");
    return MABEI_FAILED;
  }
  return outcome (mabei_meeting_set_tone (mabei_desk_meeting (command->desk), (guint) hz, error));
}

static MabeiOutcome
run_state (MabeiCommand *command, G_GNUC_UNUSED GError **error)
{
  g_autoptr (MabeiMeetingState) state = mabei_meeting_state (mabei_desk_meeting (command->desk), command->c);
  GVariantBuilder list;
  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < state->people->len; i++) {
    MabeiMeetingPerson *person = g_ptr_array_index (state->people, i);
    g_autofree char *device = mabei_short_id_to_hex (&person->device);
    GVariantBuilder one;
    g_variant_builder_init (&one, G_VARIANT_TYPE_VARDICT);
    mabei_answer_string (&one, "name", person->name);
    mabei_answer_string (&one, "device", device);
    mabei_answer_string (&one, "room", person->room);
    mabei_answer_flag (&one, "self", person->is_self);
    mabei_answer_flag (&one, "audio", !person->muted);
    mabei_answer_flag (&one, "video", person->camera);
    mabei_answer_flag (&one, "connected", person->connected);
    mabei_answer_number (&one, "frames", person->frames);
    mabei_answer_number (&one, "counter", person->counter);
    mabei_answer_number (&one, "tone_hz", person->tone_hz);
    mabei_answer_flag (&one, "speech_ok", person->speech_ok);
    g_variant_builder_add_value (&list, g_variant_builder_end (&one));
  }
  GVariantBuilder dict;
  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  mabei_answer_flag (&dict, "open", state->open);
  mabei_answer_flag (&dict, "joined", state->joined);
  mabei_answer_flag (&dict, "host", state->is_host);
  mabei_answer_flag (&dict, "locked", state->locked);
  mabei_answer_number (&dict, "version", (gint64) state->version);
  mabei_answer_string (&dict, "room", state->own_room);
  mabei_answer_string (&dict, "asked", state->asked_to_room);
  mabei_answer_flag (&dict, "caucus_elsewhere", state->caucus_elsewhere);
  mabei_answer_list (&dict, "people", &list);
  command->answer = g_variant_builder_end (&dict);
  return MABEI_DONE;
}

const MabeiVerb mabei_verbs_session[] = {
    {"session", "open", "--source=", MABEI_VERB_CASE | MABEI_VERB_LINE, run_open},
    {"session", "join", "--source=", MABEI_VERB_CASE | MABEI_VERB_LINE, run_join},
    {"session", "leave", "", 0, run_leave},
    {"session", "admit", "PERSON", MABEI_VERB_CASE, run_admit},
    {"session", "move", "PERSON ROOM", MABEI_VERB_CASE, run_move},
    {"session", "accept", "", 0, run_accept},
    {"session", "lock", "", 0, run_lock},
    {"session", "unlock", "", 0, run_unlock},
    {"session", "mute", "", 0, run_mute},
    {"session", "unmute", "", 0, run_unmute},
    {"session", "camera", "STATE", 0, run_camera},
    {"session", "tone", "HZ", 0, run_tone},
    {"session", "state", "", MABEI_VERB_CASE, run_state},
    {"session", "stats", "", MABEI_VERB_CASE, run_state},
    {NULL, NULL, NULL, 0, NULL},
};
