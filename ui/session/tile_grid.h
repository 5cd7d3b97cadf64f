/* Lays out up to six tiles in the space there is, all of one size, with the largest faces it allows. Main thread. */
#pragma once

#include <adwaita.h>
#include "ui/model/snapshot.h"

#define MABEI_TYPE_TILE_GRID (mabei_tile_grid_get_type ())
G_DECLARE_FINAL_TYPE (MabeiTileGrid, mabei_tile_grid, MABEI, TILE_GRID, GtkWidget)

/* @tiles: MabeiTile, those to be shown. */
void mabei_tile_grid_show (MabeiTileGrid *grid, const GPtrArray *tiles, MabeiPort *port);

/* Columns that give @n tiles the largest middle part (4:3) in @width by @height. */
guint mabei_tile_grid_columns (guint n, int width, int height);
