#include "cuda/engine/train-params.h"

#include "cuda/engine/fail.h"

#include <math.h>
#include <stdlib.h>

static int32_t
pad (int32_t count)
{
  return (count + AX_CUDA_LANES - 1) / AX_CUDA_LANES * AX_CUDA_LANES;
}

static size_t
count_stored (const AxCudaTrainParam *param)
{
  return (size_t)param->stored_a * (size_t)param->n_taps
         * (size_t)param->stored_b;
}

static int64_t
count_plain (const AxTensorView *view)
{
  int64_t count = 1;
  for (int32_t i = 0; i < view->rank; i++)
    count *= view->shape[i];
  return count;
}

static int
is_filter (const AxNode *node)
{
  return node->kind == AX_NODE_CONV || node->kind == AX_NODE_CONV_TRANSPOSE;
}

static void
describe (AxCudaTrainParams *self, const AxNode *node,
          const AxTensorView *params)
{
  for (int k = 0; k < 4; k++)
    {
      if (node->params[k] < 0)
        continue;
      const AxTensorView *view = &params[node->params[k]];
      AxCudaTrainParam *param = &self->params[node->params[k]];
      *param = (AxCudaTrainParam){ .n_a = 1,
                                   .n_taps = 1,
                                   .n_b = (int32_t)count_plain (view),
                                   .is_trained = 1 };
      if (is_filter (node) && k == 0)
        {
          param->n_a = (int32_t)view->shape[0];
          param->n_b = (int32_t)view->shape[1];
          param->n_taps = (int32_t)(view->shape[2] * view->shape[3]);
        }
      if (node->kind == AX_NODE_BATCH_NORM && k >= 2)
        param->is_trained = 0;
      param->stored_a = is_filter (node) && k == 0 ? pad (param->n_a) : 1;
      param->stored_b = pad (param->n_b);
    }
}

AxStatus
ax_cuda_train_params_init (AxCudaTrainParams *self, AxCudaDevice *device,
                           const AxCudaPlan *plan, const AxTensorView *params,
                           int32_t n_params, int is_half, AxEngineError *error)
{
  const size_t bytes = (size_t)n_params * sizeof *self->params;
  size_t n_floats = 0;
  *self = (AxCudaTrainParams){
    .device = device, .n_params = n_params, .is_half = is_half, .is_stale = 1
  };
  self->params = calloc ((size_t)n_params + 1, sizeof *self->params);
  if (self->params == NULL)
    return ax_cuda_fail_memory (error, bytes);
  for (int32_t i = 0; i < plan->n_nodes; i++)
    describe (self, &plan->nodes[i], params);
  for (int32_t i = 0; i < n_params; i++)
    {
      self->params[i].offset = n_floats;
      n_floats += count_stored (&self->params[i]);
    }
  if (n_floats > INT32_MAX)
    return ax_cuda_fail (error, AX_STATUS_MEMORY,
                         "%zu parameters are too many to train", n_floats);
  self->n_floats = (int32_t)n_floats;
  return AX_STATUS_OK;
}

size_t
ax_cuda_train_params_get_bytes (const AxCudaTrainParams *self)
{
  return (size_t)self->n_floats
         * (AX_N_TRAIN_STATES * sizeof (float)
            + (self->is_half ? sizeof (uint16_t) : 0));
}

AxStatus
ax_cuda_train_params_load (AxCudaTrainParams *self, const AxTensorView *params,
                           AxEngineError *error)
{
  const size_t bytes = (size_t)self->n_floats * sizeof (float);
  AxStatus status = AX_STATUS_OK;
  float *zeros = calloc ((size_t)self->n_floats + 1, sizeof *zeros);
  if (zeros == NULL)
    return ax_cuda_fail_memory (error, bytes);
  for (int i = 0; i < AX_N_TRAIN_STATES && status == AX_STATUS_OK; i++)
    {
      void *memory = NULL;
      status = ax_cuda_device_alloc (self->device, bytes, &memory, error);
      self->states[i] = memory;
      if (status == AX_STATUS_OK)
        status
            = ax_cuda_device_upload (self->device, memory, zeros, bytes, error);
    }
  if (status == AX_STATUS_OK)
    status = ax_cuda_device_wait (self->device, error);
  free (zeros);
  if (status == AX_STATUS_OK && self->is_half)
    status
        = ax_cuda_device_alloc (self->device, bytes / 2, &self->halves, error);
  for (int32_t i = 0; i < self->n_params && status == AX_STATUS_OK; i++)
    if (self->params[i].stored_b > 0)
      status = ax_cuda_train_params_push (self, i, AX_STATE_VALUE, &params[i],
                                          error);
  return status;
}

void
ax_cuda_train_params_clear (AxCudaTrainParams *self)
{
  for (int i = 0; i < AX_N_TRAIN_STATES; i++)
    ax_cuda_device_release (self->device, self->states[i]);
  ax_cuda_device_release (self->device, self->halves);
  free (self->params);
}

float *
ax_cuda_train_params_get (const AxCudaTrainParams *self, int32_t param,
                          AxTrainState state)
{
  return param < 0 ? NULL : self->states[state] + self->params[param].offset;
}

void *
ax_cuda_train_params_get_values (const AxCudaTrainParams *self, int32_t param)
{
  if (param < 0 || !self->is_half)
    return ax_cuda_train_params_get (self, param, AX_STATE_VALUE);
  return (uint16_t *)self->halves + self->params[param].offset;
}

AxStatus
ax_cuda_train_params_refresh (AxCudaTrainParams *self, AxEngineError *error)
{
  const AxCudaCall call = { .kernel = AX_CUDA_NARROW,
                            .a_data = self->states[AX_STATE_VALUE],
                            .out_data = self->halves,
                            .count = self->n_floats };
  if (!self->is_half || !self->is_stale)
    return AX_STATUS_OK;
  self->is_stale = 0;
  return ax_cuda_device_launch (self->device, &call, error);
}

AxStatus
ax_cuda_train_params_unscale (AxCudaTrainParams *self, double scale,
                              int32_t *overflow, AxEngineError *error)
{
  const AxCudaCall call = { .kernel = AX_CUDA_UNSCALE,
                            .out_data = self->states[AX_STATE_GRADIENT],
                            .count = self->n_floats,
                            .factor = (float)(1.0 / scale),
                            .overflow = overflow };
  return ax_cuda_device_launch (self->device, &call, error);
}

static AxCudaUpdate
get_update (const AxCudaTrainParams *self, int32_t index,
            const AxOptimStep *step)
{
  const AxCudaTrainParam *param = &self->params[index];
  const double t = (double)step->step;
  const double rate_scale
      = step->rate_scale != NULL ? (double)step->rate_scale[index] : 1.0;
  const double decay_scale
      = step->decay_scale != NULL ? (double)step->decay_scale[index] : 1.0;
  return (AxCudaUpdate){
    .value = ax_cuda_train_params_get (self, index, AX_STATE_VALUE),
    .gradient = ax_cuda_train_params_get (self, index, AX_STATE_GRADIENT),
    .m = ax_cuda_train_params_get (self, index, AX_STATE_MOMENT1),
    .v = ax_cuda_train_params_get (self, index, AX_STATE_MOMENT2),
    .n_a = param->n_a,
    .n_taps = param->n_taps,
    .n_b = param->n_b,
    .stored_b = param->stored_b,
    .rate = (float)(step->rate * rate_scale),
    .decay = (float)(step->weight_decay * decay_scale),
    .momentum = (float)step->momentum,
    .beta2 = (float)step->beta2,
    .epsilon = (float)step->epsilon,
    .correction1 = (float)(1.0 / (1.0 - pow (step->momentum, t))),
    .correction2 = (float)(1.0 / (1.0 - pow (step->beta2, t))),
    .nesterov = step->nesterov,
  };
}

AxStatus
ax_cuda_train_params_update (AxCudaTrainParams *self, const AxOptimStep *step,
                             AxEngineError *error)
{
  AxStatus status = AX_STATUS_OK;
  for (int32_t i = 0; i < self->n_params && status == AX_STATUS_OK; i++)
    {
      const AxCudaCall call = {
        .kernel
        = step->kind == AX_OPTIM_SGD ? AX_CUDA_UPDATE_SGD : AX_CUDA_UPDATE_ADAM,
        .count = (int32_t)count_stored (&self->params[i]),
        .update = get_update (self, i, step),
      };
      if (self->params[i].is_trained)
        status = ax_cuda_device_launch (self->device, &call, error);
    }
  self->is_stale = 1;
  return status;
}

/* Where a value of the plain order (A, B, taps) stands in the device's. */
static size_t
find_place (const AxCudaTrainParam *param, int64_t index)
{
  const int64_t tap = index % param->n_taps;
  const int64_t b = index / param->n_taps % param->n_b;
  const int64_t a = index / param->n_taps / param->n_b;
  return (size_t)((a * param->n_taps + tap) * param->stored_b + b);
}

AxStatus
ax_cuda_train_params_pull (const AxCudaTrainParams *self, int32_t param,
                           int32_t state, const AxTensorView *out,
                           AxEngineError *error)
{
  const AxCudaTrainParam *p = &self->params[param];
  const size_t bytes = count_stored (p) * sizeof (float);
  float *stored = malloc (bytes);
  if (stored == NULL)
    return ax_cuda_fail_memory (error, bytes);
  AxStatus status = ax_cuda_device_download (
      self->device, stored,
      ax_cuda_train_params_get (self, param, (AxTrainState)state), bytes,
      error);
  for (int64_t i = 0; status == AX_STATUS_OK && i < count_plain (out); i++)
    if (out->dtype == AX_DTYPE_F64)
      ((double *)out->data)[i] = (double)stored[find_place (p, i)];
    else
      ((float *)out->data)[i] = stored[find_place (p, i)];
  free (stored);
  return status;
}

AxStatus
ax_cuda_train_params_push (AxCudaTrainParams *self, int32_t param,
                           int32_t state, const AxTensorView *in,
                           AxEngineError *error)
{
  const AxCudaTrainParam *p = &self->params[param];
  const size_t count = count_stored (p);
  float *stored = calloc (count, sizeof *stored);
  if (stored == NULL)
    return ax_cuda_fail_memory (error, count * sizeof *stored);
  for (int64_t i = 0; i < count_plain (in); i++)
    stored[find_place (p, i)] = in->dtype == AX_DTYPE_F64
                                    ? (float)((const double *)in->data)[i]
                                    : ((const float *)in->data)[i];
  AxStatus status = ax_cuda_device_upload (
      self->device, ax_cuda_train_params_get (self, param, (AxTrainState)state),
      stored, count * sizeof *stored, error);
  if (status == AX_STATUS_OK)
    status = ax_cuda_device_wait (self->device, error);
  free (stored);
  self->is_stale |= state == AX_STATE_VALUE;
  return status;
}
