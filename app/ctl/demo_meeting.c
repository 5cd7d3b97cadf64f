/* The middle of the story: all three in one session, the minutes beside it, a private talk of which the third gets
 * nothing. */
#include <string.h>

#include "app/ctl/demo_private.h"
#include "app/desk/code.h"

#define CAUCUS_TONE_HZ "2300"
#define CAUCUS_SECONDS 3

/* What @who knows of @other in the session; NULL when nothing. (transfer full) */
static JsonObject *
seen (MabeiDemo *demo, guint who, guint other)
{
  g_autoptr (JsonObject) state = mabei_demo_person_say (demo->people[who], NULL, "session", "state", NULL);
  if (state == NULL || !json_object_has_member (state, "people"))
    return NULL;
  JsonArray *people = json_object_get_array_member (state, "people");
  for (guint i = 0; i < json_array_get_length (people); i++) {
    JsonObject *person = json_array_get_object_element (people, i);
    if (strcmp (json_object_get_string_member (person, "name"), mabei_demo_names[other]) == 0)
      return json_object_ref (person);
  }
  return NULL;
}

static gint64
frames_of (MabeiDemo *demo, guint who, guint other)
{
  g_autoptr (JsonObject) person = seen (demo, who, other);
  return person != NULL ? json_object_get_int_member (person, "frames") : 0;
}

static gboolean
session_is_open (MabeiDemo *demo, guint who, G_GNUC_UNUSED gconstpointer with)
{
  g_autoptr (JsonObject) state = mabei_demo_person_say (demo->people[who], NULL, "session", "state", NULL);
  return state != NULL && json_object_get_boolean_member (state, "open");
}

static gboolean
waits_outside (MabeiDemo *demo, guint who, G_GNUC_UNUSED gconstpointer with)
{
  g_autoptr (JsonObject) person = seen (demo, MEDIATOR, who);
  return person != NULL && strcmp (json_object_get_string_member (person, "room"), "waiting") == 0;
}

static gboolean
everyone_sees_everyone (MabeiDemo *demo, G_GNUC_UNUSED guint who, G_GNUC_UNUSED gconstpointer with)
{
  for (guint a = 0; a < N_PEOPLE; a++)
    for (guint b = 0; b < N_PEOPLE; b++)
      if (a != b && frames_of (demo, a, b) < 10)
        return FALSE;
  return TRUE;
}

static gboolean
hears_tone_of (MabeiDemo *demo, guint who, gconstpointer with)
{
  g_autoptr (JsonObject) person = seen (demo, who, *(const guint *) with);
  return person != NULL && json_object_get_int_member (person, "tone_hz") > 0;
}

static const char *
source (MabeiDemo *demo)
{
  return demo->camera ? "camera" : "test";
}

static gboolean
gather (MabeiDemo *demo, GError **error)
{
  mabei_demo_tell ("The session begins: the mediator opens it, the others wait until they are let in");
  g_autoptr (JsonObject) opened =
      mabei_demo_person_say (demo->people[MEDIATOR], error, "session", "open", "--source", source (demo), NULL);
  if (opened == NULL)
    return FALSE;
  for (guint n = FIRST_PARTY; n < N_PEOPLE; n++) {
    if (!mabei_demo_until (demo, "the session is announced", n, session_is_open, NULL, error))
      return FALSE;
    g_autoptr (JsonObject) joined =
        mabei_demo_person_say (demo->people[n], error, "session", "join", "--source", source (demo), NULL);
    if (joined == NULL || !mabei_demo_until (demo, "and waits at the door", n, waits_outside, NULL, error))
      return FALSE;
    if (n == FIRST_PARTY && !mabei_demo_picture (demo, "waiting", "session", error))
      return FALSE;
    g_autoptr (JsonObject) admitted =
        mabei_demo_person_say (demo->people[MEDIATOR], error, "session", "admit", demo->person_ids[n], NULL);
    if (admitted == NULL)
      return FALSE;
  }
  if (!demo->camera &&
      !mabei_demo_until (demo, "everyone sees everyone", MEDIATOR, everyone_sees_everyone, NULL, error))
    return FALSE;
  static const guint second = SECOND_PARTY;
  return demo->camera ||
         mabei_demo_until (demo, "张三 hears the tone of 李四", FIRST_PARTY, hears_tone_of, &second, error);
}

/* Two write at once, sentence by sentence. */
static gboolean
write_minutes (MabeiDemo *demo, GError **error)
{
  static const struct {
    guint who;
    const char *sentence;
  } lines[] = {
      {MEDIATOR, "调解开始，双方到场，告知权利义务。"}, {FIRST_PARTY, "张三：界桩在二〇一九年由村委会所立。"},
      {MEDIATOR, "调解员：请双方说明排水沟的位置。"},   {FIRST_PARTY, "张三：排水沟原在界桩以东一米。"},
      {SECOND_PARTY, "李四：同意到现场复核。"},
  };
  mabei_demo_tell ("Several people write the minutes at once, beside the video");
  double before[N_PEOPLE], after[N_PEOPLE];
  guint64 rss;
  gint64 started = g_get_monotonic_time ();
  for (guint n = 0; n < N_PEOPLE; n++)
    mabei_demo_person_usage (demo->people[n], &rss, &before[n]);
  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
    if (!mabei_demo_write (demo, lines[i].who, lines[i].sentence, error))
      return FALSE;
  if (!mabei_demo_until (demo, "all three have the same minutes", MEDIATOR, mabei_demo_all_agree, NULL, error) ||
      !mabei_demo_picture (demo, "minutes", "session", error))
    return FALSE;
  gint64 least = 4 * G_USEC_PER_SEC - (g_get_monotonic_time () - started);
  if (least > 0)
    g_usleep ((gulong) least);
  double seconds = (double) (g_get_monotonic_time () - started) / G_USEC_PER_SEC;
  for (guint n = 0; n < N_PEOPLE; n++) {
    mabei_demo_person_usage (demo->people[n], &demo->rss_kib[n], &after[n]);
    demo->core_share[n] = (after[n] - before[n]) / seconds;
  }
  return TRUE;
}

static gboolean
is_asked (MabeiDemo *demo, guint who, G_GNUC_UNUSED gconstpointer with)
{
  g_autoptr (JsonObject) state = mabei_demo_person_say (demo->people[who], NULL, "session", "state", NULL);
  return state != NULL && json_object_has_member (state, "asked");
}

static gboolean
is_in_room (MabeiDemo *demo, guint who, gconstpointer with)
{
  g_autoptr (JsonObject) state = mabei_demo_person_say (demo->people[who], NULL, "session", "state", NULL);
  return state != NULL && json_object_has_member (state, "room") &&
         strcmp (json_object_get_string_member (state, "room"), with) == 0;
}

static gboolean
hears_caucus_tone (MabeiDemo *demo, guint who, gconstpointer with)
{
  g_autoptr (JsonObject) person = seen (demo, who, *(const guint *) with);
  return person != NULL && json_object_get_int_member (person, "tone_hz") == atoi (CAUCUS_TONE_HZ);
}

static gint64
changes_held (MabeiDemo *demo, guint who)
{
  g_autoptr (JsonObject) list = mabei_demo_person_say (demo->people[who], NULL, "case", "inspect", NULL);
  if (list == NULL)
    return -1;
  JsonArray *items = json_object_get_array_member (list, "items");
  gint64 sum = 0;
  for (guint i = 0; i < json_array_get_length (items); i++)
    sum += json_object_get_int_member (json_array_get_object_element (items, i), "changes");
  return sum;
}

/* The third person's side of the wall: no picture, no tone, no change. */
static gboolean
check_wall (MabeiDemo *demo, GError **error)
{
  static const guint first = FIRST_PARTY;
  gint64 frames[2] = {frames_of (demo, SECOND_PARTY, MEDIATOR), frames_of (demo, SECOND_PARTY, FIRST_PARTY)};
  gint64 changes = changes_held (demo, SECOND_PARTY);
  g_autofree char *space = g_strconcat ("caucus:", mabei_demo_names[FIRST_PARTY], NULL);
  g_autoptr (JsonObject) posted = mabei_demo_person_say (
      demo->people[MEDIATOR], error, "space", "post", "底线可以谈到五百元", "--space", space, "--level", "keep", NULL);
  if (posted == NULL || (!demo->camera && !mabei_demo_until (demo, "王 hears 张三 in the private room", MEDIATOR,
                                                             hears_caucus_tone, &first, error)))
    return FALSE;
  for (guint i = 0; i < CAUCUS_SECONDS * 5; i++) {
    if (!demo->camera && hears_caucus_tone (demo, SECOND_PARTY, &first))
      return mabei_demo_check (demo, FALSE, error, "李四 hears nothing of the private talk");
    /* A link built anew counts from nothing: what must not be is growth. */
    gint64 now[2] = {frames_of (demo, SECOND_PARTY, MEDIATOR), frames_of (demo, SECOND_PARTY, FIRST_PARTY)};
    if (now[0] > frames[0] || now[1] > frames[1])
      return mabei_demo_check (demo, FALSE, error, "李四 gets no picture from the private room");
    memcpy (frames, now, sizeof frames);
    g_usleep (200000);
  }
  if (!mabei_demo_check (demo, TRUE, error, "李四 hears nothing of the private talk and gets no picture of it") ||
      !mabei_demo_check (demo, changes_held (demo, SECOND_PARTY) == changes, error,
                         "李四's device gets no change of the private record"))
    return FALSE;
  g_autoptr (JsonObject) read =
      mabei_demo_person_say (demo->people[SECOND_PARTY], NULL, "space", "read", "--space", space, NULL);
  return mabei_demo_check (demo, read == NULL, error, "李四 cannot even name that space");
}

static gboolean
talk_privately (MabeiDemo *demo, GError **error)
{
  mabei_demo_tell ("A private talk of the mediator with 张三");
  g_autoptr (JsonObject) moved = mabei_demo_person_say (demo->people[MEDIATOR], error, "session", "move",
                                                        demo->person_ids[FIRST_PARTY], "caucus", NULL);
  if (moved == NULL || !mabei_demo_until (demo, "张三 is asked", FIRST_PARTY, is_asked, NULL, error))
    return FALSE;
  g_autoptr (JsonObject) accepted = mabei_demo_person_say (demo->people[FIRST_PARTY], error, "session", "accept", NULL);
  if (accepted == NULL ||
      !mabei_demo_until (demo, "张三 is in the private room", FIRST_PARTY, is_in_room, "caucus", error) ||
      !mabei_demo_until (demo, "and so is the mediator", MEDIATOR, is_in_room, "caucus", error))
    return FALSE;
  g_autoptr (JsonObject) tone =
      demo->camera ? json_object_new ()
                   : mabei_demo_person_say (demo->people[FIRST_PARTY], error, "session", "tone", CAUCUS_TONE_HZ, NULL);
  if (tone == NULL || !mabei_demo_picture (demo, "private", "session", error) || !check_wall (demo, error))
    return FALSE;
  g_autoptr (JsonObject) back = mabei_demo_person_say (demo->people[MEDIATOR], error, "session", "move",
                                                       demo->person_ids[MEDIATOR], "joint", NULL);
  if (back == NULL)
    return FALSE;
  if (mabei_demo_until (demo, "张三 is asked back", FIRST_PARTY, is_asked, NULL, error)) {
    g_autoptr (JsonObject) yes = mabei_demo_person_say (demo->people[FIRST_PARTY], error, "session", "accept", NULL);
    if (yes == NULL)
      return FALSE;
  } else {
    return FALSE;
  }
  return mabei_demo_until (demo, "all are in the joint room again", FIRST_PARTY, is_in_room, "joint", error);
}

gboolean
mabei_demo_story_meeting (MabeiDemo *demo, GError **error)
{
  if (!gather (demo, error) || !write_minutes (demo, error) || !talk_privately (demo, error))
    return FALSE;
  for (guint a = 0; a < N_PEOPLE; a++)
    for (guint b = 0; b < N_PEOPLE; b++)
      demo->frames[a][b] = a == b ? 0 : (guint64) frames_of (demo, a, b);
  demo->changes = changes_held (demo, MEDIATOR);
  return TRUE;
}
