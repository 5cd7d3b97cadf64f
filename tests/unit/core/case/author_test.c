/* The next change of a device: what it cites, how many heads it can join, and when it is refused. */
#include "core/base/limits.h"
#include "tests/tools/cast.h"

static MabeiSpace *
joint_of (MabeiActor *actor)
{
  return mabei_actor_space (actor, MABEI_SPACE_JOINT, NULL);
}

static MabeiSpace *
control_of (MabeiActor *actor)
{
  return mabei_actor_space (actor, MABEI_SPACE_CONTROL, NULL);
}

static void
test_header (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  g_autoptr (MabeiChange) first =
      mabei_actor_do (cast->wang, joint_of (cast->wang), mabei_operation_post ("one", MABEI_LEVEL_KEEP, NULL));
  g_autoptr (MabeiChange) by_li =
      mabei_actor_do (cast->li, joint_of (cast->li), mabei_operation_post ("two", MABEI_LEVEL_SHOW, NULL));
  mabei_cast_sync (cast);
  g_autoptr (MabeiChange) second =
      mabei_actor_do (cast->wang, joint_of (cast->wang), mabei_operation_post ("three", MABEI_LEVEL_CONVEY, NULL));
  const MabeiHeader *header = mabei_change_header (second);
  const MabeiHeader *before = mabei_change_header (first), *other = mabei_change_header (by_li);
  g_assert_true (mabei_id_equal (&header->case_id, mabei_case_id (cast->wang->c)));
  g_assert_cmpuint (header->seq, ==, before->seq + 1);
  g_assert_true (mabei_id_equal (&header->prev, mabei_change_id (first)));
  g_assert_cmpuint (header->n_deps, ==, 1);
  g_assert_true (mabei_id_equal (&header->deps[0], mabei_change_id (by_li)));
  g_assert_cmpuint (header->lamport, ==, MAX (before->lamport, other->lamport) + 1);
  g_autoptr (GArray) heads = mabei_graph_heads (mabei_space_graph (control_of (cast->wang)));
  g_assert_cmpuint (header->n_control, ==, heads->len);
  mabei_cast_sync (cast);
  g_autoptr (GPtrArray) messages = mabei_space_messages (joint_of (cast->li));
  g_assert_cmpuint (messages->len, ==, 3);
  const MabeiMessage *last = g_ptr_array_index (messages, 2);
  g_assert_cmpstr (last->text, ==, "three");
  g_assert_cmpint (last->level, ==, MABEI_LEVEL_CONVEY);
  g_assert_true (mabei_short_id_equal (&last->device, mabei_device_key_id (cast->wang->key)));
}

/* A change joins its author's chain and 16 others; with one more, merges come first. */
static void
expect_heads (MabeiCast *cast, GPtrArray *people, MabeiSpaceKind kind, guint n_people)
{
  GError *error = NULL;
  MabeiActor *chen = cast->mediator;
  MabeiSpace *space = mabei_actor_space (chen, kind, NULL);
  for (guint i = 0; i < n_people; i++) {
    MabeiActor *actor = g_ptr_array_index (people, i);
    mabei_actor_merge (actor, mabei_actor_space (actor, kind, NULL));
  }
  for (guint i = 0; i < n_people; i++)
    mabei_actor_send (g_ptr_array_index (people, i), chen);
  mabei_actor_merge (chen, space);
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_ptr_array_add (operations, mabei_operation_post ("everybody?", MABEI_LEVEL_KEEP, NULL));
  guint n_merges = 1;
  for (;; n_merges++) {
    g_autoptr (MabeiChange) change =
        mabei_case_author (chen->c, joint_of (chen), MABEI_KIND_CONTENT, operations, 1, &error);
    if (change != NULL)
      break;
    g_assert_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_CONFLICT);
    g_clear_error (&error);
    mabei_actor_merge (chen, space);
  }
  g_assert_cmpuint (n_merges, ==, n_people <= 2 * MABEI_LIMIT_DEPS ? 1 : 2);
}

static void
test_many_heads (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  g_autoptr (GPtrArray) people = g_ptr_array_new ();
  for (guint i = 0; i < 2 * MABEI_LIMIT_DEPS + 1; i++) {
    MabeiActor *actor = mabei_cast_add (cast, "counsel", MABEI_ROLE_COUNSEL);
    mabei_cast_admit (cast, actor);
    g_ptr_array_add (people, actor);
  }
  for (guint i = 0; i < people->len; i++)
    mabei_actor_send (cast->mediator, g_ptr_array_index (people, i));
  expect_heads (cast, people, MABEI_SPACE_JOINT, 2 * MABEI_LIMIT_DEPS);
  for (guint i = 0; i < people->len; i++)
    mabei_actor_send (cast->mediator, g_ptr_array_index (people, i));
  expect_heads (cast, people, MABEI_SPACE_JOINT, 2 * MABEI_LIMIT_DEPS + 1);
}

/* As many heads of the control space as a change can cite, and one more. */
static void
test_many_control_heads (void)
{
  GError *error = NULL;
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  g_autoptr (GPtrArray) people = g_ptr_array_new ();
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_ptr_array_add (operations, mabei_operation_post ("hello", MABEI_LEVEL_KEEP, NULL));
  for (guint i = 0; i < MABEI_LIMIT_CONTROL_HEADS + 1; i++) {
    MabeiActor *actor = mabei_cast_add (cast, "counsel", MABEI_ROLE_COUNSEL);
    mabei_cast_admit (cast, actor);
    g_ptr_array_add (people, actor);
  }
  for (guint i = 0; i < people->len; i++) {
    mabei_actor_send (cast->mediator, g_ptr_array_index (people, i));
    mabei_actor_merge (g_ptr_array_index (people, i), control_of (g_ptr_array_index (people, i)));
  }
  MabeiActor *wang = cast->wang;
  mabei_actor_send (cast->mediator, wang);
  for (guint i = 0; i < people->len; i++) {
    mabei_actor_send (g_ptr_array_index (people, i), wang);
    g_autoptr (MabeiChange) change =
        mabei_case_author (wang->c, joint_of (wang), MABEI_KIND_CONTENT, operations, 1, &error);
    if (i < MABEI_LIMIT_CONTROL_HEADS) {
      g_assert_no_error (error);
      g_assert_cmpuint (mabei_change_header (change)->n_control, ==, i + 1);
    }
  }
  g_assert_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_CONFLICT);
  g_clear_error (&error);
  mabei_actor_merge (wang, control_of (wang));
  mabei_actor_merge (wang, control_of (wang));
  mabei_actor_post (wang, joint_of (wang), "hello");
  mabei_cast_sync (cast);
  mabei_cast_check (cast);
}

/* The newcomer's first change comes right after the welcome, before anything else was said. */
static void
test_newcomer_writes (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new_empty ();
  MabeiActor *zhao = mabei_cast_add (cast, "Zhao", MABEI_ROLE_PARTY);
  mabei_cast_admit (cast, zhao);
  mabei_actor_post (zhao, joint_of (zhao), "here I am");
  mabei_actor_post (zhao, mabei_actor_space (zhao, MABEI_SPACE_CAUCUS, zhao), "only for you");
  mabei_cast_sync (cast);
  mabei_cast_check (cast);
  g_autoptr (GPtrArray) messages = mabei_space_messages (mabei_actor_space (cast->mediator, MABEI_SPACE_CAUCUS, zhao));
  g_assert_cmpuint (messages->len, ==, 1);
}

/* What does not fit is not sealed. */
static void
test_too_large (void)
{
  GError *error = NULL;
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  g_autofree char *text = g_strnfill (MABEI_LIMIT_MESSAGE_BYTES, 'x');
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  for (guint i = 0; i < 3; i++)
    g_ptr_array_add (operations, mabei_operation_post (text, MABEI_LEVEL_KEEP, NULL));
  mabei_change_unref (
      mabei_actor_commit (cast->wang, joint_of (cast->wang), MABEI_KIND_CONTENT, g_ptr_array_ref (operations)));
  g_ptr_array_add (operations, mabei_operation_post (text, MABEI_LEVEL_KEEP, NULL));
  g_assert_null (mabei_case_author (cast->wang->c, joint_of (cast->wang), MABEI_KIND_CONTENT, operations, 1, &error));
  g_assert_error (error, MABEI_CHANGE_ERROR, MABEI_CHANGE_ERROR_TOO_LARGE);
  g_clear_error (&error);
  g_ptr_array_set_size (operations, 1);
  g_assert_null (mabei_case_author (cast->wang->c, joint_of (cast->wang), MABEI_KIND_MERGE, operations, 1, &error));
  g_assert_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_FORMAT);
  g_clear_error (&error);
  g_ptr_array_add (operations, g_bytes_new_static ("\x80", 1));
  g_assert_null (mabei_case_author (cast->wang->c, joint_of (cast->wang), MABEI_KIND_CONTENT, operations, 1, &error));
  g_assert_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_FORMAT);
  g_clear_error (&error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  g_test_add_func ("/case/author/header", test_header);
  g_test_add_func ("/case/author/many-heads", test_many_heads);
  g_test_add_func ("/case/author/many-control-heads", test_many_control_heads);
  g_test_add_func ("/case/author/newcomer-writes", test_newcomer_writes);
  g_test_add_func ("/case/author/too-large", test_too_large);
  return g_test_run ();
}
