#pragma once

#include "core/nn/cpu-upconv-groups.h"

G_BEGIN_DECLS

/**
 * AxUpconv:
 *
 * A transposed convolution for detection, as cpu-upconv-groups.h has it.
 *
 * Thread: the engine's.
 */
typedef struct _AxUpconv AxUpconv;

/** As ax_dnnl_conv_new(), of a @spec that suits. */
AxStatus ax_upconv_new (AxDnnl *dnnl, const AxDnnlConvSpec *spec, int lanes,
                        const float *weights, const float *bias,
                        AxUpconv **self, AxEngineError *error);
/** Accepts NULL. */
void ax_upconv_free (AxUpconv *self);

gsize ax_upconv_get_weights_bytes (const AxUpconv *self);
gsize ax_upconv_get_scratch_bytes (const AxUpconv *self);

AxStatus ax_upconv_run (AxUpconv *self, const float *input, float *output,
                        gpointer scratch, int n_threads, AxEngineError *error);

G_END_DECLS
