#include "core/nn/cpu-plan.h"

#include "core/base/trace.h"
#include "core/nn/cpu-memory.h"

#include <string.h>

#define MIB (1024.0 * 1024.0)

struct _AxCpuPlan
{
  const AxCpuMachine *machine;
  AxGraphView graph; /* with nodes of its own */
  AxNode *nodes;
  AxShape *shapes; /* of each node */
  int *holders;    /* of each node: the node whose tensor holds its value */
  GArray *steps;   /* AxCpuStep */
  AxCpuTensor *tensors; /* of each holder */
  float *arena;
  gpointer scratch; /* behind the tensors in the arena */
};

/* How many readers the value of @index has; an output is one more. */
static int
count_readers (const AxGraphView *graph, int index, int *reader)
{
  int n_readers = 0;
  for (int i = index + 1; i < graph->n_nodes; i++)
    for (int k = 0; k < 2; k++)
      if (graph->nodes[i].inputs[k] == index)
        {
          *reader = i;
          n_readers++;
        }
  for (int i = 0; i < graph->n_outputs; i++)
    n_readers += graph->outputs[i] == index;
  return n_readers;
}

int
ax_cpu_plan_find_follower (const AxGraphView *graph, int index, AxNodeKind kind)
{
  int reader = -1;
  if (count_readers (graph, index, &reader) != 1 || reader < 0)
    return -1;
  return graph->nodes[reader].kind == (int)kind ? reader : -1;
}

gboolean
ax_cpu_plan_is_halving (const AxWindow *w)
{
  return w->kernel_h == 2 && w->kernel_w == 2 && w->stride == 2
         && w->dilation == 1 && w->pad == 0;
}

/* A convolution and the nodes that are done in the same go. */
typedef struct
{
  AxCpuFusion fusion;
  int nodes[3];
  int n_nodes;
} Chain;

static Chain
find_chain (const AxCpuPlan *self, int index)
{
  const AxNode *node = &self->nodes[index];
  Chain chain = { .nodes = { index }, .n_nodes = 1 };
  if (node->kind != AX_NODE_CONV && node->kind != AX_NODE_CONV_TRANSPOSE)
    return chain;
  const AxShape *in = &self->shapes[node->inputs[0]];
  const int sigmoid
      = ax_cpu_plan_find_follower (&self->graph, index, AX_NODE_SIGMOID);
  if (sigmoid >= 0
      && ax_cpu_step_can_sigmoid (self->machine, node, in,
                                  &self->shapes[index]))
    {
      chain.fusion.sigmoid = TRUE;
      chain.nodes[chain.n_nodes++] = sigmoid;
      return chain;
    }
  const int relu
      = ax_cpu_plan_find_follower (&self->graph, index, AX_NODE_RELU);
  if (relu < 0)
    return chain;
  chain.fusion.relu = TRUE;
  chain.nodes[chain.n_nodes++] = relu;
  const int pool
      = ax_cpu_plan_find_follower (&self->graph, relu, AX_NODE_MAX_POOL);
  if (pool < 0 || !ax_cpu_plan_is_halving (&self->nodes[pool].u.window)
      || !ax_cpu_step_can_pool (self->machine, node, in, &self->shapes[index]))
    return chain;
  chain.fusion.pool = TRUE;
  chain.nodes[chain.n_nodes++] = pool;
  return chain;
}

int
ax_cpu_plan_choose_image_lanes (const AxGraphView *graph, int lanes)
{
  for (int i = 1; i < graph->n_nodes; i++)
    for (int k = 0; k < 2; k++)
      if (graph->nodes[i].inputs[k] == 0
          && graph->nodes[i].kind != AX_NODE_CONV)
        return lanes;
  return 1;
}

static AxStatus
add_step (AxCpuPlan *self, int index, const AxTensorView *params,
          AxEngineError *error)
{
  const AxNode *node = &self->nodes[index];
  AxCpuStep step = { .node = index, .op.node = node };
  const Chain chain = find_chain (self, index);
  const int last = chain.nodes[chain.n_nodes - 1];
  for (int i = 0; i < chain.n_nodes; i++)
    self->holders[chain.nodes[i]] = last;
  self->tensors[last].shape = self->shapes[last];
  self->tensors[last].lanes = self->machine->kernels->lanes;
  for (int k = 0; k < 2 && node->inputs[k] >= 0; k++)
    step.op.in[k] = self->tensors[self->holders[node->inputs[k]]];
  step.op.out = self->tensors[last];
  AxStatus status
      = ax_cpu_step_init (&step, self->machine, chain.fusion, params, error);
  g_array_append_val (self->steps, step);
  return status;
}

/* Node 0 has a tensor but no step, DROPOUT neither, and nodes fused with an
 * earlier one have their holder already. */
static AxStatus
add_steps (AxCpuPlan *self, const AxTensorView *params, AxEngineError *error)
{
  AxStatus status = AX_STATUS_OK;
  memset (self->holders, -1, (gsize)self->graph.n_nodes * sizeof (int));
  self->holders[0] = 0;
  self->tensors[0].shape = self->shapes[0];
  self->tensors[0].lanes = ax_cpu_plan_choose_image_lanes (
      &self->graph, self->machine->kernels->lanes);
  for (int i = 1; i < self->graph.n_nodes && status == AX_STATUS_OK; i++)
    if (self->holders[i] >= 0)
      continue;
    else if (self->nodes[i].kind == AX_NODE_DROPOUT)
      self->holders[i] = self->holders[self->nodes[i].inputs[0]];
    else
      status = add_step (self, i, params, error);
  return status;
}

static AxCpuStep *
get_step (const AxCpuPlan *self, guint index)
{
  return &g_array_index (self->steps, AxCpuStep, index);
}

/* From the step that writes a value to the last that reads it; outputs are
 * read when all steps are done. */
static void
find_lives (const AxCpuPlan *self, AxCpuBlock *blocks)
{
  const int n_steps = (int)self->steps->len;
  blocks[0].bytes = ax_cpu_tensor_get_bytes (&self->tensors[0]);
  for (int i = 0; i < n_steps; i++)
    {
      const AxCpuStep *step = get_step (self, (guint)i);
      AxCpuBlock *out = &blocks[self->holders[step->node]];
      out->bytes = ax_cpu_tensor_get_bytes (&step->op.out);
      out->first = out->last = i;
      for (int k = 0; k < 2 && step->op.node->inputs[k] >= 0; k++)
        blocks[self->holders[step->op.node->inputs[k]]].last = i;
    }
  for (int i = 0; i < self->graph.n_outputs; i++)
    blocks[self->holders[self->graph.outputs[i]]].last = n_steps;
}

static AxStatus
check_memory (const AxCpuPlan *self, gsize arena, gsize scratch,
              AxEngineError *error)
{
  gsize weights = 0;
  for (guint i = 0; i < self->steps->len; i++)
    weights += ax_cpu_step_get_weights_bytes (get_step (self, i));
  const double total = (double)arena + (double)scratch + (double)weights;
  ax_trace (AX_TRACE_ENGINE,
            "cpu: plan of %.0f MiB: values %.0f, scratch %.0f, weights %.0f",
            total / MIB, (double)arena / MIB, (double)scratch / MIB,
            (double)weights / MIB);
  if (total <= (double)self->machine->memory_bytes)
    return AX_STATUS_OK;
  g_snprintf (error->message, sizeof error->message,
              "an input of %" G_GINT64_FORMAT " x %" G_GINT64_FORMAT
              " x %" G_GINT64_FORMAT " takes %.0f MiB of %.0f",
              self->shapes[0].n, self->shapes[0].h, self->shapes[0].w,
              total / MIB, (double)self->machine->memory_bytes / MIB);
  return AX_STATUS_MEMORY;
}

/* Values first, then the scratch, which all steps share. */
static AxStatus
allocate (AxCpuPlan *self, AxEngineError *error)
{
  const int n_nodes = self->graph.n_nodes;
  g_autofree AxCpuBlock *blocks = g_new0 (AxCpuBlock, (gsize)n_nodes + 1);
  AxCpuBlock *scratch = &blocks[n_nodes];
  find_lives (self, blocks);
  scratch->last = (int)self->steps->len;
  for (guint i = 0; i < self->steps->len; i++)
    scratch->bytes = MAX (scratch->bytes,
                          ax_cpu_step_get_scratch_bytes (get_step (self, i)));
  const gsize bytes = ax_cpu_plan_arena (blocks, n_nodes + 1);
  AxStatus status
      = check_memory (self, bytes - scratch->bytes, scratch->bytes, error);
  if (status != AX_STATUS_OK)
    return status;
  self->arena = ax_cpu_alloc (bytes);
  if (self->arena == NULL)
    {
      g_snprintf (error->message, sizeof error->message,
                  "not enough memory: %.0f MiB", (double)bytes / MIB);
      return AX_STATUS_MEMORY;
    }
  for (int i = 0; i < n_nodes; i++)
    self->tensors[i].data = self->arena + blocks[i].offset / sizeof (float);
  self->scratch = self->arena + scratch->offset / sizeof (float);
  return AX_STATUS_OK;
}

static void
attach_tensors (AxCpuPlan *self)
{
  for (guint i = 0; i < self->steps->len; i++)
    {
      AxCpuStep *step = get_step (self, i);
      step->op.out = self->tensors[self->holders[step->node]];
      for (int k = 0; k < 2 && step->op.node->inputs[k] >= 0; k++)
        step->op.in[k] = self->tensors[self->holders[step->op.node->inputs[k]]];
    }
}

static AxStatus
infer_shapes (AxCpuPlan *self, int batch, int height, int width,
              AxEngineError *error)
{
  g_autoptr (GError) wrong = NULL;
  if (ax_graph_infer_shapes (&self->graph, batch, height, width, self->shapes,
                             &wrong))
    return AX_STATUS_OK;
  g_strlcpy (error->message, wrong->message, sizeof error->message);
  return AX_STATUS_ARGUMENT;
}

AxStatus
ax_cpu_plan_new (const AxCpuMachine *machine, const AxGraphView *graph,
                 const AxTensorView *params, int batch, int height, int width,
                 AxCpuPlan **self, AxEngineError *error)
{
  const gsize n_nodes = (gsize)graph->n_nodes;
  AxCpuPlan *plan = g_new0 (AxCpuPlan, 1);
  plan->machine = machine;
  plan->graph = *graph;
  plan->nodes = g_memdup2 (graph->nodes, n_nodes * sizeof *graph->nodes);
  plan->graph.nodes = plan->nodes;
  plan->shapes = g_new0 (AxShape, n_nodes);
  plan->holders = g_new (int, n_nodes);
  plan->tensors = g_new0 (AxCpuTensor, n_nodes);
  plan->steps = g_array_new (FALSE, FALSE, sizeof (AxCpuStep));
  g_array_set_clear_func (plan->steps, (GDestroyNotify)ax_cpu_step_clear);
  AxStatus status = infer_shapes (plan, batch, height, width, error);
  if (status == AX_STATUS_OK)
    status = add_steps (plan, params, error);
  if (status == AX_STATUS_OK)
    status = allocate (plan, error);
  if (status != AX_STATUS_OK)
    {
      ax_cpu_plan_free (plan);
      return status;
    }
  attach_tensors (plan);
  *self = plan;
  return AX_STATUS_OK;
}

void
ax_cpu_plan_free (AxCpuPlan *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->steps);
  ax_cpu_free (self->arena);
  g_free (self->nodes);
  g_free (self->shapes);
  g_free (self->holders);
  g_free (self->tensors);
  g_free (self);
}

static AxStatus
run_step (AxCpuPlan *self, AxCpuStep *step, AxEngineError *error)
{
  const gint64 start_us = ax_trace_now_us ();
  AxStatus status = ax_cpu_step_run (step, self->machine, self->scratch, error);
  const AxShape *out = &step->op.out.shape;
  ax_trace (AX_TRACE_ENGINE,
            "cpu: node %d, %s: %.2f ms, to %" G_GINT64_FORMAT
            "x%" G_GINT64_FORMAT "x%" G_GINT64_FORMAT "x%" G_GINT64_FORMAT,
            step->node, ax_cpu_step_get_way (step),
            (double)(ax_trace_now_us () - start_us) / 1000.0, out->n, out->c,
            out->h, out->w);
  return status;
}

AxStatus
ax_cpu_plan_run (AxCpuPlan *self, const AxTensorView *input,
                 const AxTensorView *outputs, AxEngineError *error)
{
  AxStatus status = AX_STATUS_OK;
  ax_cpu_tensor_read (&self->tensors[0], input, self->nodes[0].u.input.mean,
                      self->nodes[0].u.input.std, self->machine->n_threads);
  for (guint i = 0; i < self->steps->len && status == AX_STATUS_OK; i++)
    status = run_step (self, get_step (self, i), error);
  for (int i = 0; i < self->graph.n_outputs && status == AX_STATUS_OK; i++)
    ax_cpu_tensor_write (&self->tensors[self->holders[self->graph.outputs[i]]],
                         &outputs[i]);
  return status;
}
