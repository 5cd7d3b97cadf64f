/* A field that several people set: what stands there, whoever's set arrives first. */
#include "core/crdt/register.h"

typedef struct {
  char name; /* of the id */
  const char *saw;
  gboolean effective;
} Setting;

static MabeiRegisterId
id_of (char name)
{
  MabeiRegisterId id = {{(guint8) name}, 0};
  return id;
}

static gboolean
set (MabeiRegister *reg, const Setting *setting, GError **error)
{
  MabeiRegisterId id = id_of (setting->name), saw[8];
  gsize n_saw = strlen (setting->saw);
  for (gsize i = 0; i < n_saw; i++)
    saw[i] = id_of (setting->saw[i]);
  g_autoptr (GBytes) value = g_bytes_new (&setting->name, 1);
  return mabei_register_set (reg, &id, saw, n_saw, value, setting->effective, error);
}

static void
assert_values (MabeiRegister *reg, const char *expected)
{
  gsize n;
  g_autofree MabeiRegisterValue *values = mabei_register_values (reg, &n);
  g_autoptr (GString) found = g_string_new (NULL);
  for (gsize i = 0; i < n; i++) {
    g_string_append_c (found, *(const char *) g_bytes_get_data (values[i].value, NULL));
    g_assert_cmpint (values[i].id->name[0], ==, found->str[i]);
  }
  g_assert_cmpstr (found->str, ==, expected);
}

/* Every order of arrival (Heap's algorithm, without recursion). */
static void
assert_in_every_order (const Setting *settings, guint n, const char *expected)
{
  guint order[8], counters[8] = {0}, n_orders = 0;
  for (guint i = 0; i < n; i++)
    order[i] = i;
  for (guint i = 0; i < n;) {
    if (i == 0 || counters[i] < i) {
      if (i > 0) {
        guint other = i % 2 == 0 ? 0 : counters[i];
        guint kept = order[other];
        order[other] = order[i];
        order[i] = kept;
        counters[i]++;
      }
      g_autoptr (MabeiRegister) reg = mabei_register_new ();
      for (guint k = 0; k < n; k++)
        g_assert_true (set (reg, &settings[order[k]], NULL));
      assert_values (reg, expected);
      n_orders++;
      i = 1;
    } else {
      counters[i++] = 0;
    }
  }
  guint factorial = 1;
  for (guint i = 2; i <= n; i++)
    factorial *= i;
  g_assert_cmpuint (n_orders, >=, factorial);
}

static void
test_the_last_seen_stands (void)
{
  const Setting settings[] = {{'a', "", TRUE}, {'b', "a", TRUE}, {'c', "b", TRUE}};
  assert_in_every_order (settings, 3, "c");
}

static void
test_concurrent_values_are_a_conflict (void)
{
  const Setting settings[] = {{'d', "", TRUE}, {'b', "d", TRUE}, {'a', "d", TRUE}, {'c', "a", TRUE}};
  assert_in_every_order (settings, 4, "bc");
}

static void
test_a_resolution_replaces_all_it_saw (void)
{
  const Setting settings[] = {{'a', "", TRUE}, {'b', "", TRUE}, {'c', "", TRUE}, {'d', "ab", TRUE}, {'e', "dc", TRUE}};
  assert_in_every_order (settings, 5, "e");
}

/* Soundness rule 23: b saw a and was quarantined; c saw b. The value of a does not come back. */
static void
test_a_quarantined_set_lends_what_it_saw (void)
{
  const Setting settings[] = {{'a', "", TRUE}, {'b', "a", FALSE}, {'c', "b", TRUE}};
  assert_in_every_order (settings, 3, "c");
  const Setting chain[] = {{'a', "", TRUE}, {'b', "a", FALSE}, {'c', "b", FALSE}, {'d', "c", TRUE}};
  assert_in_every_order (chain, 4, "d");
}

/* Nobody effective saw it: what it replaced stands again. */
static void
test_a_quarantined_set_replaces_nothing_by_itself (void)
{
  const Setting settings[] = {{'a', "", TRUE}, {'b', "a", FALSE}};
  assert_in_every_order (settings, 2, "a");
  const Setting beside[] = {{'a', "", TRUE}, {'b', "a", FALSE}, {'c', "a", TRUE}, {'d', "b", FALSE}};
  assert_in_every_order (beside, 4, "c");
}

static void
test_quarantine_can_be_taken_back (void)
{
  g_autoptr (MabeiRegister) reg = mabei_register_new ();
  GError *error = NULL;
  MabeiRegisterId b = id_of ('b'), unknown = id_of ('z');
  set (reg, &(const Setting){'a', "", TRUE}, NULL);
  set (reg, &(const Setting){'b', "a", TRUE}, NULL);
  assert_values (reg, "b");
  g_assert_true (mabei_register_set_effective (reg, &b, FALSE, &error));
  assert_values (reg, "a");
  g_assert_true (mabei_register_set_effective (reg, &b, TRUE, &error));
  assert_values (reg, "b");
  g_assert_false (mabei_register_set_effective (reg, &unknown, TRUE, &error));
  g_assert_error (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_MISSING);
  g_clear_error (&error);
}

static void
test_what_is_refused (void)
{
  g_autoptr (MabeiRegister) reg = mabei_register_new ();
  GError *error = NULL;
  assert_values (reg, "");
  g_assert_true (set (reg, &(const Setting){'a', "", TRUE}, &error));
  g_assert_false (set (reg, &(const Setting){'a', "", TRUE}, &error));
  g_assert_error (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_false (set (reg, &(const Setting){'b', "ab", TRUE}, &error));
  g_assert_error (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_FORMAT);
  g_clear_error (&error);
  g_autofree MabeiRegisterId *saw = g_new0 (MabeiRegisterId, MABEI_REGISTER_SAW_MAX + 1);
  for (guint i = 0; i <= MABEI_REGISTER_SAW_MAX; i++)
    saw[i].index = i;
  MabeiRegisterId c = id_of ('c');
  g_autoptr (GBytes) value = g_bytes_new ("c", 1);
  g_assert_false (mabei_register_set (reg, &c, saw, MABEI_REGISTER_SAW_MAX + 1, value, TRUE, &error));
  g_assert_error (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_LIMIT);
  g_clear_error (&error);
  g_assert_true (mabei_register_set (reg, &c, saw, MABEI_REGISTER_SAW_MAX, value, TRUE, &error));
  assert_values (reg, "ac");
}

static void
test_ids_order_by_name_then_index (void)
{
  MabeiRegisterId a = {{1}, 9}, b = {{2}, 1}, c = {{2}, 256};
  g_assert_cmpint (mabei_register_id_compare (&a, &b), <, 0);
  g_assert_cmpint (mabei_register_id_compare (&b, &c), <, 0);
  g_assert_cmpint (mabei_register_id_compare (&c, &b), >, 0);
  g_assert_cmpint (mabei_register_id_compare (&c, &c), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/register/the-last-seen-stands", test_the_last_seen_stands);
  g_test_add_func ("/register/concurrent-values-are-a-conflict", test_concurrent_values_are_a_conflict);
  g_test_add_func ("/register/a-resolution-replaces-all-it-saw", test_a_resolution_replaces_all_it_saw);
  g_test_add_func ("/register/soundness-23-a-quarantined-set-lends-what-it-saw",
                   test_a_quarantined_set_lends_what_it_saw);
  g_test_add_func ("/register/a-quarantined-set-replaces-nothing-by-itself",
                   test_a_quarantined_set_replaces_nothing_by_itself);
  g_test_add_func ("/register/quarantine-can-be-taken-back", test_quarantine_can_be_taken_back);
  g_test_add_func ("/register/what-is-refused", test_what_is_refused);
  g_test_add_func ("/register/ids-order-by-name-then-index", test_ids_order_by_name_then_index);
  return g_test_run ();
}
