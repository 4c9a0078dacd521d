#pragma once

#include "core/base/contour-tracer.h"
#include "core/base/geometry.h"

G_BEGIN_DECLS

/**
 * AxFeret: the longest line between two corners of a set of cells, its maximum
 * Feret diameter.
 *
 * @length: in the unit of the scale it was measured with
 * @ends: the two corners, in cells
 */
typedef struct
{
  double length;
  AxCorner ends[2];
} AxFeret;

/**
 * ax_feret_measure:
 * @runs: in raster order, at least one; labels are not looked at
 * @cell: size of a cell, the unit of the result
 *
 * Measures over the convex hull of the cells' corners by rotating calipers
 * (Shamos 1978): cell corners, not centres, so that a single cell has the
 * length of its diagonal.  Which pairs are antipodal is settled in whole
 * numbers and does not depend on @cell.
 *
 * Errors: none.  Thread: any.
 */
AxFeret ax_feret_measure (const AxRun *runs, gsize n_runs, AxScale cell);

G_END_DECLS
