/* The words of the product: turns the kinds of the read models (roles, places, events, steps) into sentences. Terms are
 * those of po/TERMS.md. Returned strings are translated; "(transfer full)" is said where they are made.
 */
#pragma once

#include "ui/ports/port.h"

const char *mabei_words_role (const char *role);
const char *mabei_words_place (MabeiPlace place);
const char *mabei_words_place_icon (MabeiPlace place);
const char *mabei_words_level (const char *level);
const char *mabei_words_document (const char *kind);
const char *mabei_words_field (const char *field);

/* One next step of a case: heading, sentence, button (NULL: nothing to press) and the action the button runs. */
typedef struct {
  const char *heading;
  const char *sentence;
  const char *button;
  const char *action;
} MabeiWordsStep;
/* Those of the read model, and "guest": somebody knocks just now. */
MabeiWordsStep mabei_words_step (const char *next_step);

/* "Zhang San joined the case" (transfer full) */
char *mabei_words_event (const MabeiViewEvent *event);
/* The space's title: joint session, or caucus with a person (transfer full) */
char *mabei_words_space (const MabeiViewSpace *space);
/* What a person's device has and lacks, since when (transfer full) */
char *mabei_words_missing (const MabeiViewPerson *person);
/* Joins names: "Wang, Zhang San and Li Si" (transfer full) */
char *mabei_words_names (const char *const *names);
/* Who can hear this device now, with its own name first (transfer full) */
char *mabei_words_room (const MabeiSessionView *session, const char *own_name);
/* "482913" to "482 913" (transfer full) */
char *mabei_words_code (const char *code);
/* What a tile says besides the picture (transfer full) */
char *mabei_words_tile (const MabeiTile *tile);
