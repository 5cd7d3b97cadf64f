#include "app/ctl/print.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "app/desk/code.h"

static char *
node_to_line (JsonNode *node)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  json_generator_set_root (generator, node);
  return json_generator_to_data (generator, NULL);
}

char *
mabei_print_json (GVariant *answer)
{
  g_autoptr (JsonNode) node = json_gvariant_serialize (answer);
  return node_to_line (node);
}

char *
mabei_print_batch (GVariant *answer)
{
  g_autoptr (JsonNode) node = json_gvariant_serialize (answer);
  JsonObject *object;
  if (JSON_NODE_HOLDS_OBJECT (node)) {
    object = json_object_ref (json_node_get_object (node));
  } else {
    object = json_object_new ();
    json_object_set_member (object, "items", json_node_copy (node));
  }
  if (!json_object_has_member (object, "event"))
    json_object_set_boolean_member (object, "ok", TRUE);
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (root, object);
  return node_to_line (root);
}

char *
mabei_print_error (const GError *error)
{
  JsonObject *inner = json_object_new (), *outer = json_object_new ();
  json_object_set_string_member (inner, "code", mabei_code_name (mabei_code_of (error)));
  json_object_set_string_member (inner, "message", error->message);
  json_object_set_object_member (outer, "error", inner);
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (root, outer);
  return node_to_line (root);
}

static void
print_value (GString *out, GVariant *value)
{
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    g_string_append (out, g_variant_get_string (value, NULL));
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    g_string_append (out, g_variant_get_boolean (value) ? "yes" : "no");
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING_ARRAY)) {
    g_autofree const char **strings = g_variant_get_strv (value, NULL);
    g_autofree char *joined = g_strjoinv (", ", (char **) strings);
    g_string_append (out, joined);
  } else {
    g_autofree char *text = g_variant_print (value, FALSE);
    g_string_append (out, text);
  }
}

/* One object; objects inside it are indented. Depth is that of our own answers: three at most. */
static void
print_object (GString *out, GVariant *object, const char *indent)
{
  GVariantIter iter;
  const char *key;
  GVariant *value;
  g_variant_iter_init (&iter, object);
  while (g_variant_iter_loop (&iter, "{&sv}", &key, &value)) {
    g_string_append_printf (out, "%s%s: ", indent, key);
    if (g_variant_is_of_type (value, G_VARIANT_TYPE ("aa{sv}"))) {
      g_string_append_c (out, '\n');
      for (gsize i = 0; i < g_variant_n_children (value); i++) {
        g_autoptr (GVariant) child = g_variant_get_child_value (value, i);
        g_autofree char *deeper = g_strconcat (indent, "  ", NULL);
        print_object (out, child, deeper);
        if (i + 1 < g_variant_n_children (value))
          g_string_append_c (out, '\n');
      }
    } else if (g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT)) {
      g_autofree char *deeper = g_strconcat (indent, "  ", NULL);
      g_string_append_c (out, '\n');
      print_object (out, value, deeper);
    } else {
      print_value (out, value);
      g_string_append_c (out, '\n');
    }
  }
}

char *
mabei_print_text (GVariant *answer)
{
  GString *out = g_string_new (NULL);
  if (g_variant_is_of_type (answer, G_VARIANT_TYPE_VARDICT)) {
    print_object (out, answer, "");
  } else {
    for (gsize i = 0; i < g_variant_n_children (answer); i++) {
      g_autoptr (GVariant) child = g_variant_get_child_value (answer, i);
      if (i > 0)
        g_string_append_c (out, '\n');
      print_object (out, child, "");
    }
  }
  return g_string_free (out, FALSE);
}
