#include <glib/gi18n-lib.h>
#include "ui/cases/new_case.h"
#include "ui/model/intent.h"
#include "ui/people/admit_page.h"
#include "ui/people/invite_page.h"
#include "ui/people/join_page.h"
#include "ui/session/move_page.h"
#include "ui/shell/adaptive.h"
#include "ui/shell/window_private.h"

void
mabei_window_open_dialog (MabeiWindow *self, const char *title, GtkWidget *content)
{
  mabei_dialog_host_open (self->dialogs, title, content, GTK_WIDGET (self->stack));
}

static void
close_dialog (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  mabei_dialog_host_close (((MabeiWindow *) user_data)->dialogs);
}

static void
report (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  mabei_window_report (user_data, g_variant_get_string (parameter, NULL));
}

static void
new_case (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  MabeiWindow *self = user_data;

  if (self->snapshot != NULL)
    mabei_window_open_dialog (self, _ ("New case"), mabei_new_case_new (self->snapshot));
}

static void
case_made (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  mabei_window_choose (user_data, g_variant_get_string (parameter, NULL));
}

void
mabei_window_join (MabeiWindow *self, const char *link)
{
  if (self->snapshot != NULL)
    mabei_window_open_dialog (self, _ ("Join by link"), mabei_join_page_new (self->snapshot, link));
}

static void
join (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  mabei_window_join (user_data, NULL);
}

static void
invite (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  MabeiWindow *self = user_data;

  if (mabei_snapshot_case_id (self->snapshot) != NULL)
    mabei_window_open_dialog (self, _ ("Invite someone"), mabei_invite_page_new (self->snapshot));
}

static void
admit (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  MabeiWindow *self = user_data;

  if (mabei_snapshot_case_id (self->snapshot) != NULL && mabei_snapshot_guest (self->snapshot) != NULL)
    mabei_window_open_dialog (self, _ ("Compare the code"), mabei_admit_page_new (self->snapshot));
}

static void
move (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  MabeiWindow *self = user_data;

  if (mabei_snapshot_case_id (self->snapshot) != NULL && self->snapshot->session->is_host)
    mabei_window_open_dialog (self, _ ("Private talk"), mabei_move_page_new (self->snapshot));
}

static void
back (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  mabei_panes_show_content (((MabeiWindow *) user_data)->panes, FALSE);
}

static void
go (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  /* "go-people" opens the tab "people". */
  mabei_case_page_open (((MabeiWindow *) user_data)->page, g_action_get_name (G_ACTION (action)) + strlen ("go-"));
}

static void
minutes (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  MabeiWindow *self = user_data;

  /* One who writes elsewhere wants to come to the minutes; one who is in them wants them away. */
  mabei_case_page_open (self->page, "session");
  mabei_case_page_open_minutes (self->page, !mabei_case_page_has_minutes_open (self->page) ||
                                                !mabei_case_page_has_minutes_focus (self->page));
}

static void
search (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  MabeiWindow *self = user_data;

  mabei_panes_show_content (self->panes, FALSE);
  mabei_cases_page_search (self->cases);
}

static void
change_offline (GSimpleAction *action, GVariant *state, gpointer user_data)
{
  MabeiWindow *self = user_data;
  const char *const words[] = {"sync", g_variant_get_boolean (state) ? "offline" : "online", NULL};

  /* The switch moves when the port says so. */
  mabei_intent_run (GTK_WIDGET (self), self->snapshot, words, NULL, NULL);
}

static void
shortcuts (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_autoptr (GtkBuilder) builder = gtk_builder_new_from_resource ("/org/mabei/ui/shell/shortcuts.ui");
  GtkWindow *window = GTK_WINDOW (gtk_builder_get_object (builder, "shortcuts"));

  gtk_window_set_transient_for (window, GTK_WINDOW (user_data));
  gtk_window_present (window);
}

static void
about (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkWidget *window = adw_about_window_new ();

  g_object_set (window, "transient-for", user_data, "modal", TRUE, "application-name", _ ("Mabei"), "application-icon",
                "org.mabei.mabei", "version", MABEI_VERSION, "developer-name", _ ("The Mabei developers"),
                "license-type", GTK_LICENSE_GPL_3_0, "comments",
                _ ("Online mediation with the court, also where there is no network. The name means horseback: the "
                   "circuit courts that rode to the villages."),
                "translator-credits", _ ("translator-credits"), NULL);
  gtk_window_present (GTK_WINDOW (window));
}

void
mabei_window_add_actions (MabeiWindow *self)
{
  static const GActionEntry entries[] = {
      {.name = "close-dialog", .activate = close_dialog},
      {.name = "report", .activate = report, .parameter_type = "s"},
      {.name = "new-case", .activate = new_case},
      {.name = "case-made", .activate = case_made, .parameter_type = "s"},
      {.name = "join", .activate = join},
      {.name = "invite", .activate = invite},
      {.name = "admit", .activate = admit},
      {.name = "move", .activate = move},
      {.name = "back", .activate = back},
      {.name = "go-overview", .activate = go},
      {.name = "go-session", .activate = go},
      {.name = "go-messages", .activate = go},
      {.name = "go-people", .activate = go},
      {.name = "minutes", .activate = minutes},
      {.name = "search", .activate = search},
      {.name = "offline", .state = "false", .change_state = change_offline},
      {.name = "shortcuts", .activate = shortcuts},
      {.name = "about", .activate = about},
  };
  static const char *const keys[][2] = {
      {"win.search", "<Control>f"},   {"win.new-case", "<Control>n"},
      {"win.join", "<Control>j"},     {"win.back", "<Alt>Left"},
      {"win.go-overview", "<Alt>1"},  {"win.go-session", "<Alt>2"},
      {"win.go-messages", "<Alt>3"},  {"win.go-people", "<Alt>4"},
      {"win.minutes", "<Control>m"},  {"win.shortcuts", "<Control>question"},
      {"window.close", "<Control>w"},
  };
  GtkEventController *controller = gtk_shortcut_controller_new ();

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  gtk_shortcut_controller_set_scope (GTK_SHORTCUT_CONTROLLER (controller), GTK_SHORTCUT_SCOPE_GLOBAL);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_shortcut_controller_add_shortcut (
        GTK_SHORTCUT_CONTROLLER (controller),
        gtk_shortcut_new (gtk_shortcut_trigger_parse_string (keys[i][1]), gtk_named_action_new (keys[i][0])));
  gtk_widget_add_controller (GTK_WIDGET (self), controller);
}
