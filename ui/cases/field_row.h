/* One entry of the case (amount, case number) in the list of entries. Main thread. */
#pragma once

#include <adwaita.h>
#include "core/view/view.h"

GtkWidget *mabei_field_row_new (gpointer unused);
void mabei_field_row_show (GtkWidget *row, gpointer field, gpointer unused);
