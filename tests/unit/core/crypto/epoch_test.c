#include <sodium.h>
#include <string.h>

#include "core/crypto/epoch.h"

typedef struct {
  MabeiDeviceKey *clerk, *party, *stranger;
  MabeiSpaceRef space;
  MabeiSecret *secret, *ephemeral;
  guint8 ephemeral_key[32];
  MabeiId epoch_id;
  guint8 wrap[MABEI_WRAP_BYTES]; /* from the clerk to the party */
} Fixture;

static const guint8 *
box_key (MabeiDeviceKey *key)
{
  return mabei_device_key_public (key)->box_key;
}

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  (void) unused;
  fixture->clerk = mabei_device_key_new ();
  fixture->party = mabei_device_key_new ();
  fixture->stranger = mabei_device_key_new ();
  memset (fixture->space.case_id.bytes, 0xca, 32);
  memset (fixture->space.space.bytes, 0x5e, 16);
  fixture->secret = mabei_secret_new_random (32);
  mabei_epoch_id (fixture->secret, &fixture->space, &fixture->epoch_id);
  mabei_epoch_ephemeral (&fixture->ephemeral, fixture->ephemeral_key);
  g_assert_cmpint (mabei_epoch_wrap (fixture->secret, &fixture->epoch_id, &fixture->space, fixture->clerk,
                                     fixture->ephemeral, fixture->ephemeral_key, box_key (fixture->party),
                                     fixture->wrap),
                   ==, MABEI_WRAP_OK);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  (void) unused;
  mabei_device_key_free (fixture->clerk);
  mabei_device_key_free (fixture->party);
  mabei_device_key_free (fixture->stranger);
  mabei_secret_unref (fixture->secret);
  mabei_secret_unref (fixture->ephemeral);
}

static MabeiWrapResult
open_as (Fixture *fixture, MabeiDeviceKey *recipient, const guint8 *author_box_key, MabeiSecret **secret)
{
  return mabei_epoch_unwrap (fixture->wrap, &fixture->epoch_id, &fixture->space, recipient, fixture->ephemeral_key,
                             author_box_key, secret);
}

static void
test_party_opens_the_clerks_wrap (Fixture *fixture, gconstpointer unused)
{
  (void) unused;
  g_autoptr (MabeiSecret) opened = NULL;
  g_assert_cmpint (open_as (fixture, fixture->party, box_key (fixture->clerk), &opened), ==, MABEI_WRAP_OK);
  g_assert_true (mabei_secret_equal (opened, fixture->secret));
}

static void
test_nobody_else_and_nowhere_else (Fixture *fixture, gconstpointer unused)
{
  (void) unused;
  MabeiSecret *opened = NULL;
  const guint8 *clerk = box_key (fixture->clerk);
  g_assert_cmpint (open_as (fixture, fixture->stranger, clerk, &opened), ==, MABEI_WRAP_NOT_OPENED);
  /* the stranger claims the clerk's wrap as his own */
  g_assert_cmpint (open_as (fixture, fixture->party, box_key (fixture->stranger), &opened), ==, MABEI_WRAP_NOT_OPENED);
  fixture->space.case_id.bytes[31] ^= 1;
  g_assert_cmpint (open_as (fixture, fixture->party, clerk, &opened), ==, MABEI_WRAP_NOT_OPENED);
  fixture->space.case_id.bytes[31] ^= 1;
  fixture->space.space.bytes[0] ^= 1;
  g_assert_cmpint (open_as (fixture, fixture->party, clerk, &opened), ==, MABEI_WRAP_NOT_OPENED);
  fixture->space.space.bytes[0] ^= 1;
  fixture->epoch_id.bytes[5] ^= 1;
  g_assert_cmpint (open_as (fixture, fixture->party, clerk, &opened), ==, MABEI_WRAP_NOT_OPENED);
  fixture->epoch_id.bytes[5] ^= 1;
  fixture->ephemeral_key[0] ^= 1;
  g_assert_cmpint (open_as (fixture, fixture->party, clerk, &opened), ==, MABEI_WRAP_NOT_OPENED);
  fixture->ephemeral_key[0] ^= 1;
  for (guint i = 0; i < MABEI_WRAP_BYTES; i++) {
    fixture->wrap[i] ^= 1;
    g_assert_cmpint (open_as (fixture, fixture->party, clerk, &opened), ==, MABEI_WRAP_NOT_OPENED);
    fixture->wrap[i] ^= 1;
  }
  g_assert_null (opened);
}

/* The author gives this member another secret than the others under the same epoch id: the commitment shows it. */
static void
test_unequal_secrets_show (Fixture *fixture, gconstpointer unused)
{
  (void) unused;
  g_autoptr (MabeiSecret) other = mabei_secret_new_random (32);
  MabeiSecret *opened = NULL;
  g_assert_cmpint (mabei_epoch_wrap (other, &fixture->epoch_id, &fixture->space, fixture->clerk, fixture->ephemeral,
                                     fixture->ephemeral_key, box_key (fixture->party), fixture->wrap),
                   ==, MABEI_WRAP_OK);
  g_assert_cmpint (open_as (fixture, fixture->party, box_key (fixture->clerk), &opened), ==, MABEI_WRAP_OTHER_SECRET);
  g_assert_null (opened);
}

static void
test_low_order_keys (Fixture *fixture, gconstpointer unused)
{
  (void) unused;
  const guint8 zero[32] = {0}, one[32] = {1};
  MabeiSecret *opened = NULL;
  guint8 wrap[MABEI_WRAP_BYTES];
  g_assert_cmpint (mabei_epoch_wrap (fixture->secret, &fixture->epoch_id, &fixture->space, fixture->clerk,
                                     fixture->ephemeral, fixture->ephemeral_key, zero, wrap),
                   ==, MABEI_WRAP_BAD_KEY);
  g_assert_cmpint (open_as (fixture, fixture->party, zero, &opened), ==, MABEI_WRAP_BAD_KEY);
  g_assert_cmpint (open_as (fixture, fixture->party, one, &opened), ==, MABEI_WRAP_BAD_KEY);
  memset (fixture->ephemeral_key, 0, 32);
  g_assert_cmpint (open_as (fixture, fixture->party, box_key (fixture->clerk), &opened), ==, MABEI_WRAP_BAD_KEY);
}

static void
test_operation_keys (Fixture *fixture, gconstpointer unused)
{
  (void) unused;
  const MabeiShortId *clerk = mabei_device_key_id (fixture->clerk), *party = mabei_device_key_id (fixture->party);
  g_autoptr (MabeiSecret) mine = mabei_epoch_operation_key (fixture->secret, clerk, &fixture->epoch_id);
  g_autoptr (MabeiSecret) again = mabei_epoch_operation_key (fixture->secret, clerk, &fixture->epoch_id);
  g_autoptr (MabeiSecret) theirs = mabei_epoch_operation_key (fixture->secret, party, &fixture->epoch_id);
  g_assert_true (mabei_secret_equal (mine, again));
  g_assert_false (mabei_secret_equal (mine, theirs));
  fixture->epoch_id.bytes[0] ^= 1;
  g_autoptr (MabeiSecret) later = mabei_epoch_operation_key (fixture->secret, clerk, &fixture->epoch_id);
  g_assert_false (mabei_secret_equal (mine, later));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/epoch/opens", test_party_opens_the_clerks_wrap);
  ADD ("/epoch/nobody-else", test_nobody_else_and_nowhere_else);
  ADD ("/epoch/unequal-secrets", test_unequal_secrets_show);
  ADD ("/epoch/low-order", test_low_order_keys);
  ADD ("/epoch/operation-keys", test_operation_keys);
  return g_test_run ();
}
