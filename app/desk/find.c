/* What people type to name things: the beginning of an id, a name, a kind. One answer or a clear line, never the first
 * of several. */
#include <string.h>

#include "app/desk/desk.h"

static gboolean
not_found (GError **error, const char *what, const char *text)
{
  g_set_error (error, MABEI_DESK_ERROR, MABEI_CODE_NOT_FOUND, "no %s is called %s", what, text);
  return FALSE;
}

static gboolean
ambiguous (GError **error, const char *what, const char *text)
{
  g_set_error (error, MABEI_DESK_ERROR, MABEI_CODE_USAGE, "several of them fit: which %s is %s?", what, text);
  return FALSE;
}

static gboolean
id_begins (const guint8 *bytes, gsize length, const char *text)
{
  g_autofree char *hex = mabei_hex_encode (bytes, length);
  return strlen (text) >= 4 && g_str_has_prefix (hex, text);
}

MabeiCase *
mabei_desk_find_case (MabeiDesk *desk, const char *text, GError **error)
{
  GPtrArray *cases = mabei_replica_cases (mabei_desk_replica (desk));
  if (text == NULL) {
    if (cases->len == 1)
      return g_ptr_array_index (cases, 0);
    g_set_error (error, MABEI_DESK_ERROR, cases->len == 0 ? MABEI_CODE_NOT_FOUND : MABEI_CODE_USAGE, "%s",
                 cases->len == 0 ? "there is no case here yet" : "several cases are here: name one with --case");
    return NULL;
  }
  MabeiCase *found = NULL;
  for (guint i = 0; i < cases->len; i++) {
    MabeiCase *c = g_ptr_array_index (cases, i);
    if (!id_begins (mabei_case_id (c)->bytes, MABEI_ID_BYTES, text))
      continue;
    if (found != NULL) {
      ambiguous (error, "case", text);
      return NULL;
    }
    found = c;
  }
  if (found == NULL)
    not_found (error, "case", text);
  return found;
}

const MabeiMember *
mabei_desk_find_member (MabeiCase *c, const char *text, GError **error)
{
  GPtrArray *members = mabei_authority_members (mabei_case_authority (c));
  const MabeiMember *found = NULL;
  for (guint i = 0; i < members->len; i++) {
    const MabeiMember *member = g_ptr_array_index (members, i);
    if (strcmp (member->name, text) != 0 && !id_begins (member->device.bytes, sizeof member->device.bytes, text) &&
        !id_begins (member->person.bytes, sizeof member->person.bytes, text))
      continue;
    if (found != NULL) {
      ambiguous (error, "person", text);
      return NULL;
    }
    found = member;
  }
  if (found == NULL)
    not_found (error, "person", text);
  return found;
}

static gboolean
space_fits (MabeiCase *c, MabeiSpace *space, const char *text)
{
  if (id_begins (mabei_space_id (space)->bytes, MABEI_SHORT_ID_BYTES, text))
    return TRUE;
  switch (mabei_space_kind (space)) {
  case MABEI_SPACE_CONTROL:
    return strcmp (text, "control") == 0;
  case MABEI_SPACE_JOINT:
    return strcmp (text, "joint") == 0;
  case MABEI_SPACE_CAUCUS:
    break;
  }
  if (strcmp (text, "caucus") == 0)
    return TRUE;
  if (!g_str_has_prefix (text, "caucus:"))
    return FALSE;
  GPtrArray *members = mabei_authority_members (mabei_case_authority (c));
  for (guint i = 0; i < members->len; i++) {
    const MabeiMember *member = g_ptr_array_index (members, i);
    if (mabei_short_id_equal (&member->person, mabei_space_other (space)) && strcmp (member->name, text + 7) == 0)
      return TRUE;
  }
  return FALSE;
}

MabeiSpace *
mabei_desk_find_space (MabeiCase *c, const char *text, GError **error)
{
  GPtrArray *spaces = mabei_case_spaces (c);
  MabeiSpace *found = NULL;
  if (text == NULL)
    text = "joint";
  for (guint i = 0; i < spaces->len; i++) {
    MabeiSpace *space = g_ptr_array_index (spaces, i);
    if (!space_fits (c, space, text))
      continue;
    if (found != NULL) {
      ambiguous (error, "space", text);
      return NULL;
    }
    found = space;
  }
  if (found == NULL)
    g_set_error (error, MABEI_DESK_ERROR, MABEI_CODE_NOT_FOR_YOU, "no space that you can read is called %s", text);
  return found;
}

MabeiDocument *
mabei_desk_find_document (MabeiCase *c, const char *text, GError **error)
{
  GPtrArray *spaces = mabei_case_spaces (c);
  MabeiDocument *found = NULL;
  for (guint i = 0; i < spaces->len; i++) {
    g_autoptr (GPtrArray) documents = mabei_space_documents (g_ptr_array_index (spaces, i));
    for (guint d = 0; d < documents->len; d++) {
      MabeiDocument *document = g_ptr_array_index (documents, d);
      if (!id_begins (mabei_document_id (document)->bytes, MABEI_SHORT_ID_BYTES, text) &&
          strcmp (mabei_document_title (document), text) != 0)
        continue;
      if (found != NULL) {
        ambiguous (error, "document", text);
        return NULL;
      }
      found = document;
    }
  }
  if (found == NULL)
    not_found (error, "document", text);
  return found;
}
