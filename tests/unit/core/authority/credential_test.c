/* Credentials: what a court signs, what is not one, and which roles there are. */
#include "core/authority/credential.h"

#include <string.h>

#include "core/base/limits.h"

static MabeiCredential *
issue (MabeiDeviceKey *court, MabeiDeviceKey *holder, const char *name)
{
  GError *error = NULL;
  MabeiCredential *credential = mabei_credential_issue (court, MABEI_ROLE_CLERK, name, mabei_device_key_public (holder),
                                                        MABEI_RIGHT_OPEN_CASES, 7, 1700000000000, &error);
  g_assert_no_error (error);
  return credential;
}

static void
test_issue_and_parse (void)
{
  GError *error = NULL;
  g_autoptr (MabeiDeviceKey) court = mabei_device_key_new ();
  g_autoptr (MabeiDeviceKey) holder = mabei_device_key_new ();
  g_autoptr (MabeiCredential) issued = issue (court, holder, "赵书记员");
  g_autoptr (MabeiCredential) read = mabei_credential_parse (issued->encoded, &error);
  g_assert_no_error (error);
  g_assert_cmpint (read->role, ==, MABEI_ROLE_CLERK);
  g_assert_cmpstr (read->name, ==, "赵书记员");
  g_assert_cmpuint (read->rights, ==, MABEI_RIGHT_OPEN_CASES);
  g_assert_cmpuint (read->serial, ==, 7);
  g_assert_cmpuint (read->issued_ms, ==, 1700000000000);
  g_assert_cmpmem (&read->device, sizeof read->device, mabei_device_key_public (holder), sizeof read->device);
  g_assert_cmpmem (read->court_key, 32, mabei_device_key_public (court)->sign_key, 32);
  g_assert_true (g_bytes_equal (read->encoded, issued->encoded));
}

/* Whatever byte is changed or cut off: an error, never a credential. */
static void
test_every_byte_counts (void)
{
  g_autoptr (MabeiDeviceKey) court = mabei_device_key_new ();
  g_autoptr (MabeiDeviceKey) holder = mabei_device_key_new ();
  g_autoptr (MabeiCredential) issued = issue (court, holder, "Zhao");
  gsize length;
  const guint8 *data = g_bytes_get_data (issued->encoded, &length);
  for (gsize i = 0; i < length; i++) {
    g_autofree guint8 *copy = g_memdup2 (data, length);
    copy[i] ^= 0x01;
    g_autoptr (GBytes) changed = g_bytes_new (copy, length);
    g_autoptr (GBytes) cut = g_bytes_new (data, i);
    g_autoptr (GError) error = NULL;
    g_assert_null (mabei_credential_parse (changed, &error));
    g_assert_cmpint (error->domain, ==, MABEI_AUTHORITY_ERROR);
    g_clear_error (&error);
    g_assert_null (mabei_credential_parse (cut, &error));
    g_assert_error (error, MABEI_AUTHORITY_ERROR, MABEI_AUTHORITY_ERROR_FORMAT);
  }
  g_autofree guint8 *longer = g_malloc0 (length + 1);
  memcpy (longer, data, length);
  g_autoptr (GBytes) extended = g_bytes_new (longer, length + 1);
  g_assert_null (mabei_credential_parse (extended, NULL));
}

/* The court's name inside is what the signature is checked against: another court cannot sign for it. */
static void
test_other_court (void)
{
  g_autoptr (MabeiDeviceKey) court = mabei_device_key_new ();
  g_autoptr (MabeiDeviceKey) other = mabei_device_key_new ();
  g_autoptr (MabeiDeviceKey) holder = mabei_device_key_new ();
  g_autoptr (MabeiCredential) issued = issue (court, holder, "Zhao");
  gsize length;
  const guint8 *data = g_bytes_get_data (issued->encoded, &length);
  g_autofree guint8 *copy = g_memdup2 (data, length);
  const guint8 *key = memmem (copy, length, issued->court_key, 32);
  g_assert_nonnull (key);
  memcpy (copy + (key - copy), mabei_device_key_public (other)->sign_key, 32);
  g_autoptr (GBytes) changed = g_bytes_new (copy, length);
  GError *error = NULL;
  g_assert_null (mabei_credential_parse (changed, &error));
  g_assert_error (error, MABEI_AUTHORITY_ERROR, MABEI_AUTHORITY_ERROR_UNVERIFIED);
  g_clear_error (&error);
}

static void
test_limits (void)
{
  GError *error = NULL;
  g_autoptr (MabeiDeviceKey) court = mabei_device_key_new ();
  const MabeiDevicePublic *device = mabei_device_key_public (court);
  g_autofree char *name = g_strnfill (MABEI_LIMIT_NAME_BYTES, 'n');
  g_autofree char *long_name = g_strnfill (MABEI_LIMIT_NAME_BYTES + 1, 'n');
  g_autoptr (MabeiCredential) issued = issue (court, court, name);
  g_autoptr (MabeiCredential) read = mabei_credential_parse (issued->encoded, &error);
  g_assert_no_error (error);
  const char *bad[] = {long_name, "", NULL, "\xc3"};
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_assert_null (mabei_credential_issue (court, MABEI_ROLE_JUDGE, bad[i], device, 0, 1, 1, &error));
    g_assert_error (error, MABEI_AUTHORITY_ERROR, MABEI_AUTHORITY_ERROR_FORMAT);
    g_clear_error (&error);
  }
  g_assert_null (mabei_credential_issue (court, MABEI_ROLE_PARTY, "Wang", device, 0, 1, 1, &error));
  g_assert_error (error, MABEI_AUTHORITY_ERROR, MABEI_AUTHORITY_ERROR_NOT_ALLOWED);
  g_clear_error (&error);
}

static void
test_roles (void)
{
  static const struct {
    MabeiRole role;
    const char *name;
    guint rank;
    gboolean is_staff;
  } all[] = {{MABEI_ROLE_JUDGE, "judge", 3, TRUE},       {MABEI_ROLE_CLERK, "clerk", 3, TRUE},
             {MABEI_ROLE_MEDIATOR, "mediator", 2, TRUE}, {MABEI_ROLE_COUNSEL, "counsel", 1, FALSE},
             {MABEI_ROLE_PARTY, "party", 1, FALSE},      {MABEI_ROLE_INTERPRETER, "interpreter", 1, FALSE},
             {MABEI_ROLE_INVITED, "invited", 0, FALSE},  {MABEI_ROLE_OBSERVER, "observer", 0, FALSE}};
  for (guint i = 0; i < G_N_ELEMENTS (all); i++) {
    MabeiRole role = (MabeiRole) 0;
    g_assert_cmpstr (mabei_role_name (all[i].role), ==, all[i].name);
    g_assert_cmpuint (mabei_role_rank (all[i].role), ==, all[i].rank);
    g_assert_cmpint (mabei_role_is_staff (all[i].role), ==, all[i].is_staff);
    g_assert_true (mabei_role_from_name (all[i].name, &role));
    g_assert_cmpint (role, ==, all[i].role);
  }
  MabeiRole role = MABEI_ROLE_JUDGE;
  g_assert_false (mabei_role_from_name ("king", &role));
  g_assert_false (mabei_role_from_name (NULL, &role));
  g_assert_cmpint (role, ==, MABEI_ROLE_JUDGE);
  g_assert_null (mabei_role_name ((MabeiRole) 9));
  g_assert_cmpuint (mabei_role_rank ((MabeiRole) 9), ==, 0);
  g_assert_false (mabei_role_is_staff ((MabeiRole) 0));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  g_test_add_func ("/authority/credential/issue-and-parse", test_issue_and_parse);
  g_test_add_func ("/authority/credential/every-byte-counts", test_every_byte_counts);
  g_test_add_func ("/authority/credential/other-court", test_other_court);
  g_test_add_func ("/authority/credential/limits", test_limits);
  g_test_add_func ("/authority/credential/roles", test_roles);
  return g_test_run ();
}
