/* All cases of this device: search, the list, and the two ways to get a case: open one or join with a link. Tells the
 * chosen case by the signal "chosen" (case id). Main thread; shows 10,000 cases without making 10,000 widgets.
 */
#pragma once

#include <adwaita.h>

#define MABEI_TYPE_CASES_PAGE (mabei_cases_page_get_type ())
G_DECLARE_FINAL_TYPE (MabeiCasesPage, mabei_cases_page, MABEI, CASES_PAGE, GtkWidget)

GtkWidget *mabei_cases_page_new (void);
void mabei_cases_page_show (MabeiCasesPage *page, const GPtrArray *cases);
/* Marks a case as the chosen one; NULL: none. Emits nothing. */
void mabei_cases_page_select (MabeiCasesPage *page, const char *case_id);
/* Alone in the window (a phone) or beside the case. */
void mabei_cases_page_set_alone (MabeiCasesPage *page, gboolean alone);
void mabei_cases_page_search (MabeiCasesPage *page);
