#include "core/crdt/agents.h"
#include "core/crdt/span_tree.h"

#include <string.h>

static guint
set_hash (gconstpointer key)
{
  guint64 value = *(const guint64 *) key * 0x9e3779b97f4a7c15u;
  return (guint) (value >> 32);
}

void
mabei_agents_init (MabeiAgents *agents)
{
  memset (agents, 0, sizeof *agents);
  agents->by_name = g_hash_table_new (g_bytes_hash, g_bytes_equal);
  agents->by_set = g_hash_table_new_full (set_hash, g_int64_equal, g_free, NULL);
  agents->sets_capacity = 8;
  agents->sets = g_new0 (MabeiDeleters, agents->sets_capacity);
  agents->n_sets = 1;
}

void
mabei_agents_clear (MabeiAgents *agents)
{
  g_clear_pointer (&agents->by_name, g_hash_table_unref);
  g_clear_pointer (&agents->by_set, g_hash_table_unref);
  for (guint32 i = 0; i < agents->n; i++) {
    g_bytes_unref (agents->all[i].name);
    g_free (agents->all[i].runs);
  }
  g_clear_pointer (&agents->all, g_free);
  g_clear_pointer (&agents->sets, g_free);
  agents->n = 0;
}

guint32
mabei_agents_find (const MabeiAgents *agents, const guint8 *name, gsize length)
{
  g_autoptr (GBytes) key = g_bytes_new_static (name, length);
  gpointer value = NULL;
  if (!g_hash_table_lookup_extended (agents->by_name, key, NULL, &value))
    return MABEI_AGENT_NONE;
  return GPOINTER_TO_UINT (value);
}

guint32
mabei_agents_intern (MabeiAgents *agents, const guint8 *name, gsize length)
{
  guint32 found = mabei_agents_find (agents, name, length);
  if (found != MABEI_AGENT_NONE)
    return found;
  g_assert (agents->n < G_MAXINT32);
  if (agents->n == agents->capacity) {
    agents->capacity = MAX (4, agents->capacity + agents->capacity / 2);
    agents->all = g_renew (MabeiAgent, agents->all, agents->capacity);
  }
  guint32 index = agents->n++;
  agents->all[index] = (MabeiAgent){.name = g_bytes_new (name, length)};
  g_hash_table_insert (agents->by_name, agents->all[index].name, GUINT_TO_POINTER (index));
  return index;
}

void
mabei_agents_rename (MabeiAgents *agents, guint32 agent, const guint8 *name, gsize length)
{
  MabeiAgent *who = &agents->all[agent];
  g_hash_table_remove (agents->by_name, who->name);
  g_bytes_unref (who->name);
  who->name = g_bytes_new (name, length);
  g_hash_table_insert (agents->by_name, who->name, GUINT_TO_POINTER (agent));
}

gint
mabei_agents_compare (MabeiAgents *agents, guint32 a, guint32 b)
{
  if (a == b)
    return 0;
  agents->all[a].compared = TRUE;
  agents->all[b].compared = TRUE;
  return g_bytes_compare (agents->all[a].name, agents->all[b].name);
}

/* The first run that ends after `seq`, or n_runs. */
static guint32
run_at_or_after (const MabeiAgent *agent, guint32 seq)
{
  guint32 low = 0, high = agent->n_runs;
  while (low < high) {
    guint32 middle = low + (high - low) / 2;
    const MabeiAgentRun *run = &agent->runs[middle];
    if (seq >= run->seq && seq - run->seq >= run->length)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

guint32
mabei_agents_slot (MabeiAgents *agents, guint32 agent_index, guint32 seq, guint32 *length)
{
  MabeiAgent *agent = &agents->all[agent_index];
  if (agent->n_runs == 0)
    return MABEI_SLOT_NONE;
  const MabeiAgentRun *run = &agent->runs[agent->last_run];
  if (seq < run->seq || seq - run->seq >= run->length) {
    guint32 index = run_at_or_after (agent, seq);
    if (index == agent->n_runs || agent->runs[index].seq > seq)
      return MABEI_SLOT_NONE;
    agent->last_run = index;
    run = &agent->runs[index];
  }
  *length = run->length - (seq - run->seq);
  return run->slot + (seq - run->seq);
}

gboolean
mabei_agents_is_free (const MabeiAgents *agents, guint32 agent_index, guint32 seq, guint32 length)
{
  const MabeiAgent *agent = &agents->all[agent_index];
  if (length > G_MAXUINT32 - seq)
    return FALSE;
  const MabeiAgentRun *last = agent->n_runs > 0 ? &agent->runs[agent->n_runs - 1] : NULL;
  if (last == NULL || seq >= last->seq + last->length)
    return TRUE;
  guint32 index = run_at_or_after (agent, seq);
  return index == agent->n_runs || agent->runs[index].seq >= seq + length;
}

void
mabei_agents_add_run (MabeiAgents *agents, guint32 agent_index, guint32 seq, guint32 slot, guint32 length)
{
  MabeiAgent *agent = &agents->all[agent_index];
  guint32 index = agent->n_runs;
  if (index > 0 && agent->runs[index - 1].seq >= seq)
    index = run_at_or_after (agent, seq);
  if (index > 0) {
    MabeiAgentRun *before = &agent->runs[index - 1];
    if (before->seq + before->length == seq && before->slot + before->length == slot) {
      before->length += length;
      return;
    }
  }
  if (agent->n_runs == agent->runs_capacity) {
    agent->runs_capacity = MAX (1, agent->runs_capacity * 2);
    agent->runs = g_renew (MabeiAgentRun, agent->runs, agent->runs_capacity);
  }
  memmove (agent->runs + index + 1, agent->runs + index, (agent->n_runs - index) * sizeof *agent->runs);
  agent->runs[index] = (MabeiAgentRun){seq, slot, length};
  agent->n_runs++;
  agent->last_run = index;
}

guint32
mabei_agents_add_deleter (MabeiAgents *agents, guint32 set, guint32 agent)
{
  MabeiAgent *who = &agents->all[agent];
  if (set == MABEI_DELETERS_NONE && who->only_this != 0)
    return who->only_this;
  for (guint32 at = set; at != MABEI_DELETERS_NONE; at = agents->sets[at].rest) {
    if (agents->sets[at].agent == agent)
      return set;
  }
  guint64 key = (guint64) set << 32 | agent;
  gpointer known = g_hash_table_lookup (agents->by_set, &key);
  if (known != NULL)
    return GPOINTER_TO_UINT (known);
  if (agents->n_sets == agents->sets_capacity) {
    agents->sets_capacity *= 2;
    agents->sets = g_renew (MabeiDeleters, agents->sets, agents->sets_capacity);
  }
  guint32 index = agents->n_sets++;
  agents->sets[index] = (MabeiDeleters){set, agent};
  if (set == MABEI_DELETERS_NONE)
    who->only_this = index;
  else
    g_hash_table_insert (agents->by_set, g_memdup2 (&key, sizeof key), GUINT_TO_POINTER (index));
  return index;
}

gboolean
mabei_agents_deletes (const MabeiAgents *agents, guint32 set)
{
  if (agents->n_suspended == 0)
    return set != MABEI_DELETERS_NONE;
  for (guint32 at = set; at != MABEI_DELETERS_NONE; at = agents->sets[at].rest) {
    if (!agents->all[agents->sets[at].agent].suspended)
      return TRUE;
  }
  return FALSE;
}
