#include "app/call/media.h"

G_DEFINE_QUARK (mabei - media - error - quark, mabei_media_error)

static const char *const needed[] = {
    "webrtcbin",   "nicesrc",      "dtlsdec",       "srtpdec",      "rtpbin",    "opusenc",
    "opusdec",     "vp8enc",       "vp8dec",        "rtpopuspay",   "rtpvp8pay", "rtpopusdepay",
    "rtpvp8depay", "audioconvert", "audioresample", "videoconvert", "appsrc",    "audiomixer",
    "appsink",     "audiotestsrc", "videotestsrc",  "valve",        "tee",       "fakesink",
};

static GstClock *shared_clock;
static GstClockTime shared_base;

gboolean
mabei_media_init (GError **error)
{
  static GMutex lock;
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&lock);
  if (shared_clock)
    return TRUE;
  if (!gst_init_check (NULL, NULL, error))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (needed); i++) {
    g_autoptr (GstElementFactory) factory = gst_element_factory_find (needed[i]);
    if (!factory) {
      g_set_error (error, MABEI_MEDIA_ERROR, MABEI_MEDIA_ERROR_MISSING, "the GStreamer element %s is not installed",
                   needed[i]);
      return FALSE;
    }
  }
  GstClock *clock = gst_system_clock_obtain ();
  shared_base = gst_clock_get_time (clock);
  shared_clock = clock;
  return TRUE;
}

static GstElement *
share_clock (GstElement *pipeline)
{
  gst_object_ref_sink (pipeline);
  gst_pipeline_use_clock (GST_PIPELINE (pipeline), shared_clock);
  /* Without a start time the pipeline leaves the base time alone when it starts to play. */
  gst_element_set_start_time (pipeline, GST_CLOCK_TIME_NONE);
  gst_element_set_base_time (pipeline, shared_base);
  return pipeline;
}

GstElement *
mabei_media_pipeline_new (const char *name)
{
  return share_clock (gst_pipeline_new (name));
}

GstElement *
mabei_media_pipeline_parse (const char *description, GError **error)
{
  g_autoptr (GError) fault = NULL;
  GstElement *parsed = gst_parse_launch_full (description, NULL, GST_PARSE_FLAG_FATAL_ERRORS, &fault);
  if (parsed && GST_IS_PIPELINE (parsed))
    return share_clock (parsed);
  g_clear_pointer (&parsed, gst_object_unref);
  g_set_error (error, MABEI_MEDIA_ERROR, MABEI_MEDIA_ERROR_FAILED, "cannot build \"%s\": %s", description,
               fault ? fault->message : "not a pipeline");
  return NULL;
}

gboolean
mabei_media_pipeline_start (GstElement *pipeline, GError **error)
{
  if (gst_element_set_state (pipeline, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE)
    return TRUE;
  gst_element_set_state (pipeline, GST_STATE_NULL);
  g_set_error (error, MABEI_MEDIA_ERROR, MABEI_MEDIA_ERROR_FAILED, "%s does not start", GST_OBJECT_NAME (pipeline));
  return FALSE;
}

void
mabei_media_pipeline_stop (GstElement **pipeline)
{
  if (!*pipeline)
    return;
  gst_element_set_state (*pipeline, GST_STATE_NULL);
  gst_clear_object (pipeline);
}

GstClockTime
mabei_media_now (void)
{
  return gst_clock_get_time (shared_clock) - shared_base;
}

GstElement *
mabei_media_add_bin (GstElement *pipeline, const char *description, GError **error)
{
  g_autoptr (GError) fault = NULL;
  GstElement *bin = gst_parse_bin_from_description (description, TRUE, &fault);
  if (!bin || fault) {
    g_clear_pointer (&bin, gst_object_unref);
    g_set_error (error, MABEI_MEDIA_ERROR, MABEI_MEDIA_ERROR_FAILED, "cannot build \"%s\": %s", description,
                 fault ? fault->message : "unknown");
    return NULL;
  }
  gst_bin_add (GST_BIN (pipeline), bin);
  return bin;
}

void
mabei_media_dispatch (GMainContext *context, GSourceFunc function, gpointer data, GDestroyNotify destroy)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, function, data, destroy);
  g_source_attach (source, context);
}
