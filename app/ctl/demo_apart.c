/* The end of the story: the network is cut, both sides go on, it comes back (once by the hub, once by a bundle): text
 * merges, two amounts stand side by side, a person decides. Then the count: nothing may be lost. */
#include <stdio.h>
#include <string.h>

#include "app/ctl/demo_private.h"
#include "app/desk/code.h"

static gboolean
cut (MabeiDemo *demo, guint who, gboolean off, GError **error)
{
  if (demo->network != NULL)
    return mabei_demo_check (demo, mabei_demo_network_set_link (demo->network, who, !off), error,
                             off ? "%s's cable is pulled" : "%s's cable is plugged in", mabei_demo_names[who]);
  g_autoptr (JsonObject) done =
      mabei_demo_person_say (demo->people[who], error, "sync", off ? "offline" : "online", NULL);
  return done != NULL &&
         mabei_demo_check (demo, TRUE, error, off ? "%s is offline" : "%s is online again", mabei_demo_names[who]);
}

static gboolean
connection_is (MabeiDemo *demo, guint who, gconstpointer with)
{
  g_autoptr (JsonObject) status = mabei_demo_person_say (demo->people[who], NULL, "sync", "status", NULL);
  return status != NULL && json_object_get_boolean_member (status, "connected") == *(const gboolean *) with;
}

static gboolean
media_is_lost (MabeiDemo *demo, guint who, gconstpointer with)
{
  g_autoptr (JsonObject) state = mabei_demo_person_say (demo->people[who], NULL, "session", "state", NULL);
  if (state == NULL || !json_object_has_member (state, "people"))
    return FALSE;
  JsonArray *people = json_object_get_array_member (state, "people");
  for (guint i = 0; i < json_array_get_length (people); i++) {
    JsonObject *person = json_array_get_object_element (people, i);
    if (strcmp (json_object_get_string_member (person, "name"), with) == 0)
      return !json_object_get_boolean_member (person, "connected");
  }
  return TRUE;
}

static gboolean
media_is_back (MabeiDemo *demo, guint who, gconstpointer with)
{
  return !media_is_lost (demo, who, with);
}

static gint64
conflict_values (MabeiDemo *demo, guint who)
{
  g_autoptr (JsonObject) list = mabei_demo_person_say (demo->people[who], NULL, "conflict", "list", NULL);
  if (list == NULL)
    return -1;
  JsonArray *items = json_object_get_array_member (list, "items");
  if (json_array_get_length (items) != 1)
    return 0;
  return json_array_get_length (json_object_get_array_member (json_array_get_object_element (items, 0), "values"));
}

static gboolean
sees_two_amounts (MabeiDemo *demo, guint who, G_GNUC_UNUSED gconstpointer with)
{
  return conflict_values (demo, who) == 2;
}

static gboolean
sees_no_conflict (MabeiDemo *demo, guint who, G_GNUC_UNUSED gconstpointer with)
{
  return conflict_values (demo, who) == 0;
}

static gboolean
set_amount (MabeiDemo *demo, guint who, const char *amount, GError **error)
{
  g_autoptr (JsonObject) done = mabei_demo_person_say (demo->people[who], error, "case", "set", "amount", amount, NULL);
  return done != NULL;
}

/* 李四 has no network; both sides write, and name different amounts. */
static gboolean
apart_by_hub (MabeiDemo *demo, GError **error)
{
  static const gboolean yes = TRUE, no = FALSE;
  mabei_demo_tell ("李四 loses the network; everyone goes on");
  if (!cut (demo, SECOND_PARTY, TRUE, error) ||
      !mabei_demo_until (demo, "李四's device notices", SECOND_PARTY, connection_is, &no, error) ||
      !mabei_demo_until (demo, "the others notice that 李四 is gone", MEDIATOR, media_is_lost,
                         mabei_demo_names[SECOND_PARTY], error) ||
      !mabei_demo_write (demo, SECOND_PARTY, "李四：断网期间记下，愿意补偿。", error) ||
      !mabei_demo_write (demo, MEDIATOR, "调解员：李四掉线，继续听取张三意见。", error) ||
      !mabei_demo_write (demo, FIRST_PARTY, "张三：希望年底前解决。", error) ||
      !set_amount (demo, MEDIATOR, "500", error) || !set_amount (demo, SECOND_PARTY, "600", error) ||
      !mabei_demo_picture (demo, "offline", "overview", error) || !cut (demo, SECOND_PARTY, FALSE, error))
    return FALSE;
  gint64 started = g_get_monotonic_time ();
  if (!mabei_demo_until (demo, "李四 is connected again", SECOND_PARTY, connection_is, &yes, error) ||
      !mabei_demo_until (demo, "all replicas are the same again, by the hub", MEDIATOR, mabei_demo_all_agree, NULL,
                         error))
    return FALSE;
  demo->merge_hub_ms = (g_get_monotonic_time () - started) / 1000;
  for (guint n = 0; n < N_PEOPLE; n++)
    if (!mabei_demo_until (demo, "two amounts stand side by side", n, sees_two_amounts, NULL, error))
      return FALSE;
  if (!mabei_demo_until (demo, "and 李四 is seen in the session again", MEDIATOR, media_is_back,
                         mabei_demo_names[SECOND_PARTY], error) ||
      !mabei_demo_picture (demo, "conflict", "conflict", error))
    return FALSE;
  g_autoptr (JsonObject) chosen =
      mabei_demo_person_say (demo->people[MEDIATOR], error, "conflict", "resolve", "amount", "600", NULL);
  if (chosen == NULL)
    return FALSE;
  for (guint n = 0; n < N_PEOPLE; n++)
    if (!mabei_demo_until (demo, "a person chose: one amount stands", n, sees_no_conflict, NULL, error))
      return FALSE;
  return mabei_demo_picture (demo, "resolved", "overview", error);
}

static gboolean
carry (MabeiDemo *demo, guint from, guint to, gint64 *n_new, GError **error)
{
  g_autofree char *name = g_strdup_printf ("stick-%u-%u.mabei", from, to);
  g_autofree char *path = g_build_filename (demo->folder, name, NULL);
  g_autoptr (JsonObject) exported = mabei_demo_person_say (demo->people[from], error, "bundle", "export", "--to",
                                                           demo->person_ids[to], "-o", path, NULL);
  if (exported == NULL)
    return FALSE;
  demo->bundle_bytes += (guint64) json_object_get_int_member (exported, "bytes");
  g_autoptr (JsonObject) imported = mabei_demo_person_say (demo->people[to], error, "bundle", "import", path, NULL);
  if (imported == NULL)
    return FALSE;
  *n_new = json_object_get_int_member (imported, "new");
  return TRUE;
}

/* The same once more, with nothing but two files between them. */
static gboolean
apart_by_bundle (MabeiDemo *demo, GError **error)
{
  static const gboolean yes = TRUE, no = FALSE;
  gint64 to_second = 0, to_first = 0;
  mabei_demo_tell ("Again no network; this time a stick goes back and forth");
  if (!cut (demo, SECOND_PARTY, TRUE, error) ||
      !mabei_demo_until (demo, "李四's device notices", SECOND_PARTY, connection_is, &no, error) ||
      !mabei_demo_write (demo, SECOND_PARTY, "李四：村里没有网络，用优盘交换。", error) ||
      !mabei_demo_write (demo, MEDIATOR, "调解员：收到请放心，内容不会丢。", error))
    return FALSE;
  gint64 started = g_get_monotonic_time ();
  if (!carry (demo, MEDIATOR, SECOND_PARTY, &to_second, error) ||
      !carry (demo, SECOND_PARTY, MEDIATOR, &to_first, error) ||
      !mabei_demo_check (demo, to_second > 0 && to_first > 0, error, "the two files brought %d and %d changes",
                         (int) to_second, (int) to_first) ||
      !mabei_demo_until (demo, "all replicas are the same again, by two files", MEDIATOR, mabei_demo_all_agree, NULL,
                         error))
    return FALSE;
  demo->merge_bundle_ms = (g_get_monotonic_time () - started) / 1000;
  return cut (demo, SECOND_PARTY, FALSE, error) &&
         mabei_demo_until (demo, "李四 is connected again", SECOND_PARTY, connection_is, &yes, error);
}

static gboolean
everything_is_out (MabeiDemo *demo, guint who, G_GNUC_UNUSED gconstpointer with)
{
  g_autoptr (JsonObject) status = mabei_demo_person_say (demo->people[who], NULL, "sync", "status", NULL);
  if (status == NULL || json_object_get_int_member (status, "unsent") != 0)
    return FALSE;
  JsonArray *peers = json_object_get_array_member (status, "peers");
  for (guint i = 0; i < json_array_get_length (peers); i++)
    if (json_object_get_int_member (json_array_get_object_element (peers, i), "missing") != 0)
      return FALSE;
  return TRUE;
}

static gboolean
count (MabeiDemo *demo, GError **error)
{
  mabei_demo_tell ("The count");
  for (guint n = 0; n < N_PEOPLE; n++) {
    g_autofree char *text = mabei_demo_text (demo, n);
    for (guint i = 0; i < demo->planted->len; i++) {
      const char *sentence = g_ptr_array_index (demo->planted, i);
      const char *at = text != NULL ? strstr (text, sentence) : NULL;
      if (at == NULL || strstr (at + 1, sentence) != NULL)
        demo->lost++;
    }
    g_autoptr (JsonObject) sound = mabei_demo_person_say (demo->people[n], error, "fsck", NULL);
    g_autoptr (JsonObject) status = mabei_demo_person_say (demo->people[n], error, "sync", "status", NULL);
    if (sound == NULL || status == NULL)
      return FALSE;
    demo->bytes_in[n] = (guint64) json_object_get_int_member (status, "bytes_in");
    demo->bytes_out[n] = (guint64) json_object_get_int_member (status, "bytes_out");
  }
  return mabei_demo_check (demo, demo->lost == 0, error, "every one of %u sentences is there once on all three devices",
                           demo->planted->len);
}

gboolean
mabei_demo_story_apart (MabeiDemo *demo, GError **error)
{
  if (!apart_by_hub (demo, error) || !apart_by_bundle (demo, error))
    return FALSE;
  for (guint n = 0; n < N_PEOPLE; n++)
    if (!mabei_demo_until (demo, "this device knows that everyone has everything", n, everything_is_out, NULL, error))
      return FALSE;
  return count (demo, error) && mabei_demo_picture (demo, "end", "people", error);
}
