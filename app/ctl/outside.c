#include "app/ctl/outside.h"

#include <string.h>

#include "app/ctl/passphrase.h"
#include "app/ctl/replay.h"
#include "app/desk/command_private.h"
#include "sync/carrier/bundle.h"

static MabeiReplica *
make_profile (const MabeiOptions *options, MabeiArguments *arguments, GError **error)
{
  const char *name, *kdf_name = mabei_arguments_option (arguments, "--kdf");
  if (!mabei_arguments_need (arguments, "--name", &name, error) || !mabei_command_check_line ("a name", name, error))
    return NULL;
  if (kdf_name != NULL && strcmp (kdf_name, "interactive") != 0 && strcmp (kdf_name, "moderate") != 0) {
    g_set_error_literal (error, MABEI_DESK_ERROR, MABEI_CODE_USAGE, "--kdf is interactive or moderate");
    return NULL;
  }
  g_autoptr (MabeiSecret) passphrase = mabei_passphrase_read (options->passphrase_file, TRUE, error);
  if (passphrase == NULL)
    return NULL;
  MabeiKdf kdf = g_strcmp0 (kdf_name, "interactive") == 0 ? MABEI_KDF_INTERACTIVE : MABEI_KDF_MODERATE;
  if (!mabei_replica_create (options->profile, name, passphrase, kdf, error))
    return NULL;
  return mabei_replica_open (options->profile, passphrase, error);
}

static char *
device_key_hex (const MabeiDevicePublic *device)
{
  g_autofree char *sign_key = mabei_hex_encode (device->sign_key, 32);
  g_autofree char *box_key = mabei_hex_encode (device->box_key, 32);
  return g_strconcat (sign_key, box_key, NULL);
}

static GVariant *
profile_init (const MabeiOptions *options, MabeiArguments *arguments, GError **error)
{
  g_autoptr (MabeiReplica) replica = make_profile (options, arguments, error);
  if (replica == NULL)
    return NULL;
  MabeiKeys *keys = mabei_replica_keys (replica);
  g_autofree char *person = mabei_short_id_to_hex (&keys->person);
  g_autofree char *device = mabei_short_id_to_hex (mabei_device_key_id (keys->device));
  g_autofree char *device_key = device_key_hex (mabei_device_key_public (keys->device));
  GVariantBuilder dict;
  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  mabei_answer_string (&dict, "person", person);
  mabei_answer_string (&dict, "device", device);
  mabei_answer_string (&dict, "device_key", device_key);
  return g_variant_builder_end (&dict);
}

static GVariant *
court_init (const MabeiOptions *options, MabeiArguments *arguments, GError **error)
{
  g_autoptr (MabeiReplica) replica = make_profile (options, arguments, error);
  if (replica == NULL)
    return NULL;
  g_autoptr (GBytes) mark = g_bytes_new_static ("\1", 1);
  if (!mabei_replica_set_item (replica, "court", mark, error))
    return NULL;
  const MabeiDevicePublic *root = mabei_device_key_public (mabei_replica_keys (replica)->device);
  g_autofree char *key = mabei_hex_encode (root->sign_key, 32);
  g_autofree char *court = mabei_hex_encode (root->sign_key, 8);
  GVariantBuilder dict;
  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  mabei_answer_string (&dict, "court", court);
  mabei_answer_string (&dict, "root_key", key);
  return g_variant_builder_end (&dict);
}

static GVariant *
doc_replay (G_GNUC_UNUSED const MabeiOptions *options, MabeiArguments *arguments, GError **error)
{
  MabeiReplayResult result = {0};
  g_autoptr (GError) fault = NULL;
  gboolean peer_sizes = mabei_arguments_option (arguments, "--peer-sizes") != NULL;
  if (!mabei_replay_run (mabei_arguments_word (arguments, 0), peer_sizes, &result, &fault)) {
    MabeiCode code = fault->domain != MABEI_TRACE_ERROR           ? mabei_code_of (fault)
                     : fault->code == MABEI_TRACE_ERROR_DIFFERENT ? MABEI_CODE_UNVERIFIED
                     : fault->code == MABEI_TRACE_ERROR_TOO_LARGE ? MABEI_CODE_TOO_LARGE
                                                                  : MABEI_CODE_FORMAT;
    g_set_error_literal (error, MABEI_DESK_ERROR, (int) code, fault->message);
    return NULL;
  }
  GVariantBuilder dict;
  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  mabei_answer_flag (&dict, "ok", TRUE);
  mabei_answer_number (&dict, "chars", (gint64) result.chars);
  mabei_answer_string (&dict, "sha256", result.sha256);
  mabei_answer_string (&dict, "kind", mabei_replay_kind_name (result.kind));
  g_variant_builder_add (&dict, "{sv}", "local_ms", g_variant_new ("d", result.local_ms));
  g_variant_builder_add (&dict, "{sv}", "remote_ms", g_variant_new ("d", result.remote_ms));
  g_variant_builder_add (&dict, "{sv}", "load_ms", g_variant_new ("d", result.load_ms));
  mabei_answer_number (&dict, "bytes_saved", (gint64) result.bytes_saved);
  g_variant_builder_add (&dict, "{sv}", "bytes_per_op", g_variant_new ("d", result.bytes_per_op));
  mabei_answer_number (&dict, "peak_heap", (gint64) result.peak_heap);
  return g_variant_builder_end (&dict);
}

static GVariant *
bundle_inspect (G_GNUC_UNUSED const MabeiOptions *options, MabeiArguments *arguments, GError **error)
{
  MabeiBundleResult result = {0};
  g_autofree char *text = mabei_bundle_inspect (mabei_arguments_word (arguments, 0), &result, error);
  if (text == NULL)
    return NULL;
  GVariantBuilder dict;
  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  mabei_answer_string (&dict, "bundle", text);
  mabei_answer_number (&dict, "bytes", (gint64) result.bytes);
  return g_variant_builder_end (&dict);
}

static const struct {
  const char *noun, *verb, *arguments;
  GVariant *(*run) (const MabeiOptions *options, MabeiArguments *arguments, GError **error);
} verbs[] = {
    {"profile", "init", "--name= --kdf=", profile_init},
    {"court", "init", "--name= --kdf=", court_init},
    {"doc", "replay", "TRACE --peer-sizes", doc_replay},
    {"bundle", "inspect", "FILE", bundle_inspect},
};

gboolean
mabei_outside_run (const MabeiOptions *options, GVariant **answer, GError **error)
{
  if (options->words[0] == NULL || options->words[1] == NULL)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++) {
    if (strcmp (verbs[i].noun, options->words[0]) != 0 || strcmp (verbs[i].verb, options->words[1]) != 0)
      continue;
    g_autoptr (MabeiArguments) arguments =
        mabei_arguments_parse (verbs[i].arguments, (const char *const *) options->words + 2, error);
    GVariant *made = arguments != NULL ? verbs[i].run (options, arguments, error) : NULL;
    if (made != NULL)
      *answer = g_variant_ref_sink (made);
    return TRUE;
  }
  return FALSE;
}

const char *
mabei_outside_help (void)
{
  return "  profile init --name= --kdf=\n  court init --name= --kdf=\n  doc replay TRACE --peer-sizes\n  bundle "
         "inspect FILE\n"
         "  demo --headless --screenshots= --camera --offline-switch\n";
}
