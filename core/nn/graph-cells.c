#include "core/nn/graph-cells.h"

#include "core/base/error.h"
#include "core/nn/graph-shape.h"

/* Input pixels between neighbouring cells of each node; FALSE where a node
 * spreads cells that do not lie that far apart. */
static gboolean
find_jumps (const AxGraphView *graph, int *jumps)
{
  jumps[0] = 1;
  for (int i = 1; i < graph->n_nodes; i++)
    {
      const AxNode *node = &graph->nodes[i];
      int spread = 1;
      jumps[i] = jumps[node->inputs[0]];
      if (node->kind == AX_NODE_CONV || node->kind == AX_NODE_MAX_POOL
          || node->kind == AX_NODE_AVG_POOL)
        jumps[i] *= node->u.window.stride;
      else if (node->kind == AX_NODE_CONV_TRANSPOSE)
        spread = node->u.window.stride;
      else if (node->kind == AX_NODE_UPSAMPLE)
        spread = node->u.upsample.factor;
      if (jumps[i] % spread != 0)
        return FALSE;
      jumps[i] /= spread;
    }
  for (int i = 0; i < graph->n_outputs; i++)
    if (jumps[graph->outputs[i]] != 1)
      return FALSE;
  return TRUE;
}

gboolean
ax_cells_measure (const AxGraphView *graph, AxCells *self, GError **error)
{
  g_return_val_if_fail (graph != NULL && self != NULL, FALSE);
  g_autofree int *jumps = g_new (int, (gsize)graph->n_nodes);
  AxReceptiveField field;
  int period = 1;
  if (!find_jumps (graph, jumps))
    {
      g_set_error (error, AX_ERROR, AX_ERROR_UNSUPPORTED,
                   "the network does not give a value for each pixel");
      return FALSE;
    }
  if (!ax_graph_get_receptive_field (graph, &field, error))
    return FALSE;
  for (int i = 0; i < graph->n_nodes; i++)
    period = MAX (period, jumps[i]);
  const gint64 after = field.size - 1 + field.offset;
  const gint64 reach = MAX (-field.offset, after);
  *self = (AxCells){
    .period = period,
    .margin = (int)((reach + period - 1) / period * period),
  };
  return TRUE;
}

static void
add_cells (AxGraph *graph, int node, int margin, int step)
{
  const AxWindow cell
      = { .kernel_h = step, .kernel_w = step, .stride = step, .dilation = 1 };
  node = ax_graph_add_crop (graph, node, margin, margin, margin, margin);
  ax_graph_add_output (graph,
                       ax_graph_add_pool (graph, node, AX_NODE_AVG_POOL, cell));
}

AxGraph *
ax_graph_make_cells (AxGraph *graph, int step, GError **error)
{
  g_return_val_if_fail (graph != NULL && step > 0, NULL);
  const AxGraphView *view = ax_graph_get_view (graph);
  AxCells cells;
  if (!ax_cells_measure (view, &cells, error))
    return NULL;
  g_return_val_if_fail (cells.period % step == 0, NULL);
  g_autoptr (AxGraph) result = ax_graph_new_like (graph);
  for (guint i = 0; i < ax_graph_get_n_params (graph); i++)
    ax_graph_add_param (result, ax_graph_get_param (graph, i));
  /* Nodes keep their places. */
  for (int i = 1; i < view->n_nodes; i++)
    ax_graph_add_node (result, &view->nodes[i]);
  for (int i = 0; i < view->n_outputs; i++)
    add_cells (result, view->outputs[i], cells.margin, step);
  ax_graph_seal (result);
  return g_steal_pointer (&result);
}
