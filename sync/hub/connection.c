#include "sync/hub/connection.h"

#include <string.h>

#include "core/base/limits.h"
#include "sync/hub/http_request.h"
#include "sync/hub/websocket.h"

#define READ_BYTES 16384u
#define READS_A_TURN 4u /* then the others have their turn */

typedef enum { STATE_REQUEST, STATE_OPEN, STATE_CLOSING, STATE_CLOSED } State;

struct _MabeiHubConnection {
  GIOStream *stream;
  const MabeiHubConnectionListener *listener;
  gpointer user_data;
  State state;
  MabeiHubClosed why;
  GByteArray *head; /* of the request, while it is not whole */
  MabeiWebsocket websocket;
  GByteArray *out; /* or NULL */
  gsize out_at;    /* bytes of it that the kernel took */
  GSource *read_source;
  GSource *write_source;
  GSource *closed_source;
  GSource *pause_source;
};

static void connection_watch (MabeiHubConnection *self);

static void
drop_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static gboolean
on_closed (gpointer user_data)
{
  MabeiHubConnection *self = user_data;
  drop_source (&self->closed_source);
  self->listener->closed (self, self->why, self->user_data);
  return G_SOURCE_REMOVE;
}

/* The end: told from the main loop, so that nobody frees a connection that is still at work further up the stack. */
static void
connection_end (MabeiHubConnection *self, MabeiHubClosed why)
{
  if (self->state == STATE_CLOSED)
    return;
  if (self->state != STATE_CLOSING)
    self->why = why;
  self->state = STATE_CLOSED;
  drop_source (&self->read_source);
  drop_source (&self->write_source);
  drop_source (&self->pause_source);
  g_clear_pointer (&self->out, g_byte_array_unref);
  mabei_websocket_clear (&self->websocket);
  self->closed_source = g_idle_source_new ();
  g_source_set_priority (self->closed_source, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->closed_source, on_closed, self, NULL);
  g_source_attach (self->closed_source, g_main_context_get_thread_default ());
}

/* --- out --- */

static gboolean
on_writable (GObject *stream, gpointer user_data)
{
  MabeiHubConnection *self = user_data;
  g_autoptr (GError) error = NULL;
  gssize n = g_pollable_output_stream_write_nonblocking (
      G_POLLABLE_OUTPUT_STREAM (stream), self->out->data + self->out_at, self->out->len - self->out_at, NULL, &error);

  if (n < 0) {
    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
      return G_SOURCE_CONTINUE;
    connection_end (self, MABEI_HUB_CLOSED_BY_PEER);
    return G_SOURCE_REMOVE;
  }
  self->out_at += (gsize) n;
  if (self->out_at < self->out->len) {
    if (self->out_at > self->out->len / 2) {
      g_byte_array_remove_range (self->out, 0, (guint) self->out_at);
      self->out_at = 0;
    }
    return G_SOURCE_CONTINUE;
  }
  g_clear_pointer (&self->out, g_byte_array_unref);
  self->out_at = 0;
  drop_source (&self->write_source);
  if (self->state == STATE_CLOSING)
    connection_end (self, self->why);
  else if (self->state == STATE_OPEN)
    self->listener->drained (self, self->user_data);
  return G_SOURCE_REMOVE;
}

/* What was appended goes out in the next turn of the loop: many small frames become one write. */
static void
connection_flush (MabeiHubConnection *self)
{
  if (self->write_source != NULL || self->out == NULL)
    return;
  GPollableOutputStream *stream = G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (self->stream));
  self->write_source = g_pollable_output_stream_create_source (stream, NULL);
  g_source_set_callback (self->write_source, G_SOURCE_FUNC (on_writable), self, NULL);
  g_source_attach (self->write_source, g_main_context_get_thread_default ());
}

static GByteArray *
connection_out (MabeiHubConnection *self)
{
  if (self->out == NULL)
    self->out = g_byte_array_new ();
  return self->out;
}

static void
connection_send_raw (MabeiHubConnection *self, GBytes *bytes)
{
  gsize length = 0;
  gconstpointer data = g_bytes_get_data (bytes, &length);
  g_byte_array_append (connection_out (self), data, (guint) length);
  connection_flush (self);
}

void
mabei_hub_connection_send (MabeiHubConnection *self, GBytes *frame)
{
  gsize length = 0;
  gconstpointer data = g_bytes_get_data (frame, &length);

  if (self->state != STATE_OPEN)
    return;
  if (mabei_hub_connection_unsent (self) + length > MABEI_HUB_UNSENT_BYTES) {
    connection_end (self, MABEI_HUB_CLOSED_SLOW);
    return;
  }
  mabei_websocket_write (connection_out (self), MABEI_WEBSOCKET_OPCODE_BINARY, data, length);
  connection_flush (self);
}

gsize
mabei_hub_connection_unsent (MabeiHubConnection *self)
{
  return self->out != NULL ? self->out->len - self->out_at : 0;
}

static void
connection_close (MabeiHubConnection *self, MabeiHubClosed why, guint16 code)
{
  if (self->state == STATE_CLOSING || self->state == STATE_CLOSED)
    return;
  if (self->state == STATE_OPEN) {
    guint8 payload[2] = {(guint8) (code >> 8), (guint8) code};
    mabei_websocket_write (connection_out (self), MABEI_WEBSOCKET_OPCODE_CLOSE, payload, sizeof payload);
  }
  self->state = STATE_CLOSING;
  self->why = why;
  drop_source (&self->read_source);
  drop_source (&self->pause_source);
  if (self->out == NULL)
    connection_end (self, why);
  else
    connection_flush (self);
}

void
mabei_hub_connection_close (MabeiHubConnection *self)
{
  connection_close (self, MABEI_HUB_CLOSED_BY_US, 1000);
}

/* --- in --- */

static void
connection_answer (MabeiHubConnection *self, GBytes *answer, MabeiHubClosed why)
{
  connection_send_raw (self, answer);
  connection_close (self, why, 0);
}

static void
connection_read_request (MabeiHubConnection *self, const guint8 **data, gsize *length)
{
  MabeiHubRequest request;
  gsize take = MIN (*length, MABEI_HUB_REQUEST_BYTES - self->head->len);

  gsize before = self->head->len;
  g_byte_array_append (self->head, *data, (guint) take);
  gsize head = mabei_hub_request_length (self->head->data, self->head->len);
  guint status = head > 0 ? mabei_hub_request_parse (self->head->data, head, &request)
                 : self->head->len == MABEI_HUB_REQUEST_BYTES ? 431
                                                              : 0;
  if (status != 0) {
    g_autoptr (GBytes) answer = mabei_hub_request_answer (status, "text/plain", "");
    connection_answer (self, answer, MABEI_HUB_CLOSED_FAULT);
    return;
  }
  *data += take;
  *length -= take;
  if (head == 0)
    return;
  /* Bytes behind the head belong to the WebSocket. */
  *data -= before + take - head;
  *length += before + take - head;
  g_clear_pointer (&self->head, g_byte_array_unref);
  if (request.upgrade && strcmp (request.path, MABEI_HUB_PATH) == 0) {
    g_autoptr (GBytes) answer = mabei_hub_request_accept (&request);
    connection_send_raw (self, answer);
    self->state = STATE_OPEN;
    self->listener->opened (self, self->user_data);
  } else {
    g_autoptr (GBytes) answer = self->listener->request (self, request.path, self->user_data);
    connection_answer (self, answer, MABEI_HUB_CLOSED_BY_US);
  }
}

static void
connection_read_websocket (MabeiHubConnection *self, const guint8 **data, gsize *length)
{
  switch (mabei_websocket_read (&self->websocket, data, length)) {
  case MABEI_WEBSOCKET_MESSAGE: {
    g_autoptr (GBytes) frame = mabei_websocket_take (&self->websocket);
    self->listener->frame (self, frame, self->user_data);
    break;
  }
  case MABEI_WEBSOCKET_PING:
    if (mabei_hub_connection_unsent (self) < MABEI_HUB_UNSENT_BYTES) {
      mabei_websocket_write (connection_out (self), MABEI_WEBSOCKET_OPCODE_PONG, self->websocket.control,
                             self->websocket.control_length);
      connection_flush (self);
    } else {
      connection_end (self, MABEI_HUB_CLOSED_SLOW);
    }
    break;
  case MABEI_WEBSOCKET_CLOSE:
    connection_close (self, MABEI_HUB_CLOSED_BY_PEER, 1000);
    break;
  case MABEI_WEBSOCKET_FAULT:
    connection_close (self, MABEI_HUB_CLOSED_FAULT, self->websocket.fault);
    break;
  case MABEI_WEBSOCKET_PONG:
  case MABEI_WEBSOCKET_MORE:
    break;
  }
}

static gboolean
on_readable (GObject *stream, gpointer user_data)
{
  MabeiHubConnection *self = user_data;
  guint8 buffer[READ_BYTES];

  for (guint turn = 0; turn < READS_A_TURN; turn++) {
    g_autoptr (GError) error = NULL;
    gssize n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (stream), buffer, sizeof buffer, NULL,
                                                         &error);
    if (n < 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
      return G_SOURCE_CONTINUE;
    if (n <= 0) {
      connection_end (self, MABEI_HUB_CLOSED_BY_PEER);
      return G_SOURCE_REMOVE;
    }
    const guint8 *data = buffer;
    gsize length = (gsize) n;
    while (length > 0 && (self->state == STATE_REQUEST || self->state == STATE_OPEN)) {
      if (self->state == STATE_REQUEST)
        connection_read_request (self, &data, &length);
      else
        connection_read_websocket (self, &data, &length);
    }
    if (self->read_source == NULL) /* closed, or paused */
      return G_SOURCE_REMOVE;
  }
  return G_SOURCE_CONTINUE;
}

static void
connection_watch (MabeiHubConnection *self)
{
  GPollableInputStream *stream = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (self->stream));
  self->read_source = g_pollable_input_stream_create_source (stream, NULL);
  g_source_set_callback (self->read_source, G_SOURCE_FUNC (on_readable), self, NULL);
  g_source_attach (self->read_source, g_main_context_get_thread_default ());
}

static gboolean
on_pause_over (gpointer user_data)
{
  MabeiHubConnection *self = user_data;
  drop_source (&self->pause_source);
  connection_watch (self);
  return G_SOURCE_REMOVE;
}

void
mabei_hub_connection_pause (MabeiHubConnection *self, guint ms)
{
  if (self->state != STATE_OPEN || self->pause_source != NULL || ms == 0)
    return;
  drop_source (&self->read_source);
  self->pause_source = g_timeout_source_new (ms);
  g_source_set_callback (self->pause_source, on_pause_over, self, NULL);
  g_source_attach (self->pause_source, g_main_context_get_thread_default ());
}

gboolean
mabei_hub_connection_is_open (MabeiHubConnection *self)
{
  return self->state == STATE_OPEN;
}

MabeiHubConnection *
mabei_hub_connection_new (GIOStream *stream, const MabeiHubConnectionListener *listener, gpointer user_data)
{
  MabeiHubConnection *self = g_new0 (MabeiHubConnection, 1);
  self->stream = g_object_ref (stream);
  self->listener = listener;
  self->user_data = user_data;
  self->head = g_byte_array_new ();
  mabei_websocket_init (&self->websocket, MABEI_LIMIT_FRAME_BYTES);
  connection_watch (self);
  return self;
}

/* Closing a TLS connection sends a goodbye and may wait for it: the socket is closed underneath first. */
static void
stream_drop (GIOStream *stream)
{
  if (G_IS_TLS_CONNECTION (stream)) {
    g_autoptr (GIOStream) base = NULL;
    g_object_get (stream, "base-io-stream", &base, NULL);
    if (G_IS_SOCKET_CONNECTION (base))
      g_socket_close (g_socket_connection_get_socket (G_SOCKET_CONNECTION (base)), NULL);
  }
  g_object_unref (stream);
}

void
mabei_hub_connection_free (MabeiHubConnection *self)
{
  if (self == NULL)
    return;
  drop_source (&self->read_source);
  drop_source (&self->write_source);
  drop_source (&self->pause_source);
  drop_source (&self->closed_source);
  g_clear_pointer (&self->out, g_byte_array_unref);
  g_clear_pointer (&self->head, g_byte_array_unref);
  mabei_websocket_clear (&self->websocket);
  stream_drop (self->stream);
  g_free (self);
}
