#include "ui/model/name.h"
#include "ui/shell/actor.h"
#include "ui/shell/adaptive.h"
#include "ui/shell/window_private.h"

static gboolean
choose_any (MabeiWindow *self, const char *case_id)
{
  g_autoptr (GPtrArray) cases = NULL;

  if (case_id != NULL)
    return mabei_window_choose (self, case_id);
  if (mabei_snapshot_case_id (self->snapshot) != NULL)
    return mabei_window_choose (self, self->case_id);
  cases = self->port->cases (self->port);
  return cases->len > 0 && mabei_window_choose (self, ((MabeiViewCase *) cases->pdata[0])->id);
}

static gboolean
show_tab (MabeiWindow *self, const char *page)
{
  if (g_strcmp0 (page, "conflict") == 0)
    return mabei_case_page_show_conflict (self->page);
  if (g_strcmp0 (page, "minutes") == 0) {
    mabei_case_page_open (self->page, "session");
    mabei_case_page_open_minutes (self->page, TRUE);
    return TRUE;
  }
  mabei_case_page_open (self->page, page);
  return TRUE;
}

gboolean
mabei_window_show (MabeiWindow *window, const char *page, const char *case_id)
{
  static const char *const tabs[] = {"overview", "session", "messages", "people", "minutes", "conflict", NULL};
  static const char *const dialogs[] = {"invite", "admit", "move", NULL};
  static const char *const others[] = {"new-case", "shortcuts", "about", NULL};

  g_return_val_if_fail (MABEI_IS_WINDOW (window), FALSE);
  if (window->port == NULL)
    return FALSE;
  mabei_window_refresh (window);
  mabei_dialog_host_close (window->dialogs);
  if (g_strcmp0 (page, "cases") == 0) {
    mabei_panes_show_content (window->panes, FALSE);
    return TRUE;
  }
  if (g_strcmp0 (page, "join") == 0) {
    mabei_window_join (window,
                       case_id != NULL && strchr (case_id, ':') != NULL ? case_id : NULL); /* a link, not an id */
    return TRUE;
  }
  if (g_strv_contains (others, page)) {
    g_action_group_activate_action (G_ACTION_GROUP (window), page, NULL);
    return TRUE;
  }
  if (g_strv_contains (tabs, page))
    return choose_any (window, case_id) && show_tab (window, page);
  if (g_strv_contains (dialogs, page) && choose_any (window, case_id)) {
    g_action_group_activate_action (G_ACTION_GROUP (window), page, NULL);
    return mabei_dialog_host_get_content (window->dialogs) != NULL;
  }
  return FALSE;
}

/* While a dialog is open a person can reach nothing behind it. */
static GtkWidget *
find (MabeiWindow *window, const char *name)
{
  gboolean dialog = mabei_dialog_host_get_content (window->dialogs) != NULL;

  if (window->refresh != 0)
    mabei_window_refresh (window);
  return mabei_name_find (dialog ? GTK_WIDGET (window->dialogs) : GTK_WIDGET (window), name);
}

gboolean
mabei_window_press (MabeiWindow *window, const char *name)
{
  GtkWidget *control = find (window, name);

  return control != NULL && mabei_actor_press (control);
}

gboolean
mabei_window_select (MabeiWindow *window, const char *name)
{
  GtkWidget *control = find (window, name);

  return control != NULL && mabei_actor_select (control);
}

gboolean
mabei_window_fill (MabeiWindow *window, const char *name, const char *text)
{
  GtkWidget *control = find (window, name);

  return control != NULL && mabei_actor_fill (control, text);
}

gboolean
mabei_window_type (MabeiWindow *window, const char *text)
{
  return mabei_minutes_pane_type (mabei_case_page_get_minutes (window->page), text);
}
