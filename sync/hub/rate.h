/* A token bucket: @rate tokens a second, at most @burst at once. Pure: time comes in. May go into debt by one taking,
 * so that something larger than the burst is possible, at its price.
 */
#pragma once

#include <glib.h>

typedef struct {
  double rate;
  double burst;
  double tokens;
  gint64 at_us;
} MabeiHubRate;

void mabei_hub_rate_init (MabeiHubRate *self, double rate, double burst, gint64 now_us);
/* FALSE, and nothing taken, when there is no token left. */
gboolean mabei_hub_rate_take (MabeiHubRate *self, double tokens, gint64 now_us);
/* Milliseconds until there is a token again, 0 when there is one. */
guint mabei_hub_rate_wait_ms (MabeiHubRate *self, gint64 now_us);
