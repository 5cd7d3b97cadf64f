/* Wycheproof's cases through the three calls of libsodium that core/crypto stands on. */
#include <sodium.h>
#include <string.h>

#include "core/base/secret.h"
#include "tests/vectors/vector_file.h"

typedef gboolean (*Case) (JsonObject *group, JsonObject *test);

static gsize
size_of (GBytes *bytes)
{
  return g_bytes_get_size (bytes);
}

static const guint8 *
data_of (GBytes *bytes)
{
  static const guint8 nothing[1];
  const guint8 *data = g_bytes_get_data (bytes, NULL);
  return data != NULL ? data : nothing;
}

/* Runs every test of the file; @run says whether the primitive accepted it. */
static void
run_file (const char *path, guint expected, Case run)
{
  g_autoptr (JsonNode) root = vector_file_load (path);
  JsonArray *groups = json_object_get_array_member (json_node_get_object (root), "testGroups");
  guint count = 0;
  for (guint i = 0; i < json_array_get_length (groups); i++) {
    JsonObject *group = json_array_get_object_element (groups, i);
    JsonArray *tests = json_object_get_array_member (group, "tests");
    for (guint j = 0; j < json_array_get_length (tests); j++, count++) {
      JsonObject *test = json_array_get_object_element (tests, j);
      const char *result = json_object_get_string_member (test, "result");
      gboolean accepted = run (group, test);
      if (strcmp (result, "acceptable") != 0 && accepted != (strcmp (result, "valid") == 0))
        g_error ("%s: case %d: %s, but %s", path, (int) json_object_get_int_member (test, "tcId"), result,
                 accepted ? "accepted" : "refused");
    }
  }
  g_assert_cmpuint (count, ==, expected);
}

static gboolean
ed25519_case (JsonObject *group, JsonObject *test)
{
  g_autoptr (GBytes) key = vector_file_bytes (json_object_get_object_member (group, "publicKey"), "pk");
  g_autoptr (GBytes) message = vector_file_bytes (test, "msg");
  g_autoptr (GBytes) signature = vector_file_bytes (test, "sig");
  return size_of (signature) == crypto_sign_BYTES && size_of (key) == crypto_sign_PUBLICKEYBYTES &&
         crypto_sign_verify_detached (data_of (signature), data_of (message), size_of (message), data_of (key)) == 0;
}

static guint n_zero_results;

/* Accepted: the shared secret is the expected one; refused: crypto_scalarmult fails, which it must exactly for zero. */
static gboolean
x25519_case (JsonObject *group, JsonObject *test)
{
  (void) group;
  g_autoptr (GBytes) key = vector_file_bytes (test, "public");
  g_autoptr (GBytes) scalar = vector_file_bytes (test, "private");
  g_autoptr (GBytes) shared = vector_file_bytes (test, "shared");
  guint8 result[32];
  g_assert_cmpuint (size_of (key), ==, 32);
  gboolean is_zero = sodium_is_zero (data_of (shared), size_of (shared)) == 1;
  gboolean accepted = crypto_scalarmult (result, data_of (scalar), data_of (key)) == 0;
  g_assert_true (accepted == !is_zero);
  n_zero_results += is_zero;
  return accepted && memcmp (result, data_of (shared), 32) == 0;
}

static gboolean
xchacha_case (JsonObject *group, JsonObject *test)
{
  (void) group;
  g_autoptr (GBytes) key = vector_file_bytes (test, "key"), nonce = vector_file_bytes (test, "iv");
  g_autoptr (GBytes) associated = vector_file_bytes (test, "aad"), message = vector_file_bytes (test, "msg");
  g_autoptr (GBytes) sealed = vector_file_bytes (test, "ct"), tag = vector_file_bytes (test, "tag");
  if (size_of (nonce) != 24 || size_of (tag) != 16 || size_of (key) != 32)
    return FALSE;
  g_autofree guint8 *whole = g_malloc (size_of (sealed) + 16), *opened = g_malloc (size_of (sealed) + 16);
  unsigned long long length;
  memcpy (whole, data_of (sealed), size_of (sealed));
  memcpy (whole + size_of (sealed), data_of (tag), 16);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt (opened, &length, NULL, whole, size_of (sealed) + 16,
                                                  data_of (associated), size_of (associated), data_of (nonce),
                                                  data_of (key)) != 0)
    return FALSE;
  g_assert_cmpmem (opened, length, data_of (message), size_of (message));
  g_autofree guint8 *again = g_malloc (size_of (message) + 16);
  crypto_aead_xchacha20poly1305_ietf_encrypt (again, &length, data_of (message), size_of (message),
                                              data_of (associated), size_of (associated), NULL, data_of (nonce),
                                              data_of (key));
  g_assert_cmpmem (again, length, whole, size_of (sealed) + 16);
  return TRUE;
}

static void
test_ed25519 (void)
{
  run_file ("tests/data/vectors/ed25519_test.json.gz", 151, ed25519_case);
}

static void
test_x25519 (void)
{
  run_file ("tests/data/vectors/x25519_test.json.gz", 518, x25519_case);
  g_assert_cmpuint (n_zero_results, ==, 31);
}

static void
test_xchacha (void)
{
  run_file ("tests/data/vectors/xchacha20_poly1305_test.json.gz", 315, xchacha_case);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  g_test_add_func ("/wycheproof/ed25519", test_ed25519);
  g_test_add_func ("/wycheproof/x25519", test_x25519);
  g_test_add_func ("/wycheproof/xchacha20-poly1305", test_xchacha);
  return g_test_run ();
}
