/* An EPOCH payload: what is accepted is encoded to the same bytes, and opening it is total. */
#include <string.h>

#include "core/change/epoch_record.h"
#include "tests/fuzz/fuzz.h"

static const MabeiSpaceRef space = {{{1}}, {{2}}};

static MabeiDeviceKey *
fixed_device (guint8 fill)
{
  g_autoptr (MabeiSecret) seed = mabei_secret_new (64);
  memset (mabei_secret_data (seed), fill, 64);
  return mabei_device_key_new_from_seed (seed);
}

void
fuzz_seeds (GPtrArray *seeds)
{
  const MabeiId previous[] = {{{3}}, {{4}}};
  g_autoptr (MabeiDeviceKey) clerk = fixed_device (1);
  g_autoptr (MabeiDeviceKey) party = fixed_device (2);
  const MabeiDevicePublic both[] = {*mabei_device_key_public (clerk), *mabei_device_key_public (party)};
  for (guint n = 0; n <= 2; n++) {
    g_autoptr (MabeiSecret) secret = NULL;
    g_autofree MabeiEpochRecord *record =
        mabei_epoch_record_new (&space, clerk, n + 1, previous, n, both, n == 0 ? 1 : 2, &secret);
    g_ptr_array_add (seeds, mabei_epoch_record_encode (record));
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t length)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, length);
  g_autoptr (GError) error = NULL;
  g_autofree MabeiEpochRecord *record = mabei_epoch_record_decode (bytes, &error);
  g_assert_true ((record == NULL) == (error != NULL));
  if (record == NULL)
    return 0;
  g_autoptr (GBytes) again = mabei_epoch_record_encode (record);
  g_assert_true (g_bytes_equal (again, bytes));
  g_autoptr (MabeiDeviceKey) party = fixed_device (2);
  g_autoptr (MabeiDeviceKey) clerk = fixed_device (1);
  g_autoptr (MabeiSecret) secret = NULL;
  MabeiWrapResult result =
      mabei_epoch_record_open (record, &space, party, mabei_device_key_public (clerk)->box_key, &secret);
  g_assert_true ((result == MABEI_WRAP_OK) == (secret != NULL));
  return 0;
}
