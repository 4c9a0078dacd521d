#include "core/nn/train-plan.h"

#include "core/base/error.h"
#include "core/nn/engine-private.h"
#include "core/nn/engine-registry.h"

#include <math.h>

struct _AxTrainPlan
{
  AxPlan *plan;
  AxLoss *losses;
  guint n_losses;
};

gboolean
ax_engine_can_train (const AxEngine *self)
{
  g_return_val_if_fail (self != NULL, FALSE);
  const AxEngineOps *ops = self->ops;
  return AX_ENGINE_HAS_SLOT (ops, compile_training)
         && AX_ENGINE_HAS_SLOT (ops, learn) && AX_ENGINE_HAS_SLOT (ops, step)
         && AX_ENGINE_HAS_SLOT (ops, pull) && AX_ENGINE_HAS_SLOT (ops, push);
}

static gboolean
are_losses (const AxGraph *graph, const AxLoss *losses, guint n_losses)
{
  const int n_outputs = ax_graph_get_view (graph)->n_outputs;
  for (guint i = 0; i < n_losses; i++)
    if (losses[i].output < 0 || losses[i].output >= n_outputs
        || (losses[i].kind != AX_LOSS_CROSS_ENTROPY
            && losses[i].kind != AX_LOSS_SMOOTH_L1))
      return FALSE;
  return n_losses > 0;
}

AxTrainPlan *
ax_train_plan_new (AxEngine *engine, AxGraph *graph, const AxWeights *weights,
                   const AxLoss *losses, guint n_losses, int batch, int height,
                   int width, GError **error)
{
  g_return_val_if_fail (engine != NULL && graph != NULL, NULL);
  g_return_val_if_fail (weights != NULL && losses != NULL, NULL);
  g_return_val_if_fail (are_losses (graph, losses, n_losses), NULL);
  if (!ax_engine_can_train (engine))
    {
      g_set_error (error, AX_ERROR, AX_ERROR_UNSUPPORTED,
                   "engine '%s' cannot train", engine->info->name);
      return NULL;
    }
  AxPlan *plan = ax_plan_make (engine, graph, weights, losses, n_losses, batch,
                               height, width, error);
  if (plan == NULL)
    return NULL;
  AxTrainPlan *self = g_new0 (AxTrainPlan, 1);
  self->plan = plan;
  self->losses = g_memdup2 (losses, n_losses * sizeof *losses);
  self->n_losses = n_losses;
  return self;
}

void
ax_train_plan_free (AxTrainPlan *self)
{
  if (self == NULL)
    return;
  ax_plan_free (self->plan);
  g_free (self->losses);
  g_free (self);
}

static gboolean
take_status (const AxTrainPlan *self, AxStatus status, AxEngineError *reason,
             GError **error)
{
  if (status == AX_STATUS_OK)
    return TRUE;
  ax_engine_set_error (error, self->plan->engine->info->name, status, reason);
  return FALSE;
}

static gboolean
is_float (const AxTensorView *view)
{
  return view->data != NULL
         && (view->dtype == AX_DTYPE_F32 || view->dtype == AX_DTYPE_F64);
}

static gboolean
is_target (const AxTrainPlan *self, guint loss, const AxTensorView *target)
{
  const AxShape *s = &self->plan->outputs[self->losses[loss].output];
  if (self->losses[loss].kind == AX_LOSS_CROSS_ENTROPY)
    return target->data != NULL && target->dtype == AX_DTYPE_I32
           && ax_tensor_view_same_shape (target, 3,
                                         (gint64[]){ s->n, s->h, s->w });
  return is_float (target)
         && ax_tensor_view_same_shape (target, 4,
                                       (gint64[]){ s->n, s->c, s->h, s->w });
}

static gboolean
check_classes (const AxTrainPlan *self, guint loss, const AxTensorView *target,
               GError **error)
{
  const AxShape *s = &self->plan->outputs[self->losses[loss].output];
  const gint32 *classes = target->data;
  if (self->losses[loss].kind != AX_LOSS_CROSS_ENTROPY)
    return TRUE;
  for (gint64 i = 0; i < s->n * s->h * s->w; i++)
    if (classes[i] >= s->c)
      {
        g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                     "class %d as a target of a network with %" G_GINT64_FORMAT
                     " classes",
                     classes[i], s->c);
        return FALSE;
      }
  return TRUE;
}

gboolean
ax_train_plan_learn (AxTrainPlan *self, const AxTensorView *input,
                     const AxTensorView *targets, const float *entry_weights,
                     guint64 seed, double *values, GError **error)
{
  g_return_val_if_fail (self != NULL && input != NULL && targets != NULL,
                        FALSE);
  g_return_val_if_fail (values != NULL, FALSE);
  g_return_val_if_fail (ax_plan_is_input_view (self->plan, input), FALSE);
  for (guint i = 0; i < self->n_losses; i++)
    g_return_val_if_fail (is_target (self, i, &targets[i]), FALSE);
  for (guint i = 0; i < self->n_losses; i++)
    if (!check_classes (self, i, &targets[i], error))
      return FALSE;
  g_autofree double *found = g_new0 (double, self->n_losses);
  AxEngineError reason = { "" };
  AxStatus status = self->plan->engine->ops->learn (
      self->plan->plan, input, targets, entry_weights, seed, found, &reason);
  if (!take_status (self, status, &reason, error))
    return FALSE;
  for (guint i = 0; i < self->n_losses; i++)
    if (!isfinite (found[i]))
      {
        g_set_error (error, AX_ERROR, AX_ERROR_DEVICE,
                     "engine '%s' found a loss of %g",
                     self->plan->engine->info->name, found[i]);
        return FALSE;
      }
  for (guint i = 0; i < self->n_losses; i++)
    values[i] = found[i];
  return TRUE;
}

gboolean
ax_train_plan_step (AxTrainPlan *self, const AxOptimStep *step, GError **error)
{
  g_return_val_if_fail (self != NULL && step != NULL, FALSE);
  g_return_val_if_fail (step->step > 0, FALSE);
  g_return_val_if_fail (
      step->kind == AX_OPTIM_SGD || step->kind == AX_OPTIM_ADAM, FALSE);
  AxEngineError reason = { "" };
  AxStatus status
      = self->plan->engine->ops->step (self->plan->plan, step, &reason);
  return take_status (self, status, &reason, error);
}

gboolean
ax_train_plan_forward (AxTrainPlan *self, const AxTensorView *input,
                       const AxTensorView *outputs, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  return ax_plan_forward (self->plan, input, outputs, error);
}

void
ax_train_plan_get_output_shape (const AxTrainPlan *self, guint index,
                                gint64 shape[4])
{
  g_return_if_fail (self != NULL);
  ax_plan_get_output_shape (self->plan, index, shape);
}

static gboolean
is_state_view (const AxTrainPlan *self, guint param, AxTrainState state,
               const AxTensorView *view)
{
  if (state >= AX_N_TRAIN_STATES || view == NULL || !is_float (view)
      || param >= ax_graph_get_n_params (self->plan->graph))
    return FALSE;
  const AxGraphParam *known = ax_graph_get_param (self->plan->graph, param);
  return ax_tensor_view_same_shape (view, known->rank, known->shape);
}

gboolean
ax_train_plan_pull (AxTrainPlan *self, guint param, AxTrainState state,
                    const AxTensorView *out, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (is_state_view (self, param, state, out), FALSE);
  AxEngineError reason = { "" };
  AxStatus status = self->plan->engine->ops->pull (
      self->plan->plan, (gint32)param, (gint32)state, out, &reason);
  return take_status (self, status, &reason, error);
}

gboolean
ax_train_plan_push (AxTrainPlan *self, guint param, AxTrainState state,
                    const AxTensorView *in, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (is_state_view (self, param, state, in), FALSE);
  AxEngineError reason = { "" };
  AxStatus status = self->plan->engine->ops->push (
      self->plan->plan, (gint32)param, (gint32)state, in, &reason);
  return take_status (self, status, &reason, error);
}

AxWeights *
ax_train_plan_get_weights (AxTrainPlan *self, GError **error)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_autoptr (AxWeights) weights = ax_weights_new ();
  for (guint i = 0; i < ax_graph_get_n_params (self->plan->graph); i++)
    {
      const AxGraphParam *param = ax_graph_get_param (self->plan->graph, i);
      const AxTensorView *view = ax_weights_add (
          weights, param->name, AX_DTYPE_F32, param->rank, param->shape, NULL);
      if (view == NULL)
        {
          g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                       "no memory for '%s' of the trained weights",
                       param->name);
          return NULL;
        }
      if (!ax_train_plan_pull (self, i, AX_STATE_VALUE, view, error))
        return NULL;
    }
  return g_steal_pointer (&weights);
}
