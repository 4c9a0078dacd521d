#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * Gives a menu button the slides opened last, newest first; each opens by the
 * action "app.open-path" (s).  Thread: main.
 */
void ax_recent_menu_attach (GtkMenuButton *button);

G_END_DECLS
