/* The chosen case with its four tabs (overview, mediation, messages, people), the sentence on who can hear, and the
 * calm bar when there is no network. Main thread.
 */
#pragma once

#include <adwaita.h>
#include "ui/model/snapshot.h"
#include "ui/session/minutes_pane.h"

#define MABEI_TYPE_CASE_PAGE (mabei_case_page_get_type ())
G_DECLARE_FINAL_TYPE (MabeiCasePage, mabei_case_page, MABEI, CASE_PAGE, GtkWidget)

/* A snapshot without a case shows the empty state. */
void mabei_case_page_show (MabeiCasePage *page, MabeiSnapshot *snapshot);
/* "overview", "session", "messages", "people" */
void mabei_case_page_open (MabeiCasePage *page, const char *tab);
void mabei_case_page_open_minutes (MabeiCasePage *page, gboolean open);
gboolean mabei_case_page_has_minutes_open (MabeiCasePage *page);
gboolean mabei_case_page_has_minutes_focus (MabeiCasePage *page);
gboolean mabei_case_page_show_conflict (MabeiCasePage *page);
void mabei_case_page_set_narrow (MabeiCasePage *page, gboolean narrow);
MabeiMinutesPane *mabei_case_page_get_minutes (MabeiCasePage *page);
