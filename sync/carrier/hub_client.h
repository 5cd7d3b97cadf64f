/* The carrier to a hub: an exchange over one WebSocket (libsoup). Connects, pings (1 s when live is wanted, else 15 s),
 * notices a dead line within 4 s of silence, comes back with capped back-off and never gives up. permessage-deflate
 * off; certificate checked for wss; limits on frames. Runs in the thread-default GMainContext of its creation;
 * asynchronous only. "Offline" drops the line without a goodbye.
 */
#pragma once

#include <gio/gio.h>
#include "sync/peer/exchange.h"

typedef struct _MabeiHubClient MabeiHubClient;

typedef struct {
  void (*state) (MabeiHubClient *client, gboolean ready, const char *reason, gpointer user_data);
  MabeiExchangeListener exchange; /* its user_data is the one below */
  gpointer user_data;
} MabeiHubClientListener;

MabeiHubClient *mabei_hub_client_new (MabeiReplica *replica,
                                      const char *url,
                                      const guint8 *hub_key,
                                      const MabeiHubClientListener *listener,
                                      GError **error);
void mabei_hub_client_free (MabeiHubClient *client);
void mabei_hub_client_set_offline (MabeiHubClient *client, gboolean offline);
gboolean mabei_hub_client_is_ready (MabeiHubClient *client);
/* The exchange of the present connection, or NULL. */
MabeiExchange *mabei_hub_client_exchange (MabeiHubClient *client);
/* The replica changed, or something was posted: send. */
void mabei_hub_client_wake (MabeiHubClient *client);
/* Watches and posts survive reconnections here: watched again on every connection; posted until stored. */
void mabei_hub_client_watch (MabeiHubClient *client, MabeiSecret *secret, gboolean create);
void mabei_hub_client_unwatch (MabeiHubClient *client, MabeiSecret *secret);
void mabei_hub_client_post (MabeiHubClient *client, MabeiSecret *secret, GBytes *data);
/* Totals over all connections. */
void mabei_hub_client_counts (MabeiHubClient *client, guint64 *bytes_in, guint64 *bytes_out);
