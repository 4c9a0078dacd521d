#pragma once

#include "cuda/engine/call.h"

/**
 * AxCudaDevice:
 *
 * All that the engine asks of a GPU.  It is implemented twice: with CUDA and
 * cuDNN for the module, and with plain loops on the processor for the tests,
 * which so run everything else in this folder without a GPU.
 *
 * Work is queued in order; only ax_cuda_device_wait(), ax_cuda_event_wait() and
 * the downloads wait for it.  Failures: AX_STATUS_MEMORY when the device's
 * memory is exhausted, AX_STATUS_DEVICE when it failed or is gone, which stays
 * so.
 *
 * Thread: the one that made it.
 */
typedef struct AxCudaDevice AxCudaDevice;

/** Name of the engine. */
extern const char ax_cuda_device_name[];

/** What there is on this machine, or why nothing can be used. */
void ax_cuda_device_probe (AxEngineReport *report);

/** @is_half: values are halves, else floats. */
AxStatus ax_cuda_device_new (int is_half, AxCudaDevice **device,
                             AxEngineError *error);
void ax_cuda_device_free (AxCudaDevice *self);

/** Bytes that are free now, 0: not known. */
size_t ax_cuda_device_get_free (AxCudaDevice *self);

AxStatus ax_cuda_device_alloc (AxCudaDevice *self, size_t bytes, void **memory,
                               AxEngineError *error);
void ax_cuda_device_release (AxCudaDevice *self, void *memory);

/** Memory of the host from which copies are fast; NULL when there is none. */
void *ax_cuda_device_alloc_host (AxCudaDevice *self, size_t bytes);
void ax_cuda_device_release_host (AxCudaDevice *self, void *memory);

/** The source must stay until the device was waited for. */
AxStatus ax_cuda_device_upload (AxCudaDevice *self, void *to, const void *from,
                                size_t bytes, AxEngineError *error);
AxStatus ax_cuda_device_download (AxCudaDevice *self, void *to,
                                  const void *from, size_t bytes,
                                  AxEngineError *error);
AxStatus ax_cuda_device_wait (AxCudaDevice *self, AxEngineError *error);

/**
 * Copies in queues of their own, each in order, beside the work: the host's
 * memory must stay, and should be ax_cuda_device_alloc_host()'s.
 *
 * AxCudaEvent: a place in one queue, which another, or the host, waits for.
 */
typedef enum
{
  AX_CUDA_QUEUE_WORK,
  AX_CUDA_QUEUE_IN,
  AX_CUDA_QUEUE_OUT,
} AxCudaQueue;

#define AX_CUDA_N_QUEUES 3

typedef struct AxCudaEvent AxCudaEvent;

AxStatus ax_cuda_device_copy_in (AxCudaDevice *self, void *to, const void *from,
                                 size_t bytes, AxEngineError *error);
AxStatus ax_cuda_device_copy_out (AxCudaDevice *self, void *to,
                                  const void *from, size_t bytes,
                                  AxEngineError *error);

AxStatus ax_cuda_event_new (AxCudaDevice *device, AxCudaEvent **event,
                            AxEngineError *error);
void ax_cuda_event_free (AxCudaEvent *self);

/** Queue @second goes on when @first has come to where it is now. */
AxStatus ax_cuda_event_order (AxCudaEvent *self, AxCudaDevice *device,
                              AxCudaQueue first, AxCudaQueue second,
                              AxEngineError *error);

/** The host waits until @queue has come to where it was at the mark. */
AxStatus ax_cuda_event_mark (AxCudaEvent *self, AxCudaDevice *device,
                             AxCudaQueue queue, AxEngineError *error);
AxStatus ax_cuda_event_wait (AxCudaEvent *self, AxEngineError *error);

AxStatus ax_cuda_device_launch (AxCudaDevice *self, const AxCudaCall *call,
                                AxEngineError *error);

/**
 * AxCudaConvSpec: with y = x * filter,
 *
 * FORWARD: x is @in, y is @out; with a bias, and RELU if wanted
 * DATA: y is @in, x is @out: the gradient by x, which is the transposed
 *   convolution
 * FILTER: x is @in, y is @out, and both are read: the gradient by the filter
 */
typedef enum
{
  AX_CUDA_CONV_FORWARD,
  AX_CUDA_CONV_DATA,
  AX_CUDA_CONV_FILTER,
} AxCudaConvKind;

typedef struct
{
  int32_t kind; /* AxCudaConvKind */
  AxCudaShape in, out;
  AxWindow window;
  int32_t relu, is_half;
} AxCudaConvSpec;

/** @filter: channels of y x kh x kw x channels of x, @bias, of FORWARD alone:
 * stored channels; of the value's type. */
typedef struct
{
  const void *in, *bias;
  void *filter, *out;
} AxCudaConvData;

/**
 * AxCudaConv, ax_cuda_conv_new:
 * @data: real buffers, of which the result's is overwritten; implementations
 *   are tried on them and the fastest is kept
 * @max_workspace: bytes beside them
 *
 * Errors: AX_STATUS_UNSUPPORTED when there is no implementation.
 */
typedef struct AxCudaConv AxCudaConv;

AxStatus ax_cuda_conv_new (AxCudaDevice *device, const AxCudaConvSpec *spec,
                           const AxCudaConvData *data, size_t max_workspace,
                           AxCudaConv **conv, AxEngineError *error);
void ax_cuda_conv_free (AxCudaConv *self);
size_t ax_cuda_conv_get_workspace (const AxCudaConv *self);
AxStatus ax_cuda_conv_run (AxCudaConv *self, AxCudaDevice *device,
                           const AxCudaConvData *data, void *workspace,
                           AxEngineError *error);

/**
 * AxCudaGraph: what is queued between begin and end is recorded instead of
 * done, and can be queued as a whole from then on.  A device that cannot, or
 * a recording that fails, gives none: NULL, and the steps are queued singly.
 */
typedef struct AxCudaGraph AxCudaGraph;

void ax_cuda_graph_begin (AxCudaDevice *device);
AxCudaGraph *ax_cuda_graph_end (AxCudaDevice *device);
AxStatus ax_cuda_graph_launch (AxCudaGraph *self, AxCudaDevice *device,
                               AxEngineError *error);
void ax_cuda_graph_free (AxCudaGraph *self);
