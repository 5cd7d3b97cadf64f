#include "app/call/capture.h"

#include "app/call/counter.h"
#include "app/call/media.h"
#include "app/call/tone.h"

#include <gst/app/gstappsink.h>
#include <gst/video/video.h>

#define KEY_PICTURE_EVERY_US (300 * 1000)
#define OUTPUTS_LIMIT 16u
#define AUDIO_CAPS "audio/x-raw,format=S16LE,rate=48000,channels=1"

/* The settings of the encoders were found by measuring; see README.md. */
#define OPUS                                                                                                           \
  "opusenc name=encoder bitrate=%u bitrate-type=cbr audio-type=voice frame-size=20 inband-fec=true "                   \
  "packet-loss-percentage=5"
#define VP8                                                                                                            \
  "vp8enc name=encoder deadline=1 cpu-used=8 threads=1 end-usage=cbr target-bitrate=%u error-resilient=1 "             \
  "keyframe-max-dist=300 lag-in-frames=0 min-quantizer=4 max-quantizer=56 undershoot=100 overshoot=15 "                \
  "buffer-initial-size=300 buffer-optimal-size=300 buffer-size=600 static-threshold=1"
#define OUT "appsink name=out sync=false async=false max-buffers=4 drop=true enable-last-sample=false"

typedef struct {
  MabeiCapture *capture;
  GstElement *pipeline, *valve, *encoder;
  gboolean video;
  gint on; /* atomic */
  guint bus_watch;
} Branch;

struct _MabeiCapture {
  MabeiCaptureConfig config;
  GMainContext *context;
  MabeiCaptureView view;
  MabeiCaptureNotice notice;
  gpointer user_data;
  Branch audio, video;
  GstElement *tone_source;

  GMutex outputs_lock; /* held while outputs are called */
  struct {
    MabeiCaptureOutput output;
    gpointer user_data;
  } outputs[OUTPUTS_LIMIT];
  guint n_outputs;

  GMutex lock; /* what follows */
  MabeiToneMeter meter;
  guint32 counter;
  gint64 key_picture_at_us;
};

static GstFlowReturn
on_encoded (GstAppSink *sink, gpointer data)
{
  Branch *branch = data;
  MabeiCapture *capture = branch->capture;
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);
  if (!sample || !g_atomic_int_get (&branch->on))
    return GST_FLOW_OK;
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&capture->outputs_lock);
  for (guint i = 0; i < capture->n_outputs; i++)
    capture->outputs[i].output.encoded (branch->video, gst_sample_get_buffer (sample), capture->outputs[i].user_data);
  return GST_FLOW_OK;
}

static GstFlowReturn
on_view (GstAppSink *sink, gpointer data)
{
  MabeiCapture *capture = data;
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);
  if (sample && capture->view && g_atomic_int_get (&capture->video.on))
    capture->view (sample, capture->user_data);
  return GST_FLOW_OK;
}

static GstPadProbeReturn
on_raw_audio (GstPad *pad G_GNUC_UNUSED, GstPadProbeInfo *info, gpointer data)
{
  MabeiCapture *capture = data;
  GstMapInfo map;
  if (gst_buffer_map (GST_PAD_PROBE_INFO_BUFFER (info), &map, GST_MAP_READ)) {
    g_mutex_lock (&capture->lock);
    mabei_tone_meter_push (&capture->meter, (const gint16 *) (gpointer) map.data, map.size / sizeof (gint16));
    g_mutex_unlock (&capture->lock);
    gst_buffer_unmap (GST_PAD_PROBE_INFO_BUFFER (info), &map);
  }
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
on_raw_picture (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  MabeiCapture *capture = data;
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  GstVideoInfo video;
  GstVideoFrame frame;
  GstBuffer *buffer = gst_buffer_make_writable (GST_PAD_PROBE_INFO_BUFFER (info));
  GST_PAD_PROBE_INFO_DATA (info) = buffer;
  if (!caps || !gst_video_info_from_caps (&video, caps) ||
      !gst_video_frame_map (&frame, &video, buffer, GST_MAP_READWRITE))
    return GST_PAD_PROBE_OK;
  g_mutex_lock (&capture->lock);
  guint32 counter = capture->counter = (capture->counter + 1) & MABEI_COUNTER_LIMIT;
  g_mutex_unlock (&capture->lock);
  mabei_counter_burn (GST_VIDEO_FRAME_PLANE_DATA (&frame, 0), (gsize) GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0),
                      (guint) GST_VIDEO_FRAME_WIDTH (&frame), (guint) GST_VIDEO_FRAME_HEIGHT (&frame), counter);
  gst_video_frame_unmap (&frame);
  return GST_PAD_PROBE_OK;
}

static void
add_probe (GstElement *pipeline, const char *element, GstPadProbeCallback probe, gpointer data)
{
  g_autoptr (GstElement) at = gst_bin_get_by_name (GST_BIN (pipeline), element);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (at, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, probe, data, NULL);
}

static void
set_appsink (GstElement *pipeline, const char *name, GstFlowReturn (*function) (GstAppSink *, gpointer), gpointer data)
{
  GstAppSinkCallbacks callbacks = {.new_sample = function};
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (pipeline), name);
  if (sink)
    gst_app_sink_set_callbacks (GST_APP_SINK (sink), &callbacks, data, NULL);
}

static gboolean
on_bus (GstBus *bus G_GNUC_UNUSED, GstMessage *message, gpointer data)
{
  Branch *branch = data;
  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR)
    return G_SOURCE_CONTINUE;
  g_autoptr (GError) fault = NULL;
  gst_message_parse_error (message, &fault, NULL);
  g_autofree char *text = g_strdup_printf ("%s: %s", branch->video ? "camera" : "microphone", fault->message);
  g_atomic_int_set (&branch->on, FALSE);
  branch->capture->notice (text, branch->capture->user_data);
  return G_SOURCE_CONTINUE;
}

static void
branch_watch (Branch *branch)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (branch->pipeline);
  g_autoptr (GSource) source = gst_bus_create_watch (bus);
  g_source_set_callback (source, G_SOURCE_FUNC (on_bus), branch, NULL);
  branch->bus_watch = g_source_attach (source, branch->capture->context);
}

static void
branch_stop (Branch *branch)
{
  if (branch->bus_watch) {
    GSource *source = g_main_context_find_source_by_id (branch->capture->context, branch->bus_watch);
    if (source)
      g_source_destroy (source);
    branch->bus_watch = 0;
  }
  gst_clear_object (&branch->valve);
  gst_clear_object (&branch->encoder);
  mabei_media_pipeline_stop (&branch->pipeline);
}

/* Builds and starts one branch; on failure the person simply has no such device. */
static gboolean
branch_start (Branch *branch, const char *source, const char *description)
{
  MabeiCapture *capture = branch->capture;
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) file = NULL, overlay = NULL;
  g_autofree char *full = g_strdup_printf ("%s ! %s", source, description);
  branch->pipeline = mabei_media_pipeline_parse (full, &error);
  if (!branch->pipeline)
    goto failed;
  GstBin *bin = GST_BIN (branch->pipeline);
  branch->valve = gst_bin_get_by_name (bin, "valve");
  branch->encoder = gst_bin_get_by_name (bin, "encoder");
  file = gst_bin_get_by_name (bin, "file");
  if (file)
    g_object_set (file, "location", capture->config.file, NULL);
  overlay = gst_bin_get_by_name (bin, "overlay");
  if (overlay)
    g_object_set (overlay, "text", capture->config.name, NULL);
  set_appsink (branch->pipeline, "out", on_encoded, branch);
  set_appsink (branch->pipeline, "view", on_view, capture);
  if (branch->video && capture->config.source == MABEI_CAPTURE_TEST)
    add_probe (branch->pipeline, "raw", on_raw_picture, capture);
  if (!branch->video)
    add_probe (branch->pipeline, "raw", on_raw_audio, capture);
  branch_watch (branch);
  g_atomic_int_set (&branch->on, TRUE);
  if (mabei_media_pipeline_start (branch->pipeline, &error))
    return TRUE;
failed:
  branch_stop (branch);
  g_atomic_int_set (&branch->on, FALSE);
  g_autofree char *text = g_strdup_printf ("no %s: %s", branch->video ? "camera" : "microphone", error->message);
  capture->notice (text, capture->user_data);
  return FALSE;
}

static void
start_audio (MabeiCapture *capture)
{
  const MabeiCaptureConfig *config = &capture->config;
  g_autofree char *source = NULL;
  if (config->source == MABEI_CAPTURE_TEST)
    source = g_strdup_printf ("audiotestsrc name=tone is-live=true wave=sine freq=%u volume=%s samplesperbuffer=960",
                              config->tone_hz, config->tone_hz > 0 ? "0.25" : "0");
  else if (config->source == MABEI_CAPTURE_CAMERA)
    source = g_strdup ("pulsesrc buffer-time=60000 latency-time=10000 ! audioconvert ! audioresample");
  else
    source = g_strdup ("filesrc name=file ! decodebin ! audioconvert ! audioresample ! clocksync");
  g_autofree char *rest =
      g_strdup_printf (AUDIO_CAPS " ! identity name=raw ! valve name=valve ! " OPUS " ! " OUT, config->audio_bitrate);
  if (branch_start (&capture->audio, source, rest))
    capture->tone_source = gst_bin_get_by_name (GST_BIN (capture->audio.pipeline), "tone");
}

/* The picture for oneself is taken before the valve of the encoder but gated by the same switch. */
static void
start_video (MabeiCapture *capture)
{
  const MabeiCaptureConfig *config = &capture->config;
  g_autofree char *source = NULL;
  if (config->source == MABEI_CAPTURE_TEST) {
    g_autoptr (GstElementFactory) pango = gst_element_factory_find ("textoverlay");
    source = g_strdup_printf ("videotestsrc is-live=true pattern=%d%s", config->pattern,
                              pango ? " ! textoverlay name=overlay valignment=bottom shaded-background=true" : "");
  } else if (config->source == MABEI_CAPTURE_CAMERA) {
    source = g_strdup ("v4l2src ! videoconvert n-threads=1 ! videoscale ! videorate");
  } else {
    source = g_strdup ("filesrc name=file ! decodebin ! videoconvert n-threads=1 ! videoscale ! videorate ! clocksync");
  }
  const char *view = config->self_view ? "tee name=split ! queue max-size-buffers=1 leaky=downstream ! "
                                         "videoconvert n-threads=1 ! video/x-raw,format=BGRA ! appsink name=view "
                                         "sync=false async=false max-buffers=1 drop=true split. ! "
                                       : "";
  g_autofree char *rest =
      g_strdup_printf ("video/x-raw,format=I420,width=%u,height=%u,framerate=%u/1 ! "
                       "identity name=raw ! %svalve name=valve ! queue max-size-buffers=1 "
                       "leaky=downstream ! " VP8 " ! " OUT,
                       config->width, config->height, config->framerate, view, config->video_bitrate);
  branch_start (&capture->video, source, rest);
}

MabeiCapture *
mabei_capture_new (const MabeiCaptureConfig *config,
                   GMainContext *context,
                   MabeiCaptureView view,
                   MabeiCaptureNotice notice,
                   gpointer user_data)
{
  MabeiCapture *capture = g_new0 (MabeiCapture, 1);
  capture->config = *config;
  capture->config.file = g_strdup (config->file);
  capture->config.name = g_strdup (config->name ? config->name : "");
  capture->context = g_main_context_ref (context);
  capture->view = view;
  capture->notice = notice;
  capture->user_data = user_data;
  capture->audio.capture = capture->video.capture = capture;
  capture->video.video = TRUE;
  g_mutex_init (&capture->lock);
  g_mutex_init (&capture->outputs_lock);
  mabei_tone_meter_init (&capture->meter);
  if (config->source != MABEI_CAPTURE_NONE) {
    start_audio (capture);
    start_video (capture);
  }
  return capture;
}

void
mabei_capture_free (MabeiCapture *capture)
{
  if (!capture)
    return;
  gst_clear_object (&capture->tone_source);
  branch_stop (&capture->audio);
  branch_stop (&capture->video);
  g_mutex_clear (&capture->lock);
  g_mutex_clear (&capture->outputs_lock);
  g_main_context_unref (capture->context);
  g_free ((char *) capture->config.file);
  g_free ((char *) capture->config.name);
  g_free (capture);
}

void
mabei_capture_add_output (MabeiCapture *capture, const MabeiCaptureOutput *output, gpointer user_data)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&capture->outputs_lock);
  g_return_if_fail (capture->n_outputs < OUTPUTS_LIMIT);
  capture->outputs[capture->n_outputs].output = *output;
  capture->outputs[capture->n_outputs++].user_data = user_data;
}

void
mabei_capture_remove_output (MabeiCapture *capture, gpointer user_data)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&capture->outputs_lock);
  for (guint i = 0; i < capture->n_outputs; i++)
    if (capture->outputs[i].user_data == user_data)
      capture->outputs[i--] = capture->outputs[--capture->n_outputs];
}

gboolean
mabei_capture_has_audio (const MabeiCapture *capture)
{
  return capture->audio.pipeline != NULL;
}

gboolean
mabei_capture_has_video (const MabeiCapture *capture)
{
  return capture->video.pipeline != NULL;
}

static void
branch_set (Branch *branch, gboolean on)
{
  if (!branch->pipeline)
    return;
  g_atomic_int_set (&branch->on, on);
  g_object_set (branch->valve, "drop", !on, NULL);
}

void
mabei_capture_set_audio (MabeiCapture *capture, gboolean on)
{
  branch_set (&capture->audio, on);
}

void
mabei_capture_set_video (MabeiCapture *capture, gboolean on)
{
  branch_set (&capture->video, on);
  if (on)
    mabei_capture_request_key_picture (capture);
}

void
mabei_capture_set_tone (MabeiCapture *capture, guint tone_hz)
{
  if (!capture->tone_source)
    return;
  if (tone_hz > 0)
    g_object_set (capture->tone_source, "freq", (double) tone_hz, NULL);
  g_object_set (capture->tone_source, "volume", tone_hz > 0 ? 0.25 : 0.0, NULL);
}

void
mabei_capture_request_key_picture (MabeiCapture *capture)
{
  gint64 now_us = g_get_monotonic_time ();
  g_mutex_lock (&capture->lock);
  gboolean due = capture->video.encoder && now_us - capture->key_picture_at_us >= KEY_PICTURE_EVERY_US;
  if (due)
    capture->key_picture_at_us = now_us;
  g_mutex_unlock (&capture->lock);
  if (due)
    gst_element_send_event (capture->video.encoder,
                            gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE, 0));
}

float
mabei_capture_get_level (MabeiCapture *capture)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&capture->lock);
  return capture->meter.level_db;
}
