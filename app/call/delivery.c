#include "app/call/delivery.h"

#include "app/call/media.h"

#define WAITING_LIMIT 4096u /* an owner who does not look for this long loses the newest */

typedef struct {
  char *device; /* NULL: an event */
  GBytes *message;
  char *text;
} Item;

struct _MabeiDelivery {
  GMainContext *context;
  MabeiCallCallbacks callbacks;
  gpointer user_data;
  gboolean closed; /* owner's thread only */

  GMutex lock; /* what follows */
  GQueue items;
  GHashTable *frames; /* device -> MabeiVideoFrame, not yet shown */
  gboolean changed, scheduled;
};

static void
item_free (gpointer data)
{
  Item *item = data;
  g_free (item->device);
  g_free (item->text);
  g_clear_pointer (&item->message, g_bytes_unref);
  g_free (item);
}

static void
delivery_clear (gpointer data)
{
  MabeiDelivery *delivery = data;
  g_queue_clear_full (&delivery->items, item_free);
  g_hash_table_unref (delivery->frames);
  g_main_context_unref (delivery->context);
  g_mutex_clear (&delivery->lock);
}

static void
delivery_unref (gpointer data)
{
  g_atomic_rc_box_release_full (data, delivery_clear);
}

MabeiDelivery *
mabei_delivery_new (GMainContext *context, const MabeiCallCallbacks *callbacks, gpointer user_data)
{
  MabeiDelivery *delivery = g_atomic_rc_box_new0 (MabeiDelivery);
  delivery->context = g_main_context_ref (context);
  delivery->callbacks = *callbacks;
  delivery->user_data = user_data;
  g_mutex_init (&delivery->lock);
  g_queue_init (&delivery->items);
  delivery->frames = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) mabei_video_frame_unref);
  return delivery;
}

static Item *
take_item (MabeiDelivery *delivery)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&delivery->lock);
  return g_queue_pop_head (&delivery->items);
}

/* One by one out of the queue: whoever closes from within a callback finds there what is left to be sent. */
static void
deliver_items (MabeiDelivery *delivery)
{
  for (Item *item; (item = take_item (delivery)); item_free (item)) {
    if (item->device)
      delivery->callbacks.send (item->device, item->message, delivery->user_data);
    else if (!delivery->closed && delivery->callbacks.event)
      delivery->callbacks.event (item->text, delivery->user_data);
  }
}

/* The owner may close from within any callback. */
static gboolean
deliver (gpointer data)
{
  MabeiDelivery *delivery = data;
  g_mutex_lock (&delivery->lock);
  g_autoptr (GHashTable) frames = delivery->frames;
  delivery->frames = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) mabei_video_frame_unref);
  gboolean changed = delivery->changed;
  delivery->changed = delivery->scheduled = FALSE;
  g_mutex_unlock (&delivery->lock);

  deliver_items (delivery);
  GHashTableIter iter;
  gpointer device, frame;
  g_hash_table_iter_init (&iter, frames);
  while (!delivery->closed && delivery->callbacks.frame && g_hash_table_iter_next (&iter, &device, &frame))
    delivery->callbacks.frame (device, frame, delivery->user_data);
  if (changed && !delivery->closed && delivery->callbacks.changed)
    delivery->callbacks.changed (delivery->user_data);
  return G_SOURCE_REMOVE;
}

/* Locked. */
static void
schedule (MabeiDelivery *delivery)
{
  if (delivery->scheduled)
    return;
  delivery->scheduled = TRUE;
  mabei_media_dispatch (delivery->context, deliver, g_atomic_rc_box_acquire (delivery), delivery_unref);
}

void
mabei_delivery_close (MabeiDelivery *delivery)
{
  delivery->closed = TRUE;
  deliver_items (delivery);
  delivery_unref (delivery);
}

static void
put (MabeiDelivery *delivery, Item *item)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&delivery->lock);
  if (g_queue_get_length (&delivery->items) >= WAITING_LIMIT) {
    item_free (item);
    return;
  }
  g_queue_push_tail (&delivery->items, item);
  schedule (delivery);
}

void
mabei_delivery_send (MabeiDelivery *delivery, const char *to_device, GBytes *message)
{
  Item *item = g_new0 (Item, 1);
  item->device = g_strdup (to_device);
  item->message = g_bytes_ref (message);
  put (delivery, item);
}

void
mabei_delivery_event (MabeiDelivery *delivery, const char *text)
{
  Item *item = g_new0 (Item, 1);
  item->text = g_strdup (text);
  put (delivery, item);
}

void
mabei_delivery_frame (MabeiDelivery *delivery, const char *device, MabeiVideoFrame *frame)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&delivery->lock);
  g_hash_table_replace (delivery->frames, g_strdup (device), mabei_video_frame_ref (frame));
  schedule (delivery);
}

void
mabei_delivery_changed (MabeiDelivery *delivery)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&delivery->lock);
  delivery->changed = TRUE;
  schedule (delivery);
}
