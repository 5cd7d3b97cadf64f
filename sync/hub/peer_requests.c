#include "sync/hub/peer_private.h"
#include "sync/peer/proof.h"

/* A live message waits for nobody: whoever has this much unread misses it. */
#define LIVE_UNSENT_BYTES (128u * 1024u)
/* What a bad signature costs beside its frame, so that junk is dearer than work. */
#define BAD_SIGNATURE_FRAMES 50.0

static void
refuse_signature (MabeiHubPeer *self, guint64 tag)
{
  mabei_hub_rate_take (&self->device->frames, BAD_SIGNATURE_FRAMES, self->heard_us);
  mabei_hub_peer_refuse (self, tag, MABEI_REFUSE_NOT_ALLOWED);
}

static void
acknowledge (MabeiHubPeer *self, guint64 tag, guint64 position)
{
  MabeiFrame frame = {.type = MABEI_FRAME_ACK, .tag = tag, .position = position};
  mabei_hub_peer_send (self, &frame);
}

/* A failure of the store may have rolled back what others wait for: everybody is told. */
static void
refuse_failed (MabeiHubPeer *self, guint64 tag)
{
  if (!mabei_hub_store_in_transaction (self->shared->store))
    mabei_hub_commit_lost (self->shared->commit);
  mabei_hub_peer_refuse (self, tag, MABEI_REFUSE_FULL);
}

static void
on_create (MabeiHubPeer *self, const MabeiFrame *frame)
{
  MabeiHubShared *shared = self->shared;
  g_autoptr (GError) error = NULL;

  if (!self->may_create) {
    mabei_hub_peer_refuse (self, frame->tag, MABEI_REFUSE_NOT_ALLOWED);
    return;
  }
  if (!shared->has_space (shared->user_data)) {
    mabei_hub_peer_refuse (self, frame->tag, MABEI_REFUSE_FULL);
    return;
  }
  gboolean waiting = mabei_hub_store_in_transaction (shared->store);
  if (!mabei_hub_store_create (shared->store, frame->read_key, frame->write_key, self->device->key,
                               shared->limits.max_mailboxes, shared->limits.max_device_mailboxes, &error)) {
    if (waiting && !mabei_hub_store_in_transaction (shared->store))
      mabei_hub_commit_lost (shared->commit);
    mabei_hub_peer_refuse (self, frame->tag, MABEI_REFUSE_FULL);
    return;
  }
  if (mabei_hub_store_in_transaction (shared->store))
    mabei_hub_commit_add (shared->commit, self, frame->tag, NULL, 0, 0);
  else
    acknowledge (self, frame->tag, 0);
}

static void
on_open (MabeiHubPeer *self, const MabeiFrame *frame)
{
  MabeiHubMailboxRow row;
  MabeiShortId id;

  /* Before any look-up: who has no key learns nothing, not even that there is no such mailbox. */
  if (!mabei_proof_check_open (frame, self->salt, &id)) {
    refuse_signature (self, frame->tag);
    return;
  }
  mabei_hub_commit_now (self->shared->commit);
  if (!mabei_hub_store_find (self->shared->store, &id, &row, NULL))
    mabei_hub_peer_refuse (self, frame->tag, MABEI_REFUSE_NOT_FOUND);
  else if (!mabei_hub_reader_open (self->reader, &row, frame->cursor))
    mabei_hub_peer_refuse (self, frame->tag, MABEI_REFUSE_FULL);
}

/* Everything that can be said without a signature; 0 when nothing speaks against the record. */
static MabeiRefuse
record_check (MabeiHubPeer *self, const MabeiFrame *frame, MabeiHubMailboxRow *row)
{
  gsize length = frame->data != NULL ? g_bytes_get_size (frame->data) : 0;

  if (!mabei_envelope_size_is_valid (length))
    return MABEI_REFUSE_FORMAT;
  if (!mabei_hub_store_find (self->shared->store, &frame->mailbox, row, NULL))
    return MABEI_REFUSE_NOT_FOUND;
  return 0;
}

static void
on_record (MabeiHubPeer *self, const MabeiFrame *frame)
{
  MabeiHubShared *shared = self->shared;
  MabeiHubMailboxRow row;
  MabeiId digest;
  gsize length = 0;

  MabeiRefuse code = record_check (self, frame, &row);
  if (code != 0) {
    mabei_hub_peer_refuse (self, frame->tag, code);
    return;
  }
  gconstpointer data = g_bytes_get_data (frame->data, &length);
  mabei_hash (MABEI_LABEL_HUB_ENVELOPE, &digest, data, length, NULL);
  guint64 position = mabei_hub_store_position (shared->store, row.number, &digest, NULL);
  if (position > 0) {
    shared->metrics.duplicates++;
    if (mabei_hub_store_in_transaction (shared->store))
      mabei_hub_commit_add (shared->commit, self, frame->tag, &row.id, position, 0);
    else
      acknowledge (self, frame->tag, position);
    return;
  }
  if (row.bytes + length > shared->limits.max_mailbox_bytes || !shared->has_space (shared->user_data)) {
    mabei_hub_peer_refuse (self, frame->tag, MABEI_REFUSE_FULL);
    return;
  }
  if (!mabei_proof_check_data (frame, row.write_key)) {
    refuse_signature (self, frame->tag);
    return;
  }
  if (!mabei_hub_store_append (shared->store, &row, &digest, frame->data, frame->signature, NULL)) {
    refuse_failed (self, frame->tag);
    return;
  }
  mabei_hub_commit_add (shared->commit, self, frame->tag, &row.id, row.last, length);
}

/* Forwarded as it came, to whoever else has the mailbox open. Never stored, never answered. */
static void
on_live (MabeiHubPeer *self, const MabeiFrame *frame, GBytes *encoded)
{
  MabeiHubMetrics *metrics = &self->shared->metrics;
  gsize length = frame->data != NULL ? g_bytes_get_size (frame->data) : 0;
  MabeiHubMailbox *mailbox = mabei_hub_mailboxes_find (self->shared->mailboxes, &frame->mailbox);

  if (length > MABEI_LIMIT_LIVE_BYTES) {
    metrics->refused[MABEI_REFUSE_TOO_LARGE]++;
    return;
  }
  if (!mabei_hub_rate_take (&self->device->live, 1, self->heard_us) ||
      !mabei_hub_rate_take (&self->device->live_bytes, (double) length, self->heard_us)) {
    metrics->live_dropped++;
    return;
  }
  if (mailbox == NULL)
    return;
  if (!mabei_proof_check_data (frame, mailbox->write_key)) {
    metrics->refused[MABEI_REFUSE_NOT_ALLOWED]++;
    return;
  }
  for (guint i = 0; i < mailbox->readers->len; i++) {
    MabeiHubReader *reader = g_ptr_array_index (mailbox->readers, i);
    MabeiHubConnection *connection = mabei_hub_reader_connection (reader);
    if (connection == self->connection)
      continue;
    if (mabei_hub_connection_unsent (connection) > LIVE_UNSENT_BYTES) {
      metrics->live_dropped++;
      continue;
    }
    mabei_hub_connection_send (connection, encoded);
    metrics->live++;
  }
}

gboolean
mabei_hub_peer_request (MabeiHubPeer *self, const MabeiFrame *frame, GBytes *encoded)
{
  MabeiFrame pong = {.type = MABEI_FRAME_PONG, .number = frame->number};

  switch (frame->type) {
  case MABEI_FRAME_CREATE:
    on_create (self, frame);
    return TRUE;
  case MABEI_FRAME_OPEN:
    on_open (self, frame);
    return TRUE;
  case MABEI_FRAME_RECORD:
    on_record (self, frame);
    return TRUE;
  case MABEI_FRAME_ACK:
    mabei_hub_reader_acknowledge (self->reader, frame->tag);
    return TRUE;
  case MABEI_FRAME_LIVE:
    on_live (self, frame, encoded);
    return TRUE;
  case MABEI_FRAME_PING:
    mabei_hub_peer_send (self, &pong);
    return TRUE;
  case MABEI_FRAME_REFUSE: /* a record that the client could not use: it does not come to this reader again */
    mabei_hub_reader_acknowledge (self->reader, frame->tag);
    return TRUE;
  case MABEI_FRAME_PONG:
  case MABEI_FRAME_DONE:
    return TRUE;
  case MABEI_FRAME_HELLO:
  case MABEI_FRAME_AUTH:
  case MABEI_FRAME_READY:
  case MABEI_FRAME_HEADS:
    return FALSE;
  }
  return FALSE;
}
