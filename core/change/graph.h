/* The graph of one space: which changes are here, which are complete (everything they cite is here and complete), the
 * heads, and the one order in which the fold reads them: (Lamport, device, id), a topological order because Lamport is
 * exact (soundness rule 3). Holds references to changes; knows nothing of keys or meaning. Not recursive: waiting
 * changes are kept by what they wait for. A device's chain may fork: both branches are kept, both are heads.
 */
#pragma once

#include "core/change/change.h"

typedef struct _MabeiGraph MabeiGraph;

typedef enum {
  MABEI_GRAPH_COMPLETE,  /* added, and everything it cites in this space is here */
  MABEI_GRAPH_WAITING,   /* added; something it cites is missing */
  MABEI_GRAPH_DUPLICATE, /* was here already */
  MABEI_GRAPH_REFUSED,   /* can never be complete: wrong Lamport, prev is not its author's seq - 1, or it cites a
                            refused one (their ids are remembered) */
} MabeiGraphResult;

/* Called for every change that becomes complete, parents first; for the added one as well. */
typedef void (*MabeiGraphComplete) (MabeiChange *change, gpointer user_data);
/* Called for a waiting change that turned out to be impossible. */
typedef void (*MabeiGraphRefused) (MabeiChange *change, gpointer user_data);

MabeiGraph *mabei_graph_new (MabeiGraphComplete complete, MabeiGraphRefused refused, gpointer user_data);
void mabei_graph_free (MabeiGraph *graph);
MabeiGraphResult mabei_graph_add (MabeiGraph *graph, MabeiChange *change);
/* A complete change whose content the caller finds impossible (a bad signature is never added in the first place): it
 * and all that cite it leave the complete set. Only from inside the complete callback, for the change just given. */
void mabei_graph_refuse (MabeiGraph *graph, const MabeiId *id);

MabeiChange *mabei_graph_lookup (MabeiGraph *graph,
                                 const MabeiId *id); /* (transfer none), complete or waiting; or NULL */
gboolean mabei_graph_has_complete (MabeiGraph *graph, const MabeiId *id);
/* The complete change at that place in a device's chain that is @citing itself or in its past: along its prev links
 * when @citing is of the same device. NULL when there is none, and when both branches of a fork are in the past: the
 * place then names neither (soundness rule 4). So the answer depends on the past of @citing alone, for ever. */
MabeiChange *mabei_graph_at (MabeiGraph *graph, const MabeiShortId *device, guint64 seq, const MabeiId *citing);
guint mabei_graph_n_complete (MabeiGraph *graph);
guint mabei_graph_n_waiting (MabeiGraph *graph);
/* Ids of complete changes that no complete change cites, sorted. (transfer full, element MabeiId) */
GArray *mabei_graph_heads (MabeiGraph *graph);
/* Ids cited but not here, sorted, at most @limit. (transfer full) */
GArray *mabei_graph_missing (MabeiGraph *graph, guint limit);
/* All complete changes in the order of the fold. (transfer container) */
GPtrArray *mabei_graph_ordered (MabeiGraph *graph);
/* Complete changes that are neither among nor before @known (ids not here are ignored), parents first. (transfer
 * container) */
GPtrArray *mabei_graph_after (MabeiGraph *graph, const MabeiId *known, guint n_known);
/* TRUE when @ancestor is @id or in its past. */
gboolean mabei_graph_is_past (MabeiGraph *graph, const MabeiId *ancestor, const MabeiId *id);
/* Next sequence number and last change of a device's own chain (with a fork the longest branch, then the smallest id).
 * FALSE when it has none. */
gboolean mabei_graph_tip (MabeiGraph *graph, const MabeiShortId *device, guint64 *seq, MabeiId *id);
/* TRUE when a device has two complete changes at one sequence number. */
gboolean mabei_graph_is_forked (MabeiGraph *graph, const MabeiShortId *device);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiGraph, mabei_graph_free)
