/* The host's half of the rooms: keeps the state, hears those who knock, decides what its person decides, tells every
 * version to everyone in the list (those who wait get a view of their own) and opens it when all have closed.
 * Pure but for randomness: time comes in, messages go out by callback. One thread.
 */
#pragma once

#include "app/call/message.h"

typedef struct _MabeiHost MabeiHost;

typedef struct {
  void (*send) (const char *device, const MabeiSignal *message, gpointer user_data);
  /* State or opened version are new: gates are to be set before this returns. */
  void (*changed) (gpointer user_data);
  /* This device did not confirm @version: its links are to be closed before the room opens. */
  void (*without) (const char *device, guint64 version, gpointer user_data);
} MabeiHostCallbacks;

/* A new session with its host in the joint room. (transfer full) */
MabeiHost *
mabei_host_new (const char *device, const char *name, const MabeiHostCallbacks *callbacks, gpointer user_data);
void mabei_host_free (MabeiHost *host); /* NULL is accepted */

const MabeiRoomState *mabei_host_get_state (const MabeiHost *host);
const MabeiRoomState *mabei_host_get_opened (const MabeiHost *host);

/* HELLO, PING, ACK, ACCEPT, SELF, BYE from @device. FALSE with @error for what is not allowed. */
gboolean
mabei_host_receive (MabeiHost *host, const char *device, const MabeiSignal *message, gint64 now_ms, GError **error);
void mabei_host_tick (MabeiHost *host, gint64 now_ms);

gboolean mabei_host_admit (MabeiHost *host, const char *device, gint64 now_ms, GError **error);
gboolean mabei_host_refuse (MabeiHost *host, const char *device, gint64 now_ms, GError **error);
gboolean mabei_host_move (MabeiHost *host, const char *device, MabeiRoomPlace place, gint64 now_ms, GError **error);
gboolean mabei_host_return_all (MabeiHost *host, gint64 now_ms, GError **error);
gboolean mabei_host_lock (MabeiHost *host, gboolean locked, gint64 now_ms, GError **error);
gboolean mabei_host_end (MabeiHost *host, gint64 now_ms, GError **error);
gboolean mabei_host_set_self (MabeiHost *host, gboolean muted, gboolean camera, gint64 now_ms, GError **error);
