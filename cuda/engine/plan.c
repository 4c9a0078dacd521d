#include "cuda/engine/plan.h"

#include "cuda/engine/arena.h"
#include "cuda/engine/fail.h"
#include "cuda/engine/shape.h"

#include <stdlib.h>
#include <string.h>

/* While a plan is made. */
typedef struct
{
  AxCudaPlan *plan;
  AxGraphView graph;
  AxCudaShape *shapes; /* per node */
  int32_t *holders;    /* the plan's, -1: none yet */
  AxCudaBlock *blocks; /* per node */
  int32_t *order;
  int64_t max_elements;
  size_t element;
  int training;
} Maker;

/* Kernels of nodes that are one step each. */
static const AxCudaKernel node_kernels[] = {
  [AX_NODE_MAX_POOL] = AX_CUDA_MAX_POOL,
  [AX_NODE_AVG_POOL] = AX_CUDA_AVG_POOL,
  [AX_NODE_BATCH_NORM] = AX_CUDA_AFFINE,
  [AX_NODE_RELU] = AX_CUDA_RELU,
  [AX_NODE_SIGMOID] = AX_CUDA_SIGMOID,
  [AX_NODE_SOFTMAX] = AX_CUDA_SOFTMAX,
  [AX_NODE_DROPOUT] = AX_CUDA_DROPOUT,
  [AX_NODE_CONCAT] = AX_CUDA_CONCAT,
  [AX_NODE_ADD] = AX_CUDA_ADD,
  [AX_NODE_MUL] = AX_CUDA_MUL,
  [AX_NODE_UPSAMPLE] = AX_CUDA_UPSAMPLE,
  [AX_NODE_CROP] = AX_CUDA_CROP,
  [AX_NODE_CHANNEL_MEAN] = AX_CUDA_CHANNEL_MEAN,
  [AX_NODE_CHANNEL_MAX] = AX_CUDA_CHANNEL_MAX,
  [AX_NODE_FRAGMENT] = AX_CUDA_FRAGMENT,
  [AX_NODE_DEFRAGMENT] = AX_CUDA_DEFRAGMENT,
};

/* The RELU that alone reads @index, or -1; an output is read too. */
static int32_t
find_relu (const AxGraphView *graph, int32_t index)
{
  int32_t n_readers = 0, reader = -1;
  for (int32_t i = index + 1; i < graph->n_nodes; i++)
    for (int32_t k = 0; k < 2; k++)
      if (graph->nodes[i].inputs[k] == index)
        {
          reader = i;
          n_readers++;
        }
  for (int32_t i = 0; i < graph->n_outputs; i++)
    n_readers += graph->outputs[i] == index;
  return n_readers == 1 && reader >= 0
                 && graph->nodes[reader].kind == AX_NODE_RELU
             ? reader
             : -1;
}

static int
can_take_relu (const AxNode *node)
{
  return node->kind == AX_NODE_CONV || node->kind == AX_NODE_CONV_TRANSPOSE
         || node->kind == AX_NODE_BATCH_NORM;
}

/* The most entries of the batch that divide it into equal pieces of which no
 * tensor has too many elements; 0: not even one entry. */
static int64_t
count_entries (const Maker *maker, const AxCudaShape *in,
               const AxCudaShape *out)
{
  const int64_t n_in = ax_cuda_shape_count (in) / in->n;
  const int64_t n_out = ax_cuda_shape_count (out) / out->n;
  const int64_t largest = n_in > n_out ? n_in : n_out;
  for (int64_t n_pieces = 1; n_pieces <= in->n; n_pieces++)
    if (in->n % n_pieces == 0
        && in->n / n_pieces <= maker->max_elements / largest)
      return in->n / n_pieces;
  return 0;
}

static AxCudaStep *
append_step (Maker *maker, AxCudaStepKind kind, int32_t node)
{
  AxCudaStep *step = &maker->plan->steps[maker->plan->n_steps++];
  *step = (AxCudaStep){ .kind = (int32_t)kind,
                        .node = node,
                        .in = { -1, -1 },
                        .out = maker->holders[node] };
  for (int32_t k = 0; k < 2; k++)
    if (maker->graph.nodes[node].inputs[k] >= 0)
      step->in[k] = maker->holders[maker->graph.nodes[node].inputs[k]];
  return step;
}

static AxStatus
add_conv (Maker *maker, int32_t index, int32_t relu, AxEngineError *error)
{
  const AxNode *node = &maker->graph.nodes[index];
  const int transpose = node->kind == AX_NODE_CONV_TRANSPOSE;
  AxCudaStep *step = append_step (
      maker, transpose ? AX_CUDA_STEP_CONV_TRANSPOSE : AX_CUDA_STEP_CONV,
      index);
  step->n_entries = count_entries (maker, &maker->shapes[node->inputs[0]],
                                   &maker->shapes[index]);
  step->relu = relu && !transpose;
  if (step->n_entries == 0)
    return ax_cuda_fail (error, AX_STATUS_MEMORY,
                         "node %d: a tensor of more than %lld elements", index,
                         (long long)maker->max_elements);
  if (!transpose)
    return AX_STATUS_OK;
  AxCudaStep *bias = append_step (maker, AX_CUDA_STEP_KERNEL, index);
  bias->kernel = AX_CUDA_AFFINE;
  bias->in[0] = bias->out;
  bias->relu = relu;
  return AX_STATUS_OK;
}

static AxStatus
add_node (Maker *maker, int32_t index, AxEngineError *error)
{
  const AxNode *node = &maker->graph.nodes[index];
  int32_t relu = -1;
  if (maker->holders[index] >= 0)
    return AX_STATUS_OK; /* fused with an earlier one */
  if (node->kind == AX_NODE_DROPOUT && !maker->training)
    {
      maker->holders[index] = maker->holders[node->inputs[0]];
      return AX_STATUS_OK;
    }
  if (can_take_relu (node))
    relu = find_relu (&maker->graph, index);
  maker->holders[index] = relu < 0 ? index : relu;
  if (relu >= 0)
    maker->holders[relu] = relu;
  if (node->kind == AX_NODE_CONV || node->kind == AX_NODE_CONV_TRANSPOSE)
    return add_conv (maker, index, relu >= 0, error);
  AxCudaStep *step = append_step (maker, AX_CUDA_STEP_KERNEL, index);
  step->kernel = (int32_t)node_kernels[node->kind];
  step->relu = relu >= 0;
  return AX_STATUS_OK;
}

static AxStatus
add_steps (Maker *maker, AxEngineError *error)
{
  AxStatus status = AX_STATUS_OK;
  memset (maker->holders, -1,
          (size_t)maker->graph.n_nodes * sizeof *maker->holders);
  maker->holders[0] = 0;
  append_step (maker, AX_CUDA_STEP_KERNEL, 0)->kernel = AX_CUDA_INPUT_RGB;
  for (int32_t i = 1; i < maker->graph.n_nodes && status == AX_STATUS_OK; i++)
    status = add_node (maker, i, error);
  return status;
}

/* From the step that first writes a value to the last that reads it; outputs
 * are read when all steps are done. */
static void
find_lives (Maker *maker)
{
  const AxCudaPlan *plan = maker->plan;
  for (int32_t i = plan->n_steps - 1; i >= 0; i--)
    {
      const int32_t out = plan->steps[i].out;
      AxCudaBlock *block = &maker->blocks[out];
      if (block->bytes == 0)
        block->last = i;
      block->first = i;
      block->bytes
          = (size_t)ax_cuda_shape_count (&maker->shapes[out]) * maker->element;
    }
  for (int32_t i = 0; i < plan->n_steps; i++)
    for (int32_t k = 0; k < 2; k++)
      if (plan->steps[i].in[k] >= 0)
        maker->blocks[plan->steps[i].in[k]].last = i;
  for (int32_t i = 0; i < plan->n_outputs; i++)
    maker->blocks[plan->outputs[i]].last = plan->n_steps;
}

static void
place_values (Maker *maker)
{
  AxCudaPlan *plan = maker->plan;
  for (int32_t i = 0; i < plan->n_outputs; i++)
    plan->outputs[i] = maker->holders[maker->graph.outputs[i]];
  find_lives (maker);
  if (!maker->training)
    plan->arena_bytes
        = ax_cuda_arena_place (maker->blocks, plan->n_nodes, maker->order);
  for (int32_t i = 0; i < plan->n_nodes; i++)
    plan->values[i] = (AxCudaValue){ .shape = maker->shapes[i],
                                     .offset = maker->blocks[i].offset,
                                     .bytes = maker->blocks[i].bytes };
}

static AxStatus
make (Maker *maker, AxEngineError *error)
{
  AxStatus status = ax_cuda_shape_infer (&maker->graph, maker->shapes, error);
  if (status == AX_STATUS_OK)
    status = add_steps (maker, error);
  if (status == AX_STATUS_OK)
    place_values (maker);
  return status;
}

/* All that a plan of @n_nodes needs while it is made and after. */
static int
allocate (Maker *maker, size_t n_nodes)
{
  AxCudaPlan *plan = maker->plan;
  plan->nodes = calloc (n_nodes, sizeof *plan->nodes);
  plan->steps = calloc (2 * n_nodes, sizeof *plan->steps);
  plan->values = calloc (n_nodes, sizeof *plan->values);
  maker->shapes = calloc (n_nodes, sizeof *maker->shapes);
  maker->holders = plan->holders = calloc (n_nodes, sizeof *plan->holders);
  maker->blocks = calloc (n_nodes, sizeof *maker->blocks);
  maker->order = calloc (n_nodes, sizeof *maker->order);
  return plan->nodes && plan->steps && plan->values && maker->shapes
         && maker->holders && maker->blocks && maker->order;
}

AxStatus
ax_cuda_plan_new (const AxGraphView *graph, int32_t batch, int32_t height,
                  int32_t width, int training, size_t element,
                  int64_t max_elements, AxCudaPlan **plan, AxEngineError *error)
{
  const size_t n_nodes = (size_t)graph->n_nodes;
  AxCudaPlan *self = calloc (1, sizeof *self);
  if (self == NULL)
    return ax_cuda_fail_memory (error, sizeof *self);
  Maker maker = { .plan = self,
                  .graph = *graph,
                  .max_elements = max_elements,
                  .element = element,
                  .training = training };
  AxStatus status = AX_STATUS_OK;
  if (!allocate (&maker, n_nodes))
    status = ax_cuda_fail_memory (error, n_nodes * sizeof *self->nodes);
  else
    {
      memcpy (self->nodes, graph->nodes, n_nodes * sizeof *self->nodes);
      self->n_nodes = graph->n_nodes;
      self->n_outputs = graph->n_outputs;
      maker.shapes[0]
          = (AxCudaShape){ batch, graph->nodes[0].n_channels, height, width };
      status = make (&maker, error);
    }
  free (maker.shapes);
  free (maker.blocks);
  free (maker.order);
  if (status != AX_STATUS_OK)
    ax_cuda_plan_free (self);
  else
    *plan = self;
  return status;
}

void
ax_cuda_plan_free (AxCudaPlan *self)
{
  if (self == NULL)
    return;
  free (self->nodes);
  free (self->steps);
  free (self->values);
  free (self->holders);
  free (self);
}

AxCudaCall
ax_cuda_plan_get_call (const AxCudaPlan *self, const AxCudaStep *step)
{
  AxCudaCall call = { .kernel = step->kernel,
                      .relu = step->relu,
                      .node = self->nodes[step->node],
                      .out = self->values[step->out].shape };
  if (step->in[0] >= 0)
    call.a = self->values[step->in[0]].shape;
  if (step->in[1] >= 0)
    call.b = self->values[step->in[1]].shape;
  return call;
}
