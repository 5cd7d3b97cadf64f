/* The live part of a case: before (open, join, wait), and in the session: tiles, people to admit, the request to come
 * into a private talk, controls. Main thread.
 */
#pragma once

#include <adwaita.h>
#include "ui/model/snapshot.h"

#define MABEI_TYPE_STAGE (mabei_stage_get_type ())
G_DECLARE_FINAL_TYPE (MabeiStage, mabei_stage, MABEI, STAGE, GtkWidget)

GtkWidget *mabei_stage_new (void);
void mabei_stage_show (MabeiStage *stage, MabeiSnapshot *snapshot);
