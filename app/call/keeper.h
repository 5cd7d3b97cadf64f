/* The host's care for a change of rooms: everyone closes first and says so, then the room opens. It knows whom it still
 * waits for and for how long; who stays silent is left out (the links to that device are closed before the room opens).
 * Pure: time comes in as a parameter, what to send comes out. One thread.
 */
#pragma once

#include "app/call/room.h"

#define MABEI_KEEPER_WAIT_MS 2000

typedef struct {
  MabeiRoomState state;  /* the newest version */
  MabeiRoomState opened; /* the last version that everyone could act on */
  gint64 deadline_ms;
  guint n_awaited;
  char awaited[MABEI_ROOM_LIMIT_PEOPLE][MABEI_ROOM_LIMIT_DEVICE_BYTES + 1];
} MabeiKeeper;

typedef struct {
  guint64 version;
  guint n_without;
  char without[MABEI_ROOM_LIMIT_PEOPLE][MABEI_ROOM_LIMIT_DEVICE_BYTES + 1];
} MabeiOpening; /* the room opens at this version, without these devices */

void mabei_keeper_init (MabeiKeeper *keeper, const MabeiRoomState *opened);
/* A newer version. Nobody is waited for when who hears whom does not change. */
void mabei_keeper_change (MabeiKeeper *keeper, const MabeiRoomState *next, gint64 now_ms);
/* FALSE for a version that is not the newest, or one who is not waited for. */
gboolean mabei_keeper_ack (MabeiKeeper *keeper, const char *device, guint64 version);
/* TRUE, once a version, when the newest version opens now. */
gboolean mabei_keeper_poll (MabeiKeeper *keeper, gint64 now_ms, MabeiOpening *opening);
