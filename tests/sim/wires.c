/* Wires: connecting, cutting, and moving frames one at a time. */
#include <string.h>

#include "sync/peer/presence.h"
#include "tests/sim/seams.h"
#include "tests/sim/world.h"

#define WIRE_FRAMES 64u

/* Live messages tell what the sender has. */
static void
on_live (MabeiExchange *exchange G_GNUC_UNUSED,
         MabeiSpace *space,
         const MabeiShortId *mailbox G_GNUC_UNUSED,
         GBytes *data,
         gpointer user_data)
{
  Actor *actor = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (MabeiLive) live = mabei_live_open (actor->person->replica, space, data, &error);

  /* Who has not heard of the sender yet does not know him. */
  if (live != NULL && live->type == MABEI_LIVE_PRESENCE)
    CHECK (mabei_replica_set_peer_heads (actor->person->replica, space, &live->from, live->heads, live->n_heads, 1000,
                                         NULL));
}

static MabeiExchangeListener
listener_of (World *world, guint actor)
{
  return (MabeiExchangeListener){.live = on_live, .user_data = &world->actors[actor]};
}

static Wire *
new_wire (World *world, guint a, guint b)
{
  Wire *wire = g_new0 (Wire, 1);

  wire->a = a;
  wire->b = b;
  wire->to_a = g_queue_new ();
  wire->to_b = g_queue_new ();
  g_ptr_array_add (world->wires, wire);
  return wire;
}

Wire *
world_connect_hub (World *world, guint actor)
{
  MabeiExchangeListener listener = listener_of (world, actor);
  Wire *wire = new_wire (world, actor, actor);

  wire->at_a = mabei_exchange_new_hub (world_replica (world, actor), model_hub_key (world->hub), &listener);
  wire->line = model_hub_connect (world->hub);
  return wire;
}

static const MabeiShortId *
device_of (World *world, guint actor)
{
  return mabei_device_key_id (mabei_replica_keys (world_replica (world, actor))->device);
}

Wire *
world_connect (World *world, guint a, guint b)
{
  MabeiExchangeListener one = listener_of (world, a), two = listener_of (world, b);
  Wire *wire = new_wire (world, a, b);

  wire->at_a = mabei_exchange_new_member (world_replica (world, a), device_of (world, b), &one);
  wire->at_b = mabei_exchange_new_member (world_replica (world, b), device_of (world, a), &two);
  return wire;
}

/* Whatever was under way is lost. */
void
world_cut (World *world, Wire *wire)
{
  mabei_exchange_free (wire->at_a);
  mabei_exchange_free (wire->at_b);
  model_line_free (wire->line);
  g_queue_free_full (wire->to_a, (GDestroyNotify) g_bytes_unref);
  g_queue_free_full (wire->to_b, (GDestroyNotify) g_bytes_unref);
  g_ptr_array_remove (world->wires, wire);
  g_free (wire);
  world->n_cuts++;
}

void
world_cut_all (World *world, guint actor)
{
  for (guint i = world->wires->len; i > 0; i--) {
    Wire *wire = world->wires->pdata[i - 1];

    if (wire->a == actor || wire->b == actor)
      world_cut (world, wire);
  }
}

void
world_wake (World *world, guint actor)
{
  for (guint i = 0; i < world->wires->len; i++) {
    Wire *wire = world->wires->pdata[i];

    if (wire->a == actor)
      mabei_exchange_wake (wire->at_a);
    if (wire->b == actor && wire->at_b != NULL)
      mabei_exchange_wake (wire->at_b);
  }
}

/* No frame of a caucus comes to anybody outside. */
static void
check_walls (World *world, guint actor, GBytes *bytes)
{
  g_autoptr (MabeiFrame) frame = mabei_frame_decode (bytes, NULL);
  guint party;

  CHECK (frame != NULL);
  party = GPOINTER_TO_UINT (g_hash_table_lookup (world->outsiders, &frame->mailbox));
  CHECK (party == 0 || actor == 0 || actor == party - 1);
}

static void
deliver (World *world, guint actor, MabeiExchange *exchange, GBytes *bytes)
{
  g_autoptr (GError) error = NULL;

  check_walls (world, actor, bytes);
  g_checksum_update (world->trace, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes));
  if (world->is_verbose)
    g_printerr ("%u <- %zu bytes of type %u\n", actor, g_bytes_get_size (bytes),
                ((const guint8 *) g_bytes_get_data (bytes, NULL))[1]);
  mabei_exchange_receive (exchange, bytes, world_clock (world, actor), &error);
  g_assert_no_error (error);
  world->n_frames++;
}

static gboolean
push (GQueue *queue, GBytes *frame)
{
  if (frame != NULL)
    g_queue_push_tail (queue, frame);
  return frame != NULL;
}

static gboolean
deliver_to_a (World *world, Wire *wire)
{
  g_autoptr (GBytes) frame = g_queue_pop_head (wire->to_a);

  if (frame == NULL)
    return FALSE;
  deliver (world, wire->a, wire->at_a, frame);
  return TRUE;
}

static gboolean
deliver_to_b (World *world, Wire *wire)
{
  g_autoptr (GBytes) frame = g_queue_pop_head (wire->to_b);

  if (frame == NULL)
    return FALSE;
  if (wire->at_b != NULL)
    deliver (world, wire->b, wire->at_b, frame);
  else
    CHECK (model_line_receive (wire->line, frame));
  return TRUE;
}

gboolean
world_move (World *world, Wire *wire)
{
  switch (seams_roll (4)) {
  case 0:
    return wire->to_b->length < WIRE_FRAMES &&
           push (wire->to_b, mabei_exchange_next (wire->at_a, world_clock (world, wire->a)));
  case 1:
    return deliver_to_b (world, wire);
  case 2:
    return wire->to_a->length < WIRE_FRAMES &&
           push (wire->to_a, wire->at_b != NULL ? mabei_exchange_next (wire->at_b, world_clock (world, wire->b))
                                                : model_line_next (wire->line));
  default:
    return deliver_to_a (world, wire);
  }
}

/* --- healing --- */

/* Until nothing has moved on any wire for a while, whatever the dice do. */
static void
run_dry (World *world)
{
  guint quiet = 0, turns = 0;

  while (quiet < 200) {
    gboolean moved = FALSE;

    for (guint i = 0; i < world->wires->len; i++)
      for (guint k = 0; k < 8; k++)
        moved = world_move (world, world->wires->pdata[i]) || moved;
    quiet = moved ? 0 : quiet + 1;
    world->now_ms += moved ? 1 : 1000;
    CHECK (turns++ < 200000);
  }
}

void
world_heal (World *world)
{
  g_autoptr (GError) error = NULL;

  model_hub_refuse (world->hub, 0, MABEI_REFUSE_BUSY);
  for (guint i = 0; i < WORLD_PEOPLE; i++) {
    world_admit (world, i);
    world_cut_all (world, i);
    world->actors[i].is_cut_off = FALSE;
    mabei_replica_flush (world_replica (world, i), world_clock (world, i), &error);
    g_assert_no_error (error);
  }
  for (guint i = 0; i < WORLD_PEOPLE; i++)
    world_connect_hub (world, i);
  run_dry (world);
  for (guint i = 0; i < WORLD_PEOPLE; i++)
    CHECK (mabei_exchange_is_idle (((Wire *) world->wires->pdata[i])->at_a));
}
