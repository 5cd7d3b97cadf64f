#include "ui/shell/window.h"

/* The first frame of a busy machine takes long; a window that is never painted must not hang a story. */
enum { PAINT_WAIT_MS = 3000, PAINTS = 2 };

typedef struct {
  guint paints;
  gboolean late;
} Wait;

static void
on_after_paint (GdkFrameClock *clock, Wait *wait)
{
  wait->paints++;
}

static gboolean
on_late (gpointer data)
{
  ((Wait *) data)->late = TRUE;
  return G_SOURCE_REMOVE;
}

static void
wait_for_paint (GtkWidget *widget)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (widget);
  Wait wait = {0};
  gulong handler;
  guint timeout;

  if (clock == NULL)
    return;
  handler = g_signal_connect (clock, "after-paint", G_CALLBACK (on_after_paint), &wait);
  timeout = g_timeout_add (PAINT_WAIT_MS, on_late, &wait);
  while (wait.paints < PAINTS && !wait.late) {
    gtk_widget_queue_draw (widget);
    g_main_context_iteration (NULL, TRUE);
  }
  g_signal_handler_disconnect (clock, handler);
  if (!wait.late)
    g_source_remove (timeout);
}

gboolean
mabei_window_screenshot (MabeiWindow *window, const char *path, GError **error)
{
  GtkWidget *widget = GTK_WIDGET (window);
  g_autoptr (GdkPaintable) paintable = NULL;
  g_autoptr (GtkSnapshot) snapshot = NULL;
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;
  int width, height;

  wait_for_paint (widget);
  paintable = gtk_widget_paintable_new (widget);
  /* With the frame: anything else would be scaled. */
  width = gdk_paintable_get_intrinsic_width (paintable);
  height = gdk_paintable_get_intrinsic_height (paintable);
  snapshot = gtk_snapshot_new ();
  gdk_paintable_snapshot (paintable, GDK_SNAPSHOT (snapshot), width, height);
  node = gtk_snapshot_to_node (snapshot);
  if (node == NULL || width == 0 || height == 0) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "the window shows nothing yet");
    return FALSE;
  }
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (window)), node,
                                         &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  if (!gdk_texture_save_to_png (texture, path)) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "cannot write %s", path);
    return FALSE;
  }
  return TRUE;
}
