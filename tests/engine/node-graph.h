#pragma once

#include "core/base/rng.h"
#include "core/nn/graph.h"
#include "core/nn/weights.h"

#include <math.h>

#define WEIGHTS_SEED 20

/**
 * NodeCase: one node of @kind on (n, n_in, h, w), the channels made of the
 * image by a 1x1 convolution unless they are three.
 */
typedef enum
{
  FOLLOWED_BY_NOTHING,
  FOLLOWED_BY_RELU,
  FOLLOWED_BY_RELU_AND_OTHER, /* the node is read by two */
  FOLLOWED_BY_RELU_AND_POOL,
  FOLLOWED_BY_OUTPUT_RELU, /* an output, and a pool that reads it */
  FOLLOWED_BY_SIGMOID,
} Followers;

typedef struct
{
  AxNodeKind kind;
  int n, n_in, h, w;
  int n_out; /* of convolutions */
  AxWindow window;
  Followers followers;
  int number; /* factor of UPSAMPLE, depth of DEFRAGMENT */
  int other_channels;
  gboolean other_side_is_1; /* h == w then */
} NodeCase;

/** (transfer full): a name for the test's path. */
static inline char *
describe_node_case (const NodeCase *c)
{
  return g_strdup_printf (
      "%d-%dx%dx%dx%d-%d+%d-%dx%d-s%d-d%d-p%d-%d-%d-%d", c->kind, c->n, c->n_in,
      c->h, c->w, c->n_out, c->other_channels, c->window.kernel_h,
      c->window.kernel_w, c->window.stride, c->window.dilation, c->window.pad,
      c->number, c->followers, c->other_side_is_1);
}

/** (transfer full): random ones, that keep values from growing. */
static inline AxWeights *
make_weights (const AxGraph *graph)
{
  AxWeights *weights = ax_weights_new ();
  for (guint p = 0; p < ax_graph_get_n_params (graph); p++)
    {
      const AxGraphParam *param = ax_graph_get_param (graph, p);
      AxTensorView *view = ax_weights_add (weights, param->name, AX_DTYPE_F32,
                                           param->rank, param->shape, NULL);
      AxRng rng = ax_rng_init (WEIGHTS_SEED, p);
      gint64 count;
      g_assert_true (ax_tensor_view_count (view, &count));
      const double scale = sqrt (2.0 * (double)param->shape[0] / (double)count);
      for (gint64 i = 0; i < count; i++)
        ((float *)view->data)[i]
            = (float)(param->role == AX_PARAM_WEIGHT
                          ? scale * ax_rng_normal (&rng)
                      : param->role == AX_PARAM_RUNNING_VAR
                              || param->role == AX_PARAM_NORM_WEIGHT
                          ? ax_rng_range (&rng, 0.5, 1.5)
                          : ax_rng_range (&rng, -0.5, 0.5));
    }
  return weights;
}

static inline AxGraph *
make_graph (void)
{
  const double mean[3] = { 0.485, 0.456, 0.406 };
  const double std[3] = { 0.229, 0.224, 0.225 };
  return ax_graph_new (mean, std);
}

static inline int
widen (AxGraph *graph, int input, int n_channels, const char *name)
{
  return ax_graph_add_conv (graph, input, name, n_channels,
                            (AxWindow){ 1, 1, 1, 1, 0 }, TRUE);
}

/* The second input of a node of two: of the channels and sides that the case
 * wants. */
static inline int
add_other (AxGraph *graph, int first, const NodeCase *c)
{
  if (c->other_side_is_1)
    {
      const int side = MAX (c->h, c->w);
      first = ax_graph_add_pool (graph, 0, AX_NODE_AVG_POOL,
                                 (AxWindow){ side, side, side, 1, side / 2 });
      g_assert_cmpint (c->h, ==, c->w);
    }
  return widen (graph, c->other_side_is_1 ? first : 0, c->other_channels,
                "other");
}

/** The case's own node, on @input. */
static inline int
add_node (AxGraph *graph, int input, const NodeCase *c)
{
  switch (c->kind)
    {
    case AX_NODE_CONV:
      return ax_graph_add_conv (graph, input, "layer", c->n_out, c->window,
                                c->n_out % 2 == 0);
    case AX_NODE_CONV_TRANSPOSE:
      return ax_graph_add_conv_transpose (graph, input, "layer", c->n_out,
                                          c->window, c->n_out % 2 == 0);
    case AX_NODE_MAX_POOL:
    case AX_NODE_AVG_POOL:
      return ax_graph_add_pool (graph, input, c->kind, c->window);
    case AX_NODE_BATCH_NORM:
      return ax_graph_add_batch_norm (graph, input, "layer", 1e-5);
    case AX_NODE_SOFTMAX:
      return ax_graph_add_softmax (graph, input, 1.5);
    case AX_NODE_DROPOUT:
      return ax_graph_add_dropout (graph, input, 0.5);
    case AX_NODE_CONCAT:
    case AX_NODE_ADD:
    case AX_NODE_MUL:
      return ax_graph_add_binary (graph, input, add_other (graph, input, c),
                                  c->kind);
    case AX_NODE_UPSAMPLE:
      return ax_graph_add_upsample (graph, input, c->number);
    case AX_NODE_CROP:
      return ax_graph_add_crop (graph, input, 1, 2, 0, 3);
    case AX_NODE_FRAGMENT:
      return ax_graph_add_fragment (graph, input);
    case AX_NODE_DEFRAGMENT:
      for (int i = 0; i < c->number; i++)
        input = ax_graph_add_fragment (graph, input);
      return ax_graph_add_defragment (graph, input, c->number);
    default:
      return ax_graph_add_unary (graph, input, c->kind);
    }
}

/** What follows the node, and may be fused with it. */
static inline int
add_followers (AxGraph *graph, int node, Followers followers)
{
  if (followers == FOLLOWED_BY_NOTHING)
    return node;
  if (followers == FOLLOWED_BY_SIGMOID)
    return ax_graph_add_unary (graph, node, AX_NODE_SIGMOID);
  const int relu = ax_graph_add_unary (graph, node, AX_NODE_RELU);
  if (followers == FOLLOWED_BY_RELU_AND_OTHER)
    return ax_graph_add_binary (graph, relu, node, AX_NODE_ADD);
  if (followers == FOLLOWED_BY_RELU)
    return relu;
  if (followers == FOLLOWED_BY_OUTPUT_RELU)
    ax_graph_add_output (graph, relu);
  return ax_graph_add_pool (graph, relu, AX_NODE_MAX_POOL,
                            (AxWindow){ 2, 2, 2, 1, 0 });
}
