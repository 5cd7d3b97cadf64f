#include "tests/unit/core/crdt/person.h"

static gsize
byte_offset (const GString *screen, guint32 position)
{
  return (gsize) (g_utf8_offset_to_pointer (screen->str, position) - screen->str);
}

static void
change_screen (GString *screen, guint32 position, guint32 deleted, const char *inserted, gsize n_bytes)
{
  gsize from = byte_offset (screen, position), to = byte_offset (screen, position + deleted);
  g_string_erase (screen, (gssize) from, (gssize) (to - from));
  g_string_insert_len (screen, (gssize) from, inserted != NULL ? inserted : "", (gssize) n_bytes);
}

static void
on_patch (guint32 position, guint32 deleted, const char *inserted, gsize n_bytes, gpointer user_data)
{
  Person *person = user_data;
  change_screen (person->screen, position, deleted, inserted, n_bytes);
}

Person *
person_new (const char *agent)
{
  Person *person = g_new0 (Person, 1);
  person->text = mabei_text_new ();
  person->writer = mabei_text_writer_new (0, 0);
  person->screen = g_string_new (NULL);
  person_becomes (person, agent);
  return person;
}

void
person_free (Person *person)
{
  mabei_text_free (person->text);
  mabei_text_writer_free (person->writer);
  g_string_free (person->screen, TRUE);
  g_free (person);
}

void
burst_free (Burst *burst)
{
  g_bytes_unref (burst->author);
  g_ptr_array_unref (burst->refs);
  g_bytes_unref (burst->blob);
  g_free (burst);
}

void
person_becomes (Person *person, const char *agent)
{
  person->agent = mabei_text_agent (person->text, (const guint8 *) agent, strlen (agent));
  person->first_seq = mabei_text_next_seq (person->text, person->agent);
  mabei_text_writer_reset (person->writer, person->agent, person->first_seq);
}

void
person_types (Person *person, guint32 position, const char *utf8)
{
  g_autoptr (GError) error = NULL;
  mabei_text_insert (person->text, person->writer, position, utf8, -1, &error);
  g_assert_no_error (error);
  change_screen (person->screen, position, 0, utf8, strlen (utf8));
}

void
person_deletes (Person *person, guint32 position, guint32 count)
{
  g_autoptr (GError) error = NULL;
  mabei_text_delete (person->text, person->writer, position, count, &error);
  g_assert_no_error (error);
  change_screen (person->screen, position, count, NULL, 0);
}

static guint32
number_of (Person *person, GBytes *name)
{
  gsize length;
  const guint8 *bytes = g_bytes_get_data (name, &length);
  return mabei_text_agent (person->text, bytes, length);
}

static guint32 *
numbers_of (Person *person, const GPtrArray *names)
{
  guint32 *numbers = g_new (guint32, names->len + 1);
  for (guint i = 0; i < names->len; i++)
    numbers[i] = number_of (person, names->pdata[i]);
  return numbers;
}

void
person_undoes (Person *person, const Burst *burst)
{
  g_autoptr (GError) error = NULL;
  g_autofree guint32 *refs = numbers_of (person, burst->refs);
  gsize n_bytes;
  const guint8 *bytes = g_bytes_get_data (burst->blob, &n_bytes);
  mabei_text_undo (person->text, person->writer, number_of (person, burst->author), refs, burst->refs->len,
                   burst->first_seq, bytes, n_bytes, on_patch, person, &error);
  g_assert_no_error (error);
}

static GBytes *
name_of (const Person *person, guint32 agent)
{
  gsize length;
  const guint8 *name = mabei_text_agent_name (person->text, agent, &length);
  return g_bytes_new (name, length);
}

Burst *
person_sends (Person *person)
{
  Burst *burst = g_new0 (Burst, 1);
  gsize n_bytes, n_refs;
  const guint8 *bytes = mabei_text_writer_bytes (person->writer, &n_bytes);
  const guint32 *refs = mabei_text_writer_refs (person->writer, &n_refs);
  burst->author = name_of (person, person->agent);
  burst->first_seq = person->first_seq;
  burst->refs = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  for (gsize i = 0; i < n_refs; i++)
    g_ptr_array_add (burst->refs, name_of (person, refs[i]));
  burst->blob = g_bytes_new (bytes, n_bytes);
  person->first_seq = mabei_text_writer_next_seq (person->writer);
  mabei_text_writer_reset (person->writer, person->agent, person->first_seq);
  return burst;
}

gboolean
person_tries (Person *person, const Burst *burst, GError **error)
{
  g_autofree guint32 *refs = numbers_of (person, burst->refs);
  gsize n_bytes;
  const guint8 *bytes = g_bytes_get_data (burst->blob, &n_bytes);
  return mabei_text_apply (person->text, number_of (person, burst->author), refs, burst->refs->len, burst->first_seq,
                           bytes, n_bytes, on_patch, person, error);
}

void
person_receives (Person *person, const Burst *burst)
{
  g_autoptr (GError) error = NULL;
  person_tries (person, burst, &error);
  g_assert_no_error (error);
}

void
assert_reads (const Person *person, const char *text)
{
  gsize n_bytes;
  g_autofree char *read = mabei_text_read (person->text, &n_bytes);
  g_assert_cmpstr (read, ==, text);
  g_assert_cmpuint (n_bytes, ==, strlen (text));
  g_assert_cmpstr (person->screen->str, ==, text);
  g_assert_cmpuint (mabei_text_length (person->text), ==, g_utf8_strlen (text, -1));
}

void
assert_same (const Person *a, const Person *b)
{
  g_autofree char *read = mabei_text_read (a->text, NULL);
  assert_reads (a, read);
  assert_reads (b, read);
  g_autoptr (GBytes) saved_a = mabei_text_save (a->text);
  g_autoptr (GBytes) saved_b = mabei_text_save (b->text);
  g_assert_true (g_bytes_equal (saved_a, saved_b));
}
