/* Shows the newest picture of one camera: pixels come as plain bytes, GTK draws them when it draws. Keeps one picture;
 * GTK's thread only. The bytes are ours from decoding: nothing here parses an image format.
 */
#pragma once

#include <gtk/gtk.h>

#define MABEI_TYPE_VIDEO_PAINTABLE (mabei_video_paintable_get_type ())
G_DECLARE_FINAL_TYPE (MabeiVideoPaintable, mabei_video_paintable, MABEI, VIDEO_PAINTABLE, GObject)

MabeiVideoPaintable *mabei_video_paintable_new (void);
/* @bgra: @height rows of @stride bytes, blue, green, red, opaque. */
void mabei_video_paintable_show (MabeiVideoPaintable *self, guint width, guint height, guint stride, GBytes *bgra);
