#ifdef __x86_64__
#pragma GCC target("avx2,fma")

#define NORM_KERNELS ax_cpu_norm_kernels_avx2
#define LANES 8
#include "core/nn/cpu-norm-kernels.inc"
#endif
