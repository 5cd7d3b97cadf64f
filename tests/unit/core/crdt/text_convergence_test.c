/* Random edits by several people, delivered in random orders: all end alike. */
#include "tests/unit/core/crdt/person.h"

#define PEOPLE_MAX 5
#define BURSTS_MAX 60
#define ROUNDS 150

typedef struct {
  Burst *burst;
  guint8 past[BURSTS_MAX]; /* bursts that its author had */
} Sent;

typedef struct {
  Person *people[PEOPLE_MAX];
  guint8 has[PEOPLE_MAX][BURSTS_MAX];
  guint n_people;
  Sent sent[BURSTS_MAX];
  guint n_sent;
} World;

static guint32
below (guint32 n)
{
  return (guint32) g_test_rand_int_range (0, (gint32) n);
}

static void
edit (Person *person)
{
  static const char *const words[] = {"a", "bc", "调解", "😀", "e\xcc\x81", "\r\n", "a long sentence", "x"};
  guint n_edits = 1 + below (4);
  for (guint i = 0; i < n_edits; i++) {
    guint32 length = mabei_text_length (person->text);
    if (length > 0 && below (3) == 0) {
      guint32 position = below (length);
      person_deletes (person, position, 1 + below (MIN (length - position, 6)));
    } else {
      person_types (person, below (length + 1), words[below (G_N_ELEMENTS (words))]);
    }
  }
}

static guint
send (World *world, guint who)
{
  Sent *sent = &world->sent[world->n_sent];
  memcpy (sent->past, world->has[who], sizeof sent->past);
  sent->burst = person_sends (world->people[who]);
  world->has[who][world->n_sent] = 1;
  return world->n_sent++;
}

/* One burst that the person lacks and whose past he has; FALSE if there is none. */
static gboolean
deliver (World *world, guint who)
{
  guint start = below (MAX (world->n_sent, 1));
  for (guint i = 0; i < world->n_sent; i++) {
    guint which = (start + i) % world->n_sent;
    gboolean ready = !world->has[who][which];
    for (guint k = 0; ready && k < world->n_sent; k++)
      ready = !world->sent[which].past[k] || world->has[who][k];
    if (!ready)
      continue;
    person_receives (world->people[who], world->sent[which].burst);
    world->has[who][which] = 1;
    return TRUE;
  }
  return FALSE;
}

/* In a case each burst is an agent of its own, in a published trace each person is one. */
static void
begin (World *world, guint who, gboolean agent_a_burst)
{
  g_autofree char *name = agent_a_burst ? g_strdup_printf ("%08x-%u", below (G_MAXINT32), world->n_sent)
                                        : g_strdup_printf ("person-%u", who);
  person_becomes (world->people[who], name);
}

static void
world_init (World *world, gboolean agent_a_burst)
{
  memset (world, 0, sizeof *world);
  world->n_people = 2 + below (PEOPLE_MAX - 1);
  for (guint i = 0; i < world->n_people; i++) {
    world->people[i] = person_new ("nobody");
    begin (world, i, agent_a_burst);
  }
}

static void
world_clear (World *world)
{
  for (guint i = 0; i < world->n_people; i++)
    person_free (world->people[i]);
  for (guint i = 0; i < world->n_sent; i++)
    burst_free (world->sent[i].burst);
}

static void
converge (World *world)
{
  for (guint i = 0; i < world->n_people; i++) {
    while (deliver (world, i)) {
    }
    for (guint k = 0; k < world->n_sent; k++)
      g_assert_true (world->has[i][k]);
    assert_same (world->people[0], world->people[i]);
  }
}

static void
test_convergence (gconstpointer agent_a_burst)
{
  for (guint round = 0; round < ROUNDS; round++) {
    World world;
    world_init (&world, GPOINTER_TO_INT (agent_a_burst));
    guint n_bursts = 5 + below (BURSTS_MAX - 5);
    while (world.n_sent < n_bursts) {
      guint who = below (world.n_people);
      if (below (3) > 0 && deliver (&world, who))
        continue;
      begin (&world, who, GPOINTER_TO_INT (agent_a_burst));
      edit (world.people[who]);
      send (&world, who);
    }
    converge (&world);
    world_clear (&world);
  }
}

/* ---- undo ---- */

/* For each element of others: whether it is visible, by name and number. */
static void
note_others (const MabeiTextRun *run, gpointer user_data)
{
  gpointer *data = user_data;
  const Person *person = data[0];
  GHashTable *seen = data[1];
  GBytes *me = data[2];
  gsize length;
  const guint8 *name = mabei_text_agent_name (person->text, run->agent, &length);
  if (g_bytes_get_size (me) == length && memcmp (g_bytes_get_data (me, NULL), name, length) == 0)
    return;
  for (guint32 i = 0; i < run->length; i++)
    g_hash_table_insert (seen, g_strdup_printf ("%.*s/%u", (int) length, name, run->seq + i),
                         GINT_TO_POINTER (run->visible ? 1 : 2));
}

static GHashTable *
others (const Person *person, GBytes *me)
{
  GHashTable *seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gconstpointer data[] = {person, seen, me};
  mabei_text_blame (person->text, note_others, data);
  return seen;
}

static void
test_undo_never_takes_others_work (void)
{
  for (guint round = 0; round < ROUNDS; round++) {
    World world;
    world_init (&world, TRUE);
    while (world.n_sent < 20) {
      guint who = below (world.n_people);
      if (below (3) > 0 && deliver (&world, who))
        continue;
      begin (&world, who, TRUE);
      edit (world.people[who]);
      send (&world, who);
    }
    guint which = below (world.n_sent), who = 0;
    while (!world.has[who][which])
      who++;
    const Burst *burst = world.sent[which].burst;
    Person *person = world.people[who];
    begin (&world, who, TRUE);
    g_autoptr (GHashTable) before = others (person, burst->author);
    person_undoes (person, burst);
    g_autoptr (GHashTable) after = others (person, burst->author);
    GHashTableIter iter;
    gpointer element, visible;
    g_hash_table_iter_init (&iter, before);
    while (g_hash_table_iter_next (&iter, &element, &visible))
      g_assert_true (g_hash_table_lookup (after, element) == visible);
    send (&world, who);
    converge (&world);
    world_clear (&world);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/convergence/agents-are-changes", GINT_TO_POINTER (TRUE), test_convergence);
  g_test_add_data_func ("/convergence/agents-are-people", GINT_TO_POINTER (FALSE), test_convergence);
  g_test_add_func ("/convergence/undo-never-takes-others-work", test_undo_never_takes_others_work);
  return g_test_run ();
}
