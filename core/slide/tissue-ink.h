#pragma once

#include "core/base/geometry.h"

G_BEGIN_DECLS

/**
 * ax_tissue_ink_find:
 * @rgb: (height, width, 3)
 * @cell_um: sides of a cell in µm
 * @ink: out, (height, width), 255 where a pen was used, 0 elsewhere
 *
 * Pen marks: strokes at least 0.2 mm wide of strongly green, blue or red ink,
 * or of black, and the paler rim of the same colour around them.  No hue of
 * haematoxylin or eosin counts, at the price of missing ink of those hues: a
 * missed mark costs time, missed tissue a metastasis.
 *
 * Errors: AX_ERROR_MEMORY.  Thread: any.
 */
gboolean ax_tissue_ink_find (const guint8 *rgb, int width, int height,
                             AxScale cell_um, guint8 *ink, GError **error);

G_END_DECLS
