/* A line to a hub that can be slow: takes connections on a loopback port and passes bytes on, towards the hub at so
 * many bytes a second. @swallow: it takes all it is given at once (a proxy); else only what it passes on (a slow
 * cable).
 */
#pragma once

#include <gio/gio.h>

typedef struct _Relay Relay;

Relay *relay_new (guint16 hub_port, guint bytes_a_second, gboolean swallow);
void relay_free (Relay *relay);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Relay, relay_free)
char *relay_url (Relay *relay); /* (transfer full) */
