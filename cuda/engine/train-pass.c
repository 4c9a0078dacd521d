#include "cuda/engine/train-pass.h"

#include <stdlib.h>

/* Parts that are left by the first of two foldings. */
#define N_FOLDED 32

void *
ax_cuda_pass_get_value (const AxCudaPass *self, int32_t node)
{
  return self->arena + self->plan->plan->values[node].offset;
}

void *
ax_cuda_pass_get_gradient (const AxCudaPass *self, int32_t node)
{
  return self->arena + self->plan->gradients[node];
}

static const AxNode *
get_node (const AxCudaPass *self, const AxCudaStep *step)
{
  return &self->plan->plan->nodes[step->node];
}

static const AxCudaShape *
get_shape (const AxCudaPass *self, int32_t node)
{
  return &self->plan->plan->values[node].shape;
}

static float *
get_gradient_of_param (const AxCudaPass *self, int32_t param)
{
  return ax_cuda_train_params_get (&self->params, param, AX_STATE_GRADIENT);
}

/* Where input 0's gradient is put: aside if it is to be added to another. */
static void *
get_target (const AxCudaPass *self, int32_t index)
{
  const AxCudaStep *step = &self->plan->plan->steps[index];
  return self->plan->accumulate[index][0]
             ? self->arena + self->plan->extra
             : ax_cuda_pass_get_gradient (self, step->in[0]);
}

AxCudaConvData
ax_cuda_pass_get_forward (const AxCudaPass *self, int32_t index)
{
  const AxCudaStep *step = &self->plan->plan->steps[index];
  const AxNode *node = get_node (self, step);
  const int is_conv = step->kind == AX_CUDA_STEP_CONV;
  AxCudaConvData data = { .in = ax_cuda_pass_get_value (self, step->in[0]),
                          .filter = ax_cuda_train_params_get_values (
                              &self->params, node->params[0]),
                          .out = ax_cuda_pass_get_value (self, step->out) };
  if (is_conv && node->params[1] >= 0)
    data.bias
        = ax_cuda_train_params_get_values (&self->params, node->params[1]);
  else if (is_conv)
    data.bias = self->zeros;
  return data;
}

AxCudaConvData
ax_cuda_pass_get_data (const AxCudaPass *self, int32_t index)
{
  const AxCudaStep *step = &self->plan->plan->steps[index];
  const AxNode *node = get_node (self, step);
  return (AxCudaConvData){
    .in = ax_cuda_pass_get_gradient (self, step->out),
    .filter = ax_cuda_train_params_get_values (&self->params, node->params[0]),
    .bias = step->kind == AX_CUDA_STEP_CONV ? NULL : self->zeros,
    .out = get_target (self, index),
  };
}

/* The large side is that of a convolution's input, of a transposed one's
 * output. */
AxCudaConvData
ax_cuda_pass_get_filter (const AxCudaPass *self, int32_t index)
{
  const AxCudaStep *step = &self->plan->plan->steps[index];
  void *in = ax_cuda_pass_get_value (self, step->in[0]);
  void *d_out = ax_cuda_pass_get_gradient (self, step->out);
  const int is_conv = step->kind == AX_CUDA_STEP_CONV;
  return (AxCudaConvData){ .in = is_conv ? in : d_out,
                           .out = is_conv ? d_out : in,
                           .filter = self->filter };
}

/* A batch norm's or a bias's call. */
static AxStatus
launch_norm (AxCudaPass *self, int32_t index, AxCudaKernel kernel, int moves,
             AxEngineError *error)
{
  const AxCudaStep *step = &self->plan->plan->steps[index];
  AxCudaCall call = { .kernel = kernel,
                      .node = *get_node (self, step),
                      .a = *get_shape (self, step->out),
                      .norm = self->steps[index].norm };
  call.norm.moves = moves;
  return ax_cuda_device_launch (self->device, &call, error);
}

/* Sums over the cells of each channel, to @to. */
static AxStatus
sum_channels (AxCudaPass *self, AxCudaCall call, float *to,
              AxEngineError *error)
{
  const int64_t n_cells = call.a.n * call.a.h * call.a.w;
  call.n_partials
      = (int32_t)(n_cells < AX_CUDA_MAX_PARTIALS ? n_cells
                                                 : AX_CUDA_MAX_PARTIALS);
  call.out_data = self->partials[0];
  AxStatus status = ax_cuda_device_launch (self->device, &call, error);
  call.kernel = AX_CUDA_FOLD;
  call.n_sums = N_FOLDED;
  call.a_data = self->partials[0];
  call.out_data = self->partials[1];
  if (status == AX_STATUS_OK)
    status = ax_cuda_device_launch (self->device, &call, error);
  call.n_partials = N_FOLDED;
  call.n_sums = 1;
  call.a_data = self->partials[1];
  call.out_data = to;
  return status == AX_STATUS_OK
             ? ax_cuda_device_launch (self->device, &call, error)
             : status;
}

/* Mean and variance of what goes into a batch norm. */
static AxStatus
measure (AxCudaPass *self, int32_t index, AxEngineError *error)
{
  const AxCudaStep *step = &self->plan->plan->steps[index];
  const AxCudaNorm *norm = &self->steps[index].norm;
  AxCudaCall call = { .kernel = AX_CUDA_SUM,
                      .a = *get_shape (self, step->in[0]),
                      .a_data = ax_cuda_pass_get_value (self, step->in[0]),
                      .norm = *norm };
  AxStatus status = sum_channels (self, call, norm->sum, error);
  if (status == AX_STATUS_OK)
    status = launch_norm (self, index, AX_CUDA_NORM_MEAN, 0, error);
  call.kernel = AX_CUDA_SUM_SQUARES;
  return status == AX_STATUS_OK ? sum_channels (self, call, norm->sum, error)
                                : status;
}

static AxStatus
prepare_norm (AxCudaPass *self, int32_t index, AxCudaPassKind kind,
              AxEngineError *error)
{
  if (kind == AX_CUDA_PASS_INFER)
    return launch_norm (self, index, AX_CUDA_NORM_INFER, 0, error);
  AxStatus status = measure (self, index, error);
  return status == AX_STATUS_OK ? launch_norm (
             self, index, AX_CUDA_NORM_LEARN, kind == AX_CUDA_PASS_LEARN, error)
                                : status;
}

/* An AFFINE is a batch norm, or bias and RELU of a transposed convolution. */
static AxStatus
forward_kernel (AxCudaPass *self, int32_t index, AxCudaPassKind kind,
                AxEngineError *error)
{
  const AxCudaPlan *plan = self->plan->plan;
  const AxCudaStep *step = &plan->steps[index];
  const AxNode *node = get_node (self, step);
  AxStatus status = AX_STATUS_OK;
  AxCudaCall call = ax_cuda_plan_get_call (plan, step);
  call.out_data = ax_cuda_pass_get_value (self, step->out);
  call.index = step->node;
  call.seed = self->seed;
  if (step->in[0] >= 0)
    call.a_data = ax_cuda_pass_get_value (self, step->in[0]);
  if (step->in[1] >= 0)
    call.b_data = ax_cuda_pass_get_value (self, step->in[1]);
  if (index == 0)
    ax_cuda_slot_set_image (&self->slot, &call);
  if (step->kernel == AX_CUDA_DROPOUT && kind == AX_CUDA_PASS_INFER)
    call.kernel = AX_CUDA_PASS;
  if (node->kind == AX_NODE_BATCH_NORM)
    {
      status = prepare_norm (self, index, kind, error);
      call.scale = self->steps[index].norm.scale;
      call.bias = self->steps[index].norm.bias;
    }
  else if (step->kernel == AX_CUDA_AFFINE)
    {
      call.scale = self->ones;
      call.bias = node->params[1] < 0
                      ? self->zeros
                      : ax_cuda_train_params_get (
                          &self->params, node->params[1], AX_STATE_VALUE);
    }
  return status == AX_STATUS_OK
             ? ax_cuda_device_launch (self->device, &call, error)
             : status;
}

AxStatus
ax_cuda_pass_forward (AxCudaPass *self, AxCudaPassKind kind,
                      AxEngineError *error)
{
  const AxCudaPlan *plan = self->plan->plan;
  AxStatus status = ax_cuda_train_params_refresh (&self->params, error);
  for (int32_t i = 0; i < plan->n_steps && status == AX_STATUS_OK; i++)
    if (plan->steps[i].kind == AX_CUDA_STEP_KERNEL)
      status = forward_kernel (self, i, kind, error);
    else
      {
        const AxCudaConvData data = ax_cuda_pass_get_forward (self, i);
        status = ax_cuda_conv_run (self->steps[i].forward, self->device, &data,
                                   self->workspace, error);
      }
  return status;
}

/* In place: v = relu (u), of which only v is kept. */
static AxStatus
mask (AxCudaPass *self, const AxCudaStep *step, AxEngineError *error)
{
  void *gradient = ax_cuda_pass_get_gradient (self, step->out);
  const AxCudaShape *shape = get_shape (self, step->out);
  const AxCudaCall call = { .kernel = AX_CUDA_RELU_BACK,
                            .a = *shape,
                            .out = *shape,
                            .a_data = gradient,
                            .c_data = ax_cuda_pass_get_value (self, step->out),
                            .out_data = gradient };
  return step->relu ? ax_cuda_device_launch (self->device, &call, error)
                    : AX_STATUS_OK;
}

/* out = in + bias */
static AxStatus
backward_bias (AxCudaPass *self, const AxCudaStep *step, AxEngineError *error)
{
  const int32_t bias = get_node (self, step)->params[1];
  const AxCudaCall call
      = { .kernel = AX_CUDA_SUM,
          .a = *get_shape (self, step->out),
          .a_data = ax_cuda_pass_get_gradient (self, step->out) };
  return bias < 0 ? AX_STATUS_OK
                  : sum_channels (self, call,
                                  get_gradient_of_param (self, bias), error);
}

static AxStatus
backward_filter (AxCudaPass *self, int32_t index, AxEngineError *error)
{
  const AxCudaStep *step = &self->plan->plan->steps[index];
  const int32_t weight = get_node (self, step)->params[0];
  const AxCudaTrainParam *param = &self->params.params[weight];
  const AxCudaConvData data = ax_cuda_pass_get_filter (self, index);
  const AxCudaCall call
      = { .kernel = AX_CUDA_WIDEN,
          .a_data = self->filter,
          .out_data = get_gradient_of_param (self, weight),
          .count = param->stored_a * param->n_taps * param->stored_b };
  AxStatus status = ax_cuda_conv_run (self->steps[index].filter, self->device,
                                      &data, self->workspace, error);
  return status == AX_STATUS_OK
             ? ax_cuda_device_launch (self->device, &call, error)
             : status;
}

/* What was put aside is added. */
static AxStatus
add_extra (AxCudaPass *self, int32_t index, AxEngineError *error)
{
  const int32_t in = self->plan->plan->steps[index].in[0];
  const AxCudaCall call = { .kernel = AX_CUDA_PASS,
                            .a = *get_shape (self, in),
                            .out = *get_shape (self, in),
                            .a_data = self->arena + self->plan->extra,
                            .out_data = ax_cuda_pass_get_gradient (self, in),
                            .accumulate = 1 };
  return self->plan->accumulate[index][0]
             ? ax_cuda_device_launch (self->device, &call, error)
             : AX_STATUS_OK;
}

/* out = in * weight + bias; a transposed one's bias is a step of its own */
static AxStatus
backward_conv (AxCudaPass *self, int32_t index, AxEngineError *error)
{
  const AxCudaStep *step = &self->plan->plan->steps[index];
  AxStatus status = mask (self, step, error);
  if (status == AX_STATUS_OK && step->kind == AX_CUDA_STEP_CONV)
    status = backward_bias (self, step, error);
  if (status == AX_STATUS_OK)
    status = backward_filter (self, index, error);
  if (status != AX_STATUS_OK || !ax_cuda_train_plan_wants (self->plan, step, 0))
    return status;
  const AxCudaConvData data = ax_cuda_pass_get_data (self, index);
  status = ax_cuda_conv_run (self->steps[index].data, self->device, &data,
                             self->workspace, error);
  return status == AX_STATUS_OK ? add_extra (self, index, error) : status;
}

static AxCudaKernel
find_backward (AxCudaKernel kernel)
{
  static const AxCudaKernel backward[AX_CUDA_N_KERNELS] = {
    [AX_CUDA_RELU] = AX_CUDA_RELU_BACK,
    [AX_CUDA_SIGMOID] = AX_CUDA_SIGMOID_BACK,
    [AX_CUDA_SOFTMAX] = AX_CUDA_SOFTMAX_BACK,
    [AX_CUDA_MAX_POOL] = AX_CUDA_MAX_POOL_BACK,
    [AX_CUDA_AVG_POOL] = AX_CUDA_AVG_POOL_BACK,
    [AX_CUDA_CONCAT] = AX_CUDA_CONCAT_BACK,
    [AX_CUDA_ADD] = AX_CUDA_ADD_BACK,
    [AX_CUDA_MUL] = AX_CUDA_MUL_BACK,
    [AX_CUDA_UPSAMPLE] = AX_CUDA_UPSAMPLE_BACK,
    [AX_CUDA_CROP] = AX_CUDA_CROP_BACK,
    [AX_CUDA_CHANNEL_MEAN] = AX_CUDA_CHANNEL_MEAN_BACK,
    [AX_CUDA_CHANNEL_MAX] = AX_CUDA_CHANNEL_MAX_BACK,
    [AX_CUDA_DROPOUT] = AX_CUDA_DROPOUT,
    [AX_CUDA_AFFINE] = AX_CUDA_NORM_BACK,
  };
  return backward[kernel];
}

/* What the gradient by input 0 looks at besides that of the output: what came
 * out where the slope is known from that, what went in elsewhere. */
static int
needs_output (AxCudaKernel kernel)
{
  return kernel == AX_CUDA_RELU || kernel == AX_CUDA_SIGMOID
         || kernel == AX_CUDA_SOFTMAX;
}

static AxStatus
backward_input (AxCudaPass *self, int32_t index, int k, AxEngineError *error)
{
  const AxCudaStep *step = &self->plan->plan->steps[index];
  const int32_t in = step->in[k], other = step->in[1 - k];
  AxCudaCall call
      = { .kernel = find_backward ((AxCudaKernel)step->kernel),
          .node = *get_node (self, step),
          .a = *get_shape (self, step->out),
          .out = *get_shape (self, in),
          .a_data = ax_cuda_pass_get_gradient (self, step->out),
          .c_data = ax_cuda_pass_get_value (
              self, needs_output ((AxCudaKernel)step->kernel) ? step->out : in),
          .out_data = ax_cuda_pass_get_gradient (self, in),
          .accumulate = self->plan->accumulate[index][k],
          .index = step->node,
          .seed = self->seed,
          .norm = self->steps[index].norm };
  if (other >= 0)
    {
      call.b = *get_shape (self, other);
      call.b_data = ax_cuda_pass_get_value (self, other);
      call.first = k == 0 ? 0 : (int32_t)call.b.c;
    }
  return ax_cuda_device_launch (self->device, &call, error);
}

/* The gradients of a batch norm's parameters, and what that of its input is
 * made with. */
static AxStatus
backward_norm (AxCudaPass *self, int32_t index, AxEngineError *error)
{
  const AxCudaStep *step = &self->plan->plan->steps[index];
  const AxCudaNorm *norm = &self->steps[index].norm;
  AxCudaCall call = { .kernel = AX_CUDA_SUM,
                      .a = *get_shape (self, step->out),
                      .a_data = ax_cuda_pass_get_gradient (self, step->out),
                      .norm = *norm };
  AxStatus status = sum_channels (self, call, norm->sum, error);
  call.kernel = AX_CUDA_SUM_PRODUCTS;
  call.b_data = call.a_data;
  call.a_data = ax_cuda_pass_get_value (self, step->in[0]);
  if (status == AX_STATUS_OK)
    status = sum_channels (self, call, norm->product, error);
  return status == AX_STATUS_OK
             ? launch_norm (self, index, AX_CUDA_NORM_SLOPES, 0, error)
             : status;
}

static AxStatus
backward_kernel (AxCudaPass *self, int32_t index, AxEngineError *error)
{
  const AxCudaStep *step = &self->plan->plan->steps[index];
  AxStatus status = mask (self, step, error);
  if (status == AX_STATUS_OK && step->kernel == AX_CUDA_AFFINE)
    status = get_node (self, step)->kind == AX_NODE_BATCH_NORM
                 ? backward_norm (self, index, error)
                 : backward_bias (self, step, error);
  for (int k = 0; k < 2 && status == AX_STATUS_OK; k++)
    if (ax_cuda_train_plan_wants (self->plan, step, k))
      status = backward_input (self, index, k, error);
  return status;
}

AxStatus
ax_cuda_pass_backward (AxCudaPass *self, AxEngineError *error)
{
  const AxCudaPlan *plan = self->plan->plan;
  AxStatus status = AX_STATUS_OK;
  for (int32_t i = plan->n_steps - 1; i > 0 && status == AX_STATUS_OK; i--)
    if (self->plan->wanted[plan->steps[i].out])
      status = plan->steps[i].kind == AX_CUDA_STEP_KERNEL
                   ? backward_kernel (self, i, error)
                   : backward_conv (self, i, error);
  return status;
}
