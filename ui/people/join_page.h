/* Joining a case: paste the link, then read the six-digit code to the mediator and wait. Main thread. */
#pragma once

#include <adwaita.h>
#include "ui/model/snapshot.h"

#define MABEI_TYPE_JOIN_PAGE (mabei_join_page_get_type ())
G_DECLARE_FINAL_TYPE (MabeiJoinPage, mabei_join_page, MABEI, JOIN_PAGE, GtkBox)

/* @link may be NULL; else it is filled in. */
GtkWidget *mabei_join_page_new (MabeiSnapshot *snapshot, const char *link);
/* Shows the own knock of the snapshot, if there is one. */
void mabei_join_page_show (MabeiJoinPage *page, MabeiSnapshot *snapshot);
