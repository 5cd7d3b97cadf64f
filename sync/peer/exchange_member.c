/* Between members: each tells its heads of the spaces that both are in, and sends what the other lacks. */
#include <string.h>

#include "sync/peer/exchange_private.h"

static gboolean
shares (MabeiExchange *exchange, MabeiSpace *space)
{
  g_autoptr (GPtrArray) members = mabei_space_members (space);

  for (guint i = 0; i < members->len; i++)
    if (mabei_short_id_equal (&((const MabeiMember *) members->pdata[i])->device, &exchange->device))
      return TRUE;
  return FALSE;
}

static gboolean
member_hello (MabeiExchange *exchange, const MabeiFrame *frame, GError **error)
{
  int order = memcmp (exchange->salt, frame->salt, sizeof exchange->salt);

  if (exchange->has_hello || order == 0)
    return mabei_exchange_fault (error, MABEI_FRAME_ERROR_FORMAT,
                                 order == 0 ? "the other side is an echo" : "the other side greeted twice");
  exchange->has_hello = exchange->is_ready = exchange->scan_due = TRUE;
  memcpy (exchange->other_salt, frame->salt, sizeof exchange->other_salt);
  memcpy (exchange->salts, order < 0 ? exchange->salt : frame->salt, 32);
  memcpy (exchange->salts + 32, order < 0 ? frame->salt : exchange->salt, 32);
  mabei_exchange_progress (exchange);
  return TRUE;
}

/* Kept until the space is known here: its key, or the news that the other is in it, may come later. */
static gboolean
member_heads (MabeiExchange *exchange, const MabeiFrame *frame, GError **error)
{
  MabeiFrame *kept;

  if (mabei_short_id_is_zero (&frame->mailbox)) {
    exchange->got_heads = TRUE;
    return TRUE;
  }
  if (g_hash_table_size (exchange->heads_of) >= MABEI_LIMIT_MAILBOXES)
    return mabei_exchange_fault (error, MABEI_FRAME_ERROR_TOO_LARGE, "the other side offers too many spaces");
  kept = g_memdup2 (frame, sizeof *frame);
  kept->credential = kept->data = NULL;
  g_hash_table_replace (exchange->heads_of, &kept->mailbox, kept);
  exchange->scan_due = TRUE;
  return TRUE;
}

gboolean
mabei_exchange_member_receive (MabeiExchange *exchange, const MabeiFrame *frame, GError **error)
{
  if (frame->type == MABEI_FRAME_HELLO)
    return member_hello (exchange, frame, error);
  if (frame->type == MABEI_FRAME_HEADS && exchange->is_ready)
    return member_heads (exchange, frame, error);
  if (frame->type == MABEI_FRAME_DONE && exchange->is_ready) {
    exchange->got_done = TRUE;
    mabei_exchange_progress (exchange);
    return TRUE;
  }
  return mabei_exchange_fault (error, MABEI_FRAME_ERROR_FORMAT, "the other side sent what a member does not send");
}

static void
offer_heads (MabeiExchange *exchange, MabeiMailbox *mailbox)
{
  g_autoptr (GArray) heads = mabei_graph_heads (mabei_space_graph (mailbox->space));
  MabeiFrame frame = {.type = MABEI_FRAME_HEADS, .mailbox = *mabei_mailbox_keys_id (mailbox->keys)};

  /* More than fit are left out: the other then sends some of what is here already. */
  frame.n_heads = MIN (heads->len, G_N_ELEMENTS (frame.heads));
  for (guint i = 0; i < frame.n_heads; i++)
    mabei_record_frame_salted_head (exchange->salts, &g_array_index (heads, MabeiId, i), frame.heads[i]);
  mailbox->is_offered = TRUE;
  mabei_exchange_queue (exchange, &frame);
}

/* A newcomer holds the key of a caucus before he has its EPOCH, and cannot know yet who else is in it: to who names its
 * mailbox he says that he has nothing of it. */
static gboolean
is_asked_for (MabeiExchange *exchange, MabeiMailbox *mailbox)
{
  return mabei_graph_n_complete (mabei_space_graph (mailbox->space)) == 0 &&
         g_hash_table_contains (exchange->heads_of, mabei_mailbox_keys_id (mailbox->keys));
}

void
mabei_exchange_member_offer (MabeiExchange *exchange)
{
  MabeiFrame end = {.type = MABEI_FRAME_HEADS};

  for (guint i = 0; i < exchange->mailboxes->len; i++) {
    MabeiMailbox *mailbox = exchange->mailboxes->pdata[i];

    if (mailbox->space != NULL && !mailbox->is_offered &&
        (shares (exchange, mailbox->space) || is_asked_for (exchange, mailbox)))
      offer_heads (exchange, mailbox);
  }
  if (!exchange->sent_heads)
    mabei_exchange_queue (exchange, &end);
  exchange->sent_heads = TRUE;
}

static void
keep_peer_heads (MabeiExchange *exchange, MabeiRoute *route)
{
  mabei_replica_set_peer_heads (exchange->replica, route->space, &exchange->device,
                                (const MabeiId *) route->known->data, route->known->len, exchange->now_ms,
                                &exchange->failure);
}

/* The same heads come under every epoch's mailbox that the other holds: one of them is enough. */
static void
find_heads (MabeiExchange *exchange, MabeiRoute *route)
{
  for (guint i = 0; i < exchange->mailboxes->len && !route->is_shared; i++) {
    MabeiMailbox *mailbox = exchange->mailboxes->pdata[i];
    MabeiFrame *frame = mailbox->space == route->space
                            ? g_hash_table_lookup (exchange->heads_of, mabei_mailbox_keys_id (mailbox->keys))
                            : NULL;

    if (frame == NULL)
      continue;
    g_array_unref (route->known);
    route->known = mabei_record_frame_recognise (route->space, exchange->salts, (const guint8 (*)[8]) frame->heads,
                                                 frame->n_heads);
    route->is_shared = TRUE;
    if (route->known->len > 0)
      keep_peer_heads (exchange, route);
  }
}

void
mabei_exchange_member_landed (MabeiExchange *exchange, MabeiRoute *route)
{
  if (route->n_in_flight > 0 || route->at < route->queue->len || route->is_refused)
    return;
  g_array_set_size (route->known, 0);
  g_array_append_vals (route->known, route->offered->data, route->offered->len);
  keep_peer_heads (exchange, route);
  exchange->scan_due = TRUE;
}

void
mabei_exchange_member_fill (MabeiExchange *exchange, MabeiRoute *route)
{
  g_autoptr (GPtrArray) after = NULL;
  MabeiGraph *graph = mabei_space_graph (route->space);

  if (route->n_in_flight > 0 || route->at < route->queue->len || !shares (exchange, route->space))
    return; /* it is filled again when it has run empty */
  find_heads (exchange, route);
  if (!route->is_shared)
    return;
  g_ptr_array_set_size (route->queue, 0);
  route->at = 0;
  g_array_unref (route->offered);
  route->offered = mabei_graph_heads (graph);
  after = mabei_graph_after (graph, (const MabeiId *) route->known->data, route->known->len);
  for (guint i = 0; i < after->len; i++)
    if (!g_hash_table_contains (exchange->sent, mabei_change_id (after->pdata[i])))
      g_ptr_array_add (route->queue, mabei_change_ref (after->pdata[i]));
  if (route->queue->len == 0 && after->len > 0 && !route->is_refused) {
    /* All of it came from the other. */
    g_array_set_size (route->known, 0);
    g_array_append_vals (route->known, route->offered->data, route->offered->len);
    keep_peer_heads (exchange, route);
  }
}

void
mabei_exchange_member_finish (MabeiExchange *exchange)
{
  MabeiFrame done = {.type = MABEI_FRAME_DONE};

  if (exchange->sent_done || !exchange->got_heads || !exchange->sent_heads || exchange->scan_due ||
      g_hash_table_size (exchange->flights) > 0 || mabei_exchange_has_unsent (exchange))
    return;
  exchange->sent_done = TRUE;
  mabei_exchange_queue (exchange, &done);
}
