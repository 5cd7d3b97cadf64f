/* Bytes from a hostile author: refused without any effect, or valid operations; never a crash. */
#include "core/crdt/text_format.h"
#include "tests/unit/core/crdt/person.h"

/* A small text by two people with deletions, and a burst that uses every kind of operation. */
typedef struct {
  GBytes *base;
  Burst *burst;
} Scene;

static void
scene_init (Scene *scene)
{
  g_autoptr (Person) anna = person_new ("anna");
  g_autoptr (Person) ben = person_new ("ben");
  person_types (anna, 0, "The 调解 record 😀");
  g_autoptr (Burst) first = person_sends (anna);
  person_receives (ben, first);
  person_deletes (ben, 3, 4);
  person_types (ben, 3, " draft");
  g_autoptr (Burst) second = person_sends (ben);
  person_receives (anna, second);
  scene->base = mabei_text_save (anna->text);
  person_types (anna, 5, "new 文");
  person_types (anna, 0, "¡");
  person_deletes (anna, 2, 6);
  person_types (anna, 3, "x");
  person_deletes (anna, 3, 1);
  person_types (anna, 7, "yz");
  scene->burst = person_sends (anna);
}

static void
scene_clear (Scene *scene)
{
  g_bytes_unref (scene->base);
  burst_free (scene->burst);
}

static Person *
reader_of (const Scene *scene)
{
  gsize n_bytes;
  const guint8 *bytes = g_bytes_get_data (scene->base, &n_bytes);
  Person *person = person_new ("reader");
  mabei_text_free (person->text);
  person->text = mabei_text_load (bytes, n_bytes, NULL);
  g_assert_nonnull (person->text);
  g_autofree char *text = mabei_text_read (person->text, NULL);
  g_string_assign (person->screen, text);
  return person;
}

/* What is refused leaves no trace; what is accepted leaves a text that can be saved and loaded. */
static gboolean
assert_refused_or_whole (const Scene *scene, const guint8 *bytes, gsize n_bytes)
{
  g_autoptr (Person) reader = reader_of (scene);
  g_autoptr (GError) error = NULL;
  Burst burst = *scene->burst;
  burst.blob = g_bytes_new (bytes, n_bytes);
  gboolean accepted = person_tries (reader, &burst, &error);
  g_bytes_unref (burst.blob);
  g_autoptr (GBytes) saved = mabei_text_save (reader->text);
  g_autofree char *text = mabei_text_read (reader->text, NULL);
  assert_reads (reader, text);
  if (!accepted) {
    g_assert_true (error->domain == MABEI_CRDT_ERROR);
    g_assert_true (g_bytes_equal (saved, scene->base));
  }
  gsize n_saved;
  const guint8 *saved_bytes = g_bytes_get_data (saved, &n_saved);
  g_autoptr (MabeiText) loaded = mabei_text_load (saved_bytes, n_saved, NULL);
  g_assert_nonnull (loaded);
  return accepted;
}

static void
test_truncated_at_each_length (void)
{
  Scene scene;
  scene_init (&scene);
  gsize n_bytes;
  const guint8 *bytes = g_bytes_get_data (scene.burst->blob, &n_bytes);
  guint refused = 0;
  for (gsize n = 0; n < n_bytes; n++)
    refused += assert_refused_or_whole (&scene, bytes, n) ? 0 : 1;
  g_assert_cmpuint (refused, >, n_bytes / 2);
  g_assert_true (assert_refused_or_whole (&scene, bytes, n_bytes));
  scene_clear (&scene);
}

static void
test_each_byte_changed (void)
{
  Scene scene;
  scene_init (&scene);
  gsize n_bytes;
  const guint8 *bytes = g_bytes_get_data (scene.burst->blob, &n_bytes);
  g_autofree guint8 *changed = g_memdup2 (bytes, n_bytes);
  for (gsize i = 0; i < n_bytes; i++) {
    for (guint value = 0; value < 256; value++) {
      changed[i] = (guint8) value;
      assert_refused_or_whole (&scene, changed, n_bytes);
    }
    changed[i] = bytes[i];
  }
  scene_clear (&scene);
}

static void
test_bytes_that_follow_are_read (void)
{
  Scene scene;
  scene_init (&scene);
  g_autoptr (GByteArray) longer = g_byte_array_new ();
  gsize n_bytes;
  const guint8 *bytes = g_bytes_get_data (scene.burst->blob, &n_bytes);
  g_byte_array_append (longer, bytes, (guint) n_bytes);
  g_byte_array_append (longer, (const guint8 *) "\0", 1);
  g_assert_false (assert_refused_or_whole (&scene, longer->data, longer->len));
  scene_clear (&scene);
}

static void
assert_refused (Person *person, const guint8 *bytes, gsize n_bytes, gint code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) before = mabei_text_save (person->text);
  guint32 refs[] = {mabei_text_agent (person->text, (const guint8 *) "anna", 4)};
  guint32 agent = mabei_text_agent (person->text, (const guint8 *) "mallory", 7);
  g_assert_false (mabei_text_apply (person->text, agent, refs, 1, 0, bytes, n_bytes, NULL, NULL, &error));
  g_assert_error (error, MABEI_CRDT_ERROR, code);
  g_autoptr (GBytes) after = mabei_text_save (person->text);
  g_assert_true (g_bytes_equal (before, after));
}

#define REFUSED(code, ...)                                                                                             \
  do {                                                                                                                 \
    const guint8 bytes[] = {__VA_ARGS__};                                                                              \
    assert_refused (anna, bytes, sizeof bytes, code);                                                                  \
  } while (0)

static void
test_each_rule_has_its_refusal (void)
{
  g_autoptr (Person) anna = person_new ("anna");
  person_types (anna, 0, "abc");
  /* an insert of nothing; a deletion of nothing; an unknown kind */
  REFUSED (MABEI_CRDT_ERROR_FORMAT, 0 << 4);
  REFUSED (MABEI_CRDT_ERROR_FORMAT, 0 << 1 | 1, 1, 0);
  REFUSED (MABEI_CRDT_ERROR_FORMAT, 1 << 4 | 3 << 1, 'x');
  /* left origin: nothing before; distance 0; before the first; a reference that is none */
  REFUSED (MABEI_CRDT_ERROR_FORMAT, 1 << 4 | 1 << 1, 'x');
  REFUSED (MABEI_CRDT_ERROR_FORMAT, 1 << 4 | 2 << 1, 0, 0, 'x');
  REFUSED (MABEI_CRDT_ERROR_FORMAT, 1 << 4 | 2 << 1, 0, 1, 'x');
  REFUSED (MABEI_CRDT_ERROR_FORMAT, 1 << 4 | 2 << 1, 2, 0, 'x');
  REFUSED (MABEI_CRDT_ERROR_MISSING, 1 << 4 | 2 << 1, 1, 3, 'x');
  /* two forms of one thing: a number with a needless byte; the element just before by its name */
  REFUSED (MABEI_CRDT_ERROR_FORMAT, 0x90, 0x00, 'x');
  REFUSED (MABEI_CRDT_ERROR_FORMAT, 1 << 4, 'x', 1 << 4 | 2 << 1, 0, 1, 'y');
  /* a right origin that is no sibling: "c" after the border, the border's "a" after "a" */
  REFUSED (MABEI_CRDT_ERROR_FORMAT, 1 << 4 | 8, 1, 2, 'x');
  REFUSED (MABEI_CRDT_ERROR_FORMAT, 1 << 4 | 8 | 2 << 1, 1, 0, 1, 0, 'x');
  /* a second insert at one place that passes over the blob's own first: none, another's, the own run's next */
  REFUSED (MABEI_CRDT_ERROR_FORMAT, 1 << 4, 'x', 1 << 4, 'y');
  REFUSED (MABEI_CRDT_ERROR_FORMAT, 1 << 4, 'x', 1 << 4 | 8, 1, 0, 'y');
  REFUSED (MABEI_CRDT_ERROR_FORMAT, 2 << 4, 'x', 'y', 1 << 4 | 2 << 1, 0, 2, 'z');
  /* deletions past what is there; of more than there is */
  REFUSED (MABEI_CRDT_ERROR_MISSING, 2 << 1 | 1, 1, 0, 2 << 1 | 1, 1, 0);
  REFUSED (MABEI_CRDT_ERROR_MISSING, 4 << 1 | 1, 1, 0);
  REFUSED (MABEI_CRDT_ERROR_MISSING, 1 << 4, 'x', 2 << 1 | 1, 0, 1);
  REFUSED (MABEI_CRDT_ERROR_MISSING, 2 << 1 | 1, 1, 0xff, 0xff, 0xff, 0xff, 0x0f);
  /* text: zero byte, cut, overlong; too many characters announced; a number past 32 bits */
  REFUSED (MABEI_CRDT_ERROR_FORMAT, 1 << 4, 0);
  REFUSED (MABEI_CRDT_ERROR_FORMAT, 1 << 4, 0xe8, 0xb0);
  REFUSED (MABEI_CRDT_ERROR_FORMAT, 1 << 4, 0xc1, 0x81);
  REFUSED (MABEI_CRDT_ERROR_FORMAT, 0xf0, 0xff, 0xff, 0xff, 0x0f, 'x');
  REFUSED (MABEI_CRDT_ERROR_FORMAT, 0xf0, 0xff, 0xff, 0xff, 0x1f, 'x');
  /* a good beginning does not count */
  REFUSED (MABEI_CRDT_ERROR_FORMAT, 1 << 4, 'x', 0 << 4);
  assert_reads (anna, "abc");
}

static void
test_a_repeat_is_refused (void)
{
  g_autoptr (Person) anna = person_new ("anna");
  g_autoptr (Person) ben = person_new ("ben");
  g_autoptr (GError) error = NULL;
  person_types (anna, 0, "abc");
  g_autoptr (Burst) burst = person_sends (anna);
  person_receives (ben, burst);
  g_assert_false (person_tries (ben, burst, &error));
  g_assert_error (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_EXISTS);
  assert_reads (ben, "abc");
  g_clear_error (&error);
  burst->first_seq = 2;
  g_assert_false (person_tries (ben, burst, &error));
  g_assert_error (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_EXISTS);
  g_clear_error (&error);
  burst->first_seq = G_MAXUINT32 - 2;
  g_assert_false (person_tries (ben, burst, &error));
  assert_reads (ben, "abc");
}

/* ---- limits, on both sides ---- */

/* Writes one letter after each of the first `n` letters. */
static void
write_between (MabeiText *text, MabeiTextWriter *writer, guint32 n)
{
  g_autoptr (GError) error = NULL;
  for (guint32 i = 0; i < n; i++) {
    mabei_text_insert (text, writer, 2 * i + 1, "y", -1, &error);
    g_assert_no_error (error);
  }
}

static void
test_operations_of_one_blob (void)
{
  g_autofree char *page = g_strnfill (MABEI_TEXT_OPS_MAX + 1, 'x');
  for (guint32 more = 0; more < 2; more++) {
    g_autoptr (MabeiText) anna = mabei_text_new ();
    g_autoptr (MabeiText) ben = mabei_text_new ();
    g_autoptr (GError) error = NULL;
    guint32 agent = mabei_text_agent (anna, (const guint8 *) "anna", 4);
    g_autoptr (MabeiTextWriter) writer = mabei_text_writer_new (agent, 0);
    g_assert_true (mabei_text_insert (anna, writer, 0, page, -1, NULL));
    write_between (anna, writer, MABEI_TEXT_OPS_MAX - 1 + more);
    gsize n_bytes;
    const guint8 *bytes = mabei_text_writer_bytes (writer, &n_bytes);
    mabei_text_agent (ben, (const guint8 *) "anna", 4);
    g_assert_true (mabei_text_apply (ben, agent, NULL, 0, 0, bytes, n_bytes, NULL, NULL, &error) == (more == 0));
    if (more > 0)
      g_assert_error (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_LIMIT);
    g_assert_cmpuint (mabei_text_length (ben), ==, more > 0 ? 0 : 2 * MABEI_TEXT_OPS_MAX);
  }
}

static void
test_elements_of_one_text (void)
{
  g_autoptr (Person) anna = person_new ("anna");
  g_autoptr (GError) error = NULL;
  gsize half = MABEI_TEXT_BLOB_MAX / 2;
  g_autofree char *page = g_malloc (half + 1);
  memset (page, 'x', half + 1);
  g_assert_false (mabei_text_insert (anna->text, anna->writer, 0, page, (gssize) half + 1, &error));
  g_assert_error (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_LIMIT);
  g_clear_error (&error);
  for (gsize n = 0; n < MABEI_TEXT_ELEMENTS_MAX; n += half) {
    g_assert_true (mabei_text_insert (anna->text, anna->writer, 0, page, (gssize) half, &error));
    g_assert_no_error (error);
  }
  g_assert_cmpuint (mabei_text_length (anna->text), ==, MABEI_TEXT_ELEMENTS_MAX);
  g_assert_false (mabei_text_insert (anna->text, anna->writer, 0, page, 1, &error));
  g_assert_error (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_LIMIT);
  g_clear_error (&error);
  const guint8 one_more[] = {1 << MABEI_TEXT_INSERT_SHIFT, 'x'};
  guint32 agent = mabei_text_agent (anna->text, (const guint8 *) "ben", 3);
  g_assert_false (mabei_text_apply (anna->text, agent, NULL, 0, 0, one_more, 2, NULL, NULL, &error));
  g_assert_error (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_LIMIT);
}

static void
test_bytes_of_one_blob (void)
{
  g_autoptr (MabeiText) text = mabei_text_new ();
  guint32 agent = mabei_text_agent (text, (const guint8 *) "anna", 4);
  g_autofree guint8 *bytes = g_malloc (MABEI_TEXT_BLOB_MAX + 1);
  guint32 n_chars = MABEI_TEXT_BLOB_MAX - 4;
  MabeiBuffer head = {0};
  memset (bytes, 'x', MABEI_TEXT_BLOB_MAX + 1);
  mabei_buffer_add_varint (&head, n_chars << MABEI_TEXT_INSERT_SHIFT);
  g_assert_cmpuint (head.length, ==, 4);
  memcpy (bytes, head.data, head.length);
  mabei_buffer_clear (&head);
  g_autoptr (GError) error = NULL;
  g_assert_false (mabei_text_apply (text, agent, NULL, 0, 0, bytes, MABEI_TEXT_BLOB_MAX + 1, NULL, NULL, &error));
  g_assert_error (error, MABEI_CRDT_ERROR, MABEI_CRDT_ERROR_LIMIT);
  g_clear_error (&error);
  g_assert_true (mabei_text_apply (text, agent, NULL, 0, 0, bytes, MABEI_TEXT_BLOB_MAX, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (mabei_text_length (text), ==, n_chars);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hostile/truncated-at-each-length", test_truncated_at_each_length);
  g_test_add_func ("/hostile/each-byte-changed", test_each_byte_changed);
  g_test_add_func ("/hostile/bytes-that-follow-are-read", test_bytes_that_follow_are_read);
  g_test_add_func ("/hostile/each-rule-has-its-refusal", test_each_rule_has_its_refusal);
  g_test_add_func ("/hostile/a-repeat-is-refused", test_a_repeat_is_refused);
  g_test_add_func ("/hostile/operations-of-one-blob", test_operations_of_one_blob);
  g_test_add_func ("/hostile/elements-of-one-text", test_elements_of_one_text);
  g_test_add_func ("/hostile/bytes-of-one-blob", test_bytes_of_one_blob);
  return g_test_run ();
}
