#pragma once

#include "core/nn/graph-shape.h"

G_BEGIN_DECLS

/*
 * What the built-in engines share in training: losses, worked out in double on
 * plain tensors, and which gradients are wanted.  Thread: any.
 */

/**
 * The node whose value a loss is worked out from: the output, or, for
 * CROSS_ENTROPY, what enters the softmax, so that small probabilities cost no
 * digits.
 */
int ax_train_loss_get_node (const AxGraphView *graph, const AxLoss *loss);

/**
 * ax_train_loss_run:
 * @shape, @values: of the loss's node
 * @target, @entry_weights: as learn() gets them
 * @d_values: the loss's gradient is added
 *
 * Returns: the loss.
 */
double ax_train_loss_run (const AxGraphView *graph, const AxLoss *loss,
                          const AxShape *shape, const double *values,
                          const AxTensorView *target,
                          const float *entry_weights, double *d_values);

/** (transfer full): for each node, whether its value depends on parameters
 * and a loss on it. */
gboolean *ax_train_find_wanted (const AxGraphView *graph, const AxLoss *losses,
                                int n_losses);

/** (transfer full): for each parameter, whether the optimiser moves it;
 * running statistics it does not. */
gboolean *ax_train_find_trained (const AxGraphView *graph);

/**
 * ax_train_check:
 *
 * Whether the graph can be trained with these shapes at all: BATCH_NORM needs
 * two values of a channel, a CROSS_ENTROPY a softmax, and fragments belong to
 * detection.  If not, @error says why.
 */
AxStatus ax_train_check (const AxGraphView *graph, const AxShape *shapes,
                         const AxLoss *losses, int n_losses,
                         AxEngineError *error);

G_END_DECLS
