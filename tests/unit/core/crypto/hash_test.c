#include <sodium.h>
#include <string.h>

#include "core/crypto/hash.h"

/* The definition, written out once more: BLAKE2b-256, key = label padded to 16 bytes, u32 little-endian lengths. */
static void
test_definition (void)
{
  guint8 key[16] = "object", expected[32];
  const guint8 input[] = {3, 0, 0, 0, 'a', 'b', 'c', 0, 0, 0, 0, 2, 0, 0, 0, 'd', 'e'};
  crypto_generichash (expected, 32, input, sizeof input, key, sizeof key);
  MabeiId hash, fields_hash;
  mabei_hash (MABEI_LABEL_OBJECT, &hash, "abc", (gsize) 3, "", (gsize) 0, "de", (gsize) 2, NULL);
  g_assert_cmpmem (hash.bytes, 32, expected, 32);
  const MabeiField fields[] = {{"abc", 3}, {NULL, 0}, {"de", 2}};
  mabei_hash_fields (MABEI_LABEL_OBJECT, fields, 3, &fields_hash);
  g_assert_true (mabei_id_equal (&hash, &fields_hash));
}

static void
test_no_two_lists_collide (void)
{
  MabeiId a, b, c, d;
  mabei_hash (MABEI_LABEL_STATE, &a, "ab", (gsize) 2, "c", (gsize) 1, NULL);
  mabei_hash (MABEI_LABEL_STATE, &b, "a", (gsize) 1, "bc", (gsize) 2, NULL);
  mabei_hash (MABEI_LABEL_STATE, &c, "abc", (gsize) 3, NULL);
  mabei_hash (MABEI_LABEL_HEAD, &d, "ab", (gsize) 2, "c", (gsize) 1, NULL);
  g_assert_false (mabei_id_equal (&a, &b));
  g_assert_false (mabei_id_equal (&a, &c));
  g_assert_false (mabei_id_equal (&b, &c));
  g_assert_false (mabei_id_equal (&a, &d)); /* another label, another hash */
}

static void
test_secret_is_the_first_field (void)
{
  g_autoptr (MabeiSecret) secret = mabei_secret_new_copy ("key material", 12);
  MabeiField field = MABEI_FIELD ("x", 1);
  g_autoptr (MabeiSecret) derived = mabei_hash_secret (MABEI_LABEL_LIVE, secret, &field, 1);
  MabeiId plain;
  mabei_hash (MABEI_LABEL_LIVE, &plain, "key material", (gsize) 12, "x", (gsize) 1, NULL);
  g_assert_cmpmem (mabei_secret_data (derived), mabei_secret_length (derived), plain.bytes, 32);
}

static void
test_labels_differ (void)
{
  const char *labels[] = {
      MABEI_LABEL_DEVICE,       MABEI_LABEL_CHANGE,        MABEI_LABEL_CHANGE_SIGNATURE,
      MABEI_LABEL_CASE,         MABEI_LABEL_CREDENTIAL,    MABEI_LABEL_EPOCH,
      MABEI_LABEL_WRAP,         MABEI_LABEL_OPERATION_KEY, MABEI_LABEL_ENVELOPE,
      MABEI_LABEL_MAILBOX,      MABEI_LABEL_MAILBOX_READ,  MABEI_LABEL_MAILBOX_WRITE,
      MABEI_LABEL_OBJECT,       MABEI_LABEL_STATE,         MABEI_LABEL_HEAD,
      MABEI_LABEL_SAS_COMMIT,   MABEI_LABEL_SAS,           MABEI_LABEL_INVITE,
      MABEI_LABEL_KNOCK,        MABEI_LABEL_WELCOME,       MABEI_LABEL_HUB_AUTH,
      MABEI_LABEL_HUB_ENVELOPE, MABEI_LABEL_BUNDLE,        MABEI_LABEL_LIVE,
      MABEI_LABEL_ROW,
  };
  g_autoptr (GHashTable) seen = g_hash_table_new (mabei_id_hash, mabei_id_equal);
  MabeiId hashes[G_N_ELEMENTS (labels)];
  for (guint i = 0; i < G_N_ELEMENTS (labels); i++) {
    g_assert_cmpuint (strlen (labels[i]), <=, 16);
    mabei_hash (labels[i], &hashes[i], NULL);
    g_assert_true (g_hash_table_add (seen, &hashes[i]));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  g_test_add_func ("/hash/definition", test_definition);
  g_test_add_func ("/hash/no-collision", test_no_two_lists_collide);
  g_test_add_func ("/hash/secret", test_secret_is_the_first_field);
  g_test_add_func ("/hash/labels", test_labels_differ);
  return g_test_run ();
}
