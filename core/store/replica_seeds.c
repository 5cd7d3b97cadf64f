/* Seeds of invitations made on this device, one item a case: [[seed, expires], ...]. A seed is wiped from the disk when
 * its invitation is used or has expired. */
#include "core/store/replica_private.h"

#include "core/base/cbor.h"

#include <sodium.h>
#include <string.h>

#define SEED_BYTES 32u
#define SEEDS_MAX 256u

typedef struct {
  MabeiSecret *seed;
  guint64 expires_ms;
} Kept;

static void
kept_free (gpointer data)
{
  Kept *kept = data;

  mabei_secret_unref (kept->seed);
  g_free (kept);
}

static char *
item_name (MabeiCase *c)
{
  g_autofree char *hex = mabei_id_to_hex (mabei_case_id (c));

  return g_strconcat ("own/invites/", hex, NULL);
}

static gboolean
is_open (MabeiCase *c, MabeiSecret *seed)
{
  GPtrArray *invitations = mabei_authority_invitations (mabei_case_authority (c));
  g_autoptr (MabeiSecret) secret_key = mabei_secret_new (crypto_sign_SECRETKEYBYTES);
  guint8 key[crypto_sign_PUBLICKEYBYTES];

  crypto_sign_seed_keypair (key, mabei_secret_data (secret_key), mabei_secret_data (seed));
  for (guint i = 0; i < invitations->len; i++) {
    const MabeiInvitation *invitation = g_ptr_array_index (invitations, i);
    if (memcmp (invitation->invite_key, key, sizeof key) == 0)
      return !invitation->used;
  }
  return FALSE;
}

static GPtrArray *
read_seeds (MabeiReplica *replica, MabeiCase *c)
{
  GPtrArray *seeds = g_ptr_array_new_with_free_func (kept_free);
  g_autofree char *name = item_name (c);
  g_autoptr (GBytes) value = mabei_database_get (replica->database, name, NULL);
  MabeiCborReader reader;
  guint64 count = 0, pair;
  gconstpointer data;
  gsize length;

  if (value == NULL)
    return seeds;
  data = g_bytes_get_data (value, &length);
  mabei_cbor_reader_init (&reader, data, length);
  mabei_cbor_read_array (&reader, SEEDS_MAX, &count);
  for (guint64 i = 0; i < count; i++) {
    Kept *kept = g_new0 (Kept, 1);

    kept->seed = mabei_secret_new (SEED_BYTES);
    mabei_cbor_read_array (&reader, 2, &pair);
    mabei_cbor_read_fixed (&reader, mabei_secret_data (kept->seed), SEED_BYTES);
    mabei_cbor_read_uint (&reader, G_MAXUINT64, &kept->expires_ms);
    g_ptr_array_add (seeds, kept);
  }
  return seeds;
}

static gboolean
write_seeds (MabeiReplica *replica, MabeiCase *c, GPtrArray *seeds, GError **error)
{
  g_autofree char *name = item_name (c);
  g_autoptr (GByteArray) out = g_byte_array_sized_new (16 + seeds->len * (SEED_BYTES + 16));
  g_autoptr (GBytes) value = NULL;
  gboolean done;

  mabei_cbor_write_array (out, seeds->len);
  for (guint i = 0; i < seeds->len; i++) {
    const Kept *kept = g_ptr_array_index (seeds, i);
    mabei_cbor_write_array (out, 2);
    mabei_cbor_write_bytes (out, mabei_secret_data (kept->seed), SEED_BYTES);
    mabei_cbor_write_uint (out, kept->expires_ms);
  }
  value = g_bytes_new_static (out->data, out->len);
  done = mabei_database_set (replica->database, name, seeds->len > 0 ? value : NULL, error);
  sodium_memzero (out->data, out->len);
  return done;
}

gboolean
mabei_replica_keep_seed (
    MabeiReplica *replica, MabeiCase *c, MabeiSecret *seed, guint64 expires_ms, guint64 now_ms, GError **error)
{
  g_autoptr (GPtrArray) seeds = read_seeds (replica, c);
  Kept *kept = g_new0 (Kept, 1);

  for (guint i = seeds->len; i-- > 0;) {
    const Kept *old = g_ptr_array_index (seeds, i);
    if (!is_open (c, old->seed) || (old->expires_ms != 0 && now_ms > old->expires_ms))
      g_ptr_array_remove_index (seeds, i);
  }
  kept->seed = mabei_secret_ref (seed);
  kept->expires_ms = expires_ms;
  g_ptr_array_add (seeds, kept);
  if (seeds->len <= SEEDS_MAX)
    return write_seeds (replica, c, seeds, error);
  g_set_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_TOO_LARGE, "%u invitations of this case are open already",
               SEEDS_MAX);
  return FALSE;
}

void
mabei_replica_drop_seeds (MabeiReplica *replica, MabeiCase *c)
{
  g_autoptr (GPtrArray) seeds = read_seeds (replica, c);
  guint before = seeds->len;

  for (guint i = seeds->len; i-- > 0;) {
    if (!is_open (c, ((const Kept *) g_ptr_array_index (seeds, i))->seed))
      g_ptr_array_remove_index (seeds, i);
  }
  /* Best effort: a used seed gives no right any more. */
  if (seeds->len == before || !mabei_database_begin_lazy (replica->database, NULL))
    return;
  if (write_seeds (replica, c, seeds, NULL))
    mabei_database_commit (replica->database, NULL);
  else
    mabei_database_rollback (replica->database);
}

GPtrArray *
mabei_replica_invite_seeds (MabeiReplica *replica, MabeiCase *c)
{
  g_autoptr (GPtrArray) seeds = NULL;
  GPtrArray *open = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_secret_unref);

  g_return_val_if_fail (replica != NULL && c != NULL, open);
  mabei_replica_drop_seeds (replica, c);
  seeds = read_seeds (replica, c);
  for (guint i = 0; i < seeds->len; i++) {
    const Kept *kept = g_ptr_array_index (seeds, i);
    if (is_open (c, kept->seed))
      g_ptr_array_add (open, mabei_secret_ref (kept->seed));
  }
  return open;
}
