/* What a case looks like to its person: the one next step, entries that differ, the entries, the timeline. Main thread.
 */
#pragma once

#include <adwaita.h>
#include "ui/model/snapshot.h"

#define MABEI_TYPE_OVERVIEW_PAGE (mabei_overview_page_get_type ())
G_DECLARE_FINAL_TYPE (MabeiOverviewPage, mabei_overview_page, MABEI, OVERVIEW_PAGE, GtkWidget)

void mabei_overview_page_show (MabeiOverviewPage *page, MabeiSnapshot *snapshot);
void mabei_overview_page_show_top (MabeiOverviewPage *page);
/* Brings the first pair of differing entries into view and gives it the keyboard; FALSE: there is none. */
gboolean mabei_overview_page_show_conflict (MabeiOverviewPage *page);
