/* One decoded picture as a plain, immutable, reference-counted struct: what crosses from the call to a window.
 * Any thread. No GStreamer type shows.
 */
#pragma once

#include <glib.h>

typedef struct {
  guint width, height; /* pixels */
  gsize stride;        /* bytes from row to row */
  GBytes *bgra;        /* blue, green, red, 255; stride * height bytes */
} MabeiVideoFrame;

/* Takes @bgra. (transfer full) */
MabeiVideoFrame *mabei_video_frame_new (guint width, guint height, gsize stride, GBytes *bgra);
MabeiVideoFrame *mabei_video_frame_ref (MabeiVideoFrame *frame);
void mabei_video_frame_unref (MabeiVideoFrame *frame); /* NULL is accepted */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiVideoFrame, mabei_video_frame_unref)
