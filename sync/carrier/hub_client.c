#include "sync/carrier/hub_client.h"

#include <string.h>

#include "sync/carrier/hub_client_private.h"

/* --- sources, and the guard around listeners --- */

void
mabei_hub_client_unschedule (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

void
mabei_hub_client_schedule (MabeiHubClient *client, GSource **source, guint ms, int priority, GSourceFunc func)
{
  mabei_hub_client_unschedule (source);
  *source = ms > 0 ? g_timeout_source_new (ms) : g_idle_source_new ();
  g_source_set_priority (*source, priority);
  g_source_set_callback (*source, func, client, NULL);
  g_source_attach (*source, g_main_context_get_thread_default ());
}

static void
client_destroy (MabeiHubClient *client)
{
  client->is_freed = TRUE;
  mabei_hub_line_drop_now (client, NULL);
  mabei_hub_posts_clear (client);
  soup_session_abort (client->session);
  g_object_unref (client->session);
  g_free (client->drop_reason);
  g_free (client->reason);
  g_free (client->url);
  g_free (client);
}

void
mabei_hub_client_enter (MabeiHubClient *client)
{
  client->depth++;
}

void
mabei_hub_client_leave (MabeiHubClient *client)
{
  while (client->depth == 1 && !client->is_freed && client->drop_reason != NULL) {
    /* Still inside: the listener of the state may ask for more. */
    g_autofree char *reason = g_steal_pointer (&client->drop_reason);
    mabei_hub_line_drop_now (client, reason);
  }
  if (--client->depth == 0 && client->is_freed)
    client_destroy (client);
}

/* --- making --- */

static gboolean
is_loopback (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);
  return g_strcmp0 (host, "localhost") == 0 || (address != NULL && g_inet_address_get_is_loopback (address));
}

static char *
url_read (const char *url, GError **error)
{
  g_autoptr (GUri) uri = url != NULL ? g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL) : NULL;
  const char *scheme = uri != NULL ? g_uri_get_scheme (uri) : NULL;
  gboolean plain = g_strcmp0 (scheme, "ws") == 0;

  if ((!plain && g_strcmp0 (scheme, "wss") != 0) || g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0' ||
      g_uri_get_userinfo (uri) != NULL || g_uri_get_query (uri) != NULL || g_uri_get_fragment (uri) != NULL) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "the address of a hub is wss://HOST:PORT/");
    return NULL;
  }
  if (plain && !is_loopback (g_uri_get_host (uri))) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                         "a hub on another machine is reached by wss:// only");
    return NULL;
  }
  g_autoptr (GUri) place =
      g_uri_build (SOUP_HTTP_URI_FLAGS, scheme, NULL, g_uri_get_host (uri), g_uri_get_port (uri), "/v1", NULL, NULL);
  return g_uri_to_string (place);
}

/* A court may certify its own hub: MABEI_HUB_CA names a PEM file of authorities that count instead of the system's. */
static void
trust_named_authority (SoupSession *session)
{
  const char *path = g_getenv ("MABEI_HUB_CA");
  g_autoptr (GError) error = NULL;
  if (path == NULL)
    return;
  g_autoptr (GTlsDatabase) database = g_tls_file_database_new (path, &error);
  if (database != NULL)
    soup_session_set_tls_database (session, database);
  else
    g_warning ("the authorities in %s cannot be read: %s", path, error->message);
}

MabeiHubClient *
mabei_hub_client_new (MabeiReplica *replica,
                      const char *url,
                      const guint8 *hub_key,
                      const MabeiHubClientListener *listener,
                      GError **error)
{
  g_autofree char *place = url_read (url, error);
  if (place == NULL)
    return NULL;
  MabeiHubClient *client = g_new0 (MabeiHubClient, 1);
  client->replica = replica;
  client->url = g_steal_pointer (&place);
  client->has_pin = hub_key != NULL;
  if (hub_key != NULL)
    memcpy (client->pin, hub_key, sizeof client->pin);
  if (listener != NULL)
    client->listener = *listener;
  client->session = soup_session_new ();
  g_autoptr (GUri) uri = g_uri_parse (client->url, SOUP_HTTP_URI_FLAGS, NULL);
  if (is_loopback (g_uri_get_host (uri)))
    soup_session_set_proxy_resolver (client->session, NULL);
  trust_named_authority (client->session);
  mabei_hub_posts_init (client);
  mabei_hub_line_connect (client);
  return client;
}

void
mabei_hub_client_free (MabeiHubClient *client)
{
  if (client == NULL)
    return;
  client->is_freed = TRUE;
  memset (&client->listener, 0, sizeof client->listener);
  if (client->depth == 0)
    client_destroy (client);
}

/* --- asking --- */

void
mabei_hub_client_set_offline (MabeiHubClient *client, gboolean offline)
{
  if (client->is_offline == offline)
    return;
  client->is_offline = offline;
  client->failures = 0;
  if (offline)
    mabei_hub_line_drop (client, "offline");
  else if (client->connecting == NULL && client->connection == NULL)
    mabei_hub_line_connect (client);
}

void
mabei_hub_client_set_live (MabeiHubClient *client, gboolean wanted)
{
  client->live_wanted = wanted;
}

gboolean
mabei_hub_client_is_ready (MabeiHubClient *client)
{
  return client->is_ready;
}

MabeiExchange *
mabei_hub_client_exchange (MabeiHubClient *client)
{
  return client->exchange;
}

void
mabei_hub_client_wake (MabeiHubClient *client)
{
  if (client->exchange != NULL)
    mabei_exchange_wake (client->exchange);
  mabei_hub_line_wake (client);
}

void
mabei_hub_client_counts (MabeiHubClient *client, guint64 *bytes_in, guint64 *bytes_out)
{
  guint64 in = 0;
  guint64 out = 0;
  if (client->exchange != NULL)
    mabei_exchange_counts (client->exchange, &in, &out, NULL);
  if (bytes_in != NULL)
    *bytes_in = client->bytes_in + in;
  if (bytes_out != NULL)
    *bytes_out = client->bytes_out + out;
}
