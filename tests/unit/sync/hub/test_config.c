/* What is fit to run, the token bucket, and the head of a request: pure parts with both sides of each limit. */
#include <string.h>

#include "sync/hub/config.h"
#include "sync/hub/http_request.h"
#include "sync/hub/rate.h"
#include "tests/unit/sync/hub/fixture.h"

static gboolean
is_fit (const char *listen, const char *cert, const char *key)
{
  MabeiHubConfig config = {.listen = listen, .store = "/nowhere/hub.db", .tls_cert = cert, .tls_key = key};
  MabeiHubSettings settings = {0};
  g_autoptr (GError) error = NULL;
  gboolean fit = mabei_hub_settings_read (&config, &settings, &error);
  if (!fit) {
    g_assert_error (error, MABEI_HUB_ERROR, MABEI_HUB_ERROR_CONFIG);
    g_assert_null (strchr (error->message, '\n'));
  }
  mabei_hub_settings_clear (&settings);
  return fit;
}

static void
test_addresses (void)
{
  const char *const fit[] = {"127.0.0.1:0", "127.0.0.1:65535", "[::1]:80", "localhost:8080", "127.9.9.9:1"};
  const char *const unfit[] = {"",
                               ":",
                               "127.0.0.1",
                               "127.0.0.1:",
                               "127.0.0.1:65536",
                               "127.0.0.1:-1",
                               "127.0.0.1:80x",
                               "::1:80",
                               "[127.0.0.1]:80",
                               "example.org:80",
                               "0.0.0.0:80",
                               "[::]:80",
                               "192.0.2.1:80",
                               "[::ffff:192.0.2.1]:80"};
  for (guint i = 0; i < G_N_ELEMENTS (fit); i++)
    g_assert_true (is_fit (fit[i], NULL, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (unfit); i++)
    g_assert_false (is_fit (unfit[i], NULL, NULL));
}

static void
test_tls_files (void)
{
  g_assert_false (is_fit ("127.0.0.1:0", "/nowhere/cert.pem", NULL));
  g_assert_false (is_fit ("127.0.0.1:0", NULL, "/nowhere/key.pem"));
  g_assert_false (is_fit ("127.0.0.1:0", "/nowhere/cert.pem", "/nowhere/key.pem"));
}

static void
test_rate (void)
{
  MabeiHubRate rate;
  mabei_hub_rate_init (&rate, 10, 3, 0);
  for (guint i = 0; i < 3; i++)
    g_assert_true (mabei_hub_rate_take (&rate, 1, 0));
  g_assert_false (mabei_hub_rate_take (&rate, 1, 0));
  g_assert_cmpuint (mabei_hub_rate_wait_ms (&rate, 0), >, 0);
  g_assert_true (mabei_hub_rate_take (&rate, 1, 100001));
  g_assert_true (mabei_hub_rate_take (&rate, 20, 10 * G_USEC_PER_SEC)); /* more than the burst: a debt */
  g_assert_cmpuint (mabei_hub_rate_wait_ms (&rate, 10 * G_USEC_PER_SEC), >=, 1700);
  g_assert_false (mabei_hub_rate_take (&rate, 1, 11 * G_USEC_PER_SEC));
  g_assert_false (mabei_hub_rate_take (&rate, 1, 5 * G_USEC_PER_SEC)); /* a clock that goes back gives nothing */
  g_assert_true (mabei_hub_rate_take (&rate, 1, 12 * G_USEC_PER_SEC));
}

#define HOST "Host: x\r\n"
#define UPGRADE                                                                                                        \
  "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"                             \
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

static guint
parse (const char *text, MabeiHubRequest *request)
{
  g_assert_cmpuint (mabei_hub_request_length ((const guint8 *) text, strlen (text)), ==, strlen (text));
  return mabei_hub_request_parse ((const guint8 *) text, strlen (text), request);
}

static void
test_request_example_of_the_rfc (void)
{
  /* RFC 6455 section 1.3. */
  MabeiHubRequest request;
  g_assert_cmpuint (parse ("GET /v1?x=1 HTTP/1.1\r\n" HOST UPGRADE "\r\n", &request), ==, 0);
  g_assert_true (request.upgrade);
  g_assert_cmpstr (request.path, ==, "/v1");
  g_autoptr (GBytes) answer = mabei_hub_request_accept (&request);
  g_autofree char *text = g_strndup (g_bytes_get_data (answer, NULL), g_bytes_get_size (answer));
  g_assert_nonnull (strstr (text, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
  g_assert_null (strstr (text, "Extensions"));
}

static void
test_requests_that_are_refused (void)
{
  const struct {
    const char *text;
    guint status;
  } cases[] = {
      {"GET / HTTP/1.1\r\n" HOST "\r\n", 0},
      {"POST / HTTP/1.1\r\n" HOST "\r\n", 405},
      {"GET / HTTP/1.0\r\n" HOST "\r\n", 505},
      {"GET / HTTP/2.0\r\n" HOST "\r\n", 505},
      {"GET http://x/ HTTP/1.1\r\n" HOST "\r\n", 400},
      {"GET  / HTTP/1.1\r\n" HOST "\r\n", 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400},
      {"GET / HTTP/1.1\r\n" HOST " folded: x\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n" HOST "no colon\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n" HOST ": empty\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n" HOST "A: \x01\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n" HOST "A: \xff\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n" HOST "A: b\nC: d\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n" HOST "A: b\rC: d\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", 0},
      {"GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", 400},
      {"GET /v1 HTTP/1.1\r\n" HOST "Upgrade: websocket\r\n\r\n", 400},
      {"GET /v1 HTTP/1.1\r\n" HOST UPGRADE "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", 400},
      {"GET /v1 HTTP/1.1\r\n" HOST "Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\n"
       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
       426},
      {"GET /v1 HTTP/1.1\r\n" HOST "Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
       "Sec-WebSocket-Key: short==\r\n\r\n",
       400},
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    MabeiHubRequest request;
    g_test_message ("case %u", i);
    g_assert_cmpuint (parse (cases[i].text, &request), ==, cases[i].status);
  }
}

static void
test_request_limits (void)
{
  for (guint over = 0; over < 2; over++) {
    MabeiHubRequest request;
    g_autofree char *path = g_strnfill (MABEI_HUB_PATH_BYTES - 2 + over, 'p');
    g_autofree char *text = g_strdup_printf ("GET /%s HTTP/1.1\r\n" HOST "\r\n", path);
    g_assert_cmpuint (parse (text, &request), ==, over ? 414 : 0);

    g_autoptr (GString) headers = g_string_new ("GET / HTTP/1.1\r\n" HOST);
    for (guint i = 0; i < 63 + over; i++)
      g_string_append (headers, "A: b\r\n");
    g_string_append (headers, "\r\n");
    g_assert_cmpuint (parse (headers->str, &request), ==, over ? 400 : 0);
  }
}

static void
test_random_requests (void)
{
  static const char alphabet[] = "GET / HTTP/1.1\r\n:Host: upgrade,\r\n\r\n";
  g_autoptr (GRand) random = g_rand_new_with_seed (9112);
  for (guint round = 0; round < 20000; round++) {
    MabeiHubRequest request;
    char text[48];
    for (guint i = 0; i < sizeof text; i++)
      text[i] = alphabet[g_rand_int_range (random, 0, sizeof alphabet)];
    mabei_hub_request_parse ((const guint8 *) text, g_rand_int_range (random, 0, sizeof text + 1), &request);
  }
}

int
main (int argc, char **argv)
{
  fixture_init (&argc, &argv);
  g_test_add_func ("/hub/config/addresses", test_addresses);
  g_test_add_func ("/hub/config/tls-files", test_tls_files);
  g_test_add_func ("/hub/rate", test_rate);
  g_test_add_func ("/hub/request/example-of-the-rfc", test_request_example_of_the_rfc);
  g_test_add_func ("/hub/request/refused", test_requests_that_are_refused);
  g_test_add_func ("/hub/request/limits", test_request_limits);
  g_test_add_func ("/hub/request/random", test_random_requests);
  return g_test_run ();
}
