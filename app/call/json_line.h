/* One line of JSON from outside, made harmless before a parser sees it: bounded length, bounded depth (json-glib
 * recurses on its input), UTF-8, one object. Pure.
 */
#pragma once

#include <json-glib/json-glib.h>

#define MABEI_JSON_LINE_LIMIT_BYTES 65536u
#define MABEI_JSON_LINE_LIMIT_DEPTH 8u

#define MABEI_JSON_LINE_ERROR (mabei_json_line_error_quark ())
GQuark mabei_json_line_error_quark (void);

typedef enum { MABEI_JSON_LINE_ERROR_FORMAT, MABEI_JSON_LINE_ERROR_LIMIT } MabeiJsonLineError;

/* (transfer full): an object node. NULL with @error. */
JsonNode *mabei_json_line_parse (const char *line, gsize length, GError **error);
/* A member that is a string, else NULL. Borrowed. */
const char *mabei_json_line_get_string (JsonNode *line, const char *member);
/* A member that is a whole number within 0..@limit, else -1. */
gint64 mabei_json_line_get_uint (JsonNode *line, const char *member, gint64 limit);
