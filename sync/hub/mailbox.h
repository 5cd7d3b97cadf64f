/* The mailboxes that somebody has open now, and who: for telling readers of new records, and for forwarding live
 * messages. In memory only, gone with its last reader. Readers are opaque here.
 */
#pragma once

#include "sync/hub/store.h"

typedef struct {
  MabeiShortId id;
  gint64 number;
  guint8 write_key[32];
  guint64 committed;  /* newest position that is durable: nothing behind it may be told */
  GPtrArray *readers; /* not owned, each once */
} MabeiHubMailbox;

typedef struct _MabeiHubMailboxes MabeiHubMailboxes;

MabeiHubMailboxes *mabei_hub_mailboxes_new (void);
void mabei_hub_mailboxes_free (MabeiHubMailboxes *mailboxes);

/* @row is as the store has it, with nothing uncommitted. Stays valid until @reader leaves. */
MabeiHubMailbox *
mabei_hub_mailboxes_join (MabeiHubMailboxes *mailboxes, const MabeiHubMailboxRow *row, gpointer reader);
void mabei_hub_mailboxes_leave (MabeiHubMailboxes *mailboxes, MabeiHubMailbox *mailbox, gpointer reader);
/* NULL when nobody has it open. */
MabeiHubMailbox *mabei_hub_mailboxes_find (MabeiHubMailboxes *mailboxes, const MabeiShortId *id);
