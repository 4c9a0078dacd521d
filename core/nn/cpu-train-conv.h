#pragma once

#include "core/nn/cpu-step.h"

G_BEGIN_DECLS

/**
 * AxCpuTrainConv:
 *
 * A convolution that learns, plain or transposed.  The output and the gradient
 * of the input go by Winograd's algorithm where that is faster, as in
 * detection; an upconvolution by its groups; all else through oneDNN.
 *
 * Thread: the engine's.
 */
typedef struct _AxCpuTrainConv AxCpuTrainConv;

/** @wants_d_input: whether the gradient of the input will be asked for. */
AxStatus ax_cpu_train_conv_new (const AxCpuMachine *machine, const AxNode *node,
                                const AxCpuTensor *in, const AxCpuTensor *out,
                                gboolean wants_d_input, AxCpuTrainConv **self,
                                AxEngineError *error);
void ax_cpu_train_conv_free (AxCpuTrainConv *self);

gsize ax_cpu_train_conv_get_scratch_bytes (const AxCpuTrainConv *self);

/** The values of now, of the node's own order; @bias: (nullable). */
AxStatus ax_cpu_train_conv_set_weights (AxCpuTrainConv *self,
                                        const float *weights, const float *bias,
                                        AxEngineError *error);

AxStatus ax_cpu_train_conv_forward (AxCpuTrainConv *self, const float *input,
                                    float *output, gpointer scratch,
                                    AxEngineError *error);

/**
 * @d_input: (nullable): overwritten
 * @d_weights, @d_bias: (nullable): added to
 */
AxStatus ax_cpu_train_conv_backward (AxCpuTrainConv *self, const float *input,
                                     const float *d_output, float *d_input,
                                     float *d_weights, float *d_bias,
                                     gpointer scratch, AxEngineError *error);

G_END_DECLS
