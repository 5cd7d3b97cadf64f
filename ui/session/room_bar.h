/* Who can hear me now, as one sentence under the header, on every page of a case whose session one is in; for those
 * who stay outside, that a private talk goes on. Privacy is said by words and colour together. Main thread.
 */
#pragma once

#include <adwaita.h>
#include "ui/model/snapshot.h"

#define MABEI_TYPE_ROOM_BAR (mabei_room_bar_get_type ())
G_DECLARE_FINAL_TYPE (MabeiRoomBar, mabei_room_bar, MABEI, ROOM_BAR, GtkBox)

void mabei_room_bar_show (MabeiRoomBar *bar, const MabeiSnapshot *snapshot);
