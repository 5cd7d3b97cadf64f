/* The protocol with one client, between its frames and the shared parts of the hub: hello, proof of the device key,
 * then mailboxes, records, live messages (sync/hub/API.md). Order of checks: form, right, quota, duplicate, and only
 * then a signature (trust.md T13). A frame out of order, or bytes that are no frame, end the connection.
 */
#pragma once

#include "sync/hub/commit.h"
#include "sync/hub/config.h"
#include "sync/hub/rate.h"
#include "sync/hub/reader.h"

/* A device key, as long as it has connections: they share its rates. */
typedef struct {
  guint8 key[32];
  guint connections;
  MabeiHubRate frames;
  MabeiHubRate bytes;
  MabeiHubRate live;
  MabeiHubRate live_bytes;
} MabeiHubDevice;

/* What all peers of a hub share. Owned by the hub. */
typedef struct {
  MabeiHubStore *store;
  MabeiHubMailboxes *mailboxes;
  MabeiHubCommit *commit;
  MabeiHubMetrics metrics;
  MabeiHubConfig limits;
  guint8 court_key[32];
  gboolean has_court_key;
  GHashTable *devices;                        /* key to MabeiHubDevice, owned */
  gboolean (*has_space) (gpointer user_data); /* the disk has room for more */
  gpointer user_data;
} MabeiHubShared;

typedef struct _MabeiHubPeer MabeiHubPeer;

/* The connection is borrowed. Sends the hub's HELLO. */
MabeiHubPeer *mabei_hub_peer_new (MabeiHubShared *shared, MabeiHubConnection *connection);
void mabei_hub_peer_free (MabeiHubPeer *peer);
void mabei_hub_peer_receive (MabeiHubPeer *peer, GBytes *frame);
void mabei_hub_peer_drained (MabeiHubPeer *peer);
gboolean mabei_hub_peer_is_ready (MabeiHubPeer *peer);
gint64 mabei_hub_peer_heard_us (MabeiHubPeer *peer); /* monotonic time of the last frame */

extern const MabeiHubCommitListener mabei_hub_peer_commit_listener; /* authors are peers */

GHashTable *mabei_hub_devices_new (void);
