/* Makes the read model of a case from the replica. Included by app, never by ui. */
#pragma once

#include "core/store/replica.h"
#include "core/view/view.h"

/* (transfer full) */
MabeiViewCase *mabei_view_case_build (MabeiReplica *replica, MabeiCase *c);
