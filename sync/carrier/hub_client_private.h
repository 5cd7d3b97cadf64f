/* The inside of a hub client, shared by hub_client.c (what the owner asks, and life), hub_line.c (connecting, frames in
 * and out, time) and hub_posts.c (watches and posts).
 */
#pragma once

#include <libsoup/soup.h>

#include "sync/carrier/hub_client.h"
#include "sync/carrier/line.h"

struct _MabeiHubClient {
  MabeiReplica *replica;
  char *url; /* of the WebSocket */
  gboolean has_pin;
  guint8 pin[32];
  MabeiHubClientListener listener;
  SoupSession *session;

  /* The present connection. */
  GCancellable *connecting;
  SoupMessage *message;
  GSocket *socket; /* as soon as it is there */
  SoupWebsocketConnection *connection;
  MabeiLine line;
  MabeiExchange *exchange;
  gboolean is_ready;
  gint64 started_us; /* connecting began */
  gint64 tick_us;
  gint64 ping_us;
  guint64 n_pings;

  gboolean is_offline;
  gboolean live_wanted;
  guint failures; /* since it was ready */
  guint patience; /* doublings of the silence after which a line is dead */
  char *reason;   /* told last */
  GSource *retry;
  GSource *tick;
  GSource *pump;     /* as soon as nothing else is to do */
  GSource *deadline; /* something of the exchange is due, or the line is full */

  GPtrArray *watches;
  GPtrArray *posts;
  guint64 bytes_in; /* of earlier connections, and of pings */
  guint64 bytes_out;

  /* Listeners may ask for anything: what would pull the exchange from under itself waits until it has returned. */
  guint depth;
  char *drop_reason;
  gboolean is_freed;
};

void mabei_hub_client_enter (MabeiHubClient *client);
void mabei_hub_client_leave (MabeiHubClient *client); /* @client may be gone after it */
/* Only outside of listener calls: the source of @type, running @func once after @ms. */
void mabei_hub_client_schedule (MabeiHubClient *client, GSource **source, guint ms, int priority, GSourceFunc func);
void mabei_hub_client_unschedule (GSource **source);

/* hub_line.c */
void mabei_hub_line_connect (MabeiHubClient *client);
/* Ends the connection, now or as soon as the listener has returned; comes back later unless offline. */
void mabei_hub_line_drop (MabeiHubClient *client, const char *reason);
void mabei_hub_line_drop_now (MabeiHubClient *client, const char *reason);
void mabei_hub_line_wake (MabeiHubClient *client);

/* hub_posts.c */
void mabei_hub_posts_init (MabeiHubClient *client);
void mabei_hub_posts_clear (MabeiHubClient *client);
/* A new exchange: everything is asked of it again. */
void mabei_hub_posts_begin (MabeiHubClient *client);
/* A while has passed: what was refused is tried again. */
void mabei_hub_posts_retry (MabeiHubClient *client, gint64 now_us);
void mabei_hub_posts_answered (MabeiHubClient *client, guint64 tag, gboolean stored);
