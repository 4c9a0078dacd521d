#pragma once

#include "ui/session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * AxThresholdPanel:
 *
 * What decides which cells are a lesion and how they are shown: counts per
 * class as its title, what the map shows where the network gives a choice, the
 * threshold over the histogram, opacity, colours, fill and the way of
 * measuring.
 *
 * Thread: main.
 */
#define AX_TYPE_THRESHOLD_PANEL (ax_threshold_panel_get_type ())
G_DECLARE_FINAL_TYPE (AxThresholdPanel, ax_threshold_panel, AX, THRESHOLD_PANEL,
                      GtkBox)

GtkWidget *ax_threshold_panel_new (AxSession *session);

/**
 * (transfer full): "2 macro · 1 micro · 3 ITC ≥ 0.50", or for no lesion an
 * honest sentence on what that means.
 * @lesions: (nullable).
 */
char *ax_threshold_panel_describe (AxLesionSet *lesions,
                                   const AxScanProgress *progress,
                                   gboolean is_done);

G_END_DECLS
