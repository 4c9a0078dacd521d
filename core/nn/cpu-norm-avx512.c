#ifdef __x86_64__
#pragma GCC target("avx512f,fma,prefer-vector-width=512")

#define NORM_KERNELS ax_cpu_norm_kernels_avx512
#define LANES 16
#include "core/nn/cpu-norm-kernels.inc"
#endif
