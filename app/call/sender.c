#include "app/call/sender.h"

#include "app/call/media.h"
#include "app/call/sdp.h"

#define GST_USE_UNSTABLE_API
#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>
#include <gst/webrtc/webrtc.h>

#define SILENCE_AFTER (400 * GST_MSECOND)
#define AUDIO_QUEUE (200 * GST_MSECOND)
#define VIDEO_QUEUE_PICTURES 4u

#define APPSRC "appsrc name=%s is-live=true format=time do-timestamp=false min-latency=0 max-bytes=0 "
#define AUDIO_BRANCH                                                                                                   \
  APPSRC "max-time=200000000 leaky-type=downstream "                                                                   \
         "caps=\"audio/x-opus,rate=(int)48000,channels=(int)1,channel-mapping-family=(int)0\" ! rtpopuspay pt=%d ! "   \
         "capsfilter caps=\"application/x-rtp,media=audio,encoding-name=OPUS,payload=%d\""
#define VIDEO_BRANCH                                                                                                   \
  APPSRC "caps=\"video/x-vp8\" ! rtpvp8pay pt=%d mtu=1200 picture-id-mode=2 ! "                                        \
         "capsfilter caps=\"application/x-rtp,media=video,encoding-name=VP8,payload=%d\""

typedef struct {
  GstElement *source;
  gboolean open;
  gboolean wants_key; /* video: pictures are dropped until one stands alone */
  GstClockTime opened_at;
} Gate;

struct _MabeiSender {
  MabeiCapture *capture;
  GMutex lock;
  Gate audio, video;
  gboolean verified;
  GstClockTime audio_sent_at;
};

/* Opus, CELT, 20 ms, silence (as in RFC 6716 a frame of the range coder's end; what others send for mute). */
static const guint8 silence[] = {0xf8, 0xff, 0xfe};

static void
push (Gate *gate, GstBuffer *buffer)
{
  gst_app_src_push_buffer (GST_APP_SRC (gate->source), gst_buffer_ref (buffer));
}

/* A picture may pass when all pictures it is built on have passed. */
static gboolean
picture_passes (MabeiSender *sender, GstBuffer *buffer)
{
  Gate *gate = &sender->video;
  if (gst_app_src_get_current_level_buffers (GST_APP_SRC (gate->source)) >= VIDEO_QUEUE_PICTURES)
    gate->wants_key = TRUE;
  if (gate->wants_key && GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT)) {
    mabei_capture_request_key_picture (sender->capture);
    return FALSE;
  }
  gate->wants_key = FALSE;
  return TRUE;
}

static void
on_encoded (gboolean video, GstBuffer *buffer, gpointer user_data)
{
  MabeiSender *sender = user_data;
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&sender->lock);
  Gate *gate = video ? &sender->video : &sender->audio;
  if (!gate->open || !GST_BUFFER_PTS_IS_VALID (buffer) || GST_BUFFER_PTS (buffer) < gate->opened_at)
    return;
  if (video && !picture_passes (sender, buffer))
    return;
  if (!video)
    sender->audio_sent_at = mabei_media_now ();
  push (gate, buffer);
}

/* The other side lost a picture (RTCP PLI or FIR). */
static GstPadProbeReturn
on_upstream (GstPad *pad G_GNUC_UNUSED, GstPadProbeInfo *info, gpointer data)
{
  MabeiSender *sender = data;
  if (gst_video_event_is_force_key_unit (GST_PAD_PROBE_INFO_EVENT (info)))
    mabei_capture_request_key_picture (sender->capture);
  return GST_PAD_PROBE_OK;
}

static gboolean
connect_branch (GstElement *webrtc, GstElement *bin, gboolean video)
{
  g_autoptr (GstPad) from = gst_element_get_static_pad (bin, "src");
  g_autoptr (GstPad) to = gst_element_request_pad_simple (webrtc, "sink_%u");
  g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;
  if (!from || !to || gst_pad_link (from, to) != GST_PAD_LINK_OK)
    return FALSE;
  g_object_get (to, "transceiver", &transceiver, NULL);
  if (!transceiver)
    return FALSE;
  /* Told beforehand, an offer needs no first buffer: a person without devices can offer too. */
  g_autoptr (GstCaps) codec = gst_caps_from_string (
      video ? "application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000"
            : "application/x-rtp,media=audio,encoding-name=OPUS,payload=97,clock-rate=48000,encoding-params=(string)2");
  g_object_set (transceiver, "codec-preferences", codec, "do-nack", video, "direction",
                GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDRECV, NULL);
  return TRUE;
}

MabeiSender *
mabei_sender_new (GstElement *pipeline, GstElement *webrtc, MabeiCapture *capture, GError **error)
{
  g_autofree char *audio = g_strdup_printf (AUDIO_BRANCH, "audio", MABEI_SDP_AUDIO_TYPE, MABEI_SDP_AUDIO_TYPE);
  g_autofree char *video = g_strdup_printf (VIDEO_BRANCH, "video", MABEI_SDP_VIDEO_TYPE, MABEI_SDP_VIDEO_TYPE);
  GstElement *audio_bin = mabei_media_add_bin (pipeline, audio, error);
  GstElement *video_bin = audio_bin ? mabei_media_add_bin (pipeline, video, error) : NULL;
  if (!video_bin)
    return NULL;
  if (!connect_branch (webrtc, audio_bin, FALSE) || !connect_branch (webrtc, video_bin, TRUE)) {
    g_set_error_literal (error, MABEI_MEDIA_ERROR, MABEI_MEDIA_ERROR_FAILED, "webrtcbin takes no media");
    return NULL;
  }
  MabeiSender *sender = g_new0 (MabeiSender, 1);
  g_mutex_init (&sender->lock);
  sender->capture = capture;
  sender->audio.source = gst_bin_get_by_name (GST_BIN (audio_bin), "audio");
  sender->video.source = gst_bin_get_by_name (GST_BIN (video_bin), "video");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (sender->video.source, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, on_upstream, sender, NULL);
  const MabeiCaptureOutput output = {.encoded = on_encoded};
  mabei_capture_add_output (capture, &output, sender);
  return sender;
}

void
mabei_sender_free (MabeiSender *sender)
{
  if (!sender)
    return;
  mabei_capture_remove_output (sender->capture, sender);
  gst_object_unref (sender->audio.source);
  gst_object_unref (sender->video.source);
  g_mutex_clear (&sender->lock);
  g_free (sender);
}

static void
set_gate (Gate *gate, gboolean open)
{
  if (open && !gate->open) {
    gate->opened_at = mabei_media_now ();
    gate->wants_key = TRUE;
  }
  gate->open = open;
}

void
mabei_sender_set_gates (MabeiSender *sender, gboolean audio, gboolean video)
{
  g_mutex_lock (&sender->lock);
  gboolean opens = video && !sender->video.open;
  set_gate (&sender->audio, audio);
  set_gate (&sender->video, video);
  g_mutex_unlock (&sender->lock);
  if (opens)
    mabei_capture_request_key_picture (sender->capture);
}

void
mabei_sender_set_verified (MabeiSender *sender)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&sender->lock);
  sender->verified = TRUE;
}

void
mabei_sender_tick (MabeiSender *sender)
{
  GstClockTime now = mabei_media_now ();
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&sender->lock);
  if (!sender->verified || now - sender->audio_sent_at < SILENCE_AFTER)
    return;
  sender->audio_sent_at = now;
  g_autoptr (GstBuffer) buffer = gst_buffer_new_memdup (silence, sizeof silence);
  GST_BUFFER_PTS (buffer) = now;
  GST_BUFFER_DURATION (buffer) = 20 * GST_MSECOND;
  push (&sender->audio, buffer);
}
