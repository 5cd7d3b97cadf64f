#include "ui/people/sync_group.h"
#include <glib/gi18n-lib.h>
#include "ui/model/intent.h"
#include "ui/model/name.h"

struct _MabeiSyncGroup {
  GtkBox parent_instance;
  AdwActionRow *state;
  GtkWidget *now;
  GtkWidget *offline;
  AdwActionRow *export;
  AdwActionRow *import;
  MabeiSnapshot *snapshot;
  GtkFileChooserNative *chooser;
};

G_DEFINE_FINAL_TYPE (MabeiSyncGroup, mabei_sync_group, GTK_TYPE_BOX)

static void
on_now (MabeiSyncGroup *self)
{
  const char *const words[] = {"sync", "now", NULL};

  mabei_intent_run (GTK_WIDGET (self), self->snapshot, words, NULL, NULL);
}

static void
on_exported (GtkWidget *widget, GVariant *reply)
{
  mabei_intent_report (widget, _ ("The file is written. Only the people of this case can open it."));
}

static void
on_imported (GtkWidget *widget, GVariant *reply)
{
  guint n = 0;
  gint64 wide = 0;

  if (g_variant_lookup (reply, "new", "x", &wide))
    n = (guint) CLAMP (wide, 0, G_MAXINT);
  else
    g_variant_lookup (reply, "new", "u", &n);
  if (n == 0) {
    mabei_intent_report (widget, _ ("The file is read. You had everything in it already."));
  } else {
    g_autofree char *sentence = g_strdup_printf (
        g_dngettext (GETTEXT_PACKAGE, "The file is read: %u new change.", "The file is read: %u new changes.", n), n);

    mabei_intent_report (widget, sentence);
  }
}

/* "bundle export --to A --to B -o FILE": for everybody else in the case. */
static void
run_export (MabeiSyncGroup *self, const char *file)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autoptr (GHashTable) named = g_hash_table_new (g_str_hash, g_str_equal);

  g_ptr_array_add (words, (char *) "bundle");
  g_ptr_array_add (words, (char *) "export");
  for (guint i = 0; i < self->snapshot->view->people->len; i++) {
    const MabeiViewPerson *person = self->snapshot->view->people->pdata[i];

    if (person->is_self || person->person == NULL || !g_hash_table_add (named, person->person))
      continue;
    g_ptr_array_add (words, (char *) "--to");
    g_ptr_array_add (words, person->person);
  }
  if (g_hash_table_size (named) == 0) {
    mabei_intent_report (GTK_WIDGET (self), _ ("Nobody else is in this case yet."));
    return;
  }
  g_ptr_array_add (words, (char *) "-o");
  g_ptr_array_add (words, (char *) file);
  g_ptr_array_add (words, NULL);
  mabei_intent_run (GTK_WIDGET (self), self->snapshot, (const char *const *) words->pdata, on_exported, NULL);
}

static void
on_response (MabeiSyncGroup *self, int response, GtkFileChooserNative *chooser)
{
  g_autoptr (GFile) file = NULL;
  g_autofree char *path = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
  path = file != NULL ? g_file_get_path (file) : NULL;
  if (path != NULL && gtk_file_chooser_get_action (GTK_FILE_CHOOSER (chooser)) == GTK_FILE_CHOOSER_ACTION_SAVE) {
    run_export (self, path);
  } else if (path != NULL) {
    const char *const words[] = {"bundle", "import", path, NULL};

    mabei_intent_run (GTK_WIDGET (self), self->snapshot, words, on_imported, NULL);
  } else if (file != NULL) {
    mabei_intent_report (GTK_WIDGET (self), _ ("Please choose a file on this device or on a stick."));
  }
  g_clear_object (&self->chooser);
}

static void
choose (MabeiSyncGroup *self, GtkFileChooserAction action)
{
  gboolean save = action == GTK_FILE_CHOOSER_ACTION_SAVE;

  g_clear_object (&self->chooser);
  self->chooser = gtk_file_chooser_native_new (save ? _ ("Save a file for the others") : _ ("Read a file from someone"),
                                               GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), action,
                                               save ? _ ("Save") : _ ("Open"), _ ("Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  if (save)
    gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), "case.mabei-bundle");
  g_signal_connect_swapped (self->chooser, "response", G_CALLBACK (on_response), self);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
on_export (MabeiSyncGroup *self)
{
  choose (self, GTK_FILE_CHOOSER_ACTION_SAVE);
}

static void
on_import (MabeiSyncGroup *self)
{
  choose (self, GTK_FILE_CHOOSER_ACTION_OPEN);
}

static void
mabei_sync_group_dispose (GObject *object)
{
  MabeiSyncGroup *self = MABEI_SYNC_GROUP (object);

  g_clear_object (&self->chooser);
  g_clear_pointer (&self->snapshot, mabei_snapshot_unref);
  G_OBJECT_CLASS (mabei_sync_group_parent_class)->dispose (object);
}

static void
mabei_sync_group_class_init (MabeiSyncGroupClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = mabei_sync_group_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/mabei/ui/people/sync_group.ui");
  gtk_widget_class_bind_template_child (widget_class, MabeiSyncGroup, state);
  gtk_widget_class_bind_template_child (widget_class, MabeiSyncGroup, now);
  gtk_widget_class_bind_template_child (widget_class, MabeiSyncGroup, offline);
  gtk_widget_class_bind_template_child (widget_class, MabeiSyncGroup, export);
  gtk_widget_class_bind_template_child (widget_class, MabeiSyncGroup, import);
}

static void
mabei_sync_group_init (MabeiSyncGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  mabei_name_set (self->offline, _ ("Work without a network"));
  g_signal_connect_swapped (self->now, "clicked", G_CALLBACK (on_now), self);
  g_signal_connect_swapped (self->export, "activated", G_CALLBACK (on_export), self);
  g_signal_connect_swapped (self->import, "activated", G_CALLBACK (on_import), self);
}

void
mabei_sync_group_show (MabeiSyncGroup *group, MabeiSnapshot *snapshot)
{
  const MabeiSyncView *sync = snapshot->sync;
  g_autofree char *in = g_format_size (sync->bytes_in);
  g_autofree char *out = g_format_size (sync->bytes_out);
  g_autofree char *waiting = NULL;

  mabei_snapshot_set (&group->snapshot, snapshot);
  if (sync->unsent > 0)
    waiting = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u change is only on this device so far",
                                            "%u changes are only on this device so far", sync->unsent),
                               sync->unsent);
  else
    waiting = g_strdup_printf (_ ("Everything is sent. Received %s, sent %s"), in, out);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (group->state),
                                 sync->connected ? _ ("Connected to the court's hub") : _ ("Not connected"));
  adw_action_row_set_subtitle (group->state, waiting);
  gtk_widget_set_sensitive (group->now, !sync->offline_switch);
}
