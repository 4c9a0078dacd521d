#pragma once

#include "cuda/engine/call.h"

#include <cuda_runtime_api.h>

#ifdef __cplusplus
extern "C"
{
#endif

  /**
   * ax_cuda_kernels_launch:
   * @is_half: values are halves, else floats
   *
   * Queues one of our kernels on @stream.  Its pointers are the device's.
   */
  cudaError_t ax_cuda_kernels_launch (const AxCudaCall *call, int is_half,
                                      cudaStream_t stream);

#ifdef __cplusplus
}
#endif
