/* Structured lines on stderr: "<time> <level> <event> key=value ...". Never an id, a key, an address of a client, or
 * content: callers pass numbers and fixed words only.
 */
#pragma once

#include <glib.h>

void mabei_hub_log (const char *level, const char *event, const char *format, ...) G_GNUC_PRINTF (3, 4);
