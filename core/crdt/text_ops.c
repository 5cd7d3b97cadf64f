/* Reads a blob and checks all of it against the text, before anything is changed. */
#include "core/crdt/text_format.h"
#include "core/crdt/text_private.h"

typedef struct {
  MabeiText *text;
  const MabeiTextBlob *blob;
  MabeiReader reader;
  GArray *ops;
  guint32 first_slot; /* of the elements that the blob inserts */
  guint32 n_inserted;
  guint64 n_deleted;
  GHashTable *newest_child; /* left origin + 1 to the newest element that the blob inserts there; from the 2nd insert */
} Decoder;

static gboolean
bad_format (const char *what, GError **error)
{
  g_set_error (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_FORMAT, "text operations: %s", what);
  return FALSE;
}

static gboolean
missing (GError **error)
{
  g_set_error_literal (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_MISSING,
                       "text operations: an element is cited that is not in the text");
  return FALSE;
}

static guint32
next_seq (const Decoder *decoder)
{
  return decoder->blob->first_seq + decoder->n_inserted;
}

static gboolean
read_id (Decoder *decoder, MabeiElementId *id, GError **error)
{
  const MabeiTextBlob *blob = decoder->blob;
  guint32 reference, number;
  if (!mabei_reader_varint (&decoder->reader, &reference) || !mabei_reader_varint (&decoder->reader, &number))
    return bad_format ("an element's name is cut or not in its shortest form", error);
  if (reference == MABEI_TEXT_REF_SELF) {
    if (number == 0 || number > next_seq (decoder))
      return bad_format ("a distance leads before the first element", error);
    *id = (MabeiElementId){blob->agent, next_seq (decoder) - number};
    return TRUE;
  }
  if (reference > blob->n_refs)
    return bad_format ("a reference is not in the table", error);
  *id = (MabeiElementId){blob->refs[reference - 1], number};
  if (id->agent >= decoder->text->agents.n)
    return bad_format ("a reference names no agent", error);
  if (id->agent == blob->agent && number < next_seq (decoder))
    return bad_format ("an own element is cited by reference", error);
  return TRUE;
}

/* The slot of a cited element and how many more of its run follow; MABEI_SLOT_NONE if it does not exist. */
static guint32
resolve (Decoder *decoder, MabeiElementId id, guint32 *length)
{
  const MabeiTextBlob *blob = decoder->blob;
  if (!blob->applied && id.agent == blob->agent && id.seq >= blob->first_seq && id.seq < next_seq (decoder)) {
    *length = next_seq (decoder) - id.seq;
    return decoder->first_slot + (id.seq - blob->first_seq);
  }
  return mabei_agents_slot (&decoder->text->agents, id.agent, id.seq, length);
}

static gboolean
read_origin (Decoder *decoder, guint32 *slot, GError **error)
{
  MabeiElementId id;
  guint32 length;
  if (!read_id (decoder, &id, error))
    return FALSE;
  *slot = resolve (decoder, id, &length);
  return *slot != MABEI_SLOT_NONE || missing (error);
}

/* The left origin of an element of the text or of one that the blob inserts. */
static guint32
left_origin (const Decoder *decoder, guint32 slot)
{
  if (slot < decoder->text->tree.n_slots)
    return mabei_text_left_origin (decoder->text, slot);
  guint low = 0, high = decoder->ops->len;
  while (high - low > 1) {
    guint middle = low + (high - low) / 2;
    if (g_array_index (decoder->ops, MabeiTextOp, middle).slot <= slot)
      low = middle;
    else
      high = middle;
  }
  const MabeiTextOp *op = &g_array_index (decoder->ops, MabeiTextOp, low);
  return op->slot == slot ? op->left : slot - 1;
}

/* What the blob itself inserted after the same element before, or MABEI_SLOT_NONE. */
static guint32
sibling_before (Decoder *decoder, guint32 left)
{
  if (decoder->n_inserted == 0)
    return MABEI_SLOT_NONE;
  if (decoder->newest_child == NULL) {
    decoder->newest_child = g_hash_table_new (NULL, NULL);
    for (guint i = 0; i < decoder->ops->len; i++) {
      const MabeiTextOp *op = &g_array_index (decoder->ops, MabeiTextOp, i);
      if (op->inserts)
        g_hash_table_insert (decoder->newest_child, GUINT_TO_POINTER (op->left + 1u), GUINT_TO_POINTER (op->slot));
    }
  }
  gpointer newest;
  if (g_hash_table_lookup_extended (decoder->newest_child, GUINT_TO_POINTER (left + 1u), NULL, &newest))
    return GPOINTER_TO_UINT (newest);
  /* Within a run each element follows the one before. */
  guint32 next = left + 1u;
  gboolean in_run = left != MABEI_SLOT_NONE && left >= decoder->first_slot &&
                    next < decoder->first_slot + decoder->n_inserted && left_origin (decoder, next) == left;
  return in_run ? next : MABEI_SLOT_NONE;
}

/* So it is for every honest author, and only so do all replicas find the same order; nor can one blob make its reader
 * pass over thousands of siblings for each of thousands of inserts. */
static gboolean
check_origins (Decoder *decoder, const MabeiTextOp *op, GError **error)
{
  guint32 sibling = sibling_before (decoder, op->left);
  if (sibling != MABEI_SLOT_NONE && op->right != sibling)
    return bad_format ("the right origin is not what the blob itself put there", error);
  if (op->right != MABEI_SLOT_NONE && left_origin (decoder, op->right) != op->left)
    return bad_format ("the right origin is no sibling", error);
  if (decoder->newest_child != NULL)
    g_hash_table_insert (decoder->newest_child, GUINT_TO_POINTER (op->left + 1u), GUINT_TO_POINTER (op->slot));
  return TRUE;
}

static gboolean
read_text (Decoder *decoder, MabeiTextOp *op, GError **error)
{
  op->utf8 = decoder->reader.at;
  for (guint32 i = 0; i < op->count; i++) {
    gunichar character;
    if (!mabei_reader_utf8 (&decoder->reader, &character))
      return bad_format ("the text is cut or not UTF-8", error);
  }
  op->n_bytes = (gsize) (decoder->reader.at - op->utf8);
  return TRUE;
}

static gboolean
read_left (Decoder *decoder, guint32 head, MabeiTextOp *op, GError **error)
{
  guint32 side = head >> MABEI_TEXT_LEFT_SHIFT & 3;
  if (side == MABEI_TEXT_LEFT_NONE) {
    op->left = MABEI_SLOT_NONE;
  } else if (side == MABEI_TEXT_LEFT_PREVIOUS) {
    guint32 length;
    if (next_seq (decoder) == 0)
      return bad_format ("nothing was inserted before", error);
    op->left = resolve (decoder, (MabeiElementId){decoder->blob->agent, next_seq (decoder) - 1}, &length);
    if (op->left == MABEI_SLOT_NONE)
      return missing (error);
  } else if (side == MABEI_TEXT_LEFT_ID) {
    const guint8 *at = decoder->reader.at;
    if (!read_origin (decoder, &op->left, error))
      return FALSE;
    if (at[0] == MABEI_TEXT_REF_SELF && at[1] == 1)
      return bad_format ("the element just before is cited by its name", error);
  } else {
    return bad_format ("an unknown kind of operation", error);
  }
  return TRUE;
}

static gboolean
read_insert (Decoder *decoder, guint32 head, MabeiTextOp *op, GError **error)
{
  op->inserts = TRUE;
  op->count = head >> MABEI_TEXT_INSERT_SHIFT;
  if (op->count == 0)
    return bad_format ("an insert of nothing", error);
  if (!read_left (decoder, head, op, error))
    return FALSE;
  op->right = MABEI_SLOT_NONE;
  if (head & MABEI_TEXT_HAS_RIGHT) {
    if (!read_origin (decoder, &op->right, error))
      return FALSE;
  }
  if (!decoder->blob->applied && !check_origins (decoder, op, error))
    return FALSE;
  if (!read_text (decoder, op, error))
    return FALSE;
  if (op->count > MABEI_TEXT_ELEMENTS_MAX - decoder->n_inserted)
    return bad_format ("too many elements", error);
  decoder->n_inserted += op->count;
  return TRUE;
}

static gboolean
read_delete (Decoder *decoder, guint32 head, MabeiTextOp *op, GError **error)
{
  MabeiElementId id;
  op->inserts = FALSE;
  op->count = head >> MABEI_TEXT_DELETE_SHIFT;
  if (op->count == 0)
    return bad_format ("a deletion of nothing", error);
  if (!read_id (decoder, &id, error))
    return FALSE;
  op->agent = id.agent;
  op->seq = id.seq;
  /* Nobody deletes an element twice in one blob; so the work is bounded by the text. */
  decoder->n_deleted += op->count;
  if (decoder->n_deleted > (guint64) decoder->text->tree.n_slots + decoder->n_inserted)
    return missing (error);
  for (guint32 left = op->count; left > 0;) {
    guint32 length = 0;
    if (id.seq > G_MAXUINT32 - left || resolve (decoder, id, &length) == MABEI_SLOT_NONE)
      return missing (error);
    length = MIN (length, left);
    id.seq += length;
    left -= length;
  }
  return TRUE;
}

static gboolean
read_ops (Decoder *decoder, GError **error)
{
  while (decoder->reader.at < decoder->reader.end) {
    MabeiTextOp op = {.slot = decoder->first_slot + decoder->n_inserted};
    guint32 head;
    if (decoder->ops->len == MABEI_TEXT_OPS_MAX) {
      g_set_error (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_LIMIT, "more than %u text operations in one change",
                   MABEI_TEXT_OPS_MAX);
      return FALSE;
    }
    if (!mabei_reader_varint (&decoder->reader, &head))
      return bad_format ("a number is cut or not in its shortest form", error);
    if ((head & 1) == MABEI_TEXT_DELETE ? !read_delete (decoder, head, &op, error)
                                        : !read_insert (decoder, head, &op, error))
      return FALSE;
    if (decoder->n_inserted > G_MAXUINT32 - decoder->blob->first_seq)
      return bad_format ("the numbers run over", error);
    g_array_append_val (decoder->ops, op);
  }
  return TRUE;
}

gboolean
mabei_text_blob_decode (MabeiText *text, const MabeiTextBlob *blob, GArray *ops, guint32 *n_inserted, GError **error)
{
  Decoder decoder = {.text = text, .blob = blob, .ops = ops, .first_slot = text->tree.n_slots};
  decoder.reader = mabei_reader (blob->bytes, blob->n_bytes);
  g_array_set_size (ops, 0);
  if (blob->n_bytes > MABEI_TEXT_BLOB_MAX) {
    g_set_error (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_LIMIT, "text operations of more than %u bytes",
                 MABEI_TEXT_BLOB_MAX);
    return FALSE;
  }
  gboolean good = read_ops (&decoder, error);
  g_clear_pointer (&decoder.newest_child, g_hash_table_unref);
  if (!good ||
      (!blob->applied && !mabei_text_check_room (text, blob->agent, blob->first_seq, decoder.n_inserted, error)))
    return FALSE;
  *n_inserted = decoder.n_inserted;
  return TRUE;
}
