#include "app/ctl/options.h"

#include <string.h>

#include "app/desk/code.h"

void
mabei_options_free (MabeiOptions *options)
{
  if (options == NULL)
    return;
  g_free (options->profile);
  g_free (options->passphrase_file);
  g_free (options->case_text);
  g_strfreev (options->words);
  g_free (options);
}

static gboolean
usage (GError **error, const char *format, const char *word)
{
  g_autofree char *shown = g_utf8_make_valid (word, (gssize) MIN (strlen (word), 60));
  g_set_error (error, MABEI_DESK_ERROR, MABEI_CODE_USAGE, format, shown);
  return FALSE;
}

/* TRUE when @word was the valued option @name; then *@value is set, or NULL with @error when the value is missing. */
static gboolean
valued (const char *name, int argc, char **argv, int *at, char **value, gboolean *failed, GError **error)
{
  gsize length = strlen (name);
  const char *word = argv[*at];
  if (strncmp (word, name, length) != 0 || (word[length] != '\0' && word[length] != '='))
    return FALSE;
  const char *text = word[length] == '=' ? word + length + 1 : *at + 1 < argc ? argv[++*at] : NULL;
  if (word[length] == '\0' && text != NULL && g_str_has_prefix (text, "--"))
    text = NULL; /* the next option is no value */
  if (text == NULL || !g_utf8_validate (text, -1, NULL)) {
    *failed = !usage (error, text == NULL ? "%s needs a value" : "the value of %s is not UTF-8", name);
    return TRUE;
  }
  g_free (*value);
  *value = g_strdup (text);
  return TRUE;
}

static gboolean
switched (MabeiOptions *options, const char *word)
{
  struct {
    const char *name;
    gboolean *flag;
  } switches[] = {
      {"--json", &options->json}, {"--batch", &options->batch}, {"--version", &options->version},
      {"--help", &options->help}, {"-h", &options->help},
  };
  for (gsize i = 0; i < G_N_ELEMENTS (switches); i++)
    if (strcmp (word, switches[i].name) == 0) {
      *switches[i].flag = TRUE;
      return TRUE;
    }
  return FALSE;
}

MabeiOptions *
mabei_options_parse (int argc, char **argv, GError **error)
{
  g_autoptr (MabeiOptions) options = g_new0 (MabeiOptions, 1);
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  gboolean failed = FALSE;
  for (int i = 1; i < argc && !failed; i++) {
    const char *word = argv[i];
    /* The global options may also stand behind the verb, where people put them. */
    if (switched (options, word) || valued ("--profile", argc, argv, &i, &options->profile, &failed, error) ||
        valued ("--passphrase-file", argc, argv, &i, &options->passphrase_file, &failed, error) ||
        valued ("--case", argc, argv, &i, &options->case_text, &failed, error))
      continue;
    if (strcmp (word, "--keyring") == 0) {
      g_set_error_literal (error, MABEI_DESK_ERROR, MABEI_CODE_UNSUPPORTED,
                           "the desktop's keyring is not supported yet: use a passphrase");
      return NULL;
    }
    if (words->len == 0 && word[0] == '-') {
      usage (error, "unknown option %s (see --help)", word);
      return NULL;
    }
    g_ptr_array_add (words, g_strdup (word));
    if (strcmp (word, "--") == 0)
      while (++i < argc)
        g_ptr_array_add (words, g_strdup (argv[i]));
  }
  if (failed)
    return NULL;
  if (options->profile == NULL)
    options->profile = g_build_filename (g_get_user_data_dir (), "mabei", "profile", NULL);
  g_ptr_array_add (words, NULL);
  options->words = (char **) g_ptr_array_free (g_steal_pointer (&words), FALSE);
  return g_steal_pointer (&options);
}
