#include "ui/shell/window.h"
#include <glib/gi18n-lib.h>
#include "ui/people/admit_page.h"
#include "ui/people/join_page.h"
#include "ui/shell/adaptive.h"
#include "ui/shell/window_private.h"

G_DEFINE_FINAL_TYPE (MabeiWindow, mabei_window, ADW_TYPE_APPLICATION_WINDOW)

static MabeiViewCase *
find_case (const GPtrArray *cases, const char *case_id)
{
  for (guint i = 0; i < cases->len; i++) {
    MabeiViewCase *view = cases->pdata[i];

    if (g_strcmp0 (view->id, case_id) == 0)
      return view;
  }
  return NULL;
}

static void
show_in_dialog (MabeiWindow *self)
{
  GtkWidget *content = mabei_dialog_host_get_content (self->dialogs);

  if (content != NULL && MABEI_IS_JOIN_PAGE (content))
    mabei_join_page_show (MABEI_JOIN_PAGE (content), self->snapshot);
  else if (content != NULL && MABEI_IS_ADMIT_PAGE (content))
    mabei_admit_page_show (MABEI_ADMIT_PAGE (content), self->snapshot);
}

static void
show_offline_state (MabeiWindow *self)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), "offline");

  g_simple_action_set_state (G_SIMPLE_ACTION (action), g_variant_new_boolean (self->snapshot->sync->offline_switch));
}

void
mabei_window_refresh (MabeiWindow *self)
{
  g_autoptr (GPtrArray) cases = NULL;
  g_autoptr (MabeiSnapshot) snapshot = NULL;

  g_clear_handle_id (&self->refresh, g_source_remove);
  self->dirty = 0;
  if (self->port == NULL)
    return;
  cases = self->port->cases (self->port);
  snapshot = mabei_snapshot_take (self->port, find_case (cases, self->case_id));
  mabei_snapshot_set (&self->snapshot, snapshot);
  mabei_cases_page_show (self->cases, cases);
  mabei_cases_page_select (self->cases, mabei_snapshot_case_id (snapshot));
  mabei_case_page_show (self->page, snapshot);
  show_offline_state (self);
  show_in_dialog (self);
  gtk_window_set_title (GTK_WINDOW (self), snapshot->view != NULL ? snapshot->view->title : _ ("Mabei"));
}

static gboolean
on_refresh (gpointer data)
{
  MabeiWindow *self = data;

  self->refresh = 0;
  mabei_window_refresh (self);
  return G_SOURCE_REMOVE;
}

/* Many notices come together; the screen follows once. Before the painting: moving pictures would leave an ordinary
 * idle source no time. */
static void
on_changed (MabeiPort *port, MabeiChanged what, gpointer user_data)
{
  MabeiWindow *self = user_data;

  self->dirty |= what;
  if (self->refresh == 0)
    self->refresh = g_idle_add_full (G_PRIORITY_HIGH_IDLE, on_refresh, self, NULL);
}

gboolean
mabei_window_choose (MabeiWindow *self, const char *case_id)
{
  g_autofree char *wanted = g_strdup (case_id);

  g_free (self->case_id);
  self->case_id = g_steal_pointer (&wanted);
  mabei_window_refresh (self);
  mabei_panes_show_content (self->panes, self->snapshot != NULL && self->snapshot->view != NULL);
  return self->snapshot != NULL && self->snapshot->view != NULL;
}

static void
on_chosen (MabeiWindow *self, const char *case_id)
{
  mabei_window_choose (self, case_id);
}

static void
on_fold (MabeiWindow *self)
{
  gboolean folded = mabei_panes_is_folded (self->panes);

  mabei_cases_page_set_alone (self->cases, folded);
  mabei_case_page_set_narrow (self->page, folded);
  if (folded)
    gtk_widget_add_css_class (GTK_WIDGET (self), "narrow");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "narrow");
}

static void
detach_port (MabeiWindow *self)
{
  g_clear_handle_id (&self->refresh, g_source_remove);
  if (self->port == NULL)
    return;
  self->port->changed = NULL;
  self->port->changed_data = NULL;
  mabei_minutes_pane_close (mabei_case_page_get_minutes (self->page));
  mabei_dialog_host_close (self->dialogs);
  g_clear_pointer (&self->snapshot, mabei_snapshot_unref);
  self->port = NULL;
}

static void
mabei_window_dispose (GObject *object)
{
  MabeiWindow *self = MABEI_WINDOW (object);

  detach_port (self);
  g_clear_pointer (&self->case_id, g_free);
  G_OBJECT_CLASS (mabei_window_parent_class)->dispose (object);
}

static void
mabei_window_class_init (MabeiWindowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = mabei_window_dispose;
  g_type_ensure (MABEI_TYPE_UNLOCK_PAGE);
  g_type_ensure (MABEI_TYPE_DIALOG_HOST);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/mabei/ui/shell/window.ui");
  gtk_widget_class_bind_template_child (widget_class, MabeiWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, MabeiWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, MabeiWindow, unlock_page);
  gtk_widget_class_bind_template_child (widget_class, MabeiWindow, main);
  gtk_widget_class_bind_template_child (widget_class, MabeiWindow, dialogs);
}

static void
mabei_window_init (MabeiWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->cases = MABEI_CASES_PAGE (mabei_cases_page_new ());
  self->page = g_object_new (MABEI_TYPE_CASE_PAGE, NULL);
  self->panes = mabei_panes_new (GTK_WIDGET (self->cases), GTK_WIDGET (self->page));
  adw_bin_set_child (self->main, self->panes);
  mabei_window_add_actions (self);
  g_signal_connect_swapped (self->cases, "chosen", G_CALLBACK (on_chosen), self);
  mabei_panes_on_fold (self->panes, G_CALLBACK (on_fold), self);
  on_fold (self);
}

GtkWidget *
mabei_window_new (GtkApplication *application, MabeiUnlockPort *unlock)
{
  MabeiWindow *self = g_object_new (MABEI_TYPE_WINDOW, "application", application, NULL);

  self->unlock = unlock;
  mabei_unlock_page_set_port (self->unlock_page, unlock);
  return GTK_WIDGET (self);
}

void
mabei_window_set_port (MabeiWindow *window, MabeiPort *port)
{
  g_return_if_fail (MABEI_IS_WINDOW (window));
  detach_port (window);
  window->port = port;
  gtk_stack_set_visible_child_name (window->stack, port != NULL ? "main" : "unlock");
  if (port == NULL) {
    mabei_unlock_page_set_port (window->unlock_page, window->unlock);
    mabei_case_page_show (window->page, NULL);
    return;
  }
  port->changed = on_changed;
  port->changed_data = window;
  mabei_window_refresh (window);
}

void
mabei_window_report (MabeiWindow *window, const char *sentence)
{
  AdwToast *toast = adw_toast_new ("");
  g_autofree char *escaped = g_markup_escape_text (sentence, -1);

  adw_toast_set_title (toast, escaped);
  adw_toast_overlay_add_toast (window->toasts, toast);
}
