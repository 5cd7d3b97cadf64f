/* Who is in which room of a session, as one versioned fact that the host alone writes: waiting room, joint room,
 * caucus rooms, out. Everything that decides who may hear whom is here, pure: no media, no clock, no carrier. The
 * carrier has proven who sent a state; a state counts when the host sent it and its version is newer.
 * Plain structs, copied by assignment; one thread. Limits: 6 people admitted, 12 in the list.
 */
#pragma once

#include <glib.h>

#define MABEI_ROOM_LIMIT_ADMITTED 6u
#define MABEI_ROOM_LIMIT_PEOPLE 12u /* with those who wait or are out */
#define MABEI_ROOM_LIMIT_CAUCUSES 6u
#define MABEI_ROOM_LIMIT_DEVICE_BYTES 64u
#define MABEI_ROOM_LIMIT_NAME_BYTES 128u
#define MABEI_ROOM_LIMIT_VERSION ((guint64) 1 << 48)
#define MABEI_ROOM_SESSION_BYTES 16u

#define MABEI_ROOM_ERROR (mabei_room_error_quark ())
GQuark mabei_room_error_quark (void);

typedef enum {
  MABEI_ROOM_ERROR_FORMAT,      /* a state that cannot be */
  MABEI_ROOM_ERROR_NOT_ALLOWED, /* only the host, or only oneself */
  MABEI_ROOM_ERROR_NOT_FOUND,   /* no such person */
  MABEI_ROOM_ERROR_STALE,       /* an older version, or another session */
  MABEI_ROOM_ERROR_LOCKED,      /* nobody may knock now */
  MABEI_ROOM_ERROR_FULL,
  MABEI_ROOM_ERROR_ENDED,
} MabeiRoomError;

/* A place: out, waiting, the joint room, or MABEI_ROOM_PLACE_CAUCUS + n for caucus n = 1 .. MABEI_ROOM_LIMIT_CAUCUSES.
 */
typedef guint MabeiRoomPlace;
#define MABEI_ROOM_PLACE_OUT 0u
#define MABEI_ROOM_PLACE_WAITING 1u
#define MABEI_ROOM_PLACE_JOINT 2u
#define MABEI_ROOM_PLACE_CAUCUS 2u /* + n */
#define MABEI_ROOM_PLACE_LAST (MABEI_ROOM_PLACE_CAUCUS + MABEI_ROOM_LIMIT_CAUCUSES)

typedef struct {
  char device[MABEI_ROOM_LIMIT_DEVICE_BYTES + 1];
  char name[MABEI_ROOM_LIMIT_NAME_BYTES + 1];
  MabeiRoomPlace place;
  gboolean muted, camera; /* as the person said */
} MabeiRoomPerson;

typedef struct {
  guint8 session[MABEI_ROOM_SESSION_BYTES];
  guint64 version; /* counts every change; 0: no state yet */
  char host[MABEI_ROOM_LIMIT_DEVICE_BYTES + 1];
  gboolean locked, ended;
  guint n_people;
  MabeiRoomPerson people[MABEI_ROOM_LIMIT_PEOPLE];
} MabeiRoomState;

/* --- reading --- */
gboolean mabei_room_is_device (const char *device); /* 1..64 of A-Z a-z 0-9 - _ : . */
gboolean mabei_room_is_name (const char *name);     /* 1..128 bytes of UTF-8, no control characters */
const MabeiRoomPerson *mabei_room_find (const MabeiRoomState *state, const char *device); /* or NULL */
/* Joint room or a caucus. */
gboolean mabei_room_is_admitted (const MabeiRoomState *state, const char *device);
/* Whether @a and @b may hear and see each other: both admitted, same room, session not ended. */
gboolean mabei_room_hears (const MabeiRoomState *state, const char *a, const char *b);
/* Whether any pair of people may hear each other in one state and not in the other. */
gboolean mabei_room_hearing_differs (const MabeiRoomState *a, const MabeiRoomState *b);
/* "out", "waiting", "joint", "caucus-N" (transfer full), and back; FALSE when it is none. */
char *mabei_room_place_to_text (MabeiRoomPlace place);
gboolean mabei_room_place_from_text (const char *text, MabeiRoomPlace *place);

/* --- receiving --- */
/* A state that can be: ids and names well formed, nobody twice, limits kept, the host among the admitted or ended. */
gboolean mabei_room_check (const MabeiRoomState *state, GError **error);
/* Takes @incoming over @state when @from is its host, the session is the same (or @state has no version yet and its
 * host is the one expected) and the version is newer. */
gboolean mabei_room_take (MabeiRoomState *state, const char *from, const MabeiRoomState *incoming, GError **error);

/* --- changing: each is one version more; FALSE with @error, @state untouched --- */
void mabei_room_open (MabeiRoomState *state, const guint8 *session, const char *host, const char *name);
gboolean mabei_room_knock (MabeiRoomState *state, const char *by, const char *name, GError **error);
gboolean mabei_room_admit (MabeiRoomState *state, const char *by, const char *device, GError **error);
gboolean mabei_room_refuse (MabeiRoomState *state, const char *by, const char *device, GError **error);
/* Of those admitted, to the joint room or a caucus. That the person accepted is the caller's duty. */
gboolean
mabei_room_move (MabeiRoomState *state, const char *by, const char *device, MabeiRoomPlace place, GError **error);
gboolean mabei_room_lock (MabeiRoomState *state, const char *by, gboolean locked, GError **error);
gboolean mabei_room_end (MabeiRoomState *state, const char *by, GError **error);
gboolean mabei_room_leave (MabeiRoomState *state, const char *by, GError **error);
gboolean mabei_room_set_self (MabeiRoomState *state, const char *by, gboolean muted, gboolean camera, GError **error);

/* What @device may know: one who waits sees the host and oneself only. */
void mabei_room_view (const MabeiRoomState *state, const char *device, MabeiRoomState *view);
