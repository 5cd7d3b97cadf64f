#include "app/desk/arguments.h"

#include <string.h>

#include "app/desk/code.h"
#include "core/base/limits.h"

#define ARGUMENT_BYTES (256u * 1024u)

struct _MabeiArguments {
  GPtrArray *words;    /* char * */
  GHashTable *options; /* name -> GPtrArray of char *, NULL-terminated */
};

static void
values_free (gpointer values)
{
  g_ptr_array_unref (values);
}

void
mabei_arguments_free (MabeiArguments *arguments)
{
  if (arguments == NULL)
    return;
  g_ptr_array_unref (arguments->words);
  g_hash_table_unref (arguments->options);
  g_free (arguments);
}

static gboolean
usage (GError **error, const char *format, const char *word)
{
  g_autofree char *shown = g_utf8_make_valid (word, (gssize) MIN (strlen (word), 60));
  g_set_error (error, MABEI_DESK_ERROR, MABEI_CODE_USAGE, format, shown);
  return FALSE;
}

/* Finds @name in @specification; *@takes and *@repeats from its signs. */
static gboolean
find_option (char **specification, const char *name, gboolean *takes, gboolean *repeats)
{
  for (guint i = 0; specification[i] != NULL; i++) {
    gsize length = strcspn (specification[i], "=*");
    if (specification[i][0] != '-' || strlen (name) != length || strncmp (specification[i], name, length) != 0)
      continue;
    *takes = specification[i][length] == '=';
    *repeats = g_str_has_suffix (specification[i], "*");
    return TRUE;
  }
  return FALSE;
}

static gboolean
take_option (MabeiArguments *arguments, char **specification, const char *const *words, guint *at, GError **error)
{
  const char *word = words[*at];
  const char *equals = g_str_has_prefix (word, "--") ? strchr (word, '=') : NULL;
  g_autofree char *name = equals != NULL ? g_strndup (word, (gsize) (equals - word)) : g_strdup (word);
  gboolean takes, repeats;
  if (!find_option (specification, name, &takes, &repeats))
    return usage (error, "unknown option %s", name);
  const char *value = equals != NULL ? equals + 1 : "";
  if (takes && equals == NULL) {
    value = words[*at + 1];
    if (value == NULL)
      return usage (error, "%s needs a value", name);
    (*at)++;
  } else if (!takes && equals != NULL) {
    return usage (error, "%s takes no value", name);
  }
  GPtrArray *values = g_hash_table_lookup (arguments->options, name);
  if (values != NULL && !repeats)
    return usage (error, "%s is given twice", name);
  if (values == NULL) {
    values = g_ptr_array_new_null_terminated (1, g_free, TRUE);
    g_hash_table_insert (arguments->options, g_strdup (name), values);
  }
  g_ptr_array_add (values, g_strdup (value));
  return TRUE;
}

static gboolean
check_words (MabeiArguments *arguments, char **specification, GError **error)
{
  guint needed = 0, allowed = 0;
  const char *first_missing = NULL;
  for (guint i = 0; specification[i] != NULL; i++) {
    if (specification[i][0] == '-' || specification[i][0] == '\0')
      continue;
    if (g_str_has_suffix (specification[i], "...")) {
      allowed = G_MAXUINT;
      continue;
    }
    allowed++;
    if (!g_str_has_suffix (specification[i], "?")) {
      needed++;
      if (first_missing == NULL && needed > arguments->words->len)
        first_missing = specification[i];
    }
  }
  if (arguments->words->len < needed)
    return usage (error, "%s is missing", first_missing);
  if (arguments->words->len > allowed)
    return usage (error, "one word too many: %s", g_ptr_array_index (arguments->words, allowed));
  return TRUE;
}

MabeiArguments *
mabei_arguments_parse (const char *specification, const char *const *words, GError **error)
{
  g_autoptr (MabeiArguments) arguments = g_new0 (MabeiArguments, 1);
  arguments->words = g_ptr_array_new_with_free_func (g_free);
  arguments->options = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, values_free);
  g_auto (GStrv) parts = g_strsplit (specification, " ", -1);
  gboolean only_words = FALSE;

  for (guint i = 0; words[i] != NULL; i++) {
    if (strlen (words[i]) > ARGUMENT_BYTES) {
      usage (error, "an argument is too long: %s...", words[i]);
      return NULL;
    }
    if (!g_utf8_validate (words[i], -1, NULL)) {
      usage (error, "an argument is not UTF-8: %s", words[i]);
      return NULL;
    }
    if (!only_words && strcmp (words[i], "--") == 0) {
      only_words = TRUE;
    } else if (!only_words && words[i][0] == '-' && words[i][1] != '\0' && !g_ascii_isdigit (words[i][1])) {
      if (!take_option (arguments, parts, words, &i, error))
        return NULL;
      if (!g_utf8_validate (words[i], -1, NULL)) {
        usage (error, "an argument is not UTF-8: %s", words[i]);
        return NULL;
      }
    } else {
      g_ptr_array_add (arguments->words, g_strdup (words[i]));
    }
  }
  if (!check_words (arguments, parts, error))
    return NULL;
  return g_steal_pointer (&arguments);
}

const char *
mabei_arguments_word (MabeiArguments *arguments, guint n)
{
  return n < arguments->words->len ? g_ptr_array_index (arguments->words, n) : NULL;
}

guint
mabei_arguments_n_words (MabeiArguments *arguments)
{
  return arguments->words->len;
}

const char *
mabei_arguments_option (MabeiArguments *arguments, const char *name)
{
  GPtrArray *values = g_hash_table_lookup (arguments->options, name);
  return values != NULL ? g_ptr_array_index (values, 0) : NULL;
}

const char *const *
mabei_arguments_all (MabeiArguments *arguments, const char *name)
{
  GPtrArray *values = g_hash_table_lookup (arguments->options, name);
  return values != NULL ? (const char *const *) values->pdata : NULL;
}

gboolean
mabei_arguments_need (MabeiArguments *arguments, const char *name, const char **value, GError **error)
{
  const char *found = mabei_arguments_option (arguments, name);
  if (found == NULL)
    return usage (error, "%s is missing", name);
  *value = found;
  return TRUE;
}

gboolean
mabei_arguments_number (MabeiArguments *arguments, const char *name, guint64 limit, guint64 *value, GError **error)
{
  const char *text = mabei_arguments_option (arguments, name);
  if (text == NULL)
    return TRUE;
  guint64 number;
  if (!g_ascii_string_to_unsigned (text, 10, 0, limit, &number, NULL))
    return usage (error, "not a whole number in its range: %s", text);
  *value = number;
  return TRUE;
}

gboolean
mabei_command_check_line (const char *what, const char *text, GError **error)
{
  gboolean seen = FALSE;
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at)) {
    gunichar c = g_utf8_get_char (at);
    if (g_unichar_iscntrl (c)) {
      g_set_error (error, MABEI_DESK_ERROR, MABEI_CODE_USAGE, "%s is one line without control characters", what);
      return FALSE;
    }
    seen |= !g_unichar_isspace (c);
  }
  if (!seen)
    g_set_error (error, MABEI_DESK_ERROR, MABEI_CODE_USAGE, "%s is empty", what);
  else if (strlen (text) > MABEI_LIMIT_NAME_BYTES)
    g_set_error (error, MABEI_DESK_ERROR, MABEI_CODE_TOO_LARGE, "%s has at most %u bytes", what,
                 MABEI_LIMIT_NAME_BYTES);
  return seen && strlen (text) <= MABEI_LIMIT_NAME_BYTES;
}
