#pragma once

#include "core/detect/bit-plane.h"

G_BEGIN_DECLS

/**
 * Morphology on sets of map cells.  What lies outside the map is not in the
 * set.  Distances are Euclidean, between cell centres, without approximation.
 * Thread: owner of the plane.
 */

/**
 * ax_bit_plane_open:
 * @radius: in cells, of the disc dx*dx + dy*dy <= @radius * @radius; 1 is the
 *   cross of five cells; 0 changes nothing
 *
 * Opening, an erosion followed by a dilation with the disc: what is left are
 * the discs that fit into the set.  Errors: AX_ERROR_MEMORY (nothing changed).
 */
gboolean ax_bit_plane_open (AxBitPlane *self, int radius, GError **error);

/**
 * ax_bit_plane_dilate:
 * @radius: positive, in the unit of @cell
 * @cell: size of a cell
 *
 * Adds the cells at a distance of at most @radius.
 * Errors: AX_ERROR_MEMORY (nothing changed).
 */
gboolean ax_bit_plane_dilate (AxBitPlane *self, double radius, AxScale cell,
                              GError **error);

/**
 * ax_bit_plane_fill_holes:
 *
 * Adds the cells from which no path of 4-connected background leads to the
 * edge of the map.  Errors: AX_ERROR_MEMORY (nothing changed).
 */
gboolean ax_bit_plane_fill_holes (AxBitPlane *self, GError **error);

G_END_DECLS
