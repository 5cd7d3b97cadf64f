#include "sync/peer/frame.h"

#include <string.h>

#include "core/base/cbor.h"

G_DEFINE_QUARK (mabei_frame_error, mabei_frame_error)

/* Fields after the type, and what each type is called in a message. */
static const struct {
  guint n_fields;
  const char *name;
} shapes[] = {
    [MABEI_FRAME_HELLO] = {3, "HELLO"},   [MABEI_FRAME_AUTH] = {4, "AUTH"},     [MABEI_FRAME_READY] = {2, "READY"},
    [MABEI_FRAME_CREATE] = {3, "CREATE"}, [MABEI_FRAME_OPEN] = {5, "OPEN"},     [MABEI_FRAME_RECORD] = {5, "RECORD"},
    [MABEI_FRAME_ACK] = {2, "ACK"},       [MABEI_FRAME_REFUSE] = {2, "REFUSE"}, [MABEI_FRAME_HEADS] = {2, "HEADS"},
    [MABEI_FRAME_LIVE] = {3, "LIVE"},     [MABEI_FRAME_PING] = {1, "PING"},     [MABEI_FRAME_PONG] = {1, "PONG"},
    [MABEI_FRAME_DONE] = {1, "DONE"},
};

static void
write_data (GByteArray *out, GBytes *data)
{
  gsize length = 0;
  gconstpointer bytes = data != NULL ? g_bytes_get_data (data, &length) : NULL;

  mabei_cbor_write_bytes (out, bytes, length);
}

static void
write_handshake (GByteArray *out, const MabeiFrame *frame)
{
  switch ((int) frame->type) {
  case MABEI_FRAME_HELLO:
    mabei_cbor_write_uint (out, frame->version);
    mabei_cbor_write_bytes (out, frame->salt, sizeof frame->salt);
    mabei_cbor_write_bytes (out, frame->key, sizeof frame->key);
    break;
  case MABEI_FRAME_AUTH:
    mabei_cbor_write_bytes (out, frame->key, sizeof frame->key);
    mabei_cbor_write_uint (out, frame->time_ms);
    mabei_cbor_write_bytes (out, frame->signature, sizeof frame->signature);
    write_data (out, frame->credential);
    break;
  default:
    mabei_cbor_write_bytes (out, frame->store_epoch.bytes, MABEI_SHORT_ID_BYTES);
    mabei_cbor_write_bytes (out, frame->signature, sizeof frame->signature);
    break;
  }
}

static void
write_fields (GByteArray *out, const MabeiFrame *frame)
{
  switch (frame->type) {
  case MABEI_FRAME_HELLO:
  case MABEI_FRAME_AUTH:
  case MABEI_FRAME_READY:
    write_handshake (out, frame);
    break;
  case MABEI_FRAME_CREATE:
  case MABEI_FRAME_OPEN:
    mabei_cbor_write_uint (out, frame->tag);
    mabei_cbor_write_bytes (out, frame->read_key, sizeof frame->read_key);
    mabei_cbor_write_bytes (out, frame->write_key, sizeof frame->write_key);
    if (frame->type == MABEI_FRAME_OPEN) {
      mabei_cbor_write_uint (out, frame->cursor);
      mabei_cbor_write_bytes (out, frame->signature, sizeof frame->signature);
    }
    break;
  case MABEI_FRAME_RECORD:
    mabei_cbor_write_uint (out, frame->tag);
    mabei_cbor_write_bytes (out, frame->mailbox.bytes, MABEI_SHORT_ID_BYTES);
    mabei_cbor_write_uint (out, frame->position);
    write_data (out, frame->data);
    mabei_cbor_write_bytes (out, frame->signature, sizeof frame->signature);
    break;
  case MABEI_FRAME_ACK:
    mabei_cbor_write_uint (out, frame->tag);
    mabei_cbor_write_uint (out, frame->position);
    break;
  case MABEI_FRAME_REFUSE:
    mabei_cbor_write_uint (out, frame->tag);
    mabei_cbor_write_uint (out, frame->code);
    break;
  case MABEI_FRAME_HEADS:
    mabei_cbor_write_bytes (out, frame->mailbox.bytes, MABEI_SHORT_ID_BYTES);
    mabei_cbor_write_bytes (out, frame->heads, frame->n_heads * sizeof frame->heads[0]);
    break;
  case MABEI_FRAME_LIVE:
    mabei_cbor_write_bytes (out, frame->mailbox.bytes, MABEI_SHORT_ID_BYTES);
    write_data (out, frame->data);
    mabei_cbor_write_bytes (out, frame->signature, sizeof frame->signature);
    break;
  case MABEI_FRAME_PING:
  case MABEI_FRAME_PONG:
    mabei_cbor_write_uint (out, frame->number);
    break;
  case MABEI_FRAME_DONE:
    mabei_cbor_write_bytes (out, frame->mailbox.bytes, MABEI_SHORT_ID_BYTES);
    break;
  }
}

GBytes *
mabei_frame_encode (const MabeiFrame *frame)
{
  GByteArray *out = g_byte_array_new ();

  g_assert ((gsize) frame->type < G_N_ELEMENTS (shapes));
  g_assert (frame->n_heads <= G_N_ELEMENTS (frame->heads));
  mabei_cbor_write_array (out, 1 + shapes[frame->type].n_fields);
  mabei_cbor_write_uint (out, frame->type);
  write_fields (out, frame);
  g_assert (out->len <= MABEI_LIMIT_FRAME_BYTES);
  return g_byte_array_free_to_bytes (out);
}

/* A slice of @bytes: no copy of an envelope. */
static gboolean
read_data (MabeiCborReader *reader, GBytes *bytes, gsize limit, GBytes **data)
{
  const guint8 *start;
  gsize length;

  if (!mabei_cbor_read_bytes (reader, limit, &start, &length))
    return FALSE;
  *data = g_bytes_new_from_bytes (bytes, start - (const guint8 *) g_bytes_get_data (bytes, NULL), length);
  return TRUE;
}

static gboolean
read_short_id (MabeiCborReader *reader, MabeiShortId *id)
{
  return mabei_cbor_read_fixed (reader, id->bytes, MABEI_SHORT_ID_BYTES);
}

static gboolean
read_signature (MabeiCborReader *reader, MabeiFrame *frame)
{
  return mabei_cbor_read_fixed (reader, frame->signature, sizeof frame->signature);
}

static gboolean
read_handshake (MabeiCborReader *reader, GBytes *bytes, MabeiFrame *frame)
{
  switch ((int) frame->type) {
  case MABEI_FRAME_HELLO:
    return mabei_cbor_read_fixed (reader, frame->salt, sizeof frame->salt) &&
           mabei_cbor_read_fixed (reader, frame->key, sizeof frame->key);
  case MABEI_FRAME_AUTH:
    if (!mabei_cbor_read_fixed (reader, frame->key, sizeof frame->key) ||
        !mabei_cbor_read_uint (reader, G_MAXUINT64, &frame->time_ms) || !read_signature (reader, frame) ||
        !read_data (reader, bytes, MABEI_LIMIT_HEADER_BYTES, &frame->credential))
      return FALSE;
    if (g_bytes_get_size (frame->credential) == 0)
      g_clear_pointer (&frame->credential, g_bytes_unref);
    return TRUE;
  default:
    return read_short_id (reader, &frame->store_epoch) && read_signature (reader, frame);
  }
}

static gboolean
read_heads (MabeiCborReader *reader, MabeiFrame *frame, const char **fault)
{
  const guint8 *heads;
  gsize length;

  if (!read_short_id (reader, &frame->mailbox) || !mabei_cbor_read_bytes (reader, sizeof frame->heads, &heads, &length))
    return FALSE;
  if (length % sizeof frame->heads[0] != 0) {
    *fault = "heads are not 8 bytes each";
    return FALSE;
  }
  frame->n_heads = (guint) (length / sizeof frame->heads[0]);
  if (length > 0)
    memcpy (frame->heads, heads, length);
  return TRUE;
}

static gboolean
read_refuse (MabeiCborReader *reader, MabeiFrame *frame, const char **fault)
{
  guint64 code;

  if (!mabei_cbor_read_uint (reader, G_MAXUINT64, &frame->tag) || !mabei_cbor_read_uint (reader, G_MAXUINT8, &code))
    return FALSE;
  if (code < MABEI_REFUSE_FORMAT || code > MABEI_REFUSE_TOO_LARGE) {
    *fault = "unknown code of refusal";
    return FALSE;
  }
  frame->code = (MabeiRefuse) code;
  return TRUE;
}

/* FALSE: the reader's fault stands, or *@fault was set. */
static gboolean
read_fields (MabeiCborReader *reader, GBytes *bytes, MabeiFrame *frame, const char **fault)
{
  switch (frame->type) {
  case MABEI_FRAME_HELLO:
  case MABEI_FRAME_AUTH:
  case MABEI_FRAME_READY:
    return read_handshake (reader, bytes, frame);
  case MABEI_FRAME_CREATE:
  case MABEI_FRAME_OPEN:
    if (!mabei_cbor_read_uint (reader, G_MAXUINT64, &frame->tag) ||
        !mabei_cbor_read_fixed (reader, frame->read_key, sizeof frame->read_key) ||
        !mabei_cbor_read_fixed (reader, frame->write_key, sizeof frame->write_key))
      return FALSE;
    return frame->type == MABEI_FRAME_CREATE ||
           (mabei_cbor_read_uint (reader, G_MAXUINT64, &frame->cursor) && read_signature (reader, frame));
  case MABEI_FRAME_RECORD:
    return mabei_cbor_read_uint (reader, G_MAXUINT64, &frame->tag) && read_short_id (reader, &frame->mailbox) &&
           mabei_cbor_read_uint (reader, G_MAXUINT64, &frame->position) &&
           read_data (reader, bytes, MABEI_LIMIT_FRAME_BYTES, &frame->data) && read_signature (reader, frame);
  case MABEI_FRAME_ACK:
    return mabei_cbor_read_uint (reader, G_MAXUINT64, &frame->tag) &&
           mabei_cbor_read_uint (reader, G_MAXUINT64, &frame->position);
  case MABEI_FRAME_REFUSE:
    return read_refuse (reader, frame, fault);
  case MABEI_FRAME_HEADS:
    return read_heads (reader, frame, fault);
  case MABEI_FRAME_LIVE:
    return read_short_id (reader, &frame->mailbox) && read_data (reader, bytes, MABEI_LIMIT_LIVE_BYTES, &frame->data) &&
           read_signature (reader, frame);
  case MABEI_FRAME_PING:
  case MABEI_FRAME_PONG:
    return mabei_cbor_read_uint (reader, G_MAXUINT64, &frame->number);
  case MABEI_FRAME_DONE:
    return read_short_id (reader, &frame->mailbox);
  default:
    return FALSE;
  }
}

/* Type, then (HELLO) the version, before anything that another version may have changed. */
static gboolean
read_start (MabeiCborReader *reader, MabeiFrame *frame, GError **error)
{
  guint64 count, type;

  if (!mabei_cbor_read_array (reader, 16, &count) || count == 0 || !mabei_cbor_read_uint (reader, G_MAXUINT32, &type)) {
    g_set_error_literal (error, MABEI_FRAME_ERROR, MABEI_FRAME_ERROR_FORMAT, "not a frame");
    return FALSE;
  }
  if (type >= G_N_ELEMENTS (shapes)) {
    g_set_error (error, MABEI_FRAME_ERROR, MABEI_FRAME_ERROR_UNSUPPORTED, "unknown frame type %" G_GUINT64_FORMAT,
                 type);
    return FALSE;
  }
  frame->type = (MabeiFrameType) type;
  if (frame->type == MABEI_FRAME_HELLO && count > 1) {
    if (!mabei_cbor_read_uint (reader, G_MAXUINT32, &frame->version)) {
      g_set_error_literal (error, MABEI_FRAME_ERROR, MABEI_FRAME_ERROR_FORMAT, "malformed HELLO frame");
      return FALSE;
    }
    if (frame->version != MABEI_PROTOCOL_VERSION) {
      g_set_error (error, MABEI_FRAME_ERROR, MABEI_FRAME_ERROR_UNSUPPORTED,
                   "the other side speaks version %" G_GUINT64_FORMAT " of the protocol, this one %u", frame->version,
                   MABEI_PROTOCOL_VERSION);
      return FALSE;
    }
  }
  if (count != 1 + shapes[type].n_fields) {
    g_set_error (error, MABEI_FRAME_ERROR, MABEI_FRAME_ERROR_FORMAT, "%s frame with a wrong number of fields",
                 shapes[type].name);
    return FALSE;
  }
  return TRUE;
}

MabeiFrame *
mabei_frame_decode (GBytes *bytes, GError **error)
{
  g_autoptr (MabeiFrame) frame = g_new0 (MabeiFrame, 1);
  g_autoptr (GError) local = NULL;
  const char *fault = NULL;
  MabeiCborReader reader;
  gsize length;
  gconstpointer data = g_bytes_get_data (bytes, &length);

  if (length > MABEI_LIMIT_FRAME_BYTES) {
    g_set_error (error, MABEI_FRAME_ERROR, MABEI_FRAME_ERROR_TOO_LARGE, "frame of %" G_GSIZE_FORMAT " bytes", length);
    return NULL;
  }
  mabei_cbor_reader_init (&reader, data, length);
  if (!read_start (&reader, frame, error))
    return NULL;
  if (!read_fields (&reader, bytes, frame, &fault) || !mabei_cbor_reader_finish (&reader, &local)) {
    if (fault == NULL && local == NULL)
      mabei_cbor_reader_finish (&reader, &local);
    g_set_error (error, MABEI_FRAME_ERROR, MABEI_FRAME_ERROR_FORMAT, "malformed %s frame: %s", shapes[frame->type].name,
                 fault != NULL   ? fault
                 : local != NULL ? local->message
                                 : "truncated");
    return NULL;
  }
  return g_steal_pointer (&frame);
}

void
mabei_frame_free (MabeiFrame *frame)
{
  if (frame == NULL)
    return;
  g_clear_pointer (&frame->credential, g_bytes_unref);
  g_clear_pointer (&frame->data, g_bytes_unref);
  g_free (frame);
}
