/* Verbs on the profile itself and on the court's own profile. */
#include <string.h>

#include "app/desk/command_private.h"
#include "core/base/cbor.h"

#define CREDENTIAL_FILE_BYTES 4096u

static char *
device_key_hex (const MabeiDevicePublic *device)
{
  guint8 both[64];
  memcpy (both, device->sign_key, 32);
  memcpy (both + 32, device->box_key, 32);
  return mabei_hex_encode (both, sizeof both);
}

static MabeiOutcome
run_profile_show (MabeiCommand *command, G_GNUC_UNUSED GError **error)
{
  MabeiReplica *replica = mabei_desk_replica (command->desk);
  MabeiKeys *keys = mabei_replica_keys (replica);
  g_autofree char *person = mabei_short_id_to_hex (&keys->person);
  g_autofree char *device = mabei_short_id_to_hex (mabei_device_key_id (keys->device));
  g_autofree char *device_key = device_key_hex (mabei_device_key_public (keys->device));
  GVariantBuilder dict;
  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  mabei_answer_string (&dict, "name", mabei_replica_name (replica));
  mabei_answer_string (&dict, "person", person);
  mabei_answer_string (&dict, "device", device);
  mabei_answer_string (&dict, "device_key", device_key);
  MabeiCredential *credential = mabei_replica_credential (replica);
  mabei_answer_string (&dict, "role", credential != NULL ? mabei_role_name (credential->role) : NULL);
  mabei_answer_string (&dict, "hub", mabei_desk_line_hub (mabei_desk_line (command->desk), NULL));
  command->answer = g_variant_builder_end (&dict);
  return MABEI_DONE;
}

static MabeiSecret *
read_passphrase (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  gsize length = 0;
  if (!g_file_get_contents (path, &text, &length, error))
    return NULL;
  while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
    length--;
  MabeiSecret *secret = NULL;
  if (length == 0 || length > 1024)
    g_set_error_literal (error, MABEI_DESK_ERROR, MABEI_CODE_USAGE, "a passphrase has 1 to 1024 bytes");
  else
    secret = mabei_secret_new_copy (text, length);
  memset (text, 0, length);
  return secret;
}

static MabeiOutcome
run_profile_passphrase (MabeiCommand *command, GError **error)
{
  g_autoptr (MabeiSecret) old_one = read_passphrase (mabei_arguments_word (command->arguments, 0), error);
  g_autoptr (MabeiSecret) new_one =
      old_one != NULL ? read_passphrase (mabei_arguments_word (command->arguments, 1), error) : NULL;
  if (new_one == NULL)
    return MABEI_FAILED;
  return mabei_replica_set_passphrase (mabei_desk_replica (command->desk), old_one, new_one, MABEI_KDF_MODERATE, error)
             ? MABEI_DONE
             : MABEI_FAILED;
}

static MabeiOutcome
run_profile_check (G_GNUC_UNUSED MabeiCommand *command, G_GNUC_UNUSED GError **error)
{
  return MABEI_DONE; /* it opened */
}

/* --- the file that a court hands out: [credential, hub address, hub key] --- */

static MabeiOutcome
run_profile_import_credential (MabeiCommand *command, GError **error)
{
  const char *path = mabei_arguments_word (command->arguments, 0);
  g_autofree char *data = NULL;
  gsize size = 0;
  if (!g_file_get_contents (path, &data, &size, error))
    return MABEI_FAILED;
  MabeiCborReader reader;
  const guint8 *encoded = NULL, *hub_key = NULL;
  gsize length = 0, key_length = 0;
  g_autofree char *url = NULL;
  guint64 count;
  mabei_cbor_reader_init (&reader, data, size);
  if (size > CREDENTIAL_FILE_BYTES || !mabei_cbor_read_array (&reader, 3, &count) || count != 3 ||
      !mabei_cbor_read_bytes (&reader, CREDENTIAL_FILE_BYTES, &encoded, &length) ||
      !mabei_cbor_read_text (&reader, 256, &url) || !mabei_cbor_read_bytes (&reader, 32, &hub_key, &key_length) ||
      !mabei_cbor_reader_finish (&reader, NULL)) {
    g_set_error (error, MABEI_DESK_ERROR, MABEI_CODE_FORMAT, "%s is not a credential of a court", path);
    return MABEI_FAILED;
  }
  g_autoptr (GBytes) bytes = g_bytes_new (encoded, length);
  if (!mabei_replica_import_credential (mabei_desk_replica (command->desk), bytes, error))
    return MABEI_FAILED;
  if (url[0] != '\0' &&
      !mabei_desk_line_set_hub (mabei_desk_line (command->desk), url, key_length == 32 ? hub_key : NULL, error))
    return MABEI_FAILED;
  return run_profile_show (command, error);
}

static gboolean
parse_device_key (const char *text, MabeiDevicePublic *device, GError **error)
{
  g_autoptr (GBytes) bytes = mabei_hex_decode (text, 64);
  if (bytes == NULL || g_bytes_get_size (bytes) != 64) {
    g_set_error_literal (error, MABEI_DESK_ERROR, MABEI_CODE_FORMAT,
                         "a device key has 128 hex digits (profile show tells it)");
    return FALSE;
  }
  const guint8 *data = g_bytes_get_data (bytes, NULL);
  memcpy (device->sign_key, data, 32);
  memcpy (device->box_key, data + 32, 32);
  return TRUE;
}

static gboolean
write_credential (MabeiCommand *command, MabeiCredential *credential, const char *path, GError **error)
{
  const guint8 *hub_key = NULL;
  const char *url = mabei_desk_line_hub (mabei_desk_line (command->desk), &hub_key);
  g_autoptr (GByteArray) out = g_byte_array_new ();
  mabei_cbor_write_array (out, 3);
  mabei_cbor_write_bytes (out, g_bytes_get_data (credential->encoded, NULL), g_bytes_get_size (credential->encoded));
  mabei_cbor_write_text (out, url != NULL ? url : "");
  mabei_cbor_write_bytes (out, hub_key, hub_key != NULL ? 32 : 0);
  return g_file_set_contents_full (path, (const char *) out->data, (gssize) out->len,
                                   G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, error);
}

static MabeiOutcome
run_court_staff_add (MabeiCommand *command, GError **error)
{
  MabeiReplica *replica = mabei_desk_replica (command->desk);
  const char *role_name, *name, *key, *path;
  MabeiRole role;
  MabeiDevicePublic device;
  g_autoptr (GBytes) court = mabei_replica_item (replica, "court");
  if (court == NULL) {
    g_set_error_literal (error, MABEI_DESK_ERROR, MABEI_CODE_NOT_ALLOWED, "this profile is not a court's");
    return MABEI_FAILED;
  }
  if (!mabei_arguments_need (command->arguments, "--role", &role_name, error) ||
      !mabei_arguments_need (command->arguments, "--name", &name, error) ||
      !mabei_arguments_need (command->arguments, "--key", &key, error) ||
      !mabei_arguments_need (command->arguments, "-o", &path, error) || !parse_device_key (key, &device, error))
    return MABEI_FAILED;
  if (!mabei_role_from_name (role_name, &role) || !mabei_role_is_staff (role)) {
    g_set_error_literal (error, MABEI_DESK_ERROR, MABEI_CODE_USAGE, "--role is mediator, clerk or judge");
    return MABEI_FAILED;
  }
  guint32 rights = mabei_arguments_option (command->arguments, "--may-open-cases") != NULL ? MABEI_RIGHT_OPEN_CASES : 0;
  guint64 now_ms = mabei_desk_now_ms ();
  g_autoptr (MabeiCredential) credential =
      mabei_credential_issue (mabei_replica_keys (replica)->device, role, name, &device, rights, now_ms, now_ms, error);
  if (credential == NULL || !write_credential (command, credential, path, error))
    return MABEI_FAILED;
  g_autofree char *serial = g_strdup_printf ("%" G_GUINT64_FORMAT, credential->serial);
  GVariantBuilder dict;
  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  mabei_answer_string (&dict, "credential", serial);
  command->answer = g_variant_builder_end (&dict);
  return MABEI_DONE;
}

static void
on_registered (gboolean idle, gpointer user_data)
{
  MabeiCommand *command = user_data;
  const guint8 *key = NULL;
  const char *url = mabei_desk_line_hub (mabei_desk_line (command->desk), &key);
  if (!idle || key == NULL) {
    mabei_command_finish (command, NULL,
                          g_error_new (MABEI_DESK_ERROR, MABEI_CODE_NO_PEER, "the hub at %s does not answer", url));
    return;
  }
  g_autofree char *hex = mabei_hex_encode (key, 32);
  GVariantBuilder dict;
  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  mabei_answer_string (&dict, "hub", url);
  mabei_answer_string (&dict, "key", hex);
  mabei_command_finish (command, g_variant_builder_end (&dict), NULL);
}

static MabeiOutcome
run_court_register (MabeiCommand *command, GError **error)
{
  const char *url;
  if (!mabei_arguments_need (command->arguments, "--hub", &url, error) ||
      !mabei_desk_line_set_hub (mabei_desk_line (command->desk), url, NULL, error))
    return MABEI_FAILED;
  mabei_desk_line_when_idle (mabei_desk_line (command->desk), 10000, on_registered, command);
  return MABEI_LATER;
}

const MabeiVerb mabei_verbs_profile[] = {
    {"profile", "show", "", 0, run_profile_show},
    {"profile", "check", "", 0, run_profile_check},
    {"profile", "passphrase", "OLD-FILE NEW-FILE", 0, run_profile_passphrase},
    {"profile", "import-credential", "FILE", 0, run_profile_import_credential},
    {"court", "staff-add", "--role= --name= --key= --may-open-cases -o=", 0, run_court_staff_add},
    {"court", "register", "--hub=", 0, run_court_register},
    {NULL, NULL, NULL, 0, NULL},
};
