#include "ui/ports/port.h"

void
mabei_tile_free (MabeiTile *tile)
{
  if (tile == NULL)
    return;
  g_free (tile->device);
  g_free (tile->name);
  g_free (tile->room);
  g_free (tile);
}

void
mabei_session_view_free (MabeiSessionView *view)
{
  if (view == NULL)
    return;
  g_free (view->own_room);
  g_free (view->caucus_with);
  g_free (view->asked_to_room);
  g_clear_pointer (&view->tiles, g_ptr_array_unref);
  g_free (view);
}

void
mabei_sync_view_free (MabeiSyncView *view)
{
  g_free (view);
}

void
mabei_knock_view_free (MabeiKnockView *view)
{
  if (view == NULL)
    return;
  g_free (view->knock);
  g_free (view->case_id);
  g_free (view->name);
  g_free (view->role);
  g_free (view->code);
  g_free (view);
}
