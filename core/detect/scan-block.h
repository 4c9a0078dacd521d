#pragma once

#include "core/detect/scan.h"

G_BEGIN_DECLS

/**
 * What the network says of a ROI, turned into cells of the map.
 */

/**
 * ax_scan_block_fill:
 * @p: (cells, cells) probabilities of the whole ROI
 * @damaged: (element-type AxRect0): model pixels that could not be read
 * @cells: out, (roi->cells.n_rows, roi->cells.n_cols)
 *
 * Quantises the cells that are wanted.  Those whose field touches a damaged
 * rectangle, and those without tissue, become AX_PROB_NONE.  Thread: any.
 */
void ax_scan_block_fill (const AxScanPlan *plan, const AxRoi *roi,
                         const float *p, const GArray *damaged, guint16 *cells);

/**
 * AxScanArea: wanted cells of a block, within the slide.
 * Units: mm^2; @n_failed in cells.
 */
typedef struct
{
  double analysed_mm2, failed_mm2;
  gint64 n_failed;
} AxScanArea;

/**
 * ax_scan_block_measure:
 * @cells: as ax_scan_block_fill() makes them
 *
 * Returns: FALSE when a cell that the plan does not want is filled, so that
 * the block cannot be this plan's.  Thread: any.
 */
gboolean ax_scan_block_measure (const AxScanPlan *plan, const AxRoi *roi,
                                const guint16 *cells, AxScanArea *area);

/** Level-0 pixels of the ROI's cells, within the slide. */
double ax_scan_block_get_px (const AxScanPlan *plan, const AxRoi *roi);

G_END_DECLS
