#include "cuda/engine/train-run.h"

#include "cuda/engine/fail.h"
#include "cuda/engine/train-loss.h"
#include "cuda/engine/train-pass.h"

#include <math.h>
#include <stdlib.h>

#define MAX_WORKSPACE ((size_t)1 << 30)
#define MIB (1024.0 * 1024.0)
/* Floats of each channel that a batch norm works with. */
#define N_NORM_ARRAYS 9
/* Scale of the losses' gradients. */
#define FIRST_SCALE 0x1p16
#define MAX_SCALE 0x1p24
#define N_GOOD_PASSES 1000

struct AxCudaTrain
{
  AxCudaPass pass;
  int is_half;
  double scale;
  int n_good; /* passes since the scale changed */
  float *floats;
  size_t n_floats; /* there, and taken */
  float *planes;   /* of a loss's node, on the device */
  float *values;   /* the same on the host */
  double *d_values;
  int32_t *overflow; /* on the device */
};

static const AxCudaShape *
get_shape (const AxCudaTrain *self, int32_t node)
{
  return &self->pass.plan->plan->values[node].shape;
}

static size_t
get_element (const AxCudaTrain *self)
{
  return self->is_half ? sizeof (uint16_t) : sizeof (float);
}

static size_t
count_channels (const AxCudaTrain *self)
{
  const AxCudaPlan *plan = self->pass.plan->plan;
  size_t most = 0;
  for (int32_t i = 0; i < plan->n_nodes; i++)
    {
      const size_t n = (size_t)ax_cuda_shape_get_stored (get_shape (self, i));
      most = n > most ? n : most;
    }
  return most;
}

static int
is_norm (const AxCudaPlan *plan, const AxCudaStep *step)
{
  return step->kind == AX_CUDA_STEP_KERNEL
         && plan->nodes[step->node].kind == AX_NODE_BATCH_NORM;
}

/* Two sets of partial sums, zeros, ones, and what batch norms work with. */
static size_t
count_floats (const AxCudaTrain *self)
{
  const AxCudaPlan *plan = self->pass.plan->plan;
  size_t count = (2 * AX_CUDA_MAX_PARTIALS + 2) * count_channels (self);
  for (int32_t i = 0; i < plan->n_steps; i++)
    if (is_norm (plan, &plan->steps[i]))
      count += N_NORM_ARRAYS
               * (size_t)ax_cuda_shape_get_stored (
                   get_shape (self, plan->steps[i].out));
  return count;
}

static size_t
count_filter (const AxCudaTrain *self)
{
  const AxCudaTrainParams *params = &self->pass.params;
  size_t most = 0;
  for (int32_t i = 0; i < params->n_params; i++)
    {
      const AxCudaTrainParam *p = &params->params[i];
      const size_t n
          = (size_t)p->stored_a * (size_t)p->n_taps * (size_t)p->stored_b;
      most = n > most ? n : most;
    }
  return most;
}

static size_t
count_loss_values (const AxCudaTrain *self)
{
  const AxCudaTrainPlan *plan = self->pass.plan;
  size_t most = 0;
  for (int32_t i = 0; i < plan->n_losses; i++)
    {
      const size_t n = (size_t)ax_cuda_shape_count_plain (
          get_shape (self, plan->loss_nodes[i]));
      most = n > most ? n : most;
    }
  return most;
}

static AxStatus
check_memory (const AxCudaTrain *self, size_t budget, AxEngineError *error)
{
  const AxCudaTrainPlan *plan = self->pass.plan;
  const AxCudaShape *image = get_shape (self, 0);
  const size_t available
      = budget > 0 ? budget : ax_cuda_device_get_free (self->pass.device);
  const size_t needed
      = plan->arena_bytes + ax_cuda_train_params_get_bytes (&self->pass.params)
        + ax_cuda_slot_get_bytes (plan->plan)
        + (count_floats (self) + count_loss_values (self)) * sizeof (float)
        + count_filter (self) * get_element (self);
  if (available == 0 || needed <= available)
    return AX_STATUS_OK;
  return ax_cuda_fail (error, AX_STATUS_MEMORY,
                       "training on %lld x %lld x %lld takes %.0f MiB, %.0f "
                       "are free",
                       (long long)image->n, (long long)image->h,
                       (long long)image->w, (double)needed / MIB,
                       (double)available / MIB);
}

static AxStatus
allocate_one (AxCudaTrain *self, size_t bytes, void **memory,
              AxEngineError *error)
{
  return ax_cuda_device_alloc (self->pass.device, bytes, memory, error);
}

static AxStatus
allocate (AxCudaTrain *self, AxEngineError *error)
{
  AxCudaPass *pass = &self->pass;
  const size_t n_values = count_loss_values (self);
  void *arena = NULL, *floats = NULL, *planes = NULL, *overflow = NULL;
  self->values = calloc (n_values, sizeof *self->values);
  self->d_values = calloc (n_values, sizeof *self->d_values);
  pass->steps = calloc ((size_t)pass->plan->plan->n_steps, sizeof *pass->steps);
  if (self->values == NULL || self->d_values == NULL || pass->steps == NULL)
    return ax_cuda_fail_memory (error, n_values * sizeof *self->d_values);
  AxStatus status = allocate_one (self, pass->plan->arena_bytes, &arena, error);
  if (status == AX_STATUS_OK)
    status = allocate_one (self, count_floats (self) * sizeof (float), &floats,
                           error);
  if (status == AX_STATUS_OK)
    status = allocate_one (self, n_values * sizeof (float), &planes, error);
  if (status == AX_STATUS_OK)
    status = allocate_one (self, sizeof *self->overflow, &overflow, error);
  if (status == AX_STATUS_OK)
    status = allocate_one (self, count_filter (self) * get_element (self),
                           &pass->filter, error);
  pass->arena = arena;
  self->floats = floats;
  self->planes = planes;
  self->overflow = overflow;
  return status == AX_STATUS_OK ? ax_cuda_slot_init (&pass->slot, pass->device,
                                                     pass->plan->plan, error)
                                : status;
}

static float *
take_floats (AxCudaTrain *self, size_t count)
{
  float *floats = self->floats + self->n_floats;
  self->n_floats += count;
  return floats;
}

static AxStatus
fill (AxCudaTrain *self, float *to, size_t count, float value,
      AxEngineError *error)
{
  float *values = malloc (count * sizeof *values);
  if (values == NULL)
    return ax_cuda_fail_memory (error, count * sizeof *values);
  for (size_t i = 0; i < count; i++)
    values[i] = value;
  AxStatus status = ax_cuda_device_upload (self->pass.device, to, values,
                                           count * sizeof *values, error);
  if (status == AX_STATUS_OK)
    status = ax_cuda_device_wait (self->pass.device, error);
  free (values);
  return status;
}

static void
make_norm (AxCudaTrain *self, const AxCudaStep *step, AxCudaNorm *norm)
{
  const AxCudaTrainParams *params = &self->pass.params;
  const int32_t *p = self->pass.plan->plan->nodes[step->node].params;
  const size_t n
      = (size_t)ax_cuda_shape_get_stored (get_shape (self, step->out));
  *norm = (AxCudaNorm){
    .weight = ax_cuda_train_params_get (params, p[0], AX_STATE_VALUE),
    .shift = ax_cuda_train_params_get (params, p[1], AX_STATE_VALUE),
    .running_mean = ax_cuda_train_params_get (params, p[2], AX_STATE_VALUE),
    .running_var = ax_cuda_train_params_get (params, p[3], AX_STATE_VALUE),
    .d_weight = ax_cuda_train_params_get (params, p[0], AX_STATE_GRADIENT),
    .d_shift = ax_cuda_train_params_get (params, p[1], AX_STATE_GRADIENT),
  };
  float **const arrays[N_NORM_ARRAYS]
      = { &norm->sum,       &norm->product, &norm->mean,
          &norm->sharpness, &norm->scale,   &norm->bias,
          &norm->by_d,      &norm->by_x,    &norm->plain };
  for (int i = 0; i < N_NORM_ARRAYS; i++)
    *arrays[i] = take_floats (self, n);
}

static AxStatus
share_floats (AxCudaTrain *self, AxEngineError *error)
{
  AxCudaPass *pass = &self->pass;
  const AxCudaPlan *plan = pass->plan->plan;
  const size_t n_channels = count_channels (self);
  for (int i = 0; i < 2; i++)
    pass->partials[i] = take_floats (self, AX_CUDA_MAX_PARTIALS * n_channels);
  pass->zeros = take_floats (self, n_channels);
  pass->ones = take_floats (self, n_channels);
  for (int32_t i = 0; i < plan->n_steps; i++)
    if (is_norm (plan, &plan->steps[i]))
      make_norm (self, &plan->steps[i], &pass->steps[i].norm);
  AxStatus status = fill (self, pass->zeros, n_channels, 0.0f, error);
  return status == AX_STATUS_OK
             ? fill (self, pass->ones, n_channels, 1.0f, error)
             : status;
}

static AxStatus
make_conv (AxCudaTrain *self, const AxCudaConvSpec *spec,
           const AxCudaConvData *data, size_t *workspace, AxCudaConv **conv,
           AxEngineError *error)
{
  AxStatus status = ax_cuda_conv_new (self->pass.device, spec, data,
                                      MAX_WORKSPACE, conv, error);
  if (status == AX_STATUS_OK && ax_cuda_conv_get_workspace (*conv) > *workspace)
    *workspace = ax_cuda_conv_get_workspace (*conv);
  return status;
}

/* A convolution and its gradients; a transposed one is the gradient by the
 * input of a convolution, and the other way round. */
static AxStatus
make_step_convs (AxCudaTrain *self, int32_t index, size_t *workspace,
                 AxEngineError *error)
{
  AxCudaPass *pass = &self->pass;
  const AxCudaStep *step = &pass->plan->plan->steps[index];
  AxCudaTrainStep *made = &pass->steps[index];
  const int is_conv = step->kind == AX_CUDA_STEP_CONV;
  const AxCudaShape in = *get_shape (self, step->in[0]);
  const AxCudaShape out = *get_shape (self, step->out);
  AxCudaConvSpec spec
      = { .kind = is_conv ? AX_CUDA_CONV_FORWARD : AX_CUDA_CONV_DATA,
          .in = in,
          .out = out,
          .window = pass->plan->plan->nodes[step->node].u.window,
          .relu = step->relu,
          .is_half = self->is_half };
  AxCudaConvData data = ax_cuda_pass_get_forward (pass, index);
  AxStatus status
      = make_conv (self, &spec, &data, workspace, &made->forward, error);
  if (status != AX_STATUS_OK || !pass->plan->wanted[step->out])
    return status;
  spec.relu = 0;
  spec.kind = AX_CUDA_CONV_FILTER;
  spec.in = is_conv ? in : out;
  spec.out = is_conv ? out : in;
  data = ax_cuda_pass_get_filter (pass, index);
  status = make_conv (self, &spec, &data, workspace, &made->filter, error);
  if (status != AX_STATUS_OK || !ax_cuda_train_plan_wants (pass->plan, step, 0))
    return status;
  spec.kind = is_conv ? AX_CUDA_CONV_DATA : AX_CUDA_CONV_FORWARD;
  spec.in = out;
  spec.out = in;
  data = ax_cuda_pass_get_data (pass, index);
  return make_conv (self, &spec, &data, workspace, &made->data, error);
}

static AxStatus
make_convs (AxCudaTrain *self, AxEngineError *error)
{
  const AxCudaPlan *plan = self->pass.plan->plan;
  size_t workspace = 0;
  AxStatus status = AX_STATUS_OK;
  for (int32_t i = 0; i < plan->n_steps && status == AX_STATUS_OK; i++)
    if (plan->steps[i].kind != AX_CUDA_STEP_KERNEL)
      status = make_step_convs (self, i, &workspace, error);
  return status == AX_STATUS_OK && workspace > 0
             ? allocate_one (self, workspace, &self->pass.workspace, error)
             : status;
}

static AxStatus
build (AxCudaTrain *self, const AxGraphView *graph, const AxTensorView *params,
       size_t budget, AxEngineError *error)
{
  AxCudaPass *pass = &self->pass;
  AxStatus status = ax_cuda_train_params_init (
      &pass->params, pass->device, pass->plan->plan, params, graph->n_params,
      self->is_half, error);
  if (status == AX_STATUS_OK)
    status = check_memory (self, budget, error);
  if (status == AX_STATUS_OK)
    status = ax_cuda_train_params_load (&pass->params, params, error);
  if (status == AX_STATUS_OK)
    status = allocate (self, error);
  if (status == AX_STATUS_OK)
    status = share_floats (self, error);
  return status == AX_STATUS_OK ? make_convs (self, error) : status;
}

AxStatus
ax_cuda_train_new (AxCudaDevice *device, int is_half, const AxGraphView *graph,
                   const AxTensorView *params, const AxLoss *losses,
                   int32_t n_losses, int32_t batch, int32_t height,
                   int32_t width, size_t budget, AxCudaTrain **train,
                   AxEngineError *error)
{
  AxCudaTrain *self = calloc (1, sizeof *self);
  if (self == NULL)
    return ax_cuda_fail_memory (error, sizeof *self);
  self->is_half = is_half;
  self->scale = is_half ? FIRST_SCALE : 1.0;
  self->pass.device = self->pass.params.device = device;
  self->pass.slot.device = device;
  AxStatus status
      = ax_cuda_train_plan_new (graph, losses, n_losses, batch, height, width,
                                get_element (self), &self->pass.plan, error);
  if (status == AX_STATUS_OK)
    status = build (self, graph, params, budget, error);
  if (status != AX_STATUS_OK)
    ax_cuda_train_free (self);
  else
    *train = self;
  return status;
}

void
ax_cuda_train_free (AxCudaTrain *self)
{
  if (self == NULL)
    return;
  AxCudaPass *pass = &self->pass;
  for (int32_t i = 0; pass->steps != NULL && i < pass->plan->plan->n_steps; i++)
    {
      ax_cuda_conv_free (pass->steps[i].forward);
      ax_cuda_conv_free (pass->steps[i].data);
      ax_cuda_conv_free (pass->steps[i].filter);
    }
  ax_cuda_slot_clear (&pass->slot);
  ax_cuda_train_params_clear (&pass->params);
  ax_cuda_device_release (pass->device, pass->arena);
  ax_cuda_device_release (pass->device, pass->workspace);
  ax_cuda_device_release (pass->device, pass->filter);
  ax_cuda_device_release (pass->device, self->floats);
  ax_cuda_device_release (pass->device, self->planes);
  ax_cuda_device_release (pass->device, self->overflow);
  ax_cuda_train_plan_free (pass->plan);
  free (pass->steps);
  free (self->values);
  free (self->d_values);
  free (self);
}

/* Nothing may read the caller's memory any more when a call fails. */
static AxStatus
end (AxCudaTrain *self, AxStatus status)
{
  if (status != AX_STATUS_OK)
    ax_cuda_device_wait (self->pass.device, &(AxEngineError){ "" });
  return status;
}

AxStatus
ax_cuda_train_forward (AxCudaTrain *self, const AxTensorView *input,
                       const AxTensorView *outputs, AxEngineError *error)
{
  AxCudaPass *pass = &self->pass;
  int moved;
  AxStatus status = ax_cuda_slot_put (&pass->slot, input, &moved, error);
  if (status == AX_STATUS_OK)
    status = ax_cuda_pass_forward (pass, AX_CUDA_PASS_INFER, error);
  if (status == AX_STATUS_OK)
    status = ax_cuda_slot_queue_outputs (&pass->slot, pass->arena, error);
  if (status == AX_STATUS_OK)
    status = ax_cuda_slot_send (&pass->slot, error);
  if (status == AX_STATUS_OK)
    status = ax_cuda_slot_get (&pass->slot, outputs, error);
  return end (self, status);
}

static AxStatus
read_values (AxCudaTrain *self, int32_t node, AxEngineError *error)
{
  const AxCudaShape *shape = get_shape (self, node);
  const AxCudaCall call
      = { .kernel = AX_CUDA_OUTPUT,
          .a = *shape,
          .a_data = ax_cuda_pass_get_value (&self->pass, node),
          .out_data = self->planes };
  const size_t bytes
      = (size_t)ax_cuda_shape_count_plain (shape) * sizeof (float);
  AxStatus status = ax_cuda_device_launch (self->pass.device, &call, error);
  return status == AX_STATUS_OK ? ax_cuda_device_download (
             self->pass.device, self->values, self->planes, bytes, error)
                                : status;
}

static AxStatus
write_gradient (AxCudaTrain *self, int32_t node, AxEngineError *error)
{
  const AxCudaShape *shape = get_shape (self, node);
  const int64_t count = ax_cuda_shape_count_plain (shape);
  const AxCudaCall call
      = { .kernel = AX_CUDA_INPUT_PLANES,
          .out = *shape,
          .a_data = self->planes,
          .out_data = ax_cuda_pass_get_gradient (&self->pass, node) };
  for (int64_t i = 0; i < count; i++)
    self->values[i] = (float)(self->d_values[i] * self->scale);
  AxStatus status
      = ax_cuda_device_upload (self->pass.device, self->planes, self->values,
                               (size_t)count * sizeof (float), error);
  if (status == AX_STATUS_OK)
    status = ax_cuda_device_launch (self->pass.device, &call, error);
  return status == AX_STATUS_OK ? ax_cuda_device_wait (self->pass.device, error)
                                : status;
}

/* All losses on the value of loss @first's node. */
static AxStatus
run_node_losses (AxCudaTrain *self, int32_t first, const AxTensorView *targets,
                 const float *entry_weights, double *found,
                 AxEngineError *error)
{
  const AxCudaTrainPlan *plan = self->pass.plan;
  const int32_t node = plan->loss_nodes[first];
  const int64_t count = ax_cuda_shape_count_plain (get_shape (self, node));
  AxStatus status = read_values (self, node, error);
  if (status != AX_STATUS_OK)
    return status;
  for (int64_t i = 0; i < count; i++)
    self->d_values[i] = 0.0;
  for (int32_t i = first; i < plan->n_losses; i++)
    if (plan->loss_nodes[i] == node)
      found[i] = ax_cuda_loss_run (&plan->losses[i], plan->temperatures[i],
                                   get_shape (self, node), self->values,
                                   &targets[i], entry_weights, self->d_values);
  return plan->wanted[node] ? write_gradient (self, node, error) : status;
}

static AxStatus
run_losses (AxCudaTrain *self, const AxTensorView *targets,
            const float *entry_weights, double *found, AxEngineError *error)
{
  const AxCudaTrainPlan *plan = self->pass.plan;
  AxStatus status = AX_STATUS_OK;
  for (int32_t i = 0; i < plan->n_losses && status == AX_STATUS_OK; i++)
    {
      int32_t first = 0;
      while (plan->loss_nodes[first] != plan->loss_nodes[i])
        first++;
      if (first == i)
        status
            = run_node_losses (self, i, targets, entry_weights, found, error);
    }
  return status;
}

/* Takes the scale out of the gradients again. */
static AxStatus
unscale (AxCudaTrain *self, int32_t *overflow, AxEngineError *error)
{
  static const int32_t none = 0;
  AxCudaDevice *device = self->pass.device;
  *overflow = 0;
  if (!self->is_half)
    return AX_STATUS_OK;
  AxStatus status = ax_cuda_device_upload (device, self->overflow, &none,
                                           sizeof none, error);
  if (status == AX_STATUS_OK)
    status = ax_cuda_train_params_unscale (&self->pass.params, self->scale,
                                           self->overflow, error);
  return status == AX_STATUS_OK ? ax_cuda_device_download (
             device, overflow, self->overflow, sizeof *overflow, error)
                                : status;
}

static AxStatus
run_passes (AxCudaTrain *self, AxCudaPassKind kind, const AxTensorView *targets,
            const float *entry_weights, double *values, int32_t *overflow,
            AxEngineError *error)
{
  AxStatus status = ax_cuda_pass_forward (&self->pass, kind, error);
  if (status == AX_STATUS_OK)
    status = run_losses (self, targets, entry_weights, values, error);
  if (status == AX_STATUS_OK)
    status = ax_cuda_pass_backward (&self->pass, error);
  return status == AX_STATUS_OK ? unscale (self, overflow, error) : status;
}

static int
are_finite (const AxCudaTrain *self, const double *values)
{
  for (int32_t i = 0; i < self->pass.plan->n_losses; i++)
    if (!isfinite (values[i]))
      return 0;
  return 1;
}

static void
grow_scale (AxCudaTrain *self)
{
  if (!self->is_half || ++self->n_good < N_GOOD_PASSES
      || self->scale >= MAX_SCALE)
    return;
  self->scale *= 2.0;
  self->n_good = 0;
}

AxStatus
ax_cuda_train_learn (AxCudaTrain *self, const AxTensorView *input,
                     const AxTensorView *targets, const float *entry_weights,
                     uint64_t seed, double *values, AxEngineError *error)
{
  int moved;
  int32_t overflow = 0;
  AxStatus status = ax_cuda_slot_put (&self->pass.slot, input, &moved, error);
  self->pass.seed = seed;
  if (status == AX_STATUS_OK)
    status = run_passes (self, AX_CUDA_PASS_LEARN, targets, entry_weights,
                         values, &overflow, error);
  /* A loss that is no number is the caller's to see. */
  while (status == AX_STATUS_OK && overflow && are_finite (self, values))
    {
      if (self->scale <= 1.0)
        return ax_cuda_fail (error, AX_STATUS_DEVICE,
                             "gradients are too large for halves");
      self->scale /= 2.0;
      self->n_good = 0;
      status = run_passes (self, AX_CUDA_PASS_AGAIN, targets, entry_weights,
                           values, &overflow, error);
    }
  if (status == AX_STATUS_OK && !overflow)
    grow_scale (self);
  return end (self, status);
}

AxStatus
ax_cuda_train_step (AxCudaTrain *self, const AxOptimStep *step,
                    AxEngineError *error)
{
  return ax_cuda_train_params_update (&self->pass.params, step, error);
}

AxStatus
ax_cuda_train_pull (AxCudaTrain *self, int32_t param, int32_t state,
                    const AxTensorView *out, AxEngineError *error)
{
  return ax_cuda_train_params_pull (&self->pass.params, param, state, out,
                                    error);
}

AxStatus
ax_cuda_train_push (AxCudaTrain *self, int32_t param, int32_t state,
                    const AxTensorView *in, AxEngineError *error)
{
  return ax_cuda_train_params_push (&self->pass.params, param, state, in,
                                    error);
}
