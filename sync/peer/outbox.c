/* Records that go: in order, many in flight, never more than the credit, until each is acknowledged. */
#include "sync/peer/exchange_private.h"

void
mabei_route_free (MabeiRoute *route)
{
  g_ptr_array_unref (route->queue);
  g_array_unref (route->known);
  g_array_unref (route->offered);
  g_free (route);
}

void
mabei_flight_free (MabeiFlight *flight)
{
  g_clear_pointer (&flight->frame, g_bytes_unref);
  g_free (flight);
}

MabeiRoute *
mabei_exchange_route (MabeiExchange *exchange, MabeiSpace *space)
{
  MabeiRoute *route;

  for (guint i = 0; i < exchange->routes->len; i++) {
    route = exchange->routes->pdata[i];
    if (route->space == space)
      return route;
  }
  route = g_new0 (MabeiRoute, 1);
  route->space = space;
  route->queue = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_change_unref);
  route->known = g_array_new (FALSE, FALSE, sizeof (MabeiId));
  route->offered = g_array_new (FALSE, FALSE, sizeof (MabeiId));
  g_ptr_array_add (exchange->routes, route);
  return route;
}

static void
fill_from_outbox (MabeiExchange *exchange, MabeiRoute *route)
{
  g_autoptr (GPtrArray) outbox = mabei_replica_outbox (exchange->replica, route->space);

  g_ptr_array_set_size (route->queue, 0);
  route->at = 0;
  for (guint i = 0; i < outbox->len; i++)
    if (!g_hash_table_contains (exchange->sent, mabei_change_id (outbox->pdata[i])))
      g_ptr_array_add (route->queue, mabei_change_ref (outbox->pdata[i]));
}

void
mabei_exchange_fill_routes (MabeiExchange *exchange)
{
  GPtrArray *cases = mabei_replica_cases (exchange->replica);

  for (guint i = 0; i < cases->len; i++) {
    GPtrArray *spaces = mabei_case_spaces (cases->pdata[i]);

    for (guint k = 0; k < spaces->len; k++) {
      MabeiRoute *route = mabei_exchange_route (exchange, spaces->pdata[k]);

      if (exchange->is_hub)
        fill_from_outbox (exchange, route);
      else
        mabei_exchange_member_fill (exchange, route);
    }
  }
}

static gboolean
has_credit (MabeiExchange *exchange, gsize bytes)
{
  return exchange->n_record_flights < MABEI_LIMIT_IN_FLIGHT &&
         exchange->flight_bytes + bytes <= MABEI_LIMIT_CREDIT_BYTES;
}

static void
take_off (MabeiExchange *exchange, MabeiFlight *flight, gsize bytes)
{
  flight->bytes = bytes;
  exchange->flight_bytes += bytes;
  exchange->n_record_flights++;
  g_hash_table_insert (exchange->flights, &flight->tag, flight);
}

/* A post in a mailbox that is being made waits for it. */
static GBytes *
next_post (MabeiExchange *exchange)
{
  for (GList *at = exchange->posts->head; at != NULL; at = at->next) {
    MabeiFlight *flight = at->data;
    gsize bytes = g_bytes_get_size (flight->frame);

    if (flight->mailbox != NULL && flight->mailbox->state != MABEI_MAILBOX_OPEN &&
        flight->mailbox->state != MABEI_MAILBOX_FAILED)
      continue;
    if (!has_credit (exchange, bytes))
      return NULL;
    g_queue_delete_link (exchange->posts, at);
    take_off (exchange, flight, bytes);
    return g_bytes_ref (flight->frame);
  }
  return NULL;
}

static MabeiMailbox *
mailbox_for (MabeiExchange *exchange, MabeiSpace *space, MabeiChange *change)
{
  MabeiId epoch_id;
  MabeiSecret *secret;
  MabeiMailbox *mailbox;

  if (!mabei_record_frame_route (space, change, &epoch_id, &secret))
    return NULL;
  mailbox = mabei_exchange_add_mailbox (exchange, space, &epoch_id, secret);
  return mailbox != NULL && mailbox->state == MABEI_MAILBOX_OPEN ? mailbox : NULL;
}

static GBytes *
send_change (MabeiExchange *exchange, MabeiRoute *route, MabeiMailbox *mailbox, MabeiChange *change)
{
  const MabeiId *id = mabei_change_id (change);
  MabeiFlight *flight = g_new0 (MabeiFlight, 1);
  gsize length;
  gconstpointer data = g_bytes_get_data (mabei_change_encoded (change), &length);
  GBytes *frame;

  flight->tag = exchange->next_tag++;
  flight->type = MABEI_FLIGHT_CHANGE;
  flight->mailbox = mailbox;
  flight->route = route;
  flight->change = *id;
  frame = mabei_record_frame_seal (mailbox->secret, mailbox->keys, flight->tag, data, length);
  g_assert (frame != NULL); /* a change of 64 KiB fits the largest envelope */
  g_hash_table_add (exchange->sent, g_memdup2 (id, sizeof *id));
  route->n_in_flight++;
  take_off (exchange, flight, g_bytes_get_size (frame));
  return frame;
}

/* The first change of the queue whose mailbox is open; what lies in a closed one stays where it is. */
static GBytes *
next_of_route (MabeiExchange *exchange, MabeiRoute *route)
{
  for (guint i = route->at; i < route->queue->len; i++) {
    g_autoptr (MabeiChange) change = NULL;
    MabeiMailbox *mailbox;
    GBytes *frame;

    if (route->queue->pdata[i] == NULL)
      continue;
    mailbox = mailbox_for (exchange, route->space, route->queue->pdata[i]);
    if (mailbox == NULL)
      continue;
    change = mabei_change_ref (route->queue->pdata[i]);
    frame = send_change (exchange, route, mailbox, change);
    mabei_change_unref (route->queue->pdata[i]);
    route->queue->pdata[i] = NULL;
    while (route->at < route->queue->len && route->queue->pdata[route->at] == NULL)
      route->at++;
    return frame;
  }
  return NULL;
}

GBytes *
mabei_exchange_next_record (MabeiExchange *exchange, guint64 now_ms)
{
  GBytes *frame;

  if (exchange->hold_ms > now_ms)
    return NULL;
  frame = next_post (exchange);
  if (frame != NULL || !has_credit (exchange, MABEI_LIMIT_FRAME_BYTES))
    return frame;
  for (guint i = 0; i < exchange->routes->len && frame == NULL; i++)
    frame = next_of_route (exchange, exchange->routes->pdata[i]);
  return frame;
}

gboolean
mabei_exchange_has_unsent (MabeiExchange *exchange)
{
  for (guint i = 0; i < exchange->routes->len; i++) {
    MabeiRoute *route = exchange->routes->pdata[i];

    if (route->at < route->queue->len)
      return TRUE;
  }
  return !g_queue_is_empty (exchange->posts);
}

/* Takes the flight of @tag out; NULL when there is none. */
static MabeiFlight *
land (MabeiExchange *exchange, guint64 tag)
{
  gpointer value = NULL;
  MabeiFlight *flight;

  if (!g_hash_table_steal_extended (exchange->flights, &tag, NULL, &value))
    return NULL;
  flight = value;
  if (flight->type == MABEI_FLIGHT_CHANGE || flight->type == MABEI_FLIGHT_POST) {
    exchange->flight_bytes -= flight->bytes;
    exchange->n_record_flights--;
  }
  if (flight->type == MABEI_FLIGHT_CHANGE)
    flight->route->n_in_flight--;
  return flight;
}

static void
tell_posted (MabeiExchange *exchange, guint64 tag, gboolean stored)
{
  if (exchange->listener.posted != NULL)
    exchange->listener.posted (exchange, tag, stored, exchange->listener.user_data);
}

gboolean
mabei_exchange_receive_ack (MabeiExchange *exchange, const MabeiFrame *frame, guint64 now_ms, GError **error)
{
  MabeiFlight *flight = land (exchange, frame->tag);

  if (flight == NULL) /* an OPEN that was answered by its records already, or nothing that was asked */
    return frame->tag < exchange->next_tag ||
           mabei_exchange_fault (error, MABEI_FRAME_ERROR_FORMAT, "the other side acknowledged what was not sent");
  if (flight->type == MABEI_FLIGHT_POST) {
    tell_posted (exchange, flight->tag, TRUE);
  } else if (flight->type == MABEI_FLIGHT_CHANGE) {
    exchange->patience_ms = MABEI_EXCHANGE_PATIENCE_MS;
    if (!exchange->is_hub)
      mabei_exchange_member_landed (exchange, flight->route);
    else if (mabei_replica_set_receipt (exchange->replica, flight->route->space, &flight->change, &exchange->failure))
      g_hash_table_remove (exchange->sent, &flight->change); /* its receipt keeps it out of the outbox */
    mabei_exchange_progress (exchange);
  } else {
    mabei_exchange_request_answered (exchange, flight, now_ms);
  }
  mabei_flight_free (flight);
  return TRUE;
}

static void
refuse_change (MabeiExchange *exchange, const MabeiFlight *flight, MabeiRefuse code, guint64 now_ms)
{
  if (code == MABEI_REFUSE_NOT_FOUND && exchange->is_hub) {
    flight->mailbox->state = MABEI_MAILBOX_MISSING;
    flight->mailbox->retry_ms = now_ms + MABEI_EXCHANGE_MISSING_MS;
    flight->mailbox->is_read = FALSE;
    flight->mailbox->create = FALSE;
  } else if (code != MABEI_REFUSE_FULL && code != MABEI_REFUSE_BUSY) {
    exchange->n_refused++;
    flight->route->is_refused = TRUE;
    if (!exchange->is_hub)
      mabei_exchange_member_landed (exchange, flight->route);
    return;
  }
  g_hash_table_remove (exchange->sent, &flight->change);
  exchange->scan_due = TRUE;
}

gboolean
mabei_exchange_receive_refuse (MabeiExchange *exchange, const MabeiFrame *frame, guint64 now_ms, GError **error)
{
  gboolean later = frame->code == MABEI_REFUSE_FULL || frame->code == MABEI_REFUSE_BUSY;
  MabeiFlight *flight;

  if (frame->tag == 0)
    return mabei_exchange_fault (error, MABEI_FRAME_ERROR_FORMAT,
                                 frame->code == MABEI_REFUSE_NOT_ALLOWED ? "the hub does not accept this device"
                                 : later                                 ? "the hub is busy"
                                                                         : "the hub closed the exchange");
  flight = land (exchange, frame->tag);
  if (flight == NULL)
    return frame->tag < exchange->next_tag ||
           mabei_exchange_fault (error, MABEI_FRAME_ERROR_FORMAT, "the other side refused what was not sent");
  if (flight->type == MABEI_FLIGHT_CREATE || flight->type == MABEI_FLIGHT_OPEN) {
    mabei_exchange_request_refused (exchange, flight, frame->code, now_ms);
    mabei_flight_free (flight);
    return TRUE;
  }
  if (later) {
    exchange->hold_ms = now_ms + exchange->patience_ms;
    exchange->patience_ms = MIN (2 * exchange->patience_ms, MABEI_EXCHANGE_PATIENCE_MAX_MS);
  }
  if (flight->type == MABEI_FLIGHT_POST && later) {
    g_queue_push_tail (exchange->posts, flight);
    return TRUE;
  }
  if (flight->type == MABEI_FLIGHT_POST)
    tell_posted (exchange, flight->tag, FALSE);
  else
    refuse_change (exchange, flight, frame->code, now_ms);
  mabei_flight_free (flight);
  return TRUE;
}

guint64
mabei_exchange_post (MabeiExchange *exchange, MabeiSecret *secret, gconstpointer data, gsize length)
{
  g_autoptr (MabeiMailboxKeys) keys = mabei_mailbox_keys_new (secret, 0);
  g_autoptr (GBytes) frame = mabei_record_frame_seal (secret, keys, exchange->next_tag, data, length);
  MabeiFlight *flight;

  g_return_val_if_fail (frame != NULL, 0);
  flight = g_new0 (MabeiFlight, 1);
  flight->tag = exchange->next_tag++;
  flight->type = MABEI_FLIGHT_POST;
  flight->mailbox = mabei_exchange_find_mailbox (exchange, mabei_mailbox_keys_id (keys));
  flight->frame = g_steal_pointer (&frame);
  g_queue_push_tail (exchange->posts, flight);
  return flight->tag;
}
