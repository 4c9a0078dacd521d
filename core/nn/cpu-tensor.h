#pragma once

#include "core/nn/graph-shape.h"

G_BEGIN_DECLS

/**
 * AxCpuTensor:
 *
 * Values as the CPU engine keeps them: blocks of @lanes channels of a pixel
 * lie together, (n, block, y, x, lane), and the lanes past the last channel
 * hold zero.  With one lane that is the plain order (n, c, y, x).
 *
 * @data is not owned.  Thread: the engine's.
 */
typedef struct
{
  AxShape shape;
  int lanes;
  float *data;
} AxCpuTensor;

static inline gint64
ax_cpu_tensor_get_n_blocks (const AxCpuTensor *self)
{
  return (self->shape.c + self->lanes - 1) / self->lanes;
}

static inline gsize
ax_cpu_tensor_get_bytes (const AxCpuTensor *self)
{
  return (gsize)(self->shape.n * ax_cpu_tensor_get_n_blocks (self)
                 * self->shape.h * self->shape.w * self->lanes)
         * sizeof (float);
}

/** Pixel (0, @y) of block @block of entry @n. */
static inline float *
ax_cpu_tensor_get_row (const AxCpuTensor *self, gint64 n, gint64 block,
                       gint64 y)
{
  const AxShape *s = &self->shape;
  return self->data
         + ((n * ax_cpu_tensor_get_n_blocks (self) + block) * s->h + y) * s->w
               * self->lanes;
}

/**
 * Reads what forward() was given, bytes or plain values (engine-api.h), into
 * a tensor; bytes become (v/255 - mean)/std, worked out in float.
 */
void ax_cpu_tensor_read (const AxCpuTensor *self, const AxTensorView *input,
                         const float mean[3], const float std[3],
                         int n_threads);

/** Writes plain values, F32 or F64. */
void ax_cpu_tensor_write (const AxCpuTensor *self, const AxTensorView *output);

G_END_DECLS
