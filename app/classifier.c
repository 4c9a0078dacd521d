#include "app/classifier.h"

#include "core/base/error.h"
#include "core/nn/plan-outputs.h"

struct _AxClassifier
{
  AxModel *model;
  AxEngine *engine;
  AxPlan *plan;
  int batch;
  gsize field_bytes;
  guint8 *rgb;           /* (batch, field, field, 3) */
  AxPlanOutputs outputs; /* the first one: (batch, classes) */
};

AxClassifier *
ax_classifier_new (AxModel *model, const char *engine, int n_threads, int batch,
                   GError **error)
{
  g_autoptr (AxClassifier) self = g_new0 (AxClassifier, 1);
  const AxEngineSetup setup = { .n_threads = n_threads };
  gint64 shape[4];
  int field = ax_model_get_field (model);

  self->model = ax_model_ref (model);
  self->batch = batch;
  self->field_bytes = (gsize)field * field * 3;
  self->engine = ax_engine_new (engine, &setup, error);
  if (self->engine == NULL)
    return NULL;
  self->plan = ax_plan_new (self->engine, ax_model_get_inference_graph (model),
                            ax_model_get_inference_weights (model), batch,
                            field, field, error);
  if (self->plan == NULL)
    return NULL;

  ax_plan_get_output_shape (self->plan, 0, shape);
  if (shape[2] != 1 || shape[3] != 1)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_UNSUPPORTED,
                   "%s: gives %" G_GINT64_FORMAT " values for one field, "
                   "not one",
                   ax_model_get_name (model), shape[2] * shape[3]);
      return NULL;
    }
  if (!ax_plan_outputs_init (&self->outputs, self->plan, error))
    return NULL;
  self->rgb = g_try_malloc0 (batch * self->field_bytes);
  if (self->rgb == NULL)
    {
      g_set_error_literal (error, AX_ERROR, AX_ERROR_MEMORY,
                           "no memory for a batch of pictures");
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
ax_classifier_free (AxClassifier *self)
{
  if (self == NULL)
    return;
  ax_plan_free (self->plan);
  ax_engine_free (self->engine);
  ax_model_unref (self->model);
  g_free (self->rgb);
  ax_plan_outputs_clear (&self->outputs);
  g_free (self);
}

guint8 *
ax_classifier_get_input (AxClassifier *self, int index)
{
  g_return_val_if_fail (index >= 0 && index < self->batch, NULL);

  return self->rgb + index * self->field_bytes;
}

gboolean
ax_classifier_run (AxClassifier *self, int count, double *probabilities,
                   GError **error)
{
  guint n_classes = ax_model_get_n_classes (self->model);
  guint tumor = ax_model_get_tumor_class (self->model);

  g_return_val_if_fail (count >= 0 && count <= self->batch, FALSE);

  if (!ax_plan_forward_rgb (self->plan, self->rgb, self->outputs.values, error))
    return FALSE;
  for (int i = 0; i < count; i++)
    probabilities[i] = self->outputs.values[0][i * n_classes + tumor];
  return TRUE;
}
