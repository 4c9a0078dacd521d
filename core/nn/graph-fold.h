#pragma once

#include "core/nn/graph.h"
#include "core/nn/weights.h"

G_BEGIN_DECLS

/**
 * ax_graph_fold:
 *
 * The same network for inference: batch norm that follows a convolution is
 * folded into its weights and bias (in double), dropout vanishes.
 *
 * Returns: (transfer full): a sealed graph; @folded gets weights (F32) with
 * the parameters it names.  Errors: as ax_graph_bind().  Thread: any.
 */
AxGraph *ax_graph_fold (AxGraph *graph, const AxWeights *weights,
                        AxWeights **folded, GError **error);

/**
 * ax_graph_bind:
 * @views: (array) out, n_params entries, pointing into @weights
 *
 * Finds each parameter of the graph in the weights.  Errors: AX_ERROR_FORMAT
 * naming the file and the tensor that is missing or has another shape, with
 * both shapes.
 */
gboolean ax_graph_bind (const AxGraph *graph, const AxWeights *weights,
                        AxTensorView *views, GError **error);

G_END_DECLS
