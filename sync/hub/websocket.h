/* The WebSocket framing of a server (RFC 6455 section 5): takes bytes as they come, gives whole binary messages and
 * control frames, and writes headers. Pure: no socket, no clock. A message longer than its limit, an unmasked frame, a
 * text message, a reserved bit (so: any compression) is a fault; after a fault nothing more is read. Memory: one
 * message.
 */
#pragma once

#include <glib.h>

typedef enum {
  MABEI_WEBSOCKET_MORE, /* everything was taken, nothing is whole yet */
  MABEI_WEBSOCKET_MESSAGE,
  MABEI_WEBSOCKET_PING,
  MABEI_WEBSOCKET_PONG,
  MABEI_WEBSOCKET_CLOSE,
  MABEI_WEBSOCKET_FAULT,
} MabeiWebsocketEvent;

typedef enum {
  MABEI_WEBSOCKET_OPCODE_BINARY = 2,
  MABEI_WEBSOCKET_OPCODE_CLOSE = 8,
  MABEI_WEBSOCKET_OPCODE_PING = 9,
  MABEI_WEBSOCKET_OPCODE_PONG = 10,
} MabeiWebsocketOpcode;

typedef struct {
  gsize limit;           /* of a message */
  GByteArray *message;   /* what there is of it, or NULL */
  gboolean in_message;   /* a fragment came, the final one did not */
  guint8 header[14];     /* of the frame under way */
  guint header_length;   /* bytes of it that are here */
  gboolean header_whole; /* then: */
  guint8 opcode;
  gboolean final;
  guint64 left; /* payload still to come */
  guint8 mask[4];
  guint mask_at;
  guint8 control[125]; /* payload of a control frame */
  guint control_length;
  guint16 fault; /* close code (RFC 6455 section 7.4.1) */
} MabeiWebsocket;

void mabei_websocket_init (MabeiWebsocket *self, gsize limit);
void mabei_websocket_clear (MabeiWebsocket *self);

/* Reads on from *@data, moves both on behind what it took, and stops behind the first thing that is whole. */
MabeiWebsocketEvent mabei_websocket_read (MabeiWebsocket *self, const guint8 **data, gsize *length);
/* After MABEI_WEBSOCKET_MESSAGE. (transfer full) */
GBytes *mabei_websocket_take (MabeiWebsocket *self);

/* Appends one whole unmasked frame. */
void mabei_websocket_write (GByteArray *out, MabeiWebsocketOpcode opcode, gconstpointer data, gsize length);
