/* Private to core/store: a record of the log, canonical CBOR arrays [number, ...] (FORMAT.md). What a device knows is
 * the records in order of arrival: spaces, keys of epochs, changes with their source, receipts. Encoded records are
 * wiped after use, since some hold secrets.
 */
#pragma once

#include "core/store/replica.h"

typedef enum {
  MABEI_RECORD_SPACE = 1,   /* case, space, kind, other */
  MABEI_RECORD_KEY = 2,     /* case, space, epoch, secret: from a keyring */
  MABEI_RECORD_CHANGE = 3,  /* case, space, source, verified, encoded */
  MABEI_RECORD_RECEIPT = 4, /* id of the change */
  MABEI_RECORD_RESET = 5,   /* receipts before this one do not count any more */
} MabeiRecordType;

typedef struct {
  MabeiRecordType type;
  MabeiId case_id;
  MabeiShortId space;
  MabeiSpaceKind kind;
  MabeiShortId other;
  MabeiId id; /* KEY: epoch; RECEIPT: change */
  MabeiSecret *secret;
  MabeiSource source;
  gboolean is_verified;
  GBytes *encoded;
} MabeiRecord;

gboolean mabei_record_append (MabeiDatabase *database, const MabeiRecord *record, GError **error);
/* The caller clears @record with mabei_record_clear, also after a failure. DAMAGED when it is not of this form. */
gboolean mabei_record_decode (GBytes *data, MabeiRecord *record, GError **error);
void mabei_record_clear (MabeiRecord *record);
