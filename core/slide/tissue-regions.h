#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * Regions of a picture of cells that are 0 or 255, (height, width): those of
 * 255 hang together by sides and corners, those of 0 by sides.
 *
 * Errors of all: AX_ERROR_MEMORY, cells unspecified.  Thread: any.
 */

/**
 * Turns over the regions of @value with fewer than @n_min cells; those of 0
 * that touch the border are no holes and stay.  @n_left: out (nullable), the
 * number of regions of @value that stay.
 */
gboolean ax_tissue_regions_drop (guint8 *cells, int width, int height,
                                 guint8 value, double n_min, guint *n_left,
                                 GError **error);

/**
 * Opening by a square of 2 * @radius + 1 cells: what is thinner becomes 0.
 * With a @share below 1 that much of the square's sides will do, so that a few
 * cells of another kind do not cut through.  Beyond the border lies 0.
 */
gboolean ax_tissue_regions_open (guint8 *cells, int width, int height,
                                 int radius, double share, GError **error);

/** Dilation by a square of 2 * @radius + 1 cells. */
gboolean ax_tissue_regions_grow (guint8 *cells, int width, int height,
                                 int radius, GError **error);

G_END_DECLS
