#include "cuda/engine/device.h"
#include "cuda/engine/fail.h"
#include "cuda/engine/plan.h"
#include "cuda/engine/run.h"
#include "cuda/engine/train-run.h"

#include <stdlib.h>

struct AxEngineContext
{
  AxCudaDevice *device;
  int is_half;
  size_t budget; /* 0: what is free */
};

/* One of both. */
struct AxEnginePlan
{
  AxCudaRun *run;
  AxCudaTrain *train;
};

static AxStatus
cuda_probe (AxEngineReport *report, AxEngineError *error)
{
  (void)error;
  *report = (AxEngineReport){ .prefers_fragments = 1 };
  ax_cuda_device_probe (report);
  return report->usable ? AX_STATUS_OK : AX_STATUS_NO_DEVICE;
}

static AxStatus
cuda_create (const AxEngineOptions *options, AxEngineContext **context,
             AxEngineError *error)
{
  AxEngineContext *self = calloc (1, sizeof *self);
  if (self == NULL)
    return ax_cuda_fail_memory (error, sizeof *self);
  self->is_half = options->precision != AX_PRECISION_F32;
  self->budget = options->memory_bytes > 0 ? (size_t)options->memory_bytes : 0;
  AxStatus status = ax_cuda_device_new (self->is_half, &self->device, error);
  if (status != AX_STATUS_OK)
    free (self);
  else
    *context = self;
  return status;
}

static void
cuda_destroy (AxEngineContext *context)
{
  if (context == NULL)
    return;
  ax_cuda_device_free (context->device);
  free (context);
}

static AxStatus
cuda_compile (AxEngineContext *context, const AxGraphView *graph,
              const AxTensorView *params, int32_t batch, int32_t height,
              int32_t width, AxEnginePlan **plan, AxEngineError *error)
{
  AxCudaPlan *translated = NULL;
  AxEnginePlan *self = calloc (1, sizeof *self);
  if (self == NULL)
    return ax_cuda_fail_memory (error, sizeof *self);
  AxStatus status
      = ax_cuda_plan_new (graph, batch, height, width, 0,
                          context->is_half ? sizeof (uint16_t) : sizeof (float),
                          AX_CUDA_MAX_ELEMENTS, &translated, error);
  if (status == AX_STATUS_OK)
    status = ax_cuda_run_new (context->device, translated, context->is_half,
                              params, context->budget, &self->run, error);
  if (status != AX_STATUS_OK)
    free (self);
  else
    *plan = self;
  return status;
}

static void
cuda_plan_free (AxEnginePlan *plan)
{
  if (plan == NULL)
    return;
  ax_cuda_run_free (plan->run);
  ax_cuda_train_free (plan->train);
  free (plan);
}

static AxStatus
cuda_forward (AxEnginePlan *plan, const AxTensorView *input,
              const AxTensorView *outputs, AxEngineError *error)
{
  return plan->train != NULL
             ? ax_cuda_train_forward (plan->train, input, outputs, error)
             : ax_cuda_run_forward (plan->run, input, outputs, error);
}

static AxStatus
cuda_submit (AxEnginePlan *plan, const AxTensorView *input,
             const AxTensorView *outputs, AxEngineError *error)
{
  if (plan->run == NULL)
    return ax_cuda_fail (error, AX_STATUS_ARGUMENT,
                         "a training plan has one pass at a time");
  return ax_cuda_run_submit (plan->run, input, outputs, error);
}

static AxStatus
cuda_wait (AxEnginePlan *plan, AxEngineError *error)
{
  if (plan->run == NULL)
    return ax_cuda_fail (error, AX_STATUS_ARGUMENT, "no pass is under way");
  return ax_cuda_run_wait (plan->run, error);
}

static AxStatus
cuda_compile_training (AxEngineContext *context, const AxGraphView *graph,
                       const AxTensorView *params, const AxLoss *losses,
                       int32_t n_losses, int32_t batch, int32_t height,
                       int32_t width, AxEnginePlan **plan, AxEngineError *error)
{
  AxEnginePlan *self = calloc (1, sizeof *self);
  if (self == NULL)
    return ax_cuda_fail_memory (error, sizeof *self);
  AxStatus status = ax_cuda_train_new (
      context->device, context->is_half, graph, params, losses, n_losses, batch,
      height, width, context->budget, &self->train, error);
  if (status != AX_STATUS_OK)
    free (self);
  else
    *plan = self;
  return status;
}

static AxStatus
cuda_learn (AxEnginePlan *plan, const AxTensorView *input,
            const AxTensorView *targets, const float *entry_weights,
            uint64_t seed, double *values, AxEngineError *error)
{
  return ax_cuda_train_learn (plan->train, input, targets, entry_weights, seed,
                              values, error);
}

static AxStatus
cuda_step (AxEnginePlan *plan, const AxOptimStep *step, AxEngineError *error)
{
  return ax_cuda_train_step (plan->train, step, error);
}

static AxStatus
cuda_pull (AxEnginePlan *plan, int32_t param, int32_t state,
           const AxTensorView *out, AxEngineError *error)
{
  return ax_cuda_train_pull (plan->train, param, state, out, error);
}

static AxStatus
cuda_push (AxEnginePlan *plan, int32_t param, int32_t state,
           const AxTensorView *in, AxEngineError *error)
{
  return ax_cuda_train_push (plan->train, param, state, in, error);
}

static void *
cuda_host_alloc (AxEngineContext *context, size_t bytes)
{
  return ax_cuda_device_alloc_host (context->device, bytes);
}

static void
cuda_host_free (AxEngineContext *context, void *memory)
{
  ax_cuda_device_release_host (context->device, memory);
}

__attribute__ ((visibility ("default"))) const AxEngineOps *
ax_engine_ops_v1 (void);

const AxEngineOps *
ax_engine_ops_v1 (void)
{
  static const AxEngineOps ops = {
    .abi = AX_ENGINE_ABI,
    .size = sizeof ops,
    .name = ax_cuda_device_name,
    .probe = cuda_probe,
    .create = cuda_create,
    .destroy = cuda_destroy,
    .compile = cuda_compile,
    .plan_free = cuda_plan_free,
    .forward = cuda_forward,
    .host_alloc = cuda_host_alloc,
    .host_free = cuda_host_free,
    .compile_training = cuda_compile_training,
    .learn = cuda_learn,
    .step = cuda_step,
    .pull = cuda_pull,
    .push = cuda_push,
    .submit = cuda_submit,
    .wait = cuda_wait,
  };
  return &ops;
}
