/* Epochs: for whom they are made, which one is written with, and what a member cannot do with them. */
#include <string.h>

#include "core/base/limits.h"
#include "core/case/space_private.h"
#include "tests/tools/cast.h"

static MabeiSpace *
joint_of (MabeiActor *actor)
{
  return mabei_actor_space (actor, MABEI_SPACE_JOINT, NULL);
}

static MabeiSpace *
caucus_of (MabeiActor *actor, MabeiActor *side)
{
  return mabei_actor_space (actor, MABEI_SPACE_CAUCUS, side);
}

static MabeiEpochRecord *
make_record (MabeiActor *actor, MabeiSpace *space, MabeiActor *const *recipients, guint n, guint32 generation)
{
  MabeiDevicePublic keys[8];
  const MabeiSpaceRef ref = {*mabei_case_id (actor->c), *mabei_space_id (space)};
  g_autoptr (MabeiSecret) secret = NULL;
  MabeiId previous[16];
  guint32 next;
  guint n_previous = mabei_space_latest_epochs (space, previous, 16, &next);
  for (guint i = 0; i < n; i++)
    keys[i] = *mabei_device_key_public (recipients[i]->key);
  MabeiEpochRecord *record = mabei_epoch_record_new (&ref, actor->key, generation > 0 ? generation : next, previous,
                                                     n_previous, keys, n, &secret);
  g_assert_nonnull (record);
  return record;
}

static MabeiChange *
forge_record (MabeiActor *actor, MabeiSpace *space, const MabeiHeader *header, const MabeiEpochRecord *record)
{
  g_autoptr (GBytes) body = mabei_epoch_record_encode (record);
  gsize length;
  gconstpointer data = g_bytes_get_data (body, &length);
  return mabei_actor_forge_body (actor, space, header, data, length);
}

static MabeiChange *
forge_epoch (MabeiActor *actor, MabeiSpace *space, MabeiActor *const *recipients, guint n)
{
  MabeiHeader header;
  g_autofree MabeiEpochRecord *record = make_record (actor, space, recipients, n, 0);
  mabei_actor_header (actor, space, MABEI_KIND_EPOCH, &header);
  return forge_record (actor, space, &header, record);
}

/* Kept without effect by its author and by the mediator, and nobody writes with it. */
static void
expect_quarantined (MabeiCast *cast, MabeiActor *author, MabeiChange *change, const char *reason)
{
  MabeiActor *both[] = {author, cast->mediator};
  for (guint i = 0; i < G_N_ELEMENTS (both); i++) {
    MabeiSpace *space = mabei_case_space (both[i]->c, &mabei_change_header (change)->space);
    MabeiId before = {{0}}, after = {{0}};
    gboolean had = mabei_space_writing_epoch (space, &before, NULL);
    MabeiReceived received = mabei_actor_receive (both[i], change);
    g_assert_true (received == MABEI_RECEIVED_QUARANTINED || received == MABEI_RECEIVED_DUPLICATE);
    g_assert_cmpstr (mabei_actor_reason (both[i], change), ==, reason);
    g_assert_cmpint (mabei_space_writing_epoch (space, &after, NULL), ==, had);
    g_assert_true (mabei_id_equal (&before, &after));
  }
  mabei_cast_sync (cast);
  mabei_cast_check (cast);
}

static void
expect_no_epoch (MabeiActor *actor, MabeiSpace *space, MabeiActor *const *recipients, guint n, const char *reason)
{
  GError *error = NULL;
  g_autoptr (MabeiSecret) secret = NULL;
  g_autoptr (GPtrArray) members = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < n; i++) {
    MabeiMember *member = g_new0 (MabeiMember, 1);
    member->device = *mabei_device_key_id (recipients[i]->key);
    member->keys = *mabei_device_key_public (recipients[i]->key);
    g_ptr_array_add (members, member);
  }
  g_assert_null (mabei_case_author_epoch (actor->c, space, members, &secret, &error));
  g_assert_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_NOT_ALLOWED);
  g_assert_cmpstr (error->message, ==, reason);
  g_assert_null (secret);
  g_clear_error (&error);
}

/* Whoever holds the writing epoch of one replica holds it in all. */
static void
expect_same_writing_epoch (MabeiCast *cast)
{
  MabeiId wanted, found;
  g_assert_true (mabei_space_writing_epoch (joint_of (cast->mediator), &wanted, NULL));
  for (guint i = 0; i < cast->actors->len; i++) {
    MabeiActor *actor = g_ptr_array_index (cast->actors, i);
    g_assert_true (mabei_space_writing_epoch (joint_of (actor), &found, NULL));
    g_assert_true (mabei_id_equal (&wanted, &found));
  }
}

static void
test_rotation (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiId before, after;
  g_assert_true (mabei_space_writing_epoch (joint_of (cast->wang), &before, NULL));
  mabei_actor_rotate (cast->wang, joint_of (cast->wang));
  MabeiSecret *secret = NULL;
  g_assert_true (mabei_space_writing_epoch (joint_of (cast->wang), &after, &secret));
  g_assert_nonnull (secret);
  g_assert_false (mabei_id_equal (&before, &after));
  mabei_actor_post (cast->wang, joint_of (cast->wang), "under the new key");
  mabei_cast_sync (cast);
  expect_same_writing_epoch (cast);
  mabei_cast_check (cast);
  g_autoptr (GArray) ids = NULL;
  g_autoptr (GPtrArray) secrets = NULL;
  mabei_space_epochs (joint_of (cast->li), &ids, &secrets);
  g_assert_cmpuint (ids->len, ==, 4);
  g_assert_cmpuint (secrets->len, ==, 4);
}

/* Two rotate at once: both epochs stay readable, everybody writes with the same one, the next follows both. */
static void
test_concurrent_rotation (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  mabei_actor_rotate (cast->wang, joint_of (cast->wang));
  mabei_actor_rotate (cast->li, joint_of (cast->li));
  mabei_actor_post (cast->wang, joint_of (cast->wang), "under Wang's");
  mabei_actor_post (cast->li, joint_of (cast->li), "under Li's");
  mabei_cast_sync (cast);
  expect_same_writing_epoch (cast);
  g_autoptr (GPtrArray) messages = mabei_space_messages (joint_of (cast->mediator));
  g_assert_cmpuint (messages->len, ==, 2);
  mabei_actor_rotate (cast->mediator, joint_of (cast->mediator));
  const MabeiEpochEntry *last =
      g_ptr_array_index (joint_of (cast->mediator)->epochs, joint_of (cast->mediator)->epochs->len - 1);
  g_assert_cmpuint (last->record->n_previous, ==, 2);
  mabei_cast_sync (cast);
  expect_same_writing_epoch (cast);
  mabei_cast_check (cast);
}

static void
test_recipients (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiActor *stranger = mabei_cast_add (cast, "a stranger", MABEI_ROLE_PARTY);
  MabeiActor *without_li[] = {cast->wang, cast->mediator};
  MabeiActor *without_wang[] = {cast->li, cast->mediator};
  MabeiActor *with_stranger[] = {cast->wang, cast->li, cast->mediator, stranger};
  const struct {
    MabeiActor *const *recipients;
    guint n;
    const char *reason;
  } bad[] = {{without_li, 2, "a member is left out"},
             {without_wang, 2, "its author is not among its recipients"},
             {with_stranger, 4, "a recipient is not a member"}};
  MabeiSpace *spaces[] = {joint_of (cast->wang), mabei_actor_space (cast->wang, MABEI_SPACE_CONTROL, NULL)};
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    for (guint k = 0; k < G_N_ELEMENTS (spaces); k++) {
      expect_no_epoch (cast->wang, spaces[k], bad[i].recipients, bad[i].n, bad[i].reason);
      g_autoptr (MabeiChange) change = forge_epoch (cast->wang, spaces[k], bad[i].recipients, bad[i].n);
      expect_quarantined (cast, cast->wang, change, bad[i].reason);
    }
  }
}

/* An observer's epoch is made for everybody, and still nobody writes with it. */
static void
test_observer_rotates (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiActor *guest = mabei_cast_add (cast, "a guest", MABEI_ROLE_OBSERVER);
  mabei_cast_admit (cast, guest);
  mabei_cast_sync (cast);
  MabeiActor *all[] = {cast->wang, cast->li, cast->mediator, guest};
  expect_no_epoch (guest, joint_of (guest), all, 4, "the role of this device may read but not write");
  g_autoptr (MabeiChange) change = forge_epoch (guest, joint_of (guest), all, 4);
  expect_quarantined (cast, guest, change, "its author's role may read but not write");
  expect_same_writing_epoch (cast);
}

static void
test_caucus (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiSpace *caucus = caucus_of (cast->wang, cast->wang);
  g_assert_true (mabei_short_id_equal (mabei_space_other (caucus), &cast->wang->person));
  g_autoptr (GPtrArray) members = mabei_space_members (caucus);
  g_assert_cmpuint (members->len, ==, 2);
  mabei_actor_post (cast->wang, caucus, "between us");
  mabei_actor_rotate (cast->wang, caucus);
  mabei_actor_post (cast->wang, caucus, "still between us");
  mabei_cast_sync (cast);
  g_autoptr (GPtrArray) messages = mabei_space_messages (caucus_of (cast->mediator, cast->wang));
  g_assert_cmpuint (messages->len, ==, 2);
  g_assert_null (mabei_case_space (cast->li->c, mabei_space_id (caucus)));

  /* Nobody is brought in, and nobody is put out. */
  MabeiActor *three[] = {cast->wang, cast->li, cast->mediator};
  MabeiActor *alone[] = {cast->wang};
  expect_no_epoch (cast->wang, caucus, three, 3, "its recipients are not those of the caucus");
  g_autoptr (MabeiChange) more = forge_epoch (cast->wang, caucus, three, 3);
  expect_quarantined (cast, cast->wang, more, "its recipients are not those of the caucus");
  g_autoptr (MabeiChange) fewer = forge_epoch (cast->wang, caucus, alone, 1);
  expect_quarantined (cast, cast->wang, fewer, "its recipients are not those of the caucus");
  MabeiSpace *own = caucus_of (cast->mediator, cast->wang);
  g_autoptr (MabeiChange) by_mediator = forge_epoch (cast->mediator, own, three, 3);
  expect_quarantined (cast, cast->mediator, by_mediator, "its recipients are not those of the caucus");
}

static void
test_opening_a_caucus (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiShortId id = {{5}};
  MabeiSpace *by_party = mabei_case_add_space (cast->wang->c, &id, MABEI_SPACE_CAUCUS, &cast->wang->person);
  mabei_case_add_space (cast->mediator->c, &id, MABEI_SPACE_CAUCUS, &cast->wang->person);
  MabeiActor *two[] = {cast->wang, cast->mediator};
  expect_no_epoch (cast->wang, by_party, two, 2, "only a mediator opens a caucus");
  g_autoptr (MabeiChange) change = forge_epoch (cast->wang, by_party, two, 2);
  expect_quarantined (cast, cast->wang, change, "only a mediator opens a caucus");
  id.bytes[0] = 6;
  MabeiSpace *for_both = mabei_case_add_space (cast->mediator->c, &id, MABEI_SPACE_CAUCUS, &cast->wang->person);
  MabeiActor *three[] = {cast->wang, cast->li, cast->mediator};
  expect_no_epoch (cast->mediator, for_both, three, 3, "a caucus has one side only");
  g_autoptr (MabeiChange) both = forge_epoch (cast->mediator, for_both, three, 3);
  g_assert_cmpint (mabei_actor_receive (cast->mediator, both), ==, MABEI_RECEIVED_QUARANTINED);
  /* Without an epoch there is nothing to write with. */
  GError *error = NULL;
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_ptr_array_add (operations, mabei_operation_post ("hello", MABEI_LEVEL_KEEP, NULL));
  g_assert_null (mabei_case_author (cast->mediator->c, for_both, MABEI_KIND_CONTENT, operations, 1, &error));
  g_assert_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_NOT_FOUND);
  g_clear_error (&error);
}

/* Somebody got hold of a caucus' key: reading is done, writing has no effect. */
static void
test_key_without_caucus (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiSpace *caucus = caucus_of (cast->wang, cast->wang);
  MabeiSpace *stolen =
      mabei_case_add_space (cast->li->c, mabei_space_id (caucus), MABEI_SPACE_CAUCUS, &cast->wang->person);
  g_autoptr (GArray) ids = NULL;
  g_autoptr (GPtrArray) secrets = NULL;
  mabei_space_epochs (caucus, &ids, &secrets);
  g_assert_true (
      mabei_space_add_epoch (stolen, &g_array_index (ids, MabeiId, 0), g_ptr_array_index (secrets, 0), NULL));
  mabei_cast_sync (cast);
  GError *error = NULL;
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_ptr_array_add (operations, mabei_operation_post ("hello", MABEI_LEVEL_KEEP, NULL));
  g_assert_null (mabei_case_author (cast->li->c, stolen, MABEI_KIND_CONTENT, operations, 1, &error));
  g_assert_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_NOT_ALLOWED);
  g_clear_error (&error);
  MabeiHeader header;
  mabei_actor_header (cast->li, stolen, MABEI_KIND_CONTENT, &header);
  g_autoptr (MabeiChange) change = mabei_actor_forge (cast->li, stolen, &header, operations);
  g_assert_cmpint (mabei_actor_receive (cast->wang, change), ==, MABEI_RECEIVED_QUARANTINED);
  g_assert_cmpstr (mabei_actor_reason (cast->wang, change), ==, "its author is not in this caucus");
}

static void
test_bad_records (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiSpace *joint = joint_of (cast->wang);
  MabeiActor *all[] = {cast->wang, cast->li, cast->mediator};
  const MabeiEpochEntry *known = g_ptr_array_index (joint->epochs, 0);
  static const char *const reasons[] = {"its generation does not follow those before it",
                                        "it follows an epoch that is not in its past", "this epoch was made before",
                                        "its record is not in the canonical form"};
  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++) {
    MabeiHeader header;
    g_autofree MabeiEpochRecord *record = make_record (cast->wang, joint, all, 3, i == 0 ? 9 : 0);
    g_autoptr (MabeiChange) change = NULL;
    mabei_actor_header (cast->wang, joint, MABEI_KIND_EPOCH, &header);
    if (i == 1)
      memset (&record->previous[0], 7, sizeof record->previous[0]);
    if (i == 2)
      record->epoch_id = known->record->epoch_id;
    change = i == 3 ? mabei_actor_forge_body (cast->wang, joint, &header, "\xa0", 1)
                    : forge_record (cast->wang, joint, &header, record);
    expect_quarantined (cast, cast->wang, change, reasons[i]);
  }
}

/* A wrap that does not open for Li: in effect for the others, seen by him; the keyring of another member mends it. */
static void
test_broken_wrap (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiActor *all[] = {cast->wang, cast->li, cast->mediator};
  MabeiHeader header;
  g_autofree MabeiEpochRecord *record = make_record (cast->wang, joint_of (cast->wang), all, 3, 0);
  for (guint i = 0; i < 3; i++) {
    if (mabei_short_id_equal (&record->wraps[i].device, mabei_device_key_id (cast->li->key)))
      record->wraps[i].wrap[0] ^= 1;
  }
  mabei_actor_header (cast->wang, joint_of (cast->wang), MABEI_KIND_EPOCH, &header);
  g_autoptr (MabeiChange) change = forge_record (cast->wang, joint_of (cast->wang), &header, record);
  g_assert_cmpint (mabei_actor_receive (cast->wang, change), ==, MABEI_RECEIVED_NEW);
  g_assert_cmpint (mabei_actor_receive (cast->li, change), ==, MABEI_RECEIVED_NEW);
  g_assert_cmpstr (mabei_actor_reason (cast->li, change), ==, "its wrap for this device does not open");
  mabei_actor_post (cast->wang, joint_of (cast->wang), "can you read this?");
  mabei_cast_sync (cast);
  g_autoptr (GPtrArray) before = mabei_space_messages (joint_of (cast->li));
  g_assert_cmpuint (before->len, ==, 0);
  mabei_actor_welcome (cast->mediator, cast->li);
  g_autoptr (GPtrArray) after = mabei_space_messages (joint_of (cast->li));
  g_assert_cmpuint (after->len, ==, 1);
  g_assert_null (mabei_actor_reason (cast->li, change));
  mabei_cast_check (cast);
}

/* Wang branches off before Zhao's admission and makes a row of epochs without her: valid for what he knew, and readable
 * for those it was made for; but nobody who knows Zhao writes with them. */
static void
test_branching_off_before_an_admission (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiActor *zhao = mabei_cast_add (cast, "Zhao", MABEI_ROLE_PARTY);
  for (guint i = 0; i < 5; i++)
    mabei_actor_rotate (cast->wang, joint_of (cast->wang));
  mabei_cast_admit (cast, zhao);
  mabei_cast_sync (cast);
  expect_same_writing_epoch (cast);
  MabeiId epoch;
  g_assert_true (mabei_space_writing_epoch (joint_of (cast->li), &epoch, NULL));
  const MabeiEpochEntry *entry = g_hash_table_lookup (joint_of (cast->li)->epochs_by_id, &epoch);
  g_assert_true (mabei_epoch_entry_has (entry, mabei_device_key_id (zhao->key)));
  g_assert_cmpuint (entry->record->generation, <, 7);
  mabei_actor_post (cast->li, joint_of (cast->li), "for everybody");
  mabei_cast_sync (cast);
  g_autoptr (GPtrArray) messages = mabei_space_messages (joint_of (zhao));
  g_assert_cmpuint (messages->len, ==, 1);
}

/* How many epochs one author makes, both sides; and the whole of it is made again by a check. */
static void
test_epochs_are_bounded (void)
{
  GError *error = NULL;
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiActor *all[] = {cast->wang, cast->li, cast->mediator};
  MabeiSpace *joint = joint_of (cast->wang);
  for (guint i = 0; i < 256; i++)
    mabei_actor_rotate (cast->wang, joint);
  g_autoptr (MabeiSecret) secret = NULL;
  g_autoptr (GPtrArray) members = mabei_space_members (joint);
  g_assert_null (mabei_case_author_epoch (cast->wang->c, joint, members, &secret, &error));
  g_assert_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_TOO_LARGE);
  g_clear_error (&error);
  g_autoptr (MabeiChange) change = forge_epoch (cast->wang, joint, all, 3);
  mabei_cast_sync (cast);
  expect_quarantined (cast, cast->wang, change, "its author made as many epochs as one can");
  mabei_actor_rotate (cast->li, joint_of (cast->li));
}

/* Generations have an end; an epoch from a keyring is one of so many. */
static void
test_generations_and_keyrings_are_bounded (void)
{
  GError *error = NULL;
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiSpace *space = joint_of (cast->wang);
  const MabeiSpaceRef ref = {*mabei_case_id (cast->wang->c), *mabei_space_id (space)};
  g_autoptr (GArray) ids = NULL;
  g_autoptr (GPtrArray) secrets = NULL;
  mabei_space_epochs (space, &ids, &secrets);
  for (guint i = ids->len; i <= MABEI_LIMIT_EPOCHS; i++) {
    g_autoptr (MabeiSecret) secret = mabei_secret_new_random (32);
    MabeiId id;
    mabei_epoch_id (secret, &ref, &id);
    gboolean added = mabei_space_add_epoch (space, &id, secret, &error);
    g_assert_cmpint (added, ==, i < MABEI_LIMIT_EPOCHS);
  }
  g_assert_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_TOO_LARGE);
  g_clear_error (&error);
  MabeiActor *all[] = {cast->wang, cast->li, cast->mediator};
  MabeiHeader header;
  g_autofree MabeiEpochRecord *record = make_record (cast->wang, space, all, 3, MABEI_LIMIT_EPOCHS + 1);
  mabei_actor_header (cast->wang, space, MABEI_KIND_EPOCH, &header);
  g_autoptr (MabeiChange) change = forge_record (cast->wang, space, &header, record);
  expect_quarantined (cast, cast->wang, change, "its record is not in the canonical form");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  g_test_add_func ("/case/epoch/rotation", test_rotation);
  g_test_add_func ("/case/epoch/concurrent-rotation", test_concurrent_rotation);
  g_test_add_func ("/case/epoch/recipients", test_recipients);
  g_test_add_func ("/case/epoch/observer-rotates", test_observer_rotates);
  g_test_add_func ("/case/epoch/caucus", test_caucus);
  g_test_add_func ("/case/epoch/opening-a-caucus", test_opening_a_caucus);
  g_test_add_func ("/case/epoch/key-without-caucus", test_key_without_caucus);
  g_test_add_func ("/case/epoch/bad-records", test_bad_records);
  g_test_add_func ("/case/epoch/broken-wrap", test_broken_wrap);
  g_test_add_func ("/case/epoch/branching-off-before-an-admission", test_branching_off_before_an_admission);
  g_test_add_func ("/case/epoch/epochs-are-bounded", test_epochs_are_bounded);
  g_test_add_func ("/case/epoch/generations-and-keyrings-are-bounded", test_generations_and_keyrings_are_bounded);
  return g_test_run ();
}
