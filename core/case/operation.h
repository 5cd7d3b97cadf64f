/* Content operations as their bytes say (FORMAT.md), without meaning: encoding and strict, bounded decoding. For the .c
 * files of this folder; other rooms make operations through core/case/content.h. What they cite is resolved by the
 * fold. Failures: MABEI_CASE_ERROR_FORMAT, TOO_LARGE.
 */
#pragma once

#include "core/case/content.h"

typedef enum {
  MABEI_OPERATION_FIELD = 0,
  MABEI_OPERATION_DOCUMENT = 1,
  MABEI_OPERATION_TEXT = 2,
  MABEI_OPERATION_POST = 3,
} MabeiOperationType;

/* A change cited by an operation: the seq of an earlier change of the author's own chain, or an id. */
typedef struct {
  gboolean is_seq;
  guint64 seq;
  MabeiId id;
  guint index; /* FIELD: of the operation in that change */
} MabeiReference;

typedef struct {
  MabeiOperationType type;
  char *name;            /* FIELD: name; DOCUMENT: kind */
  char *value;           /* FIELD: value; DOCUMENT: title; POST: text */
  MabeiLevel level;      /* POST */
  MabeiShortId document; /* TEXT */
  GArray *references;    /* FIELD: the values seen; TEXT: the agents of the blob; MabeiReference */
  GBytes *blob;          /* TEXT */
  gboolean is_undo;      /* TEXT */
  guint64 undone;        /* TEXT: seq of the change that it undoes */
  GArray *cited;         /* resolved references, same order; MabeiId; filled by the fold */
} MabeiOperation;

MabeiOperation *mabei_operation_decode (GBytes *item, GError **error);
void mabei_operation_free (MabeiOperation *operation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiOperation, mabei_operation_free)
gboolean mabei_operation_check_field (const char *name, const char *value, GError **error);
GBytes *mabei_operation_encode_field (const char *name, const char *value, GArray *saw);
GBytes *mabei_operation_encode_text (
    const MabeiShortId *document, GArray *references, gconstpointer blob, gsize length, const guint64 *undone);
