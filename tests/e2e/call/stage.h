/* A session played inside one test: calls of several people over a carrier in memory that proves who sent what. What
 * is waited for is a condition, never a time; a condition that does not come fails the test after two minutes.
 */
#pragma once

#include "app/call/call.h"

#define STAGE_LIMIT_PEOPLE 6u

typedef struct {
  char device[8];
  MabeiCall *call;
  guint64 shown; /* pictures handed to the window's side */
  guint last_width, last_height;
  GString *events;
  struct _Stage *stage;
} Player;

typedef struct _Stage {
  guint n_players;
  Player players[STAGE_LIMIT_PEOPLE]; /* player 0 is the host */
  guint64 messages;
} Stage;

typedef gboolean (*StageCondition) (Stage *stage, gpointer data);

/* @false_fingerprint: the player who announces another certificate than her own, or -1. */
Stage *stage_new (guint n_players, int false_fingerprint);
void stage_free (Stage *stage);

/* Player's tone when it begins: 500, 600 ... Hz. */
guint stage_tone (guint player);
/* Opens, everyone joins and is admitted, all links are live with pictures both ways. */
void stage_gather (Stage *stage);
void stage_wait (Stage *stage, const char *what, StageCondition condition, gpointer data);
/* Lets everything go on until every player has heard @ticks of 100 ms pass; for "nothing happens". */
void stage_let_pass (Stage *stage, guint ticks);

MabeiCallState *stage_state (Stage *stage, guint player);
/* What @player knows of @other; a zeroed person when it is not in the list. */
MabeiCallPerson stage_view (Stage *stage, guint player, guint other);
/* Threads of this process whose names begin so: each link has some called webrtcbin. */
guint stage_count_threads (const char *prefix);
