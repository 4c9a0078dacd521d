#pragma once

#include "core/nn/cpu-dnnl.h"

G_BEGIN_DECLS

/**
 * AxDnnlTrainConv:
 *
 * A convolution that learns: any of its forward pass, the gradient of its
 * input and that of its weights, through oneDNN.  The caller keeps the weights
 * in plain order.  Sums are taken in an order that depends on the number of
 * threads and on nothing else.
 *
 * Thread: the engine's; as AxDnnlConv.
 */
typedef struct _AxDnnlTrainConv AxDnnlTrainConv;

typedef enum
{
  AX_DNNL_FORWARD,
  AX_DNNL_BACKWARD_DATA,
  AX_DNNL_BACKWARD_WEIGHTS,
  AX_DNNL_N_PASSES,
} AxDnnlPass;

/** @wanted: which passes will be run; @spec's relu is not looked at. */
AxStatus ax_dnnl_train_conv_new (AxDnnl *dnnl, const AxDnnlConvSpec *spec,
                                 int lanes,
                                 const gboolean wanted[AX_DNNL_N_PASSES],
                                 AxDnnlTrainConv **self, AxEngineError *error);
void ax_dnnl_train_conv_free (AxDnnlTrainConv *self);

size_t ax_dnnl_train_conv_get_scratch_bytes (const AxDnnlTrainConv *self);

/** Takes the values of now for the passes that use them; @bias: (nullable). */
AxStatus ax_dnnl_train_conv_set_weights (AxDnnlTrainConv *self,
                                         const float *weights,
                                         const float *bias,
                                         AxEngineError *error);

AxStatus ax_dnnl_train_conv_forward (AxDnnlTrainConv *self, const float *input,
                                     float *output, void *scratch,
                                     AxEngineError *error);

/** @d_input is overwritten. */
AxStatus ax_dnnl_train_conv_backward_data (AxDnnlTrainConv *self,
                                           const float *d_output,
                                           float *d_input, void *scratch,
                                           AxEngineError *error);

/** What is found is added to @d_weights and @d_bias (nullable), plain. */
AxStatus ax_dnnl_train_conv_backward_weights (
    AxDnnlTrainConv *self, const float *input, const float *d_output,
    float *d_weights, float *d_bias, void *scratch, AxEngineError *error);

G_END_DECLS
