/* Who is in the case, what each one's device has, open invitations, and how work travels. Main thread. */
#pragma once

#include <adwaita.h>
#include "ui/model/snapshot.h"

#define MABEI_TYPE_PEOPLE_PAGE (mabei_people_page_get_type ())
G_DECLARE_FINAL_TYPE (MabeiPeoplePage, mabei_people_page, MABEI, PEOPLE_PAGE, GtkWidget)

void mabei_people_page_show (MabeiPeoplePage *page, MabeiSnapshot *snapshot);
