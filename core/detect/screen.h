#pragma once

#include "core/detect/scan.h"

G_BEGIN_DECLS

/**
 * ax_screen_scan:
 * @scan: of the first network of a cascade; it is done
 * @threshold: a cell below it is confidently negative (AxScreening)
 * @skipped_mm2: out (nullable): tissue of the scan's plan that is left out
 *
 * What a first network, of lower magnification, leaves for a second one: the
 * tissue but for the confidently negative fields (algorithms.md 5).  A field
 * is the whole square that a cell's value was worked out from, so all that any
 * doubtful cell has seen is looked at again, to the corners; so is what the
 * first network could not read.
 *
 * Returns: (transfer full): tissue for the second network's plan, whose hash
 * depends on it.  Errors: AX_ERROR_MEMORY.  Thread: any.
 */
AxTissue *ax_screen_scan (AxScan *scan, double threshold, double *skipped_mm2,
                          GError **error);

G_END_DECLS
