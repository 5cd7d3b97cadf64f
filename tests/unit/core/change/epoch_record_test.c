#include <string.h>

#include "core/base/limits.h"
#include "core/change/epoch_record.h"

static const MabeiSpaceRef space = {{{0xca}}, {{0x5e}}};

static MabeiEpochRecord *
record_for (MabeiDeviceKey *author, const MabeiDevicePublic *recipients, guint n_recipients, MabeiSecret **secret)
{
  return mabei_epoch_record_new (&space, author, 1, NULL, 0, recipients, n_recipients, secret);
}

/* The clerk makes an epoch for 64 devices: each opens its own wrap to the same secret; the 65th has none. */
static void
test_every_recipient_opens (void)
{
  MabeiDeviceKey *keys[MABEI_LIMIT_DEVICES + 1];
  MabeiDevicePublic public[MABEI_LIMIT_DEVICES];
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    keys[i] = mabei_device_key_new ();
  for (guint i = 0; i < MABEI_LIMIT_DEVICES; i++)
  public[i] = *mabei_device_key_public (keys[i]);
  g_autoptr (MabeiSecret) secret = NULL;
  g_autofree MabeiEpochRecord *made = record_for (keys[0], public, MABEI_LIMIT_DEVICES, &secret);
  g_autoptr (GBytes) payload = mabei_epoch_record_encode (made);
  g_autoptr (GError) error = NULL;
  g_autofree MabeiEpochRecord *read = mabei_epoch_record_decode (payload, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (read, sizeof *read, made, sizeof *made);
  g_assert_cmpuint (read->n_wraps, ==, MABEI_LIMIT_DEVICES);
  for (guint i = 0; i < MABEI_LIMIT_DEVICES; i++) {
    g_autoptr (MabeiSecret) opened = NULL;
    g_assert_cmpint (mabei_epoch_record_open (read, &space, keys[i], public[0].box_key, &opened), ==, MABEI_WRAP_OK);
    g_assert_true (mabei_secret_equal (opened, secret));
  }
  MabeiSecret *none = NULL;
  g_assert_cmpint (mabei_epoch_record_open (read, &space, keys[MABEI_LIMIT_DEVICES], public[0].box_key, &none), ==,
                   MABEI_WRAP_NOT_OPENED);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    mabei_device_key_free (keys[i]);
}

/* A member whose key is of low order must not keep the others from rotating; a device named twice has one wrap. */
static void
test_odd_recipients (void)
{
  g_autoptr (MabeiDeviceKey) clerk = mabei_device_key_new ();
  g_autoptr (MabeiDeviceKey) party = mabei_device_key_new ();
  MabeiDevicePublic recipients[3] = {*mabei_device_key_public (party), *mabei_device_key_public (party),
                                     *mabei_device_key_public (party)};
  memset (recipients[1].box_key, 0, 32);
  g_autoptr (MabeiSecret) secret = NULL, opened = NULL;
  g_autofree MabeiEpochRecord *record = record_for (clerk, recipients, 3, &secret);
  g_assert_cmpuint (record->n_wraps, ==, 2);
  g_assert_cmpint (mabei_epoch_record_open (record, &space, party, mabei_device_key_public (clerk)->box_key, &opened),
                   ==, MABEI_WRAP_OK);
}

static void
test_previous_epochs (void)
{
  g_autoptr (MabeiDeviceKey) clerk = mabei_device_key_new ();
  const MabeiId previous[] = {{{9}}, {{1}}, {{9}}, {{4}}};
  g_autoptr (MabeiSecret) secret = NULL;
  g_autofree MabeiEpochRecord *record =
      mabei_epoch_record_new (&space, clerk, 3, previous, 4, mabei_device_key_public (clerk), 1, &secret);
  g_assert_cmpuint (record->n_previous, ==, 3);
  g_assert_cmphex (record->previous[0].bytes[0], ==, 1);
  g_assert_cmphex (record->previous[2].bytes[0], ==, 9);
  g_autoptr (GBytes) payload = mabei_epoch_record_encode (record);
  g_autofree MabeiEpochRecord *read = mabei_epoch_record_decode (payload, NULL);
  g_assert_nonnull (read);
  g_assert_cmpuint (read->generation, ==, 3);
  g_assert_cmpuint (read->n_previous, ==, 3);
}

static MabeiEpochRecord
plain_record (void)
{
  MabeiEpochRecord record = {.generation = 2, .n_previous = 2, .epoch_id = {{7}}, .n_wraps = 2};
  record.previous[0].bytes[0] = 1;
  record.previous[1].bytes[0] = 2;
  record.wraps[0].device.bytes[0] = 1;
  record.wraps[1].device.bytes[0] = 2;
  return record;
}

static void
assert_record (const MabeiEpochRecord *record, gboolean good)
{
  g_autoptr (GBytes) payload = mabei_epoch_record_encode (record);
  g_autoptr (GError) error = NULL;
  g_autofree MabeiEpochRecord *read = mabei_epoch_record_decode (payload, &error);
  g_assert_true ((read != NULL) == good);
  if (!good)
    g_assert_error (error, MABEI_CHANGE_ERROR, MABEI_CHANGE_ERROR_FORMAT);
}

static void
test_rules (void)
{
  MabeiEpochRecord bad = plain_record ();
  assert_record (&bad, TRUE);
  bad.generation = 1; /* the first follows none */
  assert_record (&bad, FALSE);
  bad.generation = 0;
  assert_record (&bad, FALSE);
  bad = plain_record ();
  bad.n_previous = 0;
  assert_record (&bad, FALSE);
  bad = plain_record ();
  bad.previous[1] = bad.previous[0];
  assert_record (&bad, FALSE);
  bad = plain_record ();
  bad.previous[1] = bad.epoch_id;
  assert_record (&bad, FALSE);
  bad = plain_record ();
  bad.n_wraps = 0;
  assert_record (&bad, FALSE);
  bad = plain_record ();
  bad.wraps[1].device = bad.wraps[0].device;
  assert_record (&bad, FALSE);
  bad = plain_record ();
  bad.wraps[0].device.bytes[0] = 3;
  assert_record (&bad, FALSE);
  bad = plain_record ();
  memset (&bad.epoch_id, 0, sizeof bad.epoch_id);
  assert_record (&bad, FALSE);
}

static void
test_generation_limit (void)
{
  MabeiEpochRecord record = plain_record ();
  record.generation = MABEI_LIMIT_EPOCHS;
  assert_record (&record, TRUE);
  record.generation++;
  g_autoptr (GBytes) payload = mabei_epoch_record_encode (&record);
  g_autoptr (GError) error = NULL;
  g_assert_null (mabei_epoch_record_decode (payload, &error));
  g_assert_error (error, MABEI_CHANGE_ERROR, MABEI_CHANGE_ERROR_TOO_LARGE);
}

static void
test_broken_bytes (void)
{
  MabeiEpochRecord record = plain_record ();
  g_autoptr (GBytes) payload = mabei_epoch_record_encode (&record);
  gsize length;
  const guint8 *data = g_bytes_get_data (payload, &length);
  for (gsize cut = 0; cut < length; cut++) {
    g_autoptr (GBytes) part = g_bytes_new (data, cut);
    g_autoptr (GError) error = NULL;
    g_assert_null (mabei_epoch_record_decode (part, &error));
    g_assert_error (error, MABEI_CHANGE_ERROR, MABEI_CHANGE_ERROR_FORMAT);
  }
  /* 65 wraps: the string's length is over the limit */
  g_autofree guint8 *many = g_malloc0 (length + 64 * 64);
  gsize head = length - 2 * 64 - 2; /* up to the head of the wraps' string, which is 58 80 */
  memcpy (many, data, head);
  memcpy (many + head, "\x59\x10\x40", 3);
  g_autoptr (GBytes) over = g_bytes_new (many, head + 3 + 65 * 64);
  g_autoptr (GError) error = NULL;
  g_assert_cmphex (data[head], ==, 0x58);
  g_assert_null (mabei_epoch_record_decode (over, &error));
  g_assert_error (error, MABEI_CHANGE_ERROR, MABEI_CHANGE_ERROR_TOO_LARGE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  g_test_add_func ("/epoch-record/opens", test_every_recipient_opens);
  g_test_add_func ("/epoch-record/odd-recipients", test_odd_recipients);
  g_test_add_func ("/epoch-record/previous", test_previous_epochs);
  g_test_add_func ("/epoch-record/rules", test_rules);
  g_test_add_func ("/epoch-record/generation", test_generation_limit);
  g_test_add_func ("/epoch-record/broken", test_broken_bytes);
  return g_test_run ();
}
