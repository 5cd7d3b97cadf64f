/* Live messages: signed by the device, for one space; a call opens only for whom it is meant. */
#include <string.h>

#include "core/base/secret.h"
#include "sync/peer/presence.h"
#include "tests/unit/sync/peer/scene.h"

/* Everybody has heard of everybody. */
static void
meet (Scene *scene)
{
  sync_both (scene->wang, scene->zhang, &scene->id);
  sync_both (scene->wang, scene->li, &scene->id);
}

static void
test_presence (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  MabeiSpace *space = joint (scene, scene->zhang);
  g_autoptr (GBytes) message = mabei_live_presence (scene->zhang->replica, space, 7, FALSE);
  g_autoptr (GBytes) leaving = mabei_live_presence (scene->zhang->replica, space, 8, TRUE);
  g_autoptr (GArray) heads = mabei_graph_heads (mabei_space_graph (space));
  g_autoptr (MabeiLive) live = mabei_live_open (scene->wang->replica, joint (scene, scene->wang), message, NULL);
  g_autoptr (MabeiLive) bye = mabei_live_open (scene->wang->replica, joint (scene, scene->wang), leaving, NULL);
  guint64 since_ms;

  g_assert_cmpint (live->type, ==, MABEI_LIVE_PRESENCE);
  g_assert_true (mabei_short_id_equal (&live->from, device (scene->zhang)));
  g_assert_cmpuint (live->number, ==, 7);
  g_assert_false (live->leaving);
  g_assert_true (bye->leaving);
  g_assert_cmpuint (live->n_heads, ==, heads->len);
  g_assert_cmpmem (live->heads, live->n_heads * sizeof (MabeiId), heads->data, heads->len * sizeof (MabeiId));

  /* From it everybody knows what Zhang has. */
  g_assert_true (mabei_replica_set_peer_heads (scene->wang->replica, joint (scene, scene->wang), &live->from,
                                               live->heads, live->n_heads, 5000, NULL));
  g_assert_cmpuint (
      mabei_replica_peer_missing (scene->wang->replica, joint (scene, scene->wang), &live->from, &since_ms), ==, 0);
}

static void
check_refused (Person *person, MabeiSpace *space, GBytes *message, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (mabei_live_open (person->replica, space, message, &error));
  g_assert_nonnull (error);
  if (text != NULL)
    g_assert_cmpstr (error->message, ==, text);
  g_assert_null (strchr (error->message, '\n'));
}

static void
test_call (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  MabeiSpace *space = joint (scene, scene->zhang);
  g_autoptr (GBytes) message = mabei_live_call (scene->zhang->replica, space, device (scene->li), 9, "offer", 5);
  g_autoptr (MabeiLive) to_li = mabei_live_open (scene->li->replica, joint (scene, scene->li), message, NULL);
  g_autoptr (MabeiLive) to_wang = mabei_live_open (scene->wang->replica, joint (scene, scene->wang), message, NULL);

  g_assert_cmpint (to_li->type, ==, MABEI_LIVE_CALL);
  g_assert_cmpmem (g_bytes_get_data (to_li->data, NULL), g_bytes_get_size (to_li->data), "offer", 5);
  g_assert_nonnull (to_wang); /* genuine, and not for him */
  g_assert_null (to_wang->data);
  g_assert_true (mabei_short_id_equal (&to_wang->to, device (scene->li)));
}

static void
test_not_members (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (Person) zhao = person_new ("赵六");
  MabeiSpace *caucus = the_caucus (scene->zhang, &scene->id, scene->zhang);
  g_autoptr (GBytes) call = NULL;
  g_autoptr (GBytes) stranger = mabei_live_presence (zhao->replica, joint (scene, scene->zhang), 1, FALSE);
  g_autoptr (GBytes) outsider = mabei_live_presence (scene->li->replica, caucus, 1, FALSE);

  g_assert_null (mabei_live_call (scene->zhang->replica, joint (scene, scene->zhang), device (zhao), 1, "x", 1));
  g_assert_null (mabei_live_call (scene->zhang->replica, caucus, device (scene->li), 1, "x", 1));
  check_refused (scene->zhang, joint (scene, scene->zhang), stranger,
                 "a live message from somebody who is not in this space");
  check_refused (scene->zhang, caucus, outsider, "a live message from somebody who is not in this space");
}

/* What was said in one space is not valid in another. */
static void
test_other_space (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GBytes) message = mabei_live_presence (scene->zhang->replica, joint (scene, scene->zhang), 1, FALSE);

  check_refused (scene->wang, the_caucus (scene->wang, &scene->id, scene->zhang), message,
                 "a live message that its sender did not sign");
}

static void
test_size (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *large = g_strnfill (40000, 'x');
  g_autoptr (GBytes) most = NULL;
  gsize length = 17000;

  while (most == NULL && length > 15000)
    most = mabei_live_call (scene->zhang->replica, joint (scene, scene->zhang), device (scene->li), 1, large, length--);
  g_test_message ("a call message of %zu bytes fits", length + 1);
  g_assert_nonnull (most);
  g_assert_cmpuint (g_bytes_get_size (most), ==, 16383);
  g_assert_null (
      mabei_live_call (scene->zhang->replica, joint (scene, scene->zhang), device (scene->li), 1, large, 40000));
}

static void
test_damaged (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GPtrArray) messages = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  g_ptr_array_add (messages, mabei_live_presence (scene->zhang->replica, joint (scene, scene->zhang), 1, FALSE));
  g_ptr_array_add (messages, mabei_live_call (scene->zhang->replica, joint (scene, scene->zhang), device (scene->li), 1,
                                              "offer", 5));
  for (guint m = 0; m < messages->len; m++) {
    gsize length;
    const guint8 *bytes = g_bytes_get_data (messages->pdata[m], &length);

    for (gsize at = 0; at < length; at++) {
      g_autofree guint8 *copy = g_memdup2 (bytes, length);
      g_autoptr (GBytes) flipped = NULL, part = g_bytes_new (bytes, at);

      copy[at] ^= 1;
      flipped = g_bytes_new (copy, length);
      check_refused (scene->li, joint (scene, scene->li), flipped, NULL);
      check_refused (scene->li, joint (scene, scene->li), part, NULL);
    }
  }
}

static void
set_up (Scene *scene, gconstpointer data)
{
  scene_set_up (scene, data);
  meet (scene);
}

static void
add (const char *path, void (*test) (Scene *, gconstpointer))
{
  g_test_add (path, Scene, NULL, set_up, test, scene_tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  add ("/presence/presence", test_presence);
  add ("/presence/call", test_call);
  add ("/presence/not-members", test_not_members);
  add ("/presence/other-space", test_other_space);
  add ("/presence/size", test_size);
  add ("/presence/damaged", test_damaged);
  return g_test_run ();
}
