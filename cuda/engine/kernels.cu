#include "cuda/engine/kernels.h"

#include "cuda/engine/train-floats.h"

#include <cuda_fp16.h>

#define REAL __half
#define NAME(x) x##_f16
#define TO_FLOAT(r) __half2float (r)
#define TO_REAL(f) __float2half_rn (f)
#include "cuda/engine/kernels.inc"
#undef REAL
#undef NAME
#undef TO_FLOAT
#undef TO_REAL

#define REAL float
#define NAME(x) x##_f32
#define TO_FLOAT(r) (r)
#define TO_REAL(f) (f)
#include "cuda/engine/kernels.inc"

#define N_THREADS 128
#define MAX_GRID_Y 65535

typedef void (*Body) (const AxCudaCall *call, int64_t row, int32_t j);
typedef void (*Kernel) (AxCudaCall call, int64_t n_rows, int32_t length);

template <Body body>
__global__ void
__launch_bounds__ (N_THREADS) run (const __grid_constant__ AxCudaCall call,
                                   int64_t n_rows, int32_t length)
{
  const int64_t j = (int64_t)blockIdx.x * N_THREADS + threadIdx.x;
  if (j < length)
    for (int64_t row = blockIdx.y; row < n_rows; row += gridDim.y)
      body (&call, row, (int32_t)j);
}

/* In the order of AxCudaKernel. */
#define KERNELS(suffix)                                                        \
  run<input_rgb##suffix>, run<input_planes##suffix>, run<output##suffix>,      \
      run<affine##suffix>, run<relu##suffix>, run<sigmoid##suffix>,            \
      run<softmax##suffix>, run<max_pool##suffix>, run<avg_pool##suffix>,      \
      run<fragment##suffix>, run<defragment##suffix>, run<concat##suffix>,     \
      run<add##suffix>, run<mul##suffix>, run<upsample##suffix>,               \
      run<crop##suffix>, run<channel_mean##suffix>, run<channel_max##suffix>,  \
      run<pass##suffix>, run<dropout##suffix>, run<relu_back##suffix>,         \
      run<sigmoid_back##suffix>, run<softmax_back##suffix>,                    \
      run<max_pool_back##suffix>, run<avg_pool_back##suffix>,                  \
      run<concat_back##suffix>, run<add_back##suffix>, run<mul_back##suffix>,  \
      run<upsample_back##suffix>, run<crop_back##suffix>,                      \
      run<channel_mean_back##suffix>, run<channel_max_back##suffix>,           \
      run<norm_back##suffix>, run<sum##suffix>, run<sum_squares##suffix>,      \
      run<sum_products##suffix>, run<narrow##suffix>, run<widen##suffix>,      \
      run<fold>, run<norm_infer>, run<norm_mean>, run<norm_learn>,             \
      run<norm_slopes>, run<unscale>, run<update_sgd>, run<update_adam>

static const Kernel kernels_f16[AX_CUDA_N_KERNELS] = { KERNELS (_f16) };
static const Kernel kernels_f32[AX_CUDA_N_KERNELS] = { KERNELS (_f32) };

cudaError_t
ax_cuda_kernels_launch (const AxCudaCall *call, int is_half,
                        cudaStream_t stream)
{
  const Kernel kernel = (is_half ? kernels_f16 : kernels_f32)[call->kernel];
  int64_t n_rows;
  int32_t length;
  ax_cuda_call_get_extent (call, is_half ? 8 : 4, &n_rows, &length);
  const dim3 grid ((unsigned)((length + (int64_t)N_THREADS - 1) / N_THREADS),
                   (unsigned)(n_rows < MAX_GRID_Y ? n_rows : MAX_GRID_Y));
  void *arguments[] = { (void *)call, &n_rows, &length };
  return cudaLaunchKernel ((const void *)kernel, grid, dim3 (N_THREADS),
                           arguments, 0, stream);
}
