#include "ui/session/minutes_pane.h"
#include <glib/gi18n-lib.h>
#include "ui/model/intent.h"
#include "ui/model/name.h"
#include "ui/model/words.h"
#include "ui/session/minutes_view.h"

struct _MabeiMinutesPane {
  GtkWidget parent_instance;
  GtkStack *stack;
  GtkWidget *start;
  GtkLabel *title;
  GtkImage *place_icon;
  GtkLabel *place;
  GtkWidget *undo;
  MabeiMinutesView *view;
  MabeiSnapshot *snapshot;
  gboolean focus_when_shown;
};

G_DEFINE_FINAL_TYPE (MabeiMinutesPane, mabei_minutes_pane, GTK_TYPE_WIDGET)

static void
on_start (MabeiMinutesPane *self)
{
  const char *const words[] = {"doc", "new", "--kind", "minutes", "--title", _ ("Mediation minutes"), NULL};

  mabei_intent_run (GTK_WIDGET (self), self->snapshot, words, NULL, NULL);
}

static void
on_undo (MabeiMinutesPane *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self->view), "minutes.undo", NULL);
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

static void
mabei_minutes_pane_dispose (GObject *object)
{
  MabeiMinutesPane *self = MABEI_MINUTES_PANE (object);

  g_clear_pointer ((GtkWidget **) &self->stack, gtk_widget_unparent);
  g_clear_pointer (&self->snapshot, mabei_snapshot_unref);
  G_OBJECT_CLASS (mabei_minutes_pane_parent_class)->dispose (object);
}

static void
mabei_minutes_pane_class_init (MabeiMinutesPaneClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = mabei_minutes_pane_dispose;
  g_type_ensure (MABEI_TYPE_MINUTES_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/mabei/ui/session/minutes_pane.ui");
  gtk_widget_class_bind_template_child (widget_class, MabeiMinutesPane, stack);
  gtk_widget_class_bind_template_child (widget_class, MabeiMinutesPane, start);
  gtk_widget_class_bind_template_child (widget_class, MabeiMinutesPane, title);
  gtk_widget_class_bind_template_child (widget_class, MabeiMinutesPane, place_icon);
  gtk_widget_class_bind_template_child (widget_class, MabeiMinutesPane, place);
  gtk_widget_class_bind_template_child (widget_class, MabeiMinutesPane, undo);
  gtk_widget_class_bind_template_child (widget_class, MabeiMinutesPane, view);
}

static void
on_map (MabeiMinutesPane *self)
{
  if (self->focus_when_shown)
    mabei_minutes_pane_focus (self);
}

static void
mabei_minutes_pane_init (MabeiMinutesPane *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (self, "map", G_CALLBACK (on_map), NULL);
  g_signal_connect_swapped (self->start, "clicked", G_CALLBACK (on_start), self);
  g_signal_connect_swapped (self->undo, "clicked", G_CALLBACK (on_undo), self);
  mabei_name_set (self->undo, _ ("Undo my last change"));
}

GtkWidget *
mabei_minutes_pane_new (void)
{
  return g_object_new (MABEI_TYPE_MINUTES_PANE, NULL);
}

/* The newest minutes of the joint record: a case may have those of several days. */
static const MabeiViewDocument *
newest_minutes (const MabeiViewCase *view)
{
  for (guint i = view->documents->len; i > 0; i--) {
    const MabeiViewDocument *document = view->documents->pdata[i - 1];

    if (g_strcmp0 (document->kind, "minutes") == 0)
      return document;
  }
  return NULL;
}

void
mabei_minutes_pane_show (MabeiMinutesPane *pane, MabeiSnapshot *snapshot)
{
  const MabeiViewDocument *document = newest_minutes (snapshot->view);

  mabei_snapshot_set (&pane->snapshot, snapshot);
  mabei_minutes_view_open (pane->view, snapshot->port, snapshot->view->id, document != NULL ? document->id : NULL);
  gtk_stack_set_visible_child_name (pane->stack, document != NULL ? "text" : "none");
  if (document == NULL)
    return;
  gtk_label_set_text (pane->title, document->title != NULL && *document->title != '\0'
                                       ? document->title
                                       : mabei_words_document (document->kind));
  gtk_image_set_from_icon_name (pane->place_icon, mabei_words_place_icon (document->place));
  gtk_label_set_text (pane->place, mabei_words_place (document->place));
}

void
mabei_minutes_pane_close (MabeiMinutesPane *pane)
{
  mabei_minutes_view_open (pane->view, NULL, NULL, NULL);
}

gboolean
mabei_minutes_pane_type (MabeiMinutesPane *pane, const char *text)
{
  if (!gtk_text_view_get_editable (GTK_TEXT_VIEW (pane->view)))
    return FALSE;
  mabei_minutes_view_type (pane->view, text);
  return TRUE;
}

void
mabei_minutes_pane_focus (MabeiMinutesPane *pane)
{
  /* A sheet that slides in takes no focus before it is there. */
  pane->focus_when_shown = !gtk_widget_get_mapped (GTK_WIDGET (pane));
  if (g_strcmp0 (gtk_stack_get_visible_child_name (pane->stack), "text") == 0)
    gtk_widget_grab_focus (GTK_WIDGET (pane->view));
  else
    gtk_widget_grab_focus (pane->start);
}

GtkTextView *
mabei_minutes_pane_get_text_view (MabeiMinutesPane *pane)
{
  return GTK_TEXT_VIEW (pane->view);
}
