/* Group commit: what came within one turn of the main loop (at most MABEI_HUB_COMMIT_MS) becomes one transaction with
 * one fsync, and only then is it acknowledged and shown to readers. When the disk is full nobody is acknowledged and
 * everybody is told FULL; reading goes on. Runs in the main context of its creation.
 */
#pragma once

#include "sync/hub/mailbox.h"
#include "sync/hub/metrics.h"

#define MABEI_HUB_COMMIT_MS 5u
#define MABEI_HUB_COMMIT_ITEMS 1024u

typedef struct _MabeiHubCommit MabeiHubCommit;

typedef struct {
  /* @position: 0 for a mailbox that was made. */
  void (*stored) (gpointer author, guint64 tag, guint64 position);
  void (*refused) (gpointer author, guint64 tag);
  void (*grown) (MabeiHubMailbox *mailbox); /* its readers have something to read */
} MabeiHubCommitListener;

MabeiHubCommit *mabei_hub_commit_new (MabeiHubStore *store,
                                      MabeiHubMailboxes *mailboxes,
                                      MabeiHubMetrics *metrics,
                                      const MabeiHubCommitListener *listener);
void mabei_hub_commit_free (MabeiHubCommit *commit);

/* Something of @author's is in the open transaction. @mailbox NULL: not a record. @bytes: 0 for a duplicate. */
void mabei_hub_commit_add (
    MabeiHubCommit *commit, gpointer author, guint64 tag, const MabeiShortId *mailbox, guint64 position, gsize bytes);
/* Commits what is open, if anything is. */
void mabei_hub_commit_now (MabeiHubCommit *commit);
/* The store rolled back: everything that waited is refused. */
void mabei_hub_commit_lost (MabeiHubCommit *commit);
/* @author is going: its records stay, nobody is told. */
void mabei_hub_commit_forget (MabeiHubCommit *commit, gpointer author);
/* The last commit went well, or there was none. */
gboolean mabei_hub_commit_is_healthy (MabeiHubCommit *commit);
