/* Records that came: checked, opened, stored in batches, and only then acknowledged. */
#include "sync/peer/exchange_private.h"

void
mabei_arrival_free (MabeiArrival *arrival)
{
  g_clear_pointer (&arrival->data, g_bytes_unref);
  g_free (arrival);
}

/* The other's credit: what it sent and we did not acknowledge yet. One frame more than the limit is allowed, since a
 * sender may look before it sends and not after. */
static gboolean
take_credit (MabeiExchange *exchange, const MabeiFrame *frame, GError **error)
{
  exchange->n_unsettled++;
  exchange->unsettled_bytes += g_bytes_get_size (frame->data);
  if (exchange->n_unsettled > MABEI_LIMIT_IN_FLIGHT ||
      exchange->unsettled_bytes > MABEI_LIMIT_CREDIT_BYTES + MABEI_LIMIT_FRAME_BYTES)
    return mabei_exchange_fault (error, MABEI_FRAME_ERROR_TOO_LARGE, "the other side sent more than its credit");
  return TRUE;
}

static void
refuse_record (MabeiExchange *exchange, const MabeiFrame *frame)
{
  MabeiFrame refuse = {.type = MABEI_FRAME_REFUSE, .tag = frame->tag, .code = MABEI_REFUSE_NOT_FOUND};

  mabei_exchange_queue_answer (exchange, &refuse, g_bytes_get_size (frame->data));
}

static MabeiMailbox *
find_open_mailbox (MabeiExchange *exchange, const MabeiShortId *id)
{
  MabeiMailbox *mailbox = mabei_exchange_find_mailbox (exchange, id);

  if (mailbox != NULL && exchange->is_hub && mailbox->state != MABEI_MAILBOX_OPENING && !mailbox->was_open)
    return NULL;
  return mailbox;
}

gboolean
mabei_exchange_receive_record (MabeiExchange *exchange, const MabeiFrame *frame, guint64 now_ms, GError **error)
{
  MabeiMailbox *mailbox = find_open_mailbox (exchange, &frame->mailbox);
  MabeiArrival *arrival;

  if (!take_credit (exchange, frame, error))
    return FALSE;
  if (mailbox == NULL && !exchange->is_hub) {
    /* A member may have sent the key of this mailbox just before. */
    mabei_exchange_settle (exchange, now_ms);
    mabei_exchange_scan_mailboxes (exchange);
    mailbox = find_open_mailbox (exchange, &frame->mailbox);
    if (mailbox == NULL) {
      refuse_record (exchange, frame);
      return TRUE;
    }
  }
  if (mailbox == NULL)
    return mabei_exchange_fault (error, MABEI_FRAME_ERROR_FORMAT, "the hub sent from a mailbox that was not opened");
  mabei_exchange_mailbox_opened (exchange, mailbox);
  arrival = g_new0 (MabeiArrival, 1);
  arrival->mailbox = mailbox;
  arrival->tag = frame->tag;
  arrival->position = frame->position;
  arrival->bytes = g_bytes_get_size (frame->data);
  if (!mailbox->is_closed)
    arrival->data = mabei_record_frame_open (mailbox->secret, mailbox->keys, frame);
  if (arrival->data == NULL && !mailbox->is_closed)
    exchange->n_junk++;
  g_ptr_array_add (exchange->arrivals, arrival);
  if (exchange->arrivals->len >= MABEI_EXCHANGE_ARRIVALS)
    mabei_exchange_settle (exchange, now_ms);
  return TRUE;
}

void
mabei_exchange_receive_live (MabeiExchange *exchange, const MabeiFrame *frame)
{
  MabeiMailbox *mailbox = find_open_mailbox (exchange, &frame->mailbox);
  g_autoptr (GBytes) data = NULL;

  if (mailbox == NULL || mailbox->is_closed)
    return;
  data = mabei_record_frame_open (mailbox->secret, mailbox->keys, frame);
  if (data == NULL)
    exchange->n_junk++;
  else if (exchange->listener.live != NULL)
    exchange->listener.live (exchange, mailbox->space, &frame->mailbox, data, exchange->listener.user_data);
}

/* What a member sent, it has. (What a hub sent has its receipt by that.) */
static void
note_sent (MabeiExchange *exchange, GBytes *encoded)
{
  g_autoptr (MabeiChange) change = mabei_change_parse (encoded, NULL);

  if (change != NULL)
    g_hash_table_add (exchange->sent, g_memdup2 (mabei_change_id (change), sizeof (MabeiId)));
}

/* Stores the changes from @from up to @to, all of one space, in one transaction. */
static gboolean
store_changes (MabeiExchange *exchange, GPtrArray *arrivals, guint from, guint to, guint64 now_ms)
{
  MabeiSpace *space = ((MabeiArrival *) arrivals->pdata[from])->mailbox->space;
  g_autoptr (GPtrArray) encoded = g_ptr_array_new ();
  guint n_new = 0, n_refused = 0;

  for (guint i = from; i < to; i++)
    if (((MabeiArrival *) arrivals->pdata[i])->data != NULL)
      g_ptr_array_add (encoded, ((MabeiArrival *) arrivals->pdata[i])->data);
  if (encoded->len == 0)
    return TRUE;
  if (!mabei_replica_receive_many (exchange->replica, space, encoded,
                                   exchange->is_hub ? MABEI_SOURCE_HUB : MABEI_SOURCE_PEER, now_ms, &n_new, &n_refused,
                                   &exchange->failure))
    return FALSE;
  exchange->n_junk += n_refused;
  exchange->scan_due = exchange->scan_due || n_new > 0;
  for (guint i = 0; i < encoded->len && !exchange->is_hub; i++)
    note_sent (exchange, encoded->pdata[i]);
  return TRUE;
}

static void
deliver (MabeiExchange *exchange, const MabeiArrival *arrival)
{
  if (arrival->data != NULL && !arrival->mailbox->is_closed && exchange->listener.record != NULL)
    exchange->listener.record (exchange, mabei_mailbox_keys_id (arrival->mailbox->keys), arrival->data,
                               exchange->listener.user_data);
}

static void
acknowledge (MabeiExchange *exchange, const MabeiArrival *arrival, guint64 now_ms)
{
  MabeiFrame ack = {.type = MABEI_FRAME_ACK, .tag = arrival->tag, .position = arrival->position};

  arrival->mailbox->cursor = arrival->position;
  mabei_exchange_queue_answer (exchange, &ack, arrival->bytes);
  if (!exchange->is_hub)
    return;
  if (exchange->cursors_ms == 0)
    exchange->cursors_ms = now_ms + MABEI_EXCHANGE_CURSOR_MS;
  exchange->n_since_cursors++;
}

void
mabei_exchange_settle (MabeiExchange *exchange, guint64 now_ms)
{
  g_autoptr (GPtrArray) arrivals = NULL;
  guint to;

  if (exchange->arrivals->len == 0 || exchange->failure != NULL)
    return;
  /* Listeners may call back: what comes meanwhile is another batch. */
  arrivals = g_steal_pointer (&exchange->arrivals);
  exchange->arrivals = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_arrival_free);
  for (guint from = 0; from < arrivals->len; from = to) {
    MabeiSpace *space = ((MabeiArrival *) arrivals->pdata[from])->mailbox->space;

    for (to = from; to < arrivals->len && ((MabeiArrival *) arrivals->pdata[to])->mailbox->space == space; to++)
      if (space == NULL)
        deliver (exchange, arrivals->pdata[to]);
    if (space != NULL && !store_changes (exchange, arrivals, from, to, now_ms))
      return; /* not stored: not acknowledged; it comes again on the next connection */
    for (guint i = from; i < to; i++)
      acknowledge (exchange, arrivals->pdata[i], now_ms);
  }
  mabei_exchange_progress (exchange);
}
