#pragma once

#include "core/nn/cpu-tensor.h"

G_BEGIN_DECLS

/**
 * AxCpuOp:
 *
 * Every kind of node but INPUT and the convolutions, on blocked tensors.
 * Rows of the output are spread over OpenMP's threads, each worked out by
 * one of them in a fixed order.
 *
 * @in: as many as the kind has inputs, of the output's lanes
 * @norm: of BATCH_NORM, (x - mean) * scale + bias: for each channel, and zero
 *   for the lanes past the last one
 *
 * Thread: the engine's.
 */
typedef struct
{
  const AxNode *node;
  AxCpuTensor in[2];
  AxCpuTensor out;
  struct
  {
    const float *mean, *scale, *bias;
  } norm;
} AxCpuOp;

/** Whether there is an operation for nodes of @kind. */
gboolean ax_cpu_op_exists (int kind);

void ax_cpu_op_run (const AxCpuOp *self, int n_threads);

G_END_DECLS
