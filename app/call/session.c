#include "app/call/session.h"

#include "app/call/guest.h"
#include "app/call/host.h"
#include "app/call/media.h"
#include "app/call/peer.h"
#include "app/call/picture.h"

#include <string.h>

#define KNOCK_EVERY_MS 1000

struct _MabeiSession {
  MabeiCallConfig config; /* texts owned */
  GMainContext *context;
  MabeiDelivery *delivery;
  gboolean link_up, muted, camera;
  guint tone_hz;

  /* Only while inside: */
  gboolean inside;
  guint8 id[MABEI_ROOM_SESSION_BYTES];
  MabeiHost *host; /* one of the two */
  MabeiGuest *guest;
  MabeiFingerprint advertise;
  MabeiPeerConfig peer_config;
  MabeiCertificate *certificate;
  MabeiCapture *capture;
  MabeiPlayout *playout;
  GHashTable *peers; /* device -> MabeiPeer */
  gint64 knocked_ms;
  gboolean leaving; /* the room says so: closed on the next tick */
};

static gint64
now_ms (void)
{
  return g_get_monotonic_time () / 1000;
}

static const MabeiRoomState *
newest (const MabeiSession *session)
{
  return session->host ? mabei_host_get_state (session->host) : mabei_guest_get_state (session->guest);
}

static const MabeiRoomState *
opened (const MabeiSession *session)
{
  return session->host ? mabei_host_get_opened (session->host) : mabei_guest_get_opened (session->guest);
}

static void
tell (MabeiSession *session, const char *text)
{
  mabei_delivery_event (session->delivery, text);
}

/* --- callbacks of the parts --- */

static void
on_send (const char *device, const MabeiSignal *message, gpointer data)
{
  MabeiSession *session = data;
  if (!session->link_up)
    return;
  g_autoptr (GBytes) bytes = mabei_signal_encode (message);
  mabei_delivery_send (session->delivery, device, bytes);
}

static void
on_frame (const char *device, MabeiVideoFrame *frame, gpointer data)
{
  MabeiSession *session = data;
  mabei_delivery_frame (session->delivery, device, frame);
}

static void
on_peer_changed (gpointer data)
{
  MabeiSession *session = data;
  mabei_delivery_changed (session->delivery);
}

static void
on_event (const char *text, gpointer data)
{
  tell (data, text);
}

static void
on_own_picture (GstSample *sample, gpointer data)
{
  MabeiSession *session = data;
  g_autoptr (MabeiVideoFrame) frame = mabei_picture_from_sample (sample);
  if (frame)
    mabei_delivery_frame (session->delivery, session->config.device, frame);
}

static MabeiPeer *
peer_of (MabeiSession *session, const char *device)
{
  MabeiPeer *peer = g_hash_table_lookup (session->peers, device);
  if (peer)
    return peer;
  const MabeiPeerCallbacks callbacks = {
      .send = on_send, .frame = on_frame, .changed = on_peer_changed, .event = on_event};
  peer = mabei_peer_new (&session->peer_config, session->id, device, &callbacks, session);
  g_hash_table_insert (session->peers, g_strdup (device), peer);
  return peer;
}

/* --- rooms to links --- */

static gboolean
is_self (const MabeiSession *session, const char *device)
{
  return strcmp (session->config.device, device) == 0;
}

/* Gates first, then links: what must close closes before anything else is done. */
static void
set_gates (MabeiSession *session)
{
  GHashTableIter iter;
  gpointer device, peer;
  g_hash_table_iter_init (&iter, session->peers);
  while (g_hash_table_iter_next (&iter, &device, &peer)) {
    gboolean open = mabei_room_hears (newest (session), session->config.device, device) &&
                    mabei_room_hears (opened (session), session->config.device, device);
    mabei_peer_set_gates (peer, open, open && !session->muted, open && session->camera);
  }
}

static gboolean
is_listed (const MabeiSession *session, const char *device)
{
  const MabeiRoomPerson *person = mabei_room_find (newest (session), device);
  return (person && person->place != MABEI_ROOM_PLACE_OUT) || strcmp (device, session->config.host) == 0;
}

static void
set_links (MabeiSession *session)
{
  const MabeiRoomState *room = newest (session);
  gboolean inside = mabei_room_is_admitted (room, session->config.device);
  GHashTableIter iter;
  gpointer device, peer;
  g_hash_table_iter_init (&iter, session->peers);
  while (g_hash_table_iter_next (&iter, &device, &peer))
    if (!is_listed (session, device))
      g_hash_table_iter_remove (&iter);
  for (guint i = 0; i < room->n_people; i++)
    if (room->people[i].place != MABEI_ROOM_PLACE_OUT && !is_self (session, room->people[i].device))
      mabei_peer_set_wanted (peer_of (session, room->people[i].device),
                             inside && mabei_room_is_admitted (room, room->people[i].device));
}

/* A person who was let in once and is out now: sent away, or the session ended. */
static void
look_at_oneself (MabeiSession *session)
{
  const MabeiRoomState *room = newest (session);
  const MabeiRoomPerson *self = mabei_room_find (room, session->config.device);
  if (room->version > 0 && (room->ended || (self && self->place == MABEI_ROOM_PLACE_OUT))) {
    if (!session->leaving)
      tell (session, room->ended ? "the session has ended" : "the host has let you out");
    session->leaving = TRUE;
  }
}

static void
on_room_changed (gpointer data)
{
  MabeiSession *session = data;
  if (!session->host && !session->guest)
    return; /* still being made */
  memcpy (session->id, newest (session)->session, MABEI_ROOM_SESSION_BYTES);
  set_gates (session);
  set_links (session);
  set_gates (session);
  look_at_oneself (session);
  mabei_delivery_changed (session->delivery);
}

static void
on_without (const char *device, guint64 version, gpointer data)
{
  MabeiSession *session = data;
  MabeiPeer *peer = g_hash_table_lookup (session->peers, device);
  if (peer)
    mabei_peer_require_version (peer, version);
}

/* --- coming and going --- */

/* As announced. */
static const MabeiFingerprint *
own_fingerprint (const MabeiSession *session)
{
  return session->config.advertise ? &session->advertise : mabei_certificate_get_fingerprint (session->certificate);
}

static gboolean
start_media (MabeiSession *session, GError **error)
{
  const MabeiCallConfig *config = &session->config;
  static const MabeiCaptureSource sources[] = {MABEI_CAPTURE_NONE, MABEI_CAPTURE_TEST, MABEI_CAPTURE_CAMERA};
  session->certificate = mabei_certificate_new (error);
  session->playout = session->certificate ? mabei_playout_new (config->speaker, error) : NULL;
  if (!session->playout)
    return FALSE;
  if (config->speaker && !mabei_playout_has_device (session->playout))
    tell (session, "no speaker");
  const MabeiCaptureConfig capture = {
      .source = sources[config->source],
      .name = config->name,
      .pattern = config->pattern,
      .tone_hz = session->tone_hz,
      .width = config->width,
      .height = config->height,
      .framerate = config->framerate,
      .audio_bitrate = 24000,
      .video_bitrate = config->video_bitrate,
      .self_view = config->self_view,
  };
  session->capture = mabei_capture_new (&capture, session->context, on_own_picture, on_event, session);
  mabei_capture_set_audio (session->capture, !session->muted);
  mabei_capture_set_video (session->capture, session->camera);
  session->peer_config = (MabeiPeerConfig){
      .self = config->device,
      .name = config->name,
      .link = {.context = session->context,
               .capture = session->capture,
               .playout = session->playout,
               .certificate = session->certificate,
               .advertise = own_fingerprint (session),
               .loopback = config->loopback,
               .turn_server = config->turn_server},
  };
  return TRUE;
}

static void
stop (MabeiSession *session)
{
  session->inside = session->leaving = FALSE;
  g_hash_table_remove_all (session->peers);
  g_clear_pointer (&session->host, mabei_host_free);
  g_clear_pointer (&session->guest, mabei_guest_free);
  g_clear_pointer (&session->capture, mabei_capture_free);
  g_clear_pointer (&session->playout, mabei_playout_free);
  g_clear_pointer (&session->certificate, mabei_certificate_unref);
  memset (session->id, 0, sizeof session->id);
  mabei_delivery_changed (session->delivery);
}

static void
start (MabeiSession *session, gboolean as_host)
{
  g_autoptr (GError) error = NULL;
  const char *device = session->config.device, *host = session->config.host;
  if (session->inside || as_host != is_self (session, host)) {
    tell (session, session->inside ? "already in a session" : "the host opens, the others join");
    return;
  }
  if (!start_media (session, &error)) {
    tell (session, error->message);
    stop (session);
    return;
  }
  session->inside = TRUE;
  if (as_host) {
    const MabeiHostCallbacks callbacks = {.send = on_send, .changed = on_room_changed, .without = on_without};
    session->host = mabei_host_new (device, session->config.name, &callbacks, session);
    mabei_host_set_self (session->host, session->muted, session->camera, now_ms (), NULL);
  } else {
    const MabeiGuestCallbacks callbacks = {.send = on_send, .changed = on_room_changed, .without = on_without};
    session->guest = mabei_guest_new (device, host, own_fingerprint (session), &callbacks, session);
    mabei_guest_set_self (session->guest, session->muted, session->camera, now_ms ());
    session->knocked_ms = now_ms ();
    mabei_peer_say_hello (peer_of (session, host));
  }
  on_room_changed (session);
}

static void
leave (MabeiSession *session)
{
  if (!session->inside)
    return;
  if (session->host) {
    mabei_host_end (session->host, now_ms (), NULL);
  } else if (newest (session)->version > 0) {
    g_autoptr (MabeiSignal) message = mabei_signal_new (MABEI_SIGNAL_BYE, session->id);
    on_send (session->config.host, message, session);
  }
  stop (session);
}

/* --- receiving --- */

static gboolean
session_matches (const MabeiSession *session, const MabeiSignal *message)
{
  static const guint8 none[MABEI_ROOM_SESSION_BYTES];
  if (memcmp (message->session, session->id, sizeof none) == 0)
    return TRUE;
  if (session->host)
    return message->kind == MABEI_SIGNAL_HELLO && memcmp (message->session, none, sizeof none) == 0;
  return message->kind == MABEI_SIGNAL_STATE && newest (session)->version == 0;
}

void
mabei_session_receive (MabeiSession *session, const char *device, GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  if (!session->inside || !session->link_up || !mabei_room_is_device (device) || is_self (session, device))
    return;
  g_autoptr (MabeiSignal) message = mabei_signal_parse (bytes, &error);
  if (message && !session_matches (session, message))
    return;
  if (message && session->host)
    mabei_host_receive (session->host, device, message, now_ms (), &error);
  else if (message)
    mabei_guest_receive (session->guest, device, message, &error);
  if (error) {
    /* Repetitions are normal on a carrier that loses messages. */
    if (!g_error_matches (error, MABEI_ROOM_ERROR, MABEI_ROOM_ERROR_STALE)) {
      g_autofree char *text = g_strdup_printf ("%s: %s", device, error->message);
      tell (session, text);
    }
    return;
  }
  /* Strangers have no peer: nothing they send costs more than the parsing. */
  MabeiPeer *peer = g_hash_table_lookup (session->peers, device);
  if (peer)
    mabei_peer_receive (peer, message);
}

void
mabei_session_tick (MabeiSession *session)
{
  if (session->leaving)
    stop (session);
  if (!session->inside)
    return;
  gint64 now = now_ms ();
  if (session->host)
    mabei_host_tick (session->host, now);
  else
    mabei_guest_tick (session->guest, now);
  if (session->guest && newest (session)->version == 0 && now - session->knocked_ms >= KNOCK_EVERY_MS) {
    session->knocked_ms = now;
    mabei_peer_say_hello (peer_of (session, session->config.host));
  }
  if (newest (session)->version == 0)
    return;
  GHashTableIter iter;
  gpointer peer;
  g_hash_table_iter_init (&iter, session->peers);
  while (g_hash_table_iter_next (&iter, NULL, &peer))
    mabei_peer_tick (peer, opened (session)->version);
}

/* --- commands --- */

static void
set_link_up (MabeiSession *session, gboolean up)
{
  GHashTableIter iter;
  gpointer peer;
  if (session->link_up == up)
    return;
  session->link_up = up;
  g_hash_table_iter_init (&iter, session->peers);
  while (g_hash_table_iter_next (&iter, NULL, &peer)) {
    if (up)
      mabei_peer_resume (peer);
    else
      mabei_peer_cut (peer);
  }
  mabei_delivery_changed (session->delivery);
}

/* One's own switches work at once, whatever the host says. */
static void
set_self (MabeiSession *session, gboolean muted, gboolean camera)
{
  session->muted = muted;
  session->camera = camera;
  mabei_delivery_changed (session->delivery);
  if (!session->inside)
    return;
  set_gates (session);
  mabei_capture_set_audio (session->capture, !muted);
  mabei_capture_set_video (session->capture, camera);
  if (session->host)
    mabei_host_set_self (session->host, muted, camera, now_ms (), NULL);
  else
    mabei_guest_set_self (session->guest, muted, camera, now_ms ());
}

static void
host_command (MabeiSession *session, MabeiCommand command, const char *device, guint value)
{
  g_autoptr (GError) error = NULL;
  MabeiHost *host = session->host;
  if (!host) {
    tell (session, "only the host decides this");
    return;
  }
  switch ((guint) command) {
  case MABEI_COMMAND_ADMIT:
    mabei_host_admit (host, device, now_ms (), &error);
    break;
  case MABEI_COMMAND_REFUSE:
    mabei_host_refuse (host, device, now_ms (), &error);
    break;
  case MABEI_COMMAND_MOVE:
    mabei_host_move (host, device, value, now_ms (), &error);
    break;
  case MABEI_COMMAND_RETURN_ALL:
    mabei_host_return_all (host, now_ms (), &error);
    break;
  case MABEI_COMMAND_LOCK:
    mabei_host_lock (host, value != 0, now_ms (), &error);
    break;
  default:
    g_assert_not_reached ();
  }
  if (error)
    tell (session, error->message);
}

static void
set_tone (MabeiSession *session, guint tone_hz)
{
  session->tone_hz = tone_hz;
  if (session->capture)
    mabei_capture_set_tone (session->capture, tone_hz);
}

static void
reset_peaks (MabeiSession *session)
{
  GHashTableIter iter;
  gpointer peer;
  g_hash_table_iter_init (&iter, session->peers);
  while (g_hash_table_iter_next (&iter, NULL, &peer))
    mabei_peer_reset_peaks (peer);
}

void
mabei_session_command (MabeiSession *session, MabeiCommand command, const char *device, guint value)
{
  switch (command) {
  case MABEI_COMMAND_OPEN:
  case MABEI_COMMAND_JOIN:
    start (session, command == MABEI_COMMAND_OPEN);
    break;
  case MABEI_COMMAND_LEAVE:
    leave (session);
    break;
  case MABEI_COMMAND_ADMIT:
  case MABEI_COMMAND_REFUSE:
  case MABEI_COMMAND_MOVE:
  case MABEI_COMMAND_RETURN_ALL:
  case MABEI_COMMAND_LOCK:
    host_command (session, command, device, value);
    break;
  case MABEI_COMMAND_ACCEPT:
    if (session->guest)
      mabei_guest_accept (session->guest, value != 0);
    break;
  case MABEI_COMMAND_MUTED:
    set_self (session, value != 0, session->camera);
    break;
  case MABEI_COMMAND_CAMERA:
    set_self (session, session->muted, value != 0);
    break;
  case MABEI_COMMAND_LINK_UP:
    set_link_up (session, value != 0);
    break;
  case MABEI_COMMAND_TONE:
    set_tone (session, value);
    break;
  case MABEI_COMMAND_RESET_PEAKS:
    reset_peaks (session);
    break;
  default:
    g_assert_not_reached ();
  }
}

/* --- making, telling, freeing --- */

static void
describe_person (MabeiSession *session, const MabeiRoomPerson *from, MabeiCallPerson *person)
{
  person->person = *from;
  person->is_self = is_self (session, from->device);
  person->hears = mabei_room_hears (newest (session), session->config.device, from->device) &&
                  mabei_room_hears (opened (session), session->config.device, from->device);
  MabeiPeer *peer = g_hash_table_lookup (session->peers, from->device);
  if (peer && !person->is_self)
    mabei_peer_describe (peer, person);
  else
    person->level_db = MABEI_TONE_FLOOR_DB;
  if (!person->is_self)
    return;
  person->person.muted = session->muted;
  person->person.camera = session->camera;
  if (!session->muted && mabei_capture_has_audio (session->capture))
    person->level_db = mabei_capture_get_level (session->capture);
}

MabeiCallState *
mabei_session_describe (MabeiSession *session)
{
  MabeiCallState *state = mabei_call_state_new ();
  state->is_host = is_self (session, session->config.host);
  state->link_up = session->link_up;
  state->muted = session->muted;
  state->camera = session->camera;
  if (!session->inside)
    return state;
  state->room = *newest (session);
  state->opened_version = opened (session)->version;
  state->has_microphone = mabei_capture_has_audio (session->capture);
  state->has_camera = mabei_capture_has_video (session->capture);
  state->has_speaker = mabei_playout_has_device (session->playout);
  mabei_playout_get_tones (session->playout, state->mixed_tone_db);
  state->asked_place = session->guest ? mabei_guest_get_asked (session->guest) : MABEI_ROOM_PLACE_OUT;
  state->asked = state->asked_place != MABEI_ROOM_PLACE_OUT;
  state->n_people = state->room.n_people;
  for (guint i = 0; i < state->n_people; i++)
    describe_person (session, &state->room.people[i], &state->people[i]);
  return state;
}

MabeiSession *
mabei_session_new (const MabeiCallConfig *config, GMainContext *context, MabeiDelivery *delivery)
{
  MabeiSession *session = g_new0 (MabeiSession, 1);
  session->config = *config;
  session->config.device = g_strdup (config->device);
  session->config.name = g_strdup (config->name);
  session->config.host = g_strdup (config->host);
  session->config.turn_server = g_strdup (config->turn_server);
  session->config.advertise = g_strdup (config->advertise);
  session->config.width = config->width ? config->width : 320;
  session->config.height = config->height ? config->height : 240;
  session->config.framerate = config->framerate ? config->framerate : 15;
  session->config.video_bitrate = config->video_bitrate ? config->video_bitrate : 200000;
  if (config->advertise && !mabei_fingerprint_from_text (config->advertise, &session->advertise))
    g_clear_pointer ((char **) &session->config.advertise, g_free);
  session->tone_hz = config->tone_hz;
  session->context = context;
  session->delivery = delivery;
  session->link_up = session->camera = TRUE;
  session->peers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) mabei_peer_free);
  return session;
}

void
mabei_session_free (MabeiSession *session)
{
  if (!session)
    return;
  stop (session);
  g_hash_table_unref (session->peers);
  g_free ((char *) session->config.device);
  g_free ((char *) session->config.name);
  g_free ((char *) session->config.host);
  g_free ((char *) session->config.turn_server);
  g_free ((char *) session->config.advertise);
  g_free (session);
}
