/* The table at the end: what was measured in this very run. */
#include <stdio.h>

#include "app/ctl/demo_private.h"

void
mabei_demo_table (MabeiDemo *demo)
{
  printf ("\n%-44s %s\n", "how the network was cut",
          demo->network != NULL ? "link down between network namespaces" : "the client's own offline switch");
  printf ("%-44s %u\n", "claims checked", demo->checks);
  printf ("%-44s %" G_GINT64_FORMAT "\n", "changes in the case (mediator)", demo->changes);
  for (guint n = 0; n < N_PEOPLE; n++)
    printf ("bytes on the wire, %-9s in / out          %" G_GUINT64_FORMAT " / %" G_GUINT64_FORMAT "\n",
            mabei_demo_names[n], demo->bytes_in[n], demo->bytes_out[n]);
  printf ("%-44s %" G_GUINT64_FORMAT "\n", "bytes of the two bundles", demo->bundle_bytes);
  printf ("%-44s %" G_GINT64_FORMAT " ms\n", "merge by the hub, from the cable back in", demo->merge_hub_ms);
  printf ("%-44s %" G_GINT64_FORMAT " ms\n", "merge by two files", demo->merge_bundle_ms);
  for (guint a = 0; a < N_PEOPLE; a++)
    for (guint b = 0; b < N_PEOPLE; b++)
      if (a != b)
        printf ("frames decoded by %s from %-16s %" G_GUINT64_FORMAT "\n", mabei_demo_names[a], mabei_demo_names[b],
                demo->frames[a][b]);
  for (guint n = 0; n < N_PEOPLE; n++)
    printf ("memory and share of a core in the call, %-9s %" G_GUINT64_FORMAT " MiB, %.0f %%\n", mabei_demo_names[n],
            demo->rss_kib[n] / 1024, demo->core_share[n] * 100);
  printf ("%-44s %" G_GUINT64_FORMAT " MiB\n", "memory of the hub", demo->hub_rss_kib / 1024);
  printf ("%-44s %u\n", "lost edits", demo->lost);
  for (guint i = 0; i < demo->pictures->len; i++)
    printf ("picture %s\n", (const char *) g_ptr_array_index (demo->pictures, i));
  fflush (stdout);
}
