/* The way into a private talk, in two deliberate steps: choose the person, then read who will be inside and who stays
 * outside, and confirm. Nobody is moved before they accept. Main thread.
 */
#pragma once

#include <adwaita.h>
#include "ui/model/snapshot.h"

#define MABEI_TYPE_MOVE_PAGE (mabei_move_page_get_type ())
G_DECLARE_FINAL_TYPE (MabeiMovePage, mabei_move_page, MABEI, MOVE_PAGE, GtkBox)

GtkWidget *mabei_move_page_new (MabeiSnapshot *snapshot);
