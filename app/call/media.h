/* What all media parts share: GStreamer's start, one clock and one base time for every pipeline of the process, so
 * that a buffer's time means the same in capture, links and playout, and the hand-over to a thread's main context.
 * Nothing outside app/call includes this header.
 */
#pragma once

#include <glib.h>
#include <gst/gst.h>

#define MABEI_MEDIA_ERROR (mabei_media_error_quark ())
GQuark mabei_media_error_quark (void);

typedef enum {
  MABEI_MEDIA_ERROR_MISSING, /* a GStreamer element is not installed */
  MABEI_MEDIA_ERROR_FAILED,  /* a pipeline could not be built or started */
  MABEI_MEDIA_ERROR_SDP,     /* a session description that we do not accept */
} MabeiMediaError;

/* Starts GStreamer and looks for every element that a call needs; names the first that is missing. Any thread, any
 * number of times. */
gboolean mabei_media_init (GError **error);

/* A pipeline on the shared clock and base time, empty or of elements parsed from @description. (transfer full), NULL
 * with @error when it cannot be parsed. */
GstElement *mabei_media_pipeline_new (const char *name);
GstElement *mabei_media_pipeline_parse (const char *description, GError **error);
/* Starts it; a pipeline that cannot start is left in state NULL. */
gboolean mabei_media_pipeline_start (GstElement *pipeline, GError **error);
/* State NULL (waits for its threads), then drops the reference and clears the variable; NULL inside is accepted. */
void mabei_media_pipeline_stop (GstElement **pipeline);
/* Nanoseconds on the timeline that all buffers are stamped with. */
GstClockTime mabei_media_now (void);

/* Parses a bin with ghost pads for what is left unlinked and adds it to @pipeline. Borrowed; NULL with @error. */
GstElement *mabei_media_add_bin (GstElement *pipeline, const char *description, GError **error);

/* Runs @function in @context's thread, never in the caller's: g_main_context_invoke may run it at once in a foreign
 * thread while the owner is between two iterations. @destroy (nullable) frees @data also when the context goes. */
void mabei_media_dispatch (GMainContext *context, GSourceFunc function, gpointer data, GDestroyNotify destroy);
