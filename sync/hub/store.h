/* The hub's store: one SQLite file in WAL mode (synchronous=FULL), one connection that writes and checkpoints, and a
 * lock file beside it that keeps a second process out (SQLite 3.40.1 lies in the range of the WAL-reset bug). Holds
 * public mailbox keys, sealed envelopes, their signatures and positions, and how many mailboxes a device made: no time,
 * no name, no link from a mailbox to a device. Also the hub's own signing seed: a server has no passphrase, so whoever
 * reads the file (0600) or a backup of it can pose as this hub, though not open an envelope.
 * Appends gather in one transaction until mabei_hub_store_commit; until then nothing of it may be told to anyone.
 * Positions count from 1 in each mailbox and have no gaps. Not thread-safe.
 */
#pragma once

#include "sync/hub/hub.h"

typedef struct _MabeiHubStore MabeiHubStore;

typedef struct {
  gint64 number; /* of the row: stays the same as long as the store lives */
  MabeiShortId id;
  guint8 write_key[32];
  guint64 last;  /* position of the newest record, those not yet committed included */
  guint64 bytes; /* of all its envelopes */
} MabeiHubMailboxRow;

typedef struct {
  guint64 mailboxes;
  guint64 records;
  guint64 envelope_bytes;
  guint64 file_bytes; /* without the write-ahead log */
} MabeiHubStoreCounts;

typedef gboolean (*MabeiHubRecordFunc) (guint64 position,
                                        const guint8 *envelope,
                                        gsize length,
                                        const guint8 signature[MABEI_SIGNATURE_BYTES],
                                        gpointer user_data);

/* Makes the store (and its key and epoch) when @path does not exist and @create. BUSY when another process has it,
 * DAMAGED when it is not a store of this format. */
MabeiHubStore *mabei_hub_store_open (const char *path, gboolean create, GError **error);
void mabei_hub_store_close (MabeiHubStore *store); /* rolls back what was not committed; NULL is accepted */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiHubStore, mabei_hub_store_close)

MabeiDeviceKey *mabei_hub_store_key (MabeiHubStore *store);       /* (transfer none) */
const MabeiShortId *mabei_hub_store_epoch (MabeiHubStore *store); /* drawn when the store is made, or restored */
gboolean mabei_hub_store_in_transaction (MabeiHubStore *store);   /* something waits for a commit */

/* FALSE without error: no such mailbox. */
gboolean mabei_hub_store_find (MabeiHubStore *store, const MabeiShortId *id, MabeiHubMailboxRow *row, GError **error);

/* Makes a mailbox, once: TRUE when it was there already. FULL when the store or @device has @max_all or @max_device
 * already. */
gboolean mabei_hub_store_create (MabeiHubStore *store,
                                 const guint8 read_key[32],
                                 const guint8 write_key[32],
                                 const guint8 device[32],
                                 guint64 max_all,
                                 guint64 max_device,
                                 GError **error);

/* The position of an envelope that is there already, 0 when it is not. */
guint64 mabei_hub_store_position (MabeiHubStore *store, gint64 number, const MabeiId *digest, GError **error);

/* Adds an envelope to the open transaction at @row->last + 1 and brings @row up to date. FALSE (FULL on a full disk):
 * the whole transaction was rolled back. */
gboolean mabei_hub_store_append (MabeiHubStore *store,
                                 MabeiHubMailboxRow *row,
                                 const MabeiId *digest,
                                 GBytes *envelope,
                                 const guint8 signature[MABEI_SIGNATURE_BYTES],
                                 GError **error);

/* Durable when TRUE. FALSE: everything since the last commit was rolled back. */
gboolean mabei_hub_store_commit (MabeiHubStore *store, GError **error);
void mabei_hub_store_rollback (MabeiHubStore *store);

/* Calls @func for the records after @after and up to @until, in order, as long as it returns TRUE. */
gboolean mabei_hub_store_read (MabeiHubStore *store,
                               gint64 number,
                               guint64 after,
                               guint64 until,
                               MabeiHubRecordFunc func,
                               gpointer user_data,
                               GError **error);

gboolean mabei_hub_store_counts (MabeiHubStore *store, MabeiHubStoreCounts *counts, GError **error);

/* A whole copy in a new file @path (0600). The copy gets a store epoch of its own: clients that meet a restored hub
 * read and send everything again instead of trusting cursors that its past does not know. */
gboolean mabei_hub_store_backup (MabeiHubStore *store, const char *path, GError **error);
