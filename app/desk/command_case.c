/* Verbs on cases: opening one, its fields, what happened in it, and proof that replicas agree. */
#include <string.h>

#include "app/desk/command_private.h"
#include "core/view/builder.h"

static const char *const kind_names[] = {"control", "joint", "caucus"};

static const char *
place_name (MabeiPlace place)
{
  static const char *const names[] = {"here", "sent", "all"};
  return names[place];
}

static MabeiOutcome
run_case_new (MabeiCommand *command, GError **error)
{
  const char *title;
  if (!mabei_arguments_need (command->arguments, "--title", &title, error) ||
      !mabei_command_check_line ("a title", title, error))
    return MABEI_FAILED;
  MabeiCase *c = mabei_replica_case_new (mabei_desk_replica (command->desk), title, mabei_desk_now_ms (), error);
  if (c == NULL)
    return MABEI_FAILED;
  mabei_desk_wrote (command->desk);
  mabei_desk_changed (command->desk, MABEI_DESK_CASES);
  mabei_desk_line_wake (mabei_desk_line (command->desk));
  g_autofree char *id = mabei_id_to_hex (mabei_case_id (c));
  GVariantBuilder dict;
  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  mabei_answer_string (&dict, "case", id);
  command->answer = g_variant_builder_end (&dict);
  return MABEI_DONE;
}

static void
answer_card (GVariantBuilder *dict, MabeiViewCase *view)
{
  mabei_answer_string (dict, "case", view->id);
  mabei_answer_string (dict, "title", view->title);
  mabei_answer_string (dict, "role", view->own_role);
  mabei_answer_string (dict, "next", view->next_step);
  mabei_answer_number (dict, "unsent", view->unsent);
  mabei_answer_string (dict, "place", place_name (view->place));
}

static MabeiOutcome
run_case_list (MabeiCommand *command, G_GNUC_UNUSED GError **error)
{
  MabeiReplica *replica = mabei_desk_replica (command->desk);
  GPtrArray *cases = mabei_replica_cases (replica);
  GVariantBuilder list;
  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < cases->len; i++) {
    g_autoptr (MabeiViewCase) view = mabei_view_case_build (replica, g_ptr_array_index (cases, i));
    GVariantBuilder dict;
    g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
    answer_card (&dict, view);
    g_variant_builder_add_value (&list, g_variant_builder_end (&dict));
  }
  command->answer = g_variant_builder_end (&list);
  return MABEI_DONE;
}

static MabeiOutcome
run_case_show (MabeiCommand *command, G_GNUC_UNUSED GError **error)
{
  g_autoptr (MabeiViewCase) view = mabei_view_case_build (mabei_desk_replica (command->desk), command->c);
  GVariantBuilder dict;
  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  answer_card (&dict, view);
  mabei_answer_number (&dict, "people", view->people->len);
  mabei_answer_number (&dict, "conflicts", view->conflicts->len);
  mabei_answer_number (&dict, "documents", view->documents->len);
  command->answer = g_variant_builder_end (&dict);
  return MABEI_DONE;
}

static MabeiOutcome
run_case_inspect (MabeiCommand *command, G_GNUC_UNUSED GError **error)
{
  GPtrArray *spaces = mabei_case_spaces (command->c);
  GVariantBuilder list;
  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < spaces->len; i++) {
    MabeiSpace *space = g_ptr_array_index (spaces, i);
    MabeiGraph *graph = mabei_space_graph (space);
    g_autofree char *id = mabei_short_id_to_hex (mabei_space_id (space));
    MabeiId epoch;
    GVariantBuilder dict;
    g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
    mabei_answer_string (&dict, "space", id);
    mabei_answer_string (&dict, "kind", kind_names[mabei_space_kind (space)]);
    mabei_answer_number (&dict, "changes", mabei_graph_n_complete (graph));
    mabei_answer_number (&dict, "waiting", mabei_graph_n_waiting (graph));
    if (mabei_space_writing_epoch (space, &epoch, NULL)) {
      g_autofree char *hex = mabei_id_to_hex (&epoch);
      mabei_answer_string (&dict, "epoch", hex);
    }
    g_variant_builder_add_value (&list, g_variant_builder_end (&dict));
  }
  command->answer = g_variant_builder_end (&list);
  return MABEI_DONE;
}

static MabeiOutcome
run_case_fields (MabeiCommand *command, GError **error)
{
  MabeiSpace *joint = mabei_desk_find_space (command->c, NULL, error);
  if (joint == NULL)
    return MABEI_FAILED;
  g_auto (GStrv) names = mabei_space_field_names (joint);
  GVariantBuilder list;
  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; names[i] != NULL; i++) {
    g_autoptr (GPtrArray) values = mabei_space_field_values (joint, names[i]);
    GVariantBuilder dict;
    g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
    mabei_answer_string (&dict, "field", names[i]);
    mabei_answer_values (&dict, "values", command->c, values);
    g_variant_builder_add_value (&list, g_variant_builder_end (&dict));
  }
  command->answer = g_variant_builder_end (&list);
  return MABEI_DONE;
}

static MabeiOutcome
run_case_set (MabeiCommand *command, GError **error)
{
  MabeiSpace *joint = mabei_desk_find_space (command->c, NULL, error);
  if (joint == NULL)
    return MABEI_FAILED;
  if (strcmp (mabei_arguments_word (command->arguments, 0), "title") == 0 &&
      !mabei_command_check_line ("a title", mabei_arguments_word (command->arguments, 1), error))
    return MABEI_FAILED;
  GBytes *operation = mabei_space_operation_field (joint, mabei_arguments_word (command->arguments, 0),
                                                   mabei_arguments_word (command->arguments, 1), error);
  return mabei_command_commit (command, joint, operation, NULL, error) ? MABEI_DONE : MABEI_FAILED;
}

static MabeiOutcome
run_case_timeline (MabeiCommand *command, G_GNUC_UNUSED GError **error)
{
  g_autoptr (MabeiViewCase) view = mabei_view_case_build (mabei_desk_replica (command->desk), command->c);
  GVariantBuilder list;
  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < view->events->len; i++) {
    MabeiViewEvent *event = g_ptr_array_index (view->events, i);
    GVariantBuilder dict;
    g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
    mabei_answer_time (&dict, "at", (guint64) event->at_ms);
    mabei_answer_string (&dict, "kind", event->kind);
    mabei_answer_string (&dict, "by", event->by);
    mabei_answer_string (&dict, "detail", event->detail);
    mabei_answer_string (&dict, "place", place_name (event->place));
    g_variant_builder_add_value (&list, g_variant_builder_end (&dict));
  }
  command->answer = g_variant_builder_end (&list);
  return MABEI_DONE;
}

static MabeiOutcome
run_case_state_hash (MabeiCommand *command, GError **error)
{
  if (!mabei_replica_flush (mabei_desk_replica (command->desk), mabei_desk_now_ms (), error))
    return MABEI_FAILED;
  const char *only = mabei_arguments_option (command->arguments, "--space");
  MabeiSpace *one = only != NULL ? mabei_desk_find_space (command->c, only, error) : NULL;
  if (only != NULL && one == NULL)
    return MABEI_FAILED;
  GPtrArray *spaces = mabei_case_spaces (command->c);
  GVariantBuilder hashes, dict;
  g_variant_builder_init (&hashes, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; i < spaces->len; i++) {
    MabeiSpace *space = g_ptr_array_index (spaces, i);
    if (one != NULL && space != one)
      continue;
    MabeiId hash;
    mabei_space_state_hash (space, &hash);
    g_autofree char *id = mabei_short_id_to_hex (mabei_space_id (space));
    g_autofree char *hex = mabei_id_to_hex (&hash);
    mabei_answer_string (&hashes, id, hex);
  }
  MabeiId all;
  mabei_case_state_hash (command->c, &all);
  g_autofree char *id = mabei_id_to_hex (mabei_case_id (command->c));
  g_autofree char *hex = mabei_id_to_hex (&all);
  mabei_answer_string (&dict, "case", id);
  g_variant_builder_add (&dict, "{sv}", "spaces", g_variant_builder_end (&hashes));
  mabei_answer_string (&dict, "all", hex);
  command->answer = g_variant_builder_end (&dict);
  return MABEI_DONE;
}

static MabeiOutcome
run_case_audit (MabeiCommand *command, G_GNUC_UNUSED GError **error)
{
  g_autoptr (GArray) entries = mabei_case_audit (command->c);
  GVariantBuilder list;
  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < entries->len; i++) {
    const MabeiAuditEntry *entry = &g_array_index (entries, MabeiAuditEntry, i);
    g_autofree char *change = mabei_id_to_hex (&entry->change);
    g_autofree char *space = mabei_short_id_to_hex (&entry->space);
    GVariantBuilder dict;
    g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
    mabei_answer_string (&dict, "change", change);
    mabei_answer_string (&dict, "space", space);
    mabei_answer_string (&dict, "status", entry->status);
    mabei_answer_string (&dict, "reason", entry->reason);
    g_variant_builder_add_value (&list, g_variant_builder_end (&dict));
  }
  command->answer = g_variant_builder_end (&list);
  return MABEI_DONE;
}

const MabeiVerb mabei_verbs_case[] = {
    {"case", "new", "--title=", 0, run_case_new},
    {"case", "list", "", 0, run_case_list},
    {"case", "show", "", MABEI_VERB_CASE, run_case_show},
    {"case", "inspect", "", MABEI_VERB_CASE, run_case_inspect},
    {"case", "fields", "", MABEI_VERB_CASE, run_case_fields},
    {"case", "set", "FIELD VALUE", MABEI_VERB_CASE, run_case_set},
    {"case", "timeline", "", MABEI_VERB_CASE, run_case_timeline},
    {"case", "state-hash", "--space=", MABEI_VERB_CASE, run_case_state_hash},
    {"case", "audit", "", MABEI_VERB_CASE, run_case_audit},
    {NULL, NULL, NULL, 0, NULL},
};
