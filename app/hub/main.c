#include <glib-unix.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

#include "app/hub/options.h"
#include "core/base/secret.h"
#include "sync/hub/config.h"
#include "sync/hub/log.h"
#include "sync/hub/store.h"

#define EXIT_REFUSED 1
#define EXIT_USAGE 2
#define OTHER_FILES 64u /* file descriptors beside the connections */

static int
refuse (const GError *error)
{
  fprintf (stderr, "mabei-hub: %s\n", error->message);
  return EXIT_REFUSED;
}

static int
done (void)
{
  return fflush (stdout) == 0 ? 0 : EXIT_REFUSED;
}

static MabeiHubConfig
config_from_options (const MabeiHubOptions *options)
{
  return (MabeiHubConfig){
      .listen = options->listen,
      .store = options->store,
      .tls_cert = options->tls_cert,
      .tls_key = options->tls_key,
      .court_key = options->has_court_key ? options->court_key : NULL,
  };
}

static gboolean
on_signal (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_CONTINUE;
}

/* As many files as the connections need; a file that may not grow is an error to handle, not a signal to die of. */
static void
prepare_process (void)
{
  struct rlimit files;
  if (getrlimit (RLIMIT_NOFILE, &files) == 0) {
    rlim_t wanted = MABEI_HUB_DEFAULT_CONNECTIONS + OTHER_FILES;
    files.rlim_cur = MAX (files.rlim_cur, MIN (wanted, files.rlim_max));
    setrlimit (RLIMIT_NOFILE, &files);
    if (files.rlim_cur < wanted)
      mabei_hub_log ("warning", "few-files", "limit=%llu", (unsigned long long) files.rlim_cur);
  }
  signal (SIGXFSZ, SIG_IGN);
  signal (SIGPIPE, SIG_IGN);
}

static int
run (const MabeiHubOptions *options)
{
  MabeiHubConfig config = config_from_options (options);
  g_autoptr (GError) error = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  prepare_process ();
  MabeiHub *hub = mabei_hub_start (&config, &error);
  if (hub == NULL)
    return refuse (error);
  g_unix_signal_add (SIGTERM, on_signal, loop);
  g_unix_signal_add (SIGINT, on_signal, loop);
  g_autofree char *key = mabei_hex_encode (mabei_hub_key (hub), 32);
  printf ("{\"ready\":true,\"url\":\"%s\",\"key\":\"%s\"}\n", mabei_hub_url (hub), key);
  int result = done ();
  if (result == 0)
    g_main_loop_run (loop);
  mabei_hub_stop (hub);
  mabei_hub_log ("info", "stopped", "%s", "");
  return result;
}

static int
check_config (const MabeiHubOptions *options)
{
  MabeiHubConfig config = config_from_options (options);
  MabeiHubSettings settings = {0};
  g_autoptr (GError) error = NULL;

  if (!mabei_hub_settings_read (&config, &settings, &error))
    return refuse (error);
  printf ("{\"ok\":true,\"tls\":%s,\"court_key\":%s}\n", settings.certificate != NULL ? "true" : "false",
          config.court_key != NULL ? "true" : "false");
  mabei_hub_settings_clear (&settings);
  return done ();
}

static int
with_store (const MabeiHubOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MabeiHubStore) store = mabei_hub_store_open (options->store, FALSE, &error);
  MabeiHubStoreCounts counts;

  if (store == NULL)
    return refuse (error);
  if (options->command == MABEI_HUB_COMMAND_SHOW_KEY) {
    g_autofree char *key = mabei_hex_encode (mabei_device_key_public (mabei_hub_store_key (store))->sign_key, 32);
    printf ("{\"key\":\"%s\"}\n", key);
    return done ();
  }
  if (!mabei_hub_store_counts (store, &counts, &error))
    return refuse (error);
  if (options->command == MABEI_HUB_COMMAND_BACKUP && !mabei_hub_store_backup (store, options->file, &error))
    return refuse (error);
  printf ("{\"mailboxes\":%" G_GUINT64_FORMAT ",\"records\":%" G_GUINT64_FORMAT ",\"envelope_bytes\":%" G_GUINT64_FORMAT
          ",\"file_bytes\":%" G_GUINT64_FORMAT "}\n",
          counts.mailboxes, counts.records, counts.envelope_bytes, counts.file_bytes);
  return done ();
}

int
main (int argc, char **argv)
{
  MabeiHubOptions options;
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  if (!mabei_hub_options_read (&options, argc, argv, &error)) {
    fprintf (stderr, "mabei-hub: %s\n", error->message);
    return EXIT_USAGE;
  }
  if (options.command == MABEI_HUB_COMMAND_HELP) {
    fputs (mabei_hub_options_help, stdout);
    return done ();
  }
  if (options.command == MABEI_HUB_COMMAND_VERSION) {
    puts ("mabei-hub " MABEI_VERSION);
    return done ();
  }
  if (!mabei_base_init ()) {
    fputs ("mabei-hub: libsodium cannot start\n", stderr);
    return EXIT_REFUSED;
  }
  if (options.command == MABEI_HUB_COMMAND_RUN)
    return run (&options);
  if (options.command == MABEI_HUB_COMMAND_CHECK_CONFIG)
    return check_config (&options);
  return with_store (&options);
}
