#include "app/call/host.h"

#include <sodium.h>
#include <string.h>

#define ASK_AGAIN_MS 1000

/* The host's question to one person; a newer one replaces it. */
typedef struct {
  char device[MABEI_ROOM_LIMIT_DEVICE_BYTES + 1];
  guint64 request;
  MabeiRoomPlace place;
  gint64 said_ms; /* asked again until it is answered: the question or its answer may be lost on the way */
} Asked;

/* The certificate that a person last came in with: a state told to an earlier run of the program is stale there. */
typedef struct {
  char device[MABEI_ROOM_LIMIT_DEVICE_BYTES + 1];
  MabeiFingerprint fingerprint;
} Known;

struct _MabeiHost {
  MabeiKeeper keeper;
  guint n_known;
  Known known[MABEI_ROOM_LIMIT_PEOPLE];
  MabeiHostCallbacks callbacks;
  gpointer user_data;
  guint64 requests;
  guint n_asked;
  Asked asked[MABEI_ROOM_LIMIT_PEOPLE];
};

MabeiHost *
mabei_host_new (const char *device, const char *name, const MabeiHostCallbacks *callbacks, gpointer user_data)
{
  MabeiHost *host = g_new0 (MabeiHost, 1);
  MabeiRoomState state;
  guint8 session[MABEI_ROOM_SESSION_BYTES];
  randombytes_buf (session, sizeof session);
  mabei_room_open (&state, session, device, name);
  mabei_keeper_init (&host->keeper, &state);
  host->callbacks = *callbacks;
  host->user_data = user_data;
  return host;
}

void
mabei_host_free (MabeiHost *host)
{
  g_free (host);
}

const MabeiRoomState *
mabei_host_get_state (const MabeiHost *host)
{
  return &host->keeper.state;
}

const MabeiRoomState *
mabei_host_get_opened (const MabeiHost *host)
{
  return &host->keeper.opened;
}

static MabeiSignal *
begin (MabeiHost *host, MabeiSignalKind kind)
{
  return mabei_signal_new (kind, host->keeper.state.session);
}

static gboolean
is_host (const MabeiHost *host, const char *device)
{
  return strcmp (device, host->keeper.state.host) == 0;
}

static Known *
find_known (MabeiHost *host, const char *device)
{
  for (guint i = 0; i < host->n_known; i++)
    if (strcmp (host->known[i].device, device) == 0)
      return &host->known[i];
  return NULL;
}

/* As many as the list of people holds: who is no longer in it makes room. */
static void
remember (MabeiHost *host, const MabeiRoomState *state, const char *device, const MabeiFingerprint *fingerprint)
{
  Known *known = find_known (host, device);
  for (guint i = 0; !known && i < host->n_known; i++)
    if (!mabei_room_find (state, host->known[i].device))
      known = &host->known[i];
  if (!known && host->n_known < MABEI_ROOM_LIMIT_PEOPLE)
    known = &host->known[host->n_known++];
  g_return_if_fail (known != NULL);
  g_strlcpy (known->device, device, sizeof known->device);
  known->fingerprint = *fingerprint;
}

static void
send_state (MabeiHost *host, const char *device)
{
  g_autoptr (MabeiSignal) message = begin (host, MABEI_SIGNAL_STATE);
  const Known *known = find_known (host, device);
  if (known)
    message->fingerprint = known->fingerprint;
  mabei_room_view (&host->keeper.state, device, &message->room);
  host->callbacks.send (device, message, host->user_data);
}

static void
send_opening (MabeiHost *host, const char *device, const MabeiOpening *opening)
{
  g_autoptr (MabeiSignal) message = begin (host, MABEI_SIGNAL_OPEN);
  message->opening = *opening;
  host->callbacks.send (device, message, host->user_data);
}

static void
forget_asked (MabeiHost *host, const char *device)
{
  for (guint i = 0; i < host->n_asked; i++)
    if (strcmp (host->asked[i].device, device) == 0) {
      host->asked[i] = host->asked[--host->n_asked];
      return;
    }
}

/* Those who were dropped from the list to make room have left before: nobody has to tell them. */
static void
tell_all (MabeiHost *host)
{
  const MabeiRoomState *state = &host->keeper.state;
  for (guint i = 0; i < state->n_people; i++)
    if (!is_host (host, state->people[i].device))
      send_state (host, state->people[i].device);
}

static void
open_when_closed (MabeiHost *host, gint64 now_ms)
{
  MabeiOpening opening;
  if (!mabei_keeper_poll (&host->keeper, now_ms, &opening))
    return;
  for (guint i = 0; i < opening.n_without; i++)
    host->callbacks.without (opening.without[i], opening.version, host->user_data);
  host->callbacks.changed (host->user_data);
  const MabeiRoomState *state = &host->keeper.state;
  for (guint i = 0; i < state->n_people; i++)
    if (!is_host (host, state->people[i].device))
      send_opening (host, state->people[i].device, &opening);
}

/* The host closes first of all; then it tells the others. */
static void
change_to (MabeiHost *host, const MabeiRoomState *next, gint64 now_ms)
{
  if (next->version == host->keeper.state.version)
    return;
  mabei_keeper_change (&host->keeper, next, now_ms);
  host->callbacks.changed (host->user_data);
  tell_all (host);
  open_when_closed (host, now_ms);
}

/* --- what others say --- */

static gboolean
take_hello (MabeiHost *host, const char *device, const MabeiSignal *message, gint64 now_ms, GError **error)
{
  MabeiRoomState next = host->keeper.state;
  const MabeiRoomPerson *person = mabei_room_find (&next, device);
  if (person && person->place != MABEI_ROOM_PLACE_OUT) {
    remember (host, &next, device, &message->fingerprint);
    /* Without our session: it has lost its state, or the first answer was lost. */
    static const guint8 none[MABEI_ROOM_SESSION_BYTES];
    if (memcmp (message->session, none, sizeof none) == 0)
      send_state (host, device);
    return TRUE;
  }
  if (!mabei_room_knock (&next, device, message->text, error))
    return FALSE;
  remember (host, &next, device, &message->fingerprint);
  change_to (host, &next, now_ms);
  return TRUE;
}

/* A ping tells which version its sender acts on: what was lost on the way is sent again. */
static void
take_ping (MabeiHost *host, const char *device, const MabeiSignal *message)
{
  const MabeiRoomPerson *person = mabei_room_find (&host->keeper.state, device);
  if (person && person->place != MABEI_ROOM_PLACE_OUT && message->version != host->keeper.opened.version)
    send_state (host, device);
}

static void
take_ack (MabeiHost *host, const char *device, const MabeiSignal *message, gint64 now_ms)
{
  if (mabei_keeper_ack (&host->keeper, device, message->version)) {
    open_when_closed (host, now_ms);
  } else if (message->version == host->keeper.opened.version) {
    const MabeiOpening opening = {.version = message->version};
    send_opening (host, device, &opening);
  }
}

static gboolean
take_accept (MabeiHost *host, const char *device, const MabeiSignal *message, gint64 now_ms, GError **error)
{
  for (guint i = 0; i < host->n_asked; i++) {
    const Asked asked = host->asked[i];
    if (strcmp (asked.device, device) != 0 || asked.request != message->request)
      continue;
    forget_asked (host, device);
    MabeiRoomState next = host->keeper.state;
    if (!message->yes)
      return TRUE;
    if (!mabei_room_move (&next, next.host, device, asked.place, error))
      return FALSE;
    change_to (host, &next, now_ms);
    return TRUE;
  }
  return TRUE;
}

gboolean
mabei_host_receive (MabeiHost *host, const char *device, const MabeiSignal *message, gint64 now_ms, GError **error)
{
  MabeiRoomState next = host->keeper.state;
  switch (message->kind) {
  case MABEI_SIGNAL_HELLO:
    return take_hello (host, device, message, now_ms, error);
  case MABEI_SIGNAL_PING:
    take_ping (host, device, message);
    return TRUE;
  case MABEI_SIGNAL_ACK:
    take_ack (host, device, message, now_ms);
    return TRUE;
  case MABEI_SIGNAL_ACCEPT:
    return take_accept (host, device, message, now_ms, error);
  case MABEI_SIGNAL_SELF:
    if (!mabei_room_set_self (&next, device, message->muted, message->camera, error))
      return FALSE;
    change_to (host, &next, now_ms);
    return TRUE;
  case MABEI_SIGNAL_BYE:
    if (!mabei_room_leave (&next, device, error))
      return FALSE;
    forget_asked (host, device);
    change_to (host, &next, now_ms);
    return TRUE;
  case MABEI_SIGNAL_STATE:
  case MABEI_SIGNAL_OPEN:
  case MABEI_SIGNAL_MOVE:
    g_set_error_literal (error, MABEI_ROOM_ERROR, MABEI_ROOM_ERROR_NOT_ALLOWED, "only the host says this");
    return FALSE;
  case MABEI_SIGNAL_PONG:
  case MABEI_SIGNAL_OFFER:
  case MABEI_SIGNAL_ANSWER:
  case MABEI_SIGNAL_ICE:
  case MABEI_SIGNAL_END:
  default:
    return TRUE; /* the peer's */
  }
}

static void
send_question (MabeiHost *host, Asked *asked, gint64 now_ms)
{
  g_autoptr (MabeiSignal) message = begin (host, MABEI_SIGNAL_MOVE);
  message->request = asked->request;
  message->place = asked->place;
  asked->said_ms = now_ms;
  host->callbacks.send (asked->device, message, host->user_data);
}

void
mabei_host_tick (MabeiHost *host, gint64 now_ms)
{
  open_when_closed (host, now_ms);
  for (guint i = 0; i < host->n_asked; i++)
    if (now_ms - host->asked[i].said_ms >= ASK_AGAIN_MS)
      send_question (host, &host->asked[i], now_ms);
}

/* --- what the host's person decides --- */

gboolean
mabei_host_admit (MabeiHost *host, const char *device, gint64 now_ms, GError **error)
{
  MabeiRoomState next = host->keeper.state;
  if (!mabei_room_admit (&next, next.host, device, error))
    return FALSE;
  change_to (host, &next, now_ms);
  return TRUE;
}

gboolean
mabei_host_refuse (MabeiHost *host, const char *device, gint64 now_ms, GError **error)
{
  MabeiRoomState next = host->keeper.state;
  if (!mabei_room_refuse (&next, next.host, device, error))
    return FALSE;
  forget_asked (host, device);
  change_to (host, &next, now_ms);
  return TRUE;
}

gboolean
mabei_host_move (MabeiHost *host, const char *device, MabeiRoomPlace place, gint64 now_ms, GError **error)
{
  MabeiRoomState next = host->keeper.state;
  if (!mabei_room_move (&next, next.host, device, place, error))
    return FALSE;
  if (is_host (host, device)) {
    change_to (host, &next, now_ms);
    return TRUE;
  }
  forget_asked (host, device);
  Asked *asked = &host->asked[host->n_asked++];
  g_strlcpy (asked->device, device, sizeof asked->device);
  asked->request = ++host->requests;
  asked->place = place;
  send_question (host, asked, now_ms);
  return TRUE;
}

/* Nobody is carried out of a caucus: who has not yet accepted would be heard by those he was hidden from. */
gboolean
mabei_host_return_all (MabeiHost *host, gint64 now_ms, GError **error)
{
  const MabeiRoomState before = host->keeper.state;
  for (guint i = 0; i < before.n_people; i++)
    if (before.people[i].place > MABEI_ROOM_PLACE_CAUCUS &&
        !mabei_host_move (host, before.people[i].device, MABEI_ROOM_PLACE_JOINT, now_ms, error))
      return FALSE;
  return TRUE;
}

gboolean
mabei_host_lock (MabeiHost *host, gboolean locked, gint64 now_ms, GError **error)
{
  MabeiRoomState next = host->keeper.state;
  if (!mabei_room_lock (&next, next.host, locked, error))
    return FALSE;
  change_to (host, &next, now_ms);
  return TRUE;
}

gboolean
mabei_host_end (MabeiHost *host, gint64 now_ms, GError **error)
{
  MabeiRoomState next = host->keeper.state;
  if (!mabei_room_end (&next, next.host, error))
    return FALSE;
  host->n_asked = 0;
  change_to (host, &next, now_ms);
  return TRUE;
}

gboolean
mabei_host_set_self (MabeiHost *host, gboolean muted, gboolean camera, gint64 now_ms, GError **error)
{
  MabeiRoomState next = host->keeper.state;
  if (!mabei_room_set_self (&next, next.host, muted, camera, error))
    return FALSE;
  change_to (host, &next, now_ms);
  return TRUE;
}
