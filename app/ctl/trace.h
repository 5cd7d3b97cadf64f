/*
 * Published editing traces: reading them from a file and checking that they can be replayed.
 * Formats: sequential and concurrent of github.com/josephg/editing-traces, and the list of histories of
 * github.com/josephg/egwalker-paper. Gzip or plain.
 * Threads: none of its own. Limits: MABEI_TRACE_BYTES_MAX unpacked, MABEI_JSON_DEPTH_MAX.
 * Failures: MABEI_TRACE_ERROR; nothing of a file that fails is kept.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define MABEI_TRACE_BYTES_MAX (64u << 20)
#define MABEI_TRACE_AGENTS_MAX 65536u
#define MABEI_TRACE_AGENT_NAME_MAX 255u
#define MABEI_TRACE_HISTORIES_MAX 65536u

#define MABEI_TRACE_ERROR (mabei_trace_error_quark ())
GQuark mabei_trace_error_quark (void);

typedef enum {
  MABEI_TRACE_ERROR_FILE,      /* cannot be read */
  MABEI_TRACE_ERROR_FORMAT,    /* damaged, or no trace */
  MABEI_TRACE_ERROR_TOO_LARGE, /* more than MABEI_TRACE_BYTES_MAX unpacked */
  MABEI_TRACE_ERROR_POSITION,  /* edits outside of the text */
  MABEI_TRACE_ERROR_DIFFERENT, /* replayed, and the text is not the published one */
} MabeiTraceError;

typedef enum {
  MABEI_TRACE_SEQUENTIAL,
  MABEI_TRACE_CONCURRENT,
  MABEI_TRACE_CONFORMANCE,
} MabeiTraceKind;

/* At `position` take away `deleted` characters, then put `inserted` there. */
typedef struct {
  guint32 position;
  guint32 deleted;
  guint32 inserted; /* characters */
  guint32 n_bytes;
  gsize text; /* offset in the history's text */
} MabeiTracePatch;

/* Edits made one after the other by one agent in the version that the parents make. */
typedef struct {
  guint32 agent;
  guint32 seq; /* of the first unit: a deleted or an inserted character */
  guint32 first_patch;
  guint32 n_patches;
  guint32 first_parent;
  guint32 n_parents;
} MabeiTraceStep;

typedef struct {
  MabeiTraceKind kind;
  GString *start;
  GString *end;
  GString *text;
  GArray *patches;   /* MabeiTracePatch */
  GArray *steps;     /* MabeiTraceStep, parents before children */
  GArray *parents;   /* guint32 steps */
  GPtrArray *agents; /* GBytes names */
} MabeiTraceHistory;

/* Reads a file; the array holds one history, or all of a conformance list. (transfer full) */
GPtrArray *mabei_trace_read (const char *path, GError **error);
void mabei_trace_history_free (MabeiTraceHistory *history);

G_END_DECLS
