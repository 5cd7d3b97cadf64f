#include "core/crypto/epoch.h"

#include <sodium.h>
#include <string.h>

#define SECRET_BYTES 32u

G_STATIC_ASSERT (MABEI_WRAP_BYTES == SECRET_BYTES + crypto_secretbox_MACBYTES);

/* The key serves one wrap only: it follows from an ephemeral key and one recipient. */
static const guint8 zero_nonce[crypto_secretbox_NONCEBYTES];

void
mabei_epoch_id (MabeiSecret *secret, const MabeiSpaceRef *space, MabeiId *epoch_id)
{
  g_assert (mabei_secret_length (secret) == SECRET_BYTES);
  mabei_hash (MABEI_LABEL_EPOCH, epoch_id, mabei_secret_data (secret), mabei_secret_length (secret),
              space->case_id.bytes, sizeof space->case_id.bytes, space->space.bytes, sizeof space->space.bytes, NULL);
}

void
mabei_epoch_ephemeral (MabeiSecret **secret, guint8 public_key[32])
{
  *secret = mabei_secret_new_random (crypto_scalarmult_SCALARBYTES);
  crypto_scalarmult_base (public_key, mabei_secret_data (*secret));
}

typedef struct {
  const guint8 *ephemeral_scalar; /* one side has the ephemeral secret, the other its own static one */
  const guint8 *ephemeral_peer;
  const guint8 *static_scalar;
  const guint8 *static_peer;
  const guint8 *ephemeral_key;
  const guint8 *recipient_key;
  const guint8 *author_key;
  const MabeiId *epoch_id;
  const MabeiSpaceRef *space;
} WrapKeyInput;

/* FALSE for a low-order public key (crypto_scalarmult's result is zero). The caller wipes @key. */
static gboolean
wrap_key (const WrapKeyInput *input, MabeiId *key)
{
  guint8 ephemeral_static[32], static_static[32];
  gboolean good = crypto_scalarmult (ephemeral_static, input->ephemeral_scalar, input->ephemeral_peer) == 0 &&
                  crypto_scalarmult (static_static, input->static_scalar, input->static_peer) == 0;
  if (good)
    mabei_hash (MABEI_LABEL_WRAP, key, ephemeral_static, sizeof ephemeral_static, static_static, sizeof static_static,
                input->ephemeral_key, (gsize) 32, input->recipient_key, (gsize) 32, input->author_key, (gsize) 32,
                input->epoch_id->bytes, sizeof input->epoch_id->bytes, input->space->case_id.bytes,
                sizeof input->space->case_id.bytes, input->space->space.bytes, sizeof input->space->space.bytes, NULL);
  sodium_memzero (ephemeral_static, sizeof ephemeral_static);
  sodium_memzero (static_static, sizeof static_static);
  return good;
}

MabeiWrapResult
mabei_epoch_wrap (MabeiSecret *epoch_secret,
                  const MabeiId *epoch_id,
                  const MabeiSpaceRef *space,
                  MabeiDeviceKey *author,
                  MabeiSecret *ephemeral_secret,
                  const guint8 ephemeral_key[32],
                  const guint8 recipient_box_key[32],
                  guint8 wrap[MABEI_WRAP_BYTES])
{
  g_assert (mabei_secret_length (epoch_secret) == SECRET_BYTES && mabei_secret_length (ephemeral_secret) == 32);
  const WrapKeyInput input = {
      .ephemeral_scalar = mabei_secret_data (ephemeral_secret),
      .ephemeral_peer = recipient_box_key,
      .static_scalar = mabei_secret_data (mabei_device_key_box_secret (author)),
      .static_peer = recipient_box_key,
      .ephemeral_key = ephemeral_key,
      .recipient_key = recipient_box_key,
      .author_key = mabei_device_key_public (author)->box_key,
      .epoch_id = epoch_id,
      .space = space,
  };
  MabeiId key;
  if (!wrap_key (&input, &key))
    return MABEI_WRAP_BAD_KEY;
  crypto_secretbox_easy (wrap, mabei_secret_data (epoch_secret), SECRET_BYTES, zero_nonce, key.bytes);
  sodium_memzero (&key, sizeof key);
  return MABEI_WRAP_OK;
}

MabeiWrapResult
mabei_epoch_unwrap (const guint8 wrap[MABEI_WRAP_BYTES],
                    const MabeiId *epoch_id,
                    const MabeiSpaceRef *space,
                    MabeiDeviceKey *recipient,
                    const guint8 ephemeral_key[32],
                    const guint8 author_box_key[32],
                    MabeiSecret **secret)
{
  const guint8 *scalar = mabei_secret_data (mabei_device_key_box_secret (recipient));
  const WrapKeyInput input = {
      .ephemeral_scalar = scalar,
      .ephemeral_peer = ephemeral_key,
      .static_scalar = scalar,
      .static_peer = author_box_key,
      .ephemeral_key = ephemeral_key,
      .recipient_key = mabei_device_key_public (recipient)->box_key,
      .author_key = author_box_key,
      .epoch_id = epoch_id,
      .space = space,
  };
  MabeiId key, committed;
  if (!wrap_key (&input, &key))
    return MABEI_WRAP_BAD_KEY;
  g_autoptr (MabeiSecret) opened = mabei_secret_new (SECRET_BYTES);
  int result = crypto_secretbox_open_easy (mabei_secret_data (opened), wrap, MABEI_WRAP_BYTES, zero_nonce, key.bytes);
  sodium_memzero (&key, sizeof key);
  if (result != 0)
    return MABEI_WRAP_NOT_OPENED;
  /* secretbox does not commit to its key: without this check an author could give two members two secrets. */
  mabei_epoch_id (opened, space, &committed);
  if (!mabei_id_equal (&committed, epoch_id))
    return MABEI_WRAP_OTHER_SECRET;
  *secret = g_steal_pointer (&opened);
  return MABEI_WRAP_OK;
}

MabeiSecret *
mabei_epoch_operation_key (MabeiSecret *epoch_secret, const MabeiShortId *device, const MabeiId *epoch_id)
{
  const MabeiField fields[] = {
      {device->bytes, sizeof device->bytes},
      {epoch_id->bytes, sizeof epoch_id->bytes},
  };
  return mabei_hash_secret (MABEI_LABEL_OPERATION_KEY, epoch_secret, fields, G_N_ELEMENTS (fields));
}
