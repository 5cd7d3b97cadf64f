/* The other half of the rooms, of everyone but the host: takes the host's versions, closes and confirms, opens when
 * told, is asked to move, says what its own person switches. Pure: time comes in, messages go out by callback.
 * One thread.
 */
#pragma once

#include "app/call/message.h"

typedef struct _MabeiGuest MabeiGuest;

typedef struct {
  void (*send) (const char *device, const MabeiSignal *message, gpointer user_data);
  /* State, opened version or question are new: gates are to be set before this returns. */
  void (*changed) (gpointer user_data);
  void (*without) (const char *device, guint64 version, gpointer user_data);
} MabeiGuestCallbacks;

/* @hello: the fingerprint that one's hello carries. (transfer full) */
MabeiGuest *mabei_guest_new (const char *device,
                             const char *host,
                             const MabeiFingerprint *hello,
                             const MabeiGuestCallbacks *callbacks,
                             gpointer user_data);
void mabei_guest_free (MabeiGuest *guest); /* NULL is accepted */

const MabeiRoomState *mabei_guest_get_state (const MabeiGuest *guest); /* version 0: the host has not answered */
const MabeiRoomState *mabei_guest_get_opened (const MabeiGuest *guest);
/* The room that the host asks to go to; MABEI_ROOM_PLACE_OUT: nothing is asked. */
MabeiRoomPlace mabei_guest_get_asked (const MabeiGuest *guest);

/* STATE, OPEN, MOVE. FALSE with @error for what is stale or not allowed. */
gboolean mabei_guest_receive (MabeiGuest *guest, const char *device, const MabeiSignal *message, GError **error);
/* Says one's switches again as long as the host has not taken them. */
void mabei_guest_tick (MabeiGuest *guest, gint64 now_ms);

void mabei_guest_accept (MabeiGuest *guest, gboolean yes);
void mabei_guest_set_self (MabeiGuest *guest, gboolean muted, gboolean camera, gint64 now_ms);
