#include "app/call/call.h"

#include "app/call/media.h"
#include "app/call/session.h"

#define TICK_MS 100u
#define DESCRIBE_EVERY_TICKS 2u
#define MESSAGE_LIMIT_BYTES (64u * 1024u)

struct _MabeiCall {
  GMainContext *context; /* of the call's thread */
  GMainLoop *loop;
  GThread *thread;
  MabeiDelivery *delivery;
  MabeiSession *session; /* the call's thread only */
  guint ticks;
  GMutex lock;
  MabeiCallState *state; /* locked */
};

/* One thing to do in the call's thread. */
typedef struct {
  MabeiCall *call;
  MabeiCommand command;
  gboolean receive;
  char *device;
  GBytes *message;
  guint value;
} Order;

static void
order_free (gpointer data)
{
  Order *order = data;
  g_free (order->device);
  g_clear_pointer (&order->message, g_bytes_unref);
  g_free (order);
}

static void
describe (MabeiCall *call)
{
  MabeiCallState *state = mabei_session_describe (call->session);
  g_mutex_lock (&call->lock);
  MabeiCallState *before = call->state;
  call->state = state;
  g_mutex_unlock (&call->lock);
  mabei_call_state_unref (before);
}

static gboolean
order_run (gpointer data)
{
  Order *order = data;
  if (order->receive)
    mabei_session_receive (order->call->session, order->device, order->message);
  else
    mabei_session_command (order->call->session, order->command, order->device, order->value);
  describe (order->call);
  return G_SOURCE_REMOVE;
}

static Order *
order_new (MabeiCall *call, MabeiCommand command, const char *device, guint value)
{
  Order *order = g_new0 (Order, 1);
  order->call = call;
  order->command = command;
  order->device = g_strdup (device);
  order->value = value;
  return order;
}

static void
give (MabeiCall *call, MabeiCommand command, const char *device, guint value)
{
  mabei_media_dispatch (call->context, order_run, order_new (call, command, device, value), order_free);
}

static gboolean
on_tick (gpointer data)
{
  MabeiCall *call = data;
  mabei_session_tick (call->session);
  if (++call->ticks % DESCRIBE_EVERY_TICKS == 0)
    describe (call);
  return G_SOURCE_CONTINUE;
}

static gpointer
run (gpointer data)
{
  MabeiCall *call = data;
  g_main_context_push_thread_default (call->context);
  g_autoptr (GSource) tick = g_timeout_source_new (TICK_MS);
  g_source_set_callback (tick, on_tick, call, NULL);
  g_source_attach (tick, call->context);
  g_main_loop_run (call->loop);
  g_source_destroy (tick);
  g_clear_pointer (&call->session, mabei_session_free);
  g_main_context_pop_thread_default (call->context);
  return NULL;
}

MabeiCall *
mabei_call_new (const MabeiCallConfig *config, const MabeiCallCallbacks *callbacks, gpointer user_data, GError **error)
{
  g_return_val_if_fail (mabei_room_is_device (config->device) && mabei_room_is_device (config->host), NULL);
  g_return_val_if_fail (mabei_room_is_name (config->name) && callbacks->send, NULL);
  if (!mabei_media_init (error))
    return NULL;
  g_autoptr (GMainContext) owner = g_main_context_ref_thread_default ();
  MabeiCall *call = g_new0 (MabeiCall, 1);
  g_mutex_init (&call->lock);
  call->context = g_main_context_new ();
  call->loop = g_main_loop_new (call->context, FALSE);
  call->delivery = mabei_delivery_new (owner, callbacks, user_data);
  call->session = mabei_session_new (config, call->context, call->delivery);
  call->state = mabei_session_describe (call->session);
  call->thread = g_thread_new ("mabei-call", run, call);
  return call;
}

static gboolean
on_quit (gpointer data)
{
  g_main_loop_quit (((MabeiCall *) data)->loop);
  return G_SOURCE_REMOVE;
}

void
mabei_call_free (MabeiCall *call)
{
  if (!call)
    return;
  /* Through the queue, so that orders given before are still carried out, and never before the loop runs. */
  mabei_media_dispatch (call->context, on_quit, call, NULL);
  g_thread_join (call->thread);
  mabei_delivery_close (call->delivery);
  mabei_call_state_unref (call->state);
  g_main_loop_unref (call->loop);
  g_main_context_unref (call->context);
  g_mutex_clear (&call->lock);
  g_free (call);
}

void
mabei_call_receive (MabeiCall *call, const char *from_device, GBytes *message)
{
  if (!from_device || g_bytes_get_size (message) > MESSAGE_LIMIT_BYTES)
    return;
  Order *order = order_new (call, MABEI_COMMAND_OPEN, from_device, 0);
  order->receive = TRUE;
  order->message = g_bytes_ref (message);
  mabei_media_dispatch (call->context, order_run, order, order_free);
}

void
mabei_call_open (MabeiCall *call)
{
  give (call, MABEI_COMMAND_OPEN, NULL, 0);
}

void
mabei_call_join (MabeiCall *call)
{
  give (call, MABEI_COMMAND_JOIN, NULL, 0);
}

void
mabei_call_leave (MabeiCall *call)
{
  give (call, MABEI_COMMAND_LEAVE, NULL, 0);
}

void
mabei_call_admit (MabeiCall *call, const char *device)
{
  give (call, MABEI_COMMAND_ADMIT, device, 0);
}

void
mabei_call_refuse (MabeiCall *call, const char *device)
{
  give (call, MABEI_COMMAND_REFUSE, device, 0);
}

void
mabei_call_move (MabeiCall *call, const char *device, MabeiRoomPlace place)
{
  give (call, MABEI_COMMAND_MOVE, device, place);
}

void
mabei_call_return_all (MabeiCall *call)
{
  give (call, MABEI_COMMAND_RETURN_ALL, NULL, 0);
}

void
mabei_call_lock (MabeiCall *call, gboolean locked)
{
  give (call, MABEI_COMMAND_LOCK, NULL, locked ? 1 : 0);
}

void
mabei_call_accept (MabeiCall *call, gboolean yes)
{
  give (call, MABEI_COMMAND_ACCEPT, NULL, yes ? 1 : 0);
}

void
mabei_call_set_muted (MabeiCall *call, gboolean muted)
{
  give (call, MABEI_COMMAND_MUTED, NULL, muted ? 1 : 0);
}

void
mabei_call_set_camera (MabeiCall *call, gboolean on)
{
  give (call, MABEI_COMMAND_CAMERA, NULL, on ? 1 : 0);
}

void
mabei_call_set_link_up (MabeiCall *call, gboolean up)
{
  give (call, MABEI_COMMAND_LINK_UP, NULL, up ? 1 : 0);
}

void
mabei_call_set_tone (MabeiCall *call, guint tone_hz)
{
  give (call, MABEI_COMMAND_TONE, NULL, tone_hz);
}

void
mabei_call_reset_peaks (MabeiCall *call)
{
  give (call, MABEI_COMMAND_RESET_PEAKS, NULL, 0);
}

MabeiCallState *
mabei_call_get_state (MabeiCall *call)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&call->lock);
  return mabei_call_state_ref (call->state);
}
