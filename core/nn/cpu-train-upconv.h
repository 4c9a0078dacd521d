#pragma once

#include "core/nn/cpu-upconv-groups.h"

G_BEGIN_DECLS

/**
 * AxTrainUpconv:
 *
 * A transposed convolution that learns, as cpu-upconv-groups.h has it.
 * Functions and order of sums are those of AxDnnlTrainConv.
 *
 * Thread: the engine's.
 */
typedef struct _AxTrainUpconv AxTrainUpconv;

/** @spec: one that suits; @wants_d_input: whether its gradient is asked for. */
AxStatus ax_train_upconv_new (AxDnnl *dnnl, const AxDnnlConvSpec *spec,
                              int lanes, gboolean wants_d_input, int n_threads,
                              AxTrainUpconv **self, AxEngineError *error);
/** Accepts NULL. */
void ax_train_upconv_free (AxTrainUpconv *self);

gsize ax_train_upconv_get_scratch_bytes (const AxTrainUpconv *self);

AxStatus ax_train_upconv_set_weights (AxTrainUpconv *self, const float *weights,
                                      const float *bias, AxEngineError *error);

AxStatus ax_train_upconv_forward (AxTrainUpconv *self, const float *input,
                                  float *output, gpointer scratch,
                                  AxEngineError *error);

/** @d_input: (nullable): overwritten; @d_weights and @d_bias (nullable) are
 * added to. */
AxStatus ax_train_upconv_backward (AxTrainUpconv *self, const float *input,
                                   const float *d_output, float *d_input,
                                   float *d_weights, float *d_bias,
                                   gpointer scratch, AxEngineError *error);

G_END_DECLS
