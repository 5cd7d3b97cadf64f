#include "app/call/call_state.h"

#include <string.h>

const char *
mabei_media_link_state_to_text (MabeiMediaLinkState state)
{
  static const char *const texts[] = {"none", "new", "offering", "connected", "verified", "live", "lost", "refused"};
  return (guint) state < G_N_ELEMENTS (texts) ? texts[state] : "none";
}

MabeiCallState *
mabei_call_state_new (void)
{
  return g_atomic_rc_box_new0 (MabeiCallState);
}

MabeiCallState *
mabei_call_state_ref (MabeiCallState *state)
{
  return g_atomic_rc_box_acquire (state);
}

void
mabei_call_state_unref (MabeiCallState *state)
{
  if (state)
    g_atomic_rc_box_release (state);
}

const MabeiCallPerson *
mabei_call_state_find (const MabeiCallState *state, const char *device)
{
  for (guint i = 0; i < state->n_people; i++)
    if (strcmp (state->people[i].person.device, device) == 0)
      return &state->people[i];
  return NULL;
}
