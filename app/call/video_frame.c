#include "app/call/video_frame.h"

MabeiVideoFrame *
mabei_video_frame_new (guint width, guint height, gsize stride, GBytes *bgra)
{
  MabeiVideoFrame *frame = g_atomic_rc_box_new0 (MabeiVideoFrame);
  frame->width = width;
  frame->height = height;
  frame->stride = stride;
  frame->bgra = bgra;
  return frame;
}

MabeiVideoFrame *
mabei_video_frame_ref (MabeiVideoFrame *frame)
{
  return g_atomic_rc_box_acquire (frame);
}

static void
frame_clear (gpointer data)
{
  MabeiVideoFrame *frame = data;
  g_bytes_unref (frame->bgra);
}

void
mabei_video_frame_unref (MabeiVideoFrame *frame)
{
  if (frame)
    g_atomic_rc_box_release_full (frame, frame_clear);
}
