#ifdef __x86_64__
#pragma GCC target("avx2,fma")

#define KERNELS ax_cpu_kernels_avx2
#define KERNELS_ISA "avx2"
#define LANES 8
#define TILES 6
#define BLOCKS 2
#include "core/nn/cpu-kernels.inc"
#endif
