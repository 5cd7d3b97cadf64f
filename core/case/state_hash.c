/* One hash over what a space has come to, and the proof that it follows from the changes alone (core.md 1). Hashed is
 * one canonical CBOR array, see FORMAT.md; what is typed but not sealed is left out.
 */
#include "core/case/case_private.h"

#include <string.h>

#include "core/base/cbor.h"

static void
write_id (GByteArray *out, const MabeiId *id)
{
  mabei_cbor_write_bytes (out, id->bytes, sizeof id->bytes);
}

static void
write_short_id (GByteArray *out, const MabeiShortId *id)
{
  mabei_cbor_write_bytes (out, id->bytes, sizeof id->bytes);
}

static gint
compare_ids (gconstpointer a, gconstpointer b)
{
  return mabei_id_compare (*(const MabeiId *const *) a, *(const MabeiId *const *) b);
}

static void
write_quarantined (GByteArray *out, MabeiSpace *space)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer id;
  g_hash_table_iter_init (&iter, space->quarantined);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    g_ptr_array_add (ids, id);
  g_ptr_array_sort (ids, compare_ids);
  mabei_cbor_write_array (out, ids->len);
  for (guint i = 0; i < ids->len; i++)
    write_id (out, g_ptr_array_index (ids, i));
}

static gint
compare_epochs (gconstpointer a, gconstpointer b)
{
  const MabeiEpochEntry *const *left = a, *const *right = b;
  return mabei_change_compare ((*left)->change, (*right)->change);
}

static void
write_epochs (GByteArray *out, MabeiSpace *space)
{
  g_autoptr (GPtrArray) epochs = g_ptr_array_new ();
  for (guint i = 0; i < space->epochs->len; i++) {
    MabeiEpochEntry *entry = g_ptr_array_index (space->epochs, i);
    if (!entry->is_void)
      g_ptr_array_add (epochs, entry);
  }
  g_ptr_array_sort (epochs, compare_epochs);
  mabei_cbor_write_array (out, epochs->len);
  for (guint i = 0; i < epochs->len; i++) {
    const MabeiEpochEntry *entry = g_ptr_array_index (epochs, i);
    mabei_cbor_write_array (out, 3);
    write_id (out, mabei_change_id (entry->change));
    write_id (out, &entry->record->epoch_id);
    mabei_cbor_write_uint (out, entry->record->generation);
  }
}

static void
write_fields (GByteArray *out, MabeiSpace *space)
{
  g_auto (GStrv) names = mabei_space_field_names (space);
  mabei_cbor_write_array (out, g_strv_length (names));
  for (guint i = 0; names[i] != NULL; i++) {
    const MabeiFieldState *field = g_hash_table_lookup (space->fields, names[i]);
    gsize n;
    g_autofree MabeiRegisterValue *values = mabei_register_values (field->values, &n);
    mabei_cbor_write_array (out, 2);
    mabei_cbor_write_text (out, names[i]);
    mabei_cbor_write_array (out, n);
    for (gsize k = 0; k < n; k++) {
      gsize length;
      gconstpointer value = g_bytes_get_data (values[k].value, &length);
      mabei_cbor_write_array (out, 3);
      mabei_cbor_write_bytes (out, values[k].id->name, sizeof values[k].id->name);
      mabei_cbor_write_uint (out, values[k].id->index);
      mabei_cbor_write_bytes (out, value, length);
    }
  }
}

/* --- texts: every element with its name, its place, and who deleted it --- */

typedef struct {
  MabeiText *text;
  guint32 burst;
  GByteArray *out;
  /* elements not yet written: how they lie in spans depends on the order of arrival */
  guint32 agent;
  guint32 seq;
  guint32 length;
  GArray *deleters;
  GByteArray *utf8;
} TextHash;

static gint
compare_agents (gconstpointer a, gconstpointer b, gpointer text)
{
  gsize left_length, right_length;
  const guint8 *left = mabei_text_agent_name (text, *(const guint32 *) a, &left_length);
  const guint8 *right = mabei_text_agent_name (text, *(const guint32 *) b, &right_length);
  gint order = memcmp (left, right, MIN (left_length, right_length));
  return order != 0 ? order : left_length < right_length ? -1 : left_length > right_length;
}

static void
write_agent (TextHash *hash, guint32 agent)
{
  gsize length;
  const guint8 *name = mabei_text_agent_name (hash->text, agent, &length);
  mabei_cbor_write_bytes (hash->out, name, length);
}

static void
flush_run (TextHash *hash)
{
  if (hash->length == 0)
    return;
  mabei_cbor_write_array (hash->out, 4);
  write_agent (hash, hash->agent);
  mabei_cbor_write_uint (hash->out, hash->seq);
  mabei_cbor_write_bytes (hash->out, hash->utf8->data, hash->utf8->len);
  g_array_sort_with_data (hash->deleters, compare_agents, hash->text);
  mabei_cbor_write_array (hash->out, hash->deleters->len);
  for (guint i = 0; i < hash->deleters->len; i++)
    write_agent (hash, g_array_index (hash->deleters, guint32, i));
  hash->length = 0;
}

static void
add_run (const MabeiTextRun *run, gpointer user_data)
{
  TextHash *hash = user_data;
  if (run->agent == hash->burst)
    return;
  g_autoptr (GArray) deleters = g_array_new (FALSE, FALSE, sizeof (guint32));
  for (guint32 i = 0; i < run->n_deleters; i++) {
    if (run->deleters[i] != hash->burst)
      g_array_append_val (deleters, run->deleters[i]);
  }
  g_array_sort_with_data (deleters, compare_agents, hash->text);
  gboolean follows =
      hash->length > 0 && run->agent == hash->agent && run->seq == hash->seq + hash->length &&
      deleters->len == hash->deleters->len &&
      (deleters->len == 0 || memcmp (deleters->data, hash->deleters->data, deleters->len * sizeof (guint32)) == 0);
  if (!follows) {
    flush_run (hash);
    hash->agent = run->agent;
    hash->seq = run->seq;
    g_byte_array_set_size (hash->utf8, 0);
    g_array_set_size (hash->deleters, 0);
    if (deleters->len > 0)
      g_array_append_vals (hash->deleters, deleters->data, deleters->len);
  }
  hash->length += run->length;
  g_byte_array_append (hash->utf8, (const guint8 *) run->utf8, (guint) run->n_bytes);
}

static void
write_text_digest (GByteArray *out, MabeiDocument *document)
{
  g_autoptr (GByteArray) runs = g_byte_array_new ();
  g_autoptr (GByteArray) utf8 = g_byte_array_new ();
  g_autoptr (GArray) deleters = g_array_new (FALSE, FALSE, sizeof (guint32));
  TextHash hash = {.text = document->text,
                   .burst = mabei_document_burst_agent (document),
                   .out = runs,
                   .deleters = deleters,
                   .utf8 = utf8};
  MabeiId digest;
  mabei_text_blame (document->text, add_run, &hash);
  flush_run (&hash);
  mabei_hash (MABEI_LABEL_STATE, &digest, runs->data, (gsize) runs->len, NULL);
  write_id (out, &digest);
}

static void
write_documents (GByteArray *out, MabeiSpace *space)
{
  g_autoptr (GPtrArray) documents = mabei_space_documents (space);
  mabei_cbor_write_array (out, documents->len);
  for (guint i = 0; i < documents->len; i++) {
    MabeiDocument *document = g_ptr_array_index (documents, i);
    mabei_cbor_write_array (out, 4);
    write_short_id (out, &document->id);
    mabei_cbor_write_text (out, document->kind);
    mabei_cbor_write_text (out, document->title);
    write_text_digest (out, document);
  }
}

static void
write_messages (GByteArray *out, MabeiSpace *space)
{
  mabei_cbor_write_array (out, space->messages->len);
  for (guint i = 0; i < space->messages->len; i++) {
    const MabeiMessageEntry *entry = g_ptr_array_index (space->messages, i);
    mabei_cbor_write_array (out, 4);
    write_id (out, &entry->message.change);
    mabei_cbor_write_uint (out, entry->index);
    mabei_cbor_write_uint (out, entry->message.level);
    mabei_cbor_write_text (out, entry->message.text);
  }
}

static void
write_authority (GByteArray *out, MabeiSpace *space)
{
  static const MabeiShortId none;
  if (space->kind != MABEI_SPACE_CONTROL) {
    mabei_cbor_write_null (out);
    return;
  }
  MabeiAuthority *authority = space->c->authority;
  GPtrArray *members = mabei_authority_members (authority);
  GPtrArray *invitations = mabei_authority_invitations (authority);
  const MabeiShortId *joint = mabei_authority_joint_space (authority);
  mabei_cbor_write_array (out, 3);
  mabei_cbor_write_array (out, members->len);
  for (guint i = 0; i < members->len; i++) {
    const MabeiMember *member = g_ptr_array_index (members, i);
    mabei_cbor_write_array (out, 5);
    write_short_id (out, &member->device);
    write_short_id (out, &member->person);
    mabei_cbor_write_uint (out, member->role);
    mabei_cbor_write_text (out, member->name);
    write_id (out, &member->admitted_by);
  }
  mabei_cbor_write_array (out, invitations->len);
  for (guint i = 0; i < invitations->len; i++) {
    const MabeiInvitation *invitation = g_ptr_array_index (invitations, i);
    mabei_cbor_write_array (out, 4);
    mabei_cbor_write_bytes (out, invitation->invite_key, sizeof invitation->invite_key);
    mabei_cbor_write_uint (out, invitation->role);
    mabei_cbor_write_text (out, invitation->name);
    mabei_cbor_write_bool (out, invitation->used);
  }
  write_short_id (out, joint != NULL ? joint : &none);
}

void
mabei_space_state_hash (MabeiSpace *space, MabeiId *hash)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GArray) heads = mabei_graph_heads (space->graph);
  mabei_cbor_write_array (out, 9);
  mabei_cbor_write_uint (out, space->kind);
  write_short_id (out, &space->id);
  mabei_cbor_write_array (out, heads->len);
  for (guint i = 0; i < heads->len; i++)
    write_id (out, &g_array_index (heads, MabeiId, i));
  write_quarantined (out, space);
  write_epochs (out, space);
  write_fields (out, space);
  write_documents (out, space);
  write_messages (out, space);
  write_authority (out, space);
  mabei_hash (MABEI_LABEL_STATE, hash, out->data, (gsize) out->len, NULL);
}

static gint
compare_spaces (gconstpointer a, gconstpointer b)
{
  const MabeiSpace *const *left = a, *const *right = b;
  return mabei_short_id_compare (&(*left)->id, &(*right)->id);
}

void
mabei_case_state_hash (MabeiCase *c, MabeiId *hash)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GPtrArray) spaces = g_ptr_array_new ();
  for (guint i = 0; i < c->spaces->len; i++)
    g_ptr_array_add (spaces, g_ptr_array_index (c->spaces, i));
  g_ptr_array_sort (spaces, compare_spaces);
  mabei_cbor_write_array (out, spaces->len);
  for (guint i = 0; i < spaces->len; i++) {
    MabeiId one;
    mabei_space_state_hash (g_ptr_array_index (spaces, i), &one);
    write_id (out, &one);
  }
  mabei_hash (MABEI_LABEL_STATE, hash, out->data, (gsize) out->len, NULL);
}

/* --- folding everything again --- */

static gboolean
replay_space (MabeiCase *fresh, MabeiSpace *space, GError **error)
{
  MabeiSpace *copy = mabei_case_add_space (fresh, &space->id, space->kind, &space->other);
  if (space->kind == MABEI_SPACE_CONTROL)
    copy = fresh->control;
  GHashTableIter iter;
  gpointer value;
  g_hash_table_iter_init (&iter, space->secrets);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    mabei_space_hold (copy, &((MabeiHeldEpoch *) value)->id, ((MabeiHeldEpoch *) value)->secret);
  g_autoptr (GPtrArray) ordered = mabei_graph_ordered (space->graph);
  for (guint i = 0; i < ordered->len; i++) {
    if (mabei_case_receive (fresh, g_ptr_array_index (ordered, i), error) < 0)
      return FALSE;
  }
  return TRUE;
}

gboolean
mabei_case_check (MabeiCase *c, GError **error)
{
  g_autoptr (MabeiCase) fresh = mabei_case_new (c->genesis, c->device, error);
  if (fresh == NULL)
    return FALSE;
  for (guint i = 0; i < c->spaces->len; i++) {
    if (!replay_space (fresh, g_ptr_array_index (c->spaces, i), error))
      return FALSE;
  }
  for (guint i = 0; i < c->spaces->len; i++) {
    MabeiSpace *space = g_ptr_array_index (c->spaces, i);
    MabeiId kept, folded;
    mabei_space_state_hash (space, &kept);
    mabei_space_state_hash (mabei_case_space (fresh, &space->id), &folded);
    if (!mabei_id_equal (&kept, &folded)) {
      g_autofree char *id = mabei_short_id_to_hex (&space->id);
      g_set_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_CONFLICT,
                   "the state of space %s does not follow from its changes", id);
      return FALSE;
    }
  }
  return TRUE;
}
