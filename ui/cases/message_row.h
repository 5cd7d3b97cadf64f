/* One message: who, text, level of confidence in a caucus, when, where it is. Main thread. */
#pragma once

#include <adwaita.h>
#include "core/view/view.h"

#define MABEI_TYPE_MESSAGE_ROW (mabei_message_row_get_type ())
G_DECLARE_FINAL_TYPE (MabeiMessageRow, mabei_message_row, MABEI, MESSAGE_ROW, GtkListBoxRow)

GtkWidget *mabei_message_row_new (gpointer unused);
void mabei_message_row_show (GtkWidget *row, gpointer message, gpointer unused);
