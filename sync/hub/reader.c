#include "sync/hub/reader.h"

#include <string.h>

#include "sync/hub/log.h"
#include "sync/peer/frame.h"

#define RECORDS_A_TURN 64u    /* of the main loop */
#define RECORDS_A_MAILBOX 16u /* then the next one has its turn */

typedef struct {
  MabeiHubMailbox *mailbox;
  guint64 cursor; /* last position sent */
  gboolean done;  /* DONE was sent */
} Open;

typedef struct {
  guint64 tag;
  gsize bytes;
} Sent;

struct _MabeiHubReader {
  MabeiHubStore *store;
  MabeiHubMailboxes *mailboxes;
  MabeiHubMetrics *metrics;
  MabeiHubConnection *connection;
  GArray *open; /* Open */
  guint turn;   /* whose turn it is */
  GArray *sent; /* Sent, not acknowledged, oldest first */
  gsize sent_bytes;
  guint64 next_tag;
  GSource *source; /* there is work */
};

typedef struct {
  MabeiHubReader *reader;
  Open *open;
  guint left;
} Batch;

static gboolean
reader_has_room (MabeiHubReader *self)
{
  return mabei_hub_connection_is_open (self->connection) && self->sent->len < MABEI_LIMIT_IN_FLIGHT &&
         self->sent_bytes < MABEI_LIMIT_CREDIT_BYTES &&
         mabei_hub_connection_unsent (self->connection) < MABEI_HUB_UNREAD_BYTES;
}

static gboolean
send_record (guint64 position,
             const guint8 *envelope,
             gsize length,
             const guint8 signature[MABEI_SIGNATURE_BYTES],
             gpointer user_data)
{
  Batch *batch = user_data;
  MabeiHubReader *self = batch->reader;
  MabeiFrame frame = {.type = MABEI_FRAME_RECORD, .tag = self->next_tag++, .position = position};
  g_autoptr (GBytes) data = g_bytes_new_static (envelope, length);
  Sent sent = {frame.tag, length};

  frame.mailbox = batch->open->mailbox->id;
  frame.data = data;
  memcpy (frame.signature, signature, sizeof frame.signature);
  g_autoptr (GBytes) bytes = mabei_frame_encode (&frame);
  mabei_hub_connection_send (self->connection, bytes);
  g_array_append_val (self->sent, sent);
  self->sent_bytes += length;
  batch->open->cursor = position;
  self->metrics->sent++;
  batch->left--;
  return batch->left > 0 && reader_has_room (self);
}

static gboolean
open_has_work (const Open *open)
{
  return open->cursor < open->mailbox->committed || !open->done;
}

static void
reader_serve (MabeiHubReader *self, Open *open, Batch *batch)
{
  g_autoptr (GError) error = NULL;

  if (open->cursor < open->mailbox->committed) {
    guint64 before = open->cursor;
    batch->open = open;
    if (!mabei_hub_store_read (self->store, open->mailbox->number, open->cursor, open->mailbox->committed, send_record,
                               batch, &error) ||
        open->cursor == before) {
      /* A page that cannot be read: the client comes again, the operator is told. */
      mabei_hub_log ("error", "read-failed", "code=%d", error != NULL ? error->code : 0);
      mabei_hub_connection_close (self->connection);
      return;
    }
  }
  if (open->cursor >= open->mailbox->committed && !open->done) {
    MabeiFrame frame = {.type = MABEI_FRAME_DONE, .mailbox = open->mailbox->id};
    g_autoptr (GBytes) bytes = mabei_frame_encode (&frame);
    mabei_hub_connection_send (self->connection, bytes);
    open->done = TRUE;
  }
}

static gboolean
on_work (gpointer user_data)
{
  MabeiHubReader *self = user_data;
  guint total = RECORDS_A_TURN;
  guint idle = 0;

  while (idle < self->open->len && total > 0) {
    if (!reader_has_room (self)) {
      /* An acknowledgement, or the kernel, wakes it. */
      g_clear_pointer (&self->source, g_source_unref);
      return G_SOURCE_REMOVE;
    }
    self->turn = (self->turn + 1) % self->open->len;
    Open *open = &g_array_index (self->open, Open, self->turn);
    if (!open_has_work (open)) {
      idle++;
      continue;
    }
    Batch batch = {self, open, MIN (total, RECORDS_A_MAILBOX)};
    guint given = batch.left;
    reader_serve (self, open, &batch);
    total -= given - batch.left;
    idle = 0;
  }
  if (total == 0)
    return G_SOURCE_CONTINUE;
  g_clear_pointer (&self->source, g_source_unref);
  return G_SOURCE_REMOVE;
}

void
mabei_hub_reader_wake (MabeiHubReader *self)
{
  if (self->source != NULL || self->open->len == 0)
    return;
  self->source = g_idle_source_new ();
  g_source_set_priority (self->source, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->source, on_work, self, NULL);
  g_source_attach (self->source, g_main_context_get_thread_default ());
}

gboolean
mabei_hub_reader_open (MabeiHubReader *self, const MabeiHubMailboxRow *row, guint64 cursor)
{
  Open *open = NULL;

  for (guint i = 0; i < self->open->len && open == NULL; i++)
    if (mabei_short_id_equal (&g_array_index (self->open, Open, i).mailbox->id, &row->id))
      open = &g_array_index (self->open, Open, i);
  if (open == NULL) {
    if (self->open->len >= MABEI_LIMIT_MAILBOXES)
      return FALSE;
    Open fresh = {.mailbox = mabei_hub_mailboxes_join (self->mailboxes, row, self)};
    g_array_append_val (self->open, fresh);
    open = &g_array_index (self->open, Open, self->open->len - 1);
  }
  /* A cursor beyond the end comes from another life of this store (a file copied back): read all of it again. */
  open->cursor = cursor <= open->mailbox->committed ? cursor : 0;
  open->done = FALSE;
  mabei_hub_reader_wake (self);
  return TRUE;
}

void
mabei_hub_reader_acknowledge (MabeiHubReader *self, guint64 tag)
{
  for (guint i = 0; i < self->sent->len; i++) {
    if (g_array_index (self->sent, Sent, i).tag != tag)
      continue;
    self->sent_bytes -= g_array_index (self->sent, Sent, i).bytes;
    g_array_remove_index (self->sent, i);
    mabei_hub_reader_wake (self);
    return;
  }
}

MabeiHubConnection *
mabei_hub_reader_connection (MabeiHubReader *self)
{
  return self->connection;
}

MabeiHubReader *
mabei_hub_reader_new (MabeiHubStore *store,
                      MabeiHubMailboxes *mailboxes,
                      MabeiHubMetrics *metrics,
                      MabeiHubConnection *connection)
{
  MabeiHubReader *self = g_new0 (MabeiHubReader, 1);
  self->store = store;
  self->mailboxes = mailboxes;
  self->metrics = metrics;
  self->connection = connection;
  self->open = g_array_new (FALSE, FALSE, sizeof (Open));
  self->sent = g_array_new (FALSE, FALSE, sizeof (Sent));
  self->next_tag = 1;
  return self;
}

void
mabei_hub_reader_free (MabeiHubReader *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->open->len; i++)
    mabei_hub_mailboxes_leave (self->mailboxes, g_array_index (self->open, Open, i).mailbox, self);
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  g_array_unref (self->open);
  g_array_unref (self->sent);
  g_free (self);
}
