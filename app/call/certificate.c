#include "app/call/certificate.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <string.h>

G_DEFINE_QUARK (mabei - certificate - error - quark, mabei_certificate_error)

/* Clocks of old devices are wrong by hours; nobody checks these dates but the TLS library's parser. */
#define VALID_BEFORE_S (-24L * 3600L)
#define VALID_AFTER_S (30L * 24L * 3600L)
#define PEM_LIMIT_BYTES 65536u
#define TEXT_LENGTH (MABEI_FINGERPRINT_BYTES * 3 - 1)

struct _MabeiCertificate {
  char *pem;
  MabeiFingerprint fingerprint;
};

G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509, X509_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BIO, BIO_free)

static gboolean
digest (const X509 *x509, MabeiFingerprint *fingerprint)
{
  guint length = 0;
  guint8 hash[EVP_MAX_MD_SIZE];
  if (X509_digest (x509, EVP_sha256 (), hash, &length) != 1 || length != MABEI_FINGERPRINT_BYTES)
    return FALSE;
  memcpy (fingerprint->bytes, hash, MABEI_FINGERPRINT_BYTES);
  return TRUE;
}

/* Random serial and name: two sessions of one device have nothing in common. */
static X509 *
self_sign (EVP_PKEY *key)
{
  g_autoptr (X509) x509 = X509_new ();
  guint8 random[12];
  char name[2 * sizeof random + 1];
  if (!x509 || RAND_bytes (random, sizeof random) != 1)
    return NULL;
  for (gsize i = 0; i < sizeof random; i++)
    g_snprintf (name + 2 * i, 3, "%02x", random[i]);
  gint64 serial = 1;
  for (gsize i = 0; i < 7; i++)
    serial = serial * 256 + random[i];
  X509_NAME *subject = X509_get_subject_name (x509);
  if (X509_set_version (x509, 2) != 1 || ASN1_INTEGER_set_int64 (X509_get_serialNumber (x509), serial) != 1 ||
      !X509_gmtime_adj (X509_getm_notBefore (x509), VALID_BEFORE_S) ||
      !X509_gmtime_adj (X509_getm_notAfter (x509), VALID_AFTER_S) || X509_set_pubkey (x509, key) != 1 ||
      X509_NAME_add_entry_by_txt (subject, "CN", MBSTRING_ASC, (const guint8 *) name, -1, -1, 0) != 1 ||
      X509_set_issuer_name (x509, subject) != 1 || X509_sign (x509, key, EVP_sha256 ()) == 0)
    return NULL;
  return g_steal_pointer (&x509);
}

static char *
write_pem (X509 *x509, EVP_PKEY *key)
{
  g_autoptr (BIO) out = BIO_new (BIO_s_secmem ());
  if (!out || PEM_write_bio_X509 (out, x509) != 1 ||
      PEM_write_bio_PrivateKey (out, key, NULL, NULL, 0, NULL, NULL) != 1)
    return NULL;
  char *data = NULL;
  long length = BIO_get_mem_data (out, &data);
  return length > 0 ? g_strndup (data, (gsize) length) : NULL;
}

MabeiCertificate *
mabei_certificate_new (GError **error)
{
  g_autoptr (EVP_PKEY) key = EVP_EC_gen ("P-256");
  g_autoptr (X509) x509 = key ? self_sign (key) : NULL;
  MabeiFingerprint fingerprint;
  char *pem = x509 && digest (x509, &fingerprint) ? write_pem (x509, key) : NULL;
  if (!pem) {
    g_set_error_literal (error, MABEI_CERTIFICATE_ERROR, MABEI_CERTIFICATE_ERROR_CRYPTO,
                         "no certificate for the session could be made");
    return NULL;
  }
  MabeiCertificate *certificate = g_atomic_rc_box_new0 (MabeiCertificate);
  certificate->pem = pem;
  certificate->fingerprint = fingerprint;
  return certificate;
}

MabeiCertificate *
mabei_certificate_ref (MabeiCertificate *certificate)
{
  return g_atomic_rc_box_acquire (certificate);
}

static void
certificate_clear (gpointer data)
{
  MabeiCertificate *certificate = data;
  OPENSSL_cleanse (certificate->pem, strlen (certificate->pem));
  g_free (certificate->pem);
}

void
mabei_certificate_unref (MabeiCertificate *certificate)
{
  if (certificate)
    g_atomic_rc_box_release_full (certificate, certificate_clear);
}

const char *
mabei_certificate_get_pem (const MabeiCertificate *certificate)
{
  return certificate->pem;
}

const MabeiFingerprint *
mabei_certificate_get_fingerprint (const MabeiCertificate *certificate)
{
  return &certificate->fingerprint;
}

gboolean
mabei_fingerprint_of_pem (const char *pem, MabeiFingerprint *fingerprint, GError **error)
{
  gsize length = pem ? strnlen (pem, PEM_LIMIT_BYTES + 1) : 0;
  g_autoptr (BIO) in = length > 0 && length <= PEM_LIMIT_BYTES ? BIO_new_mem_buf (pem, (int) length) : NULL;
  g_autoptr (X509) x509 = in ? PEM_read_bio_X509 (in, NULL, NULL, NULL) : NULL;
  if (!x509 || !digest (x509, fingerprint)) {
    g_set_error_literal (error, MABEI_CERTIFICATE_ERROR, MABEI_CERTIFICATE_ERROR_FORMAT,
                         "the other side showed no readable certificate");
    return FALSE;
  }
  return TRUE;
}

gboolean
mabei_fingerprint_equal (const MabeiFingerprint *a, const MabeiFingerprint *b)
{
  return CRYPTO_memcmp (a->bytes, b->bytes, MABEI_FINGERPRINT_BYTES) == 0;
}

char *
mabei_fingerprint_to_text (const MabeiFingerprint *fingerprint)
{
  char *text = g_malloc (TEXT_LENGTH + 2);
  for (gsize i = 0; i < MABEI_FINGERPRINT_BYTES; i++)
    g_snprintf (text + 3 * i, 4, "%02X:", fingerprint->bytes[i]);
  text[TEXT_LENGTH] = '\0';
  return text;
}

gboolean
mabei_fingerprint_from_text (const char *text, MabeiFingerprint *fingerprint)
{
  if (!text || strnlen (text, TEXT_LENGTH + 1) != TEXT_LENGTH)
    return FALSE;
  MabeiFingerprint read;
  for (gsize i = 0; i < MABEI_FINGERPRINT_BYTES; i++) {
    int high = g_ascii_xdigit_value (text[3 * i]), low = g_ascii_xdigit_value (text[3 * i + 1]);
    if (high < 0 || low < 0 || (i + 1 < MABEI_FINGERPRINT_BYTES && text[3 * i + 2] != ':'))
      return FALSE;
    read.bytes[i] = (guint8) (high * 16 + low);
  }
  *fingerprint = read;
  return TRUE;
}
