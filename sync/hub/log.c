#include "sync/hub/log.h"

#include <stdarg.h>
#include <stdio.h>

void
mabei_hub_log (const char *level, const char *event, const char *format, ...)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = g_date_time_format (now, "%Y-%m-%dT%H:%M:%SZ");
  va_list arguments;

  va_start (arguments, format);
  g_autofree char *fields = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  fprintf (stderr, "%s %s %s%s%s\n", time, level, event, *fields != '\0' ? " " : "", fields);
}
