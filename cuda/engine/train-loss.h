#pragma once

#include "cuda/engine/plan.h"

/*
 * Losses, which are small and worked out in double on the host, and what can
 * be trained at all.  Thread: any.
 */

/** The node whose value a loss is worked out from: the output, or, for
 * CROSS_ENTROPY, what enters the softmax. */
int32_t ax_cuda_loss_get_node (const AxGraphView *graph, const AxLoss *loss);

/**
 * ax_cuda_loss_run:
 * @temperature: of the softmax of a CROSS_ENTROPY
 * @shape, @values: of the loss's node, planes
 * @d_values: the loss's gradient is added
 *
 * Returns: the loss.
 */
double ax_cuda_loss_run (const AxLoss *loss, double temperature,
                         const AxCudaShape *shape, const float *values,
                         const AxTensorView *target, const float *entry_weights,
                         double *d_values);

/**
 * ax_cuda_loss_check:
 * @values: per node
 *
 * Errors: AX_STATUS_UNSUPPORTED for FRAGMENT and DEFRAGMENT, a BATCH_NORM of
 * one value a channel, a parameter of several nodes; AX_STATUS_ARGUMENT for a
 * CROSS_ENTROPY without a softmax.
 */
AxStatus ax_cuda_loss_check (const AxGraphView *graph,
                             const AxCudaValue *values, const AxLoss *losses,
                             int32_t n_losses, AxEngineError *error);
