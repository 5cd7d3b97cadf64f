/* Import: the whole file is verified before a byte of it is stored. */
#include <string.h>

#include "sync/carrier/bundle_file.h"
#include "sync/peer/record_frame.h"

#define LENGTH_BYTES 4u
#define BATCH 128u /* changes stored together */

/* A mailbox that this device can open. */
typedef struct {
  MabeiSpace *space;
  MabeiMailboxKeys *keys;
  MabeiSecret *secret;
  gboolean is_senders; /* the sender may bring changes of that space */
} Box;

typedef struct {
  MabeiReplica *replica;
  MabeiBundleReader *reader;
  MabeiDevicePublic sender;
  MabeiShortId sender_id;
  guint8 salts[64];
  gboolean is_import; /* the second pass */
  gboolean has_hello, has_done;
  GPtrArray *boxes;
  MabeiSpace *space; /* of the batch */
  GPtrArray *batch;  /* GBytes */
  guint64 now_ms;
  MabeiBundleResult result;
} Import;

static gboolean
damaged (GError **error, const char *text)
{
  g_set_error_literal (error, MABEI_BUNDLE_ERROR, MABEI_BUNDLE_ERROR_DAMAGED, text);
  return FALSE;
}

static void
box_free (Box *box)
{
  mabei_mailbox_keys_free (box->keys);
  mabei_secret_unref (box->secret);
  g_free (box);
}

/* A newcomer holds the key of a caucus before he has its EPOCH and knows who else is in it: until then, whoever of the
 * case holds the key too may bring it. */
static gboolean
may_bring (MabeiSpace *space, const MabeiShortId *device)
{
  g_autoptr (GPtrArray) members = mabei_space_members (space);

  for (guint i = 0; i < members->len; i++)
    if (mabei_short_id_equal (&((MabeiMember *) members->pdata[i])->device, device))
      return TRUE;
  return mabei_graph_n_complete (mabei_space_graph (space)) == 0 &&
         mabei_authority_member (mabei_case_authority (mabei_space_case (space)), device) != NULL;
}

static void
add_boxes (Import *import, MabeiSpace *space)
{
  g_autoptr (GArray) ids = NULL;
  g_autoptr (GPtrArray) secrets = NULL;
  gboolean is_senders = may_bring (space, &import->sender_id);

  mabei_space_epochs (space, &ids, &secrets);
  for (guint i = 0; i < secrets->len; i++) {
    Box *box = g_new0 (Box, 1);

    box->space = space;
    box->secret = mabei_secret_ref (secrets->pdata[i]);
    box->keys = mabei_mailbox_keys_new (box->secret, 0);
    box->is_senders = is_senders;
    g_ptr_array_add (import->boxes, box);
  }
}

static void
scan_boxes (Import *import)
{
  GPtrArray *cases = mabei_replica_cases (import->replica);

  g_ptr_array_set_size (import->boxes, 0);
  for (guint i = 0; i < cases->len; i++) {
    GPtrArray *spaces = mabei_case_spaces (cases->pdata[i]);

    for (guint k = 0; k < spaces->len; k++)
      add_boxes (import, spaces->pdata[k]);
  }
}

static Box *
find_box (Import *import, const MabeiShortId *mailbox)
{
  for (guint i = 0; i < import->boxes->len; i++) {
    Box *box = import->boxes->pdata[i];

    if (mabei_short_id_equal (mabei_mailbox_keys_id (box->keys), mailbox))
      return box;
  }
  return NULL;
}

static gboolean
store_batch (Import *import, GError **error)
{
  guint n_new = 0, n_refused = 0;

  if (import->batch->len == 0)
    return TRUE;
  if (!mabei_replica_receive_many (import->replica, import->space, import->batch, MABEI_SOURCE_PEER, import->now_ms,
                                   &n_new, &n_refused, error))
    return FALSE;
  g_ptr_array_set_size (import->batch, 0);
  import->result.new_ones += n_new;
  if (n_new > 0)
    scan_boxes (import); /* keys and members may have come */
  return TRUE;
}

/* What cannot be opened here, or comes from somebody who is not in that space, is passed over. */
static gboolean
import_record (Import *import, const MabeiFrame *frame, GError **error)
{
  Box *box = find_box (import, &frame->mailbox);
  g_autoptr (GBytes) data = NULL;

  import->result.changes++;
  if (!import->is_import)
    return TRUE;
  if (box == NULL || !box->is_senders || box->space != import->space || import->batch->len >= BATCH) {
    if (!store_batch (import, error))
      return FALSE;
    box = find_box (import, &frame->mailbox);
  }
  if (box == NULL || !box->is_senders)
    return TRUE;
  data = mabei_record_frame_open (box->secret, box->keys, frame);
  if (data == NULL)
    return TRUE;
  import->space = box->space;
  g_ptr_array_add (import->batch, g_steal_pointer (&data));
  return TRUE;
}

static gboolean
import_heads (Import *import, const MabeiFrame *frame, GError **error)
{
  g_autoptr (GArray) heads = NULL;
  Box *box;

  if (!import->is_import)
    return TRUE;
  if (!store_batch (import, error))
    return FALSE;
  box = find_box (import, &frame->mailbox);
  if (box == NULL || !box->is_senders)
    return TRUE;
  heads = mabei_record_frame_recognise (box->space, import->salts, (const guint8 (*)[8]) frame->heads, frame->n_heads);
  return heads->len == 0 ||
         memcmp (&import->sender, mabei_device_key_public (mabei_replica_keys (import->replica)->device),
                 sizeof import->sender) == 0 ||
         mabei_replica_set_peer_heads (import->replica, box->space, &import->sender_id,
                                       (const MabeiId *) (gpointer) heads->data, heads->len, import->now_ms, error);
}

static gboolean
import_frame (Import *import, GBytes *bytes, GError **error)
{
  g_autoptr (MabeiFrame) frame = mabei_frame_decode (bytes, NULL);

  if (frame == NULL || import->has_done || import->has_hello == (frame->type == MABEI_FRAME_HELLO))
    return damaged (error, "the bundle holds what a bundle does not hold");
  switch ((int) frame->type) {
  case MABEI_FRAME_HELLO:
    memcpy (import->salts, frame->salt, sizeof frame->salt);
    import->has_hello = TRUE;
    return TRUE;
  case MABEI_FRAME_RECORD:
    return import_record (import, frame, error);
  case MABEI_FRAME_HEADS:
    return import_heads (import, frame, error);
  case MABEI_FRAME_DONE:
    import->has_done = TRUE;
    return store_batch (import, error);
  default:
    return damaged (error, "the bundle holds what a bundle does not hold");
  }
}

/* *@is_end at the end of the stream, between two frames. */
static gboolean
read_frame (MabeiBundleReader *reader, GBytes **frame, gboolean *is_end, GError **error)
{
  g_autofree guint8 *data = NULL;
  guint32 little, length;
  gsize got;

  if (!mabei_bundle_reader_read (reader, &little, LENGTH_BYTES, &got, error))
    return FALSE;
  *is_end = got == 0;
  if (*is_end)
    return TRUE;
  length = GUINT32_FROM_LE (little);
  if (got < LENGTH_BYTES || length == 0 || length > MABEI_LIMIT_FRAME_BYTES)
    return damaged (error, "the bundle holds what a bundle does not hold");
  data = g_malloc (length);
  if (!mabei_bundle_reader_read (reader, data, length, &got, error))
    return FALSE;
  if (got < length)
    return damaged (error, "the bundle holds what a bundle does not hold");
  *frame = g_bytes_new_take (g_steal_pointer (&data), length);
  return TRUE;
}

static gboolean
run_pass (Import *import, GError **error)
{
  MabeiDevicePublic sender;
  gboolean is_end = FALSE;
  gsize got;

  import->has_hello = import->has_done = FALSE;
  memset (&import->result, 0, sizeof import->result);
  if (!mabei_bundle_reader_rewind (import->reader, error) ||
      !mabei_bundle_reader_read (import->reader, &sender, sizeof sender, &got, error))
    return FALSE;
  if (got < sizeof sender || memcmp (&sender, &import->sender, sizeof sender) != 0)
    return damaged (error, "the bundle names another sender than the one who sealed it");
  for (;;) {
    g_autoptr (GBytes) frame = NULL;

    if (!read_frame (import->reader, &frame, &is_end, error))
      return FALSE;
    if (is_end)
      return import->has_done || damaged (error, "the bundle is not whole");
    if (!import_frame (import, frame, error))
      return FALSE;
  }
}

/* Whoever may have sent it: this device, and every device of its cases. */
static gboolean
unlock (Import *import)
{
  MabeiDeviceKey *self = mabei_replica_keys (import->replica)->device;
  GPtrArray *cases = mabei_replica_cases (import->replica);
  g_autoptr (GHashTable) tried = g_hash_table_new (mabei_short_id_hash, mabei_short_id_equal);

  import->sender = *mabei_device_key_public (self);
  import->sender_id = *mabei_device_key_id (self);
  if (mabei_bundle_reader_unlock (import->reader, self, &import->sender))
    return TRUE;
  for (guint i = 0; i < cases->len; i++) {
    GPtrArray *members = mabei_authority_members (mabei_case_authority (cases->pdata[i]));

    for (guint k = 0; k < members->len; k++) {
      MabeiMember *member = members->pdata[k];

      if (!g_hash_table_add (tried, &member->device))
        continue;
      import->sender = member->keys;
      import->sender_id = member->device;
      if (mabei_bundle_reader_unlock (import->reader, self, &import->sender))
        return TRUE;
    }
  }
  return FALSE;
}

static gboolean
run (Import *import, GError **error)
{
  if (!unlock (import)) {
    g_set_error_literal (error, MABEI_BUNDLE_ERROR, MABEI_BUNDLE_ERROR_NOT_FOR_YOU,
                         "the bundle is not for this device, or its sender is not known here");
    return FALSE;
  }
  if (!run_pass (import, error))
    return FALSE;
  import->is_import = TRUE;
  scan_boxes (import);
  return run_pass (import, error);
}

gboolean
mabei_bundle_import (MabeiReplica *replica, const char *path, guint64 now_ms, MabeiBundleResult *result, GError **error)
{
  Import import = {.replica = replica, .now_ms = now_ms};
  g_autoptr (MabeiBundleReader) reader = mabei_bundle_reader_new (path, error);
  gboolean good;

  if (reader == NULL)
    return FALSE;
  import.reader = reader;
  import.boxes = g_ptr_array_new_with_free_func ((GDestroyNotify) box_free);
  import.batch = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  good = run (&import, error);
  g_ptr_array_unref (import.boxes);
  g_ptr_array_unref (import.batch);
  import.result.bytes = mabei_bundle_reader_bytes (reader);
  if (good && result != NULL)
    *result = import.result;
  return good;
}
