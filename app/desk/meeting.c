#include "app/desk/meeting.h"

#include <string.h>

#include "app/call/call.h"
#include "app/desk/desk_line.h"
#include "core/base/cbor.h"

#define ANNOUNCE_EVERY_MS 2000
#define ANNOUNCED_FOR_MS 7000
#define TONE_FIRST_HZ 500
#define TONE_STEP_HZ 300

/* First byte of what goes over the line. */
enum { MESSAGE_CALL = 0, MESSAGE_ANNOUNCE = 1 };

typedef struct {
  MabeiShortId host;
  gint64 heard_ms; /* monotonic */
  guint64 started_ms;
} Announcement;

struct _MabeiMeeting {
  MabeiDesk *desk;
  MabeiCase *c; /* of the call */
  MabeiCall *call;
  gboolean is_host;
  guint64 started_ms;
  GSource *announcer;
  GHashTable *announced; /* MabeiId case -> Announcement */
  gboolean link_up;
};

static gint64
monotonic_ms (void)
{
  return g_get_monotonic_time () / 1000;
}

static const MabeiShortId *
own_device (MabeiMeeting *meeting)
{
  return mabei_device_key_id (mabei_replica_keys (mabei_desk_replica (meeting->desk))->device);
}

static gboolean
refuse (GError **error, MabeiCode code, const char *message)
{
  g_set_error_literal (error, MABEI_DESK_ERROR, (int) code, message);
  return FALSE;
}

/* --- announcing --- */

static void
announce (MabeiMeeting *meeting, gboolean open)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  guint8 kind = MESSAGE_ANNOUNCE;
  g_byte_array_append (out, &kind, 1);
  mabei_cbor_write_array (out, 2);
  mabei_cbor_write_bool (out, open);
  mabei_cbor_write_uint (out, meeting->started_ms);
  GPtrArray *members = mabei_authority_members (mabei_case_authority (meeting->c));
  for (guint i = 0; i < members->len; i++) {
    const MabeiMember *member = g_ptr_array_index (members, i);
    if (!mabei_short_id_equal (&member->device, own_device (meeting)))
      mabei_desk_line_send_call (mabei_desk_line (meeting->desk), meeting->c, &member->device, out->data, out->len);
  }
}

static gboolean
on_announce (gpointer user_data)
{
  announce (user_data, TRUE);
  return G_SOURCE_CONTINUE;
}

static void
take_announcement (MabeiMeeting *meeting, MabeiCase *c, const MabeiShortId *from, const guint8 *data, gsize length)
{
  MabeiCborReader reader;
  guint64 count, started_ms;
  gboolean open;
  mabei_cbor_reader_init (&reader, data, length);
  if (!mabei_cbor_read_array (&reader, 2, &count) || count != 2 || !mabei_cbor_read_bool (&reader, &open) ||
      !mabei_cbor_read_uint (&reader, G_MAXINT64, &started_ms) || !mabei_cbor_reader_finish (&reader, NULL))
    return;
  const MabeiMember *member = mabei_authority_member (mabei_case_authority (c), from);
  if (member == NULL || !mabei_role_is_staff (member->role))
    return; /* only staff hold sessions */
  Announcement *known = g_hash_table_lookup (meeting->announced, mabei_case_id (c));
  gboolean changed = (known != NULL) != open;
  if (!open) {
    if (known != NULL && mabei_short_id_equal (&known->host, from))
      g_hash_table_remove (meeting->announced, mabei_case_id (c));
  } else {
    Announcement *made = g_new0 (Announcement, 1);
    *made = (Announcement){*from, monotonic_ms (), started_ms};
    g_hash_table_replace (meeting->announced, g_memdup2 (mabei_case_id (c), sizeof (MabeiId)), made);
  }
  if (changed)
    mabei_desk_changed (meeting->desk, MABEI_DESK_SESSION);
}

static Announcement *
announcement (MabeiMeeting *meeting, MabeiCase *c)
{
  Announcement *known = g_hash_table_lookup (meeting->announced, mabei_case_id (c));
  return known != NULL && monotonic_ms () - known->heard_ms < ANNOUNCED_FOR_MS ? known : NULL;
}

/* --- the call's callbacks --- */

static void
on_send (const char *to_device, GBytes *message, gpointer user_data)
{
  MabeiMeeting *meeting = user_data;
  MabeiShortId device;
  if (meeting->c == NULL || !mabei_short_id_from_hex (to_device, &device))
    return;
  g_autoptr (GByteArray) out = g_byte_array_new ();
  guint8 kind = MESSAGE_CALL;
  g_byte_array_append (out, &kind, 1);
  g_byte_array_append (out, g_bytes_get_data (message, NULL), (guint) g_bytes_get_size (message));
  mabei_desk_line_send_call (mabei_desk_line (meeting->desk), meeting->c, &device, out->data, out->len);
}

static void
on_frame (const char *device, MabeiVideoFrame *frame, gpointer user_data)
{
  MabeiMeeting *meeting = user_data;
  const MabeiDeskListener *listener = mabei_desk_listener (meeting->desk);
  if (listener->frame == NULL)
    return;
  g_autofree char *own = mabei_short_id_to_hex (own_device (meeting));
  listener->frame (meeting->desk, strcmp (own, device) == 0 ? "self" : device, frame->width, frame->height,
                   (guint) frame->stride, frame->bgra, listener->user_data);
}

static void
on_changed (gpointer user_data)
{
  MabeiMeeting *meeting = user_data;
  mabei_desk_changed (meeting->desk, MABEI_DESK_SESSION);
}

static void
on_event (const char *text, gpointer user_data)
{
  MabeiMeeting *meeting = user_data;
  GVariantBuilder dict;
  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&dict, "{sv}", "event", g_variant_new ("s", "session"));
  g_variant_builder_add (&dict, "{sv}", "message", g_variant_new ("s", text));
  mabei_desk_event (meeting->desk, g_variant_builder_end (&dict));
}

/* --- life --- */

MabeiMeeting *
mabei_meeting_new (MabeiDesk *desk)
{
  MabeiMeeting *meeting = g_new0 (MabeiMeeting, 1);
  meeting->desk = desk;
  meeting->link_up = TRUE;
  meeting->announced = g_hash_table_new_full (mabei_id_hash, mabei_id_equal, g_free, g_free);
  return meeting;
}

static void
stop (MabeiMeeting *meeting)
{
  if (meeting->announcer != NULL) {
    g_source_destroy (meeting->announcer);
    g_clear_pointer (&meeting->announcer, g_source_unref);
  }
  g_clear_pointer (&meeting->call, mabei_call_free);
  meeting->c = NULL;
  meeting->is_host = FALSE;
}

void
mabei_meeting_free (MabeiMeeting *meeting)
{
  if (meeting == NULL)
    return;
  stop (meeting);
  g_hash_table_unref (meeting->announced);
  g_free (meeting);
}

/* Place of this device among the case's members: test sources differ by it. */
static guint
own_index (MabeiMeeting *meeting, MabeiCase *c)
{
  GPtrArray *members = mabei_authority_members (mabei_case_authority (c));
  for (guint i = 0; i < members->len; i++)
    if (mabei_short_id_equal (&((MabeiMember *) g_ptr_array_index (members, i))->device, own_device (meeting)))
      return i;
  return 0;
}

static gboolean
start (MabeiMeeting *meeting, MabeiCase *c, const MabeiShortId *host, const char *source, GError **error)
{
  g_autofree char *device = mabei_short_id_to_hex (own_device (meeting));
  g_autofree char *host_device = mabei_short_id_to_hex (host);
  /* Pictures of videotestsrc that nobody takes for one another: bars, spokes, gradient, ball, pinwheel, bar. */
  static const int patterns[] = {0, 22, 23, 18, 21, 20};
  guint index = own_index (meeting, c);
  MabeiCallConfig config = {
      .device = device,
      .name = mabei_replica_name (mabei_desk_replica (meeting->desk)),
      .host = host_device,
      .source = strcmp (source, "test") == 0     ? MABEI_CALL_SOURCE_TEST
                : strcmp (source, "camera") == 0 ? MABEI_CALL_SOURCE_CAMERA
                                                 : MABEI_CALL_SOURCE_NONE,
      .pattern = patterns[index % G_N_ELEMENTS (patterns)],
      .tone_hz = TONE_FIRST_HZ + TONE_STEP_HZ * (index % 6),
      .self_view = mabei_desk_listener (meeting->desk)->frame != NULL,
      .speaker = strcmp (source, "test") != 0,
      .loopback = g_getenv ("MABEI_CALL_LOOPBACK") != NULL,
  };
  MabeiCallCallbacks callbacks = {on_send, on_frame, on_changed, on_event};
  meeting->c = c;
  meeting->call = mabei_call_new (&config, &callbacks, meeting, error);
  if (meeting->call == NULL) {
    meeting->c = NULL;
    return FALSE;
  }
  if (!meeting->link_up)
    mabei_call_set_link_up (meeting->call, FALSE);
  mabei_desk_changed (meeting->desk, MABEI_DESK_SESSION);
  return TRUE;
}

/* --- what comes over the line --- */

void
mabei_meeting_receive (MabeiMeeting *meeting, MabeiCase *c, const MabeiShortId *from, GBytes *data)
{
  gsize length;
  const guint8 *bytes = g_bytes_get_data (data, &length);
  if (length == 0)
    return;
  if (bytes[0] == MESSAGE_ANNOUNCE) {
    take_announcement (meeting, c, from, bytes + 1, length - 1);
  } else if (bytes[0] == MESSAGE_CALL && meeting->call != NULL && meeting->c == c) {
    g_autofree char *device = mabei_short_id_to_hex (from);
    g_autoptr (GBytes) message = g_bytes_new_from_bytes (data, 1, length - 1);
    mabei_call_receive (meeting->call, device, message);
  }
}

void
mabei_meeting_line_changed (MabeiMeeting *meeting, gboolean ready)
{
  if (ready && meeting->is_host && meeting->call != NULL)
    announce (meeting, TRUE);
  mabei_desk_changed (meeting->desk, MABEI_DESK_SESSION);
}

void
mabei_meeting_set_link_up (MabeiMeeting *meeting, gboolean up)
{
  meeting->link_up = up;
  if (meeting->call != NULL)
    mabei_call_set_link_up (meeting->call, up);
}

/* --- intents --- */

gboolean
mabei_meeting_open (MabeiMeeting *meeting, MabeiCase *c, const char *source, GError **error)
{
  const MabeiMember *self = mabei_case_self (c);
  if (meeting->call != NULL)
    return refuse (error, MABEI_CODE_BUSY, "this device is in a session already");
  if (self == NULL || !mabei_role_is_staff (self->role))
    return refuse (error, MABEI_CODE_NOT_ALLOWED, "only a mediator, a clerk or a judge opens a session");
  if (!start (meeting, c, own_device (meeting), source, error))
    return FALSE;
  meeting->is_host = TRUE;
  meeting->started_ms = mabei_desk_now_ms ();
  mabei_call_open (meeting->call);
  announce (meeting, TRUE);
  meeting->announcer = g_timeout_source_new (ANNOUNCE_EVERY_MS);
  g_source_set_callback (meeting->announcer, on_announce, meeting, NULL);
  g_source_attach (meeting->announcer, g_main_context_get_thread_default ());
  return TRUE;
}

gboolean
mabei_meeting_join (MabeiMeeting *meeting, MabeiCase *c, const char *source, GError **error)
{
  Announcement *known = announcement (meeting, c);
  if (meeting->call != NULL)
    return refuse (error, MABEI_CODE_BUSY, "this device is in a session already");
  if (known == NULL)
    return refuse (error, MABEI_CODE_NO_PEER, "no session of this case is open");
  if (!start (meeting, c, &known->host, source, error))
    return FALSE;
  meeting->started_ms = known->started_ms;
  mabei_call_join (meeting->call);
  return TRUE;
}

static gboolean
need_call (MabeiMeeting *meeting, gboolean as_host, GError **error)
{
  if (meeting->call == NULL)
    return refuse (error, MABEI_CODE_NOT_FOUND, "this device is in no session");
  if (as_host && !meeting->is_host)
    return refuse (error, MABEI_CODE_NOT_ALLOWED, "only who opened the session does this");
  return TRUE;
}

gboolean
mabei_meeting_leave (MabeiMeeting *meeting, GError **error)
{
  if (!need_call (meeting, FALSE, error))
    return FALSE;
  mabei_call_leave (meeting->call);
  if (meeting->is_host)
    announce (meeting, FALSE);
  stop (meeting);
  mabei_desk_changed (meeting->desk, MABEI_DESK_SESSION);
  return TRUE;
}

gboolean
mabei_meeting_admit (MabeiMeeting *meeting, const MabeiShortId *device, GError **error)
{
  if (!need_call (meeting, TRUE, error))
    return FALSE;
  g_autofree char *hex = mabei_short_id_to_hex (device);
  mabei_call_admit (meeting->call, hex);
  return TRUE;
}

gboolean
mabei_meeting_move (MabeiMeeting *meeting, const MabeiShortId *device, const char *room, GError **error)
{
  if (!need_call (meeting, TRUE, error))
    return FALSE;
  g_autofree char *hex = mabei_short_id_to_hex (device);
  g_autofree char *own = mabei_short_id_to_hex (own_device (meeting));
  gboolean caucus = strcmp (room, "caucus") == 0;
  if (!caucus && strcmp (hex, own) == 0) {
    mabei_call_return_all (meeting->call);
    return TRUE;
  }
  mabei_call_move (meeting->call, hex, caucus ? MABEI_ROOM_PLACE_CAUCUS + 1 : MABEI_ROOM_PLACE_JOINT);
  /* A private talk has two sides: the host goes in with the person. */
  if (caucus && strcmp (hex, own) != 0)
    mabei_call_move (meeting->call, own, MABEI_ROOM_PLACE_CAUCUS + 1);
  return TRUE;
}

gboolean
mabei_meeting_accept (MabeiMeeting *meeting, GError **error)
{
  if (!need_call (meeting, FALSE, error))
    return FALSE;
  g_autoptr (MabeiCallState) state = mabei_call_get_state (meeting->call);
  if (!state->asked)
    return refuse (error, MABEI_CODE_NOT_FOUND, "nobody asked this device to another room");
  mabei_call_accept (meeting->call, TRUE);
  return TRUE;
}

gboolean
mabei_meeting_lock (MabeiMeeting *meeting, gboolean locked, GError **error)
{
  if (!need_call (meeting, TRUE, error))
    return FALSE;
  mabei_call_lock (meeting->call, locked);
  return TRUE;
}

gboolean
mabei_meeting_mute (MabeiMeeting *meeting, gboolean muted, GError **error)
{
  if (!need_call (meeting, FALSE, error))
    return FALSE;
  mabei_call_set_muted (meeting->call, muted);
  return TRUE;
}

gboolean
mabei_meeting_camera (MabeiMeeting *meeting, gboolean on, GError **error)
{
  if (!need_call (meeting, FALSE, error))
    return FALSE;
  mabei_call_set_camera (meeting->call, on);
  return TRUE;
}

gboolean
mabei_meeting_set_tone (MabeiMeeting *meeting, guint hz, GError **error)
{
  if (!need_call (meeting, FALSE, error))
    return FALSE;
  if (hz != 0 && mabei_tone_index (hz) < 0)
    return refuse (error, MABEI_CODE_USAGE, "that tone is none of the test's (400, 500 ... 2700)");
  mabei_call_set_tone (meeting->call, hz);
  mabei_call_reset_peaks (meeting->call);
  return TRUE;
}

/* --- looking --- */

static const char *
room_name (MabeiRoomPlace place)
{
  switch (place) {
  case MABEI_ROOM_PLACE_OUT:
    return "out";
  case MABEI_ROOM_PLACE_WAITING:
    return "waiting";
  case MABEI_ROOM_PLACE_JOINT:
    return "joint";
  default:
    return "caucus";
  }
}

static void
person_free (gpointer data)
{
  MabeiMeetingPerson *person = data;
  g_free (person->name);
  g_free (person->room);
  g_free (person);
}

void
mabei_meeting_state_free (MabeiMeetingState *state)
{
  if (state == NULL)
    return;
  g_free (state->own_room);
  g_free (state->asked_to_room);
  g_free (state->caucus_with);
  g_ptr_array_unref (state->people);
  g_free (state);
}

static void
add_person (MabeiMeetingState *state, const MabeiCallPerson *from)
{
  MabeiMeetingPerson *person = g_new0 (MabeiMeetingPerson, 1);
  if (!mabei_short_id_from_hex (from->person.device, &person->device)) {
    g_free (person);
    return;
  }
  person->name = g_strdup (from->person.name);
  person->room = g_strdup (room_name (from->person.place));
  person->is_self = from->is_self;
  person->muted = from->person.muted;
  person->camera = from->person.camera;
  person->connected = from->link == MABEI_MEDIA_LINK_STATE_LIVE || from->link == MABEI_MEDIA_LINK_STATE_VERIFIED;
  person->speaking = from->level_db > -45 && !from->person.muted;
  person->speech_ok = from->speech_ok;
  person->frames = (guint) MIN (from->frames, G_MAXUINT);
  person->counter = from->has_counter ? from->last_counter : 0;
  person->tone_hz = from->tone_hz;
  g_ptr_array_add (state->people, person);
}

/* Who shares the own caucus, by name; and whether another one goes on. */
static void
look_at_caucus (MabeiMeetingState *state, const MabeiCallState *call, MabeiRoomPlace own)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (guint i = 0; i < call->n_people; i++) {
    const MabeiRoomPerson *person = &call->people[i].person;
    if (person->place <= MABEI_ROOM_PLACE_CAUCUS)
      continue;
    if (person->place == own)
      g_ptr_array_add (names, (gpointer) person->name);
    else
      state->caucus_elsewhere = TRUE;
  }
  if (names->len > 0) {
    g_ptr_array_add (names, NULL);
    state->caucus_with = g_strjoinv (", ", (char **) names->pdata);
  }
}

MabeiMeetingState *
mabei_meeting_state (MabeiMeeting *meeting, MabeiCase *c)
{
  MabeiMeetingState *state = g_new0 (MabeiMeetingState, 1);
  state->people = g_ptr_array_new_with_free_func (person_free);
  Announcement *known = announcement (meeting, c);
  state->open = known != NULL;
  state->started_ms = known != NULL ? (gint64) known->started_ms : 0;
  if (meeting->call == NULL || meeting->c != c)
    return state;
  g_autoptr (MabeiCallState) call = mabei_call_get_state (meeting->call);
  MabeiRoomPlace own = MABEI_ROOM_PLACE_OUT;
  state->open |= meeting->is_host;
  state->joined = TRUE;
  state->is_host = meeting->is_host;
  state->locked = call->room.locked;
  state->version = call->room.version;
  state->started_ms = (gint64) meeting->started_ms;
  for (guint i = 0; i < call->n_people; i++) {
    add_person (state, &call->people[i]);
    if (call->people[i].is_self)
      own = call->people[i].person.place;
  }
  state->own_room = g_strdup (own == MABEI_ROOM_PLACE_OUT && !meeting->is_host ? "waiting" : room_name (own));
  state->asked_to_room = call->asked ? g_strdup (room_name (call->asked_place)) : NULL;
  look_at_caucus (state, call, own);
  return state;
}
