#include "core/nn/cpu-step.h"

#include "core/nn/cpu-memory.h"
#include "core/nn/tensor.h"

#include <math.h>

static AxStatus
fail_memory (AxEngineError *error, const char *what)
{
  g_snprintf (error->message, sizeof error->message,
              "not enough memory for the %s", what);
  return AX_STATUS_MEMORY;
}

/* (transfer full) (nullable): parameter @index of the node as floats. */
static float *
load_param (const AxNode *node, int index, const AxTensorView *params)
{
  if (node->params[index] < 0)
    return NULL;
  const AxTensorView *view = &params[node->params[index]];
  gint64 count;
  float *values = ax_tensor_view_count (view, &count)
                      ? g_try_new (float, (gsize)count)
                      : NULL;
  if (values != NULL)
    ax_tensor_view_to_f32 (view, values);
  return values;
}

gboolean
ax_cpu_step_can_pool (const AxCpuMachine *machine, const AxNode *node,
                      const AxShape *in, const AxShape *out)
{
  return node->kind == AX_NODE_CONV && node->u.window.dilation == 1
         && ax_winograd_suits (machine->kernels, &node->u.window, in, out);
}

gboolean
ax_cpu_step_can_sigmoid (const AxCpuMachine *machine, const AxNode *node,
                         const AxShape *in, const AxShape *out)
{
  return out->c % machine->kernels->lanes == 0
         && (node->kind == AX_NODE_CONV_TRANSPOSE
             || !ax_winograd_suits (machine->kernels, &node->u.window, in,
                                    out));
}

static AxStatus
init_conv (AxCpuStep *self, const AxCpuMachine *machine, AxCpuFusion fusion,
           const AxTensorView *params, AxEngineError *error)
{
  const AxNode *node = self->op.node;
  const AxCpuTensor *in = &self->op.in[0], *out = &self->op.out;
  const gboolean transpose = node->kind == AX_NODE_CONV_TRANSPOSE;
  g_autofree float *weights = load_param (node, 0, params);
  g_autofree float *bias = load_param (node, 1, params);
  if (weights == NULL || (bias == NULL && node->params[1] >= 0))
    return fail_memory (error, "weights");
  if (!transpose
      && ax_winograd_suits (machine->kernels, &node->u.window, &in->shape,
                            &out->shape))
    {
      const AxWinogradSpec spec = {
        .in = in->shape,
        .out = out->shape,
        .dilation = node->u.window.dilation,
        .pad = node->u.window.pad,
        .relu = fusion.relu,
        .pool = fusion.pool,
      };
      self->winograd = ax_winograd_new (machine->kernels, &spec, weights, bias,
                                        machine->n_threads);
      return self->winograd != NULL ? AX_STATUS_OK
                                    : fail_memory (error, "weights");
    }
  const AxDnnlConvSpec spec = {
    .in = in->shape,
    .out = out->shape,
    .window = node->u.window,
    .transpose = transpose,
    .relu = fusion.relu,
    .sigmoid = fusion.sigmoid,
    .plain_input = in->lanes == 1,
  };
  if (ax_upconv_suits (&spec))
    return ax_upconv_new (machine->dnnl, &spec, out->lanes, weights, bias,
                          &self->upconv, error);
  return ax_dnnl_conv_new (machine->dnnl, &spec, out->lanes, weights, bias,
                           &self->dnnl, error);
}

/* scale = weight / sqrt (variance + epsilon), in double. */
static AxStatus
init_norm (AxCpuStep *self, const AxTensorView *params, AxEngineError *error)
{
  const AxCpuTensor *out = &self->op.out;
  const gint64 n = ax_cpu_tensor_get_n_blocks (out) * out->lanes;
  const AxTensorView *views[4];
  self->norm = ax_cpu_alloc ((gsize)n * 3 * sizeof (float));
  if (self->norm == NULL)
    return fail_memory (error, "weights");
  float *mean = self->norm, *scale = mean + n, *bias = scale + n;
  for (int i = 0; i < 4; i++)
    views[i] = &params[self->op.node->params[i]];
  for (gint64 c = 0; c < n; c++)
    {
      mean[c] = scale[c] = bias[c] = 0.0f;
      if (c >= out->shape.c)
        continue;
      const double variance = ax_tensor_view_get (views[3], c)
                              + self->op.node->u.batch_norm.epsilon;
      scale[c] = (float)(ax_tensor_view_get (views[0], c) / sqrt (variance));
      bias[c] = (float)ax_tensor_view_get (views[1], c);
      mean[c] = (float)ax_tensor_view_get (views[2], c);
    }
  self->op.norm.mean = mean;
  self->op.norm.scale = scale;
  self->op.norm.bias = bias;
  return AX_STATUS_OK;
}

AxStatus
ax_cpu_step_init (AxCpuStep *self, const AxCpuMachine *machine,
                  AxCpuFusion fusion, const AxTensorView *params,
                  AxEngineError *error)
{
  switch (self->op.node->kind)
    {
    case AX_NODE_CONV:
    case AX_NODE_CONV_TRANSPOSE:
      return init_conv (self, machine, fusion, params, error);
    case AX_NODE_BATCH_NORM:
      return init_norm (self, params, error);
    default:
      if (ax_cpu_op_exists (self->op.node->kind))
        return AX_STATUS_OK;
      g_snprintf (error->message, sizeof error->message,
                  "node %d is of a kind (%d) that this engine does not know",
                  self->node, self->op.node->kind);
      return AX_STATUS_UNSUPPORTED;
    }
}

void
ax_cpu_step_clear (AxCpuStep *self)
{
  ax_winograd_free (self->winograd);
  ax_dnnl_conv_free (self->dnnl);
  ax_upconv_free (self->upconv);
  ax_cpu_free (self->norm);
}

gsize
ax_cpu_step_get_weights_bytes (const AxCpuStep *self)
{
  return self->winograd != NULL ? ax_winograd_get_weights_bytes (self->winograd)
         : self->dnnl != NULL   ? ax_dnnl_conv_get_weights_bytes (self->dnnl)
         : self->upconv != NULL ? ax_upconv_get_weights_bytes (self->upconv)
                                : 0;
}

gsize
ax_cpu_step_get_scratch_bytes (const AxCpuStep *self)
{
  return self->winograd != NULL ? ax_winograd_get_scratch_bytes (self->winograd)
         : self->dnnl != NULL   ? ax_dnnl_conv_get_scratch_bytes (self->dnnl)
         : self->upconv != NULL ? ax_upconv_get_scratch_bytes (self->upconv)
                                : 0;
}

const char *
ax_cpu_step_get_way (const AxCpuStep *self)
{
  return self->winograd != NULL ? "winograd"
         : self->dnnl != NULL   ? ax_dnnl_conv_get_name (self->dnnl)
         : self->upconv != NULL ? "1x1, scattered"
                                : "row by row";
}

AxStatus
ax_cpu_step_run (AxCpuStep *self, const AxCpuMachine *machine, gpointer scratch,
                 AxEngineError *error)
{
  if (self->dnnl != NULL)
    return ax_dnnl_conv_run (self->dnnl, self->op.in[0].data, self->op.out.data,
                             scratch, error);
  if (self->upconv != NULL)
    return ax_upconv_run (self->upconv, self->op.in[0].data, self->op.out.data,
                          scratch, machine->n_threads, error);
  if (self->winograd != NULL)
    ax_winograd_run (self->winograd, self->op.in[0].data, self->op.out.data,
                     scratch);
  else
    ax_cpu_op_run (&self->op, machine->n_threads);
  return AX_STATUS_OK;
}
