/* Clients that do not read what they asked for. Raw sockets: a library would read on in the background. */
#include <gio/gio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "sync/hub/connection.h"
#include "tests/unit/sync/hub/fixture.h"

enum { RECORDS = 400 }; /* of 65,576 bytes: 26 MB */
enum { MESSAGES = 20 }; /* of 30,000 bytes */

typedef struct {
  GSocket *socket;
  GByteArray *in;
} Raw;

static void
raw_send (Raw *self, gconstpointer data, gsize length)
{
  gsize at = 0;
  gint64 deadline_us = g_get_monotonic_time () + FIXTURE_PATIENCE_S * G_USEC_PER_SEC;
  while (at < length) {
    gssize n = g_socket_send (self->socket, (const char *) data + at, length - at, NULL, NULL);
    at += n > 0 ? (gsize) n : 0;
    g_main_context_iteration (NULL, FALSE);
    g_assert_cmpint (g_get_monotonic_time (), <, deadline_us);
  }
}

/* Masked with zeros: allowed, and the payload stays as it is. */
static void
raw_send_frame (Raw *self, const MabeiFrame *frame)
{
  g_autoptr (GBytes) bytes = mabei_frame_encode (frame);
  gsize length = g_bytes_get_size (bytes);
  guint8 header[8] = {0x82, length < 126 ? (guint8) (0x80 | length) : 0xfe, (guint8) (length >> 8), (guint8) length};
  raw_send (self, header, 2);
  if (length >= 126)
    raw_send (self, header + 2, 2);
  raw_send (self, header + 4, 4);
  raw_send (self, g_bytes_get_data (bytes, NULL), length);
}

static void
raw_fill (Raw *self, gsize length)
{
  gint64 deadline_us = g_get_monotonic_time () + FIXTURE_PATIENCE_S * G_USEC_PER_SEC;
  while (self->in->len < length) {
    guint8 buffer[512];
    gssize n =
        g_socket_receive (self->socket, (char *) buffer, MIN (sizeof buffer, length - self->in->len), NULL, NULL);
    if (n > 0)
      g_byte_array_append (self->in, buffer, (guint) n);
    g_main_context_iteration (NULL, FALSE);
    g_assert_cmpint (g_get_monotonic_time (), <, deadline_us);
  }
}

static MabeiFrame *
raw_next (Raw *self)
{
  g_byte_array_set_size (self->in, 0);
  raw_fill (self, 2);
  gsize length = self->in->data[1];
  g_assert_cmpuint (length, <, 126);
  raw_fill (self, 2 + length);
  g_autoptr (GBytes) bytes = g_bytes_new (self->in->data + 2, length);
  MabeiFrame *frame = mabei_frame_decode (bytes, NULL);
  g_assert_nonnull (frame);
  return frame;
}

static void
raw_connect (Raw *self, Fixture *hub)
{
  static const char request[] = "GET /v1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new_from_string ("127.0.0.1", fixture_port (hub));
  g_autoptr (MabeiDeviceKey) device = mabei_device_key_new ();
  MabeiFrame hello = {.type = MABEI_FRAME_HELLO, .version = MABEI_PROTOCOL_VERSION};
  MabeiFrame auth = {.type = MABEI_FRAME_AUTH};

  self->in = g_byte_array_new ();
  self->socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_assert_true (g_socket_connect (self->socket, address, NULL, NULL));
  g_socket_set_blocking (self->socket, FALSE);
  g_socket_set_option (self->socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  raw_send (self, request, strlen (request));
  do {
    raw_fill (self, self->in->len + 1);
  } while (self->in->len < 4 || memcmp (self->in->data + self->in->len - 4, "\r\n\r\n", 4) != 0);
  g_autoptr (MabeiFrame) hubs = raw_next (self);
  raw_send_frame (self, &hello);
  mabei_proof_sign_auth (&auth, device, hubs->salt, hubs->key, 1);
  raw_send_frame (self, &auth);
  g_autoptr (MabeiFrame) ready = raw_next (self);
  g_assert_cmpint (ready->type, ==, MABEI_FRAME_READY);
  memcpy (self->in->data, hubs->salt, 32); /* for raw_open */
}

static void
raw_open (Raw *self, MabeiMailboxKeys *keys)
{
  MabeiFrame open = {.type = MABEI_FRAME_OPEN, .tag = 1};
  mabei_proof_sign_open (&open, keys, self->in->data);
  raw_send_frame (self, &open);
}

/* Says that it has what is still under way: the hub sends on until its own buffer stops it. */
static void
raw_acknowledge_unread (Raw *self, Fixture *hub)
{
  guint64 told = 0;
  guint64 sent = 0;
  do {
    told = sent;
    fixture_wait_ms (50);
    sent = fixture_metric (hub, "records_sent_total");
    for (guint64 tag = told + 1; tag <= sent; tag++) {
      MabeiFrame ack = {.type = MABEI_FRAME_ACK, .tag = tag};
      raw_send_frame (self, &ack);
    }
  } while (sent > told);
  g_assert_cmpuint (sent, >, 16); /* more than honest credit */
  g_assert_cmpuint (sent, <, RECORDS);
}

static void
raw_close (Raw *self)
{
  g_clear_object (&self->socket);
  g_clear_pointer (&self->in, g_byte_array_unref);
}

static Client *
author_of (Fixture *hub, MabeiMailboxKeys *keys)
{
  g_autoptr (MabeiDeviceKey) device = mabei_device_key_new ();
  Client *author = client_ready (mabei_hub_url (hub->hub), device, NULL);
  client_create (author, 0, keys);
  client_expect_ack (author, 0, 0);
  for (guint i = 1; i <= RECORDS; i++) {
    g_autoptr (GBytes) envelope = envelope_make (60000, i);
    client_record (author, i, keys, envelope);
    client_expect_ack (author, i, i);
  }
  return author;
}

/* Acknowledges what it never read, to be sent all: nothing piles up, because the hub looks at its own buffer too. */
static void
test_liar (void)
{
  g_autoptr (Fixture) hub = fixture_new ();
  g_autoptr (MabeiMailboxKeys) keys = mailbox_make (1);
  Raw liar = {0};
  fixture_start (hub);
  g_autoptr (Client) author = author_of (hub, keys);

  raw_connect (&liar, hub);
  raw_open (&liar, keys);
  raw_acknowledge_unread (&liar, hub);
  /* The kernel's buffers took some megabytes; the rest is still in the store. */
  client_expect_nothing (author);
  raw_close (&liar);
}

/* Live messages to a reader whose line is full are dropped; the others get theirs. */
static void
test_live_past_a_slow_reader (void)
{
  g_autoptr (Fixture) hub = fixture_new ();
  g_autoptr (MabeiMailboxKeys) keys = mailbox_make (1);
  g_autoptr (MabeiMailboxKeys) meeting = mailbox_make (2);
  g_autoptr (MabeiDeviceKey) device = mabei_device_key_new ();
  Raw slow = {0};
  fixture_start (hub);
  g_autoptr (Client) author = author_of (hub, keys);
  g_autoptr (Client) other = client_ready (mabei_hub_url (hub->hub), device, NULL);
  client_create (author, 1, meeting);
  client_expect_ack (author, 1, 0);
  client_open (other, 1, meeting, 0);
  mabei_frame_free (client_expect (other, MABEI_FRAME_DONE));

  raw_connect (&slow, hub);
  guint8 salt[32];
  memcpy (salt, slow.in->data, 32);
  raw_open (&slow, meeting);
  g_byte_array_set_size (slow.in, 0);
  g_byte_array_append (slow.in, salt, 32);
  raw_open (&slow, keys);
  raw_acknowledge_unread (&slow, hub);
  g_autofree char *large = g_strnfill (30000, 's');
  for (guint i = 0; i < MESSAGES; i++)
    client_live (author, meeting, large);
  for (guint i = 0; i < MESSAGES; i++)
    mabei_frame_free (client_expect (other, MABEI_FRAME_LIVE));
  /* At most 128 KiB of them waited for the slow one. */
  guint64 dropped = fixture_metric (hub, "live_dropped_total");
  g_assert_cmpuint (dropped, >=, MESSAGES - 6);
  g_assert_cmpuint (fixture_metric (hub, "live_forwarded_total"), ==, 2 * MESSAGES - dropped);
  raw_close (&slow);
}

/* Sends PINGs and reads no PONG: at 1 MiB the hub lets go, and lives. */
static void
test_answers_that_nobody_reads (void)
{
  g_autoptr (Fixture) hub = fixture_new ();
  MabeiFrame ping = {.type = MABEI_FRAME_PING, .number = G_MAXUINT64};
  Raw rude = {0};
  fixture_start (hub);
  raw_connect (&rude, hub);
  /* A WebSocket ping of 125 bytes is answered with as much, and is no frame to be charged for. */
  guint8 raw_ping[131] = {0x89, 0x80 | 125};
  g_autoptr (GByteArray) many = g_byte_array_new ();
  for (guint i = 0; i < 500; i++)
    g_byte_array_append (many, raw_ping, sizeof raw_ping);
  gint64 deadline_us = g_get_monotonic_time () + FIXTURE_PATIENCE_S * G_USEC_PER_SEC;
  gboolean cut = FALSE;
  gsize sent = 0;
  while (!cut) {
    g_autoptr (GError) error = NULL;
    gsize at = sent % many->len;
    gssize n = g_socket_send (rude.socket, (const char *) many->data + at, many->len - at, NULL, &error);
    sent += n > 0 ? (gsize) n : 0;
    cut = n < 0 && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
    g_main_context_iteration (NULL, FALSE);
    g_assert_cmpint (g_get_monotonic_time (), <, deadline_us);
  }
  raw_close (&rude);
  g_autoptr (MabeiDeviceKey) device = mabei_device_key_new ();
  g_autoptr (Client) client = client_ready (mabei_hub_url (hub->hub), device, NULL);
  client_send (client, &ping);
  mabei_frame_free (client_expect (client, MABEI_FRAME_PONG));
}

int
main (int argc, char **argv)
{
  fixture_init (&argc, &argv);
  g_test_add_func ("/hub/slow-reader/liar", test_liar);
  g_test_add_func ("/hub/slow-reader/live", test_live_past_a_slow_reader);
  g_test_add_func ("/hub/slow-reader/answers", test_answers_that_nobody_reads);
  return g_test_run ();
}
