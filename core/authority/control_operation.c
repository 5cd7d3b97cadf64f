#include "core/authority/control_operation.h"

#include <sodium.h>
#include <string.h>

#include "core/authority/authority_private.h"
#include "core/base/limits.h"

void
mabei_control_operation_free (MabeiControlOperation *operation)
{
  if (operation == NULL)
    return;
  g_free (operation->invitation.name);
  g_free (operation->member.name);
  g_free (operation);
}

static void
write_admit (GByteArray *out, const MabeiControlOperation *operation)
{
  const MabeiMember *member = &operation->member;
  mabei_cbor_write_array (out, 7);
  mabei_cbor_write_uint (out, MABEI_CONTROL_ADMIT);
  mabei_cbor_write_bytes (out, operation->invite_key, sizeof operation->invite_key);
  mabei_cbor_write_array (out, 2);
  mabei_cbor_write_bytes (out, member->keys.sign_key, sizeof member->keys.sign_key);
  mabei_cbor_write_bytes (out, member->keys.box_key, sizeof member->keys.box_key);
  mabei_cbor_write_bytes (out, member->person.bytes, sizeof member->person.bytes);
  mabei_cbor_write_uint (out, member->role);
  mabei_cbor_write_text (out, member->name);
  mabei_cbor_write_array (out, 2);
  mabei_cbor_write_bytes (out, member->inbox_read_key, sizeof member->inbox_read_key);
  mabei_cbor_write_bytes (out, member->inbox_write_seed.bytes, sizeof member->inbox_write_seed.bytes);
}

GBytes *
mabei_control_operation_encode (const MabeiControlOperation *operation)
{
  GByteArray *out = g_byte_array_new ();
  switch (operation->type) {
  case MABEI_CONTROL_INVITE:
    mabei_cbor_write_array (out, 5);
    mabei_cbor_write_uint (out, MABEI_CONTROL_INVITE);
    mabei_cbor_write_bytes (out, operation->invitation.invite_key, sizeof operation->invitation.invite_key);
    mabei_cbor_write_uint (out, operation->invitation.role);
    mabei_cbor_write_text (out, operation->invitation.name);
    mabei_cbor_write_uint (out, operation->invitation.expires_ms);
    break;
  case MABEI_CONTROL_ADMIT:
    write_admit (out, operation);
    break;
  case MABEI_CONTROL_SPACE:
    mabei_cbor_write_array (out, 3);
    mabei_cbor_write_uint (out, MABEI_CONTROL_SPACE);
    mabei_cbor_write_uint (out, operation->space_kind);
    mabei_cbor_write_bytes (out, operation->space.bytes, sizeof operation->space.bytes);
    break;
  default:
    g_assert_not_reached ();
  }
  return g_byte_array_free_to_bytes (out);
}

/* A low-order X25519 key gives zero with every scalar (RFC 7748 section 6.1): nobody could wrap an epoch to it, and
 * admitting it would keep everybody from making one. */
static gboolean
box_key_is_usable (const guint8 box_key[32])
{
  static const guint8 scalar[crypto_scalarmult_SCALARBYTES] = {8};
  guint8 product[crypto_scalarmult_BYTES];
  return crypto_scalarmult (product, scalar, box_key) == 0;
}

static gboolean
read_invite (MabeiCborReader *reader, MabeiControlOperation *operation)
{
  MabeiInvitation *invitation = &operation->invitation;
  return mabei_cbor_read_fixed (reader, invitation->invite_key, sizeof invitation->invite_key) &&
         mabei_authority_read_role (reader, &invitation->role) &&
         mabei_authority_read_name (reader, &invitation->name) &&
         mabei_cbor_read_uint (reader, G_MAXUINT64, &invitation->expires_ms);
}

static gboolean
read_admit (MabeiCborReader *reader, MabeiControlOperation *operation)
{
  MabeiMember *member = &operation->member;
  guint64 count;
  if (!mabei_cbor_read_fixed (reader, operation->invite_key, sizeof operation->invite_key) ||
      !mabei_cbor_read_array (reader, 2, &count) || count != 2 ||
      !mabei_cbor_read_fixed (reader, member->keys.sign_key, sizeof member->keys.sign_key) ||
      !mabei_cbor_read_fixed (reader, member->keys.box_key, sizeof member->keys.box_key) ||
      !mabei_cbor_read_fixed (reader, member->person.bytes, sizeof member->person.bytes) ||
      !mabei_authority_read_role (reader, &member->role) || !mabei_authority_read_name (reader, &member->name) ||
      !mabei_cbor_read_array (reader, 2, &count) || count != 2 ||
      !mabei_cbor_read_fixed (reader, member->inbox_read_key, sizeof member->inbox_read_key) ||
      !mabei_cbor_read_fixed (reader, member->inbox_write_seed.bytes, sizeof member->inbox_write_seed.bytes))
    return FALSE;
  mabei_device_id (&member->keys, &member->device);
  return !mabei_short_id_is_zero (&member->person) && box_key_is_usable (member->keys.box_key);
}

static gboolean
read_space (MabeiCborReader *reader, MabeiControlOperation *operation)
{
  guint64 kind;
  if (!mabei_cbor_read_uint (reader, MABEI_SPACE_CAUCUS, &kind) ||
      !mabei_cbor_read_fixed (reader, operation->space.bytes, sizeof operation->space.bytes))
    return FALSE;
  operation->space_kind = (MabeiSpaceKind) kind;
  return TRUE;
}

MabeiControlOperation *
mabei_control_operation_decode (GBytes *item, GError **error)
{
  static const struct {
    guint64 count;
    gboolean (*read) (MabeiCborReader *reader, MabeiControlOperation *operation);
  } kinds[] = {{5, read_invite}, {7, read_admit}, {3, read_space}};
  gsize length;
  gconstpointer data = g_bytes_get_data (item, &length);
  g_autoptr (MabeiControlOperation) operation = g_new0 (MabeiControlOperation, 1);
  MabeiCborReader reader;
  guint64 count, type;
  mabei_cbor_reader_init (&reader, data, length);
  if (!mabei_cbor_read_array (&reader, 7, &count) || !mabei_cbor_read_uint (&reader, G_N_ELEMENTS (kinds) - 1, &type) ||
      kinds[type].count != count || !kinds[type].read (&reader, operation) ||
      !mabei_cbor_reader_finish (&reader, NULL)) {
    mabei_authority_finish (&reader, "control operation", error);
    return NULL;
  }
  operation->type = (MabeiControlType) type;
  return g_steal_pointer (&operation);
}
