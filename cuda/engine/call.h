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
} AxCudaKernel;

#define AX_CUDA_N_KERNELS (AX_CUDA_CHANNEL_MAX + 1)

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
} AxCudaCall;

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
                          || call->kernel == AX_CUDA_CHANNEL_MEAN
                          || call->kernel == AX_CUDA_CHANNEL_MAX;
  *n_rows = s->n * s->h;
  *length
      = (int32_t)(is_cellwise ? s->w
                              : s->w * (ax_cuda_shape_get_stored (s) / pack));
}
