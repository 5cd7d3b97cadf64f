#include "app/client/story.h"

#include <gio/gunixinputstream.h>
#include <string.h>
#include <unistd.h>

#include "app/ctl/batch.h"
#include "ui/shell/window.h"

struct _MabeiStory {
  GtkWidget *window;
  MabeiDesk *desk;
  MabeiBatch *batch;
  void (*ended) (gpointer);
  gpointer user_data;
};

static char *
first_case (MabeiStory *story)
{
  MabeiCase *c = mabei_desk_find_case (story->desk, NULL, NULL);
  return c != NULL ? mabei_id_to_hex (mabei_case_id (c)) : NULL;
}

static gboolean
do_window (MabeiStory *story, const char *verb, const char *word, GError **error)
{
  MabeiWindow *window = MABEI_WINDOW (story->window);
  if (strcmp (verb, "show") == 0) {
    g_autofree char *case_id = first_case (story);
    if (mabei_window_show (window, word, case_id))
      return TRUE;
    g_set_error (error, MABEI_DESK_ERROR, MABEI_CODE_NOT_FOUND, "there is no page %s to show now", word);
    return FALSE;
  }
  if (strcmp (verb, "screenshot") == 0)
    return mabei_window_screenshot (window, word, error);
  if (strcmp (verb, "press") == 0) {
    if (mabei_window_press (window, word))
      return TRUE;
    g_set_error (error, MABEI_DESK_ERROR, MABEI_CODE_NOT_FOUND, "nothing that can be pressed is called %s", word);
    return FALSE;
  }
  if (strcmp (verb, "type") == 0) {
    if (mabei_window_type (window, word))
      return TRUE;
    g_set_error_literal (error, MABEI_DESK_ERROR, MABEI_CODE_NOT_FOUND, "no document is open to type in");
    return FALSE;
  }
  g_set_error (error, MABEI_DESK_ERROR, MABEI_CODE_USAGE, "window show, screenshot, press or type, not %s", verb);
  return FALSE;
}

static gboolean
on_extra (MabeiBatch *batch, const char *const *words, gpointer user_data)
{
  MabeiStory *story = user_data;
  if (strcmp (words[0], "window") != 0)
    return FALSE;
  g_autoptr (GError) error = NULL;
  if (words[1] == NULL || words[2] == NULL)
    g_set_error_literal (&error, MABEI_DESK_ERROR, MABEI_CODE_USAGE, "window VERB WORD");
  else
    do_window (story, words[1], words[2], &error);
  GVariantBuilder dict;
  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  g_autoptr (GVariant) answer = g_variant_ref_sink (g_variant_builder_end (&dict));
  mabei_batch_answer (batch, answer, error);
  return TRUE;
}

static void
on_ended (gpointer user_data)
{
  MabeiStory *story = user_data;
  story->ended (story->user_data);
}

MabeiStory *
mabei_story_new (GtkWidget *window, MabeiDesk *desk, int fd, void (*ended) (gpointer user_data), gpointer user_data)
{
  MabeiStory *story = g_new0 (MabeiStory, 1);
  g_autoptr (GInputStream) in = g_unix_input_stream_new (fd, FALSE);
  story->window = window;
  story->desk = desk;
  story->ended = ended;
  story->user_data = user_data;
  story->batch = mabei_batch_new (desk, in, STDOUT_FILENO, on_extra, on_ended, story);
  return story;
}

void
mabei_story_free (MabeiStory *story)
{
  if (story == NULL)
    return;
  mabei_batch_free (story->batch);
  g_free (story);
}

void
mabei_story_event (MabeiStory *story, GVariant *event)
{
  mabei_batch_event (story->batch, event);
}
