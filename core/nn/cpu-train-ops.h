#pragma once

#include "core/nn/cpu-ops.h"

G_BEGIN_DECLS

/**
 * AxCpuOpBackward:
 *
 * The gradients of what cpu-ops.h does, but for BATCH_NORM and RELU, which
 * cpu-norm.h has; and DROPOUT in training, both ways.  Entries of the batch,
 * and blocks of channels where they do not mix, are spread over OpenMP's
 * threads, each worked out by one of them in a fixed order.
 *
 * @op: with the values of the forward pass
 * @d_out: of the output's layout
 * @d_in: of the inputs' layouts, NULL where not wanted; added to
 * @index, @seed: of DROPOUT, see engine-api.h
 *
 * Thread: the engine's.
 */
typedef struct
{
  const AxCpuOp *op;
  const float *d_out;
  float *d_in[2];
  int index;
  guint64 seed;
} AxCpuOpBackward;

/** Whether there is a gradient for nodes of @kind. */
gboolean ax_cpu_op_backward_exists (int kind);

void ax_cpu_op_backward_run (const AxCpuOpBackward *self, int n_threads);

/** DROPOUT's forward pass in training. */
void ax_cpu_dropout_learn (const AxCpuOp *op, int index, guint64 seed,
                           int n_threads);

G_END_DECLS
