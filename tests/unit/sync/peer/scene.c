#include "tests/unit/sync/peer/scene.h"

void
scene_set_up (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  MabeiCase *c;

  scene->hub = model_hub_new ();
  scene->wang = mediator_new ("王调解");
  scene->zhang = person_new ("张三");
  scene->li = person_new ("李四");
  c = mabei_replica_case_new (scene->wang->replica, "马背上的官司", now (), &error);
  g_assert_no_error (error);
  scene->id = *mabei_case_id (c);
  admit (scene->wang, &scene->id, scene->zhang, MABEI_ROLE_PARTY);
  admit (scene->wang, &scene->id, scene->li, MABEI_ROLE_PARTY);
}

void
scene_tear_down (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  person_free (scene->wang);
  person_free (scene->zhang);
  person_free (scene->li);
  model_hub_free (scene->hub);
}

void
scene_add (const char *path, gconstpointer data, void (*test) (Scene *, gconstpointer))
{
  g_test_add (path, Scene, data, scene_set_up, test, scene_tear_down);
}

MabeiSpace *
joint (Scene *scene, Person *person)
{
  return the_space (person, &scene->id, MABEI_SPACE_JOINT);
}

const MabeiShortId *
device (Person *person)
{
  return mabei_device_key_id (mabei_replica_keys (person->replica)->device);
}

guint
n_unsent (Person *person, const MabeiId *id)
{
  GPtrArray *spaces = mabei_case_spaces (the_case (person, id));
  guint n = 0;

  for (guint i = 0; i < spaces->len; i++) {
    g_autoptr (GPtrArray) outbox = mabei_replica_outbox (person->replica, spaces->pdata[i]);

    n += outbox->len;
  }
  return n;
}

void
rotate_joint (Scene *scene, Person *person)
{
  MabeiSpace *space = joint (scene, person);
  g_autoptr (GPtrArray) members = mabei_space_members (space);
  g_autoptr (MabeiSecret) secret = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (MabeiChange) epoch =
      mabei_case_author_epoch (the_case (person, &scene->id), space, members, &secret, &error);
  MabeiId before, after;

  g_assert_no_error (error);
  g_assert_true (mabei_space_writing_epoch (space, &before, NULL));
  mabei_replica_receive (person->replica, space, mabei_change_encoded (epoch), MABEI_SOURCE_OWN, now (), &error);
  g_assert_no_error (error);
  g_assert_true (mabei_space_writing_epoch (space, &after, NULL));
  g_assert_false (mabei_id_equal (&before, &after));
}

void
assert_all_same (Scene *scene)
{
  assert_same (scene->wang, scene->zhang, &scene->id);
  assert_same (scene->wang, scene->li, &scene->id);
  assert_same (scene->zhang, scene->li, &scene->id);
}
