#include "core/train/trainer.h"

#include "core/base/error.h"
#include "core/train/prefetch.h"
#include "core/train/trainer-private.h"
#include "core/train/weights-copy.h"

#include <math.h>
#include <string.h>

#define N_SLOTS 4
#define MAX_FAILED 10 /* or a hundredth of the samples */
#define HEAD_PREFIX "head."

static gboolean
check_spec (const AxTrainSpec *spec, GError **error)
{
  const char *wrong = spec->batch < 1            ? "batch"
                      : spec->n_epochs < 1       ? "epochs"
                      : spec->n_producers < 1    ? "producers"
                      : !(spec->head_rate > 0.0) ? "head rate"
                      : !(spec->average >= 0 && spec->average < 1.) ? "average"
                                                                    : NULL;
  if (wrong != NULL)
    g_set_error (error, AX_ERROR, AX_ERROR_LIMIT,
                 "training settings: '%s' is out of its limits", wrong);
  else if (spec->n_samples < spec->batch)
    g_set_error (error, AX_ERROR, AX_ERROR_LIMIT,
                 "training settings: an epoch of %u samples is less than one "
                 "batch of %u",
                 spec->n_samples, spec->batch);
  else
    return TRUE;
  return FALSE;
}

/* Norms and biases do not decay: that would only move their zero. */
static void
make_scales (AxTrainer *self, AxGraph *graph)
{
  const guint n = ax_graph_get_n_params (graph);
  self->rate_scale = g_new (float, MAX (n, 1));
  self->decay_scale = g_new (float, MAX (n, 1));
  for (guint i = 0; i < n; i++)
    {
      const AxGraphParam *param = ax_graph_get_param (graph, i);
      const gboolean head = g_str_has_prefix (param->name, HEAD_PREFIX);
      self->rate_scale[i] = head ? (float)self->spec.head_rate : 1.0f;
      self->decay_scale[i] = param->role == AX_PARAM_WEIGHT ? 1.0f : 0.0f;
    }
}

static gboolean
can_teach (const AxSampler *sampler, AxTargetKind target)
{
  return target == AX_TARGET_CLASS
         || (target == AX_TARGET_FRACTION && ax_sampler_has_fractions (sampler))
         || (target == AX_TARGET_MASK && ax_sampler_has_masks (sampler));
}

static gboolean
choose_tasks (AxTrainer *self, GError **error)
{
  guint n_tasks;
  const AxModelTask *tasks = ax_model_get_tasks (self->start, &n_tasks);
  for (guint t = 0; t < n_tasks; t++)
    if (can_teach (self->sampler, tasks[t].target))
      self->tasks[self->n_tasks++] = tasks[t];
  if (self->n_tasks > 0)
    return TRUE;
  g_set_error (error, AX_ERROR, AX_ERROR_UNSUPPORTED,
               "%s learns from masks, which these samples do not have: it "
               "needs slides with annotations",
               ax_model_get_name (self->start));
  return FALSE;
}

static gboolean
make_plan (AxTrainer *self, GError **error)
{
  const AxEngineSetup setup = { .n_threads = self->spec.n_threads };
  const int side = ax_sampler_get_side (self->sampler);
  AxLoss losses[AX_MAX_OUTPUTS];
  for (guint t = 0; t < self->n_tasks; t++)
    losses[t] = self->tasks[t].loss;
  self->engine = ax_engine_new (self->spec.engine, &setup, error);
  if (self->engine == NULL)
    return FALSE;
  self->plan = ax_train_plan_new (
      self->engine, ax_model_get_graph (self->start),
      ax_model_get_weights (self->start), losses, self->n_tasks,
      (int)self->spec.batch, side, side, error);
  if (self->plan == NULL)
    return FALSE;
  const AxEngineReport *report = ax_engine_get_report (self->engine);
  self->dtype
      = g_str_equal (report->precision, "fp64") ? AX_DTYPE_F64 : AX_DTYPE_F32;
  return TRUE;
}

gboolean
ax_trainer_pull (AxTrainer *self, AxTrainState state, const char *prefix,
                 AxWeights *weights, GError **error)
{
  AxGraph *graph = ax_model_get_graph (self->start);
  for (guint i = 0; i < ax_graph_get_n_params (graph); i++)
    {
      const AxGraphParam *param = ax_graph_get_param (graph, i);
      g_autofree char *name = g_strconcat (prefix, param->name, NULL);
      const AxTensorView *view = ax_weights_add (
          weights, name, self->dtype, param->rank, param->shape, NULL);
      if (view == NULL)
        {
          g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                       "no memory for '%s' of the trained weights", name);
          return FALSE;
        }
      if (!ax_train_plan_pull (self->plan, i, state, view, error))
        return FALSE;
    }
  return TRUE;
}

/* (transfer full): the weights of now, once @make has made them symmetric. */
static AxWeights *
pull_symmetric (AxTrainer *self,
                void (*make) (AxSymmetry, const AxTensorView *), GError **error)
{
  AxGraph *graph = ax_model_get_graph (self->start);
  g_autoptr (AxWeights) now = ax_weights_new ();
  if (!ax_trainer_pull (self, AX_STATE_VALUE, "", now, error))
    return NULL;
  if (self->spec.symmetry == AX_SYMMETRY_NONE)
    return g_steal_pointer (&now);
  for (guint i = 0; i < ax_graph_get_n_params (graph); i++)
    {
      const AxTensorView *view
          = ax_weights_find (now, ax_graph_get_param (graph, i)->name);
      make (self->spec.symmetry, view);
      if (!ax_train_plan_push (self->plan, i, AX_STATE_VALUE, view, error))
        return NULL;
    }
  return g_steal_pointer (&now);
}

static gboolean
start_symmetric (AxTrainer *self, GError **error)
{
  if (!ax_symmetry_check (self->spec.symmetry, ax_model_get_graph (self->start),
                          error))
    return FALSE;
  g_autoptr (AxWeights) first = pull_symmetric (self, ax_symmetry_copy, error);
  return first != NULL;
}

AxTrainer *
ax_trainer_new (const AxTrainSpec *spec, AxModel *start, AxSampler *sampler,
                AxValidation *validation, GError **error)
{
  g_return_val_if_fail (spec != NULL && start != NULL && sampler != NULL, NULL);
  if (!check_spec (spec, error))
    return NULL;
  g_autoptr (AxTrainer) self = g_new0 (AxTrainer, 1);
  self->spec = *spec;
  self->start = ax_model_ref (start);
  self->sampler = sampler;
  self->validation = validation;
  self->n_batches = spec->n_samples / spec->batch;
  self->n_items = ax_sampler_get_n_items (sampler);
  self->curve = g_array_new (FALSE, FALSE, sizeof (AxTrainRow));
  if (self->spec.optim.schedule.n_steps == 0)
    self->spec.optim.schedule.n_steps
        = (gint64)self->n_batches * self->spec.n_epochs;
  if (!ax_optim_check (&self->spec.optim, error))
    return NULL;
  make_scales (self, ax_model_get_graph (start));
  if (!choose_tasks (self, error) || !make_plan (self, error)
      || !start_symmetric (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
ax_trainer_free (AxTrainer *self)
{
  if (self == NULL)
    return;
  ax_train_plan_free (self->plan);
  ax_engine_free (self->engine);
  ax_model_unref (self->start);
  g_free (self->rate_scale);
  g_free (self->decay_scale);
  g_clear_pointer (&self->average, ax_weights_unref);
  g_clear_pointer (&self->best, ax_weights_unref);
  if (self->curve != NULL)
    g_array_unref (self->curve);
  g_free (self);
}

AxEngine *
ax_trainer_get_engine (AxTrainer *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->engine;
}

/* a = d a + (1 - d) w */
static void
average_tensor (const AxTensorView *now, double d, const AxTensorView *average)
{
  gint64 count;
  const gboolean counted = ax_tensor_view_count (now, &count);
  g_assert (counted);
  if (now->dtype == AX_DTYPE_F64)
    {
      const double *w = now->data;
      double *a = average->data;
      for (gint64 i = 0; i < count; i++)
        a[i] = d * a[i] + (1.0 - d) * w[i];
    }
  else
    {
      const float *w = now->data;
      float *a = average->data;
      for (gint64 i = 0; i < count; i++)
        a[i] = (float)d * a[i] + (1.0f - (float)d) * w[i];
    }
}

/* Ends a step that the plan has made. */
static gboolean
average_step (AxTrainer *self, GError **error)
{
  const double limit
      = (1.0 + (double)self->n_steps) / (10.0 + (double)self->n_steps);
  const double d = fmin (self->spec.average, limit);
  g_autoptr (AxWeights) now = pull_symmetric (self, ax_symmetry_average, error);
  if (now == NULL)
    return FALSE;
  if (self->average != NULL && self->spec.average > 0.0)
    for (guint i = 0; i < ax_weights_get_n_tensors (now); i++)
      {
        const char *name = ax_weights_get_name (now, i);
        average_tensor (ax_weights_find (now, name), d,
                        ax_weights_find (self->average, name));
      }
  else
    {
      g_clear_pointer (&self->average, ax_weights_unref);
      self->average = g_steal_pointer (&now);
    }
  return TRUE;
}

static AxTensorView
view_target (const AxTrainer *self, AxTargetKind target, const AxBatch *batch)
{
  const gint64 n = self->spec.batch;
  const gint64 side = ax_sampler_get_side (self->sampler);
  if (target == AX_TARGET_CLASS)
    return (AxTensorView){ batch->labels, AX_DTYPE_I32, 3, { n, 1, 1 } };
  if (target == AX_TARGET_FRACTION)
    return (AxTensorView){ batch->fractions, AX_DTYPE_F32, 4, { n, 1, 1, 1 } };
  return (AxTensorView){ batch->masks, AX_DTYPE_I32, 3, { n, side, side } };
}

static gboolean
learn_batch (AxTrainer *self, const AxBatch *batch, double *loss,
             GError **error)
{
  const gint64 side = ax_sampler_get_side (self->sampler);
  const AxTensorView input
      = { batch->rgb, AX_DTYPE_U8, 4, { self->spec.batch, side, side, 3 } };
  AxTensorView targets[AX_MAX_OUTPUTS];
  double losses[AX_MAX_OUTPUTS];
  AxOptimStep step = ax_optim_get_step (&self->spec.optim, self->n_steps + 1);
  const guint64 seed = ax_rng_u64 (ax_sampler_get_seed (self->sampler),
                                   G_MAXUINT64, (guint64)self->n_steps);
  for (guint t = 0; t < self->n_tasks; t++)
    targets[t] = view_target (self, self->tasks[t].target, batch);
  step.rate_scale = self->rate_scale;
  step.decay_scale = self->decay_scale;
  if (!ax_train_plan_learn (self->plan, &input, targets, batch->weights, seed,
                            losses, error)
      || !ax_train_plan_step (self->plan, &step, error))
    {
      g_prefix_error (error, "step %" G_GINT64_FORMAT ": ", self->n_steps + 1);
      return FALSE;
    }
  *loss = 0.0;
  for (guint t = 0; t < self->n_tasks; t++)
    *loss += losses[t];
  self->n_steps++;
  self->n_batches_done++;
  self->loss_sum += *loss;
  return average_step (self, error);
}

static gboolean
check_failures (AxTrainer *self, AxPrefetch *prefetch, guint *n_failed,
                GError **error)
{
  g_autoptr (GError) failure = ax_prefetch_get_failure (prefetch, n_failed);
  if (*n_failed <= MAX (MAX_FAILED, self->spec.n_samples / 100))
    return TRUE;
  g_set_error (error, failure->domain, failure->code,
               "%u samples of this epoch could not be read, the first: %s",
               *n_failed, failure->message);
  return FALSE;
}

static gboolean
check_cancelled (GCancellable *cancellable, GError **error)
{
  if (!g_cancellable_is_cancelled (cancellable))
    return TRUE;
  g_set_error_literal (error, AX_ERROR, AX_ERROR_CANCELLED,
                       "training was interrupted");
  return FALSE;
}

typedef void (*ProgressFunc) (const AxTrainProgress *, gpointer);

static gboolean
needs_masks (const AxTrainer *self)
{
  for (guint t = 0; t < self->n_tasks; t++)
    if (self->tasks[t].target == AX_TARGET_MASK)
      return TRUE;
  return FALSE;
}

static gboolean
learn_epoch (AxTrainer *self, AxPrefetch *prefetch, GCancellable *cancellable,
             ProgressFunc on_progress, gpointer user_data, AxTrainRow *row,
             GError **error)
{
  const gint64 start_us = g_get_monotonic_time ();
  const guint first = self->n_batches_done;
  const AxBatch *batch;
  while (self->n_batches_done < self->n_batches
         && (batch = ax_prefetch_next (prefetch)) != NULL)
    {
      double loss;
      if (!check_cancelled (cancellable, error)
          || !check_failures (self, prefetch, &row->n_failed, error)
          || !learn_batch (self, batch, &loss, error))
        return FALSE;
      const double elapsed_us = (double)(g_get_monotonic_time () - start_us);
      row->samples_per_s = 1e6 * (self->n_batches_done - first)
                           * self->spec.batch / fmax (elapsed_us, 1.0);
      row->consumer_wait
          = (double)ax_prefetch_get_wait_us (prefetch) / fmax (elapsed_us, 1.0);
      const AxTrainProgress progress
          = { row->epoch, self->n_batches_done, self->n_batches, loss,
              row->samples_per_s };
      if (on_progress != NULL)
        on_progress (&progress, user_data);
    }
  return TRUE;
}

static gboolean
judge_epoch (AxTrainer *self, GCancellable *cancellable, AxTrainRow *row,
             GError **error)
{
  g_auto (AxValidationResult) result = { 0 };
  g_autoptr (AxModel) model = NULL;
  if (self->validation == NULL)
    return TRUE;
  model = ax_trainer_get_model (self, error);
  if (model == NULL
      || !ax_validation_run (self->validation, self->engine, model, cancellable,
                             &result, error))
    return FALSE;
  row->valid_loss = result.loss;
  row->valid_auc = result.auc;
  row->valid_accuracy = result.accuracy;
  row->valid_ece = result.ece;
  return TRUE;
}

static gboolean
keep_best (AxTrainer *self, const AxTrainRow *row, GError **error)
{
  const gboolean better = self->spec.keep_last || self->best == NULL
                          || isnan (row->valid_auc)
                          || row->valid_auc > self->best_figure;
  if (!better)
    return TRUE;
  AxWeights *copy = ax_weights_copy (self->average, error);
  if (copy == NULL)
    return FALSE;
  g_clear_pointer (&self->best, ax_weights_unref);
  self->best = copy;
  self->best_epoch = row->epoch;
  self->best_figure = row->valid_auc;
  return TRUE;
}

gboolean
ax_trainer_run_epoch (AxTrainer *self, GCancellable *cancellable,
                      ProgressFunc on_progress, gpointer user_data,
                      GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  const AxPrefetchSpec spec = { .batch = self->spec.batch,
                                .first = self->n_batches_done,
                                .n_producers = self->spec.n_producers,
                                .n_slots = N_SLOTS,
                                .masks = needs_masks (self) };
  AxTrainRow row = { .epoch = ax_trainer_get_n_epochs (self) + 1,
                     .valid_loss = NAN,
                     .valid_auc = NAN,
                     .valid_accuracy = NAN,
                     .valid_ece = NAN };
  g_autoptr (AxEpoch) epoch
      = ax_sampler_plan (self->sampler, row.epoch, self->spec.n_samples, error);
  if (epoch == NULL)
    return FALSE;
  g_autoptr (AxPrefetch) prefetch = ax_prefetch_new (epoch, &spec, error);
  if (prefetch == NULL
      || !learn_epoch (self, prefetch, cancellable, on_progress, user_data,
                       &row, error))
    return FALSE;
  g_clear_pointer (&prefetch, ax_prefetch_free);
  if (on_progress != NULL)
    on_progress (&(AxTrainProgress){ .epoch = row.epoch }, user_data);
  row.loss = self->loss_sum / self->n_batches;
  row.rate = ax_optim_get_step (&self->spec.optim, self->n_steps).rate;
  if (!judge_epoch (self, cancellable, &row, error)
      || !keep_best (self, &row, error))
    return FALSE;
  g_array_append_val (self->curve, row);
  self->n_batches_done = 0;
  self->loss_sum = 0.0;
  return TRUE;
}

gboolean
ax_trainer_is_done (const AxTrainer *self)
{
  g_return_val_if_fail (self != NULL, TRUE);
  const guint n = self->curve->len;
  return n >= self->spec.n_epochs
         || (self->spec.patience > 0
             && n >= self->best_epoch + self->spec.patience);
}

guint
ax_trainer_get_n_epochs (const AxTrainer *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->curve->len;
}

const GArray *
ax_trainer_get_curve (const AxTrainer *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->curve;
}

guint
ax_trainer_get_best_epoch (const AxTrainer *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->best_epoch;
}

/* (transfer full): the card's `learnt`. */
static char *
list_learnt (const AxTrainer *self)
{
  GString *names = g_string_new ("[");
  for (guint t = 0; t < self->n_tasks; t++)
    g_string_append_printf (names, "%s\"%s\"", t > 0 ? "," : "",
                            self->tasks[t].name);
  return g_string_free (g_string_append_c (names, ']'), FALSE);
}

static AxModel *
make_model (AxTrainer *self, AxWeights *trained, GError **error)
{
  AxWeights *start = ax_model_get_weights (self->start);
  g_autoptr (AxWeights) weights
      = ax_weights_copy (trained != NULL ? trained : start, error);
  if (weights == NULL)
    return NULL;
  g_autofree char *learnt = list_learnt (self);
  ax_weights_copy_metadata (start, weights);
  ax_weights_set_metadata (weights, "learnt", learnt);
  return ax_model_new (weights, error);
}

AxModel *
ax_trainer_get_model (AxTrainer *self, GError **error)
{
  g_return_val_if_fail (self != NULL, NULL);
  return make_model (self, self->average, error);
}

AxModel *
ax_trainer_get_best_model (AxTrainer *self, GError **error)
{
  g_return_val_if_fail (self != NULL, NULL);
  return make_model (self, self->best != NULL ? self->best : self->average,
                     error);
}
