/* Who may open a case, invite and admit; what a second admission is worth; that the order of arrival decides nothing.
 * Told through replicas: what has no effect is kept and listed with its reason on every one of them.
 */
#include <sodium.h>
#include <string.h>

#include "core/base/limits.h"
#include "tests/tools/cast.h"

static const guint8 no_invitation[32];

static MabeiSpace *
control_of (MabeiActor *actor)
{
  return mabei_actor_space (actor, MABEI_SPACE_CONTROL, NULL);
}

static guint
n_members (MabeiActor *actor)
{
  return mabei_authority_members (mabei_case_authority (actor->c))->len;
}

/* @author's own replica would not make it; everybody keeps it without effect, for @reason. */
static void
expect_quarantined (MabeiCast *cast, MabeiActor *author, GBytes *operation, const char *reason)
{
  GError *error = NULL;
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_ptr_array_add (operations, operation);
  g_assert_null (mabei_case_author (author->c, control_of (author), MABEI_KIND_CONTROL, operations, 1, &error));
  g_assert_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_NOT_ALLOWED);
  g_assert_cmpstr (error->message, ==, reason);
  g_clear_error (&error);
  MabeiHeader header;
  mabei_actor_header (author, control_of (author), MABEI_KIND_CONTROL, &header);
  g_autoptr (MabeiChange) change = mabei_actor_forge (author, control_of (author), &header, operations);
  guint before = n_members (cast->mediator);
  g_assert_cmpint (mabei_actor_receive (author, change), ==, MABEI_RECEIVED_QUARANTINED);
  mabei_cast_sync (cast);
  for (guint i = 0; i < cast->actors->len; i++) {
    MabeiActor *actor = g_ptr_array_index (cast->actors, i);
    if (actor->c == NULL)
      continue;
    g_assert_cmpstr (mabei_actor_reason (actor, change), ==, reason);
    g_assert_cmpuint (n_members (actor), ==, before);
  }
  mabei_cast_check (cast);
}

/* --- opening --- */

static void
expect_no_case (MabeiChange *genesis, MabeiActor *actor, MabeiAuthorityError code)
{
  GError *error = NULL;
  g_assert_null (mabei_case_new (genesis, actor->key, &error));
  g_assert_error (error, MABEI_AUTHORITY_ERROR, (gint) code);
  g_clear_error (&error);
}

static void
test_genesis (void)
{
  g_autoptr (MabeiDeviceKey) court = mabei_device_key_new ();
  MabeiActor *chen = mabei_actor_new ("Chen", MABEI_ROLE_MEDIATOR);
  MabeiActor *zhou = mabei_actor_new ("Zhou", MABEI_ROLE_MEDIATOR);
  const MabeiDevicePublic *own = mabei_device_key_public (chen->key);
  g_autoptr (MabeiChange) good = mabei_actor_genesis (chen, court, own, MABEI_RIGHT_OPEN_CASES);
  g_autoptr (MabeiCase) c = mabei_case_new (good, chen->key, NULL);
  g_assert_nonnull (c);
  g_assert_true (mabei_id_equal (mabei_case_id (c), mabei_change_id (good)));
  g_assert_cmpmem (mabei_authority_court_key (mabei_case_authority (c)), 32, mabei_device_key_public (court)->sign_key,
                   32);
  g_assert_cmpint (mabei_case_self (c)->role, ==, MABEI_ROLE_MEDIATOR);
  g_assert_cmpstr (mabei_case_self (c)->name, ==, "Chen");
  g_assert_null (mabei_authority_joint_space (mabei_case_authority (c)));

  g_autoptr (MabeiChange) without = mabei_actor_genesis (chen, court, own, 0);
  expect_no_case (without, chen, MABEI_AUTHORITY_ERROR_NOT_ALLOWED);
  g_autoptr (MabeiChange) borrowed =
      mabei_actor_genesis (chen, court, mabei_device_key_public (zhou->key), MABEI_RIGHT_OPEN_CASES);
  expect_no_case (borrowed, chen, MABEI_AUTHORITY_ERROR_UNVERIFIED);
  g_autoptr (MabeiChange) spoilt = mabei_change_spoil (good);
  expect_no_case (spoilt, chen, MABEI_AUTHORITY_ERROR_UNVERIFIED);
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  g_autoptr (GPtrArray) changes = mabei_graph_ordered (mabei_space_graph (control_of (cast->mediator)));
  expect_no_case (g_ptr_array_index (changes, 1), chen, MABEI_AUTHORITY_ERROR_FORMAT);
  mabei_actor_free (chen);
  mabei_actor_free (zhou);
}

/* --- inviting and admitting --- */

static void
test_admission (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  const MabeiMember *wang =
      mabei_authority_member (mabei_case_authority (cast->li->c), mabei_device_key_id (cast->wang->key));
  g_assert_cmpstr (wang->name, ==, "Wang");
  g_assert_cmpint (wang->role, ==, MABEI_ROLE_PARTY);
  GPtrArray *invitations = mabei_authority_invitations (mabei_case_authority (cast->li->c));
  g_assert_cmpuint (invitations->len, ==, 2);
  for (guint i = 0; i < 2; i++)
    g_assert_true (((MabeiInvitation *) g_ptr_array_index (invitations, i))->used);
  MabeiSpace *joint = mabei_actor_space (cast->li, MABEI_SPACE_JOINT, NULL);
  g_assert_true (
      mabei_short_id_equal (mabei_authority_joint_space (mabei_case_authority (cast->li->c)), mabei_space_id (joint)));
  g_autoptr (GArray) audit = mabei_case_audit (cast->li->c);
  g_assert_cmpuint (audit->len, ==, 0);
}

/* A party changes nothing in the membership. */
static void
test_party_may_not (void)
{
  static const guint8 key[32] = {1};
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiActor *ghost = mabei_cast_add (cast, "a ghost", MABEI_ROLE_PARTY);
  const char *reason = "its author's role may not change the membership";
  const MabeiControlOperation space = {
      .type = MABEI_CONTROL_SPACE, .space_kind = MABEI_SPACE_JOINT, .space = {{1, 2, 3}}};
  expect_quarantined (cast, cast->wang, mabei_cast_invite_operation (key, MABEI_ROLE_PARTY, "x"), reason);
  expect_quarantined (cast, cast->wang, mabei_cast_admit_operation (no_invitation, ghost), reason);
  expect_quarantined (cast, cast->wang, mabei_control_operation_encode (&space), reason);
}

static void
test_what_a_mediator_may_not (void)
{
  static const guint8 key[32] = {1}, other[32] = {2};
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiActor *zhao = mabei_cast_add (cast, "Zhao", MABEI_ROLE_PARTY);
  MabeiActor *judge = mabei_cast_add (cast, "a judge", MABEI_ROLE_JUDGE);
  expect_quarantined (cast, cast->mediator, mabei_cast_invite_operation (key, MABEI_ROLE_JUDGE, "x"),
                      "staff is not invited: it holds a credential of the court");
  expect_quarantined (cast, cast->mediator, mabei_cast_admit_operation (no_invitation, judge),
                      "staff is not admitted: it holds a credential of the court");
  expect_quarantined (cast, cast->mediator, mabei_cast_invite_operation (no_invitation, MABEI_ROLE_PARTY, "x"),
                      "the invitation has no key");
  expect_quarantined (cast, cast->mediator, mabei_cast_admit_operation (key, zhao),
                      "the admission cites an unknown invitation");
  expect_quarantined (cast, cast->mediator, mabei_cast_admit_operation (no_invitation, cast->wang),
                      "the device is admitted already");
  mabei_change_unref (mabei_actor_do (cast->mediator, control_of (cast->mediator),
                                      mabei_cast_invite_operation (key, MABEI_ROLE_COUNSEL, "counsel")));
  expect_quarantined (cast, cast->mediator, mabei_cast_invite_operation (key, MABEI_ROLE_PARTY, "x"),
                      "an invitation with this key exists");
  expect_quarantined (cast, cast->mediator, mabei_cast_admit_operation (key, zhao),
                      "the invitation was for another role");
  MabeiControlOperation space = {.type = MABEI_CONTROL_SPACE, .space_kind = MABEI_SPACE_CAUCUS, .space = {{1}}};
  expect_quarantined (cast, cast->mediator, mabei_control_operation_encode (&space),
                      "only the joint space is named in the control space");
  space.space_kind = MABEI_SPACE_JOINT;
  expect_quarantined (cast, cast->mediator, mabei_control_operation_encode (&space),
                      "the joint space is named already");
  expect_quarantined (cast, cast->mediator, g_bytes_new_static ("\x81\x18\x63", 3), "an operation is not understood");
  /* Without a link, who stands before the mediator is admitted by hand. */
  mabei_change_unref (
      mabei_actor_do (cast->mediator, control_of (cast->mediator), mabei_cast_admit_operation (no_invitation, zhao)));
  g_assert_cmpuint (n_members (cast->mediator), ==, 4);
  mabei_change_unref (mabei_actor_do (cast->mediator, control_of (cast->mediator),
                                      mabei_cast_invite_operation (other, MABEI_ROLE_PARTY, "party")));
}

/* A change acts as a whole: the invitation beside a bad admission is not made either. */
static void
test_all_or_nothing (void)
{
  static const guint8 key[32] = {1};
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiHeader header;
  MabeiActor *zhao = mabei_cast_add (cast, "Zhao", MABEI_ROLE_PARTY);
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_ptr_array_add (operations, mabei_cast_invite_operation (key, MABEI_ROLE_PARTY, "x"));
  g_ptr_array_add (operations, mabei_cast_admit_operation (key, zhao));
  g_ptr_array_add (operations, mabei_cast_admit_operation (no_invitation, zhao));
  mabei_actor_header (cast->mediator, control_of (cast->mediator), MABEI_KIND_CONTROL, &header);
  g_autoptr (MabeiChange) change = mabei_actor_forge (cast->mediator, control_of (cast->mediator), &header, operations);
  g_assert_cmpint (mabei_actor_receive (cast->mediator, change), ==, MABEI_RECEIVED_QUARANTINED);
  g_assert_cmpuint (n_members (cast->mediator), ==, 3);
  g_assert_cmpuint (mabei_authority_invitations (mabei_case_authority (cast->mediator->c))->len, ==, 2);
  /* Two of the three alone are in order, in one change. */
  g_ptr_array_remove_index (operations, 2);
  g_autoptr (MabeiChange) both =
      mabei_case_author (cast->mediator->c, control_of (cast->mediator), MABEI_KIND_CONTROL, operations, 1, NULL);
  g_assert_cmpint (mabei_actor_receive (cast->mediator, both), ==, MABEI_RECEIVED_NEW);
  g_assert_cmpuint (n_members (cast->mediator), ==, 4);
  mabei_cast_sync (cast);
  mabei_cast_check (cast);
}

static void
test_65th_device (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  for (guint i = 3; i < MABEI_LIMIT_DEVICES; i++) {
    MabeiActor *one = mabei_actor_new ("one more", MABEI_ROLE_OBSERVER);
    mabei_change_unref (
        mabei_actor_do (cast->mediator, control_of (cast->mediator), mabei_cast_admit_operation (no_invitation, one)));
    mabei_actor_free (one);
  }
  g_assert_cmpuint (n_members (cast->mediator), ==, MABEI_LIMIT_DEVICES);
  mabei_actor_rotate (cast->mediator, control_of (cast->mediator));
  MabeiActor *last = mabei_cast_add (cast, "one too many", MABEI_ROLE_OBSERVER);
  expect_quarantined (cast, cast->mediator, mabei_cast_admit_operation (no_invitation, last),
                      "the case has as many devices as it can have");
}

static void
expect_same_state (MabeiActor *one, MabeiActor *other)
{
  MabeiId a, b;
  mabei_space_state_hash (mabei_actor_space (one, MABEI_SPACE_JOINT, NULL), &a);
  mabei_space_state_hash (mabei_actor_space (other, MABEI_SPACE_JOINT, NULL), &b);
  g_assert_true (mabei_id_equal (&a, &b));
}

/* The mediator's device runs twice, from a copied disk: each admits another person on one invitation. Everybody ends up
 * with the one that is first in the order of the fold, whichever they saw first; what the other one wrote loses its
 * effect where it had one, and all agree. */
static void
test_two_admissions_on_one_invitation (void)
{
  static const guint8 key[32] = {1};
  for (guint round = 0; round < 4; round++) {
    g_autoptr (MabeiCast) cast = mabei_cast_new ();
    mabei_change_unref (mabei_actor_do (cast->mediator, control_of (cast->mediator),
                                        mabei_cast_invite_operation (key, MABEI_ROLE_COUNSEL, "counsel")));
    mabei_cast_sync (cast);
    MabeiActor *first = mabei_cast_add (cast, "first", MABEI_ROLE_COUNSEL);
    MabeiActor *second = mabei_cast_add (cast, "second", MABEI_ROLE_COUNSEL);
    MabeiActor *copy = mabei_cast_add (cast, "copy", MABEI_ROLE_MEDIATOR);
    mabei_device_key_free (copy->key);
    copy->key = mabei_device_key_new_from_seed (mabei_device_key_seed (cast->mediator->key));
    mabei_actor_welcome (cast->mediator, copy);
    mabei_actor_send (cast->mediator, copy);

    g_autoptr (MabeiChange) one =
        mabei_actor_do (cast->mediator, control_of (cast->mediator), mabei_cast_admit_operation (key, first));
    g_autoptr (MabeiChange) two = mabei_actor_do (copy, control_of (copy), mabei_cast_admit_operation (key, second));
    mabei_actor_welcome (cast->mediator, first);
    mabei_actor_send (cast->mediator, first);
    mabei_actor_welcome (copy, second);
    mabei_actor_send (copy, second);
    /* Each makes an epoch: what is sealed with the loser's is kept by those who saw it in effect and by those who did
     * not, or their states would differ. */
    mabei_actor_rotate (first, mabei_actor_space (first, MABEI_SPACE_JOINT, NULL));
    mabei_actor_rotate (second, mabei_actor_space (second, MABEI_SPACE_JOINT, NULL));
    mabei_actor_post (first, mabei_actor_space (first, MABEI_SPACE_JOINT, NULL), "from the first");
    mabei_actor_post (second, mabei_actor_space (second, MABEI_SPACE_JOINT, NULL), "from the second");
    MabeiDocument *document = mabei_actor_write (first, mabei_actor_space (first, MABEI_SPACE_JOINT, NULL), "minutes");
    mabei_actor_type (first, document, 0, 0, "abc");
    /* Li goes on in a text of her own in which one of the two wrote. */
    mabei_actor_send (round < 2 ? first : second, cast->li);
    MabeiActor *seen = round < 2 ? first : second;
    MabeiDocument *hers = mabei_actor_write (cast->li, mabei_actor_space (cast->li, MABEI_SPACE_JOINT, NULL), "notes");
    mabei_actor_type (cast->li, hers, 0, 0, "ad");
    mabei_actor_send (cast->li, seen);
    mabei_actor_type (seen, mabei_case_document (seen->c, mabei_document_id (hers)), 1, 0, "X");
    mabei_actor_send (seen, cast->li);
    mabei_actor_type (cast->li, hers, 2, 0, "c");
    mabei_actor_type (cast->li, hers, 1, 0, "b");

    mabei_actor_send (round % 2 == 0 ? first : second, cast->wang);
    mabei_cast_sync (cast);
    expect_same_state (cast->mediator, cast->wang);
    expect_same_state (cast->mediator, cast->li);
    expect_same_state (cast->mediator, copy);
    /* Neither of the two was given the epoch of the other. */
    mabei_actor_welcome (cast->mediator, first);
    mabei_actor_welcome (cast->mediator, second);
    mabei_cast_check (cast);
    gboolean first_wins = mabei_id_compare (mabei_change_id (one), mabei_change_id (two)) < 0;
    for (guint i = 0; i < cast->actors->len; i++) {
      MabeiActor *actor = g_ptr_array_index (cast->actors, i);
      g_assert_cmpuint (n_members (actor), ==, 4);
      g_assert_cmpstr (mabei_actor_reason (actor, first_wins ? two : one), ==, "the invitation was used already");
      g_assert_null (mabei_actor_reason (actor, first_wins ? one : two));
      g_autoptr (GPtrArray) messages = mabei_space_messages (mabei_actor_space (actor, MABEI_SPACE_JOINT, NULL));
      g_assert_cmpuint (messages->len, ==, 1);
      g_assert_cmpstr (((MabeiMessage *) g_ptr_array_index (messages, 0))->text, ==,
                       first_wins ? "from the first" : "from the second");
      g_autoptr (GPtrArray) documents = mabei_space_documents (mabei_actor_space (actor, MABEI_SPACE_JOINT, NULL));
      g_assert_cmpuint (documents->len, ==, first_wins ? 2 : 1);
      g_autofree char *text = mabei_actor_text (actor, mabei_document_id (hers));
      g_assert_cmpstr (text, ==, (round < 2) == first_wins ? "abXcd" : "abcd");
    }
  }
}

/* An admission by somebody who did not know of the invitation: it is in the case, but not in the admission's past. */
static void
test_invitation_not_in_the_past (void)
{
  static const guint8 key[32] = {1};
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiActor *zhao = mabei_cast_add (cast, "Zhao", MABEI_ROLE_PARTY);
  MabeiHeader header;
  MabeiSpace *control = control_of (cast->mediator);
  mabei_actor_merge (cast->mediator, control);
  mabei_actor_header (cast->mediator, control, MABEI_KIND_CONTROL, &header);
  mabei_change_unref (
      mabei_actor_do (cast->mediator, control, mabei_cast_invite_operation (key, MABEI_ROLE_PARTY, "x")));
  /* The admission is later in the order of the fold: it follows a merge that does not follow the invitation. */
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  header.kind = MABEI_KIND_MERGE;
  g_autoptr (MabeiChange) merge = mabei_actor_forge (cast->mediator, control, &header, none);
  g_assert_cmpint (mabei_actor_receive (cast->mediator, merge), ==, MABEI_RECEIVED_NEW);
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_ptr_array_add (operations, mabei_cast_admit_operation (key, zhao));
  header.kind = MABEI_KIND_CONTROL;
  header.seq++;
  header.prev = *mabei_change_id (merge);
  header.n_deps = 0;
  header.lamport++;
  g_autoptr (MabeiChange) admit = mabei_actor_forge (cast->mediator, control, &header, operations);
  g_assert_cmpint (mabei_actor_receive (cast->mediator, admit), ==, MABEI_RECEIVED_QUARANTINED);
  mabei_cast_sync (cast);
  g_assert_cmpstr (mabei_actor_reason (cast->wang, admit), ==, "the admission cites an unknown invitation");
  g_assert_cmpuint (n_members (cast->wang), ==, 3);
  mabei_cast_check (cast);
}

/* Members and invitations are those of the fold, whatever arrived first: every order of the control changes. */
static void
test_any_order (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiActor *zhao = mabei_cast_add (cast, "Zhao", MABEI_ROLE_COUNSEL);
  mabei_cast_admit (cast, zhao);
  mabei_actor_merge (cast->wang, control_of (cast->wang));
  mabei_actor_merge (cast->li, control_of (cast->li));
  mabei_cast_sync (cast);
  g_autoptr (GPtrArray) ordered = mabei_graph_ordered (mabei_space_graph (control_of (cast->wang)));
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  MabeiId wanted, found;
  mabei_space_state_hash (control_of (cast->wang), &wanted);
  for (guint round = 0; round < 20; round++) {
    MabeiActor *fresh = mabei_actor_new ("fresh", MABEI_ROLE_OBSERVER);
    mabei_actor_welcome (cast->mediator, fresh);
    for (guint i = ordered->len; i > 1; i--) {
      guint k = (guint) g_rand_int_range (rand, 0, (gint32) i);
      gpointer other = ordered->pdata[k];
      ordered->pdata[k] = ordered->pdata[i - 1];
      ordered->pdata[i - 1] = other;
    }
    for (guint i = 0; i < ordered->len; i++)
      mabei_actor_receive (fresh, g_ptr_array_index (ordered, i));
    mabei_space_state_hash (control_of (fresh), &found);
    g_assert_true (mabei_id_equal (&wanted, &found));
    mabei_actor_free (fresh);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  g_test_add_func ("/authority/genesis", test_genesis);
  g_test_add_func ("/authority/admission", test_admission);
  g_test_add_func ("/authority/party-may-not", test_party_may_not);
  g_test_add_func ("/authority/what-a-mediator-may-not", test_what_a_mediator_may_not);
  g_test_add_func ("/authority/all-or-nothing", test_all_or_nothing);
  g_test_add_func ("/authority/65th-device", test_65th_device);
  g_test_add_func ("/authority/two-admissions-on-one-invitation", test_two_admissions_on_one_invitation);
  g_test_add_func ("/authority/invitation-not-in-the-past", test_invitation_not_in_the_past);
  g_test_add_func ("/authority/any-order", test_any_order);
  return g_test_run ();
}
