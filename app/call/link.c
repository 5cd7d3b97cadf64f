#include "app/call/link.h"

#include "app/call/media.h"
#include "app/call/sdp.h"
#include "app/call/sender.h"

#define GST_USE_UNSTABLE_API
#include <gst/webrtc/webrtc.h>
#include <nice/agent.h>
#include <nice/interfaces.h>

#define JITTER_BUFFER_MS 100u
#define CANDIDATES_LIMIT 100u
#define ADDRESSES_LIMIT 8u /* of our own */

/* What webrtcbin's threads hold: the link is reached through it in the call's thread only, until it is closed. */
typedef struct {
  MabeiMediaLink *link; /* NULL when closed; call's thread only */
  GMainContext *context;
  MabeiCertificate *certificate;
  GMutex lock;
  GPtrArray *decoders; /* every dtlsdec of this link; locked */
} Handle;

struct _MabeiLink {
  Handle *handle;
  MabeiMediaLinkCallbacks callbacks;
  gpointer user_data;
  MabeiFingerprint advertise, peer;
  gboolean has_peer, offerer, connected, verified, dead, audio_gate, video_gate;
  guint n_candidates;
  GstElement *pipeline, *webrtc;
  GSource *bus_watch;
  MabeiSender *sender;
  MabeiReceiver *receiver;
};

/* A message from one of webrtcbin's threads. */
typedef struct {
  Handle *handle;
  void (*deliver) (MabeiMediaLink *link, gpointer posted);
  int number;
  char *text;
  GstWebRTCSessionDescription *description;
} Posted;

static void
handle_clear (gpointer data)
{
  Handle *handle = data;
  g_main_context_unref (handle->context);
  mabei_certificate_unref (handle->certificate);
  g_ptr_array_unref (handle->decoders);
  g_mutex_clear (&handle->lock);
}

static void
handle_unref (gpointer data)
{
  g_atomic_rc_box_release_full (data, handle_clear);
}

static void
closure_unref (gpointer data, GClosure *closure G_GNUC_UNUSED)
{
  handle_unref (data);
}

static void
posted_free (gpointer data)
{
  Posted *posted = data;
  handle_unref (posted->handle);
  g_clear_pointer (&posted->description, gst_webrtc_session_description_free);
  g_free (posted->text);
  g_free (posted);
}

static gboolean
posted_run (gpointer data)
{
  Posted *posted = data;
  MabeiMediaLink *link = posted->handle->link;
  if (link && !link->dead)
    posted->deliver (link, posted);
  return G_SOURCE_REMOVE;
}

static Posted *
posted_new (Handle *handle, void (*deliver) (MabeiMediaLink *, gpointer))
{
  Posted *posted = g_new0 (Posted, 1);
  posted->handle = g_atomic_rc_box_acquire (handle);
  posted->deliver = deliver;
  return posted;
}

static void
post (Posted *posted)
{
  mabei_media_dispatch (posted->handle->context, posted_run, posted, posted_free);
}

static void
tell (MabeiMediaLink *link, MabeiMediaLinkEvent event, const char *detail)
{
  link->dead = link->dead || event == MABEI_MEDIA_LINK_EVENT_REFUSED || event == MABEI_MEDIA_LINK_EVENT_FAILED;
  link->callbacks.event (link, event, detail, link->user_data);
}

static void
deliver_failure (MabeiMediaLink *link, gpointer data)
{
  tell (link, MABEI_MEDIA_LINK_EVENT_FAILED, ((Posted *) data)->text);
}

static void
post_failure (Handle *handle, const char *text)
{
  Posted *posted = posted_new (handle, deliver_failure);
  posted->text = g_strdup (text);
  post (posted);
}

/* --- descriptions --- */

static void
deliver_description (MabeiMediaLink *link, gpointer data)
{
  Posted *posted = data;
  g_signal_emit_by_name (link->webrtc, "set-local-description", posted->description, NULL);
  g_autofree char *text = mabei_sdp_write (posted->description->sdp, &link->advertise);
  link->callbacks.description (link, link->offerer, text, link->user_data);
}

static void
on_description (GstPromise *promise, gpointer data)
{
  Handle *handle = data;
  GstWebRTCSessionDescription *description = NULL;
  const GstStructure *reply =
      gst_promise_wait (promise) == GST_PROMISE_RESULT_REPLIED ? gst_promise_get_reply (promise) : NULL;
  if (reply && (gst_structure_has_field (reply, "offer") || gst_structure_has_field (reply, "answer")))
    gst_structure_get (reply, gst_structure_has_field (reply, "offer") ? "offer" : "answer",
                       GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &description, NULL);
  if (description) {
    Posted *posted = posted_new (handle, deliver_description);
    posted->description = description;
    post (posted);
  } else {
    post_failure (handle, "webrtcbin made no description");
  }
  gst_promise_unref (promise);
}

static void
request_description (MabeiMediaLink *link)
{
  GstPromise *promise =
      gst_promise_new_with_change_func (on_description, g_atomic_rc_box_acquire (link->handle), handle_unref);
  g_signal_emit_by_name (link->webrtc, link->offerer ? "create-offer" : "create-answer", NULL, promise);
}

static void
deliver_remote_set (MabeiMediaLink *link, gpointer data G_GNUC_UNUSED)
{
  if (!link->offerer)
    request_description (link);
}

static void
on_remote_set (GstPromise *promise, gpointer data)
{
  Handle *handle = data;
  g_autoptr (GError) error = NULL;
  GstPromiseResult result = gst_promise_wait (promise);
  const GstStructure *reply = result == GST_PROMISE_RESULT_REPLIED ? gst_promise_get_reply (promise) : NULL;
  if (reply && gst_structure_has_field (reply, "error"))
    gst_structure_get (reply, "error", G_TYPE_ERROR, &error, NULL);
  if (result != GST_PROMISE_RESULT_REPLIED || error)
    post_failure (handle, error ? error->message : "the description was not taken");
  else
    post (posted_new (handle, deliver_remote_set));
  gst_promise_unref (promise);
}

gboolean
mabei_media_link_set_remote (MabeiMediaLink *link, gboolean offer, const char *sdp, GError **error)
{
  GstSDPMessage *message = mabei_sdp_parse (sdp, error);
  if (!message)
    return FALSE;
  if (offer == link->offerer) {
    gst_sdp_message_free (message);
    g_set_error_literal (error, MABEI_MEDIA_ERROR, MABEI_MEDIA_ERROR_SDP, "an offer for an offer");
    return FALSE;
  }
  if (!link->has_peer)
    link->has_peer = mabei_sdp_get_fingerprint (message, &link->peer);
  GstWebRTCSessionDescription *description =
      gst_webrtc_session_description_new (offer ? GST_WEBRTC_SDP_TYPE_OFFER : GST_WEBRTC_SDP_TYPE_ANSWER, message);
  GstPromise *promise =
      gst_promise_new_with_change_func (on_remote_set, g_atomic_rc_box_acquire (link->handle), handle_unref);
  g_signal_emit_by_name (link->webrtc, "set-remote-description", description, promise);
  gst_webrtc_session_description_free (description);
  return TRUE;
}

/* --- candidates --- */

static void
deliver_candidate (MabeiMediaLink *link, gpointer data)
{
  Posted *posted = data;
  link->callbacks.candidate (link, (guint) posted->number, posted->text, link->user_data);
}

static void
on_candidate (GstElement *webrtc G_GNUC_UNUSED, guint media, const char *candidate, gpointer data)
{
  if (!mabei_sdp_is_candidate (candidate))
    return;
  Posted *posted = posted_new (data, deliver_candidate);
  posted->number = (int) media;
  posted->text = g_strdup (candidate);
  post (posted);
}

gboolean
mabei_media_link_add_candidate (MabeiMediaLink *link, guint media, const char *candidate)
{
  if (media >= MABEI_SDP_MEDIA_COUNT || !mabei_sdp_is_candidate (candidate) || link->n_candidates >= CANDIDATES_LIMIT)
    return FALSE;
  link->n_candidates++;
  g_signal_emit_by_name (link->webrtc, "add-ice-candidate", media, candidate);
  return TRUE;
}

/* --- connection and verification --- */

/* Every certificate that a DTLS association of this link was shown must be the announced one, and there must be one. */
static gboolean
peer_is_true (MabeiMediaLink *link, const char **why)
{
  Handle *handle = link->handle;
  guint shown = 0;
  if (!link->has_peer) {
    *why = "no fingerprint was announced";
    return FALSE;
  }
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&handle->lock);
  for (guint i = 0; i < handle->decoders->len; i++) {
    g_autofree char *pem = NULL;
    MabeiFingerprint fingerprint;
    g_object_get (handle->decoders->pdata[i], "peer-pem", &pem, NULL);
    if (!pem || !*pem)
      continue;
    shown++;
    if (!mabei_fingerprint_of_pem (pem, &fingerprint, NULL) || !mabei_fingerprint_equal (&fingerprint, &link->peer)) {
      *why = "the certificate is not the one announced";
      return FALSE;
    }
  }
  *why = shown > 0 ? NULL : "no certificate was shown";
  return shown > 0;
}

static void
apply_gates (MabeiMediaLink *link)
{
  mabei_sender_set_gates (link->sender, link->verified && link->audio_gate, link->verified && link->video_gate);
}

static void
deliver_state (MabeiMediaLink *link, gpointer data)
{
  GstWebRTCPeerConnectionState state = (GstWebRTCPeerConnectionState) ((Posted *) data)->number;
  const char *why = NULL;
  if (state == GST_WEBRTC_PEER_CONNECTION_STATE_FAILED) {
    tell (link, MABEI_MEDIA_LINK_EVENT_FAILED, "no way to the other side was found");
    return;
  }
  if (state != GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED || link->connected)
    return;
  link->connected = TRUE;
  tell (link, MABEI_MEDIA_LINK_EVENT_CONNECTED, NULL);
  if (!peer_is_true (link, &why)) {
    tell (link, MABEI_MEDIA_LINK_EVENT_REFUSED, why);
    return;
  }
  link->verified = TRUE;
  mabei_receiver_set_verified (link->receiver);
  mabei_sender_set_verified (link->sender);
  apply_gates (link);
  tell (link, MABEI_MEDIA_LINK_EVENT_VERIFIED, NULL);
}

static void
on_connection_state (GObject *webrtc, GParamSpec *property G_GNUC_UNUSED, gpointer data)
{
  Posted *posted = posted_new (data, deliver_state);
  GstWebRTCPeerConnectionState state = GST_WEBRTC_PEER_CONNECTION_STATE_NEW;
  g_object_get (webrtc, "connection-state", &state, NULL);
  posted->number = (int) state;
  post (posted);
}

/* --- inside webrtcbin --- */

static void
on_element (GstBin *webrtc G_GNUC_UNUSED, GstBin *bin G_GNUC_UNUSED, GstElement *element, gpointer data)
{
  Handle *handle = data;
  GstElementFactory *factory = gst_element_get_factory (element);
  const char *name = factory ? GST_OBJECT_NAME (factory) : "";
  /* It would hold every packet for one frame time of its source. */
  if (g_str_equal (name, "clocksync"))
    g_object_set (element, "sync", FALSE, NULL);
  if (!g_str_equal (name, "dtlsdec"))
    return;
  g_object_set (element, "pem", mabei_certificate_get_pem (handle->certificate), NULL);
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&handle->lock);
  g_ptr_array_add (handle->decoders, gst_object_ref (element));
}

static void
add_address (NiceAgent *agent, const char *text)
{
  NiceAddress address;
  nice_address_init (&address);
  if (nice_address_set_from_string (&address, text))
    nice_agent_add_local_address (agent, &address);
}

/* The addresses that candidates are made of. The link-local one of IPv6 is left out as a precaution: it cannot be bound
 * for seconds after a cable was plugged in, and nobody else could use it anyway. Left to itself, libnice leaves out
 * loopback, which a machine without any other address, or a test, needs. */
static void
set_addresses (GstElement *webrtc, gboolean loopback)
{
  g_autoptr (GObject) ice = NULL, agent = NULL;
  g_object_get (webrtc, "ice-agent", &ice, NULL);
  if (ice)
    g_object_get (ice, "agent", &agent, NULL);
  if (!agent)
    return;
  g_object_set (agent, "keepalive-conncheck", TRUE, NULL);
  guint count = 0;
  GList *addresses = nice_interfaces_get_local_ips (FALSE);
  for (GList *at = addresses; at && !loopback; at = at->next)
    if (g_ascii_strncasecmp (at->data, "fe80:", 5) != 0 && count++ < ADDRESSES_LIMIT)
      add_address (NICE_AGENT (agent), at->data);
  g_list_free_full (addresses, g_free);
  if (count > 0)
    return;
  add_address (NICE_AGENT (agent), "127.0.0.1");
  g_object_set (agent, "ice-tcp", FALSE, "upnp", FALSE, NULL);
}

static void
connect_signal (MabeiMediaLink *link, const char *signal, GCallback callback)
{
  g_signal_connect_data (link->webrtc, signal, callback, g_atomic_rc_box_acquire (link->handle), closure_unref, 0);
}

/* A branch that failed, by a broken stream for instance, does not come back: the link is built anew. */
static gboolean
on_bus (GstBus *bus G_GNUC_UNUSED, GstMessage *message, gpointer data)
{
  MabeiMediaLink *link = data;
  g_autoptr (GError) error = NULL;
  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR || link->dead)
    return G_SOURCE_CONTINUE;
  gst_message_parse_error (message, &error, NULL);
  tell (link, MABEI_MEDIA_LINK_EVENT_FAILED, error->message);
  return G_SOURCE_CONTINUE;
}

static void
watch_bus (MabeiMediaLink *link)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (link->pipeline);
  link->bus_watch = gst_bus_create_watch (bus);
  g_source_set_callback (link->bus_watch, G_SOURCE_FUNC (on_bus), link, NULL);
  g_source_attach (link->bus_watch, link->handle->context);
}

static gboolean
build (MabeiMediaLink *link, const MabeiMediaLinkConfig *config, GError **error)
{
  link->pipeline = mabei_media_pipeline_new (NULL);
  watch_bus (link);
  link->webrtc = gst_object_ref_sink (gst_element_factory_make ("webrtcbin", NULL));
  g_object_set (link->webrtc, "bundle-policy", GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, "latency", JITTER_BUFFER_MS, NULL);
  if (config->turn_server)
    g_object_set (link->webrtc, "turn-server", config->turn_server, NULL);
  set_addresses (link->webrtc, config->loopback);
  connect_signal (link, "deep-element-added", G_CALLBACK (on_element));
  connect_signal (link, "on-ice-candidate", G_CALLBACK (on_candidate));
  connect_signal (link, "notify::connection-state", G_CALLBACK (on_connection_state));
  gst_bin_add (GST_BIN (link->pipeline), link->webrtc);
  link->receiver =
      mabei_receiver_new (link->pipeline, link->webrtc, config->playout, link->callbacks.frame, link->user_data);
  if (gst_element_set_state (link->webrtc, GST_STATE_READY) == GST_STATE_CHANGE_FAILURE) {
    g_set_error_literal (error, MABEI_MEDIA_ERROR, MABEI_MEDIA_ERROR_FAILED, "webrtcbin does not start");
    return FALSE;
  }
  link->sender = mabei_sender_new (link->pipeline, link->webrtc, config->capture, error);
  return link->sender && mabei_media_pipeline_start (link->pipeline, error);
}

MabeiMediaLink *
mabei_media_link_new (const MabeiMediaLinkConfig *config,
                      const MabeiMediaLinkCallbacks *callbacks,
                      gpointer user_data,
                      GError **error)
{
  MabeiMediaLink *link = g_new0 (MabeiMediaLink, 1);
  link->handle = g_atomic_rc_box_new0 (Handle);
  g_mutex_init (&link->handle->lock);
  link->handle->link = link;
  link->handle->context = g_main_context_ref (config->context);
  link->handle->certificate = mabei_certificate_ref (config->certificate);
  link->handle->decoders = g_ptr_array_new_with_free_func (gst_object_unref);
  link->callbacks = *callbacks;
  link->user_data = user_data;
  link->offerer = config->offerer;
  link->advertise = config->advertise ? *config->advertise : *mabei_certificate_get_fingerprint (config->certificate);
  link->has_peer = config->peer != NULL;
  if (config->peer)
    link->peer = *config->peer;
  if (!build (link, config, error)) {
    mabei_media_link_free (link);
    return NULL;
  }
  if (link->offerer)
    request_description (link);
  return link;
}

void
mabei_media_link_free (MabeiMediaLink *link)
{
  if (!link)
    return;
  link->handle->link = NULL;
  if (link->bus_watch)
    g_source_destroy (link->bus_watch);
  g_clear_pointer (&link->bus_watch, g_source_unref);
  if (link->sender)
    mabei_sender_set_gates (link->sender, FALSE, FALSE);
  if (link->receiver)
    mabei_receiver_stop (link->receiver);
  g_mutex_lock (&link->handle->lock);
  g_ptr_array_set_size (link->handle->decoders, 0);
  g_mutex_unlock (&link->handle->lock);
  if (link->pipeline)
    gst_element_set_state (link->pipeline, GST_STATE_NULL);
  mabei_sender_free (link->sender);
  mabei_receiver_free (link->receiver);
  gst_clear_object (&link->webrtc);
  mabei_media_pipeline_stop (&link->pipeline);
  handle_unref (link->handle);
  g_free (link);
}

void
mabei_media_link_set_gates (MabeiMediaLink *link, gboolean hears, gboolean audio, gboolean video)
{
  mabei_receiver_set_open (link->receiver, hears);
  link->audio_gate = audio;
  link->video_gate = video;
  apply_gates (link);
}

void
mabei_media_link_tick (MabeiMediaLink *link)
{
  mabei_sender_tick (link->sender);
}

gboolean
mabei_media_link_is_verified (const MabeiMediaLink *link)
{
  return link->verified && !link->dead;
}

void
mabei_media_link_get_stats (MabeiMediaLink *link, MabeiReceiverStats *stats)
{
  mabei_receiver_get_stats (link->receiver, stats);
}

void
mabei_media_link_reset_peaks (MabeiMediaLink *link)
{
  mabei_receiver_reset_peaks (link->receiver);
}
