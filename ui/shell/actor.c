#include "ui/shell/actor.h"
#include <adwaita.h>

gboolean
mabei_actor_press (GtkWidget *control)
{
  if (GTK_IS_MENU_BUTTON (control)) {
    gtk_menu_button_popup (GTK_MENU_BUTTON (control));
    return TRUE;
  }
  /* The check box of a row stands for the row, and the other way round. */
  if (ADW_IS_ACTION_ROW (control) && adw_action_row_get_activatable_widget (ADW_ACTION_ROW (control)) == NULL) {
    GtkWidget *list = gtk_widget_get_parent (control);

    if (GTK_IS_LIST_BOX (list))
      g_signal_emit_by_name (list, "row-activated", control);
    adw_action_row_activate (ADW_ACTION_ROW (control));
    return TRUE;
  }
  if (GTK_IS_TOGGLE_BUTTON (control) || !GTK_IS_BUTTON (control))
    return gtk_widget_activate (control);
  g_signal_emit_by_name (control, "clicked");
  return TRUE;
}

gboolean
mabei_actor_select (GtkWidget *control)
{
  if (GTK_IS_CHECK_BUTTON (control)) {
    gtk_check_button_set_active (GTK_CHECK_BUTTON (control), TRUE);
    return TRUE;
  }
  if (GTK_IS_TOGGLE_BUTTON (control)) {
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (control), TRUE);
    return TRUE;
  }
  return mabei_actor_press (control);
}

gboolean
mabei_actor_fill (GtkWidget *control, const char *text)
{
  if (!GTK_IS_EDITABLE (control))
    return FALSE;
  gtk_widget_grab_focus (control);
  gtk_editable_set_text (GTK_EDITABLE (control), text);
  gtk_editable_set_position (GTK_EDITABLE (control), -1);
  return TRUE;
}
