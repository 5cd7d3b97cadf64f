#include "app/ctl/demo_network.h"

#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ADDRESS "10.77.0."

struct _MabeiDemoNetwork {
  guint n_people;
  char *prefix;
};

static gboolean run_ip (const char *format, ...) G_GNUC_PRINTF (1, 2);

static gboolean
run_ip (const char *format, ...)
{
  va_list list;
  va_start (list, format);
  g_autofree char *words = g_strdup_vprintf (format, list);
  va_end (list);
  g_autofree char *command = g_strconcat ("ip ", words, NULL);
  g_auto (GStrv) argv = NULL;
  int status = 1;
  if (!g_shell_parse_argv (command, NULL, &argv, NULL) ||
      !g_spawn_sync (NULL, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                     NULL, NULL, NULL, NULL, &status, NULL))
    return FALSE;
  return WIFEXITED (status) && WEXITSTATUS (status) == 0;
}

static gboolean
add_hub (MabeiDemoNetwork *network)
{
  const char *p = network->prefix;
  return run_ip ("netns add %s-hub", p) && run_ip ("-n %s-hub link set lo up", p) &&
         run_ip ("-n %s-hub link add bridge0 type bridge", p) &&
         run_ip ("-n %s-hub addr add " ADDRESS "1/24 dev bridge0", p) && run_ip ("-n %s-hub link set bridge0 up", p);
}

static gboolean
add_person (MabeiDemoNetwork *network, guint n)
{
  const char *p = network->prefix;
  return run_ip ("netns add %s-%u", p, n) && run_ip ("-n %s-%u link set lo up", p, n) &&
         run_ip ("link add net0 netns %s-%u type veth peer name port%u netns %s-hub", p, n, n, p) &&
         run_ip ("-n %s-hub link set port%u master bridge0 up", p, n) &&
         run_ip ("-n %s-%u addr add " ADDRESS "%u/24 dev net0", p, n, n + 11) &&
         run_ip ("-n %s-%u link set net0 up", p, n);
}

MabeiDemoNetwork *
mabei_demo_network_new (guint n_people)
{
  if (geteuid () != 0)
    return NULL;
  MabeiDemoNetwork *network = g_new0 (MabeiDemoNetwork, 1);
  network->n_people = n_people;
  network->prefix = g_strdup_printf ("mabei%d", (int) getpid ());
  gboolean made = add_hub (network);
  for (guint n = 0; made && n < n_people; n++)
    made = add_person (network, n);
  if (made)
    return network;
  mabei_demo_network_free (network);
  return NULL;
}

void
mabei_demo_network_free (MabeiDemoNetwork *network)
{
  if (network == NULL)
    return;
  for (guint n = 0; n < network->n_people; n++)
    run_ip ("netns del %s-%u", network->prefix, n);
  run_ip ("netns del %s-hub", network->prefix);
  g_free (network->prefix);
  g_free (network);
}

const char *
mabei_demo_network_hub_address (G_GNUC_UNUSED MabeiDemoNetwork *network)
{
  return ADDRESS "1";
}

GPtrArray *
mabei_demo_network_command (MabeiDemoNetwork *network, guint n, const char *const *argv)
{
  GPtrArray *command = g_ptr_array_new_null_terminated (8, g_free, TRUE);
  g_ptr_array_add (command, g_strdup ("ip"));
  g_ptr_array_add (command, g_strdup ("netns"));
  g_ptr_array_add (command, g_strdup ("exec"));
  g_ptr_array_add (command, n == network->n_people ? g_strdup_printf ("%s-hub", network->prefix)
                                                   : g_strdup_printf ("%s-%u", network->prefix, n));
  for (guint i = 0; argv[i] != NULL; i++)
    g_ptr_array_add (command, g_strdup (argv[i]));
  return command;
}

gboolean
mabei_demo_network_set_link (MabeiDemoNetwork *network, guint n, gboolean up)
{
  return run_ip ("-n %s-hub link set port%u %s", network->prefix, n, up ? "up" : "down");
}
