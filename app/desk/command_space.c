/* Verbs on spaces: the walls of a case, and the messages inside them. */
#include <string.h>

#include "app/desk/command_private.h"

static const char *const kind_names[] = {"control", "joint", "caucus"};
static const char *const level_names[] = {"keep", "convey", "show"};

static MabeiOutcome
run_space_list (MabeiCommand *command, G_GNUC_UNUSED GError **error)
{
  GPtrArray *spaces = mabei_case_spaces (command->c);
  GVariantBuilder list;
  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < spaces->len; i++) {
    MabeiSpace *space = g_ptr_array_index (spaces, i);
    g_autoptr (GPtrArray) members = mabei_space_members (space);
    g_autoptr (GPtrArray) names = g_ptr_array_new ();
    for (guint m = 0; m < members->len; m++)
      g_ptr_array_add (names, ((MabeiMember *) g_ptr_array_index (members, m))->name);
    g_autofree char *id = mabei_short_id_to_hex (mabei_space_id (space));
    GVariantBuilder dict;
    g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
    mabei_answer_string (&dict, "space", id);
    mabei_answer_string (&dict, "kind", kind_names[mabei_space_kind (space)]);
    mabei_answer_strings (&dict, "members", names);
    g_variant_builder_add_value (&list, g_variant_builder_end (&dict));
  }
  command->answer = g_variant_builder_end (&list);
  return MABEI_DONE;
}

static MabeiOutcome
run_space_post (MabeiCommand *command, GError **error)
{
  const char *level_name = mabei_arguments_option (command->arguments, "--level");
  MabeiLevel level = MABEI_LEVEL_KEEP;
  if (level_name != NULL) {
    while (level < MABEI_LEVEL_SHOW && strcmp (level_names[level], level_name) != 0)
      level++;
    if (strcmp (level_names[level], level_name) != 0) {
      g_set_error_literal (error, MABEI_DESK_ERROR, MABEI_CODE_USAGE, "--level is keep, convey or show");
      return MABEI_FAILED;
    }
  }
  MabeiSpace *space = mabei_desk_find_space (command->c, mabei_arguments_option (command->arguments, "--space"), error);
  if (space == NULL)
    return MABEI_FAILED;
  GBytes *operation = mabei_operation_post (mabei_arguments_word (command->arguments, 0), level, error);
  return mabei_command_commit (command, space, operation, NULL, error) ? MABEI_DONE : MABEI_FAILED;
}

static MabeiOutcome
run_space_read (MabeiCommand *command, GError **error)
{
  MabeiSpace *space = mabei_desk_find_space (command->c, mabei_arguments_option (command->arguments, "--space"), error);
  if (space == NULL)
    return MABEI_FAILED;
  g_autoptr (GPtrArray) messages = mabei_space_messages (space);
  GVariantBuilder list;
  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < messages->len; i++) {
    MabeiMessage *message = g_ptr_array_index (messages, i);
    g_autofree char *by = mabei_answer_name (command->c, &message->device);
    GVariantBuilder dict;
    g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
    mabei_answer_string (&dict, "by", by);
    mabei_answer_time (&dict, "at", message->claimed_ms);
    mabei_answer_string (&dict, "level", level_names[message->level]);
    mabei_answer_string (&dict, "text", message->text);
    g_variant_builder_add_value (&list, g_variant_builder_end (&dict));
  }
  command->answer = g_variant_builder_end (&list);
  return MABEI_DONE;
}

const MabeiVerb mabei_verbs_space[] = {
    {"space", "list", "", MABEI_VERB_CASE, run_space_list},
    {"space", "post", "TEXT --level= --space=", MABEI_VERB_CASE, run_space_post},
    {"space", "read", "--space=", MABEI_VERB_CASE, run_space_read},
    {NULL, NULL, NULL, 0, NULL},
};
