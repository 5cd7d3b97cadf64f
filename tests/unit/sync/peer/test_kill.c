/* A device is killed with SIGKILL at a random moment of an exchange, 200 times: nothing that it said to be stored is
 * lost, nothing is there twice, and in the end both have the same. First between two members, then by way of a hub.
 * The device runs in a process of its own; this process is the other side (and the hub).
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/secret.h"
#include "sync/peer/exchange.h"
#include "tests/unit/sync/peer/loop.h"
#include "tests/unit/sync/peer/scene.h"

#define ROUNDS 100u /* of each kind */
#define FRAME_BYTES (MABEI_LIMIT_FRAME_BYTES + 1u)
#define START_MS 5000 /* until the device's first frame */
#define QUIET_MS 60   /* after it: this long without a frame, and the device has nothing to do */

typedef struct {
  pid_t pid;
  int line;  /* frames */
  int notes; /* a byte for every message that the device has committed */
  GBytes *waiting;
} Device;

/* --- the device's process --- */

static gboolean
device_send (MabeiExchange *exchange, int line)
{
  GBytes *frame;

  while ((frame = mabei_exchange_next (exchange, now ())) != NULL) {
    gsize length;
    gconstpointer data = g_bytes_get_data (frame, &length);
    gboolean sent = send (line, data, length, MSG_NOSIGNAL) == (gssize) length;

    g_bytes_unref (frame);
    if (!sent)
      return FALSE;
  }
  return TRUE;
}

static void
device_run (Scene *scene, gboolean by_hub, int line, int notes, guint n_posts)
{
  g_autoptr (MabeiExchange) exchange = NULL;
  g_autofree guint8 *buffer = g_malloc (FRAME_BYTES);
  MabeiShortId wang = *device (scene->wang);
  gssize length = 1;

  person_open (scene->zhang);
  exchange = by_hub ? mabei_exchange_new_hub (scene->zhang->replica, model_hub_key (scene->hub), NULL)
                    : mabei_exchange_new_member (scene->zhang->replica, &wang, NULL);
  for (guint i = 0; i < n_posts; i++) {
    post (scene->zhang, joint (scene, scene->zhang), "by the device");
    if (write (notes, "x", 1) != 1)
      _exit (0);
  }
  while (length > 0 && device_send (exchange, line)) {
    g_autoptr (GBytes) frame = NULL;

    length = recv (line, buffer, FRAME_BYTES, 0);
    if (length <= 0)
      break;
    frame = g_bytes_new (buffer, (gsize) length);
    g_assert_true (mabei_exchange_receive (exchange, frame, now (), NULL));
  }
  _exit (0);
}

static void
device_start (Device *it, Scene *scene, gboolean by_hub, guint n_posts)
{
  int line[2], notes[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, line), ==, 0);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, notes), ==, 0);
  it->pid = fork ();
  g_assert_cmpint (it->pid, >=, 0);
  if (it->pid == 0) {
    close (line[0]);
    close (notes[0]);
    device_run (scene, by_hub, line[1], notes[1], n_posts);
  }
  close (line[1]);
  close (notes[1]);
  it->line = line[0];
  it->notes = notes[0];
}

/* How many messages it had committed. */
static guint
device_kill (Device *it)
{
  char buffer[256];
  int status;
  gssize n;
  guint committed = 0;

  kill (it->pid, SIGKILL);
  g_assert_cmpint (waitpid (it->pid, &status, 0), ==, it->pid);
  g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
  while ((n = read (it->notes, buffer, sizeof buffer)) > 0)
    committed += (guint) n;
  close (it->line);
  close (it->notes);
  g_clear_pointer (&it->waiting, g_bytes_unref);
  return committed;
}

/* --- this side --- */

typedef struct {
  MabeiExchange *own; /* of this process' replica: with the device, or with the hub */
  ModelLine *own_line;
  ModelLine *device_line;
} Side;

static GBytes *
side_next (Side *side)
{
  return side->device_line != NULL ? model_line_next (side->device_line) : mabei_exchange_next (side->own, now ());
}

static void
side_receive (Side *side, GBytes *frame)
{
  g_autoptr (GError) error = NULL;

  if (side->device_line != NULL) {
    g_assert_true (model_line_receive (side->device_line, frame));
    return;
  }
  mabei_exchange_receive (side->own, frame, now (), &error);
  g_assert_no_error (error);
}

/* @zhang: who the device is; its replica is not open here. */
static void
side_open (Side *side, Scene *scene, gboolean by_hub, const MabeiShortId *zhang)
{
  if (by_hub) {
    side->own = mabei_exchange_new_hub (scene->wang->replica, model_hub_key (scene->hub), NULL);
    side->own_line = model_hub_connect (scene->hub);
    side->device_line = model_hub_connect (scene->hub);
  } else {
    side->own = mabei_exchange_new_member (scene->wang->replica, zhang, NULL);
  }
}

static void
side_close (Side *side)
{
  mabei_exchange_free (side->own);
  model_line_free (side->own_line);
  model_line_free (side->device_line);
  memset (side, 0, sizeof *side);
}

/* Sends what the socket takes; FALSE when there is nothing to do. */
static gboolean
pump_out (Side *side, Device *it, guint *n_frames)
{
  gboolean moved = FALSE;

  for (;;) {
    gsize length;
    gconstpointer data;

    if (it->waiting == NULL)
      it->waiting = side_next (side);
    if (it->waiting == NULL)
      return moved;
    data = g_bytes_get_data (it->waiting, &length);
    if (send (it->line, data, length, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
      return moved;
    g_clear_pointer (&it->waiting, g_bytes_unref);
    moved = TRUE;
    (*n_frames)++;
  }
}

static gboolean
pump_in (Side *side, Device *it, guint *n_frames, guint limit)
{
  g_autofree guint8 *buffer = g_malloc (FRAME_BYTES);
  gboolean moved = FALSE;
  gssize length;

  while (*n_frames < limit && (length = recv (it->line, buffer, FRAME_BYTES, MSG_DONTWAIT)) > 0) {
    g_autoptr (GBytes) frame = g_bytes_new (buffer, (gsize) length);

    side_receive (side, frame);
    moved = TRUE;
    (*n_frames)++;
  }
  return moved;
}

/* Until @limit frames have moved, or nothing moves any more. */
static void
exchange_some (Side *side, Device *it, guint limit, int quiet_ms)
{
  guint n_frames = 0;
  gboolean quiet = FALSE, heard = FALSE;

  while (n_frames < limit && !quiet) {
    gboolean moved = FALSE;
    struct pollfd waiting = {.fd = it->line, .events = POLLIN};

    if (side->own_line != NULL)
      moved = loop_step (side->own, side->own_line);
    moved = pump_out (side, it, &n_frames) || moved;
    if (pump_in (side, it, &n_frames, limit))
      moved = heard = TRUE;
    if (!moved)
      quiet = poll (&waiting, 1, heard ? quiet_ms : START_MS) == 0 || (waiting.revents & POLLIN) == 0;
  }
}

static guint
n_messages (Scene *scene, Person *person, const MabeiShortId *author)
{
  g_autoptr (GPtrArray) messages = mabei_space_messages (joint (scene, person));
  guint n = 0;

  for (guint i = 0; i < messages->len; i++)
    n += mabei_short_id_equal (&((MabeiMessage *) messages->pdata[i])->device, author);
  return n;
}

typedef struct {
  guint posted;    /* by this side */
  guint committed; /* by the device, as it told */
} Tally;

/* One life of the device: it ends after @limit frames, or when there is nothing more to do. */
static void
live_once (Scene *scene, gboolean by_hub, const MabeiShortId *zhang, guint n_posts, guint limit, Tally *tally)
{
  Device it = {0};
  Side side = {0};

  side_open (&side, scene, by_hub, zhang);
  device_start (&it, scene, by_hub, n_posts);
  exchange_some (&side, &it, limit, QUIET_MS);
  tally->committed += device_kill (&it);
  side_close (&side);
}

/* Undisturbed, until both have the same; on a busy machine one quiet moment may be a short one. */
static void
finish (Scene *scene, gboolean by_hub, const MabeiShortId *zhang, Tally *tally)
{
  guint here = mabei_graph_n_complete (mabei_space_graph (joint (scene, scene->wang))), there = 0;

  for (guint i = 0; i < 50 && (i == 0 || here != there); i++) {
    live_once (scene, by_hub, zhang, 0, G_MAXUINT, tally);
    person_open (scene->zhang);
    there = mabei_graph_n_complete (mabei_space_graph (joint (scene, scene->zhang)));
    here = mabei_graph_n_complete (mabei_space_graph (joint (scene, scene->wang)));
    person_close (scene->zhang);
  }
}

static void
test_kill (Scene *scene, gconstpointer data)
{
  gboolean by_hub = data != NULL;
  MabeiShortId wang = *device (scene->wang), zhang = *device (scene->zhang);
  Tally tally = {0};

  if (by_hub) { /* the mailboxes are there, and the device is in the case */
    loop_visit (scene->wang, scene->hub);
    loop_visit (scene->zhang, scene->hub);
  } else {
    sync_both (scene->wang, scene->zhang, &scene->id);
  }
  person_close (scene->zhang);
  for (guint round = 0; round < ROUNDS; round++) {
    for (guint i = (guint) g_test_rand_int_range (0, 6); i > 0; i--, tally.posted++)
      post (scene->wang, joint (scene, scene->wang), "by the mediator");
    live_once (scene, by_hub, &zhang, (guint) g_test_rand_int_range (0, 4), (guint) g_test_rand_int_range (0, 60),
               &tally);
  }
  finish (scene, by_hub, &zhang, &tally);
  person_open (scene->zhang);
  assert_same (scene->wang, scene->zhang, &scene->id);
  g_assert_true (mabei_replica_check (scene->zhang->replica, NULL));
  g_assert_true (mabei_replica_check (scene->wang->replica, NULL));
  g_test_message ("%u messages of this side, %u of the device that was killed %u times", tally.posted, tally.committed,
                  ROUNDS);
  g_assert_cmpuint (n_messages (scene, scene->zhang, &wang), ==, tally.posted);
  g_assert_cmpuint (n_messages (scene, scene->wang, &zhang), >=, tally.committed);
  /* One may have been committed just before the kill and not noted. */
  g_assert_cmpuint (n_messages (scene, scene->wang, &zhang), <=, tally.committed + ROUNDS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  scene_add ("/kill/member", NULL, test_kill);
  scene_add ("/kill/hub", "hub", test_kill);
  return g_test_run ();
}
