/* A certificate for the demo's hub in its namespace: outside loopback a hub speaks TLS only. Self-signed, P-256, one
 * day, for one address; the people's programs are told to trust it (MABEI_HUB_CA). */
#include <glib/gstdio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "app/ctl/demo_private.h"
#include "app/desk/code.h"

#define DAY_SECONDS 86400

static gboolean
add_extension (X509 *certificate, int nid, const char *value)
{
  X509V3_CTX context;
  X509V3_set_ctx (&context, certificate, certificate, NULL, NULL, 0);
  X509_EXTENSION *extension = X509V3_EXT_conf_nid (NULL, &context, nid, value);
  gboolean added = extension != NULL && X509_add_ext (certificate, extension, -1) == 1;
  X509_EXTENSION_free (extension);
  return added;
}

static gboolean
fill (X509 *certificate, EVP_PKEY *key, const char *address)
{
  g_autofree char *name = g_strconcat ("IP:", address, NULL);
  X509_NAME *subject = X509_get_subject_name (certificate);
  ASN1_INTEGER_set (X509_get_serialNumber (certificate), 1);
  X509_gmtime_adj (X509_getm_notBefore (certificate), -DAY_SECONDS);
  X509_gmtime_adj (X509_getm_notAfter (certificate), DAY_SECONDS);
  return X509_set_version (certificate, 2) == 1 && X509_set_pubkey (certificate, key) == 1 &&
         X509_NAME_add_entry_by_txt (subject, "CN", MBSTRING_ASC, (const guchar *) "mabei demo hub", -1, -1, 0) == 1 &&
         X509_set_issuer_name (certificate, subject) == 1 &&
         add_extension (certificate, NID_basic_constraints, "CA:TRUE") &&
         add_extension (certificate, NID_subject_alt_name, name) && X509_sign (certificate, key, EVP_sha256 ()) > 0;
}

gboolean
mabei_demo_make_certificate (MabeiDemo *demo, GError **error)
{
  g_autofree char *path = g_build_filename (demo->folder, "hub.pem", NULL);
  EVP_PKEY *key = EVP_EC_gen ("P-256");
  X509 *certificate = X509_new ();
  gboolean made =
      key != NULL && certificate != NULL && fill (certificate, key, mabei_demo_network_hub_address (demo->network));
  FILE *file = made ? g_fopen (path, "we") : NULL;
  made = file != NULL && PEM_write_X509 (file, certificate) == 1 &&
         PEM_write_PrivateKey (file, key, NULL, NULL, 0, NULL, NULL) == 1;
  if (file != NULL)
    made &= fclose (file) == 0;
  X509_free (certificate);
  EVP_PKEY_free (key);
  if (!made)
    g_set_error_literal (error, MABEI_DESK_ERROR, MABEI_CODE_FORMAT, "no certificate could be made for the demo's hub");
  else
    g_setenv ("MABEI_HUB_CA", path, TRUE);
  return made;
}
