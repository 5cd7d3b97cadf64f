/* Written talk in each compartment of the case: jointly, and in each caucus with who can read it said above. In a
 * caucus the writer chooses how far the mediator may carry the message. Main thread.
 */
#pragma once

#include <adwaita.h>
#include "ui/model/snapshot.h"

#define MABEI_TYPE_MESSAGES_PAGE (mabei_messages_page_get_type ())
G_DECLARE_FINAL_TYPE (MabeiMessagesPage, mabei_messages_page, MABEI, MESSAGES_PAGE, GtkWidget)

void mabei_messages_page_show (MabeiMessagesPage *page, MabeiSnapshot *snapshot);
void mabei_messages_page_set_narrow (MabeiMessagesPage *page, gboolean narrow);
