#include "core/nn/engine-ref.h"

#include "core/nn/graph-shape.h"
#include "core/nn/ref-plan.h"
#include "core/nn/tensor.h"

#include <string.h>

struct AxEngineContext
{
  int unused; /* the reference has no settings */
};

AxStatus
ax_ref_fail (AxEngineError *error, AxStatus status, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_vsnprintf (error->message, sizeof error->message, format, args);
  va_end (args);
  return status;
}

static AxStatus
ref_probe (AxEngineReport *report, AxEngineError *error)
{
  memset (report, 0, sizeof *report);
  report->usable = 1;
  g_strlcpy (report->device, "CPU, one thread", sizeof report->device);
  g_strlcpy (report->version, AX_VERSION, sizeof report->version);
  g_strlcpy (report->precision, "fp64", sizeof report->precision);
  return AX_STATUS_OK;
}

static AxStatus
ref_create (const AxEngineOptions *options, AxEngineContext **context,
            AxEngineError *error)
{
  *context = g_new0 (AxEngineContext, 1);
  return AX_STATUS_OK;
}

static void
ref_destroy (AxEngineContext *context)
{
  g_free (context);
}

void
ax_ref_plan_drop_tensors (AxEnginePlan *plan)
{
  for (int i = 0; i < plan->graph.n_nodes; i++)
    g_clear_pointer (&plan->tensors[i].data, g_free);
}

void
ax_ref_plan_free (AxEnginePlan *plan)
{
  if (plan == NULL)
    return;
  for (int i = 0; i < plan->graph.n_params; i++)
    g_free (plan->params[i]);
  ax_ref_plan_drop_tensors (plan);
  ax_ref_training_free (plan->training);
  g_free (plan->params);
  g_free (plan->last_reader);
  g_free (plan->tensors);
  g_free (plan->nodes);
  g_free (plan);
}

static AxEnginePlan *
plan_new (const AxGraphView *graph)
{
  AxEnginePlan *plan = g_new0 (AxEnginePlan, 1);
  plan->graph = *graph;
  plan->nodes
      = g_memdup2 (graph->nodes, (gsize)graph->n_nodes * sizeof *graph->nodes);
  plan->graph.nodes = plan->nodes;
  plan->tensors = g_new0 (AxRefTensor, (gsize)graph->n_nodes);
  plan->last_reader = g_new0 (int, (gsize)graph->n_nodes);
  plan->params = g_new0 (double *, (gsize)graph->n_params);
  for (int i = 1; i < graph->n_nodes; i++)
    for (int k = 0; k < 2; k++)
      if (graph->nodes[i].inputs[k] >= 0)
        plan->last_reader[graph->nodes[i].inputs[k]] = i;
  for (int i = 0; i < graph->n_outputs; i++)
    plan->last_reader[graph->outputs[i]] = graph->n_nodes;
  return plan;
}

static gboolean
copy_params (AxEnginePlan *plan, const AxTensorView *params)
{
  for (int i = 0; i < plan->graph.n_params; i++)
    {
      gint64 count;
      if (!ax_tensor_view_count (&params[i], &count)
          || (plan->params[i] = g_try_new (double, (gsize)MAX (count, 1)))
                 == NULL)
        return FALSE;
      ax_tensor_view_to_f64 (&params[i], plan->params[i]);
    }
  return TRUE;
}

AxStatus
ax_ref_compile (AxEngineContext *context, const AxGraphView *graph,
                const AxTensorView *params, int32_t batch, int32_t height,
                int32_t width, AxEnginePlan **plan, AxEngineError *error)
{
  g_autofree AxShape *shapes = g_new (AxShape, (gsize)graph->n_nodes);
  g_autoptr (GError) wrong = NULL;
  if (!ax_graph_infer_shapes (graph, batch, height, width, shapes, &wrong))
    return ax_ref_fail (error, AX_STATUS_ARGUMENT, "%s", wrong->message);
  AxEnginePlan *result = plan_new (graph);
  for (int i = 0; i < graph->n_nodes; i++)
    result->tensors[i].shape = shapes[i];
  if (!copy_params (result, params))
    {
      ax_ref_plan_free (result);
      return ax_ref_fail (error, AX_STATUS_MEMORY,
                          "no memory for the parameters");
    }
  *plan = result;
  return AX_STATUS_OK;
}

/* Bytes are normalised, values are taken as they are. */
static void
read_input (const AxNode *node, const AxTensorView *input, AxRefTensor *out)
{
  const AxShape *shape = &out->shape;
  gint64 plane = ax_ref_plane (shape);
  if (input->dtype != AX_DTYPE_U8)
    {
      ax_tensor_view_to_f64 (input, out->data);
      return;
    }
  const guint8 *rgb = input->data;
  for (gint64 n = 0; n < shape->n; n++)
    for (gint64 i = 0; i < plane; i++)
      for (gint64 c = 0; c < shape->c; c++)
        out->data[(n * shape->c + c) * plane + i]
            = (*rgb++ / 255.0 - (double)node->u.input.mean[c])
              / (double)node->u.input.std[c];
}

static void
write_output (const AxRefTensor *tensor, const AxTensorView *output)
{
  for (gint64 i = 0; i < ax_ref_count (&tensor->shape); i++)
    if (output->dtype == AX_DTYPE_F32)
      ((float *)output->data)[i] = (float)tensor->data[i];
    else
      ((double *)output->data)[i] = tensor->data[i];
}

AxRefCall
ax_ref_plan_get_call (AxEnginePlan *plan, int index)
{
  const AxNode *node = &plan->nodes[index];
  AxRefCall call
      = { .node = node,
          .index = index,
          .a = &plan->tensors[node->inputs[0]],
          .b = node->inputs[1] < 0 ? NULL : &plan->tensors[node->inputs[1]],
          .out = &plan->tensors[index] };
  for (guint i = 0; i < G_N_ELEMENTS (call.params); i++)
    call.params[i] = node->params[i] < 0 ? NULL : plan->params[node->params[i]];
  return call;
}

AxStatus
ax_ref_plan_begin_node (AxEnginePlan *plan, int index,
                        const AxTensorView *input, AxEngineError *error)
{
  AxRefTensor *out = &plan->tensors[index];
  gint64 count = ax_ref_count (&out->shape);
  out->data = g_try_new (double, (gsize)count);
  if (out->data == NULL)
    return ax_ref_fail (error, AX_STATUS_MEMORY,
                        "no memory for %" G_GINT64_FORMAT " values of node %d",
                        count, index);
  if (index == 0)
    read_input (&plan->nodes[0], input, out);
  return AX_STATUS_OK;
}

/* Frees what no later node reads. */
static void
drop_read (AxEnginePlan *plan, int index)
{
  for (int k = 0; k < 2; k++)
    {
      int input = plan->nodes[index].inputs[k];
      if (input >= 0 && plan->last_reader[input] == index)
        g_clear_pointer (&plan->tensors[input].data, g_free);
    }
}

static AxStatus
ref_forward (AxEnginePlan *plan, const AxTensorView *input,
             const AxTensorView *outputs, AxEngineError *error)
{
  const AxGraphView *graph = &plan->graph;
  for (int i = 0; i < graph->n_nodes; i++)
    {
      AxStatus status = ax_ref_plan_begin_node (plan, i, input, error);
      if (status != AX_STATUS_OK)
        {
          ax_ref_plan_drop_tensors (plan);
          return status;
        }
      if (i == 0)
        continue;
      AxRefCall call = ax_ref_plan_get_call (plan, i);
      ax_ref_kind_get (plan->nodes[i].kind)->forward (&call);
      drop_read (plan, i);
    }
  for (int i = 0; i < graph->n_outputs; i++)
    write_output (&plan->tensors[graph->outputs[i]], &outputs[i]);
  ax_ref_plan_drop_tensors (plan);
  return AX_STATUS_OK;
}

const AxEngineOps *
ax_engine_ref_get_ops (void)
{
  static const AxEngineOps ops = {
    .abi = AX_ENGINE_ABI,
    .size = sizeof ops,
    .name = "ref",
    .probe = ref_probe,
    .create = ref_create,
    .destroy = ref_destroy,
    .compile = ax_ref_compile,
    .plan_free = ax_ref_plan_free,
    .forward = ref_forward,
    .compile_training = ax_ref_compile_training,
    .learn = ax_ref_learn,
    .step = ax_ref_step,
    .pull = ax_ref_pull,
    .push = ax_ref_push,
  };
  return &ops;
}
