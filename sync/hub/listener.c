#include "sync/hub/listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "sync/hub/hub.h"
#include "sync/hub/log.h"

#define BACKLOG 1024
#define ACCEPTS_A_TURN 32u
#define REST_MS 1000u

struct _MabeiHubListener {
  GSocket *socket;
  GTlsCertificate *certificate;
  char *url;
  MabeiHubAcceptFunc accept;
  gpointer user_data;
  GSource *source; /* watching, or resting */
};

static void listener_watch (MabeiHubListener *self);

static gboolean
on_rested (gpointer user_data)
{
  MabeiHubListener *self = user_data;
  g_clear_pointer (&self->source, g_source_unref);
  listener_watch (self);
  return G_SOURCE_REMOVE;
}

static void
listener_rest (MabeiHubListener *self)
{
  g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  self->source = g_timeout_source_new (REST_MS);
  g_source_set_callback (self->source, on_rested, self, NULL);
  g_source_attach (self->source, g_main_context_get_thread_default ());
}

static gboolean
is_from_loopback (GSocket *socket)
{
  g_autoptr (GSocketAddress) address = g_socket_get_remote_address (socket, NULL);
  return address != NULL && G_IS_INET_SOCKET_ADDRESS (address) &&
         g_inet_address_get_is_loopback (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));
}

static void
listener_take (MabeiHubListener *self, GSocket *socket)
{
  gboolean from_loopback = is_from_loopback (socket);
  g_socket_set_blocking (socket, FALSE);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  g_autoptr (GSocketConnection) plain = g_socket_connection_factory_create_connection (socket);
  if (self->certificate == NULL) {
    self->accept (G_IO_STREAM (plain), from_loopback, self->user_data);
    return;
  }
  /* The handshake happens inside the first reads, so that it has the same time limit as a request. */
  g_autoptr (GIOStream) stream = g_tls_server_connection_new (G_IO_STREAM (plain), self->certificate, NULL);
  if (stream == NULL)
    return;
  g_tls_connection_set_require_close_notify (G_TLS_CONNECTION (stream), FALSE);
  self->accept (stream, from_loopback, self->user_data);
}

static gboolean
on_incoming (GSocket *listening, GIOCondition condition G_GNUC_UNUSED, gpointer user_data)
{
  MabeiHubListener *self = user_data;
  for (guint i = 0; i < ACCEPTS_A_TURN; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GSocket) socket = g_socket_accept (listening, NULL, &error);
    if (socket != NULL) {
      listener_take (self, socket);
    } else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
      return G_SOURCE_CONTINUE;
    } else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED)) {
      mabei_hub_log ("warning", "accept-failed", "code=%d rest_ms=%u", error->code, REST_MS);
      listener_rest (self);
      return G_SOURCE_REMOVE;
    }
  }
  return G_SOURCE_CONTINUE;
}

static void
listener_watch (MabeiHubListener *self)
{
  self->source = g_socket_create_source (self->socket, G_IO_IN, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_incoming), self, NULL);
  g_source_attach (self->source, g_main_context_get_thread_default ());
}

static gboolean
listener_open (MabeiHubListener *self, GSocketAddress *address, GError **error)
{
  GSocketFamily family = g_socket_address_get_family (address);
  self->socket = g_socket_new (family, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);
  if (self->socket == NULL)
    return FALSE;
  g_socket_set_blocking (self->socket, FALSE);
  g_socket_set_listen_backlog (self->socket, BACKLOG);
  if (!g_socket_bind (self->socket, address, TRUE, error) || !g_socket_listen (self->socket, error))
    return FALSE;
  g_autoptr (GSocketAddress) local = g_socket_get_local_address (self->socket, error);
  if (local == NULL)
    return FALSE;
  GInetSocketAddress *inet = G_INET_SOCKET_ADDRESS (local);
  g_autofree char *host = g_inet_address_to_string (g_inet_socket_address_get_address (inet));
  gboolean is_6 = family == G_SOCKET_FAMILY_IPV6;
  self->url = g_strdup_printf ("%s://%s%s%s:%u/", self->certificate != NULL ? "wss" : "ws", is_6 ? "[" : "", host,
                               is_6 ? "]" : "", g_inet_socket_address_get_port (inet));
  return TRUE;
}

MabeiHubListener *
mabei_hub_listener_new (GSocketAddress *address,
                        GTlsCertificate *certificate,
                        MabeiHubAcceptFunc accept,
                        gpointer user_data,
                        GError **error)
{
  g_autoptr (GError) failure = NULL;
  MabeiHubListener *self = g_new0 (MabeiHubListener, 1);
  self->certificate = certificate != NULL ? g_object_ref (certificate) : NULL;
  self->accept = accept;
  self->user_data = user_data;
  if (!listener_open (self, address, &failure)) {
    g_set_error (error, MABEI_HUB_ERROR, MABEI_HUB_ERROR_FAILED, "cannot listen: %s", failure->message);
    mabei_hub_listener_free (self);
    return NULL;
  }
  listener_watch (self);
  return self;
}

void
mabei_hub_listener_free (MabeiHubListener *self)
{
  if (self == NULL)
    return;
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  g_clear_object (&self->socket);
  g_clear_object (&self->certificate);
  g_free (self->url);
  g_free (self);
}

const char *
mabei_hub_listener_url (MabeiHubListener *self)
{
  return self->url;
}
