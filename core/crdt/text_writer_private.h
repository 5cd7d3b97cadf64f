/* How core/crdt/text.c feeds a writer. Not for other folders. */
#pragma once
#include "core/crdt/text_writer.h"

G_BEGIN_DECLS

/* An element as its author names it; agent MABEI_AGENT_NONE for the text's border. */
typedef struct {
  guint32 agent;
  guint32 seq;
} MabeiElementId;

void mabei_text_writer_insert (
    MabeiTextWriter *writer, MabeiElementId left, MabeiElementId right, const guint8 *utf8, gsize n_bytes, guint32 n);
void mabei_text_writer_delete (MabeiTextWriter *writer, MabeiElementId first, guint32 n);

G_END_DECLS
