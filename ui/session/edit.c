#include "ui/session/edit.h"
#include <string.h>

MabeiEdit *
mabei_edit_new_insert (guint position, const char *inserted)
{
  MabeiEdit *edit = g_new0 (MabeiEdit, 1);

  edit->position = position;
  edit->inserted = g_strdup (inserted);
  edit->length = (guint) g_utf8_strlen (inserted, -1);
  return edit;
}

MabeiEdit *
mabei_edit_new_remove (guint position, guint removed)
{
  MabeiEdit *edit = g_new0 (MabeiEdit, 1);

  edit->position = position;
  edit->removed = removed;
  return edit;
}

void
mabei_edit_free (MabeiEdit *edit)
{
  if (edit == NULL)
    return;
  g_free (edit->inserted);
  g_free (edit);
}

GPtrArray *
mabei_edits_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_edit_free);
}

/* True if @insert would come strictly inside of what @removal takes away. */
static gboolean
splits (const MabeiEdit *insert, const MabeiEdit *removal)
{
  return insert->inserted != NULL && removal->inserted == NULL && insert->position > removal->position &&
         insert->position < removal->position + removal->removed;
}

/* Cuts the removal at @index so that its first part ends at @position. */
static void
split_at (GPtrArray *edits, guint index, guint position)
{
  MabeiEdit *first = edits->pdata[index];
  guint kept = position - first->position;

  g_ptr_array_insert (edits, (int) index + 1, mabei_edit_new_remove (first->position, first->removed - kept));
  first->removed = kept;
}

static void
cross_insert_removal (MabeiEdit *insert, MabeiEdit *removal)
{
  if (insert->position <= removal->position)
    removal->position += insert->length;
  else
    insert->position -= removal->removed;
}

static void
cross_removals (MabeiEdit *a, MabeiEdit *b)
{
  guint a_start = a->position, a_end = a_start + a->removed;
  guint b_start = b->position, b_end = b_start + b->removed;
  guint common = MIN (a_end, b_end) > MAX (a_start, b_start) ? MIN (a_end, b_end) - MAX (a_start, b_start) : 0;

  if (b_start < a_start)
    a->position -= MIN (b->removed, a_start - b_start);
  if (a_start < b_start)
    b->position -= MIN (a->removed, b_start - a_start);
  a->removed -= common;
  b->removed -= common;
}

static void
cross_pair (MabeiEdit *here, MabeiEdit *there)
{
  if (here->inserted != NULL && there->inserted != NULL) {
    if (here->position <= there->position)
      there->position += here->length;
    else
      here->position += there->length;
  } else if (here->inserted != NULL) {
    cross_insert_removal (here, there);
  } else if (there->inserted != NULL) {
    cross_insert_removal (there, here);
  } else {
    cross_removals (here, there);
  }
}

void
mabei_edits_cross (GPtrArray *here, GPtrArray *there)
{
  /* Where each edit of @here still has to start: the second part of a split removal has passed what the first has. */
  g_autoptr (GArray) starts = g_array_new (FALSE, TRUE, sizeof (guint));

  g_array_set_size (starts, here->len);
  for (guint i = 0; i < here->len; i++) {
    MabeiEdit *own = here->pdata[i];

    for (guint j = g_array_index (starts, guint, i); j < there->len; j++) {
      MabeiEdit *other = there->pdata[j];

      if (splits (other, own)) {
        split_at (here, i, other->position);
        g_array_insert_val (starts, i + 1, j);
      } else if (splits (own, other)) {
        split_at (there, j, own->position);
      }
      cross_pair (own, other);
    }
  }
}

gboolean
mabei_edit_touches (const MabeiEdit *edit, guint position)
{
  if (edit->inserted != NULL)
    return edit->position == position;
  return edit->position <= position && position <= edit->position + edit->removed;
}

guint
mabei_edit_map (const MabeiEdit *edit, guint position, gboolean pushed)
{
  if (edit->inserted != NULL) {
    if (edit->position < position || (pushed && edit->position == position))
      position += edit->length;
    return position;
  }
  if (position <= edit->position)
    return position;
  return position - MIN (edit->removed, position - edit->position);
}
