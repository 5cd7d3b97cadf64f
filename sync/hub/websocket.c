#include "sync/hub/websocket.h"

#include <string.h>

#define OPCODE_CONTINUATION 0
#define CLOSE_PROTOCOL 1002
#define CLOSE_UNSUPPORTED 1003
#define CLOSE_TOO_LARGE 1009

void
mabei_websocket_init (MabeiWebsocket *self, gsize limit)
{
  memset (self, 0, sizeof *self);
  self->limit = limit;
}

void
mabei_websocket_clear (MabeiWebsocket *self)
{
  g_clear_pointer (&self->message, g_byte_array_unref);
}

static MabeiWebsocketEvent
fault (MabeiWebsocket *self, guint16 code)
{
  self->fault = code;
  g_clear_pointer (&self->message, g_byte_array_unref);
  return MABEI_WEBSOCKET_FAULT;
}

/* How many bytes the header has, as far as its first two bytes tell. */
static guint
header_bytes (const MabeiWebsocket *self)
{
  if (self->header_length < 2)
    return 2;
  guint length = self->header[1] & 0x7f;
  return 2 + (length == 126 ? 2 : length == 127 ? 8 : 0) + ((self->header[1] & 0x80) != 0 ? 4 : 0);
}

static guint64
payload_bytes (const MabeiWebsocket *self)
{
  guint length = self->header[1] & 0x7f;
  guint64 value = 0;
  if (length < 126)
    return length;
  for (guint i = 0; i < (length == 126 ? 2u : 8u); i++)
    value = value << 8 | self->header[2 + i];
  return value;
}

/* 0, or the close code. */
static guint16
header_check (MabeiWebsocket *self, guint64 length)
{
  gboolean is_control = (self->opcode & 8) != 0;
  guint code = self->header[1] & 0x7f;

  if ((self->header[0] & 0x70) != 0 || (self->header[1] & 0x80) == 0)
    return CLOSE_PROTOCOL;
  if ((code == 126 && length < 126) || (code == 127 && (length < 65536 || length > (guint64) G_MAXINT64)))
    return CLOSE_PROTOCOL;
  if (is_control) {
    if (!self->final || length > sizeof self->control || self->opcode > MABEI_WEBSOCKET_OPCODE_PONG)
      return CLOSE_PROTOCOL;
    return 0;
  }
  if (self->opcode == 1)
    return CLOSE_UNSUPPORTED;
  if (self->opcode > MABEI_WEBSOCKET_OPCODE_BINARY || (self->opcode == OPCODE_CONTINUATION) != self->in_message)
    return CLOSE_PROTOCOL;
  gsize present = self->message != NULL ? self->message->len : 0;
  return length > self->limit - present ? CLOSE_TOO_LARGE : 0;
}

/* TRUE when the header is whole and good; else more is needed, or self->fault is set. */
static gboolean
header_read (MabeiWebsocket *self, const guint8 **data, gsize *length)
{
  while (self->header_length < header_bytes (self)) {
    if (*length == 0)
      return FALSE;
    self->header[self->header_length++] = *(*data)++;
    (*length)--;
  }
  guint64 payload = payload_bytes (self);
  self->opcode = self->header[0] & 0x0f;
  self->final = (self->header[0] & 0x80) != 0;
  self->fault = header_check (self, payload);
  if (self->fault != 0)
    return FALSE;
  memcpy (self->mask, self->header + self->header_length - 4, 4);
  self->mask_at = 0;
  self->left = payload;
  self->control_length = 0;
  self->header_whole = TRUE;
  if (self->opcode <= MABEI_WEBSOCKET_OPCODE_BINARY) {
    self->in_message = TRUE;
    if (self->message == NULL)
      self->message = g_byte_array_new ();
  }
  return TRUE;
}

static void
payload_read (MabeiWebsocket *self, const guint8 **data, gsize *length)
{
  gsize take = (gsize) MIN (self->left, (guint64) *length);
  guint8 *to = self->control + self->control_length;

  if (take == 0)
    return;
  if ((self->opcode & 8) == 0) {
    guint at = self->message->len;
    g_byte_array_set_size (self->message, at + (guint) take);
    to = self->message->data + at;
  } else {
    self->control_length += (guint) take;
  }
  for (gsize i = 0; i < take; i++)
    to[i] = (*data)[i] ^ self->mask[self->mask_at++ & 3];
  *data += take;
  *length -= take;
  self->left -= take;
}

MabeiWebsocketEvent
mabei_websocket_read (MabeiWebsocket *self, const guint8 **data, gsize *length)
{
  if (self->fault != 0)
    return MABEI_WEBSOCKET_FAULT;
  for (;;) {
    if (!self->header_whole && !header_read (self, data, length))
      return self->fault != 0 ? fault (self, self->fault) : MABEI_WEBSOCKET_MORE;
    payload_read (self, data, length);
    if (self->left > 0)
      return MABEI_WEBSOCKET_MORE;
    self->header_whole = FALSE;
    self->header_length = 0;
    switch (self->opcode) {
    case MABEI_WEBSOCKET_OPCODE_CLOSE:
      return MABEI_WEBSOCKET_CLOSE;
    case MABEI_WEBSOCKET_OPCODE_PING:
      return MABEI_WEBSOCKET_PING;
    case MABEI_WEBSOCKET_OPCODE_PONG:
      return MABEI_WEBSOCKET_PONG;
    default:
      if (self->final) {
        self->in_message = FALSE;
        return MABEI_WEBSOCKET_MESSAGE;
      }
    }
  }
}

GBytes *
mabei_websocket_take (MabeiWebsocket *self)
{
  if (self->message == NULL)
    return g_bytes_new (NULL, 0);
  return g_byte_array_free_to_bytes (g_steal_pointer (&self->message));
}

void
mabei_websocket_write (GByteArray *out, MabeiWebsocketOpcode opcode, gconstpointer data, gsize length)
{
  guint8 header[10] = {(guint8) (0x80 | opcode)};
  guint n = 2;

  if (length < 126) {
    header[1] = (guint8) length;
  } else {
    guint digits = length <= 0xffff ? 2 : 8;
    header[1] = digits == 2 ? 126 : 127;
    for (guint i = 0; i < digits; i++)
      header[2 + i] = (guint8) ((guint64) length >> (8 * (digits - 1 - i)));
    n += digits;
  }
  g_byte_array_append (out, header, n);
  if (length > 0)
    g_byte_array_append (out, data, (guint) length);
}
