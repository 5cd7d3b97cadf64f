#include "app/call/playout.h"

#include "app/call/media.h"

#include <gst/app/gstappsrc.h>

/* The jitter buffer of a link may hold a packet this long; the mixer waits for it. */
#define LINK_LATENCY (140 * GST_MSECOND)
#define QUEUE_LIMIT (400 * GST_MSECOND)
#define CAPS "audio/x-raw,format=S16LE,rate=48000,channels=1,layout=interleaved"

struct _MabeiPlayout {
  GstElement *pipeline, *mixer;
  gboolean has_device;
  GMutex lock;
  MabeiToneMeter meter; /* locked */
};

struct _MabeiPlayoutInput {
  GstElement *source;
  GstPad *mixer_pad;
};

/* A device that opens; NULL where there is none. */
static GstElement *
open_device (void)
{
  static const char *const kinds[] = {"pulsesink", "alsasink"};
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++) {
    GstElement *sink = gst_element_factory_make (kinds[i], NULL);
    if (!sink)
      continue;
    gst_object_ref_sink (sink);
    if (gst_element_set_state (sink, GST_STATE_READY) == GST_STATE_CHANGE_SUCCESS)
      return sink;
    gst_element_set_state (sink, GST_STATE_NULL);
    gst_object_unref (sink);
  }
  return NULL;
}

static GstPadProbeReturn
on_mixed (GstPad *pad G_GNUC_UNUSED, GstPadProbeInfo *info, gpointer data)
{
  MabeiPlayout *playout = data;
  GstMapInfo map;
  if (gst_buffer_map (GST_PAD_PROBE_INFO_BUFFER (info), &map, GST_MAP_READ)) {
    g_mutex_lock (&playout->lock);
    mabei_tone_meter_push (&playout->meter, (const gint16 *) (gpointer) map.data, map.size / sizeof (gint16));
    g_mutex_unlock (&playout->lock);
    gst_buffer_unmap (GST_PAD_PROBE_INFO_BUFFER (info), &map);
  }
  return GST_PAD_PROBE_OK;
}

MabeiPlayout *
mabei_playout_new (gboolean device, GError **error)
{
  /* Silence of our own keeps the mixer and the device running while nobody is connected. */
  GstElement *pipeline =
      mabei_media_pipeline_parse ("audiotestsrc is-live=true wave=silence samplesperbuffer=960 ! " CAPS
                                  " ! audiomixer name=mixer ! " CAPS " ! audioconvert ! audioresample name=out",
                                  error);
  if (!pipeline)
    return NULL;
  GstElement *sink = device ? open_device () : NULL;
  gboolean has_device = sink != NULL;
  if (!sink) {
    sink = gst_object_ref_sink (gst_element_factory_make ("fakesink", NULL));
    g_object_set (sink, "sync", TRUE, "enable-last-sample", FALSE, NULL);
  }
  gst_bin_add (GST_BIN (pipeline), sink);
  g_autoptr (GstElement) out = gst_bin_get_by_name (GST_BIN (pipeline), "out");
  gboolean linked = gst_element_link (out, sink);
  gst_object_unref (sink);
  if (!linked) {
    g_set_error_literal (error, MABEI_MEDIA_ERROR, MABEI_MEDIA_ERROR_FAILED, "the sound device takes no sound");
    mabei_media_pipeline_stop (&pipeline);
    return NULL;
  }
  MabeiPlayout *playout = g_new0 (MabeiPlayout, 1);
  g_mutex_init (&playout->lock);
  mabei_tone_meter_init (&playout->meter);
  playout->pipeline = pipeline;
  playout->mixer = gst_bin_get_by_name (GST_BIN (pipeline), "mixer");
  playout->has_device = has_device;
  g_autoptr (GstPad) mixed = gst_element_get_static_pad (playout->mixer, "src");
  gst_pad_add_probe (mixed, GST_PAD_PROBE_TYPE_BUFFER, on_mixed, playout, NULL);
  if (!mabei_media_pipeline_start (pipeline, error))
    g_clear_pointer (&playout, mabei_playout_free);
  return playout;
}

void
mabei_playout_free (MabeiPlayout *playout)
{
  if (!playout)
    return;
  gst_clear_object (&playout->mixer);
  mabei_media_pipeline_stop (&playout->pipeline);
  g_mutex_clear (&playout->lock);
  g_free (playout);
}

void
mabei_playout_get_tones (MabeiPlayout *playout, float now_db[MABEI_TONE_COUNT])
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&playout->lock);
  for (guint i = 0; i < MABEI_TONE_COUNT; i++)
    now_db[i] = playout->meter.now_db[i];
}

gboolean
mabei_playout_has_device (const MabeiPlayout *playout)
{
  return playout->has_device;
}

MabeiPlayoutInput *
mabei_playout_add (MabeiPlayout *playout)
{
  GstElement *source = gst_element_factory_make ("appsrc", NULL);
  GstPad *mixer_pad = gst_element_request_pad_simple (playout->mixer, "sink_%u");
  if (!mixer_pad) {
    gst_object_unref (gst_object_ref_sink (source));
    return NULL;
  }
  g_autoptr (GstCaps) caps = gst_caps_from_string (CAPS);
  g_object_set (source, "caps", caps, "format", GST_FORMAT_TIME, "is-live", TRUE, "do-timestamp", FALSE, "min-latency",
                (gint64) LINK_LATENCY, "max-time", (guint64) QUEUE_LIMIT, "max-bytes", (guint64) 0, "leaky-type",
                GST_APP_LEAKY_TYPE_DOWNSTREAM, NULL);
  gst_bin_add (GST_BIN (playout->pipeline), source);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (source, "src");
  gst_pad_link (pad, mixer_pad);
  gst_element_sync_state_with_parent (source);
  MabeiPlayoutInput *input = g_new0 (MabeiPlayoutInput, 1);
  input->source = gst_object_ref (source);
  input->mixer_pad = mixer_pad;
  return input;
}

/* The source stops first: its thread must be out of the mixer before the pad goes. */
void
mabei_playout_remove (MabeiPlayout *playout, MabeiPlayoutInput *input)
{
  if (!input)
    return;
  g_autoptr (GstPad) pad = gst_element_get_static_pad (input->source, "src");
  gst_element_set_locked_state (input->source, TRUE);
  gst_element_set_state (input->source, GST_STATE_NULL);
  gst_pad_unlink (pad, input->mixer_pad);
  gst_element_release_request_pad (playout->mixer, input->mixer_pad);
  gst_object_unref (input->mixer_pad);
  gst_bin_remove (GST_BIN (playout->pipeline), input->source);
  gst_object_unref (input->source);
  g_free (input);
}

void
mabei_playout_push (MabeiPlayoutInput *input, GstBuffer *buffer)
{
  gst_app_src_push_buffer (GST_APP_SRC (input->source), gst_buffer_ref (buffer));
}
