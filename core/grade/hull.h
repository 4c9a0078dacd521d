#pragma once

#include "core/base/run.h"

G_BEGIN_DECLS

/**
 * AxHull: the cells of the convex hull of a set of cells, as scikit-image's
 * convex_hull_image has it: each cell stands for the middles of its four
 * sides, and a cell is in when its centre is inside or on the edge.
 *
 * @spans: (n_rows): cells [start, end) of each row from @spans[0].row on
 * @n_cells: of all spans
 *
 * Thread: any; immutable.
 */
typedef struct
{
  AxRun *spans; /* (owned) labels 0 */
  guint n_rows;
  gint64 n_cells;
} AxHull;

/**
 * ax_hull_new:
 * @runs: one 8-connected component, in raster order, at least one run
 */
AxHull *ax_hull_new (const AxRun *runs, gsize n_runs);
/** Accepts NULL. */
void ax_hull_free (AxHull *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxHull, ax_hull_free)

/** How many cells of @runs, in raster order, are in the hull. */
gint64 ax_hull_count (const AxHull *self, const AxRun *runs, gsize n_runs);

G_END_DECLS
