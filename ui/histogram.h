#pragma once

#include "ui/color-map.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * AxHistogram:
 *
 * How many cells of the map have which probability, on a logarithmic scale, in
 * the heatmap's colours from the threshold on and grey below it.  Ticks mark
 * the model's operating points.  Dragging moves the threshold.
 *
 * Property "threshold" (double); signals "drag-begin" and "drag-end" around a
 * drag.
 *
 * Thread: main.
 */
#define AX_TYPE_HISTOGRAM (ax_histogram_get_type ())
G_DECLARE_FINAL_TYPE (AxHistogram, ax_histogram, AX, HISTOGRAM, GtkWidget)

#define AX_HISTOGRAM_BINS 256

GtkWidget *ax_histogram_new (void);

/** Cells per equal bin of p; copied. */
void ax_histogram_set_counts (AxHistogram *self,
                              const gint64 counts[AX_HISTOGRAM_BINS]);
void ax_histogram_set_color_map (AxHistogram *self, AxColorMap map);
/** @thresholds: (element-type double) (nullable): copied. */
void ax_histogram_set_ticks (AxHistogram *self, const GArray *thresholds);

G_END_DECLS
