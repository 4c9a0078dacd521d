#pragma once

#include "core/base/contour-tracer.h"

G_BEGIN_DECLS

/**
 * AxContour:
 *
 * One closed line along cell edges, in whole cell corners: corner (0, 0) is
 * the top left of cell (0, 0).  Runs of straight edges are one segment; the
 * first corner is not repeated.
 *
 * @is_hole: an outline runs clockwise on screen (y down), a hole the other way
 * @component: number of the 8-connected component it bounds, from 0 in raster
 *   order of the components' first cells
 */
typedef struct
{
  AxCorner *corners; /* (owned) */
  guint n_corners;
  gboolean is_hole;
  guint component;
} AxContour;

/**
 * ax_contour_trace:
 * @cells: (height, width) row-major, @row_bytes apart; non-zero is inside
 *
 * Outlines of each 8-connected component and of its holes (4-connected
 * background), each component's outline before its holes.  Where two cells of
 * a component touch in a corner only, the line passes through that corner
 * twice.
 *
 * Returns: (transfer full) (element-type AxContour): with element clear set.
 * Errors: AX_ERROR_MEMORY.  Thread: any.
 */
GArray *ax_contour_trace (const guint8 *cells, int width, int height,
                          gsize row_bytes, GError **error);

G_END_DECLS
