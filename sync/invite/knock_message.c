#include "sync/invite/knock_message.h"

#include <sodium.h>
#include <string.h>

#include "core/base/cbor.h"
#include "core/base/limits.h"

/* Body and signatures of the longest KNOCK are 584 bytes: everything padded to here shares the envelope of 1024. */
#define PADDED_BYTES 640u
#define MESSAGE_BYTES (MABEI_KNOCK_WELCOME_BYTES + 1024u)

/* Fields after the type. */
static const guint n_fields[] = {
    [MABEI_KNOCK_MESSAGE_KNOCK] = 7,   [MABEI_KNOCK_MESSAGE_ANSWER] = 4,  [MABEI_KNOCK_MESSAGE_REVEAL] = 3,
    [MABEI_KNOCK_MESSAGE_WELCOME] = 4, [MABEI_KNOCK_MESSAGE_REFUSED] = 3,
};

static void
write_device (GByteArray *out, const MabeiDevicePublic *device)
{
  mabei_cbor_write_bytes (out, device->sign_key, sizeof device->sign_key);
  mabei_cbor_write_bytes (out, device->box_key, sizeof device->box_key);
}

static void
write_knock (GByteArray *out, const MabeiKnockMessage *message)
{
  write_device (out, &message->device);
  mabei_cbor_write_bytes (out, message->person.bytes, MABEI_SHORT_ID_BYTES);
  mabei_cbor_write_text (out, message->name);
  mabei_cbor_write_bytes (out, message->inbox_read_key, sizeof message->inbox_read_key);
  mabei_cbor_write_bytes (out, message->inbox_write_seed.bytes, MABEI_ID_BYTES);
  mabei_cbor_write_bytes (out, message->commitment.bytes, MABEI_ID_BYTES);
}

static GByteArray *
write_body (const MabeiKnockMessage *message)
{
  GByteArray *out = g_byte_array_new ();
  gsize length;
  gconstpointer sealed;

  mabei_cbor_write_array (out, 1 + n_fields[message->type]);
  mabei_cbor_write_uint (out, message->type);
  if (message->type == MABEI_KNOCK_MESSAGE_KNOCK) {
    write_knock (out, message);
    return out;
  }
  mabei_cbor_write_bytes (out, message->knock.bytes, MABEI_ID_BYTES);
  if (message->type == MABEI_KNOCK_MESSAGE_REVEAL)
    mabei_cbor_write_bytes (out, message->answer.bytes, MABEI_ID_BYTES);
  else
    write_device (out, &message->device);
  if (message->type == MABEI_KNOCK_MESSAGE_ANSWER || message->type == MABEI_KNOCK_MESSAGE_REVEAL)
    mabei_cbor_write_bytes (out, message->nonce, sizeof message->nonce);
  if (message->type == MABEI_KNOCK_MESSAGE_WELCOME) {
    sealed = g_bytes_get_data (message->sealed, &length);
    mabei_cbor_write_bytes (out, sealed, length);
  }
  return out;
}

/* Everything but the padding; which length follows from it. */
static gsize
padding_length (gsize body_length, gboolean is_knock)
{
  gsize length = 1 + 3 + body_length + 2 + MABEI_SIGNATURE_BYTES + 1 + (is_knock ? 1 + MABEI_SIGNATURE_BYTES : 0);

  return length < PADDED_BYTES ? PADDED_BYTES - length : 0;
}

GBytes *
mabei_knock_message_encode (const MabeiKnockMessage *message, MabeiDeviceKey *signer, MabeiSecret *invite_secret)
{
  static const guint8 zeros[PADDED_BYTES];
  g_autoptr (GByteArray) body = write_body (message);
  GByteArray *out = g_byte_array_new ();
  gboolean is_knock = message->type == MABEI_KNOCK_MESSAGE_KNOCK;
  guint8 signature[MABEI_SIGNATURE_BYTES], invite_signature[MABEI_SIGNATURE_BYTES];
  MabeiId id;

  g_assert (is_knock == (invite_secret != NULL));
  mabei_device_sign (signer, MABEI_LABEL_KNOCK, body->data, body->len, signature);
  if (is_knock) {
    mabei_hash (MABEI_LABEL_KNOCK, &id, body->data, (gsize) body->len, NULL);
    crypto_sign_detached (invite_signature, NULL, id.bytes, MABEI_ID_BYTES, mabei_secret_data (invite_secret));
  }
  mabei_cbor_write_array (out, 4);
  mabei_cbor_write_bytes (out, body->data, body->len);
  mabei_cbor_write_bytes (out, signature, sizeof signature);
  mabei_cbor_write_bytes (out, invite_signature, is_knock ? sizeof invite_signature : 0);
  mabei_cbor_write_bytes (out, zeros, padding_length (body->len, is_knock));
  return g_byte_array_free_to_bytes (out);
}

/* A name is read aloud and shown beside a code: nothing in it may hide or turn text round. */
static gboolean
name_is_valid (const char *name)
{
  gboolean visible = FALSE;

  for (const char *at = name; *at != '\0'; at = g_utf8_next_char (at)) {
    gunichar c = g_utf8_get_char (at);

    if (g_unichar_iscntrl (c) || c == 0x2028 || c == 0x2029 || c == 0x200e || c == 0x200f || c == 0x061c ||
        (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff)
      return FALSE;
    visible = visible || g_unichar_isgraph (c);
  }
  return visible;
}

static gboolean
read_device (MabeiCborReader *reader, MabeiDevicePublic *device)
{
  return mabei_cbor_read_fixed (reader, device->sign_key, sizeof device->sign_key) &&
         mabei_cbor_read_fixed (reader, device->box_key, sizeof device->box_key);
}

static gboolean
read_knock (MabeiCborReader *reader, MabeiKnockMessage *message)
{
  return read_device (reader, &message->device) &&
         mabei_cbor_read_fixed (reader, message->person.bytes, MABEI_SHORT_ID_BYTES) &&
         mabei_cbor_read_text (reader, MABEI_LIMIT_NAME_BYTES, &message->name) &&
         mabei_cbor_read_fixed (reader, message->inbox_read_key, sizeof message->inbox_read_key) &&
         mabei_cbor_read_fixed (reader, message->inbox_write_seed.bytes, MABEI_ID_BYTES) &&
         mabei_cbor_read_fixed (reader, message->commitment.bytes, MABEI_ID_BYTES) &&
         mabei_cbor_reader_finish (reader, NULL) && !mabei_short_id_is_zero (&message->person) &&
         !sodium_is_zero (message->inbox_read_key, sizeof message->inbox_read_key) && name_is_valid (message->name);
}

static gboolean
read_sealed (MabeiCborReader *reader, MabeiKnockMessage *message)
{
  const guint8 *data;
  gsize length;

  if (!mabei_cbor_read_bytes (reader, MABEI_KNOCK_WELCOME_BYTES, &data, &length) || length == 0)
    return FALSE;
  message->sealed = g_bytes_new (data, length);
  return TRUE;
}

static gboolean
read_body (MabeiKnockMessage *message)
{
  MabeiCborReader reader;
  guint64 count, type;
  gsize length;
  gconstpointer data = g_bytes_get_data (message->body, &length);

  mabei_cbor_reader_init (&reader, data, length);
  if (!mabei_cbor_read_array (&reader, 16, &count) || count == 0 ||
      !mabei_cbor_read_uint (&reader, G_N_ELEMENTS (n_fields) - 1, &type) || count != 1 + n_fields[type])
    return FALSE;
  message->type = (MabeiKnockMessageType) type;
  if (message->type == MABEI_KNOCK_MESSAGE_KNOCK)
    return read_knock (&reader, message);
  if (!mabei_cbor_read_fixed (&reader, message->knock.bytes, MABEI_ID_BYTES))
    return FALSE;
  if (message->type == MABEI_KNOCK_MESSAGE_REVEAL
          ? !mabei_cbor_read_fixed (&reader, message->answer.bytes, MABEI_ID_BYTES)
          : !read_device (&reader, &message->device))
    return FALSE;
  if ((message->type == MABEI_KNOCK_MESSAGE_ANSWER || message->type == MABEI_KNOCK_MESSAGE_REVEAL) &&
      !mabei_cbor_read_fixed (&reader, message->nonce, sizeof message->nonce))
    return FALSE;
  if (message->type == MABEI_KNOCK_MESSAGE_WELCOME && !read_sealed (&reader, message))
    return FALSE;
  return mabei_cbor_reader_finish (&reader, NULL);
}

MabeiKnockMessage *
mabei_knock_message_decode (GBytes *bytes)
{
  g_autoptr (MabeiKnockMessage) message = g_new0 (MabeiKnockMessage, 1);
  const guint8 *body, *second, *padding;
  gsize length, body_length, second_length, padding_bytes;
  gconstpointer data = g_bytes_get_data (bytes, &length);
  MabeiCborReader reader;
  guint64 count;
  gboolean is_knock;

  if (length > MESSAGE_BYTES)
    return NULL;
  mabei_cbor_reader_init (&reader, data, length);
  if (!mabei_cbor_read_array (&reader, 4, &count) || count != 4 ||
      !mabei_cbor_read_bytes (&reader, MESSAGE_BYTES, &body, &body_length) ||
      !mabei_cbor_read_fixed (&reader, message->signature, sizeof message->signature) ||
      !mabei_cbor_read_bytes (&reader, MABEI_SIGNATURE_BYTES, &second, &second_length) ||
      !mabei_cbor_read_bytes (&reader, PADDED_BYTES, &padding, &padding_bytes) ||
      !mabei_cbor_reader_finish (&reader, NULL))
    return NULL;
  message->body = g_bytes_new (body, body_length);
  if (!read_body (message))
    return NULL;
  is_knock = message->type == MABEI_KNOCK_MESSAGE_KNOCK;
  if (second_length != (is_knock ? MABEI_SIGNATURE_BYTES : 0) ||
      padding_bytes != padding_length (body_length, is_knock) ||
      (padding_bytes > 0 && !sodium_is_zero (padding, padding_bytes)))
    return NULL;
  if (is_knock)
    memcpy (message->invite_signature, second, MABEI_SIGNATURE_BYTES);
  mabei_hash (MABEI_LABEL_KNOCK, &message->id, body, body_length, NULL);
  return g_steal_pointer (&message);
}

gboolean
mabei_knock_message_is_signed (const MabeiKnockMessage *message, const guint8 sign_key[32])
{
  gsize length;
  gconstpointer body = g_bytes_get_data (message->body, &length);

  return mabei_device_verify (sign_key, MABEI_LABEL_KNOCK, body, length, message->signature);
}

gboolean
mabei_knock_message_is_invited (const MabeiKnockMessage *message, const guint8 invite_key[32])
{
  gsize length;
  gconstpointer body = g_bytes_get_data (message->body, &length);

  return message->type == MABEI_KNOCK_MESSAGE_KNOCK &&
         mabei_device_verify (invite_key, MABEI_LABEL_KNOCK, body, length, message->invite_signature);
}

void
mabei_knock_message_free (MabeiKnockMessage *message)
{
  if (message == NULL)
    return;
  g_free (message->name);
  g_clear_pointer (&message->sealed, g_bytes_unref);
  g_clear_pointer (&message->body, g_bytes_unref);
  g_free (message);
}
