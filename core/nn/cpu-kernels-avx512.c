#ifdef __x86_64__
#pragma GCC target("avx512f,fma,prefer-vector-width=512")

#define KERNELS ax_cpu_kernels_avx512
#define KERNELS_ISA "avx512"
#define LANES 16
#define TILES 14
#define BLOCKS 2
#include "core/nn/cpu-kernels.inc"
#endif
