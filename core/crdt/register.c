#include "core/crdt/register.h"

typedef struct {
  MabeiRegisterId id;
  GBytes *value;
  MabeiRegisterId *saw;
  guint32 n_saw;
  gboolean effective;
  gboolean replaced; /* scratch of mabei_register_values */
} Set;

struct _MabeiRegister {
  GHashTable *sets; /* MabeiRegisterId within the Set to Set */
};

gint
mabei_register_id_compare (const MabeiRegisterId *a, const MabeiRegisterId *b)
{
  gint order = memcmp (a->name, b->name, sizeof a->name);
  if (order != 0)
    return order;
  return a->index < b->index ? -1 : a->index > b->index;
}

static guint
id_hash (gconstpointer key)
{
  const MabeiRegisterId *id = key;
  guint32 hash = id->index;
  for (gsize i = 0; i < sizeof id->name; i++)
    hash = hash * 31 + id->name[i];
  return hash;
}

static gboolean
id_equal (gconstpointer a, gconstpointer b)
{
  return mabei_register_id_compare (a, b) == 0;
}

static void
set_free (gpointer data)
{
  Set *set = data;
  g_bytes_unref (set->value);
  g_free (set->saw);
  g_free (set);
}

MabeiRegister *
mabei_register_new (void)
{
  MabeiRegister *reg = g_new (MabeiRegister, 1);
  reg->sets = g_hash_table_new_full (id_hash, id_equal, NULL, set_free);
  return reg;
}

void
mabei_register_free (MabeiRegister *reg)
{
  if (reg == NULL)
    return;
  g_hash_table_unref (reg->sets);
  g_free (reg);
}

static gboolean
refuse (GError **error, MabeiCrdtError code, const char *what)
{
  g_set_error (error, MABEI_CRDT_ERROR, (gint) code, "register: %s", what);
  return FALSE;
}

gboolean
mabei_register_set (MabeiRegister *reg,
                    const MabeiRegisterId *id,
                    const MabeiRegisterId *saw,
                    gsize n_saw,
                    GBytes *value,
                    gboolean effective,
                    GError **error)
{
  if (n_saw > MABEI_REGISTER_SAW_MAX)
    return refuse (error, MABEI_CRDT_ERROR_LIMIT, "a set saw too many values");
  if (g_hash_table_size (reg->sets) >= MABEI_REGISTER_SETS_MAX)
    return refuse (error, MABEI_CRDT_ERROR_LIMIT, "too many sets");
  for (gsize i = 0; i < n_saw; i++) {
    if (id_equal (&saw[i], id))
      return refuse (error, MABEI_CRDT_ERROR_FORMAT, "a set saw itself");
  }
  if (g_hash_table_contains (reg->sets, id))
    return refuse (error, MABEI_CRDT_ERROR_EXISTS, "this set is there already");
  Set *set = g_new (Set, 1);
  *set = (Set){.id = *id, .value = g_bytes_ref (value), .n_saw = (guint32) n_saw, .effective = !!effective};
  set->saw = g_memdup2 (saw, n_saw * sizeof *saw);
  g_hash_table_insert (reg->sets, &set->id, set);
  return TRUE;
}

gboolean
mabei_register_set_effective (MabeiRegister *reg, const MabeiRegisterId *id, gboolean effective, GError **error)
{
  Set *set = g_hash_table_lookup (reg->sets, id);
  if (set == NULL)
    return refuse (error, MABEI_CRDT_ERROR_MISSING, "there is no such set");
  set->effective = !!effective;
  return TRUE;
}

/* What an effective set saw is replaced, and what a replaced quarantined one saw too. */
static void
mark_replaced (MabeiRegister *reg)
{
  g_autoptr (GPtrArray) open = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value;
  g_hash_table_iter_init (&iter, reg->sets);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    Set *set = value;
    set->replaced = FALSE;
    if (set->effective)
      g_ptr_array_add (open, set);
  }
  while (open->len > 0) {
    const Set *set = g_ptr_array_steal_index_fast (open, open->len - 1);
    for (guint32 i = 0; i < set->n_saw; i++) {
      Set *seen = g_hash_table_lookup (reg->sets, &set->saw[i]);
      if (seen == NULL || seen->replaced)
        continue;
      seen->replaced = TRUE;
      if (!seen->effective)
        g_ptr_array_add (open, seen);
    }
  }
}

static gint
compare_values (gconstpointer a, gconstpointer b)
{
  return mabei_register_id_compare (((const MabeiRegisterValue *) a)->id, ((const MabeiRegisterValue *) b)->id);
}

MabeiRegisterValue *
mabei_register_values (MabeiRegister *reg, gsize *n_values)
{
  GArray *values = g_array_new (FALSE, FALSE, sizeof (MabeiRegisterValue));
  GHashTableIter iter;
  gpointer item;
  mark_replaced (reg);
  g_hash_table_iter_init (&iter, reg->sets);
  while (g_hash_table_iter_next (&iter, NULL, &item)) {
    const Set *set = item;
    if (set->effective && !set->replaced) {
      const MabeiRegisterValue value = {&set->id, set->value};
      g_array_append_val (values, value);
    }
  }
  g_array_sort (values, compare_values);
  *n_values = values->len;
  return (MabeiRegisterValue *) (gpointer) g_array_free (values, values->len == 0);
}
