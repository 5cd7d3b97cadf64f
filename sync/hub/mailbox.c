#include "sync/hub/mailbox.h"

#include <string.h>

struct _MabeiHubMailboxes {
  GHashTable *by_id;
};

static void
mailbox_free (gpointer data)
{
  MabeiHubMailbox *mailbox = data;
  g_ptr_array_unref (mailbox->readers);
  g_free (mailbox);
}

MabeiHubMailboxes *
mabei_hub_mailboxes_new (void)
{
  MabeiHubMailboxes *self = g_new0 (MabeiHubMailboxes, 1);
  self->by_id = g_hash_table_new_full (mabei_short_id_hash, mabei_short_id_equal, NULL, mailbox_free);
  return self;
}

void
mabei_hub_mailboxes_free (MabeiHubMailboxes *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->by_id);
  g_free (self);
}

MabeiHubMailbox *
mabei_hub_mailboxes_join (MabeiHubMailboxes *self, const MabeiHubMailboxRow *row, gpointer reader)
{
  MabeiHubMailbox *mailbox = mabei_hub_mailboxes_find (self, &row->id);
  if (mailbox == NULL) {
    mailbox = g_new0 (MabeiHubMailbox, 1);
    mailbox->id = row->id;
    mailbox->number = row->number;
    memcpy (mailbox->write_key, row->write_key, sizeof mailbox->write_key);
    mailbox->committed = row->last;
    mailbox->readers = g_ptr_array_new ();
    g_hash_table_insert (self->by_id, &mailbox->id, mailbox);
  }
  if (!g_ptr_array_find (mailbox->readers, reader, NULL))
    g_ptr_array_add (mailbox->readers, reader);
  return mailbox;
}

void
mabei_hub_mailboxes_leave (MabeiHubMailboxes *self, MabeiHubMailbox *mailbox, gpointer reader)
{
  g_ptr_array_remove_fast (mailbox->readers, reader);
  if (mailbox->readers->len == 0)
    g_hash_table_remove (self->by_id, &mailbox->id);
}

MabeiHubMailbox *
mabei_hub_mailboxes_find (MabeiHubMailboxes *self, const MabeiShortId *id)
{
  return g_hash_table_lookup (self->by_id, id);
}
