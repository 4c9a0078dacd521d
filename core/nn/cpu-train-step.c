#include "core/nn/cpu-train-step.h"

#include "core/nn/cpu-plan.h"
#include "core/nn/cpu-train-ops.h"

static gboolean
is_conv (const AxNode *node)
{
  return node->kind == AX_NODE_CONV || node->kind == AX_NODE_CONV_TRANSPOSE;
}

/* Which part of a chain a node can be: 0, 1, 2, or -1. */
static int
get_stage (const AxNode *node)
{
  switch (node->kind)
    {
    case AX_NODE_BATCH_NORM:
      return 0;
    case AX_NODE_RELU:
      return 1;
    case AX_NODE_MAX_POOL:
      return ax_cpu_plan_is_halving (&node->u.window) ? 2 : -1;
    default:
      return -1;
    }
}

AxCpuTrainChain
ax_cpu_train_find_chain (const AxGraphView *graph, int first)
{
  static const AxNodeKind followers[] = { AX_NODE_RELU, AX_NODE_MAX_POOL };
  int nodes[] = { -1, -1, -1 };
  int last = first;
  for (int node = first; node >= 0 && get_stage (&graph->nodes[node]) >= 0;)
    {
      const int stage = get_stage (&graph->nodes[node]);
      nodes[stage] = last = node;
      node = -1;
      for (int i = stage; i < 2 && node < 0; i++)
        node = ax_cpu_plan_find_follower (graph, last, followers[i]);
    }
  return (AxCpuTrainChain){ nodes[0], nodes[1], nodes[2], last };
}

gboolean
ax_cpu_train_overwrites (const AxNode *node)
{
  return is_conv (node) || get_stage (node) >= 0;
}

static AxStatus
init_norm (AxCpuTrainStep *self, const AxCpuMachine *machine,
           const AxGraphView *graph, AxEngineError *error)
{
  const AxCpuTrainChain chain = ax_cpu_train_find_chain (graph, self->first);
  AxCpuNormSpec spec = { .in = self->op.in[0].shape,
                         .out = self->op.out.shape,
                         .norm = chain.norm >= 0,
                         .relu = chain.relu >= 0,
                         .pool = chain.pool >= 0 };
  if (spec.norm)
    {
      spec.epsilon = self->op.node->u.batch_norm.epsilon;
      spec.momentum = self->op.node->u.batch_norm.momentum;
    }
  self->norm = ax_cpu_norm_new (machine->kernels, &spec, machine->n_threads);
  if (self->norm != NULL)
    return AX_STATUS_OK;
  g_strlcpy (error->message, "not enough memory for a batch norm's sums",
             sizeof error->message);
  return AX_STATUS_MEMORY;
}

AxStatus
ax_cpu_train_step_init (AxCpuTrainStep *self, const AxCpuMachine *machine,
                        const AxGraphView *graph, gboolean wants_d_input,
                        AxEngineError *error)
{
  const AxNode *node = self->op.node;
  if (is_conv (node))
    return ax_cpu_train_conv_new (machine, node, &self->op.in[0], &self->op.out,
                                  wants_d_input, &self->conv, error);
  if (get_stage (node) >= 0)
    return init_norm (self, machine, graph, error);
  if (ax_cpu_op_backward_exists (node->kind))
    return AX_STATUS_OK;
  g_snprintf (error->message, sizeof error->message,
              "node %d is of a kind (%d) that this engine cannot train",
              self->first, node->kind);
  return AX_STATUS_UNSUPPORTED;
}

void
ax_cpu_train_step_clear (AxCpuTrainStep *self)
{
  ax_cpu_train_conv_free (self->conv);
  ax_cpu_norm_free (self->norm);
}

gsize
ax_cpu_train_step_get_scratch_bytes (const AxCpuTrainStep *self)
{
  return self->conv != NULL ? ax_cpu_train_conv_get_scratch_bytes (self->conv)
                            : 0;
}

AxStatus
ax_cpu_train_step_set_weights (AxCpuTrainStep *self, AxEngineError *error)
{
  return self->conv == NULL
             ? AX_STATUS_OK
             : ax_cpu_train_conv_set_weights (self->conv, self->params[0],
                                              self->params[1], error);
}

static AxCpuNormParams
get_norm_params (const AxCpuTrainStep *self)
{
  return (AxCpuNormParams){ self->params[0], self->params[1], self->params[2],
                            self->params[3] };
}

AxStatus
ax_cpu_train_step_infer (AxCpuTrainStep *self, const AxCpuMachine *machine,
                         gpointer scratch, AxEngineError *error)
{
  const AxCpuNormParams params = get_norm_params (self);
  if (self->conv != NULL)
    return ax_cpu_train_conv_forward (self->conv, self->op.in[0].data,
                                      self->op.out.data, scratch, error);
  if (self->norm != NULL)
    ax_cpu_norm_infer (self->norm, &params, self->op.in[0].data,
                       self->op.out.data);
  else
    ax_cpu_op_run (&self->op, machine->n_threads);
  return AX_STATUS_OK;
}

AxStatus
ax_cpu_train_step_learn (AxCpuTrainStep *self, const AxCpuMachine *machine,
                         guint64 seed, gpointer scratch, AxEngineError *error)
{
  const AxCpuNormParams params = get_norm_params (self);
  if (self->norm != NULL)
    ax_cpu_norm_learn (self->norm, &params, self->op.in[0].data,
                       self->op.out.data);
  else if (self->op.node->kind == AX_NODE_DROPOUT)
    ax_cpu_dropout_learn (&self->op, self->first, seed, machine->n_threads);
  else
    return ax_cpu_train_step_infer (self, machine, scratch, error);
  return AX_STATUS_OK;
}

AxStatus
ax_cpu_train_step_backward (AxCpuTrainStep *self, const AxCpuMachine *machine,
                            guint64 seed, const float *d_out,
                            float *const d_in[2], gpointer scratch,
                            AxEngineError *error)
{
  const float *in = self->op.in[0].data;
  if (self->conv != NULL)
    return ax_cpu_train_conv_backward (self->conv, in, d_out, d_in[0],
                                       self->d_params[0], self->d_params[1],
                                       scratch, error);
  if (self->norm != NULL)
    {
      ax_cpu_norm_backward (self->norm, in, d_out, d_in[0], self->d_params[0],
                            self->d_params[1]);
      return AX_STATUS_OK;
    }
  const AxCpuOpBackward back = { .op = &self->op,
                                 .d_out = d_out,
                                 .d_in = { d_in[0], d_in[1] },
                                 .index = self->first,
                                 .seed = seed };
  ax_cpu_op_backward_run (&back, machine->n_threads);
  return AX_STATUS_OK;
}
