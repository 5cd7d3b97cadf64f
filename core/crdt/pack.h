/*
 * Lossless packing of one column of a saved text: repeated parts are cited (LZ77, window 64 KiB), and what is left goes
 * through core/crdt/huffman.h, or only the latter where that is shorter. Own code, since core stands on GLib alone.
 * A block is a mode byte: 0 = one Huffman stream; 1 = number of bytes (varint) and five streams: literals, tokens
 * (literals << 4 | match - 4; 15 = more in the next stream), longer lengths (varints), low and high bytes of distances.
 * Threads: none of its own. Limits: 2^31 - 1 bytes. Failures: the reader refuses whatever is damaged.
 */
#pragma once
#include "core/crdt/codec.h"

G_BEGIN_DECLS

void mabei_pack_write (MabeiBuffer *to, const guint8 *bytes, gsize n);
/* Appends one block's bytes to `to`. FALSE if it is damaged or longer than `limit`. */
gboolean mabei_pack_read (MabeiReader *reader, gsize limit, MabeiBuffer *to);

G_END_DECLS
