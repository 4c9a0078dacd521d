#include "core/nn/graph-dense.h"

#include "core/base/error.h"

/*
 * A node's jump is the number of input pixels between its neighbouring cells:
 * 1 at the input, doubled by each pool, S at the outputs.  The output step is
 * to be S/alpha, so the pools that would take the jump beyond it are undone;
 * after them a node stands jump / (S/alpha) times denser than before.
 */
typedef struct
{
  const AxGraphView *view;
  int *jumps; /* per node, in the source */
  int *nodes; /* per node: its place in the result */
  int step;   /* S/alpha */
  AxDenseForm form;
  AxGraph *result;
} Dense;

static gboolean
is_halving_pool (const AxNode *node)
{
  const AxWindow *w = &node->u.window;
  return node->kind == AX_NODE_MAX_POOL && w->kernel_h == 2 && w->kernel_w == 2
         && w->stride == 2 && w->dilation == 1 && w->pad == 0;
}

/* Whether a node's cells depend on their inputs in the same way wherever they
 * stand, whatever the jump. */
static gboolean
is_local (const AxNode *node)
{
  switch ((AxNodeKind)node->kind)
    {
    case AX_NODE_CONV:
    case AX_NODE_MAX_POOL:
    case AX_NODE_AVG_POOL:
      return node->u.window.stride == 1 && node->u.window.pad == 0;
    case AX_NODE_CONV_TRANSPOSE:
    case AX_NODE_UPSAMPLE:
    case AX_NODE_FRAGMENT:
    case AX_NODE_DEFRAGMENT:
    case AX_NODE_INPUT:
      return FALSE;
    default:
      return TRUE;
    }
}

static gboolean
find_jumps (Dense *dense, GError **error)
{
  const AxGraphView *view = dense->view;
  dense->jumps[0] = 1;
  for (int i = 1; i < view->n_nodes; i++)
    {
      const AxNode *node = &view->nodes[i];
      int jump = dense->jumps[node->inputs[0]];
      gboolean agree
          = node->inputs[1] < 0 || dense->jumps[node->inputs[1]] == jump;
      dense->jumps[i] = is_halving_pool (node) ? 2 * jump : jump;
      if (agree && (is_halving_pool (node) || is_local (node)))
        continue;
      g_set_error (error, AX_ERROR, AX_ERROR_UNSUPPORTED,
                   "node %d (%s): only valid convolutions, 2x2 pools of "
                   "stride 2 and cell-wise operations can be made dense",
                   i, ax_node_kind_get_name (node->kind));
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_alpha (const Dense *dense, int alpha, GError **error)
{
  int stride = dense->jumps[dense->view->outputs[0]];
  for (int i = 1; i < dense->view->n_outputs; i++)
    if (dense->jumps[dense->view->outputs[i]] != stride)
      {
        g_set_error (error, AX_ERROR, AX_ERROR_UNSUPPORTED,
                     "the outputs differ in stride");
        return FALSE;
      }
  if (alpha >= 1 && alpha <= stride && (alpha & (alpha - 1)) == 0)
    return TRUE;
  g_set_error (error, AX_ERROR, AX_ERROR_UNSUPPORTED,
               "alpha %d is no power of two from 1 to the stride %d", alpha,
               stride);
  return FALSE;
}

/* Cells of the dense map in the distance of two of the source's. */
static int
get_spacing (const Dense *dense, int node)
{
  return MAX (1, dense->jumps[node] / dense->step);
}

/* Form A: taps move apart, undone pools keep every cell. */
static void
dilate (const Dense *dense, const AxNode *source, AxNode *node)
{
  int spacing = get_spacing (dense, source->inputs[0]);
  switch ((AxNodeKind)source->kind)
    {
    case AX_NODE_MAX_POOL:
      if (is_halving_pool (source)
          && dense->jumps[source->inputs[0]] >= dense->step)
        node->u.window.stride = 1;
      node->u.window.dilation *= spacing;
      break;
    case AX_NODE_CONV:
    case AX_NODE_AVG_POOL:
      node->u.window.dilation *= spacing;
      break;
    case AX_NODE_CROP:
      node->u.crop.top *= spacing;
      node->u.crop.bottom *= spacing;
      node->u.crop.left *= spacing;
      node->u.crop.right *= spacing;
      break;
    default:
      break;
    }
}

/* Form B: undone pools keep every cell in one of four entries of the batch. */
static void
fragment (const Dense *dense, const AxNode *source, AxNode *node)
{
  if (!is_halving_pool (source)
      || dense->jumps[source->inputs[0]] < dense->step)
    return;
  node->kind = AX_NODE_FRAGMENT;
  node->u.window = (AxWindow){ 0 };
}

static void
add_nodes (Dense *dense)
{
  dense->nodes[0] = 0;
  for (int i = 1; i < dense->view->n_nodes; i++)
    {
      const AxNode *source = &dense->view->nodes[i];
      AxNode node = *source;
      for (int k = 0; k < 2; k++)
        if (source->inputs[k] >= 0)
          node.inputs[k] = dense->nodes[source->inputs[k]];
      if (dense->form == AX_DENSE_DILATED)
        dilate (dense, source, &node);
      else
        fragment (dense, source, &node);
      dense->nodes[i] = ax_graph_add_node (dense->result, &node);
    }
}

static void
add_outputs (Dense *dense, int alpha)
{
  for (int i = 0; i < dense->view->n_outputs; i++)
    {
      int node = dense->nodes[dense->view->outputs[i]];
      if (dense->form == AX_DENSE_FRAGMENTS)
        node = ax_graph_add_defragment (dense->result, node,
                                        g_bit_nth_lsf ((gulong)alpha, -1));
      ax_graph_add_output (dense->result, node);
    }
}

AxGraph *
ax_graph_make_dense (AxGraph *graph, int alpha, AxDenseForm form,
                     GError **error)
{
  g_return_val_if_fail (graph != NULL, NULL);
  const AxGraphView *view = ax_graph_get_view (graph);
  if (alpha == 1)
    return ax_graph_ref (graph);
  g_autofree int *jumps = g_new (int, (gsize)view->n_nodes);
  g_autofree int *nodes = g_new (int, (gsize)view->n_nodes);
  Dense dense = { .view = view, .jumps = jumps, .nodes = nodes, .form = form };
  if (!find_jumps (&dense, error) || !check_alpha (&dense, alpha, error))
    return NULL;
  g_autoptr (AxGraph) result = ax_graph_new_like (graph);
  dense.result = result;
  dense.step = jumps[view->outputs[0]] / alpha;
  for (guint i = 0; i < ax_graph_get_n_params (graph); i++)
    ax_graph_add_param (result, ax_graph_get_param (graph, i));
  add_nodes (&dense);
  add_outputs (&dense, alpha);
  ax_graph_seal (result);
  return g_steal_pointer (&result);
}
