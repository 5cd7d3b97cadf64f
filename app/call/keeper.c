#include "app/call/keeper.h"

#include <string.h>

void
mabei_keeper_init (MabeiKeeper *keeper, const MabeiRoomState *opened)
{
  *keeper = (MabeiKeeper){.state = *opened, .opened = *opened};
}

/* Those who can hear somebody now, or could a moment ago: also one who was just sent away has to close. */
static void
await_all (MabeiKeeper *keeper)
{
  const MabeiRoomState *both[] = {&keeper->opened, &keeper->state};
  for (gsize s = 0; s < G_N_ELEMENTS (both); s++)
    for (guint i = 0; i < both[s]->n_people; i++) {
      const char *device = both[s]->people[i].device;
      gboolean known = strcmp (device, keeper->state.host) == 0 || !mabei_room_is_admitted (both[s], device);
      for (guint k = 0; k < keeper->n_awaited; k++)
        known = known || strcmp (keeper->awaited[k], device) == 0;
      if (!known && keeper->n_awaited < MABEI_ROOM_LIMIT_PEOPLE)
        g_strlcpy (keeper->awaited[keeper->n_awaited++], device, sizeof keeper->awaited[0]);
    }
}

void
mabei_keeper_change (MabeiKeeper *keeper, const MabeiRoomState *next, gint64 now_ms)
{
  g_return_if_fail (next->version > keeper->state.version);
  keeper->state = *next;
  keeper->n_awaited = 0;
  keeper->deadline_ms = now_ms + MABEI_KEEPER_WAIT_MS;
  if (mabei_room_hearing_differs (&keeper->opened, next))
    await_all (keeper);
}

static gboolean
strike (MabeiKeeper *keeper, const char *device)
{
  for (guint i = 0; i < keeper->n_awaited; i++)
    if (strcmp (keeper->awaited[i], device) == 0) {
      keeper->n_awaited--;
      if (i != keeper->n_awaited)
        memcpy (keeper->awaited[i], keeper->awaited[keeper->n_awaited], sizeof keeper->awaited[0]);
      return TRUE;
    }
  return FALSE;
}

gboolean
mabei_keeper_ack (MabeiKeeper *keeper, const char *device, guint64 version)
{
  return version == keeper->state.version && strike (keeper, device);
}

gboolean
mabei_keeper_poll (MabeiKeeper *keeper, gint64 now_ms, MabeiOpening *opening)
{
  if (keeper->opened.version == keeper->state.version || (keeper->n_awaited > 0 && now_ms < keeper->deadline_ms))
    return FALSE;
  *opening = (MabeiOpening){.version = keeper->state.version, .n_without = keeper->n_awaited};
  memcpy (opening->without, keeper->awaited, sizeof opening->without);
  keeper->opened = keeper->state;
  keeper->n_awaited = 0;
  return TRUE;
}
