#include "ui/session/minutes_view.h"
#include <glib/gi18n-lib.h>
#include "ui/model/intent.h"
#include "ui/model/name.h"
#include "ui/session/edit.h"

/* A composition left open must not hold back the work of the others for ever. */
enum { WAITING_MAX = 256 };

struct _MabeiMinutesView {
  GtkTextView parent_instance;
  MabeiPort *port; /* NULL: no document */
  char *case_id;
  char *document;
  guint handle;
  gboolean applying;  /* the buffer changes because of a patch */
  gboolean composing; /* the input method shows unfinished text */
  GPtrArray *waiting; /* MabeiEdit: patches that the buffer does not have yet */
  guint flush;        /* idle source */
};

G_DEFINE_FINAL_TYPE (MabeiMinutesView, mabei_minutes_view, GTK_TYPE_TEXT_VIEW)

static GtkTextBuffer *
buffer_of (MabeiMinutesView *self)
{
  return gtk_text_view_get_buffer (GTK_TEXT_VIEW (self));
}

static guint
mark_offset (GtkTextBuffer *buffer, GtkTextMark *mark)
{
  GtkTextIter iter;

  gtk_text_buffer_get_iter_at_mark (buffer, &iter, mark);
  return (guint) gtk_text_iter_get_offset (&iter);
}

static void
change_buffer (MabeiMinutesView *self, const MabeiEdit *edit)
{
  GtkTextBuffer *buffer = buffer_of (self);
  GtkTextIter start, end;

  self->applying = TRUE;
  gtk_text_buffer_get_iter_at_offset (buffer, &start, (int) edit->position);
  if (edit->inserted != NULL) {
    gtk_text_buffer_insert (buffer, &start, edit->inserted, -1);
  } else {
    gtk_text_buffer_get_iter_at_offset (buffer, &end, (int) (edit->position + edit->removed));
    gtk_text_buffer_delete (buffer, &start, &end);
  }
  self->applying = FALSE;
}

/* The marks of a GtkTextBuffer are pushed by text that arrives right at them; a person expects the caret to stay in
 * front of it, and a selection to keep exactly its characters. */
static void
apply_patch (MabeiMinutesView *self, const MabeiEdit *edit)
{
  GtkTextBuffer *buffer = buffer_of (self);
  GtkTextMark *insert = gtk_text_buffer_get_insert (buffer);
  GtkTextMark *bound = gtk_text_buffer_get_selection_bound (buffer);
  guint caret = mark_offset (buffer, insert), other = mark_offset (buffer, bound);
  guint wanted_caret = mabei_edit_map (edit, caret, caret < other);
  guint wanted_other = mabei_edit_map (edit, other, other < caret);

  change_buffer (self, edit);
  if (mark_offset (buffer, insert) != wanted_caret || mark_offset (buffer, bound) != wanted_other) {
    GtkTextIter caret_iter, other_iter;

    gtk_text_buffer_get_iter_at_offset (buffer, &caret_iter, (int) wanted_caret);
    gtk_text_buffer_get_iter_at_offset (buffer, &other_iter, (int) wanted_other);
    gtk_text_buffer_select_range (buffer, &caret_iter, &other_iter);
  }
}

static void
apply_waiting (MabeiMinutesView *self)
{
  g_autoptr (GPtrArray) waiting = g_steal_pointer (&self->waiting);

  self->waiting = mabei_edits_new ();
  for (guint i = 0; i < waiting->len; i++)
    apply_patch (self, waiting->pdata[i]);
}

static gboolean
on_flush (gpointer data)
{
  MabeiMinutesView *self = data;

  self->flush = 0;
  if (!self->composing)
    apply_waiting (self);
  return G_SOURCE_REMOVE;
}

static void
take_patch (MabeiMinutesView *self, MabeiEdit *edit)
{
  guint caret = mark_offset (buffer_of (self), gtk_text_buffer_get_insert (buffer_of (self)));

  /* Later patches count from the text that includes the earlier ones: once one waits, all wait. */
  if (self->waiting->len > 0 || (self->composing && mabei_edit_touches (edit, caret))) {
    g_ptr_array_add (self->waiting, edit);
    if (self->waiting->len > WAITING_MAX)
      apply_waiting (self);
    return;
  }
  apply_patch (self, edit);
  mabei_edit_free (edit);
}

static void
on_patch (guint position, guint removed, const char *inserted, gpointer user_data)
{
  MabeiMinutesView *self = user_data;

  if (removed > 0)
    take_patch (self, mabei_edit_new_remove (position, removed));
  if (inserted != NULL && *inserted != '\0')
    take_patch (self, mabei_edit_new_insert (position, inserted));
}

static void
on_preedit_changed (GtkTextView *view, const char *preedit)
{
  MabeiMinutesView *self = MABEI_MINUTES_VIEW (view);

  self->composing = preedit != NULL && *preedit != '\0';
  /* Not at once: some input methods end the preedit before they commit, and moving the caret in between loses the
   * characters. */
  if (!self->composing && self->waiting->len > 0 && self->flush == 0)
    self->flush = g_idle_add_full (G_PRIORITY_HIGH_IDLE, on_flush, self, NULL);
}

/* Sends one local change to the document, past the patches that the buffer does not show yet. */
static gboolean
send_edit (MabeiMinutesView *self, MabeiEdit *edit)
{
  g_autoptr (GPtrArray) here = mabei_edits_new ();
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (here, edit);
  mabei_edits_cross (here, self->waiting);
  for (guint i = 0; i < here->len; i++) {
    const MabeiEdit *part = here->pdata[i];

    if (part->inserted == NULL && part->removed == 0)
      continue;
    if (!self->port->text_edit (self->port, self->handle, part->position, part->removed,
                                part->inserted != NULL ? part->inserted : "", &error)) {
      mabei_intent_report (GTK_WIDGET (self), error != NULL ? error->message : _ ("This could not be saved."));
      return FALSE;
    }
  }
  return TRUE;
}

static void
on_insert_text (MabeiMinutesView *self, GtkTextIter *at, const char *text, int length, GtkTextBuffer *buffer)
{
  g_autofree char *inserted = NULL;

  if (self->applying || self->port == NULL)
    return;
  inserted = length < 0 ? g_strdup (text) : g_strndup (text, (gsize) length);
  if (*inserted != '\0' && !send_edit (self, mabei_edit_new_insert ((guint) gtk_text_iter_get_offset (at), inserted)))
    g_signal_stop_emission_by_name (buffer, "insert-text");
}

static void
on_delete_range (MabeiMinutesView *self, GtkTextIter *start, GtkTextIter *end, GtkTextBuffer *buffer)
{
  guint from = (guint) MIN (gtk_text_iter_get_offset (start), gtk_text_iter_get_offset (end));
  guint to = (guint) MAX (gtk_text_iter_get_offset (start), gtk_text_iter_get_offset (end));

  if (self->applying || self->port == NULL || from == to)
    return;
  if (!send_edit (self, mabei_edit_new_remove (from, to - from)))
    g_signal_stop_emission_by_name (buffer, "delete-range");
}

static void
undo (GtkWidget *widget, const char *action, GVariant *parameter)
{
  MabeiMinutesView *self = MABEI_MINUTES_VIEW (widget);
  g_autoptr (GError) error = NULL;

  if (self->port == NULL || self->composing)
    return;
  if (!self->port->text_undo (self->port, self->handle, &error))
    mabei_intent_report (widget, error != NULL ? error->message : _ ("There is nothing of yours to undo."));
}

static void
close_document (MabeiMinutesView *self)
{
  if (self->port != NULL)
    self->port->text_close (self->port, self->handle);
  self->port = NULL;
  g_clear_handle_id (&self->flush, g_source_remove);
  g_clear_pointer (&self->case_id, g_free);
  g_clear_pointer (&self->document, g_free);
  g_ptr_array_set_size (self->waiting, 0);
}

static void
mabei_minutes_view_dispose (GObject *object)
{
  MabeiMinutesView *self = MABEI_MINUTES_VIEW (object);

  if (self->waiting != NULL)
    close_document (self);
  g_clear_pointer (&self->waiting, g_ptr_array_unref);
  G_OBJECT_CLASS (mabei_minutes_view_parent_class)->dispose (object);
}

static void
mabei_minutes_view_class_init (MabeiMinutesViewClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = mabei_minutes_view_dispose;
  gtk_widget_class_install_action (widget_class, "minutes.undo", NULL, undo);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_z, GDK_CONTROL_MASK, "minutes.undo", NULL);
}

static void
mabei_minutes_view_init (MabeiMinutesView *self)
{
  GtkTextBuffer *buffer = buffer_of (self);

  self->waiting = mabei_edits_new ();
  gtk_text_buffer_set_enable_undo (buffer, FALSE);
  g_signal_connect_object (buffer, "insert-text", G_CALLBACK (on_insert_text), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (buffer, "delete-range", G_CALLBACK (on_delete_range), self, G_CONNECT_SWAPPED);
  g_signal_connect (self, "preedit-changed", G_CALLBACK (on_preedit_changed), NULL);
  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (self), GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (self), FALSE); /* Tab leaves the text: no keyboard trap */
  mabei_name_set (GTK_WIDGET (self), _ ("Mediation minutes"));
}

GtkWidget *
mabei_minutes_view_new (void)
{
  return g_object_new (MABEI_TYPE_MINUTES_VIEW, NULL);
}

void
mabei_minutes_view_open (MabeiMinutesView *view, MabeiPort *port, const char *case_id, const char *document)
{
  g_autofree char *text = NULL;

  if (view->port == port && g_strcmp0 (view->case_id, case_id) == 0 && g_strcmp0 (view->document, document) == 0)
    return;
  close_document (view);
  view->composing = FALSE;
  if (port != NULL && document != NULL)
    text = port->text_open (port, case_id, document, on_patch, view, &view->handle);
  view->applying = TRUE;
  gtk_text_buffer_set_text (buffer_of (view), text != NULL ? text : "", -1);
  view->applying = FALSE;
  gtk_text_view_set_editable (GTK_TEXT_VIEW (view), text != NULL);
  if (text == NULL)
    return;
  view->port = port;
  view->case_id = g_strdup (case_id);
  view->document = g_strdup (document);
}

void
mabei_minutes_view_type (MabeiMinutesView *view, const char *text)
{
  gtk_text_buffer_insert_interactive_at_cursor (buffer_of (view), text, -1, TRUE);
}

guint
mabei_minutes_view_get_waiting (MabeiMinutesView *view)
{
  return view->waiting->len;
}
