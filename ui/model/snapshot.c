#include "ui/model/snapshot.h"

static void
snapshot_clear (gpointer data)
{
  MabeiSnapshot *snapshot = data;

  g_clear_pointer (&snapshot->view, mabei_view_case_unref);
  g_clear_pointer (&snapshot->session, mabei_session_view_free);
  g_clear_pointer (&snapshot->sync, mabei_sync_view_free);
  g_clear_pointer (&snapshot->knocks, g_ptr_array_unref);
  g_clear_pointer (&snapshot->own_name, g_free);
}

MabeiSnapshot *
mabei_snapshot_take (MabeiPort *port, MabeiViewCase *view)
{
  MabeiSnapshot *snapshot;

  g_return_val_if_fail (port != NULL, NULL);
  snapshot = g_rc_box_new0 (MabeiSnapshot);
  snapshot->port = port;
  snapshot->view = view != NULL ? mabei_view_case_ref (view) : NULL;
  snapshot->session = view != NULL ? port->session (port, view->id) : NULL;
  if (snapshot->session == NULL)
    snapshot->session = g_new0 (MabeiSessionView, 1);
  if (snapshot->session->tiles == NULL)
    snapshot->session->tiles = g_ptr_array_new ();
  snapshot->sync = port->sync (port);
  if (snapshot->sync == NULL)
    snapshot->sync = g_new0 (MabeiSyncView, 1);
  snapshot->knocks = port->knocks (port);
  if (snapshot->knocks == NULL)
    snapshot->knocks = g_ptr_array_new ();
  snapshot->own_name = port->own_name (port);
  return snapshot;
}

MabeiSnapshot *
mabei_snapshot_ref (MabeiSnapshot *snapshot)
{
  return g_rc_box_acquire (snapshot);
}

void
mabei_snapshot_unref (MabeiSnapshot *snapshot)
{
  g_rc_box_release_full (snapshot, snapshot_clear);
}

void
mabei_snapshot_set (MabeiSnapshot **field, MabeiSnapshot *snapshot)
{
  MabeiSnapshot *old = *field;

  *field = snapshot != NULL ? mabei_snapshot_ref (snapshot) : NULL;
  if (old != NULL)
    mabei_snapshot_unref (old);
}

const char *
mabei_snapshot_case_id (const MabeiSnapshot *snapshot)
{
  return snapshot != NULL && snapshot->view != NULL ? snapshot->view->id : NULL;
}

gboolean
mabei_snapshot_is_mediator (const MabeiSnapshot *snapshot)
{
  return snapshot != NULL && snapshot->view != NULL && g_strcmp0 (snapshot->view->own_role, "mediator") == 0;
}

const MabeiKnockView *
mabei_snapshot_guest (const MabeiSnapshot *snapshot)
{
  const char *case_id = mabei_snapshot_case_id (snapshot);

  for (guint i = 0; case_id != NULL && i < snapshot->knocks->len; i++) {
    const MabeiKnockView *knock = snapshot->knocks->pdata[i];

    if (!knock->own && g_strcmp0 (knock->case_id, case_id) == 0)
      return knock;
  }
  return NULL;
}

gboolean
mabei_snapshot_in_caucus (const MabeiSnapshot *snapshot)
{
  return snapshot->session->joined && g_strcmp0 (snapshot->session->own_room, "caucus") == 0;
}
