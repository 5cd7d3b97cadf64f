#include "ui/session/tile.h"
#include <glib/gi18n-lib.h>
#include "ui/model/name.h"
#include "ui/model/words.h"

struct _MabeiTileWidget {
  GtkWidget parent_instance;
  GtkWidget *overlay;
  GtkStack *stack;
  GtkPicture *picture;
  AdwAvatar *avatar;
  GtkLabel *name;
  GtkWidget *state_box;
  GtkImage *icon;
  GtkLabel *state;
};

G_DEFINE_FINAL_TYPE (MabeiTileWidget, mabei_tile_widget, GTK_TYPE_WIDGET)

static void
mabei_tile_widget_dispose (GObject *object)
{
  g_clear_pointer (&MABEI_TILE_WIDGET (object)->overlay, gtk_widget_unparent);
  G_OBJECT_CLASS (mabei_tile_widget_parent_class)->dispose (object);
}

static void
mabei_tile_widget_class_init (MabeiTileWidgetClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = mabei_tile_widget_dispose;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/mabei/ui/session/tile.ui");
  gtk_widget_class_bind_template_child (widget_class, MabeiTileWidget, overlay);
  gtk_widget_class_bind_template_child (widget_class, MabeiTileWidget, stack);
  gtk_widget_class_bind_template_child (widget_class, MabeiTileWidget, picture);
  gtk_widget_class_bind_template_child (widget_class, MabeiTileWidget, avatar);
  gtk_widget_class_bind_template_child (widget_class, MabeiTileWidget, name);
  gtk_widget_class_bind_template_child (widget_class, MabeiTileWidget, state_box);
  gtk_widget_class_bind_template_child (widget_class, MabeiTileWidget, icon);
  gtk_widget_class_bind_template_child (widget_class, MabeiTileWidget, state);
}

static void
mabei_tile_widget_init (MabeiTileWidget *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
mabei_tile_widget_new (void)
{
  return g_object_new (MABEI_TYPE_TILE, NULL);
}

static const char *
state_icon (const MabeiTile *tile)
{
  if (!tile->connected && !tile->is_self)
    return "content-loading-symbolic";
  return tile->muted ? "microphone-disabled-symbolic" : "audio-volume-high-symbolic";
}

void
mabei_tile_widget_show (MabeiTileWidget *widget, const MabeiTile *tile, MabeiPort *port)
{
  g_autoptr (GdkPaintable) paintable = NULL;
  g_autofree char *state = mabei_words_tile (tile);
  g_autofree char *shown = tile->is_self ? g_strdup_printf (_ ("%s (you)"), tile->name) : g_strdup (tile->name);
  g_autofree char *name = *state != '\0' ? g_strdup_printf ("%s: %s", shown, state) : g_strdup (shown);

  if (tile->camera)
    paintable = port->video (port, tile->is_self ? "self" : tile->device);
  if (paintable != gtk_picture_get_paintable (widget->picture))
    gtk_picture_set_paintable (widget->picture, paintable);
  gtk_stack_set_visible_child_name (widget->stack, paintable != NULL ? "picture" : "initial");
  adw_avatar_set_text (widget->avatar, tile->name);
  gtk_label_set_text (widget->name, shown);
  gtk_label_set_text (widget->state, state);
  gtk_widget_set_visible (widget->state_box, *state != '\0');
  gtk_image_set_from_icon_name (widget->icon, state_icon (tile));
  if (tile->speaking && !tile->muted)
    gtk_widget_add_css_class (GTK_WIDGET (widget), "speaking");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (widget), "speaking");
  mabei_name_set (GTK_WIDGET (widget), name);
}
