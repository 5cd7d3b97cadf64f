#include "core/view/summary.h"

#include "core/base/cbor.h"
#include "core/base/limits.h"

#define CACHE "core/view/summaries"
#define DETAIL_CHARACTERS 80

/* Numbers of content operations (core/case/FORMAT.md). */
enum { FIELD, DOCUMENT, TEXT, POST };

static void
item_clear (gpointer item)
{
  g_free (((MabeiSummaryItem *) item)->detail);
}

static MabeiSummary *
summary_new (void)
{
  MabeiSummary *summary = g_new0 (MabeiSummary, 1);

  summary->items = g_array_new (FALSE, TRUE, sizeof (MabeiSummaryItem));
  g_array_set_clear_func (summary->items, item_clear);
  return summary;
}

static void
summary_free (gpointer data)
{
  MabeiSummary *summary = data;

  g_array_unref (summary->items);
  g_free (summary);
}

static void
add (MabeiSummary *summary, MabeiSummaryKind kind, const char *detail, const MabeiShortId *document)
{
  MabeiSummaryItem item = {.kind = kind, .detail = g_strdup (detail)};

  if (document != NULL)
    item.document = *document;
  g_array_append_val (summary->items, item);
}

/* --- operations --- */

static void
add_control (MabeiSummary *summary, GBytes *bytes)
{
  g_autoptr (MabeiControlOperation) operation = mabei_control_operation_decode (bytes, NULL);

  if (operation == NULL)
    return;
  if (operation->type == MABEI_CONTROL_INVITE)
    add (summary, MABEI_SUMMARY_INVITED, operation->invitation.name, NULL);
  else if (operation->type == MABEI_CONTROL_ADMIT)
    add (summary, MABEI_SUMMARY_ADMITTED, operation->member.name, NULL);
}

static void
add_message (MabeiSummary *summary, const char *text)
{
  g_autofree char *start = g_utf8_substring (text, 0, MIN (g_utf8_strlen (text, -1), DETAIL_CHARACTERS));

  add (summary, MABEI_SUMMARY_MESSAGE, start, NULL);
}

static void
add_content (MabeiSummary *summary, MabeiChange *change, guint index, GBytes *bytes)
{
  MabeiCborReader reader;
  MabeiShortId document;
  g_autofree char *text = NULL;
  g_autofree char *title = NULL;
  guint64 count, number = G_MAXUINT64;
  gsize length;
  gconstpointer data = g_bytes_get_data (bytes, &length);

  mabei_cbor_reader_init (&reader, data, length);
  mabei_cbor_read_array (&reader, 8, &count);
  mabei_cbor_read_uint (&reader, POST, &number);
  if (number == TEXT) {
    if (mabei_cbor_read_fixed (&reader, document.bytes, sizeof document.bytes))
      add (summary, MABEI_SUMMARY_TEXT, NULL, &document);
  } else if (!mabei_cbor_read_text (&reader, MABEI_LIMIT_MESSAGE_BYTES, &text)) {
    return;
  } else if (number == FIELD) {
    add (summary, MABEI_SUMMARY_FIELD, text, NULL);
  } else if (number == POST) {
    add_message (summary, text);
  } else if (number == DOCUMENT && mabei_cbor_read_text (&reader, MABEI_LIMIT_VALUE_BYTES, &title)) {
    mabei_document_id_of (mabei_change_id (change), index, &document);
    add (summary, MABEI_SUMMARY_DOCUMENT, title, &document);
  }
}

/* --- opening --- */

static MabeiSecret *
find_secret (MabeiSpace *space, const MabeiId *epoch_id)
{
  g_autoptr (GArray) ids = NULL;
  g_autoptr (GPtrArray) secrets = NULL;

  mabei_space_epochs (space, &ids, &secrets);
  for (guint i = 0; i < ids->len; i++) {
    if (mabei_id_equal (&g_array_index (ids, MabeiId, i), epoch_id))
      return g_ptr_array_index (secrets, i);
  }
  return NULL;
}

static GPtrArray *
read_operations (MabeiSpace *space, MabeiChange *change, guint64 *claimed_ms)
{
  const MabeiHeader *header = mabei_change_header (change);
  MabeiSecret *secret = find_secret (space, &header->epoch_id);
  g_autoptr (MabeiSecret) key = NULL;
  g_autoptr (GBytes) body = NULL;
  GPtrArray *operations = NULL;

  if (secret == NULL)
    return NULL;
  key = mabei_epoch_operation_key (secret, &header->device, &header->epoch_id);
  body = mabei_change_open (change, key, NULL);
  if (body == NULL || !mabei_body_decode (body, claimed_ms, &operations, NULL))
    return NULL;
  return operations;
}

static MabeiSummary *
summarize (MabeiSpace *space, MabeiChange *change)
{
  MabeiSummary *summary = summary_new ();
  MabeiKind kind = mabei_change_header (change)->kind;
  g_autoptr (GPtrArray) operations = NULL;

  if (kind == MABEI_KIND_GENESIS)
    add (summary, MABEI_SUMMARY_OPENED, NULL, NULL);
  if (kind != MABEI_KIND_CONTROL && kind != MABEI_KIND_CONTENT)
    return summary;
  operations = read_operations (space, change, &summary->claimed_ms);
  for (guint i = 0; operations != NULL && i < operations->len; i++) {
    if (kind == MABEI_KIND_CONTROL)
      add_control (summary, g_ptr_array_index (operations, i));
    else
      add_content (summary, change, i, g_ptr_array_index (operations, i));
  }
  return summary;
}

const MabeiSummary *
mabei_summary_of (MabeiReplica *replica, MabeiSpace *space, MabeiChange *change)
{
  GHashTable *cache = mabei_replica_data (replica, CACHE);
  MabeiSummary *summary;

  if (cache == NULL) {
    cache = g_hash_table_new_full (mabei_id_hash, mabei_id_equal, g_free, summary_free);
    mabei_replica_set_data (replica, CACHE, cache, (GDestroyNotify) g_hash_table_unref);
  }
  summary = g_hash_table_lookup (cache, mabei_change_id (change));
  if (summary == NULL) {
    summary = summarize (space, change);
    g_hash_table_insert (cache, g_memdup2 (mabei_change_id (change), sizeof (MabeiId)), summary);
  }
  return summary;
}
