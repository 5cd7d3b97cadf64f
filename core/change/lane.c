#include "core/change/lane.h"

MabeiLane *
mabei_lane_new (const MabeiShortId *device, guint64 start, guint parent)
{
  MabeiLane *lane = g_new0 (MabeiLane, 1);
  lane->device = *device;
  lane->start = start;
  lane->parent = parent;
  lane->nodes = g_ptr_array_new ();
  return lane;
}

void
mabei_lane_free (MabeiLane *lane)
{
  g_ptr_array_unref (lane->nodes);
  g_free (lane);
}

MabeiLaneVector *
mabei_lane_vector_new (guint n_lanes)
{
  MabeiLaneVector *vector = g_malloc0 (sizeof *vector + n_lanes * sizeof vector->reached[0]);
  vector->references = 1;
  vector->n_lanes = n_lanes;
  return vector;
}

MabeiLaneVector *
mabei_lane_vector_ref (MabeiLaneVector *vector)
{
  vector->references++;
  return vector;
}

void
mabei_lane_vector_unref (MabeiLaneVector *vector)
{
  if (vector != NULL && --vector->references == 0)
    g_free (vector);
}

guint32
mabei_lane_vector_get (const MabeiLaneVector *vector, guint lane)
{
  return lane < vector->n_lanes ? vector->reached[lane] : 0;
}

void
mabei_lane_vector_merge (MabeiLaneVector *into, const MabeiLaneVector *other)
{
  g_assert (other->n_lanes <= into->n_lanes);
  for (guint i = 0; i < other->n_lanes; i++)
    into->reached[i] = MAX (into->reached[i], other->reached[i]);
}

void
mabei_lane_vector_raise (MabeiLaneVector *into, guint lane, guint32 reached)
{
  into->reached[lane] = MAX (into->reached[lane], reached);
}
