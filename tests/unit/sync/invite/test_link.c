/* The invitation link: one line of text that holds exactly one value. */
#include <sodium.h>
#include <string.h>

#include "core/base/limits.h"
#include "core/base/secret.h"
#include "sync/invite/link.h"

static MabeiLink *
make_link (void)
{
  MabeiLink *link = g_new0 (MabeiLink, 1);

  link->hub_url = g_strdup ("wss://hub.fayuan.example:443/mabei");
  memset (link->hub_key, 1, sizeof link->hub_key);
  memset (link->case_prefix, 2, sizeof link->case_prefix);
  memset (link->inviter.bytes, 3, MABEI_SHORT_ID_BYTES);
  link->seed = mabei_secret_new_random (MABEI_LINK_SEED_BYTES);
  link->expires_ms = 1800000000000;
  return link;
}

static void
check_equal (const MabeiLink *a, const MabeiLink *b)
{
  g_assert_cmpstr (a->hub_url, ==, b->hub_url);
  g_assert_cmpmem (a->hub_key, 32, b->hub_key, 32);
  g_assert_cmpmem (a->case_prefix, 16, b->case_prefix, 16);
  g_assert_true (mabei_short_id_equal (&a->inviter, &b->inviter));
  g_assert_true (mabei_secret_equal (a->seed, b->seed));
  g_assert_cmpuint (a->expires_ms, ==, b->expires_ms);
}

static void
test_round_trip (void)
{
  g_autoptr (MabeiLink) link = make_link ();
  g_autofree char *text = mabei_link_format (link);
  g_autofree char *upper = g_ascii_strup (text, -1);
  g_autofree char *spaced = g_strdup_printf (" \n\t%s\r\n ", text);
  g_autoptr (MabeiLink) one = mabei_link_parse (text, NULL);
  g_autoptr (MabeiLink) two = mabei_link_parse (upper, NULL);
  g_autoptr (MabeiLink) three = mabei_link_parse (spaced, NULL);

  g_assert_true (g_str_has_prefix (text, "mabei:"));
  g_assert_cmpuint (strlen (text), <=, MABEI_LIMIT_LINK_BYTES);
  g_test_message ("a link has %zu characters", strlen (text));
  check_equal (link, one);
  check_equal (link, two); /* a QR code in capitals is smaller */
  check_equal (link, three);
}

static void
check_refused (const char *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (mabei_link_parse (text, &error));
  g_assert_error (error, MABEI_INVITE_ERROR, MABEI_INVITE_ERROR_FORMAT);
  g_assert_null (strchr (error->message, '\n'));
}

static void
test_foreign_text (void)
{
  g_autofree char *huge = g_strnfill (100000, 'a');
  g_autofree char *long_link = g_strconcat ("mabei:", huge, NULL);

  check_refused (NULL);
  check_refused ("");
  check_refused ("mabei:");
  check_refused ("mabei:a");
  check_refused ("mabei:0189");
  check_refused ("https://example.org/");
  check_refused ("你好");
  check_refused ("mabei:\xff\xfe");
  check_refused (huge);
  check_refused (long_link);
}

static void
test_truncated_and_flipped (void)
{
  g_autoptr (MabeiLink) link = make_link ();
  g_autofree char *text = mabei_link_format (link);

  for (gsize length = 0; length < strlen (text); length++) {
    g_autofree char *part = g_strndup (text, length);

    check_refused (part);
  }
  for (gsize at = 0; text[at] != '\0'; at++) {
    g_autofree char *copy = g_strdup (text);
    g_autoptr (MabeiLink) parsed = NULL;

    copy[at] = copy[at] == 'b' ? 'c' : 'b';
    parsed = mabei_link_parse (copy, NULL);
    if (parsed != NULL) { /* another link: its text is exactly this one */
      g_autofree char *again = mabei_link_format (parsed);

      g_assert_cmpstr (again, ==, copy);
    }
  }
}

static void
test_inner_space (void)
{
  g_autoptr (MabeiLink) link = make_link ();
  g_autofree char *text = mabei_link_format (link);
  g_autofree char *broken = g_strdup_printf ("%.40s %s", text, text + 40);
  g_autofree char *more = g_strconcat (text, "a", NULL);

  check_refused (broken);
  check_refused (more);
}

/* Formats with a good address, then puts another of the same length in the bytes. */
static void
check_url_refused (const char *url)
{
  g_autoptr (MabeiLink) link = make_link ();
  g_autofree char *text = NULL, *changed = NULL, *encoded = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree guint8 *copy = NULL;
  gsize length;
  guint8 *at;

  g_free (link->hub_url);
  link->hub_url = g_strdup_printf ("ws://%.*s", (int) strlen (url) - 5, "hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh");
  text = mabei_link_format (link);
  bytes = mabei_base32_decode (text + 6, 1024);
  copy = g_memdup2 (g_bytes_get_data (bytes, &length), g_bytes_get_size (bytes));
  at = memmem (copy, length, link->hub_url, strlen (url));
  g_assert_nonnull (at);
  memcpy (at, url, strlen (url));
  encoded = mabei_base32_encode (copy, length);
  changed = g_strconcat ("mabei:", encoded, NULL);
  check_refused (changed);
}

static void
test_addresses (void)
{
  check_url_refused ("http://hub.example");
  check_url_refused ("file:///etc/passwd");
  check_url_refused ("ws://user@hub.example");
  check_url_refused ("ws://hub.example/#part");
  check_url_refused ("ws://hub example");
  check_url_refused ("ws://hub.example\n");
  check_url_refused ("ws:hub.example");
}

static void
test_derived_keys (void)
{
  g_autoptr (MabeiSecret) seed = mabei_secret_new_random (MABEI_LINK_SEED_BYTES);
  g_autoptr (MabeiSecret) other = mabei_secret_new_random (MABEI_LINK_SEED_BYTES);
  g_autoptr (MabeiSecret) secret = NULL, one = mabei_link_rendezvous (seed), two = mabei_link_rendezvous (seed);
  g_autoptr (MabeiSecret) three = mabei_link_rendezvous (other);
  guint8 key[32], again[32], foreign[32];

  mabei_link_invite_key (seed, key, &secret);
  mabei_link_invite_key (seed, again, NULL);
  mabei_link_invite_key (other, foreign, NULL);
  g_assert_cmpmem (key, 32, again, 32);
  g_assert_cmpint (memcmp (key, foreign, 32), !=, 0);
  g_assert_cmpuint (mabei_secret_length (secret), ==, 64);
  g_assert_true (mabei_secret_equal (one, two));
  g_assert_false (mabei_secret_equal (one, three));
  g_assert_false (mabei_secret_equal (one, seed));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  g_test_add_func ("/link/round-trip", test_round_trip);
  g_test_add_func ("/link/foreign-text", test_foreign_text);
  g_test_add_func ("/link/truncated-and-flipped", test_truncated_and_flipped);
  g_test_add_func ("/link/inner-space", test_inner_space);
  g_test_add_func ("/link/addresses", test_addresses);
  g_test_add_func ("/link/derived-keys", test_derived_keys);
  return g_test_run ();
}
