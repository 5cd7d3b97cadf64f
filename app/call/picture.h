/* From GStreamer's picture to ours, without copying the pixels. Any thread. */
#pragma once

#include "app/call/video_frame.h"

#include <gst/gst.h>

/* BGRA samples only; the frame keeps the buffer mapped until its pixels are dropped. (transfer full), NULL when the
 * sample holds no such picture. */
MabeiVideoFrame *mabei_picture_from_sample (GstSample *sample);
