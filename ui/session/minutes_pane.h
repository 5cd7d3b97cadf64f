/* Minutes beside the video: the document, where it is kept, undo, and the button that starts them. Main thread. */
#pragma once

#include <adwaita.h>
#include "ui/model/snapshot.h"

#define MABEI_TYPE_MINUTES_PANE (mabei_minutes_pane_get_type ())
G_DECLARE_FINAL_TYPE (MabeiMinutesPane, mabei_minutes_pane, MABEI, MINUTES_PANE, GtkWidget)

GtkWidget *mabei_minutes_pane_new (void);
void mabei_minutes_pane_show (MabeiMinutesPane *pane, MabeiSnapshot *snapshot);
/* Ends the hold on the document, before the port goes. */
void mabei_minutes_pane_close (MabeiMinutesPane *pane);
/* FALSE: no minutes are open. */
gboolean mabei_minutes_pane_type (MabeiMinutesPane *pane, const char *text);
void mabei_minutes_pane_focus (MabeiMinutesPane *pane);
GtkTextView *mabei_minutes_pane_get_text_view (MabeiMinutesPane *pane);
