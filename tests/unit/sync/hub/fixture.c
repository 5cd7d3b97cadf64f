#include "tests/unit/sync/hub/fixture.h"

#include <glib/gstdio.h>
#include <libsoup/soup.h>
#include <string.h>

static void
ignore_log (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
  (void) domain, (void) level, (void) message, (void) user_data;
}

void
fixture_init (int *argc, char ***argv)
{
  g_test_init (argc, argv, NULL);
  g_log_set_handler ("libsoup", G_LOG_LEVEL_DEBUG, ignore_log, NULL);
  g_log_set_handler ("GLib-GIO", G_LOG_LEVEL_DEBUG, ignore_log, NULL);
  g_assert_true (mabei_base_init ());
}

/* --- waiting --- */

static gboolean
on_patience (gpointer over)
{
  *(gboolean *) over = TRUE;
  return G_SOURCE_REMOVE;
}

void
fixture_wait_until (gboolean (*condition) (gpointer), gpointer data)
{
  gboolean over = FALSE;
  guint source = g_timeout_add_seconds (FIXTURE_PATIENCE_S, on_patience, &over);
  while (!condition (data)) {
    g_main_context_iteration (NULL, TRUE);
    g_assert_false (over);
  }
  g_source_remove (source);
}

void
fixture_wait_ms (guint ms)
{
  gboolean over = FALSE;
  g_timeout_add (ms, on_patience, &over);
  while (!over)
    g_main_context_iteration (NULL, TRUE);
}

/* --- the hub --- */

Fixture *
fixture_new (void)
{
  Fixture *self = g_new0 (Fixture, 1);
  self->folder = g_dir_make_tmp ("mabei-hub-XXXXXX", NULL);
  g_assert_nonnull (self->folder);
  self->store = g_build_filename (self->folder, "hub.db", NULL);
  self->config.listen = "127.0.0.1:0";
  self->config.store = self->store;
  return self;
}

void
fixture_start (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  self->hub = mabei_hub_start (&self->config, &error);
  g_assert_no_error (error);
  g_assert_nonnull (self->hub);
}

void
fixture_stop (Fixture *self)
{
  g_clear_pointer (&self->hub, mabei_hub_stop);
}

void
fixture_remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    g_unlink (path);
  }
  g_rmdir (folder);
}

void
fixture_free (Fixture *self)
{
  fixture_stop (self);
  fixture_remove_folder (self->folder);
  g_free (self->folder);
  g_free (self->store);
  g_free (self);
}

guint16
fixture_port (Fixture *self)
{
  g_autoptr (GUri) uri = g_uri_parse (mabei_hub_url (self->hub), G_URI_FLAGS_NONE, NULL);
  return (guint16) g_uri_get_port (uri);
}

typedef struct {
  GBytes *bytes;
  gboolean over;
} Answer;

static void
on_answer (GObject *session, GAsyncResult *result, gpointer user_data)
{
  Answer *answer = user_data;
  answer->bytes = soup_session_send_and_read_finish (SOUP_SESSION (session), result, NULL);
  answer->over = TRUE;
}

static gboolean
is_answered (gpointer answer)
{
  return ((Answer *) answer)->over;
}

char *
fixture_get (Fixture *self, const char *path, guint *status)
{
  g_autoptr (SoupSession) session = soup_session_new ();
  soup_session_set_proxy_resolver (session, NULL);
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u%s", fixture_port (self), path);
  g_autoptr (SoupMessage) message = soup_message_new ("GET", url);
  Answer answer = {0};

  soup_session_send_and_read_async (session, message, G_PRIORITY_DEFAULT, NULL, on_answer, &answer);
  fixture_wait_until (is_answered, &answer);
  g_assert_nonnull (answer.bytes);
  if (status != NULL)
    *status = soup_message_get_status (message);
  char *text = g_strndup (g_bytes_get_data (answer.bytes, NULL), g_bytes_get_size (answer.bytes));
  g_bytes_unref (answer.bytes);
  return text;
}

guint64
fixture_metric (Fixture *self, const char *name)
{
  g_autofree char *text = fixture_get (self, "/metrics", NULL);
  g_autofree char *key = g_strdup_printf ("\nmabei_hub_%s ", name);
  const char *at = strstr (text, key);
  g_assert_nonnull (at);
  return g_ascii_strtoull (at + strlen (key), NULL, 10);
}

/* --- a client --- */

struct _Client {
  SoupSession *session;
  SoupWebsocketConnection *connection;
  GQueue frames; /* GBytes */
  gboolean over; /* connecting is */
  gboolean closed;
  guint8 salt[32];
  guint8 hub_key[32];
  guint8 own_salt[32];
  MabeiShortId epoch;
};

static void
on_message (SoupWebsocketConnection *connection G_GNUC_UNUSED, int type, GBytes *message, gpointer user_data)
{
  Client *self = user_data;
  g_assert_cmpint (type, ==, SOUP_WEBSOCKET_DATA_BINARY);
  g_queue_push_tail (&self->frames, g_bytes_ref (message));
}

static void
on_closed (SoupWebsocketConnection *connection G_GNUC_UNUSED, gpointer user_data)
{
  ((Client *) user_data)->closed = TRUE;
}

static void
on_connected (GObject *session, GAsyncResult *result, gpointer user_data)
{
  Client *self = user_data;
  self->over = TRUE;
  self->connection = soup_session_websocket_connect_finish (SOUP_SESSION (session), result, NULL);
  if (self->connection == NULL)
    return;
  soup_websocket_connection_set_max_incoming_payload_size (self->connection, MABEI_LIMIT_FRAME_BYTES);
  g_signal_connect (self->connection, "message", G_CALLBACK (on_message), self);
  g_signal_connect (self->connection, "closed", G_CALLBACK (on_closed), self);
}

static gboolean
on_certificate (SoupMessage *message, GTlsCertificate *certificate, GTlsCertificateFlags flags, gpointer user_data)
{
  (void) message, (void) certificate, (void) flags, (void) user_data;
  return TRUE; /* its own, of this test */
}

static gboolean
is_connected (gpointer client)
{
  return ((Client *) client)->over;
}

Client *
client_connect (const char *url)
{
  Client *self = g_new0 (Client, 1);
  g_autofree char *place = g_strconcat (url, "v1", NULL);
  g_autoptr (SoupMessage) message = soup_message_new ("GET", place);

  g_queue_init (&self->frames);
  self->session = soup_session_new ();
  soup_session_set_proxy_resolver (self->session, NULL);
  g_signal_connect (message, "accept-certificate", G_CALLBACK (on_certificate), NULL);
  soup_session_websocket_connect_async (self->session, message, NULL, NULL, G_PRIORITY_DEFAULT, NULL, on_connected,
                                        self);
  fixture_wait_until (is_connected, self);
  g_assert_nonnull (self->connection);
  g_autoptr (MabeiFrame) hello = client_expect (self, MABEI_FRAME_HELLO);
  g_assert_cmpuint (hello->version, ==, MABEI_PROTOCOL_VERSION);
  memcpy (self->salt, hello->salt, sizeof self->salt);
  memcpy (self->hub_key, hello->key, sizeof self->hub_key);
  return self;
}

void
client_hello (Client *self)
{
  MabeiFrame hello = {.type = MABEI_FRAME_HELLO, .version = MABEI_PROTOCOL_VERSION};
  memset (self->own_salt, 0x5a, sizeof self->own_salt);
  memcpy (hello.salt, self->own_salt, sizeof hello.salt);
  client_send (self, &hello);
}

Client *
client_ready (const char *url, MabeiDeviceKey *device, GBytes *credential)
{
  Client *self = client_connect (url);
  MabeiFrame auth = {.type = MABEI_FRAME_AUTH, .credential = credential};

  client_hello (self);
  mabei_proof_sign_auth (&auth, device, self->salt, self->hub_key, 1700000000000);
  client_send (self, &auth);
  g_autoptr (MabeiFrame) ready = client_expect (self, MABEI_FRAME_READY);
  g_assert_true (mabei_proof_check_ready (ready, self->hub_key, self->own_salt, self->salt));
  self->epoch = ready->store_epoch;
  return self;
}

void
client_free (Client *self)
{
  if (self->connection != NULL) {
    g_signal_handlers_disconnect_by_data (self->connection, self);
    g_io_stream_close (soup_websocket_connection_get_io_stream (self->connection), NULL, NULL);
    g_object_unref (self->connection);
  }
  g_object_unref (self->session);
  g_queue_clear_full (&self->frames, (GDestroyNotify) g_bytes_unref);
  g_free (self);
}

const guint8 *
client_salt (Client *self)
{
  return self->salt;
}

const guint8 *
client_hub_key (Client *self)
{
  return self->hub_key;
}

const MabeiShortId *
client_epoch (Client *self)
{
  return &self->epoch;
}

void
client_send_bytes (Client *self, gconstpointer data, gsize length)
{
  if (soup_websocket_connection_get_state (self->connection) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_send_binary (self->connection, data, length);
}

void
client_send (Client *self, const MabeiFrame *frame)
{
  g_autoptr (GBytes) bytes = mabei_frame_encode (frame);
  client_send_bytes (self, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static gboolean
has_frame_or_end (gpointer client)
{
  Client *self = client;
  return !g_queue_is_empty (&self->frames) || self->closed;
}

MabeiFrame *
client_next (Client *self)
{
  g_autoptr (GError) error = NULL;
  fixture_wait_until (has_frame_or_end, self);
  g_autoptr (GBytes) bytes = g_queue_pop_head (&self->frames);
  g_assert_nonnull (bytes);
  MabeiFrame *frame = mabei_frame_decode (bytes, &error);
  g_assert_no_error (error);
  return frame;
}

MabeiFrame *
client_expect (Client *self, MabeiFrameType type)
{
  MabeiFrame *frame = client_next (self);
  g_assert_cmpint (frame->type, ==, type);
  return frame;
}

void
client_expect_refusal (Client *self, guint64 tag, MabeiRefuse code)
{
  g_autoptr (MabeiFrame) frame = client_expect (self, MABEI_FRAME_REFUSE);
  g_assert_cmpuint (frame->tag, ==, tag);
  g_assert_cmpint (frame->code, ==, code);
}

void
client_expect_ack (Client *self, guint64 tag, guint64 position)
{
  g_autoptr (MabeiFrame) frame = client_expect (self, MABEI_FRAME_ACK);
  g_assert_cmpuint (frame->tag, ==, tag);
  g_assert_cmpuint (frame->position, ==, position);
}

gboolean
client_is_closed (Client *self)
{
  return self->closed;
}

static gboolean
has_ended (gpointer client)
{
  return ((Client *) client)->closed;
}

void
client_expect_closed (Client *self)
{
  fixture_wait_until (has_ended, self);
}

void
client_expect_nothing (Client *self)
{
  static guint64 number = 1000;
  MabeiFrame ping = {.type = MABEI_FRAME_PING, .number = ++number};
  client_send (self, &ping);
  g_autoptr (MabeiFrame) pong = client_expect (self, MABEI_FRAME_PONG);
  g_assert_cmpuint (pong->number, ==, number);
}

guint
client_waiting (Client *self)
{
  return g_queue_get_length (&self->frames);
}

/* --- mailboxes --- */

void
client_create (Client *self, guint64 tag, MabeiMailboxKeys *keys)
{
  MabeiFrame frame = {.type = MABEI_FRAME_CREATE, .tag = tag};
  memcpy (frame.read_key, mabei_mailbox_keys_read_key (keys), 32);
  memcpy (frame.write_key, mabei_mailbox_keys_write_key (keys), 32);
  client_send (self, &frame);
}

void
client_open (Client *self, guint64 tag, MabeiMailboxKeys *keys, guint64 cursor)
{
  MabeiFrame frame = {.type = MABEI_FRAME_OPEN, .tag = tag, .cursor = cursor};
  mabei_proof_sign_open (&frame, keys, self->salt);
  client_send (self, &frame);
}

void
client_record (Client *self, guint64 tag, MabeiMailboxKeys *keys, GBytes *envelope)
{
  MabeiFrame frame = {.type = MABEI_FRAME_RECORD, .tag = tag, .data = envelope};
  mabei_proof_sign_data (&frame, keys);
  client_send (self, &frame);
}

void
client_live (Client *self, MabeiMailboxKeys *keys, const char *text)
{
  g_autoptr (GBytes) data = g_bytes_new (text, strlen (text));
  MabeiFrame frame = {.type = MABEI_FRAME_LIVE, .data = data};
  mabei_proof_sign_data (&frame, keys);
  client_send (self, &frame);
}

MabeiMailboxKeys *
mailbox_make (guint64 number)
{
  g_autoptr (MabeiSecret) secret = mabei_secret_new (32);
  memcpy (mabei_secret_data (secret), &number, sizeof number);
  return mabei_mailbox_keys_new (secret, 0);
}

GBytes *
envelope_make (gsize length, guint64 number)
{
  g_autoptr (MabeiSecret) secret = mabei_secret_new (32);
  g_autofree guint8 *data = g_malloc0 (length);
  MabeiShortId mailbox = {{0}};
  memcpy (data, &number, MIN (length, sizeof number));
  return mabei_envelope_seal (secret, 0, &mailbox, data, length);
}
