#pragma once

#include "core/nn/cpu-kernels.h"
#include "core/nn/graph-shape.h"

G_BEGIN_DECLS

/**
 * AxWinograd:
 *
 * A 3x3 convolution of stride 1 as Winograd's F(4x4, 3x3), see cpu-kernels.h.
 * Tiles of 4x4 outputs are taken in groups: their inputs are transformed to V,
 * the 36 products M = V U are done, M is transformed to outputs.  V and M of
 * a group stay in the cache; no tile knows of another, so neither the size
 * of a group nor the number of threads changes a result.
 *
 * A convolution of dilation d is d*d dense ones, on the pixels of equal
 * remainder by d; tiles of each are taken in turn.
 *
 * Relative error, with sums of 512 channels: about 1e-5 (direct: 1e-6).
 *
 * Thread: the engine's; groups are spread over OpenMP's threads.
 */
typedef struct _AxWinograd AxWinograd;

typedef struct
{
  AxShape in;
  AxShape out; /* after the pool */
  int dilation, pad;
  gboolean relu;
  gboolean pool; /* 2x2 maxima of stride 2 at once; dilation 1 only */
} AxWinogradSpec;

/**
 * Whether this way is faster than the direct one: a fixed rule by shape, so
 * that the same network gives the same bytes whenever it is compiled.
 * @window: of a convolution that is not transposed
 */
gboolean ax_winograd_suits (const AxCpuKernels *kernels, const AxWindow *window,
                            const AxShape *in, const AxShape *out);

/**
 * ax_winograd_new:
 * @weights: (O, I, 3, 3), transformed in double
 * @bias: (nullable)
 *
 * Returns: (transfer full) (nullable): NULL when memory is exhausted.
 */
AxWinograd *ax_winograd_new (const AxCpuKernels *kernels,
                             const AxWinogradSpec *spec, const float *weights,
                             const float *bias, int n_threads);
void ax_winograd_free (AxWinograd *self);

/** Other weights, and another bias unless that is NULL. */
void ax_winograd_set_weights (AxWinograd *self, const float *weights,
                              const float *bias);

gsize ax_winograd_get_weights_bytes (const AxWinograd *self);
gsize ax_winograd_get_scratch_bytes (const AxWinograd *self);

/** @input, @output: blocked tensors; @scratch: aligned to cache lines. */
void ax_winograd_run (const AxWinograd *self, const float *input, float *output,
                      float *scratch);

G_END_DECLS
