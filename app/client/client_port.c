#include "app/client/client_port.h"

#include <string.h>

#include "app/client/video_paintable.h"
#include "app/desk/admission.h"
#include "app/desk/command.h"
#include "app/desk/desk_line.h"
#include "app/desk/meeting.h"
#include "core/view/builder.h"

typedef struct {
  guint handle;
  MabeiShortId document;
  MabeiId case_id;
  void (*patch) (guint position, guint removed, const char *inserted, gpointer user_data);
  gpointer user_data;
} OpenText;

struct _MabeiClientPort {
  MabeiPort port;
  MabeiDesk *desk;
  GHashTable *videos; /* device -> MabeiVideoPaintable */
  GPtrArray *texts;   /* OpenText */
  guint last_handle;
  void (*event) (GVariant *, gpointer);
  gpointer event_data;
};

static MabeiClientPort *
client_of (MabeiPort *port)
{
  return port->data;
}

static MabeiCase *
case_of (MabeiClientPort *client, const char *case_id)
{
  MabeiId id;
  if (!mabei_id_from_hex (case_id, &id))
    return NULL;
  return mabei_replica_case (mabei_desk_replica (client->desk), &id);
}

/* --- what the desk tells --- */

static void
on_changed (G_GNUC_UNUSED MabeiDesk *desk, guint what, gpointer user_data)
{
  MabeiClientPort *client = user_data;
  if (client->port.changed != NULL)
    client->port.changed (&client->port, (MabeiChanged) what, client->port.changed_data);
}

static void
on_event (G_GNUC_UNUSED MabeiDesk *desk, GVariant *event, gpointer user_data)
{
  MabeiClientPort *client = user_data;
  if (client->event != NULL)
    client->event (event, client->event_data);
}

static MabeiVideoPaintable *
video_of (MabeiClientPort *client, const char *device)
{
  MabeiVideoPaintable *video = g_hash_table_lookup (client->videos, device);
  if (video == NULL) {
    video = mabei_video_paintable_new ();
    g_hash_table_insert (client->videos, g_strdup (device), video);
  }
  return video;
}

static void
on_frame (G_GNUC_UNUSED MabeiDesk *desk,
          const char *device,
          guint width,
          guint height,
          guint stride,
          GBytes *bgra,
          gpointer user_data)
{
  mabei_video_paintable_show (video_of (user_data, device), width, height, stride, bgra);
}

static void
on_patch (G_GNUC_UNUSED MabeiDesk *desk,
          MabeiDocument *document,
          guint position,
          guint removed,
          const char *inserted,
          gpointer user_data)
{
  MabeiClientPort *client = user_data;
  for (guint i = 0; i < client->texts->len; i++) {
    OpenText *text = g_ptr_array_index (client->texts, i);
    if (mabei_short_id_equal (&text->document, mabei_document_id (document)))
      text->patch (position, removed, inserted, text->user_data);
  }
}

/* --- commands --- */

typedef struct {
  MabeiPortReply reply;
  gpointer user_data;
} Submission;

static void
on_reply (GVariant *reply, const GError *error, gpointer user_data)
{
  g_autofree Submission *submission = user_data;
  if (submission->reply != NULL)
    submission->reply (submission->user_data, reply, error);
}

static void
submit (MabeiPort *port, const char *case_id, const char *const *words, MabeiPortReply reply, gpointer user_data)
{
  MabeiClientPort *client = client_of (port);
  Submission *submission = g_new (Submission, 1);
  *submission = (Submission){reply, user_data};
  mabei_command_run (client->desk, case_id, words, on_reply, submission);
}

/* --- snapshots --- */

static GPtrArray *
cases (MabeiPort *port)
{
  MabeiClientPort *client = client_of (port);
  MabeiReplica *replica = mabei_desk_replica (client->desk);
  GPtrArray *list = mabei_replica_cases (replica);
  GPtrArray *views = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_view_case_unref);
  for (guint i = 0; i < list->len; i++) {
    MabeiViewCase *view = mabei_view_case_build (replica, g_ptr_array_index (list, i));
    for (guint p = 0; p < view->people->len; p++) {
      MabeiViewPerson *person = g_ptr_array_index (view->people, p);
      MabeiShortId device;
      person->online = person->is_self || (mabei_short_id_from_hex (person->device, &device) &&
                                           mabei_desk_line_is_present (mabei_desk_line (client->desk), &device));
    }
    g_ptr_array_add (views, view);
  }
  return views;
}

static MabeiTile *
tile_of (const MabeiMeetingPerson *person)
{
  MabeiTile *tile = g_new0 (MabeiTile, 1);
  tile->device = person->is_self ? g_strdup ("self") : mabei_short_id_to_hex (&person->device);
  tile->name = g_strdup (person->name);
  tile->room = g_strdup (person->room);
  tile->is_self = person->is_self;
  tile->muted = person->muted;
  tile->camera = person->camera;
  tile->speaking = person->speaking;
  tile->connected = person->connected;
  tile->frames = person->frames;
  return tile;
}

static MabeiSessionView *
session (MabeiPort *port, const char *case_id)
{
  MabeiClientPort *client = client_of (port);
  MabeiCase *c = case_of (client, case_id);
  MabeiSessionView *view = g_new0 (MabeiSessionView, 1);
  view->tiles = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_tile_free);
  if (c == NULL)
    return view;
  g_autoptr (MabeiMeetingState) state = mabei_meeting_state (mabei_desk_meeting (client->desk), c);
  view->open = state->open;
  view->joined = state->joined;
  view->is_host = state->is_host;
  view->locked = state->locked;
  view->own_room = g_strdup (state->own_room);
  view->caucus_with = g_strdup (state->caucus_with);
  view->caucus_elsewhere = state->caucus_elsewhere;
  view->asked_to_room = g_strdup (state->asked_to_room);
  view->started_ms = state->started_ms;
  for (guint i = 0; i < state->people->len; i++) {
    MabeiMeetingPerson *person = g_ptr_array_index (state->people, i);
    if (strcmp (person->room, "out") != 0)
      g_ptr_array_add (view->tiles, tile_of (person));
  }
  return view;
}

static MabeiSyncView *
sync_view (MabeiPort *port)
{
  MabeiClientPort *client = client_of (port);
  MabeiDeskLine *line = mabei_desk_line (client->desk);
  MabeiReplica *replica = mabei_desk_replica (client->desk);
  MabeiSyncView *view = g_new0 (MabeiSyncView, 1);
  view->connected = mabei_desk_line_is_ready (line);
  view->offline_switch = mabei_desk_line_is_offline (line);
  mabei_desk_line_counts (line, &view->bytes_in, &view->bytes_out);
  GPtrArray *list = mabei_replica_cases (replica);
  for (guint i = 0; i < list->len; i++) {
    GPtrArray *spaces = mabei_case_spaces (g_ptr_array_index (list, i));
    for (guint s = 0; s < spaces->len; s++) {
      g_autoptr (GPtrArray) outbox = mabei_replica_outbox (replica, g_ptr_array_index (spaces, s));
      view->unsent += outbox->len;
    }
  }
  return view;
}

static GPtrArray *
knocks (MabeiPort *port)
{
  MabeiClientPort *client = client_of (port);
  g_autoptr (GPtrArray) list = mabei_admission_list (mabei_desk_admission (client->desk));
  GPtrArray *views = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_knock_view_free);
  for (guint i = 0; i < list->len; i++) {
    MabeiKnockInfo *info = g_ptr_array_index (list, i);
    if (strcmp (info->state, "sent") != 0 && strcmp (info->state, "code") != 0)
      continue; /* decided */
    MabeiKnockView *view = g_new0 (MabeiKnockView, 1);
    view->knock = g_strdup (info->id);
    view->case_id = g_strdup (info->case_id);
    view->name = g_strdup (info->name);
    view->role = g_strdup (mabei_role_name (info->role));
    view->code = g_strdup (info->code);
    view->alarm = info->alarm;
    view->own = info->own;
    g_ptr_array_add (views, view);
  }
  return views;
}

static char *
own_name (MabeiPort *port)
{
  return g_strdup (mabei_replica_name (mabei_desk_replica (client_of (port)->desk)));
}

static GdkPaintable *
video (MabeiPort *port, const char *device)
{
  return GDK_PAINTABLE (g_object_ref (video_of (client_of (port), device)));
}

/* --- documents --- */

static OpenText *
text_of (MabeiClientPort *client, guint handle, MabeiDocument **document)
{
  for (guint i = 0; i < client->texts->len; i++) {
    OpenText *text = g_ptr_array_index (client->texts, i);
    if (text->handle != handle)
      continue;
    MabeiCase *c = mabei_replica_case (mabei_desk_replica (client->desk), &text->case_id);
    *document = c != NULL ? mabei_case_document (c, &text->document) : NULL;
    return *document != NULL ? text : NULL;
  }
  return NULL;
}

static char *
text_open (MabeiPort *port,
           const char *case_id,
           const char *document_id,
           void (*patch) (guint position, guint removed, const char *inserted, gpointer user_data),
           gpointer user_data,
           guint *handle)
{
  MabeiClientPort *client = client_of (port);
  MabeiCase *c = case_of (client, case_id);
  MabeiShortId id;
  MabeiDocument *document =
      c != NULL && mabei_short_id_from_hex (document_id, &id) ? mabei_case_document (c, &id) : NULL;
  if (document == NULL)
    return NULL;
  OpenText *text = g_new0 (OpenText, 1);
  text->handle = ++client->last_handle;
  text->document = id;
  text->case_id = *mabei_case_id (c);
  text->patch = patch;
  text->user_data = user_data;
  g_ptr_array_add (client->texts, text);
  *handle = text->handle;
  return mabei_text_read (mabei_document_text (document), NULL);
}

static gboolean
text_edit (MabeiPort *port, guint handle, guint position, guint removed, const char *inserted, GError **error)
{
  MabeiClientPort *client = client_of (port);
  MabeiDocument *document;
  OpenText *own = text_of (client, handle, &document);
  if (own == NULL) {
    g_set_error_literal (error, MABEI_DESK_ERROR, MABEI_CODE_NOT_FOUND, "that document is not open");
    return FALSE;
  }
  if (!mabei_replica_edit (mabei_desk_replica (client->desk), document, position, removed, inserted,
                           mabei_desk_now_ms (), error))
    return FALSE;
  mabei_desk_wrote (client->desk);
  for (guint i = 0; i < client->texts->len; i++) {
    OpenText *other = g_ptr_array_index (client->texts, i);
    if (other != own && mabei_short_id_equal (&other->document, &own->document))
      other->patch (position, removed, inserted, other->user_data);
  }
  return TRUE;
}

static gboolean
text_undo (MabeiPort *port, guint handle, GError **error)
{
  MabeiClientPort *client = client_of (port);
  MabeiDocument *document;
  if (text_of (client, handle, &document) == NULL) {
    g_set_error_literal (error, MABEI_DESK_ERROR, MABEI_CODE_NOT_FOUND, "that document is not open");
    return FALSE;
  }
  if (!mabei_replica_undo (mabei_desk_replica (client->desk), document, mabei_desk_now_ms (), error))
    return FALSE;
  mabei_desk_wrote (client->desk);
  return TRUE;
}

static void
text_close (MabeiPort *port, guint handle)
{
  MabeiClientPort *client = client_of (port);
  for (guint i = 0; i < client->texts->len; i++)
    if (((OpenText *) g_ptr_array_index (client->texts, i))->handle == handle) {
      g_ptr_array_remove_index (client->texts, i);
      return;
    }
}

/* --- life --- */

MabeiClientPort *
mabei_client_port_new (MabeiReplica *replica, void (*event) (GVariant *, gpointer), gpointer user_data)
{
  MabeiClientPort *client = g_new0 (MabeiClientPort, 1);
  client->videos = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  client->texts = g_ptr_array_new_with_free_func (g_free);
  client->event = event;
  client->event_data = user_data;
  client->port.data = client;
  client->port.submit = submit;
  client->port.cases = cases;
  client->port.session = session;
  client->port.sync = sync_view;
  client->port.knocks = knocks;
  client->port.own_name = own_name;
  client->port.video = video;
  client->port.text_open = text_open;
  client->port.text_edit = text_edit;
  client->port.text_undo = text_undo;
  client->port.text_close = text_close;
  MabeiDeskListener listener = {on_changed, on_event, on_frame, on_patch, client};
  client->desk = mabei_desk_new (replica, &listener);
  mabei_desk_line_connect (mabei_desk_line (client->desk));
  return client;
}

void
mabei_client_port_free (MabeiClientPort *client)
{
  if (client == NULL)
    return;
  client->port.changed = NULL;
  g_ptr_array_set_size (client->texts, 0);
  mabei_desk_free (client->desk);
  g_hash_table_unref (client->videos);
  g_ptr_array_unref (client->texts);
  g_free (client);
}

MabeiPort *
mabei_client_port_port (MabeiClientPort *client)
{
  return &client->port;
}

MabeiDesk *
mabei_client_port_desk (MabeiClientPort *client)
{
  return client->desk;
}
