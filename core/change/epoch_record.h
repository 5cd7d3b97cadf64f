/* The payload of an EPOCH change: the epoch's id, its author's ephemeral key and one wrap a device (trust.md 4.1,
 * soundness 12-13). Pure: encoding and decoding; wraps are made and opened by core/crypto/epoch.
 */
#pragma once

#include "core/change/change.h"

typedef struct {
  MabeiShortId device;
  guint8 wrap[MABEI_WRAP_BYTES];
} MabeiWrap;

typedef struct {
  guint32 generation; /* 1 + the maximum of the epochs before it; 1 for the first */
  guint n_previous;   /* epochs that it follows, sorted */
  MabeiId previous[16];
  MabeiId epoch_id;
  guint8 ephemeral_key[32];
  guint n_wraps; /* sorted by device, without duplicates */
  MabeiWrap wraps[64];
} MabeiEpochRecord;

/* (transfer full) */
GBytes *mabei_epoch_record_encode (const MabeiEpochRecord *record);
/* NULL with a MABEI_CHANGE_ERROR unless canonical. (transfer full, free with g_free) */
MabeiEpochRecord *mabei_epoch_record_decode (GBytes *payload, GError **error);

/* Draws the secret, wraps it to every recipient (sorted by device id inside). (transfer full for both) */
MabeiEpochRecord *mabei_epoch_record_new (const MabeiSpaceRef *space,
                                          MabeiDeviceKey *author,
                                          guint32 generation,
                                          const MabeiId *previous,
                                          guint n_previous,
                                          const MabeiDevicePublic *recipients,
                                          guint n_recipients,
                                          MabeiSecret **secret);
/* The secret, when this device has a wrap that opens and fits the commitment. */
MabeiWrapResult mabei_epoch_record_open (const MabeiEpochRecord *record,
                                         const MabeiSpaceRef *space,
                                         MabeiDeviceKey *recipient,
                                         const guint8 author_box_key[32],
                                         MabeiSecret **secret);
