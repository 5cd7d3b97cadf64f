#include "app/desk/qr.h"

#include <cairo.h>
#include <qrencode.h>

#include "app/desk/code.h"

#define MODULE_PIXELS 6
#define QUIET_MODULES 4

gboolean
mabei_qr_write_png (const char *text, const char *path, GError **error)
{
  QRcode *code = QRcode_encodeString8bit (text, 0, QR_ECLEVEL_M);
  if (code == NULL) {
    g_set_error_literal (error, MABEI_DESK_ERROR, MABEI_CODE_TOO_LARGE, "too much text for one QR code");
    return FALSE;
  }
  int side = (code->width + 2 * QUIET_MODULES) * MODULE_PIXELS;
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, side, side);
  cairo_t *cr = cairo_create (surface);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  cairo_set_source_rgb (cr, 0, 0, 0);
  for (int y = 0; y < code->width; y++)
    for (int x = 0; x < code->width; x++)
      if ((code->data[y * code->width + x] & 1) != 0)
        cairo_rectangle (cr, (x + QUIET_MODULES) * MODULE_PIXELS, (y + QUIET_MODULES) * MODULE_PIXELS, MODULE_PIXELS,
                         MODULE_PIXELS);
  cairo_fill (cr);
  cairo_status_t status = cairo_surface_write_to_png (surface, path);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  QRcode_free (code);
  if (status != CAIRO_STATUS_SUCCESS)
    g_set_error (error, MABEI_DESK_ERROR, MABEI_CODE_NOT_ALLOWED, "%s cannot be written: %s", path,
                 cairo_status_to_string (status));
  return status == CAIRO_STATUS_SUCCESS;
}
