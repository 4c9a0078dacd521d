#include "cuda/engine/device.h"

#include "cuda/engine/cudnn-conv.h"
#include "cuda/engine/fail.h"
#include "cuda/engine/kernels.h"
#include "cuda/engine/plan-cache.h"
#include "cuda/engine/probe.h"

#include <cuda_runtime_api.h>
#include <cudnn.h>

#include <stdio.h>
#include <stdlib.h>

/* The first that CUDA_VISIBLE_DEVICES leaves. */
#define DEVICE 0
/* Each way of a convolution is run once, then timed over so many runs. */
#define N_TIMED_RUNS 3
#define MAX_KEY 512

struct AxCudaDevice
{
  int is_half;
  cudaStream_t stream; /* of the work */
  cudaStream_t queues[AX_CUDA_N_QUEUES];
  AxCudnn *cudnn;
  char *cache;         /* folder; NULL: nothing is kept */
  char name[256 + 64]; /* what kept plans are for */
};

struct AxCudaConv
{
  AxCudnnConv *conv;
};

const char ax_cuda_device_name[] = "cuda";

static AxStatus
fail (AxEngineError *error, cudaError_t status, const char *what)
{
  if (status == cudaErrorMemoryAllocation)
    {
      cudaGetLastError (); /* this one does not stay */
      return ax_cuda_fail (error, AX_STATUS_MEMORY,
                           "out of memory of the GPU: %s", what);
    }
  return ax_cuda_fail (error, AX_STATUS_DEVICE, "the GPU failed: %s: %s", what,
                       cudaGetErrorString (status));
}

static AxStatus
check (AxEngineError *error, cudaError_t status, const char *what)
{
  return status == cudaSuccess ? AX_STATUS_OK : fail (error, status, what);
}

static void
find_device (AxCudaFacts *facts, struct cudaDeviceProp *properties)
{
  size_t free_bytes = 0, all_bytes = 0;
  int n_devices = 0;
  cudaError_t status = cudaGetDeviceCount (&n_devices);
  facts->devices = AX_CUDA_DEVICES_FOUND;
  if (status == cudaErrorInsufficientDriver)
    facts->devices = AX_CUDA_DEVICES_DRIVER;
  else if (status == cudaErrorNoDevice
           || (status == cudaSuccess && n_devices == 0))
    facts->devices = AX_CUDA_DEVICES_NONE;
  if (facts->devices != AX_CUDA_DEVICES_FOUND)
    return;
  if (status == cudaSuccess)
    status = cudaGetDeviceProperties (properties, DEVICE);
  if (status == cudaSuccess)
    status = cudaSetDevice (DEVICE);
  if (status == cudaSuccess)
    status = cudaMemGetInfo (&free_bytes, &all_bytes);
  facts->memory_bytes = (int64_t)free_bytes;
  facts->name = properties->name;
  facts->major = properties->major;
  facts->minor = properties->minor;
  facts->failure = cudaGetErrorString (status);
  if (status != cudaSuccess)
    facts->devices = AX_CUDA_DEVICES_FAILED;
}

void
ax_cuda_device_probe (AxEngineReport *report)
{
  struct cudaDeviceProp properties;
  AxCudaFacts facts = { .cudnn = (int64_t)cudnnGetVersion () };
  cudaDriverGetVersion (&facts.driver);
  cudaRuntimeGetVersion (&facts.runtime);
  find_device (&facts, &properties);
  ax_cuda_probe_explain (&facts, report);
}

AxStatus
ax_cuda_device_new (int is_half, AxCudaDevice **device, AxEngineError *error)
{
  struct cudaDeviceProp properties;
  int driver = 0;
  AxCudaDevice *self = calloc (1, sizeof *self);
  if (self == NULL)
    return ax_cuda_fail_memory (error, sizeof *self);
  self->is_half = is_half;
  AxStatus status = check (error, cudaSetDevice (DEVICE), "choosing it");
  if (status == AX_STATUS_OK)
    status = check (error, cudaGetDeviceProperties (&properties, DEVICE),
                    "asking what it is");
  for (int i = 0; i < AX_CUDA_N_QUEUES && status == AX_STATUS_OK; i++)
    status = check (
        error,
        cudaStreamCreateWithFlags (&self->queues[i], cudaStreamNonBlocking),
        "a stream");
  self->stream = self->queues[AX_CUDA_QUEUE_WORK];
  if (status == AX_STATUS_OK)
    status = ax_cudnn_new (DEVICE, self->stream, &self->cudnn, error);
  if (status != AX_STATUS_OK)
    {
      ax_cuda_device_free (self);
      return status;
    }
  self->cache = ax_plan_cache_find_folder ();
  cudaDriverGetVersion (&driver);
  snprintf (self->name, sizeof self->name,
            "%s, %d processors, driver %d, cuDNN %zu", properties.name,
            properties.multiProcessorCount, driver, cudnnGetVersion ());
  *device = self;
  return AX_STATUS_OK;
}

void
ax_cuda_device_free (AxCudaDevice *self)
{
  if (self == NULL)
    return;
  ax_cudnn_free (self->cudnn);
  for (int i = 0; i < AX_CUDA_N_QUEUES; i++)
    if (self->queues[i] != NULL)
      cudaStreamDestroy (self->queues[i]);
  free (self->cache);
  free (self);
}

size_t
ax_cuda_device_get_free (AxCudaDevice *self)
{
  size_t free_bytes = 0, all_bytes = 0;
  (void)self;
  return cudaMemGetInfo (&free_bytes, &all_bytes) == cudaSuccess ? free_bytes
                                                                 : 0;
}

AxStatus
ax_cuda_device_alloc (AxCudaDevice *self, size_t bytes, void **memory,
                      AxEngineError *error)
{
  char what[64];
  (void)self;
  snprintf (what, sizeof what, "%zu bytes", bytes);
  return check (error, cudaMalloc (memory, bytes), what);
}

void
ax_cuda_device_release (AxCudaDevice *self, void *memory)
{
  (void)self;
  cudaFree (memory);
}

void *
ax_cuda_device_alloc_host (AxCudaDevice *self, size_t bytes)
{
  void *memory = NULL;
  (void)self;
  return cudaHostAlloc (&memory, bytes, cudaHostAllocDefault) == cudaSuccess
             ? memory
             : NULL;
}

void
ax_cuda_device_release_host (AxCudaDevice *self, void *memory)
{
  (void)self;
  cudaFreeHost (memory);
}

AxStatus
ax_cuda_device_upload (AxCudaDevice *self, void *to, const void *from,
                       size_t bytes, AxEngineError *error)
{
  return check (
      error,
      cudaMemcpyAsync (to, from, bytes, cudaMemcpyHostToDevice, self->stream),
      "a copy to it");
}

AxStatus
ax_cuda_device_download (AxCudaDevice *self, void *to, const void *from,
                         size_t bytes, AxEngineError *error)
{
  AxStatus status = check (
      error,
      cudaMemcpyAsync (to, from, bytes, cudaMemcpyDeviceToHost, self->stream),
      "a copy from it");
  return status == AX_STATUS_OK ? ax_cuda_device_wait (self, error) : status;
}

AxStatus
ax_cuda_device_wait (AxCudaDevice *self, AxEngineError *error)
{
  AxStatus status = AX_STATUS_OK;
  for (int i = 0; i < AX_CUDA_N_QUEUES && status == AX_STATUS_OK; i++)
    status = check (error, cudaStreamSynchronize (self->queues[i]), "its work");
  return status;
}

AxStatus
ax_cuda_device_copy_in (AxCudaDevice *self, void *to, const void *from,
                        size_t bytes, AxEngineError *error)
{
  return check (error,
                cudaMemcpyAsync (to, from, bytes, cudaMemcpyHostToDevice,
                                 self->queues[AX_CUDA_QUEUE_IN]),
                "a copy to it");
}

AxStatus
ax_cuda_device_copy_out (AxCudaDevice *self, void *to, const void *from,
                         size_t bytes, AxEngineError *error)
{
  return check (error,
                cudaMemcpyAsync (to, from, bytes, cudaMemcpyDeviceToHost,
                                 self->queues[AX_CUDA_QUEUE_OUT]),
                "a copy from it");
}

/* An event is passed about as what it is. */

AxStatus
ax_cuda_event_new (AxCudaDevice *device, AxCudaEvent **event,
                   AxEngineError *error)
{
  cudaEvent_t made = NULL;
  (void)device;
  AxStatus status
      = check (error, cudaEventCreateWithFlags (&made, cudaEventDisableTiming),
               "an event");
  *event = (AxCudaEvent *)made;
  return status;
}

void
ax_cuda_event_free (AxCudaEvent *self)
{
  if (self != NULL)
    cudaEventDestroy ((cudaEvent_t)self);
}

AxStatus
ax_cuda_event_mark (AxCudaEvent *self, AxCudaDevice *device, AxCudaQueue queue,
                    AxEngineError *error)
{
  return check (error,
                cudaEventRecord ((cudaEvent_t)self, device->queues[queue]),
                "an event");
}

AxStatus
ax_cuda_event_order (AxCudaEvent *self, AxCudaDevice *device, AxCudaQueue first,
                     AxCudaQueue second, AxEngineError *error)
{
  AxStatus status = ax_cuda_event_mark (self, device, first, error);
  return status == AX_STATUS_OK ? check (
             error,
             cudaStreamWaitEvent (device->queues[second], (cudaEvent_t)self, 0),
             "an event")
                                : status;
}

AxStatus
ax_cuda_event_wait (AxCudaEvent *self, AxEngineError *error)
{
  return check (error, cudaEventSynchronize ((cudaEvent_t)self), "its work");
}

AxStatus
ax_cuda_device_launch (AxCudaDevice *self, const AxCudaCall *call,
                       AxEngineError *error)
{
  return check (error,
                ax_cuda_kernels_launch (call, self->is_half, self->stream),
                "a kernel");
}

/* @ms: out: of all timed runs */
static AxStatus
time_way (AxCudaDevice *device, AxCudnnConv *conv, int way,
          const AxCudaConvData *data, void *workspace, float *ms,
          AxEngineError *error)
{
  cudaEvent_t begin = NULL, end = NULL;
  AxStatus status = check (error, cudaEventCreate (&begin), "an event");
  if (status == AX_STATUS_OK)
    status = check (error, cudaEventCreate (&end), "an event");
  if (status == AX_STATUS_OK)
    status = ax_cudnn_conv_run (conv, way, data, workspace, error);
  if (status == AX_STATUS_OK)
    status = check (error, cudaEventRecord (begin, device->stream), "an event");
  for (int i = 0; i < N_TIMED_RUNS && status == AX_STATUS_OK; i++)
    status = ax_cudnn_conv_run (conv, way, data, workspace, error);
  if (status == AX_STATUS_OK)
    status = check (error, cudaEventRecord (end, device->stream), "an event");
  if (status == AX_STATUS_OK)
    status = check (error, cudaEventSynchronize (end), "a convolution");
  if (status == AX_STATUS_OK)
    status = check (error, cudaEventElapsedTime (ms, begin, end), "an event");
  if (begin != NULL)
    cudaEventDestroy (begin);
  if (end != NULL)
    cudaEventDestroy (end);
  return status;
}

static AxStatus
keep_fastest (AxCudaDevice *device, AxCudnnConv *conv,
              const AxCudaConvData *data, AxEngineError *error)
{
  size_t bytes = 0;
  void *workspace = NULL;
  int best = -1;
  float best_ms = 0.0f;
  AxStatus status = AX_STATUS_OK;
  for (int i = 0; i < ax_cudnn_conv_get_n_ways (conv); i++)
    if (ax_cudnn_conv_get_workspace (conv, i) > bytes)
      bytes = ax_cudnn_conv_get_workspace (conv, i);
  if (bytes > 0)
    status = ax_cuda_device_alloc (device, bytes, &workspace, error);
  if (status != AX_STATUS_OK)
    return status;
  for (int i = 0; i < ax_cudnn_conv_get_n_ways (conv); i++)
    {
      float ms = 0.0f;
      if (best >= 0 && i >= ax_cudnn_conv_get_n_recommended (conv))
        break; /* last resorts are for when nothing else works */
      status = time_way (device, conv, i, data, workspace, &ms, error);
      if (status != AX_STATUS_OK || (best >= 0 && ms >= best_ms))
        continue;
      best = i;
      best_ms = ms;
    }
  cudaFree (workspace);
  if (best < 0)
    return status; /* the last one's */
  ax_cudnn_conv_keep (conv, best);
  return AX_STATUS_OK;
}

static void
make_key (const AxCudaDevice *device, const AxCudaConvSpec *s, char *key)
{
  static const char *const kinds[] = { "forward", "transposed", "filter" };
  const AxWindow *w = &s->window;
  snprintf (key, MAX_KEY,
            "%s, %s, %s%s, %lld %lld %lld %lld to %lld %lld %lld, "
            "%d %d, stride %d, dilation %d, pad %d",
            device->name, s->is_half ? "fp16" : "fp32", kinds[s->kind],
            s->relu ? " relu" : "", (long long)s->in.n,
            (long long)ax_cuda_shape_get_stored (&s->in), (long long)s->in.h,
            (long long)s->in.w, (long long)ax_cuda_shape_get_stored (&s->out),
            (long long)s->out.h, (long long)s->out.w, w->kernel_h, w->kernel_w,
            w->stride, w->dilation, w->pad);
}

/* What was kept, if it still works here. */
static AxCudnnConv *
load_kept (AxCudaDevice *device, const AxCudaConvSpec *spec, const char *key,
           size_t max_workspace)
{
  AxEngineError ignored;
  AxCudnnConv *conv = NULL;
  size_t length = 0;
  char *text = ax_plan_cache_read (device->cache, key, &length);
  if (text == NULL)
    return NULL;
  if (ax_cudnn_conv_load (device->cudnn, spec, text, length, &conv, &ignored)
          == AX_STATUS_OK
      && ax_cudnn_conv_get_workspace (conv, 0) > max_workspace)
    {
      ax_cudnn_conv_free (conv);
      conv = NULL;
    }
  free (text);
  return conv;
}

static AxStatus
find_way (AxCudaDevice *device, const AxCudaConvSpec *spec,
          const AxCudaConvData *data, size_t max_workspace, AxCudnnConv **conv,
          AxEngineError *error)
{
  char key[MAX_KEY];
  make_key (device, spec, key);
  *conv = load_kept (device, spec, key, max_workspace);
  if (*conv != NULL)
    return AX_STATUS_OK;
  AxStatus status
      = ax_cudnn_conv_new (device->cudnn, spec, max_workspace, conv, error);
  if (status != AX_STATUS_OK)
    return status;
  status = keep_fastest (device, *conv, data, error);
  if (status != AX_STATUS_OK)
    {
      ax_cudnn_conv_free (*conv);
      return status;
    }
  size_t length = 0;
  char *text = ax_cudnn_conv_save (*conv, &length);
  if (text != NULL)
    ax_plan_cache_write (device->cache, key, text, length);
  free (text);
  return AX_STATUS_OK;
}

AxStatus
ax_cuda_conv_new (AxCudaDevice *device, const AxCudaConvSpec *spec,
                  const AxCudaConvData *data, size_t max_workspace,
                  AxCudaConv **conv, AxEngineError *error)
{
  const size_t half_free = ax_cuda_device_get_free (device) / 2;
  AxCudaConv *self = calloc (1, sizeof *self);
  if (self == NULL)
    return ax_cuda_fail_memory (error, sizeof *self);
  AxStatus status = find_way (
      device, spec, data, half_free < max_workspace ? half_free : max_workspace,
      &self->conv, error);
  if (status != AX_STATUS_OK)
    free (self);
  else
    *conv = self;
  return status;
}

void
ax_cuda_conv_free (AxCudaConv *self)
{
  if (self == NULL)
    return;
  ax_cudnn_conv_free (self->conv);
  free (self);
}

size_t
ax_cuda_conv_get_workspace (const AxCudaConv *self)
{
  return ax_cudnn_conv_get_workspace (self->conv, 0);
}

AxStatus
ax_cuda_conv_run (AxCudaConv *self, AxCudaDevice *device,
                  const AxCudaConvData *data, void *workspace,
                  AxEngineError *error)
{
  (void)device;
  return ax_cudnn_conv_run (self->conv, 0, data, workspace, error);
}

/* The recorded graph is passed about as what runs it. */

void
ax_cuda_graph_begin (AxCudaDevice *device)
{
  /* A failure shows when the recording ends. */
  cudaStreamBeginCapture (device->stream, cudaStreamCaptureModeThreadLocal);
}

AxCudaGraph *
ax_cuda_graph_end (AxCudaDevice *device)
{
  cudaGraph_t graph = NULL;
  cudaGraphExec_t runnable = NULL;
  if (cudaStreamEndCapture (device->stream, &graph) != cudaSuccess
      || cudaGraphInstantiate (&runnable, graph, 0) != cudaSuccess)
    cudaGetLastError (); /* the steps will be queued singly */
  if (graph != NULL)
    cudaGraphDestroy (graph);
  return (AxCudaGraph *)runnable;
}

AxStatus
ax_cuda_graph_launch (AxCudaGraph *self, AxCudaDevice *device,
                      AxEngineError *error)
{
  return check (error, cudaGraphLaunch ((cudaGraphExec_t)self, device->stream),
                "a recorded pass");
}

void
ax_cuda_graph_free (AxCudaGraph *self)
{
  if (self != NULL)
    cudaGraphExecDestroy ((cudaGraphExec_t)self);
}
