/*
 * Who wrote what: agents by name, and the map from (agent, sequence) to slots and back. In a case an agent is one
 * change and has one short run; in a published trace it is an author with a long one.
 * Also the sets of agents that deleted an element, interned as chains, so that a span holds one number for its set.
 * Threads: none of its own. Limits: 2^31 agents; Failures: none.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define MABEI_AGENT_NONE G_MAXUINT32
#define MABEI_DELETERS_NONE 0

/* Sequence numbers seq .. seq + length - 1 lie in slots slot .. slot + length - 1. */
typedef struct {
  guint32 seq;
  guint32 slot;
  guint32 length;
} MabeiAgentRun;

typedef struct {
  GBytes *name;
  MabeiAgentRun *runs; /* by seq, disjoint */
  guint32 n_runs;
  guint32 runs_capacity;
  guint32 last_run;   /* of the last search */
  guint32 only_this;  /* the set of deleters that holds this agent alone, or 0 */
  gboolean compared;  /* its name has decided an order */
  gboolean suspended; /* without effect: neither what it wrote nor what it deleted counts */
} MabeiAgent;

/* A set is its newest member and the set before it. */
typedef struct {
  guint32 rest;
  guint32 agent;
} MabeiDeleters;

typedef struct {
  MabeiAgent *all;
  guint32 n;
  guint32 capacity;
  guint32 n_suspended;
  GHashTable *by_name; /* GBytes to index */
  MabeiDeleters *sets; /* sets[0] is the empty set */
  guint32 n_sets;
  guint32 sets_capacity;
  GHashTable *by_set; /* {rest, agent} as one number to set */
} MabeiAgents;

void mabei_agents_init (MabeiAgents *agents);
void mabei_agents_clear (MabeiAgents *agents);

/* MABEI_AGENT_NONE if nobody has that name. */
guint32 mabei_agents_find (const MabeiAgents *agents, const guint8 *name, gsize length);
guint32 mabei_agents_intern (MabeiAgents *agents, const guint8 *name, gsize length);
/* Gives a name that nobody has. */
void mabei_agents_rename (MabeiAgents *agents, guint32 agent, const guint8 *name, gsize length);
/* The order of names: memcmp of the common length, then the shorter first. Remembers that the names were needed. */
gint mabei_agents_compare (MabeiAgents *agents, guint32 a, guint32 b);

/* The slot of an element, or MABEI_SLOT_NONE; `length` gets how many elements follow it in consecutive slots. */
guint32 mabei_agents_slot (MabeiAgents *agents, guint32 agent, guint32 seq, guint32 *length);
/* FALSE if one of the sequence numbers is taken already or the last would not fit in 32 bits. */
gboolean mabei_agents_is_free (const MabeiAgents *agents, guint32 agent, guint32 seq, guint32 length);
/* Records a run whose numbers are free. */
void mabei_agents_add_run (MabeiAgents *agents, guint32 agent, guint32 seq, guint32 slot, guint32 length);

/* The set with one more member; the same set if it is in already. */
guint32 mabei_agents_add_deleter (MabeiAgents *agents, guint32 set, guint32 agent);
/* Whether what these agents deleted is gone, seen with the agents that are not suspended. */
gboolean mabei_agents_deletes (const MabeiAgents *agents, guint32 set);

G_END_DECLS
