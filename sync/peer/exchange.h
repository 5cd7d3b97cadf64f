/* One exchange with one peer: a pure state machine around a replica. In: frames, "something changed", now_ms. Out:
 * frames, events. No socket, no clock, no thread, no main loop inside; a carrier moves the bytes (WebSocket to a hub,
 * bundle file, loop in memory). With a hub: authenticates both ways, opens (and, with a court's credential, makes) the
 * mailboxes of every space that this device reads, reads them from a kept cursor, sends the outbox and keeps the
 * receipts. With a member: offers only the spaces that the other is in, by head vectors. Idempotent; may be dropped and
 * made anew at any point: what was acknowledged is never sent again, what was not is. Own credit: at most
 * MABEI_LIMIT_CREDIT_BYTES and MABEI_LIMIT_IN_FLIGHT unacknowledged. The cursor moves only behind stored changes.
 */
#pragma once

#include "core/store/replica.h"
#include "sync/peer/frame.h"

typedef struct _MabeiExchange MabeiExchange;

typedef struct {
  /* A live message (presence, call set-up) that opened under the key of @space, or of a watched mailbox (@space NULL).
   */
  void (*live) (
      MabeiExchange *exchange, MabeiSpace *space, const MabeiShortId *mailbox, GBytes *data, gpointer user_data);
  /* A record in a watched mailbox (rendezvous, inbox), opened. Must be idempotent. */
  void (*record) (MabeiExchange *exchange, const MabeiShortId *mailbox, GBytes *data, gpointer user_data);
  /* A record posted by mabei_exchange_post is stored by the hub (or refused). */
  void (*posted) (MabeiExchange *exchange, guint64 tag, gboolean stored, gpointer user_data);
  /* The replica got something new from this peer, or a receipt. */
  void (*progress) (MabeiExchange *exchange, gpointer user_data);
  gpointer user_data;
} MabeiExchangeListener;

/* With a hub. @hub_key: the pinned key, 32 bytes, or NULL to take the one that it shows first (then ask
 * mabei_exchange_hub_key). */
MabeiExchange *
mabei_exchange_new_hub (MabeiReplica *replica, const guint8 *hub_key, const MabeiExchangeListener *listener);
/* With the device of a member. */
MabeiExchange *
mabei_exchange_new_member (MabeiReplica *replica, const MabeiShortId *device, const MabeiExchangeListener *listener);
void mabei_exchange_free (MabeiExchange *exchange);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiExchange, mabei_exchange_free)

/* One frame from the peer; records that it brings are stored, and acknowledged, by the next mabei_exchange_next (many
 * in one transaction when the carrier hands over all that it has first). FALSE: the peer broke the protocol (one line);
 * or the replica could not store (its error); close the carrier. The replica is unharmed. */
gboolean mabei_exchange_receive (MabeiExchange *exchange, GBytes *frame, guint64 now_ms, GError **error);
/* The next frame to send, or NULL when there is none now (nothing left, or no credit). (transfer full) */
GBytes *mabei_exchange_next (MabeiExchange *exchange, guint64 now_ms);
/* When to call mabei_exchange_next again though nothing came: something is retried then. 0: at no time. */
guint64 mabei_exchange_deadline_ms (MabeiExchange *exchange);
/* The replica changed: look again what to send. */
void mabei_exchange_wake (MabeiExchange *exchange);

/* A hub accepted us, or a member's hello came. */
gboolean mabei_exchange_is_ready (MabeiExchange *exchange);
/* Ready, every mailbox read to its end, nothing unsent, nothing unacknowledged. */
gboolean mabei_exchange_is_idle (MabeiExchange *exchange);
const guint8 *mabei_exchange_hub_key (MabeiExchange *exchange); /* 32 bytes, or NULL before its hello */
void mabei_exchange_counts (MabeiExchange *exchange, guint64 *bytes_in, guint64 *bytes_out, guint *unacknowledged);

/* @junk: records that were no change (shed, acknowledged); @refused: changes and mailboxes that the peer will not take,
 * and mailboxes beyond MABEI_LIMIT_MAILBOXES; they are not tried again in this exchange and do not keep it from being
 * idle. */
void mabei_exchange_faults (MabeiExchange *exchange, guint *junk, guint *refused);

/* --- beside the spaces: mailboxes by a secret of their own (an invitation's rendezvous) --- */
/* Opens it (and makes it, when @create and the right is there), reads all of it to listener.record. Keeps a reference.
 */
void mabei_exchange_watch (MabeiExchange *exchange, MabeiSecret *secret, gboolean create);
void mabei_exchange_unwatch (MabeiExchange *exchange, MabeiSecret *secret);
/* Puts @data (less than 128 KiB), sealed under @secret, into its mailbox; returns the tag told to listener.posted. Not
 * kept across exchanges. */
guint64 mabei_exchange_post (MabeiExchange *exchange, MabeiSecret *secret, gconstpointer data, gsize length);

/* Live: sealed under the writing epoch of @space, to whoever reads its mailbox now. FALSE when not ready. Not
 * acknowledged. */
gboolean mabei_exchange_send_live (MabeiExchange *exchange, MabeiSpace *space, gconstpointer data, gsize length);
