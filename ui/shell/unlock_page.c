#include "ui/shell/unlock_page.h"
#include <glib/gi18n-lib.h>
#include "ui/model/name.h"

/* Short ones are guessed from a copied disk; the limit is in characters. */
enum { PASSPHRASE_MINIMUM = 8 };

struct _MabeiUnlockPage {
  GtkWidget parent_instance;
  GtkWidget *box;
  GtkLabel *heading;
  GtkLabel *sentence;
  AdwEntryRow *name;
  GtkEditable *passphrase;
  GtkEditable *again;
  GtkLabel *problem;
  GtkWidget *warning;
  GtkButton *button;
  MabeiUnlockPort *unlock;
  gboolean working;
};

G_DEFINE_FINAL_TYPE (MabeiUnlockPage, mabei_unlock_page, GTK_TYPE_WIDGET)

static void
set_problem (MabeiUnlockPage *self, const char *problem)
{
  gtk_label_set_text (self->problem, problem != NULL ? problem : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem), problem != NULL);
}

static void
show_button (MabeiUnlockPage *self)
{
  gboolean exists = self->unlock != NULL && self->unlock->exists;
  const char *label = exists ? _ ("Open") : _ ("Begin");

  if (self->working)
    label = exists ? _ ("Opening…") : _ ("Preparing this device…");
  gtk_button_set_label (self->button, label);
  gtk_widget_set_sensitive (GTK_WIDGET (self->button), !self->working);
}

static void
on_done (const GError *error, gpointer user_data)
{
  g_autoptr (MabeiUnlockPage) self = user_data;

  self->working = FALSE;
  gtk_editable_set_text (self->passphrase, "");
  gtk_editable_set_text (self->again, "");
  show_button (self);
  set_problem (self, error != NULL ? error->message : NULL);
  if (error != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (self->passphrase));
}

static const char *
find_problem (MabeiUnlockPage *self, const char *name)
{
  const char *passphrase = gtk_editable_get_text (self->passphrase);

  if (self->unlock->exists)
    return *passphrase != '\0' ? NULL : _ ("Please enter the passphrase.");
  if (*name == '\0')
    return _ ("Please enter your name.");
  if (g_utf8_strlen (passphrase, -1) < PASSPHRASE_MINIMUM)
    return _ ("The passphrase needs at least eight characters.");
  if (g_strcmp0 (passphrase, gtk_editable_get_text (self->again)) != 0)
    return _ ("The two passphrases are not the same.");
  return NULL;
}

static void
on_clicked (MabeiUnlockPage *self)
{
  g_autofree char *name = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->name))));
  const char *problem;

  if (self->unlock == NULL || self->working)
    return;
  problem = find_problem (self, name);
  set_problem (self, problem);
  if (problem != NULL)
    return;
  self->working = TRUE;
  show_button (self);
  self->unlock->unlock (self->unlock->data, self->unlock->exists ? NULL : name,
                        gtk_editable_get_text (self->passphrase), on_done, g_object_ref (self));
}

static void
mabei_unlock_page_dispose (GObject *object)
{
  g_clear_pointer (&MABEI_UNLOCK_PAGE (object)->box, gtk_widget_unparent);
  G_OBJECT_CLASS (mabei_unlock_page_parent_class)->dispose (object);
}

static void
mabei_unlock_page_class_init (MabeiUnlockPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = mabei_unlock_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/mabei/ui/shell/unlock_page.ui");
  gtk_widget_class_bind_template_child (widget_class, MabeiUnlockPage, box);
  gtk_widget_class_bind_template_child (widget_class, MabeiUnlockPage, heading);
  gtk_widget_class_bind_template_child (widget_class, MabeiUnlockPage, sentence);
  gtk_widget_class_bind_template_child (widget_class, MabeiUnlockPage, name);
  gtk_widget_class_bind_template_child (widget_class, MabeiUnlockPage, passphrase);
  gtk_widget_class_bind_template_child (widget_class, MabeiUnlockPage, again);
  gtk_widget_class_bind_template_child (widget_class, MabeiUnlockPage, problem);
  gtk_widget_class_bind_template_child (widget_class, MabeiUnlockPage, warning);
  gtk_widget_class_bind_template_child (widget_class, MabeiUnlockPage, button);
}

static void
mabei_unlock_page_init (MabeiUnlockPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  mabei_name_entry_row (GTK_WIDGET (self->name));
  mabei_name_entry_row (GTK_WIDGET (self->passphrase));
  mabei_name_entry_row (GTK_WIDGET (self->again));
  g_signal_connect_swapped (self->button, "clicked", G_CALLBACK (on_clicked), self);
  g_signal_connect_swapped (self->passphrase, "entry-activated", G_CALLBACK (on_clicked), self);
  g_signal_connect_swapped (self->again, "entry-activated", G_CALLBACK (on_clicked), self);
}

void
mabei_unlock_page_set_port (MabeiUnlockPage *page, MabeiUnlockPort *unlock)
{
  gboolean exists = unlock != NULL && unlock->exists;

  page->unlock = unlock;
  gtk_label_set_text (page->heading, exists ? _ ("Welcome back") : _ ("Welcome to Mabei"));
  gtk_label_set_text (page->sentence, exists ? _ ("Your cases are kept locked on this device.")
                                             : _ ("Online mediation with the court, also where there is no network. "
                                                  "Your cases are kept locked on this device."));
  gtk_widget_set_visible (GTK_WIDGET (page->name), !exists);
  gtk_widget_set_visible (GTK_WIDGET (page->again), !exists);
  gtk_widget_set_visible (page->warning, !exists);
  set_problem (page, NULL);
  show_button (page);
}
