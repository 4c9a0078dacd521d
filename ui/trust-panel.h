#pragma once

#include "ui/session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * AxTrustPanel: everything that a result rests on, in one window: engines and
 * why each is or is not used, device, model with its hash and card, µm/px,
 * what was analysed, memory budgets.  Thread: main.
 */

/** @view_bytes: memory of the pictures on screen. */
void ax_trust_panel_present (GtkWindow *parent, AxSession *session,
                             gsize view_bytes);

G_END_DECLS
