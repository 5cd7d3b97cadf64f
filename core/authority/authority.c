#include "core/authority/authority.h"

#include <string.h>

#include "core/authority/authority_private.h"
#include "core/authority/control_operation.h"
#include "core/base/limits.h"

MabeiMember *
mabei_member_copy (const MabeiMember *member)
{
  MabeiMember *copy = g_new (MabeiMember, 1);
  *copy = *member;
  copy->name = g_strdup (member->name);
  return copy;
}

void
mabei_member_free (MabeiMember *member)
{
  g_free (member->name);
  g_free (member);
}

static void
invitation_free (MabeiInvitationEntry *entry)
{
  g_free (entry->invitation.name);
  g_free (entry);
}

static void
add_keys (MabeiAuthority *authority, const MabeiMember *member)
{
  MabeiShortId *device = g_new (MabeiShortId, 1);
  MabeiDevicePublic *keys = g_new (MabeiDevicePublic, 1);
  *device = member->device;
  *keys = member->keys;
  g_hash_table_replace (authority->keys, device, keys);
}

static void
add_admission (MabeiAuthority *authority, const MabeiMember *member, const MabeiId *admitted_by)
{
  GPtrArray *admissions = g_hash_table_lookup (authority->admissions, &member->device);
  if (admissions == NULL) {
    admissions = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_member_free);
    g_hash_table_insert (authority->admissions, g_memdup2 (&member->device, sizeof member->device), admissions);
  }
  MabeiMember *copy = mabei_member_copy (member);
  copy->admitted_by = *admitted_by;
  g_ptr_array_add (admissions, copy);
}

static void
add_member (MabeiAuthority *authority, const MabeiMember *member, const MabeiId *admitted_by)
{
  MabeiMember *copy = mabei_member_copy (member);
  copy->admitted_by = *admitted_by;
  g_ptr_array_add (authority->members, copy);
  g_hash_table_insert (authority->by_device, &copy->device, copy);
}

static gboolean
check_genesis (MabeiChange *genesis, MabeiGenesis **payload, GError **error)
{
  const MabeiHeader *header = mabei_change_header (genesis);
  if (header->kind != MABEI_KIND_GENESIS || !mabei_id_is_zero (&header->case_id) || header->seq != 0 ||
      header->n_deps != 0 || header->n_control != 0 || header->lamport != 1) {
    g_set_error_literal (error, MABEI_AUTHORITY_ERROR, MABEI_AUTHORITY_ERROR_FORMAT,
                         "the change is not the genesis of a case");
    return FALSE;
  }
  g_autoptr (GBytes) body = mabei_change_open (genesis, NULL, error);
  g_autoptr (MabeiGenesis) read = body != NULL ? mabei_genesis_decode (body, error) : NULL;
  if (read == NULL)
    return FALSE;
  MabeiShortId holder;
  mabei_device_id (&read->credential->device, &holder);
  if (!mabei_short_id_equal (&holder, &header->device)) {
    g_set_error_literal (error, MABEI_AUTHORITY_ERROR, MABEI_AUTHORITY_ERROR_UNVERIFIED,
                         "the genesis carries the credential of another device");
    return FALSE;
  }
  if ((read->credential->rights & MABEI_RIGHT_OPEN_CASES) == 0) {
    g_set_error_literal (error, MABEI_AUTHORITY_ERROR, MABEI_AUTHORITY_ERROR_NOT_ALLOWED,
                         "the credential does not carry the right to open cases");
    return FALSE;
  }
  if (!mabei_change_verify (genesis, read->credential->device.sign_key)) {
    g_set_error_literal (error, MABEI_AUTHORITY_ERROR, MABEI_AUTHORITY_ERROR_UNVERIFIED,
                         "the genesis is not signed by its author");
    return FALSE;
  }
  *payload = g_steal_pointer (&read);
  return TRUE;
}

MabeiAuthority *
mabei_authority_new (MabeiChange *genesis, GError **error)
{
  g_autoptr (MabeiGenesis) payload = NULL;
  if (!check_genesis (genesis, &payload, error))
    return NULL;
  const MabeiCredential *credential = payload->credential;
  MabeiAuthority *authority = g_new0 (MabeiAuthority, 1);
  authority->genesis = *mabei_change_id (genesis);
  authority->control = mabei_change_header (genesis)->space;
  memcpy (authority->court_key, credential->court_key, sizeof authority->court_key);
  authority->opener = g_new0 (MabeiMember, 1);
  authority->opener->device = mabei_change_header (genesis)->device;
  authority->opener->keys = credential->device;
  authority->opener->person = payload->person;
  authority->opener->role = credential->role;
  authority->opener->name = g_strdup (credential->name);
  memcpy (authority->opener->inbox_read_key, payload->inbox_read_key, sizeof payload->inbox_read_key);
  authority->opener->inbox_write_seed = payload->inbox_write_seed;
  authority->members = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_member_free);
  authority->by_device = g_hash_table_new (mabei_short_id_hash, mabei_short_id_equal);
  authority->invitations = g_ptr_array_new_with_free_func ((GDestroyNotify) invitation_free);
  authority->admissions =
      g_hash_table_new_full (mabei_short_id_hash, mabei_short_id_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  authority->keys = g_hash_table_new_full (mabei_short_id_hash, mabei_short_id_equal, g_free, g_free);
  mabei_authority_reset (authority);
  return authority;
}

void
mabei_authority_free (MabeiAuthority *authority)
{
  if (authority == NULL)
    return;
  g_hash_table_unref (authority->by_device);
  g_hash_table_unref (authority->admissions);
  g_hash_table_unref (authority->keys);
  g_ptr_array_unref (authority->members);
  g_ptr_array_unref (authority->invitations);
  mabei_member_free (authority->opener);
  g_free (authority);
}

void
mabei_authority_reset (MabeiAuthority *authority)
{
  g_hash_table_remove_all (authority->by_device);
  g_hash_table_remove_all (authority->admissions);
  g_hash_table_remove_all (authority->keys);
  g_ptr_array_set_size (authority->members, 0);
  g_ptr_array_set_size (authority->invitations, 0);
  memset (&authority->joint, 0, sizeof authority->joint);
  add_keys (authority, authority->opener);
  add_admission (authority, authority->opener, &authority->genesis);
  add_member (authority, authority->opener, &authority->genesis);
}

const guint8 *
mabei_authority_court_key (MabeiAuthority *authority)
{
  return authority->court_key;
}

const MabeiMember *
mabei_authority_member (MabeiAuthority *authority, const MabeiShortId *device)
{
  return g_hash_table_lookup (authority->by_device, device);
}

const MabeiDevicePublic *
mabei_authority_keys (MabeiAuthority *authority, const MabeiShortId *device)
{
  return g_hash_table_lookup (authority->keys, device);
}

GPtrArray *
mabei_authority_members (MabeiAuthority *authority)
{
  return authority->members;
}

GPtrArray *
mabei_authority_invitations (MabeiAuthority *authority)
{
  return authority->invitations;
}

const MabeiShortId *
mabei_authority_joint_space (MabeiAuthority *authority)
{
  return mabei_short_id_is_zero (&authority->joint) ? NULL : &authority->joint;
}

/* --- what a control change does --- */

/* What an operation of the change under way has done, so that a change acts as a whole or not at all. */
typedef struct {
  MabeiAuthority *authority;
  MabeiGraph *control; /* NULL while a change is only being planned: everything here is its past then */
  const MabeiId *change;
  guint n_members;
  guint n_invitations;
  GPtrArray *used; /* MabeiInvitationEntry that this change marked */
  gboolean named_joint;
  gboolean is_contested; /* refused only for what another admission did */
} Transaction;

static const char *
contested (Transaction *transaction, const char *reason)
{
  transaction->is_contested = TRUE;
  return reason;
}

static gboolean
in_past (const Transaction *transaction, const MabeiId *ancestor)
{
  return transaction->control == NULL || mabei_graph_is_past (transaction->control, ancestor, transaction->change);
}

static MabeiInvitationEntry *
find_invitation (MabeiAuthority *authority, const guint8 invite_key[32])
{
  for (guint i = 0; i < authority->invitations->len; i++) {
    MabeiInvitationEntry *entry = g_ptr_array_index (authority->invitations, i);
    if (memcmp (entry->invitation.invite_key, invite_key, sizeof entry->invitation.invite_key) == 0)
      return entry;
  }
  return NULL;
}

static gboolean
is_zero_key (const guint8 key[32])
{
  static const guint8 zero[32];
  return memcmp (key, zero, sizeof zero) == 0;
}

static const char *
apply_invite (Transaction *transaction, const MabeiControlOperation *operation)
{
  MabeiAuthority *authority = transaction->authority;
  if (mabei_role_is_staff (operation->invitation.role))
    return "staff is not invited: it holds a credential of the court";
  if (is_zero_key (operation->invitation.invite_key))
    return "the invitation has no key";
  if (find_invitation (authority, operation->invitation.invite_key) != NULL)
    return "an invitation with this key exists";
  MabeiInvitationEntry *entry = g_new0 (MabeiInvitationEntry, 1);
  entry->invitation = operation->invitation;
  entry->invitation.name = g_strdup (operation->invitation.name);
  entry->invitation.used = FALSE;
  entry->made_by = *transaction->change;
  g_ptr_array_add (authority->invitations, entry);
  return NULL;
}

static const char *
apply_admit (Transaction *transaction, const MabeiControlOperation *operation)
{
  MabeiAuthority *authority = transaction->authority;
  MabeiInvitationEntry *entry = NULL;
  if (mabei_role_is_staff (operation->member.role))
    return "staff is not admitted: it holds a credential of the court";
  if (!is_zero_key (operation->invite_key)) {
    entry = find_invitation (authority, operation->invite_key);
    if (entry == NULL || !in_past (transaction, &entry->made_by))
      return "the admission cites an unknown invitation";
    if (entry->invitation.role != operation->member.role)
      return "the invitation was for another role";
    if (entry->invitation.used)
      return contested (transaction, "the invitation was used already");
  }
  if (mabei_authority_member (authority, &operation->member.device) != NULL)
    return contested (transaction, "the device is admitted already");
  if (authority->members->len >= MABEI_LIMIT_DEVICES)
    return contested (transaction, "the case has as many devices as it can have");
  add_member (authority, &operation->member, transaction->change);
  if (entry != NULL) {
    entry->invitation.used = TRUE;
    g_ptr_array_add (transaction->used, entry);
  }
  return NULL;
}

static const char *
apply_space (Transaction *transaction, const MabeiControlOperation *operation)
{
  MabeiAuthority *authority = transaction->authority;
  if (operation->space_kind != MABEI_SPACE_JOINT)
    return "only the joint space is named in the control space";
  if (mabei_authority_joint_space (authority) != NULL)
    return "the joint space is named already";
  if (mabei_short_id_is_zero (&operation->space) || mabei_short_id_equal (&operation->space, &authority->control))
    return "the joint space has an impossible id";
  authority->joint = operation->space;
  transaction->named_joint = TRUE;
  return NULL;
}

static const char *
apply_operation (Transaction *transaction, const MabeiControlOperation *operation)
{
  switch (operation->type) {
  case MABEI_CONTROL_INVITE:
    return apply_invite (transaction, operation);
  case MABEI_CONTROL_ADMIT:
    return apply_admit (transaction, operation);
  case MABEI_CONTROL_SPACE:
    return apply_space (transaction, operation);
  default:
    g_assert_not_reached ();
  }
}

static void
roll_back (Transaction *transaction)
{
  MabeiAuthority *authority = transaction->authority;
  for (guint i = transaction->n_members; i < authority->members->len; i++) {
    MabeiMember *member = g_ptr_array_index (authority->members, i);
    g_hash_table_remove (authority->by_device, &member->device);
  }
  for (guint i = 0; i < transaction->used->len; i++)
    ((MabeiInvitationEntry *) g_ptr_array_index (transaction->used, i))->invitation.used = FALSE;
  g_ptr_array_set_size (authority->members, (gint) transaction->n_members);
  g_ptr_array_set_size (authority->invitations, (gint) transaction->n_invitations);
  if (transaction->named_joint)
    memset (&authority->joint, 0, sizeof authority->joint);
}

/* All operations or NULL. What devices are named is remembered even when the change has no effect: whoever reads a
 * change of such a device can tell a forgery from a stranger's own words, whatever arrived first. */
static GPtrArray *
decode_all (MabeiAuthority *authority, GPtrArray *operations)
{
  g_autoptr (GPtrArray) decoded = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_control_operation_free);
  gboolean all = TRUE;
  for (guint i = 0; i < operations->len; i++) {
    MabeiControlOperation *operation = mabei_control_operation_decode (g_ptr_array_index (operations, i), NULL);
    if (operation == NULL) {
      all = FALSE;
      continue;
    }
    if (operation->type == MABEI_CONTROL_ADMIT && mabei_authority_keys (authority, &operation->member.device) == NULL)
      add_keys (authority, &operation->member);
    g_ptr_array_add (decoded, operation);
  }
  return all ? g_steal_pointer (&decoded) : NULL;
}

static const char *
apply_all (Transaction *transaction, const MabeiMember *author, GPtrArray *operations)
{
  if (author == NULL || !in_past (transaction, &author->admitted_by))
    return "its author is not a member";
  if (mabei_role_rank (author->role) < 2)
    return "its author's role may not change the membership";
  if (operations->len == 0)
    return "a control change without operations";
  for (guint i = 0; i < operations->len; i++) {
    const char *refusal = apply_operation (transaction, g_ptr_array_index (operations, i));
    if (refusal != NULL)
      return refusal;
  }
  return NULL;
}

gboolean
mabei_authority_apply (
    MabeiAuthority *authority, MabeiGraph *control, MabeiChange *change, GPtrArray *operations, const char **reason)
{
  g_autoptr (GPtrArray) decoded = decode_all (authority, operations);
  if (decoded == NULL) {
    *reason = "an operation is not understood";
    return FALSE;
  }
  g_autoptr (GPtrArray) used = g_ptr_array_new ();
  Transaction transaction = {.authority = authority,
                             .control = control,
                             .change = mabei_change_id (change),
                             .n_members = authority->members->len,
                             .n_invitations = authority->invitations->len,
                             .used = used};
  const MabeiMember *author = mabei_authority_member (authority, &mabei_change_header (change)->device);
  const char *refusal = apply_all (&transaction, author, decoded);
  for (guint i = 0; (refusal == NULL || transaction.is_contested) && i < decoded->len; i++) {
    const MabeiControlOperation *operation = g_ptr_array_index (decoded, i);
    if (operation->type == MABEI_CONTROL_ADMIT)
      add_admission (authority, &operation->member, transaction.change);
  }
  if (refusal == NULL)
    return TRUE;
  roll_back (&transaction);
  *reason = refusal;
  return FALSE;
}

gboolean
mabei_authority_may_apply (MabeiAuthority *authority,
                           const MabeiShortId *device,
                           GPtrArray *operations,
                           const char **reason)
{
  static const MabeiId planned;
  g_autoptr (GPtrArray) decoded = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_control_operation_free);
  for (guint i = 0; i < operations->len; i++) {
    MabeiControlOperation *operation = mabei_control_operation_decode (g_ptr_array_index (operations, i), NULL);
    if (operation == NULL) {
      *reason = "an operation is not understood";
      return FALSE;
    }
    g_ptr_array_add (decoded, operation);
  }
  g_autoptr (GPtrArray) used = g_ptr_array_new ();
  Transaction transaction = {.authority = authority,
                             .change = &planned,
                             .n_members = authority->members->len,
                             .n_invitations = authority->invitations->len,
                             .used = used};
  const char *refusal = apply_all (&transaction, mabei_authority_member (authority, device), decoded);
  roll_back (&transaction);
  if (refusal != NULL)
    *reason = refusal;
  return refusal == NULL;
}

static gboolean
is_before (MabeiGraph *control, const MabeiMember *member, const MabeiId *heads, guint n_heads)
{
  for (guint i = 0; i < n_heads; i++) {
    if (mabei_graph_is_past (control, &member->admitted_by, &heads[i]))
      return TRUE;
  }
  return FALSE;
}

const MabeiMember *
mabei_authority_admission (
    MabeiAuthority *authority, MabeiGraph *control, const MabeiShortId *device, const MabeiId *heads, guint n_heads)
{
  GPtrArray *admissions = g_hash_table_lookup (authority->admissions, device);
  for (guint i = 0; admissions != NULL && i < admissions->len; i++) {
    if (is_before (control, g_ptr_array_index (admissions, i), heads, n_heads))
      return g_ptr_array_index (admissions, i);
  }
  return NULL;
}

gboolean
mabei_authority_may_write (MabeiAuthority *authority, MabeiGraph *control, MabeiChange *change, const char **reason)
{
  const MabeiHeader *header = mabei_change_header (change);
  const MabeiMember *author = mabei_authority_member (authority, &header->device);
  if (author == NULL ||
      mabei_authority_admission (authority, control, &header->device, header->control, header->n_control) == NULL) {
    *reason = "its author is not a member by the control heads that it cites";
    return FALSE;
  }
  if (mabei_role_rank (author->role) < 1) {
    *reason = "its author's role may read but not write";
    return FALSE;
  }
  return TRUE;
}
