#pragma once

#include "core/eval/froc-slide.h"

G_BEGIN_DECLS

/**
 * ax_detections_read:
 *
 * Reads the detections of a slide: rows probability, x, y in level-0 pixels.
 * There may be a header, which then names these columns in any order.  A file
 * without rows is a slide without detections.
 *
 * Returns: (transfer full) (element-type AxDetection).
 * Errors: those of ax_csv_read(); AX_ERROR_FORMAT with file and line for fewer
 * than three columns and for what is no finite number.
 */
GArray *ax_detections_read (const char *path, GError **error);

G_END_DECLS
