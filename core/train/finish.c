#include "core/train/finish.h"

#include "core/base/error.h"
#include "core/base/parse.h"
#include "core/detect/model-check.h"
#include "core/eval/calibration.h"
#include "core/nn/plan-outputs.h"
#include "core/nn/tensor.h"
#include "core/train/weights-copy.h"

#include <math.h>

#define KEY_TEMPERATURE "temperature"
#define TILE_SEED 20
#define N_NUCLEI 60

static gboolean
add_rounded (AxWeights *weights, const char *name, const AxTensorView *view,
             gboolean half, GError **error)
{
  gint64 count;
  const gboolean counted = ax_tensor_view_count (view, &count);
  const gboolean narrow = half && view->rank > 1;
  g_assert (counted);
  AxTensorView *out
      = ax_weights_add (weights, name, narrow ? AX_DTYPE_F16 : AX_DTYPE_F32,
                        view->rank, view->shape, NULL);
  if (out == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "no memory for tensor '%s'", name);
      return FALSE;
    }
  if (narrow)
    for (gint64 i = 0; i < count; i++)
      ((guint16 *)out->data)[i]
          = ax_float_to_half ((float)ax_tensor_view_get (view, i));
  else
    ax_tensor_view_to_f32 (view, out->data);
  return TRUE;
}

/* The network's own tensors, not what a file may hold besides. */
static AxWeights *
round_weights (AxModel *model, gboolean half, GError **error)
{
  AxGraph *graph = ax_model_get_graph (model);
  AxWeights *from = ax_model_get_weights (model);
  g_autoptr (AxWeights) weights = ax_weights_new ();
  for (guint i = 0; i < ax_graph_get_n_params (graph); i++)
    {
      const char *name = ax_graph_get_param (graph, i)->name;
      if (!add_rounded (weights, name, ax_weights_find (from, name), half,
                        error))
        return NULL;
    }
  ax_weights_copy_metadata (from, weights);
  return g_steal_pointer (&weights);
}

static AxModel *
copy_with_temperature (AxWeights *weights, double temperature, GError **error)
{
  char number[AX_FORMAT_BUFFER];
  g_autoptr (AxWeights) copy = ax_weights_copy (weights, error);
  if (copy == NULL)
    return NULL;
  ax_weights_copy_metadata (weights, copy);
  ax_weights_set_metadata (copy, KEY_TEMPERATURE,
                           ax_format_decimal (number, temperature, 4));
  return ax_model_new (copy, error);
}

/* Judged at temperature 1 first, then at the one that fits best. */
static AxModel *
calibrate (AxWeights *weights, AxEngine *engine, AxValidation *validation,
           GCancellable *cancellable, AxValidationResult *result,
           GError **error)
{
  g_autoptr (AxModel) plain = copy_with_temperature (weights, 1.0, error);
  g_auto (AxValidationResult) first = { 0 };
  if (plain == NULL)
    return NULL;
  if (!ax_validation_run (validation, engine, plain, cancellable, &first,
                          error))
    return NULL;
  const double temperature = ax_calibration_fit_temperature (
      first.probabilities, first.labels, first.n_samples, first.n_classes);
  g_autoptr (AxModel) fitted
      = copy_with_temperature (weights, temperature, error);
  if (fitted == NULL
      || !ax_validation_run (validation, engine, fitted, cancellable, result,
                             error))
    return NULL;
  return g_steal_pointer (&fitted);
}

/* Pink ground with violet discs: colours of tissue, of nobody's. */
static void
draw_tile (guint8 *rgb, int side)
{
  AxRng rng = ax_rng_init (TILE_SEED, 0);
  for (gsize i = 0; i < (gsize)side * (gsize)side; i++)
    {
      rgb[i * 3] = (guint8)(215 + ax_rng_below (&rng, 20));
      rgb[i * 3 + 1] = (guint8)(150 + ax_rng_below (&rng, 25));
      rgb[i * 3 + 2] = (guint8)(190 + ax_rng_below (&rng, 20));
    }
  for (int n = 0; n < N_NUCLEI; n++)
    {
      const double cx = ax_rng_range (&rng, 0.0, side);
      const double cy = ax_rng_range (&rng, 0.0, side);
      const double radius = ax_rng_range (&rng, 2.0, 7.0);
      for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++)
          if (hypot (x - cx, y - cy) < radius)
            {
              guint8 *pixel = rgb + ((gsize)y * (gsize)side + (gsize)x) * 3;
              pixel[0] = (guint8)(80 + ax_rng_below (&rng, 30));
              pixel[1] = (guint8)(50 + ax_rng_below (&rng, 30));
              pixel[2] = (guint8)(130 + ax_rng_below (&rng, 30));
            }
    }
}

/* One field; its probability, or map where the network gives one. */
static gboolean
add_check_tile (AxWeights *weights, AxModel *model, AxEngine *engine,
                GError **error)
{
  const int side = ax_model_get_field (model);
  const gint64 shape[] = { side, side, 3 };
  g_autofree guint8 *rgb = g_malloc ((gsize)side * (gsize)side * 3);
  g_auto (AxPlanOutputs) outputs = { { NULL } };
  gint64 out[4];
  draw_tile (rgb, side);
  g_autoptr (AxPlan) plan = ax_plan_new (
      engine, ax_model_get_inference_graph (model),
      ax_model_get_inference_weights (model), 1, side, side, error);
  if (plan == NULL || !ax_plan_outputs_init (&outputs, plan, error)
      || !ax_plan_forward_rgb (plan, rgb, outputs.values, error))
    return FALSE;
  ax_plan_get_output_shape (plan, 0, out);
  const gint64 n_cells = out[2] * out[3];
  if (ax_weights_add (weights, AX_MODEL_CHECK_INPUT, AX_DTYPE_U8, 3, shape, rgb)
          != NULL
      && ax_weights_add (
             weights, AX_MODEL_CHECK_PROB, AX_DTYPE_F32, 1, &n_cells,
             outputs.values[0] + ax_model_get_tumor_class (model) * n_cells)
             != NULL)
    return TRUE;
  g_set_error_literal (error, AX_ERROR, AX_ERROR_MEMORY,
                       "no memory for the self-test's tile");
  return FALSE;
}

AxWeights *
ax_train_finish (AxModel *model, AxEngine *engine, AxValidation *validation,
                 gboolean half, GCancellable *cancellable,
                 AxValidationResult *result, GError **error)
{
  g_return_val_if_fail (model != NULL && engine != NULL, NULL);
  g_return_val_if_fail (result != NULL, NULL);
  g_auto (AxValidationResult) found = { 0 };
  g_autoptr (AxWeights) weights = round_weights (model, half, error);
  if (weights == NULL)
    return NULL;
  g_autoptr (AxModel) calibrated
      = validation != NULL
            ? calibrate (weights, engine, validation, cancellable, &found,
                         error)
            : copy_with_temperature (weights, ax_model_get_temperature (model),
                                     error);
  if (calibrated == NULL)
    return NULL;
  ax_weights_set_metadata (
      weights, KEY_TEMPERATURE,
      ax_weights_get_metadata (ax_model_get_weights (calibrated),
                               KEY_TEMPERATURE));
  if (!add_check_tile (weights, calibrated, engine, error))
    return NULL;
  *result = found;
  found = (AxValidationResult){ 0 };
  return g_steal_pointer (&weights);
}
