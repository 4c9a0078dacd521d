#pragma once

#include "core/nn/cpu-kernels.h"
#include "core/nn/cpu-tensor.h"

G_BEGIN_DECLS

/**
 * AxCpuNorm:
 *
 * Any of batch norm, ReLU and a 2x2 pool of stride 2, in this order, in one
 * go, forward and backward: what lies between them is worked out anew from
 * the input where it is needed, rather than kept.  For training, where these
 * are bound by memory; each pass reads and writes as little as it can.
 *
 * Sums are taken entry by entry, then over the entries in order, so that the
 * number of threads changes nothing.
 *
 * Thread: the engine's.
 */
typedef struct _AxCpuNorm AxCpuNorm;

typedef struct
{
  AxShape in, out;
  gboolean norm, relu, pool;
  double epsilon, momentum;
} AxCpuNormSpec;

/** One value per channel each. */
typedef struct
{
  const float *weight, *bias;
  float *running_mean, *running_variance;
} AxCpuNormParams;

/** Returns: (transfer full) (nullable): NULL when memory is exhausted. */
AxCpuNorm *ax_cpu_norm_new (const AxCpuKernels *kernels,
                            const AxCpuNormSpec *spec, int n_threads);
void ax_cpu_norm_free (AxCpuNorm *self);

/** @params: (nullable): without batch norm. */
void ax_cpu_norm_infer (AxCpuNorm *self, const AxCpuNormParams *params,
                        const float *input, float *output);

/** By the batch's own statistics, towards which the running ones are moved. */
void ax_cpu_norm_learn (AxCpuNorm *self, const AxCpuNormParams *params,
                        const float *input, float *output);

/**
 * After ax_cpu_norm_learn() on the same @input.
 * @d_input: (nullable): overwritten
 * @d_weight, @d_bias: (nullable): without batch norm; added to
 */
void ax_cpu_norm_backward (AxCpuNorm *self, const float *input,
                           const float *d_output, float *d_input,
                           float *d_weight, float *d_bias);

G_END_DECLS
