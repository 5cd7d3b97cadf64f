#include "core/crdt/agents.h"
#include "core/crdt/codec.h"
#include "core/crdt/text_format.h"
#include "core/crdt/text_writer_private.h"

/* Below this many references a scan is quicker than a table. */
#define REFS_SCANNED 16

typedef enum {
  RUN_NONE,
  RUN_INSERT,
  RUN_DELETE,
} RunKind;

struct _MabeiTextWriter {
  guint32 agent;
  guint32 first_seq;
  guint32 next_seq;
  MabeiBuffer bytes;
  GArray *refs;        /* guint32 agents */
  GHashTable *ref_of;  /* agent to reference, once there are many */
  RunKind run;         /* not yet written */
  MabeiElementId left; /* of an insert */
  MabeiElementId right;
  MabeiElementId target; /* first of a delete */
  guint32 count;
  MabeiBuffer text; /* of an insert */
};

MabeiTextWriter *
mabei_text_writer_new (guint32 agent, guint32 first_seq)
{
  MabeiTextWriter *writer = g_new0 (MabeiTextWriter, 1);
  writer->refs = g_array_new (FALSE, FALSE, sizeof (guint32));
  mabei_text_writer_reset (writer, agent, first_seq);
  return writer;
}

void
mabei_text_writer_free (MabeiTextWriter *writer)
{
  if (writer == NULL)
    return;
  mabei_buffer_clear (&writer->bytes);
  mabei_buffer_clear (&writer->text);
  g_array_unref (writer->refs);
  g_clear_pointer (&writer->ref_of, g_hash_table_unref);
  g_free (writer);
}

void
mabei_text_writer_reset (MabeiTextWriter *writer, guint32 agent, guint32 first_seq)
{
  writer->agent = agent;
  writer->first_seq = first_seq;
  writer->next_seq = first_seq;
  writer->bytes.length = 0;
  writer->text.length = 0;
  writer->run = RUN_NONE;
  g_array_set_size (writer->refs, 0);
  g_clear_pointer (&writer->ref_of, g_hash_table_unref);
}

guint32
mabei_text_writer_agent (const MabeiTextWriter *writer)
{
  return writer->agent;
}

guint32
mabei_text_writer_next_seq (const MabeiTextWriter *writer)
{
  return writer->next_seq;
}

gsize
mabei_text_writer_size (const MabeiTextWriter *writer)
{
  return writer->bytes.length + (writer->run == RUN_NONE ? 0 : writer->text.length + MABEI_TEXT_OP_HEAD_MAX);
}

const guint32 *
mabei_text_writer_refs (const MabeiTextWriter *writer, gsize *n_refs)
{
  *n_refs = writer->refs->len;
  return (const guint32 *) (gconstpointer) writer->refs->data;
}

/* The reference number of an agent, new if need be. */
static guint32
reference (MabeiTextWriter *writer, guint32 agent)
{
  const guint32 *refs = (const guint32 *) (gconstpointer) writer->refs->data;
  guint n = writer->refs->len;
  if (writer->ref_of == NULL) {
    for (guint i = n; i-- > 0;) {
      if (refs[i] == agent)
        return i + 1;
    }
    if (n >= REFS_SCANNED) {
      writer->ref_of = g_hash_table_new (NULL, NULL);
      for (guint i = 0; i < n; i++)
        g_hash_table_insert (writer->ref_of, GUINT_TO_POINTER (refs[i]), GUINT_TO_POINTER (i + 1));
    }
  } else {
    gpointer known = g_hash_table_lookup (writer->ref_of, GUINT_TO_POINTER (agent));
    if (known != NULL)
      return GPOINTER_TO_UINT (known);
  }
  g_array_append_val (writer->refs, agent);
  if (writer->ref_of != NULL)
    g_hash_table_insert (writer->ref_of, GUINT_TO_POINTER (agent), GUINT_TO_POINTER (n + 1));
  return n + 1;
}

/* `base` is the sequence number of the next insert: what the author wrote before it is named by distance. */
static void
write_id (MabeiTextWriter *writer, MabeiElementId id, guint32 base)
{
  if (id.agent == writer->agent && id.seq < base) {
    mabei_buffer_add_varint (&writer->bytes, MABEI_TEXT_REF_SELF);
    mabei_buffer_add_varint (&writer->bytes, base - id.seq);
  } else {
    mabei_buffer_add_varint (&writer->bytes, reference (writer, id.agent));
    mabei_buffer_add_varint (&writer->bytes, id.seq);
  }
}

static void
flush_insert (MabeiTextWriter *writer)
{
  guint32 base = writer->next_seq - writer->count;
  gboolean has_left = writer->left.agent != MABEI_AGENT_NONE;
  gboolean has_right = writer->right.agent != MABEI_AGENT_NONE;
  gboolean follows = has_left && writer->left.agent == writer->agent && base > 0 && writer->left.seq == base - 1;
  guint32 left = !has_left ? MABEI_TEXT_LEFT_NONE : follows ? MABEI_TEXT_LEFT_PREVIOUS : MABEI_TEXT_LEFT_ID;
  mabei_buffer_add_varint (&writer->bytes, writer->count << MABEI_TEXT_INSERT_SHIFT |
                                               (has_right ? MABEI_TEXT_HAS_RIGHT : 0) | left << MABEI_TEXT_LEFT_SHIFT |
                                               MABEI_TEXT_INSERT);
  if (left == MABEI_TEXT_LEFT_ID)
    write_id (writer, writer->left, base);
  if (has_right)
    write_id (writer, writer->right, base);
  mabei_buffer_add (&writer->bytes, writer->text.data, writer->text.length);
  writer->text.length = 0;
}

static void
flush (MabeiTextWriter *writer)
{
  if (writer->run == RUN_INSERT) {
    flush_insert (writer);
  } else if (writer->run == RUN_DELETE) {
    mabei_buffer_add_varint (&writer->bytes, writer->count << MABEI_TEXT_DELETE_SHIFT | MABEI_TEXT_DELETE);
    write_id (writer, writer->target, writer->next_seq);
  }
  writer->run = RUN_NONE;
}

const guint8 *
mabei_text_writer_bytes (MabeiTextWriter *writer, gsize *length)
{
  flush (writer);
  *length = writer->bytes.length;
  return writer->bytes.data;
}

void
mabei_text_writer_insert (
    MabeiTextWriter *writer, MabeiElementId left, MabeiElementId right, const guint8 *utf8, gsize n_bytes, guint32 n)
{
  gboolean joins = writer->run == RUN_INSERT && right.agent == MABEI_AGENT_NONE && left.agent == writer->agent &&
                   left.seq == writer->next_seq - 1 && writer->count + n <= MABEI_TEXT_RUN_MAX;
  if (!joins) {
    flush (writer);
    writer->run = RUN_INSERT;
    writer->left = left;
    writer->right = right;
    writer->count = 0;
  }
  mabei_buffer_add (&writer->text, utf8, n_bytes);
  writer->count += n;
  writer->next_seq += n;
}

void
mabei_text_writer_delete (MabeiTextWriter *writer, MabeiElementId first, guint32 n)
{
  if (writer->run == RUN_DELETE && writer->target.agent == first.agent && writer->count + n <= MABEI_TEXT_RUN_MAX) {
    if (writer->target.seq + writer->count == first.seq) {
      writer->count += n;
      return;
    }
    if (first.seq + n == writer->target.seq) {
      writer->target.seq = first.seq;
      writer->count += n;
      return;
    }
  }
  flush (writer);
  writer->run = RUN_DELETE;
  writer->target = first;
  writer->count = n;
}
