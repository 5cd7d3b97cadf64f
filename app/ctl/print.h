/* Answers as text for people or as one JSON document (cli.md). JSON goes out only: nothing foreign is ever read as JSON
 * here. */
#pragma once

#include <glib.h>

/* @answer as it stands, one line. (transfer full) */
char *mabei_print_json (GVariant *answer);
/* {"ok":true, ...}; a list becomes "items". (transfer full) */
char *mabei_print_batch (GVariant *answer);
/* {"error":{"code","message"}}. (transfer full) */
char *mabei_print_error (const GError *error);
/* "key: value" lines; a list as blocks. (transfer full) */
char *mabei_print_text (GVariant *answer);
