/* The handshake with a hub, and what only a hub says. */
#include <string.h>

#include "sync/peer/exchange_private.h"
#include "sync/peer/proof.h"

#define RECEIPTS_ITEM "receipts-of"

static gboolean
hub_hello (MabeiExchange *exchange, const MabeiFrame *frame, guint64 now_ms, GError **error)
{
  MabeiCredential *credential = mabei_replica_credential (exchange->replica);
  MabeiFrame auth = {.type = MABEI_FRAME_AUTH};

  if (exchange->has_hello)
    return mabei_exchange_fault (error, MABEI_FRAME_ERROR_FORMAT, "the hub greeted twice");
  if (exchange->has_pin && memcmp (exchange->pin, frame->key, sizeof exchange->pin) != 0)
    return mabei_exchange_fault (error, MABEI_FRAME_ERROR_FORMAT, "this is not the hub that was registered");
  exchange->has_hello = TRUE;
  memcpy (exchange->hub_key, frame->key, sizeof exchange->hub_key);
  memcpy (exchange->other_salt, frame->salt, sizeof exchange->other_salt);
  if (credential != NULL)
    auth.credential = credential->encoded;
  mabei_proof_sign_auth (&auth, mabei_replica_keys (exchange->replica)->device, exchange->other_salt, exchange->hub_key,
                         now_ms);
  mabei_exchange_queue (exchange, &auth);
  return TRUE;
}

/* Receipts are of one store of one hub. Of another one, or of one that forgot, they say nothing: everything is sent
 * again. First the receipts go, then the note: cut in between, it is done once more. */
static gboolean
check_receipts (MabeiExchange *exchange)
{
  guint8 data[32 + MABEI_SHORT_ID_BYTES];
  g_autoptr (GBytes) kept = mabei_replica_item (exchange->replica, RECEIPTS_ITEM);
  g_autoptr (GBytes) now = NULL;

  memcpy (data, exchange->hub_key, 32);
  memcpy (data + 32, exchange->store_epoch.bytes, MABEI_SHORT_ID_BYTES);
  now = g_bytes_new (data, sizeof data);
  if (kept != NULL && g_bytes_equal (kept, now))
    return TRUE;
  /* Before the first hub nothing can have been lost (the genesis of a WELCOME counts as sent). */
  return (kept == NULL || mabei_replica_reset_receipts (exchange->replica, &exchange->failure)) &&
         mabei_replica_set_item (exchange->replica, RECEIPTS_ITEM, now, &exchange->failure);
}

static gboolean
hub_ready (MabeiExchange *exchange, const MabeiFrame *frame, GError **error)
{
  if (!exchange->has_hello || exchange->is_ready)
    return mabei_exchange_fault (error, MABEI_FRAME_ERROR_FORMAT, "the hub was ready at a wrong time");
  if (!mabei_proof_check_ready (frame, exchange->hub_key, exchange->salt, exchange->other_salt))
    return mabei_exchange_fault (error, MABEI_FRAME_ERROR_FORMAT, "the hub could not prove its key");
  exchange->store_epoch = frame->store_epoch;
  if (!check_receipts (exchange))
    return TRUE; /* the failure is told by who called */
  exchange->is_ready = TRUE;
  exchange->scan_due = TRUE;
  mabei_exchange_progress (exchange);
  return TRUE;
}

static gboolean
hub_done (MabeiExchange *exchange, const MabeiFrame *frame, guint64 now_ms, GError **error)
{
  MabeiMailbox *mailbox = mabei_exchange_find_mailbox (exchange, &frame->mailbox);

  if (mailbox == NULL || (mailbox->state != MABEI_MAILBOX_OPENING && mailbox->state != MABEI_MAILBOX_OPEN))
    return mabei_exchange_fault (error, MABEI_FRAME_ERROR_FORMAT, "the hub finished a mailbox that was not opened");
  mabei_exchange_mailbox_opened (exchange, mailbox);
  mailbox->is_read = TRUE;
  exchange->cursors_ms = now_ms; /* at the next opportunity */
  mabei_exchange_progress (exchange);
  return TRUE;
}

gboolean
mabei_exchange_hub_receive (MabeiExchange *exchange, const MabeiFrame *frame, guint64 now_ms, GError **error)
{
  if (frame->type == MABEI_FRAME_HELLO)
    return hub_hello (exchange, frame, now_ms, error);
  if (frame->type == MABEI_FRAME_READY)
    return hub_ready (exchange, frame, error);
  if (frame->type == MABEI_FRAME_DONE && exchange->is_ready)
    return hub_done (exchange, frame, now_ms, error);
  return mabei_exchange_fault (error, MABEI_FRAME_ERROR_FORMAT, "the hub sent what a hub does not send");
}
