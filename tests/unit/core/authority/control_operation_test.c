/* The bytes of control operations and of a genesis: there and back, and nothing else is understood. */
#include <string.h>

#include "core/base/cbor.h"
#include "core/base/limits.h"
#include "tests/tools/cast.h"

static MabeiControlOperation *
round_trip (GBytes *encoded)
{
  GError *error = NULL;
  MabeiControlOperation *operation = mabei_control_operation_decode (encoded, &error);
  g_assert_no_error (error);
  g_autoptr (GBytes) again = mabei_control_operation_encode (operation);
  g_assert_true (g_bytes_equal (encoded, again));
  return operation;
}

static void
expect_format (GBytes *encoded)
{
  GError *error = NULL;
  g_assert_null (mabei_control_operation_decode (encoded, &error));
  g_assert_error (error, MABEI_AUTHORITY_ERROR, MABEI_AUTHORITY_ERROR_FORMAT);
  g_clear_error (&error);
}

static void
expect_cuts_refused (GBytes *encoded)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (encoded, &length);
  for (gsize i = 0; i < length; i++) {
    g_autoptr (GBytes) cut = g_bytes_new (data, i);
    expect_format (cut);
  }
  g_autofree guint8 *longer = g_malloc0 (length + 1);
  memcpy (longer, data, length);
  g_autoptr (GBytes) extended = g_bytes_new (longer, length + 1);
  expect_format (extended);
}

static void
test_invite (void)
{
  static const guint8 key[32] = {1, 2, 3};
  g_autoptr (GBytes) encoded = mabei_cast_invite_operation (key, MABEI_ROLE_PARTY, "王小明");
  g_autoptr (MabeiControlOperation) operation = round_trip (encoded);
  g_assert_cmpint (operation->type, ==, MABEI_CONTROL_INVITE);
  g_assert_cmpmem (operation->invitation.invite_key, 32, key, 32);
  g_assert_cmpint (operation->invitation.role, ==, MABEI_ROLE_PARTY);
  g_assert_cmpstr (operation->invitation.name, ==, "王小明");
  g_assert_cmpuint (operation->invitation.expires_ms, ==, 1800000000000);
  expect_cuts_refused (encoded);
}

static void
test_name_limit (void)
{
  static const guint8 key[32] = {1};
  g_autofree char *name = g_strnfill (MABEI_LIMIT_NAME_BYTES, 'n');
  g_autofree char *long_name = g_strnfill (MABEI_LIMIT_NAME_BYTES + 1, 'n');
  g_autoptr (GBytes) longest = mabei_cast_invite_operation (key, MABEI_ROLE_PARTY, name);
  g_autoptr (MabeiControlOperation) operation = round_trip (longest);
  g_assert_cmpstr (operation->invitation.name, ==, name);
  g_autoptr (GBytes) longer = mabei_cast_invite_operation (key, MABEI_ROLE_PARTY, long_name);
  expect_format (longer);
  g_autoptr (GBytes) nameless = mabei_cast_invite_operation (key, MABEI_ROLE_PARTY, "");
  expect_format (nameless);
}

static void
test_admit (void)
{
  static const guint8 key[32] = {9};
  MabeiActor *actor = mabei_actor_new ("Li", MABEI_ROLE_COUNSEL);
  g_autoptr (GBytes) encoded = mabei_cast_admit_operation (key, actor);
  g_autoptr (MabeiControlOperation) operation = round_trip (encoded);
  g_assert_cmpint (operation->type, ==, MABEI_CONTROL_ADMIT);
  g_assert_true (mabei_short_id_equal (&operation->member.device, mabei_device_key_id (actor->key)));
  g_assert_true (mabei_short_id_equal (&operation->member.person, &actor->person));
  g_assert_cmpint (operation->member.role, ==, MABEI_ROLE_COUNSEL);
  g_assert_cmpstr (operation->member.name, ==, "Li");
  expect_cuts_refused (encoded);

  MabeiControlOperation nobody = *operation;
  memset (&nobody.member.person, 0, sizeof nobody.member.person);
  g_autoptr (GBytes) personless = mabei_control_operation_encode (&nobody);
  expect_format (personless);
  /* Keys of low order (RFC 7748 section 6.1): 0, 1, and a point of order 8. */
  static const guint8 order_8[32] = {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3,
                                     0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32,
                                     0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00};
  for (guint i = 0; i < 3; i++) {
    MabeiControlOperation weak = *operation;
    memset (weak.member.keys.box_key, 0, 32);
    weak.member.keys.box_key[0] = (guint8) i;
    if (i == 2)
      memcpy (weak.member.keys.box_key, order_8, 32);
    g_autoptr (GBytes) bytes = mabei_control_operation_encode (&weak);
    expect_format (bytes);
  }
  mabei_actor_free (actor);
}

static void
test_space (void)
{
  const MabeiControlOperation named = {
      .type = MABEI_CONTROL_SPACE, .space_kind = MABEI_SPACE_JOINT, .space = {{1, 2, 3}}};
  g_autoptr (GBytes) encoded = mabei_control_operation_encode (&named);
  g_autoptr (MabeiControlOperation) operation = round_trip (encoded);
  g_assert_cmpint (operation->space_kind, ==, MABEI_SPACE_JOINT);
  g_assert_true (mabei_short_id_equal (&operation->space, &named.space));
  expect_cuts_refused (encoded);
}

/* Numbers beyond the last operation, role or kind; more or fewer items than the operation has. */
static void
test_unknown (void)
{
  static const struct {
    guint8 bytes[40];
    gsize length;
  } bad[] = {
      {{0x80}, 1},                    /* [] */
      {{0x81, 0x03}, 2},              /* [3] */
      {{0x83, 0x03, 0x01, 0x40}, 4},  /* [3, 1, ''] */
      {{0xa0}, 1},                    /* {} */
      {{0x00}, 1},                    /* 0 */
      {{0x83, 0x02, 0x03, 0x50}, 20}, /* a kind of space that is none */
      {{0x82, 0x02, 0x01}, 3},        /* [2, 1] */
      {{0x9f, 0x02, 0xff}, 3},        /* indefinite */
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GBytes) bytes = g_bytes_new (bad[i].bytes, bad[i].length);
    expect_format (bytes);
  }
  static const guint8 key[32] = {1};
  for (guint role = 0; role <= 9; role += 9) {
    g_autoptr (GBytes) bytes = mabei_cast_invite_operation (key, (MabeiRole) role, "x");
    expect_format (bytes);
  }
}

static void
test_genesis (void)
{
  GError *error = NULL;
  g_autoptr (MabeiDeviceKey) court = mabei_device_key_new ();
  MabeiActor *actor = mabei_actor_new ("Chen", MABEI_ROLE_MEDIATOR);
  g_autoptr (MabeiChange) change = mabei_actor_genesis (actor, court, mabei_device_key_public (actor->key), 1);
  g_autoptr (GBytes) body = mabei_change_open (change, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (MabeiGenesis) genesis = mabei_genesis_decode (body, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (genesis->policy, ==, 1);
  g_assert_cmpstr (genesis->credential->name, ==, "Chen");
  g_autoptr (GBytes) again = mabei_genesis_encode (genesis);
  g_assert_true (g_bytes_equal (body, again));
  gsize length;
  const guint8 *data = g_bytes_get_data (body, &length);
  for (gsize i = 0; i < length; i++) {
    g_autoptr (GBytes) cut = g_bytes_new (data, i);
    g_assert_null (mabei_genesis_decode (cut, &error));
    g_assert_error (error, MABEI_AUTHORITY_ERROR, MABEI_AUTHORITY_ERROR_FORMAT);
    g_clear_error (&error);
  }
  mabei_actor_free (actor);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  g_test_add_func ("/authority/control-operation/invite", test_invite);
  g_test_add_func ("/authority/control-operation/name-limit", test_name_limit);
  g_test_add_func ("/authority/control-operation/admit", test_admit);
  g_test_add_func ("/authority/control-operation/space", test_space);
  g_test_add_func ("/authority/control-operation/unknown", test_unknown);
  g_test_add_func ("/authority/control-operation/genesis", test_genesis);
  return g_test_run ();
}
