/* The words of a command taken apart: positional words, options with values, switches. Foreign text: every fault is one
 * USAGE line. A specification is one string: "TITLE? --title= --level= --offline -o=": upper-case words are positional
 * ('?' optional, '...' the rest),
 * '=' takes a value, '*' after '=' may be repeated.
 */
#pragma once

#include <glib.h>

typedef struct _MabeiArguments MabeiArguments;

MabeiArguments *mabei_arguments_parse (const char *specification, const char *const *words, GError **error);
void mabei_arguments_free (MabeiArguments *arguments);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiArguments, mabei_arguments_free)

/* Positional word @n, or NULL. (transfer none) */
const char *mabei_arguments_word (MabeiArguments *arguments, guint n);
guint mabei_arguments_n_words (MabeiArguments *arguments);
/* The value of an option ("--title"), or NULL; "" for a switch that was given. */
const char *mabei_arguments_option (MabeiArguments *arguments, const char *name);
/* All values of a repeated option, NULL-terminated or NULL. (transfer none) */
const char *const *mabei_arguments_all (MabeiArguments *arguments, const char *name);
/* A required option. */
gboolean mabei_arguments_need (MabeiArguments *arguments, const char *name, const char **value, GError **error);
/* An option that is a whole number from 0 to @limit; @value untouched when it is not given. */
gboolean
mabei_arguments_number (MabeiArguments *arguments, const char *name, guint64 limit, guint64 *value, GError **error);
/* A name or a title: one line, not empty, without control characters; else one USAGE line with @what in it. */
gboolean mabei_command_check_line (const char *what, const char *text, GError **error);
