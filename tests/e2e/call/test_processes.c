/* Three people in three processes, as it is in life; the fourth carries their messages. What one client takes of the
 * machine is told and its memory is held to a limit.
 */
#include "app/call/call.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PEOPLE 3u
#define GIVE_UP_S 180u
#define MEASURE_S 8
#define MEMORY_LIMIT_KIB (200 * 1024)
#define LETTER_BYTES 40000u

static const char *const devices[PEOPLE] = {"dev-b", "dev-a", "dev-c"};

typedef struct {
  guint number;
  int fd;
  MabeiCall *call;
  GMainLoop *loop;
  gint64 live_us, frames_then;
  double cpu_then_s;
} Client;

/* One letter a datagram: the number of the other person, then the message. */
static void
on_send (const char *to_device, GBytes *message, gpointer data)
{
  Client *client = data;
  gsize length;
  const guint8 *bytes = g_bytes_get_data (message, &length);
  g_autofree guint8 *letter = g_malloc (length + 1);
  for (guint8 i = 0; i < PEOPLE; i++)
    if (strcmp (devices[i], to_device) == 0)
      letter[0] = i;
  memcpy (letter + 1, bytes, length);
  if (send (client->fd, letter, length + 1, MSG_NOSIGNAL) < 0)
    g_main_loop_quit (client->loop);
}

static gboolean
on_letter (int fd, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
  Client *client = data;
  g_autofree guint8 *letter = g_malloc (LETTER_BYTES);
  gssize length = recv (fd, letter, LETTER_BYTES, 0);
  if (length < 1 || letter[0] >= PEOPLE) {
    g_main_loop_quit (client->loop);
    return G_SOURCE_REMOVE;
  }
  g_autoptr (GBytes) message = g_bytes_new (letter + 1, (gsize) length - 1);
  mabei_call_receive (client->call, devices[letter[0]], message);
  return G_SOURCE_CONTINUE;
}

static double
cpu_s (void)
{
  struct rusage usage;
  getrusage (RUSAGE_SELF, &usage);
  return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static gint64
memory_kib (void)
{
  g_autofree char *status = NULL;
  const char *line = NULL;
  if (g_file_get_contents ("/proc/self/status", &status, NULL, NULL))
    line = strstr (status, "VmRSS:");
  return line ? g_ascii_strtoll (line + 6, NULL, 10) : G_MAXINT64;
}

static gint64
frames_of (const MabeiCallState *state)
{
  gint64 frames = 0;
  for (guint i = 0; i < state->n_people; i++)
    frames += (gint64) state->people[i].frames;
  return frames;
}

static void
report (Client *client, const MabeiCallState *state)
{
  double seconds = (double) (g_get_monotonic_time () - client->live_us) / 1e6;
  char line[200];
  int length = g_snprintf (
      line, sizeof line,
      "%u %" G_GINT64_FORMAT " %s: RSS %" G_GINT64_FORMAT " KiB, CPU %.1f %% of one core, %.1f pictures/s received\n",
      client->number, memory_kib (), devices[client->number], memory_kib (),
      100 * (cpu_s () - client->cpu_then_s) / seconds, (double) (frames_of (state) - client->frames_then) / seconds);
  if (write (STDOUT_FILENO, line, (gsize) length) < 0)
    _exit (2);
}

/* Admits whoever waits; reports when everyone was seen and heard for a while. */
static gboolean
on_look (gpointer data)
{
  Client *client = data;
  g_autoptr (MabeiCallState) state = mabei_call_get_state (client->call);
  guint live = 0;
  for (guint i = 0; i < state->n_people; i++) {
    const MabeiCallPerson *person = &state->people[i];
    if (client->number == 0 && person->person.place == MABEI_ROOM_PLACE_WAITING)
      mabei_call_admit (client->call, person->person.device);
    live += person->link == MABEI_MEDIA_LINK_STATE_LIVE && person->frames > 3 && person->tone_hz > 0;
  }
  if (live == PEOPLE - 1 && client->live_us == 0) {
    client->live_us = g_get_monotonic_time ();
    client->cpu_then_s = cpu_s ();
    client->frames_then = frames_of (state);
  }
  if (client->live_us > 0 && g_get_monotonic_time () - client->live_us > MEASURE_S * G_USEC_PER_SEC) {
    report (client, state);
    client->live_us = G_MAXINT64; /* stays in the session until the carrier ends it */
  }
  return G_SOURCE_CONTINUE;
}

static void
be_client (guint number, int fd)
{
  static const MabeiCallCallbacks callbacks = {.send = on_send};
  Client client = {.number = number, .fd = fd};
  const MabeiCallConfig config = {
      .device = devices[number],
      .name = "Somebody",
      .host = devices[0],
      .source = MABEI_CALL_SOURCE_TEST,
      .pattern = (int) number,
      .tone_hz = 500 + number * 100,
      .loopback = TRUE,
  };
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  /* Children of one fork would draw the same numbers, and so the same SSRC. */
  g_random_set_seed ((guint32) getpid ());
  client.loop = g_main_loop_new (NULL, FALSE);
  client.call = mabei_call_new (&config, &callbacks, &client, NULL);
  if (!client.call)
    _exit (1);
  g_unix_fd_add (fd, G_IO_IN | G_IO_HUP, on_letter, &client);
  g_timeout_add (100, on_look, &client);
  if (number == 0)
    mabei_call_open (client.call);
  else
    mabei_call_join (client.call);
  g_main_loop_run (client.loop);
  mabei_call_free (client.call);
  g_main_loop_unref (client.loop);
  _exit (0);
}

typedef struct {
  int fds[PEOPLE];
  guint reports;
  gboolean too_large, late;
  GMainLoop *loop;
} Carrier;

/* From whom a letter comes is known by the line it came on. */
static gboolean
on_carry (int fd, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
  Carrier *carrier = data;
  g_autofree guint8 *letter = g_malloc (LETTER_BYTES);
  gssize length = recv (fd, letter, LETTER_BYTES, 0);
  if (length < 1)
    return G_SOURCE_REMOVE;
  guint8 to = letter[0];
  for (guint8 i = 0; i < PEOPLE; i++)
    if (carrier->fds[i] == fd)
      letter[0] = i;
  if (to < PEOPLE && send (carrier->fds[to], letter, (gsize) length, MSG_NOSIGNAL) < 0)
    g_test_message ("a letter was lost");
  return G_SOURCE_CONTINUE;
}

static gboolean
on_report (int fd, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
  Carrier *carrier = data;
  char text[1000];
  gssize length = read (fd, text, sizeof text - 1);
  if (length <= 0)
    return G_SOURCE_REMOVE;
  text[length] = '\0';
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] && *lines[i]; i++) {
    guint number = 0;
    gint64 kib = 0;
    g_assert_cmpint (sscanf (lines[i], "%u %" G_GINT64_FORMAT, &number, &kib), ==, 2);
    carrier->too_large = carrier->too_large || kib > MEMORY_LIMIT_KIB;
    g_test_message ("%s", lines[i]);
    if (++carrier->reports == PEOPLE)
      g_main_loop_quit (carrier->loop);
  }
  return G_SOURCE_CONTINUE;
}

static gboolean
on_late (gpointer data)
{
  Carrier *carrier = data;
  carrier->late = TRUE;
  g_main_loop_quit (carrier->loop);
  return G_SOURCE_REMOVE;
}

/* The children are made before anything starts a thread. */
static void
test_three (void)
{
  Carrier carrier = {0};
  int out[2];
  pid_t children[PEOPLE];
  g_assert_cmpint (pipe (out), ==, 0);
  for (guint i = 0; i < PEOPLE; i++) {
    int line[2];
    g_assert_cmpint (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, line), ==, 0);
    children[i] = fork ();
    g_assert_cmpint (children[i], >=, 0);
    if (children[i] == 0) {
      dup2 (out[1], STDOUT_FILENO);
      for (guint k = 0; k < i; k++)
        close (carrier.fds[k]);
      close (line[0]);
      be_client (i, line[1]);
    }
    close (line[1]);
    carrier.fds[i] = line[0];
  }
  close (out[1]);
  carrier.loop = g_main_loop_new (NULL, FALSE);
  for (guint i = 0; i < PEOPLE; i++)
    g_unix_fd_add (carrier.fds[i], G_IO_IN | G_IO_HUP, on_carry, &carrier);
  guint reports = g_unix_fd_add (out[0], G_IO_IN | G_IO_HUP, on_report, &carrier);
  guint timer = g_timeout_add_seconds (GIVE_UP_S, on_late, &carrier);
  g_main_loop_run (carrier.loop);
  for (guint i = 0; i < PEOPLE; i++)
    shutdown (carrier.fds[i], SHUT_RDWR);
  for (guint i = 0; i < PEOPLE; i++) {
    int status = -1;
    g_assert_cmpint (waitpid (children[i], &status, 0), ==, children[i]);
    g_assert_cmpint (status, ==, 0);
    close (carrier.fds[i]);
  }
  g_assert_false (carrier.late);
  g_assert_false (carrier.too_large);
  g_source_remove (timer);
  g_source_remove (reports);
  close (out[0]);
  g_main_loop_unref (carrier.loop);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/processes/three", test_three);
  return g_test_run ();
}
