#pragma once

#include "core/base/geometry.h"
#include "core/base/run.h"

G_BEGIN_DECLS

/**
 * AxEllipse: the ellipse that has the same second moments as a set of cells,
 * as scikit-image's regionprops defines it: cells are points at their centres,
 * without the 1/12 that Matlab adds for their extent.
 *
 * @n_cells: how many there are
 * @major_axis: 4 sqrt (l1), with l1 >= l2 the eigenvalues of the central second
 *   moments over @n_cells; in the unit of the scale; 0 for a single cell
 * @eccentricity: sqrt (1 - l2 / l1), 0 for a single cell
 */
typedef struct
{
  gint64 n_cells;
  double major_axis;
  double eccentricity;
} AxEllipse;

/**
 * ax_ellipse_measure:
 * @runs: at least one
 * @cell: size of a cell, the unit of the result
 *
 * Errors: none.  Thread: any.
 */
AxEllipse ax_ellipse_measure (const AxRun *runs, gsize n_runs, AxScale cell);

G_END_DECLS
