/* Coming into a case: the mediator invites and admits, the newcomer opens the WELCOME; nobody else can, and no side
 * gets anything of the other side's caucus. */
#include "tests/unit/core/store/people.h"

#include <sodium.h>
#include <string.h>

typedef struct {
  Person *mediator;
  Person *zhang;
  Person *li;
  MabeiId id;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  MabeiCase *c;

  f->mediator = mediator_new ("Ma Bei");
  f->zhang = person_new ("Zhang San");
  f->li = person_new ("Li Si");
  c = mabei_replica_case_new (f->mediator->replica, "A channel", now (), &error);
  g_assert_no_error (error);
  f->id = *mabei_case_id (c);
}

static void
tear_down (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  person_free (f->mediator);
  person_free (f->zhang);
  person_free (f->li);
}

static MabeiSecret *
invite (Fixture *f, MabeiRole role, guint64 expires_ms, guint8 key[32])
{
  g_autoptr (GError) error = NULL;
  guint8 secret_key[crypto_sign_SECRETKEYBYTES];
  MabeiSecret *seed = mabei_replica_invite (f->mediator->replica, the_case (f->mediator, &f->id), role, "somebody",
                                            expires_ms, now (), &error);

  g_assert_no_error (error);
  crypto_sign_seed_keypair (key, secret_key, mabei_secret_data (seed));
  return seed;
}

static void
open_invitation (Fixture *f, MabeiRole role, guint64 expires_ms, guint8 key[32])
{
  mabei_secret_unref (invite (f, role, expires_ms, key));
}

static void
assert_not_admitted (Fixture *f, Person *by, const guint8 key[32], const MabeiMember *member, MabeiCaseError code)
{
  g_autoptr (GError) error = NULL;
  MabeiId before, after;

  state_of (by, &f->id, &before);
  g_assert_null (mabei_replica_admit (by->replica, the_case (by, &f->id), key, member, now (), &error));
  g_assert_error (error, MABEI_CASE_ERROR, (int) code);
  state_of (by, &f->id, &after);
  g_assert_true (mabei_id_equal (&before, &after));
}

static void
test_parties (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GBytes) one = admit_sealed (f->mediator, &f->id, f->zhang, MABEI_ROLE_PARTY);
  g_autoptr (GBytes) two = admit_sealed (f->mediator, &f->id, f->li, MABEI_ROLE_PARTY);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (g_bytes_get_size (one), ==, g_bytes_get_size (two));
  sync_both (f->mediator, f->zhang, &f->id);
  sync_both (f->mediator, f->li, &f->id);
  sync_both (f->mediator, f->zhang, &f->id);
  assert_same (f->mediator, f->zhang, &f->id);
  assert_same (f->mediator, f->li, &f->id);
  g_assert_cmpstr (mabei_case_self (the_case (f->zhang, &f->id))->name, ==, "Zhang San");
  g_assert_cmpint (mabei_case_self (the_case (f->zhang, &f->id))->role, ==, MABEI_ROLE_PARTY);
  post (f->zhang, the_space (f->zhang, &f->id, MABEI_SPACE_JOINT), "Good day to all.");
  post (f->li, the_space (f->li, &f->id, MABEI_SPACE_JOINT), "And to you.");
  sync_both (f->mediator, f->zhang, &f->id);
  sync_both (f->mediator, f->li, &f->id);
  sync_both (f->mediator, f->zhang, &f->id);
  assert_same (f->zhang, f->li, &f->id);
  person_reopen (f->zhang);
  assert_same (f->zhang, f->li, &f->id);
  g_assert_true (mabei_replica_check (f->zhang->replica, &error));
  g_assert_no_error (error);
}

/* The case keeps its state when it is read before its control space has told who this device is. */
static void
test_before_sync (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  admit (f->mediator, &f->id, f->zhang, MABEI_ROLE_PARTY);

  g_assert_null (mabei_case_self (the_case (f->zhang, &f->id)));
  person_reopen (f->zhang);
  g_assert_null (mabei_case_self (the_case (f->zhang, &f->id)));
  send_all (f->mediator, f->zhang, &f->id, MABEI_SOURCE_HUB);
  g_assert_nonnull (mabei_case_self (the_case (f->zhang, &f->id)));
  assert_same (f->mediator, f->zhang, &f->id);
}

static void
test_caucus (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  admit (f->mediator, &f->id, f->zhang, MABEI_ROLE_PARTY);
  admit (f->mediator, &f->id, f->li, MABEI_ROLE_PARTY);
  MabeiSpace *of_zhang = the_caucus (f->mediator, &f->id, f->zhang);
  g_autoptr (GPtrArray) messages = NULL;

  g_assert_nonnull (of_zhang);
  g_assert_nonnull (the_caucus (f->mediator, &f->id, f->li));
  post (f->mediator, of_zhang, "What would you settle for?");
  sync_both (f->mediator, f->zhang, &f->id);
  sync_both (f->mediator, f->li, &f->id);
  messages = mabei_space_messages (the_caucus (f->zhang, &f->id, f->zhang));
  g_assert_cmpuint (messages->len, ==, 1);
  post (f->zhang, the_caucus (f->zhang, &f->id, f->zhang), "Six thousand.");
  g_assert_null (the_caucus (f->li, &f->id, f->zhang));
  g_assert_null (the_caucus (f->zhang, &f->id, f->li));
  g_assert_null (mabei_case_space (the_case (f->li, &f->id), mabei_space_id (of_zhang)));
  person_reopen (f->zhang);
  g_clear_pointer (&messages, g_ptr_array_unref);
  messages = mabei_space_messages (the_caucus (f->zhang, &f->id, f->zhang));
  g_assert_cmpuint (messages->len, ==, 2);
}

/* The WELCOME of one who gets no caucus is not told apart by its size. */
static void
test_interpreter (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GBytes) one = admit_sealed (f->mediator, &f->id, f->zhang, MABEI_ROLE_PARTY);
  g_autoptr (GBytes) two = admit_sealed (f->mediator, &f->id, f->li, MABEI_ROLE_INTERPRETER);

  g_assert_cmpuint (g_bytes_get_size (one), ==, g_bytes_get_size (two));
  g_assert_null (the_caucus (f->mediator, &f->id, f->li));
  g_assert_cmpuint (mabei_case_spaces (the_case (f->li, &f->id))->len, ==, 2);
  g_assert_cmpuint (mabei_case_spaces (the_case (f->zhang, &f->id))->len, ==, 3);
}

static void
test_used (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GBytes) again = NULL;
  g_autoptr (GPtrArray) seeds = NULL;
  MabeiMember zhang, li;
  guint8 key[32];
  g_autoptr (MabeiSecret) seed = invite (f, MABEI_ROLE_PARTY, 0, key);
  MabeiCase *c = the_case (f->mediator, &f->id);
  MabeiId before, after;

  person_member (f->zhang, &zhang);
  person_member (f->li, &li);
  seeds = mabei_replica_invite_seeds (f->mediator->replica, c);
  g_assert_cmpuint (seeds->len, ==, 1);
  g_assert_true (mabei_secret_equal (g_ptr_array_index (seeds, 0), seed));
  first = mabei_replica_admit (f->mediator->replica, c, key, &zhang, now (), &error);
  g_assert_no_error (error);
  assert_not_admitted (f, f->mediator, key, &li, MABEI_CASE_ERROR_CONFLICT);
  /* The same device again: the WELCOME once more, nothing new in the case. */
  state_of (f->mediator, &f->id, &before);
  again = mabei_replica_admit (f->mediator->replica, c, key, &zhang, now (), &error);
  g_assert_no_error (error);
  state_of (f->mediator, &f->id, &after);
  g_assert_true (mabei_id_equal (&before, &after));
  g_assert_nonnull (mabei_replica_accept_welcome (f->zhang->replica, person_public (f->mediator), f->id.bytes, again,
                                                  now (), &error));
  g_clear_pointer (&seeds, g_ptr_array_unref);
  seeds = mabei_replica_invite_seeds (f->mediator->replica, c);
  g_assert_cmpuint (seeds->len, ==, 0);
}

static void
test_seeds_survive (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  guint8 key[32];
  g_autoptr (MabeiSecret) first = invite (f, MABEI_ROLE_PARTY, now () + 5000, key);
  g_autoptr (MabeiSecret) second = invite (f, MABEI_ROLE_COUNSEL, 0, key);
  g_autoptr (GPtrArray) seeds = NULL;

  person_reopen (f->mediator);
  seeds = mabei_replica_invite_seeds (f->mediator->replica, the_case (f->mediator, &f->id));
  g_assert_cmpuint (seeds->len, ==, 2);
  g_assert_true (mabei_secret_equal (g_ptr_array_index (seeds, 0), first));
  g_assert_true (mabei_secret_equal (g_ptr_array_index (seeds, 1), second));
  wait_ms (10000);
  g_clear_pointer (&seeds, g_ptr_array_unref);
  {
    g_autoptr (MabeiSecret) third = invite (f, MABEI_ROLE_PARTY, 0, key); /* the expired one goes */
    g_assert_nonnull (third);
  }
  seeds = mabei_replica_invite_seeds (f->mediator->replica, the_case (f->mediator, &f->id));
  g_assert_cmpuint (seeds->len, ==, 2);
  g_assert_true (mabei_secret_equal (g_ptr_array_index (seeds, 0), second));
}

static void
test_refused (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  admit (f->mediator, &f->id, f->zhang, MABEI_ROLE_PARTY);
  MabeiMember li, again;
  guint8 key[32];
  guint8 unknown[32] = {7};
  guint64 expires = now () + 500;
  open_invitation (f, MABEI_ROLE_PARTY, expires, key);

  person_member (f->li, &li);
  sync_both (f->mediator, f->zhang, &f->id);
  assert_not_admitted (f, f->mediator, unknown, &li, MABEI_CASE_ERROR_NOT_FOUND);
  wait_ms (1000);
  assert_not_admitted (f, f->mediator, key, &li, MABEI_CASE_ERROR_NOT_ALLOWED);
  {
    open_invitation (f, MABEI_ROLE_PARTY, 0, key);
    sync_both (f->mediator, f->zhang, &f->id);
    assert_not_admitted (f, f->zhang, key, &li, MABEI_CASE_ERROR_NOT_ALLOWED); /* a party admits nobody */
    /* Li claims to be Zhang, whose caucus he would get. */
    li.person = mabei_replica_keys (f->zhang->replica)->person;
    assert_not_admitted (f, f->mediator, key, &li, MABEI_CASE_ERROR_CONFLICT);
    memset (&li.person, 0, sizeof li.person);
    assert_not_admitted (f, f->mediator, key, &li, MABEI_CASE_ERROR_CONFLICT);
    /* Zhang's device a second time. */
    person_member (f->zhang, &again);
    memset (&again.person, 9, sizeof again.person);
    assert_not_admitted (f, f->mediator, key, &again, MABEI_CASE_ERROR_CONFLICT);
  }
}

static void
test_expiry_limit (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) welcome = NULL;
  MabeiMember li;
  guint8 key[32];
  guint64 expires = now () + 500;
  open_invitation (f, MABEI_ROLE_PARTY, expires, key);
  MabeiCase *c = the_case (f->mediator, &f->id);

  person_member (f->li, &li);
  g_assert_null (mabei_replica_admit (f->mediator->replica, c, key, &li, expires + 1, &error));
  g_assert_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_NOT_ALLOWED);
  g_clear_error (&error);
  welcome = mabei_replica_admit (f->mediator->replica, c, key, &li, expires, &error);
  g_assert_no_error (error);
}

static void
assert_no_welcome (Person *person, const MabeiDevicePublic *from, const guint8 *prefix, GBytes *welcome)
{
  g_autoptr (GError) error = NULL;
  guint before = mabei_replica_cases (person->replica)->len;

  g_assert_null (mabei_replica_accept_welcome (person->replica, from, prefix, welcome, now (), &error));
  g_assert_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_UNVERIFIED);
  g_assert_cmpuint (mabei_replica_cases (person->replica)->len, ==, before);
}

static void
test_welcome (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) welcome = admit_sealed (f->mediator, &f->id, f->zhang, MABEI_ROLE_PARTY);
  gsize length = g_bytes_get_size (welcome);
  guint8 other_case[16] = {1, 2, 3};
  MabeiCase *c = the_case (f->zhang, &f->id);

  g_assert_true (mabei_replica_accept_welcome (f->zhang->replica, person_public (f->mediator), f->id.bytes, welcome,
                                               now (), &error) == c); /* twice is once */
  g_assert_cmpuint (mabei_replica_cases (f->zhang->replica)->len, ==, 1);
  assert_no_welcome (f->li, person_public (f->mediator), f->id.bytes, welcome); /* not for Li */
  assert_no_welcome (f->zhang, person_public (f->li), f->id.bytes, welcome);    /* not from Li */
  assert_no_welcome (f->zhang, person_public (f->mediator), other_case, welcome);
  for (gsize at = 0; at < length; at += 97) {
    g_autofree guint8 *copy = g_memdup2 (g_bytes_get_data (welcome, NULL), length);
    g_autoptr (GBytes) spoiled = NULL;

    copy[at] ^= 1;
    spoiled = g_bytes_new (copy, length);
    assert_no_welcome (f->zhang, person_public (f->mediator), f->id.bytes, spoiled);
  }
  for (gsize size = 0; size < length; size += 501) {
    g_autoptr (GBytes) cut = g_bytes_new_from_bytes (welcome, 0, size);
    assert_no_welcome (f->zhang, person_public (f->mediator), f->id.bytes, cut);
  }
}

/* Zhang, a party, plays the mediator and sends Li a WELCOME of his own making. */
static void
test_welcome_from_party (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  static const guint8 contents[][3] = {{0x80, 0, 0}, {0x84, 1, 0x40}, {0x84, 2, 0x40}, {0xff, 0xff, 0xff}};

  for (guint i = 0; i < G_N_ELEMENTS (contents); i++) {
    guint8 plain[8192] = {0};
    g_autoptr (GBytes) sealed = NULL;
    g_autoptr (GError) error = NULL;

    memcpy (plain, contents[i], 3);
    plain[3] = 0x80;
    sealed = mabei_device_seal (mabei_replica_keys (f->zhang->replica)->device, person_public (f->li),
                                MABEI_LABEL_WELCOME, plain, sizeof plain);
    g_assert_null (
        mabei_replica_accept_welcome (f->li->replica, person_public (f->zhang), f->id.bytes, sealed, now (), &error));
    g_assert_nonnull (error);
    g_assert_null (strchr (error->message, '\n'));
  }
}

/* The mediator's device itself is hostile: whatever it changes in a WELCOME that reads, nothing of it is taken. */
static void
test_welcome_mutated (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GBytes) welcome = admit_sealed (f->mediator, &f->id, f->zhang, MABEI_ROLE_INTERPRETER);
  MabeiDeviceKey *key = mabei_replica_keys (f->mediator->replica)->device;
  g_autoptr (GBytes) plain =
      mabei_device_open (mabei_replica_keys (f->zhang->replica)->device, person_public (f->mediator),
                         MABEI_LABEL_WELCOME, g_bytes_get_data (welcome, NULL), g_bytes_get_size (welcome));
  gsize length = g_bytes_get_size (plain);

  g_assert_cmpuint (length, ==, 8192);
  for (gsize at = 0; at < 1200; at++) {
    g_autofree guint8 *copy = g_memdup2 (g_bytes_get_data (plain, NULL), length);
    g_autoptr (GBytes) sealed = NULL;
    g_autoptr (GError) error = NULL;

    copy[at] ^= (guint8) (1u << g_test_rand_int_range (0, 8));
    g_test_message ("byte %" G_GSIZE_FORMAT " made %02x", at, copy[at]);
    sealed = mabei_device_seal (key, person_public (f->li), MABEI_LABEL_WELCOME, copy, length);
    g_assert_null (mabei_replica_accept_welcome (f->li->replica, person_public (f->mediator), f->id.bytes, sealed,
                                                 now (), &error));
    g_assert_nonnull (error);
    g_assert_null (strchr (error->message, '\n'));
  }
  g_assert_cmpuint (mabei_replica_cases (f->li->replica)->len, ==, 0);
  /* As it was, it would have been good for Li as well: an interpreter's holds nothing of one person only. */
  {
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) sealed =
        mabei_device_seal (key, person_public (f->li), MABEI_LABEL_WELCOME, g_bytes_get_data (plain, NULL), length);
    g_assert_nonnull (mabei_replica_accept_welcome (f->li->replica, person_public (f->mediator), f->id.bytes, sealed,
                                                    now (), &error));
  }
}

static void
test_full_disk (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) welcome = NULL;
  MabeiMember zhang;
  guint8 key[32];
  open_invitation (f, MABEI_ROLE_PARTY, 0, key);
  MabeiCase *c = the_case (f->mediator, &f->id);

  person_member (f->zhang, &zhang);
  support_disk_limit (4096);
  g_assert_null (mabei_replica_admit (f->mediator->replica, c, key, &zhang, now (), &error));
  support_disk_limit (0);
  assert_store_error (error, MABEI_STORE_ERROR_FULL);
  g_clear_error (&error);
  g_assert_cmpuint (mabei_authority_members (mabei_case_authority (c))->len, ==, 1);
  welcome = mabei_replica_admit (f->mediator->replica, c, key, &zhang, now (), &error);
  g_assert_no_error (error);
  support_disk_limit (4096);
  g_assert_null (mabei_replica_accept_welcome (f->zhang->replica, person_public (f->mediator), f->id.bytes, welcome,
                                               now (), &error));
  support_disk_limit (0);
  assert_store_error (error, MABEI_STORE_ERROR_FULL);
  g_clear_error (&error);
  g_assert_cmpuint (mabei_replica_cases (f->zhang->replica)->len, ==, 0);
  g_assert_nonnull (mabei_replica_accept_welcome (f->zhang->replica, person_public (f->mediator), f->id.bytes, welcome,
                                                  now (), &error));
}

/* What others confirm: by what they tell, and by writing on top of it. */
static void
test_peers (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  admit (f->mediator, &f->id, f->zhang, MABEI_ROLE_PARTY);
  const MabeiShortId *device = mabei_device_key_id (mabei_replica_keys (f->zhang->replica)->device);
  const MabeiShortId *stranger = mabei_device_key_id (mabei_replica_keys (f->li->replica)->device);
  MabeiSpace *joint = the_space (f->mediator, &f->id, MABEI_SPACE_JOINT);
  g_autoptr (GArray) heads = mabei_graph_heads (mabei_space_graph (joint));
  g_autoptr (GError) error = NULL;
  MabeiId unknown = {{5}};
  guint64 since = 1;
  guint64 told = now ();

  sync_both (f->mediator, f->zhang, &f->id);
  g_assert_cmpuint (mabei_replica_peer_missing (f->mediator->replica, joint, device, &since), ==, 2);
  g_assert_cmpuint (since, ==, 0);
  g_assert_true (mabei_replica_set_peer_heads (f->mediator->replica, joint, device, (MabeiId *) (gpointer) heads->data,
                                               heads->len, told, &error));
  g_assert_cmpuint (mabei_replica_peer_missing (f->mediator->replica, joint, device, &since), ==, 0);
  g_assert_cmpuint (since, ==, told);
  post (f->mediator, joint, "one");
  g_assert_cmpuint (mabei_replica_peer_missing (f->mediator->replica, joint, device, NULL), ==, 1);
  /* Heads that are not here say nothing, and take nothing back. */
  g_assert_true (mabei_replica_set_peer_heads (f->mediator->replica, joint, device, &unknown, 1, now (), &error));
  g_assert_cmpuint (mabei_replica_peer_missing (f->mediator->replica, joint, device, NULL), ==, 1);
  person_reopen (f->mediator);
  joint = the_space (f->mediator, &f->id, MABEI_SPACE_JOINT);
  g_assert_cmpuint (mabei_replica_peer_missing (f->mediator->replica, joint, device, &since), ==, 1);
  g_assert_cmpuint (since, >=, told);
  sync_both (f->mediator, f->zhang, &f->id);
  post (f->zhang, the_space (f->zhang, &f->id, MABEI_SPACE_JOINT), "two");
  sync_both (f->mediator, f->zhang, &f->id);
  g_assert_cmpuint (mabei_replica_peer_missing (f->mediator->replica, joint, device, NULL), ==, 0);
  g_assert_false (mabei_replica_set_peer_heads (f->mediator->replica, joint, stranger,
                                                (MabeiId *) (gpointer) heads->data, heads->len, now (), &error));
  assert_store_error (error, MABEI_STORE_ERROR_NOT_FOUND);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
#define ADD(name, function) g_test_add ("/store/admission/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("parties", test_parties);
  ADD ("before-sync", test_before_sync);
  ADD ("caucus", test_caucus);
  ADD ("interpreter", test_interpreter);
  ADD ("used", test_used);
  ADD ("seeds-survive", test_seeds_survive);
  ADD ("refused", test_refused);
  ADD ("expiry-limit", test_expiry_limit);
  ADD ("welcome", test_welcome);
  ADD ("welcome-from-party", test_welcome_from_party);
  ADD ("welcome-mutated", test_welcome_mutated);
  ADD ("full-disk", test_full_disk);
  ADD ("peers", test_peers);
  return g_test_run ();
}
