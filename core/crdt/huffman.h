/*
 * Bytes to fewer bytes by their frequencies: canonical Huffman codes of at most 11 bits, or the bytes as they are, or
 * one repeated byte, whichever is shortest. Deterministic.
 * A stream is: number of bytes (varint), then unless 0 a mode: 0 = the bytes; 1 = the byte that is repeated; 2 = first
 * and last symbol, code lengths of these and all between (4 bits each), number of packed bytes (varint), packed bytes
 * (highest bit first, padded with zeros).
 * Threads: none of its own. Failures: the reader refuses whatever the writer does not make.
 */
#pragma once
#include "core/crdt/codec.h"

G_BEGIN_DECLS

void mabei_huffman_write (MabeiBuffer *to, const guint8 *bytes, gsize n);
/* Appends one stream's bytes to `to`. FALSE if it is damaged or longer than `limit`. */
gboolean mabei_huffman_read (MabeiReader *reader, gsize limit, MabeiBuffer *to);

G_END_DECLS
