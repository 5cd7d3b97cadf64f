#include "ui/model/intent.h"

typedef struct {
  GWeakRef widget;
  MabeiIntentDone done;
  MabeiIntentFailed failed;
} Pending;

static void
on_reply (gpointer user_data, GVariant *reply, const GError *error)
{
  Pending *pending = user_data;
  g_autoptr (GtkWidget) widget = g_weak_ref_get (&pending->widget);

  if (widget != NULL && error != NULL) {
    if (pending->failed != NULL)
      pending->failed (widget, error);
    else
      mabei_intent_report (widget, error->message);
  } else if (widget != NULL && pending->done != NULL) {
    pending->done (widget, reply);
  }
  g_weak_ref_clear (&pending->widget);
  g_free (pending);
}

void
mabei_intent_run (GtkWidget *widget,
                  const MabeiSnapshot *snapshot,
                  const char *const *words,
                  MabeiIntentDone done,
                  MabeiIntentFailed failed)
{
  Pending *pending;

  g_return_if_fail (GTK_IS_WIDGET (widget) && words != NULL);
  if (snapshot == NULL || snapshot->port == NULL)
    return;
  pending = g_new0 (Pending, 1);
  g_weak_ref_init (&pending->widget, widget);
  pending->done = done;
  pending->failed = failed;
  snapshot->port->submit (snapshot->port, mabei_snapshot_case_id (snapshot), words, on_reply, pending);
}

void
mabei_intent_report (GtkWidget *widget, const char *sentence)
{
  gtk_widget_activate_action (widget, "win.report", "s", sentence);
}
