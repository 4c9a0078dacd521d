#pragma once

#include "core/base/geometry.h"
#include "core/detect/prob-map.h"

G_BEGIN_DECLS

/**
 * The likelihood map that ASAP shows by itself: single-channel float32, tiled
 * 512, pyramid factor 2 by 2x2 maxima, one page a level, spacing set
 * (formats.md 3.3).
 */

/**
 * ax_likelihood_tiff_write:
 * @slide: level-0 extent of the slide
 *
 * ASAP magnifies a map by slide width / map width in whole numbers, and shows
 * it only where slide height / map height is the same number.  So that cells
 * lie where they belong, that number is made the pitch of the file: the map's
 * own cell size, or where it is not a whole number of level-0 pixels, the same
 * in both directions, the nearest that can be had (the map is then resampled,
 * nearest).  The file has as many whole cells as the slide has room for: a last
 * part of a cell, at most pitch - 1 pixels, is left out, since with it the
 * quotient would be pitch - 1 and the map would drift by 1 / pitch.
 *
 * Not analysed is 0.  Without µm/px there is no spacing.  Complete or not at
 * all.  Errors: AX_ERROR_IO.
 */
gboolean ax_likelihood_tiff_write (AxProbMap *map, AxRect0 slide,
                                   const char *path, GError **error);

/**
 * ax_likelihood_read:
 * @scale_max: the value that stands for p = 1 (1 for float, 255 or 65535 for
 *   whole numbers, 200 for the maps of ../shared/data/heatmaps); 0 for the
 *   type's own
 * @step: level-0 pixels per cell; 0: from the file's spacing over @mpp
 * @mpp: µm per level-0 pixel; 0 when unknown
 *
 * Reads a map made here or elsewhere: single-channel float32, 8 or 16-bit
 * TIFF, PNG or JPEG; RGB counts as single-channel when all pixels are grey.
 * In float maps 0 is "not analysed".  Whole numbers above @scale_max, which
 * JPEG makes, are p = 1.
 *
 * Errors: AX_ERROR_FORMAT (float values outside 0..1, several channels, no
 * spacing), those of ax_image_load() and ax_prob_map_new().
 */
AxProbMap *ax_likelihood_read (const char *path, double scale_max, double step,
                               AxScale mpp, GError **error);

G_END_DECLS
