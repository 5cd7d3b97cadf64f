/* Setting the stage of the demo: a hub on a free port, a court, three people with profiles of their own, three
 * programs. */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/ctl/demo_private.h"
#include "app/desk/code.h"

const char *const mabei_demo_names[N_PEOPLE] = {"王调解员", "张三", "李四"};

static char *
find_program (MabeiDemo *demo, const char *name, const char *room)
{
  g_autofree char *beside = g_build_filename (demo->programs, name, NULL);
  if (g_file_test (beside, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&beside);
  g_autofree char *built = g_build_filename (demo->programs, "..", room, name, NULL);
  if (g_file_test (built, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&built);
  return g_strdup (name);
}

/* One-shot mabeictl on @profile; the JSON answer. @inside: run in the hub's namespace. (transfer full) */
static JsonObject *
ctl (MabeiDemo *demo, const char *profile, gboolean inside, GError **error, const char *first, ...)
{
  g_autofree char *program = find_program (demo, "mabeictl", "ctl");
  g_autofree char *folder = g_build_filename (demo->folder, profile, NULL);
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  const char *fixed[] = {program, "--profile", folder, "--passphrase-file", demo->passphrase_file, "--json"};
  for (gsize i = 0; i < G_N_ELEMENTS (fixed); i++)
    g_ptr_array_add (words, (gpointer) fixed[i]);
  va_list list;
  va_start (list, first);
  for (const char *word = first; word != NULL; word = va_arg (list, const char *))
    g_ptr_array_add (words, (gpointer) word);
  va_end (list);
  g_ptr_array_add (words, NULL);
  g_autoptr (GPtrArray) command =
      inside && demo->network != NULL
          ? mabei_demo_network_command (demo->network, N_PEOPLE, (const char *const *) words->pdata)
          : NULL;
  g_autofree char *out = NULL;
  int status;
  if (!g_spawn_sync (NULL, (char **) (command != NULL ? command->pdata : words->pdata), NULL, G_SPAWN_SEARCH_PATH, NULL,
                     NULL, &out, NULL, &status, error))
    return NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  if (!WIFEXITED (status) || WEXITSTATUS (status) != 0 || !json_parser_load_from_data (parser, out, -1, NULL) ||
      !JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser))) {
    g_set_error (error, MABEI_DESK_ERROR, MABEI_CODE_FORMAT, "mabeictl %s on %s ended with status %d: %.80s", first,
                 profile, status, out);
    return NULL;
  }
  return json_object_ref (json_node_get_object (json_parser_get_root (parser)));
}

static gboolean
start_hub (MabeiDemo *demo, const char *court_key, GError **error)
{
  g_autofree char *program = find_program (demo, "mabei-hub", "hub");
  g_autofree char *store = g_build_filename (demo->folder, "hub.db", NULL);
  g_autofree char *certificate = g_build_filename (demo->folder, "hub.pem", NULL);
  g_autofree char *listen =
      g_strdup_printf ("%s:0", demo->network != NULL ? mabei_demo_network_hub_address (demo->network) : "127.0.0.1");
  const char *argv[] = {program,   "run", "--listen", listen, "--store", store, "--court-key",
                        court_key, NULL,  NULL,       NULL,   NULL,      NULL};
  if (demo->network != NULL) {
    argv[8] = "--tls-cert";
    argv[9] = certificate;
    argv[10] = "--tls-key";
    argv[11] = certificate;
  }
  g_autoptr (GPtrArray) command =
      demo->network != NULL ? mabei_demo_network_command (demo->network, N_PEOPLE, argv) : NULL;
  demo->hub = mabei_demo_person_new ("hub", command != NULL ? (const char *const *) command->pdata : argv, NULL, error);
  if (demo->hub == NULL)
    return FALSE;
  g_autoptr (JsonObject) ready = mabei_demo_person_hear (demo->hub, error);
  if (ready == NULL)
    return FALSE;
  demo->hub_url = g_strdup (json_object_get_string_member_with_default (ready, "url", ""));
  return TRUE;
}

static gboolean
make_mediator (MabeiDemo *demo, const char *device_key, GError **error)
{
  g_autofree char *file = g_build_filename (demo->folder, "mediator.credential", NULL);
  g_autoptr (JsonObject) made =
      ctl (demo, "court", FALSE, error, "court", "staff-add", "--role", "mediator", "--name",
           mabei_demo_names[MEDIATOR], "--key", device_key, "--may-open-cases", "-o", file, NULL);
  if (made == NULL)
    return FALSE;
  g_autoptr (JsonObject) taken = ctl (demo, "person0", FALSE, error, "profile", "import-credential", file, NULL);
  return taken != NULL;
}

static gboolean
start_person (MabeiDemo *demo, guint n, GError **error)
{
  g_autofree char *name = g_strdup_printf ("person%u", n);
  g_autofree char *folder = g_build_filename (demo->folder, name, NULL);
  g_autofree char *program =
      demo->headless ? find_program (demo, "mabeictl", "ctl") : find_program (demo, "mabei", "client");
  const char *text[] = {program, "--profile", folder, "--passphrase-file", demo->passphrase_file, "--batch", NULL};
  const char *window[] = {program,
                          "--profile",
                          folder,
                          "--passphrase-file",
                          demo->passphrase_file,
                          "--size",
                          n == SECOND_PARTY ? "360x720" : "1000x700",
                          "--story",
                          "0",
                          NULL};
  const char *const *argv = demo->headless ? text : window;
  g_autoptr (GPtrArray) command = demo->network != NULL ? mabei_demo_network_command (demo->network, n, argv) : NULL;
  g_auto (GStrv) environment = g_get_environ ();
  if (demo->network == NULL)
    environment = g_environ_setenv (environment, "MABEI_CALL_LOOPBACK", "1", TRUE);
  demo->people[n] =
      mabei_demo_person_new (mabei_demo_names[n], command != NULL ? (const char *const *) command->pdata : argv,
                             (const char *const *) environment, error);
  if (demo->people[n] == NULL)
    return FALSE;
  g_autoptr (JsonObject) shown = mabei_demo_person_say (demo->people[n], error, "profile", "show", NULL);
  if (shown == NULL)
    return FALSE;
  demo->person_ids[n] = g_strdup (json_object_get_string_member (shown, "person"));
  return TRUE;
}

/* A passphrase that nobody knows: it lives as long as the demo's folder. */
static gboolean
make_passphrase (MabeiDemo *demo, GError **error)
{
  g_autofree char *words = g_uuid_string_random ();
  demo->passphrase_file = g_build_filename (demo->folder, "passphrase", NULL);
  return g_file_set_contents_full (demo->passphrase_file, words, -1, G_FILE_SET_CONTENTS_NONE, 0600, error);
}

gboolean
mabei_demo_stage (MabeiDemo *demo, GError **error)
{
  if (!make_passphrase (demo, error))
    return FALSE;
  mabei_demo_tell ("A court, and a hub that it trusts");
  g_autoptr (JsonObject) court =
      ctl (demo, "court", FALSE, error, "court", "init", "--name", "马背县人民法院", "--kdf", "interactive", NULL);
  if (court == NULL)
    return FALSE;
  demo->network = demo->offline_switch ? NULL : mabei_demo_network_new (N_PEOPLE);
  if (demo->network != NULL && !mabei_demo_make_certificate (demo, error))
    return FALSE;
  if (!start_hub (demo, json_object_get_string_member (court, "root_key"), error))
    return FALSE;
  g_autoptr (JsonObject) registered =
      ctl (demo, "court", TRUE, error, "court", "register", "--hub", demo->hub_url, NULL);
  if (registered == NULL)
    return FALSE;
  for (guint n = 0; n < N_PEOPLE; n++) {
    g_autofree char *profile = g_strdup_printf ("person%u", n);
    g_autoptr (JsonObject) made = ctl (demo, profile, FALSE, error, "profile", "init", "--name", mabei_demo_names[n],
                                       "--kdf", "interactive", NULL);
    if (made == NULL ||
        (n == MEDIATOR && !make_mediator (demo, json_object_get_string_member (made, "device_key"), error)) ||
        !start_person (demo, n, error))
      return FALSE;
    mabei_demo_tell ("%s has a device of their own", mabei_demo_names[n]);
  }
  return TRUE;
}
