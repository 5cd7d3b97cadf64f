#include "ui/cases/conflict_card.h"
#include <glib/gi18n-lib.h>
#include "ui/model/intent.h"
#include "ui/model/name.h"
#include "ui/model/rows.h"
#include "ui/model/time_words.h"
#include "ui/model/words.h"

struct _MabeiConflictCard {
  GtkBox parent_instance;
  GtkLabel *heading;
  GtkBox *values;
  MabeiSnapshot *snapshot;
  char *id;
};

G_DEFINE_FINAL_TYPE (MabeiConflictCard, mabei_conflict_card, GTK_TYPE_BOX)

static void
mabei_conflict_card_finalize (GObject *object)
{
  MabeiConflictCard *self = MABEI_CONFLICT_CARD (object);

  g_clear_pointer (&self->snapshot, mabei_snapshot_unref);
  g_clear_pointer (&self->id, g_free);
  G_OBJECT_CLASS (mabei_conflict_card_parent_class)->finalize (object);
}

static void
mabei_conflict_card_class_init (MabeiConflictCardClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = mabei_conflict_card_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/mabei/ui/cases/conflict_card.ui");
  gtk_widget_class_bind_template_child (widget_class, MabeiConflictCard, heading);
  gtk_widget_class_bind_template_child (widget_class, MabeiConflictCard, values);
}

static void
mabei_conflict_card_init (MabeiConflictCard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
mabei_conflict_card_new (gpointer user_data)
{
  return g_object_new (MABEI_TYPE_CONFLICT_CARD, NULL);
}

static void
on_chosen (MabeiConflictCard *self, GtkButton *button)
{
  const char *value = g_object_get_data (G_OBJECT (button), "mabei-value");
  const char *const words[] = {"conflict", "resolve", self->id, value, NULL};

  mabei_intent_run (GTK_WIDGET (self), self->snapshot, words, NULL, NULL);
}

static GtkWidget *
value_new (gpointer user_data)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  static const char *const classes[] = {"title-1", "heading", "caption"};

  gtk_widget_add_css_class (box, "value");
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++) {
    GtkWidget *label = gtk_label_new (NULL);

    gtk_label_set_wrap (GTK_LABEL (label), TRUE);
    gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
    gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
    gtk_widget_add_css_class (label, classes[i]);
    gtk_box_append (GTK_BOX (box), label);
  }
  gtk_box_append (GTK_BOX (box), gtk_button_new ());
  g_signal_connect_swapped (gtk_widget_get_last_child (box), "clicked", G_CALLBACK (on_chosen), user_data);
  return box;
}

static void
value_show (GtkWidget *box, gpointer item, gpointer user_data)
{
  const MabeiViewValue *value = item;
  GtkWidget *what = gtk_widget_get_first_child (box);
  GtkWidget *who = gtk_widget_get_next_sibling (what);
  GtkWidget *when = gtk_widget_get_next_sibling (who);
  GtkWidget *button = gtk_widget_get_last_child (box);
  g_autofree char *time = mabei_time_words (value->at_ms);
  g_autofree char *label = g_strdup_printf (_ ("Choose %s"), value->value);

  gtk_label_set_text (GTK_LABEL (what), value->value);
  gtk_label_set_text (GTK_LABEL (who), value->by);
  gtk_label_set_text (GTK_LABEL (when), time);
  gtk_button_set_label (GTK_BUTTON (button), label);
  gtk_label_set_wrap (GTK_LABEL (gtk_button_get_child (GTK_BUTTON (button))), TRUE);
  gtk_label_set_justify (GTK_LABEL (gtk_button_get_child (GTK_BUTTON (button))), GTK_JUSTIFY_CENTER);
  g_object_set_data_full (G_OBJECT (button), "mabei-value", g_strdup (value->value), g_free);
}

void
mabei_conflict_card_show (GtkWidget *card, gpointer conflict, gpointer user_data)
{
  MabeiConflictCard *self = MABEI_CONFLICT_CARD (card);
  const MabeiViewConflict *c = conflict;
  g_autofree char *heading = g_strdup_printf (_ ("%s: entries differ, please choose"), mabei_words_field (c->field));

  mabei_snapshot_set (&self->snapshot, user_data);
  g_free (self->id);
  self->id = g_strdup (c->id);
  gtk_label_set_text (self->heading, heading);
  /* Two stand side by side; more would be too narrow to read on a phone. */
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->values),
                                  c->values->len > 2 ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
  mabei_rows_show (GTK_WIDGET (self->values), c->values, value_new, value_show, self);
}
