#include "ui/cases/step_card.h"
#include <glib/gi18n-lib.h>
#include "ui/model/words.h"

struct _MabeiStepCard {
  GtkBox parent_instance;
  GtkLabel *heading;
  GtkLabel *sentence;
  GtkButton *button;
};

G_DEFINE_FINAL_TYPE (MabeiStepCard, mabei_step_card, GTK_TYPE_BOX)

static void
mabei_step_card_class_init (MabeiStepCardClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/mabei/ui/cases/step_card.ui");
  gtk_widget_class_bind_template_child (widget_class, MabeiStepCard, heading);
  gtk_widget_class_bind_template_child (widget_class, MabeiStepCard, sentence);
  gtk_widget_class_bind_template_child (widget_class, MabeiStepCard, button);
}

static void
mabei_step_card_init (MabeiStepCard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* A mediation that is going on is nearer than anything the record asks for. */
static MabeiWordsStep
nearest_step (const MabeiSnapshot *snapshot)
{
  if (mabei_snapshot_guest (snapshot) != NULL)
    return mabei_words_step ("guest");
  if (snapshot->session->joined)
    return (MabeiWordsStep){_ ("The mediation is going on"), _ ("You are taking part. Others can see and hear you."),
                            _ ("Back to the mediation"), "win.go-session"};
  if (snapshot->session->open)
    return (MabeiWordsStep){_ ("The mediation has begun"), _ ("The others are waiting for you. Audio is enough."),
                            _ ("Go to the mediation"), "win.go-session"};
  return mabei_words_step (snapshot->view->next_step);
}

void
mabei_step_card_show (MabeiStepCard *card, const MabeiSnapshot *snapshot)
{
  MabeiWordsStep step = nearest_step (snapshot);

  gtk_label_set_text (card->heading, step.heading);
  gtk_label_set_text (card->sentence, step.sentence);
  gtk_widget_set_visible (GTK_WIDGET (card->button), step.button != NULL);
  if (step.button != NULL) {
    gtk_button_set_label (card->button, step.button);
    gtk_actionable_set_action_name (GTK_ACTIONABLE (card->button), step.action);
  }
}
