#include "app/call/json_line.h"

G_DEFINE_QUARK (mabei - json - line - error - quark, mabei_json_line_error)

/* Brackets outside of strings; whether they match is the parser's matter. */
static gboolean
is_shallow (const char *line, gsize length)
{
  guint depth = 0;
  gboolean in_string = FALSE;
  for (gsize i = 0; i < length; i++) {
    char c = line[i];
    if (in_string) {
      if (c == '\\')
        i++;
      else if (c == '"')
        in_string = FALSE;
    } else if (c == '"') {
      in_string = TRUE;
    } else if (c == '[' || c == '{') {
      if (++depth > MABEI_JSON_LINE_LIMIT_DEPTH)
        return FALSE;
    } else if ((c == ']' || c == '}') && depth > 0) {
      depth--;
    }
  }
  return TRUE;
}

JsonNode *
mabei_json_line_parse (const char *line, gsize length, GError **error)
{
  if (length > MABEI_JSON_LINE_LIMIT_BYTES || !is_shallow (line, length)) {
    g_set_error_literal (error, MABEI_JSON_LINE_ERROR, MABEI_JSON_LINE_ERROR_LIMIT, "a line too long or too deep");
    return NULL;
  }
  if (!g_utf8_validate (line, (gssize) length, NULL)) {
    g_set_error_literal (error, MABEI_JSON_LINE_ERROR, MABEI_JSON_LINE_ERROR_FORMAT, "a line that is not UTF-8");
    return NULL;
  }
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  JsonNode *root = NULL;
  if (json_parser_load_from_data (parser, line, (gssize) length, NULL))
    root = json_parser_get_root (parser);
  if (!root || !JSON_NODE_HOLDS_OBJECT (root)) {
    g_set_error_literal (error, MABEI_JSON_LINE_ERROR, MABEI_JSON_LINE_ERROR_FORMAT, "a line that is no JSON object");
    return NULL;
  }
  return json_node_ref (root);
}

static JsonNode *
member_of (JsonNode *line, const char *member, GType type)
{
  JsonNode *node = json_object_get_member (json_node_get_object (line), member);
  return node && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type ? node : NULL;
}

const char *
mabei_json_line_get_string (JsonNode *line, const char *member)
{
  JsonNode *node = member_of (line, member, G_TYPE_STRING);
  return node ? json_node_get_string (node) : NULL;
}

gint64
mabei_json_line_get_uint (JsonNode *line, const char *member, gint64 limit)
{
  JsonNode *node = member_of (line, member, G_TYPE_INT64);
  gint64 value = node ? json_node_get_int (node) : -1;
  return value >= 0 && value <= limit ? value : -1;
}
