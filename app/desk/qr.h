/* A QR code as a PNG file (ISO/IEC 18004 by libqrencode, level M, four modules of quiet zone). Blocking, small. */
#pragma once

#include <glib.h>

gboolean mabei_qr_write_png (const char *text, const char *path, GError **error);
