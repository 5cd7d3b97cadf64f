/* The bytes of content operations (FORMAT.md): encoding and strict decoding, without meaning. */
#include "core/case/case_private.h"

#include <string.h>

#include "core/base/cbor.h"
#include "core/base/limits.h"

void
mabei_operation_free (MabeiOperation *operation)
{
  if (operation == NULL)
    return;
  g_free (operation->name);
  g_free (operation->value);
  g_clear_pointer (&operation->references, g_array_unref);
  g_clear_pointer (&operation->cited, g_array_unref);
  g_clear_pointer (&operation->blob, g_bytes_unref);
  g_free (operation);
}

/* --- writing --- */

static void
write_reference (GByteArray *out, const MabeiReference *reference)
{
  if (reference->is_seq)
    mabei_cbor_write_uint (out, reference->seq);
  else
    mabei_cbor_write_bytes (out, reference->id.bytes, sizeof reference->id.bytes);
}

GBytes *
mabei_operation_encode_field (const char *name, const char *value, GArray *saw)
{
  GByteArray *out = g_byte_array_new ();
  mabei_cbor_write_array (out, 4);
  mabei_cbor_write_uint (out, MABEI_OPERATION_FIELD);
  mabei_cbor_write_text (out, name);
  mabei_cbor_write_text (out, value);
  mabei_cbor_write_array (out, saw->len);
  for (guint i = 0; i < saw->len; i++) {
    const MabeiReference *reference = &g_array_index (saw, MabeiReference, i);
    mabei_cbor_write_array (out, 2);
    write_reference (out, reference);
    mabei_cbor_write_uint (out, reference->index);
  }
  return g_byte_array_free_to_bytes (out);
}

GBytes *
mabei_operation_encode_text (
    const MabeiShortId *document, GArray *references, gconstpointer blob, gsize length, const guint64 *undone)
{
  GByteArray *out = g_byte_array_new ();
  mabei_cbor_write_array (out, undone != NULL ? 5 : 4);
  mabei_cbor_write_uint (out, MABEI_OPERATION_TEXT);
  mabei_cbor_write_bytes (out, document->bytes, sizeof document->bytes);
  mabei_cbor_write_array (out, references->len);
  for (guint i = 0; i < references->len; i++)
    write_reference (out, &g_array_index (references, MabeiReference, i));
  mabei_cbor_write_bytes (out, blob, length);
  if (undone != NULL)
    mabei_cbor_write_uint (out, *undone);
  return g_byte_array_free_to_bytes (out);
}

static gboolean
check_text (const char *what, const char *text, gsize least, gsize most, GError **error)
{
  gsize length = text != NULL ? strlen (text) : 0;
  if (text != NULL && length >= least && length <= most && g_utf8_validate (text, (gssize) length, NULL))
    return TRUE;
  g_set_error (error, MABEI_CASE_ERROR, length > most ? MABEI_CASE_ERROR_TOO_LARGE : MABEI_CASE_ERROR_FORMAT,
               "%s has %" G_GSIZE_FORMAT " to %" G_GSIZE_FORMAT " bytes of UTF-8", what, least, most);
  return FALSE;
}

gboolean
mabei_operation_check_field (const char *name, const char *value, GError **error)
{
  return check_text ("the name of a field", name, 1, MABEI_LIMIT_NAME_BYTES, error) &&
         check_text ("the value of a field", value, 0, MABEI_LIMIT_VALUE_BYTES, error);
}

GBytes *
mabei_operation_document (const char *kind, const char *title, GError **error)
{
  if (!check_text ("the kind of a document", kind, 1, MABEI_LIMIT_NAME_BYTES, error) ||
      !check_text ("the title of a document", title, 0, MABEI_LIMIT_VALUE_BYTES, error))
    return NULL;
  GByteArray *out = g_byte_array_new ();
  mabei_cbor_write_array (out, 3);
  mabei_cbor_write_uint (out, MABEI_OPERATION_DOCUMENT);
  mabei_cbor_write_text (out, kind);
  mabei_cbor_write_text (out, title);
  return g_byte_array_free_to_bytes (out);
}

GBytes *
mabei_operation_post (const char *text, MabeiLevel level, GError **error)
{
  if (!check_text ("a message", text, 1, MABEI_LIMIT_MESSAGE_BYTES, error))
    return NULL;
  if (level > MABEI_LEVEL_SHOW) {
    g_set_error_literal (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_FORMAT, "no such level of a message");
    return NULL;
  }
  GByteArray *out = g_byte_array_new ();
  mabei_cbor_write_array (out, 3);
  mabei_cbor_write_uint (out, MABEI_OPERATION_POST);
  mabei_cbor_write_text (out, text);
  mabei_cbor_write_uint (out, level);
  return g_byte_array_free_to_bytes (out);
}

/* --- reading --- */

static gboolean
read_reference (MabeiCborReader *reader, MabeiReference *reference)
{
  reference->is_seq = mabei_cbor_reader_peek (reader) == MABEI_CBOR_UINT;
  return reference->is_seq ? mabei_cbor_read_uint (reader, MABEI_LIMIT_SEQUENCE, &reference->seq)
                           : mabei_cbor_read_fixed (reader, reference->id.bytes, sizeof reference->id.bytes);
}

static gboolean
read_references (MabeiCborReader *reader, MabeiOperation *operation, gboolean with_index)
{
  guint64 count;
  if (!mabei_cbor_read_array (reader, MABEI_LIMIT_REFERENCES, &count))
    return FALSE;
  operation->references = g_array_new (FALSE, FALSE, sizeof (MabeiReference));
  for (guint64 i = 0; i < count; i++) {
    MabeiReference reference = {0};
    guint64 pair, index = 0;
    if (with_index && (!mabei_cbor_read_array (reader, 2, &pair) || pair != 2))
      return FALSE;
    if (!read_reference (reader, &reference) ||
        (with_index && !mabei_cbor_read_uint (reader, MABEI_LIMIT_OPERATIONS - 1, &index)))
      return FALSE;
    reference.index = (guint) index;
    g_array_append_val (operation->references, reference);
  }
  return TRUE;
}

static gboolean
read_filled (MabeiCborReader *reader, gsize limit, char **text)
{
  return mabei_cbor_read_text (reader, limit, text) && (*text)[0] != '\0';
}

static gboolean
read_field (MabeiCborReader *reader, guint64 count, MabeiOperation *operation)
{
  return count == 4 && read_filled (reader, MABEI_LIMIT_NAME_BYTES, &operation->name) &&
         mabei_cbor_read_text (reader, MABEI_LIMIT_VALUE_BYTES, &operation->value) &&
         read_references (reader, operation, TRUE);
}

static gboolean
read_document (MabeiCborReader *reader, guint64 count, MabeiOperation *operation)
{
  return count == 3 && read_filled (reader, MABEI_LIMIT_NAME_BYTES, &operation->name) &&
         mabei_cbor_read_text (reader, MABEI_LIMIT_VALUE_BYTES, &operation->value);
}

static gboolean
read_text (MabeiCborReader *reader, guint64 count, MabeiOperation *operation)
{
  const guint8 *blob;
  gsize length;
  if (count < 4 || !mabei_cbor_read_fixed (reader, operation->document.bytes, sizeof operation->document.bytes) ||
      !read_references (reader, operation, FALSE) ||
      !mabei_cbor_read_bytes (reader, MABEI_LIMIT_CHANGE_BYTES, &blob, &length))
    return FALSE;
  operation->blob = g_bytes_new (blob, length);
  operation->is_undo = count == 5;
  return count == 4 || mabei_cbor_read_uint (reader, MABEI_LIMIT_SEQUENCE, &operation->undone);
}

static gboolean
read_post (MabeiCborReader *reader, guint64 count, MabeiOperation *operation)
{
  guint64 level;
  if (count != 3 || !read_filled (reader, MABEI_LIMIT_MESSAGE_BYTES, &operation->value) ||
      !mabei_cbor_read_uint (reader, MABEI_LEVEL_SHOW, &level))
    return FALSE;
  operation->level = (MabeiLevel) level;
  return TRUE;
}

MabeiOperation *
mabei_operation_decode (GBytes *item, GError **error)
{
  static gboolean (*const readers[]) (MabeiCborReader *, guint64, MabeiOperation *) = {read_field, read_document,
                                                                                       read_text, read_post};
  gsize length;
  gconstpointer data = g_bytes_get_data (item, &length);
  g_autoptr (MabeiOperation) operation = g_new0 (MabeiOperation, 1);
  MabeiCborReader reader;
  guint64 count, type;
  mabei_cbor_reader_init (&reader, data, length);
  if (!mabei_cbor_read_array (&reader, 5, &count) ||
      !mabei_cbor_read_uint (&reader, G_N_ELEMENTS (readers) - 1, &type) || !readers[type](&reader, count, operation) ||
      !mabei_cbor_reader_finish (&reader, NULL)) {
    g_set_error_literal (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_FORMAT, "an operation is not understood");
    return NULL;
  }
  operation->type = (MabeiOperationType) type;
  return g_steal_pointer (&operation);
}
