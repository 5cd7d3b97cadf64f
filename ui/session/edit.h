/* Edits of a text by position, and how two rows of edits that were made apart pass each other. Needed while a person
 * composes a character: edits of others near the caret must wait, and what the person writes meanwhile has another
 * position in the shared document than on the screen. Positions count Unicode scalars. Pure functions, any thread.
 */
#pragma once

#include <glib.h>

/* Either removes or inserts, never both. */
typedef struct {
  guint position;
  guint removed;
  guint length;   /* scalars in @inserted */
  char *inserted; /* NULL for a removal */
} MabeiEdit;

MabeiEdit *mabei_edit_new_insert (guint position, const char *inserted);
MabeiEdit *mabei_edit_new_remove (guint position, guint removed);
void mabei_edit_free (MabeiEdit *edit);
GPtrArray *mabei_edits_new (void);

/* Both rows start from the same text. Afterwards @here applies after @there, and @there after @here, with the same
 * outcome. At one place, what was written here stands first. A removal may become two. */
void mabei_edits_cross (GPtrArray *here, GPtrArray *there);

/* Does the edit change anything right at @position? Then moving it under a composition would disturb it. */
gboolean mabei_edit_touches (const MabeiEdit *edit, guint position);

/* Where a mark at @position stands after the edit; @pushed: text that comes exactly there goes before it. */
guint mabei_edit_map (const MabeiEdit *edit, guint position, gboolean pushed);
