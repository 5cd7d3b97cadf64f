#include "ui/session/stage.h"
#include <glib/gi18n-lib.h>
#include "ui/model/intent.h"
#include "ui/model/name.h"
#include "ui/model/rows.h"
#include "ui/session/tile_grid.h"
#include "ui/session/waiting_row.h"

struct _MabeiStage {
  GtkWidget parent_instance;
  GtkStack *stack;
  AdwStatusPage *before;
  GtkButton *enter;
  GtkWidget *enter_audio;
  GtkWidget *asked;
  GtkWidget *accept;
  GtkWidget *waiting;
  GtkWidget *patience;
  MabeiTileGrid *grid;
  GtkButton *mute;
  GtkButton *camera;
  GtkButton *minutes;
  GtkButton *move;
  GtkButton *leave;
  MabeiSnapshot *snapshot;
};

G_DEFINE_FINAL_TYPE (MabeiStage, mabei_stage, GTK_TYPE_WIDGET)

static void
run (MabeiStage *self, const char *verb, const char *first, const char *second)
{
  const char *const words[] = {"session", verb, first, second, NULL};

  mabei_intent_run (GTK_WIDGET (self), self->snapshot, words, NULL, NULL);
}

static const MabeiTile *
own_tile (MabeiStage *self)
{
  for (guint i = 0; i < self->snapshot->session->tiles->len; i++) {
    const MabeiTile *tile = self->snapshot->session->tiles->pdata[i];

    if (tile->is_self)
      return tile;
  }
  return NULL;
}

static void
on_enter (MabeiStage *self)
{
  run (self, self->snapshot->session->open ? "join" : "open", NULL, NULL);
}

static void
on_enter_audio (MabeiStage *self)
{
  run (self, "join", "--source", "none");
}

static void
on_accept (MabeiStage *self)
{
  run (self, "accept", NULL, NULL);
}

static void
on_mute (MabeiStage *self)
{
  const MabeiTile *own = own_tile (self);

  run (self, own != NULL && own->muted ? "unmute" : "mute", NULL, NULL);
}

static void
on_camera (MabeiStage *self)
{
  const MabeiTile *own = own_tile (self);

  run (self, "camera", own != NULL && own->camera ? "off" : "on", NULL);
}

/* Back to everybody: the host calls itself back, and with it everyone who was asked in. */
static void
end_caucus (MabeiStage *self)
{
  const GPtrArray *people = self->snapshot->view->people;

  for (guint i = 0; i < people->len; i++) {
    const MabeiViewPerson *person = people->pdata[i];

    if (person->is_self) {
      run (self, "move", person->device, "joint");
      return;
    }
  }
}

static void
on_move (MabeiStage *self)
{
  if (mabei_snapshot_in_caucus (self->snapshot))
    end_caucus (self);
  else
    gtk_widget_activate_action (GTK_WIDGET (self), "win.move", NULL);
}

static void
on_leave (MabeiStage *self)
{
  run (self, "leave", NULL, NULL);
}

static void
mabei_stage_dispose (GObject *object)
{
  MabeiStage *self = MABEI_STAGE (object);

  g_clear_pointer ((GtkWidget **) &self->stack, gtk_widget_unparent);
  g_clear_pointer (&self->snapshot, mabei_snapshot_unref);
  G_OBJECT_CLASS (mabei_stage_parent_class)->dispose (object);
}

static void
mabei_stage_class_init (MabeiStageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = mabei_stage_dispose;
  g_type_ensure (MABEI_TYPE_TILE_GRID);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/mabei/ui/session/stage.ui");
  gtk_widget_class_bind_template_child (widget_class, MabeiStage, stack);
  gtk_widget_class_bind_template_child (widget_class, MabeiStage, before);
  gtk_widget_class_bind_template_child (widget_class, MabeiStage, enter);
  gtk_widget_class_bind_template_child (widget_class, MabeiStage, enter_audio);
  gtk_widget_class_bind_template_child (widget_class, MabeiStage, asked);
  gtk_widget_class_bind_template_child (widget_class, MabeiStage, accept);
  gtk_widget_class_bind_template_child (widget_class, MabeiStage, waiting);
  gtk_widget_class_bind_template_child (widget_class, MabeiStage, patience);
  gtk_widget_class_bind_template_child (widget_class, MabeiStage, grid);
  gtk_widget_class_bind_template_child (widget_class, MabeiStage, mute);
  gtk_widget_class_bind_template_child (widget_class, MabeiStage, camera);
  gtk_widget_class_bind_template_child (widget_class, MabeiStage, minutes);
  gtk_widget_class_bind_template_child (widget_class, MabeiStage, move);
  gtk_widget_class_bind_template_child (widget_class, MabeiStage, leave);
}

/* An icon over a short word: a picture alone is a riddle to many, and five words side by side do not fit a phone. */
static void
set_control (GtkButton *button, const char *icon, const char *word, const char *name)
{
  GtkWidget *box = gtk_button_get_child (button);

  if (box == NULL) {
    GtkWidget *label = gtk_label_new (NULL);

    box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
    gtk_widget_add_css_class (label, "caption");
    gtk_box_append (GTK_BOX (box), gtk_image_new ());
    gtk_box_append (GTK_BOX (box), label);
    gtk_button_set_child (button, box);
    gtk_widget_add_css_class (GTK_WIDGET (button), "flat");
  }
  gtk_image_set_from_icon_name (GTK_IMAGE (gtk_widget_get_first_child (box)), icon);
  gtk_label_set_text (GTK_LABEL (gtk_widget_get_last_child (box)), word);
  gtk_widget_set_tooltip_text (GTK_WIDGET (button), name);
  mabei_name_set (GTK_WIDGET (button), name);
}

GtkWidget *
mabei_stage_new (void)
{
  return g_object_new (MABEI_TYPE_STAGE, NULL);
}

static void
show_before (MabeiStage *self)
{
  const MabeiSnapshot *snapshot = self->snapshot;
  gboolean open = snapshot->session->open;
  gboolean may_open = mabei_snapshot_is_mediator (snapshot);

  adw_status_page_set_title (self->before, open ? _ ("The mediation has begun") : _ ("No mediation is going on"));
  if (open)
    adw_status_page_set_description (
        self->before, _ ("You come into the waiting room first; the mediator lets you in. Audio is enough."));
  else if (may_open)
    adw_status_page_set_description (self->before,
                                     _ ("When you open it, the others see it and come into the waiting room."));
  else
    adw_status_page_set_description (self->before, _ ("The mediator opens it. Then a button to join appears here."));
  gtk_widget_set_visible (GTK_WIDGET (self->enter), open || may_open);
  gtk_widget_set_visible (self->enter_audio, open);
  gtk_button_set_label (self->enter, open ? _ ("Join") : _ ("Open the mediation"));
}

static void
set_controls (MabeiStage *self, gboolean muted, gboolean camera, gboolean caucus)
{
  set_control (self->mute, muted ? "microphone-disabled-symbolic" : "audio-input-microphone-symbolic",
               muted ? _ ("Unmute") : _ ("Mute"), muted ? _ ("Unmute the microphone") : _ ("Mute the microphone"));
  set_control (self->camera, camera ? "camera-web-symbolic" : "camera-disabled-symbolic", _ ("Camera"),
               camera ? _ ("Turn the camera off") : _ ("Turn the camera on"));
  set_control (self->minutes, "document-edit-symbolic", _ ("Minutes"), _ ("Minutes"));
  set_control (self->move, caucus ? "system-users-symbolic" : "changes-prevent-symbolic",
               caucus ? _ ("To all") : _ ("Private"), caucus ? _ ("Back to the joint talk") : _ ("Private talk…"));
  set_control (self->leave, "call-stop-symbolic", _ ("Leave"), _ ("Leave the mediation"));
}

static void
mabei_stage_init (MabeiStage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  set_controls (self, FALSE, TRUE, FALSE);
  g_signal_connect_swapped (self->enter, "clicked", G_CALLBACK (on_enter), self);
  g_signal_connect_swapped (self->enter_audio, "clicked", G_CALLBACK (on_enter_audio), self);
  g_signal_connect_swapped (self->accept, "clicked", G_CALLBACK (on_accept), self);
  g_signal_connect_swapped (self->mute, "clicked", G_CALLBACK (on_mute), self);
  g_signal_connect_swapped (self->camera, "clicked", G_CALLBACK (on_camera), self);
  g_signal_connect_swapped (self->move, "clicked", G_CALLBACK (on_move), self);
  g_signal_connect_swapped (self->leave, "clicked", G_CALLBACK (on_leave), self);
}

static void
show_controls (MabeiStage *self)
{
  const MabeiTile *own = own_tile (self);
  gboolean muted = own != NULL && own->muted, camera = own == NULL || own->camera;
  gboolean caucus = mabei_snapshot_in_caucus (self->snapshot);
  guint others = 0;

  for (guint i = 0; i < self->snapshot->session->tiles->len; i++) {
    const MabeiTile *tile = self->snapshot->session->tiles->pdata[i];

    others += !tile->is_self && g_strcmp0 (tile->room, "joint") == 0;
  }
  set_controls (self, muted, camera, caucus);
  gtk_widget_set_visible (GTK_WIDGET (self->move), self->snapshot->session->is_host);
  gtk_widget_set_sensitive (GTK_WIDGET (self->move), caucus || others > 0);
}

static void
show_live (MabeiStage *self)
{
  const MabeiSessionView *session = self->snapshot->session;
  g_autoptr (GPtrArray) here = g_ptr_array_new ();
  g_autoptr (GPtrArray) waiting = g_ptr_array_new ();
  gboolean outside = g_strcmp0 (session->own_room, "waiting") == 0;

  for (guint i = 0; i < session->tiles->len; i++) {
    MabeiTile *tile = session->tiles->pdata[i];

    if (tile->is_self || (!outside && g_strcmp0 (tile->room, session->own_room) == 0))
      g_ptr_array_add (here, tile);
    else if (session->is_host && g_strcmp0 (tile->room, "waiting") == 0)
      g_ptr_array_add (waiting, tile);
  }
  mabei_tile_grid_show (self->grid, here, self->snapshot->port);
  mabei_rows_show (self->waiting, waiting, mabei_waiting_row_new, mabei_waiting_row_show, self->snapshot);
  gtk_widget_set_visible (self->waiting, waiting->len > 0);
  gtk_widget_set_visible (self->patience, outside);
  gtk_widget_set_visible (self->asked, session->asked_to_room != NULL);
  show_controls (self);
}

void
mabei_stage_show (MabeiStage *stage, MabeiSnapshot *snapshot)
{
  mabei_snapshot_set (&stage->snapshot, snapshot);
  if (snapshot->session->joined)
    show_live (stage);
  else
    show_before (stage);
  gtk_stack_set_visible_child_name (stage->stack, snapshot->session->joined ? "live" : "before");
}
