/* Runs a target without libFuzzer: every seed, every prefix of it, and mutated seeds from a seeded generator, the same
 * in every run. fuzz-short-NOUN [--rounds N] [--write-seeds FOLDER]
 */
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/secret.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/core/base/seeded_random.h"

#define ROUNDS 20000u
#define MAX_BYTES 70000u

/* Its own block of exactly that size, so that a sanitizer sees one byte too many. */
static void
try_input (const guint8 *data, gsize length)
{
  g_autofree guint8 *block = g_malloc (MAX (length, 1));
  if (length > 0)
    memcpy (block, data, length);
  LLVMFuzzerTestOneInput (block, length);
}

static void
flip (GByteArray *input, GRand *rand)
{
  guint at = (guint) g_rand_int_range (rand, 0, (gint32) input->len);
  input->data[at] ^= (guint8) (1u << g_rand_int_range (rand, 0, 8));
}

static void
set_odd_byte (GByteArray *input, GRand *rand)
{
  static const guint8 odd[] = {0,    1,    0x17, 0x18, 0x19, 0x1b, 0x1f, 0x40,
                               0x58, 0x5f, 0x7f, 0x80, 0x9b, 0xbf, 0xf7, 0xff};
  guint at = (guint) g_rand_int_range (rand, 0, (gint32) input->len);
  input->data[at] = odd[g_rand_int_range (rand, 0, G_N_ELEMENTS (odd))];
}

static void
remove_run (GByteArray *input, GRand *rand)
{
  guint at = (guint) g_rand_int_range (rand, 0, (gint32) input->len);
  guint length = (guint) g_rand_int_range (rand, 1, 9);
  g_byte_array_remove_range (input, at, MIN (length, input->len - at));
}

static void
insert_run (GByteArray *input, GRand *rand)
{
  guint at = (guint) g_rand_int_range (rand, 0, (gint32) input->len), before = input->len;
  guint length = (guint) g_rand_int_range (rand, 1, 9);
  if (before + length > MAX_BYTES)
    return;
  g_byte_array_set_size (input, before + length);
  memmove (input->data + at + length, input->data + at, before - at);
  for (guint i = 0; i < length; i++)
    input->data[at + i] = (guint8) g_rand_int (rand);
}

/* A piece of another seed over a piece of this one. */
static void
splice (GByteArray *input, GBytes *other, GRand *rand)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (other, &size);
  if (size == 0)
    return;
  guint from = (guint) g_rand_int_range (rand, 0, (gint32) size);
  guint to = (guint) g_rand_int_range (rand, 0, (gint32) input->len);
  guint length = (guint) g_rand_int_range (rand, 1, 65);
  length = MIN (length, MIN ((guint) size - from, input->len - to));
  memcpy (input->data + to, data + from, length);
}

static void
mutate (GByteArray *input, GPtrArray *seeds, GRand *rand)
{
  guint steps = (guint) g_rand_int_range (rand, 1, 5);
  for (guint i = 0; i < steps && input->len > 0; i++) {
    switch (g_rand_int_range (rand, 0, 5)) {
    case 0:
      flip (input, rand);
      break;
    case 1:
      set_odd_byte (input, rand);
      break;
    case 2:
      remove_run (input, rand);
      break;
    case 3:
      insert_run (input, rand);
      break;
    default:
      splice (input, g_ptr_array_index (seeds, g_rand_int_range (rand, 0, (gint32) seeds->len)), rand);
      break;
    }
  }
}

static void
run_rounds (GPtrArray *seeds, guint rounds)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20260101);
  for (guint i = 0; i < rounds; i++) {
    gsize size;
    gconstpointer data = g_bytes_get_data (g_ptr_array_index (seeds, i % seeds->len), &size);
    g_autoptr (GByteArray) input = g_byte_array_sized_new ((guint) size + 64);
    if (size > 0)
      g_byte_array_append (input, data, (guint) size);
    mutate (input, seeds, rand);
    try_input (input->data, input->len);
  }
}

static int
write_seeds (GPtrArray *seeds, const char *folder)
{
  for (guint i = 0; i < seeds->len; i++) {
    gsize size;
    gconstpointer data = g_bytes_get_data (g_ptr_array_index (seeds, i), &size);
    g_autofree char *path = g_strdup_printf ("%s/seed-%u", folder, i);
    g_autoptr (GError) error = NULL;
    if (!g_file_set_contents (path, data, (gssize) size, &error)) {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  }
  return 0;
}

int
main (int argc, char **argv)
{
  gint rounds = ROUNDS;
  g_autofree char *folder = NULL;
  const GOptionEntry entries[] = {
      {"rounds", 0, 0, G_OPTION_ARG_INT, &rounds, "mutated inputs", "N"},
      {"write-seeds", 0, 0, G_OPTION_ARG_FILENAME, &folder, "only write the seeds there", "FOLDER"},
      {NULL, 0, 0, 0, NULL, NULL, NULL},
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error)) {
    g_printerr ("%s\n", error->message);
    return 2;
  }
  g_assert_true (mabei_base_init ());
  seeded_random_start (1);
  g_autoptr (GPtrArray) seeds = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  fuzz_seeds (seeds);
  g_assert_cmpuint (seeds->len, >, 0);
  if (folder != NULL)
    return write_seeds (seeds, folder);
  for (guint i = 0; i < seeds->len; i++) {
    gsize size;
    const guint8 *data = g_bytes_get_data (g_ptr_array_index (seeds, i), &size);
    for (gsize length = 0; length<size; length += size> 2000 ? 97 : 1)
      try_input (data, length);
    try_input (data, size);
  }
  run_rounds (seeds, (guint) MAX (rounds, 0));
  g_print ("%u seeds, %d mutated inputs\n", seeds->len, rounds);
  return 0;
}
