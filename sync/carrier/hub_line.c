/* One connection of a hub client after the other: connecting, frames in and out, and noticing that it is dead. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sodium.h>

#include "sync/carrier/hub_client_private.h"

#define CONNECT_US (15 * G_USEC_PER_SEC) /* until the hub is ready; the first reply takes 5 s at 20 kbit/s */
#define SILENCE_US (4 * G_USEC_PER_SEC)
#define PATIENCE_MAX 3u /* doublings of it */
#define PING_US (2 * G_USEC_PER_SEC)
#define PING_LIVE_US G_USEC_PER_SEC
#define TICK_MS 500u
#define FULL_MS 20u /* how often a full line is looked at */
#define BACKOFF_MS 300u
#define BACKOFF_MAX_MS 5000u
#define PRIORITY_PUMP (G_PRIORITY_DEFAULT + 1) /* first hear everything that came: it is stored together */

static guint64
wall_ms (void)
{
  return (guint64) g_get_real_time () / 1000;
}

static void
tell_state (MabeiHubClient *client, gboolean ready, const char *reason)
{
  if (client->is_ready == ready && g_strcmp0 (client->reason, reason) == 0)
    return;
  client->is_ready = ready;
  g_free (client->reason);
  client->reason = g_strdup (reason);
  if (client->listener.state != NULL)
    client->listener.state (client, ready, reason, client->listener.user_data);
}

/* --- out --- */

static void
send_frame (MabeiHubClient *client, GBytes *frame)
{
  gsize length = 0;
  gconstpointer data = g_bytes_get_data (frame, &length);
  soup_websocket_connection_send_binary (client->connection, data, length);
}

static gboolean
may_send (MabeiHubClient *client)
{
  return client->connection != NULL && client->exchange != NULL && client->drop_reason == NULL &&
         soup_websocket_connection_get_state (client->connection) == SOUP_WEBSOCKET_STATE_OPEN;
}

static gboolean
on_pump (gpointer user_data)
{
  MabeiHubClient *client = user_data;
  mabei_hub_client_unschedule (&client->pump);
  mabei_hub_client_unschedule (&client->deadline);
  mabei_hub_client_enter (client);
  gboolean room = TRUE;
  mabei_line_look (&client->line, g_get_monotonic_time ());
  while (may_send (client) && (room = mabei_line_has_room (&client->line))) {
    g_autoptr (GBytes) frame = mabei_exchange_next (client->exchange, wall_ms ());
    if (frame == NULL)
      break;
    if (may_send (client)) {
      send_frame (client, frame);
      mabei_line_add (&client->line, g_bytes_get_size (frame));
    }
  }
  if (may_send (client)) {
    guint64 now_ms = wall_ms ();
    guint64 due_ms = mabei_exchange_deadline_ms (client->exchange);
    if (!room)
      mabei_hub_client_schedule (client, &client->deadline, FULL_MS, PRIORITY_PUMP, on_pump);
    else if (due_ms != 0)
      mabei_hub_client_schedule (client, &client->deadline,
                                 due_ms > now_ms ? (guint) MIN (due_ms - now_ms, G_MAXUINT / 2) : 1, PRIORITY_PUMP,
                                 on_pump);
  }
  mabei_hub_client_leave (client);
  return G_SOURCE_REMOVE;
}

void
mabei_hub_line_wake (MabeiHubClient *client)
{
  if (client->exchange != NULL && client->pump == NULL)
    mabei_hub_client_schedule (client, &client->pump, 0, PRIORITY_PUMP, on_pump);
}

/* --- in --- */

static void
on_message (SoupWebsocketConnection *connection G_GNUC_UNUSED, int type, GBytes *message, gpointer user_data)
{
  MabeiHubClient *client = user_data;
  g_autoptr (GError) error = NULL;

  if (client->exchange == NULL || client->drop_reason != NULL)
    return;
  mabei_hub_client_enter (client);
  if (type != SOUP_WEBSOCKET_DATA_BINARY) {
    mabei_hub_line_drop (client, "the hub sent text");
  } else if (!mabei_exchange_receive (client->exchange, message, wall_ms (), &error)) {
    mabei_hub_line_drop (client, error->message);
  } else if (client->drop_reason == NULL) {
    if (!client->is_ready && mabei_exchange_is_ready (client->exchange)) {
      client->failures = 0;
      tell_state (client, TRUE, NULL);
    }
    mabei_hub_line_wake (client);
  }
  mabei_hub_client_leave (client);
}

static void
on_closed (SoupWebsocketConnection *connection G_GNUC_UNUSED, gpointer user_data)
{
  MabeiHubClient *client = user_data;
  mabei_hub_client_enter (client);
  mabei_hub_line_drop (client, "the hub closed the connection");
  mabei_hub_client_leave (client);
}

/* What the exchange tells goes on to the owner, under the owner's pointer. */

static void
on_live (MabeiExchange *exchange, MabeiSpace *space, const MabeiShortId *mailbox, GBytes *data, gpointer user_data)
{
  MabeiHubClient *client = user_data;
  if (client->listener.exchange.live != NULL && !client->is_freed)
    client->listener.exchange.live (exchange, space, mailbox, data, client->listener.user_data);
}

static void
on_record (MabeiExchange *exchange, const MabeiShortId *mailbox, GBytes *data, gpointer user_data)
{
  MabeiHubClient *client = user_data;
  if (client->listener.exchange.record != NULL && !client->is_freed)
    client->listener.exchange.record (exchange, mailbox, data, client->listener.user_data);
}

static void
on_posted (MabeiExchange *exchange, guint64 tag, gboolean stored, gpointer user_data)
{
  MabeiHubClient *client = user_data;
  mabei_hub_posts_answered (client, tag, stored);
  if (client->listener.exchange.posted != NULL && !client->is_freed)
    client->listener.exchange.posted (exchange, tag, stored, client->listener.user_data);
}

static void
on_progress (MabeiExchange *exchange, gpointer user_data)
{
  MabeiHubClient *client = user_data;
  if (client->listener.exchange.progress != NULL && !client->is_freed)
    client->listener.exchange.progress (exchange, client->listener.user_data);
}

/* --- time --- */

/* Something between here and the hub (a proxy) may have taken all that was sent and pass it on slowly: then nothing
 * moves for long on a line that is not dead, and giving up sends it all again. So each time that this happens with
 * records under way the next connection has more patience, until one got through. */
static gint64
silence_us (MabeiHubClient *client)
{
  return (gint64) SILENCE_US << client->patience;
}

static gboolean
has_records_under_way (MabeiHubClient *client)
{
  guint unacknowledged = 0;
  mabei_exchange_counts (client->exchange, NULL, NULL, &unacknowledged);
  return unacknowledged > 0;
}

static void
give_up_silent (MabeiHubClient *client)
{
  if (has_records_under_way (client) && client->patience < PATIENCE_MAX)
    client->patience++;
  mabei_hub_line_drop (client, "the line is dead");
}

static void
ping (MabeiHubClient *client, gint64 now_us)
{
  MabeiFrame frame = {.type = MABEI_FRAME_PING, .number = ++client->n_pings};
  g_autoptr (GBytes) bytes = mabei_frame_encode (&frame);
  client->ping_us = now_us;
  client->bytes_out += g_bytes_get_size (bytes);
  send_frame (client, bytes);
}

static gboolean
on_tick (gpointer user_data)
{
  MabeiHubClient *client = user_data;
  gint64 now_us = g_get_monotonic_time ();

  mabei_hub_client_unschedule (&client->tick);
  mabei_hub_client_enter (client);
  /* If this program itself stood still, the line is not to blame. */
  mabei_line_look (&client->line, now_us);
  if (now_us - client->tick_us > 4 * TICK_MS * 1000)
    client->line.moved_us = now_us;
  client->tick_us = now_us;
  if (!client->is_ready && now_us - client->started_us > CONNECT_US)
    mabei_hub_line_drop (client, "the hub does not answer");
  else if (client->is_ready && now_us - client->line.moved_us > silence_us (client))
    give_up_silent (client);
  else if (client->is_ready && may_send (client)) {
    if (mabei_exchange_is_idle (client->exchange))
      client->patience = 0;
    mabei_hub_posts_retry (client, now_us);
    if (now_us - client->ping_us >= (client->live_wanted ? PING_LIVE_US : PING_US))
      ping (client, now_us);
    mabei_hub_line_wake (client);
  }
  mabei_hub_client_schedule (client, &client->tick, TICK_MS, G_PRIORITY_DEFAULT, on_tick);
  mabei_hub_client_leave (client);
  return G_SOURCE_REMOVE;
}

/* --- beginning and end --- */

static void
begin_exchange (MabeiHubClient *client)
{
  MabeiExchangeListener listener = {on_live, on_record, on_posted, on_progress, client};
  gint64 now_us = g_get_monotonic_time ();

  soup_websocket_connection_set_max_incoming_payload_size (client->connection, MABEI_LIMIT_FRAME_BYTES);
  soup_websocket_connection_set_keepalive_interval (client->connection, 0);
  g_signal_connect (client->connection, "message", G_CALLBACK (on_message), client);
  g_signal_connect (client->connection, "closed", G_CALLBACK (on_closed), client);
  mabei_line_init (&client->line, client->socket, now_us);
  client->exchange = mabei_exchange_new_hub (client->replica, client->has_pin ? client->pin : NULL, &listener);
  mabei_hub_posts_begin (client);
  mabei_hub_line_wake (client);
}

static void
on_connected (GObject *session, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SoupWebsocketConnection) connection =
      soup_session_websocket_connect_finish (SOUP_SESSION (session), result, &error);
  MabeiHubClient *client;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* dropped, perhaps freed meanwhile */
  client = user_data;
  g_clear_object (&client->connecting);
  if (connection == NULL) {
    mabei_hub_client_enter (client);
    mabei_hub_line_drop (client, error->message);
    mabei_hub_client_leave (client);
    return;
  }
  client->connection = g_steal_pointer (&connection);
  begin_exchange (client);
}

static void
on_network (SoupMessage *message G_GNUC_UNUSED, GSocketClientEvent event, GIOStream *stream, gpointer user_data)
{
  MabeiHubClient *client = user_data;
  if (event != G_SOCKET_CLIENT_CONNECTED || !G_IS_SOCKET_CONNECTION (stream))
    return;
  g_set_object (&client->socket, g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream)));
  g_socket_set_option (client->socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
}

void
mabei_hub_line_connect (MabeiHubClient *client)
{
  SoupMessage *message = soup_message_new ("GET", client->url);
  gint64 now_us = g_get_monotonic_time ();

  mabei_hub_client_unschedule (&client->retry);
  client->started_us = client->tick_us = client->ping_us = now_us;
  soup_message_disable_feature (message, SOUP_TYPE_WEBSOCKET_EXTENSION_MANAGER); /* no compression */
  g_signal_connect (message, "network-event", G_CALLBACK (on_network), client);
  client->message = message;
  client->connecting = g_cancellable_new ();
  soup_session_websocket_connect_async (client->session, message, NULL, NULL, G_PRIORITY_DEFAULT, client->connecting,
                                        on_connected, client);
  mabei_hub_client_schedule (client, &client->tick, TICK_MS, G_PRIORITY_DEFAULT, on_tick);
}

static gboolean
on_retry (gpointer user_data)
{
  mabei_hub_line_connect (user_data);
  return G_SOURCE_REMOVE;
}

static void
count (MabeiHubClient *client)
{
  guint64 in = 0;
  guint64 out = 0;
  if (client->exchange == NULL)
    return;
  mabei_exchange_counts (client->exchange, &in, &out, NULL);
  client->bytes_in += in;
  client->bytes_out += out;
}

void
mabei_hub_line_drop_now (MabeiHubClient *client, const char *reason)
{
  g_autofree char *kept = g_strdup (reason);

  count (client);
  g_cancellable_cancel (client->connecting);
  g_clear_object (&client->connecting);
  if (client->message != NULL)
    g_signal_handlers_disconnect_by_data (client->message, client);
  g_clear_object (&client->message);
  if (client->connection != NULL) {
    g_signal_handlers_disconnect_by_data (client->connection, client);
    mabei_line_cut (&client->line); /* no goodbye: nothing waits for an answer */
    g_clear_object (&client->connection);
  }
  mabei_line_clear (&client->line);
  g_clear_object (&client->socket);
  g_clear_pointer (&client->exchange, mabei_exchange_free);
  mabei_hub_client_unschedule (&client->pump);
  mabei_hub_client_unschedule (&client->deadline);
  mabei_hub_client_unschedule (&client->tick);
  mabei_hub_client_unschedule (&client->retry);
  if (client->is_freed)
    return;
  if (!client->is_offline) {
    guint most = MIN (BACKOFF_MS << MIN (client->failures, 5u), BACKOFF_MAX_MS);
    client->failures++;
    /* Half of it by chance, so that a hub that comes back does not meet everybody at once. */
    mabei_hub_client_schedule (client, &client->retry, most / 2 + randombytes_uniform (most / 2 + 1),
                               G_PRIORITY_DEFAULT, on_retry);
  }
  tell_state (client, FALSE, kept);
}

void
mabei_hub_line_drop (MabeiHubClient *client, const char *reason)
{
  if (client->drop_reason != NULL)
    return;
  client->drop_reason = g_strdup (reason);
  if (client->depth == 0) {
    mabei_hub_client_enter (client);
    mabei_hub_client_leave (client);
  }
}
