#pragma once

#include "core/base/geometry.h"

G_BEGIN_DECLS

/** µm per level-0 pixel that sizes are taken for where it is unknown. */
#define AX_TISSUE_ASSUMED_MPP 0.25

/**
 * ax_tissue_otsu_threshold:
 *
 * The value t for which the classes v <= t and v > t of @histogram have the
 * largest variance between them (Otsu 1979, equation 12), the lowest of equals;
 * the one value there is if there is only one, 0 for an empty histogram.
 */
int ax_tissue_otsu_threshold (const guint64 histogram[256]);

/**
 * ax_tissue_otsu_find:
 * @rgb: (height, width, 3)
 * @damaged: (height, width), non-zero where the picture is not known
 *   (nullable)
 * @cell_um: sides of a cell in µm
 * @threshold: out, of saturation, 0..255
 *
 * The rule (algorithms.md 2).  A cell is tissue when it is coloured (HSV
 * saturation above Otsu's threshold) or dark (luminance at most Otsu's
 * threshold, in a patch at least 0.1 mm thick: cover-slip edges and dust are
 * dark and colourless, but thinner); never when it is black or white padding
 * or ink (tissue-ink.h), and nowhere on a dark ground (fluorescence).  Holes
 * below 0.01 mm^2 are filled, specks below 0.005 mm^2 (and below 1 % of the
 * picture) dropped.
 *
 * Damaged cells are tissue: the scan tries them and reports what it cannot
 * read, whereas leaving them out would pass over them in silence.
 *
 * Returns: (transfer full): (height, width), 255 tissue, 0 not.
 * Errors: AX_ERROR_MEMORY.  Thread: any.
 */
guint8 *ax_tissue_otsu_find (const guint8 *rgb, const guint8 *damaged,
                             int width, int height, AxScale cell_um,
                             int *threshold, GError **error);

G_END_DECLS
