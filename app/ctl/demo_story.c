/* The first half of the story: a case, two invitations, admission after comparing codes; and the words that every part
 * of the story uses. */
#include <glib/gstdio.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "app/ctl/demo_private.h"
#include "app/desk/code.h"

#define PATIENCE_MS 60000
#define LOOK_EVERY_US 200000

void
mabei_demo_tell (const char *format, ...)
{
  va_list list;
  va_start (list, format);
  g_autofree char *text = g_strdup_vprintf (format, list);
  va_end (list);
  printf ("· %s\n", text);
  fflush (stdout);
}

gboolean
mabei_demo_check (MabeiDemo *demo, gboolean holds, GError **error, const char *format, ...)
{
  va_list list;
  va_start (list, format);
  g_autofree char *text = g_strdup_vprintf (format, list);
  va_end (list);
  if (holds) {
    demo->checks++;
    printf ("  ✓ %s\n", text);
    fflush (stdout);
  } else if (error == NULL || *error == NULL) {
    g_set_error (error, MABEI_DESK_ERROR, MABEI_CODE_UNVERIFIED, "this did not hold: %s", text);
  }
  return holds;
}

/* For whoever has to find out why: what every program thinks of the session and of its line. */
static void
say_states (MabeiDemo *demo)
{
  for (guint n = 0; n < N_PEOPLE; n++) {
    g_autoptr (JsonObject) session = mabei_demo_person_say (demo->people[n], NULL, "session", "state", NULL);
    g_autoptr (JsonObject) line = mabei_demo_person_say (demo->people[n], NULL, "sync", "status", NULL);
    g_autoptr (JsonNode) first = json_node_new (JSON_NODE_OBJECT);
    g_autoptr (JsonNode) second = json_node_new (JSON_NODE_OBJECT);
    json_node_set_object (first, session);
    json_node_set_object (second, line);
    g_autofree char *told = session != NULL ? json_to_string (first, FALSE) : NULL;
    g_autofree char *status = line != NULL ? json_to_string (second, FALSE) : NULL;
    fprintf (stderr, "%s: %s %s\n", mabei_demo_names[n], told, status);
  }
}

gboolean
mabei_demo_until (MabeiDemo *demo, const char *what, guint who, MabeiDemoTest test, gconstpointer with, GError **error)
{
  gint64 deadline = g_get_monotonic_time () + (gint64) PATIENCE_MS * 1000;
  while (!test (demo, who, with)) {
    if (g_get_monotonic_time () > deadline || !mabei_demo_person_is_alive (demo->people[who])) {
      say_states (demo);
      return mabei_demo_check (demo, FALSE, error, "%s (waited %d s)", what, PATIENCE_MS / 1000);
    }
    g_usleep (LOOK_EVERY_US);
  }
  return mabei_demo_check (demo, TRUE, error, "%s", what);
}

gboolean
mabei_demo_picture (MabeiDemo *demo, const char *stage, const char *page, GError **error)
{
  if (demo->headless)
    return TRUE;
  static const char *const short_names[N_PEOPLE] = {"mediator", "party-a", "party-b"};
  /* Windows paint what they were told a moment ago. */
  g_usleep (700000);
  for (guint n = 0; n < N_PEOPLE; n++) {
    g_autofree char *name =
        g_strdup_printf ("%02u-%s-%s.png", demo->pictures->len / N_PEOPLE + 1, stage, short_names[n]);
    g_autofree char *path = g_build_filename (demo->screenshots, name, NULL);
    g_autoptr (JsonObject) shown =
        page != NULL ? mabei_demo_person_say (demo->people[n], error, "window", "show", page, NULL) : NULL;
    if (page != NULL && shown == NULL)
      return FALSE;
    if (page != NULL)
      g_usleep (500000);
    g_autoptr (JsonObject) made = mabei_demo_person_say (demo->people[n], error, "window", "screenshot", path, NULL);
    if (made == NULL)
      return FALSE;
    g_ptr_array_add (demo->pictures, g_steal_pointer (&path));
  }
  return TRUE;
}

/* --- the minutes --- */

char *
mabei_demo_text (MabeiDemo *demo, guint who)
{
  g_autoptr (JsonObject) shown = mabei_demo_person_say (demo->people[who], NULL, "doc", "show", demo->minutes, NULL);
  return shown != NULL ? g_strdup (json_object_get_string_member (shown, "text")) : NULL;
}

gboolean
mabei_demo_write (MabeiDemo *demo, guint who, const char *sentence, GError **error)
{
  g_autofree char *line = g_strconcat (sentence, "\n", NULL);
  g_autoptr (JsonObject) done =
      mabei_demo_person_say (demo->people[who], error, "doc", "edit", demo->minutes, "--insert", line, NULL);
  if (done != NULL)
    g_ptr_array_add (demo->planted, g_strdup (sentence));
  return done != NULL;
}

static char *
state_hash (MabeiDemo *demo, guint who, const char *space)
{
  g_autoptr (JsonObject) hash =
      mabei_demo_person_say (demo->people[who], NULL, "case", "state-hash", "--space", space, NULL);
  if (hash == NULL)
    return NULL;
  JsonObject *spaces = json_object_get_object_member (hash, "spaces");
  g_autoptr (GList) values = json_object_get_values (spaces);
  return values != NULL ? g_strdup (json_node_get_string (values->data)) : NULL;
}

/* Everyone's joint and control spaces have the same state, and so has the private one of the mediator and the first
 * party. */
gboolean
mabei_demo_all_agree (MabeiDemo *demo, G_GNUC_UNUSED guint who, G_GNUC_UNUSED gconstpointer with)
{
  static const char *const spaces[] = {"joint", "control"};
  for (gsize s = 0; s < G_N_ELEMENTS (spaces); s++) {
    g_autofree char *first = state_hash (demo, MEDIATOR, spaces[s]);
    for (guint n = 1; n < N_PEOPLE; n++) {
      g_autofree char *other = state_hash (demo, n, spaces[s]);
      if (first == NULL || g_strcmp0 (first, other) != 0)
        return FALSE;
    }
  }
  g_autofree char *own_name = g_strconcat ("caucus:", mabei_demo_names[FIRST_PARTY], NULL);
  g_autofree char *at_mediator = state_hash (demo, MEDIATOR, own_name);
  g_autofree char *at_party = state_hash (demo, FIRST_PARTY, "caucus");
  return at_mediator != NULL && g_strcmp0 (at_mediator, at_party) == 0;
}

/* --- admission --- */

static char *
own_knock_code (MabeiDemo *demo, guint who, const char *knock)
{
  g_autoptr (JsonObject) told = mabei_demo_person_say (demo->people[who], NULL, "invite", "code", knock, NULL);
  return told != NULL && json_object_has_member (told, "code") ? g_strdup (json_object_get_string_member (told, "code"))
                                                               : NULL;
}

typedef struct {
  guint joiner;
  const char *knock;
} Pair;

static gboolean
codes_are_equal (MabeiDemo *demo, G_GNUC_UNUSED guint who, gconstpointer with)
{
  const Pair *pair = with;
  g_autofree char *here = own_knock_code (demo, MEDIATOR, pair->knock);
  g_autofree char *there = own_knock_code (demo, pair->joiner, pair->knock);
  return here != NULL && g_strcmp0 (here, there) == 0;
}

static gboolean
has_case (MabeiDemo *demo, guint who, G_GNUC_UNUSED gconstpointer with)
{
  g_autoptr (JsonObject) list = mabei_demo_person_say (demo->people[who], NULL, "doc", "list", NULL);
  if (list == NULL || !json_object_has_member (list, "items"))
    return FALSE;
  return json_array_get_length (json_object_get_array_member (list, "items")) > 0;
}

/* Both sides of the door: the code at the mediator, and at who knocks. */
static gboolean
picture_of_the_door (MabeiDemo *demo, GError **error)
{
  if (demo->headless)
    return TRUE;
  g_autoptr (JsonObject) at_mediator =
      mabei_demo_person_say (demo->people[MEDIATOR], error, "window", "show", "admit", NULL);
  g_autoptr (JsonObject) at_party =
      at_mediator != NULL ? mabei_demo_person_say (demo->people[FIRST_PARTY], error, "window", "show", "join", NULL)
                          : NULL;
  return at_party != NULL && mabei_demo_picture (demo, "door", NULL, error);
}

static gboolean
admit (MabeiDemo *demo, guint joiner, GError **error)
{
  const char *name = mabei_demo_names[joiner];
  g_autoptr (JsonObject) invited = mabei_demo_person_say (demo->people[MEDIATOR], error, "invite", "create", "--role",
                                                          "party", "--name", name, NULL);
  if (invited == NULL)
    return FALSE;
  const char *link = json_object_get_string_member (invited, "link");
  g_autoptr (JsonObject) knocked = mabei_demo_person_say (demo->people[joiner], error, "invite", "knock", link, NULL);
  if (knocked == NULL)
    return FALSE;
  Pair pair = {joiner, json_object_get_string_member (knocked, "knock")};
  g_autofree char *what = g_strdup_printf ("%s and the mediator read the same six digits to each other", name);
  if (!mabei_demo_until (demo, what, joiner, codes_are_equal, &pair, error))
    return FALSE;
  if (joiner == FIRST_PARTY && !picture_of_the_door (demo, error))
    return FALSE;
  g_autoptr (JsonObject) admitted =
      mabei_demo_person_say (demo->people[MEDIATOR], error, "invite", "admit", pair.knock, NULL);
  g_autofree char *arrived = g_strdup_printf ("%s is admitted; the case is on their device", name);
  return admitted != NULL && mabei_demo_until (demo, arrived, joiner, has_case, NULL, error);
}

static gboolean
open_case (MabeiDemo *demo, GError **error)
{
  g_autoptr (JsonObject) made =
      mabei_demo_person_say (demo->people[MEDIATOR], error, "case", "new", "--title", "张三与李四相邻关系纠纷", NULL);
  if (made == NULL)
    return FALSE;
  demo->case_id = g_strdup (json_object_get_string_member (made, "case"));
  g_autoptr (JsonObject) minutes = mabei_demo_person_say (demo->people[MEDIATOR], error, "doc", "new", "--kind",
                                                          "minutes", "--title", "调解笔录", NULL);
  if (minutes == NULL)
    return FALSE;
  demo->minutes = g_strdup (json_object_get_string_member (minutes, "doc"));
  return TRUE;
}

gboolean
mabei_demo_story (MabeiDemo *demo, GError **error)
{
  mabei_demo_tell ("王调解员 opens a case and invites both sides");
  if (!open_case (demo, error))
    return FALSE;
  for (guint n = FIRST_PARTY; n < N_PEOPLE; n++)
    if (!admit (demo, n, error))
      return FALSE;
  return mabei_demo_picture (demo, "case", "overview", error) && mabei_demo_story_meeting (demo, error) &&
         mabei_demo_story_apart (demo, error);
}
