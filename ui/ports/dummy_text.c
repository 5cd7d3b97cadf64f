#include "ui/ports/dummy_private.h"

MabeiDummyText *
mabei_dummy_text_new (const char *initial)
{
  MabeiDummyText *text = g_new0 (MabeiDummyText, 1);

  text->characters = g_array_new (FALSE, FALSE, sizeof (MabeiDummyCharacter));
  mabei_dummy_text_edit (text, FALSE, 0, 0, initial);
  return text;
}

void
mabei_dummy_text_free (MabeiDummyText *text)
{
  g_array_unref (text->characters);
  g_free (text);
}

char *
mabei_dummy_text_get (const MabeiDummyText *text)
{
  GString *all = g_string_new (NULL);

  for (guint i = 0; i < text->characters->len; i++) {
    const MabeiDummyCharacter *c = &g_array_index (text->characters, MabeiDummyCharacter, i);

    if (c->deleted_by == 0)
      g_string_append_unichar (all, c->character);
  }
  return g_string_free (all, FALSE);
}

guint
mabei_dummy_text_length (const MabeiDummyText *text)
{
  guint n = 0;

  for (guint i = 0; i < text->characters->len; i++)
    n += g_array_index (text->characters, MabeiDummyCharacter, i).deleted_by == 0;
  return n;
}

/* Index of the visible character at @position, or the end. */
static guint
find_visible (const MabeiDummyText *text, guint position)
{
  for (guint i = 0; i < text->characters->len; i++) {
    if (g_array_index (text->characters, MabeiDummyCharacter, i).deleted_by != 0)
      continue;
    if (position == 0)
      return i;
    position--;
  }
  return text->characters->len;
}

void
mabei_dummy_text_edit (MabeiDummyText *text, gboolean own, guint position, guint removed, const char *inserted)
{
  guint edit = own ? ++text->edits : 0;
  guint index;

  if (own)
    text->undone = text->edits;
  while (removed-- > 0) {
    index = find_visible (text, position);
    if (index < text->characters->len)
      g_array_index (text->characters, MabeiDummyCharacter, index).deleted_by = own ? edit : G_MAXUINT;
  }
  index = find_visible (text, position);
  for (const char *p = inserted; p != NULL && *p != '\0'; p = g_utf8_next_char (p)) {
    MabeiDummyCharacter c = {g_utf8_get_char (p), edit, 0};

    g_array_insert_val (text->characters, index, c);
    index++;
  }
}

gboolean
mabei_dummy_text_undo (MabeiDummyText *text, MabeiDummyPatch patch, gpointer user_data)
{
  guint edit = text->undone;
  guint position = 0;

  if (edit == 0)
    return FALSE;
  text->undone--;
  for (guint i = 0; i < text->characters->len; i++) {
    MabeiDummyCharacter *c = &g_array_index (text->characters, MabeiDummyCharacter, i);

    if (c->deleted_by == edit) {
      char one[7] = {0};

      g_unichar_to_utf8 (c->character, one);
      c->deleted_by = 0;
      patch (position, 0, one, user_data);
    } else if (c->inserted_by == edit && c->deleted_by == 0) {
      c->deleted_by = edit;
      patch (position, 1, "", user_data);
      continue;
    }
    position += c->deleted_by == 0;
  }
  return TRUE;
}
