#pragma once

#include <stdbool.h>
#include <stddef.h>

/**
 * AxCpuKernels:
 *
 * The inner loops of the CPU engine, once per instruction set.  They work on
 * blocked tensors (cpu-tensor.h): @lanes channels of a pixel lie together and
 * fill one vector.
 *
 * The 3x3 convolutions are Winograd's F(4x4, 3x3) as in Lavin & Gray 2016,
 * "Fast Algorithms for Convolutional Neural Networks" (arXiv 1509.09308),
 * equation 12: for a 4x4 tile of output,
 *
 *     Y = A' [ sum over input channels of (G g G') . (B' d B) ] A
 *
 * takes 6x6 = 36 products for each pair of channels, where 4*4*9 = 144 is the
 * plain way.  The sum is, for each of the 36 on its own, a matrix product:
 * M = V U with V = B' d B (tiles x input channels) and U = G g G' (input x
 * output channels).
 *
 * A processor without AVX2 has lanes but no kernels: all NULL.
 *
 * Thread: any; immutable.
 */
typedef struct
{
  const char *name;
  int lanes;

  /* winograd_multiply() works out this many tiles by this many blocks of
     output channels, in registers. */
  int product_tiles, product_blocks;

  /**
   * winograd_input: V = B' d B of one tile and one block of channels.
   * @d: pixel (0, 0) of the 6x6; pixels @d_x, rows @d_y floats apart
   * @v: element (i, j) goes to v[(6*i + j) * v_step]
   */
  void (*winograd_input) (const float *d, ptrdiff_t d_x, ptrdiff_t d_y,
                          float *v, ptrdiff_t v_step);

  /**
   * winograd_multiply: a piece of M = V U, for one of the 36.
   * @v: of each block of input channels, product_tiles x lanes; blocks are
   *   @v_step floats apart
   * @u: (n_blocks * lanes) x (product_blocks * lanes)
   * @m: of each block of output channels, product_tiles x lanes; blocks are
   *   @m_step floats apart
   * @add: to what @m holds, rather than replacing it
   * @ahead: what will be @u soon is fetched from memory meanwhile: a cache
   *   line for each of the n_blocks * lanes input channels
   */
  void (*winograd_multiply) (const float *v, ptrdiff_t v_step, const float *u,
                             float *m, ptrdiff_t m_step, int n_blocks, bool add,
                             const float *ahead);

  /**
   * winograd_output: Y = A' M A, plus @bias, of one tile and one block.
   * @least: smaller values become this: 0 is a ReLU, -INFINITY none
   * @y: pixel (0, 0) of the 4x4; pixels @y_x, rows @y_y floats apart
   * winograd_output_pool: of the 4x4, the 2x2 maxima with stride 2: a 2x2
   */
  void (*winograd_output) (const float *m, ptrdiff_t m_step, const float *bias,
                           float least, float *y, ptrdiff_t y_x, ptrdiff_t y_y);
  void (*winograd_output_pool) (const float *m, ptrdiff_t m_step,
                                const float *bias, float least, float *y,
                                ptrdiff_t y_x, ptrdiff_t y_y);
} AxCpuKernels;

#define AX_CACHE_LINE_FLOATS 16

/**
 * The best kernels that this processor and oneDNN's own limit
 * (DNNL_MAX_CPU_ISA) allow.  The environment variable AX_CPU_ISA = generic or
 * avx2 limits both, for tests.
 */
const AxCpuKernels *ax_cpu_kernels_get (void);

#ifdef __x86_64__
extern const AxCpuKernels ax_cpu_kernels_avx2;
extern const AxCpuKernels ax_cpu_kernels_avx512;
#endif
