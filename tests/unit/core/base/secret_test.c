#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "core/base/secret.h"
#include "tests/unit/core/base/seeded_random.h"

static void
test_contents (void)
{
  g_autoptr (MabeiSecret) zero = mabei_secret_new (32);
  guint8 none[32] = {0};
  g_assert_cmpmem (mabei_secret_data (zero), mabei_secret_length (zero), none, sizeof none);
  g_autoptr (MabeiSecret) copy = mabei_secret_new_copy ("passphrase", 10);
  g_assert_cmpmem (mabei_secret_data (copy), mabei_secret_length (copy), "passphrase", 10);
  g_autoptr (MabeiSecret) one = mabei_secret_new_random (32);
  g_autoptr (MabeiSecret) two = mabei_secret_new_random (32);
  g_assert_false (mabei_secret_equal (one, two));
  g_assert_false (mabei_secret_equal (one, zero));
}

static void
test_equal (void)
{
  g_autoptr (MabeiSecret) one = mabei_secret_new_copy ("abc", 3);
  g_autoptr (MabeiSecret) same = mabei_secret_new_copy ("abc", 3);
  g_autoptr (MabeiSecret) longer = mabei_secret_new_copy ("abcd", 4);
  g_autoptr (MabeiSecret) other = mabei_secret_new_copy ("abd", 3);
  g_assert_true (mabei_secret_equal (one, same));
  g_assert_false (mabei_secret_equal (one, longer));
  g_assert_false (mabei_secret_equal (one, other));
}

static void
test_references (void)
{
  MabeiSecret *secret = mabei_secret_new_copy ("kept", 4);
  g_assert_true (mabei_secret_ref (secret) == secret);
  mabei_secret_unref (secret);
  g_assert_cmpmem (mabei_secret_data (secret), 4, "kept", 4);
  mabei_secret_unref (secret);
  mabei_secret_unref (NULL);
}

/* A small RLIMIT_MEMLOCK (or none left) is not an error: secrets are then in memory that may be swapped. */
static void
test_without_locked_memory (void)
{
  struct rlimit before, none;
  g_assert_cmpint (getrlimit (RLIMIT_MEMLOCK, &before), ==, 0);
  none = before;
  none.rlim_cur = 0;
  g_assert_cmpint (setrlimit (RLIMIT_MEMLOCK, &none), ==, 0);
  g_autoptr (MabeiSecret) secret = mabei_secret_new_copy ("still here", 10);
  g_assert_cmpmem (mabei_secret_data (secret), 10, "still here", 10);
  g_assert_cmpint (setrlimit (RLIMIT_MEMLOCK, &before), ==, 0);
}

static void
test_seeded_randomness (void)
{
  seeded_random_start (1);
  g_autoptr (MabeiSecret) first = mabei_secret_new_random (32);
  seeded_random_start (1);
  g_autoptr (MabeiSecret) again = mabei_secret_new_random (32);
  seeded_random_start (2);
  g_autoptr (MabeiSecret) other = mabei_secret_new_random (32);
  g_assert_true (mabei_secret_equal (first, again));
  g_assert_false (mabei_secret_equal (first, other));
}

static void
test_no_core_dump (void)
{
  g_autofree char *before = g_strdup (g_getenv ("MABEI_DEBUG_DUMPABLE"));
  g_setenv ("MABEI_DEBUG_DUMPABLE", "1", TRUE);
  prctl (PR_SET_DUMPABLE, 1, 0, 0, 0);
  g_assert_true (mabei_base_init ());
  g_assert_cmpint (prctl (PR_GET_DUMPABLE), ==, 1);
  g_setenv ("MABEI_DEBUG_DUMPABLE", "yes", TRUE); /* only "1" counts */
  g_assert_true (mabei_base_init ());
  g_assert_cmpint (prctl (PR_GET_DUMPABLE), ==, 0);
  struct rlimit core;
  g_assert_cmpint (getrlimit (RLIMIT_CORE, &core), ==, 0);
  g_assert_cmpuint (core.rlim_cur, ==, 0);
  /* The leak checker, which runs at the end, attaches to this process. */
  if (before != NULL)
    prctl (PR_SET_DUMPABLE, 1, 0, 0, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  g_test_add_func ("/secret/contents", test_contents);
  g_test_add_func ("/secret/equal", test_equal);
  g_test_add_func ("/secret/references", test_references);
  g_test_add_func ("/secret/without-locked-memory", test_without_locked_memory);
  g_test_add_func ("/secret/seeded", test_seeded_randomness);
  g_test_add_func ("/secret/no-core-dump", test_no_core_dump);
  return g_test_run ();
}
