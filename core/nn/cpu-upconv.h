#pragma once

#include "core/nn/cpu-dnnl.h"

G_BEGIN_DECLS

/**
 * AxUpconv:
 *
 * A 2x2 transposed convolution of stride 2.  Its windows do not overlap, so it
 * is a 1x1 convolution to four times the channels, one group for each place in
 * the window, and a scattering of the groups; oneDNN's own way takes some ten
 * times as long.
 *
 * Thread: the engine's; rows are spread over OpenMP's threads.
 */
typedef struct _AxUpconv AxUpconv;

/** Whether @spec is of that kind. */
gboolean ax_upconv_suits (const AxDnnlConvSpec *spec);

/** As ax_dnnl_conv_new(). */
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
