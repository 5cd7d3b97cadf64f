#include "ui/people/admit_page.h"
#include <glib/gi18n-lib.h>
#include "ui/model/intent.h"
#include "ui/model/words.h"

struct _MabeiAdmitPage {
  GtkBox parent_instance;
  GtkLabel *who;
  GtkLabel *code;
  GtkLabel *advice;
  GtkWidget *same;
  GtkWidget *different;
  MabeiSnapshot *snapshot;
  char *knock;
};

G_DEFINE_FINAL_TYPE (MabeiAdmitPage, mabei_admit_page, GTK_TYPE_BOX)

static void
on_answered (GtkWidget *widget, GVariant *reply)
{
  gtk_widget_activate_action (widget, "win.close-dialog", NULL);
}

static void
answer (MabeiAdmitPage *self, const char *verb)
{
  const char *const words[] = {"invite", verb, self->knock, NULL};

  if (self->knock != NULL)
    mabei_intent_run (GTK_WIDGET (self), self->snapshot, words, on_answered, NULL);
}

static void
on_same (MabeiAdmitPage *self)
{
  answer (self, "admit");
}

static void
on_different (MabeiAdmitPage *self)
{
  answer (self, "refuse");
}

static void
mabei_admit_page_finalize (GObject *object)
{
  MabeiAdmitPage *self = MABEI_ADMIT_PAGE (object);

  g_clear_pointer (&self->snapshot, mabei_snapshot_unref);
  g_clear_pointer (&self->knock, g_free);
  G_OBJECT_CLASS (mabei_admit_page_parent_class)->finalize (object);
}

static void
mabei_admit_page_class_init (MabeiAdmitPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = mabei_admit_page_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/mabei/ui/people/admit_page.ui");
  gtk_widget_class_bind_template_child (widget_class, MabeiAdmitPage, who);
  gtk_widget_class_bind_template_child (widget_class, MabeiAdmitPage, code);
  gtk_widget_class_bind_template_child (widget_class, MabeiAdmitPage, advice);
  gtk_widget_class_bind_template_child (widget_class, MabeiAdmitPage, same);
  gtk_widget_class_bind_template_child (widget_class, MabeiAdmitPage, different);
}

static void
mabei_admit_page_init (MabeiAdmitPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_swapped (self->same, "clicked", G_CALLBACK (on_same), self);
  g_signal_connect_swapped (self->different, "clicked", G_CALLBACK (on_different), self);
}

void
mabei_admit_page_show (MabeiAdmitPage *page, MabeiSnapshot *snapshot)
{
  const MabeiKnockView *knock = mabei_snapshot_guest (snapshot);
  g_autofree char *who = NULL;
  g_autofree char *code = NULL;

  mabei_snapshot_set (&page->snapshot, snapshot);
  if (knock == NULL || (page->knock != NULL && g_strcmp0 (page->knock, knock->knock) != 0)) {
    /* Never let the buttons answer another knock than the one that was compared. */
    g_clear_pointer (&page->knock, g_free);
    gtk_widget_activate_action (GTK_WIDGET (page), "win.close-dialog", NULL);
    return;
  }
  g_free (page->knock);
  page->knock = g_strdup (knock->knock);
  who = g_strdup_printf (_ ("%s (%s) asks to come in"), knock->name, mabei_words_role (knock->role));
  code = knock->code != NULL ? mabei_words_code (knock->code) : g_strdup (_ ("One moment…"));
  gtk_label_set_text (page->who, who);
  gtk_label_set_text (page->code, code);
  gtk_label_set_text (
      page->advice, knock->alarm ? _ ("Careful: two devices have used this one link. Refuse, and send a new link "
                                      "unless you know why.")
                                 : _ ("Call this person, or look at their screen: it must show the same six digits."));
  if (knock->alarm)
    gtk_widget_add_css_class (GTK_WIDGET (page->advice), "needs-you");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (page->advice), "needs-you");
  gtk_widget_set_sensitive (page->same, knock->code != NULL);
}

GtkWidget *
mabei_admit_page_new (MabeiSnapshot *snapshot)
{
  MabeiAdmitPage *self = g_object_new (MABEI_TYPE_ADMIT_PAGE, NULL);

  mabei_admit_page_show (self, snapshot);
  return GTK_WIDGET (self);
}
