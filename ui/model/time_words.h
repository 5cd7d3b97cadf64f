/* Times as people say them: today, yesterday, the date. Local time zone; milliseconds since 1970. */
#pragma once

#include <glib.h>

/* (transfer full) */
char *mabei_time_words (gint64 at_ms);
char *mabei_time_words_between (gint64 at_ms, gint64 now_ms);
/* Minutes and seconds since @from_ms: "12:05" (transfer full) */
char *mabei_time_words_elapsed (gint64 from_ms);
