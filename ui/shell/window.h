/* The window: unlock page, list of cases, the chosen case, dialogs inside of the window. Adaptive from 360 px. Owns its
 * pages; borrows the ports, which must live until mabei_window_set_port (window, NULL) or the window's end. Everything
 * here is for the main thread. mabei_ui_init comes first.
 */
#pragma once

#include <adwaita.h>
#include "ui/ports/port.h"

#define MABEI_TYPE_WINDOW (mabei_window_get_type ())
G_DECLARE_FINAL_TYPE (MabeiWindow, mabei_window, MABEI, WINDOW, AdwApplicationWindow)

/* Once, before the first window and after gtk_init or in GApplication::startup: translations from @locale_directory
 * (NULL: the system's), resources, style, icons. */
void mabei_ui_init (const char *locale_directory);

/* @unlock may be NULL when a port is set at once. */
GtkWidget *mabei_window_new (GtkApplication *application, MabeiUnlockPort *unlock);

/* From now on the window shows this port's cases; NULL: back to the unlock page. */
void mabei_window_set_port (MabeiWindow *window, MabeiPort *port);

/* Opens a page: "cases", "overview", "session", "minutes", "messages", "people", "invite", "join", "admit", "conflict",
 * "new-case", "move", "shortcuts", "about". @case_id NULL: the case shown, or the first. @page "join" takes a link in
 * place of @case_id. FALSE: there is no such page or case. */
gboolean mabei_window_show (MabeiWindow *window, const char *page, const char *case_id);

/* For stories: controls by their accessible name, as a person would use them. FALSE: there is none that can be used. */
gboolean mabei_window_press (MabeiWindow *window, const char *name);
/* Chooses a row, a tab or an option. */
gboolean mabei_window_select (MabeiWindow *window, const char *name);
/* Replaces the text of the entry with this name. */
gboolean mabei_window_fill (MabeiWindow *window, const char *name, const char *text);
/* Writes at the caret of the minutes. */
gboolean mabei_window_type (MabeiWindow *window, const char *text);

/* Writes what the window shows to a PNG file; lets the window paint first. */
gboolean mabei_window_screenshot (MabeiWindow *window, const char *path, GError **error);

/* Shows a sentence at the bottom for a moment. */
void mabei_window_report (MabeiWindow *window, const char *sentence);
