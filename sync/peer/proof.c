#include "sync/peer/proof.h"

#include <string.h>

static void
put_time (guint8 *out, guint64 time_ms)
{
  guint64 little = GUINT64_TO_LE (time_ms);

  memcpy (out, &little, 8);
}

static void
put_auth (guint8 out[72], const guint8 *hub_salt, const guint8 *hub_key, guint64 time_ms)
{
  memcpy (out, hub_salt, 32);
  memcpy (out + 32, hub_key, 32);
  put_time (out + 64, time_ms);
}

void
mabei_proof_sign_auth (
    MabeiFrame *frame, MabeiDeviceKey *device, const guint8 hub_salt[32], const guint8 hub_key[32], guint64 time_ms)
{
  guint8 statement[72];

  memcpy (frame->key, mabei_device_key_public (device)->sign_key, 32);
  frame->time_ms = time_ms;
  put_auth (statement, hub_salt, hub_key, time_ms);
  mabei_device_sign (device, MABEI_LABEL_HUB_AUTH, statement, sizeof statement, frame->signature);
}

gboolean
mabei_proof_check_auth (const MabeiFrame *frame, const guint8 hub_salt[32], const guint8 hub_key[32])
{
  guint8 statement[72];

  put_auth (statement, hub_salt, hub_key, frame->time_ms);
  return mabei_device_verify (frame->key, MABEI_LABEL_HUB_AUTH, statement, sizeof statement, frame->signature);
}

static void
put_ready (guint8 out[80], const guint8 *other_salt, const guint8 *hub_salt, const MabeiShortId *store_epoch)
{
  memcpy (out, other_salt, 32);
  memcpy (out + 32, hub_salt, 32);
  memcpy (out + 64, store_epoch->bytes, MABEI_SHORT_ID_BYTES);
}

void
mabei_proof_sign_ready (MabeiFrame *frame, MabeiDeviceKey *hub, const guint8 other_salt[32], const guint8 hub_salt[32])
{
  guint8 statement[80];

  put_ready (statement, other_salt, hub_salt, &frame->store_epoch);
  mabei_device_sign (hub, MABEI_LABEL_HUB_AUTH, statement, sizeof statement, frame->signature);
}

gboolean
mabei_proof_check_ready (const MabeiFrame *frame,
                         const guint8 hub_key[32],
                         const guint8 other_salt[32],
                         const guint8 hub_salt[32])
{
  guint8 statement[80];

  put_ready (statement, other_salt, hub_salt, &frame->store_epoch);
  return mabei_device_verify (hub_key, MABEI_LABEL_HUB_AUTH, statement, sizeof statement, frame->signature);
}

static void
put_open (guint8 out[48], const guint8 *hub_salt, const MabeiShortId *mailbox)
{
  memcpy (out, hub_salt, 32);
  memcpy (out + 32, mailbox->bytes, MABEI_SHORT_ID_BYTES);
}

void
mabei_proof_sign_open (MabeiFrame *frame, MabeiMailboxKeys *keys, const guint8 hub_salt[32])
{
  guint8 statement[48];

  memcpy (frame->read_key, mabei_mailbox_keys_read_key (keys), 32);
  memcpy (frame->write_key, mabei_mailbox_keys_write_key (keys), 32);
  put_open (statement, hub_salt, mabei_mailbox_keys_id (keys));
  mabei_mailbox_keys_sign_read (keys, MABEI_LABEL_MAILBOX_READ, statement, sizeof statement, frame->signature);
}

gboolean
mabei_proof_check_open (const MabeiFrame *frame, const guint8 hub_salt[32], MabeiShortId *mailbox)
{
  MabeiShortId id;
  guint8 statement[48];

  mabei_mailbox_id (frame->read_key, frame->write_key, &id);
  put_open (statement, hub_salt, &id);
  if (!mabei_device_verify (frame->read_key, MABEI_LABEL_MAILBOX_READ, statement, sizeof statement, frame->signature))
    return FALSE;
  if (mailbox != NULL)
    *mailbox = id;
  return TRUE;
}

static GByteArray *
data_statement (const MabeiFrame *frame)
{
  gsize length = 0;
  gconstpointer data = frame->data != NULL ? g_bytes_get_data (frame->data, &length) : NULL;
  GByteArray *statement = g_byte_array_sized_new ((guint) (MABEI_SHORT_ID_BYTES + length));

  g_byte_array_append (statement, frame->mailbox.bytes, MABEI_SHORT_ID_BYTES);
  if (length > 0)
    g_byte_array_append (statement, data, (guint) length);
  return statement;
}

static const char *
data_label (const MabeiFrame *frame)
{
  return frame->type == MABEI_FRAME_LIVE ? MABEI_LABEL_LIVE : MABEI_LABEL_HUB_ENVELOPE;
}

void
mabei_proof_sign_data (MabeiFrame *frame, MabeiMailboxKeys *keys)
{
  g_autoptr (GByteArray) statement = NULL;

  g_assert (frame->type == MABEI_FRAME_RECORD || frame->type == MABEI_FRAME_LIVE);
  frame->mailbox = *mabei_mailbox_keys_id (keys);
  statement = data_statement (frame);
  mabei_mailbox_keys_sign_write (keys, data_label (frame), statement->data, statement->len, frame->signature);
}

gboolean
mabei_proof_check_data (const MabeiFrame *frame, const guint8 write_key[32])
{
  g_autoptr (GByteArray) statement = NULL;

  if (frame->type != MABEI_FRAME_RECORD && frame->type != MABEI_FRAME_LIVE)
    return FALSE;
  statement = data_statement (frame);
  return mabei_device_verify (write_key, data_label (frame), statement->data, statement->len, frame->signature);
}
