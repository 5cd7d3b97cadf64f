#include "ui/model/name.h"
#include <adwaita.h>
#include <glib/gi18n-lib.h>

static GQuark
name_quark (void)
{
  static GQuark quark;

  if (quark == 0)
    quark = g_quark_from_static_string ("mabei-name");
  return quark;
}

void
mabei_name_set (GtkWidget *widget, const char *name)
{
  const char *known = g_object_get_qdata (G_OBJECT (widget), name_quark ());

  if (g_strcmp0 (known, name) == 0)
    return;
  g_object_set_qdata_full (G_OBJECT (widget), name_quark (), g_strdup (name), g_free);
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

void
mabei_name_list_item (GtkWidget *child, const char *name)
{
  GtkWidget *item = gtk_widget_get_parent (child);

  if (item != NULL)
    mabei_name_set (item, name);
}

static void
name_part (GtkWidget *part, const char *title)
{
  gboolean pressed = GTK_IS_BUTTON (part), icon = GTK_IS_IMAGE (part);

  if ((pressed || icon) && g_object_get_qdata (G_OBJECT (part), name_quark ()) == NULL) {
    const char *tooltip = gtk_widget_get_tooltip_text (part);
    g_autofree char *name = g_strdup_printf ("%s: %s", title,
                                             tooltip != NULL ? tooltip
                                             : pressed       ? _ ("Apply")
                                                             : _ ("Edit"));

    mabei_name_set (part, name);
  }
  for (GtkWidget *child = gtk_widget_get_first_child (part); child != NULL; child = gtk_widget_get_next_sibling (child))
    name_part (child, title);
}

void
mabei_name_entry_row (GtkWidget *row)
{
  name_part (row, adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)));
}

static char *
name_plain (const char *label)
{
  g_autofree char *plain = NULL;
  char **parts;

  if (label == NULL || *label == '\0')
    return NULL;
  parts = g_strsplit (label, "_", -1);
  plain = g_strjoinv ("", parts);
  g_strfreev (parts);
  return g_strdup (g_strstrip (plain));
}

static char *
label_below (GtkWidget *widget)
{
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    char *found;

    if (GTK_IS_LABEL (child) && gtk_widget_get_visible (child))
      return g_strdup (gtk_label_get_text (GTK_LABEL (child)));
    found = label_below (child);
    if (found != NULL)
      return found;
  }
  return NULL;
}

char *
mabei_name_get (GtkWidget *widget)
{
  const char *kept = g_object_get_qdata (G_OBJECT (widget), name_quark ());

  if (kept != NULL && *kept != '\0')
    return g_strdup (kept);
  if (ADW_IS_PREFERENCES_ROW (widget))
    return name_plain (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (widget)));
  if (GTK_IS_BUTTON (widget) && gtk_button_get_label (GTK_BUTTON (widget)) != NULL)
    return name_plain (gtk_button_get_label (GTK_BUTTON (widget)));
  if (GTK_IS_CHECK_BUTTON (widget) && gtk_check_button_get_label (GTK_CHECK_BUTTON (widget)) != NULL)
    return name_plain (gtk_check_button_get_label (GTK_CHECK_BUTTON (widget)));
  if (gtk_widget_get_tooltip_text (widget) != NULL)
    return g_strdup (gtk_widget_get_tooltip_text (widget));
  if (GTK_IS_BUTTON (widget) || GTK_IS_MENU_BUTTON (widget) || GTK_IS_LIST_BOX_ROW (widget))
    return label_below (widget);
  return NULL;
}

static gboolean
is_control (GtkWidget *widget)
{
  return GTK_IS_BUTTON (widget) || GTK_IS_MENU_BUTTON (widget) || GTK_IS_CHECK_BUTTON (widget) ||
         GTK_IS_SWITCH (widget) || GTK_IS_LIST_BOX_ROW (widget) || GTK_IS_EDITABLE (widget) ||
         GTK_IS_TEXT_VIEW (widget) || g_strcmp0 (G_OBJECT_TYPE_NAME (widget), "GtkListItemWidget") == 0 ||
         g_strcmp0 (G_OBJECT_TYPE_NAME (widget), "GtkModelButton") == 0;
}

GtkWidget *
mabei_name_find (GtkWidget *root, const char *name)
{
  if (!gtk_widget_get_mapped (root) || !gtk_widget_get_child_visible (root))
    return NULL;
  if (is_control (root) && gtk_widget_is_sensitive (root)) {
    g_autofree char *own = mabei_name_get (root);

    if (g_strcmp0 (own, name) == 0)
      return root;
  }
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *found = mabei_name_find (child, name);

    if (found != NULL)
      return found;
  }
  return NULL;
}
