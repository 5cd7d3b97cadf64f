/* A person in the waiting room, with the button that lets them in. Main thread. */
#pragma once

#include <adwaita.h>
#include "ui/model/snapshot.h"

/* For mabei_rows_show: @tile is a MabeiTile, @user_data the MabeiSnapshot. */
GtkWidget *mabei_waiting_row_new (gpointer user_data);
void mabei_waiting_row_show (GtkWidget *row, gpointer tile, gpointer user_data);
