#include "ui/cases/overview_page.h"
#include <glib/gi18n-lib.h>
#include "ui/cases/conflict_card.h"
#include "ui/cases/event_row.h"
#include "ui/cases/field_row.h"
#include "ui/cases/step_card.h"
#include "ui/model/intent.h"
#include "ui/model/name.h"
#include "ui/model/rows.h"

/* Enough for a year of a case; older events are in the record. */
enum { EVENTS_MAX = 200 };

struct _MabeiOverviewPage {
  GtkWidget parent_instance;
  GtkWidget *scroll;
  MabeiStepCard *step;
  GtkWidget *conflicts;
  GtkWidget *fields_group;
  GtkWidget *fields;
  AdwEntryRow *amount;
  GtkWidget *events;
  MabeiSnapshot *snapshot;
};

G_DEFINE_FINAL_TYPE (MabeiOverviewPage, mabei_overview_page, GTK_TYPE_WIDGET)

static void
on_amount_kept (GtkWidget *widget, GVariant *reply)
{
  gtk_editable_set_text (GTK_EDITABLE (MABEI_OVERVIEW_PAGE (widget)->amount), "");
}

static void
on_amount (MabeiOverviewPage *self)
{
  g_autofree char *amount = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->amount))));
  const char *const words[] = {"case", "set", "amount", amount, NULL};

  if (*amount != '\0')
    mabei_intent_run (GTK_WIDGET (self), self->snapshot, words, on_amount_kept, NULL);
}

static void
mabei_overview_page_dispose (GObject *object)
{
  MabeiOverviewPage *self = MABEI_OVERVIEW_PAGE (object);

  g_clear_pointer (&self->scroll, gtk_widget_unparent);
  g_clear_pointer (&self->snapshot, mabei_snapshot_unref);
  G_OBJECT_CLASS (mabei_overview_page_parent_class)->dispose (object);
}

static void
mabei_overview_page_class_init (MabeiOverviewPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = mabei_overview_page_dispose;
  g_type_ensure (MABEI_TYPE_STEP_CARD);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/mabei/ui/cases/overview_page.ui");
  gtk_widget_class_bind_template_child (widget_class, MabeiOverviewPage, scroll);
  gtk_widget_class_bind_template_child (widget_class, MabeiOverviewPage, step);
  gtk_widget_class_bind_template_child (widget_class, MabeiOverviewPage, conflicts);
  gtk_widget_class_bind_template_child (widget_class, MabeiOverviewPage, fields_group);
  gtk_widget_class_bind_template_child (widget_class, MabeiOverviewPage, fields);
  gtk_widget_class_bind_template_child (widget_class, MabeiOverviewPage, amount);
  gtk_widget_class_bind_template_child (widget_class, MabeiOverviewPage, events);
}

static void
mabei_overview_page_init (MabeiOverviewPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  mabei_name_entry_row (GTK_WIDGET (self->amount));
  g_signal_connect_swapped (self->amount, "apply", G_CALLBACK (on_amount), self);
}

/* Newest first: what a person looks for is what changed last. */
static GPtrArray *
newest_events (const MabeiViewCase *view)
{
  GPtrArray *events = g_ptr_array_new ();

  for (guint i = view->events->len; i > 0 && events->len < EVENTS_MAX; i--)
    g_ptr_array_add (events, view->events->pdata[i - 1]);
  return events;
}

void
mabei_overview_page_show (MabeiOverviewPage *page, MabeiSnapshot *snapshot)
{
  g_autoptr (GPtrArray) events = newest_events (snapshot->view);

  mabei_snapshot_set (&page->snapshot, snapshot);
  mabei_step_card_show (page->step, snapshot);
  mabei_rows_show (page->conflicts, snapshot->view->conflicts, mabei_conflict_card_new, mabei_conflict_card_show,
                   snapshot);
  gtk_widget_set_visible (page->conflicts, snapshot->view->conflicts->len > 0);
  gtk_widget_queue_resize (page->conflicts);
  mabei_rows_show (page->fields, snapshot->view->fields, mabei_field_row_new, mabei_field_row_show, NULL);
  gtk_widget_set_visible (page->fields, snapshot->view->fields->len > 0);
  mabei_rows_show (page->events, events, mabei_event_row_new, mabei_event_row_show, NULL);
}

void
mabei_overview_page_show_top (MabeiOverviewPage *page)
{
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (page->scroll)), 0);
}

gboolean
mabei_overview_page_show_conflict (MabeiOverviewPage *page)
{
  GtkWidget *card = gtk_widget_get_first_child (page->conflicts);

  if (card == NULL)
    return FALSE;
  gtk_widget_child_focus (card, GTK_DIR_TAB_FORWARD);
  return TRUE;
}
