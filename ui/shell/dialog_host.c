#include "ui/shell/dialog_host.h"
#include <glib/gi18n-lib.h>
#include "ui/model/name.h"

/* Below this width a dialog takes the whole window. */
enum { NARROW_WIDTH = 520, CARD_WIDTH = 460 };

struct _MabeiDialogHost {
  GtkWidget parent_instance;
  GtkWidget *card;
  GtkLabel *title;
  GtkWidget *close;
  GtkScrolledWindow *scroll;
  GtkWidget *behind;
  GtkWidget *focus_before; /* weak */
};

G_DEFINE_FINAL_TYPE (MabeiDialogHost, mabei_dialog_host, GTK_TYPE_WIDGET)

static void
mabei_dialog_host_measure (GtkWidget *widget,
                           GtkOrientation orientation,
                           int for_size,
                           int *minimum,
                           int *natural,
                           int *minimum_baseline,
                           int *natural_baseline)
{
  gtk_widget_measure (MABEI_DIALOG_HOST (widget)->card, orientation, -1, minimum, natural, NULL, NULL);
  *minimum_baseline = *natural_baseline = -1;
}

/* A scrolled window asks its child for its height without saying how wide it will be, so that a card with wrapped text
 * comes out too low: the height is worked out here. */
static int
card_height (MabeiDialogHost *self, int width)
{
  GtkWidget *content = mabei_dialog_host_get_content (self);
  int head, body = 0;

  gtk_widget_measure (gtk_widget_get_first_child (self->card), GTK_ORIENTATION_VERTICAL, width, NULL, &head, NULL,
                      NULL);
  if (content != NULL)
    gtk_widget_measure (content, GTK_ORIENTATION_VERTICAL, width, NULL, &body, NULL, NULL);
  return head + body;
}

static void
mabei_dialog_host_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  MabeiDialogHost *self = MABEI_DIALOG_HOST (widget);
  GtkAllocation at = {0, 0, width, height};

  if (width > NARROW_WIDTH) {
    at.width = CARD_WIDTH;
    at.height = MIN (height, card_height (self, CARD_WIDTH));
    at.x = (width - at.width) / 2;
    at.y = (height - at.height) / 2;
  }
  gtk_widget_size_allocate (self->card, &at, -1);
}

static void
mabei_dialog_host_dispose (GObject *object)
{
  MabeiDialogHost *self = MABEI_DIALOG_HOST (object);

  g_clear_weak_pointer (&self->focus_before);
  g_clear_pointer (&self->card, gtk_widget_unparent);
  G_OBJECT_CLASS (mabei_dialog_host_parent_class)->dispose (object);
}

static void
mabei_dialog_host_class_init (MabeiDialogHostClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = mabei_dialog_host_dispose;
  widget_class->measure = mabei_dialog_host_measure;
  widget_class->size_allocate = mabei_dialog_host_size_allocate;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "win.close-dialog", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/mabei/ui/shell/dialog_host.ui");
  gtk_widget_class_bind_template_child (widget_class, MabeiDialogHost, card);
  gtk_widget_class_bind_template_child (widget_class, MabeiDialogHost, title);
  gtk_widget_class_bind_template_child (widget_class, MabeiDialogHost, close);
  gtk_widget_class_bind_template_child (widget_class, MabeiDialogHost, scroll);
}

static void
mabei_dialog_host_init (MabeiDialogHost *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  mabei_name_set (self->close, _ ("Close"));
}

void
mabei_dialog_host_open (MabeiDialogHost *host, const char *title, GtkWidget *content, GtkWidget *behind)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (host));

  if (host->behind == NULL && root != NULL)
    g_set_weak_pointer (&host->focus_before, gtk_root_get_focus (root));
  host->behind = behind;
  gtk_widget_set_can_focus (behind, FALSE);
  gtk_widget_add_css_class (content, "dialog-content");
  gtk_label_set_text (host->title, title);
  mabei_name_set (GTK_WIDGET (host), title);
  gtk_scrolled_window_set_child (host->scroll, content);
  gtk_widget_set_visible (GTK_WIDGET (host), TRUE);
  if (!gtk_widget_child_focus (content, GTK_DIR_TAB_FORWARD))
    gtk_widget_grab_focus (host->close);
}

void
mabei_dialog_host_close (MabeiDialogHost *host)
{
  g_autoptr (GtkWidget) focus = NULL;

  if (host->behind == NULL)
    return;
  gtk_widget_set_can_focus (host->behind, TRUE);
  host->behind = NULL;
  gtk_widget_set_visible (GTK_WIDGET (host), FALSE);
  gtk_scrolled_window_set_child (host->scroll, NULL);
  if (host->focus_before != NULL && gtk_widget_get_mapped (host->focus_before)) {
    focus = g_object_ref (host->focus_before);
    gtk_widget_grab_focus (focus);
  }
  g_clear_weak_pointer (&host->focus_before);
}

GtkWidget *
mabei_dialog_host_get_content (MabeiDialogHost *host)
{
  GtkWidget *child = gtk_scrolled_window_get_child (host->scroll);

  return GTK_IS_VIEWPORT (child) ? gtk_viewport_get_child (GTK_VIEWPORT (child)) : child;
}
