#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * Puts the networks that came with Axilla in front of the button's menu, each
 * as `win.model` with its name.  What there is is looked up once.
 */
void ax_model_menu_attach (GtkMenuButton *button);

G_END_DECLS
