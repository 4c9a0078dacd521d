#include "core/nn/ref-plan.h"

#include "core/nn/tensor.h"
#include "core/nn/train-loss.h"

#include <math.h>
#include <string.h>

struct _AxRefTraining
{
  AxLoss *losses;
  int n_losses;
  int n_nodes, n_params;
  gboolean *wanted;                   /* per node: its gradient is */
  gboolean *trained;                  /* per parameter */
  gint64 *counts;                     /* per parameter: values */
  double **states[AX_N_TRAIN_STATES]; /* per parameter; values are the plan's */
  double **gradients;                 /* per node, only while it is needed */
};

static void
drop_gradients (AxRefTraining *self)
{
  for (int i = 0; i < self->n_nodes; i++)
    g_clear_pointer (&self->gradients[i], g_free);
}

void
ax_ref_training_free (AxRefTraining *self)
{
  if (self == NULL)
    return;
  for (int state = AX_STATE_GRADIENT; state < AX_N_TRAIN_STATES; state++)
    {
      for (int i = 0; i < self->n_params; i++)
        g_free (self->states[state][i]);
      g_free (self->states[state]);
    }
  drop_gradients (self);
  g_free (self->gradients);
  g_free (self->counts);
  g_free (self->trained);
  g_free (self->wanted);
  g_free (self->losses);
  g_free (self);
}

static gboolean
allocate_states (AxRefTraining *self, const AxTensorView *params)
{
  gboolean ok = TRUE;
  for (int i = 0; i < self->n_params; i++)
    ok = ok && ax_tensor_view_count (&params[i], &self->counts[i]);
  for (int state = AX_STATE_GRADIENT; state < AX_N_TRAIN_STATES; state++)
    for (int i = 0; ok && i < self->n_params; i++)
      {
        self->states[state][i]
            = g_try_new0 (double, (gsize)MAX (self->counts[i], 1));
        ok = self->states[state][i] != NULL;
      }
  return ok;
}

/* (transfer full) (nullable): NULL when memory is exhausted. */
static AxRefTraining *
training_new (const AxEnginePlan *plan, const AxTensorView *params,
              const AxLoss *losses, int n_losses)
{
  AxRefTraining *self = g_new0 (AxRefTraining, 1);
  self->n_nodes = plan->graph.n_nodes;
  self->n_params = plan->graph.n_params;
  self->n_losses = n_losses;
  self->losses = g_memdup2 (losses, (gsize)n_losses * sizeof *losses);
  self->wanted = ax_train_find_wanted (&plan->graph, losses, n_losses);
  self->trained = ax_train_find_trained (&plan->graph);
  self->counts = g_new0 (gint64, (gsize)self->n_params);
  self->gradients = g_new0 (double *, (gsize)self->n_nodes);
  self->states[AX_STATE_VALUE] = plan->params;
  for (int state = AX_STATE_GRADIENT; state < AX_N_TRAIN_STATES; state++)
    self->states[state] = g_new0 (double *, (gsize)self->n_params);
  if (allocate_states (self, params))
    return self;
  ax_ref_training_free (self);
  return NULL;
}

AxStatus
ax_ref_compile_training (AxEngineContext *context, const AxGraphView *graph,
                         const AxTensorView *params, const AxLoss *losses,
                         int32_t n_losses, int32_t batch, int32_t height,
                         int32_t width, AxEnginePlan **plan,
                         AxEngineError *error)
{
  AxEnginePlan *made = NULL;
  AxStatus status = ax_ref_compile (context, graph, params, batch, height,
                                    width, &made, error);
  if (status != AX_STATUS_OK)
    return status;
  g_autofree AxShape *shapes = g_new (AxShape, (gsize)graph->n_nodes);
  for (int i = 0; i < graph->n_nodes; i++)
    shapes[i] = made->tensors[i].shape;
  status = ax_train_check (graph, shapes, losses, n_losses, error);
  if (status == AX_STATUS_OK)
    {
      made->training = training_new (made, params, losses, n_losses);
      if (made->training == NULL)
        status = ax_ref_fail (error, AX_STATUS_MEMORY,
                              "no memory for the gradients of the parameters");
    }
  if (status != AX_STATUS_OK)
    ax_ref_plan_free (made);
  else
    *plan = made;
  return status;
}

static AxStatus
run_forward (AxEnginePlan *plan, const AxTensorView *input, uint64_t seed,
             AxEngineError *error)
{
  for (int i = 0; i < plan->graph.n_nodes; i++)
    {
      AxStatus status = ax_ref_plan_begin_node (plan, i, input, error);
      if (status != AX_STATUS_OK)
        return status;
      if (i == 0)
        continue;
      AxRefCall call = ax_ref_plan_get_call (plan, i);
      call.seed = seed;
      ax_ref_kind_get (plan->nodes[i].kind)->learn (&call);
    }
  return AX_STATUS_OK;
}

static AxStatus
clear_gradients (AxEnginePlan *plan, AxEngineError *error)
{
  AxRefTraining *self = plan->training;
  for (int i = 0; i < self->n_params; i++)
    memset (self->states[AX_STATE_GRADIENT][i], 0,
            (gsize)self->counts[i] * sizeof (double));
  for (int i = 0; i < self->n_nodes; i++)
    {
      gint64 count = ax_ref_count (&plan->tensors[i].shape);
      if (!self->wanted[i])
        continue;
      self->gradients[i] = g_try_new0 (double, (gsize)count);
      if (self->gradients[i] == NULL)
        return ax_ref_fail (error, AX_STATUS_MEMORY,
                            "no memory for %" G_GINT64_FORMAT
                            " gradients of node %d",
                            count, i);
    }
  return AX_STATUS_OK;
}

static void
run_losses (AxEnginePlan *plan, const AxTensorView *targets,
            const float *entry_weights, double *values)
{
  AxRefTraining *self = plan->training;
  for (int i = 0; i < self->n_losses; i++)
    {
      int node = ax_train_loss_get_node (&plan->graph, &self->losses[i]);
      const AxRefTensor *value = &plan->tensors[node];
      gsize count = (gsize)ax_ref_count (&value->shape);
      /* A loss on what depends on no parameter has no gradient to give. */
      g_autofree double *unwanted
          = self->wanted[node] ? NULL : g_new0 (double, count);
      values[i] = ax_train_loss_run (
          &plan->graph, &self->losses[i], &value->shape, value->data,
          &targets[i], entry_weights,
          self->wanted[node] ? self->gradients[node] : unwanted);
    }
}

static void
run_backward (AxEnginePlan *plan, int index, uint64_t seed)
{
  AxRefTraining *self = plan->training;
  const AxNode *node = &plan->nodes[index];
  AxRefCall call = ax_ref_plan_get_call (plan, index);
  call.seed = seed;
  AxRefBackward back = { .call = &call, .d_out = self->gradients[index] };
  back.d_a = self->gradients[node->inputs[0]];
  back.d_b = node->inputs[1] < 0 ? NULL : self->gradients[node->inputs[1]];
  for (guint k = 0; k < G_N_ELEMENTS (back.d_params); k++)
    if (node->params[k] >= 0)
      back.d_params[k] = self->states[AX_STATE_GRADIENT][node->params[k]];
  ax_ref_kind_get (node->kind)->backward (&back);
}

AxStatus
ax_ref_learn (AxEnginePlan *plan, const AxTensorView *input,
              const AxTensorView *targets, const float *entry_weights,
              uint64_t seed, double *values, AxEngineError *error)
{
  AxRefTraining *self = plan->training;
  AxStatus status = run_forward (plan, input, seed, error);
  if (status == AX_STATUS_OK)
    status = clear_gradients (plan, error);
  if (status == AX_STATUS_OK)
    {
      run_losses (plan, targets, entry_weights, values);
      for (int i = plan->graph.n_nodes - 1; i > 0; i--)
        if (self->wanted[i])
          run_backward (plan, i, seed);
    }
  ax_ref_plan_drop_tensors (plan);
  drop_gradients (self);
  return status;
}

/* The update that engine-api.h states, of one value. */
static void
update_sgd (const AxOptimStep *step, double rate, double decay, double gradient,
            double *value, double *m)
{
  gradient += decay * *value;
  *m = step->momentum * *m + gradient;
  *value -= rate * (step->nesterov ? gradient + step->momentum * *m : *m);
}

static void
update_adam (const AxOptimStep *step, double rate, double decay,
             double gradient, double *value, double *m, double *v)
{
  double t = (double)step->step;
  *value -= rate * decay * *value;
  *m = step->momentum * *m + (1.0 - step->momentum) * gradient;
  *v = step->beta2 * *v + (1.0 - step->beta2) * gradient * gradient;
  *value -= rate * *m / (1.0 - pow (step->momentum, t))
            / (sqrt (*v / (1.0 - pow (step->beta2, t))) + step->epsilon);
}

AxStatus
ax_ref_step (AxEnginePlan *plan, const AxOptimStep *step, AxEngineError *error)
{
  AxRefTraining *self = plan->training;
  for (int i = 0; i < self->n_params; i++)
    {
      double rate = step->rate, decay = step->weight_decay;
      if (step->rate_scale != NULL)
        rate *= (double)step->rate_scale[i];
      if (step->decay_scale != NULL)
        decay *= (double)step->decay_scale[i];
      double *value = self->states[AX_STATE_VALUE][i];
      double *m = self->states[AX_STATE_MOMENT1][i];
      double *v = self->states[AX_STATE_MOMENT2][i];
      const double *gradient = self->states[AX_STATE_GRADIENT][i];
      for (gint64 k = 0; self->trained[i] && k < self->counts[i]; k++)
        if (step->kind == AX_OPTIM_SGD)
          update_sgd (step, rate, decay, gradient[k], &value[k], &m[k]);
        else
          update_adam (step, rate, decay, gradient[k], &value[k], &m[k], &v[k]);
    }
  return AX_STATUS_OK;
}

AxStatus
ax_ref_pull (AxEnginePlan *plan, int32_t param, int32_t state,
             const AxTensorView *out, AxEngineError *error)
{
  const AxRefTraining *self = plan->training;
  const double *from = self->states[state][param];
  for (gint64 i = 0; i < self->counts[param]; i++)
    if (out->dtype == AX_DTYPE_F32)
      ((float *)out->data)[i] = (float)from[i];
    else
      ((double *)out->data)[i] = from[i];
  return AX_STATUS_OK;
}

AxStatus
ax_ref_push (AxEnginePlan *plan, int32_t param, int32_t state,
             const AxTensorView *in, AxEngineError *error)
{
  ax_tensor_view_to_f64 (in, plan->training->states[state][param]);
  return AX_STATUS_OK;
}
