/* From a click to a command: hands the words of a command to the port and brings the answer back to the widget that
 * asked, if it is still there. A refusal becomes a sentence at the bottom of the window (the action "win.report").
 * Main thread.
 */
#pragma once

#include "ui/model/snapshot.h"

/* @reply is a{sv}, borrowed; only called on success and while @widget lives. */
typedef void (*MabeiIntentDone) (GtkWidget *widget, GVariant *reply);
/* Called instead of the sentence in the window. */
typedef void (*MabeiIntentFailed) (GtkWidget *widget, const GError *error);

/* Runs @words (NULL-terminated) for the snapshot's case. @done and @failed may be NULL. */
void mabei_intent_run (GtkWidget *widget,
                       const MabeiSnapshot *snapshot,
                       const char *const *words,
                       MabeiIntentDone done,
                       MabeiIntentFailed failed);

/* A short sentence at the bottom of the window. */
void mabei_intent_report (GtkWidget *widget, const char *sentence);
