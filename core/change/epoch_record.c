#include "core/change/epoch_record.h"

#include <sodium.h>
#include <string.h>

#include "core/base/limits.h"
#include "core/change/header.h"

enum {
  KEY_GENERATION = 0,
  KEY_PREVIOUS = 1,
  KEY_EPOCH = 2,
  KEY_EPHEMERAL = 3,
  KEY_WRAPS = 4,
  N_KEYS = 5,
};

#define MAX_PREVIOUS ((guint) G_N_ELEMENTS (((MabeiEpochRecord *) NULL)->previous))

G_STATIC_ASSERT (G_N_ELEMENTS (((MabeiEpochRecord *) NULL)->wraps) == MABEI_LIMIT_DEVICES);
G_STATIC_ASSERT (sizeof (MabeiWrap) == MABEI_SHORT_ID_BYTES + MABEI_WRAP_BYTES);

GBytes *
mabei_epoch_record_encode (const MabeiEpochRecord *record)
{
  g_assert (record->n_previous <= MAX_PREVIOUS && record->n_wraps <= MABEI_LIMIT_DEVICES);
  GByteArray *out = g_byte_array_new ();
  mabei_cbor_write_map (out, record->n_previous > 0 ? N_KEYS : N_KEYS - 1);
  mabei_cbor_write_uint (out, KEY_GENERATION);
  mabei_cbor_write_uint (out, record->generation);
  if (record->n_previous > 0) {
    mabei_cbor_write_uint (out, KEY_PREVIOUS);
    mabei_cbor_write_bytes (out, record->previous, record->n_previous * sizeof *record->previous);
  }
  mabei_cbor_write_uint (out, KEY_EPOCH);
  mabei_cbor_write_bytes (out, record->epoch_id.bytes, sizeof record->epoch_id.bytes);
  mabei_cbor_write_uint (out, KEY_EPHEMERAL);
  mabei_cbor_write_bytes (out, record->ephemeral_key, sizeof record->ephemeral_key);
  mabei_cbor_write_uint (out, KEY_WRAPS);
  mabei_cbor_write_bytes (out, record->wraps, record->n_wraps * sizeof *record->wraps);
  return g_byte_array_free_to_bytes (out);
}

static gboolean
read_wraps (MabeiCborReader *reader, MabeiEpochRecord *record, const char **fault)
{
  const guint8 *data;
  gsize length;
  if (!mabei_cbor_read_bytes (reader, sizeof record->wraps, &data, &length))
    return FALSE;
  if (length % sizeof *record->wraps != 0) {
    *fault = "the wraps are not whole";
    return FALSE;
  }
  memcpy (record->wraps, data, length);
  record->n_wraps = (guint) (length / sizeof *record->wraps);
  return TRUE;
}

/* NULL when the record keeps its rules, else what is wrong. */
static const char *
find_fault (const MabeiEpochRecord *record)
{
  if (record->generation == 0 || (record->generation == 1) != (record->n_previous == 0))
    return "the first generation follows no epoch, others follow one";
  if (!mabei_id_list_is_sorted (record->previous, record->n_previous))
    return "epochs before it not sorted";
  if (mabei_id_is_zero (&record->epoch_id))
    return "no epoch id";
  for (guint i = 0; i < record->n_previous; i++) {
    if (mabei_id_equal (&record->previous[i], &record->epoch_id))
      return "an epoch follows itself";
  }
  if (record->n_wraps == 0)
    return "no wraps";
  for (guint i = 1; i < record->n_wraps; i++) {
    if (mabei_short_id_compare (&record->wraps[i - 1].device, &record->wraps[i].device) >= 0)
      return "wraps not sorted";
  }
  return NULL;
}

MabeiEpochRecord *
mabei_epoch_record_decode (GBytes *payload, GError **error)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (payload, &length);
  MabeiCborReader reader;
  guint64 pairs, generation = 0;
  const char *fault = NULL;
  g_autofree MabeiEpochRecord *record = g_new0 (MabeiEpochRecord, 1);
  mabei_cbor_reader_init (&reader, data, length);
  gboolean good = mabei_cbor_read_map (&reader, N_KEYS, &pairs) && mabei_cbor_expect_key (&reader, KEY_GENERATION) &&
                  mabei_cbor_read_uint (&reader, MABEI_LIMIT_EPOCHS, &generation);
  if (good && pairs == N_KEYS)
    good = mabei_cbor_expect_key (&reader, KEY_PREVIOUS) &&
           mabei_id_list_read (&reader, MAX_PREVIOUS, record->previous, &record->n_previous, &fault);
  good = good && mabei_cbor_expect_key (&reader, KEY_EPOCH) &&
         mabei_cbor_read_fixed (&reader, record->epoch_id.bytes, sizeof record->epoch_id.bytes) &&
         mabei_cbor_expect_key (&reader, KEY_EPHEMERAL) &&
         mabei_cbor_read_fixed (&reader, record->ephemeral_key, sizeof record->ephemeral_key) &&
         mabei_cbor_expect_key (&reader, KEY_WRAPS) && read_wraps (&reader, record, &fault);
  if (fault == NULL && !mabei_cbor_reader_finish (&reader, NULL)) {
    mabei_change_take_fault (&reader, "epoch record", error);
    return NULL;
  }
  if (fault == NULL && pairs == N_KEYS && record->n_previous == 0)
    fault = "an empty list stands where none should";
  record->generation = (guint32) generation;
  if (fault == NULL)
    fault = find_fault (record);
  if (fault != NULL) {
    g_set_error (error, MABEI_CHANGE_ERROR, MABEI_CHANGE_ERROR_FORMAT, "epoch record: %s", fault);
    return NULL;
  }
  return g_steal_pointer (&record);
}

static int
compare_devices (gconstpointer a, gconstpointer b)
{
  MabeiShortId left, right;
  mabei_device_id (a, &left);
  mabei_device_id (b, &right);
  return mabei_short_id_compare (&left, &right);
}

static void
set_previous (MabeiEpochRecord *record, const MabeiId *previous, guint n_previous)
{
  if (n_previous == 0)
    return;
  memcpy (record->previous, previous, n_previous * sizeof *previous);
  qsort (record->previous, n_previous, sizeof *previous, mabei_id_compare);
  for (guint i = 0; i < n_previous; i++) {
    if (i == 0 || !mabei_id_equal (&record->previous[record->n_previous - 1], &record->previous[i]))
      record->previous[record->n_previous++] = record->previous[i];
  }
}

MabeiEpochRecord *
mabei_epoch_record_new (const MabeiSpaceRef *space,
                        MabeiDeviceKey *author,
                        guint32 generation,
                        const MabeiId *previous,
                        guint n_previous,
                        const MabeiDevicePublic *recipients,
                        guint n_recipients,
                        MabeiSecret **secret)
{
  g_return_val_if_fail (n_previous <= MAX_PREVIOUS, NULL);
  g_return_val_if_fail (n_recipients >= 1 && n_recipients <= MABEI_LIMIT_DEVICES, NULL);
  MabeiEpochRecord *record = g_new0 (MabeiEpochRecord, 1);
  g_autofree MabeiDevicePublic *sorted = g_memdup2 (recipients, n_recipients * sizeof *recipients);
  g_autoptr (MabeiSecret) ephemeral = NULL;
  MabeiSecret *epoch_secret = mabei_secret_new_random (32);
  qsort (sorted, n_recipients, sizeof *sorted, compare_devices);
  record->generation = generation;
  set_previous (record, previous, n_previous);
  mabei_epoch_id (epoch_secret, space, &record->epoch_id);
  mabei_epoch_ephemeral (&ephemeral, record->ephemeral_key);
  for (guint i = 0; i < n_recipients; i++) {
    MabeiWrap *wrap = &record->wraps[record->n_wraps];
    mabei_device_id (&sorted[i], &wrap->device);
    if (record->n_wraps > 0 && mabei_short_id_equal (&wrap[-1].device, &wrap->device))
      continue;
    /* A member with a low-order key must not stop a rotation for all: he is listed, with bytes that nobody opens. */
    if (mabei_epoch_wrap (epoch_secret, &record->epoch_id, space, author, ephemeral, record->ephemeral_key,
                          sorted[i].box_key, wrap->wrap) != MABEI_WRAP_OK)
      randombytes_buf (wrap->wrap, sizeof wrap->wrap);
    record->n_wraps++;
  }
  *secret = epoch_secret;
  return record;
}

MabeiWrapResult
mabei_epoch_record_open (const MabeiEpochRecord *record,
                         const MabeiSpaceRef *space,
                         MabeiDeviceKey *recipient,
                         const guint8 author_box_key[32],
                         MabeiSecret **secret)
{
  const MabeiShortId *device = mabei_device_key_id (recipient);
  for (guint i = 0; i < record->n_wraps; i++) {
    if (mabei_short_id_equal (&record->wraps[i].device, device))
      return mabei_epoch_unwrap (record->wraps[i].wrap, &record->epoch_id, space, recipient, record->ephemeral_key,
                                 author_box_key, secret);
  }
  return MABEI_WRAP_NOT_OPENED;
}
