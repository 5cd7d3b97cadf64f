/* A text is saved, opened and loaded; damaged bytes give no text. */
#include "core/crdt/pack.h"
#include "tests/unit/core/crdt/person.h"

static GBytes *
saved_scene (void)
{
  g_autoptr (Person) anna = person_new ("anna");
  g_autoptr (Person) ben = person_new ("ben");
  g_autoptr (Person) carl = person_new ("carl");
  person_types (anna, 0, "甲方 pays 500 yuan 😀.");
  g_autoptr (Burst) first = person_sends (anna);
  person_receives (ben, first);
  person_receives (carl, first);
  person_deletes (ben, 3, 5);
  person_types (ben, 3, "owes ");
  person_deletes (carl, 5, 6);
  person_types (carl, 5, "X");
  person_types (anna, 5, "Y");
  g_autoptr (Burst) second = person_sends (ben);
  g_autoptr (Burst) third = person_sends (carl);
  person_receives (anna, second);
  person_receives (anna, third);
  return mabei_text_save (anna->text);
}

static void
test_save_and_load (void)
{
  g_autoptr (GBytes) saved = saved_scene ();
  gsize n_bytes, length;
  const guint8 *bytes = g_bytes_get_data (saved, &n_bytes);
  g_autoptr (GError) error = NULL;
  g_autofree char *opened = mabei_text_saved_read (bytes, n_bytes, &length, &error);
  g_assert_no_error (error);
  g_autoptr (MabeiText) loaded = mabei_text_load (bytes, n_bytes, &error);
  g_assert_no_error (error);
  g_autofree char *read = mabei_text_read (loaded, NULL);
  g_assert_cmpstr (opened, ==, read);
  g_assert_cmpuint (length, ==, strlen (read));
  g_autoptr (GBytes) again = mabei_text_save (loaded);
  g_assert_true (g_bytes_equal (saved, again));
}

static void
test_an_empty_text (void)
{
  g_autoptr (MabeiText) empty = mabei_text_new ();
  mabei_text_agent (empty, (const guint8 *) "reader", 6);
  g_autoptr (GBytes) saved = mabei_text_save (empty);
  gsize n_bytes;
  const guint8 *bytes = g_bytes_get_data (saved, &n_bytes);
  g_autoptr (MabeiText) loaded = mabei_text_load (bytes, n_bytes, NULL);
  g_assert_nonnull (loaded);
  g_assert_cmpuint (mabei_text_length (loaded), ==, 0);
  g_assert_cmpuint (mabei_text_n_agents (loaded), ==, 0);
  g_autofree char *opened = mabei_text_saved_read (bytes, n_bytes, NULL, NULL);
  g_assert_cmpstr (opened, ==, "");
}

static void
test_who_saw_what_in_which_order_does_not_show (void)
{
  g_autoptr (Person) anna = person_new ("anna");
  g_autoptr (Person) ben = person_new ("ben");
  g_autoptr (Person) carl = person_new ("carl");
  person_types (anna, 0, "abcdef");
  g_autoptr (Burst) base = person_sends (anna);
  person_receives (ben, base);
  person_receives (carl, base);
  person_deletes (ben, 1, 3);
  person_types (ben, 1, "ben");
  person_deletes (carl, 2, 3);
  person_types (carl, 2, "carl");
  g_autoptr (Burst) from_ben = person_sends (ben);
  g_autoptr (Burst) from_carl = person_sends (carl);
  person_receives (ben, from_carl);
  person_receives (carl, from_ben);
  assert_same (ben, carl);
}

static void
test_editing_goes_on_after_loading (void)
{
  g_autoptr (Person) anna = person_new ("anna");
  g_autoptr (Person) ben = person_new ("ben");
  for (guint i = 0; i < 2000; i++)
    person_types (anna, i % 3 == 0 ? 0 : mabei_text_length (anna->text), "part ");
  g_autoptr (Burst) first = person_sends (anna);
  person_receives (ben, first);
  gsize n_bytes;
  g_autoptr (GBytes) saved = mabei_text_save (anna->text);
  const guint8 *bytes = g_bytes_get_data (saved, &n_bytes);
  mabei_text_free (anna->text);
  anna->text = mabei_text_load (bytes, n_bytes, NULL);
  person_becomes (anna, "anna");
  person_types (anna, 5, "!");
  person_deletes (anna, 100, 3000);
  g_autoptr (Burst) second = person_sends (anna);
  person_receives (ben, second);
  assert_same (anna, ben);
}

/* What comes out of damaged bytes, if anything, is a text like any other. */
static gboolean
is_loaded (const guint8 *bytes, gsize n_bytes)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *opened = mabei_text_saved_read (bytes, n_bytes, NULL, NULL);
  if (opened != NULL)
    g_assert_true (g_utf8_validate (opened, -1, NULL));
  g_autoptr (MabeiText) text = mabei_text_load (bytes, n_bytes, &error);
  if (text == NULL) {
    g_assert_error (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_FORMAT);
    return FALSE;
  }
  g_autofree char *read = mabei_text_read (text, NULL);
  g_assert_true (g_utf8_validate (read, -1, NULL));
  g_autoptr (GBytes) again = mabei_text_save (text);
  g_assert_cmpuint (g_bytes_get_size (again), >, 0);
  g_autoptr (MabeiTextWriter) writer = mabei_text_writer_new (mabei_text_agent (text, (const guint8 *) "me", 2), 0);
  g_assert_true (mabei_text_insert (text, writer, mabei_text_length (text) / 2, "x", -1, NULL));
  g_assert_true (mabei_text_delete (text, writer, 0, mabei_text_length (text), NULL));
  return TRUE;
}

static void
test_damage (void)
{
  g_autoptr (GBytes) saved = saved_scene ();
  gsize n_bytes;
  const guint8 *bytes = g_bytes_get_data (saved, &n_bytes);
  for (gsize n = 0; n < n_bytes; n++) {
    g_autofree guint8 *cut = g_memdup2 (bytes, n);
    g_assert_false (is_loaded (cut, n));
  }
  g_autofree guint8 *longer = g_malloc0 (n_bytes + 1);
  memcpy (longer, bytes, n_bytes);
  g_assert_false (is_loaded (longer, n_bytes + 1));
  g_assert_true (is_loaded (bytes, n_bytes));
  guint n_refused = 0;
  for (gsize i = 0; i < n_bytes; i++) {
    for (guint value = 0; value < 256; value++) {
      guint8 kept = longer[i];
      longer[i] = (guint8) value;
      n_refused += is_loaded (longer, n_bytes) ? 0 : 1;
      longer[i] = kept;
    }
  }
  g_assert_cmpuint (n_refused, >, n_bytes * 256 / 2);
}

/* ---- each rule of the format, by hand ---- */

/* The columns of core/crdt/text_saved.h in their order, each a row of small numbers that ends with 255. */
typedef struct {
  const char *visible;
  const char *deleted;
  guint8 n_rows;
  guint8 n_agents;
  const char *names; /* with their lengths */
  guint8 columns[8][8];
} Saved;

#define END 255
/* "ab" by A after the border, then "X" by B, who has deleted it, after "b". */
static const Saved sound = {
    "ab",     "X",
    2,        2,
    "\1A\1B", {{2, 1, END}, {0, 1, END}, {0, 1, END}, {0, 0, END}, {0, 0, END}, {0, 0, END}, {1, 1, END}, {0, 0, END}}};

static gboolean
is_sound (const Saved *saved)
{
  MabeiBuffer bytes = {0};
  mabei_buffer_add_varint (&bytes, 1);
  mabei_pack_write (&bytes, (const guint8 *) saved->visible, strlen (saved->visible));
  mabei_buffer_add_varint (&bytes, saved->n_rows);
  mabei_buffer_add_varint (&bytes, saved->n_agents);
  mabei_pack_write (&bytes, (const guint8 *) saved->names, strlen (saved->names));
  for (guint i = 0; i < 8; i++) {
    gsize n = 0;
    while (saved->columns[i][n] != END)
      n++;
    mabei_pack_write (&bytes, saved->columns[i], n);
  }
  mabei_pack_write (&bytes, (const guint8 *) saved->deleted, strlen (saved->deleted));
  gboolean loaded = is_loaded (bytes.data, bytes.length);
  mabei_buffer_clear (&bytes);
  return loaded;
}

#define UNSOUND(member, ...)                                                                                           \
  do {                                                                                                                 \
    Saved saved = sound;                                                                                               \
    saved.member __VA_ARGS__;                                                                                          \
    g_assert_false (is_sound (&saved));                                                                                \
  } while (0)
#define UNSOUND_COLUMN(column, ...)                                                                                    \
  do {                                                                                                                 \
    Saved saved = sound;                                                                                               \
    static const guint8 numbers[] = {__VA_ARGS__, END};                                                                \
    memcpy (saved.columns[column], numbers, sizeof numbers);                                                           \
    g_assert_false (is_sound (&saved));                                                                                \
  } while (0)

enum { LENGTHS, DELETERS, SETS, AGENTS, RANKS, GAPS, LEFTS, RIGHTS };

static void
test_each_rule_has_its_refusal (void)
{
  g_assert_true (is_sound (&sound));
  UNSOUND (visible, = "a");
  UNSOUND (visible, = "abc");
  UNSOUND (visible, = "a\xff");
  UNSOUND (deleted, = "");
  UNSOUND (deleted, = "XY");
  UNSOUND (n_rows, = 1);
  UNSOUND (n_rows, = 3);
  UNSOUND (n_agents, = 1);
  UNSOUND (n_agents, = 3);
  UNSOUND (names, = "\1A\1A");
  UNSOUND (names, = "\1A\2B");
  UNSOUND (names, = "\1A\1Bx");
  UNSOUND_COLUMN (LENGTHS, 2, 0);
  UNSOUND_COLUMN (LENGTHS, 2, 2);
  UNSOUND_COLUMN (LENGTHS, 2, 0xff, 0xff, 0xff, 0x7f);
  UNSOUND_COLUMN (LENGTHS, 2, 1, 1);
  UNSOUND_COLUMN (DELETERS, 0, 2);
  UNSOUND_COLUMN (DELETERS, 0, 3);
  UNSOUND_COLUMN (SETS, 0, 2);
  UNSOUND_COLUMN (SETS, 1, 1, 1);
  UNSOUND_COLUMN (SETS, 1, 1, 0);
  UNSOUND_COLUMN (SETS, 2, 0, 1);
  UNSOUND_COLUMN (AGENTS, 1, 0);
  UNSOUND_COLUMN (AGENTS, 0, 2);
  UNSOUND_COLUMN (RANKS, 2, 0);
  UNSOUND_COLUMN (RANKS, 1, 0);
  UNSOUND_COLUMN (GAPS, 0, 0xff, 0xff, 0xff, 0x7f, 0);
  UNSOUND_COLUMN (GAPS, 0xff, 0xff, 0xff, 0xff, 0x0f, 0);
  UNSOUND_COLUMN (LEFTS, 2, 1);
  UNSOUND_COLUMN (LEFTS, 1, 64);
  UNSOUND_COLUMN (LEFTS, 0, 1, 1);
  UNSOUND_COLUMN (LEFTS, 1, 0, 3);
  UNSOUND_COLUMN (LEFTS, 1, 0, 4);
  /* a right origin: that is the row itself, or before it, or no sibling, or nowhere */
  UNSOUND_COLUMN (RIGHTS, 0, 4);
  UNSOUND_COLUMN (RIGHTS, 0, 2);
  UNSOUND_COLUMN (RIGHTS, 0, 3);
  UNSOUND_COLUMN (RIGHTS, 4, 0);
  UNSOUND_COLUMN (RIGHTS, 0, 5);
  /* the row itself is its own sibling, unless order is looked at */
  Saved siblings = sound;
  siblings.columns[LEFTS][1] = 2;
  g_assert_true (is_sound (&siblings));
  siblings.columns[RIGHTS][1] = 2;
  g_assert_false (is_sound (&siblings));
  siblings.columns[RIGHTS][1] = 4;
  g_assert_false (is_sound (&siblings));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/saved/save-and-load", test_save_and_load);
  g_test_add_func ("/saved/an-empty-text", test_an_empty_text);
  g_test_add_func ("/saved/who-saw-what-in-which-order-does-not-show", test_who_saw_what_in_which_order_does_not_show);
  g_test_add_func ("/saved/editing-goes-on-after-loading", test_editing_goes_on_after_loading);
  g_test_add_func ("/saved/damage", test_damage);
  g_test_add_func ("/saved/each-rule-has-its-refusal", test_each_rule_has_its_refusal);
  return g_test_run ();
}
