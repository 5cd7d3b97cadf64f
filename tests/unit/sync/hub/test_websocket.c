/* The framing alone: RFC 6455 section 5, its own examples first, then what a hostile client sends. */
#include <glib.h>
#include <string.h>

#include "sync/hub/websocket.h"

#define LIMIT 1000u

/* A masked frame as a client sends it. */
static GByteArray *
masked (guint8 first, gsize length, guint8 fill)
{
  static const guint8 mask[4] = {0x37, 0xfa, 0x21, 0x3d};
  GByteArray *out = g_byte_array_new ();
  guint8 header[10] = {first};
  guint n = 2;
  if (length < 126) {
    header[1] = (guint8) (0x80 | length);
  } else {
    header[1] = length < 65536 ? 0x80 | 126 : 0x80 | 127;
    guint digits = length < 65536 ? 2 : 8;
    for (guint i = 0; i < digits; i++)
      header[n++] = (guint8) ((guint64) length >> (8 * (digits - 1 - i)));
  }
  g_byte_array_append (out, header, n);
  g_byte_array_append (out, mask, 4);
  for (gsize i = 0; i < length; i++) {
    guint8 byte = fill ^ mask[i & 3];
    g_byte_array_append (out, &byte, 1);
  }
  return out;
}

static MabeiWebsocketEvent
feed (MabeiWebsocket *self, GByteArray *bytes, gsize step)
{
  const guint8 *data = bytes->data;
  gsize left = bytes->len;
  MabeiWebsocketEvent event = MABEI_WEBSOCKET_MORE;
  while (left > 0 && event == MABEI_WEBSOCKET_MORE) {
    const guint8 *at = data;
    gsize length = MIN (step, left);
    gsize given = length;
    event = mabei_websocket_read (self, &at, &length);
    data += given - length;
    left -= given - length;
    if (event == MABEI_WEBSOCKET_MORE)
      g_assert_cmpuint (length, ==, 0);
  }
  return event;
}

static void
test_example_of_the_rfc (void)
{
  /* Section 5.7: "Hello", masked; here as a binary message. */
  const guint8 hello[] = {0x82, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58};
  MabeiWebsocket self;
  const guint8 *data = hello;
  gsize length = sizeof hello;

  mabei_websocket_init (&self, LIMIT);
  g_assert_cmpint (mabei_websocket_read (&self, &data, &length), ==, MABEI_WEBSOCKET_MESSAGE);
  g_autoptr (GBytes) message = mabei_websocket_take (&self);
  g_assert_cmpmem (g_bytes_get_data (message, NULL), g_bytes_get_size (message), "Hello", 5);
  g_assert_cmpuint (length, ==, 0);
  mabei_websocket_clear (&self);
}

static void
test_any_cut_gives_the_same_message (void)
{
  g_autoptr (GByteArray) bytes = masked (0x82, 700, 'x');
  for (gsize step = 1; step < bytes->len; step += 13) {
    MabeiWebsocket self;
    mabei_websocket_init (&self, LIMIT);
    g_assert_cmpint (feed (&self, bytes, step), ==, MABEI_WEBSOCKET_MESSAGE);
    g_autoptr (GBytes) message = mabei_websocket_take (&self);
    g_assert_cmpuint (g_bytes_get_size (message), ==, 700);
    g_assert_cmpint (((const char *) g_bytes_get_data (message, NULL))[699], ==, 'x');
    mabei_websocket_clear (&self);
  }
}

static void
test_limit_on_both_sides (void)
{
  const struct {
    gsize length;
    MabeiWebsocketEvent event;
  } cases[] = {{0, MABEI_WEBSOCKET_MESSAGE},     {125, MABEI_WEBSOCKET_MESSAGE},     {126, MABEI_WEBSOCKET_MESSAGE},
               {LIMIT, MABEI_WEBSOCKET_MESSAGE}, {LIMIT + 1, MABEI_WEBSOCKET_FAULT}, {70000, MABEI_WEBSOCKET_FAULT}};
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GByteArray) bytes = masked (0x82, cases[i].length, 'x');
    MabeiWebsocket self;
    mabei_websocket_init (&self, LIMIT);
    g_assert_cmpint (feed (&self, bytes, 64), ==, cases[i].event);
    if (cases[i].event == MABEI_WEBSOCKET_FAULT)
      g_assert_cmpuint (self.fault, ==, 1009);
    mabei_websocket_clear (&self);
  }
}

static void
test_fragments_join_and_count_together (void)
{
  g_autoptr (GByteArray) first = masked (0x02, 600, 'a');
  g_autoptr (GByteArray) ping = masked (0x89, 3, 'p');
  g_autoptr (GByteArray) last = masked (0x80, 400, 'b');
  g_autoptr (GByteArray) too_long = masked (0x80, 401, 'b');
  MabeiWebsocket self;

  mabei_websocket_init (&self, LIMIT);
  g_assert_cmpint (feed (&self, first, 7), ==, MABEI_WEBSOCKET_MORE);
  g_assert_cmpint (feed (&self, ping, 7), ==, MABEI_WEBSOCKET_PING);
  g_assert_cmpmem (self.control, self.control_length, "ppp", 3);
  g_assert_cmpint (feed (&self, last, 7), ==, MABEI_WEBSOCKET_MESSAGE);
  g_autoptr (GBytes) message = mabei_websocket_take (&self);
  g_assert_cmpuint (g_bytes_get_size (message), ==, 1000);

  g_assert_cmpint (feed (&self, first, 7), ==, MABEI_WEBSOCKET_MORE);
  g_assert_cmpint (feed (&self, too_long, 7), ==, MABEI_WEBSOCKET_FAULT);
  g_assert_cmpuint (self.fault, ==, 1009);
  mabei_websocket_clear (&self);
}

static void
test_faults (void)
{
  const struct {
    const char *what;
    guint8 bytes[14];
    gsize length;
  } cases[] = {
      {"not masked", {0x82, 0x01, 'x'}, 3},
      {"a reserved bit: compressed", {0xc2, 0x80, 0, 0, 0, 0}, 6},
      {"text", {0x81, 0x80, 0, 0, 0, 0}, 6},
      {"a reserved opcode", {0x83, 0x80, 0, 0, 0, 0}, 6},
      {"a reserved control opcode", {0x8b, 0x80, 0, 0, 0, 0}, 6},
      {"a ping in fragments", {0x09, 0x80, 0, 0, 0, 0}, 6},
      {"a ping of 126 bytes", {0x89, 0xfe, 0, 126, 0, 0, 0, 0}, 8},
      {"a continuation of nothing", {0x80, 0x80, 0, 0, 0, 0}, 6},
      {"a length of 125 in two bytes", {0x82, 0xfe, 0, 125, 0, 0, 0, 0}, 8},
      {"a length of 65535 in eight bytes", {0x82, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0}, 14},
      {"the largest length", {0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}, 14},
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    MabeiWebsocket self;
    const guint8 *data = cases[i].bytes;
    gsize length = cases[i].length;
    g_test_message ("%s", cases[i].what);
    mabei_websocket_init (&self, LIMIT);
    g_assert_cmpint (mabei_websocket_read (&self, &data, &length), ==, MABEI_WEBSOCKET_FAULT);
    length = 0;
    g_assert_cmpint (mabei_websocket_read (&self, &data, &length), ==, MABEI_WEBSOCKET_FAULT);
    mabei_websocket_clear (&self);
  }
}

static void
test_second_message_inside_the_first (void)
{
  g_autoptr (GByteArray) first = masked (0x02, 10, 'a');
  MabeiWebsocket self;
  mabei_websocket_init (&self, LIMIT);
  g_assert_cmpint (feed (&self, first, 99), ==, MABEI_WEBSOCKET_MORE);
  g_assert_cmpint (feed (&self, first, 99), ==, MABEI_WEBSOCKET_FAULT);
  mabei_websocket_clear (&self);
}

static void
test_random_bytes_end_in_a_fault_or_a_message (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (6455);
  for (guint round = 0; round < 20000; round++) {
    MabeiWebsocket self;
    guint8 bytes[64];
    for (guint i = 0; i < sizeof bytes; i++)
      bytes[i] = (guint8) g_rand_int (random);
    const guint8 *data = bytes;
    gsize length = sizeof bytes;
    mabei_websocket_init (&self, LIMIT);
    while (length > 0) {
      MabeiWebsocketEvent event = mabei_websocket_read (&self, &data, &length);
      if (event == MABEI_WEBSOCKET_MESSAGE)
        g_bytes_unref (mabei_websocket_take (&self));
      if (event == MABEI_WEBSOCKET_FAULT)
        break;
    }
    mabei_websocket_clear (&self);
  }
}

static void
test_written_headers (void)
{
  const struct {
    gsize length;
    guint8 header[10];
    gsize n;
  } cases[] = {{125, {0x82, 125}, 2},
               {126, {0x82, 126, 0, 126}, 4},
               {65535, {0x82, 126, 0xff, 0xff}, 4},
               {65536, {0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0}, 10}};
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GByteArray) out = g_byte_array_new ();
    g_autofree guint8 *data = g_malloc0 (cases[i].length);
    mabei_websocket_write (out, MABEI_WEBSOCKET_OPCODE_BINARY, data, cases[i].length);
    g_assert_cmpmem (out->data, cases[i].n, cases[i].header, cases[i].n);
    g_assert_cmpuint (out->len, ==, cases[i].n + cases[i].length);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hub/websocket/example-of-the-rfc", test_example_of_the_rfc);
  g_test_add_func ("/hub/websocket/any-cut", test_any_cut_gives_the_same_message);
  g_test_add_func ("/hub/websocket/limit", test_limit_on_both_sides);
  g_test_add_func ("/hub/websocket/fragments", test_fragments_join_and_count_together);
  g_test_add_func ("/hub/websocket/faults", test_faults);
  g_test_add_func ("/hub/websocket/message-in-message", test_second_message_inside_the_first);
  g_test_add_func ("/hub/websocket/random", test_random_bytes_end_in_a_fault_or_a_message);
  g_test_add_func ("/hub/websocket/headers", test_written_headers);
  return g_test_run ();
}
