/*
 * The operations of one author's burst as compact bytes ("blob"), and the agents they cite.
 * Consecutive typing, deleting forwards and backspacing join into one run. Inserted elements get consecutive sequence
 * numbers from the writer's first. Format: text_format.h.
 * Threads: none of its own. Limits: as core/crdt/text.h. Failures: none; mabei_text_insert and mabei_text_delete check.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct _MabeiTextWriter MabeiTextWriter;

/* A writer for operations of `agent` (an index of the text that it is used with). */
MabeiTextWriter *mabei_text_writer_new (guint32 agent, guint32 first_seq);
void mabei_text_writer_free (MabeiTextWriter *writer);
/* Empties the writer for a next burst, keeping its memory. */
void mabei_text_writer_reset (MabeiTextWriter *writer, guint32 agent, guint32 first_seq);

guint32 mabei_text_writer_agent (const MabeiTextWriter *writer);
/* The number that the next inserted element gets. */
guint32 mabei_text_writer_next_seq (const MabeiTextWriter *writer);
/* An upper bound of the bytes of the blob so far, for those who seal by size. */
gsize mabei_text_writer_size (const MabeiTextWriter *writer);

/* Ends the last run. The bytes belong to the writer until its next use; further edits may follow and start new runs. */
const guint8 *mabei_text_writer_bytes (MabeiTextWriter *writer, gsize *length);
/* The agents cited, in the order of reference numbers: the first is reference 1. */
const guint32 *mabei_text_writer_refs (const MabeiTextWriter *writer, gsize *n_refs);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiTextWriter, mabei_text_writer_free)

G_END_DECLS
