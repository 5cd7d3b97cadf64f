/*
 * A whole text as bytes, with everything that was ever written and who wrote and deleted it, in packed columns with
 * one row a span, in the order of the text. The visible text stands first, so that a document opens without its
 * history. Saving what was loaded gives the same bytes.
 *
 * Bytes: version 1; visible text; number of spans; number of agents; names (length, bytes each); the columns below;
 * text of deleted elements. All but the numbers are blocks of core/crdt/pack.h, numbers in them are varints.
 *   lengths    elements
 *   deleters   0 = nobody; 1 = a set not seen before; else 1 + how many sets ago it was first seen
 *   sets       for each new set: members - 1, then agents ascending
 *   agents     0 = one not seen before; else how many agents ago it was first seen
 *   ranks      place among the agent's spans by sequence, less the last one's place + 1 (zigzag)
 *   gaps       by agent and rank: sequence numbers skipped before the span
 *   lefts      1 + steps from the element before, along left origins of spans, to the left origin; or 0, and then
 *              1 + its place by (agent, sequence), 0 for the border
 *   rights     0 = the next sibling in the text (or the border, if none); 1 = the border; else 2 + place
 *
 * Threads: none of its own. Limits: MABEI_TEXT_ELEMENTS_MAX. Failures: FORMAT for anything no writer makes; whether the
 * spans' order is that of FugueMax is not computed again, so saved bytes must come from oneself.
 */
#pragma once
#include "core/crdt/text.h"

G_BEGIN_DECLS

/* (transfer full) Suspended agents are saved like others, and not as suspended. */
GBytes *mabei_text_save (const MabeiText *text);
/* The text, or NULL. Agents have new numbers; those that neither wrote nor deleted are gone. */
MabeiText *mabei_text_load (const guint8 *bytes, gsize n_bytes, GError **error);
/* Only the visible text of saved bytes, zero-terminated, or NULL; the history is not looked at. `length` may be NULL.
 */
char *mabei_text_saved_read (const guint8 *bytes, gsize n_bytes, gsize *length, GError **error);

G_END_DECLS
