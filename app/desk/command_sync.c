/* Verbs on the way of the record between devices: hub, bundle, and the proof that this replica is sound. */
#include "app/desk/command_private.h"
#include "core/view/builder.h"
#include "sync/carrier/bundle.h"

#define IDLE_MS 30000

static guint
unsent (MabeiDesk *desk)
{
  MabeiReplica *replica = mabei_desk_replica (desk);
  GPtrArray *cases = mabei_replica_cases (replica);
  guint count = 0;
  for (guint i = 0; i < cases->len; i++) {
    GPtrArray *spaces = mabei_case_spaces (g_ptr_array_index (cases, i));
    for (guint s = 0; s < spaces->len; s++) {
      g_autoptr (GPtrArray) outbox = mabei_replica_outbox (replica, g_ptr_array_index (spaces, s));
      count += outbox->len;
    }
  }
  return count;
}

static void
answer_peers (MabeiDesk *desk, GVariantBuilder *dict)
{
  MabeiReplica *replica = mabei_desk_replica (desk);
  GPtrArray *cases = mabei_replica_cases (replica);
  GVariantBuilder list;
  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < cases->len; i++) {
    g_autoptr (MabeiViewCase) view = mabei_view_case_build (replica, g_ptr_array_index (cases, i));
    for (guint p = 0; p < view->people->len; p++) {
      MabeiViewPerson *person = g_ptr_array_index (view->people, p);
      MabeiShortId device;
      if (person->is_self || !mabei_short_id_from_hex (person->device, &device))
        continue;
      GVariantBuilder one;
      g_variant_builder_init (&one, G_VARIANT_TYPE_VARDICT);
      mabei_answer_string (&one, "case", view->id);
      mabei_answer_string (&one, "name", person->name);
      mabei_answer_number (&one, "missing", person->missing);
      mabei_answer_time (&one, "since", (guint64) person->since_ms);
      mabei_answer_flag (&one, "present", mabei_desk_line_is_present (mabei_desk_line (desk), &device));
      g_variant_builder_add_value (&list, g_variant_builder_end (&one));
    }
  }
  mabei_answer_list (dict, "peers", &list);
}

static GVariant *
status (MabeiDesk *desk)
{
  MabeiDeskLine *line = mabei_desk_line (desk);
  guint64 bytes_in, bytes_out;
  mabei_desk_line_counts (line, &bytes_in, &bytes_out);
  GVariantBuilder dict;
  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  mabei_answer_flag (&dict, "connected", mabei_desk_line_is_ready (line));
  mabei_answer_flag (&dict, "offline", mabei_desk_line_is_offline (line));
  mabei_answer_number (&dict, "unsent", unsent (desk));
  mabei_answer_number (&dict, "bytes_in", (gint64) bytes_in);
  mabei_answer_number (&dict, "bytes_out", (gint64) bytes_out);
  answer_peers (desk, &dict);
  return g_variant_builder_end (&dict);
}

static MabeiOutcome
run_sync_status (MabeiCommand *command, G_GNUC_UNUSED GError **error)
{
  command->answer = status (command->desk);
  return MABEI_DONE;
}

static void
on_idle (gboolean idle, gpointer user_data)
{
  MabeiCommand *command = user_data;
  if (idle)
    mabei_command_finish (command, status (command->desk), NULL);
  else
    mabei_command_finish (command, NULL,
                          g_error_new (MABEI_DESK_ERROR, MABEI_CODE_NO_PEER,
                                       "the hub does not answer; %u changes wait on this device",
                                       unsent (command->desk)));
}

static MabeiOutcome
run_sync_now (MabeiCommand *command, GError **error)
{
  MabeiDeskLine *line = mabei_desk_line (command->desk);
  guint64 timeout_ms = IDLE_MS;
  if (!mabei_arguments_number (command->arguments, "--timeout-ms", 600000, &timeout_ms, error))
    return MABEI_FAILED;
  if (mabei_desk_line_is_offline (line) || mabei_desk_line_hub (line, NULL) == NULL) {
    g_set_error_literal (error, MABEI_DESK_ERROR, MABEI_CODE_NO_PEER,
                         mabei_desk_line_is_offline (line) ? "this device was switched offline"
                                                           : "no hub is known yet");
    return MABEI_FAILED;
  }
  if (!mabei_replica_flush (mabei_desk_replica (command->desk), mabei_desk_now_ms (), error))
    return MABEI_FAILED;
  mabei_desk_line_wake (line);
  mabei_desk_line_when_idle (line, (guint) timeout_ms, on_idle, command);
  return MABEI_LATER;
}

static MabeiOutcome
run_sync_offline (MabeiCommand *command, G_GNUC_UNUSED GError **error)
{
  mabei_desk_line_set_offline (mabei_desk_line (command->desk), TRUE);
  return MABEI_DONE;
}

static MabeiOutcome
run_sync_online (MabeiCommand *command, G_GNUC_UNUSED GError **error)
{
  mabei_desk_line_set_offline (mabei_desk_line (command->desk), FALSE);
  return MABEI_DONE;
}

/* --- bundles --- */

static GVariant *
bundle_answer (const MabeiBundleResult *result)
{
  GVariantBuilder dict;
  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  mabei_answer_number (&dict, "changes", result->changes);
  mabei_answer_number (&dict, "new", result->new_ones);
  mabei_answer_number (&dict, "bytes", (gint64) result->bytes);
  return g_variant_builder_end (&dict);
}

static MabeiOutcome
run_bundle_export (MabeiCommand *command, GError **error)
{
  MabeiReplica *replica = mabei_desk_replica (command->desk);
  const char *const *names = mabei_arguments_all (command->arguments, "--to");
  const char *path;
  if (!mabei_arguments_need (command->arguments, "-o", &path, error))
    return MABEI_FAILED;
  g_autoptr (GArray) persons = g_array_new (FALSE, FALSE, sizeof (MabeiShortId));
  guint n_words = mabei_arguments_n_words (command->arguments);
  for (guint i = 0; names != NULL && names[i] != NULL; i++) {
    const MabeiMember *member = mabei_desk_find_member (command->c, names[i], error);
    if (member == NULL)
      return MABEI_FAILED;
    g_array_append_val (persons, member->person);
  }
  for (guint i = 0; i < n_words; i++) { /* --to A B C */
    const MabeiMember *member =
        mabei_desk_find_member (command->c, mabei_arguments_word (command->arguments, i), error);
    if (member == NULL)
      return MABEI_FAILED;
    g_array_append_val (persons, member->person);
  }
  if (persons->len == 0) {
    g_set_error_literal (error, MABEI_DESK_ERROR, MABEI_CODE_USAGE,
                         "--to is missing: a bundle is always for named people");
    return MABEI_FAILED;
  }
  guint64 now_ms = mabei_desk_now_ms ();
  MabeiBundleResult result = {0};
  if (!mabei_replica_flush (replica, now_ms, error) ||
      !mabei_bundle_export (replica, command->c, (const MabeiShortId *) (void *) persons->data, persons->len, path,
                            now_ms, &result, error))
    return MABEI_FAILED;
  command->answer = bundle_answer (&result);
  return MABEI_DONE;
}

static MabeiOutcome
run_bundle_import (MabeiCommand *command, GError **error)
{
  MabeiBundleResult result = {0};
  if (!mabei_bundle_import (mabei_desk_replica (command->desk), mabei_arguments_word (command->arguments, 0),
                            mabei_desk_now_ms (), &result, error))
    return MABEI_FAILED;
  mabei_desk_wrote (command->desk);
  mabei_desk_line_wake (mabei_desk_line (command->desk));
  mabei_desk_changed (command->desk, MABEI_DESK_CASES | MABEI_DESK_SYNC);
  command->answer = bundle_answer (&result);
  return MABEI_DONE;
}

static MabeiOutcome
run_fsck (MabeiCommand *command, GError **error)
{
  MabeiReplica *replica = mabei_desk_replica (command->desk);
  g_autoptr (GError) fault = NULL;
  if (!mabei_replica_flush (replica, mabei_desk_now_ms (), error))
    return MABEI_FAILED;
  if (!mabei_replica_check (replica, &fault)) {
    g_set_error (error, MABEI_DESK_ERROR, MABEI_CODE_UNVERIFIED, "%s", fault->message);
    return MABEI_FAILED;
  }
  GVariantBuilder dict;
  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  mabei_answer_number (&dict, "cases", mabei_replica_cases (replica)->len);
  mabei_answer_flag (&dict, "sound", TRUE);
  command->answer = g_variant_builder_end (&dict);
  return MABEI_DONE;
}

const MabeiVerb mabei_verbs_sync[] = {
    {"sync", "now", "--timeout-ms=", MABEI_VERB_LINE, run_sync_now},
    {"sync", "status", "", 0, run_sync_status},
    {"sync", "offline", "", 0, run_sync_offline},
    {"sync", "online", "", 0, run_sync_online},
    {"bundle", "export", "PERSON... --to=* -o=", MABEI_VERB_CASE, run_bundle_export},
    {"bundle", "import", "FILE", 0, run_bundle_import},
    {"fsck", "", "", 0, run_fsck},
    {NULL, NULL, NULL, 0, NULL},
};
