#include "core/nn/graph.h"

#include <string.h>

struct _AxGraph
{
  gatomicrefcount refs;
  gboolean sealed;
  GArray *nodes;  /* AxNode */
  GArray *params; /* AxGraphParam */
  AxGraphView view;
};

static const struct
{
  const char *name;
  int n_inputs;
} kinds[] = {
  [AX_NODE_INPUT] = { "input", 0 },
  [AX_NODE_CONV] = { "conv", 1 },
  [AX_NODE_CONV_TRANSPOSE] = { "conv transpose", 1 },
  [AX_NODE_MAX_POOL] = { "max pool", 1 },
  [AX_NODE_AVG_POOL] = { "avg pool", 1 },
  [AX_NODE_BATCH_NORM] = { "batch norm", 1 },
  [AX_NODE_RELU] = { "relu", 1 },
  [AX_NODE_SIGMOID] = { "sigmoid", 1 },
  [AX_NODE_SOFTMAX] = { "softmax", 1 },
  [AX_NODE_DROPOUT] = { "dropout", 1 },
  [AX_NODE_CONCAT] = { "concat", 2 },
  [AX_NODE_ADD] = { "add", 2 },
  [AX_NODE_MUL] = { "mul", 2 },
  [AX_NODE_UPSAMPLE] = { "upsample", 1 },
  [AX_NODE_CROP] = { "crop", 1 },
  [AX_NODE_CHANNEL_MEAN] = { "channel mean", 1 },
  [AX_NODE_CHANNEL_MAX] = { "channel max", 1 },
  [AX_NODE_FRAGMENT] = { "fragment", 1 },
  [AX_NODE_DEFRAGMENT] = { "defragment", 1 },
};

const char *
ax_node_kind_get_name (AxNodeKind kind)
{
  g_return_val_if_fail (kind < G_N_ELEMENTS (kinds), NULL);
  return kinds[kind].name;
}

int
ax_node_kind_get_n_inputs (AxNodeKind kind)
{
  g_return_val_if_fail (kind < G_N_ELEMENTS (kinds), 0);
  return kinds[kind].n_inputs;
}

static void
param_clear (gpointer data)
{
  AxGraphParam *param = data;
  g_free (param->name);
}

static AxGraph *
graph_new (const AxNode *input)
{
  AxGraph *self = g_new0 (AxGraph, 1);
  g_atomic_ref_count_init (&self->refs);
  self->nodes = g_array_new (FALSE, TRUE, sizeof (AxNode));
  self->params = g_array_new (FALSE, TRUE, sizeof (AxGraphParam));
  g_array_set_clear_func (self->params, param_clear);
  g_array_append_val (self->nodes, *input);
  return self;
}

static AxNode
make_node (AxNodeKind kind, int a, int b, int n_channels)
{
  return (AxNode){ .kind = kind,
                   .inputs = { a, b },
                   .params = { -1, -1, -1, -1 },
                   .n_channels = n_channels };
}

AxGraph *
ax_graph_new (const double mean[3], const double std[3])
{
  g_return_val_if_fail (mean != NULL && std != NULL, NULL);
  AxNode input = make_node (AX_NODE_INPUT, -1, -1, 3);
  for (int i = 0; i < 3; i++)
    {
      input.u.input.mean[i] = (float)mean[i];
      input.u.input.std[i] = (float)std[i];
    }
  return graph_new (&input);
}

AxGraph *
ax_graph_new_like (const AxGraph *source)
{
  g_return_val_if_fail (source != NULL, NULL);
  return graph_new (&g_array_index (source->nodes, AxNode, 0));
}

AxGraph *
ax_graph_ref (AxGraph *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
ax_graph_unref (AxGraph *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->refs))
    return;
  g_array_unref (self->nodes);
  g_array_unref (self->params);
  g_free (self);
}

static gboolean
is_node (const AxGraph *self, int node)
{
  return node >= 0 && (guint)node < self->nodes->len;
}

static int
get_n_channels (const AxGraph *self, int node)
{
  return g_array_index (self->nodes, AxNode, node).n_channels;
}

int
ax_graph_add_node (AxGraph *self, const AxNode *node)
{
  g_return_val_if_fail (self != NULL && !self->sealed && node != NULL, -1);
  for (int i = 0; i < ax_node_kind_get_n_inputs (node->kind); i++)
    g_return_val_if_fail (is_node (self, node->inputs[i]), -1);
  for (guint i = 0; i < G_N_ELEMENTS (node->params); i++)
    g_return_val_if_fail (node->params[i] < (int)self->params->len, -1);
  g_array_append_vals (self->nodes, node, 1);
  return (int)self->nodes->len - 1;
}

int
ax_graph_add_param (AxGraph *self, const AxGraphParam *param)
{
  g_return_val_if_fail (self != NULL && !self->sealed && param != NULL, -1);
  AxGraphParam copy = *param;
  copy.name = g_strdup (param->name);
  g_array_append_val (self->params, copy);
  return (int)self->params->len - 1;
}

static int
add_param (AxGraph *self, const char *prefix, const char *suffix,
           AxParamRole role, int rank, const gint64 *shape)
{
  g_autofree char *name = g_strconcat (prefix, ".", suffix, NULL);
  AxGraphParam param = { .name = name, .role = role, .rank = rank };
  memcpy (param.shape, shape, (gsize)rank * sizeof *shape);
  return ax_graph_add_param (self, &param);
}

static int
add_window_conv (AxGraph *self, int input, const char *name, int n_channels,
                 AxWindow window, gboolean bias, AxNodeKind kind)
{
  g_return_val_if_fail (self != NULL && is_node (self, input), -1);
  g_return_val_if_fail (name != NULL && n_channels > 0, -1);
  int n_in = get_n_channels (self, input);
  gboolean transposed = kind == AX_NODE_CONV_TRANSPOSE;
  gint64 shape[]
      = { transposed ? n_in : n_channels, transposed ? n_channels : n_in,
          window.kernel_h, window.kernel_w };
  AxNode node = make_node (kind, input, -1, n_channels);
  node.u.window = window;
  node.params[0] = add_param (self, name, "weight", AX_PARAM_WEIGHT, 4, shape);
  if (bias)
    node.params[1] = add_param (self, name, "bias", AX_PARAM_BIAS, 1,
                                (gint64[]){ n_channels });
  return ax_graph_add_node (self, &node);
}

int
ax_graph_add_conv (AxGraph *self, int input, const char *name, int n_channels,
                   AxWindow window, gboolean bias)
{
  return add_window_conv (self, input, name, n_channels, window, bias,
                          AX_NODE_CONV);
}

int
ax_graph_add_conv_transpose (AxGraph *self, int input, const char *name,
                             int n_channels, AxWindow window, gboolean bias)
{
  return add_window_conv (self, input, name, n_channels, window, bias,
                          AX_NODE_CONV_TRANSPOSE);
}

/* A node that keeps its input's channels. */
static AxNode
make_following (const AxGraph *self, int input, AxNodeKind kind)
{
  return make_node (kind, input, -1, get_n_channels (self, input));
}

int
ax_graph_add_pool (AxGraph *self, int input, AxNodeKind kind, AxWindow window)
{
  g_return_val_if_fail (self != NULL && is_node (self, input), -1);
  g_return_val_if_fail (kind == AX_NODE_MAX_POOL || kind == AX_NODE_AVG_POOL,
                        -1);
  AxNode node = make_following (self, input, kind);
  node.u.window = window;
  return ax_graph_add_node (self, &node);
}

int
ax_graph_add_batch_norm (AxGraph *self, int input, const char *name,
                         double epsilon)
{
  static const struct
  {
    const char *suffix;
    AxParamRole role;
  } params[] = {
    { "weight", AX_PARAM_NORM_WEIGHT },
    { "bias", AX_PARAM_NORM_BIAS },
    { "running_mean", AX_PARAM_RUNNING_MEAN },
    { "running_var", AX_PARAM_RUNNING_VAR },
  };
  g_return_val_if_fail (self != NULL && is_node (self, input), -1);
  g_return_val_if_fail (name != NULL, -1);
  AxNode node = make_following (self, input, AX_NODE_BATCH_NORM);
  node.u.batch_norm.epsilon = epsilon;
  node.u.batch_norm.momentum = 0.1;
  for (guint i = 0; i < G_N_ELEMENTS (params); i++)
    node.params[i] = add_param (self, name, params[i].suffix, params[i].role, 1,
                                (gint64[]){ node.n_channels });
  return ax_graph_add_node (self, &node);
}

int
ax_graph_add_unary (AxGraph *self, int input, AxNodeKind kind)
{
  g_return_val_if_fail (self != NULL && is_node (self, input), -1);
  gboolean reduces
      = kind == AX_NODE_CHANNEL_MEAN || kind == AX_NODE_CHANNEL_MAX;
  g_return_val_if_fail (
      reduces || kind == AX_NODE_RELU || kind == AX_NODE_SIGMOID, -1);
  AxNode node = make_following (self, input, kind);
  if (reduces)
    node.n_channels = 1;
  return ax_graph_add_node (self, &node);
}

int
ax_graph_add_softmax (AxGraph *self, int input, double temperature)
{
  g_return_val_if_fail (self != NULL && is_node (self, input), -1);
  g_return_val_if_fail (temperature > 0.0, -1);
  AxNode node = make_following (self, input, AX_NODE_SOFTMAX);
  node.u.softmax.temperature = temperature;
  return ax_graph_add_node (self, &node);
}

int
ax_graph_add_dropout (AxGraph *self, int input, double rate)
{
  g_return_val_if_fail (self != NULL && is_node (self, input), -1);
  g_return_val_if_fail (rate >= 0.0 && rate < 1.0, -1);
  AxNode node = make_following (self, input, AX_NODE_DROPOUT);
  node.u.dropout.rate = rate;
  return ax_graph_add_node (self, &node);
}

int
ax_graph_add_binary (AxGraph *self, int a, int b, AxNodeKind kind)
{
  g_return_val_if_fail (self != NULL && is_node (self, a) && is_node (self, b),
                        -1);
  g_return_val_if_fail (
      kind == AX_NODE_CONCAT || kind == AX_NODE_ADD || kind == AX_NODE_MUL, -1);
  int n_a = get_n_channels (self, a);
  int n_b = get_n_channels (self, b);
  AxNode node = make_node (kind, a, b,
                           kind == AX_NODE_CONCAT ? n_a + n_b : MAX (n_a, n_b));
  return ax_graph_add_node (self, &node);
}

int
ax_graph_add_upsample (AxGraph *self, int input, int factor)
{
  g_return_val_if_fail (self != NULL && is_node (self, input), -1);
  g_return_val_if_fail (factor > 0, -1);
  AxNode node = make_following (self, input, AX_NODE_UPSAMPLE);
  node.u.upsample.factor = factor;
  return ax_graph_add_node (self, &node);
}

int
ax_graph_add_crop (AxGraph *self, int input, int top, int bottom, int left,
                   int right)
{
  g_return_val_if_fail (self != NULL && is_node (self, input), -1);
  g_return_val_if_fail (MIN (MIN (top, bottom), MIN (left, right)) >= 0, -1);
  AxNode node = make_following (self, input, AX_NODE_CROP);
  node.u.crop.top = top;
  node.u.crop.bottom = bottom;
  node.u.crop.left = left;
  node.u.crop.right = right;
  return ax_graph_add_node (self, &node);
}

int
ax_graph_add_fragment (AxGraph *self, int input)
{
  g_return_val_if_fail (self != NULL && is_node (self, input), -1);
  AxNode node = make_following (self, input, AX_NODE_FRAGMENT);
  return ax_graph_add_node (self, &node);
}

int
ax_graph_add_defragment (AxGraph *self, int input, int depth)
{
  g_return_val_if_fail (self != NULL && is_node (self, input), -1);
  g_return_val_if_fail (depth > 0 && depth < 16, -1);
  AxNode node = make_following (self, input, AX_NODE_DEFRAGMENT);
  node.u.defragment.depth = depth;
  return ax_graph_add_node (self, &node);
}

void
ax_graph_add_output (AxGraph *self, int node)
{
  g_return_if_fail (self != NULL && !self->sealed && is_node (self, node));
  g_return_if_fail (self->view.n_outputs < AX_MAX_OUTPUTS);
  self->view.outputs[self->view.n_outputs++] = node;
}

void
ax_graph_seal (AxGraph *self)
{
  g_return_if_fail (self != NULL && !self->sealed);
  g_return_if_fail (self->view.n_outputs > 0);
  self->view.n_nodes = (gint32)self->nodes->len;
  self->view.nodes = &g_array_index (self->nodes, AxNode, 0);
  self->view.n_params = (gint32)self->params->len;
  self->sealed = TRUE;
}

const AxGraphView *
ax_graph_get_view (const AxGraph *self)
{
  g_return_val_if_fail (self != NULL && self->sealed, NULL);
  return &self->view;
}

guint
ax_graph_get_n_params (const AxGraph *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->params->len;
}

const AxGraphParam *
ax_graph_get_param (const AxGraph *self, guint index)
{
  g_return_val_if_fail (self != NULL && index < self->params->len, NULL);
  return &g_array_index (self->params, AxGraphParam, index);
}
