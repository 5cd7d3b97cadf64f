#include "app/hub/options.h"

#include <string.h>

#include "core/base/ids.h"

const char mabei_hub_options_help[] =
    "Usage:\n"
    "  mabei-hub run --store FILE [--listen ADDRESS] [--tls-cert FILE --tls-key FILE] [--court-key KEY]\n"
    "  mabei-hub check-config (the options of run)\n"
    "  mabei-hub show-key --store FILE\n"
    "  mabei-hub stats --store FILE\n"
    "  mabei-hub backup --store FILE FILE\n"
    "  mabei-hub --help | --version\n"
    "\n"
    "Keeps sealed envelopes in mailboxes and hands them to whoever holds the keys of a mailbox.\n"
    "\n"
    "  --listen ADDRESS   IP:PORT or [IPV6]:PORT; port 0 takes a free one; default 127.0.0.1:0.\n"
    "                     Any address but loopback needs TLS.\n"
    "  --store FILE       the store; run makes it when it is not there. One process at a time.\n"
    "  --tls-cert FILE    certificate chain in PEM; with --tls-key, its key.\n"
    "  --court-key KEY    64 hexadecimal digits: only devices with a credential of this court may make\n"
    "                     mailboxes. Without it any device may.\n"
    "\n"
    "run prints one line when it is ready: {\"ready\":true,\"url\":...,\"key\":...}; it ends on SIGTERM or SIGINT.\n"
    "show-key, stats and backup need a hub that is not running.\n"
    "Exit codes: 0 done, 1 refused, 2 wrong usage.\n";

static const struct {
  const char *name;
  MabeiHubCommand command;
} commands[] = {
    {"run", MABEI_HUB_COMMAND_RUN},           {"check-config", MABEI_HUB_COMMAND_CHECK_CONFIG},
    {"show-key", MABEI_HUB_COMMAND_SHOW_KEY}, {"stats", MABEI_HUB_COMMAND_STATS},
    {"backup", MABEI_HUB_COMMAND_BACKUP},     {"help", MABEI_HUB_COMMAND_HELP},
    {"--help", MABEI_HUB_COMMAND_HELP},       {"-h", MABEI_HUB_COMMAND_HELP},
    {"--version", MABEI_HUB_COMMAND_VERSION},
};

static gboolean
usage (GError **error, const char *message)
{
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "%s; see mabei-hub --help", message);
  return FALSE;
}

static gboolean
command_read (MabeiHubOptions *options, const char *word, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++) {
    if (strcmp (commands[i].name, word) == 0) {
      options->command = commands[i].command;
      return TRUE;
    }
  }
  return usage (error, "no such command");
}

static gboolean
court_key_read (MabeiHubOptions *options, const char *text, GError **error)
{
  g_autoptr (GBytes) key = mabei_hex_decode (text, sizeof options->court_key);
  if (key == NULL || g_bytes_get_size (key) != sizeof options->court_key)
    return usage (error, "--court-key must be 64 lower-case hexadecimal digits");
  memcpy (options->court_key, g_bytes_get_data (key, NULL), sizeof options->court_key);
  options->has_court_key = TRUE;
  return TRUE;
}

/* Which option this is, and where its value goes; NULL: none of this command. */
static const char **
option_place (MabeiHubOptions *options, const char *word, const char **court_key)
{
  gboolean serves = options->command == MABEI_HUB_COMMAND_RUN || options->command == MABEI_HUB_COMMAND_CHECK_CONFIG;
  if (strcmp (word, "--store") == 0)
    return &options->store;
  if (!serves)
    return NULL;
  if (strcmp (word, "--listen") == 0)
    return &options->listen;
  if (strcmp (word, "--tls-cert") == 0)
    return &options->tls_cert;
  if (strcmp (word, "--tls-key") == 0)
    return &options->tls_key;
  return strcmp (word, "--court-key") == 0 ? court_key : NULL;
}

static gboolean
words_read (MabeiHubOptions *options, int argc, char **argv, GError **error)
{
  const char *court_key = NULL;

  for (int i = 2; i < argc; i++) {
    const char **place = option_place (options, argv[i], &court_key);
    if (place == NULL && options->command == MABEI_HUB_COMMAND_BACKUP && argv[i][0] != '-' && options->file == NULL) {
      options->file = argv[i];
      continue;
    }
    if (place == NULL)
      return usage (error, "an option or word that this command does not know");
    if (*place != NULL)
      return usage (error, "an option was given twice");
    if (i + 1 >= argc || argv[i + 1][0] == '\0')
      return usage (error, "an option without its value");
    *place = argv[++i];
  }
  return court_key == NULL || court_key_read (options, court_key, error);
}

gboolean
mabei_hub_options_read (MabeiHubOptions *options, int argc, char **argv, GError **error)
{
  memset (options, 0, sizeof *options);
  for (int i = 1; i < argc; i++)
    if (!g_utf8_validate (argv[i], -1, NULL))
      return usage (error, "an argument is not UTF-8");
  if (argc < 2)
    return usage (error, "a command is missing");
  if (!command_read (options, argv[1], error))
    return FALSE;
  if (options->command == MABEI_HUB_COMMAND_HELP || options->command == MABEI_HUB_COMMAND_VERSION)
    return argc == 2 || usage (error, "an option or word that this command does not know");
  if (!words_read (options, argc, argv, error))
    return FALSE;
  if (options->store == NULL)
    return usage (error, "--store is missing");
  if (options->command == MABEI_HUB_COMMAND_BACKUP && options->file == NULL)
    return usage (error, "the file to write is missing");
  if (options->listen == NULL)
    options->listen = "127.0.0.1:0";
  return TRUE;
}
