/* A QR code (ISO/IEC 18004, by libqrencode), drawn module by module so that it is sharp at every size; with the four
 * modules of quiet zone, black on white in dark mode too. Main thread.
 */
#pragma once

#include <adwaita.h>

#define MABEI_TYPE_QR (mabei_qr_get_type ())
G_DECLARE_FINAL_TYPE (MabeiQr, mabei_qr, MABEI, QR, GtkWidget)

/* FALSE: the text does not fit into a QR code, nothing is drawn. */
gboolean mabei_qr_set_text (MabeiQr *qr, const char *text);
