/* Messages: a log in the order of (Lamport, device, id), then the place in the change. */
#include "core/case/case_private.h"

void
mabei_message_free (MabeiMessageEntry *entry)
{
  g_free (entry->message.text);
  g_free (entry);
}

static gint
compare (const MabeiMessageEntry *a, const MabeiMessageEntry *b)
{
  if (a->message.lamport != b->message.lamport)
    return a->message.lamport < b->message.lamport ? -1 : 1;
  gint order = mabei_short_id_compare (&a->message.device, &b->message.device);
  if (order == 0)
    order = mabei_id_compare (&a->message.change, &b->message.change);
  if (order == 0)
    order = a->index < b->index ? -1 : a->index > b->index;
  return order;
}

void
mabei_space_fold_message (
    MabeiSpace *space, MabeiChange *change, guint index, guint64 claimed_ms, const MabeiOperation *operation)
{
  const MabeiHeader *header = mabei_change_header (change);
  MabeiMessageEntry *entry = g_new0 (MabeiMessageEntry, 1);
  entry->message.change = *mabei_change_id (change);
  entry->message.device = header->device;
  entry->message.claimed_ms = claimed_ms;
  entry->message.lamport = header->lamport;
  entry->message.level = operation->level;
  entry->message.text = g_strdup (operation->value);
  entry->index = index;
  guint low = 0, high = space->messages->len;
  while (low < high) {
    guint middle = low + (high - low) / 2;
    if (compare (g_ptr_array_index (space->messages, middle), entry) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  g_ptr_array_insert (space->messages, (gint) low, entry);
  mabei_space_tell (space, MABEI_NOTICE_MESSAGES);
}

GPtrArray *
mabei_space_messages (MabeiSpace *space)
{
  GPtrArray *messages = g_ptr_array_sized_new (space->messages->len);
  for (guint i = 0; i < space->messages->len; i++)
    g_ptr_array_add (messages, &((MabeiMessageEntry *) g_ptr_array_index (space->messages, i))->message);
  return messages;
}
