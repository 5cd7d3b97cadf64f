#include "app/call/room.h"

#include <string.h>

G_DEFINE_QUARK (mabei - room - error - quark, mabei_room_error)

static gboolean
fail (GError **error, MabeiRoomError code, const char *text)
{
  g_set_error_literal (error, MABEI_ROOM_ERROR, (int) code, text);
  return FALSE;
}

gboolean
mabei_room_is_device (const char *device)
{
  gsize length = device ? strnlen (device, MABEI_ROOM_LIMIT_DEVICE_BYTES + 1) : 0;
  if (length == 0 || length > MABEI_ROOM_LIMIT_DEVICE_BYTES)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (device[i]) && !strchr ("-_:.", device[i]))
      return FALSE;
  return TRUE;
}

gboolean
mabei_room_is_name (const char *name)
{
  gsize length = name ? strnlen (name, MABEI_ROOM_LIMIT_NAME_BYTES + 1) : 0;
  if (length == 0 || length > MABEI_ROOM_LIMIT_NAME_BYTES || !g_utf8_validate (name, (gssize) length, NULL))
    return FALSE;
  for (const char *at = name; *at; at = g_utf8_next_char (at)) {
    gunichar c = g_utf8_get_char (at);
    /* Direction overrides could make one name look like another's. */
    if (g_unichar_iscntrl (c) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069))
      return FALSE;
  }
  return TRUE;
}

static int
index_of (const MabeiRoomState *state, const char *device)
{
  for (guint i = 0; i < state->n_people; i++)
    if (strcmp (state->people[i].device, device) == 0)
      return (int) i;
  return -1;
}

const MabeiRoomPerson *
mabei_room_find (const MabeiRoomState *state, const char *device)
{
  int at = index_of (state, device);
  return at < 0 ? NULL : &state->people[at];
}

static gboolean
place_is_inside (MabeiRoomPlace place)
{
  return place >= MABEI_ROOM_PLACE_JOINT && place <= MABEI_ROOM_PLACE_LAST;
}

gboolean
mabei_room_is_admitted (const MabeiRoomState *state, const char *device)
{
  const MabeiRoomPerson *person = mabei_room_find (state, device);
  return person && !state->ended && place_is_inside (person->place);
}

gboolean
mabei_room_hears (const MabeiRoomState *state, const char *a, const char *b)
{
  const MabeiRoomPerson *one = mabei_room_find (state, a), *two = mabei_room_find (state, b);
  return one && two && one != two && !state->ended && place_is_inside (one->place) && one->place == two->place;
}

static gboolean
has_pair_that (const MabeiRoomState *in, const MabeiRoomState *out)
{
  for (guint i = 0; i < in->n_people; i++)
    for (guint k = 0; k < i; k++) {
      const char *a = in->people[i].device, *b = in->people[k].device;
      if (mabei_room_hears (in, a, b) && !mabei_room_hears (out, a, b))
        return TRUE;
    }
  return FALSE;
}

gboolean
mabei_room_hearing_differs (const MabeiRoomState *a, const MabeiRoomState *b)
{
  return has_pair_that (a, b) || has_pair_that (b, a);
}

char *
mabei_room_place_to_text (MabeiRoomPlace place)
{
  switch (place) {
  case MABEI_ROOM_PLACE_OUT:
    return g_strdup ("out");
  case MABEI_ROOM_PLACE_WAITING:
    return g_strdup ("waiting");
  case MABEI_ROOM_PLACE_JOINT:
    return g_strdup ("joint");
  default:
    return g_strdup_printf ("caucus-%u", place - MABEI_ROOM_PLACE_CAUCUS);
  }
}

gboolean
mabei_room_place_from_text (const char *text, MabeiRoomPlace *place)
{
  for (MabeiRoomPlace at = MABEI_ROOM_PLACE_OUT; text && at <= MABEI_ROOM_PLACE_LAST; at++) {
    g_autofree char *name = mabei_room_place_to_text (at);
    if (strcmp (name, text) == 0) {
      *place = at;
      return TRUE;
    }
  }
  return FALSE;
}

static guint
count_inside (const MabeiRoomState *state)
{
  guint inside = 0;
  for (guint i = 0; i < state->n_people; i++)
    inside += place_is_inside (state->people[i].place);
  return inside;
}

gboolean
mabei_room_check (const MabeiRoomState *state, GError **error)
{
  if (state->n_people == 0 || state->n_people > MABEI_ROOM_LIMIT_PEOPLE || state->version == 0 ||
      state->version > MABEI_ROOM_LIMIT_VERSION || !mabei_room_is_device (state->host))
    return fail (error, MABEI_ROOM_ERROR_FORMAT, "a room state out of its limits");
  for (guint i = 0; i < state->n_people; i++) {
    const MabeiRoomPerson *person = &state->people[i];
    if (!mabei_room_is_device (person->device) || !mabei_room_is_name (person->name) ||
        person->place > MABEI_ROOM_PLACE_LAST || index_of (state, person->device) != (int) i)
      return fail (error, MABEI_ROOM_ERROR_FORMAT, "a room state with a person that cannot be");
  }
  if (count_inside (state) > MABEI_ROOM_LIMIT_ADMITTED)
    return fail (error, MABEI_ROOM_ERROR_FORMAT, "a room state with too many people");
  const MabeiRoomPerson *host = mabei_room_find (state, state->host);
  if (!host || (!state->ended && !place_is_inside (host->place)))
    return fail (error, MABEI_ROOM_ERROR_FORMAT, "a room state without its host");
  return TRUE;
}

gboolean
mabei_room_take (MabeiRoomState *state, const char *from, const MabeiRoomState *incoming, GError **error)
{
  if (strcmp (from, incoming->host) != 0 || strcmp (from, state->host) != 0)
    return fail (error, MABEI_ROOM_ERROR_NOT_ALLOWED, "a room state that the host did not send");
  if (!mabei_room_check (incoming, error))
    return FALSE;
  if (state->version > 0 && memcmp (state->session, incoming->session, MABEI_ROOM_SESSION_BYTES) != 0)
    return fail (error, MABEI_ROOM_ERROR_STALE, "a room state of another session");
  if (incoming->version <= state->version)
    return fail (error, MABEI_ROOM_ERROR_STALE, "a room state that is no newer");
  if (state->ended)
    return fail (error, MABEI_ROOM_ERROR_ENDED, "the session has ended");
  *state = *incoming;
  return TRUE;
}

void
mabei_room_open (MabeiRoomState *state, const guint8 *session, const char *host, const char *name)
{
  g_return_if_fail (mabei_room_is_device (host) && mabei_room_is_name (name));
  *state = (MabeiRoomState){.version = 1, .n_people = 1};
  memcpy (state->session, session, MABEI_ROOM_SESSION_BYTES);
  g_strlcpy (state->host, host, sizeof state->host);
  g_strlcpy (state->people[0].device, host, sizeof state->people[0].device);
  g_strlcpy (state->people[0].name, name, sizeof state->people[0].name);
  state->people[0].place = MABEI_ROOM_PLACE_JOINT;
  state->people[0].camera = TRUE;
}

/* The place in the list for one who knocks: the old one, a new one, or that of somebody who is out. */
static int
slot_for (const MabeiRoomState *state, const char *device)
{
  int at = index_of (state, device);
  if (at >= 0)
    return at;
  if (state->n_people < MABEI_ROOM_LIMIT_PEOPLE)
    return (int) state->n_people;
  for (guint i = 0; i < state->n_people; i++)
    if (state->people[i].place == MABEI_ROOM_PLACE_OUT)
      return (int) i;
  return -1;
}

gboolean
mabei_room_knock (MabeiRoomState *state, const char *by, const char *name, GError **error)
{
  if (!mabei_room_is_device (by) || !mabei_room_is_name (name))
    return fail (error, MABEI_ROOM_ERROR_FORMAT, "a knock without a proper name");
  if (state->ended)
    return fail (error, MABEI_ROOM_ERROR_ENDED, "the session has ended");
  if (strcmp (by, state->host) == 0)
    return fail (error, MABEI_ROOM_ERROR_NOT_ALLOWED, "the host is inside");
  if (state->locked)
    return fail (error, MABEI_ROOM_ERROR_LOCKED, "the session is locked");
  int at = slot_for (state, by);
  if (at < 0)
    return fail (error, MABEI_ROOM_ERROR_FULL, "the waiting room is full");
  state->n_people = MAX (state->n_people, (guint) at + 1);
  MabeiRoomPerson *person = &state->people[at];
  *person = (MabeiRoomPerson){.place = MABEI_ROOM_PLACE_WAITING, .camera = TRUE};
  g_strlcpy (person->device, by, sizeof person->device);
  g_strlcpy (person->name, name, sizeof person->name);
  state->version++;
  return TRUE;
}

/* What every decision of the host has in common. */
static gboolean
host_may (const MabeiRoomState *state, const char *by, GError **error)
{
  if (strcmp (by, state->host) != 0)
    return fail (error, MABEI_ROOM_ERROR_NOT_ALLOWED, "only the host decides this");
  if (state->ended)
    return fail (error, MABEI_ROOM_ERROR_ENDED, "the session has ended");
  return TRUE;
}

gboolean
mabei_room_admit (MabeiRoomState *state, const char *by, const char *device, GError **error)
{
  if (!host_may (state, by, error))
    return FALSE;
  int at = index_of (state, device);
  if (at < 0 || state->people[at].place != MABEI_ROOM_PLACE_WAITING)
    return fail (error, MABEI_ROOM_ERROR_NOT_FOUND, "nobody of that name waits");
  if (count_inside (state) >= MABEI_ROOM_LIMIT_ADMITTED)
    return fail (error, MABEI_ROOM_ERROR_FULL, "six people are inside");
  state->people[at].place = MABEI_ROOM_PLACE_JOINT;
  state->version++;
  return TRUE;
}

gboolean
mabei_room_refuse (MabeiRoomState *state, const char *by, const char *device, GError **error)
{
  if (!host_may (state, by, error))
    return FALSE;
  int at = index_of (state, device);
  if (at < 0 || strcmp (device, state->host) == 0 || state->people[at].place == MABEI_ROOM_PLACE_OUT)
    return fail (error, MABEI_ROOM_ERROR_NOT_FOUND, "nobody of that name waits or is inside");
  state->people[at].place = MABEI_ROOM_PLACE_OUT;
  state->version++;
  return TRUE;
}

gboolean
mabei_room_move (MabeiRoomState *state, const char *by, const char *device, MabeiRoomPlace place, GError **error)
{
  if (!host_may (state, by, error))
    return FALSE;
  int at = index_of (state, device);
  if (at < 0 || !place_is_inside (state->people[at].place))
    return fail (error, MABEI_ROOM_ERROR_NOT_FOUND, "nobody of that name is inside");
  if (!place_is_inside (place))
    return fail (error, MABEI_ROOM_ERROR_FORMAT, "no room to move to");
  state->people[at].place = place;
  state->version++;
  return TRUE;
}

gboolean
mabei_room_lock (MabeiRoomState *state, const char *by, gboolean locked, GError **error)
{
  if (!host_may (state, by, error))
    return FALSE;
  state->locked = locked;
  state->version++;
  return TRUE;
}

gboolean
mabei_room_end (MabeiRoomState *state, const char *by, GError **error)
{
  if (!host_may (state, by, error))
    return FALSE;
  state->ended = TRUE;
  for (guint i = 0; i < state->n_people; i++)
    state->people[i].place = MABEI_ROOM_PLACE_OUT;
  state->version++;
  return TRUE;
}

gboolean
mabei_room_leave (MabeiRoomState *state, const char *by, GError **error)
{
  int at = index_of (state, by);
  if (at < 0 || state->people[at].place == MABEI_ROOM_PLACE_OUT)
    return fail (error, MABEI_ROOM_ERROR_NOT_FOUND, "nobody of that name is here");
  if (strcmp (by, state->host) == 0)
    return fail (error, MABEI_ROOM_ERROR_NOT_ALLOWED, "the host ends the session");
  state->people[at].place = MABEI_ROOM_PLACE_OUT;
  state->version++;
  return TRUE;
}

gboolean
mabei_room_set_self (MabeiRoomState *state, const char *by, gboolean muted, gboolean camera, GError **error)
{
  int at = index_of (state, by);
  if (at < 0 || state->people[at].place == MABEI_ROOM_PLACE_OUT)
    return fail (error, MABEI_ROOM_ERROR_NOT_FOUND, "nobody of that name is here");
  if (state->people[at].muted == !!muted && state->people[at].camera == !!camera)
    return TRUE;
  state->people[at].muted = !!muted;
  state->people[at].camera = !!camera;
  state->version++;
  return TRUE;
}

void
mabei_room_view (const MabeiRoomState *state, const char *device, MabeiRoomState *view)
{
  *view = *state;
  if (state->ended || mabei_room_is_admitted (state, device))
    return;
  view->n_people = 0;
  memset (view->people, 0, sizeof view->people);
  for (guint i = 0; i < state->n_people; i++) {
    const MabeiRoomPerson *person = &state->people[i];
    if (strcmp (person->device, device) == 0 || strcmp (person->device, state->host) == 0)
      view->people[view->n_people++] = *person;
  }
}
