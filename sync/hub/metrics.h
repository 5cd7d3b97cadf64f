/* What a hub counts, and its text for Prometheus (exposition format 0.0.4). Totals only: no id, no address, no mailbox.
 */
#pragma once

#include "sync/hub/store.h"
#include "sync/peer/frame.h"

#define MABEI_HUB_REFUSALS (MABEI_REFUSE_TOO_LARGE + 1)

typedef struct {
  guint64 connections; /* open now */
  guint64 ready;       /* of them: authenticated */
  guint64 accepted;    /* ever */
  guint64 turned_away; /* at the limit of connections */
  guint64 faults;      /* connections that broke a protocol */
  guint64 timed_out;
  guint64 records; /* stored since the start */
  guint64 bytes;   /* their envelopes */
  guint64 duplicates;
  guint64 sent; /* records sent to readers */
  guint64 live; /* live messages forwarded, counted at each receiver */
  guint64 live_dropped;
  guint64 refused[MABEI_HUB_REFUSALS]; /* by code */
  guint64 commits;
  guint64 commits_failed;
  guint64 commit_us; /* all commits together */
} MabeiHubMetrics;

/* @counts may be NULL when the store cannot be read. (transfer full) */
char *mabei_hub_metrics_text (const MabeiHubMetrics *metrics, const MabeiHubStoreCounts *counts);
