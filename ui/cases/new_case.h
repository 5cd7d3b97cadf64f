/* Opening a case: one entry and one button. Signal of success: the action "win.case-made" with the new id. Main thread.
 */
#pragma once

#include <adwaita.h>
#include "ui/model/snapshot.h"

#define MABEI_TYPE_NEW_CASE (mabei_new_case_get_type ())
G_DECLARE_FINAL_TYPE (MabeiNewCase, mabei_new_case, MABEI, NEW_CASE, GtkBox)

GtkWidget *mabei_new_case_new (MabeiSnapshot *snapshot);
