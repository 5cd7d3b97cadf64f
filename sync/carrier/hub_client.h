/* The carrier to a hub: an exchange over one WebSocket (libsoup). Connects, pings (every second when live is wanted,
 * else every two), notices a dead line after about 4 s in which nothing moved (a slow line that moves is alive), comes
 * back with capped back-off and never gives up. permessage-deflate off; certificate checked for wss; plain ws to
 * loopback only; limits on frames. Runs in the thread-default GMainContext of its creation; asynchronous only.
 * "Offline" drops the line without a goodbye. Every function may be called from inside a listener.
 */
#pragma once

#include <gio/gio.h>
#include "sync/peer/exchange.h"

typedef struct _MabeiHubClient MabeiHubClient;

typedef struct {
  /* Ready, or not (any more) and why: one line. Only when one of them changes. */
  void (*state) (MabeiHubClient *client, gboolean ready, const char *reason, gpointer user_data);
  MabeiExchangeListener exchange; /* its user_data is the one below */
  gpointer user_data;
} MabeiHubClientListener;

/* @url: "wss://host[:port]/" or "ws://127.0.0.1:port/". Connects by itself, from the main loop. @listener is copied. */
MabeiHubClient *mabei_hub_client_new (MabeiReplica *replica,
                                      const char *url,
                                      const guint8 *hub_key,
                                      const MabeiHubClientListener *listener,
                                      GError **error);
void mabei_hub_client_free (MabeiHubClient *client); /* NULL is accepted */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiHubClient, mabei_hub_client_free)
void mabei_hub_client_set_offline (MabeiHubClient *client, gboolean offline);
/* Somebody waits for live messages: a dead line is noticed as early as can be. */
void mabei_hub_client_set_live (MabeiHubClient *client, gboolean wanted);
gboolean mabei_hub_client_is_ready (MabeiHubClient *client);
/* The exchange of the present connection, or NULL. */
MabeiExchange *mabei_hub_client_exchange (MabeiHubClient *client);
/* The replica changed, or something was posted: send. */
void mabei_hub_client_wake (MabeiHubClient *client);
/* Watches and posts survive reconnections here: watched again on every connection; posted until stored. @data: at most
 * MABEI_LIMIT_CHANGE_BYTES. */
void mabei_hub_client_watch (MabeiHubClient *client, MabeiSecret *secret, gboolean create);
void mabei_hub_client_unwatch (MabeiHubClient *client, MabeiSecret *secret);
void mabei_hub_client_post (MabeiHubClient *client, MabeiSecret *secret, GBytes *data);
/* Totals over all connections. */
void mabei_hub_client_counts (MabeiHubClient *client, guint64 *bytes_in, guint64 *bytes_out);
