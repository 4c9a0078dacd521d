#pragma once

#include "core/nn/engine-api.h"

/**
 * Values between steps are stored N x H x W x C with the channels padded to a
 * multiple of AX_CUDA_LANES, in halves or floats: what the tensor cores want.
 * What the padding holds is finite and silenced by weights of zero.
 *
 * AxCudaShape: @c is without padding.  Every side, the rows n * h and the
 * elements of a row fit into 31 bits (ax_cuda_plan_new() sees to it), their
 * products do not.
 */
typedef struct
{
  int64_t n, c, h, w;
} AxCudaShape;

#define AX_CUDA_LANES 8

#if defined(__CUDACC__)
#define AX_CUDA_INLINE static __host__ __device__ __forceinline__
#else
#define AX_CUDA_INLINE static inline
#endif

/** Channels with padding; elements with padding. */
AX_CUDA_INLINE int64_t
ax_cuda_shape_get_stored (const AxCudaShape *shape)
{
  return (shape->c + AX_CUDA_LANES - 1) / AX_CUDA_LANES * AX_CUDA_LANES;
}

AX_CUDA_INLINE int64_t
ax_cuda_shape_count (const AxCudaShape *shape)
{
  return shape->n * shape->h * shape->w * ax_cuda_shape_get_stored (shape);
}

AX_CUDA_INLINE int64_t
ax_cuda_shape_count_plain (const AxCudaShape *shape)
{
  return shape->n * shape->h * shape->w * shape->c;
}

/** The operations that are ours: all but the convolutions. */
typedef enum
{
  AX_CUDA_INPUT_RGB,    /* a: bytes N x H x W x 3; normalised */
  AX_CUDA_INPUT_PLANES, /* a: floats N x C x H x W */
  AX_CUDA_OUTPUT,       /* out: floats N x C x H x W */
  AX_CUDA_AFFINE,       /* v * scale + bias, a channel; out may be a */
  AX_CUDA_RELU,
  AX_CUDA_SIGMOID,
  AX_CUDA_SOFTMAX,
  AX_CUDA_MAX_POOL,
  AX_CUDA_AVG_POOL,
  AX_CUDA_FRAGMENT,
  AX_CUDA_DEFRAGMENT,
  AX_CUDA_CONCAT,
  AX_CUDA_ADD,
  AX_CUDA_MUL,
  AX_CUDA_UPSAMPLE,
  AX_CUDA_CROP,
  AX_CUDA_CHANNEL_MEAN,
  AX_CUDA_CHANNEL_MAX,

  /* Gradients: of an operation's output (a) make that of its input (out),
   * added to what is there if @accumulate. */
  AX_CUDA_PASS,          /* as it is */
  AX_CUDA_DROPOUT,       /* both ways */
  AX_CUDA_RELU_BACK,     /* c: what came out; out may be a */
  AX_CUDA_SIGMOID_BACK,  /* c: what came out */
  AX_CUDA_SOFTMAX_BACK,  /* c: what came out */
  AX_CUDA_MAX_POOL_BACK, /* c: what went in */
  AX_CUDA_AVG_POOL_BACK,
  AX_CUDA_CONCAT_BACK, /* channels from @first on */
  AX_CUDA_ADD_BACK,
  AX_CUDA_MUL_BACK, /* b: the other factor */
  AX_CUDA_UPSAMPLE_BACK,
  AX_CUDA_CROP_BACK,
  AX_CUDA_CHANNEL_MEAN_BACK,
  AX_CUDA_CHANNEL_MAX_BACK, /* c: what went in */
  AX_CUDA_NORM_BACK,        /* c: what went in */

  /* Sums over all cells of each channel of a, in @n_partials parts: of a, of
   * (a - mean)^2, of (a - mean) * b. */
  AX_CUDA_SUM,
  AX_CUDA_SUM_SQUARES,
  AX_CUDA_SUM_PRODUCTS,

  /* Between @count floats and as many values. */
  AX_CUDA_NARROW, /* a: floats */
  AX_CUDA_WIDEN,  /* out: floats */

  /* Of floats alone. */
  AX_CUDA_FOLD,        /* @n_partials sums of each channel to @n_sums */
  AX_CUDA_NORM_INFER,  /* of a batch norm: what AFFINE needs */
  AX_CUDA_NORM_MEAN,   /* of the batch */
  AX_CUDA_NORM_LEARN,  /* what AFFINE needs, of the batch */
  AX_CUDA_NORM_SLOPES, /* what NORM_BACK needs, and the parameters' own */
  AX_CUDA_UNSCALE,     /* gradients of parameters */
  AX_CUDA_UPDATE_SGD,
  AX_CUDA_UPDATE_ADAM,
} AxCudaKernel;

#define AX_CUDA_N_KERNELS (AX_CUDA_UPDATE_ADAM + 1)

/** AxCudaNorm: of a batch norm that learns; one float per stored channel. */
typedef struct
{
  const float *weight, *shift; /* its parameters */
  float *running_mean, *running_var;
  float *d_weight, *d_shift;
  float *sum, *product; /* from SUM, SUM_SQUARES, SUM_PRODUCTS */
  float *mean, *sharpness;
  float *scale, *bias;        /* of AFFINE */
  float *by_d, *by_x, *plain; /* of NORM_BACK: d * by_d + x * by_x + plain */
  int32_t moves;              /* the running statistics */
} AxCudaNorm;

/** AxCudaUpdate: of a parameter of A x n_taps x B floats, of which those
 * beyond @n_a and @n_b are padding; see AxOptimStep. */
typedef struct
{
  float *value, *m, *v;
  const float *gradient;
  int32_t n_a, n_taps, n_b, stored_b;
  float rate, decay, momentum, beta2, epsilon;
  float correction1, correction2; /* 1 / (1 - beta^t) */
  int32_t nesterov;
} AxCudaUpdate;

/** AxCudaCall: one launch; passed to the device by value. */
typedef struct
{
  int32_t kernel; /* AxCudaKernel */
  int32_t relu;   /* of AFFINE */
  AxNode node;
  AxCudaShape a, b, out;
  const void *a_data, *b_data;
  void *out_data;
  const float *scale, *bias; /* of AFFINE: one per stored channel */

  /* Training. */
  const void *c_data;
  int32_t accumulate, first;
  int32_t index; /* of DROPOUT's node */
  int32_t n_partials, n_sums;
  int32_t count;
  uint64_t seed;
  float factor;      /* of UNSCALE */
  int32_t *overflow; /* of UNSCALE: set where something is not finite */
  AxCudaNorm norm;
  AxCudaUpdate update;
} AxCudaCall;

/** Places of a kernel that knows no rows. */
AX_CUDA_INLINE int32_t
ax_cuda_call_get_length (const AxCudaCall *call, int pack)
{
  const int32_t n_channels = (int32_t)ax_cuda_shape_get_stored (&call->a);
  switch (call->kernel)
    {
    case AX_CUDA_SUM:
    case AX_CUDA_SUM_SQUARES:
    case AX_CUDA_SUM_PRODUCTS:
      return call->n_partials * (n_channels / pack);
    case AX_CUDA_FOLD:
      return call->n_sums * n_channels;
    case AX_CUDA_NORM_INFER:
    case AX_CUDA_NORM_MEAN:
    case AX_CUDA_NORM_LEARN:
    case AX_CUDA_NORM_SLOPES:
      return n_channels;
    default:
      return call->count;
    }
}

/**
 * ax_cuda_call_get_extent:
 * @pack: elements of 16 bytes, 8 halves or 4 floats
 * @n_rows, @length: out: the kernel's body is to run for each row and, in
 *   it, for each place from 0 to length - 1, in any order
 */
AX_CUDA_INLINE void
ax_cuda_call_get_extent (const AxCudaCall *call, int pack, int64_t *n_rows,
                         int32_t *length)
{
  const AxCudaShape *s = call->kernel == AX_CUDA_OUTPUT ? &call->a : &call->out;
  const int is_cellwise = call->kernel == AX_CUDA_SOFTMAX
                          || call->kernel == AX_CUDA_SOFTMAX_BACK
                          || call->kernel == AX_CUDA_CHANNEL_MEAN
                          || call->kernel == AX_CUDA_CHANNEL_MAX
                          || call->kernel == AX_CUDA_CHANNEL_MAX_BACK;
  if (call->kernel >= AX_CUDA_SUM)
    {
      *n_rows = 1;
      *length = ax_cuda_call_get_length (call, pack);
      return;
    }
  *n_rows = s->n * s->h;
  *length
      = (int32_t)(is_cellwise ? s->w
                              : s->w * (ax_cuda_shape_get_stored (s) / pack));
}
