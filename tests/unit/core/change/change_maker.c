#include "tests/unit/core/change/change_maker.h"

#include <string.h>

void
change_maker_init (ChangeMaker *maker)
{
  memset (maker, 0, sizeof *maker);
  memset (maker->space.case_id.bytes, 0xc5, sizeof maker->space.case_id.bytes);
  memset (maker->space.space.bytes, 0x5b, sizeof maker->space.space.bytes);
  maker->epoch_secret = mabei_secret_new (32);
  memset (mabei_secret_data (maker->epoch_secret), 0xe0, 32);
  mabei_epoch_id (maker->epoch_secret, &maker->space, &maker->epoch_id);
  for (guint i = 0; i < MAKER_DEVICES; i++) {
    g_autoptr (MabeiSecret) seed = mabei_secret_new (64);
    memset (mabei_secret_data (seed), (int) (0x10 + i), 64);
    maker->devices[i] = mabei_device_key_new_from_seed (seed);
    maker->operation_keys[i] =
        mabei_epoch_operation_key (maker->epoch_secret, mabei_device_key_id (maker->devices[i]), &maker->epoch_id);
  }
}

void
change_maker_clear (ChangeMaker *maker)
{
  for (guint i = 0; i < MAKER_DEVICES; i++) {
    mabei_device_key_free (maker->devices[i]);
    mabei_secret_unref (maker->operation_keys[i]);
  }
  mabei_secret_unref (maker->epoch_secret);
}

MabeiHeader
change_maker_header (ChangeMaker *maker, guint device, MabeiChange *prev, MabeiChange *const *others, guint n_others)
{
  MabeiHeader header = {
      .case_id = maker->space.case_id,
      .space = maker->space.space,
      .device = *mabei_device_key_id (maker->devices[device]),
      .epoch_id = maker->epoch_id,
      .kind = MABEI_KIND_CONTENT,
      .lamport = 1,
  };
  if (prev != NULL) {
    header.seq = mabei_change_header (prev)->seq + 1;
    header.prev = *mabei_change_id (prev);
    header.lamport = mabei_change_header (prev)->lamport + 1;
  }
  for (guint i = 0; i < n_others; i++) {
    header.deps[header.n_deps++] = *mabei_change_id (others[i]);
    header.lamport = MAX (header.lamport, mabei_change_header (others[i])->lamport + 1);
  }
  qsort (header.deps, header.n_deps, sizeof header.deps[0], mabei_id_compare);
  return header;
}

MabeiChange *
change_maker_seal (ChangeMaker *maker, guint device, const MabeiHeader *header, const char *body)
{
  g_autoptr (GError) error = NULL;
  gboolean sealed = header->kind != MABEI_KIND_GENESIS && header->kind != MABEI_KIND_EPOCH;
  MabeiChange *change = mabei_change_seal (header, maker->devices[device],
                                           sealed ? maker->operation_keys[device] : NULL, body, strlen (body), &error);
  g_assert_no_error (error);
  return change;
}

MabeiChange *
change_maker_next (ChangeMaker *maker, guint device, MabeiChange *prev, MabeiChange *other, const char *body)
{
  MabeiHeader header = change_maker_header (maker, device, prev, &other, other != NULL ? 1 : 0);
  return change_maker_seal (maker, device, &header, body);
}
