/* Verbs on people: who is in a case, invitations, knocks and admission. */
#include "app/desk/command_private.h"
#include "core/view/builder.h"
#include "app/desk/qr.h"

#define WEEK_MS (7ull * 24 * 3600 * 1000)

static MabeiOutcome
run_party_list (MabeiCommand *command, G_GNUC_UNUSED GError **error)
{
  g_autoptr (MabeiViewCase) view = mabei_view_case_build (mabei_desk_replica (command->desk), command->c);
  GVariantBuilder list;
  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < view->people->len; i++) {
    MabeiViewPerson *person = g_ptr_array_index (view->people, i);
    GVariantBuilder dict;
    g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
    mabei_answer_string (&dict, "name", person->name);
    mabei_answer_string (&dict, "role", person->role);
    mabei_answer_string (&dict, "person", person->person);
    mabei_answer_string (&dict, "device", person->device);
    mabei_answer_flag (&dict, "self", person->is_self);
    g_variant_builder_add_value (&list, g_variant_builder_end (&dict));
  }
  command->answer = g_variant_builder_end (&list);
  return MABEI_DONE;
}

/* RFC 3339, or "+N" hours from now; default: a week. */
static gboolean
read_expiry (const char *text, guint64 now_ms, guint64 *expires_ms, GError **error)
{
  guint64 hours;
  if (text == NULL) {
    *expires_ms = now_ms + WEEK_MS;
    return TRUE;
  }
  if (text[0] == '+' && g_ascii_string_to_unsigned (text + 1, 10, 1, 24 * 366, &hours, NULL)) {
    *expires_ms = now_ms + hours * 3600 * 1000;
    return TRUE;
  }
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (text, utc);
  if (time == NULL) {
    g_set_error (error, MABEI_DESK_ERROR, MABEI_CODE_USAGE,
                 "--expires is a time as 2026-11-30T12:00:00Z or +HOURS, not %s", text);
    return FALSE;
  }
  gint64 seconds = g_date_time_to_unix (time);
  if (seconds < 0 || (guint64) seconds * 1000 <= now_ms) {
    g_set_error (error, MABEI_DESK_ERROR, MABEI_CODE_USAGE, "%s is over already", text);
    return FALSE;
  }
  *expires_ms = (guint64) seconds * 1000;
  return TRUE;
}

static void
on_invited (G_GNUC_UNUSED gboolean idle, gpointer user_data)
{
  MabeiCommand *command = user_data;
  /* The link works once the hub has the mailbox; without a line it will as soon as this device is connected again. */
  mabei_command_finish (command, g_steal_pointer (&command->answer), NULL);
}

static MabeiOutcome
run_invite_create (MabeiCommand *command, GError **error)
{
  const char *role_name, *name;
  MabeiRole role;
  guint64 expires_ms;
  const char *qr = mabei_arguments_option (command->arguments, "--qr");
  if (!mabei_arguments_need (command->arguments, "--role", &role_name, error) ||
      !mabei_arguments_need (command->arguments, "--name", &name, error) ||
      !mabei_command_check_line ("a name", name, error) ||
      !read_expiry (mabei_arguments_option (command->arguments, "--expires"), mabei_desk_now_ms (), &expires_ms, error))
    return MABEI_FAILED;
  if (!mabei_role_from_name (role_name, &role) || mabei_role_is_staff (role)) {
    g_set_error (error, MABEI_DESK_ERROR, MABEI_CODE_USAGE, "nobody can be invited as %s", role_name);
    return MABEI_FAILED;
  }
  g_autofree char *link =
      mabei_admission_invite (mabei_desk_admission (command->desk), command->c, role, name, expires_ms, error);
  if (link == NULL || (qr != NULL && !mabei_qr_write_png (link, qr, error)))
    return MABEI_FAILED;
  GVariantBuilder dict;
  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  mabei_answer_string (&dict, "link", link);
  mabei_answer_time (&dict, "expires", expires_ms);
  command->answer = g_variant_ref_sink (g_variant_builder_end (&dict));
  mabei_desk_line_when_idle (mabei_desk_line (command->desk), 4000, on_invited, command);
  return MABEI_LATER;
}

static void
answer_knock (GVariantBuilder *dict, const MabeiKnockInfo *info)
{
  mabei_answer_string (dict, "knock", info->id);
  mabei_answer_string (dict, "name", info->name);
  mabei_answer_string (dict, "role", info->own ? NULL : mabei_role_name (info->role));
  mabei_answer_string (dict, "case", info->case_id);
  mabei_answer_string (dict, "state", info->state);
  mabei_answer_string (dict, "code", info->code);
  mabei_answer_flag (dict, "own", info->own);
  mabei_answer_flag (dict, "alarm", info->alarm);
}

static MabeiOutcome
run_invite_list (MabeiCommand *command, G_GNUC_UNUSED GError **error)
{
  g_autoptr (GPtrArray) knocks = mabei_admission_list (mabei_desk_admission (command->desk));
  GVariantBuilder list;
  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < knocks->len; i++) {
    GVariantBuilder dict;
    g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
    answer_knock (&dict, g_ptr_array_index (knocks, i));
    g_variant_builder_add_value (&list, g_variant_builder_end (&dict));
  }
  command->answer = g_variant_builder_end (&list);
  return MABEI_DONE;
}

static void
answer_one_knock (MabeiCommand *command, const char *id)
{
  g_autoptr (GPtrArray) knocks = mabei_admission_list (mabei_desk_admission (command->desk));
  for (guint i = 0; i < knocks->len; i++) {
    MabeiKnockInfo *info = g_ptr_array_index (knocks, i);
    if (!mabei_knock_id_fits (info->id, id))
      continue;
    GVariantBuilder dict;
    g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
    answer_knock (&dict, info);
    mabei_command_finish (command, g_variant_builder_end (&dict), NULL);
    return;
  }
  mabei_command_finish (command, NULL,
                        g_error_new (MABEI_DESK_ERROR, MABEI_CODE_NOT_FOUND, "no knock is called %s", id));
}

static void
on_knocked (gboolean idle, gpointer user_data)
{
  MabeiCommand *command = user_data;
  g_autofree char *id =
      mabei_admission_knock (mabei_desk_admission (command->desk), mabei_arguments_word (command->arguments, 0), NULL);
  if (!idle)
    mabei_command_finish (command, NULL,
                          g_error_new (MABEI_DESK_ERROR, MABEI_CODE_NO_PEER,
                                       "the hub of that link does not answer; the knock is kept and goes out later"));
  else
    answer_one_knock (command, id);
}

static MabeiOutcome
run_invite_knock (MabeiCommand *command, GError **error)
{
  g_autofree char *id =
      mabei_admission_knock (mabei_desk_admission (command->desk), mabei_arguments_word (command->arguments, 0), error);
  if (id == NULL)
    return MABEI_FAILED;
  mabei_desk_line_when_idle (mabei_desk_line (command->desk), 10000, on_knocked, command);
  return MABEI_LATER;
}

static void
on_code (gboolean idle, gpointer user_data)
{
  MabeiCommand *command = user_data;
  if (idle)
    answer_one_knock (command, mabei_arguments_word (command->arguments, 0));
  else
    mabei_command_finish (command, NULL, g_error_new (MABEI_DESK_ERROR, MABEI_CODE_NO_PEER, "the hub does not answer"));
}

static MabeiOutcome
run_invite_code (MabeiCommand *command, G_GNUC_UNUSED GError **error)
{
  mabei_desk_line_when_idle (mabei_desk_line (command->desk), 5000, on_code, command);
  return MABEI_LATER;
}

static void
on_decided (G_GNUC_UNUSED gboolean idle, gpointer user_data)
{
  MabeiCommand *command = user_data;
  answer_one_knock (command, mabei_arguments_word (command->arguments, 0));
}

static MabeiOutcome
run_invite_admit (MabeiCommand *command, GError **error)
{
  if (!mabei_admission_admit (mabei_desk_admission (command->desk), mabei_arguments_word (command->arguments, 0),
                              error))
    return MABEI_FAILED;
  mabei_desk_line_when_idle (mabei_desk_line (command->desk), 4000, on_decided, command);
  return MABEI_LATER;
}

static MabeiOutcome
run_invite_refuse (MabeiCommand *command, GError **error)
{
  if (!mabei_admission_refuse (mabei_desk_admission (command->desk), mabei_arguments_word (command->arguments, 0),
                               error))
    return MABEI_FAILED;
  mabei_desk_line_when_idle (mabei_desk_line (command->desk), 4000, on_decided, command);
  return MABEI_LATER;
}

const MabeiVerb mabei_verbs_people[] = {
    {"party", "list", "", MABEI_VERB_CASE, run_party_list},
    {"invite", "create", "--role= --name= --expires= --qr=", MABEI_VERB_CASE | MABEI_VERB_LINE, run_invite_create},
    {"invite", "knock", "LINK", MABEI_VERB_LINE, run_invite_knock},
    {"invite", "list", "", MABEI_VERB_LINE, run_invite_list},
    {"invite", "code", "KNOCK", MABEI_VERB_LINE, run_invite_code},
    {"invite", "admit", "KNOCK", MABEI_VERB_LINE, run_invite_admit},
    {"invite", "refuse", "KNOCK", MABEI_VERB_LINE, run_invite_refuse},
    {NULL, NULL, NULL, 0, NULL},
};
