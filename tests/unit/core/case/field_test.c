/* Fields: who sets what, what both see, and how a conflict stands open until somebody decides it. */
#include <string.h>

#include "core/base/limits.h"
#include "core/case/operation.h"
#include "tests/tools/cast.h"

static MabeiSpace *
joint_of (MabeiActor *actor)
{
  return mabei_actor_space (actor, MABEI_SPACE_JOINT, NULL);
}

static void
expect_field (MabeiActor *actor, const char *name, const char *value)
{
  g_autofree char *found = mabei_space_field (joint_of (actor), name);
  g_assert_cmpstr (found, ==, value);
}

static void
test_set_and_set_again (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  expect_field (cast->wang, "title", NULL);
  mabei_actor_set (cast->wang, joint_of (cast->wang), "title", "a loan");
  mabei_cast_sync (cast);
  expect_field (cast->li, "title", "a loan");
  mabei_actor_set (cast->li, joint_of (cast->li), "title", "a sale");
  mabei_actor_set (cast->li, joint_of (cast->li), "amount", "");
  mabei_cast_sync (cast);
  expect_field (cast->wang, "title", "a sale");
  expect_field (cast->wang, "amount", "");
  g_auto (GStrv) names = mabei_space_field_names (joint_of (cast->wang));
  g_autofree char *joined = g_strjoinv (",", names);
  g_assert_cmpstr (joined, ==, "amount,title");
  mabei_cast_check (cast);
}

static void
test_conflict (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  mabei_actor_set (cast->wang, joint_of (cast->wang), "amount", "100");
  mabei_actor_set (cast->li, joint_of (cast->li), "amount", "200");
  mabei_cast_sync (cast);
  expect_field (cast->wang, "amount", NULL);
  g_autoptr (GPtrArray) values = mabei_space_field_values (joint_of (cast->mediator), "amount");
  g_assert_cmpuint (values->len, ==, 2);
  guint n_wang = 0, n_li = 0;
  for (guint i = 0; i < 2; i++) {
    const MabeiFieldValue *value = g_ptr_array_index (values, i);
    gboolean by_wang = mabei_short_id_equal (&value->device, mabei_device_key_id (cast->wang->key));
    g_assert_cmpstr (value->value, ==, by_wang ? "100" : "200");
    g_assert_cmpuint (value->claimed_ms, >, 0);
    g_assert_cmpuint (strlen (value->id), ==, 66);
    n_wang += by_wang ? 1 : 0;
    n_li += by_wang ? 0 : 1;
  }
  g_assert_cmpuint (n_wang, ==, 1);
  g_assert_cmpuint (n_li, ==, 1);
  mabei_actor_set (cast->mediator, joint_of (cast->mediator), "amount", "150");
  mabei_cast_sync (cast);
  expect_field (cast->wang, "amount", "150");
  expect_field (cast->li, "amount", "150");
  mabei_cast_check (cast);
}

static void
test_limits (void)
{
  GError *error = NULL;
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiSpace *joint = joint_of (cast->wang);
  g_autofree char *name = g_strnfill (MABEI_LIMIT_NAME_BYTES, 'n');
  g_autofree char *long_name = g_strnfill (MABEI_LIMIT_NAME_BYTES + 1, 'n');
  g_autofree char *value = g_strnfill (MABEI_LIMIT_VALUE_BYTES, 'v');
  g_autofree char *long_value = g_strnfill (MABEI_LIMIT_VALUE_BYTES + 1, 'v');
  mabei_actor_set (cast->wang, joint, name, value);
  const struct {
    const char *name;
    const char *value;
    MabeiCaseError code;
  } bad[] = {{long_name, "v", MABEI_CASE_ERROR_TOO_LARGE}, {"n", long_value, MABEI_CASE_ERROR_TOO_LARGE},
             {"", "v", MABEI_CASE_ERROR_FORMAT},           {"n", "\xff", MABEI_CASE_ERROR_FORMAT},
             {NULL, "v", MABEI_CASE_ERROR_FORMAT},         {"n", NULL, MABEI_CASE_ERROR_FORMAT}};
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_assert_null (mabei_space_operation_field (joint, bad[i].name, bad[i].value, &error));
    g_assert_error (error, MABEI_CASE_ERROR, (gint) bad[i].code);
    g_clear_error (&error);
  }
  mabei_cast_sync (cast);
  expect_field (cast->li, name, value);
}

/* A set by somebody who may not write replaces nothing by itself. */
static void
test_set_without_effect (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiActor *guest = mabei_cast_add (cast, "a guest", MABEI_ROLE_OBSERVER);
  mabei_cast_admit (cast, guest);
  mabei_actor_set (cast->wang, joint_of (cast->wang), "title", "a loan");
  mabei_cast_sync (cast);
  GError *error = NULL;
  GBytes *operation = mabei_space_operation_field (joint_of (guest), "title", "mine", &error);
  g_autoptr (GPtrArray) operations = g_ptr_array_new ();
  g_ptr_array_add (operations, operation);
  g_assert_null (mabei_case_author (guest->c, joint_of (guest), MABEI_KIND_CONTENT, operations, 1, &error));
  g_assert_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_NOT_ALLOWED);
  g_clear_error (&error);
  g_autoptr (MabeiChange) change = mabei_actor_forge_one (guest, joint_of (guest), MABEI_KIND_CONTENT, operation);
  g_assert_cmpint (mabei_actor_receive (cast->li, change), ==, MABEI_RECEIVED_QUARANTINED);
  g_assert_cmpstr (mabei_actor_reason (cast->li, change), ==, "its author's role may read but not write");
  expect_field (cast->li, "title", "a loan");
  mabei_actor_set (cast->li, joint_of (cast->li), "title", "a sale");
  mabei_cast_sync (cast);
  expect_field (cast->wang, "title", "a sale");
  mabei_cast_check (cast);
}

/* But whoever replaced it knew what it had replaced: that does not come back (soundness rule 23). */
static void
test_set_without_effect_lends (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiActor *guest = mabei_cast_add (cast, "a guest", MABEI_ROLE_OBSERVER);
  mabei_cast_admit (cast, guest);
  mabei_actor_set (cast->wang, joint_of (cast->wang), "title", "a loan");
  mabei_cast_sync (cast);
  GError *error = NULL;
  g_autoptr (MabeiChange) change =
      mabei_actor_forge_one (guest, joint_of (guest), MABEI_KIND_CONTENT,
                             mabei_space_operation_field (joint_of (guest), "title", "mine", &error));
  g_assert_cmpint (mabei_actor_receive (cast->li, change), ==, MABEI_RECEIVED_QUARANTINED);
  const MabeiReference saw = {.id = *mabei_change_id (change)};
  g_autoptr (GArray) array = g_array_new (FALSE, FALSE, sizeof saw);
  g_array_append_val (array, saw);
  mabei_change_unref (
      mabei_actor_do (cast->li, joint_of (cast->li), mabei_operation_encode_field ("title", "a sale", array)));
  expect_field (cast->li, "title", "a sale");
  mabei_actor_receive (guest, change);
  mabei_cast_sync (cast);
  expect_field (cast->wang, "title", "a sale");
  mabei_cast_check (cast);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  g_test_add_func ("/case/field/set-and-set-again", test_set_and_set_again);
  g_test_add_func ("/case/field/conflict", test_conflict);
  g_test_add_func ("/case/field/limits", test_limits);
  g_test_add_func ("/case/field/set-without-effect", test_set_without_effect);
  g_test_add_func ("/case/field/set-without-effect-lends", test_set_without_effect_lends);
  return g_test_run ();
}
