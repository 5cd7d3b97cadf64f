/* Lanes: how the graph answers "is this in the past of that?" at once. A lane is a run of one device's changes, each
 * the previous one of the next; a fork opens another lane. A past is then exactly "how far along each lane", a vector
 * shared between changes as long as it does not change. For this folder alone. Memory: a vector of 4 bytes a lane for
 * each change that cites another chain.
 */
#pragma once

#include "core/base/ids.h"

typedef struct {
  MabeiShortId device;
  guint64 start;    /* sequence number of its first change */
  guint parent;     /* lane that it left, or its own index */
  GPtrArray *nodes; /* (element GraphNode), complete changes in order */
} MabeiLane;

MabeiLane *mabei_lane_new (const MabeiShortId *device, guint64 start, guint parent);
void mabei_lane_free (MabeiLane *lane);

/* Reference-counted, immutable once shared. reached[lane] = 1 + the greatest sequence number in the past, 0 = none. */
typedef struct {
  guint references;
  guint n_lanes;
  guint32 reached[];
} MabeiLaneVector;

/* Zeroed. (transfer full) */
MabeiLaneVector *mabei_lane_vector_new (guint n_lanes);
MabeiLaneVector *mabei_lane_vector_ref (MabeiLaneVector *vector);
void mabei_lane_vector_unref (MabeiLaneVector *vector); /* NULL is accepted */
guint32 mabei_lane_vector_get (const MabeiLaneVector *vector, guint lane);
/* Raises @into, which has at least as many lanes. */
void mabei_lane_vector_merge (MabeiLaneVector *into, const MabeiLaneVector *other);
void mabei_lane_vector_raise (MabeiLaneVector *into, guint lane, guint32 reached);
