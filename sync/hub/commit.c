#include "sync/hub/commit.h"

#include "sync/hub/log.h"

typedef struct {
  gpointer author; /* NULL: gone */
  guint64 tag;
  gboolean is_record;
  MabeiShortId mailbox;
  guint64 position;
  gsize bytes;
} Item;

struct _MabeiHubCommit {
  MabeiHubStore *store;
  MabeiHubMailboxes *mailboxes;
  MabeiHubMetrics *metrics;
  const MabeiHubCommitListener *listener;
  GArray *items; /* Item, in the open transaction */
  gboolean healthy;
  GSource *idle;     /* commits when nothing else is to do */
  GSource *deadline; /* commits although something is */
};

static void
drop_sources (MabeiHubCommit *self)
{
  if (self->idle != NULL)
    g_source_destroy (self->idle);
  if (self->deadline != NULL)
    g_source_destroy (self->deadline);
  g_clear_pointer (&self->idle, g_source_unref);
  g_clear_pointer (&self->deadline, g_source_unref);
}

/* Takes the items away, so that what a listener does starts a new transaction. */
static GArray *
take_items (MabeiHubCommit *self)
{
  GArray *items = self->items;
  self->items = g_array_new (FALSE, FALSE, sizeof (Item));
  drop_sources (self);
  return items;
}

static void
tell_stored (MabeiHubCommit *self, const Item *item)
{
  if (item->author != NULL)
    self->listener->stored (item->author, item->tag, item->position);
  if (!item->is_record)
    return;
  if (item->bytes > 0) {
    self->metrics->records++;
    self->metrics->bytes += item->bytes;
  }
  MabeiHubMailbox *mailbox = mabei_hub_mailboxes_find (self->mailboxes, &item->mailbox);
  if (mailbox != NULL && item->position > mailbox->committed) {
    mailbox->committed = item->position;
    self->listener->grown (mailbox);
  }
}

void
mabei_hub_commit_lost (MabeiHubCommit *self)
{
  g_autoptr (GArray) items = take_items (self);
  if (self->healthy)
    mabei_hub_log ("error", "store-cannot-grow", "waiting=%u", items->len);
  self->healthy = FALSE;
  self->metrics->commits_failed++;
  for (guint i = 0; i < items->len; i++) {
    const Item *item = &g_array_index (items, Item, i);
    if (item->author != NULL)
      self->listener->refused (item->author, item->tag);
  }
}

void
mabei_hub_commit_now (MabeiHubCommit *self)
{
  if (self->items->len == 0 && !mabei_hub_store_in_transaction (self->store))
    return;
  gint64 start_us = g_get_monotonic_time ();
  if (!mabei_hub_store_commit (self->store, NULL)) {
    mabei_hub_commit_lost (self);
    return;
  }
  self->metrics->commits++;
  self->metrics->commit_us += (guint64) (g_get_monotonic_time () - start_us);
  if (!self->healthy)
    mabei_hub_log ("notice", "store-grows-again", "%s", "");
  self->healthy = TRUE;
  g_autoptr (GArray) items = take_items (self);
  for (guint i = 0; i < items->len; i++)
    tell_stored (self, &g_array_index (items, Item, i));
}

static gboolean
on_due (gpointer user_data)
{
  mabei_hub_commit_now (user_data);
  return G_SOURCE_REMOVE;
}

static GSource *
schedule (MabeiHubCommit *self, GSource *source, int priority)
{
  g_source_set_priority (source, priority);
  g_source_set_callback (source, on_due, self, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

void
mabei_hub_commit_add (
    MabeiHubCommit *self, gpointer author, guint64 tag, const MabeiShortId *mailbox, guint64 position, gsize bytes)
{
  Item item = {.author = author, .tag = tag, .is_record = mailbox != NULL, .position = position, .bytes = bytes};
  if (mailbox != NULL)
    item.mailbox = *mailbox;
  g_array_append_val (self->items, item);
  if (self->items->len >= MABEI_HUB_COMMIT_ITEMS) {
    mabei_hub_commit_now (self);
  } else if (self->idle == NULL) {
    self->idle = schedule (self, g_idle_source_new (), G_PRIORITY_DEFAULT + 10);
    self->deadline = schedule (self, g_timeout_source_new (MABEI_HUB_COMMIT_MS), G_PRIORITY_HIGH);
  }
}

void
mabei_hub_commit_forget (MabeiHubCommit *self, gpointer author)
{
  for (guint i = 0; i < self->items->len; i++)
    if (g_array_index (self->items, Item, i).author == author)
      g_array_index (self->items, Item, i).author = NULL;
}

gboolean
mabei_hub_commit_is_healthy (MabeiHubCommit *self)
{
  return self->healthy;
}

MabeiHubCommit *
mabei_hub_commit_new (MabeiHubStore *store,
                      MabeiHubMailboxes *mailboxes,
                      MabeiHubMetrics *metrics,
                      const MabeiHubCommitListener *listener)
{
  MabeiHubCommit *self = g_new0 (MabeiHubCommit, 1);
  self->store = store;
  self->mailboxes = mailboxes;
  self->metrics = metrics;
  self->listener = listener;
  self->items = g_array_new (FALSE, FALSE, sizeof (Item));
  self->healthy = TRUE;
  return self;
}

void
mabei_hub_commit_free (MabeiHubCommit *self)
{
  if (self == NULL)
    return;
  drop_sources (self);
  g_array_unref (self->items);
  g_free (self);
}
