#include "core/nn/cpu-train.h"

#include "core/base/trace.h"
#include "core/nn/cpu-memory.h"
#include "core/nn/cpu-plan.h"
#include "core/nn/cpu-train-params.h"
#include "core/nn/cpu-train-step.h"
#include "core/nn/tensor.h"
#include "core/nn/train-loss.h"

#include <string.h>

#define MIB (1024.0 * 1024.0)

/* What lies between steps, by the last node of the one that writes it. */
typedef struct
{
  AxCpuTensor tensor;
  gboolean used;
  gboolean wanted; /* is its gradient */
  gboolean shared; /* its gradient is a sum, or added to */
  gboolean begun;  /* in this backward pass, a shared one */
  int n_writers;   /* of the gradient */
  int last_reader; /* step; the number of steps for a loss */
  int step;        /* that writes it; -1: the image */
  float *gradient;
} Value;

struct _AxCpuTrain
{
  const AxCpuMachine *machine;
  AxGraphView graph; /* with nodes of its own */
  AxNode *nodes;
  AxShape *shapes;
  AxLoss *losses;
  int n_losses;
  Value *values; /* per node */
  GArray *steps; /* AxCpuTrainStep */
  AxCpuTrainParams params;
  gboolean stale; /* the steps do not have the parameters of now */
  float *arena;
  float *extra; /* for a gradient that will be added to a shared one */
  gpointer scratch;
};

static AxCpuTrainStep *
get_step (const AxCpuTrain *self, int index)
{
  return &g_array_index (self->steps, AxCpuTrainStep, (guint)index);
}

static Value *
get_input (const AxCpuTrain *self, const AxCpuTrainStep *step, int k)
{
  const int node = step->op.node->inputs[k];
  return node < 0 ? NULL : &self->values[node];
}

static void
attach_params (const AxCpuTrain *self, AxCpuTrainStep *step)
{
  const AxCpuTrainParams *params = &self->params;
  for (int i = 0; i < 4; i++)
    if (step->op.node->params[i] >= 0)
      step->params[i]
          = params->states[AX_STATE_VALUE][step->op.node->params[i]];
  for (int i = 0; i < 2; i++)
    if (step->op.node->params[i] >= 0)
      step->d_params[i]
          = params->states[AX_STATE_GRADIENT][step->op.node->params[i]];
}

static AxStatus
add_step (AxCpuTrain *self, int first, const gboolean *wanted,
          AxEngineError *error)
{
  AxCpuTrainStep step = { .first = first, .op.node = &self->nodes[first] };
  const int index = (int)self->steps->len;
  step.last = ax_cpu_train_find_chain (&self->graph, first).last;
  Value *out = &self->values[step.last];
  *out = (Value){ .used = TRUE,
                  .wanted = wanted[step.last],
                  .last_reader = index,
                  .step = index };
  out->tensor.shape = self->shapes[step.last];
  out->tensor.lanes = self->machine->kernels->lanes;
  step.op.out = out->tensor;
  for (int k = 0; k < 2; k++)
    {
      Value *in = get_input (self, &step, k);
      if (in == NULL)
        continue;
      step.op.in[k] = in->tensor;
      in->last_reader = index;
      in->n_writers += out->wanted;
      in->shared
          |= in->n_writers > 1 || !ax_cpu_train_overwrites (step.op.node);
    }
  attach_params (self, &step);
  AxStatus status
      = ax_cpu_train_step_init (&step, self->machine, &self->graph,
                                get_input (self, &step, 0)->wanted, error);
  g_array_append_val (self->steps, step);
  return status;
}

/* Nodes of other branches may lie between those of a chain. */
static AxStatus
add_steps (AxCpuTrain *self, const gboolean *wanted, AxEngineError *error)
{
  AxStatus status = AX_STATUS_OK;
  g_autofree gboolean *done = g_new0 (gboolean, (gsize)self->graph.n_nodes);
  self->values[0] = (Value){ .used = TRUE, .step = -1 };
  self->values[0].tensor.shape = self->shapes[0];
  self->values[0].tensor.lanes = ax_cpu_plan_choose_image_lanes (
      &self->graph, self->machine->kernels->lanes);
  for (int i = 1; i < self->graph.n_nodes && status == AX_STATUS_OK; i++)
    {
      if (done[i])
        continue;
      const AxCpuTrainChain chain = ax_cpu_train_find_chain (&self->graph, i);
      for (int k = 0; k < 3; k++)
        {
          const int node = (int[]){ chain.norm, chain.relu, chain.pool }[k];
          if (node >= 0)
            done[node] = TRUE;
        }
      status = add_step (self, i, wanted, error);
    }
  for (int i = 0; i < self->n_losses; i++)
    {
      Value *value = &self->values[ax_train_loss_get_node (&self->graph,
                                                           &self->losses[i])];
      value->shared = TRUE;
      value->last_reader = (int)self->steps->len;
    }
  return status;
}

/*
 * The clock of the arena: step s runs at s, the losses at the number of steps
 * S, and the backward pass of step s at 2 S - s.  A value lives until its own
 * step's backward pass, a gradient from its last reader's to there.
 */
static void
find_lives (const AxCpuTrain *self, AxCpuBlock *blocks)
{
  const int n_nodes = self->graph.n_nodes, n_steps = (int)self->steps->len;
  for (int i = 0; i < n_nodes; i++)
    {
      const Value *value = &self->values[i];
      AxCpuBlock *kept = &blocks[i], *gradient = &blocks[n_nodes + i];
      const int last = 2 * n_steps - MAX (value->step, 0);
      if (!value->used)
        continue;
      *kept = (AxCpuBlock){ .bytes = ax_cpu_tensor_get_bytes (&value->tensor),
                            .first = MAX (value->step, 0),
                            .last = last };
      if (value->wanted)
        *gradient = (AxCpuBlock){ .bytes = kept->bytes,
                                  .first = 2 * n_steps - value->last_reader,
                                  .last = last };
    }
}

static AxStatus
check_memory (const AxCpuTrain *self, gsize arena, AxEngineError *error)
{
  const gsize params = ax_cpu_train_params_get_bytes (&self->params);
  const double total = (double)arena + (double)params;
  ax_trace (AX_TRACE_ENGINE,
            "cpu: training plan of %.0f MiB, parameters and moments %.0f",
            total / MIB, (double)params / MIB);
  if (total <= (double)self->machine->memory_bytes)
    return AX_STATUS_OK;
  g_snprintf (error->message, sizeof error->message,
              "training on %" G_GINT64_FORMAT " x %" G_GINT64_FORMAT
              " x %" G_GINT64_FORMAT " takes %.0f MiB of %.0f",
              self->shapes[0].n, self->shapes[0].h, self->shapes[0].w,
              total / MIB, (double)self->machine->memory_bytes / MIB);
  return AX_STATUS_MEMORY;
}

static void
attach_tensors (AxCpuTrain *self, const AxCpuBlock *blocks)
{
  const int n_nodes = self->graph.n_nodes;
  for (int i = 0; i < n_nodes; i++)
    {
      Value *value = &self->values[i];
      if (value->used)
        value->tensor.data = self->arena + blocks[i].offset / sizeof (float);
      if (value->wanted)
        value->gradient
            = self->arena + blocks[n_nodes + i].offset / sizeof (float);
    }
  for (guint i = 0; i < self->steps->len; i++)
    {
      AxCpuTrainStep *step = get_step (self, (int)i);
      step->op.out = self->values[step->last].tensor;
      for (int k = 0; k < 2; k++)
        if (get_input (self, step, k) != NULL)
          step->op.in[k] = get_input (self, step, k)->tensor;
    }
}

/* Behind the values and their gradients: what the backward pass of a step puts
 * down before it is added to a shared gradient, and what steps work with. */
static AxStatus
allocate (AxCpuTrain *self, AxEngineError *error)
{
  const int n_nodes = self->graph.n_nodes, n_steps = (int)self->steps->len;
  g_autofree AxCpuBlock *blocks = g_new0 (AxCpuBlock, 2 * (gsize)n_nodes + 2);
  AxCpuBlock *extra = &blocks[2 * n_nodes], *scratch = extra + 1;
  find_lives (self, blocks);
  extra->last = scratch->last = 2 * n_steps;
  for (int i = 0; i < n_nodes; i++)
    if (self->values[i].wanted && self->values[i].shared)
      extra->bytes = MAX (extra->bytes, blocks[i].bytes);
  for (int i = 0; i < n_steps; i++)
    scratch->bytes
        = MAX (scratch->bytes,
               ax_cpu_train_step_get_scratch_bytes (get_step (self, i)));
  const gsize bytes = ax_cpu_plan_arena (blocks, 2 * n_nodes + 2);
  AxStatus status = check_memory (self, bytes, error);
  if (status != AX_STATUS_OK)
    return status;
  self->arena = ax_cpu_alloc (bytes);
  if (self->arena == NULL)
    {
      g_snprintf (error->message, sizeof error->message,
                  "not enough memory: %.0f MiB", (double)bytes / MIB);
      return AX_STATUS_MEMORY;
    }
  self->extra = self->arena + extra->offset / sizeof (float);
  self->scratch = self->arena + scratch->offset / sizeof (float);
  attach_tensors (self, blocks);
  return AX_STATUS_OK;
}

static AxStatus
build (AxCpuTrain *self, const AxTensorView *params, int batch, int height,
       int width, AxEngineError *error)
{
  g_autoptr (GError) wrong = NULL;
  if (!ax_graph_infer_shapes (&self->graph, batch, height, width, self->shapes,
                              &wrong))
    {
      g_strlcpy (error->message, wrong->message, sizeof error->message);
      return AX_STATUS_ARGUMENT;
    }
  AxStatus status = ax_train_check (&self->graph, self->shapes, self->losses,
                                    self->n_losses, error);
  if (status != AX_STATUS_OK)
    return status;
  if (!ax_cpu_train_params_init (&self->params, &self->graph, params))
    {
      g_strlcpy (error->message, "not enough memory for the parameters",
                 sizeof error->message);
      return AX_STATUS_MEMORY;
    }
  g_autofree gboolean *wanted
      = ax_train_find_wanted (&self->graph, self->losses, self->n_losses);
  status = add_steps (self, wanted, error);
  return status == AX_STATUS_OK ? allocate (self, error) : status;
}

AxStatus
ax_cpu_train_new (const AxCpuMachine *machine, const AxGraphView *graph,
                  const AxTensorView *params, const AxLoss *losses,
                  int n_losses, int batch, int height, int width,
                  AxCpuTrain **self, AxEngineError *error)
{
  const gsize n_nodes = (gsize)graph->n_nodes;
  AxCpuTrain *plan = g_new0 (AxCpuTrain, 1);
  plan->machine = machine;
  plan->graph = *graph;
  plan->nodes = g_memdup2 (graph->nodes, n_nodes * sizeof *graph->nodes);
  plan->graph.nodes = plan->nodes;
  plan->shapes = g_new0 (AxShape, n_nodes);
  plan->values = g_new0 (Value, n_nodes);
  plan->losses = g_memdup2 (losses, (gsize)n_losses * sizeof *losses);
  plan->n_losses = n_losses;
  plan->stale = TRUE;
  plan->steps = g_array_new (FALSE, FALSE, sizeof (AxCpuTrainStep));
  g_array_set_clear_func (plan->steps, (GDestroyNotify)ax_cpu_train_step_clear);
  AxStatus status = build (plan, params, batch, height, width, error);
  if (status != AX_STATUS_OK)
    ax_cpu_train_free (plan);
  else
    *self = plan;
  return status;
}

void
ax_cpu_train_free (AxCpuTrain *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->steps);
  ax_cpu_train_params_clear (&self->params);
  ax_cpu_free (self->arena);
  g_free (self->nodes);
  g_free (self->shapes);
  g_free (self->values);
  g_free (self->losses);
  g_free (self);
}

static void
trace_step (const AxCpuTrainStep *step, const char *pass, gint64 start_us)
{
  ax_trace (AX_TRACE_ENGINE, "cpu: node %d %s: %.2f ms", step->first, pass,
            (double)(ax_trace_now_us () - start_us) / 1000.0);
}

static AxStatus
begin (AxCpuTrain *self, const AxTensorView *input, AxEngineError *error)
{
  const gint64 start_us = ax_trace_now_us ();
  AxStatus status = AX_STATUS_OK;
  for (guint i = 0; self->stale && i < self->steps->len; i++)
    if (status == AX_STATUS_OK)
      status = ax_cpu_train_step_set_weights (get_step (self, (int)i), error);
  self->stale = status != AX_STATUS_OK;
  ax_cpu_tensor_read (&self->values[0].tensor, input,
                      self->nodes[0].u.input.mean, self->nodes[0].u.input.std,
                      self->machine->n_threads);
  ax_trace (AX_TRACE_ENGINE, "cpu: weights and input: %.2f ms",
            (double)(ax_trace_now_us () - start_us) / 1000.0);
  return status;
}

/* A node inside a chain has no value of its own, but then it is no output. */
AxStatus
ax_cpu_train_forward (AxCpuTrain *self, const AxTensorView *input,
                      const AxTensorView *outputs, AxEngineError *error)
{
  AxStatus status = begin (self, input, error);
  for (guint i = 0; i < self->steps->len && status == AX_STATUS_OK; i++)
    status = ax_cpu_train_step_infer (get_step (self, (int)i), self->machine,
                                      self->scratch, error);
  for (int i = 0; i < self->graph.n_outputs && status == AX_STATUS_OK; i++)
    ax_cpu_tensor_write (&self->values[self->graph.outputs[i]].tensor,
                         &outputs[i]);
  return status;
}

/* A shared gradient starts at zero. */
static void
begin_gradient (Value *value)
{
  if (value->wanted && value->shared && !value->begun)
    memset (value->gradient, 0, ax_cpu_tensor_get_bytes (&value->tensor));
  value->begun = TRUE;
}

/* @values: plain */
static void
add_plain (Value *value, const double *values)
{
  const AxShape *s = &value->tensor.shape;
  AxCpuTensor gradient = value->tensor;
  gradient.data = value->gradient;
  for (gint64 n = 0; n < s->n; n++)
    for (gint64 c = 0; c < s->c; c++)
      for (gint64 y = 0; y < s->h; y++)
        {
          const int lanes = gradient.lanes;
          float *to
              = ax_cpu_tensor_get_row (&gradient, n, c / lanes, y) + c % lanes;
          for (gint64 x = 0; x < s->w; x++)
            to[x * lanes] += (float)*values++;
        }
}

/* Losses are small and worked out in double, in plain order. */
static AxStatus
run_losses (AxCpuTrain *self, const AxTensorView *targets,
            const float *entry_weights, double *found, AxEngineError *error)
{
  for (int i = 0; i < self->n_losses; i++)
    {
      Value *value = &self->values[ax_train_loss_get_node (&self->graph,
                                                           &self->losses[i])];
      const AxShape *s = &value->tensor.shape;
      const gsize count = (gsize)(s->n * s->c * s->h * s->w);
      g_autofree double *values = g_try_new (double, count);
      g_autofree double *gradient = g_try_new0 (double, count);
      if (values == NULL || gradient == NULL)
        {
          g_strlcpy (error->message, "not enough memory for the losses",
                     sizeof error->message);
          return AX_STATUS_MEMORY;
        }
      const AxTensorView view = { .data = values, .dtype = AX_DTYPE_F64 };
      ax_cpu_tensor_write (&value->tensor, &view);
      found[i] = ax_train_loss_run (&self->graph, &self->losses[i], s, values,
                                    &targets[i], entry_weights, gradient);
      begin_gradient (value);
      if (value->wanted)
        add_plain (value, gradient);
    }
  return AX_STATUS_OK;
}

static void
add_extra (AxCpuTrain *self, Value *value)
{
  const gsize count = ax_cpu_tensor_get_bytes (&value->tensor) / sizeof (float);
  float *to = value->gradient;
  const float *from = self->extra;
#pragma omp parallel for simd num_threads(self->machine->n_threads)
  for (gsize i = 0; i < count; i++)
    to[i] += from[i];
}

static AxStatus
run_backward (AxCpuTrain *self, AxCpuTrainStep *step, guint64 seed,
              AxEngineError *error)
{
  const gint64 start_us = ax_trace_now_us ();
  const gboolean overwrites = ax_cpu_train_overwrites (step->op.node);
  float *d_in[2] = { NULL, NULL };
  gboolean via_extra = FALSE;
  for (int k = 0; k < 2; k++)
    {
      Value *in = get_input (self, step, k);
      if (in == NULL || !in->wanted)
        continue;
      begin_gradient (in);
      via_extra = overwrites && in->shared;
      d_in[k] = via_extra ? self->extra : in->gradient;
    }
  AxStatus status = ax_cpu_train_step_backward (
      step, self->machine, seed, self->values[step->last].gradient, d_in,
      self->scratch, error);
  if (via_extra && status == AX_STATUS_OK)
    add_extra (self, get_input (self, step, 0));
  trace_step (step, "backward", start_us);
  return status;
}

AxStatus
ax_cpu_train_learn (AxCpuTrain *self, const AxTensorView *input,
                    const AxTensorView *targets, const float *entry_weights,
                    guint64 seed, double *values, AxEngineError *error)
{
  AxStatus status = begin (self, input, error);
  for (guint i = 0; i < self->steps->len && status == AX_STATUS_OK; i++)
    {
      const gint64 start_us = ax_trace_now_us ();
      AxCpuTrainStep *step = get_step (self, (int)i);
      status = ax_cpu_train_step_learn (step, self->machine, seed,
                                        self->scratch, error);
      trace_step (step, "forward", start_us);
    }
  ax_cpu_train_params_zero_gradients (&self->params);
  for (int i = 0; i < self->graph.n_nodes; i++)
    self->values[i].begun = FALSE;
  if (status == AX_STATUS_OK)
    status = run_losses (self, targets, entry_weights, values, error);
  for (guint i = self->steps->len; i > 0 && status == AX_STATUS_OK; i--)
    {
      AxCpuTrainStep *step = get_step (self, (int)i - 1);
      if (self->values[step->last].wanted)
        status = run_backward (self, step, seed, error);
    }
  return status;
}

void
ax_cpu_train_update (AxCpuTrain *self, const AxOptimStep *step)
{
  ax_cpu_train_params_update (&self->params, step, self->machine->n_threads);
  self->stale = TRUE;
}

void
ax_cpu_train_pull (const AxCpuTrain *self, int param, AxTrainState state,
                   const AxTensorView *out)
{
  const float *from = self->params.states[state][param];
  for (gint64 i = 0; i < self->params.counts[param]; i++)
    if (out->dtype == AX_DTYPE_F32)
      ((float *)out->data)[i] = from[i];
    else
      ((double *)out->data)[i] = (double)from[i];
}

void
ax_cpu_train_push (AxCpuTrain *self, int param, AxTrainState state,
                   const AxTensorView *in)
{
  ax_tensor_view_to_f32 (in, self->params.states[state][param]);
  self->stale |= state == AX_STATE_VALUE;
}
