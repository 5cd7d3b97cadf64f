/* What the network does to a hub: garbage, half requests, silence, floods, slow readers, full limits. */
#include <gio/gio.h>
#include <string.h>

#include "sync/hub/connection.h"
#include "sync/hub/reader.h"
#include "tests/unit/sync/hub/fixture.h"

static GSocket *
raw_connect (Fixture *hub)
{
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new_from_string ("127.0.0.1", fixture_port (hub));
  g_autoptr (GError) error = NULL;
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);
  g_assert_no_error (error);
  g_socket_connect (socket, address, NULL, &error);
  g_assert_no_error (error);
  g_socket_set_blocking (socket, FALSE);
  return socket;
}

static gboolean
is_over (gpointer socket)
{
  char buffer[4096];
  g_autoptr (GError) error = NULL;
  gssize n = g_socket_receive (socket, buffer, sizeof buffer, NULL, &error);
  g_main_context_wakeup (NULL);
  return n == 0 || (n < 0 && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK));
}

static char *
raw_ask (Fixture *hub, const char *data, gsize length)
{
  g_autoptr (GSocket) socket = raw_connect (hub);
  g_autoptr (GString) answer = g_string_new (NULL);
  gint64 deadline_us = g_get_monotonic_time () + FIXTURE_PATIENCE_S * G_USEC_PER_SEC;

  g_socket_send (socket, data, length, NULL, NULL);
  for (;;) {
    char buffer[4096];
    g_autoptr (GError) error = NULL;
    g_main_context_iteration (NULL, FALSE);
    gssize n = g_socket_receive (socket, buffer, sizeof buffer, NULL, &error);
    if (n > 0)
      g_string_append_len (answer, buffer, n);
    else if (n == 0 || !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
      return g_string_free (g_steal_pointer (&answer), FALSE);
    g_assert_cmpint (g_get_monotonic_time (), <, deadline_us);
  }
}

static Client *
client_new (Fixture *fixture)
{
  g_autoptr (MabeiDeviceKey) device = mabei_device_key_new ();
  return client_ready (mabei_hub_url (fixture->hub), device, NULL);
}

static gboolean
has_no_connections (gpointer fixture)
{
  g_main_context_wakeup (NULL);
  return fixture_metric (fixture, "connections") == 1; /* the one that asks */
}

static void
test_http (void)
{
  g_autoptr (Fixture) hub = fixture_new ();
  guint status = 0;
  fixture_start (hub);

  g_autofree char *health = fixture_get (hub, "/healthz", &status);
  g_assert_cmpuint (status, ==, 200);
  g_assert_cmpstr (health, ==, "ok\n");
  g_autofree char *metrics = fixture_get (hub, "/metrics", &status);
  g_assert_cmpuint (status, ==, 200);
  g_assert_nonnull (strstr (metrics, "mabei_hub_refused_total{code=\"busy\"} 0\n"));
  const struct {
    const char *path;
    guint status;
  } cases[] = {{"/", 404}, {"/v1", 426}, {"/v1/", 404}, {"/healthz/x", 404}, {"/../etc/passwd", 404}};
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_free (fixture_get (hub, cases[i].path, &status));
    g_assert_cmpuint (status, ==, cases[i].status);
  }
}

static void
test_garbage_on_the_port (void)
{
  g_autoptr (Fixture) hub = fixture_new ();
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  fixture_start (hub);

  for (guint round = 0; round < 200; round++) {
    guint8 junk[512];
    for (guint i = 0; i < sizeof junk; i++)
      junk[i] = (guint8) g_rand_int (random);
    memcpy (junk + sizeof junk - 4, "\r\n\r\n", 4);
    g_autofree char *answer = raw_ask (hub, (const char *) junk, sizeof junk);
    g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 400 "));
  }
  g_autofree char *huge = g_strnfill (9000, 'a');
  g_autofree char *answer = raw_ask (hub, huge, 9000);
  g_assert_true (*answer == '\0' || g_str_has_prefix (answer, "HTTP/1.1 431 "));
  g_autoptr (Client) client = client_new (hub);
  client_expect_nothing (client);
}

static void
test_half_open_and_silent_are_closed (void)
{
  g_autoptr (Fixture) hub = fixture_new ();
  hub->config.handshake_ms = 200;
  hub->config.silence_ms = 1500;
  fixture_start (hub);

  /* Says nothing; says half a request, a byte at a time; upgrades and never proves itself; is ready and falls silent.
   */
  g_autoptr (GSocket) mute = raw_connect (hub);
  g_autoptr (GSocket) slow = raw_connect (hub);
  g_autoptr (Client) unproven = client_connect (mabei_hub_url (hub->hub));
  g_autoptr (Client) silent = client_new (hub);
  g_socket_send (slow, "GET / HT", 8, NULL, NULL);
  fixture_wait_until (is_over, mute);
  fixture_wait_until (is_over, slow);
  client_expect_closed (unproven);
  client_expect_closed (silent);
  g_assert_cmpuint (fixture_metric (hub, "connections_timed_out_total"), ==, 4);
  fixture_wait_until (has_no_connections, hub);
}

static void
test_who_speaks_is_not_closed (void)
{
  g_autoptr (Fixture) hub = fixture_new ();
  hub->config.handshake_ms = 200;
  hub->config.silence_ms = 2000;
  fixture_start (hub);
  g_autoptr (Client) client = client_new (hub);
  for (guint i = 0; i < 8; i++) {
    client_expect_nothing (client);
    fixture_wait_ms (500);
  }
  client_expect_nothing (client);
}

static void
test_limit_of_connections (void)
{
  g_autoptr (Fixture) hub = fixture_new ();
  hub->config.max_connections = 3;
  fixture_start (hub);
  g_autoptr (Client) one = client_new (hub);
  g_autoptr (Client) two = client_new (hub);
  {
    g_autoptr (GSocket) third = raw_connect (hub);
    fixture_wait_ms (20);
    g_autoptr (GSocket) fourth = raw_connect (hub);
    fixture_wait_until (is_over, fourth);
    g_assert_true (g_socket_is_connected (third));
    client_expect_nothing (one);
  }
  fixture_wait_ms (20);
  /* One went: there is room again. */
  g_autoptr (Client) three = client_new (hub);
  client_expect_nothing (three);
  client_expect_nothing (two);
}

static void
test_limit_of_a_device (void)
{
  g_autoptr (Fixture) hub = fixture_new ();
  g_autoptr (MabeiDeviceKey) device = mabei_device_key_new ();
  hub->config.max_device_connections = 2;
  fixture_start (hub);
  g_autoptr (Client) one = client_ready (mabei_hub_url (hub->hub), device, NULL);
  {
    g_autoptr (Client) two = client_ready (mabei_hub_url (hub->hub), device, NULL);
    g_autoptr (Client) three = client_connect (mabei_hub_url (hub->hub));
    MabeiFrame auth = {.type = MABEI_FRAME_AUTH};
    client_hello (three);
    mabei_proof_sign_auth (&auth, device, client_salt (three), client_hub_key (three), 1);
    client_send (three, &auth);
    client_expect_refusal (three, 0, MABEI_REFUSE_BUSY);
    client_expect_closed (three);
    g_autoptr (Client) other = client_new (hub); /* another device has its own */
    client_expect_nothing (one);
    client_expect_nothing (two);
    client_expect_nothing (other);
  }
  fixture_wait_ms (20);
  g_autoptr (Client) again = client_ready (mabei_hub_url (hub->hub), device, NULL);
  client_expect_nothing (again);
}

static void
test_quota_of_a_mailbox (void)
{
  g_autoptr (Fixture) hub = fixture_new ();
  g_autoptr (MabeiMailboxKeys) keys = mailbox_make (1);
  g_autoptr (MabeiMailboxKeys) other = mailbox_make (2);
  g_autoptr (GBytes) first = envelope_make (100, 1);
  g_autoptr (GBytes) second = envelope_make (100, 2);
  g_autoptr (GBytes) third = envelope_make (100, 3);
  hub->config.max_mailbox_bytes = 2 * g_bytes_get_size (first);
  hub->config.max_device_mailboxes = 2;
  fixture_start (hub);
  g_autoptr (Client) client = client_new (hub);

  client_create (client, 1, keys);
  client_expect_ack (client, 1, 0);
  client_record (client, 2, keys, first);
  client_expect_ack (client, 2, 1);
  client_record (client, 3, keys, second); /* exactly full */
  client_expect_ack (client, 3, 2);
  client_record (client, 4, keys, third);
  client_expect_refusal (client, 4, MABEI_REFUSE_FULL);
  client_record (client, 5, keys, second); /* it has that one */
  client_expect_ack (client, 5, 2);
  client_create (client, 6, other);
  client_expect_ack (client, 6, 0);
  g_autoptr (MabeiMailboxKeys) too_many = mailbox_make (3);
  client_create (client, 7, too_many);
  client_expect_refusal (client, 7, MABEI_REFUSE_FULL);
}

static void
test_limit_of_open_mailboxes (void)
{
  g_autoptr (Fixture) hub = fixture_new ();
  fixture_start (hub);
  g_autoptr (Client) client = client_new (hub);
  for (guint i = 0; i <= MABEI_LIMIT_MAILBOXES; i++) {
    g_autoptr (MabeiMailboxKeys) keys = mailbox_make (i);
    client_create (client, i, keys);
    client_expect_ack (client, i, 0);
    client_open (client, i, keys, 0);
    if (i < MABEI_LIMIT_MAILBOXES)
      mabei_frame_free (client_expect (client, MABEI_FRAME_DONE));
    else
      client_expect_refusal (client, i, MABEI_REFUSE_FULL);
  }
}

/* A reader that never acknowledges gets its credit and no more; acknowledging one moves one. */
static void
test_credit_of_a_reader (void)
{
  enum { RECORDS = 40 };
  g_autoptr (Fixture) hub = fixture_new ();
  g_autoptr (MabeiMailboxKeys) keys = mailbox_make (1);
  fixture_start (hub);
  g_autoptr (Client) author = client_new (hub);
  client_create (author, 0, keys);
  client_expect_ack (author, 0, 0);
  for (guint i = 1; i <= RECORDS; i++) {
    g_autoptr (GBytes) envelope = envelope_make (60000, i);
    client_record (author, i, keys, envelope);
  }
  for (guint i = 1; i <= RECORDS; i++)
    client_expect_ack (author, i, i);

  g_autoptr (Client) reader = client_new (hub);
  client_open (reader, 1, keys, 0);
  fixture_wait_ms (300);
  guint got = client_waiting (reader);
  g_assert_cmpuint (got, ==, 16); /* of 65,576 bytes: the one that passes 1 MiB is the last */
  g_autoptr (MabeiFrame) first = client_expect (reader, MABEI_FRAME_RECORD);
  MabeiFrame ack = {.type = MABEI_FRAME_ACK, .tag = first->tag + 1000};
  client_send (reader, &ack); /* never sent: buys nothing */
  fixture_wait_ms (100);
  g_assert_cmpuint (client_waiting (reader), ==, got - 1);
  ack.tag = first->tag;
  client_send (reader, &ack);
  fixture_wait_ms (100);
  g_assert_cmpuint (client_waiting (reader), ==, got);
}

static void
test_flood_of_live_messages (void)
{
  enum { MESSAGES = 1000 };
  g_autoptr (Fixture) hub = fixture_new ();
  g_autoptr (MabeiMailboxKeys) keys = mailbox_make (1);
  fixture_start (hub);
  g_autoptr (Client) one = client_new (hub);
  g_autoptr (Client) two = client_new (hub);
  client_create (one, 1, keys);
  client_expect_ack (one, 1, 0);
  client_open (two, 1, keys, 0);
  mabei_frame_free (client_expect (two, MABEI_FRAME_DONE));
  for (guint i = 0; i < MESSAGES; i++)
    client_live (one, keys, "sealed");
  client_expect_nothing (one);
  guint64 forwarded = fixture_metric (hub, "live_forwarded_total");
  guint64 dropped = fixture_metric (hub, "live_dropped_total");
  g_assert_cmpuint (forwarded + dropped, ==, MESSAGES);
  g_assert_cmpuint (forwarded, >=, 200); /* the burst */
  g_assert_cmpuint (dropped, >, 0);
}

static void
test_large_frames (void)
{
  g_autoptr (Fixture) hub = fixture_new ();
  g_autofree char *large = g_malloc0 (MABEI_LIMIT_FRAME_BYTES + 1);
  fixture_start (hub);
  g_autoptr (Client) fits = client_new (hub);
  client_send_bytes (fits, large, MABEI_LIMIT_FRAME_BYTES); /* read whole, and no frame */
  client_expect_refusal (fits, 0, MABEI_REFUSE_FORMAT);
  g_autoptr (Client) too_large = client_new (hub);
  client_send_bytes (too_large, large, MABEI_LIMIT_FRAME_BYTES + 1);
  client_expect_closed (too_large);
  g_assert_cmpuint (client_waiting (too_large), ==, 0);
}

int
main (int argc, char **argv)
{
  fixture_init (&argc, &argv);
  g_test_add_func ("/hub/server/http", test_http);
  g_test_add_func ("/hub/server/garbage", test_garbage_on_the_port);
  g_test_add_func ("/hub/server/silent", test_half_open_and_silent_are_closed);
  g_test_add_func ("/hub/server/speaking", test_who_speaks_is_not_closed);
  g_test_add_func ("/hub/server/connections", test_limit_of_connections);
  g_test_add_func ("/hub/server/device", test_limit_of_a_device);
  g_test_add_func ("/hub/server/quota", test_quota_of_a_mailbox);
  g_test_add_func ("/hub/server/open-mailboxes", test_limit_of_open_mailboxes);
  g_test_add_func ("/hub/server/credit", test_credit_of_a_reader);
  g_test_add_func ("/hub/server/live-flood", test_flood_of_live_messages);
  g_test_add_func ("/hub/server/large-frames", test_large_frames);
  return g_test_run ();
}
