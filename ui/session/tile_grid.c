#include "ui/session/tile_grid.h"
#include "ui/session/tile.h"

enum { TILE_SPACING = 9, TILE_MINIMUM_WIDTH = 96, TILE_MINIMUM_HEIGHT = 72 };

struct _MabeiTileGrid {
  GtkWidget parent_instance;
};

G_DEFINE_FINAL_TYPE (MabeiTileGrid, mabei_tile_grid, GTK_TYPE_WIDGET)

static guint
count_tiles (GtkWidget *widget)
{
  guint n = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n++;
  return n;
}

guint
mabei_tile_grid_columns (guint n, int width, int height)
{
  guint best = 1;
  double best_area = -1;

  for (guint columns = 1; columns <= n; columns++) {
    guint rows = (n + columns - 1) / columns;
    double w = (double) width / columns, h = (double) height / rows;
    double picture = MIN (w, h * 4 / 3);

    if (picture > best_area + 0.5) {
      best_area = picture;
      best = columns;
    }
  }
  return best;
}

static void
mabei_tile_grid_measure (GtkWidget *widget,
                         GtkOrientation orientation,
                         int for_size,
                         int *minimum,
                         int *natural,
                         int *minimum_baseline,
                         int *natural_baseline)
{
  gboolean horizontal = orientation == GTK_ORIENTATION_HORIZONTAL;
  int n = (int) count_tiles (widget);

  /* Children must be measured before they get a size. */
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    int least;

    gtk_widget_measure (child, orientation, -1, &least, NULL, NULL, NULL);
  }
  *minimum = horizontal ? 2 * TILE_MINIMUM_WIDTH : (n + 1) / 2 * (TILE_MINIMUM_HEIGHT + TILE_SPACING);
  *natural = horizontal ? 640 : 360;
  *natural = MAX (*natural, *minimum);
  *minimum_baseline = *natural_baseline = -1;
}

static void
mabei_tile_grid_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  guint n = count_tiles (widget);
  int columns = (int) mabei_tile_grid_columns (n, width, height);
  int rows = n > 0 ? ((int) n + columns - 1) / columns : 1;
  int w = (width - (columns - 1) * TILE_SPACING) / columns;
  int h = (height - (rows - 1) * TILE_SPACING) / rows;
  int i = 0;

  h = MIN (h, w); /* never taller than wide: a face in a pillar is hard to read */
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child), i++) {
    int in_row = i / columns == rows - 1 ? (int) n - (rows - 1) * columns : columns;
    int left = (width - in_row * w - (in_row - 1) * TILE_SPACING) / 2;
    int top = (height - rows * h - (rows - 1) * TILE_SPACING) / 2;
    GtkAllocation at = {left + i % columns * (w + TILE_SPACING), top + i / columns * (h + TILE_SPACING), w, h};

    gtk_widget_size_allocate (child, &at, -1);
  }
}

static void
mabei_tile_grid_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (mabei_tile_grid_parent_class)->dispose (object);
}

static void
mabei_tile_grid_class_init (MabeiTileGridClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = mabei_tile_grid_dispose;
  widget_class->measure = mabei_tile_grid_measure;
  widget_class->size_allocate = mabei_tile_grid_size_allocate;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
mabei_tile_grid_init (MabeiTileGrid *self)
{
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}

void
mabei_tile_grid_show (MabeiTileGrid *grid, const GPtrArray *tiles, MabeiPort *port)
{
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (grid));

  for (guint i = 0; i < tiles->len; i++) {
    if (child == NULL) {
      child = mabei_tile_widget_new ();
      gtk_widget_set_parent (child, GTK_WIDGET (grid));
    }
    mabei_tile_widget_show (MABEI_TILE_WIDGET (child), tiles->pdata[i], port);
    child = gtk_widget_get_next_sibling (child);
  }
  while (child != NULL) {
    GtkWidget *next = gtk_widget_get_next_sibling (child);

    gtk_widget_unparent (child);
    child = next;
  }
}
