#pragma once

#include "core/nn/graph.h"

G_BEGIN_DECLS

/**
 * AxCells: how a network of padded layers, which gives a value for each pixel
 * of its input (a U-Net), is run over a picture larger than its input without
 * seams.
 *
 * @period: its pools and strides start at the input's corner, so inputs that
 *   are cut a multiple of this apart give the same values for the same pixels;
 *   sides of inputs are multiples of it too
 * @margin: the values of so many pixels at each edge may depend on where the
 *   input was cut, since their field reaches the padding: they are thrown
 *   away.  What the field needs, rounded up to a multiple of @period.
 */
typedef struct
{
  int period, margin;
} AxCells;

/**
 * ax_cells_measure:
 *
 * Errors: AX_ERROR_UNSUPPORTED when an output does not give a value for each
 * pixel; as ax_graph_get_receptive_field().  Thread: any.
 */
gboolean ax_cells_measure (const AxGraphView *graph, AxCells *self,
                           GError **error);

/**
 * ax_graph_make_cells:
 * @step: pixels per cell and side; divides the period
 *
 * The same network with the margin cut away from each output and what is left
 * averaged over cells of @step x @step pixels: an input of n pixels, a multiple
 * of the period, gives (n - 2 margin) / step cells, the first one of the
 * pixels from margin on.
 *
 * Returns: (transfer full): a sealed graph with the same parameter table.
 * Errors: as ax_cells_measure().  Thread: any.
 */
AxGraph *ax_graph_make_cells (AxGraph *graph, int step, GError **error);

G_END_DECLS
