/* The journal: one item with the edits of every open burst, [[case, document, first, last, [[position, remove, insert],
 * ...]], ...]. It is written with the change that takes a burst's place, in one transaction, so that an edit is in the
 * log or in the journal, never in both. Edits are positions in the text as it was when the burst began: nothing foreign
 * is folded into that space before the burst is sealed. */
#include "core/store/replica_private.h"

#include "core/base/cbor.h"
#include "core/base/limits.h"

#define ITEM_JOURNAL "own/journal"
/* A burst has at most so many edits (core/case), of which each inserts at most so much. */
#define EDITS_MAX MABEI_LIMIT_OPERATIONS
#define BURSTS_MAX 1024u

static GBytes *
encode (MabeiReplica *replica, const MabeiTyping *without)
{
  GByteArray *out = g_byte_array_new ();
  guint n = 0;

  for (guint i = 0; i < replica->typing->len; i++)
    n += g_ptr_array_index (replica->typing, i) != without;
  mabei_cbor_write_array (out, n);
  for (guint i = 0; i < replica->typing->len; i++) {
    const MabeiTyping *typing = g_ptr_array_index (replica->typing, i);
    if (typing == without)
      continue;
    mabei_cbor_write_array (out, 5);
    mabei_cbor_write_bytes (out, mabei_case_id (mabei_space_case (mabei_document_space (typing->document)))->bytes,
                            MABEI_ID_BYTES);
    mabei_cbor_write_bytes (out, mabei_document_id (typing->document)->bytes, MABEI_SHORT_ID_BYTES);
    mabei_cbor_write_uint (out, typing->first_ms);
    mabei_cbor_write_uint (out, typing->last_ms);
    mabei_cbor_write_array (out, typing->n_edits);
    g_byte_array_append (out, typing->edits->data, typing->edits->len);
  }
  return n > 0 ? g_byte_array_free_to_bytes (out) : (g_byte_array_unref (out), NULL);
}

gboolean
mabei_replica_set_journal (MabeiReplica *replica, const MabeiTyping *without, GError **error)
{
  g_autoptr (GBytes) value = encode (replica, without);

  return mabei_database_set (replica->database, ITEM_JOURNAL, value, error);
}

gboolean
mabei_replica_write_journal (MabeiReplica *replica, GError **error)
{
  if (!mabei_database_begin (replica->database, error))
    return FALSE;
  if (!mabei_replica_set_journal (replica, NULL, error)) {
    mabei_database_rollback (replica->database);
    return FALSE;
  }
  if (!mabei_database_commit (replica->database, error))
    return FALSE;
  for (guint i = 0; i < replica->typing->len; i++)
    ((MabeiTyping *) g_ptr_array_index (replica->typing, i))->is_journaled = TRUE;
  return TRUE;
}

/* The burst as it was. An edit that is not possible any more ends it: what came before it is kept. */
static void
apply_burst (MabeiReplica *replica, MabeiCborReader *reader)
{
  guint64 first_ms = 0, last_ms = 0, n_items = 0, n_edits = 0;
  MabeiDocument *document = NULL;
  MabeiId case_id = {0};
  MabeiShortId id = {0};
  MabeiCase *c;
  gboolean going;

  mabei_cbor_read_array (reader, 5, &n_items);
  mabei_cbor_read_fixed (reader, case_id.bytes, sizeof case_id.bytes);
  mabei_cbor_read_fixed (reader, id.bytes, sizeof id.bytes);
  mabei_cbor_read_uint (reader, G_MAXUINT64, &first_ms);
  mabei_cbor_read_uint (reader, G_MAXUINT64, &last_ms);
  mabei_cbor_read_array (reader, EDITS_MAX, &n_edits);
  c = mabei_replica_case (replica, &case_id);
  if (c != NULL)
    document = mabei_case_document (c, &id);
  going = document != NULL;
  for (guint64 i = 0; i < n_edits; i++) {
    g_autofree char *insert = NULL;
    guint64 position = 0, remove = 0;

    mabei_cbor_read_array (reader, 3, &n_items);
    mabei_cbor_read_uint (reader, G_MAXUINT, &position);
    mabei_cbor_read_uint (reader, G_MAXUINT, &remove);
    if (mabei_cbor_read_text (reader, MABEI_LIMIT_INSERT_BYTES, &insert) && going)
      going = mabei_replica_apply_edit (replica, document, (guint) position, (guint) remove, insert, last_ms, NULL);
  }
}

gboolean
mabei_replica_load_journal (MabeiReplica *replica, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) journal = mabei_database_get (replica->database, ITEM_JOURNAL, &local);
  MabeiCborReader reader;
  guint64 n_bursts = 0;
  gconstpointer data;
  gsize length;

  if (local != NULL) {
    g_propagate_error (error, g_steal_pointer (&local));
    return FALSE;
  }
  if (journal == NULL)
    return TRUE;
  data = g_bytes_get_data (journal, &length);
  mabei_cbor_reader_init (&reader, data, length);
  mabei_cbor_read_array (&reader, BURSTS_MAX, &n_bursts);
  for (guint64 i = 0; i < n_bursts; i++)
    apply_burst (replica, &reader);
  if (!mabei_cbor_reader_finish (&reader, NULL)) {
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_DAMAGED,
                 "the replica is damaged: its journal has no form");
    return FALSE;
  }
  for (guint i = 0; i < replica->typing->len; i++)
    ((MabeiTyping *) g_ptr_array_index (replica->typing, i))->is_journaled = TRUE;
  /* A full disk is no reason not to open: the bursts stay open, and in the journal. */
  mabei_replica_seal_space (replica, NULL, NULL);
  return TRUE;
}
