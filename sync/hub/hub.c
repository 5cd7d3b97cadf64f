#include "sync/hub/hub.h"

#include <string.h>
#include <sys/statvfs.h>

#include "sync/hub/http_request.h"
#include "sync/hub/listener.h"
#include "sync/hub/log.h"
#include "sync/hub/peer.h"

G_DEFINE_QUARK (mabei_hub_error, mabei_hub_error)

#define SWEEP_MS 1000u
/* Below this free space nothing is taken any more, so that the write-ahead log can always be folded back. */
#define SPACE_FLOOR_BYTES (48ull * 1024ull * 1024ull)
#define SPACE_LOOK_US G_USEC_PER_SEC

typedef struct {
  MabeiHub *hub;
  MabeiHubConnection *connection;
  MabeiHubPeer *peer; /* once it is a WebSocket */
  gboolean from_loopback;
  gint64 since_us;
} Client;

struct _MabeiHub {
  MabeiHubShared shared;
  MabeiHubListener *listener;
  GHashTable *clients; /* Client, owned */
  GSource *sweep;
  char *store_path;
  gint64 space_us; /* when the disk was looked at */
  gboolean space;
};

static void
client_free (gpointer data)
{
  Client *client = data;
  mabei_hub_peer_free (client->peer);
  mabei_hub_connection_free (client->connection);
  client->hub->shared.metrics.connections--;
  g_free (client);
}

/* --- what a connection tells --- */

static GBytes *
on_request (MabeiHubConnection *connection G_GNUC_UNUSED, const char *path, gpointer user_data)
{
  Client *client = user_data;
  MabeiHubShared *shared = &client->hub->shared;

  if (strcmp (path, "/healthz") == 0) {
    gboolean healthy = shared->has_space (shared->user_data) && mabei_hub_commit_is_healthy (shared->commit);
    return mabei_hub_request_answer (healthy ? 200 : 503, "text/plain", healthy ? "ok\n" : "cannot store\n");
  }
  /* How busy a hub is, is nobody's business outside. */
  if (strcmp (path, "/metrics") == 0 && client->from_loopback) {
    MabeiHubStoreCounts counts;
    gboolean counted = mabei_hub_store_counts (shared->store, &counts, NULL);
    g_autofree char *text = mabei_hub_metrics_text (&shared->metrics, counted ? &counts : NULL);
    return mabei_hub_request_answer (200, "text/plain; version=0.0.4", text);
  }
  if (strcmp (path, MABEI_HUB_PATH) == 0)
    return mabei_hub_request_answer (426, "text/plain", "");
  return mabei_hub_request_answer (404, "text/plain", "");
}

static void
on_opened (MabeiHubConnection *connection, gpointer user_data)
{
  Client *client = user_data;
  client->peer = mabei_hub_peer_new (&client->hub->shared, connection);
}

static void
on_frame (MabeiHubConnection *connection G_GNUC_UNUSED, GBytes *frame, gpointer user_data)
{
  Client *client = user_data;
  mabei_hub_peer_receive (client->peer, frame);
}

static void
on_drained (MabeiHubConnection *connection G_GNUC_UNUSED, gpointer user_data)
{
  Client *client = user_data;
  if (client->peer != NULL)
    mabei_hub_peer_drained (client->peer);
}

static void
on_closed (MabeiHubConnection *connection G_GNUC_UNUSED, MabeiHubClosed why, gpointer user_data)
{
  Client *client = user_data;
  if (why == MABEI_HUB_CLOSED_FAULT)
    client->hub->shared.metrics.faults++;
  if (why == MABEI_HUB_CLOSED_SLOW)
    client->hub->shared.metrics.timed_out++;
  g_hash_table_remove (client->hub->clients, client);
}

static const MabeiHubConnectionListener connection_listener = {on_request, on_opened, on_frame, on_drained, on_closed};

static void
on_accept (GIOStream *stream, gboolean from_loopback, gpointer user_data)
{
  MabeiHub *self = user_data;
  MabeiHubMetrics *metrics = &self->shared.metrics;

  if (metrics->connections >= self->shared.limits.max_connections) {
    metrics->turned_away++;
    return;
  }
  Client *client = g_new0 (Client, 1);
  client->hub = self;
  client->from_loopback = from_loopback;
  client->since_us = g_get_monotonic_time ();
  client->connection = mabei_hub_connection_new (stream, &connection_listener, client);
  metrics->accepted++;
  metrics->connections++;
  g_hash_table_add (self->clients, client);
}

/* --- time --- */

static gboolean
client_is_overdue (const Client *client, gint64 now_us)
{
  const MabeiHubConfig *limits = &client->hub->shared.limits;
  gboolean ready = client->peer != NULL && mabei_hub_peer_is_ready (client->peer) &&
                   mabei_hub_connection_is_open (client->connection);
  if (ready)
    return now_us - mabei_hub_peer_heard_us (client->peer) > (gint64) limits->silence_ms * 1000;
  /* Not yet authenticated, or saying goodbye: by its last frame, so that a goodbye has its time too. */
  gint64 since_us = client->since_us;
  if (client->peer != NULL && !mabei_hub_connection_is_open (client->connection))
    since_us = MAX (since_us, mabei_hub_peer_heard_us (client->peer));
  return now_us - since_us > (gint64) limits->handshake_ms * 1000;
}

static gboolean
on_sweep (gpointer user_data)
{
  MabeiHub *self = user_data;
  gint64 now_us = g_get_monotonic_time ();
  GHashTableIter iter;
  gpointer client;

  g_hash_table_iter_init (&iter, self->clients);
  while (g_hash_table_iter_next (&iter, &client, NULL)) {
    if (!client_is_overdue (client, now_us))
      continue;
    self->shared.metrics.timed_out++;
    g_hash_table_iter_remove (&iter);
  }
  return G_SOURCE_CONTINUE;
}

static gboolean
has_space (gpointer user_data)
{
  MabeiHub *self = user_data;
  gint64 now_us = g_get_monotonic_time ();
  struct statvfs disk;

  if (self->space_us != 0 && now_us - self->space_us < SPACE_LOOK_US)
    return self->space;
  gboolean space = statvfs (self->store_path, &disk) != 0 || disk.f_bavail * disk.f_frsize >= SPACE_FLOOR_BYTES;
  if (self->space_us != 0 && space != self->space)
    mabei_hub_log (space ? "notice" : "error", space ? "disk-has-space" : "disk-full", "%s", "");
  self->space = space;
  self->space_us = now_us;
  return space;
}

/* --- life --- */

static void
hub_share (MabeiHub *self, const MabeiHubSettings *settings)
{
  MabeiHubShared *shared = &self->shared;
  shared->limits = settings->limits;
  if (settings->limits.court_key != NULL) {
    memcpy (shared->court_key, settings->limits.court_key, sizeof shared->court_key);
    shared->has_court_key = TRUE;
  }
  shared->devices = mabei_hub_devices_new ();
  shared->mailboxes = mabei_hub_mailboxes_new ();
  shared->commit =
      mabei_hub_commit_new (shared->store, shared->mailboxes, &shared->metrics, &mabei_hub_peer_commit_listener);
  shared->has_space = has_space;
  shared->user_data = self;
  self->clients = g_hash_table_new_full (NULL, NULL, client_free, NULL);
}

MabeiHub *
mabei_hub_start (const MabeiHubConfig *config, GError **error)
{
  MabeiHubSettings settings = {0};

  if (!mabei_hub_settings_read (config, &settings, error))
    return NULL;
  MabeiHubStore *store = mabei_hub_store_open (config->store, TRUE, error);
  if (store == NULL) {
    mabei_hub_settings_clear (&settings);
    return NULL;
  }
  MabeiHub *self = g_new0 (MabeiHub, 1);
  self->shared.store = store;
  self->store_path = g_strdup (config->store);
  hub_share (self, &settings);
  self->listener = mabei_hub_listener_new (settings.address, settings.certificate, on_accept, self, error);
  mabei_hub_settings_clear (&settings);
  if (self->listener == NULL) {
    mabei_hub_stop (self);
    return NULL;
  }
  self->sweep = g_timeout_source_new (SWEEP_MS);
  g_source_set_callback (self->sweep, on_sweep, self, NULL);
  g_source_attach (self->sweep, g_main_context_get_thread_default ());
  if (!self->shared.has_court_key)
    mabei_hub_log ("warning", "no-court-key", "%s", "any authenticated device may make mailboxes");
  return self;
}

void
mabei_hub_stop (MabeiHub *self)
{
  if (self == NULL)
    return;
  if (self->sweep != NULL)
    g_source_destroy (self->sweep);
  g_clear_pointer (&self->sweep, g_source_unref);
  mabei_hub_listener_free (self->listener);
  mabei_hub_commit_now (self->shared.commit);
  g_hash_table_unref (self->clients);
  mabei_hub_commit_free (self->shared.commit);
  mabei_hub_mailboxes_free (self->shared.mailboxes);
  g_hash_table_unref (self->shared.devices);
  mabei_hub_store_close (self->shared.store);
  g_free (self->store_path);
  g_free (self);
}

const char *
mabei_hub_url (MabeiHub *self)
{
  return mabei_hub_listener_url (self->listener);
}

const guint8 *
mabei_hub_key (MabeiHub *self)
{
  return mabei_device_key_public (mabei_hub_store_key (self->shared.store))->sign_key;
}
