/* The command line of mabei-hub: one command and its options, each at most once. Strict: what is not known, not UTF-8,
 * or missing its value is one line and exit code 2.
 */
#pragma once

#include <glib.h>

typedef enum {
  MABEI_HUB_COMMAND_RUN,
  MABEI_HUB_COMMAND_CHECK_CONFIG,
  MABEI_HUB_COMMAND_SHOW_KEY,
  MABEI_HUB_COMMAND_STATS,
  MABEI_HUB_COMMAND_BACKUP,
  MABEI_HUB_COMMAND_HELP,
  MABEI_HUB_COMMAND_VERSION,
} MabeiHubCommand;

typedef struct {
  MabeiHubCommand command;
  const char *listen; /* all borrowed from argv */
  const char *store;
  const char *tls_cert;
  const char *tls_key;
  const char *file; /* backup: where to */
  gboolean has_court_key;
  guint8 court_key[32];
} MabeiHubOptions;

/* FALSE with the one line, @options then undefined. */
gboolean mabei_hub_options_read (MabeiHubOptions *options, int argc, char **argv, GError **error);
extern const char mabei_hub_options_help[];
