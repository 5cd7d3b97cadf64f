#include "core/authority/credential.h"

#include <string.h>

#include "core/authority/authority_private.h"
#include "core/base/cbor.h"
#include "core/base/limits.h"

/* The largest credential: a name and fixed fields; anything longer is not one. */
#define CREDENTIAL_BODY_BYTES 1024u

G_DEFINE_QUARK (mabei - authority - error - quark, mabei_authority_error)

static const struct {
  MabeiRole role;
  guint rank;
  const char *name;
} roles[] = {
    {MABEI_ROLE_JUDGE, 3, "judge"},       {MABEI_ROLE_CLERK, 3, "clerk"},
    {MABEI_ROLE_MEDIATOR, 2, "mediator"}, {MABEI_ROLE_COUNSEL, 1, "counsel"},
    {MABEI_ROLE_PARTY, 1, "party"},       {MABEI_ROLE_INTERPRETER, 1, "interpreter"},
    {MABEI_ROLE_INVITED, 0, "invited"},   {MABEI_ROLE_OBSERVER, 0, "observer"},
};

guint
mabei_role_rank (MabeiRole role)
{
  for (guint i = 0; i < G_N_ELEMENTS (roles); i++) {
    if (roles[i].role == role)
      return roles[i].rank;
  }
  return 0;
}

const char *
mabei_role_name (MabeiRole role)
{
  for (guint i = 0; i < G_N_ELEMENTS (roles); i++) {
    if (roles[i].role == role)
      return roles[i].name;
  }
  return NULL;
}

gboolean
mabei_role_from_name (const char *name, MabeiRole *role)
{
  for (guint i = 0; i < G_N_ELEMENTS (roles); i++) {
    if (g_strcmp0 (roles[i].name, name) == 0) {
      *role = roles[i].role;
      return TRUE;
    }
  }
  return FALSE;
}

gboolean
mabei_role_is_staff (MabeiRole role)
{
  return role == MABEI_ROLE_JUDGE || role == MABEI_ROLE_CLERK || role == MABEI_ROLE_MEDIATOR;
}

gboolean
mabei_authority_read_role (MabeiCborReader *reader, MabeiRole *role)
{
  guint64 number;
  if (!mabei_cbor_read_uint (reader, MABEI_ROLE_OBSERVER, &number) || number == 0)
    return FALSE;
  *role = (MabeiRole) number;
  return TRUE;
}

gboolean
mabei_authority_read_name (MabeiCborReader *reader, char **name)
{
  g_autofree char *text = NULL;
  if (!mabei_cbor_read_text (reader, MABEI_LIMIT_NAME_BYTES, &text) || text[0] == '\0')
    return FALSE;
  *name = g_steal_pointer (&text);
  return TRUE;
}

/* One error for whatever is wrong with a record: what the reader found, else that a value is out of range. */
gboolean
mabei_authority_finish (MabeiCborReader *reader, const char *what, GError **error)
{
  g_autoptr (GError) fault = NULL;
  gboolean finished = mabei_cbor_reader_finish (reader, &fault);
  g_set_error (error, MABEI_AUTHORITY_ERROR, MABEI_AUTHORITY_ERROR_FORMAT, "%s: %s", what,
               finished || fault == NULL ? "a value is out of range" : fault->message);
  return FALSE;
}

static GBytes *
body_encode (const MabeiCredential *credential)
{
  GByteArray *out = g_byte_array_new ();
  mabei_cbor_write_map (out, 9);
  mabei_cbor_write_uint (out, 0);
  mabei_cbor_write_uint (out, MABEI_SUITE);
  mabei_cbor_write_uint (out, 1);
  mabei_cbor_write_uint (out, credential->role);
  mabei_cbor_write_uint (out, 2);
  mabei_cbor_write_text (out, credential->name);
  mabei_cbor_write_uint (out, 3);
  mabei_cbor_write_bytes (out, credential->device.sign_key, sizeof credential->device.sign_key);
  mabei_cbor_write_uint (out, 4);
  mabei_cbor_write_bytes (out, credential->device.box_key, sizeof credential->device.box_key);
  mabei_cbor_write_uint (out, 5);
  mabei_cbor_write_uint (out, credential->rights);
  mabei_cbor_write_uint (out, 6);
  mabei_cbor_write_uint (out, credential->serial);
  mabei_cbor_write_uint (out, 7);
  mabei_cbor_write_uint (out, credential->issued_ms);
  mabei_cbor_write_uint (out, 8);
  mabei_cbor_write_bytes (out, credential->court_key, sizeof credential->court_key);
  return g_byte_array_free_to_bytes (out);
}

static gboolean
body_decode (MabeiCborReader *reader, MabeiCredential *credential)
{
  guint64 pairs, suite, rights;
  if (!mabei_cbor_read_map (reader, 9, &pairs) || pairs != 9 || !mabei_cbor_expect_key (reader, 0) ||
      !mabei_cbor_read_uint (reader, MABEI_SUITE, &suite) || suite != MABEI_SUITE ||
      !mabei_cbor_expect_key (reader, 1) || !mabei_authority_read_role (reader, &credential->role) ||
      !mabei_cbor_expect_key (reader, 2) || !mabei_authority_read_name (reader, &credential->name) ||
      !mabei_cbor_expect_key (reader, 3) ||
      !mabei_cbor_read_fixed (reader, credential->device.sign_key, sizeof credential->device.sign_key) ||
      !mabei_cbor_expect_key (reader, 4) ||
      !mabei_cbor_read_fixed (reader, credential->device.box_key, sizeof credential->device.box_key) ||
      !mabei_cbor_expect_key (reader, 5) || !mabei_cbor_read_uint (reader, G_MAXUINT32, &rights) ||
      !mabei_cbor_expect_key (reader, 6) || !mabei_cbor_read_uint (reader, G_MAXUINT64, &credential->serial) ||
      !mabei_cbor_expect_key (reader, 7) || !mabei_cbor_read_uint (reader, G_MAXUINT64, &credential->issued_ms) ||
      !mabei_cbor_expect_key (reader, 8) ||
      !mabei_cbor_read_fixed (reader, credential->court_key, sizeof credential->court_key))
    return FALSE;
  credential->rights = (guint32) rights;
  return mabei_role_is_staff (credential->role);
}

MabeiCredential *
mabei_credential_issue (MabeiDeviceKey *root,
                        MabeiRole role,
                        const char *name,
                        const MabeiDevicePublic *device,
                        guint32 rights,
                        guint64 serial,
                        guint64 issued_ms,
                        GError **error)
{
  if (!mabei_role_is_staff (role)) {
    g_set_error_literal (error, MABEI_AUTHORITY_ERROR, MABEI_AUTHORITY_ERROR_NOT_ALLOWED,
                         "only a judge, a clerk or a mediator has a credential");
    return NULL;
  }
  if (name == NULL || name[0] == '\0' || strlen (name) > MABEI_LIMIT_NAME_BYTES || !g_utf8_validate (name, -1, NULL)) {
    g_set_error (error, MABEI_AUTHORITY_ERROR, MABEI_AUTHORITY_ERROR_FORMAT, "a name has 1 to %u bytes of UTF-8",
                 MABEI_LIMIT_NAME_BYTES);
    return NULL;
  }
  g_autoptr (MabeiCredential) credential = g_new0 (MabeiCredential, 1);
  credential->role = role;
  credential->name = g_strdup (name);
  credential->device = *device;
  credential->rights = rights;
  credential->serial = serial;
  credential->issued_ms = issued_ms;
  memcpy (credential->court_key, mabei_device_key_public (root)->sign_key, sizeof credential->court_key);

  g_autoptr (GBytes) body = body_encode (credential);
  guint8 signature[MABEI_SIGNATURE_BYTES];
  gsize length;
  gconstpointer data = g_bytes_get_data (body, &length);
  mabei_device_sign (root, MABEI_LABEL_CREDENTIAL, data, length, signature);
  GByteArray *out = g_byte_array_new ();
  mabei_cbor_write_array (out, 2);
  mabei_cbor_write_bytes (out, data, length);
  mabei_cbor_write_bytes (out, signature, sizeof signature);
  credential->encoded = g_byte_array_free_to_bytes (out);
  return g_steal_pointer (&credential);
}

MabeiCredential *
mabei_credential_parse (GBytes *encoded, GError **error)
{
  gsize size, length;
  const guint8 *body;
  guint64 count;
  guint8 signature[MABEI_SIGNATURE_BYTES];
  gconstpointer data = g_bytes_get_data (encoded, &size);
  MabeiCborReader outer, inner;
  mabei_cbor_reader_init (&outer, data, size);
  if (!mabei_cbor_read_array (&outer, 2, &count) || count != 2 ||
      !mabei_cbor_read_bytes (&outer, CREDENTIAL_BODY_BYTES, &body, &length) ||
      !mabei_cbor_read_fixed (&outer, signature, sizeof signature) || !mabei_cbor_reader_finish (&outer, NULL)) {
    mabei_authority_finish (&outer, "credential", error);
    return NULL;
  }
  g_autoptr (MabeiCredential) credential = g_new0 (MabeiCredential, 1);
  mabei_cbor_reader_init (&inner, body, length);
  if (!body_decode (&inner, credential) || !mabei_cbor_reader_finish (&inner, NULL)) {
    mabei_authority_finish (&inner, "credential", error);
    return NULL;
  }
  if (!mabei_device_verify (credential->court_key, MABEI_LABEL_CREDENTIAL, body, length, signature)) {
    g_set_error_literal (error, MABEI_AUTHORITY_ERROR, MABEI_AUTHORITY_ERROR_UNVERIFIED,
                         "the credential is not signed by the court it names");
    return NULL;
  }
  credential->encoded = g_bytes_ref (encoded);
  return g_steal_pointer (&credential);
}

void
mabei_credential_free (MabeiCredential *credential)
{
  if (credential == NULL)
    return;
  g_free (credential->name);
  g_clear_pointer (&credential->encoded, g_bytes_unref);
  g_free (credential);
}
