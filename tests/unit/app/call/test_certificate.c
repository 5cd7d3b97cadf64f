/* The session's certificate and its fingerprint, against openssl's own command as far as it is installed. */
#include "app/call/certificate.h"

#include <gio/gio.h>
#include <string.h>

static void
test_fresh (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MabeiCertificate) one = mabei_certificate_new (&error);
  g_assert_no_error (error);
  g_autoptr (MabeiCertificate) two = mabei_certificate_new (&error);
  g_assert_no_error (error);
  g_assert_false (
      mabei_fingerprint_equal (mabei_certificate_get_fingerprint (one), mabei_certificate_get_fingerprint (two)));
  g_assert_nonnull (strstr (mabei_certificate_get_pem (one), "BEGIN CERTIFICATE"));
  g_assert_nonnull (strstr (mabei_certificate_get_pem (one), "PRIVATE KEY"));
}

/* What a peer computes out of the PEM it was shown is what we announce. */
static void
test_fingerprint_of_pem (void)
{
  g_autoptr (MabeiCertificate) certificate = mabei_certificate_new (NULL);
  MabeiFingerprint fingerprint;
  g_assert_true (mabei_fingerprint_of_pem (mabei_certificate_get_pem (certificate), &fingerprint, NULL));
  g_assert_true (mabei_fingerprint_equal (&fingerprint, mabei_certificate_get_fingerprint (certificate)));
}

static void
test_agrees_with_openssl (void)
{
  g_autofree char *openssl = g_find_program_in_path ("openssl");
  if (!openssl) {
    g_test_skip ("no openssl command");
    return;
  }
  g_autoptr (MabeiCertificate) certificate = mabei_certificate_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *out = NULL;
  g_autoptr (GSubprocess) process =
      g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, openssl, "x509",
                        "-noout", "-fingerprint", "-sha256", NULL);
  g_assert_no_error (error);
  g_assert_true (
      g_subprocess_communicate_utf8 (process, mabei_certificate_get_pem (certificate), NULL, &out, NULL, &error));
  g_autofree char *ours = mabei_fingerprint_to_text (mabei_certificate_get_fingerprint (certificate));
  g_assert_nonnull (strstr (out, ours));
}

static void
test_bad_pem (void)
{
  static const char *const bad[] = {NULL, "", "x", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"};
  MabeiFingerprint fingerprint = {{1, 2, 3}}, before = fingerprint;
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_false (mabei_fingerprint_of_pem (bad[i], &fingerprint, &error));
    g_assert_error (error, MABEI_CERTIFICATE_ERROR, MABEI_CERTIFICATE_ERROR_FORMAT);
    g_assert_cmpmem (&fingerprint, sizeof fingerprint, &before, sizeof before);
  }
  /* Longer than any certificate. */
  g_autoptr (MabeiCertificate) certificate = mabei_certificate_new (NULL);
  g_autofree char *tail = g_strnfill (70000, '\n');
  g_autofree char *large = g_strconcat (mabei_certificate_get_pem (certificate), tail, NULL);
  g_assert_false (mabei_fingerprint_of_pem (large, &fingerprint, NULL));
}

static void
test_text (void)
{
  g_autoptr (MabeiCertificate) certificate = mabei_certificate_new (NULL);
  g_autofree char *text = mabei_fingerprint_to_text (mabei_certificate_get_fingerprint (certificate));
  g_assert_cmpuint (strlen (text), ==, 95);
  MabeiFingerprint back;
  g_assert_true (mabei_fingerprint_from_text (text, &back));
  g_assert_true (mabei_fingerprint_equal (&back, mabei_certificate_get_fingerprint (certificate)));
  g_autofree char *lower = g_ascii_strdown (text, -1);
  g_assert_true (mabei_fingerprint_from_text (lower, &back));

  g_autofree char *longer = g_strconcat (text, ":00", NULL);
  g_autofree char *shorter = g_strndup (text, 92);
  g_autofree char *no_colon = g_strdup (text);
  no_colon[2] = '-';
  g_autofree char *no_digit = g_strdup (text);
  no_digit[94] = 'G';
  const char *const bad[] = {NULL, "", longer, shorter, no_colon, no_digit};
  MabeiFingerprint before = back;
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (mabei_fingerprint_from_text (bad[i], &back));
  g_assert_cmpmem (&back, sizeof back, &before, sizeof before);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/certificate/fresh", test_fresh);
  g_test_add_func ("/certificate/fingerprint-of-pem", test_fingerprint_of_pem);
  g_test_add_func ("/certificate/agrees-with-openssl", test_agrees_with_openssl);
  g_test_add_func ("/certificate/bad-pem", test_bad_pem);
  g_test_add_func ("/certificate/text", test_text);
  return g_test_run ();
}
