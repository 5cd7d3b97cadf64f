#include "app/client/video_paintable.h"

struct _MabeiVideoPaintable {
  GObject parent_instance;
  GdkTexture *texture;
};

static void
snapshot (GdkPaintable *paintable, GdkSnapshot *target, double width, double height)
{
  MabeiVideoPaintable *self = MABEI_VIDEO_PAINTABLE (paintable);
  if (self->texture != NULL)
    gdk_paintable_snapshot (GDK_PAINTABLE (self->texture), target, width, height);
}

static int
get_width (GdkPaintable *paintable)
{
  MabeiVideoPaintable *self = MABEI_VIDEO_PAINTABLE (paintable);
  return self->texture != NULL ? gdk_texture_get_width (self->texture) : 0;
}

static int
get_height (GdkPaintable *paintable)
{
  MabeiVideoPaintable *self = MABEI_VIDEO_PAINTABLE (paintable);
  return self->texture != NULL ? gdk_texture_get_height (self->texture) : 0;
}

static void
paintable_init (GdkPaintableInterface *iface)
{
  iface->snapshot = snapshot;
  iface->get_intrinsic_width = get_width;
  iface->get_intrinsic_height = get_height;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (MabeiVideoPaintable,
                               mabei_video_paintable,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (GDK_TYPE_PAINTABLE, paintable_init))

static void
mabei_video_paintable_finalize (GObject *object)
{
  g_clear_object (&MABEI_VIDEO_PAINTABLE (object)->texture);
  G_OBJECT_CLASS (mabei_video_paintable_parent_class)->finalize (object);
}

static void
mabei_video_paintable_class_init (MabeiVideoPaintableClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mabei_video_paintable_finalize;
}

static void
mabei_video_paintable_init (G_GNUC_UNUSED MabeiVideoPaintable *self)
{
}

MabeiVideoPaintable *
mabei_video_paintable_new (void)
{
  return g_object_new (MABEI_TYPE_VIDEO_PAINTABLE, NULL);
}

void
mabei_video_paintable_show (MabeiVideoPaintable *self, guint width, guint height, guint stride, GBytes *bgra)
{
  int before_width = get_width (GDK_PAINTABLE (self)), before_height = get_height (GDK_PAINTABLE (self));
  g_clear_object (&self->texture);
  self->texture = gdk_memory_texture_new ((int) width, (int) height, GDK_MEMORY_B8G8R8A8_PREMULTIPLIED, bgra, stride);
  if (before_width != (int) width || before_height != (int) height)
    gdk_paintable_invalidate_size (GDK_PAINTABLE (self));
  gdk_paintable_invalidate_contents (GDK_PAINTABLE (self));
}
