#include "ui/people/person_row.h"
#include <glib/gi18n-lib.h>
#include "ui/model/name.h"
#include "ui/model/words.h"

GtkWidget *
mabei_person_row_new (gpointer unused)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *avatar = adw_avatar_new (40, NULL, TRUE);
  GtkWidget *state = gtk_label_new (NULL);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_add_css_class (state, "caption");
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), avatar);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), state);
  g_object_set_data (G_OBJECT (row), "mabei-avatar", avatar);
  g_object_set_data (G_OBJECT (row), "mabei-state", state);
  return row;
}

static void
show_row (
    GtkWidget *row, const char *plain, const char *name, const char *role, const char *sentence, const char *state)
{
  GtkLabel *label = g_object_get_data (G_OBJECT (row), "mabei-state");
  g_autofree char *title = g_strdup_printf ("%s · %s", name, role);
  g_autofree char *spoken = g_strdup_printf ("%s. %s. %s", title, sentence, state);

  adw_avatar_set_text (g_object_get_data (G_OBJECT (row), "mabei-avatar"), plain);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), sentence);
  gtk_label_set_text (label, state);
  gtk_widget_set_visible (GTK_WIDGET (label), *state != '\0');
  mabei_name_set (row, spoken);
}

void
mabei_person_row_show (GtkWidget *row, gpointer person, gpointer unused)
{
  const MabeiViewPerson *p = person;
  g_autofree char *sentence = mabei_words_missing (p);
  g_autofree char *name = p->is_self ? g_strdup_printf (_ ("%s (you)"), p->name) : g_strdup (p->name);

  show_row (row, p->name, name, mabei_words_role (p->role), sentence,
            p->is_self  ? ""
            : p->online ? _ ("Online")
                        : _ ("Away"));
}

void
mabei_person_row_show_invitation (GtkWidget *row, gpointer person, gpointer unused)
{
  const MabeiViewPerson *p = person;

  show_row (row, p->name, p->name, mabei_words_role (p->role), _ ("Invited; has not come in yet"), "");
}
