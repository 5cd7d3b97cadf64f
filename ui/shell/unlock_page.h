/* The first thing one sees: the passphrase of this device, or on the very first start a name and a new passphrase,
 * with a plain word on what its loss means. The passphrase is handed on and wiped from the entries. Main thread.
 */
#pragma once

#include <adwaita.h>
#include "ui/ports/port.h"

#define MABEI_TYPE_UNLOCK_PAGE (mabei_unlock_page_get_type ())
G_DECLARE_FINAL_TYPE (MabeiUnlockPage, mabei_unlock_page, MABEI, UNLOCK_PAGE, GtkWidget)

/* @unlock is borrowed; NULL empties the page. */
void mabei_unlock_page_set_port (MabeiUnlockPage *page, MabeiUnlockPort *unlock);
