/* For tests of the window: GTK on the test's own display, a window on the dummy port, waiting without sleeping. */
#pragma once

#include "ui/ports/dummy.h"
#include "ui/shell/window.h"
#include "ui/shell/window_private.h"

typedef struct {
  MabeiPort *port;
  MabeiWindow *window;
} Harness;

/* Registers GTK, locale and resources; exits 77 (skipped) without a display. */
void harness_init (int *argc, char ***argv);
gboolean harness_is_chinese (void);

/* A window of this size with the dummy's cases; 0: narrow, 360 by 720. */
Harness *harness_open (int width, int height);
/* Destroys the window and checks that it is finalised. */
void harness_close (Harness *harness);

/* Runs the main loop until nothing is to be done and the window was painted. */
void harness_settle (Harness *harness);
/* Runs the main loop until @condition holds; fails after a long time. */
#define harness_wait_for(harness, condition)                                                                           \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    gint64 harness_end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;                                                \
    while (!(condition) && g_get_monotonic_time () < harness_end) {                                                    \
      if (!g_main_context_iteration (NULL, FALSE))                                                                     \
        g_usleep (1000);                                                                                               \
    }                                                                                                                  \
    g_assert_true (condition);                                                                                         \
  }                                                                                                                    \
  G_STMT_END

/* Calls @visit for every visible, mapped widget. */
typedef void (*HarnessVisit) (GtkWidget *widget, gpointer user_data);
void harness_walk (GtkWidget *root, HarnessVisit visit, gpointer user_data);
