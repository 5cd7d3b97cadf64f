#include <math.h>
#include "ui/ports/dummy_private.h"

/* A moving picture without a camera: a head and shoulders before a wall, swaying a little. */
#define DUMMY_TYPE_PICTURE (dummy_picture_get_type ())
G_DECLARE_FINAL_TYPE (DummyPicture, dummy_picture, DUMMY, PICTURE, GObject)

enum { PICTURE_WIDTH = 640, PICTURE_HEIGHT = 360, PICTURE_PERIOD_MS = 100 };

struct _DummyPicture {
  GObject parent_instance;
  guint index;
  guint tick;
  guint timer;
};

static void
disc (GtkSnapshot *snapshot, float x, float y, float width, float height, const GdkRGBA *color)
{
  GskRoundedRect outline;

  gsk_rounded_rect_init (&outline, &GRAPHENE_RECT_INIT (x, y, width, height),
                         &GRAPHENE_SIZE_INIT (width / 2, height / 2), &GRAPHENE_SIZE_INIT (width / 2, height / 2),
                         &GRAPHENE_SIZE_INIT (width / 2, height / 2), &GRAPHENE_SIZE_INIT (width / 2, height / 2));
  gtk_snapshot_push_rounded_clip (snapshot, &outline);
  gtk_snapshot_append_color (snapshot, color, &outline.bounds);
  gtk_snapshot_pop (snapshot);
}

static void
dummy_picture_snapshot (GdkPaintable *paintable, GdkSnapshot *gdk_snapshot, double width, double height)
{
  static const char *const walls[] = {"#d7cdb9", "#b9c9c4", "#c4bccb"};
  static const char *const coats[] = {"#2f4858", "#7a4b3a", "#3d5a40"};
  DummyPicture *self = DUMMY_PICTURE (paintable);
  GtkSnapshot *snapshot = GTK_SNAPSHOT (gdk_snapshot);
  float sway = (float) (sin (self->tick * 0.15 + self->index) * width * 0.015);
  float head = (float) height * 0.34f;
  GdkRGBA wall, coat, skin;

  gdk_rgba_parse (&wall, walls[self->index % 3]);
  gdk_rgba_parse (&coat, coats[self->index % 3]);
  gdk_rgba_parse (&skin, "#d9a57c");
  gtk_snapshot_append_color (snapshot, &wall, &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  disc (snapshot, (float) width / 2 - head * 1.1f + sway * 0.5f, (float) height * 0.62f, head * 2.2f,
        (float) height * 0.9f, &coat);
  disc (snapshot, (float) width / 2 - head * 0.42f + sway, (float) height * 0.22f, head * 0.84f, head * 1.1f, &skin);
  gtk_snapshot_pop (snapshot);
}

static int
dummy_picture_get_width (GdkPaintable *paintable)
{
  return PICTURE_WIDTH;
}

static int
dummy_picture_get_height (GdkPaintable *paintable)
{
  return PICTURE_HEIGHT;
}

static GdkPaintableFlags
dummy_picture_get_flags (GdkPaintable *paintable)
{
  return GDK_PAINTABLE_STATIC_SIZE;
}

static void
dummy_picture_paintable_init (GdkPaintableInterface *iface)
{
  iface->snapshot = dummy_picture_snapshot;
  iface->get_intrinsic_width = dummy_picture_get_width;
  iface->get_intrinsic_height = dummy_picture_get_height;
  iface->get_flags = dummy_picture_get_flags;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (DummyPicture,
                               dummy_picture,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (GDK_TYPE_PAINTABLE, dummy_picture_paintable_init))

static void
dummy_picture_finalize (GObject *object)
{
  g_clear_handle_id (&DUMMY_PICTURE (object)->timer, g_source_remove);
  G_OBJECT_CLASS (dummy_picture_parent_class)->finalize (object);
}

static void
dummy_picture_class_init (DummyPictureClass *class)
{
  G_OBJECT_CLASS (class)->finalize = dummy_picture_finalize;
}

static gboolean
on_tick (gpointer data)
{
  DUMMY_PICTURE (data)->tick++;
  gdk_paintable_invalidate_contents (GDK_PAINTABLE (data));
  return G_SOURCE_CONTINUE;
}

static void
dummy_picture_init (DummyPicture *self)
{
  self->timer = g_timeout_add (PICTURE_PERIOD_MS, on_tick, self);
}

GdkPaintable *
mabei_dummy_picture_new (guint index)
{
  DummyPicture *picture = g_object_new (DUMMY_TYPE_PICTURE, NULL);

  picture->index = index;
  return GDK_PAINTABLE (picture);
}
