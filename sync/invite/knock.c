#include "sync/invite/knock.h"

#include <sodium.h>
#include <string.h>

#include "core/base/cbor.h"
#include "core/base/limits.h"
#include "sync/invite/knock_message.h"

#define SAVED_FORMAT 1u
#define SAVED_MESSAGE_BYTES (2u * MABEI_KNOCK_WELCOME_BYTES)

struct _MabeiKnock {
  MabeiLink *link;
  MabeiDevicePublic self;
  MabeiDeviceKey *device; /* borrowed */
  MabeiSecret *nonce;     /* 32 bytes: kept to itself until the answer is there */
  MabeiId id;
  GBytes *knock;    /* encoded KNOCK */
  GBytes *answer;   /* encoded, or NULL; the first one counts */
  GBytes *decision; /* encoded WELCOME or REFUSED, or NULL; may come before the answer, and waits for it */
  MabeiId answer_id;
  MabeiDevicePublic admitter; /* from the answer */
  MabeiKnockMessage *decided;
  char code[7];
};

static gboolean
format_error (GError **error, const char *text)
{
  g_set_error_literal (error, MABEI_INVITE_ERROR, MABEI_INVITE_ERROR_FORMAT, text);
  return FALSE;
}

static MabeiLink *
copy_link (const MabeiLink *link)
{
  MabeiLink *copy = g_memdup2 (link, sizeof *link);

  copy->hub_url = g_strdup (link->hub_url);
  copy->seed = mabei_secret_ref (link->seed);
  return copy;
}

static MabeiKnock *
new_knock (MabeiLink *link, MabeiDeviceKey *device)
{
  MabeiKnock *knock = g_new0 (MabeiKnock, 1);

  knock->link = link;
  knock->device = device;
  knock->self = *mabei_device_key_public (device);
  return knock;
}

MabeiKnock *
mabei_knock_new (const MabeiLink *link,
                 MabeiDeviceKey *device,
                 const MabeiShortId *person,
                 const char *name,
                 const guint8 inbox_read_key[32],
                 const MabeiId *inbox_write_seed,
                 guint64 now_ms,
                 GError **error)
{
  MabeiKnockMessage message = {.type = MABEI_KNOCK_MESSAGE_KNOCK, .person = *person, .name = (char *) name};
  g_autoptr (MabeiKnock) knock = NULL;
  g_autoptr (MabeiSecret) invite_secret = NULL;
  g_autoptr (MabeiKnockMessage) checked = NULL;
  guint8 invite_key[32];

  if (link->expires_ms != 0 && now_ms > link->expires_ms) {
    g_set_error_literal (error, MABEI_INVITE_ERROR, MABEI_INVITE_ERROR_EXPIRED, "the invitation has expired");
    return NULL;
  }
  if (!g_utf8_validate (name, -1, NULL)) {
    format_error (error, "the name is not valid UTF-8");
    return NULL;
  }
  knock = new_knock (copy_link (link), device);
  knock->nonce = mabei_secret_new_random (MABEI_SHORT_CODE_NONCE_BYTES);
  message.device = knock->self;
  memcpy (message.inbox_read_key, inbox_read_key, sizeof message.inbox_read_key);
  message.inbox_write_seed = *inbox_write_seed;
  mabei_short_code_commit (mabei_secret_data (knock->nonce), &knock->self, &message.commitment);
  mabei_link_invite_key (link->seed, invite_key, &invite_secret);
  knock->knock = mabei_knock_message_encode (&message, device, invite_secret);
  checked = mabei_knock_message_decode (knock->knock);
  if (checked == NULL) {
    format_error (error, "the name is empty, too long, or holds characters that cannot be shown");
    return NULL;
  }
  knock->id = checked->id;
  return g_steal_pointer (&knock);
}

void
mabei_knock_free (MabeiKnock *knock)
{
  if (knock == NULL)
    return;
  mabei_link_free (knock->link);
  mabei_secret_unref (knock->nonce);
  g_clear_pointer (&knock->knock, g_bytes_unref);
  g_clear_pointer (&knock->answer, g_bytes_unref);
  g_clear_pointer (&knock->decision, g_bytes_unref);
  mabei_knock_message_free (knock->decided);
  g_free (knock);
}

const MabeiLink *
mabei_knock_link (MabeiKnock *knock)
{
  return knock->link;
}

MabeiKnockState
mabei_knock_state (MabeiKnock *knock)
{
  if (knock->answer == NULL)
    return MABEI_KNOCK_SENT;
  if (knock->decided == NULL)
    return MABEI_KNOCK_CODE;
  return knock->decided->type == MABEI_KNOCK_MESSAGE_WELCOME ? MABEI_KNOCK_ADMITTED : MABEI_KNOCK_REFUSED;
}

const char *
mabei_knock_code (MabeiKnock *knock)
{
  return knock->answer != NULL ? knock->code : NULL;
}

/* From the device that the link names, signed by it, about this knock. */
static gboolean
is_from_inviter (MabeiKnock *knock, const MabeiKnockMessage *message)
{
  MabeiShortId id;

  if (message->type != MABEI_KNOCK_MESSAGE_ANSWER && message->type != MABEI_KNOCK_MESSAGE_WELCOME &&
      message->type != MABEI_KNOCK_MESSAGE_REFUSED)
    return FALSE;
  mabei_device_id (&message->device, &id);
  return mabei_id_equal (&message->knock, &knock->id) && mabei_short_id_equal (&id, &knock->link->inviter) &&
         mabei_knock_message_is_signed (message, message->device.sign_key);
}

/* A second answer to one knock would be a second try at the code: only the first counts. */
static void
receive_answer (MabeiKnock *knock, const MabeiKnockMessage *message, GBytes *bytes)
{
  if (knock->answer != NULL)
    return;
  knock->answer = g_bytes_ref (bytes);
  knock->answer_id = message->id;
  knock->admitter = message->device;
  mabei_short_code (mabei_secret_data (knock->nonce), message->nonce, &knock->self, &knock->admitter, knock->code);
}

void
mabei_knock_receive (MabeiKnock *knock, GBytes *bytes)
{
  g_autoptr (MabeiKnockMessage) message = mabei_knock_message_decode (bytes);

  if (message == NULL || !is_from_inviter (knock, message))
    return;
  if (message->type == MABEI_KNOCK_MESSAGE_ANSWER) {
    receive_answer (knock, message, bytes);
    return;
  }
  /* Whatever the order of arrival, a WELCOME outweighs a refusal. */
  if (knock->decided != NULL && knock->decided->type == MABEI_KNOCK_MESSAGE_WELCOME)
    return;
  g_clear_pointer (&knock->decision, g_bytes_unref);
  mabei_knock_message_free (knock->decided);
  knock->decision = g_bytes_ref (bytes);
  knock->decided = g_steal_pointer (&message);
}

GPtrArray *
mabei_knock_messages (MabeiKnock *knock)
{
  GPtrArray *messages = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  MabeiKnockMessage reveal = {.type = MABEI_KNOCK_MESSAGE_REVEAL, .knock = knock->id, .answer = knock->answer_id};

  g_ptr_array_add (messages, g_bytes_ref (knock->knock));
  if (knock->answer != NULL) {
    memcpy (reveal.nonce, mabei_secret_data (knock->nonce), sizeof reveal.nonce);
    g_ptr_array_add (messages, mabei_knock_message_encode (&reveal, knock->device, NULL));
  }
  return messages;
}

GBytes *
mabei_knock_welcome (MabeiKnock *knock, MabeiDevicePublic *admitter)
{
  if (mabei_knock_state (knock) != MABEI_KNOCK_ADMITTED)
    return NULL;
  if (admitter != NULL)
    *admitter = knock->admitter;
  return knock->decided->sealed;
}

static void
write_optional (GByteArray *out, GBytes *bytes)
{
  gsize length = 0;
  gconstpointer data = bytes != NULL ? g_bytes_get_data (bytes, &length) : NULL;

  mabei_cbor_write_bytes (out, data, length);
}

GBytes *
mabei_knock_save (MabeiKnock *knock)
{
  GByteArray *out = g_byte_array_new ();
  g_autofree char *link = mabei_link_format (knock->link);

  mabei_cbor_write_array (out, 6);
  mabei_cbor_write_uint (out, SAVED_FORMAT);
  mabei_cbor_write_text (out, link);
  mabei_cbor_write_bytes (out, mabei_secret_data (knock->nonce), MABEI_SHORT_CODE_NONCE_BYTES);
  write_optional (out, knock->knock);
  write_optional (out, knock->answer);
  write_optional (out, knock->decision);
  sodium_memzero (link, strlen (link));
  return g_byte_array_free_to_bytes (out);
}

static gboolean
read_optional (MabeiCborReader *reader, GBytes **bytes)
{
  const guint8 *data;
  gsize length;

  if (!mabei_cbor_read_bytes (reader, SAVED_MESSAGE_BYTES, &data, &length))
    return FALSE;
  if (length > 0)
    *bytes = g_bytes_new (data, length);
  return TRUE;
}

/* The saved KNOCK must be this device's own, for this nonce. */
static gboolean
adopt_knock (MabeiKnock *knock)
{
  g_autoptr (MabeiKnockMessage) message = mabei_knock_message_decode (knock->knock);
  MabeiId commitment;

  if (message == NULL || message->type != MABEI_KNOCK_MESSAGE_KNOCK)
    return FALSE;
  mabei_short_code_commit (mabei_secret_data (knock->nonce), &knock->self, &commitment);
  knock->id = message->id;
  return memcmp (&message->device, &knock->self, sizeof knock->self) == 0 &&
         mabei_id_equal (&commitment, &message->commitment);
}

MabeiKnock *
mabei_knock_load (GBytes *saved, MabeiDeviceKey *device, GError **error)
{
  g_autoptr (MabeiKnock) knock = new_knock (NULL, device);
  g_autoptr (GBytes) answer = NULL, decision = NULL;
  g_autofree char *link = NULL;
  MabeiCborReader reader;
  guint64 count, format;
  gsize length;
  gconstpointer data = g_bytes_get_data (saved, &length);

  knock->nonce = mabei_secret_new (MABEI_SHORT_CODE_NONCE_BYTES);
  mabei_cbor_reader_init (&reader, data, length);
  if (!mabei_cbor_read_array (&reader, 6, &count) || count != 6 ||
      !mabei_cbor_read_uint (&reader, G_MAXUINT32, &format) || format != SAVED_FORMAT ||
      !mabei_cbor_read_text (&reader, MABEI_LIMIT_LINK_BYTES, &link) ||
      !mabei_cbor_read_fixed (&reader, mabei_secret_data (knock->nonce), MABEI_SHORT_CODE_NONCE_BYTES) ||
      !read_optional (&reader, &knock->knock) || knock->knock == NULL || !read_optional (&reader, &answer) ||
      !read_optional (&reader, &decision) || !mabei_cbor_reader_finish (&reader, NULL)) {
    format_error (error, "the saved knock is damaged");
    return NULL;
  }
  knock->link = mabei_link_parse (link, error);
  sodium_memzero (link, strlen (link));
  if (knock->link == NULL)
    return NULL;
  if (!adopt_knock (knock)) {
    format_error (error, "the saved knock is not of this device");
    return NULL;
  }
  if (answer != NULL)
    mabei_knock_receive (knock, answer);
  if (decision != NULL)
    mabei_knock_receive (knock, decision);
  return g_steal_pointer (&knock);
}
