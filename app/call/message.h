/* The signalling of a session: what travels from device to device through a carrier that seals it and proves who sent
 * it. Strict canonical CBOR, one array a message: [kind, session, fields...]; one encoding a value, nothing unknown is
 * accepted. Parsing is bounded and cannot fail otherwise than with a one-line error.
 */
#pragma once

#include "app/call/certificate.h"
#include "app/call/keeper.h"
#include "app/call/room.h"

#include "core/base/limits.h"

#define MABEI_SIGNAL_LIMIT_BYTES MABEI_LIMIT_LIVE_BYTES
#define MABEI_SIGNAL_LIMIT_SDP_BYTES 16384u
#define MABEI_SIGNAL_LIMIT_CANDIDATE_BYTES 512u
#define MABEI_ATTEMPT_BYTES 16u

#define MABEI_SIGNAL_ERROR (mabei_signal_error_quark ())
GQuark mabei_signal_error_quark (void);

typedef enum {
  MABEI_SIGNAL_ERROR_FORMAT, /* not one of our messages, or not in its only form */
  MABEI_SIGNAL_ERROR_LIMIT,  /* too long */
} MabeiSignalError;

typedef enum {
  MABEI_SIGNAL_HELLO = 1, /* fingerprint, name; with the session unknown (zero) to the host: a knock */
  MABEI_SIGNAL_PING,      /* sequence, version (room state held), known (your hello is here) */
  MABEI_SIGNAL_PONG,      /* sequence */
  MABEI_SIGNAL_OFFER,     /* attempt, text */
  MABEI_SIGNAL_ANSWER,    /* attempt, text */
  MABEI_SIGNAL_ICE,       /* attempt, media, text */
  MABEI_SIGNAL_END,       /* attempt: this link is dead on my side */
  MABEI_SIGNAL_STATE,     /* fingerprint of the hello that it answers, room */
  MABEI_SIGNAL_ACK,       /* version: my gates are closed as it says */
  MABEI_SIGNAL_OPEN,      /* opening */
  MABEI_SIGNAL_MOVE,      /* request, place: the host asks */
  MABEI_SIGNAL_ACCEPT,    /* request, yes */
  MABEI_SIGNAL_SELF,      /* muted, camera */
  MABEI_SIGNAL_BYE,       /* I leave */
  MABEI_SIGNAL_LAST = MABEI_SIGNAL_BYE,
} MabeiSignalKind;

typedef struct {
  MabeiSignalKind kind;
  guint8 session[MABEI_ROOM_SESSION_BYTES];
  guint8 attempt[MABEI_ATTEMPT_BYTES];
  MabeiFingerprint fingerprint;
  char *text; /* owned: name, description or candidate */
  guint64 version, sequence, request;
  guint media;
  MabeiRoomPlace place;
  gboolean known, yes, muted, camera;
  MabeiRoomState room;
  MabeiOpening opening;
} MabeiSignal;

/* Zeroed. (transfer full) */
MabeiSignal *mabei_signal_new (MabeiSignalKind kind, const guint8 *session);
void mabei_signal_free (MabeiSignal *message); /* NULL is accepted */

/* What is out of the limits is the caller's fault and asserted. (transfer full) */
GBytes *mabei_signal_encode (const MabeiSignal *message);
/* (transfer full), NULL with @error. */
MabeiSignal *mabei_signal_parse (GBytes *bytes, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiSignal, mabei_signal_free)
