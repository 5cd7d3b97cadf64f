/* Private to core/view: where the changes of one space are. A change is with everybody when every other device of the
 * space has confirmed it, with the hub when it has given a receipt, else only here. One thread.
 */
#pragma once

#include "core/store/replica.h"
#include "core/view/view.h"

typedef struct _MabeiPlaces MabeiPlaces;

MabeiPlaces *mabei_places_new (MabeiReplica *replica, MabeiSpace *space);
void mabei_places_free (MabeiPlaces *places);
MabeiPlace mabei_places_of (MabeiPlaces *places, const MabeiId *change);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiPlaces, mabei_places_free)
