#include "tests/tools/cast.h"

#include <sodium.h>
#include <string.h>

/* Claimed times: nothing may depend on them. */
static guint64 now_ms = 1700000000000;

static guint64
next_time (void)
{
  return now_ms += 1000;
}

MabeiActor *
mabei_actor_new (const char *name, MabeiRole role)
{
  MabeiActor *actor = g_new0 (MabeiActor, 1);
  actor->name = g_strdup (name);
  actor->role = role;
  actor->key = mabei_device_key_new ();
  randombytes_buf (actor->person.bytes, sizeof actor->person.bytes);
  return actor;
}

void
mabei_actor_free (MabeiActor *actor)
{
  mabei_case_free (actor->c);
  mabei_device_key_free (actor->key);
  g_free (actor->name);
  g_free (actor);
}

MabeiChange *
mabei_actor_genesis (MabeiActor *actor, MabeiDeviceKey *court, const MabeiDevicePublic *holder, guint32 rights)
{
  GError *error = NULL;
  MabeiGenesis genesis = {.person = actor->person, .policy = 1};
  genesis.credential =
      mabei_credential_issue (court, actor->role, actor->name, holder, rights, 1, next_time (), &error);
  g_assert_no_error (error);
  randombytes_buf (genesis.nonce, sizeof genesis.nonce);
  g_autoptr (GBytes) body = mabei_genesis_encode (&genesis);
  MabeiHeader header = {.device = *mabei_device_key_id (actor->key), .lamport = 1, .kind = MABEI_KIND_GENESIS};
  randombytes_buf (header.space.bytes, sizeof header.space.bytes);
  gsize length;
  gconstpointer data = g_bytes_get_data (body, &length);
  MabeiChange *change = mabei_change_seal (&header, actor->key, NULL, data, length, &error);
  g_assert_no_error (error);
  mabei_credential_free (genesis.credential);
  return change;
}

/* --- in one's own replica --- */

MabeiSpace *
mabei_actor_space (MabeiActor *actor, MabeiSpaceKind kind, MabeiActor *side)
{
  MabeiSpace *space = mabei_case_space_of_kind (actor->c, kind, side != NULL ? &side->person : NULL);
  g_assert_nonnull (space);
  return space;
}

MabeiReceived
mabei_actor_receive (MabeiActor *actor, MabeiChange *change)
{
  GError *error = NULL;
  int received = mabei_case_receive (actor->c, change, &error);
  g_assert_no_error (error);
  g_assert_cmpint (received, >=, 0);
  return (MabeiReceived) received;
}

MabeiChange *
mabei_actor_commit (MabeiActor *actor, MabeiSpace *space, MabeiKind kind, GPtrArray *operations)
{
  GError *error = NULL;
  MabeiChange *change = mabei_case_author (actor->c, space, kind, operations, next_time (), &error);
  g_assert_no_error (error);
  g_assert_cmpint (mabei_actor_receive (actor, change), ==, MABEI_RECEIVED_NEW);
  if (operations != NULL)
    g_ptr_array_unref (operations);
  return change;
}

MabeiChange *
mabei_actor_do (MabeiActor *actor, MabeiSpace *space, GBytes *operation)
{
  GPtrArray *operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_assert_nonnull (operation);
  g_ptr_array_add (operations, operation);
  MabeiKind kind = mabei_space_kind (space) == MABEI_SPACE_CONTROL ? MABEI_KIND_CONTROL : MABEI_KIND_CONTENT;
  return mabei_actor_commit (actor, space, kind, operations);
}

void
mabei_actor_post (MabeiActor *actor, MabeiSpace *space, const char *text)
{
  GError *error = NULL;
  GBytes *operation = mabei_operation_post (text, MABEI_LEVEL_KEEP, &error);
  g_assert_no_error (error);
  mabei_change_unref (mabei_actor_do (actor, space, operation));
}

void
mabei_actor_set (MabeiActor *actor, MabeiSpace *space, const char *name, const char *value)
{
  GError *error = NULL;
  GBytes *operation = mabei_space_operation_field (space, name, value, &error);
  g_assert_no_error (error);
  mabei_change_unref (mabei_actor_do (actor, space, operation));
}

MabeiDocument *
mabei_actor_write (MabeiActor *actor, MabeiSpace *space, const char *title)
{
  GError *error = NULL;
  GBytes *operation = mabei_operation_document ("minutes", title, &error);
  g_assert_no_error (error);
  g_autoptr (MabeiChange) change = mabei_actor_do (actor, space, operation);
  MabeiShortId id;
  mabei_document_id_of (mabei_change_id (change), 0, &id);
  MabeiDocument *document = mabei_case_document (actor->c, &id);
  g_assert_nonnull (document);
  return document;
}

void
mabei_actor_seal (MabeiActor *actor, MabeiDocument *document)
{
  mabei_change_unref (mabei_actor_do (actor, mabei_document_space (document), mabei_document_take_burst (document)));
  g_assert_false (mabei_document_has_burst (document));
}

void
mabei_actor_type (MabeiActor *actor, MabeiDocument *document, guint position, guint remove, const char *insert)
{
  GError *error = NULL;
  mabei_document_edit (document, position, remove, insert, &error);
  g_assert_no_error (error);
  mabei_actor_seal (actor, document);
}

static void
rotate_for (MabeiActor *actor, MabeiSpace *space, GPtrArray *recipients)
{
  GError *error = NULL;
  g_autoptr (MabeiSecret) secret = NULL;
  g_autoptr (MabeiChange) change = mabei_case_author_epoch (actor->c, space, recipients, &secret, &error);
  g_assert_no_error (error);
  g_assert_cmpint (mabei_actor_receive (actor, change), ==, MABEI_RECEIVED_NEW);
}

void
mabei_actor_rotate (MabeiActor *actor, MabeiSpace *space)
{
  g_autoptr (GPtrArray) recipients = mabei_space_members (space);
  rotate_for (actor, space, recipients);
}

void
mabei_actor_merge (MabeiActor *actor, MabeiSpace *space)
{
  mabei_change_unref (mabei_actor_commit (actor, space, MABEI_KIND_MERGE, NULL));
}

char *
mabei_actor_text (MabeiActor *actor, const MabeiShortId *id)
{
  MabeiDocument *document = mabei_case_document (actor->c, id);
  g_assert_nonnull (document);
  return mabei_text_read (mabei_document_text (document), NULL);
}

/* --- admission --- */

GBytes *
mabei_cast_invite_operation (const guint8 invite_key[32], MabeiRole role, const char *name)
{
  MabeiControlOperation operation = {
      .type = MABEI_CONTROL_INVITE,
      .invitation = {.role = role, .name = (char *) name, .expires_ms = 1800000000000},
  };
  memcpy (operation.invitation.invite_key, invite_key, 32);
  return mabei_control_operation_encode (&operation);
}

GBytes *
mabei_cast_admit_operation (const guint8 invite_key[32], MabeiActor *newcomer)
{
  MabeiControlOperation operation = {
      .type = MABEI_CONTROL_ADMIT,
      .member = {.device = *mabei_device_key_id (newcomer->key),
                 .keys = *mabei_device_key_public (newcomer->key),
                 .person = newcomer->person,
                 .role = newcomer->role,
                 .name = newcomer->name},
  };
  memcpy (operation.invite_key, invite_key, 32);
  return mabei_control_operation_encode (&operation);
}

void
mabei_actor_welcome (MabeiActor *from, MabeiActor *to)
{
  GError *error = NULL;
  GPtrArray *spaces = mabei_case_spaces (from->c);
  if (to->c == NULL) {
    MabeiChange *genesis =
        mabei_graph_lookup (mabei_space_graph (g_ptr_array_index (spaces, 0)), mabei_case_id (from->c));
    to->c = mabei_case_new (genesis, to->key, &error);
    g_assert_no_error (error);
  }
  for (guint i = 0; i < spaces->len; i++) {
    MabeiSpace *space = g_ptr_array_index (spaces, i);
    if (mabei_space_kind (space) == MABEI_SPACE_CAUCUS &&
        !mabei_short_id_equal (mabei_space_other (space), &to->person))
      continue;
    MabeiSpace *copy = mabei_case_space (to->c, mabei_space_id (space));
    if (copy == NULL)
      copy = mabei_case_add_space (to->c, mabei_space_id (space), mabei_space_kind (space), mabei_space_other (space));
    g_autoptr (GArray) ids = NULL;
    g_autoptr (GPtrArray) secrets = NULL;
    mabei_space_epochs (space, &ids, &secrets);
    for (guint k = 0; k < ids->len; k++) {
      mabei_space_add_epoch (copy, &g_array_index (ids, MabeiId, k), g_ptr_array_index (secrets, k), &error);
      g_assert_no_error (error);
    }
  }
}

static MabeiSpace *
open_space (MabeiActor *actor, MabeiSpaceKind kind, MabeiActor *side)
{
  MabeiShortId id, nobody = {{0}};
  randombytes_buf (id.bytes, sizeof id.bytes);
  MabeiSpace *space = mabei_case_add_space (actor->c, &id, kind, side != NULL ? &side->person : &nobody);
  g_assert_nonnull (space);
  g_autoptr (GPtrArray) recipients = g_ptr_array_new ();
  g_ptr_array_add (recipients, (gpointer) mabei_case_self (actor->c));
  if (side != NULL)
    g_ptr_array_add (recipients, (gpointer) mabei_authority_member (mabei_case_authority (actor->c),
                                                                    mabei_device_key_id (side->key)));
  rotate_for (actor, space, recipients);
  return space;
}

void
mabei_cast_admit (MabeiCast *cast, MabeiActor *newcomer)
{
  MabeiActor *mediator = cast->mediator;
  MabeiSpace *control = mabei_actor_space (mediator, MABEI_SPACE_CONTROL, NULL);
  guint8 invite_key[32];
  randombytes_buf (invite_key, sizeof invite_key);
  mabei_change_unref (
      mabei_actor_do (mediator, control, mabei_cast_invite_operation (invite_key, newcomer->role, newcomer->name)));
  mabei_change_unref (mabei_actor_do (mediator, control, mabei_cast_admit_operation (invite_key, newcomer)));
  mabei_actor_rotate (mediator, control);
  mabei_actor_rotate (mediator, mabei_actor_space (mediator, MABEI_SPACE_JOINT, NULL));
  if (newcomer->role == MABEI_ROLE_PARTY)
    open_space (mediator, MABEI_SPACE_CAUCUS, newcomer);
  mabei_actor_welcome (mediator, newcomer);
  mabei_actor_send (mediator, newcomer);
  g_assert_nonnull (mabei_case_self (newcomer->c));
}

/* --- the cast --- */

MabeiActor *
mabei_cast_add (MabeiCast *cast, const char *name, MabeiRole role)
{
  MabeiActor *actor = mabei_actor_new (name, role);
  g_ptr_array_add (cast->actors, actor);
  return actor;
}

MabeiCast *
mabei_cast_new_empty (void)
{
  GError *error = NULL;
  MabeiCast *cast = g_new0 (MabeiCast, 1);
  cast->court = mabei_device_key_new ();
  cast->actors = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_actor_free);
  cast->mediator = mabei_cast_add (cast, "Chen", MABEI_ROLE_MEDIATOR);
  MabeiActor *mediator = cast->mediator;
  g_autoptr (MabeiChange) genesis =
      mabei_actor_genesis (mediator, cast->court, mabei_device_key_public (mediator->key), MABEI_RIGHT_OPEN_CASES);
  mediator->c = mabei_case_new (genesis, mediator->key, &error);
  g_assert_no_error (error);
  MabeiSpace *control = mabei_actor_space (mediator, MABEI_SPACE_CONTROL, NULL);
  mabei_actor_rotate (mediator, control);
  MabeiSpace *joint = open_space (mediator, MABEI_SPACE_JOINT, NULL);
  const MabeiControlOperation operation = {
      .type = MABEI_CONTROL_SPACE, .space_kind = MABEI_SPACE_JOINT, .space = *mabei_space_id (joint)};
  mabei_change_unref (mabei_actor_do (mediator, control, mabei_control_operation_encode (&operation)));
  return cast;
}

MabeiCast *
mabei_cast_new (void)
{
  MabeiCast *cast = mabei_cast_new_empty ();
  cast->wang = mabei_cast_add (cast, "Wang", MABEI_ROLE_PARTY);
  cast->li = mabei_cast_add (cast, "Li", MABEI_ROLE_PARTY);
  mabei_cast_admit (cast, cast->wang);
  mabei_cast_admit (cast, cast->li);
  mabei_cast_sync (cast);
  return cast;
}

void
mabei_cast_free (MabeiCast *cast)
{
  g_ptr_array_unref (cast->actors);
  mabei_device_key_free (cast->court);
  g_free (cast);
}

/* --- sending --- */

guint
mabei_actor_send (MabeiActor *from, MabeiActor *to)
{
  guint n_new = 0;
  GPtrArray *spaces = mabei_case_spaces (from->c);
  for (guint i = 0; i < spaces->len; i++) {
    MabeiSpace *space = g_ptr_array_index (spaces, i);
    if (mabei_case_space (to->c, mabei_space_id (space)) == NULL)
      continue;
    g_autoptr (GPtrArray) changes = mabei_graph_ordered (mabei_space_graph (space));
    for (guint k = 0; k < changes->len; k++)
      n_new += mabei_actor_receive (to, g_ptr_array_index (changes, k)) != MABEI_RECEIVED_DUPLICATE;
  }
  return n_new;
}

void
mabei_cast_sync (MabeiCast *cast)
{
  for (guint n_new = 1; n_new > 0;) {
    n_new = 0;
    for (guint i = 0; i < cast->actors->len; i++) {
      for (guint k = 0; k < cast->actors->len; k++) {
        MabeiActor *from = g_ptr_array_index (cast->actors, i), *to = g_ptr_array_index (cast->actors, k);
        if (from != to && from->c != NULL && to->c != NULL)
          n_new += mabei_actor_send (from, to);
      }
    }
  }
}

void
mabei_cast_check (MabeiCast *cast)
{
  for (guint i = 0; i < cast->actors->len; i++) {
    MabeiActor *actor = g_ptr_array_index (cast->actors, i);
    GError *error = NULL;
    if (actor->c == NULL)
      continue;
    mabei_case_check (actor->c, &error);
    g_assert_no_error (error);
    GPtrArray *spaces = mabei_case_spaces (actor->c);
    for (guint k = 0; k < spaces->len; k++) {
      MabeiId own, reference;
      MabeiSpace *space = g_ptr_array_index (spaces, k);
      MabeiSpace *other = mabei_case_space (cast->mediator->c, mabei_space_id (space));
      mabei_space_state_hash (space, &own);
      mabei_space_state_hash (other, &reference);
      g_assert_cmpmem (own.bytes, sizeof own.bytes, reference.bytes, sizeof reference.bytes);
    }
  }
}

/* --- forging --- */

void
mabei_actor_header (MabeiActor *actor, MabeiSpace *space, MabeiKind kind, MabeiHeader *header)
{
  MabeiGraph *graph = mabei_space_graph (space);
  *header = (MabeiHeader){.case_id = *mabei_case_id (actor->c),
                          .space = *mabei_space_id (space),
                          .device = *mabei_device_key_id (actor->key),
                          .kind = kind,
                          .lamport = 1};
  mabei_graph_tip (graph, &header->device, &header->seq, &header->prev);
  g_autoptr (GArray) heads = mabei_graph_heads (graph);
  if (header->seq > 0)
    header->lamport = mabei_change_header (mabei_graph_lookup (graph, &header->prev))->lamport + 1;
  for (guint i = 0; i < heads->len; i++) {
    const MabeiId *head = &g_array_index (heads, MabeiId, i);
    if (header->seq > 0 && mabei_id_equal (head, &header->prev))
      continue;
    guint64 lamport = mabei_change_header (mabei_graph_lookup (graph, head))->lamport + 1;
    header->deps[header->n_deps++] = *head;
    header->lamport = MAX (header->lamport, lamport);
  }
  if (mabei_space_kind (space) != MABEI_SPACE_CONTROL) {
    g_autoptr (GArray) control =
        mabei_graph_heads (mabei_space_graph (mabei_actor_space (actor, MABEI_SPACE_CONTROL, NULL)));
    for (guint i = 0; i < control->len; i++)
      header->control[header->n_control++] = g_array_index (control, MabeiId, i);
  }
  if (kind != MABEI_KIND_EPOCH)
    g_assert_true (mabei_space_writing_epoch (space, &header->epoch_id, NULL));
}

MabeiChange *
mabei_actor_forge_body (
    MabeiActor *actor, MabeiSpace *space, const MabeiHeader *header, gconstpointer body, gsize length)
{
  GError *error = NULL;
  g_autoptr (GArray) ids = NULL;
  g_autoptr (GPtrArray) secrets = NULL;
  g_autoptr (MabeiSecret) key = NULL;
  mabei_space_epochs (space, &ids, &secrets);
  for (guint i = 0; i < ids->len; i++) {
    if (mabei_id_equal (&g_array_index (ids, MabeiId, i), &header->epoch_id))
      key = mabei_epoch_operation_key (g_ptr_array_index (secrets, i), &header->device, &header->epoch_id);
  }
  MabeiChange *change = mabei_change_seal (header, actor->key, key, body, length, &error);
  g_assert_no_error (error);
  return change;
}

MabeiChange *
mabei_actor_forge (MabeiActor *actor, MabeiSpace *space, const MabeiHeader *header, GPtrArray *operations)
{
  g_autoptr (GBytes) body = mabei_body_encode (next_time (), operations);
  gsize length;
  gconstpointer data = g_bytes_get_data (body, &length);
  return mabei_actor_forge_body (actor, space, header, data, length);
}

MabeiChange *
mabei_actor_forge_one (MabeiActor *actor, MabeiSpace *space, MabeiKind kind, GBytes *operation)
{
  MabeiHeader header;
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_ptr_array_add (operations, operation);
  mabei_actor_header (actor, space, kind, &header);
  return mabei_actor_forge (actor, space, &header, operations);
}

MabeiChange *
mabei_change_spoil (MabeiChange *change)
{
  GError *error = NULL;
  gsize length;
  const guint8 *data = g_bytes_get_data (mabei_change_encoded (change), &length);
  g_autofree guint8 *copy = g_memdup2 (data, length);
  copy[length - 1] ^= 1; /* the signature comes last */
  g_autoptr (GBytes) encoded = g_bytes_new (copy, length);
  MabeiChange *spoilt = mabei_change_parse (encoded, &error);
  g_assert_no_error (error);
  return spoilt;
}

const char *
mabei_actor_reason (MabeiActor *actor, MabeiChange *change)
{
  g_autoptr (GArray) audit = mabei_case_audit (actor->c);
  for (guint i = 0; i < audit->len; i++) {
    const MabeiAuditEntry *entry = &g_array_index (audit, MabeiAuditEntry, i);
    if (mabei_id_equal (&entry->change, mabei_change_id (change)))
      return entry->reason;
  }
  return NULL;
}
