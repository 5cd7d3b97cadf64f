#include "ui/session/room_bar.h"
#include <glib/gi18n-lib.h>
#include "ui/model/time_words.h"
#include "ui/model/words.h"

struct _MabeiRoomBar {
  GtkBox parent_instance;
  GtkImage *icon;
  GtkLabel *sentence;
  GtkLabel *clock;
  gint64 started_ms;
  guint timer;
};

G_DEFINE_FINAL_TYPE (MabeiRoomBar, mabei_room_bar, GTK_TYPE_BOX)

static gboolean
on_second (gpointer data)
{
  MabeiRoomBar *self = data;
  g_autofree char *elapsed = mabei_time_words_elapsed (self->started_ms);

  gtk_label_set_text (self->clock, elapsed);
  return G_SOURCE_CONTINUE;
}

static void
set_started (MabeiRoomBar *self, gint64 started_ms)
{
  self->started_ms = started_ms;
  gtk_widget_set_visible (GTK_WIDGET (self->clock), started_ms > 0);
  if (started_ms > 0 && self->timer == 0)
    self->timer = g_timeout_add_seconds (1, on_second, self);
  else if (started_ms == 0)
    g_clear_handle_id (&self->timer, g_source_remove);
  if (started_ms > 0)
    on_second (self);
}

static void
mabei_room_bar_dispose (GObject *object)
{
  g_clear_handle_id (&MABEI_ROOM_BAR (object)->timer, g_source_remove);
  G_OBJECT_CLASS (mabei_room_bar_parent_class)->dispose (object);
}

static void
mabei_room_bar_class_init (MabeiRoomBarClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = mabei_room_bar_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/mabei/ui/session/room_bar.ui");
  gtk_widget_class_bind_template_child (widget_class, MabeiRoomBar, icon);
  gtk_widget_class_bind_template_child (widget_class, MabeiRoomBar, sentence);
  gtk_widget_class_bind_template_child (widget_class, MabeiRoomBar, clock);
}

static void
mabei_room_bar_init (MabeiRoomBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static const char *
room_icon (const MabeiSnapshot *snapshot)
{
  if (mabei_snapshot_in_caucus (snapshot) || snapshot->session->caucus_elsewhere)
    return "changes-prevent-symbolic";
  return g_strcmp0 (snapshot->session->own_room, "waiting") == 0 ? "mabei-waiting-symbolic" : "system-users-symbolic";
}

void
mabei_room_bar_show (MabeiRoomBar *bar, const MabeiSnapshot *snapshot)
{
  const MabeiSessionView *session = snapshot->session;
  g_autofree char *room = NULL;

  gtk_widget_set_visible (GTK_WIDGET (bar), session->joined);
  if (!session->joined) {
    set_started (bar, 0);
    return;
  }
  room = mabei_words_room (session, snapshot->own_name);
  if (session->caucus_elsewhere && !mabei_snapshot_in_caucus (snapshot)) {
    g_free (room);
    room = g_strdup (_ ("The mediator is in a private talk with one side. Please wait; you are not heard there."));
  }
  gtk_label_set_text (bar->sentence, room);
  gtk_image_set_from_icon_name (bar->icon, room_icon (snapshot));
  set_started (bar, g_strcmp0 (session->own_room, "waiting") == 0 ? 0 : session->started_ms);
}
