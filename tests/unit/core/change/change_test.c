#include <string.h>

#include "core/base/limits.h"
#include "tests/unit/core/change/change_maker.h"

static ChangeMaker maker;

static const guint8 *
sign_key (guint device)
{
  return mabei_device_key_public (maker.devices[device])->sign_key;
}

static void
assert_refused (const guint8 *data, gsize length, MabeiChangeError code)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, length);
  g_autoptr (GError) error = NULL;
  g_assert_null (mabei_change_parse (bytes, &error));
  g_assert_error (error, MABEI_CHANGE_ERROR, (gint) code);
  g_assert_null (strchr (error->message, '\n'));
}

/* The party writes, the mediator's device parses, checks and opens. */
static void
test_written_and_read (void)
{
  g_autoptr (MabeiChange) first = change_maker_next (&maker, 0, NULL, NULL, "one");
  g_autoptr (MabeiChange) second = change_maker_next (&maker, 1, NULL, first, "two");
  g_autoptr (GError) error = NULL;
  g_autoptr (MabeiChange) read = mabei_change_parse (mabei_change_encoded (second), &error);
  g_assert_no_error (error);
  g_assert_true (mabei_id_equal (mabei_change_id (read), mabei_change_id (second)));
  g_assert_true (mabei_change_is_sealed (read));
  g_assert_true (mabei_change_verify (read, sign_key (1)));
  g_assert_false (mabei_change_verify (read, sign_key (0)));
  const MabeiHeader *header = mabei_change_header (read);
  g_assert_cmpuint (header->lamport, ==, 2);
  g_assert_cmpuint (header->seq, ==, 0);
  g_assert_cmpuint (header->n_deps, ==, 1);
  g_assert_true (mabei_id_equal (&header->deps[0], mabei_change_id (first)));
  g_autoptr (GBytes) body = mabei_change_open (read, maker.operation_keys[1], &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (body, NULL), g_bytes_get_size (body), "two", 3);
  g_assert_null (mabei_change_open (read, maker.operation_keys[0], &error));
  g_assert_error (error, MABEI_CHANGE_ERROR, MABEI_CHANGE_ERROR_NOT_OPENED);
  g_clear_error (&error);
  g_assert_null (mabei_change_open (read, NULL, &error));
  g_assert_error (error, MABEI_CHANGE_ERROR, MABEI_CHANGE_ERROR_NOT_OPENED);
}

static void
test_in_clear (void)
{
  MabeiHeader header = change_maker_header (&maker, 0, NULL, NULL, 0);
  memset (&header.case_id, 0, sizeof header.case_id);
  memset (&header.epoch_id, 0, sizeof header.epoch_id);
  header.kind = MABEI_KIND_GENESIS;
  g_autoptr (MabeiChange) genesis = change_maker_seal (&maker, 0, &header, "genesis");
  g_assert_false (mabei_change_is_sealed (genesis));
  g_assert_true (mabei_change_verify (genesis, sign_key (0)));
  g_autoptr (GBytes) body = mabei_change_open (genesis, NULL, NULL);
  g_assert_cmpmem (g_bytes_get_data (body, NULL), g_bytes_get_size (body), "genesis", 7);
  header.kind = MABEI_KIND_EPOCH;
  header.case_id = *mabei_change_id (genesis);
  g_autoptr (MabeiChange) epoch = change_maker_seal (&maker, 0, &header, "");
  g_autoptr (GBytes) nothing = mabei_change_open (epoch, NULL, NULL);
  g_assert_cmpuint (g_bytes_get_size (nothing), ==, 0);
}

/* Each of the record's bits counts: after any change of one, the change is refused, not genuine, or another change. */
static void
test_every_byte_counts (void)
{
  g_autoptr (MabeiChange) change = change_maker_next (&maker, 0, NULL, NULL, "text");
  gsize length, parsed = 0;
  const guint8 *data = g_bytes_get_data (mabei_change_encoded (change), &length);
  for (gsize i = 0; i < length; i++) {
    g_autofree guint8 *changed = g_memdup2 (data, length);
    changed[i] ^= (guint8) (1u << (i % 8));
    g_autoptr (GBytes) bytes = g_bytes_new_take (g_steal_pointer (&changed), length);
    g_autoptr (GError) error = NULL;
    g_autoptr (MabeiChange) read = mabei_change_parse (bytes, &error);
    if (read == NULL) {
      g_assert_nonnull (error);
      continue;
    }
    parsed++;
    g_assert_false (mabei_change_verify (read, sign_key (0)));
    if (!mabei_id_equal (mabei_change_id (read), mabei_change_id (change)))
      g_assert_null (mabei_change_open (read, maker.operation_keys[0], NULL));
  }
  g_assert_cmpuint (parsed, >, 200); /* ids, payload and signature parse in any form */
}

static void
test_truncated_at_every_length (void)
{
  g_autoptr (MabeiChange) change = change_maker_next (&maker, 0, NULL, NULL, "text");
  gsize length;
  const guint8 *data = g_bytes_get_data (mabei_change_encoded (change), &length);
  for (gsize cut = 0; cut < length; cut++)
    assert_refused (data, cut, MABEI_CHANGE_ERROR_FORMAT);
  g_autofree guint8 *longer = g_malloc0 (length + 1);
  memcpy (longer, data, length);
  assert_refused (longer, length + 1, MABEI_CHANGE_ERROR_FORMAT);
}

/* header, payload, signature: two or four parts, and three parts that do not lie in one array, are refused. */
static void
test_outer_form (void)
{
  g_autoptr (MabeiChange) change = change_maker_next (&maker, 0, NULL, NULL, "text");
  gsize length;
  const guint8 *data = g_bytes_get_data (mabei_change_encoded (change), &length);
  g_autofree guint8 *other = g_malloc0 (length + 1);
  memcpy (other, data, length);
  for (guint8 count = 0x80; count < 0x85; count++) {
    other[0] = count;
    if (count != 0x83)
      assert_refused (other, length + (count == 0x84),
                      count == 0x84 ? MABEI_CHANGE_ERROR_TOO_LARGE : MABEI_CHANGE_ERROR_FORMAT);
  }
  /* a signature of 63 bytes */
  memcpy (other, data, length);
  other[length - 65] = 63;
  assert_refused (other, length - 1, MABEI_CHANGE_ERROR_FORMAT);
}

static void
test_size_classes (void)
{
  const gsize classes[] = {64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 49152, 61440};
  MabeiHeader header = change_maker_header (&maker, 0, NULL, NULL, 0);
  g_autofree guint8 *body = g_malloc0 (65536);
  gsize base = 0;
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++) {
    const gsize lengths[] = {i == 0 ? 0 : classes[i - 1], classes[i] - 1};
    gsize sizes[2];
    for (guint j = 0; j < 2; j++) {
      g_autoptr (GError) error = NULL;
      g_autoptr (MabeiChange) change =
          mabei_change_seal (&header, maker.devices[0], maker.operation_keys[0], body, lengths[j], &error);
      g_assert_no_error (error);
      sizes[j] = g_bytes_get_size (mabei_change_encoded (change));
      g_assert_cmpuint (sizes[j], <=, MABEI_LIMIT_CHANGE_BYTES);
      g_autoptr (GBytes) opened = mabei_change_open (change, maker.operation_keys[0], &error);
      g_assert_no_error (error);
      g_assert_cmpuint (g_bytes_get_size (opened), ==, lengths[j]);
    }
    g_assert_cmpuint (sizes[0], ==, sizes[1]);
    g_assert_cmpuint (sizes[0], >, base + (i == 0 ? 0 : (classes[i] - classes[i - 1]) - 1));
    base = sizes[0];
  }
  g_autoptr (GError) error = NULL;
  g_assert_null (mabei_change_seal (&header, maker.devices[0], maker.operation_keys[0], body, 61440, &error));
  g_assert_error (error, MABEI_CHANGE_ERROR, MABEI_CHANGE_ERROR_TOO_LARGE);
}

/* core.md 6: a sealed one-second burst is at most 350 bytes. */
static void
test_burst_is_compact (void)
{
  g_autoptr (MabeiChange) prev = NULL;
  for (guint i = 0; i < 300; i++) {
    MabeiChange *next =
        change_maker_next (&maker, 0, prev, NULL, "a burst of one second of typing: sixty-three bytes at most 1234");
    mabei_change_unref (prev);
    prev = next;
  }
  gsize size = g_bytes_get_size (mabei_change_encoded (prev));
  g_test_message ("burst: %" G_GSIZE_FORMAT " bytes", size);
  g_assert_cmpuint (size, <=, 350);
}

static void
test_whole_change_limit (void)
{
  MabeiHeader header = change_maker_header (&maker, 0, NULL, NULL, 0);
  memset (&header.epoch_id, 0, sizeof header.epoch_id);
  header.kind = MABEI_KIND_EPOCH; /* in clear: any length */
  g_autofree guint8 *body = g_malloc0 (MABEI_LIMIT_CHANGE_BYTES + 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (MabeiChange) probe = mabei_change_seal (&header, maker.devices[0], NULL, body, 65000, &error);
  g_assert_no_error (error);
  gsize room = MABEI_LIMIT_CHANGE_BYTES - g_bytes_get_size (mabei_change_encoded (probe));
  g_autoptr (MabeiChange) at = mabei_change_seal (&header, maker.devices[0], NULL, body, 65000 + room, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (mabei_change_encoded (at)), ==, MABEI_LIMIT_CHANGE_BYTES);
  g_assert_null (mabei_change_seal (&header, maker.devices[0], NULL, body, 65001 + room, &error));
  g_assert_error (error, MABEI_CHANGE_ERROR, MABEI_CHANGE_ERROR_TOO_LARGE);
  assert_refused (body, MABEI_LIMIT_CHANGE_BYTES + 1, MABEI_CHANGE_ERROR_TOO_LARGE);
  g_clear_error (&error);
  g_assert_null (mabei_change_seal (&header, maker.devices[0], NULL, body, G_MAXSIZE, &error));
  g_assert_error (error, MABEI_CHANGE_ERROR, MABEI_CHANGE_ERROR_TOO_LARGE);
}

/* The header is the associated data: the same payload under another header does not open. */
static void
test_payload_is_bound_to_its_header (void)
{
  g_autoptr (MabeiChange) change = change_maker_next (&maker, 0, NULL, NULL, "text");
  gsize length;
  const guint8 *data = g_bytes_get_data (mabei_change_encoded (change), &length);
  g_autofree guint8 *other = g_memdup2 (data, length);
  const guint8 *space = memmem (data, length, maker.space.space.bytes, 16);
  g_assert_nonnull (space);
  other[space - data] ^= 1; /* a caucus's change, carried into another space */
  g_autoptr (GBytes) bytes = g_bytes_new (other, length);
  g_autoptr (GError) error = NULL;
  g_autoptr (MabeiChange) carried = mabei_change_parse (bytes, &error);
  g_assert_no_error (error);
  g_assert_false (mabei_change_verify (carried, sign_key (0)));
  g_assert_null (mabei_change_open (carried, maker.operation_keys[0], &error));
  g_assert_error (error, MABEI_CHANGE_ERROR, MABEI_CHANGE_ERROR_NOT_OPENED);
}

static void
test_references (void)
{
  MabeiChange *change = change_maker_next (&maker, 0, NULL, NULL, "text");
  g_assert_true (mabei_change_ref (change) == change);
  mabei_change_unref (change);
  g_assert_cmpuint (mabei_change_header (change)->lamport, ==, 1);
  mabei_change_unref (change);
  mabei_change_unref (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  change_maker_init (&maker);
  g_test_add_func ("/change/written-and-read", test_written_and_read);
  g_test_add_func ("/change/in-clear", test_in_clear);
  g_test_add_func ("/change/every-byte", test_every_byte_counts);
  g_test_add_func ("/change/truncated", test_truncated_at_every_length);
  g_test_add_func ("/change/outer-form", test_outer_form);
  g_test_add_func ("/change/size-classes", test_size_classes);
  g_test_add_func ("/change/burst", test_burst_is_compact);
  g_test_add_func ("/change/limit", test_whole_change_limit);
  g_test_add_func ("/change/bound", test_payload_is_bound_to_its_header);
  g_test_add_func ("/change/references", test_references);
  int status = g_test_run ();
  change_maker_clear (&maker);
  return status;
}
