/* A file of test vectors: JSON, gzip-compressed when its name ends so. Ends the test when it cannot be read. */
#pragma once

#include <json-glib/json-glib.h>

/* @path: below the source root, as "tests/data/vectors/x.json.gz". (transfer full) */
JsonNode *vector_file_load (const char *path);
char *vector_file_path (const char *path); /* (transfer full) */
/* The hex member @name of @object, either case. (transfer full) */
GBytes *vector_file_bytes (JsonObject *object, const char *name);
