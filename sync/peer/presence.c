#include "sync/peer/presence.h"

#include <string.h>

#include "core/base/cbor.h"
#include "sync/peer/frame.h"

/* The largest message whose envelope stays within MABEI_LIMIT_LIVE_BYTES: the class of 16 KiB, and a byte of padding.
 */
#define MESSAGE_BYTES (16u * 1024u - 1u)

/* The device signs for one space of one case: a message cannot be carried into another. */
static GByteArray *
make_statement (MabeiSpace *space, const guint8 *body, gsize length)
{
  GByteArray *statement = g_byte_array_new ();

  g_byte_array_append (statement, mabei_case_id (mabei_space_case (space))->bytes, MABEI_ID_BYTES);
  g_byte_array_append (statement, mabei_space_id (space)->bytes, MABEI_SHORT_ID_BYTES);
  g_byte_array_append (statement, body, (guint) length);
  return statement;
}

static const MabeiMember *
find_member (MabeiSpace *space, const MabeiShortId *device)
{
  g_autoptr (GPtrArray) members = mabei_space_members (space);

  for (guint i = 0; i < members->len; i++) {
    const MabeiMember *member = members->pdata[i];

    if (mabei_short_id_equal (&member->device, device))
      return member;
  }
  return NULL;
}

static GByteArray *
begin_body (MabeiReplica *replica, MabeiLiveType type, guint64 number)
{
  MabeiDeviceKey *device = mabei_replica_keys (replica)->device;
  GByteArray *body = g_byte_array_new ();

  mabei_cbor_write_array (body, 5);
  mabei_cbor_write_uint (body, type);
  mabei_cbor_write_bytes (body, mabei_device_key_id (device)->bytes, MABEI_SHORT_ID_BYTES);
  mabei_cbor_write_uint (body, number);
  return body;
}

/* NULL when the message would pass the limit. */
static GBytes *
sign_body (MabeiReplica *replica, MabeiSpace *space, const GByteArray *body)
{
  g_autoptr (GByteArray) statement = make_statement (space, body->data, body->len);
  g_autoptr (GByteArray) out = g_byte_array_new ();
  guint8 signature[MABEI_SIGNATURE_BYTES];

  mabei_device_sign (mabei_replica_keys (replica)->device, MABEI_LABEL_LIVE, statement->data, statement->len,
                     signature);
  mabei_cbor_write_array (out, 2);
  mabei_cbor_write_bytes (out, body->data, body->len);
  mabei_cbor_write_bytes (out, signature, sizeof signature);
  return out->len <= MESSAGE_BYTES ? g_bytes_new (out->data, out->len) : NULL;
}

GBytes *
mabei_live_presence (MabeiReplica *replica, MabeiSpace *space, guint64 number, gboolean leaving)
{
  g_autoptr (GByteArray) body = begin_body (replica, MABEI_LIVE_PRESENCE, number);
  g_autoptr (GArray) heads = mabei_graph_heads (mabei_space_graph (space));
  MabeiLive live;
  guint n_heads = MIN (heads->len, G_N_ELEMENTS (live.heads));

  mabei_cbor_write_bool (body, leaving);
  mabei_cbor_write_bytes (body, heads->data, n_heads * sizeof (MabeiId));
  return sign_body (replica, space, body);
}

GBytes *
mabei_live_call (
    MabeiReplica *replica, MabeiSpace *space, const MabeiShortId *to, guint64 number, gconstpointer data, gsize length)
{
  const MabeiMember *member = find_member (space, to);
  g_autoptr (GByteArray) body = NULL;
  g_autoptr (GBytes) sealed = NULL;
  gsize sealed_length;
  gconstpointer sealed_data;

  if (member == NULL || length > MESSAGE_BYTES)
    return NULL;
  sealed = mabei_device_seal (mabei_replica_keys (replica)->device, &member->keys, MABEI_LABEL_LIVE, data, length);
  if (sealed == NULL)
    return NULL;
  sealed_data = g_bytes_get_data (sealed, &sealed_length);
  body = begin_body (replica, MABEI_LIVE_CALL, number);
  mabei_cbor_write_bytes (body, to->bytes, MABEI_SHORT_ID_BYTES);
  mabei_cbor_write_bytes (body, sealed_data, sealed_length);
  return sign_body (replica, space, body);
}

static gboolean
read_presence (MabeiCborReader *reader, MabeiLive *live)
{
  const guint8 *heads;
  gsize length;

  if (!mabei_cbor_read_bool (reader, &live->leaving) ||
      !mabei_cbor_read_bytes (reader, sizeof live->heads, &heads, &length) || length % sizeof (MabeiId) != 0)
    return FALSE;
  live->n_heads = (guint) (length / sizeof (MabeiId));
  if (length > 0)
    memcpy (live->heads, heads, length);
  return mabei_cbor_reader_finish (reader, NULL);
}

/* @sealed is borrowed from the reader's bytes. */
static gboolean
read_body (const guint8 *body, gsize length, MabeiLive *live, const guint8 **sealed, gsize *sealed_length)
{
  MabeiCborReader reader;
  guint64 count, type;

  mabei_cbor_reader_init (&reader, body, length);
  if (!mabei_cbor_read_array (&reader, 5, &count) || count != 5 ||
      !mabei_cbor_read_uint (&reader, MABEI_LIVE_CALL, &type) ||
      !mabei_cbor_read_fixed (&reader, live->from.bytes, MABEI_SHORT_ID_BYTES) ||
      !mabei_cbor_read_uint (&reader, G_MAXUINT64, &live->number))
    return FALSE;
  live->type = (MabeiLiveType) type;
  if (live->type == MABEI_LIVE_PRESENCE)
    return read_presence (&reader, live);
  return mabei_cbor_read_fixed (&reader, live->to.bytes, MABEI_SHORT_ID_BYTES) &&
         mabei_cbor_read_bytes (&reader, MESSAGE_BYTES, sealed, sealed_length) &&
         mabei_cbor_reader_finish (&reader, NULL);
}

static MabeiLive *
refuse (GError **error, const char *text)
{
  g_set_error_literal (error, MABEI_FRAME_ERROR, MABEI_FRAME_ERROR_FORMAT, text);
  return NULL;
}

MabeiLive *
mabei_live_open (MabeiReplica *replica, MabeiSpace *space, GBytes *message, GError **error)
{
  MabeiDeviceKey *self = mabei_replica_keys (replica)->device;
  g_autoptr (MabeiLive) live = g_new0 (MabeiLive, 1);
  g_autoptr (GByteArray) statement = NULL;
  const guint8 *body, *sealed = NULL;
  guint8 signature[MABEI_SIGNATURE_BYTES];
  gsize length, body_length, sealed_length = 0;
  gconstpointer data = g_bytes_get_data (message, &length);
  const MabeiMember *member;
  MabeiCborReader reader;
  guint64 count;

  mabei_cbor_reader_init (&reader, data, length);
  if (!mabei_cbor_read_array (&reader, 2, &count) || count != 2 ||
      !mabei_cbor_read_bytes (&reader, MESSAGE_BYTES, &body, &body_length) ||
      !mabei_cbor_read_fixed (&reader, signature, sizeof signature) || !mabei_cbor_reader_finish (&reader, NULL) ||
      !read_body (body, body_length, live, &sealed, &sealed_length))
    return refuse (error, "malformed live message");
  member = find_member (space, &live->from);
  if (member == NULL)
    return refuse (error, "a live message from somebody who is not in this space");
  statement = make_statement (space, body, body_length);
  if (!mabei_device_verify (member->keys.sign_key, MABEI_LABEL_LIVE, statement->data, statement->len, signature))
    return refuse (error, "a live message that its sender did not sign");
  if (live->type == MABEI_LIVE_CALL && mabei_short_id_equal (&live->to, mabei_device_key_id (self))) {
    live->data = mabei_device_open (self, &member->keys, MABEI_LABEL_LIVE, sealed, sealed_length);
    if (live->data == NULL)
      return refuse (error, "a live message for this device that does not open");
  }
  return g_steal_pointer (&live);
}

void
mabei_live_free (MabeiLive *live)
{
  if (live == NULL)
    return;
  g_clear_pointer (&live->data, g_bytes_unref);
  g_free (live);
}
