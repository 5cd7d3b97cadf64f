/* Inviting one person: name and role, then a link of their own to copy and a QR code to scan. Main thread. */
#pragma once

#include <adwaita.h>
#include "ui/model/snapshot.h"

#define MABEI_TYPE_INVITE_PAGE (mabei_invite_page_get_type ())
G_DECLARE_FINAL_TYPE (MabeiInvitePage, mabei_invite_page, MABEI, INVITE_PAGE, GtkBox)

GtkWidget *mabei_invite_page_new (MabeiSnapshot *snapshot);
