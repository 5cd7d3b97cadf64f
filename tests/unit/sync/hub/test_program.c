/* The program mabei-hub as its operator meets it, and what its death leaves behind. */
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "tests/unit/sync/hub/fixture.h"

#define KILLS 50u

typedef struct {
  GSubprocess *process;
  char *url;
  char *key;
} Program;

static const char *
program_path (void)
{
  const char *path = g_getenv ("MABEI_HUB");
  g_assert_nonnull (path);
  return path;
}

static int
run (char **out, char **err, ...)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  int status = 0;
  va_list arguments;
  const char *word;

  g_ptr_array_add (words, (gpointer) program_path ());
  va_start (arguments, err);
  while ((word = va_arg (arguments, const char *)) != NULL)
    g_ptr_array_add (words, (gpointer) word);
  va_end (arguments);
  g_ptr_array_add (words, NULL);
  g_spawn_sync (NULL, (char **) words->pdata, NULL, G_SPAWN_DEFAULT, NULL, NULL, out, err, &status, &error);
  g_assert_no_error (error);
  g_assert_true (WIFEXITED (status));
  return WEXITSTATUS (status);
}

static char *
field (const char *line, const char *name)
{
  g_autofree char *start = g_strdup_printf ("\"%s\":\"", name);
  const char *at = strstr (line, start);
  g_assert_nonnull (at);
  at += strlen (start);
  return g_strndup (at, strcspn (at, "\""));
}

/* A test that fails must not leave a hub behind. */
static void
die_with_parent (gpointer user_data G_GNUC_UNUSED)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static void
program_start (Program *self, Fixture *place, const char *cert, const char *key)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autofree char *log = g_build_filename (place->folder, "log", NULL);

  g_subprocess_launcher_set_stderr_file_path (launcher, log);
  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  if (cert != NULL)
    self->process = g_subprocess_launcher_spawn (launcher, &error, program_path (), "run", "--store", place->store,
                                                 "--tls-cert", cert, "--tls-key", key, NULL);
  else
    self->process =
        g_subprocess_launcher_spawn (launcher, &error, program_path (), "run", "--store", place->store, NULL);
  g_assert_no_error (error);
  g_autoptr (GDataInputStream) out = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  g_autofree char *line = g_data_input_stream_read_line (out, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (line);
  g_assert_true (g_str_has_prefix (line, "{\"ready\":true,\"url\":\"ws"));
  self->url = field (line, "url");
  self->key = field (line, "key");
  g_assert_cmpuint (strlen (self->key), ==, 64);
}

static void
program_end (Program *self, int number)
{
  g_subprocess_send_signal (self->process, number);
  g_assert_true (g_subprocess_wait (self->process, NULL, NULL));
  if (number == SIGKILL)
    g_assert_true (g_subprocess_get_if_signaled (self->process));
  else
    g_assert_cmpint (g_subprocess_get_exit_status (self->process), ==, 0);
  g_clear_object (&self->process);
  g_clear_pointer (&self->url, g_free);
  g_clear_pointer (&self->key, g_free);
}

static guint64
process_kib (Program *self, const char *name)
{
  g_autofree char *path = g_strdup_printf ("/proc/%s/status", g_subprocess_get_identifier (self->process));
  g_autofree char *text = NULL;
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  const char *at = strstr (text, name);
  g_assert_nonnull (at);
  return g_ascii_strtoull (at + strlen (name) + 1, NULL, 10) + g_ascii_strtoull (strchr (at, '\t') + 1, NULL, 10);
}

/* --- the command line --- */

static void
test_wrong_usage_is_one_line_and_2 (void)
{
  const char *const cases[][6] = {
      {NULL},
      {"serve", NULL},
      {"run", NULL},
      {"run", "--store", NULL},
      {"run", "--store", "", NULL},
      {"run", "--store", "x", "--store", "y", NULL},
      {"run", "--store", "x", "--unknown", NULL},
      {"run", "--store", "x", "stray", NULL},
      {"run", "--store", "x", "--court-key", "abc", NULL},
      {"run", "--store", "x", "--court-key", "ZZ00000000000000000000000000000000000000000000000000000000000000", NULL},
      {"run", "--store", "\xff\xfe", NULL},
      {"\xc3\x28", NULL},
      {"stats", "--store", "x", "--listen", "127.0.0.1:0", NULL},
      {"backup", "--store", "x", NULL},
      {"backup", "--store", "x", "y", "z", NULL},
      {"--help", "x", NULL},
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *out = NULL;
    g_autofree char *err = NULL;
    g_assert_cmpint (
        run (&out, &err, cases[i][0], cases[i][1], cases[i][2], cases[i][3], cases[i][4], cases[i][5], NULL), ==, 2);
    g_assert_cmpstr (out, ==, "");
    g_assert_true (g_str_has_prefix (err, "mabei-hub: "));
    g_assert_true (strchr (err, '\n') == err + strlen (err) - 1);
  }
}

static void
test_help_and_version (void)
{
  g_autofree char *help = NULL;
  g_autofree char *version = NULL;
  g_assert_cmpint (run (&help, NULL, "--help", NULL), ==, 0);
  g_assert_nonnull (strstr (help, "--court-key"));
  g_assert_cmpint (run (&version, NULL, "--version", NULL), ==, 0);
  g_assert_true (g_str_has_prefix (version, "mabei-hub 0."));
}

static void
expect_refused (char *err, int code, const char *part)
{
  g_assert_cmpint (code, ==, 1);
  g_assert_nonnull (strstr (err, part));
  g_assert_true (strchr (err, '\n') == err + strlen (err) - 1);
  g_free (err);
}

static void
test_configurations_that_are_refused (void)
{
  g_autoptr (Fixture) place = fixture_new ();
  const char *const commands[] = {"check-config", "run"};
  char *err = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++) {
    int code = run (NULL, &err, commands[i], "--store", place->store, "--listen", "0.0.0.0:0", NULL);
    expect_refused (err, code, "TLS");
    code = run (NULL, &err, commands[i], "--store", place->store, "--tls-cert", place->store, NULL);
    expect_refused (err, code, "both");
    code = run (NULL, &err, commands[i], "--store", place->store, "--listen", "nonsense", NULL);
    expect_refused (err, code, "address");
  }
  int code = run (NULL, &err, "stats", "--store", place->store, NULL);
  expect_refused (err, code, "no store");
  g_autofree char *out = NULL;
  g_assert_cmpint (run (&out, NULL, "check-config", "--store", place->store, NULL), ==, 0);
  g_assert_cmpstr (out, ==, "{\"ok\":true,\"tls\":false,\"court_key\":false}\n");
  g_assert_false (g_file_test (place->store, G_FILE_TEST_EXISTS));
}

static void
test_one_at_a_time_and_a_clean_end (void)
{
  g_autoptr (Fixture) place = fixture_new ();
  g_autofree char *copy = g_build_filename (place->folder, "copy", NULL);
  Program hub;
  char *err = NULL;

  program_start (&hub, place, NULL, NULL);
  g_autofree char *key = g_strdup (hub.key);
  int code = run (NULL, &err, "run", "--store", place->store, NULL);
  expect_refused (err, code, "busy");
  code = run (NULL, &err, "stats", "--store", place->store, NULL);
  expect_refused (err, code, "busy");
  program_end (&hub, SIGTERM);
  g_autofree char *wal = g_strconcat (place->store, "-wal", NULL);
  g_assert_false (g_file_test (wal, G_FILE_TEST_EXISTS)); /* folded back */

  g_autofree char *shown = NULL;
  g_autofree char *expected = g_strdup_printf ("{\"key\":\"%s\"}\n", key);
  g_assert_cmpint (run (&shown, NULL, "show-key", "--store", place->store, NULL), ==, 0);
  g_assert_cmpstr (shown, ==, expected);
  g_autofree char *stats = NULL;
  g_assert_cmpint (run (&stats, NULL, "stats", "--store", place->store, NULL), ==, 0);
  g_assert_true (g_str_has_prefix (stats, "{\"mailboxes\":0,\"records\":0,"));
  g_autofree char *copied = NULL;
  g_assert_cmpint (run (&copied, NULL, "backup", "--store", place->store, copy, NULL), ==, 0);
  g_assert_true (g_file_test (copy, G_FILE_TEST_EXISTS));
  code = run (NULL, &err, "backup", "--store", place->store, copy, NULL);
  expect_refused (err, code, "already");

  program_start (&hub, place, NULL, NULL);
  g_assert_cmpstr (hub.key, ==, key); /* the same hub */
  program_end (&hub, SIGINT);
}

/* --- death --- */

/* kill -9 while a client writes: every acknowledged record is there again, at its position. */
static void
test_killed_while_writing (void)
{
  g_autoptr (Fixture) place = fixture_new ();
  g_autoptr (MabeiDeviceKey) device = mabei_device_key_new ();
  g_autoptr (MabeiMailboxKeys) keys = mailbox_make (1);
  g_autoptr (GRand) random = g_rand_new_with_seed (9);
  g_autoptr (GArray) acknowledged = g_array_new (FALSE, TRUE, sizeof (guint64)); /* number by position - 1 */
  guint64 number = 0;
  guint64 total = 0;

  for (guint round = 0; round <= KILLS; round++) {
    Program hub;
    program_start (&hub, place, NULL, NULL);
    g_autoptr (Client) client = client_ready (hub.url, device, NULL);
    client_create (client, 0, keys);
    client_expect_ack (client, 0, 0);

    /* Everything that was acknowledged before is there, in an unbroken row. */
    guint64 position = 0;
    client_open (client, 1, keys, 0);
    for (;;) {
      g_autoptr (MabeiFrame) frame = client_next (client);
      if (frame->type == MABEI_FRAME_DONE)
        break;
      g_assert_cmpint (frame->type, ==, MABEI_FRAME_RECORD);
      g_assert_cmpuint (frame->position, ==, ++position);
      guint64 digest = g_bytes_hash (frame->data);
      if (position <= acknowledged->len) {
        guint64 known = g_array_index (acknowledged, guint64, position - 1);
        g_assert_true (known == 0 || known == digest);
      }
      MabeiFrame ack = {.type = MABEI_FRAME_ACK, .tag = frame->tag};
      client_send (client, &ack);
    }
    g_assert_cmpuint (position, >=, acknowledged->len);
    if (round == KILLS) {
      program_end (&hub, SIGTERM);
      break;
    }

    /* Write on, and die somewhere in the middle. */
    guint acks = g_rand_int_range (random, 0, 60);
    guint64 digests[200];
    for (guint i = 0; i < G_N_ELEMENTS (digests); i++) {
      g_autoptr (GBytes) envelope = envelope_make (100, ++number);
      digests[i] = g_bytes_hash (envelope);
      client_record (client, 1000 + i, keys, envelope);
    }
    while (acks > 0) {
      g_autoptr (MabeiFrame) frame = client_next (client);
      if (frame->type != MABEI_FRAME_ACK)
        continue;
      if (frame->position > acknowledged->len)
        g_array_set_size (acknowledged, (guint) frame->position);
      g_array_index (acknowledged, guint64, frame->position - 1) = digests[frame->tag - 1000];
      total++;
      acks--;
    }
    program_end (&hub, SIGKILL);
  }
  g_assert_cmpuint (total, >, KILLS);
  g_test_message ("%u kills, %u acknowledged records, none lost", KILLS, (guint) total);
}

/* A file that may not grow any more: writing is refused, reading goes on, and what was acknowledged stays. */
static void
test_full_disk (void)
{
  g_autoptr (Fixture) place = fixture_new ();
  g_autoptr (MabeiDeviceKey) device = mabei_device_key_new ();
  g_autoptr (MabeiMailboxKeys) keys = mailbox_make (1);
  const struct rlimit small = {256 * 1024, 256 * 1024};
  guint64 stored = 0;
  Program hub;

  program_start (&hub, place, NULL, NULL);
  pid_t pid = (pid_t) g_ascii_strtoll (g_subprocess_get_identifier (hub.process), NULL, 10);
  g_assert_cmpint (prlimit (pid, RLIMIT_FSIZE, &small, NULL), ==, 0);
  g_autoptr (Client) client = client_ready (hub.url, device, NULL);
  client_create (client, 0, keys);
  client_expect_ack (client, 0, 0);
  for (guint i = 1; i <= 20; i++) {
    g_autoptr (GBytes) envelope = envelope_make (60000, i);
    client_record (client, i, keys, envelope);
    g_autoptr (MabeiFrame) frame = client_next (client);
    g_assert_cmpuint (frame->tag, ==, i);
    if (frame->type == MABEI_FRAME_ACK)
      g_assert_cmpuint (frame->position, ==, ++stored);
    else
      g_assert_cmpint (frame->code, ==, MABEI_REFUSE_FULL);
  }
  g_assert_cmpuint (stored, >, 0);
  g_assert_cmpuint (stored, <, 20);
  client_open (client, 100, keys, 0);
  for (guint64 i = 1; i <= stored; i++) {
    g_autoptr (MabeiFrame) frame = client_expect (client, MABEI_FRAME_RECORD);
    g_assert_cmpuint (frame->position, ==, i);
  }
  mabei_frame_free (client_expect (client, MABEI_FRAME_DONE));
  program_end (&hub, SIGTERM);

  program_start (&hub, place, NULL, NULL);
  g_autoptr (Client) later = client_ready (hub.url, device, NULL);
  g_autoptr (GBytes) envelope = envelope_make (60000, 21);
  client_record (later, 1, keys, envelope);
  client_expect_ack (later, 1, stored + 1);
  program_end (&hub, SIGTERM);
}

/* --- what shows --- */

static void
expect_word_nowhere (Fixture *place, const char *word)
{
  g_autoptr (GDir) dir = g_dir_open (place->folder, 0, NULL);
  const char *name;
  guint files = 0;
  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (place->folder, name, NULL);
    g_autofree char *content = NULL;
    gsize length = 0;
    g_assert_true (g_file_get_contents (path, &content, &length, NULL));
    g_assert_null (memmem (content, length, word, strlen (word)));
    files++;
  }
  g_assert_cmpuint (files, >=, 3);
}

static void
test_planted_words_and_memory (void)
{
  static const char secret_word[] = "zhou-wu-yu-village-well";
  static const char live_word[] = "come-to-the-blue-room";
  g_autoptr (Fixture) place = fixture_new ();
  g_autoptr (MabeiMailboxKeys) keys = mailbox_make (1);
  g_autoptr (MabeiSecret) secret = mabei_secret_new_random (32);
  g_autoptr (GBytes) envelope =
      mabei_envelope_seal (secret, 0, mabei_mailbox_keys_id (keys), secret_word, sizeof secret_word);
  Program hub;

  program_start (&hub, place, NULL, NULL);
  g_autoptr (MabeiDeviceKey) first = mabei_device_key_new ();
  Client *clients[3];
  for (guint i = 0; i < 3; i++) {
    g_autoptr (MabeiDeviceKey) other = mabei_device_key_new ();
    clients[i] = client_ready (hub.url, i == 0 ? first : other, NULL);
    client_create (clients[i], 1, keys);
    client_expect_ack (clients[i], 1, 0);
    client_open (clients[i], 2, keys, 0);
    mabei_frame_free (client_expect (clients[i], MABEI_FRAME_DONE));
  }
  client_record (clients[0], 3, keys, envelope);
  client_live (clients[0], keys, live_word); /* here in the clear, to see that the hub keeps none of it */
  for (guint i = 1; i < 3; i++) {
    gboolean live = FALSE;
    while (!live) {
      g_autoptr (MabeiFrame) frame = client_next (clients[i]);
      live = frame->type == MABEI_FRAME_LIVE;
    }
  }
  g_autofree char *device_hex = mabei_hex_encode (mabei_device_key_public (first)->sign_key, 32);
  g_autofree char *mailbox_hex = mabei_short_id_to_hex (mabei_mailbox_keys_id (keys));
  expect_word_nowhere (place, secret_word);
  expect_word_nowhere (place, live_word);
  expect_word_nowhere (place, device_hex);
  expect_word_nowhere (place, mailbox_hex);
  expect_word_nowhere (place, "127.0.0.1");
  guint64 rss_kib = process_kib (&hub, "VmRSS:");
  g_test_message ("resident with 3 clients: %u KiB", (guint) rss_kib);
  g_assert_cmpuint (rss_kib, <=, 32 * 1024);
  for (guint i = 0; i < 3; i++)
    client_free (clients[i]);
  program_end (&hub, SIGTERM);
  expect_word_nowhere (place, secret_word);
  expect_word_nowhere (place, live_word);
}

static void
test_over_tls (void)
{
  g_autoptr (Fixture) place = fixture_new ();
  g_autofree char *cert = g_build_filename (place->folder, "cert.pem", NULL);
  g_autofree char *key = g_build_filename (place->folder, "key.pem", NULL);
  g_autofree char *openssl = g_find_program_in_path ("openssl");
  g_autoptr (MabeiMailboxKeys) keys = mailbox_make (1);
  g_autoptr (GBytes) envelope = envelope_make (60000, 1);
  g_autoptr (MabeiDeviceKey) device = mabei_device_key_new ();
  Program hub;

  if (openssl == NULL || !g_tls_backend_supports_tls (g_tls_backend_get_default ())) {
    g_test_skip ("no openssl, or no TLS in GIO");
    return;
  }
  const char *words[] = {openssl,  "req",           "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                         "-nodes", "-keyout",       key,     "-out",    cert, "-days",    "2",
                         "-subj",  "/CN=localhost", NULL};
  int status = 1;
  g_assert_true (g_spawn_sync (NULL, (char **) words, NULL, G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                               NULL, NULL, NULL, NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
  program_start (&hub, place, cert, key);
  g_assert_true (g_str_has_prefix (hub.url, "wss://"));
  {
    g_autoptr (Client) client = client_ready (hub.url, device, NULL);
    client_create (client, 1, keys);
    client_expect_ack (client, 1, 0);
    for (guint i = 0; i < 20; i++) {
      client_record (client, 2, keys, envelope);
      client_expect_ack (client, 2, 1);
    }
    client_open (client, 3, keys, 0);
    g_autoptr (MabeiFrame) frame = client_expect (client, MABEI_FRAME_RECORD);
    g_assert_true (g_bytes_equal (frame->data, envelope));
  }
  g_test_message ("resident with TLS: %u KiB", (guint) process_kib (&hub, "VmRSS:"));
  program_end (&hub, SIGTERM);
  /* The same files the wrong way round. */
  char *err = NULL;
  int code = run (NULL, &err, "check-config", "--store", place->store, "--tls-cert", key, "--tls-key", cert, NULL);
  expect_refused (err, code, "TLS");
}

int
main (int argc, char **argv)
{
  fixture_init (&argc, &argv);
  g_test_add_func ("/hub/program/usage", test_wrong_usage_is_one_line_and_2);
  g_test_add_func ("/hub/program/help", test_help_and_version);
  g_test_add_func ("/hub/program/refused", test_configurations_that_are_refused);
  g_test_add_func ("/hub/program/one-at-a-time", test_one_at_a_time_and_a_clean_end);
  g_test_add_func ("/hub/program/killed", test_killed_while_writing);
  g_test_add_func ("/hub/program/full-disk", test_full_disk);
  g_test_add_func ("/hub/program/planted-words", test_planted_words_and_memory);
  g_test_add_func ("/hub/program/tls", test_over_tls);
  return g_test_run ();
}
