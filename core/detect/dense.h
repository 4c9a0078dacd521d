#pragma once

#include "core/base/geometry.h"
#include "core/models/model.h"

G_BEGIN_DECLS

/**
 * AxDense:
 *
 * Where cells lie and what must be read for them (algorithms.md 1.4, 1.6; Lin
 * et al. 2018, equations 2-4).  All in model pixels.
 *
 * @step:     S_d = stride / alpha, model pixels per cell
 * @origin:   first input pixel of the field of cell (0, 0):
 *            floor(S_d/2) - floor(field/2)
 * @cells:    cells per side of one ROI's output, alpha * (m + 1)
 * @input_px: side of the ROI that is read, field + stride*m + (alpha-1)*S_d
 * @tile_cells, @tile_px: one offset probability tile of the naive form: m + 1
 *            cells from field + stride*m pixels
 */
typedef struct
{
  int field, stride, alpha;
  int step, origin;
  int cells, input_px;
  int tile_cells, tile_px;
} AxDense;

/**
 * ax_dense_init:
 * @roi_px: wanted side of the ROI; the largest fitting m >= 0 is taken
 *
 * Errors: AX_ERROR_LIMIT when alpha is not a power of two up to the stride or
 * the ROI is smaller than one field.
 */
gboolean ax_dense_init (AxDense *self, int field, int stride, int alpha,
                        int roi_px, GError **error);

/** First model pixel of the ROI whose first cell is @cell (either axis). */
gint64 ax_dense_cell_to_px (const AxDense *self, gint64 cell);

/**
 * ax_dense_interleave:
 * @opt: alpha*alpha offset probability tiles (tile_cells, tile_cells),
 *   offset-major
 * @dense: out, (cells, cells); may not overlap @opt
 *
 * dense[a*i+p][a*j+q] = opt[p*a+q][i][j] (Lin et al. 2018, equation 2).
 */
void ax_dense_interleave (const AxDense *self, const float *opt, float *dense);

G_END_DECLS
