/* A change from anybody: parsed or refused; a parsed one keeps the rules of its header and opens to the same body or
 * not at all. The same bytes are tried as a body. */
#include <string.h>

#include "core/base/limits.h"
#include "core/change/epoch_record.h"
#include "tests/fuzz/fuzz.h"

static MabeiSecret *
fixed_secret (gsize length)
{
  MabeiSecret *secret = mabei_secret_new (length);
  memset (mabei_secret_data (secret), 7, length);
  return secret;
}

static void
add_change (GPtrArray *seeds, MabeiHeader *header, MabeiDeviceKey *author, MabeiSecret *key, GBytes *body)
{
  gsize length;
  gconstpointer data = g_bytes_get_data (body, &length);
  g_autoptr (GError) error = NULL;
  g_autoptr (MabeiChange) change = mabei_change_seal (header, author, key, data, length, &error);
  g_assert_no_error (error);
  g_ptr_array_add (seeds, g_bytes_ref (mabei_change_encoded (change)));
}

void
fuzz_seeds (GPtrArray *seeds)
{
  g_autoptr (MabeiSecret) seed = fixed_secret (64);
  g_autoptr (MabeiSecret) key = fixed_secret (32);
  g_autoptr (MabeiDeviceKey) author = mabei_device_key_new_from_seed (seed);
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_ptr_array_add (operations, mabei_hex_decode ("a200010263e6b0b4", 100));
  g_autoptr (GBytes) body = mabei_body_encode (1790000000000, operations);
  MabeiHeader header = {.space = {{5}}, .device = *mabei_device_key_id (author), .lamport = 1};
  header.kind = MABEI_KIND_GENESIS;
  add_change (seeds, &header, author, NULL, body);
  header.kind = MABEI_KIND_EPOCH;
  header.case_id.bytes[0] = 9;
  MabeiSpaceRef space = {header.case_id, header.space};
  g_autoptr (MabeiSecret) secret = NULL;
  g_autofree MabeiEpochRecord *record =
      mabei_epoch_record_new (&space, author, 1, NULL, 0, mabei_device_key_public (author), 1, &secret);
  g_autoptr (GBytes) payload = mabei_epoch_record_encode (record);
  add_change (seeds, &header, author, NULL, payload);
  header.kind = MABEI_KIND_CONTENT;
  header.epoch_id = record->epoch_id;
  add_change (seeds, &header, author, key, body);
  header.seq = 3;
  header.prev.bytes[0] = 3;
  header.n_deps = 2;
  header.deps[0].bytes[0] = 4;
  header.deps[1].bytes[0] = 5;
  header.n_control = 1;
  header.control[0].bytes[0] = 6;
  header.lamport = 300;
  add_change (seeds, &header, author, key, body);
  g_ptr_array_add (seeds, g_steal_pointer (&body));
}

static void
try_body (GBytes *bytes)
{
  guint64 claimed_ms;
  g_autoptr (GPtrArray) operations = NULL;
  g_autoptr (GError) error = NULL;
  if (!mabei_body_decode (bytes, &claimed_ms, &operations, &error)) {
    g_assert_true (error != NULL && operations == NULL);
    return;
  }
  g_assert_cmpuint (operations->len, <=, MABEI_LIMIT_OPERATIONS);
  g_autoptr (GBytes) again = mabei_body_encode (claimed_ms, operations);
  g_assert_true (g_bytes_equal (again, bytes));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t length)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, length);
  g_autoptr (GError) error = NULL;
  g_autoptr (MabeiSecret) key = fixed_secret (32);
  try_body (bytes);
  g_autoptr (MabeiChange) change = mabei_change_parse (bytes, &error);
  if (change == NULL) {
    g_assert_nonnull (error);
    return 0;
  }
  const MabeiHeader *header = mabei_change_header (change);
  const guint8 sign_key[32] = {1};
  g_assert_cmpuint (length, <=, MABEI_LIMIT_CHANGE_BYTES);
  g_assert_cmpuint (header->n_deps, <=, MABEI_LIMIT_DEPS);
  g_assert_cmpuint (header->lamport, >, header->seq);
  mabei_change_verify (change, sign_key);
  g_autoptr (GBytes) body = mabei_change_open (change, key, NULL);
  if (body != NULL) {
    try_body (body);
    g_free (mabei_epoch_record_decode (body, NULL));
  }
  g_autoptr (MabeiChange) again = mabei_change_parse (mabei_change_encoded (change), NULL);
  g_assert_true (mabei_id_equal (mabei_change_id (again), mabei_change_id (change)));
  return 0;
}
