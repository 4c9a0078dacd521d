#pragma once

#include "cuda/engine/call.h"

#include <float.h>
#include <math.h>

/*
 * What training needs of floats alone, whatever the values are: bodies as in
 * kernels.inc, of place j.  A channel of the padding gets zeros.
 */

AX_CUDA_INLINE uint64_t
ax_cuda_multiply_high (uint64_t a, uint64_t b)
{
#if defined(__CUDA_ARCH__)
  return __umul64hi (a, b);
#else
  return (uint64_t)((unsigned __int128)a * b >> 64);
#endif
}

/** Philox2x64-10 (Salmon et al. 2011) as engine-api.h says, from 0 to 1. */
AX_CUDA_INLINE double
ax_cuda_draw (uint64_t seed, uint64_t index, uint64_t element)
{
  const uint64_t multiplier = UINT64_C (0xD2B74407B1CE6E93);
  uint64_t key = seed, left = element, right = index;
  for (int round = 0; round < 10; round++)
    {
      const uint64_t high = ax_cuda_multiply_high (multiplier, left);
      const uint64_t low = multiplier * left;
      left = high ^ key ^ right;
      right = low;
      key += UINT64_C (0x9E3779B97F4A7C15);
    }
  return (double)(left >> 11) * 0x1p-53;
}

/* Sum j / channels of channel j % channels. */
AX_CUDA_INLINE void
fold (const AxCudaCall *call, int64_t row, int32_t j)
{
  const int64_t n_channels = ax_cuda_shape_get_stored (&call->a);
  const float *from = (const float *)call->a_data + j % n_channels;
  float sum = 0.0f;
  (void)row;
  for (int64_t i = j / n_channels; i < call->n_partials; i += call->n_sums)
    sum += from[i * n_channels];
  ((float *)call->out_data)[j] = sum;
}

AX_CUDA_INLINE float
get_count (const AxCudaCall *call)
{
  return (float)(call->a.n * call->a.h * call->a.w);
}

/* y = (x - mean) * sharpness * weight + shift = x * scale + bias */
AX_CUDA_INLINE void
set_scale (const AxCudaCall *call, int32_t c, float mean, float variance)
{
  const AxCudaNorm *norm = &call->norm;
  const int is_padding = c >= call->a.c;
  const float sharpness
      = 1.0f / sqrtf (variance + (float)call->node.u.batch_norm.epsilon);
  const float scale = is_padding ? 0.0f : norm->weight[c] * sharpness;
  norm->sharpness[c] = is_padding ? 0.0f : sharpness;
  norm->scale[c] = scale;
  norm->bias[c] = is_padding ? 0.0f : norm->shift[c] - mean * scale;
}

AX_CUDA_INLINE void
norm_infer (const AxCudaCall *call, int64_t row, int32_t c)
{
  (void)row;
  set_scale (call, c, call->norm.running_mean[c], call->norm.running_var[c]);
}

AX_CUDA_INLINE void
norm_mean (const AxCudaCall *call, int64_t row, int32_t c)
{
  (void)row;
  call->norm.mean[c] = call->norm.sum[c] / get_count (call);
}

AX_CUDA_INLINE void
norm_learn (const AxCudaCall *call, int64_t row, int32_t c)
{
  const AxCudaNorm *norm = &call->norm;
  const float count = get_count (call);
  const float variance = norm->sum[c] / count;
  const float unbiased = norm->sum[c] / (count - 1.0f);
  const float momentum = (float)call->node.u.batch_norm.momentum;
  (void)row;
  set_scale (call, c, norm->mean[c], variance);
  if (!norm->moves || c >= call->a.c)
    return;
  norm->running_mean[c] += momentum * (norm->mean[c] - norm->running_mean[c]);
  norm->running_var[c] += momentum * (unbiased - norm->running_var[c]);
}

/* With z = (x - mean) * sharpness, y = z * weight + shift,
 * d_x = (d_y - mean (d_y) - z * mean (d_y * z)) * weight * sharpness
 * (Ioffe & Szegedy 2015), here as a straight line in d_y and x. */
AX_CUDA_INLINE void
norm_slopes (const AxCudaCall *call, int64_t row, int32_t c)
{
  const AxCudaNorm *norm = &call->norm;
  const float scale = norm->scale[c], sharpness = norm->sharpness[c];
  const float mean_d = norm->sum[c] / get_count (call);
  const float mean_dz = norm->product[c] * sharpness / get_count (call);
  const float by_x = -scale * sharpness * mean_dz;
  (void)row;
  norm->d_shift[c] = norm->sum[c];
  norm->d_weight[c] = norm->product[c] * sharpness;
  norm->by_d[c] = scale;
  norm->by_x[c] = by_x;
  norm->plain[c] = -scale * mean_d - by_x * norm->mean[c];
}

/* In place.  Several may set the flag, all to the same. */
AX_CUDA_INLINE void
unscale (const AxCudaCall *call, int64_t row, int32_t j)
{
  float *gradient = (float *)call->out_data + j;
  (void)row;
  *gradient *= call->factor;
  if (!(fabsf (*gradient) <= FLT_MAX))
    *call->overflow = 1;
}

AX_CUDA_INLINE int
is_padding (const AxCudaUpdate *u, int32_t j)
{
  return j % u->stored_b >= u->n_b || j / u->stored_b / u->n_taps >= u->n_a;
}

AX_CUDA_INLINE void
update_sgd (const AxCudaCall *call, int64_t row, int32_t j)
{
  const AxCudaUpdate *u = &call->update;
  (void)row;
  if (is_padding (u, j))
    return;
  const float g = u->gradient[j] + u->decay * u->value[j];
  const float m = u->momentum * u->m[j] + g;
  u->m[j] = m;
  u->value[j] -= u->rate * (u->nesterov ? g + u->momentum * m : m);
}

AX_CUDA_INLINE void
update_adam (const AxCudaCall *call, int64_t row, int32_t j)
{
  const AxCudaUpdate *u = &call->update;
  (void)row;
  if (is_padding (u, j))
    return;
  const float g = u->gradient[j];
  const float m = u->momentum * u->m[j] + (1.0f - u->momentum) * g;
  const float v = u->beta2 * u->v[j] + (1.0f - u->beta2) * g * g;
  u->m[j] = m;
  u->v[j] = v;
  u->value[j] -= u->rate * u->decay * u->value[j];
  u->value[j] -= u->rate * m * u->correction1
                 / (sqrtf (v * u->correction2) + u->epsilon);
}
