#include "tests/vectors/vector_file.h"

#include <gio/gio.h>

char *
vector_file_path (const char *path)
{
  const char *root = g_getenv ("MABEI_TEST_SOURCE");
  return g_build_filename (root != NULL ? root : ".", path, NULL);
}

JsonNode *
vector_file_load (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *full = vector_file_path (path);
  g_autoptr (GFile) file = g_file_new_for_path (full);
  g_autoptr (GInputStream) stream = G_INPUT_STREAM (g_file_read (file, NULL, &error));
  g_assert_no_error (error);
  if (g_str_has_suffix (path, ".gz")) {
    g_autoptr (GZlibDecompressor) unzip = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP);
    GInputStream *plain = g_converter_input_stream_new (stream, G_CONVERTER (unzip));
    g_object_unref (stream);
    stream = plain;
  }
  g_autoptr (JsonParser) parser = json_parser_new ();
  json_parser_load_from_stream (parser, stream, NULL, &error);
  g_assert_no_error (error);
  return json_parser_steal_root (parser);
}

GBytes *
vector_file_bytes (JsonObject *object, const char *name)
{
  const char *hex = json_object_get_string_member (object, name);
  GByteArray *out = g_byte_array_new ();
  for (; hex[0] != '\0'; hex += 2) {
    gint high = g_ascii_xdigit_value (hex[0]), low = g_ascii_xdigit_value (hex[1]);
    g_assert_true (high >= 0 && low >= 0);
    guint8 byte = (guint8) (high << 4 | low);
    g_byte_array_append (out, &byte, 1);
  }
  return g_byte_array_free_to_bytes (out);
}
