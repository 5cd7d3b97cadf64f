/* Takes TCP connections, through TLS when there is a certificate, and hands over streams that are ready to read.
 * Bounded: a few connections a turn of the loop; when the process has no more file descriptors it rests for a second
 * instead of spinning. Runs in the main context of its creation.
 */
#pragma once

#include <gio/gio.h>

typedef struct _MabeiHubListener MabeiHubListener;

/* @from_loopback: the client is on this machine (or a proxy is). */
typedef void (*MabeiHubAcceptFunc) (GIOStream *stream, gboolean from_loopback, gpointer user_data);

MabeiHubListener *mabei_hub_listener_new (GSocketAddress *address,
                                          GTlsCertificate *certificate,
                                          MabeiHubAcceptFunc accept,
                                          gpointer user_data,
                                          GError **error);
void mabei_hub_listener_free (MabeiHubListener *listener);
/* "ws://127.0.0.1:PORT/", or "wss://". */
const char *mabei_hub_listener_url (MabeiHubListener *listener);
