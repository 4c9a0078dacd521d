/* Vectors wider than the processor's pass between functions of this file
 * alone. */
#pragma GCC diagnostic ignored "-Wpsabi"

#define NORM_KERNELS ax_cpu_norm_kernels_generic
#define LANES 8
#include "core/nn/cpu-norm-kernels.inc"
