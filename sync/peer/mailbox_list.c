/* Which mailboxes an exchange reads, what was asked of the hub about them, and how far each was read. */
#include <string.h>

#include "sync/peer/exchange_private.h"
#include "sync/peer/proof.h"

#define CURSOR_BYTES (MABEI_SHORT_ID_BYTES + 8u)

MabeiMailbox *
mabei_exchange_find_mailbox (MabeiExchange *exchange, const MabeiShortId *id)
{
  return g_hash_table_lookup (exchange->mailbox_of, id);
}

void
mabei_mailbox_free (MabeiMailbox *mailbox)
{
  mabei_mailbox_keys_free (mailbox->keys);
  mabei_secret_unref (mailbox->secret);
  g_free (mailbox);
}

/* One item a hub and mailbox: an exchange with another hub starts from zero. */
static char *
cursor_name (MabeiExchange *exchange, const MabeiMailbox *mailbox)
{
  g_autofree char *hub = mabei_hex_encode (exchange->hub_key, sizeof exchange->hub_key);
  g_autofree char *id = mabei_short_id_to_hex (mabei_mailbox_keys_id (mailbox->keys));

  return g_strdup_printf ("cursor/%s/%s", hub, id);
}

/* A cursor counts only with the store epoch that it was read in: a hub that forgot is read from the start. */
static guint64
load_cursor (MabeiExchange *exchange, const MabeiMailbox *mailbox)
{
  g_autofree char *name = cursor_name (exchange, mailbox);
  g_autoptr (GBytes) item = mabei_replica_item (exchange->replica, name);
  const guint8 *data;
  guint64 little;

  if (item == NULL || g_bytes_get_size (item) != CURSOR_BYTES)
    return 0;
  data = g_bytes_get_data (item, NULL);
  if (memcmp (data, exchange->store_epoch.bytes, MABEI_SHORT_ID_BYTES) != 0)
    return 0;
  memcpy (&little, data + MABEI_SHORT_ID_BYTES, sizeof little);
  return GUINT64_FROM_LE (little);
}

gboolean
mabei_exchange_keep_cursors (MabeiExchange *exchange)
{
  for (guint i = 0; i < exchange->mailboxes->len; i++) {
    MabeiMailbox *mailbox = exchange->mailboxes->pdata[i];
    g_autofree char *name = NULL;
    g_autoptr (GBytes) item = NULL;
    guint64 little = GUINT64_TO_LE (mailbox->cursor);
    guint8 data[CURSOR_BYTES];

    if (mailbox->space == NULL || mailbox->cursor == mailbox->kept_cursor)
      continue;
    memcpy (data, exchange->store_epoch.bytes, MABEI_SHORT_ID_BYTES);
    memcpy (data + MABEI_SHORT_ID_BYTES, &little, sizeof little);
    item = g_bytes_new (data, sizeof data);
    name = cursor_name (exchange, mailbox);
    if (!mabei_replica_set_item (exchange->replica, name, item, &exchange->failure))
      return FALSE;
    mailbox->kept_cursor = mailbox->cursor;
  }
  exchange->cursors_ms = 0;
  exchange->n_since_cursors = 0;
  return TRUE;
}

static gboolean
may_create (MabeiExchange *exchange)
{
  MabeiCredential *credential = mabei_replica_credential (exchange->replica);

  return exchange->is_hub && credential != NULL && (credential->rights & MABEI_RIGHT_OPEN_CASES) != 0;
}

static MabeiMailbox *
new_mailbox (MabeiExchange *exchange, MabeiSpace *space, MabeiSecret *secret, MabeiMailboxKeys *keys)
{
  MabeiMailbox *mailbox = g_new0 (MabeiMailbox, 1);

  mailbox->keys = keys;
  mailbox->secret = mabei_secret_ref (secret);
  mailbox->space = space;
  mailbox->create = space != NULL && may_create (exchange);
  mailbox->state = exchange->is_hub ? MABEI_MAILBOX_NEW : MABEI_MAILBOX_OPEN;
  mailbox->was_open = !exchange->is_hub;
  if (space != NULL && exchange->is_hub)
    mailbox->cursor = mailbox->kept_cursor = load_cursor (exchange, mailbox);
  g_ptr_array_add (exchange->mailboxes, mailbox);
  g_hash_table_insert (exchange->mailbox_of, (gpointer) mabei_mailbox_keys_id (mailbox->keys), mailbox);
  return mailbox;
}

MabeiMailbox *
mabei_exchange_add_mailbox (MabeiExchange *exchange, MabeiSpace *space, const MabeiId *epoch_id, MabeiSecret *secret)
{
  MabeiMailbox *mailbox = epoch_id != NULL ? g_hash_table_lookup (exchange->mailbox_of_epoch, epoch_id) : NULL;
  g_autoptr (MabeiMailboxKeys) keys = NULL;

  if (mailbox != NULL)
    return mailbox;
  keys = mabei_mailbox_keys_new (secret, 0);
  mailbox = mabei_exchange_find_mailbox (exchange, mabei_mailbox_keys_id (keys));
  if (mailbox != NULL)
    return mailbox;
  if (exchange->mailboxes->len >= MABEI_LIMIT_MAILBOXES) {
    exchange->n_unopened++;
    return NULL;
  }
  mailbox = new_mailbox (exchange, space, secret, g_steal_pointer (&keys));
  if (epoch_id != NULL) {
    mailbox->epoch_id = *epoch_id;
    g_hash_table_insert (exchange->mailbox_of_epoch, &mailbox->epoch_id, mailbox);
  }
  return mailbox;
}

static void
scan_space (MabeiExchange *exchange, MabeiSpace *space)
{
  g_autoptr (GArray) ids = NULL;
  g_autoptr (GPtrArray) secrets = NULL;
  MabeiSecret *writing;
  MabeiId writing_id;

  /* First the one that is written to, should there be more than fit a connection. */
  if (mabei_space_writing_epoch (space, &writing_id, &writing))
    mabei_exchange_add_mailbox (exchange, space, &writing_id, writing);
  mabei_space_epochs (space, &ids, &secrets);
  for (guint i = 0; i < secrets->len; i++)
    mabei_exchange_add_mailbox (exchange, space, &g_array_index (ids, MabeiId, i), secrets->pdata[i]);
}

void
mabei_exchange_scan_mailboxes (MabeiExchange *exchange)
{
  GPtrArray *cases = mabei_replica_cases (exchange->replica);

  exchange->n_unopened = 0;
  for (guint i = cases->len; i > 0; i--) { /* the newest case first, should there be more than fit */
    GPtrArray *spaces = mabei_case_spaces (cases->pdata[i - 1]);

    for (guint k = 0; k < spaces->len; k++)
      scan_space (exchange, spaces->pdata[k]);
  }
}

static GBytes *
send_request (MabeiExchange *exchange, MabeiMailbox *mailbox)
{
  MabeiFlight *flight = g_new0 (MabeiFlight, 1);
  MabeiFrame frame = {.type = mailbox->create ? MABEI_FRAME_CREATE : MABEI_FRAME_OPEN};

  frame.cursor = mailbox->space != NULL ? mailbox->cursor : 0; /* what is watched is read whole */

  flight->tag = frame.tag = exchange->next_tag++;
  flight->type = mailbox->create ? MABEI_FLIGHT_CREATE : MABEI_FLIGHT_OPEN;
  flight->mailbox = mailbox;
  mailbox->state = mailbox->create ? MABEI_MAILBOX_CREATING : MABEI_MAILBOX_OPENING;
  if (mailbox->create) {
    memcpy (frame.read_key, mabei_mailbox_keys_read_key (mailbox->keys), sizeof frame.read_key);
    memcpy (frame.write_key, mabei_mailbox_keys_write_key (mailbox->keys), sizeof frame.write_key);
  } else {
    mabei_proof_sign_open (&frame, mailbox->keys, exchange->other_salt);
  }
  g_hash_table_insert (exchange->flights, &flight->tag, flight);
  return mabei_frame_encode (&frame);
}

GBytes *
mabei_exchange_next_request (MabeiExchange *exchange, guint64 now_ms)
{
  for (guint i = 0; i < exchange->mailboxes->len; i++) {
    MabeiMailbox *mailbox = exchange->mailboxes->pdata[i];

    if ((mailbox->state == MABEI_MAILBOX_NEW || mailbox->state == MABEI_MAILBOX_MISSING) && !mailbox->is_closed &&
        mailbox->retry_ms <= now_ms)
      return send_request (exchange, mailbox);
  }
  return NULL;
}

void
mabei_exchange_mailbox_opened (MabeiExchange *exchange, MabeiMailbox *mailbox)
{
  GHashTableIter iter;
  gpointer value;

  if (mailbox->state != MABEI_MAILBOX_OPENING)
    return;
  mailbox->state = MABEI_MAILBOX_OPEN;
  mailbox->was_open = TRUE;
  /* A hub answers OPEN by what follows; its tag will not come back. */
  g_hash_table_iter_init (&iter, exchange->flights);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    MabeiFlight *flight = value;

    if (flight->type == MABEI_FLIGHT_OPEN && flight->mailbox == mailbox) {
      g_hash_table_iter_remove (&iter);
      return;
    }
  }
}

void
mabei_exchange_request_answered (MabeiExchange *exchange, const MabeiFlight *flight, guint64 now_ms)
{
  MabeiMailbox *mailbox = flight->mailbox;

  if (flight->type == MABEI_FLIGHT_OPEN) {
    mailbox->state = MABEI_MAILBOX_OPEN;
    mailbox->was_open = TRUE;
    return;
  }
  mailbox->create = FALSE;
  mailbox->state = MABEI_MAILBOX_NEW;
  mailbox->retry_ms = now_ms;
  exchange->patience_ms = MABEI_EXCHANGE_PATIENCE_MS;
}

void
mabei_exchange_request_refused (MabeiExchange *exchange, const MabeiFlight *flight, MabeiRefuse code, guint64 now_ms)
{
  MabeiMailbox *mailbox = flight->mailbox;

  mailbox->state = MABEI_MAILBOX_NEW;
  if (code == MABEI_REFUSE_FULL || code == MABEI_REFUSE_BUSY) {
    mailbox->retry_ms = now_ms + exchange->patience_ms;
    exchange->patience_ms = MIN (2 * exchange->patience_ms, MABEI_EXCHANGE_PATIENCE_MAX_MS);
  } else if (flight->type == MABEI_FLIGHT_CREATE) {
    mailbox->create = FALSE; /* somebody else may have made it */
    mailbox->retry_ms = now_ms;
  } else if (code == MABEI_REFUSE_NOT_FOUND) {
    mailbox->state = MABEI_MAILBOX_MISSING;
    mailbox->retry_ms = now_ms + MABEI_EXCHANGE_MISSING_MS;
    mailbox->create = (mailbox->space != NULL || mailbox->create) && may_create (exchange);
  } else {
    mailbox->state = MABEI_MAILBOX_FAILED;
    exchange->n_refused++;
  }
}

void
mabei_exchange_watch (MabeiExchange *exchange, MabeiSecret *secret, gboolean create)
{
  MabeiMailbox *mailbox = mabei_exchange_add_mailbox (exchange, NULL, NULL, secret);

  if (mailbox == NULL || mailbox->space != NULL)
    return;
  if (mailbox->is_closed) { /* once more from its start */
    mailbox->is_closed = FALSE;
    mailbox->is_read = FALSE;
    mailbox->state = MABEI_MAILBOX_NEW;
  }
  mailbox->create = mailbox->create || (create && mailbox->state == MABEI_MAILBOX_NEW && may_create (exchange));
}

void
mabei_exchange_unwatch (MabeiExchange *exchange, MabeiSecret *secret)
{
  g_autoptr (MabeiMailboxKeys) keys = mabei_mailbox_keys_new (secret, 0);
  MabeiMailbox *mailbox = mabei_exchange_find_mailbox (exchange, mabei_mailbox_keys_id (keys));

  if (mailbox != NULL && mailbox->space == NULL)
    mailbox->is_closed = TRUE;
}
