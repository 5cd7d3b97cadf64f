/* One case in the list: title, next step, where its changes are, when it changed. Main thread. */
#pragma once

#include <adwaita.h>
#include "core/view/view.h"

#define MABEI_TYPE_CASE_ROW (mabei_case_row_get_type ())
G_DECLARE_FINAL_TYPE (MabeiCaseRow, mabei_case_row, MABEI, CASE_ROW, GtkBox)

GtkWidget *mabei_case_row_new (void);
void mabei_case_row_show (MabeiCaseRow *row, const MabeiViewCase *view);
