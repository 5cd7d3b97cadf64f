/* One remote device of a session: its announced certificate, the pings that tell whether the carrier reaches it, and
 * the link's life: new, offering, connected, verified, live, lost, built anew. A lost link is only built anew when
 * nothing came for three seconds although the carrier works both ways with this very device: after a cut with
 * unchanged addresses media comes back by itself, and a rebuild too early makes it later.
 * One thread (the call's); `frame` comes in streaming threads.
 */
#pragma once

#include "app/call/call_state.h"
#include "app/call/link.h"
#include "app/call/message.h"

typedef struct _MabeiPeer MabeiPeer;

typedef struct {
  void (*send) (const char *device, const MabeiSignal *message, gpointer user_data);
  void (*frame) (const char *device, MabeiVideoFrame *frame, gpointer user_data);
  void (*changed) (gpointer user_data);
  void (*event) (const char *text, gpointer user_data);
} MabeiPeerCallbacks;

typedef struct {
  const char *self;          /* one's own device */
  const char *name;          /* one's own name */
  MabeiMediaLinkConfig link; /* all but peer and offerer */
} MabeiPeerConfig;           /* borrowed as long as the peer lives */

/* @session: its 16 bytes; borrowed as long as the peer lives. (transfer full) */
MabeiPeer *mabei_peer_new (const MabeiPeerConfig *config,
                           const guint8 *session,
                           const char *device,
                           const MabeiPeerCallbacks *callbacks,
                           gpointer user_data);
void mabei_peer_free (MabeiPeer *peer); /* NULL is accepted */

const char *mabei_peer_get_device (const MabeiPeer *peer);
/* Whether there shall be a link (both are admitted). FALSE closes it. */
void mabei_peer_set_wanted (MabeiPeer *peer, gboolean wanted);
/* Whether this person is heard and seen, and what it may have of oneself. */
void mabei_peer_set_gates (MabeiPeer *peer, gboolean hears, gboolean audio, gboolean video);
/* Closes the link; none is built before this device says that it knows this version of the rooms. */
void mabei_peer_require_version (MabeiPeer *peer, guint64 version);
/* Closes the link without a word. */
void mabei_peer_cut (MabeiPeer *peer);
/* The carrier is back: tells the other side that its link is dead. */
void mabei_peer_resume (MabeiPeer *peer);
/* HELLO, PING, PONG, OFFER, ANSWER, ICE, END. */
void mabei_peer_receive (MabeiPeer *peer, const MabeiSignal *message);
/* About every 100 ms. @version: of the rooms as opened here, for the pings. */
void mabei_peer_tick (MabeiPeer *peer, guint64 version);
/* The carrier reaches this device both ways (its last ping and pong are no older than @age_ms). */
gboolean mabei_peer_is_reached (const MabeiPeer *peer, gint64 age_ms);
void mabei_peer_say_hello (MabeiPeer *peer);

/* Fills link, attempts and all figures. */
void mabei_peer_describe (MabeiPeer *peer, MabeiCallPerson *person);
void mabei_peer_reset_peaks (MabeiPeer *peer);
