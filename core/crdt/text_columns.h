/* What saving and loading share (core/crdt/text_saved.h). Not for other folders. */
#pragma once
#include "core/crdt/text_private.h"

G_BEGIN_DECLS

#define MABEI_SAVED_VERSION 1
/* Steps along left origins that are tried before one is named by its place. */
#define MABEI_SAVED_STEPS_MAX 62

typedef enum {
  MABEI_COLUMN_LENGTHS,
  MABEI_COLUMN_DELETERS,
  MABEI_COLUMN_SETS,
  MABEI_COLUMN_AGENTS,
  MABEI_COLUMN_RANKS,
  MABEI_COLUMN_GAPS,
  MABEI_COLUMN_LEFTS,
  MABEI_COLUMN_RIGHTS,
  MABEI_N_COLUMNS,
} MabeiColumn;

/* A row: like MabeiSpan, but of any length. */
typedef struct {
  guint32 slot; /* place by (agent, sequence) */
  guint32 agent;
  guint32 seq;
  guint32 length;
  guint32 left; /* places, or MABEI_SLOT_NONE */
  guint32 right;
  guint32 deleters;
  guint32 rank;
  guint32 left_row; /* the row of the left origin; only while loading */
} MabeiRow;

/* For each row the first element of the next row with the same left origin, or MABEI_SLOT_NONE. Free with g_free. */
guint32 *mabei_rows_next_siblings (const MabeiRow *rows, guint32 n_rows, guint32 n_slots);

G_END_DECLS
