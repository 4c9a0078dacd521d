#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/** Shows the settings that are not in a window's own panel.  Thread: main. */
void ax_preferences_present (GtkWindow *parent, GSettings *settings);

G_END_DECLS
