/* A call without its thread: rooms (as host or guest), a peer for each remote person, capture and playout, tied
 * together. Who may hear whom is decided here, out of the room's newest and its opened version: a gate is open when
 * both allow it. One thread; messages, events and pictures go out by MabeiDelivery.
 */
#pragma once

#include "app/call/call.h"
#include "app/call/delivery.h"

typedef struct _MabeiSession MabeiSession;

/* Borrows @delivery; @config's texts are copied. (transfer full) */
MabeiSession *mabei_session_new (const MabeiCallConfig *config, GMainContext *context, MabeiDelivery *delivery);
void mabei_session_free (MabeiSession *session); /* NULL is accepted */

void mabei_session_receive (MabeiSession *session, const char *device, GBytes *message);
void mabei_session_tick (MabeiSession *session);

typedef enum {
  MABEI_COMMAND_OPEN,
  MABEI_COMMAND_JOIN,
  MABEI_COMMAND_LEAVE,
  MABEI_COMMAND_ADMIT,
  MABEI_COMMAND_REFUSE,
  MABEI_COMMAND_MOVE,
  MABEI_COMMAND_RETURN_ALL,
  MABEI_COMMAND_LOCK,
  MABEI_COMMAND_ACCEPT,
  MABEI_COMMAND_MUTED,
  MABEI_COMMAND_CAMERA,
  MABEI_COMMAND_LINK_UP,
  MABEI_COMMAND_TONE,
  MABEI_COMMAND_RESET_PEAKS,
} MabeiCommand;

/* @device: ADMIT, REFUSE, MOVE. @value: the place, the tone, or a boolean. */
void mabei_session_command (MabeiSession *session, MabeiCommand command, const char *device, guint value);

/* (transfer full) */
MabeiCallState *mabei_session_describe (MabeiSession *session);
