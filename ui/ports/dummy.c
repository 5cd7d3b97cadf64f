#include "ui/ports/dummy.h"
#include <gio/gio.h>
#include "ui/ports/dummy_private.h"

enum { ANSWER_AFTER_MS = 5, UNLOCK_AFTER_MS = 60 };

typedef struct {
  MabeiDummy *dummy;
  MabeiPortReply reply;
  gpointer user_data;
  GVariant *answer;
  GError *error;
  guint source;
} Answer;

void
mabei_dummy_notify (MabeiDummy *dummy, MabeiChanged what)
{
  g_clear_pointer (&dummy->cases, g_ptr_array_unref);
  if (dummy->port.changed != NULL)
    dummy->port.changed (&dummy->port, what, dummy->port.changed_data);
}

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  g_clear_pointer (&answer->answer, g_variant_unref);
  g_clear_error (&answer->error);
  g_free (answer);
}

static gboolean
on_answer (gpointer data)
{
  Answer *answer = data;

  g_hash_table_remove (answer->dummy->pending, GUINT_TO_POINTER (answer->source));
  answer->reply (answer->user_data, answer->answer, answer->error);
  return G_SOURCE_REMOVE;
}

static void
dummy_submit (MabeiPort *port, const char *case_id, const char *const *words, MabeiPortReply reply, gpointer user_data)
{
  MabeiDummy *dummy = port->data;
  g_autofree char *line = g_strjoinv (" ", (char **) words);
  Answer *answer = g_new0 (Answer, 1);

  g_string_assign (dummy->last_command, line);
  answer->dummy = dummy;
  answer->reply = reply;
  answer->user_data = user_data;
  answer->answer = mabei_dummy_run (dummy, case_id, words, &answer->error);
  answer->source = g_timeout_add_full (G_PRIORITY_DEFAULT, ANSWER_AFTER_MS, on_answer, answer, answer_free);
  g_hash_table_add (dummy->pending, GUINT_TO_POINTER (answer->source));
}

static GPtrArray *
dummy_cases (MabeiPort *port)
{
  MabeiDummy *dummy = port->data;

  if (dummy->cases == NULL)
    dummy->cases = mabei_dummy_make_cases (dummy);
  return g_ptr_array_ref (dummy->cases);
}

static MabeiSessionView *
dummy_session (MabeiPort *port, const char *case_id)
{
  MabeiDummy *dummy = port->data;
  MabeiSessionView *view = g_new0 (MabeiSessionView, 1);
  guint self = dummy->party ? 1 : 0;

  view->tiles = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_tile_free);
  if (g_strcmp0 (case_id, MABEI_DUMMY_CASE) != 0)
    return view;
  view->open = dummy->open;
  view->joined = dummy->joined;
  view->is_host = !dummy->party;
  view->locked = dummy->locked;
  view->own_room = g_strdup (dummy->rooms[self]);
  view->caucus_elsewhere = dummy->elsewhere;
  view->asked_to_room = dummy->asked ? g_strdup ("caucus") : NULL;
  view->started_ms = g_get_real_time () / 1000 - 12 * 60 * 1000;
  if (g_strcmp0 (view->own_room, "caucus") == 0)
    view->caucus_with = g_strdup (mabei_dummy_name (dummy, self == 0 ? 1 : 0));
  for (guint i = 0; dummy->joined && i < 3; i++) {
    MabeiTile *tile;

    if (dummy->rooms[i] == NULL)
      continue;
    tile = g_new0 (MabeiTile, 1);
    tile->device = g_strdup_printf ("d%u", i);
    tile->name = g_strdup (mabei_dummy_name (dummy, i));
    tile->room = g_strdup (dummy->rooms[i]);
    tile->is_self = i == self;
    tile->muted = tile->is_self ? dummy->muted : i == 2;
    tile->camera = tile->is_self ? !dummy->camera_off : TRUE;
    tile->speaking = i == 1 && g_strcmp0 (tile->room, "waiting") != 0;
    tile->connected = g_strcmp0 (tile->room, "waiting") != 0;
    tile->frames = 250;
    g_ptr_array_add (view->tiles, tile);
  }
  return view;
}

static MabeiSyncView *
dummy_sync (MabeiPort *port)
{
  MabeiDummy *dummy = port->data;
  MabeiSyncView *view = g_new0 (MabeiSyncView, 1);

  view->connected = !dummy->offline;
  view->offline_switch = dummy->offline;
  view->unsent = dummy->unsent;
  view->bytes_in = 48213;
  view->bytes_out = 20480;
  return view;
}

static GPtrArray *
dummy_knocks (MabeiPort *port)
{
  MabeiDummy *dummy = port->data;
  GPtrArray *knocks = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_knock_view_free);
  MabeiKnockView *knock;

  if (dummy->knock == 0)
    return knocks;
  knock = g_new0 (MabeiKnockView, 1);
  knock->knock = g_strdup (dummy->knock == 3 ? "n3" : "n1");
  knock->case_id = g_strdup (MABEI_DUMMY_CASE);
  knock->name = g_strdup (dummy->chinese ? "赵敏" : "Zhao Min");
  knock->role = g_strdup ("interpreter");
  knock->code = g_strdup ("482913");
  knock->own = dummy->knock == 3;
  knock->alarm = dummy->knock == 2;
  g_ptr_array_add (knocks, knock);
  return knocks;
}

static char *
dummy_own_name (MabeiPort *port)
{
  MabeiDummy *dummy = port->data;

  return g_strdup (mabei_dummy_name (dummy, dummy->party ? 1 : 0));
}

static GdkPaintable *
dummy_video (MabeiPort *port, const char *device)
{
  MabeiDummy *dummy = port->data;
  guint index = g_strcmp0 (device, "self") == 0 ? (dummy->party ? 1 : 0) : (guint) (device[1] - '0') % 3;

  if (dummy->pictures[index] == NULL)
    dummy->pictures[index] = mabei_dummy_picture_new (index);
  return g_object_ref (dummy->pictures[index]);
}

static char *
dummy_text_open (MabeiPort *port,
                 const char *case_id,
                 const char *document,
                 MabeiDummyPatch patch,
                 gpointer user_data,
                 guint *handle)
{
  MabeiDummy *dummy = port->data;

  dummy->patch = patch;
  dummy->patch_data = user_data;
  *handle = 1;
  return mabei_dummy_text_get (dummy->text);
}

static gboolean
dummy_text_edit (MabeiPort *port, guint handle, guint position, guint removed, const char *inserted, GError **error)
{
  MabeiDummy *dummy = port->data;

  if (position + removed > mabei_dummy_text_length (dummy->text)) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "outside of the text");
    return FALSE;
  }
  mabei_dummy_text_edit (dummy->text, TRUE, position, removed, inserted);
  return TRUE;
}

static gboolean
dummy_text_undo (MabeiPort *port, guint handle, GError **error)
{
  MabeiDummy *dummy = port->data;

  return dummy->patch != NULL && mabei_dummy_text_undo (dummy->text, dummy->patch, dummy->patch_data);
}

static void
dummy_text_close (MabeiPort *port, guint handle)
{
  MabeiDummy *dummy = port->data;

  dummy->patch = NULL;
  dummy->patch_data = NULL;
}

void
mabei_dummy_remote_edit (MabeiPort *port, guint position, guint removed, const char *inserted)
{
  MabeiDummy *dummy = port->data;

  mabei_dummy_text_edit (dummy->text, FALSE, position, removed, inserted);
  if (dummy->patch != NULL)
    dummy->patch (position, removed, inserted, dummy->patch_data);
}

char *
mabei_dummy_text (MabeiPort *port)
{
  return mabei_dummy_text_get (((MabeiDummy *) port->data)->text);
}

const char *
mabei_dummy_last_command (MabeiPort *port)
{
  return ((MabeiDummy *) port->data)->last_command->str;
}

typedef struct {
  MabeiDummy *dummy;
  GError *error;
  void (*done) (const GError *error, gpointer user_data);
  gpointer user_data;
} Unlocking;

static gboolean
on_unlocked (gpointer data)
{
  Unlocking *unlocking = data;

  unlocking->done (unlocking->error, unlocking->user_data);
  g_clear_error (&unlocking->error);
  g_free (unlocking);
  return G_SOURCE_REMOVE;
}

static void
dummy_unlock (gpointer data,
              const char *name,
              const char *passphrase,
              void (*done) (const GError *error, gpointer user_data),
              gpointer user_data)
{
  MabeiDummy *dummy = data;
  Unlocking *unlocking = g_new0 (Unlocking, 1);

  unlocking->dummy = dummy;
  unlocking->done = done;
  unlocking->user_data = user_data;
  if (dummy->unlock.exists && g_strcmp0 (passphrase, "horseback") != 0)
    unlocking->error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                                            dummy->chinese ? "密码不对。" : "This is not the passphrase.");
  g_timeout_add (UNLOCK_AFTER_MS, on_unlocked, unlocking);
}

MabeiUnlockPort *
mabei_dummy_unlock_port (MabeiPort *port, gboolean exists)
{
  MabeiDummy *dummy = port->data;

  dummy->unlock.data = dummy;
  dummy->unlock.exists = exists;
  dummy->unlock.unlock = dummy_unlock;
  return &dummy->unlock;
}

static void
meet (MabeiDummy *dummy, const char *wang, const char *zhang, const char *li)
{
  dummy->open = TRUE;
  dummy->rooms[0] = wang;
  dummy->rooms[1] = zhang;
  dummy->rooms[2] = li;
  dummy->joined = dummy->rooms[dummy->party ? 1 : 0] != NULL;
}

gboolean
mabei_dummy_scene (MabeiPort *port, const char *scene)
{
  MabeiDummy *dummy = port->data;
  static const char *const scenes[] = {"empty", "start",     "calm",  "knock",  "alarm",     "offline",
                                       "lobby", "waiting",   "joint", "caucus", "elsewhere", "asked",
                                       "party", "own-knock", "many",  NULL};

  if (!g_strv_contains (scenes, scene))
    return FALSE;
  dummy->empty = g_strcmp0 (scene, "empty") == 0;
  dummy->minutes = g_strcmp0 (scene, "start") != 0;
  dummy->extra_cases = g_strcmp0 (scene, "many") == 0 ? 200 : 0;
  dummy->offline = g_strcmp0 (scene, "offline") == 0;
  dummy->unsent = dummy->offline ? 3 : 0;
  dummy->knock = g_strcmp0 (scene, "knock") == 0 ? 1 : g_strcmp0 (scene, "alarm") == 0 ? 2 : 0;
  if (g_strcmp0 (scene, "own-knock") == 0)
    dummy->knock = 3;
  dummy->asked = g_strcmp0 (scene, "asked") == 0;
  dummy->elsewhere = g_strcmp0 (scene, "elsewhere") == 0;
  dummy->party = dummy->asked || dummy->elsewhere || g_strcmp0 (scene, "party") == 0 ||
                 g_strcmp0 (scene, "lobby") == 0 || g_strcmp0 (scene, "waiting") == 0;
  if (g_strcmp0 (scene, "calm") == 0 && dummy->amount == NULL)
    dummy->amount = g_strdup (dummy->chinese ? "500 元" : "500 yuan");
  if (g_strcmp0 (scene, "start") == 0)
    g_clear_pointer (&dummy->amount, g_free);
  meet (dummy, NULL, NULL, NULL);
  dummy->open = g_strcmp0 (scene, "lobby") == 0;
  if (g_strcmp0 (scene, "waiting") == 0)
    meet (dummy, "joint", "waiting", NULL);
  else if (g_strcmp0 (scene, "joint") == 0)
    meet (dummy, "joint", "joint", "waiting");
  else if (g_strcmp0 (scene, "caucus") == 0)
    meet (dummy, "caucus", "caucus", "joint");
  else if (dummy->asked)
    meet (dummy, "joint", "joint", "joint");
  else if (dummy->elsewhere)
    meet (dummy, NULL, "joint", NULL);
  mabei_dummy_notify (dummy, MABEI_CHANGED_CASES | MABEI_CHANGED_SESSION | MABEI_CHANGED_SYNC | MABEI_CHANGED_KNOCKS);
  return TRUE;
}

MabeiPort *
mabei_dummy_new (gboolean chinese)
{
  MabeiDummy *dummy = g_new0 (MabeiDummy, 1);

  dummy->port = (MabeiPort){
      .data = dummy,
      .submit = dummy_submit,
      .cases = dummy_cases,
      .session = dummy_session,
      .sync = dummy_sync,
      .knocks = dummy_knocks,
      .own_name = dummy_own_name,
      .video = dummy_video,
      .text_open = dummy_text_open,
      .text_edit = dummy_text_edit,
      .text_undo = dummy_text_undo,
      .text_close = dummy_text_close,
  };
  dummy->chinese = chinese;
  dummy->minutes = TRUE;
  dummy->titles = g_ptr_array_new_with_free_func (g_free);
  dummy->posts = g_ptr_array_new ();
  dummy->pending = g_hash_table_new (NULL, NULL);
  dummy->last_command = g_string_new (NULL);
  dummy->text = mabei_dummy_text_new (
      chinese ? "14:31 王：宣布调解开始，核对各方身份，告知权利义务。\n14:33 张三：同意在线调解。\n14:34 "
                "李四：同意在线调解，要求把篱笆的事说清楚。\n14:40 王：归纳争议焦点：界桩的位置；篱笆的损失。\n"
              : "14:31 Wang: opens the mediation, checks identities, gives the notice of rights and duties.\n14:33 "
                "Zhang San: consents to online mediation.\n14:34 Li Si: consents; asks that the fence be talked "
                "about.\n14:40 Wang: issues in dispute: where the boundary stone stands; damage to the fence.\n");
  return &dummy->port;
}

static void
message_free (gpointer data)
{
  MabeiViewMessage *message = data;

  g_free (message->by);
  g_free (message->text);
  g_free (message->level);
  g_free (message);
}

void
mabei_dummy_free (MabeiPort *port)
{
  MabeiDummy *dummy = port->data;
  g_autoptr (GList) sources = g_hash_table_get_keys (dummy->pending);

  for (GList *l = sources; l != NULL; l = l->next)
    g_source_remove (GPOINTER_TO_UINT (l->data));
  g_hash_table_unref (dummy->pending);
  g_clear_pointer (&dummy->cases, g_ptr_array_unref);
  g_ptr_array_unref (dummy->titles);
  g_ptr_array_set_free_func (dummy->posts, message_free);
  g_ptr_array_unref (dummy->posts);
  for (guint i = 0; i < 3; i++)
    g_clear_object (&dummy->pictures[i]);
  mabei_dummy_text_free (dummy->text);
  g_string_free (dummy->last_command, TRUE);
  g_free (dummy->amount);
  g_free (dummy);
}
