#include "sync/peer/record_frame.h"

#include <string.h>

#include "sync/peer/proof.h"

static gboolean
find_epoch (MabeiSpace *space, const MabeiId *wanted, MabeiSecret **secret)
{
  g_autoptr (GArray) ids = NULL;
  g_autoptr (GPtrArray) secrets = NULL;

  mabei_space_epochs (space, &ids, &secrets);
  for (guint i = 0; i < ids->len; i++)
    if (mabei_id_equal (&g_array_index (ids, MabeiId, i), wanted)) {
      *secret = secrets->pdata[i];
      return TRUE;
    }
  return FALSE;
}

/* An EPOCH opens by its wraps to those who do not hold the new secret yet: it must lie where they read now. */
static gboolean
route_epoch_record (MabeiSpace *space, MabeiChange *change, MabeiId *epoch_id, MabeiSecret **secret)
{
  g_autoptr (GBytes) body = mabei_change_open (change, NULL, NULL);
  g_autofree MabeiEpochRecord *record = body != NULL ? mabei_epoch_record_decode (body, NULL) : NULL;

  if (record == NULL)
    return FALSE;
  for (guint i = 0; i < record->n_previous; i++)
    if (find_epoch (space, &record->previous[i], secret)) {
      *epoch_id = record->previous[i];
      return TRUE;
    }
  *epoch_id = record->epoch_id;
  return record->n_previous == 0 && find_epoch (space, epoch_id, secret);
}

gboolean
mabei_record_frame_route (MabeiSpace *space, MabeiChange *change, MabeiId *epoch_id, MabeiSecret **secret)
{
  const MabeiHeader *header = mabei_change_header (change);
  MabeiId found;
  MabeiSecret *key;

  if (header->kind == MABEI_KIND_EPOCH && route_epoch_record (space, change, &found, &key)) {
    *epoch_id = found;
    *secret = key;
    return TRUE;
  }
  if (mabei_change_is_sealed (change) && find_epoch (space, &header->epoch_id, &key)) {
    *epoch_id = header->epoch_id;
    *secret = key;
    return TRUE;
  }
  return mabei_space_writing_epoch (space, epoch_id, secret);
}

GBytes *
mabei_record_frame_seal (MabeiSecret *secret, MabeiMailboxKeys *keys, guint64 tag, gconstpointer data, gsize length)
{
  g_autoptr (GBytes) envelope = mabei_envelope_seal (secret, 0, mabei_mailbox_keys_id (keys), data, length);
  MabeiFrame frame = {.type = MABEI_FRAME_RECORD, .tag = tag, .data = envelope};

  if (envelope == NULL)
    return NULL;
  mabei_proof_sign_data (&frame, keys);
  return mabei_frame_encode (&frame);
}

GBytes *
mabei_record_frame_open (MabeiSecret *secret, MabeiMailboxKeys *keys, const MabeiFrame *frame)
{
  gsize length;
  gconstpointer sealed = g_bytes_get_data (frame->data, &length);

  if (!mabei_short_id_equal (&frame->mailbox, mabei_mailbox_keys_id (keys)) || !mabei_envelope_size_is_valid (length) ||
      !mabei_proof_check_data (frame, mabei_mailbox_keys_write_key (keys)))
    return NULL;
  return mabei_envelope_open (secret, 0, mabei_mailbox_keys_id (keys), sealed, length);
}

void
mabei_record_frame_salted_head (const guint8 salts[64], const MabeiId *head, guint8 out[8])
{
  MabeiId hash;

  mabei_hash (MABEI_LABEL_HEAD, &hash, salts, (gsize) 64, head->bytes, (gsize) MABEI_ID_BYTES, NULL);
  memcpy (out, hash.bytes, 8);
}

static guint
salted_hash (gconstpointer key)
{
  guint hash;

  memcpy (&hash, key, sizeof hash);
  return hash;
}

static gboolean
salted_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, 8) == 0;
}

GArray *
mabei_record_frame_recognise (MabeiSpace *space, const guint8 salts[64], const guint8 (*heads)[8], guint n)
{
  GArray *known = g_array_new (FALSE, FALSE, sizeof (MabeiId));
  g_autoptr (GHashTable) wanted = g_hash_table_new (salted_hash, salted_equal);
  g_autoptr (GPtrArray) changes = NULL;

  for (guint i = 0; i < n; i++)
    g_hash_table_add (wanted, (gpointer) heads[i]);
  if (n == 0)
    return known;
  changes = mabei_graph_ordered (mabei_space_graph (space));
  /* From the end: heads are among the newest. */
  for (guint i = changes->len; i > 0 && g_hash_table_size (wanted) > 0; i--) {
    const MabeiId *id = mabei_change_id (changes->pdata[i - 1]);
    guint8 salted[8];

    mabei_record_frame_salted_head (salts, id, salted);
    if (g_hash_table_remove (wanted, salted))
      g_array_append_val (known, *id);
  }
  return known;
}
