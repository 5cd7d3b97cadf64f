/* Entries that contradict each other, side by side with who and when, and a button under each: one is chosen by a
 * person, nothing by the program. Main thread.
 */
#pragma once

#include <adwaita.h>
#include "ui/model/snapshot.h"

#define MABEI_TYPE_CONFLICT_CARD (mabei_conflict_card_get_type ())
G_DECLARE_FINAL_TYPE (MabeiConflictCard, mabei_conflict_card, MABEI, CONFLICT_CARD, GtkBox)

/* For mabei_rows_show: @conflict is a MabeiViewConflict, @user_data the MabeiSnapshot. */
GtkWidget *mabei_conflict_card_new (gpointer user_data);
void mabei_conflict_card_show (GtkWidget *card, gpointer conflict, gpointer user_data);
