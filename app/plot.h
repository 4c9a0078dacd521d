#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxPlot: a curve, y from @y_min to 1, x from 0 to @x_max in steps of @x_tick.
 *
 * @title, @x_label, @y_label: one line each
 * @x, @y: (n_points): joined in their order; what is not finite or beyond the
 *   axes is cut off
 * @marks: a dot on each point
 * @other_y: (nullable): (n_points): a second curve, thin and grey
 * @band_x, @band_low, @band_high: (n_band_points): a band behind the curve
 */
typedef struct
{
  const char *title, *x_label, *y_label;
  double x_max, x_tick, y_min;
  const double *x, *y, *other_y;
  guint n_points;
  gboolean marks;
  const double *band_x, *band_low, *band_high;
  guint n_band_points;
} AxPlot;

/** Complete or not at all.  Errors: AX_ERROR_IO, AX_ERROR_MEMORY. */
gboolean ax_plot_save_png (const AxPlot *self, const char *path,
                           GError **error);

G_END_DECLS
