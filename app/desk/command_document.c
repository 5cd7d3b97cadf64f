/* Verbs on documents and on open conflicts. */
#include <string.h>

#include "app/desk/command_private.h"
#include "core/base/limits.h"

static MabeiOutcome
run_doc_list (MabeiCommand *command, G_GNUC_UNUSED GError **error)
{
  GPtrArray *spaces = mabei_case_spaces (command->c);
  GVariantBuilder list;
  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint s = 0; s < spaces->len; s++) {
    g_autoptr (GPtrArray) documents = mabei_space_documents (g_ptr_array_index (spaces, s));
    for (guint i = 0; i < documents->len; i++) {
      MabeiDocument *document = g_ptr_array_index (documents, i);
      g_autofree char *id = mabei_short_id_to_hex (mabei_document_id (document));
      GVariantBuilder dict;
      g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
      mabei_answer_string (&dict, "doc", id);
      mabei_answer_string (&dict, "kind", mabei_document_kind (document));
      mabei_answer_string (&dict, "title", mabei_document_title (document));
      mabei_answer_number (&dict, "length", mabei_text_length (mabei_document_text (document)));
      g_variant_builder_add_value (&list, g_variant_builder_end (&dict));
    }
  }
  command->answer = g_variant_builder_end (&list);
  return MABEI_DONE;
}

static MabeiOutcome
run_doc_new (MabeiCommand *command, GError **error)
{
  static const char *const kinds[] = {"minutes", "agreement", "statement", NULL};
  const char *kind, *title;
  if (!mabei_arguments_need (command->arguments, "--kind", &kind, error) ||
      !mabei_arguments_need (command->arguments, "--title", &title, error))
    return MABEI_FAILED;
  if (!mabei_command_check_line ("a title", title, error))
    return MABEI_FAILED;
  if (!g_strv_contains (kinds, kind)) {
    g_set_error_literal (error, MABEI_DESK_ERROR, MABEI_CODE_USAGE, "--kind is minutes, agreement or statement");
    return MABEI_FAILED;
  }
  MabeiSpace *space = mabei_desk_find_space (command->c, mabei_arguments_option (command->arguments, "--space"), error);
  if (space == NULL)
    return MABEI_FAILED;
  g_autoptr (MabeiChange) change = NULL;
  if (!mabei_command_commit (command, space, mabei_operation_document (kind, title, error), &change, error))
    return MABEI_FAILED;
  MabeiShortId id;
  mabei_document_id_of (mabei_change_id (change), 0, &id);
  g_autofree char *hex = mabei_short_id_to_hex (&id);
  GVariantBuilder dict;
  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  mabei_answer_string (&dict, "doc", hex);
  command->answer = g_variant_builder_end (&dict);
  return MABEI_DONE;
}

/* The version of a document: the state of its space, shortened. */
static void
answer_document (GVariantBuilder *dict, MabeiDocument *document, gboolean with_text)
{
  g_autofree char *id = mabei_short_id_to_hex (mabei_document_id (document));
  g_autofree char *text = mabei_text_read (mabei_document_text (document), NULL);
  MabeiId hash;
  mabei_hash (MABEI_LABEL_STATE, &hash, mabei_document_id (document)->bytes, (gsize) MABEI_SHORT_ID_BYTES, text,
              strlen (text), NULL);
  g_autofree char *version = mabei_hex_encode (hash.bytes, 8);
  mabei_answer_string (dict, "doc", id);
  mabei_answer_string (dict, "title", mabei_document_title (document));
  if (with_text)
    mabei_answer_string (dict, "text", text);
  mabei_answer_number (dict, "length", mabei_text_length (mabei_document_text (document)));
  mabei_answer_string (dict, "version", version);
}

static MabeiOutcome
run_doc_show (MabeiCommand *command, GError **error)
{
  MabeiDocument *document = mabei_desk_find_document (command->c, mabei_arguments_word (command->arguments, 0), error);
  if (document == NULL)
    return MABEI_FAILED;
  GVariantBuilder dict;
  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  answer_document (&dict, document, TRUE);
  command->answer = g_variant_builder_end (&dict);
  return MABEI_DONE;
}

static MabeiOutcome
run_doc_edit (MabeiCommand *command, GError **error)
{
  MabeiReplica *replica = mabei_desk_replica (command->desk);
  MabeiDocument *document = mabei_desk_find_document (command->c, mabei_arguments_word (command->arguments, 0), error);
  guint64 at = G_MAXUINT32, remove = 0;
  if (document == NULL || !mabei_arguments_number (command->arguments, "--at", G_MAXUINT32 - 1, &at, error) ||
      !mabei_arguments_number (command->arguments, "--delete", G_MAXUINT32 - 1, &remove, error))
    return MABEI_FAILED;
  const char *insert = mabei_arguments_option (command->arguments, "--insert");
  if (at == G_MAXUINT32) /* without --at: at the end */
    at = mabei_text_length (mabei_document_text (document));
  guint64 now_ms = mabei_desk_now_ms (), next_ms;
  /* What is answered is kept: the journal is written before the answer, as if its time had come. */
  if (!mabei_replica_edit (replica, document, (guint) at, (guint) remove, insert != NULL ? insert : "", now_ms,
                           error) ||
      !mabei_replica_tick (replica, now_ms + MABEI_LIMIT_JOURNAL_MS, &next_ms, error))
    return MABEI_FAILED;
  mabei_desk_wrote (command->desk);
  /* A window shows remote edits through its patches: an edit by command is one of those. */
  const MabeiDeskListener *listener = mabei_desk_listener (command->desk);
  if (listener->patch != NULL)
    listener->patch (command->desk, document, (guint) at, (guint) remove, insert != NULL ? insert : "",
                     listener->user_data);
  GVariantBuilder dict;
  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  answer_document (&dict, document, FALSE);
  command->answer = g_variant_builder_end (&dict);
  return MABEI_DONE;
}

static MabeiOutcome
run_doc_undo (MabeiCommand *command, GError **error)
{
  MabeiDocument *document = mabei_desk_find_document (command->c, mabei_arguments_word (command->arguments, 0), error);
  if (document == NULL ||
      !mabei_replica_undo (mabei_desk_replica (command->desk), document, mabei_desk_now_ms (), error))
    return MABEI_FAILED;
  mabei_desk_wrote (command->desk);
  return run_doc_show (command, error);
}

/* --- conflicts: fields of the joint space with several values --- */

static void
answer_conflict (MabeiCommand *command, GVariantBuilder *list, const char *name, GPtrArray *values)
{
  GVariantBuilder dict;
  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  mabei_answer_string (&dict, "id", name);
  mabei_answer_string (&dict, "field", name);
  mabei_answer_values (&dict, "values", command->c, values);
  g_variant_builder_add_value (list, g_variant_builder_end (&dict));
}

static MabeiOutcome
run_conflict_list (MabeiCommand *command, GError **error)
{
  MabeiSpace *joint = mabei_desk_find_space (command->c, NULL, error);
  if (joint == NULL)
    return MABEI_FAILED;
  g_auto (GStrv) names = mabei_space_field_names (joint);
  GVariantBuilder list;
  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; names[i] != NULL; i++) {
    g_autoptr (GPtrArray) values = mabei_space_field_values (joint, names[i]);
    if (values->len > 1)
      answer_conflict (command, &list, names[i], values);
  }
  command->answer = g_variant_builder_end (&list);
  return MABEI_DONE;
}

static MabeiOutcome
run_conflict_resolve (MabeiCommand *command, GError **error)
{
  const char *name = mabei_arguments_word (command->arguments, 0);
  const char *chosen = mabei_arguments_word (command->arguments, 1);
  MabeiSpace *joint = mabei_desk_find_space (command->c, NULL, error);
  if (joint == NULL)
    return MABEI_FAILED;
  g_autoptr (GPtrArray) values = mabei_space_field_values (joint, name);
  if (values == NULL || values->len < 2) {
    g_set_error (error, MABEI_DESK_ERROR, MABEI_CODE_NOT_FOUND, "no conflict is open on %s", name);
    return MABEI_FAILED;
  }
  gboolean stands = FALSE;
  for (guint i = 0; i < values->len; i++)
    stands |= strcmp (((MabeiFieldValue *) g_ptr_array_index (values, i))->value, chosen) == 0;
  if (!stands) {
    g_set_error (error, MABEI_DESK_ERROR, MABEI_CODE_NOT_FOUND, "%s is none of the values in conflict", chosen);
    return MABEI_FAILED;
  }
  GBytes *operation = mabei_space_operation_field (joint, name, chosen, error);
  return mabei_command_commit (command, joint, operation, NULL, error) ? MABEI_DONE : MABEI_FAILED;
}

const MabeiVerb mabei_verbs_document[] = {
    {"doc", "list", "", MABEI_VERB_CASE, run_doc_list},
    {"doc", "new", "--kind= --title= --space=", MABEI_VERB_CASE, run_doc_new},
    {"doc", "show", "DOC", MABEI_VERB_CASE, run_doc_show},
    {"doc", "edit", "DOC --at= --delete= --insert=", MABEI_VERB_CASE, run_doc_edit},
    {"doc", "undo", "DOC", MABEI_VERB_CASE, run_doc_undo},
    {"conflict", "list", "", MABEI_VERB_CASE, run_conflict_list},
    {"conflict", "resolve", "ID VALUE", MABEI_VERB_CASE, run_conflict_resolve},
    {NULL, NULL, NULL, 0, NULL},
};
