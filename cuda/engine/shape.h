#pragma once

#include "cuda/engine/call.h"

/**
 * ax_cuda_shape_infer:
 * @shapes: out, one per node; the first holds the input's
 *
 * Shapes of all nodes, as engine-api.h defines them.
 *
 * Errors: AX_STATUS_ARGUMENT naming the node when the input is too small, two
 * inputs disagree or a fragment's side is even; AX_STATUS_MEMORY when a row,
 * or the number of rows, does not fit into 31 bits; AX_STATUS_UNSUPPORTED for
 * a kind of node that is not known.  Thread: any.
 */
AxStatus ax_cuda_shape_infer (const AxGraphView *graph, AxCudaShape *shapes,
                              AxEngineError *error);
