/* People with replicas, a real hub, and the carrier between them. */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#include "sync/carrier/hub_client.h"
#include "sync/hub/store.h"
#include "tests/unit/core/store/people.h"
#include "tests/unit/sync/carrier/relay.h"
#include "tests/unit/sync/hub/fixture.h"

/* A person at a desk: the replica and its line to the hub. */
typedef struct {
  Person *person;
  MabeiHubClient *client;
  guint n_ready;
  guint n_lost;
  char *reason;       /* of the last loss */
  GPtrArray *records; /* GBytes, of watched mailboxes */
  GPtrArray *live;    /* GBytes */
  gboolean go_offline_when_ready;
  gboolean free_when_ready;
} Desk;

static void
on_state (MabeiHubClient *client, gboolean ready, const char *reason, gpointer user_data)
{
  Desk *desk = user_data;
  desk->n_ready += ready;
  desk->n_lost += !ready;
  g_free (desk->reason);
  desk->reason = g_strdup (reason);
  if (ready && desk->go_offline_when_ready)
    mabei_hub_client_set_offline (client, TRUE);
  if (ready && desk->free_when_ready)
    g_clear_pointer (&desk->client, mabei_hub_client_free);
}

static void
on_live (MabeiExchange *exchange, MabeiSpace *space, const MabeiShortId *mailbox, GBytes *data, gpointer user_data)
{
  (void) exchange, (void) mailbox;
  g_assert_nonnull (space);
  g_ptr_array_add (((Desk *) user_data)->live, g_bytes_ref (data));
}

static void
on_record (MabeiExchange *exchange, const MabeiShortId *mailbox, GBytes *data, gpointer user_data)
{
  (void) exchange, (void) mailbox;
  g_ptr_array_add (((Desk *) user_data)->records, g_bytes_ref (data));
}

static Desk *
desk_new (Person *person)
{
  Desk *desk = g_new0 (Desk, 1);
  desk->person = person;
  desk->records = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  desk->live = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  return desk;
}

static void
desk_connect (Desk *desk, const char *url, const guint8 *hub_key)
{
  MabeiHubClientListener listener = {.state = on_state, .user_data = desk};
  g_autoptr (GError) error = NULL;
  listener.exchange.live = on_live;
  listener.exchange.record = on_record;
  desk->client = mabei_hub_client_new (desk->person->replica, url, hub_key, &listener, &error);
  g_assert_no_error (error);
}

static void
desk_free (Desk *desk)
{
  mabei_hub_client_free (desk->client);
  g_ptr_array_unref (desk->records);
  g_ptr_array_unref (desk->live);
  g_free (desk->reason);
  g_free (desk);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Desk, desk_free)

static gboolean
is_ready (gpointer desk)
{
  return mabei_hub_client_is_ready (((Desk *) desk)->client);
}

static gboolean
is_not_ready (gpointer desk)
{
  return !is_ready (desk);
}

static gboolean
has_lost (gpointer desk)
{
  return ((Desk *) desk)->n_lost > 0;
}

static gboolean
is_idle (gpointer data)
{
  Desk *desk = data;
  return is_ready (desk) && mabei_exchange_is_idle (mabei_hub_client_exchange (desk->client));
}

/* --- a case with two people in it, and what each of them typed --- */

typedef struct {
  Fixture *hub;
  Person *mediator;
  Person *zhang;
  MabeiId id;
  Desk *one;
  Desk *two;
  MabeiDocument *document; /* the mediator's */
} Case;

static void
set_up (Case *c, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  c->hub = fixture_new ();
  fixture_start (c->hub);
  c->mediator = mediator_new ("Ma Bei");
  c->zhang = person_new ("Zhang San");
  MabeiCase *made = mabei_replica_case_new (c->mediator->replica, "A channel", now (), &error);
  g_assert_no_error (error);
  c->id = *mabei_case_id (made);
  admit (c->mediator, &c->id, c->zhang, MABEI_ROLE_PARTY);
  c->one = desk_new (c->mediator);
  c->two = desk_new (c->zhang);
}

static void
tear_down (Case *c, gconstpointer data G_GNUC_UNUSED)
{
  desk_free (c->one);
  desk_free (c->two);
  person_free (c->mediator);
  person_free (c->zhang);
  fixture_free (c->hub);
}

static void
connect_both (Case *c)
{
  desk_connect (c->one, mabei_hub_url (c->hub->hub), mabei_hub_key (c->hub->hub));
  desk_connect (c->two, mabei_hub_url (c->hub->hub), mabei_hub_key (c->hub->hub));
}

static void
say (Case *c, Desk *desk, const char *text)
{
  post (desk->person, the_space (desk->person, &c->id, MABEI_SPACE_JOINT), text);
  if (desk->client != NULL)
    mabei_hub_client_wake (desk->client);
}

static gboolean
are_same (gpointer data)
{
  Case *c = data;
  MabeiId one, two;
  if (!is_idle (c->one) || !is_idle (c->two))
    return FALSE;
  MabeiSpace *a = the_space (c->mediator, &c->id, MABEI_SPACE_JOINT);
  MabeiSpace *b = the_space (c->zhang, &c->id, MABEI_SPACE_JOINT);
  if (a == NULL || b == NULL)
    return FALSE;
  mabei_space_state_hash (a, &one);
  mabei_space_state_hash (b, &two);
  return mabei_id_equal (&one, &two);
}

static void
test_two_replicas_become_the_same (Case *c, gconstpointer data G_GNUC_UNUSED)
{
  guint64 in = 0, out = 0;
  say (c, c->one, "Good morning.");
  connect_both (c);
  fixture_wait_until (are_same, c);
  assert_same (c->mediator, c->zhang, &c->id);
  say (c, c->two, "The water is ours by turns.");
  say (c, c->one, "Since when?");
  fixture_wait_until (are_same, c);
  assert_same (c->mediator, c->zhang, &c->id);
  mabei_hub_client_counts (c->one->client, &in, &out);
  g_assert_cmpuint (in, >, 0);
  g_assert_cmpuint (out, >, 0);
  g_assert_cmpuint (c->one->n_ready, ==, 1);
  g_assert_cmpuint (c->one->n_lost, ==, 0);
}

static void
test_offline_and_back (Case *c, gconstpointer data G_GNUC_UNUSED)
{
  connect_both (c);
  fixture_wait_until (are_same, c);
  mabei_hub_client_set_offline (c->two->client, TRUE);
  g_assert_false (mabei_hub_client_is_ready (c->two->client));
  g_assert_null (mabei_hub_client_exchange (c->two->client));
  g_assert_cmpstr (c->two->reason, ==, "offline");
  say (c, c->one, "Where are you?");
  say (c, c->two, "In the field.");
  fixture_wait_until (is_idle, c->one);
  fixture_wait_ms (700); /* longer than the first pause: it stays away */
  g_assert_false (mabei_hub_client_is_ready (c->two->client));
  mabei_hub_client_set_offline (c->two->client, FALSE);
  fixture_wait_until (is_ready, c->two);
  fixture_wait_until (are_same, c);
  assert_same (c->mediator, c->zhang, &c->id);
}

static void
test_hub_restarts (Case *c, gconstpointer data G_GNUC_UNUSED)
{
  connect_both (c);
  fixture_wait_until (are_same, c);
  g_autofree char *listen = g_strdup_printf ("127.0.0.1:%u", fixture_port (c->hub));
  fixture_stop (c->hub);
  say (c, c->one, "Written while it was away.");
  fixture_wait_until (is_not_ready, c->one);
  fixture_wait_until (is_not_ready, c->two);
  c->hub->config.listen = listen;
  fixture_start (c->hub);
  fixture_wait_until (is_ready, c->one);
  fixture_wait_until (is_ready, c->two);
  fixture_wait_until (are_same, c);
  assert_same (c->mediator, c->zhang, &c->id);
  c->hub->config.listen = NULL;
}

/* The hub comes back from a backup that knows nothing: its devices bring it everything again. */
static void
test_hub_that_forgot (Case *c, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *copy = g_strconcat (c->hub->store, ".copy", NULL);
  g_autofree char *listen = g_strdup_printf ("127.0.0.1:%u", fixture_port (c->hub));
  fixture_stop (c->hub);
  {
    g_autoptr (MabeiHubStore) store = mabei_hub_store_open (c->hub->store, FALSE, NULL);
    g_assert_true (mabei_hub_store_backup (store, copy, NULL));
  }
  c->hub->config.listen = listen;
  fixture_start (c->hub);
  say (c, c->one, "Kept by the hub, and then lost by it.");
  desk_connect (c->one, mabei_hub_url (c->hub->hub), mabei_hub_key (c->hub->hub));
  fixture_wait_until (is_idle, c->one);
  guint64 records = fixture_metric (c->hub, "store_records");
  g_assert_cmpuint (records, >, 0);
  fixture_stop (c->hub);
  g_unlink (c->hub->store);
  g_assert_cmpint (g_rename (copy, c->hub->store), ==, 0);
  fixture_wait_until (is_not_ready, c->one);
  fixture_start (c->hub);
  g_assert_cmpuint (fixture_metric (c->hub, "store_records"), ==, 0);
  desk_connect (c->two, mabei_hub_url (c->hub->hub), mabei_hub_key (c->hub->hub));
  fixture_wait_until (are_same, c);
  assert_same (c->mediator, c->zhang, &c->id);
  g_assert_cmpuint (fixture_metric (c->hub, "store_records"), >=, records);
  c->hub->config.listen = NULL;
}

static void
test_another_hub_is_refused (Case *c, gconstpointer data G_GNUC_UNUSED)
{
  const guint8 other[32] = {1, 2, 3};
  desk_connect (c->one, mabei_hub_url (c->hub->hub), other);
  fixture_wait_until (has_lost, c->one);
  g_assert_cmpuint (c->one->n_ready, ==, 0);
  g_assert_nonnull (strstr (c->one->reason, "not the hub"));
}

static gboolean
has_record (gpointer desk)
{
  return ((Desk *) desk)->records->len > 0;
}

static void
test_posts_outlive_connections (Case *c, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (MabeiSecret) secret = mabei_secret_new_random (32);
  g_autoptr (GBytes) knock = g_bytes_new_static ("knock", 5);
  g_autoptr (GBytes) again = g_bytes_new_static ("again", 5);

  /* Zhang knocks where no mailbox is yet, and his line breaks; then the mediator opens it. */
  desk_connect (c->two, mabei_hub_url (c->hub->hub), NULL);
  mabei_hub_client_post (c->two->client, secret, knock);
  fixture_wait_until (is_ready, c->two);
  fixture_wait_ms (100);
  mabei_hub_client_set_offline (c->two->client, TRUE);
  desk_connect (c->one, mabei_hub_url (c->hub->hub), NULL);
  mabei_hub_client_watch (c->one->client, secret, TRUE);
  fixture_wait_until (is_idle, c->one);
  g_assert_cmpuint (c->one->records->len, ==, 0);
  mabei_hub_client_set_offline (c->two->client, FALSE);
  fixture_wait_until (has_record, c->one);
  g_assert_true (g_bytes_equal (c->one->records->pdata[0], knock));

  /* The watch holds on the next connection too, and reads it from its start. */
  g_ptr_array_set_size (c->one->records, 0);
  mabei_hub_client_set_offline (c->one->client, TRUE);
  mabei_hub_client_set_offline (c->one->client, FALSE);
  fixture_wait_until (has_record, c->one);
  g_ptr_array_set_size (c->one->records, 0);
  mabei_hub_client_post (c->two->client, secret, again);
  fixture_wait_until (has_record, c->one);
  g_assert_true (g_bytes_equal (c->one->records->pdata[0], again));

  /* Stored is stored: nothing is posted twice. */
  mabei_hub_client_set_offline (c->two->client, TRUE);
  mabei_hub_client_set_offline (c->two->client, FALSE);
  fixture_wait_until (is_ready, c->two);
  fixture_wait_until (is_idle, c->two);
  fixture_wait_ms (100);
  g_assert_cmpuint (c->one->records->len, ==, 1);

  mabei_hub_client_unwatch (c->one->client, secret);
  mabei_hub_client_post (c->two->client, secret, knock);
  fixture_wait_until (is_idle, c->two);
  fixture_wait_ms (100);
  g_assert_cmpuint (c->one->records->len, ==, 1);
}

static gboolean
has_live (gpointer desk)
{
  return ((Desk *) desk)->live->len > 0;
}

static void
test_live (Case *c, gconstpointer data G_GNUC_UNUSED)
{
  connect_both (c);
  fixture_wait_until (are_same, c);
  MabeiSpace *space = the_space (c->mediator, &c->id, MABEI_SPACE_JOINT);
  g_assert_true (mabei_exchange_send_live (mabei_hub_client_exchange (c->one->client), space, "here", 4));
  mabei_hub_client_wake (c->one->client);
  fixture_wait_until (has_live, c->two);
  g_assert_cmpmem (g_bytes_get_data (c->two->live->pdata[0], NULL), 4, "here", 4);
}

static void
test_listeners_may_ask_for_anything (Case *c, gconstpointer data G_GNUC_UNUSED)
{
  c->one->go_offline_when_ready = TRUE;
  c->two->free_when_ready = TRUE;
  connect_both (c);
  while (c->one->n_lost == 0 || c->two->client != NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (c->one->reason, ==, "offline");
  c->one->go_offline_when_ready = FALSE;
  mabei_hub_client_set_offline (c->one->client, FALSE);
  fixture_wait_until (is_idle, c->one);
  /* In the middle of connecting, too. */
  mabei_hub_client_set_offline (c->one->client, TRUE);
  mabei_hub_client_set_offline (c->one->client, FALSE);
  g_clear_pointer (&c->one->client, mabei_hub_client_free);
}

static void
test_many_changes (Case *c, gconstpointer data G_GNUC_UNUSED)
{
  enum { CHANGES = 1000 };
  for (guint i = 0; i < CHANGES; i++)
    say (c, c->one, "One of many.");
  gint64 start_us = g_get_monotonic_time ();
  connect_both (c);
  fixture_wait_until (are_same, c);
  assert_same (c->mediator, c->zhang, &c->id);
  g_test_message ("%u changes from replica to replica in %.2f s", CHANGES,
                  (double) (g_get_monotonic_time () - start_us) / G_USEC_PER_SEC);
}

static void
test_addresses (void)
{
  const char *const bad[] = {"",          "127.0.0.1:80",        "http://127.0.0.1/", "ws://example.org/",
                             "ws:///",    "ws://192.0.2.1:8080", "wss://u:p@h/",      "wss://h/?q",
                             "wss://h/#f"};
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (mabei_hub_client_new (NULL, bad[i], NULL, NULL, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  }
}

/* --- a hub that stands still: the line is there, and nobody at its end --- */

static void
die_with_parent (gpointer user_data G_GNUC_UNUSED)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static void
test_hub_that_stands_still (Case *c, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *store = g_build_filename (c->hub->folder, "frozen.db", NULL);
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  g_autoptr (GSubprocess) process =
      g_subprocess_launcher_spawn (launcher, &error, g_getenv ("MABEI_HUB"), "run", "--store", store, NULL);
  g_assert_no_error (error);
  g_autoptr (GDataInputStream) out = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  g_autofree char *line = g_data_input_stream_read_line (out, NULL, NULL, NULL);
  g_autofree char *url = g_strdup (strstr (line, "ws://"));
  *strchr (url, '"') = '\0';

  desk_connect (c->one, url, NULL);
  mabei_hub_client_set_live (c->one->client, TRUE);
  fixture_wait_until (is_idle, c->one);
  g_subprocess_send_signal (process, SIGSTOP);
  fixture_wait_until (is_not_ready, c->one);
  g_assert_cmpstr (c->one->reason, ==, "the line is dead");
  say (c, c->one, "Nobody hears it yet.");
  g_subprocess_send_signal (process, SIGCONT);
  fixture_wait_until (is_ready, c->one);
  fixture_wait_until (is_idle, c->one);
  g_subprocess_send_signal (process, SIGTERM);
  g_subprocess_wait (process, NULL, NULL);
}

/* A certificate that nobody vouches for: no line, whatever key the hub would show. */
static void
test_unknown_certificate_is_refused (Case *c, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *cert = g_build_filename (c->hub->folder, "cert.pem", NULL);
  g_autofree char *key = g_build_filename (c->hub->folder, "key.pem", NULL);
  g_autofree char *openssl = g_find_program_in_path ("openssl");
  int status = 1;

  if (openssl == NULL || !g_tls_backend_supports_tls (g_tls_backend_get_default ())) {
    g_test_skip ("no openssl, or no TLS in GIO");
    return;
  }
  const char *words[] = {openssl,
                         "req",
                         "-x509",
                         "-newkey",
                         "ec",
                         "-pkeyopt",
                         "ec_paramgen_curve:P-256",
                         "-nodes",
                         "-keyout",
                         key,
                         "-out",
                         cert,
                         "-days",
                         "2",
                         "-subj",
                         "/CN=localhost",
                         "-addext",
                         "subjectAltName=DNS:localhost,IP:127.0.0.1",
                         NULL};
  g_assert_true (g_spawn_sync (NULL, (char **) words, NULL, G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                               NULL, NULL, NULL, NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
  fixture_stop (c->hub);
  c->hub->config.tls_cert = cert;
  c->hub->config.tls_key = key;
  fixture_start (c->hub);
  desk_connect (c->one, mabei_hub_url (c->hub->hub), mabei_hub_key (c->hub->hub));
  fixture_wait_until (has_lost, c->one);
  g_assert_cmpuint (c->one->n_ready, ==, 0);
  g_test_message ("%s", c->one->reason);
  g_assert_nonnull (strstr (c->one->reason, "certificate"));
  fixture_stop (c->hub);
}

/* --- slow lines: one change alone takes longer than the silence of a dead line --- */

static void
say_much (Case *c, Desk *desk, guint changes)
{
  g_autofree char *text = g_strnfill (16000, 'w');
  for (guint i = 0; i < changes; i++)
    say (c, desk, text);
}

static void
test_slow_cable_is_not_dead (Case *c, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (Relay) relay = relay_new (fixture_port (c->hub), 6000, FALSE);
  g_autofree char *url = relay_url (relay);
  desk_connect (c->one, url, NULL);
  fixture_wait_until (is_idle, c->one);
  say_much (c, c->one, 2);
  fixture_wait_until (is_idle, c->one);
  g_assert_cmpuint (c->one->n_lost, ==, 0);
}

/* A proxy that takes all of it at once: the first patience is too short, a later one is enough. */
static void
test_slow_proxy_gets_through (Case *c, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (Relay) relay = relay_new (fixture_port (c->hub), 5000, TRUE);
  g_autofree char *url = relay_url (relay);
  desk_connect (c->one, url, NULL);
  fixture_wait_until (is_idle, c->one);
  say_much (c, c->one, 1);
  fixture_wait_until (is_idle, c->one);
}

#define ADD(path, func) g_test_add (path, Case, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  fixture_init (&argc, &argv);
  g_test_add_func ("/carrier/hub-client/addresses", test_addresses);
  ADD ("/carrier/hub-client/same", test_two_replicas_become_the_same);
  ADD ("/carrier/hub-client/offline", test_offline_and_back);
  ADD ("/carrier/hub-client/restart", test_hub_restarts);
  ADD ("/carrier/hub-client/forgot", test_hub_that_forgot);
  ADD ("/carrier/hub-client/another", test_another_hub_is_refused);
  ADD ("/carrier/hub-client/posts", test_posts_outlive_connections);
  ADD ("/carrier/hub-client/live", test_live);
  ADD ("/carrier/hub-client/listeners", test_listeners_may_ask_for_anything);
  ADD ("/carrier/hub-client/many", test_many_changes);
  ADD ("/carrier/hub-client/certificate", test_unknown_certificate_is_refused);
  ADD ("/carrier/hub-client/slow-cable", test_slow_cable_is_not_dead);
  ADD ("/carrier/hub-client/slow-proxy", test_slow_proxy_gets_through);
  ADD ("/carrier/hub-client/standstill", test_hub_that_stands_still);
  return g_test_run ();
}
