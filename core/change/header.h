/* The bytes of a change's header (core/change/FORMAT.md), for this folder alone: everybody else has
 * mabei_change_header. One encoding a header: a field that is none (zero id, empty list) is absent, and parsing
 * compares its input with the encoding of what it read. Pure functions, bounded by limits.h, errors of
 * MABEI_CHANGE_ERROR.
 */
#pragma once

#include "core/base/cbor.h"
#include "core/change/change.h"

gboolean mabei_kind_is_sealed (MabeiKind kind);

/* The rules that a header keeps by itself, without its past: ids present or absent as its kind asks, lists sorted,
 * seq, prev and Lamport consistent, limits. */
gboolean mabei_header_check (const MabeiHeader *header, GError **error);

/* @header passed mabei_header_check. @payload_length: in bytes, padding and tag included. (transfer full) */
GByteArray *mabei_header_encode (const MabeiHeader *header, gsize payload_length);

gboolean
mabei_header_decode (const guint8 *data, gsize length, MabeiHeader *header, gsize *payload_length, GError **error);

/* A reader's first fault, as an error of this module. FALSE, for the caller to return. */
gboolean mabei_change_take_fault (MabeiCborReader *reader, const char *what, GError **error);

/* A list of ids as one byte string: ids one after another, ascending, none zero, without duplicates. */
gboolean mabei_id_list_read (MabeiCborReader *reader, guint limit, MabeiId *ids, guint *n_ids, const char **fault);
gboolean mabei_id_list_is_sorted (const MabeiId *ids, guint n_ids);
