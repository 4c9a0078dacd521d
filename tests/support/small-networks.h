#pragma once

#include "core/models/attention.h"
#include "core/models/unet.h"
#include "core/nn/weights.h"

#include <math.h>

/*
 * Small members of the families, with parameters and inputs that a formula
 * gives, so that tests/golden/networks.py has the same.
 */

static const AxUnetArch small_unet
    = { .depth = 2, .width = 4, .dropout = 0.0, .n_classes = 2 };

static const AxAttentionArch small_attention = { .n_blocks = 2,
                                                 .n_convs = { 1, 2 },
                                                 .widths = { 6, 8 },
                                                 .attention = { 1, 1 },
                                                 .reduction = 2,
                                                 .head = 10,
                                                 .n_classes = 2 };

/** Of small_attention: 18 -> 16 |8| 6 4 |2| 1. */
#define SMALL_ATTENTION_FIELD 18
#define SMALL_ATTENTION_STRIDE 4

static const double small_mean[3] = { 0, 0, 0 }, small_std[3] = { 1, 1, 1 };

static inline AxGraph *
small_unet_build (void)
{
  return ax_unet_build (&small_unet, small_mean, small_std, 1.0);
}

static inline AxGraph *
small_attention_build (void)
{
  return ax_attention_build (&small_attention, small_mean, small_std, 1.0);
}

/** The same graph without dropout, of which PyTorch's differs. */
static inline AxGraph *
small_drop_dropout (AxGraph *source)
{
  const AxGraphView *view = ax_graph_get_view (source);
  AxGraph *graph = ax_graph_new_like (source);
  g_autofree int *places = g_new0 (int, (gsize)view->n_nodes);
  for (guint i = 0; i < ax_graph_get_n_params (source); i++)
    ax_graph_add_param (graph, ax_graph_get_param (source, i));
  for (int i = 1; i < view->n_nodes; i++)
    {
      AxNode node = view->nodes[i];
      for (int k = 0; k < 2; k++)
        if (node.inputs[k] >= 0)
          node.inputs[k] = places[node.inputs[k]];
      places[i] = node.kind == AX_NODE_DROPOUT
                      ? node.inputs[0]
                      : ax_graph_add_node (graph, &node);
    }
  for (int i = 0; i < view->n_outputs; i++)
    ax_graph_add_output (graph, places[view->outputs[i]]);
  ax_graph_seal (graph);
  return graph;
}

static inline double
small_value (const AxGraphParam *param, guint index, gint64 count, gint64 i)
{
  const double wave = sin (1.0 + 0.7 * index + 12.9898 * (double)i);
  switch (param->role)
    {
    case AX_PARAM_WEIGHT:
      return 2.0 * wave * sqrt ((double)param->shape[0] / (double)count);
    case AX_PARAM_NORM_WEIGHT:
      return 1.0 + 0.3 * wave;
    case AX_PARAM_RUNNING_VAR:
      return 1.0 + 0.5 * wave;
    default:
      return 0.2 * wave;
    }
}

/** (transfer full). */
static inline AxWeights *
small_weights_new (const AxGraph *graph)
{
  AxWeights *weights = ax_weights_new ();
  for (guint p = 0; p < ax_graph_get_n_params (graph); p++)
    {
      const AxGraphParam *param = ax_graph_get_param (graph, p);
      AxTensorView *view = ax_weights_add (weights, param->name, AX_DTYPE_F64,
                                           param->rank, param->shape, NULL);
      gint64 count = 1;
      for (int i = 0; i < param->rank; i++)
        count *= param->shape[i];
      for (gint64 i = 0; i < count; i++)
        ((double *)view->data)[i] = small_value (param, p, count, i);
    }
  return weights;
}

/** Value @i of an input, in row-major order. */
static inline double
small_input (gint64 i)
{
  return sin (0.9 + 0.21 * (double)i) + 0.5 * sin (7.3 * (double)i);
}
