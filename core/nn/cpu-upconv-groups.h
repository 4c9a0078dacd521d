#pragma once

#include "core/nn/cpu-dnnl.h"
#include "core/nn/cpu-tensor.h"

G_BEGIN_DECLS

/**
 * AxUpconvGroups:
 *
 * A 2x2 transposed convolution of stride 2 as a 1x1 convolution to four times
 * the channels, one group for each place in the window, whose channels fill
 * whole blocks; and a scattering of the groups, as the windows do not overlap.
 * oneDNN's own way takes some ten times as long.
 *
 * @spec: of the 1x1 convolution
 * @groups, @out: what it gives and what comes of it; the caller sets their data
 *
 * Thread: the engine's; rows are spread over OpenMP's threads.
 */
typedef struct
{
  AxDnnlConvSpec spec;
  AxCpuTensor groups, out;
} AxUpconvGroups;

/** Whether @spec is of that kind. */
gboolean ax_upconv_suits (const AxDnnlConvSpec *spec);

/** @spec: one that suits. */
AxUpconvGroups ax_upconv_groups_init (const AxDnnlConvSpec *spec, int lanes);

/** Floats of the weights and biases of the 1x1 convolution. */
gsize ax_upconv_groups_count_weights (const AxUpconvGroups *self);
gsize ax_upconv_groups_count_biases (const AxUpconvGroups *self);

/**
 * @weights, @bias: (bias nullable): (I, O, 2, 2) and O
 * @grouped, @grouped_bias: out: as counted, of which the padding is left as it
 *   is
 */
void ax_upconv_groups_set_weights (const AxUpconvGroups *self,
                                   const float *weights, const float *bias,
                                   float *grouped, float *grouped_bias);

/** The way back, for gradients, which are added to; @d_bias: (nullable). */
void ax_upconv_groups_add_weights (const AxUpconvGroups *self,
                                   const float *grouped,
                                   const float *grouped_bias, float *d_weights,
                                   float *d_bias);

/** From the groups to the output, and back. */
void ax_upconv_groups_scatter (const AxUpconvGroups *self, int n_threads);
void ax_upconv_groups_gather (const AxUpconvGroups *self, int n_threads);

G_END_DECLS
