#pragma once

#include "cuda/engine/call.h"

/**
 * Parameters in the order that the device wants them.
 *
 * @view: F32 or F64, as compile() gets them; NULL (bias): zeros.
 * @out: bytes as the functions beside say.  Padding is zero.  Thread: any.
 */

/**
 * (A, B, kh, kw) to A x kh x kw x B, A and B padded: of a convolution (out,
 * in), of a transposed one (in, out), which is a convolution from its output
 * to its input.  Halves or floats.
 */
size_t ax_cuda_params_get_filter_count (const AxTensorView *view);
void ax_cuda_params_pack_filter (const AxTensorView *view, int is_half,
                                 void *out);

/** One per stored channel, halves or floats. */
void ax_cuda_params_pack_bias (const AxTensorView *view, int64_t n_channels,
                               int is_half, void *out);

/** v * scale + bias as floats: with a scale of one; of a batch norm from its
 * four parameters. */
void ax_cuda_params_make_bias (const AxTensorView *bias, int64_t n_channels,
                               float *scale_out, float *bias_out);
void ax_cuda_params_make_norm (const AxTensorView *const params[4],
                               double epsilon, int64_t n_channels,
                               float *scale_out, float *bias_out);
