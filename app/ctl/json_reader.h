/*
 * Strict JSON (RFC 8259) read token by token from memory, for large files of unknown origin: no tree is built, there
 * is no recursion, and memory is that of the longest string.
 * Threads: none of its own. Limits: MABEI_JSON_DEPTH_MAX containers inside each other.
 * Failures: after the first one every call fails, and mabei_json_reader_error says what was wrong and where.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define MABEI_JSON_DEPTH_MAX 32

typedef struct {
  const char *start;
  const char *at;
  const char *end;
  guint depth;
  char containers[MABEI_JSON_DEPTH_MAX]; /* '{' or '[' of each open container */
  gboolean first;                        /* nothing was read yet in the innermost container */
  const char *failure;                   /* NULL while all is well */
} MabeiJsonReader;

/* The text must be valid UTF-8 and stay alive. */
void mabei_json_reader_init (MabeiJsonReader *reader, const char *utf8, gsize n_bytes);

/* What comes next: one of { [ " 0 (a number) t f n, or 0 at the end or after a failure. */
char mabei_json_reader_peek (MabeiJsonReader *reader);

/* Enters an object or an array. */
gboolean mabei_json_reader_enter (MabeiJsonReader *reader, char container);
/* Steps to the next member (its name goes to `name`, emptied first) or element; FALSE at the end of the container,
 * which it leaves, and after a failure. */
gboolean mabei_json_reader_next_member (MabeiJsonReader *reader, GString *name);
gboolean mabei_json_reader_next_element (MabeiJsonReader *reader);

/* Appends a string to `value`. U+0000 and unpaired surrogates are refused. */
gboolean mabei_json_reader_string (MabeiJsonReader *reader, GString *value);
/* An integer from 0 to 2^32 - 1. */
gboolean mabei_json_reader_number (MabeiJsonReader *reader, guint32 *value);
/* Passes over any value. */
gboolean mabei_json_reader_skip (MabeiJsonReader *reader);
/* Whether nothing but white space is left, outside of all containers. */
gboolean mabei_json_reader_at_end (MabeiJsonReader *reader);

G_END_DECLS
