#include "app/call/picture.h"

#include <gst/video/video.h>

typedef struct {
  GstBuffer *buffer;
  GstMapInfo map;
} Mapped;

static void
mapped_free (gpointer data)
{
  Mapped *mapped = data;
  gst_buffer_unmap (mapped->buffer, &mapped->map);
  gst_buffer_unref (mapped->buffer);
  g_free (mapped);
}

MabeiVideoFrame *
mabei_picture_from_sample (GstSample *sample)
{
  GstVideoInfo info;
  GstCaps *caps = gst_sample_get_caps (sample);
  GstBuffer *buffer = gst_sample_get_buffer (sample);
  GstMapInfo map;
  if (!caps || !buffer || !gst_video_info_from_caps (&info, caps) ||
      GST_VIDEO_INFO_FORMAT (&info) != GST_VIDEO_FORMAT_BGRA || !gst_buffer_map (buffer, &map, GST_MAP_READ))
    return NULL;
  gsize stride = (gsize) GST_VIDEO_INFO_PLANE_STRIDE (&info, 0);
  gsize needed = stride * (gsize) GST_VIDEO_INFO_HEIGHT (&info);
  if (map.size < needed) {
    gst_buffer_unmap (buffer, &map);
    return NULL;
  }
  Mapped *mapped = g_new (Mapped, 1);
  mapped->buffer = gst_buffer_ref (buffer);
  mapped->map = map;
  return mabei_video_frame_new ((guint) GST_VIDEO_INFO_WIDTH (&info), (guint) GST_VIDEO_INFO_HEIGHT (&info), stride,
                                g_bytes_new_with_free_func (map.data, needed, mapped_free, mapped));
}
