/* Coming into a case, from both sides: the invitation and its seed, ADMIT with the newcomer's caucus, the WELCOME. An
 * admission that was cut short is finished by admitting the same device again: it gives the WELCOME once more. */
#include "core/store/replica_private.h"
#include "core/store/welcome.h"

#include <sodium.h>
#include <string.h>

static gboolean
refuse (GError **error, MabeiCaseError code, const char *why)
{
  g_set_error_literal (error, MABEI_CASE_ERROR, (int) code, why);
  return FALSE;
}

static const MabeiInvitation *
find_invitation (MabeiCase *c, const guint8 key[32])
{
  GPtrArray *invitations = mabei_authority_invitations (mabei_case_authority (c));

  for (guint i = 0; i < invitations->len; i++) {
    const MabeiInvitation *invitation = g_ptr_array_index (invitations, i);
    if (memcmp (invitation->invite_key, key, 32) == 0)
      return invitation;
  }
  return NULL;
}

static MabeiChange *
author_control (
    MabeiReplica *replica, MabeiCase *c, const MabeiControlOperation *operation, guint64 now_ms, GError **error)
{
  MabeiSpace *control = mabei_case_space_of_kind (c, MABEI_SPACE_CONTROL, NULL);
  g_autoptr (GBytes) encoded = mabei_control_operation_encode (operation);
  g_autoptr (GPtrArray) operations = g_ptr_array_new ();

  g_ptr_array_add (operations, encoded);
  if (!mabei_replica_join_heads (replica, control, now_ms, error))
    return NULL;
  return mabei_case_author (c, control, MABEI_KIND_CONTROL, operations, now_ms, error);
}

MabeiSecret *
mabei_replica_invite (MabeiReplica *replica,
                      MabeiCase *c,
                      MabeiRole role,
                      const char *name,
                      guint64 expires_ms,
                      guint64 now_ms,
                      GError **error)
{
  g_autoptr (MabeiSecret) seed = mabei_secret_new_random (crypto_sign_SEEDBYTES);
  g_autoptr (MabeiSecret) secret_key = mabei_secret_new (crypto_sign_SECRETKEYBYTES);
  g_autoptr (MabeiChange) change = NULL;
  MabeiControlOperation operation = {.type = MABEI_CONTROL_INVITE};
  MabeiSpace *control;

  g_return_val_if_fail (replica != NULL && c != NULL && name != NULL, NULL);
  control = mabei_case_space_of_kind (c, MABEI_SPACE_CONTROL, NULL);
  crypto_sign_seed_keypair (operation.invitation.invite_key, mabei_secret_data (secret_key), mabei_secret_data (seed));
  operation.invitation.role = role;
  operation.invitation.name = (char *) name;
  operation.invitation.expires_ms = expires_ms;
  if (!mabei_replica_seal_case (replica, c, error))
    return NULL;
  change = author_control (replica, c, &operation, now_ms, error);
  if (change == NULL || !mabei_database_begin (replica->database, error))
    return NULL;
  if (!mabei_replica_append_change (replica, control, change, MABEI_SOURCE_OWN, error) ||
      !mabei_replica_keep_seed (replica, c, seed, expires_ms, now_ms, error)) {
    mabei_database_rollback (replica->database);
    return NULL;
  }
  if (!mabei_database_commit (replica->database, error) || !mabei_replica_fold_own (replica, control, change, error))
    return NULL;
  return g_steal_pointer (&seed);
}

/* --- admitting --- */

/* TRUE when this very device was admitted before, as this invitation says. */
static gboolean
is_repeated (MabeiCase *c, const MabeiInvitation *invitation, const MabeiShortId *device, const MabeiMember *member)
{
  const MabeiMember *there = mabei_authority_member (mabei_case_authority (c), device);

  return there != NULL && invitation->used && there->role == invitation->role &&
         mabei_short_id_equal (&there->person, &member->person);
}

static gboolean
person_is_member (MabeiCase *c, const MabeiShortId *person)
{
  GPtrArray *members = mabei_authority_members (mabei_case_authority (c));

  for (guint i = 0; i < members->len; i++) {
    if (mabei_short_id_equal (&((const MabeiMember *) g_ptr_array_index (members, i))->person, person))
      return TRUE;
  }
  return FALSE;
}

static gboolean
check_admission (MabeiCase *c,
                 const MabeiInvitation *invitation,
                 const MabeiShortId *device,
                 const MabeiMember *member,
                 guint64 now_ms,
                 GError **error)
{
  if (invitation->used)
    return refuse (error, MABEI_CASE_ERROR_CONFLICT, "this invitation has been used");
  if (invitation->expires_ms != 0 && now_ms > invitation->expires_ms)
    return refuse (error, MABEI_CASE_ERROR_NOT_ALLOWED, "this invitation has expired");
  if (mabei_authority_member (mabei_case_authority (c), device) != NULL)
    return refuse (error, MABEI_CASE_ERROR_CONFLICT, "this device is a member already");
  /* Whoever knocks names the person: a member's name would open that member's caucus. */
  if (mabei_short_id_is_zero (&member->person) || person_is_member (c, &member->person))
    return refuse (error, MABEI_CASE_ERROR_CONFLICT, "the knock names a person who is a member already");
  return TRUE;
}

static gboolean
admit (MabeiReplica *replica,
       MabeiCase *c,
       const MabeiInvitation *invitation,
       const MabeiShortId *device,
       const MabeiMember *member,
       guint64 now_ms,
       GError **error)
{
  MabeiControlOperation operation = {.type = MABEI_CONTROL_ADMIT, .member = *member};
  g_autoptr (MabeiChange) change = NULL;

  memcpy (operation.invite_key, invitation->invite_key, sizeof operation.invite_key);
  operation.member.device = *device;
  operation.member.role = invitation->role;
  change = author_control (replica, c, &operation, now_ms, error);
  if (change == NULL ||
      !mabei_replica_keep_own (replica, mabei_case_space_of_kind (c, MABEI_SPACE_CONTROL, NULL), change, error))
    return FALSE;
  return mabei_authority_member (mabei_case_authority (c), device) != NULL ||
         refuse (error, MABEI_CASE_ERROR_NOT_ALLOWED, "the admission has no effect");
}

/* --- the caucus of a party --- */

static GPtrArray *
caucus_members (MabeiCase *c, const MabeiShortId *person)
{
  GPtrArray *members = mabei_authority_members (mabei_case_authority (c));
  GPtrArray *inside = g_ptr_array_new ();

  for (guint i = 0; i < members->len; i++) {
    const MabeiMember *member = g_ptr_array_index (members, i);
    if (member->role == MABEI_ROLE_MEDIATOR || mabei_short_id_equal (&member->person, person))
      g_ptr_array_add (inside, (gpointer) member);
  }
  return inside;
}

static gboolean
store_caucus (MabeiReplica *replica, MabeiSpace *caucus, MabeiChange *epoch, GError **error)
{
  if (!mabei_database_begin (replica->database, error))
    return FALSE;
  if (!mabei_replica_append_space (replica, caucus, error) ||
      !mabei_replica_append_change (replica, caucus, epoch, MABEI_SOURCE_OWN, error)) {
    mabei_database_rollback (replica->database);
    return FALSE;
  }
  return mabei_database_commit (replica->database, error) && mabei_replica_fold_own (replica, caucus, epoch, error);
}

/* The caucus with its epoch, made now if it is not there yet: every side has one, used or not. */
static MabeiSpace *
ensure_caucus (MabeiReplica *replica, MabeiCase *c, const MabeiShortId *person, GError **error)
{
  MabeiSpace *caucus = mabei_case_space_of_kind (c, MABEI_SPACE_CAUCUS, person);
  g_autoptr (GPtrArray) inside = NULL;
  g_autoptr (MabeiChange) epoch = NULL;
  g_autoptr (MabeiSecret) secret = NULL;
  MabeiId epoch_id;

  if (caucus != NULL && mabei_space_writing_epoch (caucus, &epoch_id, NULL))
    return caucus;
  if (caucus == NULL) {
    MabeiShortId id;
    randombytes_buf (id.bytes, sizeof id.bytes);
    caucus = mabei_case_add_space (c, &id, MABEI_SPACE_CAUCUS, person);
  }
  if (caucus == NULL) {
    refuse (error, MABEI_CASE_ERROR_TOO_LARGE, "the case has as many spaces as it can have");
    return NULL;
  }
  inside = caucus_members (c, person);
  if (!mabei_replica_join_heads (replica, caucus, 0, error))
    return NULL;
  epoch = mabei_case_author_epoch (c, caucus, inside, &secret, error);
  return epoch != NULL && store_caucus (replica, caucus, epoch, error) ? caucus : NULL;
}

GBytes *
mabei_replica_admit (MabeiReplica *replica,
                     MabeiCase *c,
                     const guint8 invite_key[32],
                     const MabeiMember *member,
                     guint64 now_ms,
                     GError **error)
{
  g_autoptr (GPtrArray) spaces = g_ptr_array_new ();
  const MabeiInvitation *invitation;
  const MabeiMember *self;
  MabeiShortId device;
  MabeiRole role;

  g_return_val_if_fail (replica != NULL && c != NULL && member != NULL && member->name != NULL, NULL);
  mabei_device_id (&member->keys, &device);
  if (!mabei_replica_seal_case (replica, c, error))
    return NULL;
  invitation = find_invitation (c, invite_key);
  if (invitation == NULL) {
    refuse (error, MABEI_CASE_ERROR_NOT_FOUND, "there is no such invitation in this case");
    return NULL;
  }
  role = invitation->role;
  if (!is_repeated (c, invitation, &device, member) &&
      (!check_admission (c, invitation, &device, member, now_ms, error) ||
       !admit (replica, c, invitation, &device, member, now_ms, error)))
    return NULL;
  mabei_replica_drop_seeds (replica, c);
  g_ptr_array_add (spaces, mabei_case_space_of_kind (c, MABEI_SPACE_CONTROL, NULL));
  g_ptr_array_add (spaces, mabei_case_space_of_kind (c, MABEI_SPACE_JOINT, NULL));
  self = mabei_case_self (c);
  if (role == MABEI_ROLE_PARTY && self->role == MABEI_ROLE_MEDIATOR) {
    MabeiSpace *caucus = ensure_caucus (replica, c, &member->person, error);
    if (caucus == NULL)
      return NULL;
    g_ptr_array_add (spaces, caucus);
  }
  return mabei_welcome_seal (replica->keys->device, &member->keys, spaces, error);
}

/* --- being admitted --- */

static gboolean
check_welcome (MabeiReplica *replica,
               const MabeiWelcome *welcome,
               const MabeiDevicePublic *admitter,
               const guint8 case_prefix[16],
               GError **error)
{
  MabeiShortId device;
  guint n_control = 0, n_joint = 0;

  mabei_device_id (admitter, &device);
  if (!mabei_short_id_equal (&device, &welcome->admitter) ||
      memcmp (mabei_change_id (welcome->genesis)->bytes, case_prefix, 16) != 0)
    return refuse (error, MABEI_CASE_ERROR_UNVERIFIED, "the welcome is to another case than the invitation");
  for (guint i = 0; i < welcome->keyrings->len; i++) {
    const MabeiKeyring *keyring = g_ptr_array_index (welcome->keyrings, i);
    gboolean is_control = mabei_short_id_equal (&keyring->space, &mabei_change_header (welcome->genesis)->space);

    n_control += keyring->kind == MABEI_SPACE_CONTROL;
    n_joint += keyring->kind == MABEI_SPACE_JOINT;
    if (is_control != (keyring->kind == MABEI_SPACE_CONTROL) ||
        (keyring->kind == MABEI_SPACE_CAUCUS ? !mabei_short_id_equal (&keyring->other, &replica->keys->person)
                                             : !mabei_short_id_is_zero (&keyring->other)))
      return refuse (error, MABEI_CASE_ERROR_UNVERIFIED, "the welcome holds a space that is not ours");
  }
  return (n_control == 1 && n_joint == 1) || refuse (error, MABEI_CASE_ERROR_UNVERIFIED, "the welcome lacks a space");
}

static gboolean
admitter_is_staff (MabeiCase *c, const MabeiShortId *admitter)
{
  const MabeiMember *member = mabei_authority_member (mabei_case_authority (c), admitter);

  return member != NULL && mabei_role_is_staff (member->role);
}

/* Into memory first: it is the case that checks every key against its epoch's id. */
static gboolean
take_keyrings (MabeiCase *c, const MabeiWelcome *welcome, GError **error)
{
  for (guint i = 0; i < welcome->keyrings->len; i++) {
    const MabeiKeyring *keyring = g_ptr_array_index (welcome->keyrings, i);
    MabeiSpace *space = mabei_case_add_space (c, &keyring->space, keyring->kind, &keyring->other);

    if (space == NULL)
      return refuse (error, MABEI_CASE_ERROR_UNVERIFIED, "the welcome gives a space a second kind");
    for (guint k = 0; k < keyring->secrets->len; k++) {
      if (!mabei_space_add_epoch (space, &g_array_index (keyring->epochs, MabeiId, k),
                                  g_ptr_array_index (keyring->secrets, k), error))
        return FALSE;
    }
  }
  return TRUE;
}

static gboolean
append_keyring (MabeiReplica *replica, MabeiCase *c, const MabeiKeyring *keyring, GError **error)
{
  MabeiRecord record = {.type = MABEI_RECORD_KEY, .case_id = *mabei_case_id (c), .space = keyring->space};

  if (keyring->kind != MABEI_SPACE_CONTROL &&
      !mabei_replica_append_space (replica, mabei_case_space (c, &keyring->space), error))
    return FALSE;
  for (guint k = 0; k < keyring->secrets->len; k++) {
    record.id = g_array_index (keyring->epochs, MabeiId, k);
    record.secret = g_ptr_array_index (keyring->secrets, k);
    if (!mabei_record_append (replica->database, &record, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
store_welcome (MabeiReplica *replica, MabeiCase *c, const MabeiWelcome *welcome, GError **error)
{
  MabeiSpace *control = mabei_case_space_of_kind (c, MABEI_SPACE_CONTROL, NULL);
  gboolean stored;

  if (!mabei_database_begin (replica->database, error))
    return FALSE;
  /* The genesis came from where the whole case is: it need not go to the hub from here. */
  stored = mabei_replica_append_change (replica, control, welcome->genesis, MABEI_SOURCE_HUB, error);
  for (guint i = 0; stored && i < welcome->keyrings->len; i++)
    stored = append_keyring (replica, c, g_ptr_array_index (welcome->keyrings, i), error);
  if (!stored) {
    mabei_database_rollback (replica->database);
    return FALSE;
  }
  return mabei_database_commit (replica->database, error);
}

MabeiCase *
mabei_replica_accept_welcome (MabeiReplica *replica,
                              const MabeiDevicePublic *admitter,
                              const guint8 case_prefix[16],
                              GBytes *welcome,
                              guint64 now_ms G_GNUC_UNUSED,
                              GError **error)
{
  g_autoptr (MabeiWelcome) opened = NULL;
  g_autoptr (MabeiCase) c = NULL;
  MabeiCase *here;

  g_return_val_if_fail (replica != NULL && admitter != NULL && welcome != NULL, NULL);
  opened = mabei_welcome_open (replica->keys->device, admitter, welcome, error);
  if (opened == NULL || !check_welcome (replica, opened, admitter, case_prefix, error))
    return NULL;
  here = mabei_replica_case (replica, mabei_change_id (opened->genesis));
  if (here != NULL)
    return here;
  c = mabei_case_new (opened->genesis, replica->keys->device, error);
  if (c == NULL)
    return NULL;
  if (!admitter_is_staff (c, &opened->admitter)) {
    refuse (error, MABEI_CASE_ERROR_UNVERIFIED, "who admitted this device is not of the court in this case");
    return NULL;
  }
  if (!take_keyrings (c, opened, error) || !store_welcome (replica, c, opened, error))
    return NULL;
  mabei_replica_note (replica, mabei_case_space_of_kind (c, MABEI_SPACE_CONTROL, NULL), opened->genesis,
                      MABEI_SOURCE_HUB);
  mabei_replica_add_case (replica, c);
  return g_steal_pointer (&c);
}
