/* An exchange between two members' devices, without a hub: by heads, only in spaces that both are in. */
#include <string.h>

#include "core/base/secret.h"
#include "sync/peer/record_frame.h"
#include "tests/unit/sync/peer/loop.h"
#include "tests/unit/sync/peer/scene.h"

static void
meet (Person *a, Person *b)
{
  g_autoptr (MabeiExchange) one = mabei_exchange_new_member (a->replica, device (b), NULL);
  g_autoptr (MabeiExchange) two = mabei_exchange_new_member (b->replica, device (a), NULL);

  loop_run_pair (one, two);
  g_assert_true (mabei_exchange_is_idle (one));
  g_assert_true (mabei_exchange_is_idle (two));
}

static void
test_converges (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  meet (scene->wang, scene->zhang);
  meet (scene->wang, scene->li);
  post (scene->zhang, joint (scene, scene->zhang), "by the river");
  post (scene->li, joint (scene, scene->li), "by the road");
  meet (scene->zhang, scene->li);
  assert_same (scene->zhang, scene->li, &scene->id);
  meet (scene->li, scene->wang); /* what Zhang wrote comes by way of Li */
  assert_same (scene->zhang, scene->wang, &scene->id);
  g_assert_cmpuint (mabei_graph_n_complete (mabei_space_graph (joint (scene, scene->wang))), >=, 3);
}

/* Who has nothing new says little, and knows what the other has. */
static void
test_nothing_new (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (MabeiExchange) one = NULL, two = NULL;
  guint64 in, out;

  meet (scene->wang, scene->zhang);
  for (guint i = 0; i < 20; i++)
    post (scene->zhang, joint (scene, scene->zhang), "and another thing");
  meet (scene->wang, scene->zhang);
  g_assert_cmpuint (
      mabei_replica_peer_missing (scene->wang->replica, joint (scene, scene->wang), device (scene->zhang), NULL), ==,
      0);
  g_assert_cmpuint (
      mabei_replica_peer_missing (scene->zhang->replica, joint (scene, scene->zhang), device (scene->wang), NULL), ==,
      0);
  g_assert_cmpuint (
      mabei_replica_peer_missing (scene->wang->replica, joint (scene, scene->wang), device (scene->li), NULL), >, 20);
  one = mabei_exchange_new_member (scene->wang->replica, device (scene->zhang), NULL);
  two = mabei_exchange_new_member (scene->zhang->replica, device (scene->wang), NULL);
  loop_run_pair (one, two);
  mabei_exchange_counts (one, &in, &out, NULL);
  g_test_message ("nothing new: %" G_GUINT64_FORMAT " in, %" G_GUINT64_FORMAT " out", in, out);
  g_assert_cmpuint (in, <, 300);
  g_assert_cmpuint (out, <, 300);
}

/* Zhang and Li meet: neither hears of the other's caucus, not even that there is one. */
static void
test_caucus_is_not_offered (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  MabeiSpace *caucus = the_caucus (scene->zhang, &scene->id, scene->zhang);
  g_autoptr (MabeiExchange) one = NULL;
  g_autoptr (MabeiMailboxKeys) keys = NULL;
  MabeiFrame hello = {.type = MABEI_FRAME_HELLO, .version = MABEI_PROTOCOL_VERSION},
             heads = {.type = MABEI_FRAME_HEADS};
  g_autoptr (GBytes) hello_bytes = mabei_frame_encode (&hello), heads_bytes = NULL;
  MabeiSecret *secret;
  MabeiId epoch_id;
  GBytes *bytes;

  meet (scene->wang, scene->zhang);
  post (scene->zhang, caucus, "between us");
  g_assert_true (mabei_space_writing_epoch (caucus, &epoch_id, &secret));
  keys = mabei_mailbox_keys_new (secret, 0);
  one = mabei_exchange_new_member (scene->zhang->replica, device (scene->li), NULL);
  g_assert_true (mabei_exchange_receive (one, hello_bytes, now (), NULL));
  /* Li has learnt of the mailbox somehow, and asks. */
  heads.mailbox = *mabei_mailbox_keys_id (keys);
  heads_bytes = mabei_frame_encode (&heads);
  g_assert_true (mabei_exchange_receive (one, heads_bytes, now (), NULL));
  while ((bytes = mabei_exchange_next (one, now ())) != NULL) {
    g_autoptr (MabeiFrame) frame = mabei_frame_decode (bytes, NULL);

    g_assert_false (mabei_short_id_equal (&frame->mailbox, mabei_mailbox_keys_id (keys)));
    g_bytes_unref (bytes);
  }
}

/* Heads look different in every exchange. */
static void
test_heads_are_salted (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  MabeiSpace *space = joint (scene, scene->wang);
  g_autoptr (GArray) heads = mabei_graph_heads (mabei_space_graph (space)), known = NULL, unknown = NULL;
  guint8 salts[64] = {0}, others[64] = {1}, one[1][8], two[1][8];

  g_assert_cmpuint (heads->len, ==, 1);
  mabei_record_frame_salted_head (salts, &g_array_index (heads, MabeiId, 0), one[0]);
  mabei_record_frame_salted_head (others, &g_array_index (heads, MabeiId, 0), two[0]);
  g_assert_cmpint (memcmp (one, two, 8), !=, 0);
  known = mabei_record_frame_recognise (space, salts, (const guint8 (*)[8]) one, 1);
  unknown = mabei_record_frame_recognise (space, salts, (const guint8 (*)[8]) two, 1);
  g_assert_cmpuint (known->len, ==, 1);
  g_assert_true (mabei_id_equal (&g_array_index (known, MabeiId, 0), &g_array_index (heads, MabeiId, 0)));
  g_assert_cmpuint (unknown->len, ==, 0);
}

/* Cut at every frame, and begun anew: in the end both have all, and nothing twice. */
static void
test_cut_anywhere (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  guint cuts = 0;
  gboolean whole = FALSE;

  for (guint i = 0; i < 5; i++)
    post (scene->wang, joint (scene, scene->wang), "notes of the mediator");
  while (!whole) {
    g_autoptr (MabeiExchange) one = mabei_exchange_new_member (scene->wang->replica, device (scene->zhang), NULL);
    g_autoptr (MabeiExchange) two = mabei_exchange_new_member (scene->zhang->replica, device (scene->wang), NULL);
    guint left = cuts++ % 12;

    while (left-- > 0 && !whole) {
      GBytes *there = mabei_exchange_next (one, now ()), *back = mabei_exchange_next (two, now ());

      g_assert_true (there == NULL || mabei_exchange_receive (two, there, now (), NULL));
      g_assert_true (back == NULL || mabei_exchange_receive (one, back, now (), NULL));
      whole = there == NULL && back == NULL;
      g_clear_pointer (&there, g_bytes_unref);
      g_clear_pointer (&back, g_bytes_unref);
    }
    g_assert_cmpuint (cuts, <, 500);
  }
  g_assert_cmpuint (cuts, >, 2);
  assert_same (scene->wang, scene->zhang, &scene->id);
  g_assert_true (mabei_replica_check (scene->zhang->replica, NULL));
}

/* While the line stands, each goes on writing. */
static void
test_goes_on (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (MabeiExchange) one = mabei_exchange_new_member (scene->wang->replica, device (scene->zhang), NULL);
  g_autoptr (MabeiExchange) two = mabei_exchange_new_member (scene->zhang->replica, device (scene->wang), NULL);

  loop_run_pair (one, two);
  for (guint i = 0; i < 10; i++) {
    post (scene->wang, joint (scene, scene->wang), "question");
    mabei_exchange_wake (one);
    post (scene->zhang, joint (scene, scene->zhang), "answer");
    mabei_exchange_wake (two);
    loop_run_pair (one, two);
    g_assert_true (mabei_exchange_is_idle (one));
    g_assert_true (mabei_exchange_is_idle (two));
    assert_same (scene->wang, scene->zhang, &scene->id);
  }
}

static void
test_new_epoch (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  meet (scene->wang, scene->zhang);
  meet (scene->wang, scene->li);
  rotate_joint (scene, scene->wang);
  post (scene->wang, joint (scene, scene->wang), "under the new key");
  meet (scene->wang, scene->zhang);
  assert_same (scene->wang, scene->zhang, &scene->id);
  meet (scene->zhang, scene->li); /* Li has not met Wang since: it comes by way of Zhang */
  assert_same (scene->zhang, scene->li, &scene->id);
  g_assert_cmpuint (mabei_graph_n_complete (mabei_space_graph (joint (scene, scene->li))), ==,
                    mabei_graph_n_complete (mabei_space_graph (joint (scene, scene->wang))));
}

/* A record in a mailbox whose key is not here is refused; the line stands. */
static void
test_unknown_mailbox (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (MabeiExchange) one = mabei_exchange_new_member (scene->wang->replica, device (scene->zhang), NULL);
  g_autoptr (MabeiSecret) secret = mabei_secret_new_random (32);
  g_autoptr (MabeiMailboxKeys) keys = mabei_mailbox_keys_new (secret, 0);
  g_autoptr (GBytes) record = mabei_record_frame_seal (secret, keys, 5, "x", 1);
  MabeiFrame hello = {.type = MABEI_FRAME_HELLO, .version = MABEI_PROTOCOL_VERSION};
  g_autoptr (GBytes) hello_bytes = mabei_frame_encode (&hello);
  gboolean refused = FALSE;
  GBytes *bytes;

  g_assert_true (mabei_exchange_receive (one, hello_bytes, now (), NULL));
  g_assert_true (mabei_exchange_receive (one, record, now (), NULL));
  while ((bytes = mabei_exchange_next (one, now ())) != NULL) {
    g_autoptr (MabeiFrame) frame = mabei_frame_decode (bytes, NULL);

    refused =
        refused || (frame->type == MABEI_FRAME_REFUSE && frame->tag == 5 && frame->code == MABEI_REFUSE_NOT_FOUND);
    g_bytes_unref (bytes);
  }
  g_assert_true (refused);
}

static void
test_echo (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (MabeiExchange) one = mabei_exchange_new_member (scene->wang->replica, device (scene->zhang), NULL);
  g_autoptr (GBytes) hello = mabei_exchange_next (one, now ());
  g_autoptr (GError) error = NULL;

  g_assert_false (mabei_exchange_receive (one, hello, now (), &error));
  g_assert_cmpstr (error->message, ==, "the other side is an echo");
}

static void
test_too_many_offers (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (MabeiExchange) one = mabei_exchange_new_member (scene->wang->replica, device (scene->zhang), NULL);
  MabeiFrame hello = {.type = MABEI_FRAME_HELLO, .version = MABEI_PROTOCOL_VERSION};
  g_autoptr (GBytes) hello_bytes = mabei_frame_encode (&hello);
  gboolean good = TRUE;
  guint n = 0;

  g_assert_true (mabei_exchange_receive (one, hello_bytes, now (), NULL));
  while (good && n < 1000) {
    MabeiFrame heads = {.type = MABEI_FRAME_HEADS};
    g_autoptr (GBytes) bytes = NULL;

    n++;
    memcpy (heads.mailbox.bytes, &n, sizeof n);
    bytes = mabei_frame_encode (&heads);
    good = mabei_exchange_receive (one, bytes, now (), NULL);
  }
  g_assert_cmpuint (n, ==, MABEI_LIMIT_MAILBOXES + 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  scene_add ("/member/converges", NULL, test_converges);
  scene_add ("/member/nothing-new", NULL, test_nothing_new);
  scene_add ("/member/caucus-is-not-offered", NULL, test_caucus_is_not_offered);
  scene_add ("/member/heads-are-salted", NULL, test_heads_are_salted);
  scene_add ("/member/cut-anywhere", NULL, test_cut_anywhere);
  scene_add ("/member/goes-on", NULL, test_goes_on);
  scene_add ("/member/new-epoch", NULL, test_new_epoch);
  scene_add ("/member/unknown-mailbox", NULL, test_unknown_mailbox);
  scene_add ("/member/echo", NULL, test_echo);
  scene_add ("/member/too-many-offers", NULL, test_too_many_offers);
  return g_test_run ();
}
