#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/** Escape closes @window, as people expect of dialogues.  Thread: main. */
void ax_escape_closes (GtkWindow *window);

G_END_DECLS
