#include "core/train/validation.h"

#include "core/base/error.h"
#include "core/eval/calibration.h"
#include "core/eval/roc.h"
#include "core/nn/plan-outputs.h"
#include "core/train/prefetch.h"

#include <math.h>

#define BATCH 32
#define N_SLOTS 3
#define N_BINS 15

struct _AxValidation
{
  char *name;
  AxEpoch *epoch;
  guint n_producers;
};

void
ax_validation_result_clear (AxValidationResult *self)
{
  g_free (self->probabilities);
  g_free (self->labels);
  *self = (AxValidationResult){ 0 };
}

gboolean
ax_validation_result_is_right (const AxValidationResult *self, guint sample)
{
  g_return_val_if_fail (self != NULL && sample < self->n_samples, FALSE);
  const double *row = self->probabilities + (gsize)sample * self->n_classes;
  guint largest = 0;
  for (guint c = 1; c < self->n_classes; c++)
    if (row[c] > row[largest])
      largest = c;
  return largest == (guint)self->labels[sample];
}

void
ax_validation_result_judge (AxValidationResult *self)
{
  g_return_if_fail (self != NULL);
  const guint n = self->n_samples;
  g_autofree AxRocItem *items = g_new (AxRocItem, MAX (n, 1));
  g_autofree double *tumor = g_new (double, MAX (n, 1));
  g_autofree gboolean *is_tumor = g_new (gboolean, MAX (n, 1));
  AxReliabilityBin bins[N_BINS];
  guint n_right = 0;
  for (guint i = 0; i < n; i++)
    {
      const double *row = self->probabilities + (gsize)i * self->n_classes;
      tumor[i] = row[self->tumor_class];
      is_tumor[i] = (guint)self->labels[i] == self->tumor_class;
      items[i] = (AxRocItem){ tumor[i], is_tumor[i] };
      n_right += ax_validation_result_is_right (self, i) ? 1 : 0;
    }
  ax_roc_auc (items, n, &self->auc);
  self->accuracy = n > 0 ? (double)n_right / n : NAN;
  self->loss = ax_calibration_get_loss (self->probabilities, self->labels, n,
                                        self->n_classes);
  self->ece = ax_calibration_get_bins (tumor, is_tumor, n, bins, N_BINS);
}

AxValidation *
ax_validation_new (AxSampleSource *source, int n_classes, guint n_per_class,
                   int side, guint64 seed, guint n_producers)
{
  g_return_val_if_fail (source != NULL && n_classes > 0, NULL);
  g_return_val_if_fail (side > 0 && n_producers > 0, NULL);
  const AxAugment none = ax_augment_none ();
  AxValidation *self = g_new0 (AxValidation, 1);
  self->name = g_strdup (ax_sample_source_get_name (source));
  self->n_producers = n_producers;
  self->epoch = ax_epoch_new (side, &none, seed);
  for (int label = 0; label < n_classes; label++)
    {
      const guint n_items = ax_sample_source_get_n_items (source, label);
      const guint n = n_per_class > 0 && n_items > 0 ? n_per_class : n_items;
      for (guint i = 0; i < n; i++)
        ax_epoch_add (self->epoch, source, label, i % n_items);
    }
  return self;
}

void
ax_validation_free (AxValidation *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  ax_epoch_free (self->epoch);
  g_free (self);
}

const char *
ax_validation_get_name (const AxValidation *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->name;
}

static AxPlan *
make_plan (AxEngine *engine, AxModel *model, int side, GError **error)
{
  g_autoptr (AxPlan) plan = ax_plan_new (
      engine, ax_model_get_inference_graph (model),
      ax_model_get_inference_weights (model), BATCH, side, side, error);
  gint64 shape[4];
  if (plan == NULL)
    return NULL;
  ax_plan_get_output_shape (plan, 0, shape);
  if (shape[2] == 1 && shape[3] == 1)
    return g_steal_pointer (&plan);
  g_set_error (error, AX_ERROR, AX_ERROR_UNSUPPORTED,
               "%s: gives %" G_GINT64_FORMAT " values for one field, not one",
               ax_model_get_name (model), shape[2] * shape[3]);
  return NULL;
}

static gboolean
run_batches (AxValidation *self, AxPlan *plan, AxPrefetch *prefetch,
             GCancellable *cancellable, AxValidationResult *result,
             GError **error)
{
  const guint n_classes = result->n_classes;
  g_auto (AxPlanOutputs) outputs = { { NULL } };
  const AxBatch *batch;
  if (!ax_plan_outputs_init (&outputs, plan, error))
    return FALSE;
  while ((batch = ax_prefetch_next (prefetch)) != NULL)
    {
      guint n_failed;
      GError *failure = ax_prefetch_get_failure (prefetch, &n_failed);
      if (failure != NULL)
        {
          g_propagate_error (error, failure);
          return FALSE;
        }
      if (g_cancellable_is_cancelled (cancellable))
        {
          g_set_error_literal (error, AX_ERROR, AX_ERROR_CANCELLED,
                               "validation was cancelled");
          return FALSE;
        }
      if (!ax_plan_forward_rgb (plan, batch->rgb, outputs.values, error))
        return FALSE;
      for (guint i = 0; i < batch->n_samples; i++, result->n_samples++)
        {
          result->labels[result->n_samples] = batch->labels[i];
          for (guint c = 0; c < n_classes; c++)
            result->probabilities[(gsize)result->n_samples * n_classes + c]
                = outputs.values[0][i * n_classes + c];
        }
    }
  return TRUE;
}

gboolean
ax_validation_run (AxValidation *self, AxEngine *engine, AxModel *model,
                   GCancellable *cancellable, AxValidationResult *result,
                   GError **error)
{
  g_return_val_if_fail (self != NULL && engine != NULL, FALSE);
  g_return_val_if_fail (model != NULL && result != NULL, FALSE);
  const AxPrefetchSpec spec = { .batch = BATCH,
                                .n_producers = self->n_producers,
                                .n_slots = N_SLOTS,
                                .partial = TRUE };
  const guint n = ax_epoch_get_n_samples (self->epoch);
  g_auto (AxValidationResult) found
      = { .n_classes = ax_model_get_n_classes (model),
          .tumor_class = ax_model_get_tumor_class (model) };
  g_autoptr (AxPlan) plan
      = make_plan (engine, model, ax_epoch_get_side (self->epoch), error);
  if (plan == NULL)
    return FALSE;
  found.probabilities = g_new (double, (gsize)MAX (n, 1) * found.n_classes);
  found.labels = g_new (int, MAX (n, 1));
  g_autoptr (AxPrefetch) prefetch = ax_prefetch_new (self->epoch, &spec, error);
  if (prefetch == NULL
      || !run_batches (self, plan, prefetch, cancellable, &found, error))
    return FALSE;
  ax_validation_result_judge (&found);
  *result = found;
  found = (AxValidationResult){ 0 };
  return TRUE;
}
