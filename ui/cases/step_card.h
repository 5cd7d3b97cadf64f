/* The one next step of a case: a heading, a sentence in plain words, at most one button. Main thread. */
#pragma once

#include <adwaita.h>
#include "ui/model/snapshot.h"

#define MABEI_TYPE_STEP_CARD (mabei_step_card_get_type ())
G_DECLARE_FINAL_TYPE (MabeiStepCard, mabei_step_card, MABEI, STEP_CARD, GtkBox)

void mabei_step_card_show (MabeiStepCard *card, const MabeiSnapshot *snapshot);
