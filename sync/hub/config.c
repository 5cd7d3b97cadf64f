#include "sync/hub/config.h"

#include <string.h>

static GSocketAddress *
address_read (const char *text, GError **error)
{
  g_autofree char *host = NULL;
  g_autoptr (GInetAddress) address = NULL;
  guint64 port = 0;
  const char *colon = text != NULL ? strrchr (text, ':') : NULL;

  if (colon != NULL && g_ascii_string_to_unsigned (colon + 1, 10, 0, 65535, &port, NULL)) {
    host = g_strndup (text, (gsize) (colon - text));
    gsize length = strlen (host);
    gboolean bracketed = length > 2 && host[0] == '[' && host[length - 1] == ']';
    if (bracketed) {
      host[length - 1] = '\0';
      address = g_inet_address_new_from_string (host + 1);
    } else if (strcmp (host, "localhost") == 0) {
      address = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
    } else {
      address = g_inet_address_new_from_string (host);
    }
    if (address != NULL && bracketed != (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6))
      g_clear_object (&address);
  }
  if (address == NULL) {
    g_set_error_literal (error, MABEI_HUB_ERROR, MABEI_HUB_ERROR_CONFIG,
                         "the address to listen on must be IP:PORT, [IPV6]:PORT or localhost:PORT");
    return NULL;
  }
  return g_inet_socket_address_new (address, (guint16) port);
}

static gboolean
address_is_loopback (GSocketAddress *address)
{
  return g_inet_address_get_is_loopback (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));
}

static gboolean
certificate_read (const MabeiHubConfig *config, GTlsCertificate **certificate, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (config->tls_cert == NULL && config->tls_key == NULL)
    return TRUE;
  if (config->tls_cert == NULL || config->tls_key == NULL) {
    g_set_error_literal (error, MABEI_HUB_ERROR, MABEI_HUB_ERROR_CONFIG, "TLS needs both a certificate and its key");
    return FALSE;
  }
  if (!g_tls_backend_supports_tls (g_tls_backend_get_default ())) {
    g_set_error_literal (error, MABEI_HUB_ERROR, MABEI_HUB_ERROR_CONFIG, "no TLS here: glib-networking is missing");
    return FALSE;
  }
  *certificate = g_tls_certificate_new_from_files (config->tls_cert, config->tls_key, &failure);
  if (*certificate == NULL) {
    g_set_error (error, MABEI_HUB_ERROR, MABEI_HUB_ERROR_CONFIG, "the TLS certificate or key cannot be used: %s",
                 failure->message);
    return FALSE;
  }
  return TRUE;
}

static void
fill (MabeiHubConfig *limits)
{
#define FILL(field, value) limits->field = limits->field != 0 ? limits->field : (value)
  FILL (max_connections, MABEI_HUB_DEFAULT_CONNECTIONS);
  FILL (max_device_connections, MABEI_HUB_DEFAULT_DEVICE_CONNECTIONS);
  FILL (max_mailbox_bytes, MABEI_HUB_DEFAULT_MAILBOX_BYTES);
  FILL (max_mailboxes, MABEI_HUB_DEFAULT_MAILBOXES);
  FILL (max_device_mailboxes, MABEI_HUB_DEFAULT_DEVICE_MAILBOXES);
  FILL (handshake_ms, MABEI_HUB_DEFAULT_HANDSHAKE_MS);
  FILL (silence_ms, MABEI_HUB_DEFAULT_SILENCE_MS);
#undef FILL
}

gboolean
mabei_hub_settings_read (const MabeiHubConfig *config, MabeiHubSettings *settings, GError **error)
{
  g_autoptr (GSocketAddress) address = address_read (config->listen, error);
  g_autoptr (GTlsCertificate) certificate = NULL;

  if (address == NULL || !certificate_read (config, &certificate, error))
    return FALSE;
  if (certificate == NULL && !address_is_loopback (address)) {
    g_set_error_literal (error, MABEI_HUB_ERROR, MABEI_HUB_ERROR_CONFIG,
                         "any address but loopback needs TLS: give a certificate and its key");
    return FALSE;
  }
  if (config->store == NULL || *config->store == '\0') {
    g_set_error_literal (error, MABEI_HUB_ERROR, MABEI_HUB_ERROR_CONFIG, "a hub needs a file for its store");
    return FALSE;
  }
  settings->address = g_steal_pointer (&address);
  settings->certificate = g_steal_pointer (&certificate);
  settings->limits = *config;
  fill (&settings->limits);
  return TRUE;
}

void
mabei_hub_settings_clear (MabeiHubSettings *settings)
{
  g_clear_object (&settings->address);
  g_clear_object (&settings->certificate);
}
