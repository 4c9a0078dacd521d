#include "cuda/engine/run.h"

#include "cuda/engine/fail.h"
#include "cuda/engine/params.h"
#include "cuda/engine/slot.h"

#include <stdlib.h>
#include <string.h>

/* Pixels of a batch up to which a recorded graph pays. */
#define MAX_GRAPH_PIXELS ((int64_t)1 << 21)
/* What a convolution may use beside its tensors. */
#define MAX_WORKSPACE ((size_t)1 << 30)
#define MIB (1024.0 * 1024.0)

/* A step's parameters on the device: of a convolution filter and bias, of
 * AFFINE scale and bias. */
typedef struct
{
  AxCudaConv *conv;
  void *weight, *bias;
} StepState;

/* One that is, or may come, under way. */
typedef struct
{
  AxCudaSlot slot;
  AxCudaGraph *graph; /* of bytes as input */
  AxTensorView outputs[AX_MAX_OUTPUTS];
} Pass;

struct AxCudaRun
{
  AxCudaDevice *device;
  AxCudaPlan *plan;
  int is_half;
  StepState *steps;
  char *arena;
  void *workspace;
  Pass passes[AX_MAX_IN_FLIGHT];
  int first, n_in_flight; /* passes under way, from the oldest */
  int has_run;            /* bytes as input */
  int graph_failed;
};

static size_t
get_element (const AxCudaRun *self)
{
  return self->is_half ? sizeof (uint16_t) : sizeof (float);
}

static void *
get_value (const AxCudaRun *self, int32_t node)
{
  return self->arena + self->plan->values[node].offset;
}

static const AxTensorView *
find_param (const AxNode *node, const AxTensorView *params, int index)
{
  return node->params[index] < 0 ? NULL : &params[node->params[index]];
}

/* To new memory on the device, from the host's, which is freed. */
static AxStatus
move_to_device (AxCudaRun *self, void *host, size_t bytes, void **memory,
                AxEngineError *error)
{
  AxStatus status
      = host != NULL ? ax_cuda_device_alloc (self->device, bytes, memory, error)
                     : ax_cuda_fail_memory (error, bytes);
  if (status == AX_STATUS_OK)
    status = ax_cuda_device_upload (self->device, *memory, host, bytes, error);
  if (status == AX_STATUS_OK)
    status = ax_cuda_device_wait (self->device, error);
  free (host);
  return status;
}

static AxStatus
load_conv_params (AxCudaRun *self, const AxCudaStep *step, StepState *state,
                  const AxTensorView *params, AxEngineError *error)
{
  const AxNode *node = &self->plan->nodes[step->node];
  const AxTensorView *weight = find_param (node, params, 0);
  const AxCudaShape *out = &self->plan->values[step->out].shape;
  size_t bytes = ax_cuda_params_get_filter_count (weight) * get_element (self);
  void *host = malloc (bytes);
  if (host != NULL)
    ax_cuda_params_pack_filter (weight, self->is_half, host);
  AxStatus status = move_to_device (self, host, bytes, &state->weight, error);
  if (status != AX_STATUS_OK || step->kind == AX_CUDA_STEP_CONV_TRANSPOSE)
    return status;
  bytes = (size_t)ax_cuda_shape_get_stored (out) * get_element (self);
  host = malloc (bytes);
  if (host != NULL)
    ax_cuda_params_pack_bias (find_param (node, params, 1), out->c,
                              self->is_half, host);
  return move_to_device (self, host, bytes, &state->bias, error);
}

static AxStatus
load_affine_params (AxCudaRun *self, const AxCudaStep *step, StepState *state,
                    const AxTensorView *params, AxEngineError *error)
{
  const AxNode *node = &self->plan->nodes[step->node];
  const AxCudaShape *out = &self->plan->values[step->out].shape;
  const size_t bytes = (size_t)ax_cuda_shape_get_stored (out) * sizeof (float);
  float *scale = malloc (bytes), *bias = malloc (bytes);
  const AxTensorView *views[4];
  for (int i = 0; i < 4; i++)
    views[i] = find_param (node, params, i);
  if (scale != NULL && bias != NULL && node->kind == AX_NODE_BATCH_NORM)
    ax_cuda_params_make_norm (views, node->u.batch_norm.epsilon, out->c, scale,
                              bias);
  else if (scale != NULL && bias != NULL)
    ax_cuda_params_make_bias (views[1], out->c, scale, bias);
  AxStatus status = move_to_device (self, scale, bytes, &state->weight, error);
  if (status != AX_STATUS_OK)
    free (bias);
  else
    status = move_to_device (self, bias, bytes, &state->bias, error);
  return status;
}

static AxStatus
load_params (AxCudaRun *self, const AxTensorView *params, AxEngineError *error)
{
  AxStatus status = AX_STATUS_OK;
  for (int32_t i = 0; i < self->plan->n_steps && status == AX_STATUS_OK; i++)
    {
      const AxCudaStep *step = &self->plan->steps[i];
      if (step->kind != AX_CUDA_STEP_KERNEL)
        status = load_conv_params (self, step, &self->steps[i], params, error);
      else if (step->kernel == AX_CUDA_AFFINE)
        status
            = load_affine_params (self, step, &self->steps[i], params, error);
    }
  return status;
}

/* What is known before anything is allocated: values, image and outputs. */
static AxStatus
check_memory (AxCudaRun *self, size_t budget, AxEngineError *error)
{
  const AxCudaPlan *plan = self->plan;
  const AxCudaShape *image = &plan->values[0].shape;
  const size_t available
      = budget > 0 ? budget : ax_cuda_device_get_free (self->device);
  const size_t needed
      = plan->arena_bytes + AX_MAX_IN_FLIGHT * ax_cuda_slot_get_bytes (plan);
  if (available == 0 || needed <= available)
    return AX_STATUS_OK;
  return ax_cuda_fail (error, AX_STATUS_MEMORY,
                       "an input of %lld x %lld x %lld takes %.0f MiB, %.0f "
                       "are free",
                       (long long)image->n, (long long)image->h,
                       (long long)image->w, (double)needed / MIB,
                       (double)available / MIB);
}

static AxStatus
allocate (AxCudaRun *self, size_t budget, AxEngineError *error)
{
  void *arena = NULL;
  AxStatus status = check_memory (self, budget, error);
  if (status == AX_STATUS_OK)
    status = ax_cuda_device_alloc (self->device, self->plan->arena_bytes,
                                   &arena, error);
  self->arena = arena;
  for (int i = 0; i < AX_MAX_IN_FLIGHT && status == AX_STATUS_OK; i++)
    status = ax_cuda_slot_init (&self->passes[i].slot, self->device, self->plan,
                                error);
  return status;
}

/* Piece @piece of the batch. */
static AxCudaConvData
get_conv_data (const AxCudaRun *self, int32_t index, int64_t piece)
{
  const AxCudaStep *step = &self->plan->steps[index];
  const StepState *state = &self->steps[index];
  const AxCudaValue *in = &self->plan->values[step->in[0]];
  const AxCudaValue *out = &self->plan->values[step->out];
  const size_t entry = (size_t)(piece * step->n_entries);
  return (AxCudaConvData){
    .in = (char *)get_value (self, step->in[0])
          + entry * (in->bytes / (size_t)in->shape.n),
    .filter = state->weight,
    .bias = state->bias,
    .out = (char *)get_value (self, step->out)
           + entry * (out->bytes / (size_t)out->shape.n),
  };
}

static AxStatus
make_convs (AxCudaRun *self, AxEngineError *error)
{
  const AxCudaPlan *plan = self->plan;
  size_t workspace = 0;
  AxStatus status = AX_STATUS_OK;
  for (int32_t i = 0; i < plan->n_steps && status == AX_STATUS_OK; i++)
    {
      const AxCudaStep *step = &plan->steps[i];
      if (step->kind == AX_CUDA_STEP_KERNEL)
        continue;
      AxCudaConvSpec spec = { .in = plan->values[step->in[0]].shape,
                              .out = plan->values[step->out].shape,
                              .window = plan->nodes[step->node].u.window,
                              .kind = step->kind == AX_CUDA_STEP_CONV_TRANSPOSE
                                          ? AX_CUDA_CONV_DATA
                                          : AX_CUDA_CONV_FORWARD,
                              .relu = step->relu,
                              .is_half = self->is_half };
      spec.in.n = spec.out.n = step->n_entries;
      const AxCudaConvData data = get_conv_data (self, i, 0);
      status = ax_cuda_conv_new (self->device, &spec, &data, MAX_WORKSPACE,
                                 &self->steps[i].conv, error);
      if (status != AX_STATUS_OK)
        break;
      const size_t bytes = ax_cuda_conv_get_workspace (self->steps[i].conv);
      workspace = bytes > workspace ? bytes : workspace;
    }
  if (status == AX_STATUS_OK && workspace > 0)
    status = ax_cuda_device_alloc (self->device, workspace, &self->workspace,
                                   error);
  return status;
}

AxStatus
ax_cuda_run_new (AxCudaDevice *device, AxCudaPlan *plan, int is_half,
                 const AxTensorView *params, size_t budget, AxCudaRun **run,
                 AxEngineError *error)
{
  AxCudaRun *self = calloc (1, sizeof *self);
  if (self == NULL)
    {
      ax_cuda_plan_free (plan);
      return ax_cuda_fail_memory (error, sizeof *self);
    }
  self->device = device;
  self->plan = plan;
  self->is_half = is_half;
  self->steps = calloc ((size_t)plan->n_steps, sizeof *self->steps);
  AxStatus status = self->steps != NULL
                        ? AX_STATUS_OK
                        : ax_cuda_fail_memory (error, sizeof *self->steps);
  if (status == AX_STATUS_OK)
    status = allocate (self, budget, error);
  if (status == AX_STATUS_OK)
    status = load_params (self, params, error);
  if (status == AX_STATUS_OK)
    status = make_convs (self, error);
  if (status != AX_STATUS_OK)
    ax_cuda_run_free (self);
  else
    *run = self;
  return status;
}

void
ax_cuda_run_free (AxCudaRun *self)
{
  if (self == NULL)
    return;
  /* Nothing may look at the caller's memory, or at this, any more. */
  if (self->n_in_flight > 0)
    ax_cuda_device_wait (self->device, &(AxEngineError){ "" });
  for (int i = 0; i < AX_MAX_IN_FLIGHT; i++)
    {
      ax_cuda_graph_free (self->passes[i].graph);
      ax_cuda_slot_clear (&self->passes[i].slot);
    }
  for (int32_t i = 0; self->steps != NULL && i < self->plan->n_steps; i++)
    {
      ax_cuda_conv_free (self->steps[i].conv);
      ax_cuda_device_release (self->device, self->steps[i].weight);
      ax_cuda_device_release (self->device, self->steps[i].bias);
    }
  ax_cuda_device_release (self->device, self->workspace);
  ax_cuda_device_release (self->device, self->arena);
  free (self->steps);
  ax_cuda_plan_free (self->plan);
  free (self);
}

static AxStatus
run_kernel (AxCudaRun *self, const AxCudaSlot *slot, int32_t index,
            AxEngineError *error)
{
  const AxCudaStep *step = &self->plan->steps[index];
  AxCudaCall call = ax_cuda_plan_get_call (self->plan, step);
  call.out_data = get_value (self, step->out);
  call.scale = self->steps[index].weight;
  call.bias = self->steps[index].bias;
  if (step->in[0] >= 0)
    call.a_data = get_value (self, step->in[0]);
  if (step->in[1] >= 0)
    call.b_data = get_value (self, step->in[1]);
  if (index == 0)
    ax_cuda_slot_set_image (slot, &call);
  return ax_cuda_device_launch (self->device, &call, error);
}

static AxStatus
run_conv (AxCudaRun *self, int32_t index, AxEngineError *error)
{
  const AxCudaStep *step = &self->plan->steps[index];
  const int64_t n_pieces
      = self->plan->values[step->out].shape.n / step->n_entries;
  AxStatus status = AX_STATUS_OK;
  for (int64_t i = 0; i < n_pieces && status == AX_STATUS_OK; i++)
    {
      const AxCudaConvData data = get_conv_data (self, index, i);
      status = ax_cuda_conv_run (self->steps[index].conv, self->device, &data,
                                 self->workspace, error);
    }
  return status;
}

/* From the image on the device to the outputs there. */
static AxStatus
queue_steps (AxCudaRun *self, const AxCudaSlot *slot, AxEngineError *error)
{
  const AxCudaPlan *plan = self->plan;
  AxStatus status = AX_STATUS_OK;
  for (int32_t i = 0; i < plan->n_steps && status == AX_STATUS_OK; i++)
    status = plan->steps[i].kind == AX_CUDA_STEP_KERNEL
                 ? run_kernel (self, slot, i, error)
                 : run_conv (self, i, error);
  return status == AX_STATUS_OK
             ? ax_cuda_slot_queue_outputs (slot, self->arena, error)
             : status;
}

/* The first pass is done singly, for some kernels are loaded at first use,
 * which cannot be recorded. */
static AxStatus
queue_pass (AxCudaRun *self, Pass *pass, AxEngineError *error)
{
  const AxCudaShape *image = &self->plan->values[0].shape;
  const int is_small = image->n * image->h * image->w <= MAX_GRAPH_PIXELS;
  if (!pass->slot.is_rgb || !is_small || self->graph_failed || !self->has_run)
    {
      self->has_run |= pass->slot.is_rgb;
      return queue_steps (self, &pass->slot, error);
    }
  if (pass->graph == NULL)
    {
      AxEngineError ignored = { "" };
      ax_cuda_graph_begin (self->device);
      AxStatus status = queue_steps (self, &pass->slot, &ignored);
      pass->graph = ax_cuda_graph_end (self->device);
      self->graph_failed = pass->graph == NULL || status != AX_STATUS_OK;
    }
  return self->graph_failed
             ? queue_steps (self, &pass->slot, error)
             : ax_cuda_graph_launch (pass->graph, self->device, error);
}

static AxStatus
begin (AxCudaRun *self, Pass *pass, const AxTensorView *input,
       AxEngineError *error)
{
  int moved = 0;
  AxStatus status = ax_cuda_slot_put (&pass->slot, input, &moved, error);
  if (moved)
    {
      ax_cuda_graph_free (pass->graph);
      pass->graph = NULL;
    }
  if (status == AX_STATUS_OK)
    status = queue_pass (self, pass, error);
  return status == AX_STATUS_OK ? ax_cuda_slot_send (&pass->slot, error)
                                : status;
}

AxStatus
ax_cuda_run_submit (AxCudaRun *self, const AxTensorView *input,
                    const AxTensorView *outputs, AxEngineError *error)
{
  if (self->n_in_flight == AX_MAX_IN_FLIGHT)
    return ax_cuda_fail (error, AX_STATUS_ARGUMENT,
                         "%d passes are under way already", AX_MAX_IN_FLIGHT);
  Pass *pass
      = &self->passes[(self->first + self->n_in_flight) % AX_MAX_IN_FLIGHT];
  memcpy (pass->outputs, outputs,
          (size_t)self->plan->n_outputs * sizeof *outputs);
  AxStatus status = begin (self, pass, input, error);
  /* Whatever failed, nothing may read the caller's memory any more. */
  if (status != AX_STATUS_OK)
    ax_cuda_device_wait (self->device, &(AxEngineError){ "" });
  else
    self->n_in_flight++;
  return status;
}

AxStatus
ax_cuda_run_wait (AxCudaRun *self, AxEngineError *error)
{
  if (self->n_in_flight == 0)
    return ax_cuda_fail (error, AX_STATUS_ARGUMENT, "no pass is under way");
  Pass *pass = &self->passes[self->first];
  self->first = (self->first + 1) % AX_MAX_IN_FLIGHT;
  self->n_in_flight--;
  return ax_cuda_slot_get (&pass->slot, pass->outputs, error);
}

AxStatus
ax_cuda_run_forward (AxCudaRun *self, const AxTensorView *input,
                     const AxTensorView *outputs, AxEngineError *error)
{
  if (self->n_in_flight > 0)
    return ax_cuda_fail (error, AX_STATUS_ARGUMENT, "a pass is under way");
  AxStatus status = ax_cuda_run_submit (self, input, outputs, error);
  return status == AX_STATUS_OK ? ax_cuda_run_wait (self, error) : status;
}
