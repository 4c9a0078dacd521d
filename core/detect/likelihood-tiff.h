#pragma once

#include "core/base/geometry.h"
#include "core/detect/prob-map.h"

G_BEGIN_DECLS

/**
 * The likelihood map that ASAP shows by itself: single-channel float32, tiled
 * 512, pyramid factor 2, spacing set (formats.md 3.3).
 */

/**
 * ax_likelihood_tiff_write:
 * @slide: level-0 extent of the slide
 *
 * Where a cell is not a whole number of level-0 pixels, the same in both
 * directions, the map is resampled (nearest) onto the nearest whole pitch, and
 * padded until both integer quotients agree.  Not analysed is 0.  Complete or
 * not at all.  Errors: AX_ERROR_IO.
 */
gboolean ax_likelihood_tiff_write (AxProbMap *map, AxRect0 slide,
                                   const char *path, GError **error);

/**
 * ax_likelihood_read:
 * @scale_max: the value that stands for p = 1 (1 for float, 255 or 65535 for
 *   whole numbers, 200 for the maps of ../shared/data/heatmaps); 0 for the
 *   type's own
 * @step: level-0 pixels per cell; 0: from the file's spacing over @mpp
 * @mpp: µm per level-0 pixel
 *
 * Reads a map made here or elsewhere: single-channel float32, 8 or 16-bit
 * TIFF, PNG or JPEG.  In float maps 0 is "not analysed".
 *
 * Errors: AX_ERROR_FORMAT (values outside 0..1, several channels), others.
 */
AxProbMap *ax_likelihood_read (const char *path, double scale_max, double step,
                               AxScale mpp, GError **error);

G_END_DECLS
