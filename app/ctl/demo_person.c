#include "app/ctl/demo_person.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/desk/code.h"

#define ANSWER_MS 60000
#define END_MS 5000

struct _MabeiDemoPerson {
  char *name;
  GPid pid;
  int in_fd;  /* we write */
  int out_fd; /* we read */
  GString *buffer;
  gboolean ended;
};

static void
in_child (G_GNUC_UNUSED gpointer user_data)
{
  /* Ctrl-C reaches the demo first; it ends its people in order. */
  setpgid (0, 0);
}

MabeiDemoPerson *
mabei_demo_person_new (const char *name, const char *const *argv, const char *const *environment, GError **error)
{
  MabeiDemoPerson *person = g_new0 (MabeiDemoPerson, 1);
  person->name = g_strdup (name);
  person->buffer = g_string_new (NULL);
  person->in_fd = person->out_fd = -1;
  if (g_spawn_async_with_pipes (NULL, (char **) argv, (char **) environment,
                                G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH, in_child, NULL, &person->pid,
                                &person->in_fd, &person->out_fd, NULL, error))
    return person;
  person->ended = TRUE;
  mabei_demo_person_free (person);
  return NULL;
}

static gboolean
wait_end (MabeiDemoPerson *person, guint limit_ms)
{
  for (guint waited = 0; waited < limit_ms; waited += 20) {
    if (waitpid (person->pid, NULL, WNOHANG) != 0)
      return TRUE;
    g_usleep (20000);
  }
  return FALSE;
}

void
mabei_demo_person_free (MabeiDemoPerson *person)
{
  if (person == NULL)
    return;
  if (person->in_fd >= 0)
    close (person->in_fd);
  if (!person->ended && !wait_end (person, END_MS)) {
    kill (person->pid, SIGTERM);
    if (!wait_end (person, END_MS)) {
      kill (person->pid, SIGKILL);
      waitpid (person->pid, NULL, 0);
    }
  }
  if (person->out_fd >= 0)
    close (person->out_fd);
  g_string_free (person->buffer, TRUE);
  g_free (person->name);
  g_free (person);
}

const char *
mabei_demo_person_name (MabeiDemoPerson *person)
{
  return person->name;
}

gboolean
mabei_demo_person_is_alive (MabeiDemoPerson *person)
{
  if (!person->ended && waitpid (person->pid, NULL, WNOHANG) != 0)
    person->ended = TRUE;
  return !person->ended;
}

void
mabei_demo_person_usage (MabeiDemoPerson *person, guint64 *rss_kib, double *cpu_s)
{
  g_autofree char *statm_path = g_strdup_printf ("/proc/%d/statm", (int) person->pid);
  g_autofree char *stat_path = g_strdup_printf ("/proc/%d/stat", (int) person->pid);
  g_autofree char *statm = NULL, *stat = NULL;
  unsigned long pages = 0, user = 0, kernel = 0;
  *rss_kib = 0;
  *cpu_s = 0;
  if (g_file_get_contents (statm_path, &statm, NULL, NULL) && sscanf (statm, "%*u %lu", &pages) == 1)
    *rss_kib = (guint64) pages * (guint64) sysconf (_SC_PAGESIZE) / 1024;
  if (g_file_get_contents (stat_path, &stat, NULL, NULL)) {
    const char *after = strrchr (stat, ')');
    if (after != NULL &&
        sscanf (after + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel) == 2)
      *cpu_s = (double) (user + kernel) / (double) sysconf (_SC_CLK_TCK);
  }
}

/* One line from the child, without its end; NULL when it ended or @deadline passed. (transfer full) */
static char *
read_line (MabeiDemoPerson *person, gint64 deadline_us)
{
  for (;;) {
    char *newline = strchr (person->buffer->str, '\n');
    if (newline != NULL) {
      gsize length = (gsize) (newline - person->buffer->str);
      char *line = g_strndup (person->buffer->str, length);
      g_string_erase (person->buffer, 0, (gssize) length + 1);
      return line;
    }
    gint64 left_ms = (deadline_us - g_get_monotonic_time ()) / 1000;
    struct pollfd fd = {.fd = person->out_fd, .events = POLLIN};
    if (left_ms <= 0 || poll (&fd, 1, (int) left_ms) <= 0)
      return NULL;
    char chunk[4096];
    gssize got = read (person->out_fd, chunk, sizeof chunk);
    if (got <= 0)
      return NULL;
    g_string_append_len (person->buffer, chunk, got);
  }
}

static gboolean
write_words (MabeiDemoPerson *person, const char *first, va_list words)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_array (builder);
  for (const char *word = first; word != NULL; word = va_arg (words, const char *))
    json_builder_add_string_value (builder, word);
  json_builder_end_array (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = json_to_string (root, FALSE);
  GString *line = g_string_new (text);
  g_string_append_c (line, '\n');
  gsize done = 0;
  while (done < line->len) {
    gssize wrote = write (person->in_fd, line->str + done, line->len - done);
    if (wrote <= 0)
      break;
    done += (gsize) wrote;
  }
  gboolean all = done == line->len;
  g_string_free (line, TRUE);
  return all;
}

static JsonObject *
take_answer (MabeiDemoPerson *person, const char *line, const char *command, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  if (!json_parser_load_from_data (parser, line, -1, NULL) || !JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser))) {
    g_set_error (error, MABEI_DESK_ERROR, MABEI_CODE_FORMAT, "%s answered %s with %.80s", person->name, command, line);
    return NULL;
  }
  JsonObject *object = json_node_get_object (json_parser_get_root (parser));
  if (json_object_has_member (object, "error")) {
    JsonObject *fault = json_object_get_object_member (object, "error");
    g_set_error (error, MABEI_DESK_ERROR, MABEI_CODE_NOT_ALLOWED, "%s: %s is refused: %s (%s)", person->name, command,
                 json_object_get_string_member (fault, "message"), json_object_get_string_member (fault, "code"));
    return NULL;
  }
  return json_object_ref (object);
}

JsonObject *
mabei_demo_person_say (MabeiDemoPerson *person, GError **error, const char *first, ...)
{
  va_list words;
  va_start (words, first);
  const char *second = NULL;
  va_list look;
  va_copy (look, words);
  second = va_arg (look, const char *);
  va_end (look);
  g_autofree char *command = g_strjoin (" ", first, second, NULL);
  gboolean written = write_words (person, first, words);
  va_end (words);
  if (!written) {
    g_set_error (error, MABEI_DESK_ERROR, MABEI_CODE_NO_PEER, "%s's program has ended", person->name);
    return NULL;
  }
  gint64 deadline_us = g_get_monotonic_time () + (gint64) ANSWER_MS * 1000;
  for (;;) {
    g_autofree char *line = read_line (person, deadline_us);
    if (line == NULL) {
      g_set_error (error, MABEI_DESK_ERROR, MABEI_CODE_NO_PEER, "%s did not answer %s", person->name, command);
      return NULL;
    }
    if (line[0] == '{' && strstr (line, "\"event\"") == NULL)
      return take_answer (person, line, command, error);
    /* Events may mention anything: only a top-level "event" member makes one. */
    g_autoptr (JsonParser) parser = json_parser_new ();
    if (line[0] == '{' && json_parser_load_from_data (parser, line, -1, NULL) &&
        !json_object_has_member (json_node_get_object (json_parser_get_root (parser)), "event"))
      return take_answer (person, line, command, error);
  }
}

JsonObject *
mabei_demo_person_hear (MabeiDemoPerson *person, GError **error)
{
  g_autofree char *line = read_line (person, g_get_monotonic_time () + (gint64) ANSWER_MS * 1000);
  if (line == NULL) {
    g_set_error (error, MABEI_DESK_ERROR, MABEI_CODE_NO_PEER, "%s did not start", person->name);
    return NULL;
  }
  return take_answer (person, line, "its start", error);
}

void
mabei_demo_person_stop (MabeiDemoPerson *person)
{
  if (!person->ended)
    kill (person->pid, SIGTERM);
}
