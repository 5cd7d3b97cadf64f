#include "sync/carrier/bundle.h"

#include <sodium.h>
#include <string.h>

#include "sync/carrier/bundle_file.h"
#include "sync/peer/record_frame.h"

/* Inside the sealed stream: the sender's two public keys, then frames, each after its length (4 bytes, least
 * significant first): HELLO with a salt, RECORDs, HEADS, DONE. */
#define LENGTH_BYTES 4u

static gboolean
bundle_error (GError **error, MabeiBundleError code, const char *text)
{
  g_set_error_literal (error, MABEI_BUNDLE_ERROR, code, text);
  return FALSE;
}

/* --- export --- */

static gboolean
is_named (const MabeiShortId *persons, guint n_persons, const MabeiShortId *person)
{
  for (guint i = 0; i < n_persons; i++)
    if (mabei_short_id_equal (&persons[i], person))
      return TRUE;
  return FALSE;
}

/* Every device of the named persons, and this one, so that its own bundle is no riddle to it. NULL: somebody is not in
 * the case. (transfer full) MabeiMember, borrowed elements */
static GPtrArray *
find_recipients (MabeiReplica *replica, MabeiCase *c, const MabeiShortId *persons, guint n_persons, GError **error)
{
  GPtrArray *members = mabei_authority_members (mabei_case_authority (c));
  const MabeiShortId *self = mabei_device_key_id (mabei_replica_keys (replica)->device);
  g_autoptr (GPtrArray) recipients = g_ptr_array_new ();

  for (guint i = 0; i < n_persons; i++) {
    gboolean found = FALSE;

    for (guint k = 0; k < members->len && !found; k++)
      found = mabei_short_id_equal (&((MabeiMember *) members->pdata[k])->person, &persons[i]);
    if (!found) {
      bundle_error (error, MABEI_BUNDLE_ERROR_NOT_FOUND, "one of those people is not in this case");
      return NULL;
    }
  }
  for (guint k = 0; k < members->len; k++) {
    MabeiMember *member = members->pdata[k];

    if (is_named (persons, n_persons, &member->person) || mabei_short_id_equal (&member->device, self))
      g_ptr_array_add (recipients, member);
  }
  if (n_persons == 0 || recipients->len == 0) {
    bundle_error (error, MABEI_BUNDLE_ERROR_NOT_FOUND, "a bundle is for named people of the case");
    return NULL;
  }
  return g_steal_pointer (&recipients);
}

static gboolean
is_in_space (GPtrArray *members, const MabeiShortId *device)
{
  for (guint i = 0; i < members->len; i++)
    if (mabei_short_id_equal (&((MabeiMember *) members->pdata[i])->device, device))
      return TRUE;
  return FALSE;
}

static gboolean
everybody_is_in (MabeiSpace *space, GPtrArray *recipients)
{
  g_autoptr (GPtrArray) members = mabei_space_members (space);

  for (guint i = 0; i < recipients->len; i++)
    if (!is_in_space (members, &((MabeiMember *) recipients->pdata[i])->device))
      return FALSE;
  return TRUE;
}

/* What at least one of the recipients has not said that it has, parents first. (transfer container) */
static GPtrArray *
select_changes (MabeiReplica *replica, MabeiSpace *space, GPtrArray *recipients)
{
  const MabeiShortId *self = mabei_device_key_id (mabei_replica_keys (replica)->device);
  MabeiGraph *graph = mabei_space_graph (space);
  g_autoptr (GHashTable) lacking = g_hash_table_new (NULL, NULL);
  g_autoptr (GPtrArray) ordered = mabei_graph_ordered (graph);
  GPtrArray *selected = g_ptr_array_new ();

  for (guint i = 0; i < recipients->len; i++) {
    const MabeiShortId *device = &((MabeiMember *) recipients->pdata[i])->device;
    g_autoptr (GArray) heads = NULL;
    g_autoptr (GPtrArray) after = NULL;

    if (mabei_short_id_equal (device, self))
      continue;
    heads = mabei_replica_peer_heads (replica, space, device);
    after = mabei_graph_after (graph, (const MabeiId *) (gpointer) heads->data, heads->len);
    for (guint k = 0; k < after->len; k++)
      g_hash_table_add (lacking, after->pdata[k]);
  }
  for (guint i = 0; i < ordered->len; i++)
    if (g_hash_table_contains (lacking, ordered->pdata[i]))
      g_ptr_array_add (selected, ordered->pdata[i]);
  return selected;
}

static gboolean
add_frame (MabeiBundleWriter *writer, GBytes *frame, GError **error)
{
  gsize length;
  gconstpointer data = g_bytes_get_data (frame, &length);
  guint32 little = GUINT32_TO_LE ((guint32) length);

  return mabei_bundle_writer_add (writer, &little, LENGTH_BYTES, error) &&
         mabei_bundle_writer_add (writer, data, length, error);
}

static gboolean
add_plain_frame (MabeiBundleWriter *writer, const MabeiFrame *frame, GError **error)
{
  g_autoptr (GBytes) bytes = mabei_frame_encode (frame);

  return add_frame (writer, bytes, error);
}

static gboolean
add_heads (MabeiBundleWriter *writer, MabeiSpace *space, const guint8 salts[64], MabeiSecret *secret, GError **error)
{
  g_autoptr (MabeiMailboxKeys) keys = mabei_mailbox_keys_new (secret, 0);
  g_autoptr (GArray) heads = mabei_graph_heads (mabei_space_graph (space));
  MabeiFrame frame = {.type = MABEI_FRAME_HEADS, .mailbox = *mabei_mailbox_keys_id (keys)};

  frame.n_heads = MIN (heads->len, G_N_ELEMENTS (frame.heads));
  for (guint i = 0; i < frame.n_heads; i++)
    mabei_record_frame_salted_head (salts, &g_array_index (heads, MabeiId, i), frame.heads[i]);
  return add_plain_frame (writer, &frame, error);
}

static gboolean
add_space (MabeiReplica *replica,
           MabeiBundleWriter *writer,
           MabeiSpace *space,
           GPtrArray *recipients,
           const guint8 salts[64],
           MabeiBundleResult *result,
           GError **error)
{
  g_autoptr (GPtrArray) changes = select_changes (replica, space, recipients);
  g_autoptr (MabeiMailboxKeys) keys = NULL;
  MabeiSecret *secret, *keys_secret = NULL;
  MabeiId epoch_id;

  for (guint i = 0; i < changes->len; i++) {
    gsize length;
    gconstpointer data = g_bytes_get_data (mabei_change_encoded (changes->pdata[i]), &length);
    g_autoptr (GBytes) frame = NULL;

    if (!mabei_record_frame_route (space, changes->pdata[i], &epoch_id, &secret))
      return TRUE; /* no key of this space yet: nothing can be said in it */
    if (secret != keys_secret) {
      g_clear_pointer (&keys, mabei_mailbox_keys_free);
      keys = mabei_mailbox_keys_new (secret, 0);
      keys_secret = secret;
    }
    frame = mabei_record_frame_seal (secret, keys, result->changes + 1, data, length);
    if (!add_frame (writer, frame, error))
      return FALSE;
    result->changes++;
  }
  return !mabei_space_writing_epoch (space, &epoch_id, &secret) || add_heads (writer, space, salts, secret, error);
}

static gboolean
add_spaces (MabeiReplica *replica,
            MabeiBundleWriter *writer,
            MabeiCase *c,
            GPtrArray *recipients,
            MabeiBundleResult *result,
            GError **error)
{
  MabeiFrame hello = {.type = MABEI_FRAME_HELLO, .version = MABEI_PROTOCOL_VERSION};
  MabeiFrame done = {.type = MABEI_FRAME_DONE};
  const MabeiDevicePublic *self = mabei_device_key_public (mabei_replica_keys (replica)->device);
  GPtrArray *spaces = mabei_case_spaces (c);
  guint8 salts[64] = {0};

  randombytes_buf (hello.salt, sizeof hello.salt);
  memcpy (salts, hello.salt, sizeof hello.salt);
  if (!mabei_bundle_writer_add (writer, self->sign_key, sizeof self->sign_key, error) ||
      !mabei_bundle_writer_add (writer, self->box_key, sizeof self->box_key, error) ||
      !add_plain_frame (writer, &hello, error))
    return FALSE;
  for (guint i = 0; i < spaces->len; i++)
    if (everybody_is_in (spaces->pdata[i], recipients) &&
        !add_space (replica, writer, spaces->pdata[i], recipients, salts, result, error))
      return FALSE;
  return add_plain_frame (writer, &done, error);
}

gboolean
mabei_bundle_export (MabeiReplica *replica,
                     MabeiCase *c,
                     const MabeiShortId *persons,
                     guint n_persons,
                     const char *path,
                     guint64 now_ms,
                     MabeiBundleResult *result,
                     GError **error)
{
  MabeiBundleResult made = {0};
  g_autoptr (MabeiBundleWriter) writer = NULL;
  g_autoptr (GPtrArray) recipients = NULL;
  g_autoptr (GArray) keys = g_array_new (FALSE, FALSE, sizeof (MabeiDevicePublic));

  if (!mabei_replica_flush (replica, now_ms, error))
    return FALSE;
  recipients = find_recipients (replica, c, persons, n_persons, error);
  if (recipients == NULL)
    return FALSE;
  for (guint i = 0; i < recipients->len; i++)
    g_array_append_val (keys, ((MabeiMember *) recipients->pdata[i])->keys);
  writer = mabei_bundle_writer_new (path, mabei_replica_keys (replica)->device, keys, error);
  if (writer == NULL || !add_spaces (replica, writer, c, recipients, &made, error) ||
      !mabei_bundle_writer_finish (writer, &made.bytes, error))
    return FALSE;
  if (result != NULL)
    *result = made;
  return TRUE;
}

char *
mabei_bundle_inspect (const char *path, MabeiBundleResult *result, GError **error)
{
  g_autoptr (MabeiBundleReader) reader = mabei_bundle_reader_new (path, error);
  MabeiBundleResult seen = {0};

  if (reader == NULL)
    return NULL;
  seen.bytes = mabei_bundle_reader_bytes (reader);
  if (result != NULL)
    *result = seen;
  return g_strdup_printf ("bundle of format 1, %u slots, %" G_GUINT64_FORMAT " bytes",
                          mabei_bundle_reader_n_slots (reader), seen.bytes);
}
