/* What comes in: what is kept, what waits and for what, what is refused, and that nothing bad keeps the good out. */
#include <string.h>

#include "core/base/limits.h"
#include "core/case/space_private.h"
#include "tests/tools/cast.h"

static void
expect_refused (MabeiActor *actor, MabeiChange *change, MabeiCaseError code)
{
  GError *error = NULL;
  MabeiId before, after;
  mabei_case_state_hash (actor->c, &before);
  g_assert_cmpint (mabei_case_receive (actor->c, change, &error), ==, -1);
  g_assert_error (error, MABEI_CASE_ERROR, (gint) code);
  g_clear_error (&error);
  mabei_case_state_hash (actor->c, &after);
  g_assert_true (mabei_id_equal (&before, &after));
  g_assert_null (mabei_actor_reason (actor, change));
}

static MabeiSpace *
joint_of (MabeiActor *actor)
{
  return mabei_actor_space (actor, MABEI_SPACE_JOINT, NULL);
}

static GBytes *
post (const char *text)
{
  GError *error = NULL;
  GBytes *operation = mabei_operation_post (text, MABEI_LEVEL_KEEP, &error);
  g_assert_no_error (error);
  return operation;
}

static void
test_duplicate (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  g_autoptr (MabeiChange) change = mabei_actor_do (cast->wang, joint_of (cast->wang), post ("good morning"));
  g_assert_cmpint (mabei_actor_receive (cast->li, change), ==, MABEI_RECEIVED_NEW);
  g_assert_cmpint (mabei_actor_receive (cast->li, change), ==, MABEI_RECEIVED_DUPLICATE);
  g_autoptr (GPtrArray) messages = mabei_space_messages (joint_of (cast->li));
  g_assert_cmpuint (messages->len, ==, 1);
  g_assert_cmpstr (((MabeiMessage *) g_ptr_array_index (messages, 0))->text, ==, "good morning");
}

static void
test_children_before_parents (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiChange *changes[5];
  for (guint i = 0; i < 5; i++)
    changes[i] = mabei_actor_do (cast->wang, joint_of (cast->wang), post ("one more"));
  for (guint i = 5; i-- > 1;) {
    g_assert_cmpint (mabei_actor_receive (cast->li, changes[i]), ==, MABEI_RECEIVED_WAITING);
    g_assert_cmpstr (mabei_actor_reason (cast->li, changes[i]), ==, "a change that it cites is not here");
    g_assert_cmpint (mabei_actor_receive (cast->li, changes[i]), ==, MABEI_RECEIVED_DUPLICATE);
  }
  g_assert_cmpint (mabei_actor_receive (cast->li, changes[0]), ==, MABEI_RECEIVED_NEW);
  g_autoptr (GPtrArray) messages = mabei_space_messages (joint_of (cast->li));
  g_assert_cmpuint (messages->len, ==, 5);
  mabei_cast_sync (cast);
  mabei_cast_check (cast);
  for (guint i = 0; i < 5; i++)
    mabei_change_unref (changes[i]);
}

/* A bad signature is not kept, and the good copy of the same change comes in after it. */
static void
test_bad_signature (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  g_autoptr (MabeiChange) change = mabei_actor_do (cast->wang, joint_of (cast->wang), post ("hello"));
  g_autoptr (MabeiChange) spoilt = mabei_change_spoil (change);
  expect_refused (cast->li, spoilt, MABEI_CASE_ERROR_UNVERIFIED);
  g_assert_cmpint (mabei_actor_receive (cast->li, change), ==, MABEI_RECEIVED_NEW);
}

/* The same while the author is not known yet: all copies wait, the good one wins. */
static void
test_bad_signature_of_unknown_author (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiActor *zhao = mabei_cast_add (cast, "Zhao", MABEI_ROLE_PARTY);
  mabei_cast_admit (cast, zhao);
  g_autoptr (MabeiChange) change = mabei_actor_do (zhao, joint_of (zhao), post ("hello"));
  g_autoptr (MabeiChange) spoilt = mabei_change_spoil (change);
  g_assert_cmpint (mabei_actor_receive (cast->li, spoilt), ==, MABEI_RECEIVED_WAITING);
  g_assert_cmpint (mabei_actor_receive (cast->li, spoilt), ==, MABEI_RECEIVED_DUPLICATE);
  g_assert_cmpint (mabei_actor_receive (cast->li, change), ==, MABEI_RECEIVED_WAITING);
  g_assert_cmpuint (joint_of (cast->li)->n_waiting, ==, 2);
  mabei_actor_send (cast->mediator, cast->li);
  g_assert_null (mabei_actor_reason (cast->li, change));
  g_assert_cmpuint (joint_of (cast->li)->n_waiting, ==, 0);
  g_assert_true (mabei_graph_has_complete (mabei_space_graph (joint_of (cast->li)), mabei_change_id (change)));
  mabei_cast_sync (cast);
  mabei_cast_check (cast);
}

/* Content that cites an admission which is not here waits for it, then takes effect by itself. */
static void
test_waits_for_control (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiActor *zhao = mabei_cast_add (cast, "Zhao", MABEI_ROLE_COUNSEL);
  mabei_cast_admit (cast, zhao);
  g_autoptr (MabeiChange) known = mabei_actor_do (cast->mediator, joint_of (cast->mediator), post ("welcome"));
  g_assert_cmpint (mabei_actor_receive (cast->wang, known), ==, MABEI_RECEIVED_WAITING);
  g_assert_cmpstr (mabei_actor_reason (cast->wang, known), ==,
                   "a change of the control space that it cites is not here");
  g_autoptr (MabeiChange) unknown = mabei_actor_do (zhao, joint_of (zhao), post ("thank you"));
  g_assert_cmpint (mabei_actor_receive (cast->wang, unknown), ==, MABEI_RECEIVED_WAITING);
  mabei_actor_send (cast->mediator, cast->wang);
  g_autoptr (GPtrArray) messages = mabei_space_messages (joint_of (cast->wang));
  g_assert_cmpuint (messages->len, ==, 2);
  mabei_cast_sync (cast);
  mabei_cast_check (cast);
}

/* A change whose key is not here waits for a keyring. */
static void
test_waits_for_key (void)
{
  GError *error = NULL;
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  g_autoptr (MabeiChange) change = mabei_actor_do (cast->wang, joint_of (cast->wang), post ("hello"));
  MabeiActor *fresh = mabei_cast_add (cast, "fresh", MABEI_ROLE_OBSERVER);
  MabeiSpace *control = mabei_actor_space (cast->mediator, MABEI_SPACE_CONTROL, NULL);
  g_autoptr (MabeiChange) genesis =
      mabei_change_ref (mabei_graph_lookup (mabei_space_graph (control), mabei_case_id (cast->mediator->c)));
  fresh->c = mabei_case_new (genesis, fresh->key, &error);
  g_assert_no_error (error);
  MabeiSpace *copy = mabei_actor_space (fresh, MABEI_SPACE_CONTROL, NULL);
  g_autoptr (GPtrArray) ordered = mabei_graph_ordered (mabei_space_graph (control));
  MabeiChange *sealed = NULL;
  for (guint i = 0; i < ordered->len; i++) {
    mabei_actor_receive (fresh, g_ptr_array_index (ordered, i));
    if (sealed == NULL && mabei_change_is_sealed (g_ptr_array_index (ordered, i)))
      sealed = g_ptr_array_index (ordered, i);
  }
  g_assert_cmpstr (mabei_actor_reason (fresh, sealed), ==, "its key is not here");
  g_assert_cmpuint (mabei_authority_members (mabei_case_authority (fresh->c))->len, ==, 1);

  /* A secret that is not the epoch's is refused. */
  g_autoptr (GArray) ids = NULL;
  g_autoptr (GPtrArray) secrets = NULL;
  mabei_space_epochs (control, &ids, &secrets);
  g_autoptr (MabeiSecret) other = mabei_secret_new_random (32);
  g_autoptr (MabeiSecret) shorter = mabei_secret_new_random (31);
  g_assert_false (mabei_space_add_epoch (copy, &g_array_index (ids, MabeiId, 0), other, &error));
  g_assert_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_UNVERIFIED);
  g_clear_error (&error);
  g_assert_false (mabei_space_add_epoch (copy, &g_array_index (ids, MabeiId, 0), shorter, &error));
  g_assert_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_UNVERIFIED);
  g_clear_error (&error);

  mabei_actor_welcome (cast->mediator, fresh);
  g_assert_null (mabei_actor_reason (fresh, sealed));
  g_assert_cmpuint (mabei_authority_members (mabei_case_authority (fresh->c))->len, ==, 3);
  mabei_actor_send (cast->wang, fresh);
  mabei_cast_sync (cast);
  mabei_cast_check (cast);
}

static void
test_other_case_and_unknown_space (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  g_autoptr (MabeiCast) other = mabei_cast_new ();
  g_autoptr (MabeiChange) foreign = mabei_actor_do (other->wang, joint_of (other->wang), post ("hello"));
  expect_refused (cast->li, foreign, MABEI_CASE_ERROR_NOT_FOUND);
  g_autoptr (MabeiChange) secret = mabei_actor_do (
      cast->wang, mabei_actor_space (cast->wang, MABEI_SPACE_CAUCUS, cast->wang), post ("only for the mediator"));
  expect_refused (cast->li, secret, MABEI_CASE_ERROR_NOT_FOR_YOU);
  g_assert_cmpint (mabei_actor_receive (cast->mediator, secret), ==, MABEI_RECEIVED_NEW);
  g_autoptr (MabeiChange) genesis = mabei_actor_genesis (
      other->mediator, cast->court, mabei_device_key_public (other->mediator->key), MABEI_RIGHT_OPEN_CASES);
  expect_refused (cast->li, genesis, MABEI_CASE_ERROR_NOT_FOUND);
  MabeiGraph *graph = mabei_space_graph (mabei_actor_space (cast->li, MABEI_SPACE_CONTROL, NULL));
  g_assert_cmpint (mabei_actor_receive (cast->li, mabei_graph_lookup (graph, mabei_case_id (cast->li->c))), ==,
                   MABEI_RECEIVED_DUPLICATE);
}

/* A change moved to another space or under another author does not verify. */
static void
test_wrong_lamport (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiHeader header;
  for (gint offset = -1; offset <= 1; offset += 2) {
    mabei_actor_header (cast->wang, joint_of (cast->wang), MABEI_KIND_CONTENT, &header);
    header.lamport += (guint64) (gint64) offset;
    g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
    g_ptr_array_add (operations, post ("early"));
    g_autoptr (MabeiChange) change = mabei_actor_forge (cast->wang, joint_of (cast->wang), &header, operations);
    expect_refused (cast->li, change, MABEI_CASE_ERROR_FORMAT);
  }
}

/* The waiting room holds so many and no more; what waits in it does not keep out what is complete. */
static void
test_waiting_is_bounded (void)
{
  GError *error = NULL;
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  g_autoptr (GPtrArray) changes = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_change_unref);
  MabeiHeader header;
  mabei_actor_header (cast->wang, joint_of (cast->wang), MABEI_KIND_CONTENT, &header);
  for (guint i = 0; i <= MABEI_CASE_WAITING_MAX + 1; i++) {
    g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
    g_ptr_array_add (operations, post ("x"));
    MabeiChange *change = mabei_actor_forge (cast->wang, joint_of (cast->wang), &header, operations);
    header.seq++;
    header.prev = *mabei_change_id (change);
    header.n_deps = 0;
    header.lamport++;
    g_ptr_array_add (changes, change);
  }
  for (guint i = 1; i <= MABEI_CASE_WAITING_MAX; i++)
    g_assert_cmpint (mabei_actor_receive (cast->li, g_ptr_array_index (changes, i)), ==, MABEI_RECEIVED_WAITING);
  MabeiChange *last = g_ptr_array_index (changes, MABEI_CASE_WAITING_MAX + 1);
  g_assert_cmpint (mabei_case_receive (cast->li->c, last, &error), ==, -1);
  g_assert_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_TOO_LARGE);
  g_clear_error (&error);
  g_assert_cmpint (mabei_actor_receive (cast->li, g_ptr_array_index (changes, 0)), ==, MABEI_RECEIVED_NEW);
  g_assert_cmpuint (joint_of (cast->li)->n_waiting, ==, 0);
  g_assert_cmpint (mabei_actor_receive (cast->li, last), ==, MABEI_RECEIVED_NEW);
  g_autoptr (GPtrArray) messages = mabei_space_messages (joint_of (cast->li));
  g_assert_cmpuint (messages->len, ==, MABEI_CASE_WAITING_MAX + 2);
}

/* Spaces that one device can read. */
static void
test_spaces_are_bounded (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new_empty ();
  MabeiCase *c = cast->mediator->c;
  MabeiShortId id = {{0}}, other = {{1}};
  MabeiSpace *first = NULL;
  for (guint i = mabei_case_spaces (c)->len; i < MABEI_LIMIT_SPACES; i++) {
    id.bytes[0] = (guint8) i;
    MabeiSpace *space = mabei_case_add_space (c, &id, MABEI_SPACE_CAUCUS, &other);
    g_assert_nonnull (space);
    first = first != NULL ? first : space;
  }
  id.bytes[0] = MABEI_LIMIT_SPACES;
  g_assert_null (mabei_case_add_space (c, &id, MABEI_SPACE_CAUCUS, &other));
  g_assert_true (mabei_case_add_space (c, mabei_space_id (first), MABEI_SPACE_CAUCUS, &other) == first);
  g_assert_null (mabei_case_add_space (c, mabei_space_id (first), MABEI_SPACE_JOINT, &other));
}

typedef struct {
  guint notices[MABEI_NOTICE_SPACES + 1];
  GString *text; /* what an editor that follows the patches shows */
} Screen;

static void
on_notice (MabeiCase *c, MabeiSpace *space, MabeiNotice notice, gpointer user_data)
{
  MabeiId hash;
  mabei_space_state_hash (space, &hash); /* the state is whole and may be read */
  g_assert_nonnull (mabei_case_authority (c));
  ((Screen *) user_data)->notices[notice]++;
}

static void
on_patch (MabeiDocument *document, guint position, guint removed, const char *inserted, gpointer user_data)
{
  GString *text = ((Screen *) user_data)->text;
  gssize from = g_utf8_offset_to_pointer (text->str, position) - text->str;
  gssize to = g_utf8_offset_to_pointer (text->str, position + removed) - text->str;
  g_assert_nonnull (mabei_document_title (document));
  g_string_erase (text, from, to - from);
  g_string_insert (text, from, inserted);
}

static void
test_screens_are_told (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  Screen screen = {.text = g_string_new (NULL)};
  const MabeiCaseListener listener = {on_notice, on_patch, &screen};
  mabei_case_set_listener (cast->li->c, &listener);
  MabeiDocument *document = mabei_actor_write (cast->wang, joint_of (cast->wang), "minutes");
  mabei_actor_type (cast->wang, document, 0, 0, "调解协议");
  mabei_actor_type (cast->wang, document, 2, 2, "室");
  mabei_actor_type (cast->wang, document, 3, 0, "。");
  mabei_actor_post (cast->wang, joint_of (cast->wang), "done");
  mabei_actor_set (cast->wang, joint_of (cast->wang), "title", "a case");
  mabei_actor_send (cast->wang, cast->li);
  g_assert_cmpstr (screen.text->str, ==, "调解室。");
  g_assert_cmpuint (screen.notices[MABEI_NOTICE_DOCUMENTS], ==, 1);
  g_assert_cmpuint (screen.notices[MABEI_NOTICE_TEXT], ==, 3);
  g_assert_cmpuint (screen.notices[MABEI_NOTICE_MESSAGES], ==, 1);
  g_assert_cmpuint (screen.notices[MABEI_NOTICE_FIELDS], ==, 1);
  g_assert_cmpuint (screen.notices[MABEI_NOTICE_MEMBERS], ==, 0);
  MabeiActor *zhao = mabei_cast_add (cast, "Zhao", MABEI_ROLE_PARTY);
  mabei_cast_admit (cast, zhao);
  mabei_actor_send (cast->mediator, cast->li);
  g_assert_cmpuint (screen.notices[MABEI_NOTICE_MEMBERS], >, 0);
  g_assert_cmpuint (screen.notices[MABEI_NOTICE_SPACES], >, 0);
  mabei_case_set_listener (cast->li->c, NULL);
  mabei_actor_post (cast->wang, joint_of (cast->wang), "unheard");
  mabei_actor_send (cast->wang, cast->li);
  g_assert_cmpuint (screen.notices[MABEI_NOTICE_MESSAGES], ==, 1);
  g_string_free (screen.text, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  g_test_add_func ("/case/receive/duplicate", test_duplicate);
  g_test_add_func ("/case/receive/children-before-parents", test_children_before_parents);
  g_test_add_func ("/case/receive/bad-signature", test_bad_signature);
  g_test_add_func ("/case/receive/bad-signature-of-unknown-author", test_bad_signature_of_unknown_author);
  g_test_add_func ("/case/receive/waits-for-control", test_waits_for_control);
  g_test_add_func ("/case/receive/waits-for-key", test_waits_for_key);
  g_test_add_func ("/case/receive/other-case-and-unknown-space", test_other_case_and_unknown_space);
  g_test_add_func ("/case/receive/wrong-lamport", test_wrong_lamport);
  g_test_add_func ("/case/receive/waiting-is-bounded", test_waiting_is_bounded);
  g_test_add_func ("/case/receive/spaces-are-bounded", test_spaces_are_bounded);
  g_test_add_func ("/case/receive/screens-are-told", test_screens_are_told);
  return g_test_run ();
}
