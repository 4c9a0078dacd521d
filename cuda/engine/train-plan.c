#include "cuda/engine/train-plan.h"

#include "cuda/engine/arena.h"
#include "cuda/engine/fail.h"
#include "cuda/engine/train-loss.h"

#include <stdlib.h>
#include <string.h>

/* Nodes whose values depend on parameters, and a loss on them.  A fused RELU
 * has the same answer as what it is fused with. */
static void
find_wanted (AxCudaTrainPlan *self, const AxGraphView *graph, int32_t *leads)
{
  for (int32_t i = 0; i < self->n_losses; i++)
    leads[ax_cuda_loss_get_node (graph, &self->losses[i])] = 1;
  for (int32_t i = graph->n_nodes - 1; i > 0; i--)
    for (int32_t k = 0; k < 2; k++)
      if (leads[i] && graph->nodes[i].inputs[k] >= 0)
        leads[graph->nodes[i].inputs[k]] = 1;
  for (int32_t i = 1; i < graph->n_nodes; i++)
    {
      const AxNode *node = &graph->nodes[i];
      self->wanted[i] = node->params[0] >= 0;
      for (int32_t k = 0; k < 2; k++)
        if (node->inputs[k] >= 0)
          self->wanted[i] |= self->wanted[node->inputs[k]];
    }
  for (int32_t i = 0; i < graph->n_nodes; i++)
    self->wanted[i] &= leads[i];
}

int
ax_cuda_train_plan_wants (const AxCudaTrainPlan *self, const AxCudaStep *step,
                          int k)
{
  return step->in[k] >= 0 && step->in[k] != step->out
         && self->wanted[step->in[k]];
}

/* What the backward pass finds: of those that add to a gradient, the first one
 * puts it down. */
static void
find_begun (AxCudaTrainPlan *self, int32_t *begun)
{
  const AxCudaPlan *plan = self->plan;
  for (int32_t i = 0; i < self->n_losses; i++)
    begun[self->loss_nodes[i]] = 1;
  for (int32_t i = plan->n_steps - 1; i > 0; i--)
    for (int k = 0; k < 2; k++)
      {
        const AxCudaStep *step = &plan->steps[i];
        if (!self->wanted[step->out]
            || !ax_cuda_train_plan_wants (self, step, k))
          continue;
        self->accumulate[i][k] = begun[step->in[k]];
        begun[step->in[k]] = 1;
      }
}

/*
 * The clock of the arena: step s runs at s, the losses at the number of steps
 * S, and the backward pass of step s at 2 S - s.
 */
static void
find_lives (const AxCudaTrainPlan *self, AxCudaBlock *blocks)
{
  const AxCudaPlan *plan = self->plan;
  const int32_t n_steps = plan->n_steps;
  AxCudaBlock *gradients = blocks + plan->n_nodes;
  AxCudaBlock *extra = gradients + plan->n_nodes;
  *extra = (AxCudaBlock){ .first = n_steps, .last = 2 * n_steps };
  for (int32_t i = n_steps - 1; i >= 0; i--)
    {
      const AxCudaStep *step = &plan->steps[i];
      blocks[step->out] = (AxCudaBlock){ .bytes = plan->values[step->out].bytes,
                                         .first = i,
                                         .last = 2 * n_steps - i };
    }
  for (int32_t i = 0; i < plan->n_nodes; i++)
    if (self->wanted[i])
      gradients[i] = (AxCudaBlock){ .bytes = blocks[i].bytes,
                                    .first = blocks[i].last,
                                    .last = blocks[i].last };
  for (int32_t i = 0; i < n_steps; i++)
    for (int k = 0; k < 2; k++)
      {
        const AxCudaStep *step = &plan->steps[i];
        if (!ax_cuda_train_plan_wants (self, step, k))
          continue;
        gradients[step->in[k]].first = 2 * n_steps - i;
        if (self->accumulate[i][k] && step->kind != AX_CUDA_STEP_KERNEL
            && extra->bytes < blocks[step->in[k]].bytes)
          extra->bytes = blocks[step->in[k]].bytes;
      }
  for (int32_t i = 0; i < self->n_losses; i++)
    gradients[self->loss_nodes[i]].first = n_steps;
}

static AxStatus
place (AxCudaTrainPlan *self, AxEngineError *error)
{
  AxCudaPlan *plan = self->plan;
  const int32_t n_blocks = 2 * plan->n_nodes + 1;
  AxCudaBlock *blocks = calloc ((size_t)n_blocks, sizeof *blocks);
  int32_t *order = calloc ((size_t)n_blocks, sizeof *order);
  const int is_whole = blocks != NULL && order != NULL;
  if (is_whole)
    {
      find_lives (self, blocks);
      self->arena_bytes = ax_cuda_arena_place (blocks, n_blocks, order);
      for (int32_t i = 0; i < plan->n_nodes; i++)
        {
          plan->values[i].offset = blocks[i].offset;
          self->gradients[i] = blocks[plan->n_nodes + i].offset;
        }
      self->extra = blocks[n_blocks - 1].offset;
    }
  free (blocks);
  free (order);
  return is_whole
             ? AX_STATUS_OK
             : ax_cuda_fail_memory (error, (size_t)n_blocks * sizeof *blocks);
}

/* Gradients are made of the whole batch at once. */
static AxStatus
check_pieces (const AxCudaPlan *plan, AxEngineError *error)
{
  for (int32_t i = 0; i < plan->n_steps; i++)
    {
      const AxCudaStep *step = &plan->steps[i];
      if (step->kind != AX_CUDA_STEP_KERNEL
          && step->n_entries < plan->values[step->out].shape.n)
        return ax_cuda_fail (error, AX_STATUS_MEMORY,
                             "node %d: too large a batch to train, at most "
                             "%lld fit",
                             step->node, (long long)step->n_entries);
    }
  return AX_STATUS_OK;
}

static AxStatus
build (AxCudaTrainPlan *self, const AxGraphView *graph, AxEngineError *error)
{
  const size_t n_nodes = (size_t)graph->n_nodes;
  const size_t n_losses = (size_t)self->n_losses;
  AxStatus status = ax_cuda_loss_check (graph, self->plan->values, self->losses,
                                        self->n_losses, error);
  if (status == AX_STATUS_OK)
    status = check_pieces (self->plan, error);
  if (status != AX_STATUS_OK)
    return status;
  int32_t *scratch = calloc (2 * n_nodes, sizeof *scratch);
  self->loss_nodes = calloc (n_losses, sizeof *self->loss_nodes);
  self->temperatures = calloc (n_losses, sizeof *self->temperatures);
  self->wanted = calloc (n_nodes, sizeof *self->wanted);
  self->gradients = calloc (n_nodes, sizeof *self->gradients);
  self->accumulate
      = calloc ((size_t)self->plan->n_steps, sizeof *self->accumulate);
  if (scratch == NULL || self->loss_nodes == NULL || self->temperatures == NULL
      || self->wanted == NULL || self->gradients == NULL
      || self->accumulate == NULL)
    status = ax_cuda_fail_memory (error, n_nodes * sizeof *self->gradients);
  else
    {
      for (size_t i = 0; i < n_losses; i++)
        {
          const AxLoss *loss = &self->losses[i];
          self->loss_nodes[i]
              = self->plan->holders[ax_cuda_loss_get_node (graph, loss)];
          self->temperatures[i] = graph->nodes[graph->outputs[loss->output]]
                                      .u.softmax.temperature;
        }
      find_wanted (self, graph, scratch);
      find_begun (self, scratch + n_nodes);
      status = place (self, error);
    }
  free (scratch);
  return status;
}

AxStatus
ax_cuda_train_plan_new (const AxGraphView *graph, const AxLoss *losses,
                        int32_t n_losses, int32_t batch, int32_t height,
                        int32_t width, size_t element, AxCudaTrainPlan **plan,
                        AxEngineError *error)
{
  const size_t bytes = (size_t)n_losses * sizeof *losses;
  AxCudaTrainPlan *self = calloc (1, sizeof *self);
  if (self == NULL)
    return ax_cuda_fail_memory (error, sizeof *self);
  self->n_losses = n_losses;
  self->losses = malloc (bytes);
  AxStatus status = self->losses != NULL ? AX_STATUS_OK
                                         : ax_cuda_fail_memory (error, bytes);
  if (status == AX_STATUS_OK)
    {
      memcpy (self->losses, losses, bytes);
      status = ax_cuda_plan_new (graph, batch, height, width, 1, element,
                                 AX_CUDA_MAX_ELEMENTS, &self->plan, error);
    }
  if (status == AX_STATUS_OK)
    status = build (self, graph, error);
  if (status != AX_STATUS_OK)
    ax_cuda_train_plan_free (self);
  else
    *plan = self;
  return status;
}

void
ax_cuda_train_plan_free (AxCudaTrainPlan *self)
{
  if (self == NULL)
    return;
  ax_cuda_plan_free (self->plan);
  free (self->losses);
  free (self->loss_nodes);
  free (self->temperatures);
  free (self->wanted);
  free (self->gradients);
  free (self->accumulate);
  free (self);
}
