/* Where this device's work is: connected or not, what still waits to be sent, the switch for working without a network,
 * and the way by file. Main thread.
 */
#pragma once

#include <adwaita.h>
#include "ui/model/snapshot.h"

#define MABEI_TYPE_SYNC_GROUP (mabei_sync_group_get_type ())
G_DECLARE_FINAL_TYPE (MabeiSyncGroup, mabei_sync_group, MABEI, SYNC_GROUP, GtkBox)

void mabei_sync_group_show (MabeiSyncGroup *group, MabeiSnapshot *snapshot);
