/* The verbs that need no opened profile: making one, making a court, replaying a trace, looking at a bundle from
 * outside. */
#pragma once

#include "app/ctl/options.h"

/* TRUE when the words are one of these; then either *@answer (transfer full) or @error is set. */
gboolean mabei_outside_run (const MabeiOptions *options, GVariant **answer, GError **error);
const char *mabei_outside_help (void);
