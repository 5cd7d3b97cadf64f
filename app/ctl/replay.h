/*
 * `mabeictl doc replay TRACE`: replays a published editing trace on core/crdt, as authors and as one remote reader,
 * and compares the end with the published text. Each step of the trace is one message.
 * Threads: none of its own. Limits: those of app/ctl/trace.h. Failures: MABEI_TRACE_ERROR.
 */
#pragma once
#include "app/ctl/trace.h"

G_BEGIN_DECLS

typedef struct {
  MabeiTraceKind kind;
  guint32 n_histories; /* 1, or the length of a conformance list, over which the figures below are sums */
  guint64 chars;       /* of the final text */
  char sha256[65];     /* of the final text in UTF-8, hexadecimal */
  double local_ms;     /* CPU time: making the edits and encoding each step's message */
  double remote_ms;    /* CPU time: applying all messages, one at a time, to an empty text */
  double load_ms;      /* CPU time: from saved bytes to the plain text */
  guint64 bytes_saved;
  double bytes_per_op; /* message bytes for each inserted or deleted character */
  guint64 peak_heap;   /* bytes that the remote reader's text holds at the end, with allocator overhead */
} MabeiReplayResult;

/* Replays a file. `peer_sizes` counts in bytes_per_op all that a peer needs to read a message on its own (names of the
 * author and of the agents cited, first number), not only the operations. On failure `result` is untouched; the code
 * is MABEI_TRACE_ERROR_DIFFERENT if all was replayed but the text is not the published one. */
gboolean mabei_replay_run (const char *path, gboolean peer_sizes, MabeiReplayResult *result, GError **error);

/* "sequential", "concurrent" or "conformance". */
const char *mabei_replay_kind_name (MabeiTraceKind kind);

G_END_DECLS
