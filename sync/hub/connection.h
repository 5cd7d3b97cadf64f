/* One connection of a client: an HTTP request, then (path MABEI_HUB_PATH) a WebSocket. Knows only bytes: what comes is
 * told as whole frames, what goes is a frame to send; nothing here knows what a frame says. Bounded: a request of
 * MABEI_HUB_REQUEST_BYTES, one message of MABEI_LIMIT_FRAME_BYTES, MABEI_HUB_UNSENT_BYTES not yet taken by the kernel
 * (more closes the connection: whoever sends bulk asks mabei_hub_connection_unsent first). Runs in the main context of
 * its creation. Listener calls never nest inside mabei_hub_connection_send or _close; "closed" is the last one, and the
 * place to free.
 */
#pragma once

#include <gio/gio.h>

#define MABEI_HUB_PATH "/v1"
#define MABEI_HUB_UNSENT_BYTES (1024u * 1024u)

typedef struct _MabeiHubConnection MabeiHubConnection;

typedef enum {
  MABEI_HUB_CLOSED_BY_PEER,
  MABEI_HUB_CLOSED_BY_US,
  MABEI_HUB_CLOSED_FAULT, /* it broke HTTP or WebSocket */
  MABEI_HUB_CLOSED_SLOW,  /* it does not read */
} MabeiHubClosed;

typedef struct {
  /* GET of any other path: the whole answer. (transfer full) */
  GBytes *(*request) (MabeiHubConnection *connection, const char *path, gpointer user_data);
  void (*opened) (MabeiHubConnection *connection, gpointer user_data); /* the WebSocket stands */
  void (*frame) (MabeiHubConnection *connection, GBytes *frame, gpointer user_data);
  void (*drained) (MabeiHubConnection *connection, gpointer user_data); /* nothing is unsent any more */
  void (*closed) (MabeiHubConnection *connection, MabeiHubClosed why, gpointer user_data);
} MabeiHubConnectionListener;

/* @stream: pollable both ways; taken over. @listener must outlive the connection. */
MabeiHubConnection *
mabei_hub_connection_new (GIOStream *stream, const MabeiHubConnectionListener *listener, gpointer user_data);
void mabei_hub_connection_free (MabeiHubConnection *connection); /* abruptly, without "closed" */

void mabei_hub_connection_send (MabeiHubConnection *connection, GBytes *frame);
gsize mabei_hub_connection_unsent (MabeiHubConnection *connection);
/* Sends what there is, says goodbye, closes. Safe inside any listener call; nothing more is read. */
void mabei_hub_connection_close (MabeiHubConnection *connection);
/* Reads nothing for @ms: the client feels it as a full line. */
void mabei_hub_connection_pause (MabeiHubConnection *connection, guint ms);
gboolean mabei_hub_connection_is_open (MabeiHubConnection *connection); /* a WebSocket, not closing */
