#include "core/nn/engine.h"

#include "core/base/error.h"
#include "core/base/trace.h"
#include "core/nn/engine-private.h"
#include "core/nn/engine-registry.h"
#include "core/nn/graph-fold.h"
#include "core/nn/tensor.h"

#include <math.h>
#include <string.h>

/* How far rounding may push a probability beyond [0, 1]; clamped. */
#define BOUND_SLACK 1e-6

static AxEngine *
engine_new (guint index, const AxEngineInfo *info, const AxEngineSetup *setup,
            GError **error)
{
  const AxEngineOps *ops = ax_engine_registry_get_ops (index);
  if (ops == NULL)
    {
      g_set_error (error, AX_ERROR, info->code, "engine '%s': %s", info->name,
                   info->report.why);
      return NULL;
    }
  AxEngineOptions options = { .n_threads = setup ? setup->n_threads : 0,
                              .precision = setup ? (gint32)setup->precision
                                                 : AX_PRECISION_DEFAULT };
  AxEngineContext *context = NULL;
  AxEngineError reason = { "" };
  AxStatus status = ops->create (&options, &context, &reason);
  if (status != AX_STATUS_OK || context == NULL)
    {
      ax_engine_set_error (error, info->name, status, &reason);
      return NULL;
    }
  AxEngine *self = g_new0 (AxEngine, 1);
  self->ops = ops;
  self->info = info;
  self->context = context;
  return self;
}

/* The first of the engines that starts; the first reason when none does. */
static AxEngine *
engine_new_auto (const AxEngineInfo *infos, guint n_engines,
                 const AxEngineSetup *setup, GError **error)
{
  g_autoptr (GError) first = NULL;
  for (guint i = 0; i < n_engines; i++)
    {
      g_autoptr (GError) reason = NULL;
      if (!infos[i].report.usable)
        continue;
      AxEngine *self = engine_new (i, &infos[i], setup, &reason);
      if (self != NULL)
        return self;
      ax_trace (AX_TRACE_ENGINE, "%s", reason->message);
      if (first == NULL)
        first = g_steal_pointer (&reason);
    }
  if (first == NULL)
    first = g_error_new (AX_ERROR, AX_ERROR_NOT_FOUND, "no usable engine");
  g_propagate_error (error, g_steal_pointer (&first));
  return NULL;
}

AxEngine *
ax_engine_new (const char *name, const AxEngineSetup *setup, GError **error)
{
  g_return_val_if_fail (name != NULL, NULL);
  guint n_engines;
  const AxEngineInfo *infos = ax_engine_list (&n_engines);
  if (strcmp (name, "auto") == 0)
    return engine_new_auto (infos, n_engines, setup, error);
  g_autoptr (GString) known = g_string_new ("auto");
  for (guint i = 0; i < n_engines; i++)
    {
      if (strcmp (name, infos[i].name) == 0)
        return engine_new (i, &infos[i], setup, error);
      g_string_append_printf (known, ", %s", infos[i].name);
    }
  g_set_error (error, AX_ERROR, AX_ERROR_NOT_FOUND,
               "no engine '%.64s': there are %s", name, known->str);
  return NULL;
}

void
ax_engine_free (AxEngine *self)
{
  if (self == NULL)
    return;
  self->ops->destroy (self->context);
  g_free (self);
}

const char *
ax_engine_get_name (const AxEngine *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->info->name;
}

const AxEngineReport *
ax_engine_get_report (const AxEngine *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return &self->info->report;
}

AxDenseForm
ax_engine_get_dense_form (const AxEngine *self)
{
  g_return_val_if_fail (self != NULL, AX_DENSE_DILATED);
  return self->info->report.prefers_fragments ? AX_DENSE_FRAGMENTS
                                              : AX_DENSE_DILATED;
}

static gboolean
has_host_memory (const AxEngine *self)
{
  return AX_ENGINE_HAS_SLOT (self->ops, host_alloc)
         && AX_ENGINE_HAS_SLOT (self->ops, host_free);
}

gpointer
ax_engine_alloc_host (AxEngine *self, gsize bytes)
{
  g_return_val_if_fail (self != NULL, NULL);
  return has_host_memory (self) ? self->ops->host_alloc (self->context, bytes)
                                : g_try_malloc (bytes);
}

void
ax_engine_free_host (AxEngine *self, gpointer memory)
{
  g_return_if_fail (self != NULL);
  if (memory == NULL)
    return;
  if (has_host_memory (self))
    self->ops->host_free (self->context, memory);
  else
    g_free (memory);
}

/* Whether a node's values are probabilities. */
static gboolean
is_bounded (const AxGraphView *graph, int node)
{
  while (graph->nodes[node].kind == AX_NODE_DEFRAGMENT
         || graph->nodes[node].kind == AX_NODE_CROP
         || graph->nodes[node].kind == AX_NODE_UPSAMPLE)
    node = graph->nodes[node].inputs[0];
  return graph->nodes[node].kind == AX_NODE_SOFTMAX
         || graph->nodes[node].kind == AX_NODE_SIGMOID;
}

/* Engines get F32 or F64 only; what else the file holds is widened into
 * @widened. */
static gboolean
widen_params (AxTensorView *params, guint n_params, GPtrArray *widened,
              GError **error)
{
  for (guint i = 0; i < n_params; i++)
    {
      AxTensorView *view = &params[i];
      gint64 count;
      if (view->dtype == AX_DTYPE_F32 || view->dtype == AX_DTYPE_F64
          || !ax_tensor_view_count (view, &count))
        continue;
      float *values = g_try_new (float, (gsize)MAX (count, 1));
      if (values == NULL)
        {
          g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                       "no memory for %" G_GINT64_FORMAT " parameters", count);
          return FALSE;
        }
      ax_tensor_view_to_f32 (view, values);
      view->data = values;
      view->dtype = AX_DTYPE_F32;
      g_ptr_array_add (widened, values);
    }
  return TRUE;
}

static gboolean
compile (AxPlan *self, const AxWeights *weights, const AxLoss *losses,
         guint n_losses, GError **error)
{
  const AxEngineOps *ops = self->engine->ops;
  guint n_params = ax_graph_get_n_params (self->graph);
  g_autofree AxTensorView *params = g_new0 (AxTensorView, n_params);
  g_autoptr (GPtrArray) widened = g_ptr_array_new_with_free_func (g_free);
  if (!ax_graph_bind (self->graph, weights, params, error)
      || !widen_params (params, n_params, widened, error))
    return FALSE;
  AxEngineError reason = { "" };
  const AxGraphView *view = ax_graph_get_view (self->graph);
  const int n = (int)self->input.n, h = (int)self->input.h,
            w = (int)self->input.w;
  AxStatus status = losses == NULL
                        ? ops->compile (self->engine->context, view, params, n,
                                        h, w, &self->plan, &reason)
                        : ops->compile_training (
                            self->engine->context, view, params, losses,
                            (gint32)n_losses, n, h, w, &self->plan, &reason);
  if (status == AX_STATUS_OK && self->plan != NULL)
    return TRUE;
  self->plan = NULL;
  ax_engine_set_error (error, self->engine->info->name, status, &reason);
  return FALSE;
}

AxPlan *
ax_plan_make (AxEngine *engine, AxGraph *graph, const AxWeights *weights,
              const AxLoss *losses, guint n_losses, int batch, int height,
              int width, GError **error)
{
  const AxGraphView *view = ax_graph_get_view (graph);
  g_autofree AxShape *shapes = g_new (AxShape, (gsize)view->n_nodes);
  if (!ax_graph_infer_shapes (view, batch, height, width, shapes, error))
    return NULL;
  g_autoptr (AxPlan) self = g_new0 (AxPlan, 1);
  self->engine = engine;
  self->graph = ax_graph_ref (graph);
  self->input = shapes[0];
  for (int i = 0; i < view->n_outputs; i++)
    {
      self->outputs[i] = shapes[view->outputs[i]];
      self->bounded[i] = is_bounded (view, view->outputs[i]);
    }
  if (!compile (self, weights, losses, n_losses, error))
    return NULL;
  return g_steal_pointer (&self);
}

AxPlan *
ax_plan_new (AxEngine *engine, AxGraph *graph, const AxWeights *weights,
             int batch, int height, int width, GError **error)
{
  g_return_val_if_fail (engine != NULL && graph != NULL, NULL);
  g_return_val_if_fail (weights != NULL, NULL);
  return ax_plan_make (engine, graph, weights, NULL, 0, batch, height, width,
                       error);
}

void
ax_plan_free (AxPlan *self)
{
  if (self == NULL)
    return;
  if (self->plan != NULL)
    self->engine->ops->plan_free (self->plan);
  ax_graph_unref (self->graph);
  g_free (self);
}

guint
ax_plan_get_n_outputs (const AxPlan *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return (guint)ax_graph_get_view (self->graph)->n_outputs;
}

void
ax_plan_get_output_shape (const AxPlan *self, guint index, gint64 shape[4])
{
  g_return_if_fail (self != NULL && index < ax_plan_get_n_outputs (self));
  const AxShape *output = &self->outputs[index];
  memcpy (shape, (gint64[]){ output->n, output->c, output->h, output->w },
          4 * sizeof *shape);
}

gboolean
ax_plan_is_input_view (const AxPlan *self, const AxTensorView *view)
{
  const AxShape *in = &self->input;
  const gint64 rgb[] = { in->n, in->h, in->w, in->c };
  const gint64 planes[] = { in->n, in->c, in->h, in->w };
  if (view->data == NULL)
    return FALSE;
  if (view->dtype == AX_DTYPE_U8)
    return ax_tensor_view_same_shape (view, 4, rgb);
  return (view->dtype == AX_DTYPE_F32 || view->dtype == AX_DTYPE_F64)
         && ax_tensor_view_same_shape (view, 4, planes);
}

static gboolean
is_output_view (const AxPlan *self, guint index, const AxTensorView *view)
{
  gint64 shape[4];
  ax_plan_get_output_shape (self, index, shape);
  return view->data != NULL
         && (view->dtype == AX_DTYPE_F32 || view->dtype == AX_DTYPE_F64)
         && ax_tensor_view_same_shape (view, 4, shape);
}

static void
store (const AxTensorView *view, gint64 index, double value)
{
  if (view->dtype == AX_DTYPE_F32)
    ((float *)view->data)[index] = (float)value;
  else
    ((double *)view->data)[index] = value;
}

static gboolean
check_output (const AxPlan *self, guint index, const AxTensorView *view,
              GError **error)
{
  gint64 count;
  if (!ax_tensor_view_count (view, &count))
    return FALSE;
  gboolean bounded = self->bounded[index];
  for (gint64 i = 0; i < count; i++)
    {
      double value = ax_tensor_view_get (view, i);
      if (!isfinite (value)
          || (bounded && (value < -BOUND_SLACK || value > 1.0 + BOUND_SLACK)))
        {
          g_set_error (error, AX_ERROR, AX_ERROR_DEVICE,
                       "engine '%s' returned %g at element %" G_GINT64_FORMAT
                       " of output %u%s",
                       self->engine->info->name, value, i, index,
                       bounded ? ", which holds probabilities" : "");
          return FALSE;
        }
      if (bounded && (value < 0.0 || value > 1.0))
        store (view, i, CLAMP (value, 0.0, 1.0));
    }
  return TRUE;
}

static gboolean
check_outputs (const AxPlan *self, const AxTensorView *outputs, GError **error)
{
  for (guint i = 0; i < ax_plan_get_n_outputs (self); i++)
    if (!check_output (self, i, &outputs[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
take_status (const AxPlan *self, AxStatus status, AxEngineError *reason,
             GError **error)
{
  if (status != AX_STATUS_OK)
    ax_engine_set_error (error, self->engine->info->name, status, reason);
  return status == AX_STATUS_OK;
}

gboolean
ax_plan_forward (AxPlan *self, const AxTensorView *input,
                 const AxTensorView *outputs, GError **error)
{
  g_return_val_if_fail (self != NULL && input != NULL && outputs != NULL,
                        FALSE);
  g_return_val_if_fail (self->n_in_flight == 0, FALSE);
  g_return_val_if_fail (ax_plan_is_input_view (self, input), FALSE);
  for (guint i = 0; i < ax_plan_get_n_outputs (self); i++)
    g_return_val_if_fail (is_output_view (self, i, &outputs[i]), FALSE);
  AxEngineError reason = { "" };
  AxStatus status
      = self->engine->ops->forward (self->plan, input, outputs, &reason);
  return take_status (self, status, &reason, error)
         && check_outputs (self, outputs, error);
}

static AxTensorView
view_rgb (const AxPlan *self, const guint8 *rgb)
{
  const AxShape *in = &self->input;
  return (AxTensorView){ .data = (gpointer)rgb,
                         .dtype = AX_DTYPE_U8,
                         .rank = 4,
                         .shape = { in->n, in->h, in->w, in->c } };
}

static void
view_outputs (const AxPlan *self, float *const *outputs, AxTensorView *views)
{
  for (guint i = 0; i < ax_plan_get_n_outputs (self); i++)
    {
      views[i] = (AxTensorView){ .data = outputs[i],
                                 .dtype = AX_DTYPE_F32,
                                 .rank = 4 };
      ax_plan_get_output_shape (self, i, views[i].shape);
    }
}

gboolean
ax_plan_forward_rgb (AxPlan *self, const guint8 *rgb, float *const *outputs,
                     GError **error)
{
  g_return_val_if_fail (self != NULL && rgb != NULL && outputs != NULL, FALSE);
  const AxTensorView input = view_rgb (self, rgb);
  AxTensorView views[AX_MAX_OUTPUTS] = { 0 };
  view_outputs (self, outputs, views);
  return ax_plan_forward (self, &input, views, error);
}

static gboolean
can_submit (const AxPlan *self)
{
  return AX_ENGINE_HAS_SLOT (self->engine->ops, submit)
         && AX_ENGINE_HAS_SLOT (self->engine->ops, wait);
}

guint
ax_plan_get_max_in_flight (const AxPlan *self)
{
  g_return_val_if_fail (self != NULL, 1);
  return can_submit (self) ? AX_MAX_IN_FLIGHT : 1;
}

gboolean
ax_plan_submit_rgb (AxPlan *self, const guint8 *rgb, float *const *outputs,
                    GError **error)
{
  g_return_val_if_fail (self != NULL && rgb != NULL && outputs != NULL, FALSE);
  g_return_val_if_fail (self->n_in_flight < ax_plan_get_max_in_flight (self),
                        FALSE);
  const AxTensorView input = view_rgb (self, rgb);
  AxTensorView *views = self->in_flight[self->n_in_flight];
  const AxEngineOps *ops = self->engine->ops;
  AxEngineError reason = { "" };
  view_outputs (self, outputs, views);
  AxStatus status = can_submit (self)
                        ? ops->submit (self->plan, &input, views, &reason)
                        : ops->forward (self->plan, &input, views, &reason);
  self->n_in_flight += status == AX_STATUS_OK;
  return take_status (self, status, &reason, error);
}

gboolean
ax_plan_wait (AxPlan *self, GError **error)
{
  g_return_val_if_fail (self != NULL && self->n_in_flight > 0, FALSE);
  AxTensorView views[AX_MAX_OUTPUTS];
  AxEngineError reason = { "" };
  memcpy (views, self->in_flight[0], sizeof views);
  self->n_in_flight--;
  memmove (self->in_flight[0], self->in_flight[1],
           self->n_in_flight * sizeof self->in_flight[0]);
  AxStatus status = can_submit (self)
                        ? self->engine->ops->wait (self->plan, &reason)
                        : AX_STATUS_OK;
  return take_status (self, status, &reason, error)
         && check_outputs (self, views, error);
}
