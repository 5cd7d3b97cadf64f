#include "core/store/record.h"

#include "core/base/cbor.h"
#include "core/base/limits.h"

#include <sodium.h>
#include <string.h>

static void
write_place (GByteArray *out, const MabeiRecord *record)
{
  mabei_cbor_write_bytes (out, record->case_id.bytes, sizeof record->case_id.bytes);
  mabei_cbor_write_bytes (out, record->space.bytes, sizeof record->space.bytes);
}

static void
encode (GByteArray *out, const MabeiRecord *record)
{
  static const gsize n_items[] = {0, 5, 5, 6, 2, 1};

  mabei_cbor_write_array (out, n_items[record->type]);
  mabei_cbor_write_uint (out, record->type);
  switch (record->type) {
  case MABEI_RECORD_SPACE:
    write_place (out, record);
    mabei_cbor_write_uint (out, record->kind);
    mabei_cbor_write_bytes (out, record->other.bytes, sizeof record->other.bytes);
    break;
  case MABEI_RECORD_KEY:
    write_place (out, record);
    mabei_cbor_write_bytes (out, record->id.bytes, sizeof record->id.bytes);
    mabei_cbor_write_bytes (out, mabei_secret_data (record->secret), mabei_secret_length (record->secret));
    break;
  case MABEI_RECORD_CHANGE:
    write_place (out, record);
    mabei_cbor_write_uint (out, record->source);
    mabei_cbor_write_bool (out, record->is_verified);
    mabei_cbor_write_bytes (out, g_bytes_get_data (record->encoded, NULL), g_bytes_get_size (record->encoded));
    break;
  case MABEI_RECORD_RECEIPT:
    mabei_cbor_write_bytes (out, record->id.bytes, sizeof record->id.bytes);
    break;
  case MABEI_RECORD_RESET:
    break;
  default:
    g_assert_not_reached ();
  }
}

gboolean
mabei_record_append (MabeiDatabase *database, const MabeiRecord *record, GError **error)
{
  gsize length = record->encoded != NULL ? g_bytes_get_size (record->encoded) : 0;
  /* Large enough never to move: a moved array leaves a copy behind. */
  g_autoptr (GByteArray) out = g_byte_array_sized_new ((guint) length + 256);
  gboolean done;

  encode (out, record);
  done = mabei_database_append (database, out->data, out->len, NULL, error);
  sodium_memzero (out->data, out->len);
  return done;
}

static void
read_place (MabeiCborReader *reader, MabeiRecord *record)
{
  mabei_cbor_read_fixed (reader, record->case_id.bytes, sizeof record->case_id.bytes);
  mabei_cbor_read_fixed (reader, record->space.bytes, sizeof record->space.bytes);
}

static void
read_change (MabeiCborReader *reader, MabeiRecord *record)
{
  const guint8 *bytes = NULL;
  gsize length = 0;
  guint64 source = 0;

  read_place (reader, record);
  mabei_cbor_read_uint (reader, MABEI_SOURCE_PEER, &source);
  mabei_cbor_read_bool (reader, &record->is_verified);
  record->source = (MabeiSource) source;
  /* A copy: the record around it is wiped, the change lives as long as its case. */
  if (mabei_cbor_read_bytes (reader, MABEI_LIMIT_CHANGE_BYTES, &bytes, &length))
    record->encoded = g_bytes_new (bytes, length);
}

static void
read_body (MabeiCborReader *reader, MabeiRecord *record)
{
  guint64 kind = 0;

  switch (record->type) {
  case MABEI_RECORD_SPACE:
    read_place (reader, record);
    mabei_cbor_read_uint (reader, MABEI_SPACE_CAUCUS, &kind);
    record->kind = (MabeiSpaceKind) kind;
    mabei_cbor_read_fixed (reader, record->other.bytes, sizeof record->other.bytes);
    break;
  case MABEI_RECORD_KEY:
    read_place (reader, record);
    mabei_cbor_read_fixed (reader, record->id.bytes, sizeof record->id.bytes);
    record->secret = mabei_secret_new (32);
    mabei_cbor_read_fixed (reader, mabei_secret_data (record->secret), 32);
    break;
  case MABEI_RECORD_CHANGE:
    read_change (reader, record);
    break;
  case MABEI_RECORD_RECEIPT:
    mabei_cbor_read_fixed (reader, record->id.bytes, sizeof record->id.bytes);
    break;
  case MABEI_RECORD_RESET:
  default:
    break;
  }
}

gboolean
mabei_record_decode (GBytes *data, MabeiRecord *record, GError **error)
{
  g_autoptr (GError) local = NULL;
  MabeiCborReader reader;
  guint64 count = 0;
  guint64 type = 0;
  gsize length;
  gconstpointer bytes = g_bytes_get_data (data, &length);

  memset (record, 0, sizeof *record);
  mabei_cbor_reader_init (&reader, bytes, length);
  mabei_cbor_read_array (&reader, 6, &count);
  mabei_cbor_read_uint (&reader, MABEI_RECORD_RESET, &type);
  record->type = (MabeiRecordType) type;
  read_body (&reader, record);
  if (type != 0 && mabei_cbor_reader_finish (&reader, &local))
    return TRUE;
  g_set_error (error, MABEI_STORE_ERROR, MABEI_STORE_ERROR_DAMAGED,
               "the replica is damaged: a record of no known form");
  return FALSE;
}

void
mabei_record_clear (MabeiRecord *record)
{
  mabei_secret_unref (record->secret);
  g_clear_pointer (&record->encoded, g_bytes_unref);
  memset (record, 0, sizeof *record);
}
