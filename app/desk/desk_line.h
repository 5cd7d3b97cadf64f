/* The desk's line to its hub: one hub client, presence, and live messages. Remembers the hub (address and pinned key)
 * in the replica. Presence goes to every space that this device reads (and only there), with the heads that it has, so
 * that others can say "everyone has it".
 */
#pragma once

#include "app/desk/desk.h"

MabeiDeskLine *mabei_desk_line_new (MabeiDesk *desk);
void mabei_desk_line_free (MabeiDeskLine *line);

/* Remembers and connects. @key: 32 bytes, or NULL to take the one that the hub shows first. USED when another hub is
 * remembered. */
gboolean mabei_desk_line_set_hub (MabeiDeskLine *line, const char *url, const guint8 *key, GError **error);
/* (transfer none), or NULL while no hub is known; @key as known. */
const char *mabei_desk_line_hub (MabeiDeskLine *line, const guint8 **key);
/* Connects when a hub is known. */
void mabei_desk_line_connect (MabeiDeskLine *line);

/* Holds until it is set back, also across restarts. */
void mabei_desk_line_set_offline (MabeiDeskLine *line, gboolean offline);
gboolean mabei_desk_line_is_offline (MabeiDeskLine *line);
gboolean mabei_desk_line_is_ready (MabeiDeskLine *line);
void mabei_desk_line_counts (MabeiDeskLine *line, guint64 *bytes_in, guint64 *bytes_out);
/* Something was written: send it. */
void mabei_desk_line_wake (MabeiDeskLine *line);

/* Rendezvous mailboxes: see hub_client.h. */
void mabei_desk_line_watch (MabeiDeskLine *line, MabeiSecret *secret, gboolean create);
void mabei_desk_line_unwatch (MabeiDeskLine *line, MabeiSecret *secret);
void mabei_desk_line_post (MabeiDeskLine *line, MabeiSecret *secret, GBytes *data);

/* To one device of a member of @c, by the joint space. FALSE when there is no line now. */
gboolean mabei_desk_line_send_call (
    MabeiDeskLine *line, MabeiCase *c, const MabeiShortId *device, gconstpointer data, gsize length);
/* Presence heard in the last 25 s. */
gboolean mabei_desk_line_is_present (MabeiDeskLine *line, const MabeiShortId *device);

/* Calls @done once: TRUE when everything is exchanged with the hub, FALSE after @timeout_ms. */
void mabei_desk_line_when_idle (MabeiDeskLine *line,
                                guint timeout_ms,
                                void (*done) (gboolean idle, gpointer user_data),
                                gpointer user_data);
