#pragma once

#include <stddef.h>

/**
 * AxCpuNormKernels:
 *
 * The inner loops of cpu-norm.h, once per instruction set.  Each works on
 * @width pixels of @lanes channels; a table is mean, scale and bias of the
 * channels, @lanes floats each, and y = (x - mean) * scale + bias.
 *
 * Thread: any; immutable.
 */
typedef struct
{
  int lanes;

  /** Adds sums and sums of squares of x - @shift. */
  void (*sum) (const float *x, ptrdiff_t width, const float *shift,
               double *sums, double *squares);

  /**
   * apply: max (y, @least) for each pixel
   * apply_pool: the same for the larger of 2x2; rows are @row floats apart,
   *   @width pixels go out
   */
  void (*apply) (const float *x, ptrdiff_t width, const float *table,
                 float least, float *out);
  void (*apply_pool) (const float *x, ptrdiff_t row, ptrdiff_t width,
                      const float *table, float least, float *out);

  /**
   * gate: the gradient of y from that of what apply() gave
   * gate_pool: likewise; the first of equal ones gets it, others 0.  Pixels
   *   that no window covers are not written.
   */
  void (*gate) (const float *x, ptrdiff_t width, const float *table,
                float least, const float *d_out, float *d_y);
  void (*gate_pool) (const float *x, ptrdiff_t row, ptrdiff_t width,
                     const float *table, float least, const float *d_out,
                     float *d_y);

  /** Adds sums of d_y, and of d_y * (x - mean). */
  void (*sum_gradients) (const float *d_y, const float *x, ptrdiff_t width,
                         const float *mean, double *sums, double *products);

  /** d_x = factors[0] * d_y + factors[1] + factors[2] * (x - mean), the
   * factors @lanes floats each. */
  void (*spread) (const float *d_y, const float *x, ptrdiff_t width,
                  const float *mean, const float *factors, float *d_x);
} AxCpuNormKernels;

extern const AxCpuNormKernels ax_cpu_norm_kernels_generic;

#ifdef __x86_64__
extern const AxCpuNormKernels ax_cpu_norm_kernels_avx2;
extern const AxCpuNormKernels ax_cpu_norm_kernels_avx512;
#endif
