/* Shared by the files of the window only. */
#pragma once

#include "ui/cases/cases_page.h"
#include "ui/model/snapshot.h"
#include "ui/shell/case_page.h"
#include "ui/shell/dialog_host.h"
#include "ui/shell/unlock_page.h"
#include "ui/shell/window.h"

struct _MabeiWindow {
  AdwApplicationWindow parent_instance;
  AdwToastOverlay *toasts;
  GtkStack *stack;
  MabeiUnlockPage *unlock_page;
  AdwBin *main;
  MabeiDialogHost *dialogs;
  GtkWidget *panes;
  MabeiCasesPage *cases;
  MabeiCasePage *page;
  MabeiUnlockPort *unlock;
  MabeiPort *port;
  MabeiSnapshot *snapshot; /* of the chosen case; NULL without a port */
  char *case_id;           /* the chosen one */
  MabeiChanged dirty;
  guint refresh; /* idle source */
};

/* Actions "win.*" of the window. */
void mabei_window_add_actions (MabeiWindow *self);
/* Takes a new snapshot and shows it everywhere. */
void mabei_window_refresh (MabeiWindow *self);
gboolean mabei_window_choose (MabeiWindow *self, const char *case_id);
void mabei_window_open_dialog (MabeiWindow *self, const char *title, GtkWidget *content);
void mabei_window_join (MabeiWindow *self, const char *link);
