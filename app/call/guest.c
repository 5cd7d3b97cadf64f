#include "app/call/guest.h"

#include <string.h>

#define SAY_AGAIN_MS 1000

struct _MabeiGuest {
  char device[MABEI_ROOM_LIMIT_DEVICE_BYTES + 1];
  MabeiFingerprint hello;
  MabeiRoomState state, opened;
  MabeiGuestCallbacks callbacks;
  gpointer user_data;
  MabeiRoomPlace asked;
  guint64 request;
  gboolean is_answered, answer; /* of @request */
  gboolean muted, camera;
  gint64 said_ms;
};

MabeiGuest *
mabei_guest_new (const char *device,
                 const char *host,
                 const MabeiFingerprint *hello,
                 const MabeiGuestCallbacks *callbacks,
                 gpointer user_data)
{
  MabeiGuest *guest = g_new0 (MabeiGuest, 1);
  g_strlcpy (guest->device, device, sizeof guest->device);
  g_strlcpy (guest->state.host, host, sizeof guest->state.host);
  guest->opened = guest->state;
  guest->hello = *hello;
  guest->callbacks = *callbacks;
  guest->user_data = user_data;
  guest->camera = TRUE;
  return guest;
}

void
mabei_guest_free (MabeiGuest *guest)
{
  g_free (guest);
}

const MabeiRoomState *
mabei_guest_get_state (const MabeiGuest *guest)
{
  return &guest->state;
}

const MabeiRoomState *
mabei_guest_get_opened (const MabeiGuest *guest)
{
  return &guest->opened;
}

MabeiRoomPlace
mabei_guest_get_asked (const MabeiGuest *guest)
{
  return guest->asked;
}

static void
say (MabeiGuest *guest, MabeiSignal *message)
{
  guest->callbacks.send (guest->state.host, message, guest->user_data);
}

static void
say_ack (MabeiGuest *guest)
{
  g_autoptr (MabeiSignal) message = mabei_signal_new (MABEI_SIGNAL_ACK, guest->state.session);
  message->version = guest->state.version;
  say (guest, message);
}

static gboolean
take_state (MabeiGuest *guest, const char *device, const MabeiSignal *message, GError **error)
{
  /* Told to an earlier run of this device, which has left. */
  if (!mabei_fingerprint_equal (&message->fingerprint, &guest->hello)) {
    g_set_error_literal (error, MABEI_ROOM_ERROR, MABEI_ROOM_ERROR_STALE, "a room state for another hello");
    return FALSE;
  }
  gboolean again = guest->state.version > 0 && message->room.version == guest->state.version &&
                   strcmp (device, guest->state.host) == 0 &&
                   memcmp (message->session, guest->state.session, MABEI_ROOM_SESSION_BYTES) == 0;
  if (!again) {
    if (!mabei_room_take (&guest->state, device, &message->room, error))
      return FALSE;
    if (!mabei_room_is_admitted (&guest->state, guest->device))
      guest->asked = MABEI_ROOM_PLACE_OUT;
    guest->callbacks.changed (guest->user_data);
  }
  /* The confirmation may have been lost: it is repeated for what is known. */
  say_ack (guest);
  return TRUE;
}

static gboolean
take_opening (MabeiGuest *guest, const MabeiSignal *message, GError **error)
{
  const MabeiOpening *opening = &message->opening;
  if (opening->version != guest->state.version || opening->version <= guest->opened.version) {
    g_set_error_literal (error, MABEI_ROOM_ERROR, MABEI_ROOM_ERROR_STALE, "the opening of another version");
    return FALSE;
  }
  for (guint i = 0; i < opening->n_without; i++)
    if (strcmp (opening->without[i], guest->device) != 0)
      guest->callbacks.without (opening->without[i], opening->version, guest->user_data);
  guest->opened = guest->state;
  guest->callbacks.changed (guest->user_data);
  return TRUE;
}

static void
say_answer (MabeiGuest *guest)
{
  g_autoptr (MabeiSignal) message = mabei_signal_new (MABEI_SIGNAL_ACCEPT, guest->state.session);
  message->request = guest->request;
  message->yes = guest->answer;
  say (guest, message);
}

gboolean
mabei_guest_receive (MabeiGuest *guest, const char *device, const MabeiSignal *message, GError **error)
{
  if (message->kind == MABEI_SIGNAL_STATE)
    return take_state (guest, device, message, error);
  if (message->kind != MABEI_SIGNAL_OPEN && message->kind != MABEI_SIGNAL_MOVE)
    return TRUE;
  if (strcmp (device, guest->state.host) != 0) {
    g_set_error_literal (error, MABEI_ROOM_ERROR, MABEI_ROOM_ERROR_NOT_ALLOWED, "only the host says this");
    return FALSE;
  }
  if (message->kind == MABEI_SIGNAL_OPEN)
    return take_opening (guest, message, error);
  if (message->request == guest->request && guest->request > 0) {
    if (guest->is_answered)
      say_answer (guest);
    return TRUE;
  }
  if (!mabei_room_is_admitted (&guest->state, guest->device) || message->request < guest->request) {
    g_set_error_literal (error, MABEI_ROOM_ERROR, MABEI_ROOM_ERROR_STALE, "a question that is no longer asked");
    return FALSE;
  }
  guest->asked = message->place;
  guest->request = message->request;
  guest->is_answered = FALSE;
  guest->callbacks.changed (guest->user_data);
  return TRUE;
}

static void
say_self (MabeiGuest *guest, gint64 now_ms)
{
  g_autoptr (MabeiSignal) message = mabei_signal_new (MABEI_SIGNAL_SELF, guest->state.session);
  message->muted = guest->muted;
  message->camera = guest->camera;
  guest->said_ms = now_ms;
  say (guest, message);
}

void
mabei_guest_tick (MabeiGuest *guest, gint64 now_ms)
{
  const MabeiRoomPerson *person = mabei_room_find (&guest->state, guest->device);
  if (person && person->place != MABEI_ROOM_PLACE_OUT &&
      (person->muted != guest->muted || person->camera != guest->camera) && now_ms - guest->said_ms >= SAY_AGAIN_MS)
    say_self (guest, now_ms);
}

void
mabei_guest_accept (MabeiGuest *guest, gboolean yes)
{
  if (guest->asked == MABEI_ROOM_PLACE_OUT)
    return;
  guest->is_answered = TRUE;
  guest->answer = !!yes;
  guest->asked = MABEI_ROOM_PLACE_OUT;
  guest->callbacks.changed (guest->user_data);
  say_answer (guest);
}

void
mabei_guest_set_self (MabeiGuest *guest, gboolean muted, gboolean camera, gint64 now_ms)
{
  guest->muted = !!muted;
  guest->camera = !!camera;
  if (guest->state.version > 0)
    say_self (guest, now_ms);
}
