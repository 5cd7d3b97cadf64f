/* --batch: one command a line on standard input, one JSON document a line out, in order; events come between. Lines are
 * at most 1 MiB and split as a shell would; a bad line is answered and the next one is read. Used by mabeictl, and by
 * the window for --story.
 */
#pragma once

#include <gio/gio.h>

#include "app/desk/desk.h"

typedef struct _MabeiBatch MabeiBatch;

/* Reads @in until its end in the thread-default context; then calls @ended once. @extra (may be NULL) is asked first
 * for every line: TRUE when it took the words and will answer with mabei_batch_answer. */
typedef gboolean (*MabeiBatchExtra) (MabeiBatch *batch, const char *const *words, gpointer user_data);

MabeiBatch *mabei_batch_new (MabeiDesk *desk,
                             GInputStream *in,
                             int out_fd,
                             MabeiBatchExtra extra,
                             void (*ended) (gpointer user_data),
                             gpointer user_data);
void mabei_batch_free (MabeiBatch *batch);
void mabei_batch_answer (MabeiBatch *batch, GVariant *answer, const GError *error);
/* An event of the desk. */
void mabei_batch_event (MabeiBatch *batch, GVariant *event);
