#include "ui/shell/case_page.h"
#include <glib/gi18n-lib.h>
#include "ui/cases/messages_page.h"
#include "ui/cases/overview_page.h"
#include "ui/model/name.h"
#include "ui/people/people_page.h"
#include "ui/session/room_bar.h"
#include "ui/session/stage.h"
#include "ui/shell/adaptive.h"

struct _MabeiCasePage {
  GtkWidget parent_instance;
  GtkWidget *box;
  AdwHeaderBar *header;
  GtkWidget *back;
  MabeiRoomBar *room;
  GtkWidget *offline;
  GtkLabel *offline_sentence;
  GtkStack *state;
  AdwViewStack *stack;
  AdwViewStackPage *session_tab;
  AdwViewStackPage *people_tab;
  MabeiOverviewPage *overview;
  AdwBin *session;
  MabeiMessagesPage *messages;
  MabeiPeoplePage *people;
  AdwViewSwitcherBar *bar;
  GtkWidget *tabs;
  GtkWidget *sheet;
  MabeiStage *stage;
  MabeiMinutesPane *minutes;
  gboolean narrow;
};

G_DEFINE_FINAL_TYPE (MabeiCasePage, mabei_case_page, GTK_TYPE_WIDGET)

static void
mabei_case_page_dispose (GObject *object)
{
  g_clear_pointer (&MABEI_CASE_PAGE (object)->box, gtk_widget_unparent);
  G_OBJECT_CLASS (mabei_case_page_parent_class)->dispose (object);
}

static void
mabei_case_page_class_init (MabeiCasePageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = mabei_case_page_dispose;
  g_type_ensure (MABEI_TYPE_ROOM_BAR);
  g_type_ensure (MABEI_TYPE_OVERVIEW_PAGE);
  g_type_ensure (MABEI_TYPE_MESSAGES_PAGE);
  g_type_ensure (MABEI_TYPE_PEOPLE_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/mabei/ui/shell/case_page.ui");
  gtk_widget_class_bind_template_child (widget_class, MabeiCasePage, box);
  gtk_widget_class_bind_template_child (widget_class, MabeiCasePage, header);
  gtk_widget_class_bind_template_child (widget_class, MabeiCasePage, back);
  gtk_widget_class_bind_template_child (widget_class, MabeiCasePage, room);
  gtk_widget_class_bind_template_child (widget_class, MabeiCasePage, offline);
  gtk_widget_class_bind_template_child (widget_class, MabeiCasePage, offline_sentence);
  gtk_widget_class_bind_template_child (widget_class, MabeiCasePage, state);
  gtk_widget_class_bind_template_child (widget_class, MabeiCasePage, stack);
  gtk_widget_class_bind_template_child (widget_class, MabeiCasePage, session_tab);
  gtk_widget_class_bind_template_child (widget_class, MabeiCasePage, people_tab);
  gtk_widget_class_bind_template_child (widget_class, MabeiCasePage, overview);
  gtk_widget_class_bind_template_child (widget_class, MabeiCasePage, session);
  gtk_widget_class_bind_template_child (widget_class, MabeiCasePage, messages);
  gtk_widget_class_bind_template_child (widget_class, MabeiCasePage, people);
  gtk_widget_class_bind_template_child (widget_class, MabeiCasePage, bar);
}

static void
mabei_case_page_init (MabeiCasePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  mabei_name_set (self->back, _ ("Back to the cases"));
  self->tabs = mabei_tabs_new (self->stack, self->bar);
  adw_header_bar_set_title_widget (self->header, self->tabs);
  self->stage = MABEI_STAGE (mabei_stage_new ());
  self->minutes = MABEI_MINUTES_PANE (mabei_minutes_pane_new ());
  self->sheet = mabei_sheet_new (GTK_WIDGET (self->stage), GTK_WIDGET (self->minutes));
  adw_bin_set_child (self->session, self->sheet);
}

static void
show_offline (MabeiCasePage *self, const MabeiSyncView *sync)
{
  g_autofree char *sentence = NULL;

  gtk_widget_set_visible (self->offline, !sync->connected);
  if (sync->unsent > 0)
    sentence = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "No network. %u change is kept on this device.",
                                             "No network. %u changes are kept on this device.", sync->unsent),
                                sync->unsent);
  else
    sentence = g_strdup (_ ("No network. What you write is kept on this device."));
  gtk_label_set_text (self->offline_sentence, sentence);
}

void
mabei_case_page_show (MabeiCasePage *page, MabeiSnapshot *snapshot)
{
  gboolean chosen = snapshot != NULL && snapshot->view != NULL;

  gtk_stack_set_visible_child_name (page->state, chosen ? "case" : "none");
  gtk_widget_set_visible (page->tabs, chosen);
  gtk_widget_set_visible (GTK_WIDGET (page->bar), chosen);
  if (!chosen) {
    mabei_minutes_pane_close (page->minutes);
    gtk_widget_set_visible (GTK_WIDGET (page->room), FALSE);
    gtk_widget_set_visible (page->offline, FALSE);
    gtk_widget_remove_css_class (GTK_WIDGET (page), "private");
    return;
  }
  mabei_tabs_set_title (page->tabs, snapshot->view->title);
  mabei_room_bar_show (page->room, snapshot);
  show_offline (page, snapshot->sync);
  mabei_overview_page_show (page->overview, snapshot);
  mabei_stage_show (page->stage, snapshot);
  mabei_minutes_pane_show (page->minutes, snapshot);
  mabei_messages_page_show (page->messages, snapshot);
  mabei_people_page_show (page->people, snapshot);
  adw_view_stack_page_set_needs_attention (page->session_tab, snapshot->session->open && !snapshot->session->joined);
  adw_view_stack_page_set_needs_attention (page->people_tab, mabei_snapshot_guest (snapshot) != NULL);
  if (mabei_snapshot_in_caucus (snapshot))
    gtk_widget_add_css_class (GTK_WIDGET (page), "private");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (page), "private");
}

void
mabei_case_page_open (MabeiCasePage *page, const char *tab)
{
  adw_view_stack_set_visible_child_name (page->stack, tab);
  if (g_strcmp0 (tab, "overview") == 0)
    mabei_overview_page_show_top (page->overview);
}

void
mabei_case_page_open_minutes (MabeiCasePage *page, gboolean open)
{
  mabei_sheet_set_open (page->sheet, open);
  if (open)
    mabei_minutes_pane_focus (page->minutes);
}

gboolean
mabei_case_page_has_minutes_open (MabeiCasePage *page)
{
  return mabei_sheet_is_open (page->sheet);
}

gboolean
mabei_case_page_has_minutes_focus (MabeiCasePage *page)
{
  return gtk_widget_get_focus_child (GTK_WIDGET (page->minutes)) != NULL &&
         gtk_widget_get_focus_child (page->sheet) == GTK_WIDGET (page->minutes);
}

gboolean
mabei_case_page_show_conflict (MabeiCasePage *page)
{
  mabei_case_page_open (page, "overview");
  return mabei_overview_page_show_conflict (page->overview);
}

void
mabei_case_page_set_narrow (MabeiCasePage *page, gboolean narrow)
{
  page->narrow = narrow;
  gtk_widget_set_visible (page->back, narrow);
  /* Three window buttons do not fit into 360 px. */
  adw_header_bar_set_decoration_layout (page->header, narrow ? ":close" : NULL);
  adw_header_bar_set_show_start_title_buttons (page->header, narrow);
  mabei_sheet_set_narrow (page->sheet, narrow);
  mabei_sheet_set_open (page->sheet, !narrow);
  mabei_messages_page_set_narrow (page->messages, narrow);
}

MabeiMinutesPane *
mabei_case_page_get_minutes (MabeiCasePage *page)
{
  return page->minutes;
}
