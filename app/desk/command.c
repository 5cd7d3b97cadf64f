#include "app/desk/command_private.h"

#include <string.h>

static const MabeiVerb *const tables[] = {
    mabei_verbs_profile,  mabei_verbs_case, mabei_verbs_people,  mabei_verbs_space,
    mabei_verbs_document, mabei_verbs_sync, mabei_verbs_session,
};

static const MabeiVerb *
find (const char *noun, const char *verb)
{
  for (guint t = 0; t < G_N_ELEMENTS (tables); t++)
    for (const MabeiVerb *row = tables[t]; row->noun != NULL; row++)
      if (strcmp (row->noun, noun) == 0 && strcmp (row->verb, verb) == 0)
        return row;
  return NULL;
}

/* "fsck" stands alone: its verb is the empty word. */
static const MabeiVerb *
find_words (const char *const *words, guint *n_words)
{
  if (words[0] == NULL)
    return NULL;
  const MabeiVerb *alone = find (words[0], "");
  *n_words = alone != NULL ? 1 : 2;
  return alone != NULL ? alone : words[1] != NULL ? find (words[0], words[1]) : NULL;
}

gboolean
mabei_command_exists (const char *noun, const char *verb)
{
  const char *words[] = {noun, verb, NULL};
  guint n_words;
  return find_words (words, &n_words) != NULL;
}

gboolean
mabei_command_wants_line (const char *noun, const char *verb)
{
  const char *words[] = {noun, verb, NULL};
  guint n_words;
  const MabeiVerb *row = find_words (words, &n_words);
  return row != NULL && (row->flags & MABEI_VERB_LINE) != 0;
}

char *
mabei_command_help (void)
{
  GString *text = g_string_new (NULL);
  for (guint t = 0; t < G_N_ELEMENTS (tables); t++)
    for (const MabeiVerb *row = tables[t]; row->noun != NULL; row++) {
      g_string_append_printf (text, "  %s", row->noun);
      if (row->verb[0] != '\0')
        g_string_append_printf (text, " %s", row->verb);
      if (row->arguments[0] != '\0')
        g_string_append_printf (text, " %s", row->arguments);
      g_string_append_c (text, '\n');
    }
  return g_string_free (text, FALSE);
}

static void
command_free (MabeiCommand *command)
{
  mabei_arguments_free (command->arguments);
  g_free (command);
}

void
mabei_command_finish (MabeiCommand *command, GVariant *answer, GError *error)
{
  g_autoptr (GVariant) owned = NULL;
  if (error == NULL)
    owned = g_variant_ref_sink (answer != NULL ? answer : g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0));
  command->reply (owned, error, command->user_data);
  g_clear_error (&error);
  command_free (command);
}

void
mabei_command_run (
    MabeiDesk *desk, const char *case_text, const char *const *words, MabeiReply reply, gpointer user_data)
{
  GError *error = NULL;
  guint n_words = 0;
  MabeiCommand *command = g_new0 (MabeiCommand, 1);
  command->desk = desk;
  command->reply = reply;
  command->user_data = user_data;
  command->verb = find_words (words, &n_words);
  if (command->verb == NULL) {
    g_autofree char *said = words[0] == NULL ? g_strdup ("nothing") : g_strjoin (" ", words[0], words[1], NULL);
    g_autofree char *shown = g_utf8_make_valid (said, (gssize) MIN (strlen (said), 60));
    g_set_error (&error, MABEI_DESK_ERROR, MABEI_CODE_USAGE, "no such command: %s (see --help)", shown);
  } else {
    command->arguments = mabei_arguments_parse (command->verb->arguments, words + n_words, &error);
  }
  if (error == NULL && (command->verb->flags & MABEI_VERB_CASE) != 0)
    command->c = mabei_desk_find_case (desk, case_text, &error);
  MabeiOutcome outcome = error == NULL ? command->verb->run (command, &error) : MABEI_FAILED;
  if (outcome == MABEI_LATER)
    return;
  mabei_command_finish (command, outcome == MABEI_DONE ? command->answer : NULL, error);
}

gboolean
mabei_command_commit (MabeiCommand *command, MabeiSpace *space, GBytes *operation, MabeiChange **change, GError **error)
{
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  if (operation == NULL)
    return FALSE;
  g_ptr_array_add (operations, operation);
  if (!mabei_replica_commit (mabei_desk_replica (command->desk), space, MABEI_KIND_CONTENT, operations,
                             mabei_desk_now_ms (), change, error))
    return FALSE;
  mabei_desk_wrote (command->desk);
  mabei_desk_line_wake (mabei_desk_line (command->desk));
  return TRUE;
}

/* --- answers --- */

void
mabei_answer_string (GVariantBuilder *dict, const char *key, const char *value)
{
  if (value != NULL)
    g_variant_builder_add (dict, "{sv}", key, g_variant_new ("s", value));
}

void
mabei_answer_number (GVariantBuilder *dict, const char *key, gint64 value)
{
  g_variant_builder_add (dict, "{sv}", key, g_variant_new ("x", value));
}

void
mabei_answer_flag (GVariantBuilder *dict, const char *key, gboolean value)
{
  g_variant_builder_add (dict, "{sv}", key, g_variant_new ("b", value));
}

void
mabei_answer_time (GVariantBuilder *dict, const char *key, guint64 ms)
{
  if (ms == 0)
    return;
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc ((gint64) (ms / 1000));
  g_autofree char *text = time != NULL ? g_date_time_format_iso8601 (time) : NULL;
  mabei_answer_string (dict, key, text);
}

void
mabei_answer_strings (GVariantBuilder *dict, const char *key, GPtrArray *strings)
{
  g_variant_builder_add (dict, "{sv}", key,
                         g_variant_new_strv ((const char *const *) strings->pdata, (gssize) strings->len));
}

void
mabei_answer_list (GVariantBuilder *dict, const char *key, GVariantBuilder *list)
{
  g_variant_builder_add (dict, "{sv}", key, g_variant_builder_end (list));
}

char *
mabei_answer_name (MabeiCase *c, const MabeiShortId *device)
{
  const MabeiMember *member = mabei_authority_member (mabei_case_authority (c), device);
  return member != NULL ? g_strdup (member->name) : mabei_hex_encode (device->bytes, 4);
}

void
mabei_answer_values (GVariantBuilder *dict, const char *key, MabeiCase *c, GPtrArray *values)
{
  GVariantBuilder list;
  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < values->len; i++) {
    MabeiFieldValue *value = g_ptr_array_index (values, i);
    g_autofree char *by = mabei_answer_name (c, &value->device);
    GVariantBuilder one;
    g_variant_builder_init (&one, G_VARIANT_TYPE_VARDICT);
    mabei_answer_string (&one, "value", value->value);
    mabei_answer_string (&one, "by", by);
    mabei_answer_time (&one, "at", value->claimed_ms);
    g_variant_builder_add_value (&list, g_variant_builder_end (&one));
  }
  mabei_answer_list (dict, key, &list);
}
