#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxDense:
 *
 * Where cells lie and what must be read for them (algorithms.md 1.4, 1.6; Lin
 * et al. 2018, equations 2-4).  All in model pixels.
 *
 * For networks that give a value for each pixel @field is that of a cell
 * (ax_model_get_cell_field()), S_d and twice the margin, and @stride their
 * period: then a ROI reads whole periods from a multiple of one on, so that
 * its pools lie as those of any other ROI.
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

/** Largest @roi_px that is taken. */
#define AX_DENSE_MAX_ROI_PX 8192

/**
 * ax_dense_init:
 * @field, @stride: receptive field and stride of the network, in model pixels
 * @roi_px: wanted side of the ROI at alpha = 1; the largest m >= 0 with
 *   field + stride*m <= @roi_px is taken.  What is read is (alpha-1)*S_d
 *   larger, so that a ROI advances by the same stride*(m + 1) pixels whatever
 *   alpha is (algorithms.md 1.4: the "1076 family").
 *
 * Errors: AX_ERROR_LIMIT when alpha is not a power of two that divides the
 * stride, or the ROI is smaller than one field or beyond AX_DENSE_MAX_ROI_PX.
 */
gboolean ax_dense_init (AxDense *self, int field, int stride, int alpha,
                        int roi_px, GError **error);

/**
 * First model pixel of the field of @cell, and so of a ROI whose first cell is
 * @cell (either axis): the field is centred on the cell (algorithms.md 1.6).
 */
gint64 ax_dense_cell_to_px (const AxDense *self, gint64 cell);

/**
 * ax_dense_cells_touching:
 * @px, @n_px: a span of model pixels, @n_px > 0 (either axis)
 * @first, @end: out, cells [first, end) are those whose field holds some of it
 */
void ax_dense_cells_touching (const AxDense *self, gint64 px, gint64 n_px,
                              gint64 *first, gint64 *end);

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
