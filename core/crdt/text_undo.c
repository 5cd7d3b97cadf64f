/* Undo by ids: the inverse of one blob as ordinary new edits, whatever has happened since. */
#include "core/crdt/text_private.h"

/* Elements of one span that shall be written again. */
typedef struct {
  guint32 slot;
  guint32 n;
} Piece;

typedef struct {
  MabeiText *text;
  MabeiTextWriter *writer;
  MabeiTextPatchFunc patch;
  gpointer user_data;
} Undo;

/* The part of a run of elements that lies in one span: its cursor, and the length. */
static guint32
piece_at (MabeiText *text, guint32 agent, guint32 seq, guint32 count, MabeiSpanCursor *cursor)
{
  guint32 length = 0;
  guint32 slot = mabei_agents_slot (&text->agents, agent, seq, &length);
  if (slot == MABEI_SLOT_NONE)
    return 0;
  *cursor = mabei_span_tree_find (&text->tree, slot);
  guint32 in_span = mabei_span_cursor_span (cursor)->length - cursor->offset;
  return MIN (count, MIN (length, in_span));
}

static gboolean
find_deleted (MabeiText *text, const MabeiTextBlob *blob, const MabeiTextOp *op, guint32 n_inserted, GArray *pieces)
{
  guint32 only_author = text->agents.all[blob->agent].only_this;
  guint32 seq = op->seq;
  for (guint32 left = op->count; left > 0;) {
    MabeiSpanCursor cursor;
    guint32 n = piece_at (text, op->agent, seq, left, &cursor);
    if (n == 0)
      return FALSE;
    const MabeiSpan *span = mabei_span_cursor_span (&cursor);
    gboolean own = op->agent == blob->agent && seq - blob->first_seq < n_inserted;
    if (!own && only_author != MABEI_DELETERS_NONE && span->deleters == only_author) {
      const Piece piece = {span->slot + cursor.offset, n};
      g_array_append_val (pieces, piece);
    }
    seq += n;
    left -= n;
  }
  return TRUE;
}

static gboolean
inserted_exist (MabeiText *text, const MabeiTextBlob *blob, guint32 n_inserted)
{
  guint32 seq = blob->first_seq;
  for (guint32 left = n_inserted; left > 0;) {
    MabeiSpanCursor cursor;
    guint32 n = piece_at (text, blob->agent, seq, left, &cursor);
    if (n == 0)
      return FALSE;
    seq += n;
    left -= n;
  }
  return TRUE;
}

static void
delete_inserted (const Undo *undo, const MabeiTextBlob *blob, guint32 n_inserted)
{
  MabeiText *text = undo->text;
  guint32 seq = blob->first_seq;
  for (guint32 left = n_inserted; left > 0;) {
    MabeiSpanCursor cursor;
    guint32 n = piece_at (text, blob->agent, seq, left, &cursor);
    if (mabei_span_cursor_span (&cursor)->visible) {
      guint32 position = mabei_span_tree_rank (&text->tree, &cursor);
      mabei_text_mark (text, &cursor, n, mabei_text_writer_agent (undo->writer));
      mabei_text_writer_delete (undo->writer, (MabeiElementId){blob->agent, seq}, n);
      if (undo->patch != NULL)
        undo->patch (position, n, NULL, 0, undo->user_data);
    }
    seq += n;
    left -= n;
  }
}

static void
write_again (const Undo *undo, const Piece *piece, MabeiBuffer *utf8)
{
  MabeiText *text = undo->text;
  MabeiSpanCursor cursor = mabei_span_tree_find (&text->tree, piece->slot + piece->n - 1);
  const MabeiSpan *span = mabei_span_cursor_span (&cursor);
  MabeiElementId left = {span->agent, span->seq + cursor.offset};
  guint32 position = mabei_span_tree_rank (&text->tree, &cursor);
  cursor.offset++;
  utf8->length = 0;
  mabei_characters_write (&text->characters, piece->slot, piece->n, utf8);
  mabei_text_write_at (text, undo->writer, cursor, left, utf8->data, utf8->length, piece->n);
  if (undo->patch != NULL)
    undo->patch (position, 0, (const char *) utf8->data, utf8->length, undo->user_data);
}

gboolean
mabei_text_undo (MabeiText *text,
                 MabeiTextWriter *writer,
                 guint32 agent,
                 const guint32 *refs,
                 gsize n_refs,
                 guint32 first_seq,
                 const guint8 *bytes,
                 gsize n_bytes,
                 MabeiTextPatchFunc patch,
                 gpointer user_data,
                 GError **error)
{
  g_assert (agent < text->agents.n);
  const MabeiTextBlob blob = {agent, refs, n_refs, first_seq, bytes, n_bytes, TRUE};
  const Undo undo = {text, writer, patch, user_data};
  g_autoptr (GArray) ops = g_array_new (FALSE, FALSE, sizeof (MabeiTextOp));
  g_autoptr (GArray) pieces = g_array_new (FALSE, FALSE, sizeof (Piece));
  guint32 n_inserted, n_again = 0;
  if (!mabei_text_blob_decode (text, &blob, ops, &n_inserted, error))
    return FALSE;
  gboolean exist = inserted_exist (text, &blob, n_inserted);
  for (guint i = 0; exist && i < ops->len; i++) {
    const MabeiTextOp *op = &g_array_index (ops, MabeiTextOp, i);
    exist = op->inserts || find_deleted (text, &blob, op, n_inserted, pieces);
  }
  if (!exist) {
    g_set_error_literal (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_MISSING, "what shall be undone was never applied");
    return FALSE;
  }
  for (guint i = 0; i < pieces->len; i++)
    n_again += g_array_index (pieces, Piece, i).n;
  if (!mabei_text_check_room (text, mabei_text_writer_agent (writer), mabei_text_writer_next_seq (writer), n_again,
                              error))
    return FALSE;
  delete_inserted (&undo, &blob, n_inserted);
  MabeiBuffer utf8 = {0};
  for (guint i = 0; i < pieces->len; i++)
    write_again (&undo, &g_array_index (pieces, Piece, i), &utf8);
  mabei_buffer_clear (&utf8);
  return TRUE;
}
