#include "ui/people/qr.h"
#include <qrencode.h>

/* Quiet zone and least size of a module that a phone's camera reads from a hand's distance. */
enum { QUIET_MODULES = 4, MODULE_MINIMUM = 3, MODULE_NATURAL = 5 };

struct _MabeiQr {
  GtkWidget parent_instance;
  QRcode *code;
};

G_DEFINE_FINAL_TYPE (MabeiQr, mabei_qr, GTK_TYPE_WIDGET)

static int
modules (MabeiQr *self)
{
  return self->code != NULL ? self->code->width + 2 * QUIET_MODULES : 0;
}

static void
mabei_qr_measure (GtkWidget *widget,
                  GtkOrientation orientation,
                  int for_size,
                  int *minimum,
                  int *natural,
                  int *minimum_baseline,
                  int *natural_baseline)
{
  *minimum = modules (MABEI_QR (widget)) * MODULE_MINIMUM;
  *natural = modules (MABEI_QR (widget)) * MODULE_NATURAL;
  *minimum_baseline = *natural_baseline = -1;
}

static void
mabei_qr_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  MabeiQr *self = MABEI_QR (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  const GdkRGBA white = {1, 1, 1, 1}, black = {0, 0, 0, 1};
  int module, side, left, top;

  if (self->code == NULL)
    return;
  module = MAX (1, MIN (width, height) / modules (self)); /* whole pixels only */
  side = module * modules (self);
  left = (width - side) / 2;
  top = (height - side) / 2;
  gtk_snapshot_append_color (snapshot, &white, &GRAPHENE_RECT_INIT (left, top, side, side));
  for (int y = 0; y < self->code->width; y++) {
    for (int x = 0; x < self->code->width; x++) {
      if (self->code->data[y * self->code->width + x] & 1)
        gtk_snapshot_append_color (snapshot, &black,
                                   &GRAPHENE_RECT_INIT (left + (x + QUIET_MODULES) * module,
                                                        top + (y + QUIET_MODULES) * module, module, module));
    }
  }
}

static void
mabei_qr_finalize (GObject *object)
{
  g_clear_pointer (&MABEI_QR (object)->code, QRcode_free);
  G_OBJECT_CLASS (mabei_qr_parent_class)->finalize (object);
}

static void
mabei_qr_class_init (MabeiQrClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = mabei_qr_finalize;
  widget_class->measure = mabei_qr_measure;
  widget_class->snapshot = mabei_qr_snapshot;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
mabei_qr_init (MabeiQr *self)
{
}

gboolean
mabei_qr_set_text (MabeiQr *qr, const char *text)
{
  g_clear_pointer (&qr->code, QRcode_free);
  if (text != NULL && *text != '\0')
    qr->code = QRcode_encodeString8bit (text, 0, QR_ECLEVEL_M);
  gtk_widget_queue_resize (GTK_WIDGET (qr));
  return qr->code != NULL;
}
