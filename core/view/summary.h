/* Private to core/view: what a change says about itself in a few words: when, as claimed, and which operations it has.
 * Read once and kept with the replica, since a change never alters. One thread.
 */
#pragma once

#include "core/store/replica.h"

typedef enum {
  MABEI_SUMMARY_OPENED,
  MABEI_SUMMARY_INVITED,
  MABEI_SUMMARY_ADMITTED,
  MABEI_SUMMARY_DOCUMENT,
  MABEI_SUMMARY_MESSAGE,
  MABEI_SUMMARY_FIELD,
  MABEI_SUMMARY_TEXT,
} MabeiSummaryKind;

typedef struct {
  MabeiSummaryKind kind;
  char *detail;          /* a name, a title, the beginning of a message; or NULL */
  MabeiShortId document; /* DOCUMENT, TEXT */
} MabeiSummaryItem;

typedef struct {
  guint64 claimed_ms; /* 0 when it makes no claim */
  GArray *items;      /* MabeiSummaryItem */
} MabeiSummary;

/* (transfer none): owned by the replica. Never NULL: what cannot be read has no items. */
const MabeiSummary *mabei_summary_of (MabeiReplica *replica, MabeiSpace *space, MabeiChange *change);
