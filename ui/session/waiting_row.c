#include "ui/session/waiting_row.h"
#include <glib/gi18n-lib.h>
#include "ui/model/intent.h"
#include "ui/model/name.h"

static void
on_admit (GtkButton *button, GtkWidget *row)
{
  const char *device = g_object_get_data (G_OBJECT (row), "mabei-device");
  MabeiSnapshot *snapshot = g_object_get_data (G_OBJECT (row), "mabei-snapshot");
  const char *const words[] = {"session", "admit", device, NULL};

  mabei_intent_run (row, snapshot, words, NULL, NULL);
}

GtkWidget *
mabei_waiting_row_new (gpointer user_data)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *label = gtk_label_new (NULL);
  GtkWidget *button = gtk_button_new_with_label (_ ("Admit"));

  gtk_widget_add_css_class (row, "waiting-row");
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_add_css_class (button, "suggested-action");
  gtk_box_append (GTK_BOX (row), label);
  gtk_box_append (GTK_BOX (row), button);
  g_signal_connect (button, "clicked", G_CALLBACK (on_admit), row);
  return row;
}

void
mabei_waiting_row_show (GtkWidget *row, gpointer tile, gpointer user_data)
{
  const MabeiTile *t = tile;
  MabeiSnapshot *snapshot = user_data;
  GtkWidget *button = gtk_widget_get_last_child (row);
  g_autofree char *sentence = g_strdup_printf (_ ("%s is in the waiting room"), t->name);
  g_autofree char *name = g_strdup_printf (_ ("Admit %s"), t->name);

  g_object_set_data_full (G_OBJECT (row), "mabei-device", g_strdup (t->device), g_free);
  g_object_set_data_full (G_OBJECT (row), "mabei-snapshot", mabei_snapshot_ref (snapshot),
                          (GDestroyNotify) mabei_snapshot_unref);
  gtk_label_set_text (GTK_LABEL (gtk_widget_get_first_child (row)), sentence);
  gtk_widget_set_visible (button, snapshot->session->is_host);
  mabei_name_set (button, name);
}
