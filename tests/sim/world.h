/* A simulated world: five devices with profiles on disk, a hub in memory, wires between them, a clock. Everything
 * follows from one seed. The rules that must never break are checked here (CHECK), while frames move and at the end.
 */
#pragma once

#include "sync/peer/exchange.h"
#include "tests/unit/core/store/people.h"
#include "tests/unit/sync/peer/model_hub.h"

#define WORLD_PEOPLE 5u
#define WORLD_WIRES 12u

/* Between a device and the hub (@b NULL), or between two devices. Frames keep their order in a wire; wires do not. */
typedef struct {
  guint a, b;
  MabeiExchange *at_a;
  MabeiExchange *at_b; /* or NULL: the hub */
  ModelLine *line;
  GQueue *to_a, *to_b; /* GBytes under way */
} Wire;

typedef struct {
  Person *person;
  gint64 clock_ms; /* how wrong its clock is */
  gboolean is_in;  /* admitted */
  gboolean is_cut_off;
  guint64 n_live; /* number of its next live message */
} Actor;

/* A change that was said to be stored. */
typedef struct {
  guint author;
  MabeiShortId space;
  MabeiId change;
} Promise;

typedef struct {
  guint64 seed;
  guint64 now_ms;
  MabeiId id;
  Actor actors[WORLD_PEOPLE]; /* 0: the mediator */
  ModelHub *hub;
  GPtrArray *wires;
  GArray *promises;
  GHashTable *outsiders; /* MabeiShortId of a caucus' mailbox -> index of the party + 1 */
  char *folder;          /* of bundles */
  guint n_bundles;
  GChecksum *trace;
  guint n_frames, n_crashes, n_cuts, n_imports, n_live_heard;
  gboolean is_verbose;
} World;

#define CHECK(condition)                                                                                               \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    if (!(condition))                                                                                                  \
      g_error ("%s:%d: %s", __FILE__, __LINE__, #condition);                                                           \
  }                                                                                                                    \
  G_STMT_END

World *world_new (guint64 seed);
void world_free (World *world);
guint64 world_clock (World *world, guint actor);
MabeiReplica *world_replica (World *world, guint actor);
MabeiCase *world_case (World *world, guint actor); /* or NULL */

void world_admit (World *world, guint actor);
/* The mediator makes a new epoch of a space for those who are in it. */
void world_rotate (World *world, MabeiSpace *space);
/* The process is killed: nothing is flushed, everything in memory is gone, and it starts again. */
void world_crash (World *world, guint actor);

Wire *world_connect_hub (World *world, guint actor);
Wire *world_connect (World *world, guint a, guint b);
void world_cut (World *world, Wire *wire);
void world_cut_all (World *world, guint actor);
/* Something or nothing happens on the wire. TRUE when something moved. */
gboolean world_move (World *world, Wire *wire);
/* Whoever works with that device looks again what to send. */
void world_wake (World *world, guint actor);

/* @change was stored, as its author was told. */
void world_promise (World *world, guint author, MabeiSpace *space, const MabeiId *change);

/* What anybody believes of others is true. */
void world_check_beliefs (World *world);
/* Everything works again; afterwards everybody has all that he may have. */
void world_heal (World *world);
void world_check_end (World *world);
