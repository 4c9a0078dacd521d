#include "cuda/engine/params.h"

#include "cuda/engine/half.h"

#include <math.h>
#include <string.h>

static double
get_value (const AxTensorView *view, int64_t index)
{
  return view->dtype == AX_DTYPE_F64
             ? ((const double *)view->data)[index]
             : (double)((const float *)view->data)[index];
}

static void
set_value (void *out, size_t index, int is_half, double value)
{
  if (is_half)
    ((uint16_t *)out)[index] = ax_cuda_half_from_float ((float)value);
  else
    ((float *)out)[index] = (float)value;
}

static int64_t
pad (int64_t n_channels)
{
  return (n_channels + AX_CUDA_LANES - 1) / AX_CUDA_LANES * AX_CUDA_LANES;
}

size_t
ax_cuda_params_get_filter_count (const AxTensorView *view)
{
  return (size_t)(pad (view->shape[0]) * pad (view->shape[1]) * view->shape[2]
                  * view->shape[3]);
}

void
ax_cuda_params_pack_filter (const AxTensorView *view, int is_half, void *out)
{
  const int64_t n_b = view->shape[1];
  const int64_t n_taps = view->shape[2] * view->shape[3];
  memset (out, 0,
          ax_cuda_params_get_filter_count (view)
              * (is_half ? sizeof (uint16_t) : sizeof (float)));
  for (int64_t a = 0; a < view->shape[0]; a++)
    for (int64_t b = 0; b < n_b; b++)
      for (int64_t tap = 0; tap < n_taps; tap++)
        set_value (out, (size_t)((a * n_taps + tap) * pad (n_b) + b), is_half,
                   get_value (view, (a * n_b + b) * n_taps + tap));
}

void
ax_cuda_params_pack_bias (const AxTensorView *view, int64_t n_channels,
                          int is_half, void *out)
{
  for (int64_t c = 0; c < pad (n_channels); c++)
    set_value (out, (size_t)c, is_half,
               view != NULL && c < n_channels ? get_value (view, c) : 0.0);
}

void
ax_cuda_params_make_bias (const AxTensorView *bias, int64_t n_channels,
                          float *scale_out, float *bias_out)
{
  for (int64_t c = 0; c < pad (n_channels); c++)
    scale_out[c] = 1.0f;
  ax_cuda_params_pack_bias (bias, n_channels, 0, bias_out);
}

/* (v - mean) / sqrt (variance + epsilon) * weight + bias */
void
ax_cuda_params_make_norm (const AxTensorView *const params[4], double epsilon,
                          int64_t n_channels, float *scale_out, float *bias_out)
{
  for (int64_t c = 0; c < pad (n_channels); c++)
    {
      const int is_padding = c >= n_channels;
      const double scale
          = is_padding ? 0.0
                       : get_value (params[0], c)
                             / sqrt (get_value (params[3], c) + epsilon);
      scale_out[c] = (float)scale;
      bias_out[c] = is_padding ? 0.0f
                               : (float)(get_value (params[1], c)
                                         - get_value (params[2], c) * scale);
    }
}
