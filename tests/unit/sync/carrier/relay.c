#include "tests/unit/sync/carrier/relay.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#define STEP_MS 50u
#define SMALL_BYTES 4096
#define SEGMENT_BYTES 1000

typedef struct {
  GSocket *client;
  GSocket *hub;
  GByteArray *up; /* taken, not passed on */
} Pair;

struct _Relay {
  GSocket *listening;
  guint16 hub_port;
  guint step_bytes;
  gboolean swallow;
  GPtrArray *pairs;
  guint timer;
};

static void
pair_free (gpointer data)
{
  Pair *pair = data;
  g_object_unref (pair->client);
  g_object_unref (pair->hub);
  g_byte_array_unref (pair->up);
  g_free (pair);
}

static GSocket *
socket_new (void)
{
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_assert_nonnull (socket);
  return socket;
}

static void
relay_take (Relay *self)
{
  GSocket *client = g_socket_accept (self->listening, NULL, NULL);
  if (client == NULL)
    return;
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new_from_string ("127.0.0.1", self->hub_port);
  Pair *pair = g_new0 (Pair, 1);
  pair->client = client;
  pair->hub = socket_new ();
  pair->up = g_byte_array_new ();
  g_assert_true (g_socket_connect (pair->hub, address, NULL, NULL));
  g_socket_set_option (pair->hub, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  g_socket_set_blocking (pair->client, FALSE);
  g_socket_set_blocking (pair->hub, FALSE);
  g_ptr_array_add (self->pairs, pair);
}

/* FALSE when one of the ends has gone. */
static gboolean
read_some (GSocket *from, GByteArray *into, gsize most)
{
  g_autofree guint8 *buffer = g_malloc (most);
  g_autoptr (GError) error = NULL;
  gssize n = g_socket_receive (from, (char *) buffer, most, NULL, &error);
  if (n > 0)
    g_byte_array_append (into, buffer, (guint) n);
  return n > 0 || (n < 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK));
}

static gboolean
pair_step (Relay *self, Pair *pair)
{
  g_autoptr (GByteArray) down = g_byte_array_new ();
  gsize room = self->swallow ? 1u << 20 : self->step_bytes > pair->up->len ? self->step_bytes - pair->up->len : 0;

  if (room > 0 && !read_some (pair->client, pair->up, room))
    return FALSE;
  if (pair->up->len > 0) {
    gssize n =
        g_socket_send (pair->hub, (const char *) pair->up->data, MIN (pair->up->len, self->step_bytes), NULL, NULL);
    if (n > 0)
      g_byte_array_remove_range (pair->up, 0, (guint) n);
  }
  if (!read_some (pair->hub, down, 65536))
    return FALSE;
  return down->len == 0 || g_socket_send (pair->client, (const char *) down->data, down->len, NULL, NULL) > 0;
}

static gboolean
on_step (gpointer user_data)
{
  Relay *self = user_data;
  relay_take (self);
  for (guint i = self->pairs->len; i > 0; i--)
    if (!pair_step (self, self->pairs->pdata[i - 1]))
      g_ptr_array_remove_index (self->pairs, i - 1);
  return G_SOURCE_CONTINUE;
}

Relay *
relay_new (guint16 hub_port, guint bytes_a_second, gboolean swallow)
{
  Relay *self = g_new0 (Relay, 1);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, 0);

  self->hub_port = hub_port;
  self->step_bytes = bytes_a_second * STEP_MS / 1000;
  self->swallow = swallow;
  self->listening = socket_new ();
  if (!swallow) {
    g_socket_set_option (self->listening, SOL_SOCKET, SO_RCVBUF, SMALL_BYTES, NULL);
    /* Segments of a cable: with those of loopback (64 kB) a small window opens by probes only. */
    g_socket_set_option (self->listening, IPPROTO_TCP, TCP_MAXSEG, SEGMENT_BYTES, NULL);
  }
  g_assert_true (g_socket_bind (self->listening, address, TRUE, NULL));
  g_assert_true (g_socket_listen (self->listening, NULL));
  g_socket_set_blocking (self->listening, FALSE);
  self->pairs = g_ptr_array_new_with_free_func (pair_free);
  self->timer = g_timeout_add (STEP_MS, on_step, self);
  return self;
}

void
relay_free (Relay *self)
{
  g_source_remove (self->timer);
  g_ptr_array_unref (self->pairs);
  g_object_unref (self->listening);
  g_free (self);
}

char *
relay_url (Relay *self)
{
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (self->listening, NULL);
  return g_strdup_printf ("ws://127.0.0.1:%u/", g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)));
}
