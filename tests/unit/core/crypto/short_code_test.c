#include <string.h>

#include "core/crypto/short_code.h"

static void
test_both_see_the_same_code (void)
{
  g_autoptr (MabeiDeviceKey) joiner = mabei_device_key_new ();
  g_autoptr (MabeiDeviceKey) clerk = mabei_device_key_new ();
  g_autoptr (MabeiDeviceKey) between = mabei_device_key_new ();
  const MabeiDevicePublic *joiner_public = mabei_device_key_public (joiner);
  const MabeiDevicePublic *clerk_public = mabei_device_key_public (clerk);
  guint8 nonces[2][32] = {{1}, {2}};
  MabeiId promised, opened, other;
  mabei_short_code_commit (nonces[0], joiner_public, &promised);
  mabei_short_code_commit (nonces[0], joiner_public, &opened);
  g_assert_true (mabei_id_equal (&promised, &opened));
  mabei_short_code_commit (nonces[1], joiner_public, &other);
  g_assert_false (mabei_id_equal (&promised, &other));
  mabei_short_code_commit (nonces[0], mabei_device_key_public (between), &other);
  g_assert_false (mabei_id_equal (&promised, &other));

  char code[7], same[7];
  mabei_short_code (nonces[0], nonces[1], joiner_public, clerk_public, code);
  mabei_short_code (nonces[0], nonces[1], joiner_public, clerk_public, same);
  g_assert_cmpstr (code, ==, same);
  g_assert_cmpuint (strlen (code), ==, 6);
  g_assert_cmpuint (strspn (code, "0123456789"), ==, 6);
}

/* Somebody between the two swaps the keys: over many tries the codes agree no more often than by chance. */
static void
test_swapped_keys_show (void)
{
  g_autoptr (MabeiDeviceKey) joiner = mabei_device_key_new ();
  g_autoptr (MabeiDeviceKey) clerk = mabei_device_key_new ();
  g_autoptr (MabeiDeviceKey) between = mabei_device_key_new ();
  guint equal = 0, leading_zero = 0;
  for (guint32 i = 0; i < 2000; i++) {
    guint8 joiner_nonce[32] = {0}, clerk_nonce[32] = {9};
    memcpy (joiner_nonce, &i, sizeof i);
    char at_joiner[7], at_clerk[7];
    mabei_short_code (joiner_nonce, clerk_nonce, mabei_device_key_public (joiner), mabei_device_key_public (between),
                      at_joiner);
    mabei_short_code (joiner_nonce, clerk_nonce, mabei_device_key_public (between), mabei_device_key_public (clerk),
                      at_clerk);
    equal += strcmp (at_joiner, at_clerk) == 0;
    leading_zero += at_joiner[0] == '0';
  }
  g_assert_cmpuint (equal, <=, 2);
  g_assert_cmpuint (leading_zero, >, 100); /* about 200: codes keep their leading zeros */
  g_assert_cmpuint (leading_zero, <, 300);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  g_test_add_func ("/short-code/same", test_both_see_the_same_code);
  g_test_add_func ("/short-code/swapped", test_swapped_keys_show);
  return g_test_run ();
}
