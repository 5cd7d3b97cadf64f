/* The signalling of a session: what travels from device to device through a carrier that seals it and proves who sent
 * it. Strict canonical CBOR, one array a message: [kind, session, fields...]; one encoding a value, nothing unknown is
 * accepted. Parsing is bounded and cannot fail otherwise than with a one-line error.
 */
#pragma once

#include "app/call/certificate.h"
#include "app/call/keeper.h"
#include "app/call/room.h"

#include "core/base/limits.h"

#define MABEI_MESSAGE_LIMIT_BYTES MABEI_LIMIT_LIVE_BYTES
#define MABEI_MESSAGE_LIMIT_SDP_BYTES 16384u
#define MABEI_MESSAGE_LIMIT_CANDIDATE_BYTES 512u
#define MABEI_ATTEMPT_BYTES 16u

#define MABEI_MESSAGE_ERROR (mabei_message_error_quark ())
GQuark mabei_message_error_quark (void);

typedef enum {
  MABEI_MESSAGE_ERROR_FORMAT, /* not one of our messages, or not in its only form */
  MABEI_MESSAGE_ERROR_LIMIT,  /* too long */
} MabeiMessageError;

typedef enum {
  MABEI_MESSAGE_HELLO = 1, /* fingerprint, name; with the session unknown (zero) to the host: a knock */
  MABEI_MESSAGE_PING,      /* sequence, version (room state held), known (your hello is here) */
  MABEI_MESSAGE_PONG,      /* sequence */
  MABEI_MESSAGE_OFFER,     /* attempt, text */
  MABEI_MESSAGE_ANSWER,    /* attempt, text */
  MABEI_MESSAGE_ICE,       /* attempt, media, text */
  MABEI_MESSAGE_END,       /* attempt: this link is dead on my side */
  MABEI_MESSAGE_STATE,     /* fingerprint of the hello that it answers, room */
  MABEI_MESSAGE_ACK,       /* version: my gates are closed as it says */
  MABEI_MESSAGE_OPEN,      /* opening */
  MABEI_MESSAGE_MOVE,      /* request, place: the host asks */
  MABEI_MESSAGE_ACCEPT,    /* request, yes */
  MABEI_MESSAGE_SELF,      /* muted, camera */
  MABEI_MESSAGE_BYE,       /* I leave */
  MABEI_MESSAGE_LAST = MABEI_MESSAGE_BYE,
} MabeiMessageKind;

typedef struct {
  MabeiMessageKind kind;
  guint8 session[MABEI_ROOM_SESSION_BYTES];
  guint8 attempt[MABEI_ATTEMPT_BYTES];
  MabeiFingerprint fingerprint;
  char *text; /* owned: name, description or candidate */
  guint64 version, sequence, request;
  guint media;
  MabeiPlace place;
  gboolean known, yes, muted, camera;
  MabeiRoomState room;
  MabeiOpening opening;
} MabeiMessage;

/* Zeroed. (transfer full) */
MabeiMessage *mabei_message_new (MabeiMessageKind kind, const guint8 *session);
void mabei_message_free (MabeiMessage *message); /* NULL is accepted */

/* What is out of the limits is the caller's fault and asserted. (transfer full) */
GBytes *mabei_message_encode (const MabeiMessage *message);
/* (transfer full), NULL with @error. */
MabeiMessage *mabei_message_parse (GBytes *bytes, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiMessage, mabei_message_free)
