/*
 * The device as plain loops on the processor, with the bodies of the same
 * kernels.  It makes an engine "cuda-host" of everything but the calls of
 * CUDA and cuDNN: plan, layouts, memory, fragments, storage in halves.
 */
#include "cuda/test/device-host.h"

#include "cuda/engine/device.h"
#include "cuda/engine/fail.h"
#include "cuda/engine/half.h"
#include "cuda/engine/train-floats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REAL uint16_t
#define NAME(x) x##_f16
#define TO_FLOAT(r) ax_cuda_half_to_float (r)
#define TO_REAL(f) ax_cuda_half_from_float (f)
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

#define MAX_RECORDED 256

struct AxCudaConv
{
  AxCudaConvSpec spec;
};

/* A kernel, or a convolution if @conv is not NULL. */
typedef struct
{
  AxCudaCall call;
  AxCudaConv *conv;
  AxCudaConvData data;
} Work;

struct AxCudaGraph
{
  Work work[MAX_RECORDED];
  int n_work;
};

struct AxCudaDevice
{
  int is_half;
  AxCudaGraph *recording; /* NULL: work is done at once */
};

int ax_cuda_host_n_allocs = -1;

typedef void (*Body) (const AxCudaCall *call, int64_t row, int32_t j);

/* In the order of AxCudaKernel. */
#define BODIES(suffix)                                                         \
  input_rgb##suffix, input_planes##suffix, output##suffix, affine##suffix,     \
      relu##suffix, sigmoid##suffix, softmax##suffix, max_pool##suffix,        \
      avg_pool##suffix, fragment##suffix, defragment##suffix, concat##suffix,  \
      add##suffix, mul##suffix, upsample##suffix, crop##suffix,                \
      channel_mean##suffix, channel_max##suffix, pass##suffix,                 \
      dropout##suffix, relu_back##suffix, sigmoid_back##suffix,                \
      softmax_back##suffix, max_pool_back##suffix, avg_pool_back##suffix,      \
      concat_back##suffix, add_back##suffix, mul_back##suffix,                 \
      upsample_back##suffix, crop_back##suffix, channel_mean_back##suffix,     \
      channel_max_back##suffix, norm_back##suffix, sum##suffix,                \
      sum_squares##suffix, sum_products##suffix, narrow##suffix,               \
      widen##suffix, fold, norm_infer, norm_mean, norm_learn, norm_slopes,     \
      unscale, update_sgd, update_adam

static const Body bodies_f16[AX_CUDA_N_KERNELS] = { BODIES (_f16) };
static const Body bodies_f32[AX_CUDA_N_KERNELS] = { BODIES (_f32) };

const char ax_cuda_device_name[] = "cuda-host";

void
ax_cuda_device_probe (AxEngineReport *report)
{
  report->usable = 1;
  strcpy (report->device, "loops in place of a GPU");
  strcpy (report->version, "none");
  strcpy (report->precision, "fp16");
}

AxStatus
ax_cuda_device_new (int is_half, AxCudaDevice **device, AxEngineError *error)
{
  *device = calloc (1, sizeof **device);
  if (*device == NULL)
    return ax_cuda_fail_memory (error, sizeof **device);
  (*device)->is_half = is_half;
  return AX_STATUS_OK;
}

void
ax_cuda_device_free (AxCudaDevice *self)
{
  free (self);
}

size_t
ax_cuda_device_get_free (AxCudaDevice *self)
{
  (void)self;
  return 0;
}

AxStatus
ax_cuda_device_alloc (AxCudaDevice *self, size_t bytes, void **memory,
                      AxEngineError *error)
{
  (void)self;
  *memory = ax_cuda_host_n_allocs == 0
                ? NULL
                : aligned_alloc (256, (bytes + 255) / 256 * 256);
  ax_cuda_host_n_allocs -= ax_cuda_host_n_allocs > 0;
  if (*memory == NULL)
    return ax_cuda_fail_memory (error, bytes);
  /* As a device's memory, it holds whatever was there: here NaN. */
  memset (*memory, 0xff, bytes);
  return AX_STATUS_OK;
}

void
ax_cuda_device_release (AxCudaDevice *self, void *memory)
{
  (void)self;
  free (memory);
}

void *
ax_cuda_device_alloc_host (AxCudaDevice *self, size_t bytes)
{
  (void)self;
  return malloc (bytes);
}

void
ax_cuda_device_release_host (AxCudaDevice *self, void *memory)
{
  (void)self;
  free (memory);
}

AxStatus
ax_cuda_device_upload (AxCudaDevice *self, void *to, const void *from,
                       size_t bytes, AxEngineError *error)
{
  (void)self;
  (void)error;
  memcpy (to, from, bytes);
  return AX_STATUS_OK;
}

AxStatus
ax_cuda_device_download (AxCudaDevice *self, void *to, const void *from,
                         size_t bytes, AxEngineError *error)
{
  return ax_cuda_device_upload (self, to, from, bytes, error);
}

AxStatus
ax_cuda_device_wait (AxCudaDevice *self, AxEngineError *error)
{
  (void)self;
  (void)error;
  return AX_STATUS_OK;
}

AxStatus
ax_cuda_device_copy_in (AxCudaDevice *self, void *to, const void *from,
                        size_t bytes, AxEngineError *error)
{
  return ax_cuda_device_upload (self, to, from, bytes, error);
}

AxStatus
ax_cuda_device_copy_out (AxCudaDevice *self, void *to, const void *from,
                         size_t bytes, AxEngineError *error)
{
  return ax_cuda_device_upload (self, to, from, bytes, error);
}

/* Everything is done at once: nothing is left to wait for. */
struct AxCudaEvent
{
  int unused;
};

AxStatus
ax_cuda_event_new (AxCudaDevice *device, AxCudaEvent **event,
                   AxEngineError *error)
{
  (void)device;
  *event = calloc (1, sizeof **event);
  return *event != NULL ? AX_STATUS_OK
                        : ax_cuda_fail_memory (error, sizeof **event);
}

void
ax_cuda_event_free (AxCudaEvent *self)
{
  free (self);
}

AxStatus
ax_cuda_event_order (AxCudaEvent *self, AxCudaDevice *device, AxCudaQueue first,
                     AxCudaQueue second, AxEngineError *error)
{
  (void)self;
  (void)device;
  (void)first;
  (void)second;
  (void)error;
  return AX_STATUS_OK;
}

AxStatus
ax_cuda_event_mark (AxCudaEvent *self, AxCudaDevice *device, AxCudaQueue queue,
                    AxEngineError *error)
{
  return ax_cuda_event_order (self, device, queue, queue, error);
}

AxStatus
ax_cuda_event_wait (AxCudaEvent *self, AxEngineError *error)
{
  (void)self;
  (void)error;
  return AX_STATUS_OK;
}

/* Whether @work is only to be kept for later. */
static int
record (AxCudaDevice *self, Work work)
{
  AxCudaGraph *graph = self->recording;
  if (graph != NULL && graph->n_work < MAX_RECORDED)
    graph->work[graph->n_work++] = work;
  return graph != NULL;
}

AxStatus
ax_cuda_device_launch (AxCudaDevice *self, const AxCudaCall *call,
                       AxEngineError *error)
{
  const Body body = (self->is_half ? bodies_f16 : bodies_f32)[call->kernel];
  int64_t n_rows;
  int32_t length;
  (void)error;
  if (record (self, (Work){ .call = *call }))
    return AX_STATUS_OK;
  ax_cuda_call_get_extent (call, self->is_half ? 8 : 4, &n_rows, &length);
  for (int64_t row = 0; row < n_rows; row++)
    for (int32_t j = 0; j < length; j++)
      body (call, row, j);
  return AX_STATUS_OK;
}

AxStatus
ax_cuda_conv_new (AxCudaDevice *device, const AxCudaConvSpec *spec,
                  const AxCudaConvData *data, size_t max_workspace,
                  AxCudaConv **conv, AxEngineError *error)
{
  (void)device;
  (void)data;
  (void)max_workspace;
  *conv = calloc (1, sizeof **conv);
  if (*conv == NULL)
    return ax_cuda_fail_memory (error, sizeof **conv);
  (*conv)->spec = *spec;
  return AX_STATUS_OK;
}

void
ax_cuda_conv_free (AxCudaConv *self)
{
  free (self);
}

size_t
ax_cuda_conv_get_workspace (const AxCudaConv *self)
{
  (void)self;
  return 1;
}

/* Elements as floats, so that a convolution's loops are of one type. */
static float *
widen (const void *data, int64_t count, int is_half)
{
  float *values = malloc ((size_t)count * sizeof *values);
  for (int64_t i = 0; values != NULL && i < count; i++)
    values[i] = is_half ? ax_cuda_half_to_float (((const uint16_t *)data)[i])
                        : ((const float *)data)[i];
  return values;
}

/* Both convolutions have the same pairs of cells that a tap connects: (y, x)
 * of the large side, (v, u) of the small one. */
typedef struct
{
  const AxWindow *window;
  const AxCudaShape *large, *small;
} Taps;

/* The cell of the large side under a tap, -1: in the padding. */
static int64_t
find_cell (const Taps *taps, int64_t n, int64_t v, int64_t u, int32_t ky,
           int32_t kx)
{
  const AxWindow *w = taps->window;
  const int64_t y = v * w->stride + ky * w->dilation - w->pad;
  const int64_t x = u * w->stride + kx * w->dilation - w->pad;
  if (y < 0 || y >= taps->large->h || x < 0 || x >= taps->large->w)
    return -1;
  return (n * taps->large->h + y) * taps->large->w + x;
}

/* out[k] += sum over c of filter[k][c] * in[c], of one tap and pair of cells;
 * @k_step is between filter[k] and filter[k + 1]. */
static void
add_forward (const float *in, int64_t n_in, const float *filter, int64_t k_step,
             float *out, int64_t n_out)
{
  for (int64_t k = 0; k < n_out; k++)
    {
      float sum = 0.0f;
      for (int64_t c = 0; c < n_in; c++)
        sum += filter[k * k_step + c] * in[c];
      out[k] += sum;
    }
}

/* out[c] += sum over k of filter[k][c] * in[k] */
static void
add_transposed (const float *in, int64_t n_in, const float *filter,
                int64_t k_step, float *out, int64_t n_out)
{
  for (int64_t k = 0; k < n_in; k++)
    for (int64_t c = 0; c < n_out; c++)
      out[c] += filter[k * k_step + c] * in[k];
}

/* filter[k][c] += in[c] * out[k] */
static void
add_filter (const float *in, int64_t n_in, float *filter, int64_t k_step,
            const float *out, int64_t n_out)
{
  for (int64_t k = 0; k < n_out; k++)
    for (int64_t c = 0; c < n_in; c++)
      filter[k * k_step + c] += in[c] * out[k];
}

static void
add_all (const AxCudaConvSpec *spec, const float *in, float *filter, float *out)
{
  const int64_t n_in = ax_cuda_shape_get_stored (&spec->in);
  const int64_t n_out = ax_cuda_shape_get_stored (&spec->out);
  const AxWindow *w = &spec->window;
  const int is_data = spec->kind == AX_CUDA_CONV_DATA;
  const Taps taps = { .window = w,
                      .large = is_data ? &spec->out : &spec->in,
                      .small = is_data ? &spec->in : &spec->out };
  const int64_t n_c = is_data ? n_out : n_in;
  const int64_t k_step = (int64_t)w->kernel_h * w->kernel_w * n_c;
  int64_t cell = 0;
  for (int64_t n = 0; n < taps.small->n; n++)
    for (int64_t v = 0; v < taps.small->h; v++)
      for (int64_t u = 0; u < taps.small->w; u++, cell++)
        for (int32_t ky = 0; ky < w->kernel_h; ky++)
          for (int32_t kx = 0; kx < w->kernel_w; kx++)
            {
              const int64_t other = find_cell (&taps, n, v, u, ky, kx);
              float *tap = filter + (ky * w->kernel_w + kx) * n_c;
              if (other < 0)
                continue;
              if (is_data)
                add_transposed (in + cell * n_in, n_in, tap, k_step,
                                out + other * n_out, n_out);
              else if (spec->kind == AX_CUDA_CONV_FILTER)
                add_filter (in + other * n_in, n_in, tap, k_step,
                            out + cell * n_out, n_out);
              else
                add_forward (in + other * n_in, n_in, tap, k_step,
                             out + cell * n_out, n_out);
            }
}

/* A sum that is finished, as the device keeps it. */
static void
store_sum (const AxCudaConvSpec *spec, void *data, int64_t index, float sum)
{
  const float v = spec->relu && sum < 0.0f ? 0.0f : sum;
  if (spec->is_half)
    ((uint16_t *)data)[index] = ax_cuda_half_from_float (v);
  else
    ((float *)data)[index] = v;
}

AxStatus
ax_cuda_conv_run (AxCudaConv *self, AxCudaDevice *device,
                  const AxCudaConvData *data, void *workspace,
                  AxEngineError *error)
{
  const AxCudaConvSpec *spec = &self->spec;
  const int is_filter = spec->kind == AX_CUDA_CONV_FILTER;
  const int64_t n_out = ax_cuda_shape_get_stored (&spec->out);
  const int64_t n_values = ax_cuda_shape_count (&spec->out);
  const int64_t n_filter = ax_cuda_shape_get_stored (&spec->in) * n_out
                           * spec->window.kernel_h
                           * (int64_t)spec->window.kernel_w;
  const int64_t n_sums = is_filter ? n_filter : n_values;
  (void)workspace;
  if (record (device, (Work){ .conv = self, .data = *data }))
    return AX_STATUS_OK;
  float *in = widen (data->in, ax_cuda_shape_count (&spec->in), spec->is_half);
  float *sums = calloc ((size_t)n_sums, sizeof *sums);
  float *other = is_filter ? widen (data->out, n_values, spec->is_half)
                           : widen (data->filter, n_filter, spec->is_half);
  float *bias = data->bias != NULL ? widen (data->bias, n_out, spec->is_half)
                                   : calloc ((size_t)n_out, sizeof *bias);
  const int is_whole = in && sums && other && bias;
  if (is_whole)
    add_all (spec, in, is_filter ? sums : other, is_filter ? other : sums);
  for (int64_t i = 0; is_whole && i < n_sums; i++)
    store_sum (spec, is_filter ? data->filter : data->out, i,
               sums[i] + (is_filter ? 0.0f : bias[i % n_out]));
  free (in);
  free (sums);
  free (other);
  free (bias);
  return is_whole ? AX_STATUS_OK : ax_cuda_fail_memory (error, (size_t)n_sums);
}

void
ax_cuda_graph_begin (AxCudaDevice *device)
{
  device->recording = calloc (1, sizeof *device->recording);
}

AxCudaGraph *
ax_cuda_graph_end (AxCudaDevice *device)
{
  AxCudaGraph *graph = device->recording;
  device->recording = NULL;
  if (graph != NULL && graph->n_work < MAX_RECORDED)
    return graph;
  free (graph);
  return NULL;
}

AxStatus
ax_cuda_graph_launch (AxCudaGraph *self, AxCudaDevice *device,
                      AxEngineError *error)
{
  AxStatus status = AX_STATUS_OK;
  for (int i = 0; i < self->n_work && status == AX_STATUS_OK; i++)
    {
      const Work *work = &self->work[i];
      status = work->conv != NULL
                   ? ax_cuda_conv_run (work->conv, device, &work->data, NULL,
                                       error)
                   : ax_cuda_device_launch (device, &work->call, error);
    }
  return status;
}

void
ax_cuda_graph_free (AxCudaGraph *self)
{
  free (self);
}
