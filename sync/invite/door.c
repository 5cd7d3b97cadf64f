#include "sync/invite/knock.h"

#include <string.h>

#include "core/base/cbor.h"
#include "core/base/limits.h"
#include "sync/invite/knock_message.h"

#define SAVED_FORMAT 1u
#define SAVED_MESSAGE_BYTES (2u * MABEI_KNOCK_WELCOME_BYTES)

/* One knock as the admitter sees it. */
typedef struct {
  GBytes *bytes; /* encoded KNOCK */
  MabeiKnockMessage *knock;
  MabeiMember member; /* its name is the message's */
  guint8 nonce[32];   /* the admitter's */
  GBytes *answer;
  MabeiId answer_id;
  GBytes *reveal; /* encoded, or NULL */
  char code[7];
  MabeiKnockState state;
  GBytes *decision; /* encoded WELCOME or REFUSED, or NULL */
} Entry;

struct _MabeiDoor {
  MabeiSecret *seed;
  MabeiDeviceKey *device; /* borrowed */
  guint8 invite_key[32];
  GPtrArray *entries;
  gboolean is_used; /* somebody was admitted */
};

static void
entry_free (Entry *entry)
{
  g_clear_pointer (&entry->bytes, g_bytes_unref);
  g_clear_pointer (&entry->answer, g_bytes_unref);
  g_clear_pointer (&entry->reveal, g_bytes_unref);
  g_clear_pointer (&entry->decision, g_bytes_unref);
  mabei_knock_message_free (entry->knock);
  g_free (entry);
}

MabeiDoor *
mabei_door_new (MabeiSecret *seed, MabeiDeviceKey *device)
{
  MabeiDoor *door = g_new0 (MabeiDoor, 1);

  door->seed = mabei_secret_ref (seed);
  door->device = device;
  mabei_link_invite_key (seed, door->invite_key, NULL);
  door->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) entry_free);
  return door;
}

void
mabei_door_free (MabeiDoor *door)
{
  if (door == NULL)
    return;
  mabei_secret_unref (door->seed);
  g_ptr_array_unref (door->entries);
  g_free (door);
}

MabeiSecret *
mabei_door_seed (MabeiDoor *door)
{
  return door->seed;
}

static Entry *
find_entry (MabeiDoor *door, const MabeiId *knock)
{
  for (guint i = 0; i < door->entries->len; i++) {
    Entry *entry = door->entries->pdata[i];

    if (mabei_id_equal (&entry->knock->id, knock))
      return entry;
  }
  return NULL;
}

/* Nothing can be sealed to a key of low order: such a knock could never be welcomed. */
static gboolean
can_be_sealed_to (MabeiDoor *door, const MabeiDevicePublic *device)
{
  g_autoptr (GBytes) sealed = mabei_device_seal (door->device, device, MABEI_LABEL_KNOCK, "", 0);

  return sealed != NULL;
}

/* The nonce follows from this device's secret and the knock: after a crash the same knock gets the same answer, and
 * nobody gets a second try at the code. */
static void
make_answer (MabeiDoor *door, Entry *entry)
{
  MabeiField knock = MABEI_FIELD (entry->knock->id.bytes, MABEI_ID_BYTES);
  g_autoptr (MabeiSecret) nonce =
      mabei_hash_secret (MABEI_LABEL_KNOCK, mabei_device_key_seed (door->device), &knock, 1);
  MabeiKnockMessage answer = {.type = MABEI_KNOCK_MESSAGE_ANSWER, .knock = entry->knock->id};
  g_autoptr (MabeiKnockMessage) decoded = NULL;

  memcpy (entry->nonce, mabei_secret_data (nonce), sizeof entry->nonce);
  memcpy (answer.nonce, entry->nonce, sizeof answer.nonce);
  answer.device = *mabei_device_key_public (door->device);
  entry->answer = mabei_knock_message_encode (&answer, door->device, NULL);
  decoded = mabei_knock_message_decode (entry->answer);
  entry->answer_id = decoded->id;
}

static void
fill_member (Entry *entry)
{
  const MabeiKnockMessage *knock = entry->knock;
  MabeiMember *member = &entry->member;

  mabei_device_id (&knock->device, &member->device);
  member->keys = knock->device;
  member->person = knock->person;
  member->name = knock->name;
  memcpy (member->inbox_read_key, knock->inbox_read_key, sizeof member->inbox_read_key);
  member->inbox_write_seed = knock->inbox_write_seed;
}

static void
decide (MabeiDoor *door, Entry *entry, GBytes *welcome)
{
  MabeiKnockMessage message = {.type = welcome != NULL ? MABEI_KNOCK_MESSAGE_WELCOME : MABEI_KNOCK_MESSAGE_REFUSED,
                               .knock = entry->knock->id,
                               .sealed = welcome};

  message.device = *mabei_device_key_public (door->device);
  entry->decision = mabei_knock_message_encode (&message, door->device, NULL);
  entry->state = welcome != NULL ? MABEI_KNOCK_ADMITTED : MABEI_KNOCK_REFUSED;
}

static void
receive_knock (MabeiDoor *door, MabeiKnockMessage **message, GBytes *bytes)
{
  MabeiKnockMessage *knock = *message;
  Entry *entry;

  if (door->entries->len >= MABEI_DOOR_KNOCKS || find_entry (door, &knock->id) != NULL ||
      !mabei_knock_message_is_invited (knock, door->invite_key) ||
      !mabei_knock_message_is_signed (knock, knock->device.sign_key) || !can_be_sealed_to (door, &knock->device))
    return;
  entry = g_new0 (Entry, 1);
  entry->bytes = g_bytes_ref (bytes);
  entry->knock = g_steal_pointer (message);
  entry->state = MABEI_KNOCK_SENT;
  fill_member (entry);
  make_answer (door, entry);
  g_ptr_array_add (door->entries, entry);
  if (door->is_used)
    decide (door, entry, NULL);
}

static void
receive_reveal (MabeiDoor *door, const MabeiKnockMessage *message, GBytes *bytes)
{
  Entry *entry = find_entry (door, &message->knock);
  MabeiId commitment;

  if (entry == NULL || entry->reveal != NULL || !mabei_id_equal (&message->answer, &entry->answer_id) ||
      !mabei_knock_message_is_signed (message, entry->knock->device.sign_key))
    return;
  mabei_short_code_commit (message->nonce, &entry->knock->device, &commitment);
  if (!mabei_id_equal (&commitment, &entry->knock->commitment))
    return;
  entry->reveal = g_bytes_ref (bytes);
  mabei_short_code (message->nonce, entry->nonce, &entry->knock->device, mabei_device_key_public (door->device),
                    entry->code);
  if (entry->state == MABEI_KNOCK_SENT)
    entry->state = MABEI_KNOCK_CODE;
}

void
mabei_door_receive (MabeiDoor *door, GBytes *bytes)
{
  g_autoptr (MabeiKnockMessage) message = mabei_knock_message_decode (bytes);

  if (message == NULL)
    return;
  if (message->type == MABEI_KNOCK_MESSAGE_KNOCK)
    receive_knock (door, &message, bytes);
  else if (message->type == MABEI_KNOCK_MESSAGE_REVEAL)
    receive_reveal (door, message, bytes);
}

guint
mabei_door_n_knocks (MabeiDoor *door)
{
  return door->entries->len;
}

void
mabei_door_knock (MabeiDoor *door, guint n, const MabeiMember **member, const char **code, MabeiKnockState *state)
{
  Entry *entry;

  g_return_if_fail (n < door->entries->len);
  entry = door->entries->pdata[n];
  if (member != NULL)
    *member = &entry->member;
  if (code != NULL)
    *code = entry->reveal != NULL ? entry->code : NULL;
  if (state != NULL)
    *state = entry->state;
}

void
mabei_door_decide (MabeiDoor *door, guint n, GBytes *welcome)
{
  Entry *entry;

  g_return_if_fail (n < door->entries->len);
  entry = door->entries->pdata[n];
  if (entry->decision != NULL)
    return;
  g_return_if_fail (welcome == NULL || entry->state == MABEI_KNOCK_CODE);
  g_return_if_fail (welcome == NULL || g_bytes_get_size (welcome) <= MABEI_KNOCK_WELCOME_BYTES);
  decide (door, entry, welcome);
  if (welcome == NULL)
    return;
  door->is_used = TRUE;
  for (guint i = 0; i < door->entries->len; i++) {
    Entry *other = door->entries->pdata[i];

    if (other->decision == NULL)
      decide (door, other, NULL);
  }
}

GPtrArray *
mabei_door_messages (MabeiDoor *door)
{
  GPtrArray *messages = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (guint i = 0; i < door->entries->len; i++) {
    Entry *entry = door->entries->pdata[i];

    g_ptr_array_add (messages, g_bytes_ref (entry->answer));
    if (entry->decision != NULL)
      g_ptr_array_add (messages, g_bytes_ref (entry->decision));
  }
  return messages;
}

static void
write_optional (GByteArray *out, GBytes *bytes)
{
  gsize length = 0;
  gconstpointer data = bytes != NULL ? g_bytes_get_data (bytes, &length) : NULL;

  mabei_cbor_write_bytes (out, data, length);
}

GBytes *
mabei_door_save (MabeiDoor *door)
{
  GByteArray *out = g_byte_array_new ();

  mabei_cbor_write_array (out, 3);
  mabei_cbor_write_uint (out, SAVED_FORMAT);
  mabei_cbor_write_bytes (out, mabei_secret_data (door->seed), mabei_secret_length (door->seed));
  mabei_cbor_write_array (out, door->entries->len);
  for (guint i = 0; i < door->entries->len; i++) {
    Entry *entry = door->entries->pdata[i];

    mabei_cbor_write_array (out, 3);
    write_optional (out, entry->bytes);
    write_optional (out, entry->reveal);
    write_optional (out, entry->decision);
  }
  return g_byte_array_free_to_bytes (out);
}

/* What was decided is our own message: it says whether it welcomes. */
static gboolean
adopt_decision (MabeiDoor *door, Entry *entry, const guint8 *data, gsize length)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, length);
  g_autoptr (MabeiKnockMessage) message = mabei_knock_message_decode (bytes);

  if (message == NULL || !mabei_id_equal (&message->knock, &entry->knock->id) ||
      !mabei_knock_message_is_signed (message, mabei_device_key_public (door->device)->sign_key))
    return FALSE;
  if (message->type == MABEI_KNOCK_MESSAGE_WELCOME)
    entry->state = MABEI_KNOCK_ADMITTED;
  else if (message->type == MABEI_KNOCK_MESSAGE_REFUSED)
    entry->state = MABEI_KNOCK_REFUSED;
  else
    return FALSE;
  entry->decision = g_steal_pointer (&bytes);
  return TRUE;
}

static gboolean
load_entry (MabeiDoor *door, MabeiCborReader *reader)
{
  const guint8 *parts[3];
  gsize lengths[3];
  guint64 count;
  guint before = door->entries->len;
  Entry *entry;

  if (!mabei_cbor_read_array (reader, 3, &count) || count != 3)
    return FALSE;
  for (guint i = 0; i < 3; i++)
    if (!mabei_cbor_read_bytes (reader, SAVED_MESSAGE_BYTES, &parts[i], &lengths[i]))
      return FALSE;
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GBytes) bytes = g_bytes_new (parts[i], lengths[i]);

    if (lengths[i] > 0)
      mabei_door_receive (door, bytes);
    if (door->entries->len != before + 1)
      return FALSE;
  }
  entry = door->entries->pdata[before];
  return lengths[2] == 0 || adopt_decision (door, entry, parts[2], lengths[2]);
}

MabeiDoor *
mabei_door_load (GBytes *saved, MabeiDeviceKey *device, GError **error)
{
  g_autoptr (MabeiDoor) door = NULL;
  g_autoptr (MabeiSecret) seed = mabei_secret_new (MABEI_LINK_SEED_BYTES);
  MabeiCborReader reader;
  guint64 count, format, n_entries;
  gsize length;
  gconstpointer data = g_bytes_get_data (saved, &length);
  gboolean loaded;

  mabei_cbor_reader_init (&reader, data, length);
  loaded = mabei_cbor_read_array (&reader, 3, &count) && count == 3 &&
           mabei_cbor_read_uint (&reader, G_MAXUINT32, &format) && format == SAVED_FORMAT &&
           mabei_cbor_read_fixed (&reader, mabei_secret_data (seed), MABEI_LINK_SEED_BYTES) &&
           mabei_cbor_read_array (&reader, MABEI_DOOR_KNOCKS, &n_entries);
  if (loaded)
    door = mabei_door_new (seed, device);
  for (guint64 i = 0; loaded && i < n_entries; i++)
    loaded = load_entry (door, &reader);
  if (!loaded || !mabei_cbor_reader_finish (&reader, NULL)) {
    g_set_error_literal (error, MABEI_INVITE_ERROR, MABEI_INVITE_ERROR_FORMAT, "the saved invitation is damaged");
    return NULL;
  }
  for (guint i = 0; i < door->entries->len; i++)
    door->is_used = door->is_used || ((Entry *) door->entries->pdata[i])->state == MABEI_KNOCK_ADMITTED;
  return g_steal_pointer (&door);
}
