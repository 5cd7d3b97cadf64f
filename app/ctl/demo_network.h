/* A small network for the demo, where the right to make namespaces is there (root): one namespace a person and one for
 * the hub, joined by a bridge, so that "the network is cut" is a cable pulled: the link is set down. Everything is
 * removed by _free. One thread, blocking, by ip(8).
 */
#pragma once

#include <glib.h>

typedef struct _MabeiDemoNetwork MabeiDemoNetwork;

/* NULL when this machine does not allow it; that is no error. */
MabeiDemoNetwork *mabei_demo_network_new (guint n_people);
void mabei_demo_network_free (MabeiDemoNetwork *network); /* NULL is accepted */
/* The hub's address in it. */
const char *mabei_demo_network_hub_address (MabeiDemoNetwork *network);
/* Puts "ip netns exec NAME" for person @n (or the hub: n_people) in front of @argv. (transfer full) */
GPtrArray *mabei_demo_network_command (MabeiDemoNetwork *network, guint n, const char *const *argv);
gboolean mabei_demo_network_set_link (MabeiDemoNetwork *network, guint n, gboolean up);
