#include "cuda/engine/train-loss.h"

#include "cuda/engine/fail.h"

#include <math.h>

int32_t
ax_cuda_loss_get_node (const AxGraphView *graph, const AxLoss *loss)
{
  const int32_t node = graph->outputs[loss->output];
  return loss->kind == AX_LOSS_CROSS_ENTROPY ? graph->nodes[node].inputs[0]
                                             : node;
}

static double
get_entry_weight (const float *entry_weights, int64_t n)
{
  return entry_weights != NULL ? (double)entry_weights[n] : 1.0;
}

/* Of one cell, with p = softmax (values / temperature), -log p[target]; its
 * gradient is (p - [c == target]) / temperature times @share. */
static double
entropy_cell (const float *values, int64_t n_channels, int64_t step,
              double temperature, int32_t target, double share,
              double *d_values)
{
  double max = (double)values[0];
  double sum = 0.0;
  for (int64_t c = 1; c < n_channels; c++)
    max = fmax (max, (double)values[c * step]);
  for (int64_t c = 0; c < n_channels; c++)
    sum += exp (((double)values[c * step] - max) / temperature);
  for (int64_t c = 0; c < n_channels; c++)
    {
      const double p
          = exp (((double)values[c * step] - max) / temperature) / sum;
      d_values[c * step] += share * (p - (c == target)) / temperature;
    }
  return log (sum) - ((double)values[target * step] - max) / temperature;
}

static double
run_cross_entropy (const AxLoss *loss, double temperature, const AxCudaShape *s,
                   const float *values, const int32_t *classes,
                   const float *entry_weights, double *d_values)
{
  const int64_t plane = s->h * s->w;
  int64_t n_counted = 0;
  double sum = 0.0;
  for (int64_t i = 0; i < s->n * plane; i++)
    n_counted += classes[i] >= 0;
  for (int64_t i = 0; i < s->n * plane; i++)
    {
      const int64_t n = i / plane;
      const int64_t place = n * s->c * plane + i % plane;
      const double share = loss->weight * get_entry_weight (entry_weights, n)
                           / (double)n_counted;
      if (classes[i] >= 0)
        sum += share
               * entropy_cell (values + place, s->c, plane, temperature,
                               classes[i], share, d_values + place);
    }
  return sum;
}

static double
get_target (const AxTensorView *view, int64_t index)
{
  return view->dtype == AX_DTYPE_F64
             ? ((const double *)view->data)[index]
             : (double)((const float *)view->data)[index];
}

static double
run_smooth_l1 (const AxLoss *loss, const AxCudaShape *s, const float *values,
               const AxTensorView *target, const float *entry_weights,
               double *d_values)
{
  const int64_t count = ax_cuda_shape_count_plain (s);
  double sum = 0.0;
  for (int64_t i = 0; i < count; i++)
    {
      const double d = (double)values[i] - get_target (target, i);
      const double share
          = loss->weight * get_entry_weight (entry_weights, i / (count / s->n))
            / (double)count;
      sum += share * (fabs (d) < 1.0 ? 0.5 * d * d : fabs (d) - 0.5);
      d_values[i] += share * fmax (-1.0, fmin (d, 1.0));
    }
  return sum;
}

double
ax_cuda_loss_run (const AxLoss *loss, double temperature,
                  const AxCudaShape *shape, const float *values,
                  const AxTensorView *target, const float *entry_weights,
                  double *d_values)
{
  if (loss->kind == AX_LOSS_CROSS_ENTROPY)
    return run_cross_entropy (loss, temperature, shape, values, target->data,
                              entry_weights, d_values);
  return run_smooth_l1 (loss, shape, values, target, entry_weights, d_values);
}

static int
is_shared (const AxGraphView *graph, int32_t node, int32_t param)
{
  int32_t n_owners = 0;
  for (int32_t i = 0; i <= node; i++)
    for (int32_t k = 0; k < 4; k++)
      n_owners += graph->nodes[i].params[k] == param;
  return n_owners > 1;
}

static const char *
find_fault (const AxGraphView *graph, int32_t index, const AxCudaShape *shape)
{
  const AxNode *node = &graph->nodes[index];
  if (node->kind == AX_NODE_FRAGMENT || node->kind == AX_NODE_DEFRAGMENT)
    return "it is made for detection and cannot be trained";
  if (node->kind == AX_NODE_BATCH_NORM && shape->n * shape->h * shape->w < 2)
    return "in training it needs more than one value of a channel";
  for (int32_t k = 0; k < 4; k++)
    if (node->params[k] >= 0 && is_shared (graph, index, node->params[k]))
      return "it shares a parameter, which cannot be trained";
  return NULL;
}

AxStatus
ax_cuda_loss_check (const AxGraphView *graph, const AxCudaValue *values,
                    const AxLoss *losses, int32_t n_losses,
                    AxEngineError *error)
{
  for (int32_t i = 1; i < graph->n_nodes; i++)
    {
      const char *fault = find_fault (graph, i, &values[i].shape);
      if (fault != NULL)
        return ax_cuda_fail (error, AX_STATUS_UNSUPPORTED, "node %d: %s", i,
                             fault);
    }
  for (int32_t i = 0; i < n_losses; i++)
    if (losses[i].kind == AX_LOSS_CROSS_ENTROPY
        && graph->nodes[graph->outputs[losses[i].output]].kind
               != AX_NODE_SOFTMAX)
      return ax_cuda_fail (error, AX_STATUS_ARGUMENT,
                           "loss %d: a cross entropy needs a softmax", i);
  return AX_STATUS_OK;
}
