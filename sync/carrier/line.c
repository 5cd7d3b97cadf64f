#include "sync/carrier/line.h"

#include <netinet/in.h>
/* The kernel's own header: the C library's struct tcp_info ends before the byte counts. */
#include <linux/tcp.h>
#include <string.h>
#include <sys/socket.h>

#define MEASURE_US (G_USEC_PER_SEC / 4)

static gboolean
read_counts (GSocket *socket, guint64 *acknowledged, guint64 *received)
{
  struct tcp_info info;
  socklen_t length = sizeof info;

  memset (&info, 0, sizeof info);
  if (socket == NULL || g_socket_is_closed (socket) ||
      getsockopt (g_socket_get_fd (socket), IPPROTO_TCP, TCP_INFO, &info, &length) != 0 ||
      length < G_STRUCT_OFFSET (struct tcp_info, tcpi_bytes_received) + sizeof info.tcpi_bytes_received)
    return FALSE;
  *acknowledged = info.tcpi_bytes_acked;
  *received = info.tcpi_bytes_received;
  return TRUE;
}

void
mabei_line_init (MabeiLine *line, GSocket *socket, gint64 now_us)
{
  memset (line, 0, sizeof *line);
  line->socket = socket != NULL ? g_object_ref (socket) : NULL;
  line->window = 2 * MABEI_LINE_LEAST_BYTES;
  line->measured_us = now_us;
  line->moved_us = now_us;
  read_counts (socket, &line->acknowledged, &line->received);
  line->measured = line->acknowledged;
}

void
mabei_line_clear (MabeiLine *line)
{
  g_clear_object (&line->socket);
}

static void
measure (MabeiLine *line, gint64 now_us)
{
  gint64 passed_us = now_us - line->measured_us;

  if (passed_us < MEASURE_US)
    return;
  /* An idle line tells nothing about its rate. */
  if (line->handed > 0 || line->acknowledged != line->measured) {
    gint64 rate = (gint64) (line->acknowledged - line->measured) * G_USEC_PER_SEC / passed_us;
    line->window =
        CLAMP (rate * (gint64) MABEI_LINE_SECONDS, (gint64) MABEI_LINE_LEAST_BYTES, (gint64) MABEI_LINE_MOST_BYTES);
  }
  line->measured = line->acknowledged;
  line->measured_us = now_us;
}

void
mabei_line_look (MabeiLine *line, gint64 now_us)
{
  guint64 acknowledged = 0;
  guint64 received = 0;

  if (!read_counts (line->socket, &acknowledged, &received)) {
    line->handed = 0;
    return;
  }
  if (received != line->received || (acknowledged != line->acknowledged && line->handed > 0))
    line->moved_us = now_us;
  /* TLS and framing make more of it than was handed over: then all of it has gone. */
  line->handed = MAX (0, line->handed - (gint64) (acknowledged - line->acknowledged));
  line->acknowledged = acknowledged;
  line->received = received;
  measure (line, now_us);
}

void
mabei_line_add (MabeiLine *line, gsize bytes)
{
  line->handed += (gint64) bytes;
}

gboolean
mabei_line_has_room (const MabeiLine *line)
{
  return line->handed < line->window;
}

void
mabei_line_cut (MabeiLine *line)
{
  if (line->socket != NULL)
    g_socket_close (line->socket, NULL);
}
