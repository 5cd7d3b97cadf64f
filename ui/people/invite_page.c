#include "ui/people/invite_page.h"
#include <glib/gi18n-lib.h>
#include "ui/model/intent.h"
#include "ui/model/name.h"
#include "ui/model/words.h"
#include "ui/people/qr.h"

static const char *const roles[] = {"party", "agent", "interpreter", "witness", "mediator", "clerk", NULL};

struct _MabeiInvitePage {
  GtkBox parent_instance;
  GtkStack *stack;
  AdwEntryRow *name;
  GtkListBox *roles;
  GtkWidget *make;
  GtkLabel *told;
  MabeiQr *qr;
  GtkLabel *link;
  GtkWidget *copy;
  GtkCheckButton *checks[G_N_ELEMENTS (roles) - 1];
  MabeiSnapshot *snapshot;
};

G_DEFINE_FINAL_TYPE (MabeiInvitePage, mabei_invite_page, GTK_TYPE_BOX)

static char *
invited_name (MabeiInvitePage *self)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->name))));
}

static void
on_made (GtkWidget *widget, GVariant *reply)
{
  MabeiInvitePage *self = MABEI_INVITE_PAGE (widget);
  g_autofree char *name = invited_name (self);
  g_autofree char *told = g_strdup_printf (_ ("Let %s scan this code, or send the link."), name);
  const char *link = NULL;

  if (!g_variant_lookup (reply, "link", "&s", &link)) {
    mabei_intent_report (widget, _ ("No link was made. Please try again."));
    return;
  }
  gtk_label_set_text (self->told, told);
  gtk_label_set_text (self->link, link);
  gtk_widget_set_visible (GTK_WIDGET (self->qr), mabei_qr_set_text (self->qr, link));
  gtk_stack_set_visible_child_name (self->stack, "link");
  gtk_widget_grab_focus (self->copy);
}

static void
on_make (MabeiInvitePage *self)
{
  g_autofree char *name = invited_name (self);
  const char *role = roles[0];

  for (guint i = 0; i < G_N_ELEMENTS (self->checks); i++) {
    if (gtk_check_button_get_active (self->checks[i]))
      role = roles[i];
  }
  if (*name != '\0') {
    const char *const words[] = {"invite", "create", "--role", role, "--name", name, NULL};

    mabei_intent_run (GTK_WIDGET (self), self->snapshot, words, on_made, NULL);
  }
}

static void
on_copy (MabeiInvitePage *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), gtk_label_get_text (self->link));
  mabei_intent_report (GTK_WIDGET (self), _ ("The link is copied. Paste it into a message to this person only."));
}

static void
on_name_changed (MabeiInvitePage *self)
{
  g_autofree char *name = invited_name (self);

  gtk_widget_set_sensitive (self->make, *name != '\0');
}

static void
mabei_invite_page_finalize (GObject *object)
{
  g_clear_pointer (&MABEI_INVITE_PAGE (object)->snapshot, mabei_snapshot_unref);
  G_OBJECT_CLASS (mabei_invite_page_parent_class)->finalize (object);
}

static void
mabei_invite_page_class_init (MabeiInvitePageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = mabei_invite_page_finalize;
  g_type_ensure (MABEI_TYPE_QR);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/mabei/ui/people/invite_page.ui");
  gtk_widget_class_bind_template_child (widget_class, MabeiInvitePage, stack);
  gtk_widget_class_bind_template_child (widget_class, MabeiInvitePage, name);
  gtk_widget_class_bind_template_child (widget_class, MabeiInvitePage, roles);
  gtk_widget_class_bind_template_child (widget_class, MabeiInvitePage, make);
  gtk_widget_class_bind_template_child (widget_class, MabeiInvitePage, told);
  gtk_widget_class_bind_template_child (widget_class, MabeiInvitePage, qr);
  gtk_widget_class_bind_template_child (widget_class, MabeiInvitePage, link);
  gtk_widget_class_bind_template_child (widget_class, MabeiInvitePage, copy);
}

static void
add_roles (MabeiInvitePage *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->checks); i++) {
    GtkWidget *row = adw_action_row_new ();
    GtkWidget *check = gtk_check_button_new ();

    adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), mabei_words_role (roles[i]));
    mabei_name_set (check, mabei_words_role (roles[i]));
    gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
    if (i > 0)
      gtk_check_button_set_group (GTK_CHECK_BUTTON (check), self->checks[0]);
    adw_action_row_add_prefix (ADW_ACTION_ROW (row), check);
    adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), check);
    gtk_list_box_append (self->roles, row);
    self->checks[i] = GTK_CHECK_BUTTON (check);
  }
  gtk_check_button_set_active (self->checks[0], TRUE);
}

static void
mabei_invite_page_init (MabeiInvitePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  mabei_name_entry_row (GTK_WIDGET (self->name));
  add_roles (self);
  g_signal_connect_swapped (self->make, "clicked", G_CALLBACK (on_make), self);
  g_signal_connect_swapped (self->copy, "clicked", G_CALLBACK (on_copy), self);
  g_signal_connect_swapped (self->name, "changed", G_CALLBACK (on_name_changed), self);
  g_signal_connect_swapped (self->name, "entry-activated", G_CALLBACK (on_make), self);
}

GtkWidget *
mabei_invite_page_new (MabeiSnapshot *snapshot)
{
  MabeiInvitePage *self = g_object_new (MABEI_TYPE_INVITE_PAGE, NULL);

  mabei_snapshot_set (&self->snapshot, snapshot);
  return GTK_WIDGET (self);
}
