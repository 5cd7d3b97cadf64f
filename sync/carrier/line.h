/* How a TCP connection stands, by what the other side's kernel has acknowledged (Linux TCP_INFO): is it alive, and how
 * much may be put on it without making what is urgent wait. A slow line that moves is alive: time-outs measure
 * progress, not time. Allows about MABEI_LINE_SECONDS of the measured rate under way. Where the kernel does not tell,
 * everything has room and nothing shows progress.
 */
#pragma once

#include <gio/gio.h>

#define MABEI_LINE_SECONDS 2u
#define MABEI_LINE_LEAST_BYTES (32u * 1024u)
#define MABEI_LINE_MOST_BYTES (1024u * 1024u)

typedef struct {
  GSocket *socket;      /* or NULL */
  guint64 acknowledged; /* as seen last */
  guint64 received;     /* as seen last */
  gint64 moved_us;      /* when something moved last, as far as anybody looked */
  gint64 handed;        /* bytes given to the connection that were not acknowledged then */
  guint64 measured;     /* acknowledged at @measured_us */
  gint64 measured_us;
  gint64 window; /* bytes that may be under way */
} MabeiLine;

void mabei_line_init (MabeiLine *line, GSocket *socket, gint64 now_us);
void mabei_line_clear (MabeiLine *line);
/* Brings it up to date. Something moved: something came, or some of what was added arrived at the other side's kernel.
 */
void mabei_line_look (MabeiLine *line, gint64 now_us);
/* Not for pings: that a kernel takes them does not show that anybody is there. */
void mabei_line_add (MabeiLine *line, gsize bytes);
/* As of the last look. */
gboolean mabei_line_has_room (const MabeiLine *line);
/* Closes the socket at once: no goodbye on any layer. */
void mabei_line_cut (MabeiLine *line);
