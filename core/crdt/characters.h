/*
 * The characters of all elements by slot, as narrow as the text allows: one byte each while all are ASCII, two while
 * all are in the basic plane (Chinese), else four.
 * Threads: none of its own. Limits: those of slots. Failures: none; callers pass checked text.
 */
#pragma once
#include "core/crdt/codec.h"

G_BEGIN_DECLS

typedef struct {
  guint8 *data;
  guint32 n;
  guint32 capacity;
  guint width; /* bytes a character: 1, 2 or 4 */
} MabeiCharacters;

void mabei_characters_clear (MabeiCharacters *characters);
/* Appends `n` characters of valid UTF-8. */
void mabei_characters_add (MabeiCharacters *characters, const guint8 *utf8, gsize n_bytes, guint32 n);
/* Writes characters first .. first + n - 1 as UTF-8. */
void mabei_characters_write (const MabeiCharacters *characters, guint32 first, guint32 n, MabeiBuffer *to);

G_END_DECLS
