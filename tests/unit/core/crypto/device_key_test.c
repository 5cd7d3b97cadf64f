#include <string.h>

#include "core/crypto/device_key.h"

static void
test_seed_brings_the_device_back (void)
{
  g_autoptr (MabeiDeviceKey) laptop = mabei_device_key_new ();
  g_autoptr (MabeiDeviceKey) restored = mabei_device_key_new_from_seed (mabei_device_key_seed (laptop));
  g_autoptr (MabeiDeviceKey) phone = mabei_device_key_new ();
  g_assert_true (mabei_short_id_equal (mabei_device_key_id (laptop), mabei_device_key_id (restored)));
  g_assert_cmpmem (mabei_device_key_public (laptop), sizeof (MabeiDevicePublic), mabei_device_key_public (restored),
                   sizeof (MabeiDevicePublic));
  g_assert_false (mabei_short_id_equal (mabei_device_key_id (laptop), mabei_device_key_id (phone)));
  MabeiShortId id;
  mabei_device_id (mabei_device_key_public (laptop), &id);
  g_assert_true (mabei_short_id_equal (&id, mabei_device_key_id (laptop)));
  g_assert_cmpuint (mabei_secret_length (mabei_device_key_box_secret (laptop)), ==, 32);
  const gsize lengths[] = {32, 63, 65};
  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++) {
    g_autoptr (MabeiSecret) other = mabei_secret_new (lengths[i]);
    g_assert_null (mabei_device_key_new_from_seed (other));
  }
}

static void
test_signature (void)
{
  g_autoptr (MabeiDeviceKey) clerk = mabei_device_key_new ();
  g_autoptr (MabeiDeviceKey) party = mabei_device_key_new ();
  const guint8 *key = mabei_device_key_public (clerk)->sign_key;
  guint8 signature[MABEI_SIGNATURE_BYTES];
  mabei_device_sign (clerk, MABEI_LABEL_KNOCK, "text", 4, signature);
  g_assert_true (mabei_device_verify (key, MABEI_LABEL_KNOCK, "text", 4, signature));
  g_assert_false (mabei_device_verify (key, MABEI_LABEL_INVITE, "text", 4, signature));
  g_assert_false (mabei_device_verify (key, MABEI_LABEL_KNOCK, "texT", 4, signature));
  g_assert_false (mabei_device_verify (key, MABEI_LABEL_KNOCK, "text", 3, signature));
  g_assert_false (
      mabei_device_verify (mabei_device_key_public (party)->sign_key, MABEI_LABEL_KNOCK, "text", 4, signature));
  for (guint i = 0; i < sizeof signature; i++) {
    signature[i] ^= 1;
    g_assert_false (mabei_device_verify (key, MABEI_LABEL_KNOCK, "text", 4, signature));
    signature[i] ^= 1;
  }
  mabei_device_sign (clerk, MABEI_LABEL_KNOCK, NULL, 0, signature);
  g_assert_true (mabei_device_verify (key, MABEI_LABEL_KNOCK, NULL, 0, signature));
}

/* S + L instead of S is the same point equation; libsodium refuses it, and so nobody can make a second signature. */
static void
test_malleated_signature (void)
{
  static const guint8 order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,       0xd6,
                                   0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10};
  g_autoptr (MabeiDeviceKey) clerk = mabei_device_key_new ();
  guint8 signature[MABEI_SIGNATURE_BYTES];
  mabei_device_sign (clerk, MABEI_LABEL_KNOCK, "text", 4, signature);
  guint carry = 0;
  for (guint i = 0; i < 32; i++) {
    carry += signature[32 + i] + order[i];
    signature[32 + i] = (guint8) carry;
    carry >>= 8;
  }
  g_assert_false (
      mabei_device_verify (mabei_device_key_public (clerk)->sign_key, MABEI_LABEL_KNOCK, "text", 4, signature));
}

static void
test_sealed_message (void)
{
  g_autoptr (MabeiDeviceKey) clerk = mabei_device_key_new ();
  g_autoptr (MabeiDeviceKey) joiner = mabei_device_key_new ();
  g_autoptr (MabeiDeviceKey) stranger = mabei_device_key_new ();
  const MabeiDevicePublic *clerk_public = mabei_device_key_public (clerk);
  g_autoptr (GBytes) sealed =
      mabei_device_seal (clerk, mabei_device_key_public (joiner), MABEI_LABEL_WELCOME, "welcome", 7);
  gsize length;
  const guint8 *data = g_bytes_get_data (sealed, &length);
  g_assert_cmpuint (length, ==, 7 + 48);
  g_autoptr (GBytes) opened = mabei_device_open (joiner, clerk_public, MABEI_LABEL_WELCOME, data, length);
  g_assert_nonnull (opened);
  g_assert_cmpmem (g_bytes_get_data (opened, NULL), g_bytes_get_size (opened), "welcome", 7);

  g_assert_null (mabei_device_open (stranger, clerk_public, MABEI_LABEL_WELCOME, data, length));
  g_assert_null (mabei_device_open (joiner, mabei_device_key_public (stranger), MABEI_LABEL_WELCOME, data, length));
  g_assert_null (mabei_device_open (joiner, clerk_public, MABEI_LABEL_KNOCK, data, length));
  MabeiDevicePublic mixed = *clerk_public; /* the sender's signing key is bound as well */
  memcpy (mixed.sign_key, mabei_device_key_public (stranger)->sign_key, 32);
  g_assert_null (mabei_device_open (joiner, &mixed, MABEI_LABEL_WELCOME, data, length));
  for (gsize cut = 0; cut < length; cut++)
    g_assert_null (mabei_device_open (joiner, clerk_public, MABEI_LABEL_WELCOME, data, cut));
  g_autofree guint8 *changed = g_memdup2 (data, length);
  for (gsize i = 0; i < length; i++) {
    changed[i] ^= 0x40;
    g_assert_null (mabei_device_open (joiner, clerk_public, MABEI_LABEL_WELCOME, changed, length));
    changed[i] ^= 0x40;
  }
  g_autoptr (GBytes) empty = mabei_device_seal (clerk, clerk_public, MABEI_LABEL_LIVE, NULL, 0);
  g_autoptr (GBytes) nothing = mabei_device_open (clerk, clerk_public, MABEI_LABEL_LIVE, g_bytes_get_data (empty, NULL),
                                                  g_bytes_get_size (empty));
  g_assert_nonnull (nothing);
  g_assert_cmpuint (g_bytes_get_size (nothing), ==, 0);
}

static void
test_low_order_keys (void)
{
  g_autoptr (MabeiDeviceKey) clerk = mabei_device_key_new ();
  MabeiDevicePublic weak = *mabei_device_key_public (clerk);
  memset (weak.box_key, 0, sizeof weak.box_key);
  g_assert_null (mabei_device_seal (clerk, &weak, MABEI_LABEL_WELCOME, "x", 1));
  weak.box_key[0] = 1;
  g_assert_null (mabei_device_seal (clerk, &weak, MABEI_LABEL_WELCOME, "x", 1));
  guint8 sealed[49] = {0}; /* a zero ephemeral key */
  g_assert_null (mabei_device_open (clerk, mabei_device_key_public (clerk), MABEI_LABEL_WELCOME, sealed, 49));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  g_test_add_func ("/device-key/seed", test_seed_brings_the_device_back);
  g_test_add_func ("/device-key/signature", test_signature);
  g_test_add_func ("/device-key/malleated", test_malleated_signature);
  g_test_add_func ("/device-key/sealed", test_sealed_message);
  g_test_add_func ("/device-key/low-order", test_low_order_keys);
  return g_test_run ();
}
