#include <sodium.h>
#include <string.h>

#include "core/crypto/epoch.h"

static MabeiSecret *
secret_of (guint8 fill)
{
  MabeiSecret *secret = mabei_secret_new (32);
  memset (mabei_secret_data (secret), fill, 32);
  return secret;
}

static void
test_classes (void)
{
  g_autoptr (MabeiSecret) secret = secret_of (1);
  const MabeiShortId mailbox = {"mailbox"};
  const struct {
    gsize length, size;
  } cases[] = {{0, 256},    {255, 256},     {256, 512},      {511, 512},
               {512, 1024}, {65535, 65536}, {65536, 131072}, {131071, 131072}};
  g_autofree guint8 *data = g_malloc0 (131072);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GBytes) sealed = mabei_envelope_seal (secret, 0, &mailbox, data, cases[i].length);
    gsize size = g_bytes_get_size (sealed);
    g_assert_cmpuint (size, ==, cases[i].size + MABEI_ENVELOPE_OVERHEAD_BYTES);
    g_assert_true (mabei_envelope_size_is_valid (size));
    g_assert_false (mabei_envelope_size_is_valid (size - 1));
    g_assert_false (mabei_envelope_size_is_valid (size + 1));
    g_autoptr (GBytes) opened =
        mabei_envelope_open (secret, 0, &mailbox, g_bytes_get_data (sealed, NULL), g_bytes_get_size (sealed));
    g_assert_cmpuint (g_bytes_get_size (opened), ==, cases[i].length);
  }
  g_assert_null (mabei_envelope_seal (secret, 0, &mailbox, data, 131072));
  const gsize bad[] = {0, 40, 128 + 40, 262144 + 40, G_MAXSIZE};
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (mabei_envelope_size_is_valid (bad[i]));
}

static void
test_bound_to_secret_period_and_mailbox (void)
{
  g_autoptr (MabeiSecret) secret = secret_of (1);
  g_autoptr (MabeiSecret) other = secret_of (2);
  const MabeiShortId mailbox = {"mailbox"}, another = {"another"};
  g_autoptr (GBytes) sealed = mabei_envelope_seal (secret, 7, &mailbox, "change", 6);
  gsize length;
  const guint8 *data = g_bytes_get_data (sealed, &length);
  g_assert_null (mabei_envelope_open (other, 7, &mailbox, data, length));
  g_assert_null (mabei_envelope_open (secret, 8, &mailbox, data, length));
  g_assert_null (mabei_envelope_open (secret, 7, &another, data, length));
  g_autofree guint8 *changed = g_memdup2 (data, length);
  for (gsize i = 0; i < length; i++) {
    changed[i] ^= 1;
    g_assert_null (mabei_envelope_open (secret, 7, &mailbox, changed, length));
    changed[i] ^= 1;
  }
  for (gsize cut = 0; cut < length; cut++)
    g_assert_null (mabei_envelope_open (secret, 7, &mailbox, data, cut));
  g_autoptr (GBytes) opened = mabei_envelope_open (secret, 7, &mailbox, data, length);
  g_assert_cmpmem (g_bytes_get_data (opened, NULL), g_bytes_get_size (opened), "change", 6);
  g_autoptr (GBytes) again = mabei_envelope_seal (secret, 7, &mailbox, "change", 6);
  g_assert_false (g_bytes_equal (sealed, again)); /* a fresh nonce: equal contents do not show */
}

/* Somebody with the key uses a larger class than needed, or no padding: one form a content. */
static void
test_padding_by_hand (void)
{
  g_autoptr (MabeiSecret) secret = secret_of (1);
  const MabeiShortId mailbox = {"mailbox"};
  guint32 period = 0;
  MabeiField field = MABEI_FIELD (&period, sizeof period);
  g_autoptr (MabeiSecret) key = mabei_hash_secret (MABEI_LABEL_ENVELOPE, secret, &field, 1);
  const struct {
    gsize length, padded;
    guint8 marker;
    gboolean opens;
  } cases[] = {{5, 256, 0x80, TRUE}, {5, 512, 0x80, FALSE}, {300, 512, 0x80, TRUE}, {5, 256, 0, FALSE}};
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    guint8 body[512] = {0}, sealed[512 + MABEI_ENVELOPE_OVERHEAD_BYTES] = {0};
    memset (body, 'x', cases[i].length);
    body[cases[i].length] = cases[i].marker;
    crypto_aead_xchacha20poly1305_ietf_encrypt (sealed + 24, NULL, body, cases[i].padded, mailbox.bytes, 16, NULL,
                                                sealed, mabei_secret_data (key));
    g_autoptr (GBytes) opened =
        mabei_envelope_open (secret, 0, &mailbox, sealed, cases[i].padded + MABEI_ENVELOPE_OVERHEAD_BYTES);
    g_assert_true ((opened != NULL) == cases[i].opens);
  }
}

static void
test_mailbox_keys (void)
{
  g_autoptr (MabeiSecret) secret = secret_of (1);
  g_autoptr (MabeiMailboxKeys) keys = mabei_mailbox_keys_new (secret, 0);
  g_autoptr (MabeiMailboxKeys) same = mabei_mailbox_keys_new (secret, 0);
  g_autoptr (MabeiMailboxKeys) next = mabei_mailbox_keys_new (secret, 1);
  const guint8 *read_key = mabei_mailbox_keys_read_key (keys), *write_key = mabei_mailbox_keys_write_key (keys);
  g_assert_true (mabei_short_id_equal (mabei_mailbox_keys_id (keys), mabei_mailbox_keys_id (same)));
  g_assert_false (mabei_short_id_equal (mabei_mailbox_keys_id (keys), mabei_mailbox_keys_id (next)));
  MabeiShortId id;
  mabei_mailbox_id (read_key, write_key, &id);
  g_assert_true (mabei_short_id_equal (&id, mabei_mailbox_keys_id (keys)));
  mabei_mailbox_id (write_key, read_key, &id);
  g_assert_false (mabei_short_id_equal (&id, mabei_mailbox_keys_id (keys)));
  guint8 signature[MABEI_SIGNATURE_BYTES];
  mabei_mailbox_keys_sign_read (keys, MABEI_LABEL_HUB_AUTH, "challenge", 9, signature);
  g_assert_true (mabei_device_verify (read_key, MABEI_LABEL_HUB_AUTH, "challenge", 9, signature));
  g_assert_false (mabei_device_verify (write_key, MABEI_LABEL_HUB_AUTH, "challenge", 9, signature));
  mabei_mailbox_keys_sign_write (keys, MABEI_LABEL_HUB_ENVELOPE, "envelope", 8, signature);
  g_assert_true (mabei_device_verify (write_key, MABEI_LABEL_HUB_ENVELOPE, "envelope", 8, signature));
  g_assert_false (mabei_device_verify (read_key, MABEI_LABEL_HUB_ENVELOPE, "envelope", 8, signature));
  mabei_mailbox_keys_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  g_test_add_func ("/envelope/classes", test_classes);
  g_test_add_func ("/envelope/bound", test_bound_to_secret_period_and_mailbox);
  g_test_add_func ("/envelope/padding", test_padding_by_hand);
  g_test_add_func ("/mailbox/keys", test_mailbox_keys);
  return g_test_run ();
}
