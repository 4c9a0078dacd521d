#pragma once

#include "core/nn/graph-shape.h"

G_BEGIN_DECLS

/**
 * AxDnnl, AxDnnlConv:
 *
 * The convolutions that go through oneDNN: everything that cpu-winograd.h is
 * not made for.  Only the files cpu-dnnl*.[ch] know dnnl.h.
 *
 * The algorithm is always the direct one and chosen without timing, so that
 * the same convolution gives the same bytes each time.
 *
 * Thread: the engine's; oneDNN spreads the work over OpenMP's threads.
 */
typedef struct _AxDnnl AxDnnl;
typedef struct _AxDnnlConv AxDnnlConv;

/**
 * What one convolution computes.  Tensors are blocked by the kernels' lanes,
 * channels padded with zeros, or plain (n, c, h, w) where @plain_input.
 */
typedef struct
{
  AxShape in, out;
  AxWindow window;
  gboolean transpose;     /* weights (I,O,kh,kw) rather than (O,I,kh,kw) */
  gboolean relu, sigmoid; /* what follows, at most one of them */
  gboolean plain_input;
} AxDnnlConvSpec;

/** Keeps oneDNN to "generic" or "avx2" instructions; before its first use. */
void ax_dnnl_limit_isa (const char *isa);
/** Whether oneDNN may use AVX-512: DNNL_MAX_CPU_ISA can forbid it. */
gboolean ax_dnnl_has_avx512 (void);
/** "oneDNN 2.6.3". */
void ax_dnnl_get_version (char *buffer, size_t size);

AxStatus ax_dnnl_new (AxDnnl **self, AxEngineError *error);
void ax_dnnl_free (AxDnnl *self);

/**
 * ax_dnnl_conv_new:
 * @weights: of the order that @spec says; copied into oneDNN's own order
 * @bias: (nullable): one per output channel
 *
 * The number of OpenMP threads must be set, and be the same at each run.
 */
AxStatus ax_dnnl_conv_new (AxDnnl *dnnl, const AxDnnlConvSpec *spec, int lanes,
                           const float *weights, const float *bias,
                           AxDnnlConv **self, AxEngineError *error);
void ax_dnnl_conv_free (AxDnnlConv *self);

/** oneDNN's name of the code that it chose. */
const char *ax_dnnl_conv_get_name (const AxDnnlConv *self);
size_t ax_dnnl_conv_get_weights_bytes (const AxDnnlConv *self);
size_t ax_dnnl_conv_get_scratch_bytes (const AxDnnlConv *self);

AxStatus ax_dnnl_conv_run (AxDnnlConv *self, const float *input, float *output,
                           void *scratch, AxEngineError *error);

G_END_DECLS
