#include "sync/hub/rate.h"

void
mabei_hub_rate_init (MabeiHubRate *self, double rate, double burst, gint64 now_us)
{
  self->rate = rate;
  self->burst = burst;
  self->tokens = burst;
  self->at_us = now_us;
}

static void
refill (MabeiHubRate *self, gint64 now_us)
{
  if (now_us <= self->at_us)
    return;
  self->tokens = MIN (self->burst, self->tokens + self->rate * (double) (now_us - self->at_us) / 1e6);
  self->at_us = now_us;
}

gboolean
mabei_hub_rate_take (MabeiHubRate *self, double tokens, gint64 now_us)
{
  refill (self, now_us);
  if (self->tokens <= 0)
    return FALSE;
  self->tokens -= tokens;
  return TRUE;
}

guint
mabei_hub_rate_wait_ms (MabeiHubRate *self, gint64 now_us)
{
  refill (self, now_us);
  if (self->tokens > 0)
    return 0;
  return (guint) (-self->tokens / self->rate * 1000) + 1;
}
