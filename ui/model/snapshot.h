/* Everything a page shows, taken from the port at one moment: the chosen case, its session, where its changes are, who
 * knocks. Pages are told to show a snapshot and keep it for their buttons; they never ask the port for models
 * themselves, so that all parts of the window agree. Reference-counted, immutable; main thread.
 */
#pragma once

#include "ui/ports/port.h"

typedef struct {
  MabeiPort *port;           /* borrowed: outlives the window's pages */
  MabeiViewCase *view;       /* the chosen case; NULL: none */
  MabeiSessionView *session; /* never NULL */
  MabeiSyncView *sync;       /* never NULL */
  GPtrArray *knocks;         /* MabeiKnockView, of all cases; never NULL */
  char *own_name;
} MabeiSnapshot;

/* @view may be NULL. (transfer full) */
MabeiSnapshot *mabei_snapshot_take (MabeiPort *port, MabeiViewCase *view);
MabeiSnapshot *mabei_snapshot_ref (MabeiSnapshot *snapshot);
void mabei_snapshot_unref (MabeiSnapshot *snapshot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiSnapshot, mabei_snapshot_unref)

/* Puts @snapshot into a page's field. */
void mabei_snapshot_set (MabeiSnapshot **field, MabeiSnapshot *snapshot);

const char *mabei_snapshot_case_id (const MabeiSnapshot *snapshot); /* or NULL */
gboolean mabei_snapshot_is_mediator (const MabeiSnapshot *snapshot);
/* The knock of this case that waits for an answer here, not our own; or NULL. */
const MabeiKnockView *mabei_snapshot_guest (const MabeiSnapshot *snapshot);
/* True while this device is in a private talk. */
gboolean mabei_snapshot_in_caucus (const MabeiSnapshot *snapshot);
