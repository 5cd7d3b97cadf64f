#include "tests/ui/story.h"
#include <gio/gunixinputstream.h>
#include <stdio.h>
#include <stdlib.h>
#include "ui/ports/dummy.h"
#include "ui/session/minutes_view.h"
#include "ui/shell/window_private.h"

struct _MabeiStory {
  MabeiWindow *window; /* weak */
  MabeiPort *dummy;
  GDataInputStream *input;
  GCancellable *cancellable;
};

static void read_next (MabeiStory *story);

static gboolean
resume (gpointer data)
{
  read_next (data);
  return G_SOURCE_REMOVE;
}

static void
answer (const char *word)
{
  printf ("%s\n", word);
  fflush (stdout);
}

static MabeiMinutesView *
minutes_view (MabeiStory *story)
{
  return MABEI_MINUTES_VIEW (mabei_minutes_pane_get_text_view (mabei_case_page_get_minutes (story->window->page)));
}

static void
say_caret (MabeiStory *story, const char *wanted)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (minutes_view (story)));
  GtkTextIter caret, bound;

  if (*wanted != '\0') {
    gtk_text_buffer_get_iter_at_offset (buffer, &caret, atoi (wanted));
    gtk_text_buffer_place_cursor (buffer, &caret);
  }
  gtk_text_buffer_get_iter_at_mark (buffer, &caret, gtk_text_buffer_get_insert (buffer));
  gtk_text_buffer_get_iter_at_mark (buffer, &bound, gtk_text_buffer_get_selection_bound (buffer));
  printf ("%d %d\n", gtk_text_iter_get_offset (&caret), gtk_text_iter_get_offset (&bound));
  fflush (stdout);
}

static void
say_text (MabeiStory *story)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (minutes_view (story)));
  g_autofree char *document = mabei_dummy_text (story->dummy);
  g_autofree char *shown = NULL;
  g_autofree char *line = NULL;
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  shown = gtk_text_buffer_get_text (buffer, &start, &end, TRUE);
  line = g_strescape (shown, document); /* CJK as it is */
  printf ("%s %s\n", g_strcmp0 (shown, document) == 0 ? "same" : "different", shown);
  fflush (stdout);
}

static void
remote (MabeiStory *story, char *rest)
{
  guint position = (guint) strtoul (rest, &rest, 10);
  guint removed = (guint) strtoul (rest, &rest, 10);

  mabei_dummy_remote_edit (story->dummy, position, removed, *rest == ' ' ? rest + 1 : "");
  answer ("ok");
}

static gboolean
run_line (MabeiStory *story, const char *verb, char *rest)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) parts = g_strsplit (rest, " ", 2);

  if (g_str_equal (verb, "show"))
    return mabei_window_show (story->window, parts[0], parts[0] != NULL ? parts[1] : NULL);
  if (g_str_equal (verb, "scene"))
    return mabei_dummy_scene (story->dummy, rest);
  if (g_str_equal (verb, "press"))
    return mabei_window_press (story->window, rest);
  if (g_str_equal (verb, "select"))
    return mabei_window_select (story->window, rest);
  if (g_str_equal (verb, "type"))
    return mabei_window_type (story->window, rest);
  if (g_str_equal (verb, "port")) {
    mabei_window_set_port (story->window, story->dummy);
    return TRUE;
  }
  if (g_str_equal (verb, "focus-minutes"))
    return gtk_widget_grab_focus (GTK_WIDGET (minutes_view (story)));
  if (g_str_equal (verb, "fill")) {
    g_auto (GStrv) pair = g_strsplit (rest, "=", 2);

    return pair[0] != NULL && pair[1] != NULL && mabei_window_fill (story->window, pair[0], pair[1]);
  }
  if (g_str_equal (verb, "shot")) {
    gboolean ok = mabei_window_screenshot (story->window, rest, &error);

    if (!ok)
      g_printerr ("%s\n", error->message);
    return ok;
  }
  return FALSE;
}

/* TRUE: the next line is read by somebody else, or never. */
static gboolean
run_query (MabeiStory *story, const char *verb, char *rest)
{
  if (g_str_equal (verb, "wait")) {
    g_timeout_add ((guint) atoi (rest), resume, story);
    answer ("ok");
    return TRUE;
  }
  if (g_str_equal (verb, "quit")) {
    gtk_window_destroy (GTK_WINDOW (story->window));
    return TRUE;
  }
  return FALSE;
}

static gboolean
run_say (MabeiStory *story, const char *verb, char *rest)
{
  if (g_str_equal (verb, "remote"))
    remote (story, rest);
  else if (g_str_equal (verb, "text"))
    say_text (story);
  else if (g_str_equal (verb, "caret"))
    say_caret (story, rest);
  else if (g_str_equal (verb, "chars"))
    printf ("%d\n", gtk_text_buffer_get_char_count (gtk_text_view_get_buffer (GTK_TEXT_VIEW (minutes_view (story))))),
        fflush (stdout);
  else if (g_str_equal (verb, "last"))
    answer (mabei_dummy_last_command (story->dummy));
  else if (g_str_equal (verb, "waiting"))
    printf ("%u\n", mabei_minutes_view_get_waiting (minutes_view (story))), fflush (stdout);
  else if (g_str_equal (verb, "size"))
    printf ("%d %d\n", gtk_widget_get_width (GTK_WIDGET (story->window)),
            gtk_widget_get_height (GTK_WIDGET (story->window))),
        fflush (stdout);
  else
    return FALSE;
  return TRUE;
}

static void
on_line (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *line =
      g_data_input_stream_read_line_finish_utf8 (G_DATA_INPUT_STREAM (source), result, NULL, &error);
  MabeiStory *story = user_data;
  char *rest;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (line == NULL) {
    gtk_window_destroy (GTK_WINDOW (story->window));
    return;
  }
  rest = strchr (line, ' ');
  if (rest != NULL)
    *rest++ = '\0';
  else
    rest = line + strlen (line);
  if (run_query (story, line, rest))
    return;
  if (!run_say (story, line, rest))
    answer (run_line (story, line, rest) ? "ok" : "no");
  read_next (story);
}

static void
read_next (MabeiStory *story)
{
  g_data_input_stream_read_line_async (story->input, G_PRIORITY_DEFAULT, story->cancellable, on_line, story);
}

MabeiStory *
mabei_story_new (MabeiWindow *window, MabeiPort *dummy, int fd)
{
  MabeiStory *story = g_new0 (MabeiStory, 1);
  g_autoptr (GInputStream) stream = g_unix_input_stream_new (fd, FALSE);

  story->window = window;
  story->dummy = dummy;
  story->input = g_data_input_stream_new (stream);
  story->cancellable = g_cancellable_new ();
  read_next (story);
  return story;
}

void
mabei_story_free (MabeiStory *story)
{
  g_cancellable_cancel (story->cancellable);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_clear_object (&story->cancellable);
  g_clear_object (&story->input);
  g_free (story);
}
