/* A frame from anybody: refused, or it goes back to the same bytes; its signatures are asked about and answered. */
#include <string.h>

#include "core/base/limits.h"
#include "sync/peer/proof.h"
#include "tests/fuzz/fuzz.h"

void
fuzz_seeds (GPtrArray *seeds)
{
  g_autoptr (GBytes) data = g_bytes_new_static ("an envelope, or a credential", 28);

  for (guint type = MABEI_FRAME_HELLO; type <= MABEI_FRAME_DONE; type++) {
    MabeiFrame frame = {.type = (MabeiFrameType) type,
                        .version = MABEI_PROTOCOL_VERSION,
                        .time_ms = 1790000000000,
                        .tag = 300,
                        .cursor = 70000,
                        .position = 5,
                        .code = MABEI_REFUSE_BUSY,
                        .n_heads = 3,
                        .number = 12};

    frame.data = type == MABEI_FRAME_RECORD || type == MABEI_FRAME_LIVE ? data : NULL;
    frame.credential = type == MABEI_FRAME_AUTH ? data : NULL;
    g_ptr_array_add (seeds, mabei_frame_encode (&frame));
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t length)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, length);
  g_autoptr (GError) error = NULL;
  g_autoptr (MabeiFrame) frame = mabei_frame_decode (bytes, &error);
  g_autoptr (GBytes) again = NULL;
  guint8 key[32] = {1};
  MabeiShortId mailbox;

  if (frame == NULL) {
    g_assert_nonnull (error);
    return 0;
  }
  g_assert_null (error);
  g_assert_cmpuint (length, <=, MABEI_LIMIT_FRAME_BYTES);
  again = mabei_frame_encode (frame);
  g_assert_true (g_bytes_equal (again, bytes));
  if (frame->type == MABEI_FRAME_AUTH)
    mabei_proof_check_auth (frame, key, key);
  if (frame->type == MABEI_FRAME_OPEN)
    mabei_proof_check_open (frame, key, &mailbox);
  mabei_proof_check_data (frame, key);
  return 0;
}
