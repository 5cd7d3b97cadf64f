/* Someone knocks with an invitation: the six digits to compare, then let in or refuse; a warning when two use one link.
 * Main thread.
 */
#pragma once

#include <adwaita.h>
#include "ui/model/snapshot.h"

#define MABEI_TYPE_ADMIT_PAGE (mabei_admit_page_get_type ())
G_DECLARE_FINAL_TYPE (MabeiAdmitPage, mabei_admit_page, MABEI, ADMIT_PAGE, GtkBox)

GtkWidget *mabei_admit_page_new (MabeiSnapshot *snapshot);
/* Shows the knock of the snapshot's case; closes itself when it is answered. */
void mabei_admit_page_show (MabeiAdmitPage *page, MabeiSnapshot *snapshot);
