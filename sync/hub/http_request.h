/* The head of one HTTP/1.1 request (RFC 9112), as far as a hub needs it: GET of a path, perhaps an upgrade to a
 * WebSocket (RFC 6455 section 4.2). Strict: CRLF line ends, printable ASCII, no folding, no body, no repeated header
 * that matters. Pure; bounded by MABEI_HUB_REQUEST_BYTES; hostile bytes give a status, nothing else.
 */
#pragma once

#include <glib.h>

#define MABEI_HUB_REQUEST_BYTES 8192u /* head with its empty line */
#define MABEI_HUB_PATH_BYTES 256u

typedef struct {
  char path[MABEI_HUB_PATH_BYTES]; /* with the leading slash, no query */
  gboolean upgrade;                /* asks properly for a WebSocket of version 13 */
  char websocket_key[25];          /* base64 of 16 bytes */
} MabeiHubRequest;

/* Length of the head that @data begins with, its empty line included; 0 while it is not whole. */
gsize mabei_hub_request_length (const guint8 *data, gsize length);

/* @length: that of the whole head. 0 when @request was filled, else the HTTP status to answer with (400, 405, 414, 426,
 * 505). */
guint mabei_hub_request_parse (const guint8 *data, gsize length, MabeiHubRequest *request);

/* The whole answer with its head; every answer but 101 closes the connection. (transfer full) */
GBytes *mabei_hub_request_answer (guint status, const char *content_type, const char *body);
/* 101, RFC 6455 section 4.2.2; no extension, so never compressed. (transfer full) */
GBytes *mabei_hub_request_accept (const MabeiHubRequest *request);
