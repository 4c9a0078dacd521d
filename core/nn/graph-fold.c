#include "core/nn/graph-fold.h"

#include "core/base/error.h"

#include <math.h>
#include <string.h>

static const char *
get_file (const AxWeights *weights)
{
  const char *path = ax_weights_get_path (weights);
  return path ? path : "weights";
}

gboolean
ax_graph_bind (const AxGraph *graph, const AxWeights *weights,
               AxTensorView *views, GError **error)
{
  g_return_val_if_fail (graph != NULL && weights != NULL, FALSE);
  guint n_params = ax_graph_get_n_params (graph);
  g_return_val_if_fail (views != NULL || n_params == 0, FALSE);
  g_autofree AxTensorView *found = g_new0 (AxTensorView, n_params);
  for (guint i = 0; i < n_params; i++)
    {
      const AxGraphParam *param = ax_graph_get_param (graph, i);
      const AxTensorView *view = ax_weights_find (weights, param->name);
      if (view == NULL)
        {
          g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                       "%s: tensor '%s' is missing", get_file (weights),
                       param->name);
          return FALSE;
        }
      if (!ax_tensor_view_same_shape (view, param->rank, param->shape)
          || !ax_dtype_is_float (view->dtype))
        {
          g_autofree char *has = ax_tensor_view_describe (view);
          g_autofree char *needs
              = ax_shape_describe (param->rank, param->shape);
          g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                       "%s: tensor '%s' is %s of %s, the network needs "
                       "floating point of %s",
                       get_file (weights), param->name,
                       ax_dtype_get_name (view->dtype), has, needs);
          return FALSE;
        }
      found[i] = *view;
    }
  for (guint i = 0; i < n_params; i++)
    views[i] = found[i];
  return TRUE;
}

typedef struct
{
  const AxGraph *graph;
  const AxGraphView *view;
  const AxWeights *source;
  AxTensorView *params;
  int *norm_of; /* per node: the batch norm it is folded with, or -1 */
  int *nodes;   /* per node: its place in the result */
  AxGraph *result;
  AxWeights *weights;
} Fold;

/* A convolution is folded with a batch norm that alone reads it. */
static void
find_norms (Fold *fold)
{
  const AxGraphView *view = fold->view;
  g_autofree int *n_readers = g_new0 (int, (gsize)view->n_nodes);
  for (int i = 1; i < view->n_nodes; i++)
    for (int k = 0; k < 2; k++)
      if (view->nodes[i].inputs[k] >= 0)
        n_readers[view->nodes[i].inputs[k]]++;
  for (int i = 0; i < view->n_outputs; i++)
    n_readers[view->outputs[i]]++;
  for (int i = 0; i < view->n_nodes; i++)
    fold->norm_of[i] = -1;
  for (int i = 1; i < view->n_nodes; i++)
    {
      int input = view->nodes[i].inputs[0];
      if (view->nodes[i].kind == AX_NODE_BATCH_NORM
          && view->nodes[input].kind == AX_NODE_CONV && n_readers[input] == 1)
        fold->norm_of[input] = i;
    }
}

/* Appends a parameter and its zeroed values; NULL without memory. */
static float *
add_param (Fold *fold, const AxGraphParam *param, gint32 *index, GError **error)
{
  AxTensorView *view = ax_weights_add (fold->weights, param->name, AX_DTYPE_F32,
                                       param->rank, param->shape, NULL);
  if (view == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "%s: no memory for tensor '%s'", get_file (fold->source),
                   param->name);
      return NULL;
    }
  *index = ax_graph_add_param (fold->result, param);
  return view->data;
}

static gboolean
copy_params (Fold *fold, AxNode *node, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (node->params); i++)
    {
      int index = node->params[i];
      if (index < 0)
        continue;
      float *values
          = add_param (fold, ax_graph_get_param (fold->graph, (guint)index),
                       &node->params[i], error);
      if (values == NULL)
        return FALSE;
      ax_tensor_view_to_f32 (&fold->params[index], values);
    }
  return TRUE;
}

static gboolean
check_variance (const Fold *fold, const AxNode *norm, GError **error)
{
  const AxTensorView *variance = &fold->params[norm->params[3]];
  for (gint64 i = 0; i < variance->shape[0]; i++)
    {
      double value = ax_tensor_view_get (variance, i);
      if (value + norm->u.batch_norm.epsilon > 0.0)
        continue;
      g_set_error (
          error, AX_ERROR, AX_ERROR_FORMAT,
          "%s: tensor '%s' holds %g at element %" G_GINT64_FORMAT
          ", a variance is not negative",
          get_file (fold->source),
          ax_graph_get_param (fold->graph, (guint)norm->params[3])->name, value,
          i);
      return FALSE;
    }
  return TRUE;
}

/* y = (w*x + b - mean) * scale + shift, scale = gamma / sqrt (var + eps) */
static void
fold_values (const Fold *fold, const AxNode *conv, const AxNode *norm,
             float *weight, float *bias)
{
  const AxTensorView *params = fold->params;
  const AxTensorView *source = &params[conv->params[0]];
  gint64 n_taps = source->shape[1] * source->shape[2] * source->shape[3];
  for (gint64 o = 0; o < source->shape[0]; o++)
    {
      double scale = ax_tensor_view_get (&params[norm->params[0]], o)
                     / sqrt (ax_tensor_view_get (&params[norm->params[3]], o)
                             + norm->u.batch_norm.epsilon);
      double b = conv->params[1] < 0
                     ? 0.0
                     : ax_tensor_view_get (&params[conv->params[1]], o);
      double mean = ax_tensor_view_get (&params[norm->params[2]], o);
      double shift = ax_tensor_view_get (&params[norm->params[1]], o);
      for (gint64 i = o * n_taps; i < (o + 1) * n_taps; i++)
        weight[i] = (float)(ax_tensor_view_get (source, i) * scale);
      bias[o] = (float)((b - mean) * scale + shift);
    }
}

static gboolean
fold_conv (Fold *fold, const AxNode *source, const AxNode *norm, AxNode *node,
           GError **error)
{
  const AxGraphParam *weight
      = ax_graph_get_param (fold->graph, (guint)source->params[0]);
  gsize stem = strlen (weight->name) - strlen (".weight");
  g_autofree char *bias_name
      = g_strdup_printf ("%.*s.bias", (int)stem, weight->name);
  AxGraphParam bias = { .name = bias_name,
                        .role = AX_PARAM_BIAS,
                        .rank = 1,
                        .shape = { weight->shape[0] } };
  if (!check_variance (fold, norm, error))
    return FALSE;
  float *weights = add_param (fold, weight, &node->params[0], error);
  if (weights == NULL)
    return FALSE;
  float *biases = add_param (fold, &bias, &node->params[1], error);
  if (biases == NULL)
    return FALSE;
  fold_values (fold, source, norm, weights, biases);
  return TRUE;
}

static gboolean
fold_nodes (Fold *fold, GError **error)
{
  const AxGraphView *view = fold->view;
  fold->nodes[0] = 0;
  for (int i = 1; i < view->n_nodes; i++)
    {
      const AxNode *source = &view->nodes[i];
      int norm = fold->norm_of[i];
      int input = source->inputs[0];
      if (source->kind == AX_NODE_DROPOUT || fold->norm_of[input] == i)
        {
          fold->nodes[i] = fold->nodes[input];
          continue;
        }
      AxNode node = *source;
      for (int k = 0; k < 2; k++)
        if (source->inputs[k] >= 0)
          node.inputs[k] = fold->nodes[source->inputs[k]];
      if (norm >= 0
              ? !fold_conv (fold, source, &view->nodes[norm], &node, error)
              : !copy_params (fold, &node, error))
        return FALSE;
      fold->nodes[i] = ax_graph_add_node (fold->result, &node);
    }
  return TRUE;
}

AxGraph *
ax_graph_fold (AxGraph *graph, const AxWeights *weights, AxWeights **folded,
               GError **error)
{
  g_return_val_if_fail (graph != NULL && weights != NULL, NULL);
  g_return_val_if_fail (folded != NULL, NULL);
  const AxGraphView *view = ax_graph_get_view (graph);
  g_autofree AxTensorView *params
      = g_new0 (AxTensorView, (gsize)view->n_params);
  g_autofree int *norm_of = g_new (int, (gsize)view->n_nodes);
  g_autofree int *nodes = g_new (int, (gsize)view->n_nodes);
  g_autoptr (AxGraph) result = ax_graph_new_like (graph);
  g_autoptr (AxWeights) values = ax_weights_new ();
  Fold fold = { graph, view, weights, params, norm_of, nodes, result, values };
  if (!ax_graph_bind (graph, weights, params, error))
    return NULL;
  find_norms (&fold);
  if (!fold_nodes (&fold, error) || !ax_weights_check_finite (values, error))
    return NULL;
  for (int i = 0; i < view->n_outputs; i++)
    ax_graph_add_output (result, nodes[view->outputs[i]]);
  ax_graph_seal (result);
  *folded = g_steal_pointer (&values);
  return g_steal_pointer (&result);
}
