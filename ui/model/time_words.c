#include "ui/model/time_words.h"
#include <glib/gi18n-lib.h>

static gboolean
same_day (GDateTime *a, GDateTime *b)
{
  return g_date_time_get_year (a) == g_date_time_get_year (b) &&
         g_date_time_get_day_of_year (a) == g_date_time_get_day_of_year (b);
}

char *
mabei_time_words_between (gint64 at_ms, gint64 now_ms)
{
  g_autoptr (GDateTime) at_utc = g_date_time_new_from_unix_utc (at_ms / 1000);
  g_autoptr (GDateTime) now_utc = g_date_time_new_from_unix_utc (now_ms / 1000);
  g_autoptr (GDateTime) at = NULL;
  g_autoptr (GDateTime) now = NULL;
  g_autoptr (GDateTime) yesterday = NULL;

  /* A foreign clock may say anything: outside of the calendar there is nothing to write. */
  if (at_utc == NULL || now_utc == NULL)
    return g_strdup ("");
  at = g_date_time_to_local (at_utc);
  now = g_date_time_to_local (now_utc);
  yesterday = g_date_time_add_days (now, -1);
  if (same_day (at, now))
    /* Translators: a time of today, as in strftime */
    return g_date_time_format (at, _ ("Today %H:%M"));
  if (same_day (at, yesterday))
    return g_date_time_format (at, _ ("Yesterday %H:%M"));
  if (g_date_time_get_year (at) == g_date_time_get_year (now))
    /* Translators: month, day and time in this year, as in strftime */
    return g_date_time_format (at, _ ("%-d %b %H:%M"));
  /* Translators: a date in another year, as in strftime */
  return g_date_time_format (at, _ ("%-d %b %Y"));
}

char *
mabei_time_words (gint64 at_ms)
{
  return mabei_time_words_between (at_ms, g_get_real_time () / 1000);
}

char *
mabei_time_words_elapsed (gint64 from_ms)
{
  gint64 seconds = MAX (0, g_get_real_time () / G_USEC_PER_SEC - from_ms / 1000);

  if (seconds >= 3600)
    return g_strdup_printf ("%d:%02d:%02d", (int) (seconds / 3600), (int) (seconds / 60 % 60), (int) (seconds % 60));
  return g_strdup_printf ("%02d:%02d", (int) (seconds / 60), (int) (seconds % 60));
}
