/* The rules of the header, from both doors: what seal refuses to make, and what parse refuses to take. */
#include <sodium.h>
#include <string.h>

#include "core/base/cbor.h"
#include "core/base/limits.h"
#include "core/change/header.h"
#include "tests/unit/core/change/change_maker.h"

static ChangeMaker maker;

static MabeiHeader
third (void)
{
  g_autoptr (MabeiChange) one = change_maker_next (&maker, 0, NULL, NULL, "1");
  g_autoptr (MabeiChange) two = change_maker_next (&maker, 0, one, NULL, "2");
  g_autoptr (MabeiChange) other = change_maker_next (&maker, 1, NULL, NULL, "3");
  return change_maker_header (&maker, 0, two, &other, 1);
}

/* Refused when made, and, encoded all the same by somebody hostile, refused when read. */
static void
assert_header_refused (const MabeiHeader *header, MabeiChangeError code)
{
  g_autoptr (GError) error = NULL;
  gboolean sealed = mabei_kind_is_sealed (header->kind);
  g_assert_null (mabei_change_seal (header, maker.devices[0], sealed ? maker.operation_keys[0] : NULL, "x", 1, &error));
  g_assert_error (error, MABEI_CHANGE_ERROR, (gint) code);
  g_clear_error (&error);
  if (header->n_deps > G_N_ELEMENTS (header->deps) || header->n_control > G_N_ELEMENTS (header->control))
    return;
  g_autoptr (GByteArray) bytes = mabei_header_encode (header, 80);
  MabeiHeader read;
  gsize length;
  g_assert_false (mabei_header_decode (bytes->data, bytes->len, &read, &length, &error));
  g_assert_nonnull (error);
}

static void
assert_header_good (const MabeiHeader *header)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MabeiChange) change = change_maker_seal (&maker, 0, header, "x");
  g_autoptr (MabeiChange) read = mabei_change_parse (mabei_change_encoded (change), &error);
  g_assert_no_error (error);
  const MabeiHeader *found = mabei_change_header (read);
  g_assert_cmpuint (found->seq, ==, header->seq);
  g_assert_cmpuint (found->lamport, ==, header->lamport);
  g_assert_cmpuint (found->n_deps, ==, header->n_deps);
  g_assert_cmpmem (found->deps, sizeof found->deps, header->deps, sizeof header->deps);
  g_assert_cmpmem (found->control, sizeof found->control, header->control, sizeof header->control);
  g_assert_true (mabei_id_equal (&found->prev, &header->prev));
  g_assert_true (mabei_id_equal (&found->epoch_id, &header->epoch_id));
}

static void
fill_ids (MabeiId *ids, guint *n_ids, guint count)
{
  for (guint i = 0; i < MIN (count, 16); i++)
    ids[i].bytes[0] = (guint8) (i + 1);
  *n_ids = count;
}

static void
test_place_in_the_chain (void)
{
  MabeiHeader good = third (), bad = good;
  assert_header_good (&good);
  bad.seq = 0;
  assert_header_refused (&bad, MABEI_CHANGE_ERROR_FORMAT);
  bad = good;
  memset (&bad.prev, 0, sizeof bad.prev);
  assert_header_refused (&bad, MABEI_CHANGE_ERROR_FORMAT);
  bad = good;
  bad.deps[0] = bad.prev;
  assert_header_refused (&bad, MABEI_CHANGE_ERROR_FORMAT);
}

static void
test_lamport (void)
{
  MabeiHeader good = third (), bad = good;
  g_assert_cmpuint (good.lamport, ==, 3);
  bad.lamport = 2; /* seq is 2: two before it at least */
  assert_header_refused (&bad, MABEI_CHANGE_ERROR_FORMAT);
  bad = change_maker_header (&maker, 0, NULL, NULL, 0);
  assert_header_good (&bad);
  bad.lamport = 0;
  assert_header_refused (&bad, MABEI_CHANGE_ERROR_FORMAT);
  bad.lamport = 2; /* nothing before it: exactly 1 */
  assert_header_refused (&bad, MABEI_CHANGE_ERROR_FORMAT);
  good.lamport = MABEI_LIMIT_LAMPORT;
  assert_header_good (&good);
  good.lamport++;
  assert_header_refused (&good, MABEI_CHANGE_ERROR_TOO_LARGE);
}

static void
test_sequence_limit (void)
{
  MabeiHeader header = third ();
  header.seq = MABEI_LIMIT_SEQUENCE;
  header.lamport = header.seq + 1;
  assert_header_good (&header);
  header.seq++;
  header.lamport++;
  assert_header_refused (&header, MABEI_CHANGE_ERROR_TOO_LARGE);
}

static void
test_lists (void)
{
  MabeiHeader header = third ();
  fill_ids (header.deps, &header.n_deps, MABEI_LIMIT_DEPS);
  fill_ids (header.control, &header.n_control, MABEI_LIMIT_CONTROL_HEADS);
  memset (header.deps[0].bytes, 1, 32);
  memset (header.deps[1].bytes, 2, 32);
  assert_header_good (&header);
  MabeiHeader bad = header;
  bad.deps[3] = bad.deps[4]; /* twice */
  assert_header_refused (&bad, MABEI_CHANGE_ERROR_FORMAT);
  bad = header;
  bad.control[3] = bad.control[5]; /* out of order */
  assert_header_refused (&bad, MABEI_CHANGE_ERROR_FORMAT);
  bad = header;
  memset (&bad.deps[0], 0, sizeof bad.deps[0]); /* none is not an id */
  assert_header_refused (&bad, MABEI_CHANGE_ERROR_FORMAT);
  bad = header;
  bad.n_deps = MABEI_LIMIT_DEPS + 1;
  assert_header_refused (&bad, MABEI_CHANGE_ERROR_TOO_LARGE);
  bad = header;
  bad.n_control = MABEI_LIMIT_CONTROL_HEADS + 1;
  assert_header_refused (&bad, MABEI_CHANGE_ERROR_TOO_LARGE);
}

static void
test_kinds (void)
{
  MabeiHeader good = third (), bad;
  const MabeiKind sealed[] = {MABEI_KIND_CONTROL, MABEI_KIND_CONTENT, MABEI_KIND_MERGE};
  for (guint i = 0; i < G_N_ELEMENTS (sealed); i++) {
    bad = good;
    bad.kind = sealed[i];
    assert_header_good (&bad);
    memset (&bad.epoch_id, 0, sizeof bad.epoch_id);
    assert_header_refused (&bad, MABEI_CHANGE_ERROR_FORMAT);
    bad = good;
    bad.kind = sealed[i];
    memset (&bad.case_id, 0, sizeof bad.case_id);
    assert_header_refused (&bad, MABEI_CHANGE_ERROR_FORMAT);
  }
  bad = good;
  bad.kind = MABEI_KIND_EPOCH; /* with an epoch id of another epoch in its header */
  assert_header_refused (&bad, MABEI_CHANGE_ERROR_FORMAT);
  bad = good;
  bad.kind = MABEI_KIND_CONTROL;
  fill_ids (bad.control, &bad.n_control, 1);
  assert_header_refused (&bad, MABEI_CHANGE_ERROR_FORMAT);
  bad = good;
  bad.kind = (MabeiKind) 5;
  assert_header_refused (&bad, MABEI_CHANGE_ERROR_UNSUPPORTED);
}

static void
test_genesis (void)
{
  MabeiHeader good = change_maker_header (&maker, 0, NULL, NULL, 0);
  good.kind = MABEI_KIND_GENESIS;
  memset (&good.case_id, 0, sizeof good.case_id);
  memset (&good.epoch_id, 0, sizeof good.epoch_id);
  assert_header_good (&good);
  MabeiHeader bad = good;
  bad.case_id = maker.space.case_id;
  assert_header_refused (&bad, MABEI_CHANGE_ERROR_FORMAT);
  bad = good;
  fill_ids (bad.deps, &bad.n_deps, 1);
  bad.lamport = 2;
  assert_header_refused (&bad, MABEI_CHANGE_ERROR_FORMAT);
  bad = good;
  fill_ids (bad.control, &bad.n_control, 1);
  assert_header_refused (&bad, MABEI_CHANGE_ERROR_FORMAT);
  bad = good;
  bad.seq = 1;
  bad.lamport = 2;
  bad.prev = maker.epoch_id;
  assert_header_refused (&bad, MABEI_CHANGE_ERROR_FORMAT);
}

static void
assert_bytes_refused (GByteArray *bytes, MabeiChangeError code)
{
  g_autoptr (GError) error = NULL;
  MabeiHeader read;
  gsize length;
  g_assert_false (mabei_header_decode (bytes->data, bytes->len, &read, &length, &error));
  g_assert_error (error, MABEI_CHANGE_ERROR, (gint) code);
}

/* Suites 0, 2, 255 and kinds of the future: "update the program", not "broken". */
static void
test_unknown_suite_and_kind (void)
{
  MabeiHeader header = third ();
  g_autoptr (GByteArray) bytes = mabei_header_encode (&header, 80);
  g_assert_cmphex (bytes->data[2], ==, MABEI_SUITE);
  g_assert_cmphex (bytes->data[4], ==, MABEI_KIND_CONTENT);
  const guint8 suites[] = {0, 2, 23};
  for (guint i = 0; i < G_N_ELEMENTS (suites); i++) {
    bytes->data[2] = suites[i];
    assert_bytes_refused (bytes, MABEI_CHANGE_ERROR_UNSUPPORTED);
  }
  bytes->data[2] = MABEI_SUITE;
  bytes->data[4] = 5;
  assert_bytes_refused (bytes, MABEI_CHANGE_ERROR_UNSUPPORTED);
  g_autoptr (GByteArray) later = g_byte_array_new (); /* another suite may have more keys */
  mabei_cbor_write_map (later, 20);
  for (guint i = 0; i < 20; i++) {
    mabei_cbor_write_uint (later, i);
    mabei_cbor_write_uint (later, 255);
  }
  assert_bytes_refused (later, MABEI_CHANGE_ERROR_UNSUPPORTED);
}

/* What is none is absent: an empty list, a zero id or a nonce where none belongs is another form of the same. */
static void
test_one_form_of_none (void)
{
  MabeiHeader header = change_maker_header (&maker, 0, NULL, NULL, 0);
  g_autoptr (GByteArray) good = mabei_header_encode (&header, 80);
  const struct {
    guint key;
    gsize length;
  } extra[] = {{6, 0}, {6, 32}, {7, 0}, {8, 0}, {8, 31}};
  gsize at = 1 + 2 + 2 + 35 + 18 + 18 + 2; /* before prev, deps, control heads */
  g_assert_cmpuint (good->data[at], ==, 9);
  for (guint i = 0; i < G_N_ELEMENTS (extra); i++) {
    g_autoptr (GByteArray) bytes = g_byte_array_new ();
    guint8 zero[32] = {0};
    g_byte_array_append (bytes, good->data, (guint) at);
    bytes->data[0]++;
    mabei_cbor_write_uint (bytes, extra[i].key);
    mabei_cbor_write_bytes (bytes, zero, extra[i].length);
    g_byte_array_append (bytes, good->data + at, good->len - (guint) at);
    assert_bytes_refused (bytes, MABEI_CHANGE_ERROR_FORMAT);
  }
  for (guint pair = 0; pair < 2; pair++) { /* a missing pair: the last (nonce), or the last two */
    g_autoptr (GByteArray) bytes = g_byte_array_new ();
    g_byte_array_append (bytes, good->data, good->len - (pair == 0 ? 27 : 27 + 3));
    bytes->data[0] = (guint8) (bytes->data[0] - 1 - pair);
    assert_bytes_refused (bytes, MABEI_CHANGE_ERROR_FORMAT);
  }
}

static void
test_header_length_limit (void)
{
  for (gsize length = MABEI_LIMIT_HEADER_BYTES; length <= MABEI_LIMIT_HEADER_BYTES + 1; length++) {
    GByteArray *out = g_byte_array_new ();
    g_autofree guint8 *nothing = g_malloc0 (length);
    mabei_cbor_write_array (out, 3);
    mabei_cbor_write_bytes (out, nothing, length);
    mabei_cbor_write_bytes (out, nothing, 80);
    mabei_cbor_write_bytes (out, nothing, 64);
    g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (out);
    g_autoptr (GError) error = NULL;
    g_assert_null (mabei_change_parse (bytes, &error));
    gboolean within = length <= MABEI_LIMIT_HEADER_BYTES;
    g_assert_error (error, MABEI_CHANGE_ERROR, within ? MABEI_CHANGE_ERROR_FORMAT : MABEI_CHANGE_ERROR_TOO_LARGE);
  }
}

/* The payload must have the announced length, and a sealed one must be of a size class. */
static void
test_announced_length (void)
{
  const gsize lengths[] = {0, 16, 17, 79, 81, 80}; /* the last is right */
  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++) {
    for (guint lie = 0; lie < 2; lie++) {
      MabeiHeader header = third ();
      guint8 nothing[128] = {0};
      g_autoptr (GByteArray) header_bytes = mabei_header_encode (&header, lengths[i] + lie);
      GByteArray *out = g_byte_array_new ();
      mabei_cbor_write_array (out, 3);
      mabei_cbor_write_bytes (out, header_bytes->data, header_bytes->len);
      mabei_cbor_write_bytes (out, nothing, lengths[i]);
      mabei_cbor_write_bytes (out, nothing, 64);
      g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (out);
      g_autoptr (GError) error = NULL;
      g_autoptr (MabeiChange) change = mabei_change_parse (bytes, &error);
      if (lengths[i] == 80 && lie == 0)
        g_assert_no_error (error);
      else
        g_assert_error (error, MABEI_CHANGE_ERROR, MABEI_CHANGE_ERROR_FORMAT);
    }
  }
}

/* Padded and sealed by hand, as a hostile author with the key can: only the canonical padding opens. */
static void
test_padding_by_hand (void)
{
  const struct {
    gsize length, padded;
    guint8 marker;
    gboolean opens;
  } cases[] = {
      {5, 64, 0x80, TRUE},   {63, 64, 0x80, TRUE}, {63, 128, 0x80, FALSE}, {64, 128, 0x80, TRUE},
      {5, 128, 0x80, FALSE}, {5, 64, 0x81, FALSE}, {5, 64, 0x00, FALSE},
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    MabeiHeader header = third ();
    guint8 body[128] = {0}, payload[144], nothing[64] = {0};
    memset (body, 'x', cases[i].length);
    body[cases[i].length] = cases[i].marker;
    g_autoptr (GByteArray) header_bytes = mabei_header_encode (&header, cases[i].padded + 16);
    crypto_aead_xchacha20poly1305_ietf_encrypt (payload, NULL, body, cases[i].padded, header_bytes->data,
                                                header_bytes->len, NULL, header.nonce,
                                                mabei_secret_data (maker.operation_keys[0]));
    GByteArray *out = g_byte_array_new ();
    mabei_cbor_write_array (out, 3);
    mabei_cbor_write_bytes (out, header_bytes->data, header_bytes->len);
    mabei_cbor_write_bytes (out, payload, cases[i].padded + 16);
    mabei_cbor_write_bytes (out, nothing, 64);
    g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (out);
    g_autoptr (GError) error = NULL;
    g_autoptr (MabeiChange) change = mabei_change_parse (bytes, &error);
    g_assert_no_error (error);
    g_autoptr (GBytes) opened = mabei_change_open (change, maker.operation_keys[0], &error);
    g_assert_true ((opened != NULL) == cases[i].opens);
    if (opened != NULL)
      g_assert_cmpuint (g_bytes_get_size (opened), ==, cases[i].length);
    else
      g_assert_error (error, MABEI_CHANGE_ERROR, MABEI_CHANGE_ERROR_FORMAT);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  change_maker_init (&maker);
  g_test_add_func ("/header/place", test_place_in_the_chain);
  g_test_add_func ("/header/lamport", test_lamport);
  g_test_add_func ("/header/sequence", test_sequence_limit);
  g_test_add_func ("/header/lists", test_lists);
  g_test_add_func ("/header/kinds", test_kinds);
  g_test_add_func ("/header/genesis", test_genesis);
  g_test_add_func ("/header/unknown", test_unknown_suite_and_kind);
  g_test_add_func ("/header/one-form", test_one_form_of_none);
  g_test_add_func ("/header/length", test_header_length_limit);
  g_test_add_func ("/header/announced", test_announced_length);
  g_test_add_func ("/header/padding", test_padding_by_hand);
  int status = g_test_run ();
  change_maker_clear (&maker);
  return status;
}
