#include "core/change/header.h"

#include <string.h>

#include "core/base/limits.h"

/* Keys of the header's map; the numbers are part of the format. */
enum {
  KEY_SUITE = 0,
  KEY_KIND = 1,
  KEY_CASE = 2,
  KEY_SPACE = 3,
  KEY_DEVICE = 4,
  KEY_SEQ = 5,
  KEY_PREV = 6,
  KEY_DEPS = 7,
  KEY_CONTROL = 8,
  KEY_EPOCH = 9,
  KEY_LAMPORT = 10,
  KEY_LENGTH = 11,
  KEY_NONCE = 12,
  N_KEYS = 13,
};

G_STATIC_ASSERT (G_N_ELEMENTS (((MabeiHeader *) NULL)->deps) == MABEI_LIMIT_DEPS);
G_STATIC_ASSERT (G_N_ELEMENTS (((MabeiHeader *) NULL)->control) == MABEI_LIMIT_CONTROL_HEADS);

gboolean
mabei_kind_is_sealed (MabeiKind kind)
{
  return kind != MABEI_KIND_GENESIS && kind != MABEI_KIND_EPOCH;
}

gboolean
mabei_id_list_is_sorted (const MabeiId *ids, guint n_ids)
{
  for (guint i = 0; i < n_ids; i++) {
    if (i == 0 ? mabei_id_is_zero (&ids[0]) : mabei_id_compare (&ids[i - 1], &ids[i]) >= 0)
      return FALSE;
  }
  return TRUE;
}

static gboolean
refuse (GError **error, MabeiChangeError code, const char *fault)
{
  g_set_error (error, MABEI_CHANGE_ERROR, (gint) code, "header: %s", fault);
  return FALSE;
}

static gboolean
check_limits (const MabeiHeader *header, GError **error)
{
  if (header->n_deps > MABEI_LIMIT_DEPS)
    return refuse (error, MABEI_CHANGE_ERROR_TOO_LARGE, "too many dependencies");
  if (header->n_control > MABEI_LIMIT_CONTROL_HEADS)
    return refuse (error, MABEI_CHANGE_ERROR_TOO_LARGE, "too many control heads");
  if (header->seq > MABEI_LIMIT_SEQUENCE)
    return refuse (error, MABEI_CHANGE_ERROR_TOO_LARGE, "sequence number greater than allowed");
  if (header->lamport > MABEI_LIMIT_LAMPORT)
    return refuse (error, MABEI_CHANGE_ERROR_TOO_LARGE, "Lamport number greater than allowed");
  return TRUE;
}

/* What the place in the chain and in the graph implies, whatever the past holds. */
static gboolean
check_place (const MabeiHeader *header, GError **error)
{
  if ((header->seq == 0) != mabei_id_is_zero (&header->prev))
    return refuse (error, MABEI_CHANGE_ERROR_FORMAT, "the first of a chain has no previous change, others have one");
  if (!mabei_id_list_is_sorted (header->deps, header->n_deps))
    return refuse (error, MABEI_CHANGE_ERROR_FORMAT, "dependencies not sorted");
  if (!mabei_id_list_is_sorted (header->control, header->n_control))
    return refuse (error, MABEI_CHANGE_ERROR_FORMAT, "control heads not sorted");
  for (guint i = 0; i < header->n_deps; i++) {
    if (mabei_id_equal (&header->deps[i], &header->prev))
      return refuse (error, MABEI_CHANGE_ERROR_FORMAT, "the previous change is cited twice");
  }
  if (header->lamport <= header->seq) /* each change of the chain counts one further at least */
    return refuse (error, MABEI_CHANGE_ERROR_FORMAT, "Lamport number too small for its place");
  if ((header->lamport == 1) != (header->seq == 0 && header->n_deps == 0))
    return refuse (error, MABEI_CHANGE_ERROR_FORMAT, "Lamport number 1 belongs to changes without a past, only");
  return TRUE;
}

gboolean
mabei_header_check (const MabeiHeader *header, GError **error)
{
  if (header->kind > MABEI_KIND_MERGE)
    return refuse (error, MABEI_CHANGE_ERROR_UNSUPPORTED, "unknown kind");
  if (!check_limits (header, error) || !check_place (header, error))
    return FALSE;
  gboolean is_genesis = header->kind == MABEI_KIND_GENESIS;
  if (is_genesis && (header->lamport != 1 || header->n_control != 0))
    return refuse (error, MABEI_CHANGE_ERROR_FORMAT, "a genesis has no past");
  if (header->kind == MABEI_KIND_CONTROL && header->n_control != 0)
    return refuse (error, MABEI_CHANGE_ERROR_FORMAT, "a change of the control space cites no control heads apart");
  if (is_genesis != mabei_id_is_zero (&header->case_id))
    return refuse (error, MABEI_CHANGE_ERROR_FORMAT, "a genesis has no case id, others have one");
  if (mabei_kind_is_sealed (header->kind) == mabei_id_is_zero (&header->epoch_id))
    return refuse (error, MABEI_CHANGE_ERROR_FORMAT, "a sealed change names its epoch, others do not");
  return TRUE;
}

static void
write_id (GByteArray *out, guint64 key, const MabeiId *id)
{
  if (mabei_id_is_zero (id))
    return;
  mabei_cbor_write_uint (out, key);
  mabei_cbor_write_bytes (out, id->bytes, sizeof id->bytes);
}

static void
write_number (GByteArray *out, guint64 key, guint64 number)
{
  mabei_cbor_write_uint (out, key);
  mabei_cbor_write_uint (out, number);
}

static void
write_id_list (GByteArray *out, guint64 key, const MabeiId *ids, guint n_ids)
{
  if (n_ids == 0)
    return;
  mabei_cbor_write_uint (out, key);
  mabei_cbor_write_bytes (out, ids, n_ids * sizeof *ids);
}

static gsize
count_pairs (const MabeiHeader *header)
{
  gsize pairs = N_KEYS;
  pairs -= mabei_id_is_zero (&header->case_id);
  pairs -= mabei_id_is_zero (&header->prev);
  pairs -= header->n_deps == 0;
  pairs -= header->n_control == 0;
  pairs -= mabei_id_is_zero (&header->epoch_id);
  pairs -= !mabei_kind_is_sealed (header->kind);
  return pairs;
}

GByteArray *
mabei_header_encode (const MabeiHeader *header, gsize payload_length)
{
  GByteArray *out = g_byte_array_sized_new (256);
  mabei_cbor_write_map (out, count_pairs (header));
  write_number (out, KEY_SUITE, MABEI_SUITE);
  write_number (out, KEY_KIND, (guint64) header->kind);
  write_id (out, KEY_CASE, &header->case_id);
  mabei_cbor_write_uint (out, KEY_SPACE);
  mabei_cbor_write_bytes (out, header->space.bytes, sizeof header->space.bytes);
  mabei_cbor_write_uint (out, KEY_DEVICE);
  mabei_cbor_write_bytes (out, header->device.bytes, sizeof header->device.bytes);
  write_number (out, KEY_SEQ, header->seq);
  write_id (out, KEY_PREV, &header->prev);
  write_id_list (out, KEY_DEPS, header->deps, header->n_deps);
  write_id_list (out, KEY_CONTROL, header->control, header->n_control);
  write_id (out, KEY_EPOCH, &header->epoch_id);
  write_number (out, KEY_LAMPORT, header->lamport);
  write_number (out, KEY_LENGTH, payload_length);
  if (mabei_kind_is_sealed (header->kind)) {
    mabei_cbor_write_uint (out, KEY_NONCE);
    mabei_cbor_write_bytes (out, header->nonce, sizeof header->nonce);
  }
  return out;
}

gboolean
mabei_id_list_read (MabeiCborReader *reader, guint limit, MabeiId *ids, guint *n_ids, const char **fault)
{
  const guint8 *data;
  gsize length;
  if (!mabei_cbor_read_bytes (reader, limit * sizeof *ids, &data, &length))
    return FALSE;
  if (length % sizeof *ids != 0) {
    *fault = "a list of ids is not made of whole ids";
    return FALSE;
  }
  memcpy (ids, data, length);
  *n_ids = (guint) (length / sizeof *ids);
  return TRUE;
}

/* One pair; *@fault is set for what the reader itself does not know. Missing keys show when the encoding is compared.
 */
static gboolean
read_pair (MabeiCborReader *reader, MabeiHeader *header, guint64 *payload_length, const char **fault)
{
  guint64 key, number;
  if (!mabei_cbor_read_key (reader, &key))
    return FALSE;
  switch (key) {
  case KEY_CASE:
    return mabei_cbor_read_fixed (reader, header->case_id.bytes, sizeof header->case_id.bytes);
  case KEY_SPACE:
    return mabei_cbor_read_fixed (reader, header->space.bytes, sizeof header->space.bytes);
  case KEY_DEVICE:
    return mabei_cbor_read_fixed (reader, header->device.bytes, sizeof header->device.bytes);
  case KEY_SEQ:
    return mabei_cbor_read_uint (reader, MABEI_LIMIT_SEQUENCE, &header->seq);
  case KEY_PREV:
    return mabei_cbor_read_fixed (reader, header->prev.bytes, sizeof header->prev.bytes);
  case KEY_DEPS:
    return mabei_id_list_read (reader, MABEI_LIMIT_DEPS, header->deps, &header->n_deps, fault);
  case KEY_CONTROL:
    return mabei_id_list_read (reader, MABEI_LIMIT_CONTROL_HEADS, header->control, &header->n_control, fault);
  case KEY_EPOCH:
    return mabei_cbor_read_fixed (reader, header->epoch_id.bytes, sizeof header->epoch_id.bytes);
  case KEY_LAMPORT:
    return mabei_cbor_read_uint (reader, MABEI_LIMIT_LAMPORT, &header->lamport);
  case KEY_LENGTH:
    if (!mabei_cbor_read_uint (reader, MABEI_LIMIT_CHANGE_BYTES, &number))
      return FALSE;
    *payload_length = number;
    return TRUE;
  case KEY_NONCE:
    return mabei_cbor_read_fixed (reader, header->nonce, sizeof header->nonce);
  default:
    *fault = "unknown key";
    return FALSE;
  }
}

/* Suite and kind come first and decide whether the rest can be read at all. */
static gboolean
read_opening (MabeiCborReader *reader, guint64 *pairs, MabeiHeader *header, GError **error)
{
  guint64 suite, kind;
  if (!mabei_cbor_read_map (reader, G_MAXUINT64, pairs) || !mabei_cbor_expect_key (reader, KEY_SUITE) ||
      !mabei_cbor_read_uint (reader, G_MAXUINT64, &suite))
    return mabei_change_take_fault (reader, "header", error);
  if (suite != MABEI_SUITE)
    return refuse (error, MABEI_CHANGE_ERROR_UNSUPPORTED, "unknown suite");
  if (!mabei_cbor_expect_key (reader, KEY_KIND) || !mabei_cbor_read_uint (reader, G_MAXUINT64, &kind))
    return mabei_change_take_fault (reader, "header", error);
  if (kind > MABEI_KIND_MERGE)
    return refuse (error, MABEI_CHANGE_ERROR_UNSUPPORTED, "unknown kind");
  header->kind = (MabeiKind) kind;
  return TRUE;
}

gboolean
mabei_header_decode (const guint8 *data, gsize length, MabeiHeader *header, gsize *payload_length, GError **error)
{
  MabeiCborReader reader;
  MabeiHeader read = {0};
  guint64 pairs, announced = 0;
  mabei_cbor_reader_init (&reader, data, length);
  if (!read_opening (&reader, &pairs, &read, error))
    return FALSE;
  for (guint64 i = 2; i < pairs; i++) {
    const char *fault = NULL;
    if (read_pair (&reader, &read, &announced, &fault))
      continue;
    return fault != NULL ? refuse (error, MABEI_CHANGE_ERROR_FORMAT, fault)
                         : mabei_change_take_fault (&reader, "header", error);
  }
  if (!mabei_cbor_reader_finish (&reader, NULL))
    return mabei_change_take_fault (&reader, "header", error);
  if (!mabei_header_check (&read, error))
    return FALSE;
  /* Every field was copied out, so that equal bytes mean: nothing absent, nothing added, nothing in another form. */
  g_autoptr (GByteArray) again = mabei_header_encode (&read, (gsize) announced);
  if (again->len != length || memcmp (again->data, data, length) != 0)
    return refuse (error, MABEI_CHANGE_ERROR_FORMAT, "not the canonical form");
  *header = read;
  *payload_length = (gsize) announced;
  return TRUE;
}
