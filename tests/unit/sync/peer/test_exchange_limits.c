/* The limits of an exchange with a hub: credit, refusals, mailboxes beside the spaces, live messages. */
#include "core/base/secret.h"
#include "sync/peer/record_frame.h"
#include "tests/unit/sync/peer/loop.h"
#include "tests/unit/sync/peer/scene.h"

static void
visit_all (Scene *scene)
{
  Person *people[] = {scene->wang, scene->zhang, scene->li};

  loop_visit_all (people, 3, scene->hub);
}

/* Many changes and no acknowledgement: the device stops at its credit, in records and in bytes. */
static void
test_own_credit (Scene *scene, gconstpointer data)
{
  g_autoptr (ModelLine) line = NULL;
  g_autoptr (MabeiExchange) exchange = NULL;
  gboolean large = data != NULL;
  g_autofree char *text = g_strnfill (large ? 16000 : 10, 'x');
  guint records, unacknowledged, n = large ? 80 : MABEI_LIMIT_IN_FLIGHT + 20;
  gsize bytes;

  visit_all (scene);
  for (guint i = 0; i < n; i++)
    post (scene->zhang, joint (scene, scene->zhang), text);
  line = model_hub_connect (scene->hub);
  exchange = mabei_exchange_new_hub (scene->zhang->replica, NULL, NULL);
  for (guint i = 0; i < 4; i++)
    loop_step (exchange, line); /* connected, mailboxes open or about to be */
  g_clear_pointer (&exchange, mabei_exchange_free);
  g_clear_pointer (&line, model_line_free);

  post (scene->zhang, joint (scene, scene->zhang), text);
  for (guint i = 0; i < n; i++)
    post (scene->zhang, joint (scene, scene->zhang), text);
  line = model_hub_connect (scene->hub);
  exchange = mabei_exchange_new_hub (scene->zhang->replica, NULL, NULL);
  model_line_hold_answers (line, TRUE);
  loop_run (exchange, line);
  model_line_peak (line, &records, &bytes);
  mabei_exchange_counts (exchange, NULL, NULL, &unacknowledged);
  g_assert_cmpuint (records, <=, MABEI_LIMIT_IN_FLIGHT);
  g_assert_cmpuint (bytes, <=, MABEI_LIMIT_CREDIT_BYTES);
  if (large)
    g_assert_cmpuint (bytes, >, MABEI_LIMIT_CREDIT_BYTES / 2);
  else
    g_assert_cmpuint (records, ==, MABEI_LIMIT_IN_FLIGHT);
  g_assert_cmpuint (unacknowledged, ==, records);
  g_assert_false (mabei_exchange_is_idle (exchange));
  model_line_hold_answers (line, FALSE);
  loop_run (exchange, line);
  g_assert_true (mabei_exchange_is_idle (exchange));
  g_assert_cmpuint (n_unsent (scene->zhang, &scene->id), ==, 0);
}

/* A hub that sends without waiting for acknowledgements. */
static void
test_hub_credit (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  MabeiSpace *space = joint (scene, scene->wang);
  g_autoptr (ModelLine) line = model_hub_connect (scene->hub);
  g_autoptr (MabeiExchange) exchange = mabei_exchange_new_hub (scene->wang->replica, NULL, NULL);
  g_autoptr (MabeiMailboxKeys) keys = NULL;
  g_autoptr (GError) error = NULL;
  MabeiSecret *secret;
  MabeiId epoch_id;
  gboolean good = TRUE;
  guint n = 0;

  loop_run (exchange, line);
  g_assert_true (mabei_space_writing_epoch (space, &epoch_id, &secret));
  keys = mabei_mailbox_keys_new (secret, 0);
  while (good && n < 2 * MABEI_LIMIT_IN_FLIGHT) {
    g_autoptr (GBytes) frame = mabei_record_frame_seal (secret, keys, n + 1, "junk", 4);

    good = mabei_exchange_receive (exchange, frame, now (), &error);
    n++;
  }
  g_assert_cmpuint (n, ==, MABEI_LIMIT_IN_FLIGHT + 1);
  g_assert_cmpstr (error->message, ==, "the other side sent more than its credit");
}

static void
test_full (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (ModelLine) line = NULL;
  g_autoptr (MabeiExchange) exchange = NULL;

  visit_all (scene);
  post (scene->zhang, joint (scene, scene->zhang), "when there is room");
  line = model_hub_connect (scene->hub);
  exchange = mabei_exchange_new_hub (scene->zhang->replica, NULL, NULL);
  model_hub_refuse (scene->hub, 3, MABEI_REFUSE_FULL);
  loop_run (exchange, line);
  g_assert_cmpuint (n_unsent (scene->zhang, &scene->id), ==, 1);
  g_assert_false (mabei_exchange_is_idle (exchange));
  g_assert_cmpuint (mabei_exchange_deadline_ms (exchange), !=, 0);
  for (guint i = 0; i < 3; i++) {
    wait_ms (60000);
    loop_run (exchange, line);
  }
  g_assert_cmpuint (n_unsent (scene->zhang, &scene->id), ==, 0);
  g_assert_true (mabei_exchange_is_idle (exchange));
}

/* Refused for good: told in the counts, not sent again here, and other changes go on. */
static void
test_refused (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (ModelLine) line = NULL;
  g_autoptr (MabeiExchange) exchange = NULL;
  guint junk, refused;

  visit_all (scene);
  post (scene->zhang, joint (scene, scene->zhang), "one");
  post (scene->zhang, joint (scene, scene->zhang), "two");
  line = model_hub_connect (scene->hub);
  exchange = mabei_exchange_new_hub (scene->zhang->replica, NULL, NULL);
  model_hub_refuse (scene->hub, 1, MABEI_REFUSE_NOT_ALLOWED);
  loop_run (exchange, line);
  wait_ms (600000);
  mabei_exchange_wake (exchange);
  loop_run (exchange, line);
  mabei_exchange_faults (exchange, &junk, &refused);
  g_assert_cmpuint (refused, ==, 1);
  g_assert_cmpuint (junk, ==, 0);
  g_assert_cmpuint (n_unsent (scene->zhang, &scene->id), ==, 1);
  g_assert_true (mabei_exchange_is_idle (exchange));
  visit_all (scene); /* the next connection tries again */
  g_assert_cmpuint (n_unsent (scene->zhang, &scene->id), ==, 0);
}

static void
test_mailbox_limit (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (ModelLine) line = model_hub_connect (scene->hub);
  g_autoptr (MabeiExchange) exchange = mabei_exchange_new_hub (scene->wang->replica, NULL, NULL);
  g_autoptr (MabeiSecret) last = NULL;

  for (guint i = 0; i < MABEI_LIMIT_MAILBOXES + 10; i++) {
    g_autoptr (MabeiSecret) secret = mabei_secret_new_random (32);

    mabei_exchange_watch (exchange, secret, TRUE);
  }
  loop_run (exchange, line);
  g_assert_cmpuint (model_hub_n_mailboxes (scene->hub), ==, MABEI_LIMIT_MAILBOXES);
}

static void
test_ping (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (ModelLine) line = model_hub_connect (scene->hub);
  g_autoptr (MabeiExchange) exchange = mabei_exchange_new_hub (scene->wang->replica, NULL, NULL);
  MabeiFrame ping = {.type = MABEI_FRAME_PING, .number = 7};
  g_autoptr (GBytes) bytes = mabei_frame_encode (&ping), answer = NULL;
  g_autoptr (MabeiFrame) pong = NULL;
  gboolean good = TRUE;

  loop_run (exchange, line);
  g_assert_true (mabei_exchange_receive (exchange, bytes, now (), NULL));
  answer = mabei_exchange_next (exchange, now ());
  pong = mabei_frame_decode (answer, NULL);
  g_assert_cmpint (pong->type, ==, MABEI_FRAME_PONG);
  g_assert_cmpuint (pong->number, ==, 7);
  for (guint i = 0; i < 5000 && good; i++) /* and never reads the answers */
    good = mabei_exchange_receive (exchange, bytes, now (), NULL);
  g_assert_false (good);
}

typedef struct {
  guint records, posted, refused, live;
  MabeiSpace *space;
  GBytes *last;
  guint64 tag;
} Heard;

static void
on_record (MabeiExchange *exchange G_GNUC_UNUSED,
           const MabeiShortId *mailbox G_GNUC_UNUSED,
           GBytes *data,
           gpointer user_data)
{
  Heard *heard = user_data;

  heard->records++;
  g_clear_pointer (&heard->last, g_bytes_unref);
  heard->last = g_bytes_ref (data);
}

static void
on_posted (MabeiExchange *exchange G_GNUC_UNUSED, guint64 tag, gboolean stored, gpointer user_data)
{
  Heard *heard = user_data;

  heard->tag = tag;
  heard->posted += stored;
  heard->refused += !stored;
}

static void
on_live (MabeiExchange *exchange G_GNUC_UNUSED,
         MabeiSpace *space,
         const MabeiShortId *mailbox G_GNUC_UNUSED,
         GBytes *data,
         gpointer user_data)
{
  Heard *heard = user_data;

  heard->live++;
  heard->space = space;
  g_clear_pointer (&heard->last, g_bytes_unref);
  heard->last = g_bytes_ref (data);
}

/* A rendezvous: Wang makes and watches it, a stranger posts into it. */
static void
test_watch_and_post (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (MabeiSecret) secret = mabei_secret_new_random (32), nowhere = mabei_secret_new_random (32);
  Heard wang = {0}, stranger = {0};
  MabeiExchangeListener wang_listener = {.record = on_record, .posted = on_posted, .user_data = &wang};
  MabeiExchangeListener listener = {.record = on_record, .posted = on_posted, .user_data = &stranger};
  g_autoptr (Person) zhao = person_new ("赵六");
  g_autoptr (ModelLine) one = model_hub_connect (scene->hub), two = model_hub_connect (scene->hub);
  g_autoptr (MabeiExchange) a = mabei_exchange_new_hub (scene->wang->replica, NULL, &wang_listener);
  g_autoptr (MabeiExchange) b = mabei_exchange_new_hub (zhao->replica, NULL, &listener);
  guint64 tag;

  mabei_exchange_watch (a, secret, TRUE);
  loop_run (a, one);
  mabei_exchange_watch (b, secret, FALSE);
  tag = mabei_exchange_post (b, secret, "knock", 5);
  g_assert_false (mabei_exchange_is_idle (b));
  loop_run (b, two);
  g_assert_cmpuint (stranger.posted, ==, 1);
  g_assert_cmpuint (stranger.tag, ==, tag);
  g_assert_cmpuint (stranger.records, ==, 1); /* one's own is read back */
  loop_run (a, one);
  g_assert_cmpuint (wang.records, ==, 1);
  g_assert_cmpmem (g_bytes_get_data (wang.last, NULL), g_bytes_get_size (wang.last), "knock", 5);

  mabei_exchange_unwatch (a, secret);
  mabei_exchange_post (b, secret, "again", 5);
  loop_run (b, two);
  loop_run (a, one);
  g_assert_cmpuint (wang.records, ==, 1);
  mabei_exchange_watch (a, secret, TRUE); /* all of it once more */
  loop_run (a, one);
  g_assert_cmpuint (wang.records, ==, 3);

  mabei_exchange_post (b, nowhere, "lost", 4);
  loop_run (b, two);
  g_assert_cmpuint (stranger.refused, ==, 1);
  g_clear_pointer (&wang.last, g_bytes_unref);
  g_clear_pointer (&stranger.last, g_bytes_unref);
}

static void
test_live (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  Heard li = {0};
  MabeiExchangeListener listener = {.live = on_live, .user_data = &li};
  g_autoptr (ModelLine) one = NULL, two = NULL;
  g_autoptr (MabeiExchange) a = NULL, b = NULL;
  g_autofree char *large = g_strnfill (MABEI_LIMIT_LIVE_BYTES, 'x');
  guint records;

  visit_all (scene);
  records = model_hub_n_records (scene->hub);
  one = model_hub_connect (scene->hub);
  two = model_hub_connect (scene->hub);
  a = mabei_exchange_new_hub (scene->zhang->replica, NULL, NULL);
  b = mabei_exchange_new_hub (scene->li->replica, NULL, &listener);
  g_assert_false (mabei_exchange_send_live (a, joint (scene, scene->zhang), "hello", 5)); /* not ready */
  loop_run (a, one);
  loop_run (b, two);
  g_assert_true (mabei_exchange_send_live (a, joint (scene, scene->zhang), "hello", 5));
  g_assert_true (mabei_exchange_send_live (a, the_caucus (scene->zhang, &scene->id, scene->zhang), "secret", 6));
  g_assert_false (mabei_exchange_send_live (a, joint (scene, scene->zhang), large, 16384));
  g_assert_true (mabei_exchange_send_live (a, joint (scene, scene->zhang), large, 16383));
  loop_run (a, one);
  loop_run (b, two);
  g_assert_cmpuint (li.live, ==, 2); /* not the caucus' */
  g_assert_true (li.space == joint (scene, scene->li));
  g_assert_cmpuint (g_bytes_get_size (li.last), ==, 16383);
  g_assert_cmpuint (model_hub_n_records (scene->hub), ==, records);
  for (guint i = 0; i < 64; i++)
    g_assert_true (mabei_exchange_send_live (a, joint (scene, scene->zhang), "x", 1));
  g_assert_false (mabei_exchange_send_live (a, joint (scene, scene->zhang), "x", 1)); /* the line is too slow */
  g_clear_pointer (&li.last, g_bytes_unref);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  scene_add ("/limits/ping", NULL, test_ping);
  scene_add ("/limits/own-credit-records", NULL, test_own_credit);
  scene_add ("/limits/own-credit-bytes", "large", test_own_credit);
  scene_add ("/limits/hub-credit", NULL, test_hub_credit);
  scene_add ("/limits/full", NULL, test_full);
  scene_add ("/limits/refused", NULL, test_refused);
  scene_add ("/limits/watch-and-post", NULL, test_watch_and_post);
  scene_add ("/limits/live", NULL, test_live);
  scene_add ("/limits/mailbox-limit", NULL, test_mailbox_limit);
  return g_test_run ();
}
