#include "core/store/replica_private.h"

#include "core/base/limits.h"

#include <string.h>

#define ITEM_NAME "own/name"
#define ITEM_CREDENTIAL "own/credential"

/* --- memory --- */

static void
state_free (gpointer data)
{
  MabeiSpaceState *state = data;

  g_hash_table_unref (state->unsent);
  g_hash_table_unref (state->peers);
  g_free (state);
}

static MabeiReplica *
replica_new (void)
{
  MabeiReplica *replica = g_new0 (MabeiReplica, 1);

  replica->cases = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_case_free);
  replica->cases_by_id = g_hash_table_new (mabei_id_hash, mabei_id_equal);
  replica->states = g_hash_table_new_full (NULL, NULL, NULL, state_free);
  replica->stored = g_hash_table_new_full (mabei_id_hash, mabei_id_equal, NULL, (GDestroyNotify) mabei_stored_free);
  g_datalist_init (&replica->data);
  replica->typing = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_typing_free);
  return replica;
}

static void
replica_free (MabeiReplica *replica)
{
  g_datalist_clear (&replica->data);
  g_ptr_array_unref (replica->typing);
  g_hash_table_unref (replica->states);
  g_hash_table_unref (replica->stored);
  g_hash_table_unref (replica->cases_by_id);
  g_ptr_array_unref (replica->cases);
  mabei_credential_free (replica->credential);
  mabei_database_close (replica->database);
  mabei_keys_free (replica->keys); /* after the cases, which borrow the device's key */
  mabei_profile_close (replica->profile);
  g_free (replica->name);
  g_free (replica);
}

MabeiSpaceState *
mabei_replica_state (MabeiReplica *replica, MabeiSpace *space)
{
  MabeiSpaceState *state = g_hash_table_lookup (replica->states, space);

  if (state == NULL) {
    state = g_new0 (MabeiSpaceState, 1);
    state->space = space;
    state->unsent = g_hash_table_new (NULL, NULL);
    state->peers =
        g_hash_table_new_full (mabei_short_id_hash, mabei_short_id_equal, NULL, (GDestroyNotify) mabei_peer_heads_free);
    g_hash_table_insert (replica->states, space, state);
  }
  return state;
}

void
mabei_replica_add_case (MabeiReplica *replica, MabeiCase *c)
{
  g_ptr_array_add (replica->cases, c);
  g_hash_table_insert (replica->cases_by_id, (gpointer) mabei_case_id (c), c);
  mabei_case_set_listener (c, &replica->listener);
}

/* --- creating --- */

static gboolean
set_one (MabeiDatabase *database, const char *name, GBytes *value, GError **error)
{
  if (!mabei_database_begin (database, error))
    return FALSE;
  if (mabei_database_set (database, name, value, error) && mabei_database_commit (database, error))
    return TRUE;
  mabei_database_rollback (database);
  return FALSE;
}

static gboolean
check_name (const char *name, GError **error)
{
  gsize length = strlen (name);

  if (length > 0 && length <= MABEI_LIMIT_NAME_BYTES && g_utf8_validate (name, (gssize) length, NULL))
    return TRUE;
  g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_FAILED, "a name of 1 to %u bytes of UTF-8 is needed",
               MABEI_LIMIT_NAME_BYTES);
  return FALSE;
}

/* The key file comes last: a profile is there when its key is. */
static gboolean
fill (MabeiProfile *profile, const char *name, MabeiSecret *passphrase, MabeiKdf kdf, GError **error)
{
  g_autoptr (MabeiKeys) keys = mabei_keys_new ();
  g_autoptr (GBytes) value = g_bytes_new (name, strlen (name));
  MabeiDatabase *database = mabei_database_open (profile->replica_path, keys->database_key, TRUE, error);
  gboolean done = database != NULL && set_one (database, ITEM_NAME, value, error);

  mabei_database_close (database);
  return done && mabei_key_file_write (profile->key_path, keys, passphrase, kdf, error);
}

gboolean
mabei_replica_create (const char *folder, const char *name, MabeiSecret *passphrase, MabeiKdf kdf, GError **error)
{
  g_autoptr (MabeiProfile) profile = NULL;

  g_return_val_if_fail (folder != NULL && name != NULL && passphrase != NULL, FALSE);
  if (!check_name (name, error))
    return FALSE;
  profile = mabei_profile_create (folder, error);
  if (profile == NULL)
    return FALSE;
  if (fill (profile, name, passphrase, kdf, error))
    return TRUE;
  mabei_profile_discard (profile);
  return FALSE;
}

/* --- opening and closing --- */

GBytes *
mabei_replica_own_item (MabeiReplica *replica, const char *name, GError **error)
{
  return mabei_database_get (replica->database, name, error);
}

static gboolean
load_self (MabeiReplica *replica, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) name = mabei_replica_own_item (replica, ITEM_NAME, &local);
  g_autoptr (GBytes) credential = NULL;

  if (local == NULL)
    credential = mabei_replica_own_item (replica, ITEM_CREDENTIAL, &local);
  if (local != NULL) {
    g_propagate_error (error, g_steal_pointer (&local));
    return FALSE;
  }
  if (name == NULL) {
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_DAMAGED, "the replica is damaged: it has no name");
    return FALSE;
  }
  replica->name = g_strndup (g_bytes_get_data (name, NULL), g_bytes_get_size (name));
  if (credential == NULL)
    return TRUE;
  replica->credential = mabei_credential_parse (credential, &local);
  if (replica->credential == NULL)
    g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_DAMAGED, "the replica is damaged: %s", local->message);
  return replica->credential != NULL;
}

MabeiReplica *
mabei_replica_open (const char *folder, MabeiSecret *passphrase, GError **error)
{
  MabeiReplica *replica;

  g_return_val_if_fail (folder != NULL && passphrase != NULL, NULL);
  replica = replica_new ();
  replica->profile = mabei_profile_open (folder, error);
  if (replica->profile != NULL)
    replica->keys = mabei_key_file_read (replica->profile->key_path, passphrase, error);
  if (replica->keys != NULL)
    replica->database = mabei_database_open (replica->profile->replica_path, replica->keys->database_key, FALSE, error);
  if (replica->database != NULL && load_self (replica, error) && mabei_replica_load (replica, error) &&
      mabei_replica_load_journal (replica, error))
    return replica;
  replica_free (replica);
  return NULL;
}

void
mabei_replica_close (MabeiReplica *replica)
{
  if (replica == NULL)
    return;
  /* When this fails (a full disk) the journal still has what it had. */
  mabei_replica_seal_space (replica, NULL, NULL);
  replica_free (replica);
}

/* --- the person --- */

const char *
mabei_replica_name (MabeiReplica *replica)
{
  return replica->name;
}

MabeiKeys *
mabei_replica_keys (MabeiReplica *replica)
{
  return replica->keys;
}

gboolean
mabei_replica_set_passphrase (
    MabeiReplica *replica, MabeiSecret *old_one, MabeiSecret *new_one, MabeiKdf kdf, GError **error)
{
  g_autoptr (MabeiKeys) keys = NULL;

  g_return_val_if_fail (replica != NULL && old_one != NULL && new_one != NULL, FALSE);
  keys = mabei_key_file_read (replica->profile->key_path, old_one, error);
  return keys != NULL && mabei_key_file_write (replica->profile->key_path, replica->keys, new_one, kdf, error);
}

gboolean
mabei_replica_import_credential (MabeiReplica *replica, GBytes *encoded, GError **error)
{
  g_autoptr (MabeiCredential) credential = NULL;

  g_return_val_if_fail (replica != NULL && encoded != NULL, FALSE);
  credential = mabei_credential_parse (encoded, error);
  if (credential == NULL)
    return FALSE;
  if (memcmp (&credential->device, mabei_device_key_public (replica->keys->device), sizeof credential->device) != 0) {
    g_set_error (error, MABEI_AUTHORITY_ERROR, MABEI_AUTHORITY_ERROR_UNVERIFIED, "the credential names another device");
    return FALSE;
  }
  if (!set_one (replica->database, ITEM_CREDENTIAL, encoded, error))
    return FALSE;
  mabei_credential_free (replica->credential);
  replica->credential = g_steal_pointer (&credential);
  return TRUE;
}

MabeiCredential *
mabei_replica_credential (MabeiReplica *replica)
{
  return replica->credential;
}

/* --- cases and items --- */

void
mabei_replica_set_listener (MabeiReplica *replica, const MabeiCaseListener *listener)
{
  static const MabeiCaseListener nobody;

  replica->listener = listener != NULL ? *listener : nobody;
  for (guint i = 0; i < replica->cases->len; i++)
    mabei_case_set_listener (g_ptr_array_index (replica->cases, i), &replica->listener);
}

GPtrArray *
mabei_replica_cases (MabeiReplica *replica)
{
  return replica->cases;
}

MabeiCase *
mabei_replica_case (MabeiReplica *replica, const MabeiId *id)
{
  return g_hash_table_lookup (replica->cases_by_id, id);
}

gboolean
mabei_replica_set_item (MabeiReplica *replica, const char *name, GBytes *value, GError **error)
{
  g_autofree char *full = g_strconcat ("sync/", name, NULL);

  return set_one (replica->database, full, value, error);
}

GBytes *
mabei_replica_item (MabeiReplica *replica, const char *name)
{
  g_autofree char *full = g_strconcat ("sync/", name, NULL);

  return mabei_database_get (replica->database, full, NULL);
}

void
mabei_replica_set_data (MabeiReplica *replica, const char *key, gpointer data, GDestroyNotify destroy)
{
  g_datalist_set_data_full (&replica->data, key, data, destroy);
}

gpointer
mabei_replica_data (MabeiReplica *replica, const char *key)
{
  return g_datalist_get_data (&replica->data, key);
}

gboolean
mabei_replica_check (MabeiReplica *replica, GError **error)
{
  if (!mabei_replica_seal_space (replica, NULL, error) || !mabei_database_check (replica->database, error))
    return FALSE;
  for (guint i = 0; i < replica->cases->len; i++) {
    if (!mabei_case_check (g_ptr_array_index (replica->cases, i), error))
      return FALSE;
  }
  return TRUE;
}
