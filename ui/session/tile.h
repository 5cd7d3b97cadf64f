/* One person in a session: the picture or, without one, the initial; the name; muted, speaking, connecting in words.
 * Main thread.
 */
#pragma once

#include <adwaita.h>
#include "ui/model/snapshot.h"

#define MABEI_TYPE_TILE (mabei_tile_widget_get_type ())
G_DECLARE_FINAL_TYPE (MabeiTileWidget, mabei_tile_widget, MABEI, TILE_WIDGET, GtkWidget)

GtkWidget *mabei_tile_widget_new (void);
void mabei_tile_widget_show (MabeiTileWidget *widget, const MabeiTile *tile, MabeiPort *port);
