#pragma once

#include "core/base/geometry.h"
#include "ui/viewport.h"

#include <cairo.h>

G_BEGIN_DECLS

/**
 * AxOutline:
 *
 * A closed line of many vertices that draws fast at every zoom: for each zoom
 * octave a copy is kept, made when first wanted, whose vertices are no closer
 * than about a screen pixel.  Thread: main.
 */
typedef struct _AxOutline AxOutline;

/** @points: copied; at least one, the first is not repeated. */
AxOutline *ax_outline_new (const AxPoint0 *points, guint n_points);
/**
 * The same for a line along the edges of cells, whose corners are cut by half
 * a cell, so that stairs become slopes.
 */
AxOutline *ax_outline_new_along_cells (const AxPoint0 *points, guint n_points);
void ax_outline_free (AxOutline *self);

/** Smallest whole rectangle around it. */
AxRect0 ax_outline_get_bounds (const AxOutline *self);
/** (transfer none): the uppermost vertex. */
AxPoint0 ax_outline_get_top (const AxOutline *self);

/** Adds to the path, in screen pixels, the edges that come near the view. */
void ax_outline_trace (AxOutline *self, AxViewport *viewport, cairo_t *cr);

/** How many vertices the copy for @zoom has. */
guint ax_outline_get_n_points (AxOutline *self, double zoom);

G_END_DECLS
