/* Does with a control what a person would do: press, choose, fill in. For stories and tests. Main thread. */
#pragma once

#include <gtk/gtk.h>

gboolean mabei_actor_press (GtkWidget *control);
gboolean mabei_actor_select (GtkWidget *control);
gboolean mabei_actor_fill (GtkWidget *control, const char *text);
