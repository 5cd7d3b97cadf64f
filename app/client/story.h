/* --story: the same intents as --batch, and a few words about the window itself: "window show PAGE", "window screenshot
 * FILE", "window press NAME", "window type TEXT". So that a demo and tests drive the real window. GTK's thread.
 */
#pragma once

#include <gtk/gtk.h>

#include "app/desk/desk.h"

typedef struct _MabeiStory MabeiStory;

/* Reads commands from @fd (borrowed), answers on standard output. @ended: the input ended. */
MabeiStory *
mabei_story_new (GtkWidget *window, MabeiDesk *desk, int fd, void (*ended) (gpointer user_data), gpointer user_data);
void mabei_story_free (MabeiStory *story); /* NULL is accepted */
void mabei_story_event (MabeiStory *story, GVariant *event);
