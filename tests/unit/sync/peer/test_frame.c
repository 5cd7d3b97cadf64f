/* Frames: every type goes to bytes and back; hostile bytes give an error and nothing else. */
#include <sodium.h>
#include <string.h>

#include "core/base/secret.h"
#include "sync/peer/proof.h"

#define N_TYPES 13u

static GBytes *
some_bytes (gsize length)
{
  guint8 *data = g_malloc (length + 1);

  memset (data, 0x5a, length);
  return g_bytes_new_take (data, length);
}

/* A frame of each type with every field filled. */
static MabeiFrame *
make_frame (MabeiFrameType type)
{
  MabeiFrame *frame = g_new0 (MabeiFrame, 1);

  frame->type = type;
  frame->version = MABEI_PROTOCOL_VERSION;
  memset (frame->salt, 1, sizeof frame->salt);
  memset (frame->key, 2, sizeof frame->key);
  memset (frame->signature, 3, sizeof frame->signature);
  memset (frame->store_epoch.bytes, 4, MABEI_SHORT_ID_BYTES);
  memset (frame->read_key, 5, sizeof frame->read_key);
  memset (frame->write_key, 6, sizeof frame->write_key);
  memset (frame->mailbox.bytes, 7, MABEI_SHORT_ID_BYTES);
  frame->time_ms = 1700000000000;
  frame->tag = 300;
  frame->cursor = 70000;
  frame->position = 5;
  frame->code = MABEI_REFUSE_FULL;
  frame->number = G_MAXUINT64;
  frame->n_heads = 2;
  memset (frame->heads, 8, 16);
  if (type == MABEI_FRAME_AUTH)
    frame->credential = some_bytes (200);
  if (type == MABEI_FRAME_RECORD || type == MABEI_FRAME_LIVE)
    frame->data = some_bytes (296);
  return frame;
}

static GBytes *
encode_type (MabeiFrameType type)
{
  g_autoptr (MabeiFrame) frame = make_frame (type);

  return mabei_frame_encode (frame);
}

static void
test_round_trip (void)
{
  for (guint type = 0; type < N_TYPES; type++) {
    g_autoptr (GBytes) bytes = encode_type ((MabeiFrameType) type);
    g_autoptr (GBytes) again = NULL;
    g_autoptr (GError) error = NULL;
    g_autoptr (MabeiFrame) decoded = mabei_frame_decode (bytes, &error);

    g_assert_no_error (error);
    g_assert_cmpuint (decoded->type, ==, type);
    again = mabei_frame_encode (decoded);
    g_assert_true (g_bytes_equal (bytes, again));
  }
}

static void
test_fields_arrive (void)
{
  g_autoptr (GBytes) open = encode_type (MABEI_FRAME_OPEN), auth = encode_type (MABEI_FRAME_AUTH);
  g_autoptr (GBytes) heads = encode_type (MABEI_FRAME_HEADS), refuse = encode_type (MABEI_FRAME_REFUSE);
  g_autoptr (MabeiFrame) frame = mabei_frame_decode (open, NULL);
  g_autoptr (MabeiFrame) frame_auth = mabei_frame_decode (auth, NULL);
  g_autoptr (MabeiFrame) frame_heads = mabei_frame_decode (heads, NULL);
  g_autoptr (MabeiFrame) frame_refuse = mabei_frame_decode (refuse, NULL);

  g_assert_cmpuint (frame->tag, ==, 300);
  g_assert_cmpuint (frame->cursor, ==, 70000);
  g_assert_cmpuint (frame->read_key[31], ==, 5);
  g_assert_cmpuint (frame->write_key[0], ==, 6);
  g_assert_cmpuint (frame_auth->time_ms, ==, 1700000000000);
  g_assert_cmpuint (g_bytes_get_size (frame_auth->credential), ==, 200);
  g_assert_cmpuint (frame_heads->n_heads, ==, 2);
  g_assert_cmpuint (frame_heads->heads[1][7], ==, 8);
  g_assert_cmpuint (frame_refuse->code, ==, MABEI_REFUSE_FULL);
}

static void
test_credential_is_optional (void)
{
  g_autoptr (MabeiFrame) frame = make_frame (MABEI_FRAME_AUTH);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (MabeiFrame) decoded = NULL;

  g_clear_pointer (&frame->credential, g_bytes_unref);
  bytes = mabei_frame_encode (frame);
  decoded = mabei_frame_decode (bytes, NULL);
  g_assert_nonnull (decoded);
  g_assert_null (decoded->credential);
}

static void
test_truncated (void)
{
  for (guint type = 0; type < N_TYPES; type++) {
    g_autoptr (GBytes) bytes = encode_type ((MabeiFrameType) type);

    for (gsize length = 0; length < g_bytes_get_size (bytes); length++) {
      g_autoptr (GBytes) part = g_bytes_new_from_bytes (bytes, 0, length);
      g_autoptr (GError) error = NULL;

      g_assert_null (mabei_frame_decode (part, &error));
      g_assert_error (error, MABEI_FRAME_ERROR, MABEI_FRAME_ERROR_FORMAT);
      g_assert_null (strchr (error->message, '\n'));
    }
  }
}

/* A changed byte is refused, or is another frame that encodes to exactly those bytes. */
static void
test_flipped (void)
{
  for (guint type = 0; type < N_TYPES; type++) {
    g_autoptr (GBytes) bytes = encode_type ((MabeiFrameType) type);
    gsize length;
    const guint8 *data = g_bytes_get_data (bytes, &length);

    for (gsize at = 0; at < length; at++)
      for (guint bit = 0; bit < 8; bit++) {
        g_autofree guint8 *copy = g_memdup2 (data, length);
        g_autoptr (GBytes) flipped = NULL;
        g_autoptr (GError) error = NULL;
        g_autoptr (MabeiFrame) frame = NULL;

        copy[at] ^= (guint8) (1u << bit);
        flipped = g_bytes_new (copy, length);
        frame = mabei_frame_decode (flipped, &error);
        if (frame != NULL) {
          g_autoptr (GBytes) again = mabei_frame_encode (frame);

          g_assert_true (g_bytes_equal (flipped, again));
        } else {
          g_assert_nonnull (error);
        }
      }
  }
}

static void
test_trailing (void)
{
  g_autoptr (GBytes) bytes = encode_type (MABEI_FRAME_PING);
  g_autoptr (GByteArray) longer = g_byte_array_new ();
  g_autoptr (GBytes) more = NULL;
  g_autoptr (GError) error = NULL;

  g_byte_array_append (longer, g_bytes_get_data (bytes, NULL), (guint) g_bytes_get_size (bytes));
  g_byte_array_append (longer, (const guint8 *) "\0", 1);
  more = g_bytes_new (longer->data, longer->len);
  g_assert_null (mabei_frame_decode (more, &error));
  g_assert_error (error, MABEI_FRAME_ERROR, MABEI_FRAME_ERROR_FORMAT);
}

static void
check_refused (const char *hex, int code)
{
  g_autoptr (GBytes) bytes = mabei_hex_decode (hex, 4096);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (bytes);
  g_assert_null (mabei_frame_decode (bytes, &error));
  g_assert_error (error, MABEI_FRAME_ERROR, code);
}

static void
test_hostile (void)
{
  check_refused ("", MABEI_FRAME_ERROR_FORMAT);
  check_refused ("80", MABEI_FRAME_ERROR_FORMAT);                  /* [] */
  check_refused ("a0", MABEI_FRAME_ERROR_FORMAT);                  /* {} */
  check_refused ("820d00", MABEI_FRAME_ERROR_UNSUPPORTED);         /* [13, 0] */
  check_refused ("821a7fffffff00", MABEI_FRAME_ERROR_UNSUPPORTED); /* [2^31 - 1, 0] */
  check_refused ("82180a00", MABEI_FRAME_ERROR_FORMAT);            /* [10 in two bytes, 0] */
  check_refused ("830a0000", MABEI_FRAME_ERROR_FORMAT);            /* a PING with two numbers */
  check_refused ("830702"
                 "07",
                 MABEI_FRAME_ERROR_FORMAT);             /* REFUSE with code 7 */
  check_refused ("83070200", MABEI_FRAME_ERROR_FORMAT); /* REFUSE with code 0 */
  check_refused ("830850"
                 "07070707070707070707070707070707"
                 "49"
                 "080808080808080808",
                 MABEI_FRAME_ERROR_FORMAT); /* HEADS of 9 bytes */
  check_refused ("9b7fffffffffffffff0a00", MABEI_FRAME_ERROR_FORMAT);
  check_refused ("820c5b7fffffffffffffff00", MABEI_FRAME_ERROR_FORMAT);
}

/* Another version is told as such, even when its HELLO has another shape. */
static void
test_other_version (void)
{
  g_autoptr (GBytes) bytes = mabei_hex_decode ("820002", 16);
  g_autoptr (GError) error = NULL;

  g_assert_null (mabei_frame_decode (bytes, &error));
  g_assert_error (error, MABEI_FRAME_ERROR, MABEI_FRAME_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, "version 2"));
}

static void
test_limits (void)
{
  g_autoptr (MabeiFrame) frame = make_frame (MABEI_FRAME_RECORD);
  g_autoptr (MabeiFrame) live = make_frame (MABEI_FRAME_LIVE);
  g_autoptr (MabeiFrame) heads = make_frame (MABEI_FRAME_HEADS);
  g_autoptr (GBytes) largest = NULL, many = NULL, large_live = NULL,
                     too_large = some_bytes (MABEI_LIMIT_FRAME_BYTES + 1);
  g_autoptr (MabeiFrame) one = NULL, two = NULL, three = NULL;
  g_autoptr (GError) error = NULL, live_error = NULL;

  g_bytes_unref (frame->data);
  frame->data = some_bytes (128 * 1024 + 40); /* the largest envelope */
  largest = mabei_frame_encode (frame);
  g_assert_nonnull ((one = mabei_frame_decode (largest, NULL)));

  heads->n_heads = 256;
  many = mabei_frame_encode (heads);
  g_assert_nonnull ((two = mabei_frame_decode (many, NULL)));
  g_assert_cmpuint (two->n_heads, ==, 256);

  g_assert_null (mabei_frame_decode (too_large, &error));
  g_assert_error (error, MABEI_FRAME_ERROR, MABEI_FRAME_ERROR_TOO_LARGE);

  g_bytes_unref (live->data);
  live->data = some_bytes (MABEI_LIMIT_LIVE_BYTES);
  large_live = mabei_frame_encode (live);
  g_assert_nonnull ((three = mabei_frame_decode (large_live, NULL)));
  g_bytes_unref (live->data);
  g_bytes_unref (large_live);
  live->data = some_bytes (MABEI_LIMIT_LIVE_BYTES + 1);
  large_live = mabei_frame_encode (live);
  g_assert_null (mabei_frame_decode (large_live, &live_error));
  g_assert_error (live_error, MABEI_FRAME_ERROR, MABEI_FRAME_ERROR_FORMAT);
}

static void
test_handshake_proofs (void)
{
  g_autoptr (MabeiDeviceKey) device = mabei_device_key_new (), hub = mabei_device_key_new ();
  const guint8 *hub_key = mabei_device_key_public (hub)->sign_key;
  MabeiFrame auth = {.type = MABEI_FRAME_AUTH}, ready = {.type = MABEI_FRAME_READY};
  guint8 salt[32], hub_salt[32], other[32];

  randombytes_buf (salt, sizeof salt);
  randombytes_buf (hub_salt, sizeof hub_salt);
  randombytes_buf (other, sizeof other);
  mabei_proof_sign_auth (&auth, device, hub_salt, hub_key, 42);
  g_assert_true (mabei_proof_check_auth (&auth, hub_salt, hub_key));
  g_assert_false (mabei_proof_check_auth (&auth, other, hub_key));  /* another connection */
  g_assert_false (mabei_proof_check_auth (&auth, hub_salt, other)); /* passed on to another hub */
  auth.time_ms = 43;
  g_assert_false (mabei_proof_check_auth (&auth, hub_salt, hub_key));

  memset (ready.store_epoch.bytes, 9, MABEI_SHORT_ID_BYTES);
  mabei_proof_sign_ready (&ready, hub, salt, hub_salt);
  g_assert_true (mabei_proof_check_ready (&ready, hub_key, salt, hub_salt));
  g_assert_false (mabei_proof_check_ready (&ready, hub_key, other, hub_salt));
  g_assert_false (mabei_proof_check_ready (&ready, hub_key, salt, other));
  g_assert_false (mabei_proof_check_ready (&ready, mabei_device_key_public (device)->sign_key, salt, hub_salt));
  ready.store_epoch.bytes[0] ^= 1; /* "the hub forgot" said by somebody else */
  g_assert_false (mabei_proof_check_ready (&ready, hub_key, salt, hub_salt));
}

static void
test_mailbox_proofs (void)
{
  g_autoptr (MabeiSecret) secret = mabei_secret_new_random (32), other_secret = mabei_secret_new_random (32);
  g_autoptr (MabeiMailboxKeys) keys = mabei_mailbox_keys_new (secret, 0);
  g_autoptr (MabeiMailboxKeys) others = mabei_mailbox_keys_new (other_secret, 0);
  g_autoptr (GBytes) data = some_bytes (100), changed = some_bytes (101);
  MabeiFrame open = {.type = MABEI_FRAME_OPEN}, record = {.type = MABEI_FRAME_RECORD, .data = data};
  MabeiShortId id;
  guint8 salt[32] = {1}, other[32] = {2};

  mabei_proof_sign_open (&open, keys, salt);
  g_assert_true (mabei_proof_check_open (&open, salt, &id));
  g_assert_true (mabei_short_id_equal (&id, mabei_mailbox_keys_id (keys)));
  g_assert_false (mabei_proof_check_open (&open, other, NULL));
  memcpy (open.write_key, mabei_mailbox_keys_write_key (others), 32);
  g_assert_false (mabei_proof_check_open (&open, salt, NULL));

  mabei_proof_sign_data (&record, keys);
  g_assert_true (mabei_proof_check_data (&record, mabei_mailbox_keys_write_key (keys)));
  g_assert_false (mabei_proof_check_data (&record, mabei_mailbox_keys_write_key (others)));
  g_assert_false (mabei_proof_check_data (&record, mabei_mailbox_keys_read_key (keys)));
  record.type = MABEI_FRAME_LIVE; /* what was for the moment cannot be stored, nor the other way round */
  g_assert_false (mabei_proof_check_data (&record, mabei_mailbox_keys_write_key (keys)));
  record.type = MABEI_FRAME_RECORD;
  record.data = changed;
  g_assert_false (mabei_proof_check_data (&record, mabei_mailbox_keys_write_key (keys)));
  record.data = data;
  record.mailbox = *mabei_mailbox_keys_id (others); /* moved to another mailbox */
  g_assert_false (mabei_proof_check_data (&record, mabei_mailbox_keys_write_key (keys)));
  record.type = MABEI_FRAME_PING;
  g_assert_false (mabei_proof_check_data (&record, mabei_mailbox_keys_write_key (keys)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  g_test_add_func ("/frame/round-trip", test_round_trip);
  g_test_add_func ("/frame/fields-arrive", test_fields_arrive);
  g_test_add_func ("/frame/credential-is-optional", test_credential_is_optional);
  g_test_add_func ("/frame/truncated", test_truncated);
  g_test_add_func ("/frame/flipped", test_flipped);
  g_test_add_func ("/frame/trailing", test_trailing);
  g_test_add_func ("/frame/hostile", test_hostile);
  g_test_add_func ("/frame/other-version", test_other_version);
  g_test_add_func ("/frame/limits", test_limits);
  g_test_add_func ("/proof/handshake", test_handshake_proofs);
  g_test_add_func ("/proof/mailbox", test_mailbox_proofs);
  return g_test_run ();
}
