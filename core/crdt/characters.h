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

/* The width that some UTF-8 needs, by its lead bytes alone. */
guint mabei_characters_width (const guint8 *utf8, gsize n_bytes);
/* Makes `n` places of that width in an empty store; each must be put. */
void mabei_characters_prepare (MabeiCharacters *characters, guint32 n, guint width);
/* Reads `n` characters into places from `first` on. FALSE if the bytes end or are no text of the width. */
gboolean mabei_characters_put (MabeiCharacters *characters, guint32 first, guint32 n, MabeiReader *reader);

G_END_DECLS
