/* Frames from anybody to an exchange between members, in any number and order: it answers or ends; the case stands. The
 * input is frames, each after its length in two bytes, the least significant first.
 */
#include <stdlib.h>
#include <string.h>

#include "sync/peer/record_frame.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/sync/peer/loop.h"

static Person *wang;
static MabeiId case_id;
static MabeiId state;
static MabeiShortId other = {{7}};

static void
clean_up (void)
{
  person_free (wang);
}

/* One profile for all inputs; what is not genuine does not change it (asserted after each). */
static void
set_up (void)
{
  MabeiCase *c;

  if (wang != NULL)
    return;
  wang = mediator_new ("王调解");
  atexit (clean_up);
  c = mabei_replica_case_new (wang->replica, "马背上的官司", 1790000000000, NULL);
  case_id = *mabei_case_id (c);
  other = *mabei_device_key_id (mabei_replica_keys (wang->replica)->device); /* a device that is in every space */
  mabei_case_state_hash (c, &state);
}

static void
add_frame (GByteArray *input, const MabeiFrame *frame)
{
  g_autoptr (GBytes) bytes = mabei_frame_encode (frame);
  guint16 little = GUINT16_TO_LE ((guint16) g_bytes_get_size (bytes));

  g_byte_array_append (input, (const guint8 *) &little, sizeof little);
  g_byte_array_append (input, g_bytes_get_data (bytes, NULL), (guint) g_bytes_get_size (bytes));
}

void
fuzz_seeds (GPtrArray *seeds)
{
  MabeiFrame hello = {.type = MABEI_FRAME_HELLO, .version = MABEI_PROTOCOL_VERSION};
  g_autoptr (GBytes) data = g_bytes_new_static ("not an envelope", 15), junk = NULL;
  g_autoptr (MabeiMailboxKeys) keys = NULL;
  g_autoptr (MabeiFrame) record = NULL;
  MabeiSecret *secret;
  MabeiId epoch_id;

  set_up ();
  g_assert_true (mabei_space_writing_epoch (the_space (wang, &case_id, MABEI_SPACE_JOINT), &epoch_id, &secret));
  keys = mabei_mailbox_keys_new (secret, 0);
  junk = mabei_record_frame_seal (secret, keys, 1, "not a change", 12);
  record = mabei_frame_decode (junk, NULL);
  for (guint type = MABEI_FRAME_HELLO; type <= MABEI_FRAME_DONE; type++) {
    GByteArray *input = g_byte_array_new ();
    MabeiFrame frame = {.type = (MabeiFrameType) type, .version = 1, .tag = 1, .code = MABEI_REFUSE_BUSY, .n_heads = 2};

    frame.mailbox = *mabei_mailbox_keys_id (keys);
    if (type == MABEI_FRAME_RECORD || type == MABEI_FRAME_LIVE)
      frame.data = data;
    add_frame (input, &hello);
    add_frame (input, &frame);
    add_frame (input, record);
    g_ptr_array_add (seeds, g_byte_array_free_to_bytes (input));
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t length)
{
  g_autoptr (MabeiExchange) exchange = NULL;
  guint64 bytes_in;
  MabeiId after;

  set_up ();
  exchange = mabei_exchange_new_member (wang->replica, &other, NULL);
  while (length >= 2) {
    gsize frame_length = MIN (data[0] + 256u * data[1], length - 2);
    g_autoptr (GBytes) frame = g_bytes_new (data + 2, frame_length), out = NULL;
    g_autoptr (GError) error = NULL;

    if (!mabei_exchange_receive (exchange, frame, 1790000000000, &error)) {
      g_assert_nonnull (error);
      g_assert_null (strchr (error->message, '\n'));
      break;
    }
    for (guint i = 0; i < 8; i++) {
      out = mabei_exchange_next (exchange, 1790000000000);
      g_clear_pointer (&out, g_bytes_unref);
    }
    data += 2 + frame_length;
    length -= 2 + frame_length;
  }
  mabei_exchange_counts (exchange, &bytes_in, NULL, NULL);
  mabei_case_state_hash (the_case (wang, &case_id), &after);
  g_assert_true (mabei_id_equal (&state, &after));
  return 0;
}
