#include "app/call/receiver.h"

#include "app/call/counter.h"
#include "app/call/media.h"
#include "app/call/picture.h"

#include <gst/app/gstappsink.h>

#define PICTURE_TOO_OLD GST_SECOND
#define SPEECH_WINDOW_US (2 * G_USEC_PER_SEC)
#define OPUS_FRAME_US 20000
#define TINY_GAP (2500 * GST_USECOND)
#define BRANCHES_LIMIT 2u /* one audio, one video; a peer cannot make more decoders */

/* The size of a picture is the sender's word: more than full HD is not decoded on. */
#define VIDEO_BRANCH                                                                                                   \
  "rtpvp8depay wait-for-keyframe=true request-keyframe=true ! vp8dec threads=1 name=decoder ! "                        \
  "video/x-raw,width=[1,1920],height=[1,1920] ! videoconvert n-threads=1 ! video/x-raw,format=BGRA ! "                 \
  "appsink name=out sync=false async=false max-buffers=2 drop=true qos=false enable-last-sample=false"
#define AUDIO_BRANCH                                                                                                   \
  "rtpopusdepay ! opusdec name=decoder plc=true use-inband-fec=true ! audioconvert ! audioresample ! "                 \
  "audio/x-raw,format=S16LE,rate=48000,channels=1 ! "                                                                  \
  "appsink name=out sync=false async=false qos=false max-buffers=50 drop=true enable-last-sample=false"

struct _MabeiReceiver {
  GstElement *pipeline, *webrtc;
  MabeiPlayout *playout;
  MabeiPlayoutInput *input;
  MabeiReceiverFrame frame;
  gpointer user_data;
  gulong pad_added;
  gint verified, open, stopped; /* atomic */

  GMutex lock; /* what follows */
  gboolean has_audio, has_video;
  MabeiReceiverStats stats;
  gint64 arrivals_us[128]; /* of the last audio packets, a ring */
  guint n_arrivals;
};

static GstPadProbeReturn
on_packet (GstPad *pad, GstPadProbeInfo *info G_GNUC_UNUSED, gpointer data)
{
  MabeiReceiver *receiver = data;
  gboolean verified = g_atomic_int_get (&receiver->verified) && !g_atomic_int_get (&receiver->stopped);
  gboolean video = g_object_get_data (G_OBJECT (pad), "mabei-video") != NULL;
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&receiver->lock);
  if (!verified) {
    receiver->stats.dropped_packets++;
    return GST_PAD_PROBE_DROP;
  }
  gint64 now_us = receiver->stats.packet_at_us = g_get_monotonic_time ();
  if (video) {
    receiver->stats.video_packets++;
  } else {
    receiver->stats.audio_packets++;
    receiver->arrivals_us[receiver->n_arrivals++ % G_N_ELEMENTS (receiver->arrivals_us)] = now_us;
  }
  return GST_PAD_PROBE_OK;
}

/* opusdec with in-band FEC falls silent for ever after a GAP event shorter than 1.25 ms (seen with 1.22, unchanged in
 * later versions): such gaps are kept from it. */
static GstPadProbeReturn
on_decoder_event (GstPad *pad G_GNUC_UNUSED, GstPadProbeInfo *info, gpointer data G_GNUC_UNUSED)
{
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
  GstClockTime duration;
  if (GST_EVENT_TYPE (event) != GST_EVENT_GAP)
    return GST_PAD_PROBE_OK;
  gst_event_parse_gap (event, NULL, &duration);
  return !GST_CLOCK_TIME_IS_VALID (duration) || duration < TINY_GAP ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

/* After a cut, retransmissions may bring pictures that are seconds old. */
static gboolean
is_stale (GstSample *sample)
{
  GstClockTime pts = GST_BUFFER_PTS (gst_sample_get_buffer (sample));
  GstClockTime at = gst_segment_to_running_time (gst_sample_get_segment (sample), GST_FORMAT_TIME, pts);
  GstClockTime now = mabei_media_now ();
  return GST_CLOCK_TIME_IS_VALID (at) && now > at && now - at > PICTURE_TOO_OLD;
}

static GstFlowReturn
on_picture (GstAppSink *sink, gpointer data)
{
  MabeiReceiver *receiver = data;
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);
  if (!sample || g_atomic_int_get (&receiver->stopped) || is_stale (sample))
    return GST_FLOW_OK;
  g_autoptr (MabeiVideoFrame) frame = mabei_picture_from_sample (sample);
  if (!frame)
    return GST_FLOW_OK;
  guint32 counter = 0;
  gboolean has_counter =
      mabei_counter_read (g_bytes_get_data (frame->bgra, NULL), frame->stride, frame->width, frame->height, &counter);
  g_mutex_lock (&receiver->lock);
  receiver->stats.frames++;
  if (has_counter) {
    receiver->stats.has_counter = TRUE;
    receiver->stats.last_counter = counter;
  }
  g_mutex_unlock (&receiver->lock);
  if (g_atomic_int_get (&receiver->open))
    receiver->frame (frame, receiver->user_data);
  return GST_FLOW_OK;
}

static GstFlowReturn
on_sound (GstAppSink *sink, gpointer data)
{
  MabeiReceiver *receiver = data;
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);
  GstMapInfo map;
  if (!sample || g_atomic_int_get (&receiver->stopped))
    return GST_FLOW_OK;
  GstBuffer *buffer = gst_sample_get_buffer (sample);
  if (gst_buffer_map (buffer, &map, GST_MAP_READ)) {
    g_mutex_lock (&receiver->lock);
    mabei_tone_meter_push (&receiver->stats.tones, (const gint16 *) (gpointer) map.data, map.size / sizeof (gint16));
    g_mutex_unlock (&receiver->lock);
    gst_buffer_unmap (buffer, &map);
  }
  if (receiver->input && g_atomic_int_get (&receiver->open))
    mabei_playout_push (receiver->input, buffer);
  return GST_FLOW_OK;
}

/* A second stream of a kind that is there already ends here. */
static gboolean
claim (MabeiReceiver *receiver, gboolean video)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&receiver->lock);
  gboolean *have = video ? &receiver->has_video : &receiver->has_audio;
  gboolean first = !*have && !g_atomic_int_get (&receiver->stopped);
  *have = TRUE;
  return first;
}

static void
set_callbacks (MabeiReceiver *receiver, GstElement *bin, gboolean video)
{
  GstAppSinkCallbacks callbacks = {.new_sample = video ? on_picture : on_sound};
  g_autoptr (GstElement) out = gst_bin_get_by_name (GST_BIN (bin), "out");
  gst_app_sink_set_callbacks (GST_APP_SINK (out), &callbacks, receiver, NULL);
  g_autoptr (GstElement) decoder = gst_bin_get_by_name (GST_BIN (bin), "decoder");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (decoder, "sink");
  if (!video)
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_decoder_event, NULL, NULL);
}

/* Streaming thread of webrtcbin. */
static void
on_pad_added (GstElement *webrtc G_GNUC_UNUSED, GstPad *pad, gpointer data)
{
  MabeiReceiver *receiver = data;
  if (GST_PAD_DIRECTION (pad) != GST_PAD_SRC)
    return;
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  if (!caps)
    caps = gst_pad_query_caps (pad, NULL);
  const char *media = gst_caps_is_empty (caps) || gst_caps_is_any (caps)
                          ? NULL
                          : gst_structure_get_string (gst_caps_get_structure (caps, 0), "media");
  gboolean video = g_strcmp0 (media, "video") == 0, known = video || g_strcmp0 (media, "audio") == 0;
  g_autoptr (GError) error = NULL;
  gboolean ours = known && claim (receiver, video);
  const char *description = "fakesink sync=false async=false";
  if (ours)
    description = video ? VIDEO_BRANCH : AUDIO_BRANCH;
  GstElement *bin = mabei_media_add_bin (receiver->pipeline, description, &error);
  if (!bin) {
    g_warning ("%s", error->message);
    return;
  }
  if (ours)
    set_callbacks (receiver, bin, video);
  if (video)
    g_object_set_data (G_OBJECT (pad), "mabei-video", bin);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_packet, receiver, NULL);
  g_autoptr (GstPad) sink = gst_element_get_static_pad (bin, "sink");
  gst_element_sync_state_with_parent (bin);
  gst_pad_link (pad, sink);
}

MabeiReceiver *
mabei_receiver_new (
    GstElement *pipeline, GstElement *webrtc, MabeiPlayout *playout, MabeiReceiverFrame frame, gpointer user_data)
{
  MabeiReceiver *receiver = g_new0 (MabeiReceiver, 1);
  g_mutex_init (&receiver->lock);
  receiver->pipeline = pipeline;
  receiver->webrtc = gst_object_ref (webrtc);
  receiver->playout = playout;
  receiver->input = playout ? mabei_playout_add (playout) : NULL;
  receiver->frame = frame;
  receiver->user_data = user_data;
  mabei_tone_meter_init (&receiver->stats.tones);
  receiver->pad_added = g_signal_connect (webrtc, "pad-added", G_CALLBACK (on_pad_added), receiver);
  return receiver;
}

void
mabei_receiver_stop (MabeiReceiver *receiver)
{
  g_atomic_int_set (&receiver->stopped, TRUE);
  g_clear_signal_handler (&receiver->pad_added, receiver->webrtc);
}

void
mabei_receiver_free (MabeiReceiver *receiver)
{
  if (!receiver)
    return;
  mabei_receiver_stop (receiver);
  if (receiver->playout)
    mabei_playout_remove (receiver->playout, receiver->input);
  gst_object_unref (receiver->webrtc);
  g_mutex_clear (&receiver->lock);
  g_free (receiver);
}

void
mabei_receiver_set_verified (MabeiReceiver *receiver)
{
  g_atomic_int_set (&receiver->verified, TRUE);
}

void
mabei_receiver_set_open (MabeiReceiver *receiver, gboolean open)
{
  g_atomic_int_set (&receiver->open, open);
}

void
mabei_receiver_get_stats (MabeiReceiver *receiver, MabeiReceiverStats *stats)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&receiver->lock);
  gint64 from_us = g_get_monotonic_time () - SPEECH_WINDOW_US;
  guint recent = 0;
  for (guint i = 0; i < MIN (receiver->n_arrivals, G_N_ELEMENTS (receiver->arrivals_us)); i++)
    recent += receiver->arrivals_us[i] >= from_us;
  *stats = receiver->stats;
  stats->speech_share = MIN (1.0, (double) recent * OPUS_FRAME_US / SPEECH_WINDOW_US);
}

void
mabei_receiver_reset_peaks (MabeiReceiver *receiver)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&receiver->lock);
  mabei_tone_meter_reset_peaks (&receiver->stats.tones);
}
