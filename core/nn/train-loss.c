#include "core/nn/train-loss.h"

#include "core/nn/tensor.h"

#include <math.h>

int
ax_train_loss_get_node (const AxGraphView *graph, const AxLoss *loss)
{
  const int node = graph->outputs[loss->output];
  return loss->kind == AX_LOSS_CROSS_ENTROPY ? graph->nodes[node].inputs[0]
                                             : node;
}

static gint64
get_volume (const AxShape *shape)
{
  return shape->c * shape->h * shape->w;
}

static double
get_entry_weight (const float *entry_weights, gint64 n)
{
  return entry_weights != NULL ? (double)entry_weights[n] : 1.0;
}

/*
 * Of one cell, whose channel 0 @values and @d_values point at: with
 * p = softmax (values / temperature), -log p[target], and its gradient
 * (p - [c == target]) / temperature times @share.
 */
static double
entropy_cell (const double *values, gint64 n_channels, gint64 step,
              double temperature, gint32 target, double share, double *d_values)
{
  double max = values[0];
  double sum = 0.0;
  for (gint64 c = 1; c < n_channels; c++)
    max = MAX (max, values[c * step]);
  for (gint64 c = 0; c < n_channels; c++)
    sum += exp ((values[c * step] - max) / temperature);
  for (gint64 c = 0; c < n_channels; c++)
    {
      const double p = exp ((values[c * step] - max) / temperature) / sum;
      d_values[c * step] += share * (p - (c == target)) / temperature;
    }
  return log (sum) - (values[target * step] - max) / temperature;
}

static double
run_cross_entropy (const AxShape *shape, const double *values,
                   double temperature, double weight,
                   const AxTensorView *target, const float *entry_weights,
                   double *d_values)
{
  const gint32 *classes = target->data;
  const gint64 plane = shape->h * shape->w;
  gint64 n_counted = 0;
  double sum = 0.0;
  for (gint64 i = 0; i < shape->n * plane; i++)
    n_counted += classes[i] >= 0;
  for (gint64 i = 0; i < shape->n * plane; i++)
    {
      const gint64 n = i / plane;
      const gint64 place = n * get_volume (shape) + i % plane;
      const double share
          = weight * get_entry_weight (entry_weights, n) / (double)n_counted;
      if (classes[i] >= 0)
        sum += share
               * entropy_cell (values + place, shape->c, plane, temperature,
                               classes[i], share, d_values + place);
    }
  return sum;
}

static double
run_smooth_l1 (const AxShape *shape, const double *values, double weight,
               const AxTensorView *target, const float *entry_weights,
               double *d_values)
{
  const gint64 volume = get_volume (shape);
  double sum = 0.0;
  for (gint64 i = 0; i < shape->n * volume; i++)
    {
      const double d = values[i] - ax_tensor_view_get (target, i);
      const double share = weight * get_entry_weight (entry_weights, i / volume)
                           / (double)(shape->n * volume);
      sum += share * (fabs (d) < 1.0 ? 0.5 * d * d : fabs (d) - 0.5);
      d_values[i] += share * CLAMP (d, -1.0, 1.0);
    }
  return sum;
}

double
ax_train_loss_run (const AxGraphView *graph, const AxLoss *loss,
                   const AxShape *shape, const double *values,
                   const AxTensorView *target, const float *entry_weights,
                   double *d_values)
{
  const AxNode *output = &graph->nodes[graph->outputs[loss->output]];
  if (loss->kind == AX_LOSS_CROSS_ENTROPY)
    return run_cross_entropy (shape, values, output->u.softmax.temperature,
                              loss->weight, target, entry_weights, d_values);
  return run_smooth_l1 (shape, values, loss->weight, target, entry_weights,
                        d_values);
}

gboolean *
ax_train_find_wanted (const AxGraphView *graph, const AxLoss *losses,
                      int n_losses)
{
  gboolean *wanted = g_new0 (gboolean, (gsize)graph->n_nodes);
  g_autofree gboolean *leads = g_new0 (gboolean, (gsize)graph->n_nodes);
  for (int i = 0; i < n_losses; i++)
    leads[ax_train_loss_get_node (graph, &losses[i])] = TRUE;
  for (int i = graph->n_nodes - 1; i > 0; i--)
    for (int k = 0; k < 2; k++)
      if (leads[i] && graph->nodes[i].inputs[k] >= 0)
        leads[graph->nodes[i].inputs[k]] = TRUE;
  for (int i = 1; i < graph->n_nodes; i++)
    {
      const AxNode *node = &graph->nodes[i];
      gboolean depends = node->params[0] >= 0;
      for (int k = 0; k < 2; k++)
        depends |= node->inputs[k] >= 0 && wanted[node->inputs[k]];
      wanted[i] = depends;
    }
  for (int i = 0; i < graph->n_nodes; i++)
    wanted[i] &= leads[i];
  return wanted;
}

gboolean *
ax_train_find_trained (const AxGraphView *graph)
{
  gboolean *trained = g_new (gboolean, (gsize)graph->n_params);
  for (int i = 0; i < graph->n_params; i++)
    trained[i] = TRUE;
  for (int i = 0; i < graph->n_nodes; i++)
    if (graph->nodes[i].kind == AX_NODE_BATCH_NORM)
      trained[graph->nodes[i].params[2]] = trained[graph->nodes[i].params[3]]
          = FALSE;
  return trained;
}

static const char *
find_fault (const AxNode *node, const AxShape *shape)
{
  switch (node->kind)
    {
    case AX_NODE_FRAGMENT:
    case AX_NODE_DEFRAGMENT:
      return "it is made for detection and cannot be trained";
    case AX_NODE_BATCH_NORM:
      return shape->n * shape->h * shape->w > 1
                 ? NULL
                 : "in training it needs more than one value of a channel";
    default:
      return NULL;
    }
}

AxStatus
ax_train_check (const AxGraphView *graph, const AxShape *shapes,
                const AxLoss *losses, int n_losses, AxEngineError *error)
{
  for (int i = 1; i < graph->n_nodes; i++)
    {
      const char *fault = find_fault (&graph->nodes[i], &shapes[i]);
      if (fault == NULL)
        continue;
      g_snprintf (error->message, sizeof error->message, "node %d (%s): %s", i,
                  ax_node_kind_get_name (graph->nodes[i].kind), fault);
      return AX_STATUS_UNSUPPORTED;
    }
  for (int i = 0; i < n_losses; i++)
    {
      const AxNode *output = &graph->nodes[graph->outputs[losses[i].output]];
      if (losses[i].kind != AX_LOSS_CROSS_ENTROPY
          || output->kind == AX_NODE_SOFTMAX)
        continue;
      g_snprintf (error->message, sizeof error->message,
                  "loss %d: a cross entropy of a %s, where it needs a softmax",
                  i, ax_node_kind_get_name (output->kind));
      return AX_STATUS_ARGUMENT;
    }
  return AX_STATUS_OK;
}
