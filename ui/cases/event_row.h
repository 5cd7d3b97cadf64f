/* One thing that happened in a case, with who, when, and where the record of it is. Main thread. */
#pragma once

#include <adwaita.h>
#include "core/view/view.h"

#define MABEI_TYPE_EVENT_ROW (mabei_event_row_get_type ())
G_DECLARE_FINAL_TYPE (MabeiEventRow, mabei_event_row, MABEI, EVENT_ROW, GtkListBoxRow)

GtkWidget *mabei_event_row_new (gpointer unused);
void mabei_event_row_show (GtkWidget *row, gpointer event, gpointer unused);
