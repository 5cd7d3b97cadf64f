#include "app/call/peer.h"

#include <sodium.h>
#include <string.h>

#define MS ((gint64) 1000)
#define PING_EVERY_US (1000 * MS)
#define HELLO_EVERY_US (250 * MS)
#define PONGS_IN_FLIGHT 4 /* a round trip may take longer than the time between pings */
#define FRESH_MS 2000
#define SILENT_US (3000 * MS)
#define CONNECT_WITHIN_US (15000 * MS)
#define RETRY_FIRST_US (500 * MS)
#define RETRY_LAST_US (5000 * MS)
#define SPEECH_OK 0.95

struct _MabeiPeer {
  const MabeiPeerConfig *config;
  const guint8 *session;
  char device[MABEI_ROOM_LIMIT_DEVICE_BYTES + 1];
  MabeiPeerCallbacks callbacks;
  gpointer user_data;

  gboolean has_fingerprint, wanted, hears, audio_gate, video_gate;
  MabeiFingerprint fingerprint;

  guint64 ping_sequence, version, own_version, required_version;
  gint64 pinged_us, greeted_us; /* when we last sent one */
  gint64 ping_us, pong_us;      /* when one last came */

  MabeiMediaLink *link;
  MabeiMediaLinkState state;
  guint8 attempt[MABEI_ATTEMPT_BYTES];
  gboolean has_attempt, close_soon;
  gint64 started_us, verified_us, retry_us, retry_wait_us;
  guint attempts;
};

static gboolean
is_offerer (const MabeiPeer *peer)
{
  return strcmp (peer->config->self, peer->device) < 0;
}

static void
set_state (MabeiPeer *peer, MabeiMediaLinkState state)
{
  if (peer->state == state)
    return;
  peer->state = state;
  peer->callbacks.changed (peer->user_data);
}

static void
say (MabeiPeer *peer, const char *what, const char *detail)
{
  g_autofree char *text = detail ? g_strdup_printf ("%s: %s (%s)", peer->device, what, detail)
                                 : g_strdup_printf ("%s: %s", peer->device, what);
  peer->callbacks.event (text, peer->user_data);
}

/* --- sending --- */

static void
send_simple (MabeiPeer *peer, MabeiSignalKind kind, guint64 sequence)
{
  g_autoptr (MabeiSignal) message = mabei_signal_new (kind, peer->session);
  message->sequence = sequence;
  memcpy (message->attempt, peer->attempt, MABEI_ATTEMPT_BYTES);
  peer->callbacks.send (peer->device, message, peer->user_data);
}

static void
send_link (MabeiPeer *peer, MabeiSignalKind kind, guint media, const char *text)
{
  g_autoptr (MabeiSignal) message = mabei_signal_new (kind, peer->session);
  memcpy (message->attempt, peer->attempt, MABEI_ATTEMPT_BYTES);
  message->media = media;
  message->text = g_strdup (text);
  peer->callbacks.send (peer->device, message, peer->user_data);
}

static void
send_ping (MabeiPeer *peer)
{
  g_autoptr (MabeiSignal) message = mabei_signal_new (MABEI_SIGNAL_PING, peer->session);
  peer->pinged_us = g_get_monotonic_time ();
  peer->ping_sequence = (peer->ping_sequence + 1) & G_MAXUINT32;
  message->sequence = peer->ping_sequence;
  message->version = peer->own_version;
  message->known = peer->has_fingerprint;
  peer->callbacks.send (peer->device, message, peer->user_data);
}

void
mabei_peer_say_hello (MabeiPeer *peer)
{
  gint64 now_us = g_get_monotonic_time ();
  if (peer->greeted_us > 0 && now_us - peer->greeted_us < HELLO_EVERY_US)
    return;
  peer->greeted_us = now_us;
  g_autoptr (MabeiSignal) message = mabei_signal_new (MABEI_SIGNAL_HELLO, peer->session);
  message->fingerprint = peer->config->link.advertise
                             ? *peer->config->link.advertise
                             : *mabei_certificate_get_fingerprint (peer->config->link.certificate);
  message->text = g_strdup (peer->config->name);
  peer->callbacks.send (peer->device, message, peer->user_data);
}

/* --- the link --- */

static void
close_link (MabeiPeer *peer, MabeiMediaLinkState state)
{
  g_clear_pointer (&peer->link, mabei_media_link_free);
  peer->close_soon = FALSE;
  peer->verified_us = 0;
  set_state (peer, state);
}

/* Later each time, so that a peer that cannot be reached costs little. */
static void
wait_before_retry (MabeiPeer *peer)
{
  peer->retry_wait_us = CLAMP (peer->retry_wait_us * 2, RETRY_FIRST_US, RETRY_LAST_US);
  peer->retry_us = g_get_monotonic_time () + peer->retry_wait_us;
}

/* Events come from inside the link: it is closed on the next tick, not under its own feet. */
static void
on_event (MabeiMediaLink *link G_GNUC_UNUSED, MabeiMediaLinkEvent event, const char *detail, gpointer data)
{
  MabeiPeer *peer = data;
  switch (event) {
  case MABEI_MEDIA_LINK_EVENT_CONNECTED:
    set_state (peer, MABEI_MEDIA_LINK_STATE_CONNECTED);
    break;
  case MABEI_MEDIA_LINK_EVENT_VERIFIED:
    peer->verified_us = g_get_monotonic_time ();
    set_state (peer, MABEI_MEDIA_LINK_STATE_VERIFIED);
    break;
  case MABEI_MEDIA_LINK_EVENT_REFUSED:
    say (peer, "link refused", detail);
    send_simple (peer, MABEI_SIGNAL_END, 0);
    set_state (peer, MABEI_MEDIA_LINK_STATE_REFUSED);
    peer->close_soon = TRUE;
    break;
  case MABEI_MEDIA_LINK_EVENT_FAILED:
    say (peer, "link failed", detail);
    set_state (peer, MABEI_MEDIA_LINK_STATE_LOST);
    peer->close_soon = TRUE;
    break;
  default:
    g_assert_not_reached ();
  }
}

static void
on_description (MabeiMediaLink *link G_GNUC_UNUSED, gboolean offer, const char *sdp, gpointer data)
{
  send_link (data, offer ? MABEI_SIGNAL_OFFER : MABEI_SIGNAL_ANSWER, 0, sdp);
}

static void
on_candidate (MabeiMediaLink *link G_GNUC_UNUSED, guint media, const char *candidate, gpointer data)
{
  if (media <= 1)
    send_link (data, MABEI_SIGNAL_ICE, media, candidate);
}

/* Streaming thread: touches only what never changes while a link lives. */
static void
on_frame (MabeiVideoFrame *frame, gpointer data)
{
  MabeiPeer *peer = data;
  peer->callbacks.frame (peer->device, frame, peer->user_data);
}

static gboolean
build_link (MabeiPeer *peer)
{
  const MabeiMediaLinkCallbacks callbacks = {
      .event = on_event, .description = on_description, .candidate = on_candidate, .frame = on_frame};
  MabeiMediaLinkConfig config = peer->config->link;
  g_autoptr (GError) error = NULL;
  config.peer = &peer->fingerprint;
  config.offerer = is_offerer (peer);
  peer->started_us = g_get_monotonic_time ();
  peer->has_attempt = TRUE;
  peer->attempts++;
  peer->link = mabei_media_link_new (&config, &callbacks, peer, &error);
  if (!peer->link) {
    say (peer, "link failed", error->message);
    wait_before_retry (peer);
    set_state (peer, MABEI_MEDIA_LINK_STATE_LOST);
    return FALSE;
  }
  mabei_media_link_set_gates (peer->link, peer->hears, peer->audio_gate, peer->video_gate);
  set_state (peer, MABEI_MEDIA_LINK_STATE_OFFERING);
  return TRUE;
}

gboolean
mabei_peer_is_reached (const MabeiPeer *peer, gint64 age_ms)
{
  gint64 from_us = g_get_monotonic_time () - age_ms * MS;
  return peer->ping_us > from_us && peer->pong_us > from_us;
}

static gboolean
may_link (const MabeiPeer *peer)
{
  return peer->wanted && peer->has_fingerprint && peer->state != MABEI_MEDIA_LINK_STATE_REFUSED &&
         peer->version >= peer->required_version;
}

static void
try_offer (MabeiPeer *peer)
{
  if (peer->link || !is_offerer (peer) || !may_link (peer) || !mabei_peer_is_reached (peer, FRESH_MS) ||
      g_get_monotonic_time () < peer->retry_us)
    return;
  randombytes_buf (peer->attempt, MABEI_ATTEMPT_BYTES);
  build_link (peer);
}

/* --- receiving --- */

static void
take_hello (MabeiPeer *peer, const MabeiSignal *message)
{
  if (peer->has_fingerprint && mabei_fingerprint_equal (&peer->fingerprint, &message->fingerprint))
    return;
  /* The device starts anew, with a new certificate. */
  if (peer->link || peer->state == MABEI_MEDIA_LINK_STATE_REFUSED)
    close_link (peer, peer->wanted ? MABEI_MEDIA_LINK_STATE_NEW : MABEI_MEDIA_LINK_STATE_NONE);
  peer->fingerprint = message->fingerprint;
  peer->has_fingerprint = TRUE;
  peer->retry_us = peer->retry_wait_us = 0;
  send_ping (peer);
  try_offer (peer);
}

static void
take_offer (MabeiPeer *peer, const MabeiSignal *message)
{
  g_autoptr (GError) error = NULL;
  if (is_offerer (peer) || (peer->has_attempt && memcmp (peer->attempt, message->attempt, MABEI_ATTEMPT_BYTES) == 0))
    return;
  memcpy (peer->attempt, message->attempt, MABEI_ATTEMPT_BYTES);
  peer->has_attempt = TRUE;
  if (peer->link && may_link (peer))
    close_link (peer, MABEI_MEDIA_LINK_STATE_NEW);
  if (!may_link (peer) || !build_link (peer)) {
    send_simple (peer, MABEI_SIGNAL_END, 0);
    return;
  }
  if (!mabei_media_link_set_remote (peer->link, TRUE, message->text, &error)) {
    say (peer, "offer refused", error->message);
    send_simple (peer, MABEI_SIGNAL_END, 0);
    close_link (peer, MABEI_MEDIA_LINK_STATE_LOST);
  }
}

/* Of the link that stands now; what belongs to an earlier attempt is stale. */
static gboolean
is_current (const MabeiPeer *peer, const MabeiSignal *message)
{
  return peer->link && memcmp (peer->attempt, message->attempt, MABEI_ATTEMPT_BYTES) == 0;
}

static void
take_answer (MabeiPeer *peer, const MabeiSignal *message)
{
  g_autoptr (GError) error = NULL;
  if (!is_current (peer, message) || mabei_media_link_set_remote (peer->link, FALSE, message->text, &error))
    return;
  say (peer, "answer refused", error->message);
  wait_before_retry (peer);
  close_link (peer, MABEI_MEDIA_LINK_STATE_LOST);
}

void
mabei_peer_receive (MabeiPeer *peer, const MabeiSignal *message)
{
  switch (message->kind) {
  case MABEI_SIGNAL_HELLO:
    take_hello (peer, message);
    break;
  case MABEI_SIGNAL_PING:
    peer->ping_us = g_get_monotonic_time ();
    peer->version = message->version;
    send_simple (peer, MABEI_SIGNAL_PONG, message->sequence);
    if (!message->known)
      mabei_peer_say_hello (peer);
    break;
  case MABEI_SIGNAL_PONG:
    if (((peer->ping_sequence - message->sequence) & G_MAXUINT32) < PONGS_IN_FLIGHT)
      peer->pong_us = g_get_monotonic_time ();
    try_offer (peer);
    break;
  case MABEI_SIGNAL_OFFER:
    take_offer (peer, message);
    break;
  case MABEI_SIGNAL_ANSWER:
    take_answer (peer, message);
    break;
  case MABEI_SIGNAL_ICE:
    if (is_current (peer, message) && !mabei_media_link_add_candidate (peer->link, message->media, message->text))
      say (peer, "candidate refused", NULL);
    break;
  case MABEI_SIGNAL_END:
    if (is_current (peer, message) && peer->state != MABEI_MEDIA_LINK_STATE_REFUSED) {
      wait_before_retry (peer);
      close_link (peer, MABEI_MEDIA_LINK_STATE_LOST);
    }
    break;
  case MABEI_SIGNAL_STATE:
  case MABEI_SIGNAL_ACK:
  case MABEI_SIGNAL_OPEN:
  case MABEI_SIGNAL_MOVE:
  case MABEI_SIGNAL_ACCEPT:
  case MABEI_SIGNAL_SELF:
  case MABEI_SIGNAL_BYE:
  default:
    break; /* the session's */
  }
}

/* --- time --- */

static void
rebuild (MabeiPeer *peer, const char *why)
{
  say (peer, "link given up", why);
  send_simple (peer, MABEI_SIGNAL_END, 0);
  close_link (peer, MABEI_MEDIA_LINK_STATE_LOST);
}

static void
watch_link (MabeiPeer *peer)
{
  gint64 now_us = g_get_monotonic_time ();
  if (!mabei_media_link_is_verified (peer->link)) {
    if (now_us - peer->started_us > CONNECT_WITHIN_US && mabei_peer_is_reached (peer, FRESH_MS)) {
      wait_before_retry (peer);
      rebuild (peer, "it did not connect in time");
    }
    return;
  }
  MabeiReceiverStats stats;
  mabei_media_link_get_stats (peer->link, &stats);
  gint64 last_us = MAX (stats.packet_at_us, peer->verified_us);
  if (now_us - last_us < SILENT_US) {
    if (stats.packet_at_us > 0) {
      peer->retry_wait_us = 0;
      set_state (peer, MABEI_MEDIA_LINK_STATE_LIVE);
    }
    return;
  }
  if (peer->state != MABEI_MEDIA_LINK_STATE_LOST)
    say (peer, "nothing arrives", NULL);
  set_state (peer, MABEI_MEDIA_LINK_STATE_LOST);
  if (mabei_peer_is_reached (peer, FRESH_MS))
    rebuild (peer, "the carrier works, the media does not");
}

void
mabei_peer_tick (MabeiPeer *peer, guint64 version)
{
  peer->own_version = version;
  if (peer->close_soon) {
    wait_before_retry (peer);
    close_link (peer, peer->state);
  }
  if (g_get_monotonic_time () - peer->pinged_us >= PING_EVERY_US)
    send_ping (peer);
  if (peer->link) {
    mabei_media_link_tick (peer->link);
    watch_link (peer);
  }
  try_offer (peer);
}

/* --- what the session decides --- */

MabeiPeer *
mabei_peer_new (const MabeiPeerConfig *config,
                const guint8 *session,
                const char *device,
                const MabeiPeerCallbacks *callbacks,
                gpointer user_data)
{
  MabeiPeer *peer = g_new0 (MabeiPeer, 1);
  peer->config = config;
  peer->session = session;
  g_strlcpy (peer->device, device, sizeof peer->device);
  peer->callbacks = *callbacks;
  peer->user_data = user_data;
  peer->state = MABEI_MEDIA_LINK_STATE_NONE;
  return peer;
}

void
mabei_peer_free (MabeiPeer *peer)
{
  if (!peer)
    return;
  g_clear_pointer (&peer->link, mabei_media_link_free);
  g_free (peer);
}

const char *
mabei_peer_get_device (const MabeiPeer *peer)
{
  return peer->device;
}

void
mabei_peer_set_wanted (MabeiPeer *peer, gboolean wanted)
{
  if (peer->wanted == wanted)
    return;
  peer->wanted = wanted;
  if (!wanted) {
    close_link (peer, MABEI_MEDIA_LINK_STATE_NONE);
    return;
  }
  set_state (peer, MABEI_MEDIA_LINK_STATE_NEW);
  mabei_peer_say_hello (peer);
  try_offer (peer);
}

void
mabei_peer_set_gates (MabeiPeer *peer, gboolean hears, gboolean audio, gboolean video)
{
  peer->hears = hears;
  peer->audio_gate = audio;
  peer->video_gate = video;
  if (peer->link)
    mabei_media_link_set_gates (peer->link, hears, audio, video);
}

void
mabei_peer_require_version (MabeiPeer *peer, guint64 version)
{
  peer->required_version = version;
  if (peer->link)
    rebuild (peer, "it did not confirm the change of rooms");
}

void
mabei_peer_cut (MabeiPeer *peer)
{
  if (peer->wanted)
    close_link (peer, MABEI_MEDIA_LINK_STATE_LOST);
  peer->ping_us = peer->pong_us = 0;
}

void
mabei_peer_resume (MabeiPeer *peer)
{
  peer->retry_us = peer->retry_wait_us = peer->pinged_us = peer->greeted_us = 0;
  if (peer->has_attempt)
    send_simple (peer, MABEI_SIGNAL_END, 0);
}

void
mabei_peer_describe (MabeiPeer *peer, MabeiCallPerson *person)
{
  MabeiReceiverStats stats = {0};
  if (peer->link)
    mabei_media_link_get_stats (peer->link, &stats);
  else
    mabei_tone_meter_init (&stats.tones);
  person->link = peer->state;
  person->attempts = peer->attempts;
  person->frames = stats.frames;
  person->has_counter = stats.has_counter;
  person->last_counter = stats.last_counter;
  person->audio_packets = stats.audio_packets;
  person->video_packets = stats.video_packets;
  person->level_db = stats.tones.level_db;
  person->speech_share = stats.speech_share;
  person->speech_ok = peer->state == MABEI_MEDIA_LINK_STATE_LIVE && person->hears && stats.speech_share >= SPEECH_OK;
  person->tone_hz = mabei_tone_meter_get_tone (&stats.tones);
  memcpy (person->tone_peak_db, stats.tones.peak_db, sizeof person->tone_peak_db);
}

void
mabei_peer_reset_peaks (MabeiPeer *peer)
{
  if (peer->link)
    mabei_media_link_reset_peaks (peer->link);
}
