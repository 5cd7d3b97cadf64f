/* Every message there and back to the same bytes; everything else is refused. */
#include "app/call/message.h"

#include <string.h>

static const guint8 session[MABEI_ROOM_SESSION_BYTES] = {1, 2, 3};

static MabeiSignal *
example (MabeiSignalKind kind)
{
  MabeiSignal *message = mabei_signal_new (kind, session);
  memset (message->attempt, 0x11, sizeof message->attempt);
  memset (message->fingerprint.bytes, 0x22, sizeof message->fingerprint);
  message->text = g_strdup (kind == MABEI_SIGNAL_HELLO ? "王芳" : "candidate:1 1 UDP 1 127.0.0.1 9 typ host");
  message->version = MABEI_ROOM_LIMIT_VERSION;
  message->sequence = G_MAXUINT32;
  message->request = 3;
  message->media = 1;
  message->place = MABEI_ROOM_PLACE_LAST;
  message->known = message->yes = message->muted = TRUE;
  mabei_room_open (&message->room, session, "host", "Mediator");
  g_assert_true (mabei_room_knock (&message->room, "wang", "Wang", NULL));
  message->opening.version = 5;
  message->opening.n_without = 1;
  g_strlcpy (message->opening.without[0], "li", sizeof message->opening.without[0]);
  return message;
}

static void
test_there_and_back (void)
{
  for (MabeiSignalKind kind = MABEI_SIGNAL_HELLO; kind <= MABEI_SIGNAL_LAST; kind++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (MabeiSignal) message = example (kind);
    g_autoptr (GBytes) bytes = mabei_signal_encode (message);
    g_autoptr (MabeiSignal) back = mabei_signal_parse (bytes, &error);
    g_assert_no_error (error);
    g_assert_cmpint (back->kind, ==, kind);
    g_assert_cmpmem (back->session, sizeof back->session, session, sizeof session);
    g_autoptr (GBytes) again = mabei_signal_encode (back);
    g_assert_true (g_bytes_equal (bytes, again));
    if (kind == MABEI_SIGNAL_STATE)
      g_assert_cmpmem (&back->room, sizeof back->room, &message->room, sizeof message->room);
    if (kind == MABEI_SIGNAL_OPEN)
      g_assert_cmpstr (back->opening.without[0], ==, "li");
  }
}

static void
assert_refused (const guint8 *data, gsize length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new (data, length);
  g_autoptr (MabeiSignal) message = mabei_signal_parse (bytes, &error);
  g_assert_null (message);
  MabeiSignalError code = length > MABEI_SIGNAL_LIMIT_BYTES ? MABEI_SIGNAL_ERROR_LIMIT : MABEI_SIGNAL_ERROR_FORMAT;
  g_assert_error (error, MABEI_SIGNAL_ERROR, (int) code);
}

/* Cut anywhere, or longer by a byte: never a message. */
static void
test_truncated (void)
{
  for (MabeiSignalKind kind = MABEI_SIGNAL_HELLO; kind <= MABEI_SIGNAL_LAST; kind++) {
    g_autoptr (MabeiSignal) message = example (kind);
    g_autoptr (GBytes) bytes = mabei_signal_encode (message);
    gsize length;
    const guint8 *data = g_bytes_get_data (bytes, &length);
    for (gsize cut = 0; cut < length; cut++)
      assert_refused (data, cut);
    g_autofree guint8 *longer = g_malloc0 (length + 1);
    memcpy (longer, data, length);
    assert_refused (longer, length + 1);
  }
}

/* Any byte changed: refused, or a message that is written back to exactly these bytes. */
static void
test_changed_bytes (void)
{
  for (MabeiSignalKind kind = MABEI_SIGNAL_HELLO; kind <= MABEI_SIGNAL_LAST; kind++) {
    g_autoptr (MabeiSignal) message = example (kind);
    g_autoptr (GBytes) bytes = mabei_signal_encode (message);
    gsize length;
    const guint8 *data = g_bytes_get_data (bytes, &length);
    for (gsize at = 0; at < length; at++)
      for (guint change = 1; change < 256; change += 6) {
        g_autofree guint8 *copy = g_memdup2 (data, length);
        copy[at] ^= (guint8) change;
        g_autoptr (GBytes) changed = g_bytes_new (copy, length);
        g_autoptr (MabeiSignal) back = mabei_signal_parse (changed, NULL);
        if (!back)
          continue;
        g_autoptr (GBytes) again = mabei_signal_encode (back);
        g_assert_true (g_bytes_equal (changed, again));
      }
  }
}

static void
test_limits (void)
{
  g_autofree guint8 *large = g_malloc0 (MABEI_SIGNAL_LIMIT_BYTES + 1);
  assert_refused (large, MABEI_SIGNAL_LIMIT_BYTES);
  assert_refused (large, MABEI_SIGNAL_LIMIT_BYTES + 1);

  for (guint over = 0; over < 2; over++) {
    g_autoptr (MabeiSignal) offer = example (MABEI_SIGNAL_OFFER);
    g_free (offer->text);
    offer->text = g_strnfill (MABEI_SIGNAL_LIMIT_SDP_BYTES + over, 'a');
    g_autoptr (GBytes) bytes = mabei_signal_encode (offer);
    g_autoptr (MabeiSignal) back = mabei_signal_parse (bytes, NULL);
    g_assert_true ((back != NULL) == (over == 0));

    g_autoptr (MabeiSignal) ice = example (MABEI_SIGNAL_ICE);
    g_free (ice->text);
    ice->text = g_strnfill (MABEI_SIGNAL_LIMIT_CANDIDATE_BYTES + over, 'a');
    g_autoptr (GBytes) ice_bytes = mabei_signal_encode (ice);
    g_autoptr (MabeiSignal) ice_back = mabei_signal_parse (ice_bytes, NULL);
    g_assert_true ((ice_back != NULL) == (over == 0));
    ice->media = 2;
    ice->text[10] = '\0';
    g_autoptr (GBytes) third = mabei_signal_encode (ice);
    g_assert_null (mabei_signal_parse (third, NULL));
  }
}

/* States that cannot be do not come through as messages either. */
static void
test_impossible_state (void)
{
  g_autoptr (MabeiSignal) message = example (MABEI_SIGNAL_STATE);
  message->room.people[1] = message->room.people[0];
  g_autoptr (GBytes) twice = mabei_signal_encode (message);
  g_assert_null (mabei_signal_parse (twice, NULL));

  g_autoptr (MabeiSignal) move = example (MABEI_SIGNAL_MOVE);
  move->place = MABEI_ROOM_PLACE_WAITING;
  g_autoptr (GBytes) to_waiting = mabei_signal_encode (move);
  g_assert_null (mabei_signal_parse (to_waiting, NULL));

  g_autoptr (MabeiSignal) hello = example (MABEI_SIGNAL_HELLO);
  g_free (hello->text);
  hello->text = g_strdup ("two\nlines");
  g_autoptr (GBytes) bad_name = mabei_signal_encode (hello);
  g_assert_null (mabei_signal_parse (bad_name, NULL));
}

static void
test_noise (void)
{
  for (guint i = 0; i < 20000; i++) {
    guint8 noise[64];
    gsize length = (gsize) g_test_rand_int_range (0, sizeof noise);
    for (gsize k = 0; k < length; k++)
      noise[k] = (guint8) g_test_rand_int_range (0, 256);
    g_autoptr (GBytes) bytes = g_bytes_new (noise, length);
    g_autoptr (MabeiSignal) message = mabei_signal_parse (bytes, NULL);
    if (message) {
      g_autoptr (GBytes) again = mabei_signal_encode (message);
      g_assert_true (g_bytes_equal (bytes, again));
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/message/there-and-back", test_there_and_back);
  g_test_add_func ("/message/truncated", test_truncated);
  g_test_add_func ("/message/changed-bytes", test_changed_bytes);
  g_test_add_func ("/message/limits", test_limits);
  g_test_add_func ("/message/impossible-state", test_impossible_state);
  g_test_add_func ("/message/noise", test_noise);
  return g_test_run ();
}
