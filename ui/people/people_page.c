#include "ui/people/people_page.h"
#include "ui/model/rows.h"
#include "ui/people/person_row.h"
#include "ui/people/sync_group.h"

struct _MabeiPeoplePage {
  GtkWidget parent_instance;
  GtkWidget *scroll;
  GtkWidget *people;
  GtkWidget *invitations_group;
  GtkWidget *invitations;
  GtkWidget *invite;
  MabeiSyncGroup *sync;
};

G_DEFINE_FINAL_TYPE (MabeiPeoplePage, mabei_people_page, GTK_TYPE_WIDGET)

static void
mabei_people_page_dispose (GObject *object)
{
  g_clear_pointer (&MABEI_PEOPLE_PAGE (object)->scroll, gtk_widget_unparent);
  G_OBJECT_CLASS (mabei_people_page_parent_class)->dispose (object);
}

static void
mabei_people_page_class_init (MabeiPeoplePageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = mabei_people_page_dispose;
  g_type_ensure (MABEI_TYPE_SYNC_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/mabei/ui/people/people_page.ui");
  gtk_widget_class_bind_template_child (widget_class, MabeiPeoplePage, scroll);
  gtk_widget_class_bind_template_child (widget_class, MabeiPeoplePage, people);
  gtk_widget_class_bind_template_child (widget_class, MabeiPeoplePage, invitations_group);
  gtk_widget_class_bind_template_child (widget_class, MabeiPeoplePage, invitations);
  gtk_widget_class_bind_template_child (widget_class, MabeiPeoplePage, invite);
  gtk_widget_class_bind_template_child (widget_class, MabeiPeoplePage, sync);
}

static void
mabei_people_page_init (MabeiPeoplePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
mabei_people_page_show (MabeiPeoplePage *page, MabeiSnapshot *snapshot)
{
  mabei_rows_show (page->people, snapshot->view->people, mabei_person_row_new, mabei_person_row_show, NULL);
  mabei_rows_show (page->invitations, snapshot->view->invitations, mabei_person_row_new,
                   mabei_person_row_show_invitation, NULL);
  gtk_widget_set_visible (page->invitations_group, snapshot->view->invitations->len > 0);
  gtk_widget_set_visible (page->invite, mabei_snapshot_is_mediator (snapshot));
  mabei_sync_group_show (page->sync, snapshot);
}
