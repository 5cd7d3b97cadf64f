/* The inside of a peer, shared by peer.c (handshake, order) and peer_requests.c (what a ready peer may ask). */
#pragma once

#include "sync/hub/peer.h"
#include "sync/peer/frame.h"

typedef enum { MABEI_HUB_PEER_NEW, MABEI_HUB_PEER_GREETED, MABEI_HUB_PEER_READY } MabeiHubPeerState;

struct _MabeiHubPeer {
  MabeiHubShared *shared;
  MabeiHubConnection *connection;
  MabeiHubReader *reader; /* when ready */
  MabeiHubDevice *device; /* when ready */
  MabeiHubPeerState state;
  gboolean may_create;
  guint8 salt[32];       /* ours */
  guint8 other_salt[32]; /* the client's */
  gint64 heard_us;
};

void mabei_hub_peer_send (MabeiHubPeer *peer, const MabeiFrame *frame);
void mabei_hub_peer_refuse (MabeiHubPeer *peer, guint64 tag, MabeiRefuse code);
/* Refuses, then closes. */
void mabei_hub_peer_fault (MabeiHubPeer *peer, MabeiRefuse code);

/* @encoded: the bytes that @frame was read from. FALSE: a ready client does not send such a frame. */
gboolean mabei_hub_peer_request (MabeiHubPeer *peer, const MabeiFrame *frame, GBytes *encoded);
