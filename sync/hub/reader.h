/* Streams records to one connection: from its cursor in each open mailbox, in order, in turns between mailboxes.
 * Nothing is queued: a record is read from the store when there is credit for it (MABEI_LIMIT_CREDIT_BYTES and
 * MABEI_LIMIT_IN_FLIGHT not acknowledged, MABEI_HUB_UNREAD_BYTES not taken by the kernel), so a slow reader costs
 * memory neither here nor there. After the last record of a mailbox at the time of opening: DONE.
 */
#pragma once

#include "sync/hub/connection.h"
#include "sync/hub/mailbox.h"
#include "sync/hub/metrics.h"

#define MABEI_HUB_UNREAD_BYTES (256u * 1024u)

typedef struct _MabeiHubReader MabeiHubReader;

/* All are borrowed and outlive the reader. */
MabeiHubReader *mabei_hub_reader_new (MabeiHubStore *store,
                                      MabeiHubMailboxes *mailboxes,
                                      MabeiHubMetrics *metrics,
                                      MabeiHubConnection *connection);
void mabei_hub_reader_free (MabeiHubReader *reader); /* closes every mailbox; NULL is accepted */

/* Reads from behind @cursor; one that is open already starts again there. FALSE when MABEI_LIMIT_MAILBOXES are open. */
gboolean mabei_hub_reader_open (MabeiHubReader *reader, const MabeiHubMailboxRow *row, guint64 cursor);
/* The client has stored the record with this tag. One that was never sent is ignored. */
void mabei_hub_reader_acknowledge (MabeiHubReader *reader, guint64 tag);
/* There is something new, or room again. */
void mabei_hub_reader_wake (MabeiHubReader *reader);
MabeiHubConnection *mabei_hub_reader_connection (MabeiHubReader *reader);
