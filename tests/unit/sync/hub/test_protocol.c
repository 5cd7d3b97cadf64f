/* The hub and its clients, frame by frame. */
#include <string.h>

#include "core/authority/credential.h"
#include "tests/unit/sync/hub/fixture.h"

static void
expect_record (Client *client, MabeiMailboxKeys *keys, guint64 position, GBytes *envelope)
{
  g_autoptr (MabeiFrame) frame = client_expect (client, MABEI_FRAME_RECORD);
  g_assert_true (mabei_short_id_equal (&frame->mailbox, mabei_mailbox_keys_id (keys)));
  g_assert_cmpuint (frame->position, ==, position);
  g_assert_true (g_bytes_equal (frame->data, envelope));
  g_assert_true (mabei_proof_check_data (frame, mabei_mailbox_keys_write_key (keys)));
  MabeiFrame ack = {.type = MABEI_FRAME_ACK, .tag = frame->tag, .position = position};
  client_send (client, &ack);
}

static void
expect_done (Client *client, MabeiMailboxKeys *keys)
{
  g_autoptr (MabeiFrame) frame = client_expect (client, MABEI_FRAME_DONE);
  g_assert_true (mabei_short_id_equal (&frame->mailbox, mabei_mailbox_keys_id (keys)));
}

static Client *
client_new (Fixture *fixture)
{
  g_autoptr (MabeiDeviceKey) device = mabei_device_key_new ();
  return client_ready (mabei_hub_url (fixture->hub), device, NULL);
}

/* --- handshake --- */

static void
test_both_prove_themselves (void)
{
  g_autoptr (Fixture) hub = fixture_new ();
  fixture_start (hub);
  g_autoptr (Client) one = client_new (hub);
  g_autoptr (Client) two = client_new (hub);

  g_assert_cmpmem (client_hub_key (one), 32, mabei_hub_key (hub->hub), 32);
  g_assert_true (mabei_short_id_equal (client_epoch (one), client_epoch (two)));
  g_assert_false (mabei_short_id_is_zero (client_epoch (one)));
  g_assert_cmpint (memcmp (client_salt (one), client_salt (two), 32), !=, 0);
  client_expect_nothing (one);
}

static void
test_wrong_proof_is_refused_and_closed (void)
{
  g_autoptr (Fixture) hub = fixture_new ();
  g_autoptr (MabeiDeviceKey) device = mabei_device_key_new ();
  fixture_start (hub);

  for (guint wrong = 0; wrong < 3; wrong++) {
    g_autoptr (Client) client = client_connect (mabei_hub_url (hub->hub));
    MabeiFrame auth = {.type = MABEI_FRAME_AUTH};
    guint8 other[32] = {7};
    client_hello (client);
    mabei_proof_sign_auth (&auth, device, wrong == 0 ? other : client_salt (client),
                           wrong == 1 ? other : client_hub_key (client), 1);
    if (wrong == 2)
      auth.time_ms = 2;
    client_send (client, &auth);
    client_expect_refusal (client, 0, MABEI_REFUSE_NOT_ALLOWED);
    client_expect_closed (client);
  }
}

static void
test_nothing_before_ready (void)
{
  g_autoptr (Fixture) hub = fixture_new ();
  g_autoptr (MabeiMailboxKeys) keys = mailbox_make (1);
  fixture_start (hub);

  for (guint greeted = 0; greeted < 2; greeted++) {
    g_autoptr (Client) client = client_connect (mabei_hub_url (hub->hub));
    if (greeted)
      client_hello (client);
    client_create (client, 1, keys);
    client_expect_refusal (client, 0, MABEI_REFUSE_FORMAT);
    client_expect_closed (client);
  }
  g_autoptr (Client) old = client_connect (mabei_hub_url (hub->hub));
  MabeiFrame hello = {.type = MABEI_FRAME_HELLO, .version = MABEI_PROTOCOL_VERSION + 1};
  client_send (old, &hello);
  client_expect_refusal (old, 0, MABEI_REFUSE_FORMAT);
  client_expect_closed (old);
}

static void
test_bytes_that_are_no_frame_end_the_connection (void)
{
  g_autoptr (Fixture) hub = fixture_new ();
  fixture_start (hub);
  const char *const junk[] = {"", "\xff", "\x81\x18\x63", "\x80", "hello"};

  for (guint i = 0; i < G_N_ELEMENTS (junk); i++) {
    g_autoptr (Client) client = client_new (hub);
    client_send_bytes (client, junk[i], strlen (junk[i]));
    client_expect_refusal (client, 0, MABEI_REFUSE_FORMAT);
    client_expect_closed (client);
  }
  const MabeiFrameType out_of_order[] = {MABEI_FRAME_HELLO, MABEI_FRAME_AUTH, MABEI_FRAME_READY, MABEI_FRAME_HEADS};
  for (guint i = 0; i < G_N_ELEMENTS (out_of_order); i++) {
    g_autoptr (Client) client = client_new (hub);
    MabeiFrame frame = {.type = out_of_order[i], .version = MABEI_PROTOCOL_VERSION};
    client_send (client, &frame);
    client_expect_refusal (client, 0, MABEI_REFUSE_FORMAT);
    client_expect_closed (client);
  }
  /* The hub serves on. */
  g_autoptr (Client) client = client_new (hub);
  client_expect_nothing (client);
}

/* --- who may make mailboxes --- */

static void
create_with (Fixture *hub, MabeiDeviceKey *device, MabeiCredential *credential, gboolean allowed)
{
  static guint64 number = 100;
  g_autoptr (MabeiMailboxKeys) keys = mailbox_make (++number);
  g_autoptr (Client) client =
      client_ready (mabei_hub_url (hub->hub), device, credential != NULL ? credential->encoded : NULL);
  client_create (client, 9, keys);
  if (allowed)
    client_expect_ack (client, 9, 0);
  else
    client_expect_refusal (client, 9, MABEI_REFUSE_NOT_ALLOWED);
}

static void
test_credential_decides_who_creates (void)
{
  g_autoptr (Fixture) hub = fixture_new ();
  g_autoptr (MabeiDeviceKey) court = mabei_device_key_new ();
  g_autoptr (MabeiDeviceKey) other_court = mabei_device_key_new ();
  g_autoptr (MabeiDeviceKey) device = mabei_device_key_new ();
  g_autoptr (MabeiDeviceKey) other = mabei_device_key_new ();
  const MabeiDevicePublic *public_key = mabei_device_key_public (device);
  g_autoptr (MabeiCredential) good =
      mabei_credential_issue (court, MABEI_ROLE_MEDIATOR, "M", public_key, MABEI_RIGHT_OPEN_CASES, 1, 1, NULL);
  g_autoptr (MabeiCredential) foreign =
      mabei_credential_issue (other_court, MABEI_ROLE_MEDIATOR, "M", public_key, MABEI_RIGHT_OPEN_CASES, 1, 1, NULL);
  g_autoptr (MabeiCredential) without =
      mabei_credential_issue (court, MABEI_ROLE_MEDIATOR, "M", public_key, 0, 1, 1, NULL);

  hub->config.court_key = mabei_device_key_public (court)->sign_key;
  fixture_start (hub);
  create_with (hub, device, good, TRUE);
  create_with (hub, other, good, FALSE); /* stolen */
  create_with (hub, device, foreign, FALSE);
  create_with (hub, device, without, FALSE);
  create_with (hub, device, NULL, FALSE);
}

static void
test_without_court_key_any_device_creates (void)
{
  g_autoptr (Fixture) hub = fixture_new ();
  g_autoptr (MabeiDeviceKey) device = mabei_device_key_new ();
  fixture_start (hub);
  create_with (hub, device, NULL, TRUE);
}

static void
test_create_twice_is_one_mailbox (void)
{
  g_autoptr (Fixture) hub = fixture_new ();
  g_autoptr (MabeiMailboxKeys) keys = mailbox_make (1);
  fixture_start (hub);
  g_autoptr (Client) client = client_new (hub);
  client_create (client, 1, keys);
  client_expect_ack (client, 1, 0);
  client_create (client, 2, keys);
  client_expect_ack (client, 2, 0);
  g_assert_cmpuint (fixture_metric (hub, "store_mailboxes"), ==, 1);
}

/* --- records --- */

static void
test_one_writes_the_other_reads (void)
{
  g_autoptr (Fixture) hub = fixture_new ();
  g_autoptr (MabeiMailboxKeys) keys = mailbox_make (1);
  g_autoptr (GBytes) first = envelope_make (100, 1);
  g_autoptr (GBytes) second = envelope_make (60000, 2);
  fixture_start (hub);
  g_autoptr (Client) zhang = client_new (hub);
  g_autoptr (Client) li = client_new (hub);

  client_create (zhang, 1, keys);
  client_expect_ack (zhang, 1, 0);
  client_record (zhang, 2, keys, first);
  client_expect_ack (zhang, 2, 1);

  /* Li comes later, gets what was there, the end, and then what is new. */
  client_open (li, 1, keys, 0);
  expect_record (li, keys, 1, first);
  expect_done (li, keys);
  client_record (zhang, 3, keys, second);
  client_expect_ack (zhang, 3, 2);
  expect_record (li, keys, 2, second);
  client_expect_nothing (li);

  /* From a kept cursor only what follows; a cursor from another life of the store is not believed. */
  g_autoptr (Client) again = client_new (hub);
  client_open (again, 1, keys, 1);
  expect_record (again, keys, 2, second);
  expect_done (again, keys);
  client_open (again, 2, keys, 2);
  expect_done (again, keys);
  client_open (again, 3, keys, 99);
  expect_record (again, keys, 1, first);
  expect_record (again, keys, 2, second);
  expect_done (again, keys);
}

static void
test_same_envelope_has_one_position (void)
{
  g_autoptr (Fixture) hub = fixture_new ();
  g_autoptr (MabeiMailboxKeys) keys = mailbox_make (1);
  g_autoptr (MabeiMailboxKeys) elsewhere = mailbox_make (2);
  g_autoptr (GBytes) envelope = envelope_make (100, 1);
  g_autoptr (GBytes) other = envelope_make (100, 2);
  fixture_start (hub);
  g_autoptr (Client) client = client_new (hub);

  client_create (client, 1, keys);
  client_create (client, 2, elsewhere);
  /* In one transaction, and after it. */
  client_record (client, 3, keys, envelope);
  client_record (client, 4, keys, envelope);
  client_record (client, 5, keys, other);
  client_expect_ack (client, 1, 0);
  client_expect_ack (client, 2, 0);
  client_expect_ack (client, 3, 1);
  client_expect_ack (client, 4, 1);
  client_expect_ack (client, 5, 2);
  client_record (client, 6, keys, envelope);
  client_expect_ack (client, 6, 1);
  client_record (client, 7, elsewhere, envelope);
  client_expect_ack (client, 7, 1);
  g_assert_cmpuint (fixture_metric (hub, "store_records"), ==, 3);
  g_assert_cmpuint (fixture_metric (hub, "record_duplicates_total"), ==, 2);
}

static void
test_records_that_are_refused (void)
{
  g_autoptr (Fixture) hub = fixture_new ();
  g_autoptr (MabeiMailboxKeys) keys = mailbox_make (1);
  g_autoptr (MabeiMailboxKeys) stranger = mailbox_make (2);
  g_autoptr (GBytes) envelope = envelope_make (100, 1);
  g_autoptr (GBytes) odd = g_bytes_new_static (g_bytes_get_data (envelope, NULL), g_bytes_get_size (envelope) - 1);
  MabeiFrame forged = {.type = MABEI_FRAME_RECORD, .tag = 4, .data = envelope};
  fixture_start (hub);
  g_autoptr (Client) client = client_new (hub);

  client_create (client, 1, keys);
  client_expect_ack (client, 1, 0);
  client_record (client, 2, keys, odd); /* no size class */
  client_expect_refusal (client, 2, MABEI_REFUSE_FORMAT);
  client_record (client, 3, stranger, envelope); /* no such mailbox */
  client_expect_refusal (client, 3, MABEI_REFUSE_NOT_FOUND);
  mabei_proof_sign_data (&forged, stranger); /* the key of another */
  forged.mailbox = *mabei_mailbox_keys_id (keys);
  client_send (client, &forged);
  client_expect_refusal (client, 4, MABEI_REFUSE_NOT_ALLOWED);
  client_record (client, 5, keys, envelope);
  client_expect_ack (client, 5, 1);
}

static void
test_open_needs_the_read_key (void)
{
  g_autoptr (Fixture) hub = fixture_new ();
  g_autoptr (MabeiMailboxKeys) keys = mailbox_make (1);
  g_autoptr (MabeiMailboxKeys) unmade = mailbox_make (2);
  fixture_start (hub);
  g_autoptr (Client) client = client_new (hub);
  g_autoptr (Client) other = client_new (hub);
  client_create (client, 1, keys);
  client_expect_ack (client, 1, 0);

  /* The proof of another connection, for a mailbox that is there and one that is not: the same answer. */
  MabeiMailboxKeys *both[] = {keys, unmade};
  for (guint i = 0; i < 2; i++) {
    MabeiFrame open = {.type = MABEI_FRAME_OPEN, .tag = 5};
    mabei_proof_sign_open (&open, both[i], client_salt (other));
    client_send (client, &open);
    client_expect_refusal (client, 5, MABEI_REFUSE_NOT_ALLOWED);
  }
  client_open (client, 6, unmade, 0);
  client_expect_refusal (client, 6, MABEI_REFUSE_NOT_FOUND);
  client_open (client, 7, keys, 0);
  expect_done (client, keys);
}

static void
test_many_records_in_order (void)
{
  enum { RECORDS = 2000 };
  g_autoptr (Fixture) hub = fixture_new ();
  g_autoptr (MabeiMailboxKeys) keys = mailbox_make (1);
  fixture_start (hub);
  g_autoptr (Client) author = client_new (hub);
  g_autoptr (Client) reader = client_new (hub);

  client_create (author, 0, keys);
  client_expect_ack (author, 0, 0);
  client_open (reader, 0, keys, 0);
  expect_done (reader, keys);
  for (guint i = 1; i <= RECORDS; i++) {
    g_autoptr (GBytes) envelope = envelope_make (100, i);
    client_record (author, i, keys, envelope);
  }
  for (guint i = 1; i <= RECORDS; i++)
    client_expect_ack (author, i, i);
  for (guint i = 1; i <= RECORDS; i++) {
    g_autoptr (MabeiFrame) frame = client_expect (reader, MABEI_FRAME_RECORD);
    g_assert_cmpuint (frame->position, ==, i);
    MabeiFrame ack = {.type = MABEI_FRAME_ACK, .tag = frame->tag, .position = i};
    client_send (reader, &ack);
  }
  /* One commit for many. */
  g_assert_cmpuint (fixture_metric (hub, "commit_seconds_count"), <, RECORDS / 2);
}

/* --- live --- */

static void
test_live_goes_to_the_others (void)
{
  g_autoptr (Fixture) hub = fixture_new ();
  g_autoptr (MabeiMailboxKeys) keys = mailbox_make (1);
  g_autoptr (MabeiMailboxKeys) wrong = mailbox_make (2);
  fixture_start (hub);
  g_autoptr (Client) one = client_new (hub);
  g_autoptr (Client) two = client_new (hub);
  g_autoptr (Client) three = client_new (hub);

  client_create (one, 1, keys);
  client_expect_ack (one, 1, 0);
  client_open (one, 2, keys, 0);
  expect_done (one, keys);
  client_open (two, 1, keys, 0);
  expect_done (two, keys);

  client_live (one, keys, "sealed");
  g_autoptr (MabeiFrame) live = client_expect (two, MABEI_FRAME_LIVE);
  g_assert_cmpmem (g_bytes_get_data (live->data, NULL), g_bytes_get_size (live->data), "sealed", 6);
  g_assert_true (mabei_proof_check_data (live, mabei_mailbox_keys_write_key (keys)));
  client_expect_nothing (one);
  client_expect_nothing (three);

  /* Signed by the wrong key, or for nobody: goes nowhere. Who opens later does not get what was. */
  g_autoptr (GBytes) data = g_bytes_new_static ("x", 1);
  MabeiFrame forged = {.type = MABEI_FRAME_LIVE, .data = data};
  mabei_proof_sign_data (&forged, wrong);
  forged.mailbox = *mabei_mailbox_keys_id (keys);
  client_send (one, &forged);
  client_live (one, wrong, "nobody");
  client_expect_nothing (one);
  client_expect_nothing (two);
  client_open (three, 1, keys, 0);
  expect_done (three, keys);
  client_expect_nothing (three);
}

int
main (int argc, char **argv)
{
  fixture_init (&argc, &argv);
  g_test_add_func ("/hub/protocol/both-prove-themselves", test_both_prove_themselves);
  g_test_add_func ("/hub/protocol/wrong-proof", test_wrong_proof_is_refused_and_closed);
  g_test_add_func ("/hub/protocol/nothing-before-ready", test_nothing_before_ready);
  g_test_add_func ("/hub/protocol/no-frame", test_bytes_that_are_no_frame_end_the_connection);
  g_test_add_func ("/hub/protocol/credential", test_credential_decides_who_creates);
  g_test_add_func ("/hub/protocol/no-court-key", test_without_court_key_any_device_creates);
  g_test_add_func ("/hub/protocol/create-twice", test_create_twice_is_one_mailbox);
  g_test_add_func ("/hub/protocol/write-and-read", test_one_writes_the_other_reads);
  g_test_add_func ("/hub/protocol/duplicates", test_same_envelope_has_one_position);
  g_test_add_func ("/hub/protocol/refused-records", test_records_that_are_refused);
  g_test_add_func ("/hub/protocol/read-key", test_open_needs_the_read_key);
  g_test_add_func ("/hub/protocol/many-records", test_many_records_in_order);
  g_test_add_func ("/hub/protocol/live", test_live_goes_to_the_others);
  return g_test_run ();
}
