#pragma once

#include "cuda/engine/device.h"

#include <cuda_runtime_api.h>

/**
 * Convolutions and their gradients by cuDNN's graph interface: a convolution,
 * its bias and its RELU in one plan; values NHWC, sums in floats.
 *
 * For floats no tensor cores are used, for those would round the factors to
 * ten bits, for halves nothing that sums what was transformed; what gives other
 * bits at each run is never used.
 *
 * Thread: the device's.
 */
typedef struct AxCudnn AxCudnn;

/** Of the CUDA device @id, which the thread has chosen; queued on @stream. */
AxStatus ax_cudnn_new (int32_t id, cudaStream_t stream, AxCudnn **cudnn,
                       AxEngineError *error);

/** Of a device that is described in JSON and need not be here: convolutions
 * can be made for it, but not run. */
AxStatus ax_cudnn_new_described (const char *json, AxCudnn **cudnn,
                                 AxEngineError *error);
void ax_cudnn_free (AxCudnn *self);

/**
 * AxCudnnConv: one convolution with the ways to do it that cuDNN recommends,
 * best guess first, and behind them its last resorts, which may be very slow.
 *
 * Errors: AX_STATUS_UNSUPPORTED when there is no way; AX_STATUS_DEVICE.
 */
typedef struct AxCudnnConv AxCudnnConv;

#define AX_CUDNN_MAX_WAYS 8

AxStatus ax_cudnn_conv_new (AxCudnn *cudnn, const AxCudaConvSpec *spec,
                            size_t max_workspace, AxCudnnConv **conv,
                            AxEngineError *error);

/** With the one way that ax_cudnn_conv_save() wrote. */
AxStatus ax_cudnn_conv_load (AxCudnn *cudnn, const AxCudaConvSpec *spec,
                             const char *text, size_t length,
                             AxCudnnConv **conv, AxEngineError *error);
void ax_cudnn_conv_free (AxCudnnConv *self);

int ax_cudnn_conv_get_n_ways (const AxCudnnConv *self);
int ax_cudnn_conv_get_n_recommended (const AxCudnnConv *self);
size_t ax_cudnn_conv_get_workspace (const AxCudnnConv *self, int way);

/** Way @way becomes the only one, number 0. */
void ax_cudnn_conv_keep (AxCudnnConv *self, int way);

/** (transfer full): way 0 as text, to be freed; NULL when cuDNN cannot. */
char *ax_cudnn_conv_save (const AxCudnnConv *self, size_t *length);

AxStatus ax_cudnn_conv_run (AxCudnnConv *self, int way,
                            const AxCudaConvData *data, void *workspace,
                            AxEngineError *error);
