/* The verbs: one intent in words, one answer (cli.md). The command line, the batch, the story and the window's port all
 * come in here, so that everything a screen does can be scripted. Verbs that need no opened profile live in app/ctl.
 */
#pragma once

#include "app/desk/desk.h"

/* @reply: a{sv} or aa{sv}, borrowed, NULL on error. Called once: at once, or later from the desk's context. */
typedef void (*MabeiReply) (GVariant *reply, const GError *error, gpointer user_data);

/* @case_text: the beginning of a case id, or NULL. @words: noun, verb, arguments, NULL. */
void mabei_command_run (
    MabeiDesk *desk, const char *case_text, const char *const *words, MabeiReply reply, gpointer user_data);

/* True when the noun and verb exist here. */
gboolean mabei_command_exists (const char *noun, const char *verb);
/* True when the verb makes no sense without a line to the hub: a one-shot program connects first. */
gboolean mabei_command_wants_line (const char *noun, const char *verb);
/* One line a verb: "noun verb ARGUMENTS". (transfer full) */
char *mabei_command_help (void);
