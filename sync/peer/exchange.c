/* An exchange from outside: making, frames in, frames out, and how it stands. */
#include "sync/peer/exchange.h"

#include <sodium.h>
#include <string.h>

#include "sync/peer/exchange_private.h"
#include "sync/peer/proof.h"

gboolean
mabei_exchange_fault (GError **error, int code, const char *text)
{
  g_set_error_literal (error, MABEI_FRAME_ERROR, code, text);
  return FALSE;
}

void
mabei_exchange_progress (MabeiExchange *exchange)
{
  if (exchange->listener.progress != NULL)
    exchange->listener.progress (exchange, exchange->listener.user_data);
}

static void
outgoing_free (MabeiOutgoing *outgoing)
{
  g_clear_pointer (&outgoing->frame, g_bytes_unref);
  g_free (outgoing);
}

static MabeiOutgoing *
queue_frame (MabeiExchange *exchange, const MabeiFrame *frame)
{
  MabeiOutgoing *outgoing = g_new0 (MabeiOutgoing, 1);

  outgoing->frame = mabei_frame_encode (frame);
  g_queue_push_tail (exchange->out, outgoing);
  return outgoing;
}

void
mabei_exchange_queue (MabeiExchange *exchange, const MabeiFrame *frame)
{
  queue_frame (exchange, frame);
}

void
mabei_exchange_queue_answer (MabeiExchange *exchange, const MabeiFrame *frame, gsize bytes)
{
  MabeiOutgoing *outgoing = queue_frame (exchange, frame);

  outgoing->is_answer = TRUE;
  outgoing->bytes = bytes;
}

static MabeiExchange *
new_exchange (MabeiReplica *replica, const MabeiExchangeListener *listener)
{
  MabeiExchange *exchange = g_new0 (MabeiExchange, 1);
  MabeiFrame hello = {.type = MABEI_FRAME_HELLO, .version = MABEI_PROTOCOL_VERSION};

  exchange->replica = replica;
  if (listener != NULL)
    exchange->listener = *listener;
  exchange->out = g_queue_new ();
  exchange->posts = g_queue_new ();
  exchange->next_tag = 1; /* 0 is the connection itself */
  exchange->patience_ms = MABEI_EXCHANGE_PATIENCE_MS;
  exchange->flights = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, (GDestroyNotify) mabei_flight_free);
  exchange->mailboxes = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_mailbox_free);
  exchange->mailbox_of = g_hash_table_new (mabei_short_id_hash, mabei_short_id_equal);
  exchange->mailbox_of_epoch = g_hash_table_new (mabei_id_hash, mabei_id_equal);
  exchange->heads_of =
      g_hash_table_new_full (mabei_short_id_hash, mabei_short_id_equal, NULL, (GDestroyNotify) mabei_frame_free);
  exchange->routes = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_route_free);
  exchange->sent = g_hash_table_new_full (mabei_id_hash, mabei_id_equal, g_free, NULL);
  exchange->arrivals = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_arrival_free);
  randombytes_buf (exchange->salt, sizeof exchange->salt);
  memcpy (hello.salt, exchange->salt, sizeof hello.salt);
  mabei_exchange_queue (exchange, &hello);
  return exchange;
}

MabeiExchange *
mabei_exchange_new_hub (MabeiReplica *replica, const guint8 *hub_key, const MabeiExchangeListener *listener)
{
  MabeiExchange *exchange = new_exchange (replica, listener);

  exchange->is_hub = TRUE;
  exchange->has_pin = hub_key != NULL;
  if (hub_key != NULL)
    memcpy (exchange->pin, hub_key, sizeof exchange->pin);
  return exchange;
}

MabeiExchange *
mabei_exchange_new_member (MabeiReplica *replica, const MabeiShortId *device, const MabeiExchangeListener *listener)
{
  MabeiExchange *exchange = new_exchange (replica, listener);

  exchange->device = *device;
  return exchange;
}

/* Writes nothing: what is not kept by now is found again by the next exchange. */
void
mabei_exchange_free (MabeiExchange *exchange)
{
  if (exchange == NULL)
    return;
  g_queue_free_full (exchange->out, (GDestroyNotify) outgoing_free);
  g_queue_free_full (exchange->posts, (GDestroyNotify) mabei_flight_free);
  g_hash_table_unref (exchange->flights);
  g_hash_table_unref (exchange->mailbox_of);
  g_hash_table_unref (exchange->mailbox_of_epoch);
  g_hash_table_unref (exchange->heads_of);
  g_ptr_array_unref (exchange->routes);
  g_hash_table_unref (exchange->sent);
  g_ptr_array_unref (exchange->arrivals);
  g_ptr_array_unref (exchange->mailboxes);
  g_clear_error (&exchange->failure);
  g_free (exchange);
}

static gboolean
receive_when_ready (MabeiExchange *exchange, const MabeiFrame *frame, guint64 now_ms, GError **error)
{
  if (!exchange->is_ready && !(frame->type == MABEI_FRAME_REFUSE && frame->tag == 0))
    return mabei_exchange_fault (error, MABEI_FRAME_ERROR_FORMAT, "the other side began before it had greeted");
  if (frame->type == MABEI_FRAME_RECORD)
    return mabei_exchange_receive_record (exchange, frame, now_ms, error);
  if (frame->type == MABEI_FRAME_ACK)
    return mabei_exchange_receive_ack (exchange, frame, now_ms, error);
  if (frame->type == MABEI_FRAME_REFUSE)
    return mabei_exchange_receive_refuse (exchange, frame, now_ms, error);
  mabei_exchange_receive_live (exchange, frame);
  return TRUE;
}

static gboolean
dispatch (MabeiExchange *exchange, const MabeiFrame *frame, guint64 now_ms, GError **error)
{
  MabeiFrame pong = {.type = MABEI_FRAME_PONG, .number = frame->number};

  switch (frame->type) {
  case MABEI_FRAME_RECORD:
  case MABEI_FRAME_ACK:
  case MABEI_FRAME_REFUSE:
  case MABEI_FRAME_LIVE:
    return receive_when_ready (exchange, frame, now_ms, error);
  case MABEI_FRAME_PING:
    mabei_exchange_queue (exchange, &pong);
    return TRUE;
  case MABEI_FRAME_PONG:
    return TRUE;
  case MABEI_FRAME_HELLO:
  case MABEI_FRAME_AUTH:
  case MABEI_FRAME_READY:
  case MABEI_FRAME_CREATE:
  case MABEI_FRAME_OPEN:
  case MABEI_FRAME_HEADS:
  case MABEI_FRAME_DONE:
    return exchange->is_hub ? mabei_exchange_hub_receive (exchange, frame, now_ms, error)
                            : mabei_exchange_member_receive (exchange, frame, error);
  }
  return FALSE;
}

gboolean
mabei_exchange_receive (MabeiExchange *exchange, GBytes *bytes, guint64 now_ms, GError **error)
{
  g_autoptr (MabeiFrame) frame = NULL;

  exchange->now_ms = now_ms;
  if (exchange->failure == NULL) {
    exchange->bytes_in += g_bytes_get_size (bytes);
    frame = mabei_frame_decode (bytes, error);
    if (frame == NULL || !dispatch (exchange, frame, now_ms, error))
      return FALSE;
    if (exchange->out->length > MABEI_EXCHANGE_OUT_FRAMES)
      return mabei_exchange_fault (error, MABEI_FRAME_ERROR_TOO_LARGE, "the other side asks and does not read");
  }
  if (exchange->failure == NULL)
    return TRUE;
  if (error != NULL)
    *error = g_error_copy (exchange->failure);
  return FALSE;
}

static void
scan (MabeiExchange *exchange)
{
  exchange->scan_due = FALSE;
  mabei_exchange_scan_mailboxes (exchange);
  if (!exchange->is_hub)
    mabei_exchange_member_offer (exchange);
  mabei_exchange_fill_routes (exchange);
}

static GBytes *
pop_outgoing (MabeiExchange *exchange)
{
  MabeiOutgoing *outgoing = g_queue_pop_head (exchange->out);
  GBytes *frame;

  if (outgoing == NULL)
    return NULL;
  if (outgoing->is_answer) {
    exchange->n_unsettled--;
    exchange->unsettled_bytes -= outgoing->bytes;
  }
  if (outgoing->is_live)
    exchange->n_live_waiting--;
  frame = g_steal_pointer (&outgoing->frame);
  outgoing_free (outgoing);
  return frame;
}

static GBytes *
next_frame (MabeiExchange *exchange, guint64 now_ms)
{
  GBytes *frame = pop_outgoing (exchange);

  if (frame != NULL || !exchange->is_ready)
    return frame;
  if (exchange->scan_due)
    scan (exchange);
  if (exchange->is_hub)
    frame = mabei_exchange_next_request (exchange, now_ms);
  else if (exchange->out->length == 0)
    mabei_exchange_member_finish (exchange);
  if (frame == NULL)
    frame = pop_outgoing (exchange);
  if (frame == NULL)
    frame = mabei_exchange_next_record (exchange, now_ms);
  return frame;
}

GBytes *
mabei_exchange_next (MabeiExchange *exchange, guint64 now_ms)
{
  GBytes *frame;

  exchange->now_ms = now_ms;
  mabei_exchange_settle (exchange, now_ms);
  if (exchange->cursors_ms != 0 && exchange->failure == NULL &&
      (now_ms >= exchange->cursors_ms || exchange->n_since_cursors >= MABEI_EXCHANGE_CURSOR_RECORDS))
    mabei_exchange_keep_cursors (exchange);
  if (exchange->failure != NULL)
    return NULL;
  frame = next_frame (exchange, now_ms);
  if (frame != NULL)
    exchange->bytes_out += g_bytes_get_size (frame);
  return frame;
}

void
mabei_exchange_wake (MabeiExchange *exchange)
{
  exchange->scan_due = TRUE;
}

guint64
mabei_exchange_deadline_ms (MabeiExchange *exchange)
{
  guint64 deadline_ms = exchange->cursors_ms != 0 ? exchange->cursors_ms : G_MAXUINT64;

  for (guint i = 0; i < exchange->mailboxes->len; i++) {
    MabeiMailbox *mailbox = exchange->mailboxes->pdata[i];

    if ((mailbox->state == MABEI_MAILBOX_NEW || mailbox->state == MABEI_MAILBOX_MISSING) && !mailbox->is_closed)
      deadline_ms = MIN (deadline_ms, mailbox->retry_ms);
  }
  if (exchange->hold_ms > exchange->now_ms)
    deadline_ms = MIN (deadline_ms, exchange->hold_ms);
  return deadline_ms == G_MAXUINT64 ? 0 : MAX (deadline_ms, 1);
}

gboolean
mabei_exchange_is_ready (MabeiExchange *exchange)
{
  return exchange->is_ready && exchange->failure == NULL;
}

static gboolean
all_read (MabeiExchange *exchange)
{
  for (guint i = 0; i < exchange->mailboxes->len; i++) {
    MabeiMailbox *mailbox = exchange->mailboxes->pdata[i];

    if (!mailbox->is_read && !mailbox->is_closed && mailbox->state != MABEI_MAILBOX_MISSING &&
        mailbox->state != MABEI_MAILBOX_FAILED)
      return FALSE;
  }
  return TRUE;
}

gboolean
mabei_exchange_is_idle (MabeiExchange *exchange)
{
  if (!mabei_exchange_is_ready (exchange) || exchange->scan_due || exchange->arrivals->len > 0 ||
      g_hash_table_size (exchange->flights) > 0 || exchange->out->length > 0 || mabei_exchange_has_unsent (exchange))
    return FALSE;
  return exchange->is_hub ? all_read (exchange) : exchange->sent_done && exchange->got_done;
}

const guint8 *
mabei_exchange_hub_key (MabeiExchange *exchange)
{
  return exchange->is_hub && exchange->has_hello ? exchange->hub_key : NULL;
}

void
mabei_exchange_counts (MabeiExchange *exchange, guint64 *bytes_in, guint64 *bytes_out, guint *unacknowledged)
{
  if (bytes_in != NULL)
    *bytes_in = exchange->bytes_in;
  if (bytes_out != NULL)
    *bytes_out = exchange->bytes_out;
  if (unacknowledged != NULL)
    *unacknowledged = exchange->n_record_flights;
}

void
mabei_exchange_faults (MabeiExchange *exchange, guint *junk, guint *refused)
{
  if (junk != NULL)
    *junk = exchange->n_junk;
  if (refused != NULL)
    *refused = exchange->n_refused + exchange->n_unopened;
}

gboolean
mabei_exchange_send_live (MabeiExchange *exchange, MabeiSpace *space, gconstpointer data, gsize length)
{
  MabeiFrame frame = {.type = MABEI_FRAME_LIVE};
  g_autoptr (GBytes) blob = NULL;
  MabeiMailbox *mailbox;
  MabeiSecret *secret;
  MabeiId epoch_id;

  if (!mabei_exchange_is_ready (exchange) || exchange->n_live_waiting >= MABEI_EXCHANGE_LIVE_WAITING ||
      !mabei_space_writing_epoch (space, &epoch_id, &secret))
    return FALSE;
  mailbox = g_hash_table_lookup (exchange->mailbox_of_epoch, &epoch_id);
  if (mailbox == NULL || mailbox->state != MABEI_MAILBOX_OPEN)
    return FALSE;
  blob = mabei_envelope_seal (secret, 0, mabei_mailbox_keys_id (mailbox->keys), data, length);
  if (blob == NULL || g_bytes_get_size (blob) > MABEI_LIMIT_LIVE_BYTES)
    return FALSE;
  frame.data = blob;
  mabei_proof_sign_data (&frame, mailbox->keys);
  queue_frame (exchange, &frame)->is_live = TRUE;
  exchange->n_live_waiting++;
  return TRUE;
}
