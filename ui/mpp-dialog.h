#pragma once

#include "ui/session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * AxMppDialog: asks for the µm per pixel of a slide that does not say.  The
 * answer goes to the session, which remembers it for this slide.
 * Thread: main.
 */
void ax_mpp_dialog_present (GtkWindow *parent, AxSession *session);

G_END_DECLS
