#include "app/call/message.h"

#include "core/base/cbor.h"

#include <string.h>

G_DEFINE_QUARK (mabei - message - error - quark, mabei_signal_error)

/* Items after kind and session. */
static const guint8 fields_of[MABEI_SIGNAL_LAST + 1] = {
    [MABEI_SIGNAL_HELLO] = 2,  [MABEI_SIGNAL_PING] = 3, [MABEI_SIGNAL_PONG] = 1, [MABEI_SIGNAL_OFFER] = 2,
    [MABEI_SIGNAL_ANSWER] = 2, [MABEI_SIGNAL_ICE] = 3,  [MABEI_SIGNAL_END] = 1,  [MABEI_SIGNAL_STATE] = 6,
    [MABEI_SIGNAL_ACK] = 1,    [MABEI_SIGNAL_OPEN] = 2, [MABEI_SIGNAL_MOVE] = 2, [MABEI_SIGNAL_ACCEPT] = 2,
    [MABEI_SIGNAL_SELF] = 2,   [MABEI_SIGNAL_BYE] = 0,
};

MabeiSignal *
mabei_signal_new (MabeiSignalKind kind, const guint8 *session)
{
  MabeiSignal *message = g_new0 (MabeiSignal, 1);
  message->kind = kind;
  memcpy (message->session, session, MABEI_ROOM_SESSION_BYTES);
  return message;
}

void
mabei_signal_free (MabeiSignal *message)
{
  if (!message)
    return;
  g_free (message->text);
  g_free (message);
}

/* --- writing --- */

static void
write_state (GByteArray *out, const MabeiRoomState *room)
{
  mabei_cbor_write_uint (out, room->version);
  mabei_cbor_write_text (out, room->host);
  mabei_cbor_write_bool (out, room->locked);
  mabei_cbor_write_bool (out, room->ended);
  mabei_cbor_write_array (out, room->n_people);
  for (guint i = 0; i < room->n_people; i++) {
    const MabeiRoomPerson *person = &room->people[i];
    mabei_cbor_write_array (out, 5);
    mabei_cbor_write_text (out, person->device);
    mabei_cbor_write_text (out, person->name);
    mabei_cbor_write_uint (out, person->place);
    mabei_cbor_write_bool (out, person->muted);
    mabei_cbor_write_bool (out, person->camera);
  }
}

static void
write_opening (GByteArray *out, const MabeiOpening *opening)
{
  mabei_cbor_write_uint (out, opening->version);
  mabei_cbor_write_array (out, opening->n_without);
  for (guint i = 0; i < opening->n_without; i++)
    mabei_cbor_write_text (out, opening->without[i]);
}

static void
write_link (GByteArray *out, const MabeiSignal *message)
{
  mabei_cbor_write_bytes (out, message->attempt, MABEI_ATTEMPT_BYTES);
  if (message->kind == MABEI_SIGNAL_ICE)
    mabei_cbor_write_uint (out, message->media);
  if (message->kind != MABEI_SIGNAL_END)
    mabei_cbor_write_text (out, message->text);
}

static void
write_fields (GByteArray *out, const MabeiSignal *message)
{
  switch (message->kind) {
  case MABEI_SIGNAL_HELLO:
    mabei_cbor_write_bytes (out, message->fingerprint.bytes, MABEI_FINGERPRINT_BYTES);
    mabei_cbor_write_text (out, message->text);
    break;
  case MABEI_SIGNAL_PING:
    mabei_cbor_write_uint (out, message->sequence);
    mabei_cbor_write_uint (out, message->version);
    mabei_cbor_write_bool (out, message->known);
    break;
  case MABEI_SIGNAL_PONG:
    mabei_cbor_write_uint (out, message->sequence);
    break;
  case MABEI_SIGNAL_OFFER:
  case MABEI_SIGNAL_ANSWER:
  case MABEI_SIGNAL_ICE:
  case MABEI_SIGNAL_END:
    write_link (out, message);
    break;
  case MABEI_SIGNAL_STATE:
    mabei_cbor_write_bytes (out, message->fingerprint.bytes, MABEI_FINGERPRINT_BYTES);
    write_state (out, &message->room);
    break;
  case MABEI_SIGNAL_ACK:
    mabei_cbor_write_uint (out, message->version);
    break;
  case MABEI_SIGNAL_OPEN:
    write_opening (out, &message->opening);
    break;
  case MABEI_SIGNAL_MOVE:
    mabei_cbor_write_uint (out, message->request);
    mabei_cbor_write_uint (out, message->place);
    break;
  case MABEI_SIGNAL_ACCEPT:
    mabei_cbor_write_uint (out, message->request);
    mabei_cbor_write_bool (out, message->yes);
    break;
  case MABEI_SIGNAL_SELF:
    mabei_cbor_write_bool (out, message->muted);
    mabei_cbor_write_bool (out, message->camera);
    break;
  case MABEI_SIGNAL_BYE:
    break;
  default:
    g_assert_not_reached ();
  }
}

GBytes *
mabei_signal_encode (const MabeiSignal *message)
{
  g_assert (message->kind >= MABEI_SIGNAL_HELLO && message->kind <= MABEI_SIGNAL_LAST);
  GByteArray *out = g_byte_array_new ();
  mabei_cbor_write_array (out, 2u + fields_of[message->kind]);
  mabei_cbor_write_uint (out, message->kind);
  mabei_cbor_write_bytes (out, message->session, MABEI_ROOM_SESSION_BYTES);
  write_fields (out, message);
  g_assert (out->len <= MABEI_SIGNAL_LIMIT_BYTES);
  return g_byte_array_free_to_bytes (out);
}

/* --- reading: the reader is sticky, so that only the end is looked at --- */

static gboolean
read_short_text (MabeiCborReader *reader, gsize limit, char *out)
{
  g_autofree char *text = NULL;
  if (!mabei_cbor_read_text (reader, limit, &text))
    return FALSE;
  g_strlcpy (out, text, limit + 1);
  return TRUE;
}

static gboolean
read_person (MabeiCborReader *reader, MabeiRoomPerson *person)
{
  guint64 count = 0, place = 0;
  if (!mabei_cbor_read_array (reader, 5, &count) || count != 5 ||
      !read_short_text (reader, MABEI_ROOM_LIMIT_DEVICE_BYTES, person->device) ||
      !read_short_text (reader, MABEI_ROOM_LIMIT_NAME_BYTES, person->name) ||
      !mabei_cbor_read_uint (reader, MABEI_ROOM_PLACE_LAST, &place) || !mabei_cbor_read_bool (reader, &person->muted) ||
      !mabei_cbor_read_bool (reader, &person->camera))
    return FALSE;
  person->place = (MabeiRoomPlace) place;
  return TRUE;
}

static gboolean
read_state (MabeiCborReader *reader, MabeiRoomState *room)
{
  guint64 count = 0;
  if (!mabei_cbor_read_uint (reader, MABEI_ROOM_LIMIT_VERSION, &room->version) ||
      !read_short_text (reader, MABEI_ROOM_LIMIT_DEVICE_BYTES, room->host) ||
      !mabei_cbor_read_bool (reader, &room->locked) || !mabei_cbor_read_bool (reader, &room->ended) ||
      !mabei_cbor_read_array (reader, MABEI_ROOM_LIMIT_PEOPLE, &count))
    return FALSE;
  room->n_people = (guint) count;
  for (guint i = 0; i < room->n_people; i++)
    if (!read_person (reader, &room->people[i]))
      return FALSE;
  return mabei_room_check (room, NULL);
}

static gboolean
read_opening (MabeiCborReader *reader, MabeiOpening *opening)
{
  guint64 count = 0;
  if (!mabei_cbor_read_uint (reader, MABEI_ROOM_LIMIT_VERSION, &opening->version) ||
      !mabei_cbor_read_array (reader, MABEI_ROOM_LIMIT_PEOPLE, &count))
    return FALSE;
  opening->n_without = (guint) count;
  for (guint i = 0; i < opening->n_without; i++)
    if (!read_short_text (reader, MABEI_ROOM_LIMIT_DEVICE_BYTES, opening->without[i]) ||
        !mabei_room_is_device (opening->without[i]))
      return FALSE;
  return TRUE;
}

static gboolean
read_link (MabeiCborReader *reader, MabeiSignal *message)
{
  guint64 media = 0;
  gboolean ice = message->kind == MABEI_SIGNAL_ICE;
  if (!mabei_cbor_read_fixed (reader, message->attempt, MABEI_ATTEMPT_BYTES))
    return FALSE;
  if (ice && !mabei_cbor_read_uint (reader, 1, &media))
    return FALSE;
  message->media = (guint) media;
  return message->kind == MABEI_SIGNAL_END ||
         mabei_cbor_read_text (reader, ice ? MABEI_SIGNAL_LIMIT_CANDIDATE_BYTES : MABEI_SIGNAL_LIMIT_SDP_BYTES,
                               &message->text);
}

static gboolean
read_hello (MabeiCborReader *reader, MabeiSignal *message)
{
  return mabei_cbor_read_fixed (reader, message->fingerprint.bytes, MABEI_FINGERPRINT_BYTES) &&
         mabei_cbor_read_text (reader, MABEI_ROOM_LIMIT_NAME_BYTES, &message->text) &&
         mabei_room_is_name (message->text);
}

static gboolean
read_move (MabeiCborReader *reader, MabeiSignal *message)
{
  guint64 place = 0;
  if (!mabei_cbor_read_uint (reader, MABEI_ROOM_LIMIT_VERSION, &message->request) ||
      !mabei_cbor_read_uint (reader, MABEI_ROOM_PLACE_LAST, &place) || place < MABEI_ROOM_PLACE_JOINT)
    return FALSE;
  message->place = (MabeiRoomPlace) place;
  return TRUE;
}

static gboolean
read_fields (MabeiCborReader *reader, MabeiSignal *message)
{
  switch (message->kind) {
  case MABEI_SIGNAL_HELLO:
    return read_hello (reader, message);
  case MABEI_SIGNAL_PING:
    return mabei_cbor_read_uint (reader, G_MAXUINT32, &message->sequence) &&
           mabei_cbor_read_uint (reader, MABEI_ROOM_LIMIT_VERSION, &message->version) &&
           mabei_cbor_read_bool (reader, &message->known);
  case MABEI_SIGNAL_PONG:
    return mabei_cbor_read_uint (reader, G_MAXUINT32, &message->sequence);
  case MABEI_SIGNAL_OFFER:
  case MABEI_SIGNAL_ANSWER:
  case MABEI_SIGNAL_ICE:
  case MABEI_SIGNAL_END:
    return read_link (reader, message);
  case MABEI_SIGNAL_STATE:
    return mabei_cbor_read_fixed (reader, message->fingerprint.bytes, MABEI_FINGERPRINT_BYTES) &&
           read_state (reader, &message->room);
  case MABEI_SIGNAL_ACK:
    return mabei_cbor_read_uint (reader, MABEI_ROOM_LIMIT_VERSION, &message->version);
  case MABEI_SIGNAL_OPEN:
    return read_opening (reader, &message->opening);
  case MABEI_SIGNAL_MOVE:
    return read_move (reader, message);
  case MABEI_SIGNAL_ACCEPT:
    return mabei_cbor_read_uint (reader, MABEI_ROOM_LIMIT_VERSION, &message->request) &&
           mabei_cbor_read_bool (reader, &message->yes);
  case MABEI_SIGNAL_SELF:
    return mabei_cbor_read_bool (reader, &message->muted) && mabei_cbor_read_bool (reader, &message->camera);
  case MABEI_SIGNAL_BYE:
    return TRUE;
  default:
    return FALSE;
  }
}

MabeiSignal *
mabei_signal_parse (GBytes *bytes, GError **error)
{
  static const guint8 none[MABEI_ROOM_SESSION_BYTES];
  gsize length = 0;
  gconstpointer data = g_bytes_get_data (bytes, &length);
  if (length > MABEI_SIGNAL_LIMIT_BYTES) {
    g_set_error_literal (error, MABEI_SIGNAL_ERROR, MABEI_SIGNAL_ERROR_LIMIT, "a message too long");
    return NULL;
  }
  MabeiCborReader reader;
  guint64 count = 0, kind = 0;
  mabei_cbor_reader_init (&reader, data, length);
  gboolean good = mabei_cbor_read_array (&reader, 16, &count) &&
                  mabei_cbor_read_uint (&reader, MABEI_SIGNAL_LAST, &kind) && kind >= MABEI_SIGNAL_HELLO &&
                  count == 2u + fields_of[kind];
  g_autoptr (MabeiSignal) message = mabei_signal_new ((MabeiSignalKind) MAX (kind, 1), none);
  good = good && mabei_cbor_read_fixed (&reader, message->session, MABEI_ROOM_SESSION_BYTES) &&
         read_fields (&reader, message) && mabei_cbor_reader_finish (&reader, NULL);
  if (!good) {
    g_set_error_literal (error, MABEI_SIGNAL_ERROR, MABEI_SIGNAL_ERROR_FORMAT, "a message that is none of ours");
    return NULL;
  }
  memcpy (message->room.session, message->session, MABEI_ROOM_SESSION_BYTES);
  return g_steal_pointer (&message);
}
