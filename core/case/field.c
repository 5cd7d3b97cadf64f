/* Fields: a multi-value register by name (core.md 6). */
#include "core/case/case_private.h"

#include <string.h>

#include "core/base/limits.h"

void
mabei_field_state_free (MabeiFieldState *field)
{
  mabei_register_free (field->values);
  g_hash_table_unref (field->sets);
  g_free (field);
}

static guint
set_hash (gconstpointer key)
{
  const MabeiRegisterId *id = key;
  return mabei_id_hash (id->name) ^ id->index;
}

static gboolean
set_equal (gconstpointer a, gconstpointer b)
{
  return mabei_register_id_compare (a, b) == 0;
}

static MabeiRegisterId
register_id (const MabeiId *change, guint index)
{
  MabeiRegisterId id = {.index = index};
  G_STATIC_ASSERT (sizeof id.name == sizeof change->bytes);
  memcpy (id.name, change->bytes, sizeof id.name);
  return id;
}

static MabeiFieldState *
ensure_field (MabeiSpace *space, const char *name)
{
  MabeiFieldState *field = g_hash_table_lookup (space->fields, name);
  if (field == NULL) {
    field = g_new (MabeiFieldState, 1);
    field->values = mabei_register_new ();
    field->sets = g_hash_table_new_full (set_hash, set_equal, NULL, g_free);
    g_hash_table_insert (space->fields, g_strdup (name), field);
  }
  return field;
}

void
mabei_space_fold_field (MabeiSpace *space,
                        MabeiChange *change,
                        guint index,
                        guint64 claimed_ms,
                        const MabeiOperation *operation,
                        gboolean effective)
{
  MabeiFieldState *field = ensure_field (space, operation->name);
  const MabeiRegisterId id = register_id (mabei_change_id (change), index);
  g_autoptr (GArray) saw = g_array_new (FALSE, FALSE, sizeof (MabeiRegisterId));
  for (guint i = 0; i < operation->cited->len; i++) {
    const MabeiRegisterId one = register_id (&g_array_index (operation->cited, MabeiId, i),
                                             g_array_index (operation->references, MabeiReference, i).index);
    g_array_append_val (saw, one);
  }
  g_autoptr (GBytes) value = g_bytes_new (operation->value, strlen (operation->value));
  if (!mabei_register_set (field->values, &id, (const MabeiRegisterId *) (gpointer) saw->data, saw->len, value,
                           effective, NULL))
    return;
  MabeiFieldSet *set = g_new (MabeiFieldSet, 1);
  *set = (MabeiFieldSet){.id = id, .device = mabei_change_header (change)->device, .claimed_ms = claimed_ms};
  g_hash_table_insert (field->sets, &set->id, set);
  if (effective)
    mabei_space_tell (space, MABEI_NOTICE_FIELDS);
}

/* --- reading --- */

static void
value_free (MabeiFieldValue *value)
{
  g_free (value->id);
  g_free (value->value);
  g_free (value);
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

char **
mabei_space_field_names (MabeiSpace *space)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer name, field;
  g_hash_table_iter_init (&iter, space->fields);
  while (g_hash_table_iter_next (&iter, &name, &field)) {
    gsize n_values;
    g_free (mabei_register_values (((MabeiFieldState *) field)->values, &n_values));
    if (n_values > 0)
      g_ptr_array_add (names, g_strdup (name));
  }
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_steal (names, NULL);
}

GPtrArray *
mabei_space_field_values (MabeiSpace *space, const char *name)
{
  GPtrArray *values = g_ptr_array_new_with_free_func ((GDestroyNotify) value_free);
  MabeiFieldState *field = g_hash_table_lookup (space->fields, name);
  gsize n = 0;
  g_autofree MabeiRegisterValue *current = field != NULL ? mabei_register_values (field->values, &n) : NULL;
  for (gsize i = 0; i < n; i++) {
    const MabeiFieldSet *set = g_hash_table_lookup (field->sets, current[i].id);
    g_autofree char *change = mabei_hex_encode (current[i].id->name, sizeof current[i].id->name);
    MabeiFieldValue *value = g_new (MabeiFieldValue, 1);
    gsize length;
    const char *text = g_bytes_get_data (current[i].value, &length);
    value->id = g_strdup_printf ("%s:%u", change, current[i].id->index);
    value->value = length > 0 ? g_strndup (text, length) : g_strdup ("");
    value->device = set->device;
    value->claimed_ms = set->claimed_ms;
    g_ptr_array_add (values, value);
  }
  return values;
}

char *
mabei_space_field (MabeiSpace *space, const char *name)
{
  g_autoptr (GPtrArray) values = mabei_space_field_values (space, name);
  return values->len == 1 ? g_strdup (((MabeiFieldValue *) g_ptr_array_index (values, 0))->value) : NULL;
}

GBytes *
mabei_space_operation_field (MabeiSpace *space, const char *name, const char *value, GError **error)
{
  if (!mabei_operation_check_field (name, value, error))
    return NULL;
  MabeiFieldState *field = g_hash_table_lookup (space->fields, name);
  gsize n = 0;
  g_autofree MabeiRegisterValue *current = field != NULL ? mabei_register_values (field->values, &n) : NULL;
  g_autoptr (GArray) saw = g_array_new (FALSE, FALSE, sizeof (MabeiReference));
  /* A conflict of more values than one operation can cite is resolved in steps. */
  for (gsize i = 0; i < n && i < MABEI_LIMIT_REFERENCES; i++) {
    MabeiId change;
    memcpy (change.bytes, current[i].id->name, sizeof change.bytes);
    MabeiReference reference;
    mabei_space_refer (space, &change, &reference);
    reference.index = current[i].id->index;
    g_array_append_val (saw, reference);
  }
  return mabei_operation_encode_field (name, value, saw);
}
