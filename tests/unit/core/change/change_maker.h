/* Makes changes for tests: a few devices with keys from fixed seeds, one space, one epoch. Headers are filled so that
 * they are right; a test then spoils what it wants spoiled before sealing.
 */
#pragma once

#include "core/change/change.h"

#define MAKER_DEVICES 8u

typedef struct {
  MabeiDeviceKey *devices[MAKER_DEVICES];
  MabeiSecret *operation_keys[MAKER_DEVICES];
  MabeiSecret *epoch_secret;
  MabeiSpaceRef space;
  MabeiId epoch_id;
} ChangeMaker;

void change_maker_init (ChangeMaker *maker);
void change_maker_clear (ChangeMaker *maker);

/* A content header of @device on top of @prev (may be NULL) and @others, with the exact Lamport number. */
MabeiHeader
change_maker_header (ChangeMaker *maker, guint device, MabeiChange *prev, MabeiChange *const *others, guint n_others);
/* Sealed as its kind asks; ends the test when it is refused. (transfer full) */
MabeiChange *change_maker_seal (ChangeMaker *maker, guint device, const MabeiHeader *header, const char *body);
/* Both in one; up to one other parent, which may be NULL. (transfer full) */
MabeiChange *
change_maker_next (ChangeMaker *maker, guint device, MabeiChange *prev, MabeiChange *other, const char *body);
