#include "sync/invite/link.h"

#include <sodium.h>
#include <string.h>

#include "core/base/cbor.h"
#include "core/base/limits.h"

#define LINK_PREFIX "mabei:"
#define LINK_VERSION 1u
#define LINK_URL_BYTES 255u

G_DEFINE_QUARK (mabei_invite_error, mabei_invite_error)

static gboolean
format_error (GError **error, const char *text)
{
  g_set_error_literal (error, MABEI_INVITE_ERROR, MABEI_INVITE_ERROR_FORMAT, text);
  return FALSE;
}

/* A hub's address and nothing beside it: no user, no fragment, printable ASCII. */
static gboolean
url_is_valid (const char *url)
{
  g_autoptr (GUri) uri = NULL;

  if (strlen (url) > LINK_URL_BYTES)
    return FALSE;
  for (const char *at = url; *at != '\0'; at++)
    if (!g_ascii_isgraph (*at))
      return FALSE;
  uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);
  return uri != NULL && (strcmp (g_uri_get_scheme (uri), "ws") == 0 || strcmp (g_uri_get_scheme (uri), "wss") == 0) &&
         g_uri_get_host (uri) != NULL && *g_uri_get_host (uri) != '\0' && g_uri_get_userinfo (uri) == NULL &&
         g_uri_get_fragment (uri) == NULL;
}

char *
mabei_link_format (const MabeiLink *link)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autofree char *text = NULL;
  char *result;

  g_return_val_if_fail (url_is_valid (link->hub_url), NULL);
  g_return_val_if_fail (mabei_secret_length (link->seed) == MABEI_LINK_SEED_BYTES, NULL);
  mabei_cbor_write_array (out, 7);
  mabei_cbor_write_uint (out, LINK_VERSION);
  mabei_cbor_write_text (out, link->hub_url);
  mabei_cbor_write_bytes (out, link->hub_key, sizeof link->hub_key);
  mabei_cbor_write_bytes (out, link->case_prefix, sizeof link->case_prefix);
  mabei_cbor_write_bytes (out, link->inviter.bytes, MABEI_SHORT_ID_BYTES);
  mabei_cbor_write_bytes (out, mabei_secret_data (link->seed), MABEI_LINK_SEED_BYTES);
  mabei_cbor_write_uint (out, link->expires_ms);
  text = mabei_base32_encode (out->data, out->len);
  sodium_memzero (out->data, out->len);
  result = g_strconcat (LINK_PREFIX, text, NULL);
  sodium_memzero (text, strlen (text));
  g_assert (strlen (result) <= MABEI_LIMIT_LINK_BYTES);
  return result;
}

static gboolean
read_link (MabeiCborReader *reader, MabeiLink *link, GError **error)
{
  guint64 count, version;

  if (!mabei_cbor_read_array (reader, 16, &count) || count == 0 ||
      !mabei_cbor_read_uint (reader, G_MAXUINT32, &version))
    return format_error (error, "not an invitation link");
  if (version != LINK_VERSION) {
    g_set_error (error, MABEI_INVITE_ERROR, MABEI_INVITE_ERROR_FORMAT,
                 "the link is of version %" G_GUINT64_FORMAT ", this program knows %u", version, LINK_VERSION);
    return FALSE;
  }
  link->seed = mabei_secret_new (MABEI_LINK_SEED_BYTES);
  if (count != 7 || !mabei_cbor_read_text (reader, LINK_URL_BYTES, &link->hub_url) ||
      !mabei_cbor_read_fixed (reader, link->hub_key, sizeof link->hub_key) ||
      !mabei_cbor_read_fixed (reader, link->case_prefix, sizeof link->case_prefix) ||
      !mabei_cbor_read_fixed (reader, link->inviter.bytes, MABEI_SHORT_ID_BYTES) ||
      !mabei_cbor_read_fixed (reader, mabei_secret_data (link->seed), MABEI_LINK_SEED_BYTES) ||
      !mabei_cbor_read_uint (reader, G_MAXUINT64, &link->expires_ms) || !mabei_cbor_reader_finish (reader, NULL))
    return format_error (error, "the invitation link is damaged or not whole");
  if (!url_is_valid (link->hub_url))
    return format_error (error, "the invitation link names no usable hub address");
  return TRUE;
}

MabeiLink *
mabei_link_parse (const char *text, GError **error)
{
  g_autoptr (MabeiLink) link = g_new0 (MabeiLink, 1);
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *lower = NULL;
  MabeiCborReader reader;
  gsize length;
  gconstpointer data;
  gboolean parsed;

  if (text == NULL || strnlen (text, 2 * MABEI_LIMIT_LINK_BYTES) >= 2 * MABEI_LIMIT_LINK_BYTES) {
    format_error (error, "not an invitation link");
    return NULL;
  }
  lower = g_strstrip (g_ascii_strdown (text, -1));
  if (g_str_has_prefix (lower, LINK_PREFIX) && strlen (lower) <= MABEI_LIMIT_LINK_BYTES)
    bytes = mabei_base32_decode (lower + strlen (LINK_PREFIX), MABEI_LIMIT_LINK_BYTES);
  sodium_memzero (lower, strlen (lower));
  if (bytes == NULL) {
    format_error (error, "not an invitation link");
    return NULL;
  }
  data = g_bytes_get_data (bytes, &length);
  mabei_cbor_reader_init (&reader, data, length);
  parsed = read_link (&reader, link, error);
  sodium_memzero ((gpointer) data, length);
  return parsed ? g_steal_pointer (&link) : NULL;
}

void
mabei_link_free (MabeiLink *link)
{
  if (link == NULL)
    return;
  g_free (link->hub_url);
  mabei_secret_unref (link->seed);
  g_free (link);
}

void
mabei_link_invite_key (MabeiSecret *seed, guint8 public_key[32], MabeiSecret **secret_key)
{
  g_autoptr (MabeiSecret) secret = mabei_secret_new (crypto_sign_SECRETKEYBYTES);

  g_assert (mabei_secret_length (seed) == crypto_sign_SEEDBYTES);
  crypto_sign_seed_keypair (public_key, mabei_secret_data (secret), mabei_secret_data (seed));
  if (secret_key != NULL)
    *secret_key = g_steal_pointer (&secret);
}

MabeiSecret *
mabei_link_rendezvous (MabeiSecret *seed)
{
  return mabei_hash_secret (MABEI_LABEL_INVITE, seed, NULL, 0);
}
