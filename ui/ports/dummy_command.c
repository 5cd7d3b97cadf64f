#include <gio/gio.h>
#include "ui/ports/dummy_private.h"

static gboolean
is (const char *const *words, const char *noun, const char *verb)
{
  return g_strcmp0 (words[0], noun) == 0 && g_strcmp0 (words[1], verb) == 0;
}

static const char *
option (const char *const *words, const char *name)
{
  for (guint i = 0; words[i] != NULL; i++) {
    if (g_strcmp0 (words[i], name) == 0)
      return words[i + 1];
  }
  return NULL;
}

static guint
device_index (const char *device)
{
  return device != NULL && *device == 'd' ? (guint) (device[1] - '0') % 3 : 0;
}

static gboolean
run_session (MabeiDummy *dummy, const char *const *words)
{
  guint self = dummy->party ? 1 : 0;

  if (is (words, "session", "open")) {
    dummy->open = dummy->joined = TRUE;
    dummy->rooms[self] = "joint";
    dummy->rooms[1] = dummy->rooms[2] = "waiting";
  } else if (is (words, "session", "join")) {
    dummy->joined = TRUE;
    dummy->rooms[self] = dummy->party ? "waiting" : "joint";
  } else if (is (words, "session", "leave")) {
    dummy->joined = FALSE;
    dummy->rooms[self] = NULL;
    dummy->open = dummy->party;
  } else if (is (words, "session", "admit")) {
    dummy->rooms[device_index (words[2])] = "joint";
  } else if (is (words, "session", "move")) {
    for (guint i = 0; i < 3; i++) {
      if (g_strcmp0 (dummy->rooms[i], "caucus") == 0)
        dummy->rooms[i] = "joint";
    }
    dummy->rooms[device_index (words[2])] = g_strcmp0 (words[3], "caucus") == 0 ? "caucus" : "joint";
    dummy->rooms[0] = dummy->rooms[device_index (words[2])];
  } else if (is (words, "session", "accept")) {
    dummy->asked = FALSE;
    dummy->rooms[0] = dummy->rooms[1] = "caucus";
  } else if (is (words, "session", "mute") || is (words, "session", "unmute")) {
    dummy->muted = g_strcmp0 (words[1], "mute") == 0;
  } else if (is (words, "session", "camera")) {
    dummy->camera_off = g_strcmp0 (words[2], "off") == 0;
  } else if (is (words, "session", "lock")) {
    dummy->locked = TRUE;
  } else {
    return FALSE;
  }
  mabei_dummy_notify (dummy, MABEI_CHANGED_SESSION);
  return TRUE;
}

static gboolean
run_sync (MabeiDummy *dummy, const char *const *words)
{
  if (is (words, "sync", "offline")) {
    dummy->offline = TRUE;
  } else if (is (words, "sync", "online") || is (words, "sync", "now")) {
    dummy->offline = FALSE;
    dummy->unsent = 0;
  } else if (!is (words, "bundle", "export") && !is (words, "bundle", "import")) {
    return FALSE;
  }
  mabei_dummy_notify (dummy, MABEI_CHANGED_SYNC | MABEI_CHANGED_CASES);
  return TRUE;
}

static gboolean
run_invite (MabeiDummy *dummy, const char *const *words, GVariantDict *reply)
{
  if (is (words, "invite", "create")) {
    dummy->invited = TRUE;
    g_variant_dict_insert (reply, "link", "s",
                           "mabei:join#AQ3K7F2QX9M4ZT6W8PL5R1CV0BNDYHJG7F3K2QX9M4ZT6W8PL5R1CV0BNDYHJGE6S");
    g_variant_dict_insert (reply, "expires", "s", "2026-12-01T00:00:00Z");
  } else if (is (words, "invite", "knock")) {
    dummy->knock = 3;
    g_variant_dict_insert (reply, "knock", "s", "n3");
  } else if (is (words, "invite", "admit") || is (words, "invite", "refuse")) {
    dummy->knock = 0;
  } else {
    return FALSE;
  }
  mabei_dummy_notify (dummy, MABEI_CHANGED_KNOCKS | MABEI_CHANGED_CASES);
  return TRUE;
}

static gboolean
run_record (MabeiDummy *dummy, const char *const *words, GVariantDict *reply)
{
  guint self = dummy->party ? 1 : 0;

  if (is (words, "case", "new")) {
    g_autofree char *id = g_strdup_printf ("n%u", dummy->titles->len);

    g_ptr_array_add (dummy->titles, g_strdup (option (words, "--title")));
    g_variant_dict_insert (reply, "case", "s", id);
  } else if (is (words, "case", "set") || is (words, "conflict", "resolve")) {
    g_free (dummy->amount);
    dummy->amount = g_strdup (words[3]);
  } else if (is (words, "doc", "new")) {
    dummy->minutes = TRUE;
    g_variant_dict_insert (reply, "doc", "s", "m1");
  } else if (is (words, "space", "post")) {
    const char *space = option (words, "--space");
    const char *level = option (words, "--level");
    g_autofree char *key = g_strdup_printf ("%s|%s", space != NULL ? space : "s0", level != NULL ? level : "");

    g_ptr_array_add (dummy->posts, mabei_dummy_message (mabei_dummy_name (dummy, self), words[2], key,
                                                        g_get_real_time () / 1000, MABEI_PLACE_HERE));
  } else {
    return FALSE;
  }
  dummy->unsent++;
  mabei_dummy_notify (dummy, MABEI_CHANGED_CASES | MABEI_CHANGED_SYNC);
  return TRUE;
}

GVariant *
mabei_dummy_run (MabeiDummy *dummy, const char *case_id, const char *const *words, GError **error)
{
  g_auto (GVariantDict) reply = G_VARIANT_DICT_INIT (NULL);

  if (run_session (dummy, words) || run_sync (dummy, words) || run_invite (dummy, words, &reply) ||
      run_record (dummy, words, &reply))
    return g_variant_ref_sink (g_variant_dict_end (&reply));
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "unknown command: %s %s", words[0], words[1]);
  return NULL;
}
