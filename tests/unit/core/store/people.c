#include "tests/unit/core/store/people.h"

#include <sodium.h>
#include <string.h>

static guint64 clock_ms = 1790000000000;

guint64
now (void)
{
  clock_ms += 1000;
  return clock_ms;
}

void
wait_ms (guint ms)
{
  clock_ms += ms;
}

Person *
person_new (const char *name)
{
  g_autoptr (GError) error = NULL;
  Person *person = g_new0 (Person, 1);

  person->root = support_folder_new ();
  person->folder = g_build_filename (person->root, "profile", NULL);
  person->passphrase = support_passphrase ("a horse, a horse");
  mabei_replica_create (person->folder, name, person->passphrase, MABEI_KDF_INTERACTIVE, &error);
  g_assert_no_error (error);
  person_open (person);
  return person;
}

void
person_close (Person *person)
{
  mabei_replica_close (g_steal_pointer (&person->replica));
}

void
person_open (Person *person)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (person->replica);
  person->replica = mabei_replica_open (person->folder, person->passphrase, &error);
  g_assert_no_error (error);
}

void
person_reopen (Person *person)
{
  person_close (person);
  person_open (person);
}

void
person_free (Person *person)
{
  if (person == NULL)
    return;
  person_close (person);
  support_folder_remove (person->root);
  g_free (person->folder);
  mabei_secret_unref (person->passphrase);
  g_free (person);
}

const MabeiDevicePublic *
person_public (Person *person)
{
  return mabei_device_key_public (mabei_replica_keys (person->replica)->device);
}

GBytes *
court_credential (MabeiDeviceKey *court, Person *person, guint32 rights)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MabeiCredential) credential =
      mabei_credential_issue (court, MABEI_ROLE_MEDIATOR, mabei_replica_name (person->replica), person_public (person),
                              rights, 1, now (), &error);

  g_assert_no_error (error);
  return g_bytes_ref (credential->encoded);
}

Person *
mediator_new (const char *name)
{
  g_autoptr (MabeiDeviceKey) court = mabei_device_key_new ();
  g_autoptr (GError) error = NULL;
  Person *person = person_new (name);
  g_autoptr (GBytes) credential = court_credential (court, person, MABEI_RIGHT_OPEN_CASES);

  g_assert_true (mabei_replica_import_credential (person->replica, credential, &error));
  g_assert_no_error (error);
  return person;
}

MabeiCase *
the_case (Person *person, const MabeiId *id)
{
  MabeiCase *c = mabei_replica_case (person->replica, id);

  g_assert_nonnull (c);
  return c;
}

MabeiSpace *
the_space (Person *person, const MabeiId *id, MabeiSpaceKind kind)
{
  MabeiSpace *space = mabei_case_space_of_kind (the_case (person, id), kind, NULL);

  g_assert_nonnull (space);
  return space;
}

MabeiSpace *
the_caucus (Person *person, const MabeiId *id, Person *side)
{
  return mabei_case_space_of_kind (the_case (person, id), MABEI_SPACE_CAUCUS,
                                   &mabei_replica_keys (side->replica)->person);
}

void
person_member (Person *person, MabeiMember *member)
{
  MabeiKeys *keys = mabei_replica_keys (person->replica);

  memset (member, 0, sizeof *member);
  member->device = *mabei_device_key_id (keys->device);
  member->keys = *person_public (person);
  member->person = keys->person;
  member->role = MABEI_ROLE_OBSERVER; /* the invitation's role counts, not what the knock says */
  member->name = (char *) mabei_replica_name (person->replica);
  mabei_keys_inbox (keys, member->inbox_read_key, &member->inbox_write_seed);
}

static void
invite_key (MabeiSecret *seed, guint8 key[32])
{
  guint8 secret_key[crypto_sign_SECRETKEYBYTES];

  crypto_sign_seed_keypair (key, secret_key, mabei_secret_data (seed));
}

GBytes *
admit_sealed (Person *mediator, const MabeiId *id, Person *newcomer, MabeiRole role)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MabeiSecret) seed = mabei_replica_invite (mediator->replica, the_case (mediator, id), role,
                                                       mabei_replica_name (newcomer->replica), 0, now (), &error);
  MabeiMember member;
  GBytes *welcome;
  guint8 key[32];

  g_assert_no_error (error);
  invite_key (seed, key);
  person_member (newcomer, &member);
  welcome = mabei_replica_admit (mediator->replica, the_case (mediator, id), key, &member, now (), &error);
  g_assert_no_error (error);
  mabei_replica_accept_welcome (newcomer->replica, person_public (mediator), id->bytes, welcome, now (), &error);
  g_assert_no_error (error);
  g_assert_nonnull (mabei_replica_case (newcomer->replica, id));
  return welcome;
}

void
admit (Person *mediator, const MabeiId *id, Person *newcomer, MabeiRole role)
{
  g_bytes_unref (admit_sealed (mediator, id, newcomer, role));
}

guint
send_all (Person *from, Person *to, const MabeiId *id, MabeiSource source)
{
  GPtrArray *spaces = mabei_case_spaces (the_case (from, id));
  guint sent = 0;

  for (guint i = 0; i < spaces->len; i++) {
    MabeiSpace *space = g_ptr_array_index (spaces, i);
    MabeiSpace *other = mabei_case_space (the_case (to, id), mabei_space_id (space));
    g_autoptr (GPtrArray) changes = mabei_graph_ordered (mabei_space_graph (space));

    for (guint k = 0; other != NULL && k < changes->len; k++) {
      g_autoptr (GError) error = NULL;
      int result = mabei_replica_receive (to->replica, other, mabei_change_encoded (g_ptr_array_index (changes, k)),
                                          source, now (), &error);
      g_assert_no_error (error);
      sent += result != MABEI_RECEIVED_DUPLICATE;
    }
  }
  return sent;
}

void
sync_both (Person *a, Person *b, const MabeiId *id)
{
  while (send_all (a, b, id, MABEI_SOURCE_PEER) + send_all (b, a, id, MABEI_SOURCE_PEER) > 0)
    continue;
}

void
assert_same (Person *a, Person *b, const MabeiId *id)
{
  GPtrArray *spaces = mabei_case_spaces (the_case (a, id));

  for (guint i = 0; i < spaces->len; i++) {
    MabeiSpace *space = g_ptr_array_index (spaces, i);
    MabeiSpace *other = mabei_case_space (the_case (b, id), mabei_space_id (space));
    MabeiId one, two;

    if (other == NULL)
      continue;
    mabei_space_state_hash (space, &one);
    mabei_space_state_hash (other, &two);
    g_assert_true (mabei_id_equal (&one, &two));
  }
}

void
post (Person *person, MabeiSpace *space, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  g_ptr_array_add (operations, mabei_operation_post (text, MABEI_LEVEL_KEEP, &error));
  g_assert_no_error (error);
  mabei_replica_commit (person->replica, space, MABEI_KIND_CONTENT, operations, now (), NULL, &error);
  g_assert_no_error (error);
}

MabeiDocument *
write_document (Person *person, MabeiSpace *space, const char *title)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (MabeiChange) change = NULL;
  MabeiDocument *document;
  MabeiShortId id;

  g_ptr_array_add (operations, mabei_operation_document ("minutes", title, &error));
  g_assert_no_error (error);
  mabei_replica_commit (person->replica, space, MABEI_KIND_CONTENT, operations, now (), &change, &error);
  g_assert_no_error (error);
  mabei_document_id_of (mabei_change_id (change), 0, &id);
  document = mabei_case_document (mabei_space_case (space), &id);
  g_assert_nonnull (document);
  return document;
}

void
type_text (Person *person, MabeiDocument *document, guint position, const char *text)
{
  g_autoptr (GError) error = NULL;

  mabei_replica_edit (person->replica, document, position, 0, text, now (), &error);
  g_assert_no_error (error);
}

void
assert_text (MabeiDocument *document, const char *expected)
{
  g_autofree char *text = mabei_text_read (mabei_document_text (document), NULL);

  g_assert_cmpstr (text, ==, expected);
}

void
state_of (Person *person, const MabeiId *id, MabeiId *hash)
{
  mabei_case_state_hash (the_case (person, id), hash);
}
