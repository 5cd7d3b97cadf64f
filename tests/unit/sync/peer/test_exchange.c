/* An exchange with a hub: mediator Wang has a case, Zhang and Li are parties; the hub is a model (model_hub.h). */
#include <sodium.h>
#include <string.h>

#include "core/base/secret.h"
#include "sync/peer/proof.h"
#include "sync/peer/record_frame.h"
#include "tests/unit/sync/peer/loop.h"
#include "tests/unit/sync/peer/scene.h"

static void
visit_all (Scene *scene)
{
  Person *people[] = {scene->wang, scene->zhang, scene->li};

  loop_visit_all (people, 3, scene->hub);
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
  g_autoptr (GError) error = NULL;

  g_bytes_unref (mabei_exchange_next (exchange, now ())); /* its own greeting */
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

/* A genuine change in a genuine envelope, but the write signature is not the mailbox's: not even opened. */
static void
test_write_signature (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  MabeiSpace *space = joint (scene, scene->zhang);
  g_autoptr (GPtrArray) outbox = NULL;
  g_autoptr (MabeiMailboxKeys) keys = NULL;
  g_autoptr (GBytes) sealed = NULL;
  g_autoptr (MabeiFrame) frame = NULL;
  g_autoptr (ModelLine) line = NULL;
  g_autoptr (MabeiExchange) exchange = NULL;
  MabeiSecret *secret;
  MabeiId epoch_id;
  gsize length;
  gconstpointer change;
  guint junk;

  visit_all (scene);
  post (scene->zhang, space, "genuine");
  outbox = mabei_replica_outbox (scene->zhang->replica, space);
  change = g_bytes_get_data (mabei_change_encoded (outbox->pdata[0]), &length);
  g_assert_true (mabei_space_writing_epoch (space, &epoch_id, &secret));
  keys = mabei_mailbox_keys_new (secret, 0);
  sealed = mabei_record_frame_seal (secret, keys, 1, change, length);
  frame = mabei_frame_decode (sealed, NULL);
  frame->signature[0] ^= 1;
  model_hub_plant (scene->hub, frame);
  line = model_hub_connect (scene->hub);
  exchange = mabei_exchange_new_hub (scene->li->replica, NULL, NULL);
  loop_run (exchange, line);
  mabei_exchange_faults (exchange, &junk, NULL);
  g_assert_cmpuint (junk, ==, 1);
  g_assert_null (mabei_graph_lookup (mabei_space_graph (joint (scene, scene->li)), mabei_change_id (outbox->pdata[0])));
}

/* Wang makes a new epoch: its record lies where the others read now, and opens the new mailbox to them, within one
 * visit. */
static void
test_new_epoch (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  guint before;

  visit_all (scene);
  rotate_joint (scene, scene->wang);
  post (scene->wang, joint (scene, scene->wang), "under the new key");
  loop_visit (scene->wang, scene->hub);
  g_assert_cmpuint (model_hub_n_mailboxes (scene->hub), ==, 5);
  loop_visit (scene->zhang, scene->hub);
  assert_same (scene->wang, scene->zhang, &scene->id);
  g_assert_cmpuint (mabei_graph_n_waiting (mabei_space_graph (joint (scene, scene->zhang))), ==, 0);
  post (scene->zhang, joint (scene, scene->zhang), "and so do I");
  before = model_hub_n_records (scene->hub);
  visit_all (scene);
  assert_all_same (scene);
  g_assert_cmpuint (model_hub_n_records (scene->hub), ==, before + 1);
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  scene_add ("/exchange/converges", NULL, test_converges);
  scene_add ("/exchange/idempotent", NULL, test_idempotent);
  scene_add ("/exchange/cursor", NULL, test_cursor);
  scene_add ("/exchange/hub-forgot", NULL, test_hub_forgot);
  scene_add ("/exchange/wrong-key", NULL, test_wrong_key);
  scene_add ("/exchange/first-meeting", NULL, test_first_meeting);
  scene_add ("/exchange/wrong-proof", NULL, test_wrong_proof);
  scene_add ("/exchange/out-of-order", NULL, test_out_of_order);
  scene_add ("/exchange/hub-breaks-the-protocol", NULL, test_hub_breaks_the_protocol);
  scene_add ("/exchange/junk", NULL, test_junk);
  scene_add ("/exchange/write-signature", NULL, test_write_signature);
  scene_add ("/exchange/new-epoch", NULL, test_new_epoch);
  scene_add ("/exchange/missing-parent", NULL, test_missing_parent);
  scene_add ("/exchange/missing-mailbox", NULL, test_missing_mailbox);
  scene_add ("/exchange/wake", NULL, test_wake);
  scene_add ("/exchange/caucus-stays-inside", NULL, test_caucus_stays_inside);
  return g_test_run ();
}
