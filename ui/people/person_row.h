/* One person's device: name, role, what it has and lacks and since when, whether it is reachable now. Main thread. */
#pragma once

#include <adwaita.h>
#include "core/view/view.h"

/* For mabei_rows_show: @person is a MabeiViewPerson. */
GtkWidget *mabei_person_row_new (gpointer unused);
void mabei_person_row_show (GtkWidget *row, gpointer person, gpointer unused);
/* The same for an open invitation. */
void mabei_person_row_show_invitation (GtkWidget *row, gpointer person, gpointer unused);
