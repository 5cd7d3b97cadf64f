#include "core/store/welcome.h"

#include "core/base/cbor.h"
#include "core/base/limits.h"

#include <sodium.h>
#include <string.h>

#define WELCOME_FORMAT 1u
/* Three keyrings with as many epochs as a space can have. */
#define WELCOME_BYTES_MAX (512u * 1024u)

/* --- writing --- */

/* [space, kind, other, [epoch, secret, epoch, secret, ...]] */
static void
write_keyring (GByteArray *out, MabeiSpace *space)
{
  g_autoptr (GArray) ids = NULL;
  g_autoptr (GPtrArray) secrets = NULL;

  mabei_space_epochs (space, &ids, &secrets);
  mabei_cbor_write_array (out, 4);
  mabei_cbor_write_bytes (out, mabei_space_id (space)->bytes, MABEI_SHORT_ID_BYTES);
  mabei_cbor_write_uint (out, mabei_space_kind (space));
  mabei_cbor_write_bytes (out, mabei_space_other (space)->bytes, MABEI_SHORT_ID_BYTES);
  mabei_cbor_write_array (out, 2 * (gsize) ids->len);
  for (guint i = 0; i < ids->len; i++) {
    MabeiSecret *secret = g_ptr_array_index (secrets, i);
    mabei_cbor_write_bytes (out, g_array_index (ids, MabeiId, i).bytes, MABEI_ID_BYTES);
    mabei_cbor_write_bytes (out, mabei_secret_data (secret), mabei_secret_length (secret));
  }
}

static GBytes *
find_genesis (MabeiSpace *control)
{
  MabeiChange *genesis = mabei_graph_lookup (mabei_space_graph (control), mabei_case_id (mabei_space_case (control)));

  return mabei_change_encoded (genesis);
}

GBytes *
mabei_welcome_seal (MabeiDeviceKey *from, const MabeiDevicePublic *to, GPtrArray *spaces, GError **error)
{
  GBytes *genesis = find_genesis (g_ptr_array_index (spaces, 0));
  /* Large enough never to move: a moved array leaves a copy of the secrets behind. */
  g_autoptr (GByteArray) out = g_byte_array_sized_new (WELCOME_BYTES_MAX);
  GBytes *sealed;
  gsize size = MABEI_WELCOME_BYTES;

  mabei_cbor_write_array (out, 4);
  mabei_cbor_write_uint (out, WELCOME_FORMAT);
  mabei_cbor_write_bytes (out, mabei_device_key_id (from)->bytes, MABEI_SHORT_ID_BYTES);
  mabei_cbor_write_bytes (out, g_bytes_get_data (genesis, NULL), g_bytes_get_size (genesis));
  mabei_cbor_write_array (out, spaces->len);
  for (guint i = 0; i < spaces->len; i++)
    write_keyring (out, g_ptr_array_index (spaces, i));
  while (size <= out->len)
    size *= 2;
  {
    guint length = out->len;
    g_byte_array_set_size (out, (guint) size);
    memset (out->data + length, 0, size - length);
    out->data[length] = 0x80;
  }
  sealed = mabei_device_seal (from, to, MABEI_LABEL_WELCOME, out->data, out->len);
  sodium_memzero (out->data, out->len);
  if (sealed == NULL)
    g_set_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_UNVERIFIED, "the newcomer's key is not a usable one");
  return sealed;
}

/* --- reading --- */

static void
keyring_free (gpointer data)
{
  MabeiKeyring *keyring = data;

  g_array_unref (keyring->epochs);
  g_ptr_array_unref (keyring->secrets);
  g_free (keyring);
}

void
mabei_welcome_free (MabeiWelcome *welcome)
{
  if (welcome == NULL)
    return;
  g_clear_pointer (&welcome->genesis, mabei_change_unref);
  g_ptr_array_unref (welcome->keyrings);
  g_free (welcome);
}

/* FALSE when it has another shape; what else is wrong the reader keeps until its end. */
static gboolean
read_keyring (MabeiCborReader *reader, MabeiWelcome *welcome)
{
  MabeiKeyring *keyring = g_new0 (MabeiKeyring, 1);
  guint64 count = 0, kind = 0;

  keyring->epochs = g_array_new (FALSE, FALSE, sizeof (MabeiId));
  keyring->secrets = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_secret_unref);
  g_ptr_array_add (welcome->keyrings, keyring);
  if (!mabei_cbor_read_array (reader, 4, &count) || count != 4)
    return FALSE;
  mabei_cbor_read_fixed (reader, keyring->space.bytes, MABEI_SHORT_ID_BYTES);
  mabei_cbor_read_uint (reader, MABEI_SPACE_CAUCUS, &kind);
  keyring->kind = (MabeiSpaceKind) kind;
  mabei_cbor_read_fixed (reader, keyring->other.bytes, MABEI_SHORT_ID_BYTES);
  mabei_cbor_read_array (reader, 2 * MABEI_LIMIT_EPOCHS, &count);
  for (guint64 i = 0; i < count / 2; i++) {
    MabeiSecret *secret = mabei_secret_new (32);
    MabeiId id = {0};

    mabei_cbor_read_fixed (reader, id.bytes, sizeof id.bytes);
    mabei_cbor_read_fixed (reader, mabei_secret_data (secret), 32);
    g_array_append_val (keyring->epochs, id);
    g_ptr_array_add (keyring->secrets, secret);
  }
  return count % 2 == 0;
}

static gboolean
decode (MabeiWelcome *welcome, const guint8 *plain, gsize length, GError **error)
{
  g_autoptr (GBytes) encoded = NULL;
  MabeiCborReader reader;
  const guint8 *genesis = NULL;
  gsize genesis_length = 0;
  guint64 count = 0, format = 0;

  mabei_cbor_reader_init (&reader, plain, length);
  if (!mabei_cbor_read_array (&reader, 4, &count) || count != 4 ||
      !mabei_cbor_read_uint (&reader, WELCOME_FORMAT, &format) || format != WELCOME_FORMAT) {
    g_set_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_FORMAT, "the welcome is of another format");
    return FALSE;
  }
  mabei_cbor_read_fixed (&reader, welcome->admitter.bytes, MABEI_SHORT_ID_BYTES);
  if (mabei_cbor_read_bytes (&reader, MABEI_LIMIT_CHANGE_BYTES, &genesis, &genesis_length))
    encoded = g_bytes_new (genesis, genesis_length);
  mabei_cbor_read_array (&reader, MABEI_WELCOME_SPACES, &count);
  gboolean shaped = TRUE;
  for (guint64 i = 0; i < count && shaped; i++)
    shaped = read_keyring (&reader, welcome);
  if (!shaped) {
    g_set_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_FORMAT,
                 "the welcome does not read: a keyring has another shape");
    return FALSE;
  }
  if (!mabei_cbor_reader_finish (&reader, error)) {
    g_prefix_error (error, "the welcome does not read: ");
    return FALSE;
  }
  welcome->genesis = mabei_change_parse (encoded, error);
  return welcome->genesis != NULL;
}

MabeiWelcome *
mabei_welcome_open (MabeiDeviceKey *to, const MabeiDevicePublic *from, GBytes *sealed, GError **error)
{
  gsize length, unpadded;
  gconstpointer data = g_bytes_get_data (sealed, &length);
  g_autoptr (GBytes) plain = NULL;
  g_autoptr (MabeiWelcome) welcome = g_new0 (MabeiWelcome, 1);
  gboolean decoded = FALSE;
  guint8 *bytes;

  welcome->keyrings = g_ptr_array_new_with_free_func (keyring_free);
  if (length <= WELCOME_BYTES_MAX + 256)
    plain = mabei_device_open (to, from, MABEI_LABEL_WELCOME, data, length);
  if (plain == NULL) {
    g_set_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_UNVERIFIED,
                 "the welcome was not sealed for this device by the person who admitted it");
    return NULL;
  }
  bytes = (guint8 *) g_bytes_get_data (plain, &length);
  if (length > 0 && sodium_unpad (&unpadded, bytes, length, length) == 0)
    decoded = decode (welcome, bytes, unpadded, error);
  else
    g_set_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_FORMAT, "the welcome does not read");
  /* Ours alone: nobody else holds these bytes. */
  sodium_memzero (bytes, length);
  return decoded ? g_steal_pointer (&welcome) : NULL;
}
