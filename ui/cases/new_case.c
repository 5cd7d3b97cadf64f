#include "ui/cases/new_case.h"
#include <glib/gi18n-lib.h>
#include "ui/model/intent.h"
#include "ui/model/name.h"

struct _MabeiNewCase {
  GtkBox parent_instance;
  AdwEntryRow *entry;
  GtkButton *button;
  MabeiSnapshot *snapshot;
};

G_DEFINE_FINAL_TYPE (MabeiNewCase, mabei_new_case, GTK_TYPE_BOX)

static void
on_made (GtkWidget *widget, GVariant *reply)
{
  const char *id = NULL;

  if (g_variant_lookup (reply, "case", "&s", &id))
    gtk_widget_activate_action (widget, "win.case-made", "s", id);
  gtk_widget_activate_action (widget, "win.close-dialog", NULL);
}

static void
on_clicked (MabeiNewCase *self)
{
  g_autofree char *title = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry))));
  const char *const words[] = {"case", "new", "--title", title, NULL};

  if (*title != '\0')
    mabei_intent_run (GTK_WIDGET (self), self->snapshot, words, on_made, NULL);
}

static void
on_changed (MabeiNewCase *self)
{
  g_autofree char *title = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry))));

  gtk_widget_set_sensitive (GTK_WIDGET (self->button), *title != '\0');
}

static void
mabei_new_case_finalize (GObject *object)
{
  g_clear_pointer (&MABEI_NEW_CASE (object)->snapshot, mabei_snapshot_unref);
  G_OBJECT_CLASS (mabei_new_case_parent_class)->finalize (object);
}

static void
mabei_new_case_class_init (MabeiNewCaseClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = mabei_new_case_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/mabei/ui/cases/new_case.ui");
  gtk_widget_class_bind_template_child (widget_class, MabeiNewCase, entry);
  gtk_widget_class_bind_template_child (widget_class, MabeiNewCase, button);
}

static void
mabei_new_case_init (MabeiNewCase *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  mabei_name_entry_row (GTK_WIDGET (self->entry));
  g_signal_connect_swapped (self->button, "clicked", G_CALLBACK (on_clicked), self);
  g_signal_connect_swapped (self->entry, "entry-activated", G_CALLBACK (on_clicked), self);
  g_signal_connect_swapped (self->entry, "changed", G_CALLBACK (on_changed), self);
}

GtkWidget *
mabei_new_case_new (MabeiSnapshot *snapshot)
{
  MabeiNewCase *self = g_object_new (MABEI_TYPE_NEW_CASE, NULL);

  mabei_snapshot_set (&self->snapshot, snapshot);
  return GTK_WIDGET (self);
}
