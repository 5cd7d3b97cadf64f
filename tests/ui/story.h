/* Drives a window by lines of text from a file descriptor. Main thread. */
#pragma once

#include "ui/shell/window.h"

typedef struct _MabeiStory MabeiStory;

MabeiStory *mabei_story_new (MabeiWindow *window, MabeiPort *dummy, int fd);
void mabei_story_free (MabeiStory *story);
