/* The text of a document that several people write at once. Edits go to the port at once and come from it as patches;
 * a patch keeps caret, selection and the line on top of the view where a person sees them, and waits while it would
 * disturb a composition (an input method's unfinished character). Ctrl+Z takes back one's own newest change, never
 * another person's: GtkTextBuffer's own undo cannot do that and is off. Main thread.
 */
#pragma once

#include <adwaita.h>
#include "ui/ports/port.h"

#define MABEI_TYPE_MINUTES_VIEW (mabei_minutes_view_get_type ())
G_DECLARE_FINAL_TYPE (MabeiMinutesView, mabei_minutes_view, MABEI, MINUTES_VIEW, GtkTextView)

GtkWidget *mabei_minutes_view_new (void);
/* Shows a document; the one shown before is closed. NULL @document: none. Does nothing if it is shown already. */
void mabei_minutes_view_open (MabeiMinutesView *view, MabeiPort *port, const char *case_id, const char *document);
/* Writes at the caret, as a person would. */
void mabei_minutes_view_type (MabeiMinutesView *view, const char *text);
/* Patches that wait for the end of a composition. */
guint mabei_minutes_view_get_waiting (MabeiMinutesView *view);
