/* What the files of an exchange ask of each other, and nobody else: exchange.c (frames in and out), exchange_hub.c (the
 * handshake with a hub), exchange_member.c (heads), mailbox_list.c (which mailboxes, how far read), inbox.c (records
 * that came), outbox.c (records that go).
 */
#pragma once

#include "sync/peer/exchange_state.h"

/* exchange.c */
void mabei_exchange_queue (MabeiExchange *exchange, const MabeiFrame *frame);
/* ACK or REFUSE of a RECORD that had @bytes. */
void mabei_exchange_queue_answer (MabeiExchange *exchange, const MabeiFrame *frame, gsize bytes);
gboolean mabei_exchange_fault (GError **error, int code, const char *text);
void mabei_exchange_progress (MabeiExchange *exchange);

/* exchange_hub.c */
gboolean mabei_exchange_hub_receive (MabeiExchange *exchange, const MabeiFrame *frame, guint64 now_ms, GError **error);
/* exchange_member.c */
gboolean mabei_exchange_member_receive (MabeiExchange *exchange, const MabeiFrame *frame, GError **error);
void mabei_exchange_member_offer (MabeiExchange *exchange);
void mabei_exchange_member_fill (MabeiExchange *exchange, MabeiRoute *route);
/* A change was acknowledged (or refused): when it was the last one, the other has all that was offered. */
void mabei_exchange_member_landed (MabeiExchange *exchange, MabeiRoute *route);
/* Says DONE when everything was sent. */
void mabei_exchange_member_finish (MabeiExchange *exchange);

/* mailbox_list.c */
MabeiMailbox *mabei_exchange_find_mailbox (MabeiExchange *exchange, const MabeiShortId *id);
void mabei_mailbox_free (MabeiMailbox *mailbox);
/* Finds the mailboxes of all spaces that are not in the list yet. */
void mabei_exchange_scan_mailboxes (MabeiExchange *exchange);
/* @epoch_id NULL: watched. NULL when the connection has as many as it may. */
MabeiMailbox *
mabei_exchange_add_mailbox (MabeiExchange *exchange, MabeiSpace *space, const MabeiId *epoch_id, MabeiSecret *secret);
/* The next CREATE or OPEN that is due, or NULL. */
GBytes *mabei_exchange_next_request (MabeiExchange *exchange, guint64 now_ms);
void mabei_exchange_request_answered (MabeiExchange *exchange, const MabeiFlight *flight, guint64 now_ms);
void
mabei_exchange_request_refused (MabeiExchange *exchange, const MabeiFlight *flight, MabeiRefuse code, guint64 now_ms);
void mabei_exchange_mailbox_opened (MabeiExchange *exchange, MabeiMailbox *mailbox);
/* Stores cursors that moved. FALSE: the exchange failed. */
gboolean mabei_exchange_keep_cursors (MabeiExchange *exchange);

/* inbox.c */
gboolean
mabei_exchange_receive_record (MabeiExchange *exchange, const MabeiFrame *frame, guint64 now_ms, GError **error);
void mabei_exchange_receive_live (MabeiExchange *exchange, const MabeiFrame *frame);
/* Stores what came and acknowledges it. */
void mabei_exchange_settle (MabeiExchange *exchange, guint64 now_ms);
void mabei_arrival_free (MabeiArrival *arrival);

/* outbox.c */
MabeiRoute *mabei_exchange_route (MabeiExchange *exchange, MabeiSpace *space);
void mabei_route_free (MabeiRoute *route);
void mabei_flight_free (MabeiFlight *flight);
void mabei_exchange_fill_routes (MabeiExchange *exchange);
GBytes *mabei_exchange_next_record (MabeiExchange *exchange, guint64 now_ms);
gboolean mabei_exchange_receive_ack (MabeiExchange *exchange, const MabeiFrame *frame, guint64 now_ms, GError **error);
gboolean
mabei_exchange_receive_refuse (MabeiExchange *exchange, const MabeiFrame *frame, guint64 now_ms, GError **error);
/* Something waits for a mailbox, credit or patience. */
gboolean mabei_exchange_has_unsent (MabeiExchange *exchange);
