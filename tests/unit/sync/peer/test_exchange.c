/* An exchange with a hub: mediator Wang has a case, Zhang and Li are parties; the hub is a model (model_hub.h). */
#include <sodium.h>
#include <string.h>

#include "core/base/secret.h"
#include "sync/peer/proof.h"
#include "sync/peer/record_frame.h"
#include "tests/unit/sync/peer/loop.h"

typedef struct {
  ModelHub *hub;
  Person *wang, *zhang, *li;
  MabeiId id;
} Scene;

static void
set_up (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  MabeiCase *c;

  scene->hub = model_hub_new ();
  scene->wang = mediator_new ("王调解");
  scene->zhang = person_new ("张三");
  scene->li = person_new ("李四");
  c = mabei_replica_case_new (scene->wang->replica, "马背上的官司", now (), &error);
  g_assert_no_error (error);
  scene->id = *mabei_case_id (c);
  g_bytes_unref (admit (scene->wang, &scene->id, scene->zhang, MABEI_ROLE_PARTY));
  g_bytes_unref (admit (scene->wang, &scene->id, scene->li, MABEI_ROLE_PARTY));
}

static void
tear_down (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  person_free (scene->wang);
  person_free (scene->zhang);
  person_free (scene->li);
  model_hub_free (scene->hub);
}

static MabeiSpace *
joint (Scene *scene, Person *person)
{
  return the_space (person, &scene->id, MABEI_SPACE_JOINT);
}

static void
visit_all (Scene *scene)
{
  Person *people[] = {scene->wang, scene->zhang, scene->li};

  loop_visit_all (people, 3, scene->hub);
}

static guint
n_unsent (Person *person, const MabeiId *id)
{
  GPtrArray *spaces = mabei_case_spaces (the_case (person, id));
  guint n = 0;

  for (guint i = 0; i < spaces->len; i++) {
    g_autoptr (GPtrArray) outbox = mabei_replica_outbox (person->replica, spaces->pdata[i]);

    n += outbox->len;
  }
  return n;
}

static void
assert_all_same (Scene *scene)
{
  assert_same (scene->wang, scene->zhang, &scene->id);
  assert_same (scene->wang, scene->li, &scene->id);
  assert_same (scene->zhang, scene->li, &scene->id);
}

static void
test_converges (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  MabeiDocument *document;

  visit_all (scene);
  post (scene->zhang, joint (scene, scene->zhang), "I want my horse back");
  post (scene->li, joint (scene, scene->li), "It is my horse");
  document = write_document (scene->wang, joint (scene, scene->wang), "Minutes");
  type_text (scene->wang, document, 0, "Both came.");
  g_assert_true (mabei_replica_flush (scene->wang->replica, now (), NULL));
  post (scene->zhang, the_caucus (scene->zhang, &scene->id, scene->zhang), "I would take money");
  visit_all (scene);
  assert_all_same (scene);
  g_assert_cmpuint (n_unsent (scene->wang, &scene->id), ==, 0);
  g_assert_cmpuint (n_unsent (scene->zhang, &scene->id), ==, 0);
  g_assert_cmpuint (mabei_graph_n_complete (mabei_space_graph (joint (scene, scene->li))), ==,
                    mabei_graph_n_complete (mabei_space_graph (joint (scene, scene->wang))));
  g_assert_null (the_caucus (scene->li, &scene->id, scene->zhang));
  /* control, joint, two caucuses */
  g_assert_cmpuint (model_hub_n_mailboxes (scene->hub), ==, 4);
}

/* The same visits once more: not one record more at the hub, nothing new here. */
static void
test_idempotent (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  guint records;
  MabeiId before, after;

  visit_all (scene);
  records = model_hub_n_records (scene->hub);
  state_of (scene->zhang, &scene->id, &before);
  visit_all (scene);
  person_reopen (scene->zhang);
  visit_all (scene);
  state_of (scene->zhang, &scene->id, &after);
  g_assert_cmpuint (model_hub_n_records (scene->hub), ==, records);
  g_assert_true (mabei_id_equal (&before, &after));
}

/* A later visit reads on from the kept cursor. */
static void
test_cursor (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (ModelLine) line = NULL;
  g_autoptr (MabeiExchange) exchange = NULL;
  guint64 before;

  visit_all (scene);
  for (guint i = 0; i < 30; i++)
    post (scene->zhang, joint (scene, scene->zhang), "again");
  visit_all (scene);
  person_reopen (scene->li);
  line = model_hub_connect (scene->hub);
  exchange = mabei_exchange_new_hub (scene->li->replica, model_hub_key (scene->hub), NULL);
  loop_run (exchange, line);
  mabei_exchange_counts (exchange, &before, NULL, NULL);
  g_test_message ("a visit with nothing new: %" G_GUINT64_FORMAT " bytes in", before);
  g_assert_cmpuint (before, <, 600); /* HELLO, READY, three DONEs */
}

static void
test_hub_forgot (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  guint records;

  visit_all (scene);
  post (scene->zhang, joint (scene, scene->zhang), "before");
  visit_all (scene);
  records = model_hub_n_records (scene->hub);
  model_hub_forget (scene->hub);
  visit_all (scene);
  /* Whatever is known of the case lies there again; only who posted decides how often. */
  g_assert_cmpuint (model_hub_n_records (scene->hub), >=, records);
  post (scene->li, joint (scene, scene->li), "after");
  visit_all (scene);
  assert_all_same (scene);
  g_assert_cmpuint (n_unsent (scene->wang, &scene->id), ==, 0);
}

static void
test_wrong_key (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  guint8 other[32] = {1};
  g_autoptr (ModelLine) line = model_hub_connect (scene->hub);
  g_autoptr (MabeiExchange) exchange = mabei_exchange_new_hub (scene->wang->replica, other, NULL);
  g_autoptr (GBytes) hello = model_line_next (line);
  g_autoptr (GBytes) own = mabei_exchange_next (exchange, now ());
  g_autoptr (GError) error = NULL;

  g_assert_false (mabei_exchange_receive (exchange, hello, now (), &error));
  g_assert_cmpstr (error->message, ==, "this is not the hub that was registered");
  g_assert_null (mabei_exchange_next (exchange, now ())); /* no AUTH for a stranger */
}

/* Without a pinned key it takes the one shown, and tells it. */
static void
test_first_meeting (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (ModelLine) line = model_hub_connect (scene->hub);
  g_autoptr (MabeiExchange) exchange = mabei_exchange_new_hub (scene->wang->replica, NULL, NULL);

  g_assert_null (mabei_exchange_hub_key (exchange));
  loop_run (exchange, line);
  g_assert_true (mabei_exchange_is_idle (exchange));
  g_assert_cmpmem (mabei_exchange_hub_key (exchange), 32, model_hub_key (scene->hub), 32);
}

/* Shows the right key and cannot sign with it. */
static void
test_wrong_proof (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (MabeiDeviceKey) liar = mabei_device_key_new ();
  MabeiFrame hello = {.type = MABEI_FRAME_HELLO, .version = MABEI_PROTOCOL_VERSION};
  MabeiFrame ready = {.type = MABEI_FRAME_READY};
  g_autoptr (MabeiExchange) exchange = mabei_exchange_new_hub (scene->wang->replica, model_hub_key (scene->hub), NULL);
  g_autoptr (GBytes) own = mabei_exchange_next (exchange, now ());
  g_autoptr (MabeiFrame) own_hello = mabei_frame_decode (own, NULL);
  g_autoptr (GBytes) hello_bytes = NULL, ready_bytes = NULL, auth = NULL;
  g_autoptr (GError) error = NULL;

  memcpy (hello.key, model_hub_key (scene->hub), 32);
  hello_bytes = mabei_frame_encode (&hello);
  g_assert_true (mabei_exchange_receive (exchange, hello_bytes, now (), NULL));
  auth = mabei_exchange_next (exchange, now ());
  g_assert_nonnull (auth);
  mabei_proof_sign_ready (&ready, liar, own_hello->salt, hello.salt);
  ready_bytes = mabei_frame_encode (&ready);
  g_assert_false (mabei_exchange_receive (exchange, ready_bytes, now (), &error));
  g_assert_cmpstr (error->message, ==, "the hub could not prove its key");
  g_assert_false (mabei_exchange_is_ready (exchange));
}

static void
check_out_of_order (Scene *scene, MabeiFrame *frame)
{
  g_autoptr (MabeiExchange) exchange = mabei_exchange_new_hub (scene->wang->replica, NULL, NULL);
  g_autoptr (GBytes) data = g_bytes_new_static ("x", 1);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  if (frame->type == MABEI_FRAME_RECORD || frame->type == MABEI_FRAME_LIVE)
    frame->data = data;
  bytes = mabei_frame_encode (frame);
  frame->data = NULL;
  g_assert_false (mabei_exchange_receive (exchange, bytes, now (), &error));
  g_assert_nonnull (error);
  g_assert_null (strchr (error->message, '\n'));
}

/* Nothing but a greeting is taken first, and no frame that only devices send is taken at all. */
static void
test_out_of_order (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  for (guint type = MABEI_FRAME_AUTH; type <= MABEI_FRAME_DONE; type++) {
    MabeiFrame frame = {.type = (MabeiFrameType) type, .code = MABEI_REFUSE_BUSY};

    if (type != MABEI_FRAME_PING && type != MABEI_FRAME_PONG)
      check_out_of_order (scene, &frame);
  }
}

static void
receive_error (MabeiExchange *exchange, const MabeiFrame *frame, const char *text)
{
  g_autoptr (GBytes) bytes = mabei_frame_encode (frame);
  g_autoptr (GError) error = NULL;

  g_assert_false (mabei_exchange_receive (exchange, bytes, now (), &error));
  g_assert_cmpstr (error->message, ==, text);
}

static void
test_hub_breaks_the_protocol (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (ModelLine) line = model_hub_connect (scene->hub);
  g_autoptr (MabeiExchange) exchange = mabei_exchange_new_hub (scene->wang->replica, NULL, NULL);
  g_autoptr (GBytes) envelope = g_bytes_new_static ("x", 1);
  MabeiFrame hello = {.type = MABEI_FRAME_HELLO, .version = MABEI_PROTOCOL_VERSION};
  MabeiFrame ready = {.type = MABEI_FRAME_READY}, done = {.type = MABEI_FRAME_DONE};
  MabeiFrame record = {.type = MABEI_FRAME_RECORD, .tag = 1, .data = envelope}, ack = {.type = MABEI_FRAME_ACK};
  MabeiFrame refuse = {.type = MABEI_FRAME_REFUSE, .tag = 0, .code = MABEI_REFUSE_BUSY};

  loop_run (exchange, line);
  receive_error (exchange, &hello, "the hub greeted twice");
  receive_error (exchange, &ready, "the hub was ready at a wrong time");
  receive_error (exchange, &done, "the hub finished a mailbox that was not opened");
  receive_error (exchange, &record, "the hub sent from a mailbox that was not opened");
  ack.tag = 1000000;
  receive_error (exchange, &ack, "the other side acknowledged what was not sent");
  receive_error (exchange, &refuse, "the hub is busy");
  refuse.tag = 1000000;
  receive_error (exchange, &refuse, "the other side refused what was not sent");
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

/* A member with the key to write puts garbage into the mailbox; a hub, or its disk, spoils a record. */
static void
test_junk (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  MabeiSpace *space = joint (scene, scene->zhang);
  g_autoptr (MabeiMailboxKeys) keys = NULL;
  g_autoptr (MabeiFrame) frame = NULL, spoiled = NULL;
  g_autoptr (GBytes) garbage = NULL, noise = NULL;
  g_autoptr (ModelLine) line = NULL;
  g_autoptr (MabeiExchange) exchange = NULL;
  MabeiSecret *secret;
  MabeiId epoch_id;
  guint8 bytes[296];
  guint junk;

  visit_all (scene);
  g_assert_true (mabei_space_writing_epoch (space, &epoch_id, &secret));
  keys = mabei_mailbox_keys_new (secret, 0);
  garbage = mabei_record_frame_seal (secret, keys, 1, "not a change", 12);
  frame = mabei_frame_decode (garbage, NULL);
  model_hub_plant (scene->hub, frame);
  spoiled = mabei_frame_decode (garbage, NULL);
  randombytes_buf (bytes, sizeof bytes);
  noise = g_bytes_new (bytes, sizeof bytes);
  g_bytes_unref (spoiled->data);
  spoiled->data = g_bytes_ref (noise);
  model_hub_plant (scene->hub, spoiled);
  post (scene->zhang, space, "after the garbage");
  loop_visit (scene->zhang, scene->hub);

  line = model_hub_connect (scene->hub);
  exchange = mabei_exchange_new_hub (scene->li->replica, NULL, NULL);
  loop_run (exchange, line);
  mabei_exchange_faults (exchange, &junk, NULL);
  g_assert_cmpuint (junk, ==, 2);
  g_assert_true (mabei_exchange_is_idle (exchange));
  assert_same (scene->zhang, scene->li, &scene->id);
  /* and the cursor went over it */
  g_clear_pointer (&exchange, mabei_exchange_free);
  exchange = mabei_exchange_new_hub (scene->li->replica, NULL, NULL);
  g_clear_pointer (&line, model_line_free);
  line = model_hub_connect (scene->hub);
  loop_run (exchange, line);
  mabei_exchange_faults (exchange, &junk, NULL);
  g_assert_cmpuint (junk, ==, 0);
}

/* Zhang's second message is at the hub, his first is not: Li keeps it as waiting. */
static void
test_missing_parent (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  MabeiSpace *space = joint (scene, scene->zhang);
  guint before, waiting;

  visit_all (scene);
  before = mabei_graph_n_complete (mabei_space_graph (joint (scene, scene->li)));
  post (scene->zhang, space, "first");
  {
    g_autoptr (GPtrArray) outbox = mabei_replica_outbox (scene->zhang->replica, space);

    g_assert_true (mabei_replica_set_receipt (scene->zhang->replica, space, mabei_change_id (outbox->pdata[0]), NULL));
  }
  post (scene->zhang, space, "second");
  loop_visit (scene->zhang, scene->hub);
  loop_visit (scene->li, scene->hub);
  waiting = mabei_graph_n_waiting (mabei_space_graph (joint (scene, scene->li)));
  g_assert_cmpuint (waiting, ==, 1);
  g_assert_cmpuint (mabei_graph_n_complete (mabei_space_graph (joint (scene, scene->li))), ==, before);
  g_assert_true (mabei_replica_reset_receipts (scene->zhang->replica, NULL));
  visit_all (scene);
  assert_all_same (scene);
  g_assert_cmpuint (mabei_graph_n_complete (mabei_space_graph (joint (scene, scene->li))), ==, before + 2);
}

/* Li comes before Wang has made any mailbox: nothing to read is no fault, and asked again later it is there. */
static void
test_missing_mailbox (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (ModelLine) line = model_hub_connect (scene->hub);
  g_autoptr (MabeiExchange) exchange = mabei_exchange_new_hub (scene->li->replica, NULL, NULL);

  loop_run (exchange, line);
  g_assert_true (mabei_exchange_is_idle (exchange)); /* nothing to read, nothing to send */
  loop_visit (scene->wang, scene->hub);
  wait_ms (10000);
  loop_run (exchange, line);
  assert_same (scene->wang, scene->li, &scene->id);
  g_assert_nonnull (mabei_case_self (the_case (scene->li, &scene->id)));
}

/* A case that is made while the connection stands, and a message: wake looks again. */
static void
test_wake (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (ModelLine) line = model_hub_connect (scene->hub);
  g_autoptr (MabeiExchange) exchange = mabei_exchange_new_hub (scene->wang->replica, NULL, NULL);
  guint mailboxes;

  loop_run (exchange, line);
  mailboxes = model_hub_n_mailboxes (scene->hub);
  g_assert_nonnull (mabei_replica_case_new (scene->wang->replica, "Another", now (), NULL));
  mabei_exchange_wake (exchange);
  g_assert_false (mabei_exchange_is_idle (exchange));
  loop_run (exchange, line);
  g_assert_true (mabei_exchange_is_idle (exchange));
  g_assert_cmpuint (model_hub_n_mailboxes (scene->hub), ==, mailboxes + 2);
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

/* No frame of Li's connection names a mailbox of Zhang's caucus. */
static void
test_caucus_stays_inside (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  MabeiSpace *caucus = the_caucus (scene->zhang, &scene->id, scene->zhang);
  g_autoptr (MabeiMailboxKeys) keys = NULL;
  g_autoptr (ModelLine) line = NULL, other_line = NULL;
  g_autoptr (MabeiExchange) exchange = NULL, other = NULL;
  MabeiSecret *secret;
  MabeiId epoch_id;

  visit_all (scene);
  post (scene->zhang, caucus, "between us");
  g_assert_true (mabei_space_writing_epoch (caucus, &epoch_id, &secret));
  keys = mabei_mailbox_keys_new (secret, 0);
  line = model_hub_connect (scene->hub);
  exchange = mabei_exchange_new_hub (scene->zhang->replica, NULL, NULL);
  loop_run (exchange, line);
  g_assert_true (model_line_was_sent (line, mabei_mailbox_keys_id (keys)));
  other_line = model_hub_connect (scene->hub);
  other = mabei_exchange_new_hub (scene->li->replica, NULL, NULL);
  loop_run (other, other_line);
  g_assert_false (model_line_was_sent (other_line, mabei_mailbox_keys_id (keys)));
}

static void
add (const char *path, gconstpointer data, void (*test) (Scene *, gconstpointer))
{
  g_test_add (path, Scene, data, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  add ("/exchange/converges", NULL, test_converges);
  add ("/exchange/idempotent", NULL, test_idempotent);
  add ("/exchange/cursor", NULL, test_cursor);
  add ("/exchange/hub-forgot", NULL, test_hub_forgot);
  add ("/exchange/wrong-key", NULL, test_wrong_key);
  add ("/exchange/first-meeting", NULL, test_first_meeting);
  add ("/exchange/wrong-proof", NULL, test_wrong_proof);
  add ("/exchange/out-of-order", NULL, test_out_of_order);
  add ("/exchange/hub-breaks-the-protocol", NULL, test_hub_breaks_the_protocol);
  add ("/exchange/ping", NULL, test_ping);
  add ("/exchange/own-credit-records", NULL, test_own_credit);
  add ("/exchange/own-credit-bytes", "large", test_own_credit);
  add ("/exchange/hub-credit", NULL, test_hub_credit);
  add ("/exchange/full", NULL, test_full);
  add ("/exchange/refused", NULL, test_refused);
  add ("/exchange/junk", NULL, test_junk);
  add ("/exchange/missing-parent", NULL, test_missing_parent);
  add ("/exchange/missing-mailbox", NULL, test_missing_mailbox);
  add ("/exchange/wake", NULL, test_wake);
  add ("/exchange/watch-and-post", NULL, test_watch_and_post);
  add ("/exchange/live", NULL, test_live);
  add ("/exchange/mailbox-limit", NULL, test_mailbox_limit);
  add ("/exchange/caucus-stays-inside", NULL, test_caucus_stays_inside);
  return g_test_run ();
}
